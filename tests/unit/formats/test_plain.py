"""Plain forms: every record comes back, and every stranger is named."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from goldseam.formats import plain
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.errors import BadAnswer, BadSchema, BadValue
from goldseam.vocab.items import Item, Modality, Origin
from goldseam.vocab.schema import Guideline, Label, Question, QuestionKind, QuestionName, Schema, WorkedExample


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "An answer is a mapping"),
        ([], "An answer is a mapping"),
        ({}, "An answer lacks the key 'kind'"),
        ({"kind": "choise"}, "Did you mean 'choice'"),
        ({"kind": "choice"}, "lacks the key 'label'"),
        ({"kind": "choice", "label": 3}, "'label' of an answer is a text; got 3"),
        ({"kind": "choice", "label": "\ud800"}, "half of a surrogate pair"),
        ({"kind": "choice", "label": "a", "lable": "b"}, "has no key 'lable'. Did you mean 'label'"),
        ({"kind": "rating", "value": "3"}, "is a whole number; got '3'"),
        ({"kind": "rating", "value": True}, "is a whole number; got True"),
        ({"kind": "rating", "value": 2.5}, "is a whole number; got 2.5"),
        ({"kind": "choices", "labels": "ab"}, "is a list; got 'ab'"),
        ({"kind": "choices", "labels": ["a", "a"]}, "names each label once"),
        ({"kind": "span", "spans": [{"start": 2, "end": 1, "label": "a"}]}, "larger end"),
        ({"kind": "span", "spans": [{"start": 0, "end": 1}]}, "A span lacks the key 'label'"),
        ({"kind": "box", "boxes": [{"x": 0, "y": 0, "width": 0, "height": 1, "label": "a"}]}, "above 0"),
        ({"kind": "box", "boxes": [{"x": float("nan"), "y": 0, "width": 1, "height": 1, "label": "a"}]}, "is a number"),
        ({"kind": "box", "boxes": [{"x": 10**400, "y": 0, "width": 1, "height": 1, "label": "a"}]}, "is a number"),
        ({"kind": "abstain", "reason": None}, "is a text; got None"),
    ],
)
def test_an_answer_of_another_form_is_refused_with_what_would_be_right(value: object, message: str) -> None:
    with pytest.raises(BadAnswer) as caught:
        plain.answer_from_plain(value)
    assert message in caught.value.message


def test_a_whole_number_may_come_as_a_double_since_json_does_not_tell_them_apart() -> None:
    assert plain.answer_from_plain({"kind": "rating", "value": 3.0}) == plain.answer_from_plain(
        {"kind": "rating", "value": 3}
    )


SCHEMA = Schema(
    (
        Question(
            QuestionName("mood"),
            prompt="How does it sound?",
            labels=(
                Label(LabelName("good"), "Good", "glad", ("yay",), ("meh",), ("irony",), "never", "#1b9e77", "g"),
                Label(LabelName("bad")),
            ),
        ),
        Question(QuestionName("stars"), QuestionKind.RATING, minimum=0, maximum=10),
        Question(QuestionName("note"), QuestionKind.TEXT),
    )
)


def test_a_schema_comes_back() -> None:
    assert plain.schema_from_plain(plain.schema_to_plain(SCHEMA)) == SCHEMA


def test_labels_may_be_bare_names() -> None:
    schema = plain.schema_from_plain({"questions": [{"name": "mood", "labels": ["good", {"name": "bad"}]}]})
    assert schema.main.label_names == ("good", "bad")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({}, "The schema lacks the key 'questions'"),
        ({"questions": []}, "at least one question"),
        ({"questions": [{"name": "m", "lables": ["a"]}]}, "Question 'm' has no key 'lables'. Did you mean 'labels'"),
        ({"questions": [{"name": "m", "kind": "choises", "labels": ["a"]}]}, "Did you mean 'choices'"),
        ({"questions": [{"name": "m", "labels": ["a", "a"]}]}, "has the label 'a' twice"),
        ({"questions": [{"name": "m", "labels": [{"name": "a", "colour": "#fff"}]}]}, "Did you mean 'color'"),
        ({"questions": [{"name": "m", "labels": [1]}]}, "A label is a mapping"),
        ({"questions": [{"name": "m", "labels": ["a"]}], "question": 1}, "Did you mean 'questions'"),
    ],
)
def test_a_schema_of_another_form_is_refused_with_what_would_be_right(value: object, message: str) -> None:
    with pytest.raises(BadSchema) as caught:
        plain.schema_from_plain(value)
    assert message in caught.value.message


def test_a_guideline_comes_back() -> None:
    guideline = Guideline("# Rules", (WorkedExample("yay", LabelName("good"), "glad"),), date(2026, 5, 1))
    assert plain.guideline_from_plain(plain.guideline_to_plain(guideline)) == guideline
    assert plain.guideline_from_plain({}) == Guideline()
    with pytest.raises(BadSchema, match="is a date like"):
        plain.guideline_from_plain({"review_by": "May"})


def test_an_item_comes_back_and_its_id_is_checked() -> None:
    item = Item(Modality.TEXT, "hello", Origin("a.csv", 2, "k1"), metadata={"lang": "en"})
    value = plain.item_to_plain(item)
    assert plain.item_from_plain(value) == item
    with pytest.raises(BadValue, match="not that of its content"):
        plain.item_from_plain(value | {"content": "hullo"})
    with pytest.raises(BadValue, match="Did you mean 'text'"):
        plain.item_from_plain(value | {"modality": "tekst"})


def annotation() -> plain.Plain:
    return {
        "id": "n1",
        "assignment": "s1",
        "item": "0" * 32,
        "annotator": "p1",
        "question": "mood",
        "answer": {"kind": "choice", "label": "good"},
        "purpose": "label",
        "schema_version": 1,
        "guideline_version": 1,
        "reaction": "corrected",
        "seconds": 1.5,
        "surplus": True,
        "at": "2026-05-01T09:30:00.000000Z",
    }


def test_an_annotation_comes_back() -> None:
    found = plain.annotation_from_plain(annotation())
    assert found.at == datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
    assert found.answer == Choice(LabelName("good"))
    assert plain.annotation_to_plain(found) == annotation()


@pytest.mark.parametrize(
    "change",
    [
        {"at": "yesterday"},
        {"surplus": 1},
        {"purpose": "fun"},
        {"seconds": -1},
        {"seconds": "1"},
        {"more": 1},
        {"id": None},
    ],
)
def test_an_annotation_of_another_form_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(BadValue):
        plain.annotation_from_plain(annotation() | change)


def test_a_commitment_changes_with_every_field() -> None:
    changes = [
        {},
        {"id": "n2"},
        {"assignment": "s2"},
        {"item": "1" * 32},
        {"annotator": "p2"},
        {"question": "q"},
        {"answer": {"kind": "abstain", "reason": ""}},
        {"purpose": "gold"},
        {"schema_version": 2},
        {"guideline_version": 2},
        {"reaction": "none"},
        {"seconds": 1.25},
        {"surplus": False},
        {"at": "2026-05-01T09:30:00.000001Z"},
    ]
    made = [
        plain.annotation_commitment(plain.annotation_from_plain(annotation() | change), bytes(16)) for change in changes
    ]
    assert len(set(made)) == len(changes) == len(annotation()) + 1
