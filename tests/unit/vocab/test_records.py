"""Items, answers, annotations, people: records that cannot be born wrong."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from goldseam.vocab.annotations import Annotation, Purpose, Reaction
from goldseam.vocab.answers import Box, Boxes, Choice, Choices, Span, Spans
from goldseam.vocab.errors import BadAnswer, BadValue, nearest
from goldseam.vocab.items import Item, Modality, Origin
from goldseam.vocab.people import ALLOWED, Act, Role, may

ORIGIN = Origin("a.csv", 2, "k1")


def test_an_item_is_known_by_its_content_alone():
    first = Item(Modality.TEXT, "good", ORIGIN, metadata={"by": "ada"})
    second = Item(Modality.TEXT, "good", Origin("b.csv", 9, ""))
    assert first.id == second.id == first.content_hash[:32]
    assert Item(Modality.IMAGE, "good", ORIGIN, "image/png").id != first.id
    assert Item(Modality.TEXT, "good ", ORIGIN).id != first.id


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Item(Modality.TEXT, "", ORIGIN), "needs content"),
        (lambda: Item(Modality.IMAGE, "ab", ORIGIN), "media type"),
    ],
)
def test_an_item_without_content_is_never_born(make, said):
    with pytest.raises(BadValue, match=said):
        make()


def test_equal_sets_are_equal_answers():
    assert Choices(("b", "a")) == Choices(("a", "b"))
    assert Spans((Span(4, 6, "x"), Span(0, 2, "x"))) == Spans((Span(0, 2, "x"), Span(4, 6, "x")))
    low, high = Box(0, 9, 1, 1, "x"), Box(5, 0, 1, 1, "x")
    assert Boxes((low, high)) == Boxes((high, low))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Choices(("a", "a")),
        lambda: Span(3, 3, "x"),
        lambda: Span(-1, 3, "x"),
        lambda: Box(0, 0, 0, 1, "x"),
        lambda: Box(0, 0, 1, float("nan"), "x"),
    ],
)
def test_an_answer_that_means_nothing_is_never_born(make):
    with pytest.raises(BadAnswer):
        make()


def annotation(**changed: object) -> Annotation:
    facts = {
        "id": "a",
        "assignment": "b",
        "item": "c",
        "annotator": "d",
        "question": "q",
        "answer": Choice("x"),
        "purpose": Purpose.LABEL,
        "schema_version": 1,
        "guideline_version": 1,
        "reaction": Reaction.NONE,
        "seconds": 1.0,
        "surplus": False,
        "at": datetime(2026, 5, 1, tzinfo=UTC),
    }
    return Annotation(**(facts | changed))


@pytest.mark.parametrize("seconds", [-0.1, 86_400.0, float("nan"), float("inf")])
def test_an_annotation_took_between_no_time_and_a_day(seconds):
    with pytest.raises(BadValue, match="seconds"):
        annotation(seconds=seconds)


def test_an_annotation_knows_its_time_zone():
    with pytest.raises(BadValue, match="time zone"):
        annotation(at=datetime(2026, 5, 1))  # noqa: DTZ001 - the very thing that is refused


def test_no_role_may_do_more_than_the_owner_and_nobody_without_a_role_may_do_anything():
    assert all(ALLOWED[role] <= ALLOWED[Role.OWNER] for role in Role)
    assert not any(may(None, act) for act in Act)
    assert not may(Role.ANNOTATOR, Act.MEASURE)
    assert not may(Role.AUDITOR, Act.ANNOTATE)
    assert may(Role.SERVICE, Act.CLAIM) and not may(Role.MANAGER, Act.CLAIM)


def test_the_nearest_word_is_offered_and_only_if_it_is_near():
    assert nearest("batsh", ["batch", "strategy"]) == " Did you mean 'batch'?"
    assert nearest("zzz", ["batch", "strategy"]) == ""
