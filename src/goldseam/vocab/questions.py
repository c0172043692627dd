"""Questions: what is asked about an item, and with which options.

In: plain values. Out: `Question` and its kinds. Never: a question that knows how it is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields

from goldseam.vocab import checks
from goldseam.vocab.answers import Answer, is_moment
from goldseam.vocab.asked import MAX_TEXT, OPTIONS, Asked, QuestionKind
from goldseam.vocab.errors import BadSchema, nearest
from goldseam.vocab.options import MAX_LABELS, MAX_PARTS, NAME, check_once

K = QuestionKind
MAX_STRENGTHS = 10


FILLED: Mapping[QuestionKind, Mapping[str, int]] = {
    K.RATING: {"minimum": 1, "maximum": 5},
    K.TAXONOMY: {"at_least": 1, "at_most": 1},
    **{kind: {"at_least": 0} for kind, names in OPTIONS.items() if "at_least" in names and kind is not K.TAXONOMY},
}
"""What an option that was left out is, where that depends on the kind."""


@dataclass(frozen=True, slots=True)
class Question(Asked):
    """One thing asked about an item; `OPTIONS` says which options each kind has.

    `minimum` and `maximum` bound a rating or a number; `at_least` and `at_most` the number of labels, spans or shapes of
    an answer; `earliest` and `latest` a date. A question that is not `required` may be left without an answer.
    """

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise BadSchema(f"A question's name is 1 to 200 printable characters; got {self.name!r}.")
        if self.kind.has_labels:
            _check_labels(self)
        elif self.labels:
            raise BadSchema(f"Question {self.name!r} is of kind {self.kind.value!r}, which has no labels.")
        for name, default in DEFAULTS.items():
            if name not in OPTIONS[self.kind] and getattr(self, name) != default:
                raise BadSchema(f"Question {self.name!r} is of kind {self.kind.value!r}, which has no option {name!r}.")
        for name, value in FILLED.get(self.kind, {}).items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, value)
        _check_range(self)
        _check_counts(self)
        _check_dates(self)
        _check_parts(self)

    def check(self, answer: Answer) -> None:
        """Raise `BadAnswer` if the answer does not fit this question.

        Raises
        ------
        BadAnswer
            With the label or value that does not fit, and the nearest that would.
        """
        checks.check(self, answer)


DEFAULTS: Mapping[str, object] = {
    one.name: one.default
    for one in fields(Asked)
    if one.default is not MISSING and any(one.name in names for names in OPTIONS.values())
}
"""Every option with what it is where it is left out."""


def _check_labels(question: Question) -> None:
    where = f"Question {question.name!r}"
    if not question.labels:
        raise BadSchema(f"{where} needs labels: list them under 'labels'.")
    if len(question.labels) > MAX_LABELS:
        raise BadSchema(f"{where} has {len(question.labels):,} labels; {MAX_LABELS:,} at most.")
    check_once(question.label_names, where, "label")
    check_once([label.hotkey for label in question.labels if label.hotkey], where, "hotkey")
    if question.kind is QuestionKind.TAXONOMY:
        for name in question.label_names:
            if any(not step or step != step.strip() for step in name.split("/")):
                raise BadSchema(f"A label of the tree {question.name!r} is a path such as 'animal/dog'; got {name!r}.")


def _check_range(question: Question) -> None:
    low, high, where = question.minimum, question.maximum, f"Question {question.name!r}"
    if low is not None and high is not None and not low < high:
        raise BadSchema(f"{where} needs a minimum below its maximum.")
    whole = question.integer or question.kind is QuestionKind.RATING
    for name in ("minimum", "maximum"):
        value = getattr(question, name)
        if value is None or not float(value).is_integer():
            if value is not None and whole:
                raise BadSchema(f"{where} is about whole numbers, so its {name} is one; got {value}.")
        elif abs(value) < 2**53:
            object.__setattr__(question, name, int(value))
    if question.kind is QuestionKind.RATING and low is not None and high is not None and high - low > MAX_PARTS:
        raise BadSchema(f"{where} has a scale of at most {MAX_PARTS} steps; ask for a number instead.")
    if question.step is not None and not 0 < question.step < float("inf"):
        raise BadSchema(f"The step of {where.lower()} is above 0; got {question.step}.")
    if question.integer and question.step is not None and not float(question.step).is_integer():
        raise BadSchema(f"{where} is about whole numbers, so its step is one; got {question.step}.")


def _check_counts(question: Question) -> None:
    least, most = question.at_least or 0, question.at_most
    if least < 0 or (most is not None and not max(least, 1) <= most):
        raise BadSchema(f"Question {question.name!r} needs an at_least of 0 or more and an at_most not below it.")
    if question.kind is QuestionKind.CHOICES and least > len(question.labels):
        raise BadSchema(f"Question {question.name!r} wants {least} labels, but has {len(question.labels)}.")
    if not 1 <= question.max_length <= MAX_TEXT:
        raise BadSchema(
            f"The max_length of question {question.name!r} is 1 to {MAX_TEXT:,}; got {question.max_length}."
        )
    if not 1 <= question.lines <= MAX_PARTS:
        raise BadSchema(f"The lines of question {question.name!r} are 1 to {MAX_PARTS}; got {question.lines}.")
    if not 0 <= question.strengths <= MAX_STRENGTHS:
        raise BadSchema(f"Question {question.name!r} has 0 to {MAX_STRENGTHS} strengths; got {question.strengths}.")


def _check_dates(question: Question) -> None:
    for name in ("earliest", "latest"):
        value = getattr(question, name)
        if value and not (is_moment(value) and checks.form_of(value) is question.date_form):
            raise BadSchema(f"The {name} of question {question.name!r} is a {question.date_form.value}; got {value!r}.")
    if question.earliest and question.latest and not checks.sooner(question.earliest, question.latest):
        raise BadSchema(f"Question {question.name!r} needs an earliest before its latest.")


def _check_parts(question: Question) -> None:
    where, kind = f"Question {question.name!r}", question.kind
    if kind is QuestionKind.KEYPOINTS and question.skeleton is None:
        raise BadSchema(f"{where} needs a skeleton: name its points under 'skeleton'.")
    for wanted, name in ((QuestionKind.RUBRIC, "criteria"), (QuestionKind.KEY_VALUES, "keys")):
        if kind is wanted and not 1 <= len(getattr(question, name)) <= MAX_PARTS:
            raise BadSchema(f"{where} needs {name}, 1 to {MAX_PARTS}: list them under {name!r}.")
    check_once([one.name for one in question.criteria], where, "criterion")
    check_once([one.name for one in question.keys], where, "key")
    check_once([one.name for one in question.relations], where, "relation")
    names = question.label_names
    for relation in question.relations:
        for label in (*relation.heads, *relation.tails):
            if label not in names:
                raise BadSchema(f"The relation {relation.name!r} names the label {label!r}, which {where.lower()} has not."
                                f"{nearest(label, names)}")  # fmt: skip
