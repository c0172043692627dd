"""Query scores: the uncertain first, and batches that do not repeat themselves."""

from __future__ import annotations

import numpy as np
import pytest

from goldseam.stats import query
from goldseam.stats.votes import BadVotes

PROBA = np.array([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [1 / 3, 1 / 3, 1 / 3], [0.6, 0.3, 0.1]])


def test_scores_are_0_for_the_certain_and_1_for_the_undecided() -> None:
    assert query.margin(PROBA) == pytest.approx([0.0, 1.0, 1.0, 0.7])
    assert query.least_confidence(PROBA) == pytest.approx([0.0, 0.5, 2 / 3, 0.4])
    assert query.entropy(PROBA) == pytest.approx([0.0, np.log(2) / np.log(3), 1.0, 0.8173], abs=1e-4)


@pytest.mark.parametrize("score", [query.margin, query.least_confidence, query.entropy])
def test_with_one_label_nothing_is_uncertain(score) -> None:
    assert score([[1.0], [1.0]]).tolist() == [0.0, 0.0]
    with pytest.raises(BadVotes, match="n_items, n_labels"):
        score([0.5, 0.5])


def clusters(rng: np.random.Generator, sizes: tuple[int, ...] = (100, 60, 30, 10)) -> tuple[np.ndarray, np.ndarray]:
    member = np.repeat(np.arange(len(sizes)), sizes)
    centers = 20 * np.eye(len(sizes))
    return centers[member] + rng.normal(size=(len(member), len(sizes))), member


def test_a_cold_start_asks_about_every_cluster_largest_first() -> None:
    features, member = clusters(np.random.default_rng(1))
    chosen = query.diverse(features, 4, np.random.default_rng(2))
    assert member[chosen].tolist() == [0, 1, 2, 3]


def test_a_cold_start_takes_what_is_typical_of_its_cluster() -> None:
    features, member = clusters(np.random.default_rng(1))
    for index in query.diverse(features, 4, np.random.default_rng(2)):
        mine = features[member == member[index]]
        apart = np.linalg.norm(mine - mine.mean(axis=0), axis=1)
        assert np.linalg.norm(features[index] - mine.mean(axis=0)) == pytest.approx(apart.min())


def test_uncertain_and_diverse_leaves_out_what_is_certain_and_spreads_over_the_rest() -> None:
    features, member = clusters(np.random.default_rng(1))
    proba = np.where(member[:, None] == 0, [[0.99, 0.01]], [[0.5, 0.5]])
    chosen = query.uncertain_and_diverse(proba, features, 3, np.random.default_rng(2), breadth=33)
    assert sorted(member[chosen].tolist()) == [1, 2, 3]


@pytest.mark.parametrize("n", [0, 1, 7, 200, 999])
def test_a_batch_has_no_item_twice_and_no_more_than_the_pool(n: int) -> None:
    features, _ = clusters(np.random.default_rng(1))
    proba = np.random.default_rng(3).dirichlet(np.ones(3), size=len(features))
    for chosen in (
        query.diverse(features, n, np.random.default_rng(2)),
        query.uncertain_and_diverse(proba, features, n, np.random.default_rng(2)),
    ):
        assert len(chosen) == len(set(chosen.tolist())) == min(n, 200)
        assert chosen.dtype == np.int64


def test_copies_of_one_item_can_still_fill_a_batch() -> None:
    chosen = query.diverse(np.ones((20, 3)), 5, np.random.default_rng(0))
    assert len(set(chosen.tolist())) == 5


def test_the_same_seed_gives_the_same_batch() -> None:
    features, _ = clusters(np.random.default_rng(1))
    one, two = (query.diverse(features, 9, np.random.default_rng(5)).tolist() for _ in range(2))
    assert one == two


def test_a_large_pool_is_clustered_from_a_random_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "_MAX_CLUSTERED", 50)
    features, member = clusters(np.random.default_rng(1))
    chosen = query.diverse(features, 3, np.random.default_rng(2))
    assert len(set(member[chosen].tolist())) == 3


def test_wrong_shapes_are_refused() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(BadVotes, match="n_items, n_features"):
        query.diverse([1.0, 2.0], 1, rng)
    with pytest.raises(BadVotes, match="one row per item"):
        query.uncertain_and_diverse(PROBA, [[1.0]], 1, rng)
    with pytest.raises(BadVotes, match="negative"):
        query.diverse([[1.0]], -1, rng)
