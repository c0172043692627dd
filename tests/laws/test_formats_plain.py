"""Laws of the plain forms: every answer and every schema comes back, also through JSON."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from goldseam.formats import plain
from goldseam.ledger.canonical import canonical, parse
from goldseam.vocab.answers import Abstain, Answer, Box, Boxes, Choice, Choices, Rating, Span, Spans, Text
from goldseam.vocab.errors import GoldseamError
from goldseam.vocab.schema import Label, Question, QuestionKind, Schema

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
names = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=10)
sides = st.floats(0.001, 1e6)
answers = st.one_of(
    st.builds(Choice, names),
    st.builds(Choices, st.lists(names, unique=True, max_size=4).map(tuple)),
    st.builds(Rating, st.integers(-1000, 1000)),
    st.builds(Text, texts),
    st.builds(Abstain, texts),
    st.builds(
        Spans,
        st.lists(st.builds(lambda a, n, x: Span(a, a + n, x), st.integers(0, 99), st.integers(1, 9), names)).map(tuple),
    ),
    st.builds(
        Boxes, st.lists(st.builds(Box, sides, sides, sides, sides, names, st.floats(0, 360)), max_size=3).map(tuple)
    ),
)
labels = st.builds(
    Label, names, texts, texts, st.lists(texts, max_size=2).map(tuple), hotkey=st.sampled_from(["", "x"])
)
questions = st.lists(
    labels, min_size=1, max_size=4, unique_by=(lambda x: x.name, lambda x: x.hotkey or x.name)
).flatmap(
    lambda found: st.builds(
        Question, names, st.sampled_from([k for k in QuestionKind if k.has_labels]), texts, st.just(tuple(found))
    )
)
schemas = st.lists(questions, min_size=1, max_size=3, unique_by=lambda q: q.name).map(
    lambda found: Schema(tuple(found))
)


@given(answers)
def test_an_answer_comes_back_through_canonical_bytes(answer: Answer) -> None:
    assert plain.answer_from_plain(parse(canonical(plain.answer_to_plain(answer)))) == answer


@given(schemas)
def test_a_schema_comes_back_through_json(schema: Schema) -> None:
    assert plain.schema_from_plain(json.loads(json.dumps(plain.schema_to_plain(schema)))) == schema


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["kind", "label", "labels", "questions", "name", "spans", "boxes", "value", "text", "start", "x"]
            ),
            inner | st.sampled_from(["choice", "choices", "rating", "text", "span", "box", "abstain"]),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(junk)
def test_whatever_comes_is_read_or_refused_on_purpose(value: object) -> None:
    for read in (
        plain.answer_from_plain,
        plain.schema_from_plain,
        plain.guideline_from_plain,
        plain.annotation_from_plain,
    ):
        try:
            read(value)
        except GoldseamError as error:
            assert error.message
