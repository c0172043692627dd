"""Several labels an item, and labels by neighbors: planted errors are found, and odd input is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from goldseam.stats import noise
from goldseam.stats.noise import _nearest
from goldseam.stats.votes import BadVotes
from tests.unit.stats.noise_sets import average_precision


def several(n: int = 1_500, k: int = 4, seed: int = 2) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels given and true (n, k), and probabilities: missing labels are more common than superfluous ones."""
    rng = np.random.default_rng(seed)
    true = rng.random((n, k)) < [0.5, 0.3, 0.2, 0.1][:k]
    wrong = rng.random((n, k)) < np.where(true, 0.15, 0.03)
    logits = rng.normal(0, 1, (n, k)) + np.where(true, 2.5, -2.5)
    return true ^ wrong, true, 1 / (1 + np.exp(-logits))


def test_missing_and_superfluous_labels_are_found() -> None:
    given, true, proba = several()
    found = noise.multilabel_issues(given, proba)
    wrong = given != true
    assert wrong[found.item, found.label].mean() > 0.85
    assert wrong[found.item, found.label].sum() > 0.6 * wrong.sum()
    assert (found.missing == ~given[found.item, found.label]).all()
    assert found.n_expected == pytest.approx(wrong.sum(), rel=0.25)
    every = noise.multilabel_issues(given, proba, choose="all")
    order = every.item * 4 + every.label
    assert average_precision(wrong.ravel(), order) > 0.85
    assert every.by_item().shape == (1_500,)


def test_lists_arrays_and_names_say_the_same() -> None:
    given, _, proba = several(200)
    names = ["sun", "sea", "sand", "sky"]
    wanted = noise.multilabel_issues(given, proba)
    for labels, named in (
        (given.astype(int), None),
        (given.astype(float), None),
        ([np.flatnonzero(row).tolist() for row in given], None),
        ([np.flatnonzero(row) for row in given], names),
        ([[names[at] for at in np.flatnonzero(row)] for row in given], names),
    ):
        found = noise.multilabel_issues(labels, proba, names=named)
        assert found.item.tolist() == wanted.item.tolist()
        assert found.label.tolist() == wanted.label.tolist()


def test_rows_of_several_labels_are_plain() -> None:
    given, _, proba = several(300)
    rows = noise.multilabel_issues(given, proba, names=["sun", "sea", "sand", "sky"]).rows(5)
    assert len(rows) == 5
    assert {row["kind"] for row in rows} <= {"missing", "superfluous"}
    assert all(str(row["reason"]).startswith(f"The model gives {row['label']!r} ") for row in rows)
    assert all(("not given" in str(row["reason"])) == (row["kind"] == "missing") for row in rows)


@pytest.mark.parametrize(
    ("labels", "proba", "sentence"),
    [
        ([[0], [1]], [[0.5, 1.5], [0.1, 0.2]], r"Row 0 of proba gives 1 1\.5; a probability between 0 and 1"),
        ([[0], [1]], [[0.5, 0.5], [np.nan, 0.2]], r"Row 1 of proba gives 0 nan"),
        ([[0], [2]], [[0.5, 0.5], [0.1, 0.2]], r"Item 1 is given 2, which is not among the labels"),
        ([[0]], [[0.5, 0.5], [0.1, 0.2]], r"There are 1 lists of labels and 2 rows"),
        (np.array([[0, 2], [1, 0]]), [[0.5, 0.5], [0.1, 0.2]], r"Item 0 has .*2.* for 1; 0 or 1 would be right"),
        (np.array([[0, 1]]), [[0.5, 0.5], [0.1, 0.2]], r"Labels need the shape of proba, \(2, 2\)"),
    ],
)
def test_several_labels_that_do_not_fit_are_refused(labels: object, proba: object, sentence: str) -> None:
    with pytest.raises(BadVotes, match=sentence):
        noise.multilabel_issues(labels, proba)


def test_labels_that_all_or_no_items_have_give_reasons() -> None:
    rng = np.random.default_rng(0)
    given = np.column_stack([np.ones(50), np.zeros(50), np.arange(50) % 2])
    found = noise.multilabel_issues(given, rng.random((50, 3)), names=["all", "none", "some"])
    assert [joint.expected is None for joint in found.joints] == [True, True, False]
    assert len(found.warnings) == 2
    assert np.isfinite(found.score).all()
    empty = noise.multilabel_issues(np.empty((0, 2)), np.empty((0, 2)))
    assert (empty.n_issues, empty.n_expected) == (0, None)


def clusters(n: int = 900, k: int = 4, seed: int = 6) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    true = rng.integers(0, k, n)
    features = rng.normal(0, 0.35, (n, 12)) + rng.normal(0, 1, (k, 12))[true]
    label = np.where(rng.random(n) < 0.1, rng.integers(0, k, n), true)
    return label, true, features


def test_neighbors_find_what_was_labeled_otherwise() -> None:
    label, true, features = clusters()
    found = noise.neighbor_issues(label, features)
    assert (label != true)[found.index].mean() > 0.97
    assert (label != true)[found.index].sum() > 0.9 * (label != true).sum()
    assert (found.suggested == true[found.index]).mean() > 0.97
    assert found.neighbors.shape == (len(found.index), 50)
    assert (found.n_suggested > found.n_given).all()


def test_rows_of_neighbors_show_the_most_similar_items() -> None:
    label, _, features = clusters(300)
    names = np.array(["ash", "elm", "fir", "oak"])[label]
    row = noise.neighbor_issues(names, features, k=10).rows(1, shown=3)[0]
    assert isinstance(row["neighbors"], list)
    assert len(row["neighbors"]) == 3
    assert str(row["reason"]).startswith("Of the 10 most similar items ")
    assert row["given"] == names[row["index"]]  # type: ignore[call-overload]  # plain values


def test_the_size_of_the_parts_and_of_the_numbers_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    label, _, features = clusters(400)
    whole = noise.neighbor_issues(label, features, k=15, choose="all")
    monkeypatch.setattr(_nearest, "_QUERIES", 37)
    monkeypatch.setattr(_nearest, "_KEYS", 11)
    parts = noise.neighbor_issues(label, features * 1e-30, k=15, choose="all")
    assert parts.neighbors.tolist() == whole.neighbors.tolist()
    assert parts.score == pytest.approx(whole.score, abs=1e-6)


def test_features_that_tell_nothing_are_taken_with_a_warning() -> None:
    found = noise.neighbor_issues([0, 1, 0, 1], np.zeros((4, 3)), choose="all")
    assert np.isfinite(found.score).all()
    assert any("features that are all 0" in sentence for sentence in found.issues.warnings)
    assert noise.neighbor_issues([], np.empty((0, 3))).rows() == []
    assert noise.neighbor_issues(["a"], [[1.0]]).rows() == []
    assert noise.neighbor_issues([0, 1], np.empty((2, 0)), k=1).index.tolist() == []


@pytest.mark.parametrize(
    ("labels", "features", "k", "sentence"),
    [
        ([0, 1], [[1.0], [np.nan]], 1, r"Row 1 of features holds a number that is not finite"),
        ([0, 1], [1.0, 2.0], 1, r"features need the shape \(items, numbers\)"),
        ([0, 1, 2], [[1.0], [2.0]], 1, r"There are 3 labels and 2 rows of features"),
        ([0, 1], [[1.0], [2.0]], 0, r"k=0"),
        (["a", None], [[1.0], [2.0]], 1, r"Item 1 has no label"),
    ],
)
def test_neighbors_that_cannot_be_asked_are_refused(
    labels: list[object], features: object, k: int, sentence: str
) -> None:
    with pytest.raises(BadVotes, match=sentence):
        noise.neighbor_issues(labels, features, k)


def test_pictures_alone_tell_what_a_crowd_labeled_wrongly(data_dir: Path) -> None:
    from tests.unit.stats.test_noise_crowd import real

    votes, wrong, label = real(data_dir / "crowd" / "labelme")
    features = np.load(data_dir / "crowd" / "labelme" / "features_train.npy")[votes.items.astype(int)]
    every = noise.neighbor_issues(label, features, choose="all")
    assert average_precision(wrong, every.index) > 0.79  # a linear model on the same features: 0.74
    assert wrong[noise.neighbor_issues(label, features).index].mean() > 0.9
