"""Kinds: what an answer of each kind is to a distance, and how far annotators agree on such answers.

In: a question, annotations. Out: units that `stats.distance` takes, and alpha. Never: an abstention taken for an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np

from goldseam.encode import likeness
from goldseam.stats import distance as distances
from goldseam.stats.distance import Distance, StructuredAgreement
from goldseam.vocab.annotations import Annotation
from goldseam.vocab.answers import (
    Abstain,
    Answer,
    KeyValues,
    Paths,
    Ranking,
    Rubric,
    Spans,
    prefixes,
)
from goldseam.vocab.schema import Question, QuestionKind

Unit = Any
"""What stands for one answer before a distance: a set, a number, a text, or shapes."""


@dataclass(frozen=True, slots=True)
class Coding:
    """How answers of one kind become units, and the distance that compares these; both may depend on the question."""

    unit: Callable[[Question, Any], Unit]
    distance: Callable[[Question], Distance]


def _said(question: Question, answer: Any) -> Unit:  # noqa: ANN401 - any answer that is its one value
    """Return an answer that is equal to another or not."""
    del question
    return [answer]


def _value(question: Question, answer: Any) -> Unit:  # noqa: ANN401 - an answer with a value
    del question
    return answer.value


def _branches(question: Question, answer: Paths) -> Unit:
    """Return the labels of a tree with all above them: paths that part late share more."""
    del question
    return sorted({inner for label in answer.labels for inner in (*prefixes(label), label)})


def marks(question: Question, answer: Spans) -> list[tuple[object, ...]]:
    """Return spans as (start, end, label), and relations as two spans with a label; ids mean nothing outside an answer."""
    directed = {relation.name for relation in question.relations if relation.directed}
    span_of = {span.id: (span.start, span.end, span.label) for span in answer.spans if span.id}
    found: list[tuple[object, ...]] = [(span.start, span.end, span.label) for span in answer.spans]
    for relation in answer.relations:
        ends = [span_of[relation.head], span_of[relation.tail]]
        found.append((*(ends if relation.label in directed else sorted(ends)), relation.label))
    return found


def _shapes(name: str) -> Callable[[Question, Any], Unit]:
    return lambda question, answer: getattr(answer, name)


def _pairs(question: Question, answer: KeyValues) -> Unit:
    del question
    return [(pair.key, type(pair.value).__name__, pair.value) for pair in answer.pairs]


def _grades(question: Question, answer: Rubric) -> Unit:
    del question
    return tuple((grade.turn, grade.criterion, grade.value) for grade in answer.grades)


def _grades_apart(question: Question) -> Distance:
    width = {one.name: one.maximum - one.minimum for one in question.criteria}

    def apart(one: Any, other: Any) -> float:  # noqa: ANN401 - units of rubrics
        """Return the mean difference of grades as a share of their scales; one that only one gave is all apart."""
        first, second = ({(turn, name): value for turn, name, value in grades} for grades in (one, other))
        both = first.keys() & second.keys()
        every = first.keys() | second.keys()
        off = sum(abs(first[key] - second[key]) / width.get(key[1], 1) for key in both) + len(every - both)
        return float(off) / max(len(every), 1)

    return apart


def _steps(question: Question, answer: Ranking) -> Unit:
    del question
    return tuple(
        step for _, step in sorted((place, step) for step, group in enumerate(answer.order) for place in group)
    )


def _steps_apart(one: Any, other: Any) -> float:  # noqa: ANN401 - units of rankings
    """Return the share of pairs that two rankings put the other way round; a tie in one of them counts half."""
    pairs = list(combinations(range(min(len(one), len(other))), 2))
    off = sum(abs(np.sign(one[a] - one[b]) - np.sign(other[a] - other[b])) / 2 for a, b in pairs)
    return float(off) / max(len(pairs), 1)


def _by(distance: Distance) -> Callable[[Question], Distance]:
    return lambda question: distance


NOMINAL = Coding(_said, _by("jaccard"))
"""Two answers are equal or not: sets of one element share all or nothing."""
KINDS: Mapping[QuestionKind, Coding] = {
    QuestionKind.CHOICE: NOMINAL,
    QuestionKind.CHOICES: Coding(lambda question, answer: list(answer.labels), _by("masi")),
    QuestionKind.TAXONOMY: Coding(_branches, _by("masi")),
    QuestionKind.RATING: Coding(_value, _by("interval")),
    QuestionKind.NUMBER: Coding(_value, _by("interval")),
    QuestionKind.DATE: NOMINAL,
    QuestionKind.TEXT: Coding(lambda question, answer: answer.text, _by("text")),
    QuestionKind.SPAN: Coding(marks, _by("spans")),
    QuestionKind.BOX: Coding(_shapes("boxes"), _by(likeness.outlines_apart)),
    QuestionKind.ELLIPSE: Coding(_shapes("ellipses"), _by(likeness.outlines_apart)),
    QuestionKind.POLYGON: Coding(_shapes("polygons"), _by(likeness.outlines_apart)),
    QuestionKind.POLYLINE: Coding(_shapes("polylines"), _by(likeness.lines_apart)),
    QuestionKind.KEYPOINTS: Coding(_shapes("poses"), _by(likeness.poses_apart)),
    QuestionKind.MASK: Coding(_shapes("masks"), _by(likeness.masks_apart)),
    QuestionKind.PREFERENCE: Coding(lambda question, answer: [answer.chosen], _by("jaccard")),
    QuestionKind.RANKING: Coding(_steps, _by(_steps_apart)),
    QuestionKind.BEST: NOMINAL,
    QuestionKind.RUBRIC: Coding(_grades, _grades_apart),
    QuestionKind.KEY_VALUES: Coding(_pairs, _by("jaccard")),
}
"""One row a kind of question; the one place that says how answers of a kind are compared."""


def distance_of(question: Question, given: Iterable[Answer]) -> tuple[list[Unit], Distance]:
    """Return these answers as units, None for an abstention, and the distance that compares them.

    Boxes of which none is turned go to the kernel for upright ones, which is much quicker.
    """
    coding = KINDS[question.kind]
    units = [None if isinstance(answer, Abstain) else coding.unit(question, answer) for answer in given]
    if question.kind is QuestionKind.BOX and not any(box.rotation for unit in units for box in unit or ()):
        rows = [None if unit is None else [(b.x, b.y, b.width, b.height, b.label) for b in unit] for unit in units]
        return rows, "boxes"
    return units, coding.distance(question)


def agreement(
    annotations: Iterable[Annotation], question: Question, rng: np.random.Generator | None = None
) -> StructuredAgreement:
    """Return Krippendorff's alpha of the answers to a question, of whatever kind; of several by one annotator the last."""
    mine = [one for one in annotations if one.question == question.name]
    units, distance = distance_of(question, [one.answer for one in mine])
    measure = partial(distances.by_distance, [one.item for one in mine], [one.annotator for one in mine])
    return measure(units, distance, rng=rng)
