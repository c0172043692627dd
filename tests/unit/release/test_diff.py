"""Diff: item by item what changed, and why."""

from __future__ import annotations

import pytest

from goldseam.release.build import label_columns
from goldseam.release.diff import Relabeled, diff
from goldseam.release.policy import Policy
from goldseam.vocab.people import AnnotatorId
from goldseam.vocab.schema import SchemaVersion
from tests.unit.release import made


def table(*rows: object) -> dict[str, object]:
    return label_columns(rows, made.SCHEMA, Policy())


FIRST = made.row(made.ITEMS[0], made.GOOD, 0.9)
SECOND = made.row(made.ITEMS[1], made.GOOD, 0.9)


def test_a_release_does_not_differ_from_itself() -> None:
    found = diff(table(*made.ROWS), table(*made.ROWS[::-1]))
    assert (found.added, found.removed, found.relabeled, found.unchanged) == ((), (), (), 3)


def test_added_and_removed_items_are_named() -> None:
    found = diff(table(FIRST), table(SECOND))
    (came,), (went,) = found.added, found.removed
    assert (came.item, came.question, came.label, came.why) == (
        made.ITEMS[1].id,
        "mood",
        made.GOOD,
        "settled by dawid_skene",
    )
    assert (went.item, went.confidence, went.words) == (made.ITEMS[0].id, 0.9, made.ITEMS[0].content)
    assert found.unchanged == 0


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"method": "ruling"}, "a person ruled"),
        ({"method": "gold"}, "it became gold"),
        ({"n_votes": 3}, "1 more vote"),
        ({"n_votes": 5}, "3 more votes"),
        ({"n_votes": 1}, "1 fewer vote"),
        ({"method": "majority"}, "settled by majority, before by dawid_skene"),
        ({"annotators": (AnnotatorId("p7"), AnnotatorId("p8"))}, "other annotators"),
        ({"n_votes": 4, "schema_version": SchemaVersion(2)}, "2 more votes; schema 1 became 2"),
        ({}, "the same votes weigh differently now that more is known about the annotators"),
    ],
)
def test_a_relabeled_item_says_why(changes: dict[str, object], why: str) -> None:
    new = made.row(made.ITEMS[0], made.BAD, 0.9, **changes)
    found = diff(table(FIRST, SECOND), table(new, SECOND))
    words = str(made.ITEMS[0].content)
    assert found.relabeled == (Relabeled(made.ITEMS[0].id, made.MOOD, made.GOOD, made.BAD, why, 0.9, 0.9, words),)
    assert found.unchanged == 1


@pytest.mark.parametrize(("confidence", "n_moved"), [(0.9, 0), (0.81, 0), (0.8, 1), (0.6, 1)])
def test_another_confidence_alone_is_no_change_of_label_and_told_from_a_tenth_on(
    confidence: float, n_moved: int
) -> None:
    found = diff(table(FIRST), table(made.row(made.ITEMS[0], made.GOOD, confidence)))
    assert (found.unchanged, found.relabeled, len(found.moved)) == (1, (), n_moved)
    assert [(one.old_confidence, one.new_confidence) for one in found.moved] == [(0.9, confidence)] * n_moved
