"""Votes: made from arrays, frames and matrices, and never contradictory."""

from __future__ import annotations

import numpy as np
import pytest

from goldseam.stats.votes import BadVotes, Votes


def test_arrays_of_any_hashables_become_sorted_names_and_indices() -> None:
    votes = Votes.from_arrays(["b", "a", "b"], ["zoe", "ann", "ann"], ["yes", "no", "no"])
    assert votes.items.tolist() == ["a", "b"]
    assert votes.annotators.tolist() == ["ann", "zoe"]
    assert votes.labels == ("no", "yes")
    assert (votes.item.tolist(), votes.annotator.tolist(), votes.label.tolist()) == ([1, 0, 1], [1, 0, 0], [1, 0, 0])
    assert votes.item.dtype == votes.annotator.dtype == votes.label.dtype == np.int32
    assert (votes.n_items, votes.n_annotators, votes.n_labels, votes.n_votes) == (2, 2, 2, 3)


def test_labels_that_are_numbers_in_text_are_sorted_as_numbers() -> None:
    assert Votes.from_arrays([1, 2, 3], [1, 1, 1], ["10", "9", "-3"]).labels == ("-3", "9", "10")


def test_labels_of_mixed_kinds_are_sorted_kind_by_kind() -> None:
    assert Votes.from_arrays([1, 2, 3], [1, 1, 1], ["x", 9, (1, 2)]).labels == (9, "x", (1, 2))


def test_numpy_scalars_become_plain_numbers() -> None:
    votes = Votes.from_arrays([np.int64(4), np.int64(2)], np.array([1, 1]), np.array([True, False]))
    assert votes.items.tolist() == [2, 4]
    assert votes.labels == (False, True)
    assert type(votes.labels[0]) is bool


@pytest.mark.parametrize(("repeated", "label"), [("last", "c"), ("first", "a")])
def test_an_annotator_has_one_vote_per_item(repeated: str, label: str) -> None:
    votes = Votes.from_arrays([1, 2, 1, 1], [7, 7, 7, 7], ["a", "b", "b", "c"], repeated=repeated)
    assert votes.n_votes == 2
    assert dict(zip(votes.items[votes.item].tolist(), np.array(votes.labels)[votes.label], strict=True)) == {
        1: label,
        2: "b",
    }


def test_repeated_votes_stay_when_they_are_asked_for() -> None:
    assert Votes.from_arrays([1, 1], [7, 7], ["a", "b"], repeated="all").n_votes == 2
    with pytest.raises(BadVotes, match="'last', 'first' or 'all'"):
        Votes.from_arrays([1], [1], ["a"], repeated="twice")  # type: ignore[arg-type]


class NAType:
    """Stands for pandas.NA, which is known by the name of its type."""


@pytest.mark.parametrize("missing", [None, float("nan"), NAType()])
def test_a_missing_label_is_an_absent_vote_but_its_item_stays(missing: object) -> None:
    votes = Votes.from_arrays(["x", "y"], ["ann", "bob"], ["a", missing])
    assert votes.n_votes == 1
    assert votes.items.tolist() == ["x", "y"]
    assert votes.annotators.tolist() == ["ann", "bob"]
    assert votes.labels == ("a",)


def test_a_vote_without_an_item_or_annotator_is_refused() -> None:
    with pytest.raises(BadVotes, match="no item"):
        Votes.from_arrays([None], ["ann"], ["a"])
    with pytest.raises(BadVotes, match="no annotator"):
        Votes.from_arrays(["x"], [float("nan")], ["a"])


def test_names_can_be_given_in_their_order_with_some_that_have_no_votes() -> None:
    votes = Votes.from_arrays(
        [5, 3],
        ["ann", "ann"],
        ["low", "high"],
        items=[9, 5, 3],
        annotators=["bob", "ann"],
        labels=["low", "middle", "high"],
    )
    assert votes.item.tolist() == [1, 2]
    assert votes.annotator.tolist() == [1, 1]
    assert votes.label.tolist() == [0, 2]
    assert votes.votes_per_item().tolist() == [0, 1, 1]
    assert votes.votes_per_annotator().tolist() == [0, 2]


@pytest.mark.parametrize("names", [{"items": [1]}, {"annotators": [8]}, {"labels": ["a"]}])
def test_a_vote_for_a_name_that_was_not_given_is_refused(names: dict[str, list[object]]) -> None:
    with pytest.raises(BadVotes, match="not among"):
        Votes.from_arrays([1, 2], [7, 7], ["a", "b"], **names)


def test_names_given_twice_are_refused() -> None:
    with pytest.raises(BadVotes, match="twice"):
        Votes.from_arrays([1], [1], ["a"], labels=["a", "a"])


def test_arrays_of_different_lengths_are_refused() -> None:
    with pytest.raises(BadVotes, match="equally long"):
        Votes.from_arrays([1, 2], [1], ["a"])


def test_a_frame_is_read_by_its_columns() -> None:
    frame = {"task": ["t1", "t1"], "worker": np.array([3, 4]), "label": ["a", "b"]}
    votes = Votes.from_frame(frame, item="task", annotator="worker")
    assert votes.annotators.tolist() == [3, 4]
    assert votes.n_votes == 2
    with pytest.raises(BadVotes, match="no column 'item'"):
        Votes.from_frame(frame)


def test_a_column_that_can_become_numpy_does() -> None:
    class Column:
        def to_numpy(self) -> np.ndarray:
            return np.array([1, 2])

    votes = Votes.from_frame({"item": Column(), "annotator": Column(), "label": Column()})
    assert votes.labels == (1, 2)


@pytest.mark.parametrize(
    ("matrix", "abstain"),
    [
        ([[0, -1], [1, 1]], -1),
        ([[0.0, np.nan], [1.0, 1.0]], -1),
        ([["0", ""], ["1", "1"]], ""),
        ([[0, None], [1, 1]], -1),
    ],
)
def test_a_matrix_holds_votes_where_nobody_abstains(matrix: list[list[object]], abstain: object) -> None:
    votes = Votes.from_matrix(matrix, abstain=abstain)
    assert votes.item.tolist() == [0, 1, 1]
    assert votes.annotator.tolist() == [0, 0, 1]
    assert votes.label.tolist() == [0, 1, 1]
    assert (votes.n_items, votes.n_annotators) == (2, 2)


def test_a_matrix_of_the_wrong_shape_is_refused() -> None:
    with pytest.raises(BadVotes, match="2 dimensions"):
        Votes.from_matrix([1, 2])
    with pytest.raises(BadVotes, match="2 columns, but 1"):
        Votes.from_matrix([[1, 2]], annotators=["ann"])


def test_counts_are_votes_per_item_and_label() -> None:
    votes = Votes.from_matrix([[0, 0, 2], [-1, -1, -1], [1, 1, 1]])
    assert votes.counts().tolist() == [[2, 0, 1], [0, 0, 0], [0, 3, 0]]


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"item": [0, 5]}, "index 5"),
        ({"item": [-1, 0]}, "index -1"),
        ({"label": [0.0, 1.0]}, "whole numbers"),
        ({"annotator": [0]}, "equally long"),
    ],
)
def test_votes_cannot_be_born_wrong(change: dict[str, list[float]], match: str) -> None:
    parts: dict[str, object] = {
        "items": [10, 11],
        "annotators": ["ann"],
        "labels": ("a", "b"),
        "item": [0, 1],
        "annotator": [0, 0],
        "label": [0, 1],
    }
    Votes(**parts)  # type: ignore[arg-type]
    with pytest.raises(BadVotes, match=match):
        Votes(**(parts | change))  # type: ignore[arg-type]


def test_votes_are_frozen_down_to_their_arrays() -> None:
    votes = Votes.from_matrix([[0, 1]])
    with pytest.raises(ValueError, match="read-only"):
        votes.label[0] = 1


def test_freezing_leaves_the_callers_array_alone() -> None:
    mine = np.array([0, 1], dtype=np.int32)
    Votes(np.arange(2), np.arange(1), (0, 1), mine, np.zeros(2, dtype=np.int32), mine)
    mine[0] = 1
    assert mine.tolist() == [1, 1]


def test_votes_are_equal_when_they_say_the_same_in_any_order() -> None:
    votes = Votes.from_matrix([[0, 1], [1, 1]])
    turned = Votes(
        votes.items, votes.annotators, votes.labels, votes.item[::-1], votes.annotator[::-1], votes.label[::-1]
    )
    assert votes == turned
    assert votes != Votes.from_matrix([[0, 1], [1, 0]])
    assert votes != Votes.from_matrix([[0, 1], [1, -1]])
    assert votes != "votes"


def test_where_keeps_the_names_and_drops_the_votes() -> None:
    votes = Votes.from_matrix([[0, 1], [1, 1]])
    kept = votes.where(votes.annotator == 0)
    assert kept.n_votes == 2
    assert kept.n_annotators == 2
    with pytest.raises(BadVotes, match="one entry per vote"):
        votes.where(np.array([True]))


def test_no_votes_at_all_are_votes_too() -> None:
    votes = Votes.from_arrays([], [], [])
    assert (votes.n_items, votes.n_votes, votes.n_labels) == (0, 0, 0)
    assert votes.counts().shape == (0, 0)
