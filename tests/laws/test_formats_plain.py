"""Laws of the plain forms: every answer and every schema comes back, also through JSON; whatever else is refused."""

from __future__ import annotations

import json

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldseam.annotate.fits import check
from goldseam.formats import plain
from goldseam.formats.answer_schemas import ANSWER_SCHEMA
from goldseam.formats.answers import ANSWERS
from goldseam.ledger.canonical import canonical, parse
from goldseam.testing import answers as strategies
from goldseam.testing.answers import EXTENT
from goldseam.vocab.errors import GoldseamError
from goldseam.vocab.schema import Question, QuestionKind, Schema

FORM = jsonschema_rs.Draft202012Validator(ANSWER_SCHEMA)
schemas = st.lists(strategies.questions(), min_size=1, max_size=3, unique_by=lambda question: question.name).map(
    lambda found: Schema(tuple(found))
)


@pytest.mark.parametrize("kind", QuestionKind)
@settings(max_examples=40)
@given(data=st.data())
def test_an_answer_fits_its_question_and_comes_back_through_canonical_bytes(
    kind: QuestionKind, data: st.DataObject
) -> None:
    question, answer = data.draw(strategies.asked(kind))
    question.check(answer)
    check(question, answer, EXTENT)
    form = plain.answer_to_plain(answer)
    assert plain.answer_from_plain(parse(canonical(form))) == answer
    assert canonical(plain.answer_to_plain(plain.answer_from_plain(form))) == canonical(form)
    FORM.validate(json.loads(json.dumps(form)))


@given(schemas)
def test_a_schema_comes_back_through_json(schema: Schema) -> None:
    form = json.loads(json.dumps(plain.schema_to_plain(schema)))
    assert plain.schema_from_plain(form) == schema
    assert plain.schema_to_plain(plain.schema_from_plain(form)) == form


@pytest.mark.parametrize("kind", ANSWERS)
@settings(max_examples=60)
@given(data=st.data())
def test_an_answer_with_one_part_changed_is_read_or_refused_on_purpose(kind: str, data: st.DataObject) -> None:
    of = QuestionKind(kind) if kind in set(QuestionKind) else None
    _, answer = data.draw(strategies.asked(of))
    form = json.loads(json.dumps(plain.answer_to_plain(answer)))
    _change(form, data)
    try:
        read = plain.answer_from_plain(form)
    except GoldseamError as error:
        assert error.message.endswith((".", "?"))
    else:
        FORM.validate(form)
        assert plain.answer_from_plain(plain.answer_to_plain(read)) == read


def _change(form: object, data: st.DataObject) -> None:
    """Change one part of a plain value, however deep it lies: another value, a key too many or too few, one twice."""
    while True:
        inner = [
            one for one in (form.values() if isinstance(form, dict) else form) if isinstance(one, dict | list) and one
        ]  # type: ignore[attr-defined]  # a form of any kind
        if not inner or data.draw(st.booleans()):
            break
        form = data.draw(st.sampled_from(inner))
    places = list(form) if isinstance(form, dict) else list(range(len(form)))  # type: ignore[arg-type]  # plain values do where the hint is narrower
    place = data.draw(st.sampled_from(places))
    match data.draw(st.sampled_from(["another", "more", "fewer"])):
        case "another":
            form[place] = data.draw(JUNK)  # type: ignore[index]  # the same
        case "fewer":
            del form[place]  # type: ignore[attr-defined]  # the same
        case _ if isinstance(form, dict):
            form["more"] = data.draw(JUNK)
        case _:
            form.append(form[place])  # type: ignore[attr-defined, index]  # the same


JUNK = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=4)
)
junk = st.recursive(
    JUNK,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["kind", "label", "labels", "questions", "name", "spans", "boxes", "value", "text", "start", "x"]
            ),
            inner | st.sampled_from([*ANSWERS]),
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


@given(strategies.asked(), strategies.questions())
def test_an_answer_to_another_kind_of_question_is_refused(pair: tuple[Question, object], other: Question) -> None:
    question, answer = pair
    form = plain.answer_to_plain(answer)  # type: ignore[arg-type]  # plain values do where the hint is narrower
    if form["kind"] not in {other.kind.value, "abstain"}:
        with pytest.raises(GoldseamError, match="wants an answer of kind"):
            other.check(answer)  # type: ignore[arg-type]  # wrong on purpose
    assert question.kind.value == form["kind"] or form["kind"] == "abstain"
