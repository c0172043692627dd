"""Laws of query strategies: no item twice, the same seed the same batch, nothing asked of what is no number."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldseam.stats import designs, query
from goldseam.stats.votes import BadVotes

Choose = Callable[[np.ndarray, np.ndarray, int, np.random.Generator], np.ndarray]

BATCHES: dict[str, Choose] = {
    "diverse": lambda _p, x, n, rng: query.diverse(x, n, rng),
    "typical": lambda _p, x, n, rng: query.typical(x, n, rng),
    "typical, some labeled": lambda _p, x, n, rng: query.typical(x, n, rng, labeled=x[:2]),
    "k-center": lambda _p, x, n, rng: query.k_center(x, n, rng),
    "k-center, some labeled": lambda _p, x, n, rng: query.k_center(x, n, rng, labeled=x[:2]),
    "new distribution": lambda _p, x, n, rng: query.new_distribution(x, n, rng, labeled=x[:2]),
    "uncertain and diverse": lambda p, x, n, rng: query.uncertain_and_diverse(p, x, n, rng, breadth=2),
    "gradients": query.gradients,
    "hybrid": lambda p, x, n, rng: query.hybrid(x, p, n, rng, labeled=x[:2], noise=0.2, breadth=2),
    "hybrid, cold": lambda _p, x, n, rng: query.hybrid(x, None, n, rng),
    "hybrid, by cost": lambda p, x, n, rng: query.hybrid(x, p, n, rng, cost=1.0 + np.arange(len(x))),
    "hybrid, cold, by cost": lambda _p, x, n, rng: query.hybrid(x, None, n, rng, cost=1.0 + np.arange(len(x))),
    "torn": lambda p, _x, n, rng: query.torn(p, n, rng)[:n],
    "first by density": lambda p, x, n, rng: query.first(
        query.density_weighted(query.margin(p), x), min(n, len(x)), rng
    ),
}
SCORES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "margin": query.margin,
    "least confidence": query.least_confidence,
    "entropy": query.entropy,
    "vote entropy": lambda p: query.vote_entropy(np.stack([p, p[:, ::-1], p])),
    "divergence": lambda p: query.divergence(np.stack([p, p[:, ::-1], p])),
    "rare label": lambda p: query.rare_label(p, np.arange(p.shape[1])),
    "density": lambda p: query.density_weighted(query.margin(p), p),
    "novelty": lambda p: query.novelty(p, p[:3], np.random.default_rng(0)),
}


def pool(n: int, seed: int, kinds: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities and features of n items; with `kinds`, only so many different ones."""
    rng = np.random.default_rng(seed)
    proba, features = rng.dirichlet(np.ones(3), size=n), rng.normal(size=(n, 4)).astype(np.float32)
    if kinds and n:
        row = rng.integers(0, kinds, size=n) % n
        return proba[row], features[row]
    return proba, features


@pytest.mark.parametrize("name", BATCHES)
@settings(max_examples=25, deadline=None)
@given(n_pool=st.integers(1, 40), n=st.integers(0, 60), seed=st.integers(0, 9), kinds=st.sampled_from([None, 1, 2, 5]))
def test_a_batch_has_no_item_twice_is_as_large_as_can_be_and_replays(
    name: str, n_pool: int, n: int, seed: int, kinds: int | None
) -> None:
    proba, features = pool(n_pool, seed, kinds)
    one, again = (BATCHES[name](proba, features, n, np.random.default_rng(seed)) for _ in range(2))
    assert one.dtype == np.int64
    assert one.tolist() == again.tolist()
    assert len(one) == len(set(one.tolist())) == min(n, n_pool)
    assert all(0 <= index < n_pool for index in one.tolist())


@pytest.mark.parametrize("name", SCORES)
@settings(max_examples=25, deadline=None)
@given(n=st.integers(3, 30), seed=st.integers(0, 9))
def test_scores_go_with_their_items_when_the_pool_is_shuffled_and_are_numbers(name: str, n: int, seed: int) -> None:
    proba, _ = pool(n, seed)
    moved = np.concatenate([[0, 1, 2], 3 + np.random.default_rng(seed).permutation(n - 3)])  # some laws know the first
    scores = SCORES[name](proba)
    assert scores.shape == (n,)
    assert (np.isfinite(scores) & (scores >= 0)).all()
    assert SCORES[name](proba[moved]) == pytest.approx(scores[moved], abs=1e-9)


@pytest.mark.parametrize("name", SCORES)
def test_what_is_alike_scores_alike(name: str) -> None:
    same = np.full((7, 3), 1 / 3)
    assert len(set(SCORES[name](same).round(12).tolist())) == 1


@pytest.mark.parametrize("name", ["k-center, some labeled", "hybrid", "uncertain and diverse", "typical"])
def test_a_shuffled_pool_gives_a_batch_of_the_same_spread(name: str) -> None:
    """Chance sees another order, so the batch may differ; what it covers may not."""
    proba, features = pool(200, 3)
    moved = np.concatenate([[0, 1], 2 + np.random.default_rng(1).permutation(198)])
    reach = []
    for p, x in ((proba, features), (proba[moved], features[moved])):
        chosen = [BATCHES[name](p, x, 20, np.random.default_rng(seed)) for seed in range(5)]
        apart = [np.linalg.norm(x[:, None] - x[one][None], axis=2).min(axis=1).mean() for one in chosen]
        reach.append(np.mean(apart))
    assert reach[0] == pytest.approx(reach[1], rel=0.1)


@pytest.mark.parametrize("name", [name for name in BATCHES if name != "torn"])
def test_features_that_are_no_numbers_are_refused_with_their_place(name: str) -> None:
    proba, features = pool(20, 0)
    features[17, 2] = np.nan
    with pytest.raises(BadVotes, match="features has nan in row 17, column 2; a finite number would be right"):
        BATCHES[name](proba, features, 3, np.random.default_rng(0))


@pytest.mark.parametrize("name", ["uncertain and diverse", "gradients", "hybrid", "torn"])
def test_probabilities_that_are_no_numbers_are_refused_with_their_place(name: str) -> None:
    proba, features = pool(20, 0)
    proba[5, 1] = np.inf
    with pytest.raises(BadVotes, match="proba has inf in row 5, column 1"):
        BATCHES[name](proba, features, 3, np.random.default_rng(0))
    with pytest.raises(BadVotes, match="between 0 and 1"):
        BATCHES[name](-np.ones((20, 2)), features, 3, np.random.default_rng(0))


@pytest.mark.parametrize("name", ["k-center, some labeled", "hybrid", "diverse", "gradients"])
def test_single_precision_on_disk_gives_what_it_gives_in_memory(name: str, tmp_path) -> None:
    proba, features = pool(300, 2)
    np.save(tmp_path / "x.npy", features)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    chosen = [BATCHES[name](proba, x, 12, np.random.default_rng(0)).tolist() for x in (features, mapped)]
    assert chosen[0] == chosen[1]


@settings(max_examples=40, deadline=None)
@given(
    cost=st.lists(st.floats(0.1, 10.0), min_size=1, max_size=30), budget=st.floats(0.0, 60.0), seed=st.integers(0, 9)
)
def test_what_a_budget_buys_costs_no_more_and_leaves_nothing_that_fits(
    cost: list[float], budget: float, seed: int
) -> None:
    order = np.random.default_rng(seed).permutation(len(cost))
    bought = query.within_budget(order, cost, budget)
    spent = sum(cost[index] for index in bought.tolist())
    assert spent <= budget * (1 + 1e-9)
    assert all(spent + cost[index] > budget * (1 - 1e-9) for index in set(order.tolist()) - set(bought.tolist()))
    n = designs.certain_number(cost, budget, len(cost))
    assert sum(sorted(cost)[::-1][:n]) <= budget * (1 + 1e-9)
