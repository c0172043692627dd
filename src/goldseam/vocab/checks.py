"""Checks: does an answer fit its question.

In: an answer, the question it is for. Out: nothing, or a refusal that says what would fit. Never: the item; what depends on
its size is in `annotate.fits`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, assert_never

from goldseam.vocab.answers import (
    Abstain,
    Answer,
    Best,
    Box,
    Boxes,
    Choice,
    Choices,
    Ellipse,
    Ellipses,
    KeyValue,
    KeyValues,
    Mask,
    Masks,
    Moment,
    Number,
    Paths,
    Polygon,
    Polygons,
    Polyline,
    Polylines,
    Poses,
    Preference,
    Ranking,
    Rating,
    Rubric,
    Spans,
    Text,
    is_moment,
)
from goldseam.vocab.asked import Asked
from goldseam.vocab.errors import BadAnswer, nearest
from goldseam.vocab.names import LabelName
from goldseam.vocab.options import Criterion, DateForm, Key, KeyKind, Nesting, Turns

Shape = Box | Ellipse | Polygon | Polyline | Mask

KIND_OF: Mapping[type, str] = {
    Choice: "choice",
    Choices: "choices",
    Paths: "taxonomy",
    Rating: "rating",
    Number: "number",
    Moment: "date",
    Text: "text",
    Spans: "span",
    Boxes: "box",
    Ellipses: "ellipse",
    Polygons: "polygon",
    Polylines: "polyline",
    Poses: "keypoints",
    Masks: "mask",
    Preference: "preference",
    Ranking: "ranking",
    Best: "best",
    Rubric: "rubric",
    KeyValues: "key_values",
    Abstain: "abstain",
}
"""The kind of question that each record answers."""
NEAR = 1e-9


def check(question: Asked, answer: Answer) -> None:
    """Raise `BadAnswer` if the answer does not fit the question."""
    if isinstance(answer, Abstain):
        return
    kind = KIND_OF[type(answer)]
    if kind != question.kind.value:
        raise BadAnswer(f"Question {question.name!r} wants an answer of kind {question.kind.value!r}; got {kind!r}.")
    CHECKS[kind](question, answer)


def _check_choice(question: Asked, answer: Choice) -> None:
    _check_known(question, [answer.label])


def _check_choices(question: Asked, answer: Choices) -> None:
    _check_known(question, answer.labels)
    _check_many(question, len(answer.labels), "labels")


def _check_rating(question: Asked, answer: Rating) -> None:
    low, high = question.minimum or 0, question.maximum or 0
    if not low <= answer.value <= high:
        raise BadAnswer(f"A rating for {question.name!r} lies between {low} and {high}; got {answer.value}.")


def _check_shapes(question: Asked, answer: Boxes | Ellipses | Polygons | Polylines | Masks) -> None:
    shapes = shapes_of(answer)
    _check_known(question, (shape.label for shape in shapes))
    _check_many(question, len(shapes), "shapes")


def shapes_of(answer: Boxes | Ellipses | Polygons | Polylines | Masks) -> Sequence[Shape]:
    """Return the shapes of an answer, of whatever kind."""
    match answer:
        case Boxes(shapes) | Ellipses(shapes) | Polygons(shapes) | Polylines(shapes) | Masks(shapes):
            return shapes
        case _:
            assert_never(answer)


def _check_ranking(question: Asked, answer: Ranking) -> None:
    if not question.ties and any(len(group) > 1 for group in answer.order):
        raise BadAnswer(f"Question {question.name!r} takes no ties: put one candidate before the other.")


def _check_nothing(question: Asked, answer: Best) -> None:
    """Take it: only the item can say how many candidates there are."""


def _check_known(question: Asked, labels: Iterable[LabelName]) -> None:
    known = set(question.label_names)
    for label in labels:
        if label not in known:
            raise BadAnswer(
                f"Question {question.name!r} has no label {label!r}.{nearest(label, known)}",
                question=question.name,
                label=label,
            )


def _check_many(question: Asked, n: int, what: str) -> None:
    least, most = question.at_least or 0, question.at_most
    if n < least or (most is not None and n > most):
        right = f"at least {least}" if most is None else f"{least} to {most}" if least < most else f"{least}"
        raise BadAnswer(f"Question {question.name!r} wants {right} {what}; got {n}.")


def _check_paths(question: Asked, answer: Paths) -> None:
    labels = answer.labels
    _check_known(question, labels)
    _check_many(question, len(labels), "labels")
    if question.leaf_only:
        inner = next((label for label in labels if label not in question.leaves), None)
        if inner is not None:
            raise BadAnswer(f"The label {inner!r} of {question.name!r} has labels below it; choose one of those.")


def _check_number(question: Asked, answer: Number) -> None:
    value, low, high, step = answer.value, question.minimum, question.maximum, question.step
    if (low is not None and value < low) or (high is not None and value > high):
        ends = [f"at least {low}"] * (low is not None) + [f"at most {high}"] * (high is not None)
        raise BadAnswer(f"A number for {question.name!r} is {' and '.join(ends)}; got {value:g}.")
    if question.integer and not float(value).is_integer():
        raise BadAnswer(f"A number for {question.name!r} is whole; got {value:g}.")
    if step is not None:
        steps = (value - (low or 0)) / step
        if abs(steps - round(steps)) > NEAR * max(1.0, abs(steps)):
            raise BadAnswer(f"A number for {question.name!r} goes in steps of {step:g} from {low or 0}; got {value:g}.")


def form_of(moment: str) -> DateForm:
    """Return what a text that `is_moment` says."""
    if "T" in moment:
        return DateForm.DATETIME
    return DateForm.TIME if ":" in moment else DateForm.DATE


def sooner(one: str, other: str) -> bool:
    """Return whether a moment is before another of the same form; 09:30 is 09:30:00."""
    return _to_seconds(one) < _to_seconds(other)


def _to_seconds(moment: str) -> str:
    return moment if form_of(moment) is DateForm.DATE or moment.count(":") > 1 else f"{moment}:00"


def _check_moment(question: Asked, answer: Moment) -> None:
    value = answer.value
    if form_of(value) is not question.date_form:
        raise BadAnswer(f"Question {question.name!r} wants a {question.date_form.value}; got {value!r}.")
    if question.earliest and sooner(value, question.earliest):
        raise BadAnswer(f"An answer to {question.name!r} is not before {question.earliest}; got {value}.")
    if question.latest and sooner(question.latest, value):
        raise BadAnswer(f"An answer to {question.name!r} is not after {question.latest}; got {value}.")


def _check_text(question: Asked, answer: Text) -> None:
    text = answer.text
    if len(text) > question.max_length:
        raise BadAnswer(f"A text answer has at most {question.max_length:,} characters; got {len(text):,}.")
    if question.lines == 1 and len(text.splitlines()) > 1:
        raise BadAnswer(f"Question {question.name!r} wants one line.")


def _check_spans(question: Asked, answer: Spans) -> None:
    spans = answer.spans
    _check_known(question, (span.label for span in spans))
    _check_many(question, len(spans), "spans")
    open_ends: list[int] = []
    for span in sorted(spans, key=lambda one: (one.start, -one.end)) if question.overlap is not Nesting.ANY else ():
        while open_ends and open_ends[-1] <= span.start:
            open_ends.pop()
        if open_ends and (question.overlap is Nesting.NONE or open_ends[-1] < span.end):
            how = "overlap" if question.overlap is Nesting.NONE else "cross"
            raise BadAnswer(f"Spans of {question.name!r} may not {how}; the one at {span.start}..{span.end} does.")
        open_ends.append(span.end)
    _check_relations(question, answer)


def _check_relations(question: Asked, answer: Spans) -> None:
    known = {relation.name: relation for relation in question.relations}
    label_of = {span.id: span.label for span in answer.spans if span.id}
    seen: set[tuple[str, str, str]] = set()
    for relation in answer.relations:
        kind = known.get(relation.label)
        if kind is None:
            name = relation.label
            raise BadAnswer(f"Question {question.name!r} has no relation {name!r}.{nearest(name, known)}")
        ends = [(relation.head, relation.tail)] + [(relation.tail, relation.head)] * (not kind.directed)
        if not any(_may_join(kind.heads, label_of[a]) and _may_join(kind.tails, label_of[b]) for a, b in ends):
            heads, tails = (", ".join(names) or "any label" for names in (kind.heads, kind.tails))
            raise BadAnswer(f"The relation {kind.name!r} joins {heads} with {tails}.")
        first, second = ends[0] if kind.directed else sorted(ends[0])
        if (first, second, kind.name) in seen:
            raise BadAnswer(f"The undirected relation {kind.name!r} stands twice, once in each direction.")
        seen.add((first, second, kind.name))


def _may_join(allowed: Sequence[LabelName], label: LabelName) -> bool:
    return not allowed or label in allowed


def _check_poses(question: Asked, answer: Poses) -> None:
    _check_known(question, (pose.label for pose in answer.poses))
    _check_many(question, len(answer.poses), "objects")
    wanted = set(question.skeleton.points) if question.skeleton else set()
    for pose in answer.poses:
        named = {point.name for point in pose.points}
        for name in sorted(named ^ wanted):
            if name in named:
                raise BadAnswer(f"The skeleton of {question.name!r} has no point {name!r}.{nearest(name, wanted)}")
            raise BadAnswer(f"An object of {question.name!r} lacks the point {name!r}; say that it is absent.")


def _check_preference(question: Asked, answer: Preference) -> None:
    chosen, strength = answer.chosen, answer.strength
    if chosen is None and not question.ties:
        raise BadAnswer(f"Question {question.name!r} takes no ties: choose one, or abstain.")
    if chosen is not None and (strength is not None) != bool(question.strengths):
        right = f"a strength of 1 to {question.strengths}" if question.strengths else "no strength"
        raise BadAnswer(f"A preference for {question.name!r} has {right}; got {strength}.")
    if strength is not None and strength > question.strengths:
        raise BadAnswer(
            f"A preference for {question.name!r} has a strength of 1 to {question.strengths}; got {strength}."
        )


def _check_rubric(question: Asked, answer: Rubric) -> None:
    known = {criterion.name: criterion for criterion in question.criteria}
    whole = question.turns is Turns.WHOLE
    for grade in answer.grades:
        criterion = known.get(grade.criterion)
        if criterion is None:
            raise BadAnswer(
                f"Question {question.name!r} has no criterion {grade.criterion!r}.{nearest(grade.criterion, known)}"
            )
        if not criterion.minimum <= grade.value <= criterion.maximum:
            raise BadAnswer(
                f"A grade for {criterion.name!r} lies between {criterion.minimum} and {criterion.maximum}; "
                f"got {grade.value}."
            )
        if whole != (grade.turn is None):
            right = "the whole item, so 'turn' is null" if whole else "turns, so 'turn' is a number"
            raise BadAnswer(f"Question {question.name!r} grades {right}; got {grade.turn}.")
    for turn in {grade.turn for grade in answer.grades} | ({None} if whole else set()):
        check_graded(question, turn, [grade.criterion for grade in answer.grades if grade.turn == turn])


def check_graded(question: Asked, turn: int | None, given: Sequence[str]) -> None:
    """Refuse a turn (None: the whole item) of which a required criterion is not graded."""
    wanted: Iterable[Criterion] = (one for one in question.criteria if one.required and one.name not in given)
    for criterion in wanted:
        where = "" if turn is None else f" of turn {turn}"
        raise BadAnswer(f"Question {question.name!r} lacks the grade for {criterion.name!r}{where}.")


def _check_pairs(question: Asked, answer: KeyValues) -> None:
    pairs = answer.pairs
    known = {key.name: key for key in question.keys}
    given: set[str] = set()
    for pair in pairs:
        key = known.get(pair.key)
        if key is None:
            raise BadAnswer(f"Question {question.name!r} has no key {pair.key!r}.{nearest(pair.key, known)}")
        if pair.key in given and not key.several:
            raise BadAnswer(f"The key {pair.key!r} takes one value.")
        given.add(pair.key)
        _check_pair(key, pair)
    for key in question.keys:
        if key.required and key.name not in given:
            raise BadAnswer(f"Question {question.name!r} lacks a value for the key {key.name!r}.")


def _check_pair(key: Key, pair: KeyValue) -> None:
    value = pair.value
    match key.kind:
        case KeyKind.FLAG:
            fits, right = isinstance(value, bool), "true or false"
        case KeyKind.NUMBER:
            fits, right = not isinstance(value, str | bool), "a number"
        case KeyKind.DATE:
            fits, right = isinstance(value, str) and is_moment(value), "a date, a time or both, like 2026-05-01T09:30"
        case KeyKind.CHOICE:
            fits, right = value in key.labels, "one of " + ", ".join(key.labels)
        case KeyKind.TEXT:
            fits, right = isinstance(value, str), "a text"
        case _:
            assert_never(key.kind)
    if not fits:
        raise BadAnswer(f"The value under {key.name!r} is {right}; got {str(value)[:80]!r}.")


CHECKS: Mapping[str, Callable[[Asked, Any], None]] = {
    "choice": _check_choice,
    "choices": _check_choices,
    "taxonomy": _check_paths,
    "rating": _check_rating,
    "number": _check_number,
    "date": _check_moment,
    "text": _check_text,
    "span": _check_spans,
    "box": _check_shapes,
    "ellipse": _check_shapes,
    "polygon": _check_shapes,
    "polyline": _check_shapes,
    "keypoints": _check_poses,
    "mask": _check_shapes,
    "preference": _check_preference,
    "ranking": _check_ranking,
    "best": _check_nothing,
    "rubric": _check_rubric,
    "key_values": _check_pairs,
}
"""One check per kind of question."""
