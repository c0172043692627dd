"""Decisions on answers of any kind: what was said, known and ruled becomes one settled answer an item.

In: a question, what was said, gold, rulings, the policy. Out: `Decided` records. Never: a ruling overruled, or an answer to a
question that is not asked after the answers before it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from goldseam.adjudicate.kinds import Said, SettledAnswer, settle_answers
from goldseam.adjudicate.policy import Policy
from goldseam.adjudicate.settle import ESCALATION_TEXT, Escalation
from goldseam.vocab.answers import Abstain, Answer, Number
from goldseam.vocab.errors import BadAnswer
from goldseam.vocab.schema import Question, QuestionKind, QuestionName, Schema

RULING, GOLD, SINGLE, NONE = "ruling", "gold", "single", "none"
"""How an answer was settled where no kernel did: by a person, as known before, by one annotator's word, or not at all."""
DOUBTFUL = "the answers do not make every part of one likely enough"
K = QuestionKind
METHODS: Mapping[QuestionKind, str] = MappingProxyType({
    K.CHOICE: "infer", K.CHOICES: "infer", K.TAXONOMY: "infer", K.RATING: "infer", K.NUMBER: "numbers", K.DATE: "one_coin",
    K.TEXT: "texts", K.SPAN: "spans", K.BOX: "boxes", K.ELLIPSE: "boxes", K.POLYGON: "boxes", K.POLYLINE: "boxes",
    K.KEYPOINTS: "boxes", K.MASK: "masks", K.PREFERENCE: "infer", K.RANKING: "ranking", K.BEST: "infer", K.RUBRIC: "infer",
    K.KEY_VALUES: "infer",
})  # fmt: skip
"""The kernel that settles each kind, as settlements name it."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one question: who said what of which position, gold and rulings by position.

    `silent` are items that have all their answers, every one of them an abstention.
    """

    said: Sequence[Said] = ()
    gold: Mapping[int, Answer] = field(default_factory=lambda: MappingProxyType({}))
    rulings: Mapping[int, Answer] = field(default_factory=lambda: MappingProxyType({}))
    silent: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Decided:
    """What an item's answer to a question is settled to; `voted` is what the votes alone give, None without votes.

    `confidence` is that of the answer's least certain part. A `reason` says why the item is handed to a person.
    """

    position: int
    answer: Answer
    voted: Answer | None
    confidence: float
    n_votes: int
    method: str
    reason: str = ""

    @property
    def escalated(self) -> bool:
        """Whether the item waits for a person's ruling."""
        return bool(self.reason)


def decide(question: Question, known: Known, policy: Policy) -> tuple[Decided, ...]:
    """Settle one question about every item that has votes, a ruling or gold, by position; no condition is looked at.

    An item of which everybody abstained is escalated. As for labels, gold settles its items and teaches nothing.
    """
    found = {one.position: one for one in _by_votes(question, known.said, policy)}
    for position in known.silent - found.keys():
        why = ESCALATION_TEXT[Escalation.FEW_VOTES]
        found[position] = Decided(position, Abstain(), None, 0.0, 0, NONE, why)
    for answers, method in ((known.gold, GOLD), (known.rulings, RULING)):
        for position, answer in answers.items():
            before = found.get(position, Decided(position, answer, None, 1.0, 0, method))
            found[position] = replace(before, answer=answer, confidence=1.0, method=method, reason="")
    return tuple(found[position] for position in sorted(found))


def _by_votes(question: Question, said: Sequence[Said], policy: Policy) -> Iterator[Decided]:
    spoken = {(one.item, one.annotator): one for one in said if not isinstance(one.answer, Abstain)}
    votes = Counter(item for item, _ in spoken)
    if not votes:
        return
    if max(votes.values()) == 1:
        # Where no item has two answers nothing can be learned about any annotator: each is taken at its word.
        for one in spoken.values():
            reason = ESCALATION_TEXT[Escalation.FEW_VOTES] if policy.min_votes > 1 else ""
            yield Decided(int(one.item), one.answer, one.answer, 1.0, 1, SINGLE, reason)
        return
    spread = _spread(question, [one.answer for one in spoken.values()])
    for settled in settle_answers(question, spoken.values()):
        confidence = _sure(settled, spread)
        yield Decided(
            int(settled.item),
            settled.answer,
            settled.answer,
            confidence or 0.0,
            settled.n_votes,
            METHODS[question.kind],
            _doubt(question, settled, confidence, policy),
        )


def _spread(question: Question, answers: Sequence[Answer]) -> float:
    """Return how far numbers can be apart: by the question's bounds, or by what was said."""
    if question.minimum is not None and question.maximum is not None:
        return float(question.maximum - question.minimum)
    values = [answer.value for answer in answers if isinstance(answer, Number)]
    return max(values, default=0.0) - min(values, default=0.0)


def _sure(settled: SettledAnswer, spread: float) -> float | None:
    """Return the confidence of a settled answer; that of a number is 1 less its interval's share of the spread.

    The chance that a number is right to the last digit says little about whether people disagree on it.
    """
    if isinstance(settled.answer, Number) and settled.low is not None and settled.high is not None:
        return 1.0 if spread <= 0 else min(max(1 - (settled.high - settled.low) / spread, 0.0), 1.0)
    return None if settled.confidence is None else min(max(settled.confidence, 0.0), 1.0)


def _doubt(question: Question, settled: SettledAnswer, confidence: float | None, policy: Policy) -> str:
    """Return why a person is to decide; empty if nobody has to."""
    try:
        question.check(settled.answer)
    except BadAnswer as bad:
        return bad.message
    if settled.n_votes < policy.min_votes:
        return ESCALATION_TEXT[Escalation.FEW_VOTES]
    if policy.escalate_below == 0:
        return ""
    if confidence is None:
        return settled.reason
    return DOUBTFUL if confidence < policy.escalate_below else ""


def decide_all(
    schema: Schema,
    questions: Sequence[Question],
    known: Mapping[QuestionName, Known],
    policy: Policy,
    settled: Mapping[int, Answer] | None = None,
) -> dict[QuestionName, tuple[Decided, ...]]:
    """Settle these questions in the schema's order, each only where it is asked after the settled answers before it.

    `settled` are answers to the first question that were settled otherwise, by position. An escalated answer counts as
    none: what depends on it waits for the ruling. What a person ruled stands.
    """
    answers: dict[int, dict[QuestionName, Answer]] = {}
    for position, answer in (settled or {}).items():
        answers[position] = {schema.main.name: answer}
    found: dict[QuestionName, tuple[Decided, ...]] = {}
    for question in questions:
        rows = decide(question, known.get(question.name, Known()), policy)
        found[question.name] = tuple(
            one for one in rows if one.method == RULING or is_asked(schema, question, answers.get(one.position, {}))
        )
        for one in found[question.name]:
            if not one.escalated:
                answers.setdefault(one.position, {})[question.name] = one.answer
    return found


def is_asked(schema: Schema, question: Question, answers: Mapping[QuestionName, Answer]) -> bool:
    """Return whether a question is asked of an item with these answers."""
    return question.ask_if is None or any(one.name == question.name for one in schema.asked(answers))
