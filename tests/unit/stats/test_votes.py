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
        Votes.from_arrays([1], [1], ["a"], repeated="twice")  # type: ignore[arg-type]  # wrong on purpose


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
    Votes(**parts)  # type: ignore[arg-type]  # options by name
    with pytest.raises(BadVotes, match=match):
        Votes(**(parts | change))  # type: ignore[arg-type]  # wrong on purpose


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


@pytest.mark.parametrize(
    "numbers",
    [
        [3, 1, 2, 1],
        [-5, 7, -5, 0],
        [10**12, -(10**12), 3, 3],
        [2**63 + 5, 2**63 + 9, 2**63 + 5, 2**63 + 6],
        [2**64 - 1, 0, 7, 7],
        [2**70, 1, 2**70, -(2**70)],
    ],
)
def test_whole_numbers_of_any_size_and_spread_keep_their_names(numbers: list[int]) -> None:
    votes = Votes.from_arrays(numbers, numbers, numbers, repeated="all")
    assert votes.items.tolist() == sorted(set(numbers))
    assert votes.items[votes.item].tolist() == numbers
    assert [votes.labels[index] for index in votes.label] == numbers


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int16, np.uint32, np.int64, np.uint64])
def test_arrays_of_every_kind_of_whole_number_are_read_to_their_ends(kind: type[np.integer]) -> None:
    ends = np.iinfo(kind)
    numbers = np.array([ends.max, ends.min, ends.max - 1, ends.max], dtype=kind)
    votes = Votes.from_arrays(numbers, np.arange(4), numbers)
    assert votes.items.tolist() == [ends.min, ends.max - 1, ends.max]
    assert votes.item.tolist() == [2, 0, 1, 2]
    assert votes.labels == (ends.min, ends.max - 1, ends.max)


def test_a_long_column_is_read_like_a_short_one() -> None:
    numbers = np.random.default_rng(0).integers(-40, 300_000, 400_000)
    votes = Votes.from_arrays(numbers, np.arange(400_000), numbers % 3)
    names, places = np.unique(numbers, return_inverse=True)
    assert np.array_equal(votes.items, names)
    assert np.array_equal(votes.item, places)


def test_labels_that_are_fractions_or_missing_are_read_from_an_array() -> None:
    votes = Votes.from_arrays([1, 2, 3, 4], [7, 7, 7, 7], np.array([2.5, np.nan, -1.0, 2.5]))
    assert votes.labels == (-1.0, 2.5)
    assert votes.label.tolist() == [1, 0, 1]
    assert votes.n_items == 4


@pytest.mark.parametrize("order", [["nan", "b", "10", "9"], ["9", "10", "b", "nan"], ["10", "nan", "9", "b"]])
def test_the_text_nan_is_a_name_and_disturbs_no_order(order: list[str]) -> None:
    assert Votes.from_arrays(range(4), [1] * 4, order).labels == ("10", "9", "b", "nan")
    assert Votes.from_arrays(range(3), [1] * 3, [o for o in order if o != "b"]).labels == ("10", "9", "nan")


@pytest.mark.parametrize("names", [["1e0", "1", "01"], ["90071992547409931", "90071992547409930"]])
def test_texts_that_are_the_same_number_have_one_order(names: list[str]) -> None:
    forwards, backwards = (
        Votes.from_arrays(range(len(names)), names, "a" * len(names)) for names in (names, names[::-1])
    )
    assert forwards.annotators.tolist() == backwards.annotators.tolist() == sorted(names)


def test_what_cannot_be_hashed_is_no_name() -> None:
    with pytest.raises(BadVotes, match="Every label of a vote must be hashable"):
        Votes.from_arrays([1, 2], [1, 2], [["a"], ["b"]])
    with pytest.raises(BadVotes, match="1-D"):
        Votes.from_arrays(np.zeros((2, 2), dtype=int), [1, 2], ["a", "b"])


def brute_force(item: np.ndarray, annotator: np.ndarray, label: np.ndarray, repeated: str) -> set[tuple[int, int, int]]:
    """Return the votes that stay when an annotator has one per item."""
    kept: dict[tuple[int, int], int] = {}
    for i, a, k in zip(item.tolist(), annotator.tolist(), label.tolist(), strict=True):
        if repeated == "last" or (i, a) not in kept:
            kept[i, a] = k
    return {(i, a, k) for (i, a), k in kept.items()}


@pytest.mark.parametrize("repeated", ["last", "first"])
@pytest.mark.parametrize("n_annotators", [5, 60, 2**40])
@pytest.mark.parametrize("arranged", [False, True])
def test_repeated_votes_are_found_in_any_arrangement(repeated: str, n_annotators: int, arranged: bool) -> None:
    rng = np.random.default_rng(n_annotators % 1000)
    item = rng.integers(20, size=300) if not arranged else np.sort(rng.integers(20, size=300))
    annotator, label = rng.integers(min(n_annotators, 2**62), size=300) % n_annotators, rng.integers(4, size=300)
    annotator[:40] = annotator[40:80]
    votes = Votes.from_arrays(item, annotator, label, repeated=repeated)
    names = (votes.items[votes.item], votes.annotators[votes.annotator], np.array(votes.labels)[votes.label])
    assert set(zip(*(part.tolist() for part in names), strict=True)) == brute_force(item, annotator, label, repeated)


@pytest.mark.parametrize("apart", [1, 3, 20])
def test_one_repeated_vote_is_found_however_far_apart(apart: int) -> None:
    item, annotator = np.zeros(40, dtype=int), np.arange(40)
    annotator[apart] = annotator[0]
    assert Votes.from_arrays(item, annotator, annotator % 2).n_votes == 39


def test_votes_by_item_are_the_same_votes_in_order() -> None:
    rng = np.random.default_rng(2)
    votes = Votes.from_arrays(rng.permutation(1000) % 50, rng.integers(400, size=1000), rng.integers(3, size=1000))
    arranged = votes.by_item()
    assert arranged == votes
    assert (np.diff(arranged.item) >= 0).all()
    assert arranged.by_item() is arranged
    first = votes.item == 7
    assert np.array_equal(arranged.annotator[arranged.item == 7], votes.annotator[first])


TABLE = {
    "item": ["x", "y", "x", "z", "y"],
    "annotator": ["ann", "bob", "bob", "ann", "ann"],
    "label": ["low", "high", None, "low", "high"],
}


def test_a_pandas_categorical_keeps_its_codes_and_an_ordered_one_its_order() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(TABLE)
    plain = Votes.from_arrays(*TABLE.values())
    for kind in ("object", "str", "category"):
        assert Votes.from_frame(frame.astype(kind)) == plain
    frame["label"] = pandas.Categorical(TABLE["label"], categories=["low", "middle", "high"], ordered=True)
    assert Votes.from_frame(frame).labels == ("low", "middle", "high")
    frame["label"] = frame["label"].cat.as_unordered()
    assert Votes.from_frame(frame) == plain
    assert Votes.from_arrays(frame["item"].array, frame["annotator"].array, frame["label"].array) == plain


def test_a_polars_categorical_or_enum_is_read_by_its_codes() -> None:
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame(TABLE)
    plain = Votes.from_arrays(*TABLE.values())
    assert Votes.from_frame(frame) == plain
    assert Votes.from_frame(frame.with_columns(polars.all().cast(polars.Categorical))) == plain
    levels = polars.Enum(["low", "middle", "high"])
    assert Votes.from_frame(frame.with_columns(polars.col("label").cast(levels))).labels == ("low", "middle", "high")


def test_an_arrow_dictionary_is_read_by_its_codes_even_if_it_names_things_twice() -> None:
    arrow = pytest.importorskip("pyarrow")
    plain = Votes.from_arrays(*TABLE.values())
    table = arrow.table(TABLE)
    assert Votes.from_frame(table) == plain
    coded = arrow.table({name: table[name].dictionary_encode() for name in table.column_names})
    assert Votes.from_frame(arrow.concat_tables([coded.slice(0, 2), coded.slice(2)])) == plain
    twice = arrow.DictionaryArray.from_arrays(arrow.array([0, 1, None, 2, 1]), arrow.array(["low", "high", "low"]))
    assert Votes.from_frame({**TABLE, "label": twice}) == plain


def test_a_column_of_whole_numbers_with_some_missing_keeps_whole_numbers() -> None:
    pandas, polars, arrow = (pytest.importorskip(name) for name in ("pandas", "polars", "pyarrow"))
    for column in (pandas.Series([1, None, 2], dtype="Int64"), polars.Series([1, None, 2]), arrow.array([1, None, 2])):
        votes = Votes.from_arrays(["x", "y", "z"], ["ann"] * 3, column)
        assert votes.labels == (1, 2)
        assert type(votes.labels[0]) is int
        assert votes.n_items == 3
        with pytest.raises(BadVotes, match="no item"):
            Votes.from_arrays(column, ["ann"] * 3, ["a"] * 3)


def test_a_long_matrix_with_missing_cells_holds_the_votes_that_are_there() -> None:
    rng = np.random.default_rng(3)
    table = rng.integers(-1, 3, (5_000, 7)).astype(object)
    table[rng.random(table.shape) < 0.1] = None
    votes = Votes.from_matrix(table)
    back = np.full(table.shape, -1)
    back[votes.item, votes.annotator] = np.array(votes.labels)[votes.label]
    assert np.array_equal(back, np.where(table == None, -1, table).astype(int))  # noqa: E711 - cell by cell


@pytest.mark.parametrize("seed", range(6))
def test_repeated_votes_are_found_across_the_parts_in_which_they_are_looked_for(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("goldseam.stats.votes._PART", 8)
    monkeypatch.setattr("goldseam.stats.votes._NEAR", 5)
    rng = np.random.default_rng(seed)
    item = np.repeat(np.arange(30), rng.integers(1, 5, size=30))
    annotator = np.concatenate([rng.permutation(9)[:many] for many in np.bincount(item)])
    label = rng.integers(3, size=len(item))
    assert Votes.from_arrays(item, annotator, label).n_votes == len(item)
    for twice in np.flatnonzero(item[1:] == item[:-1]):
        changed = annotator.copy()
        changed[twice + 1] = changed[twice]
        assert Votes.from_arrays(item, changed, label).n_votes == len(item) - 1
