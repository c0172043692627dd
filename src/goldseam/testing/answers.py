"""Strategies of hypothesis for questions of every kind, and for the answers that fit them.

In: a kind, a question, what the item shows. Out: strategies. Never: an answer that its question or the item refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Final

from hypothesis import strategies as st

from goldseam.annotate.fits import Extent
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
    Grade,
    Keypoint,
    KeyValue,
    KeyValues,
    LabelName,
    Mask,
    Masks,
    Moment,
    Number,
    Paths,
    Point,
    Polygon,
    Polygons,
    Polyline,
    Polylines,
    Pose,
    Poses,
    Preference,
    Ranking,
    Rating,
    Relation,
    Rubric,
    Sight,
    Span,
    Spans,
    Text,
    prefixes,
)
from goldseam.vocab.asked import OPTIONS, QuestionKind
from goldseam.vocab.masks import counts_to_text
from goldseam.vocab.options import (
    Criterion,
    DateForm,
    Key,
    KeyKind,
    Label,
    Nesting,
    QuestionName,
    RelationLabel,
    Skeleton,
    Turns,
)
from goldseam.vocab.questions import Question

EXTENT: Final = Extent(
    n_chars=60, width=40, height=30, n_candidates=4, roles=("user", "assistant", "user", "assistant")
)
"""What the items of these strategies show."""

WORDS: Final = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NAMES: Final = st.text(st.characters(categories=["L", "N", "P", "S"], exclude_characters="/"), min_size=1, max_size=6)
LABELS: Final = NAMES.map(LabelName)


@st.composite
def labels(draw: st.DrawFn, kind: QuestionKind) -> tuple[Label, ...]:
    """Return the labels of a question of this kind: none, or up to four, with their cards."""
    if not kind.has_labels:
        return ()
    names = draw(st.lists(LABELS, min_size=1, max_size=4, unique=True))
    if kind is QuestionKind.TAXONOMY:
        names += [LabelName(f"{names[0]}/{name}") for name in draw(st.lists(LABELS, max_size=3, unique=True))]
    card = st.builds(
        Label, st.just(names[0]), WORDS, WORDS, st.lists(WORDS, max_size=2).map(tuple), color=st.just("#00ff7f")
    )
    return (draw(card), *(Label(name) for name in names[1:]))


@st.composite
def questions(draw: st.DrawFn, kind: QuestionKind | None = None) -> Question:
    """Return a question, of this kind or of any, with some of its options."""
    kind = kind or draw(st.sampled_from(list(QuestionKind)))
    named = draw(labels(kind))
    options = {name: draw(OPTION[name]) for name in OPTIONS[kind] if name in OPTION}
    if kind is QuestionKind.SPAN:
        options["relations"] = tuple(
            RelationLabel(name, directed=draw(st.booleans()))
            for name in draw(st.lists(LABELS, max_size=2, unique=True))
        )
    if kind is QuestionKind.KEY_VALUES:
        kinds = draw(st.lists(st.sampled_from(list(KeyKind)), min_size=1, max_size=4))
        options["keys"] = tuple(draw(_key(f"k{n}", one)) for n, one in enumerate(kinds))
    return Question(
        name=QuestionName(draw(NAMES)),
        kind=kind,
        prompt=draw(WORDS),
        help=draw(WORDS),
        labels=named,
        **options,  # type: ignore[arg-type]  # each strategy gives its own type
    )


@st.composite
def _key(draw: st.DrawFn, name: str, kind: KeyKind) -> Key:
    named = tuple(draw(st.lists(LABELS, min_size=1, max_size=3, unique=True))) if kind is KeyKind.CHOICE else ()
    return Key(name, kind, required=draw(st.booleans()), several=draw(st.booleans()), labels=named)


CRITERION: Final = st.builds(Criterion, NAMES, WORDS, minimum=st.integers(-2, 1), required=st.booleans())
SKELETON: Final = st.lists(NAMES, min_size=2, max_size=4, unique=True).map(
    lambda names: Skeleton(tuple(names), ((names[0], names[1]),))
)
OPTION: Final[Mapping[str, st.SearchStrategy[object]]] = {
    "leaf_only": st.booleans(),
    "minimum": st.integers(-5, 0),
    "maximum": st.integers(1, 9),
    "low_title": WORDS,
    "high_title": WORDS,
    "unit": WORDS,
    "integer": st.booleans(),
    "step": st.sampled_from([None, 1, 2]),
    "date_form": st.sampled_from(DateForm),
    "max_length": st.integers(1, 50),
    "lines": st.integers(1, 5),
    "overlap": st.sampled_from(Nesting),
    "skeleton": SKELETON,
    "ties": st.booleans(),
    "strengths": st.integers(0, 3),
    "criteria": st.lists(CRITERION, min_size=1, max_size=3, unique_by=lambda one: one.name).map(tuple),
    "turns": st.sampled_from(Turns),
}
"""A strategy per option; labels, relations and keys depend on the rest of the question."""


def answers(question: Question, extent: Extent = EXTENT) -> st.SearchStrategy[Answer]:
    """Return answers that fit a question about an item of this extent, abstentions among them."""
    return st.one_of(ANSWER[question.kind](question, extent), st.builds(Abstain, WORDS))


@st.composite
def asked(draw: st.DrawFn, kind: QuestionKind | None = None) -> tuple[Question, Answer]:
    """Return a question, of this kind or of any, with an answer that fits it and an item of `EXTENT`."""
    question = draw(questions(kind))
    return question, draw(answers(question))


# ---- one strategy a kind ---------------------------------------------------------------------------------------------
def _label(question: Question) -> st.SearchStrategy[LabelName]:
    return st.sampled_from(question.label_names)


def _choices(question: Question, extent: Extent) -> st.SearchStrategy[Answer]:
    del extent
    return st.lists(_label(question), unique=True).map(lambda found: Choices(tuple(found)))


def _paths(question: Question, extent: Extent) -> st.SearchStrategy[Answer]:
    del extent
    above = {inner for name in question.label_names for inner in prefixes(name)}
    usable = [name for name in question.label_names if not (question.leaf_only and name in above)]
    return st.sampled_from(usable).map(lambda name: Paths((name,)))


def _number(question: Question, extent: Extent) -> st.SearchStrategy[Answer]:
    del extent
    low, high = question.minimum or 0, question.maximum or 0
    if question.integer or question.step is not None:
        step = int(question.step or 1)
        return st.integers(0, int(high - low) // step).map(lambda n: Number(float(low + n * step)))
    return st.floats(low, high).map(Number)


def _moment(question: Question, extent: Extent) -> st.SearchStrategy[Answer]:
    del extent
    day, minute = st.dates().map(lambda one: one.isoformat()), st.times().map(lambda one: one.isoformat("minutes"))
    hour = st.one_of(minute, st.times().map(lambda one: one.isoformat("seconds")))
    both = st.tuples(day, hour).map("T".join)
    of: Mapping[DateForm, st.SearchStrategy[str]] = {DateForm.DATE: day, DateForm.TIME: hour, DateForm.DATETIME: both}
    return of[question.date_form].map(Moment)


def _text(question: Question, extent: Extent) -> st.SearchStrategy[Answer]:
    del extent
    one_line = st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])
    return st.text(one_line, max_size=question.max_length).map(Text)


@st.composite
def _spans(draw: st.DrawFn, question: Question, extent: Extent) -> Spans:
    cuts = sorted(draw(st.sets(st.integers(0, extent.n_chars), min_size=2, max_size=7)))
    spans = [Span(a, b, draw(_label(question)), f"s{n}") for n, (a, b) in enumerate(pairwise(cuts))]
    if question.overlap is not Nesting.NONE and len(cuts) > 2:
        spans.append(Span(cuts[0], cuts[-1], draw(_label(question)), "around"))
    if question.overlap is Nesting.ANY and len(cuts) > 3:
        spans.append(Span(cuts[0], cuts[2], draw(_label(question)), "x"))
        spans.append(Span(cuts[1], cuts[3], draw(_label(question)), "y"))
    relations = set()
    if question.relations and len(spans) > 1:
        relations.add(Relation(spans[0].id, spans[1].id, draw(st.sampled_from(question.relations)).name))
    return Spans(tuple(spans), tuple(relations))


def _numbers(most: float) -> st.SearchStrategy[float]:
    return st.floats(0, most)


def _side(most: float) -> st.SearchStrategy[float]:
    return st.floats(0.5, most)


@st.composite
def _boxes(draw: st.DrawFn, question: Question, extent: Extent) -> Boxes:
    def box() -> Box:
        width, height = draw(_side(extent.width / 2)), draw(_side(extent.height / 2))
        x, y = draw(_numbers(extent.width / 2)), draw(_numbers(extent.height / 2))
        return Box(x, y, width, height, draw(_label(question)))

    return Boxes(tuple(box() for _ in range(draw(st.integers(0, 3)))))


def _ellipses(question: Question, extent: Extent) -> st.SearchStrategy[Answer]:
    x, y = _numbers(extent.width), _numbers(extent.height)
    one = st.builds(Ellipse, x, y, _side(20), _side(20), _label(question), st.floats(-180, 180))
    return st.lists(one, max_size=3).map(lambda found: Ellipses(tuple(found)))


def _points(extent: Extent, least: int) -> st.SearchStrategy[tuple[Point, ...]]:
    point = st.tuples(_numbers(extent.width), _numbers(extent.height))
    return st.lists(point, min_size=least, max_size=6, unique=True).map(tuple)


def _polygons(question: Question, extent: Extent) -> st.SearchStrategy[Answer]:
    holes = st.lists(_points(extent, 3), max_size=1).map(tuple)
    one = st.builds(Polygon, _points(extent, 3), _label(question), holes)
    return st.lists(one, max_size=3).map(lambda found: Polygons(tuple(found)))


def _polylines(question: Question, extent: Extent) -> st.SearchStrategy[Answer]:
    one = st.builds(Polyline, _points(extent, 2), _label(question))
    return st.lists(one, max_size=3).map(lambda found: Polylines(tuple(found)))


@st.composite
def _poses(draw: st.DrawFn, question: Question, extent: Extent) -> Poses:
    names = question.skeleton.points if question.skeleton else ()

    def point(name: str, sights: list[Sight]) -> Keypoint:
        sight = draw(st.sampled_from(sights))
        if sight is Sight.ABSENT:
            return Keypoint(name, sight)
        return Keypoint(name, sight, draw(_numbers(extent.width)), draw(_numbers(extent.height)))

    def pose() -> Pose:
        seen = point(names[0], [Sight.VISIBLE, Sight.OCCLUDED])
        return Pose(draw(_label(question)), (seen, *(point(name, list(Sight)) for name in names[1:])))

    return Poses(tuple(pose() for _ in range(draw(st.integers(0, 2)))))


@st.composite
def _masks(draw: st.DrawFn, question: Question, extent: Extent) -> Masks:
    total = extent.width * extent.height

    def mask() -> Mask:
        cuts = sorted(draw(st.sets(st.integers(0, total - 1), min_size=1, max_size=9)))
        ends = [0, *cuts, total]
        counts = [b - a for a, b in pairwise(ends)]
        return Mask(extent.width, extent.height, counts_to_text(counts), draw(_label(question)))

    return Masks(tuple(mask() for _ in range(draw(st.integers(0, 2)))))


@st.composite
def _preferences(draw: st.DrawFn, question: Question, extent: Extent) -> Preference:
    if question.ties and draw(st.booleans()):
        return Preference(None)
    strength = draw(st.integers(1, question.strengths)) if question.strengths else None
    return Preference(draw(st.integers(0, extent.n_candidates - 1)), strength)


@st.composite
def _rankings(draw: st.DrawFn, question: Question, extent: Extent) -> Ranking:
    order = [(place,) for place in draw(st.permutations(range(extent.n_candidates)))]
    if question.ties and draw(st.booleans()):
        return Ranking(((order[0][0], order[1][0]), *order[2:]))
    return Ranking(tuple(order))


@st.composite
def _rubrics(draw: st.DrawFn, question: Question, extent: Extent) -> Rubric:
    turns: list[int | None] = [None]
    if question.turns is not Turns.WHOLE:
        every = question.turns is Turns.EACH
        turns = [place for place, role in enumerate(extent.roles) if every or role == "assistant"]
    grades = [
        Grade(one.name, draw(st.integers(one.minimum, one.maximum)), turn)
        for turn in turns
        for one in question.criteria
        if one.required or draw(st.booleans())
    ]
    return Rubric(tuple(grades))


@st.composite
def _key_values(draw: st.DrawFn, question: Question, extent: Extent) -> KeyValues:
    del extent
    pairs: list[KeyValue] = []
    for key in question.keys:
        values: Mapping[KeyKind, st.SearchStrategy[str | float | bool]] = {
            KeyKind.TEXT: WORDS.filter(bool),
            KeyKind.NUMBER: st.floats(-1e9, 1e9),
            KeyKind.DATE: st.dates().map(lambda one: one.isoformat()),
            KeyKind.CHOICE: st.sampled_from(key.labels or (LabelName("x"),)),
            KeyKind.FLAG: st.booleans(),
        }
        most = 2 if key.several else 1
        found = draw(st.lists(values[key.kind], min_size=int(key.required), max_size=most, unique=True))
        pairs += [KeyValue(key.name, value) for value in found]
    return KeyValues(tuple(pairs))


ANSWER: Final[Mapping[QuestionKind, Callable[[Question, Extent], st.SearchStrategy[Answer]]]] = {
    QuestionKind.CHOICE: lambda question, extent: _label(question).map(Choice),
    QuestionKind.CHOICES: _choices,
    QuestionKind.TAXONOMY: _paths,
    QuestionKind.RATING: lambda q, extent: st.integers(int(q.minimum or 0), int(q.maximum or 0)).map(Rating),
    QuestionKind.NUMBER: _number,
    QuestionKind.DATE: _moment,
    QuestionKind.TEXT: _text,
    QuestionKind.SPAN: _spans,
    QuestionKind.BOX: _boxes,
    QuestionKind.ELLIPSE: _ellipses,
    QuestionKind.POLYGON: _polygons,
    QuestionKind.POLYLINE: _polylines,
    QuestionKind.KEYPOINTS: _poses,
    QuestionKind.MASK: _masks,
    QuestionKind.PREFERENCE: _preferences,
    QuestionKind.RANKING: _rankings,
    QuestionKind.BEST: lambda question, extent: st.integers(0, extent.n_candidates - 1).map(Best),
    QuestionKind.RUBRIC: _rubrics,
    QuestionKind.KEY_VALUES: _key_values,
}
"""One strategy per kind of question."""
