"""One row a kind: how its answers are settled.

In: a question, what annotators said. Out: one `SettledAnswer` an item. Never: a decision whether that is sure enough; the
policy decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from goldseam.adjudicate.kinds import marks, values
from goldseam.adjudicate.kinds.said import Said, SettledAnswer
from goldseam.vocab.answers import Abstain
from goldseam.vocab.errors import BadAnswer
from goldseam.vocab.schema import Question, QuestionKind

Settle = Callable[[Question, Sequence[Said]], list[SettledAnswer]]

KINDS: Mapping[QuestionKind, Settle] = {
    QuestionKind.CHOICE: values.choices_of_one,
    QuestionKind.CHOICES: values.labels_of_many,
    QuestionKind.TAXONOMY: values.paths,
    QuestionKind.RATING: values.scales,
    QuestionKind.NUMBER: values.numbers,
    QuestionKind.DATE: values.dates,
    QuestionKind.TEXT: values.texts,
    QuestionKind.SPAN: marks.spans,
    QuestionKind.BOX: marks.boxes,
    QuestionKind.ELLIPSE: marks.ellipses,
    QuestionKind.POLYGON: marks.polygons,
    QuestionKind.POLYLINE: marks.polylines,
    QuestionKind.KEYPOINTS: marks.poses,
    QuestionKind.MASK: marks.masks,
    QuestionKind.PREFERENCE: values.preferences,
    QuestionKind.RANKING: values.rankings,
    QuestionKind.BEST: values.bests,
    QuestionKind.RUBRIC: values.rubrics,
    QuestionKind.KEY_VALUES: values.key_values,
}
"""The way to settle each kind of question."""


def settle_answers(question: Question, said: Iterable[Said]) -> tuple[SettledAnswer, ...]:
    """Settle the answers to one question, of whatever kind, about many items together.

    Of several answers by one annotator about one item the last counts; an abstention is none. Items about which nobody
    said anything are not settled. What comes out of the kernels but does not fit the question (too few spans, say) has
    no confidence, and the reason says what is wrong: a person is to decide.
    """
    last = {(one.item, one.annotator): one for one in said}
    spoken = [one for one in last.values() if not isinstance(one.answer, Abstain)]
    if not spoken:
        return ()
    return tuple(_checked(question, one) for one in KINDS[question.kind](question, spoken))


def _checked(question: Question, settled: SettledAnswer) -> SettledAnswer:
    try:
        question.check(settled.answer)
    except BadAnswer as bad:
        return replace(settled, confidence=None, reason=bad.message)
    return settled
