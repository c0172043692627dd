"""Drift: alarms at the promised rate where nothing moved, power where something did, and new kinds found as groups."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import binom, chi2_contingency

from goldseam.stats import drift
from goldseam.stats.votes import BadVotes


@pytest.mark.parametrize("heavy", [False, True])
def test_inputs_of_one_kind_give_an_alarm_no_more_often_than_promised(heavy: bool) -> None:
    rng = np.random.default_rng(3)
    looks, alpha = 200, 0.1

    def drawn(n: int) -> np.ndarray:
        return rng.standard_cauchy((n, 4)) if heavy else rng.normal(size=(n, 4))

    alarms = sum((drift.inputs(drawn(40), drawn(25), rng=rng, permutations=49).p or 1) <= alpha for _ in range(looks))
    assert alarms <= binom.ppf(0.9999, looks, alpha)
    assert alarms >= binom.ppf(0.0001, looks, alpha), "a test that never alarms keeps its promise, too"


@pytest.mark.parametrize("shares", [[0.5, 0.5], [0.7, 0.2, 0.05, 0.05], [0.96, 0.01, 0.01, 0.02]])
def test_labels_of_the_same_shares_give_an_alarm_no_more_often_than_promised(shares: list[float]) -> None:
    rng = np.random.default_rng(4)
    looks, alpha = 300, 0.1
    alarms = 0
    for _ in range(looks):
        before, now = rng.multinomial(80, shares), rng.multinomial(50, shares)
        found = drift.labels(before, now, rng=rng, draws=99).p
        alarms += found is not None and found <= alpha
    assert alarms <= binom.ppf(0.9999, looks, alpha)


def test_the_distance_is_the_one_of_the_formula_and_p_the_share_of_all_ways_to_part() -> None:
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(5, 2)), rng.normal(size=(5, 2)) + 1.0
    both = np.concatenate([x, y])
    apart = ((both[:, None] - both[None]) ** 2).sum(axis=2)
    k = np.exp(-apart / (2.0 * np.median(apart[np.triu_indices(10, 1)])))

    def distance(now: tuple[int, ...]) -> float:
        rest = [at for at in range(10) if at not in now]

        def mean(a: list[int], b: list[int]) -> float:
            return float(np.mean([k[i, j] for i in a for j in b if i != j]))

        return mean(rest, rest) + mean(list(now), list(now)) - 2 * mean(rest, list(now))

    seen = distance((5, 6, 7, 8, 9))
    share = np.mean([distance(now) >= seen - 1e-9 for now in combinations(range(10), 5)])
    found = drift.inputs(x, y, rng=rng, permutations=4999)
    assert found.statistic == pytest.approx(seen, abs=1e-6)
    assert found.p == pytest.approx(share, abs=0.03)


def test_shares_agree_with_the_chi_square_test_where_that_one_holds() -> None:
    before, now = np.array([400, 300, 300]), np.array([220, 130, 150])
    expected = chi2_contingency([before, now], lambda_="log-likelihood")[1]
    assert drift.labels(before, now, rng=np.random.default_rng(6)).p == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize("share", [0.15, 0.3])
def test_a_known_shift_is_noticed(share: float) -> None:
    rng = np.random.default_rng(7)
    before = rng.normal(size=(500, 20))
    now = rng.normal(size=(300, 20))
    n = int(share * 300)
    now[:n] += 3.0
    assert drift.inputs(before, now, rng=rng).p == 0.001
    fresh = drift.novel(before, now)
    assert fresh[:n].mean() > 0.95
    assert fresh[n:].mean() < 0.05
    (first, *_) = drift.groups(now, np.flatnonzero(fresh))
    assert np.mean(first.place < n) > 0.95
    assert len(first.place) > 0.8 * n


def test_two_new_kinds_are_two_groups() -> None:
    rng = np.random.default_rng(8)
    now = rng.normal(size=(300, 8))
    now[:40, 0] += 30
    now[40:70, 1] += 30
    fresh = np.flatnonzero(drift.novel(rng.normal(size=(400, 8)), now))
    made = drift.groups(now, fresh)
    first, second = (set(one.place.tolist()) for one in made[:2])
    assert len(first) > 30
    assert len(second) > 20
    assert first <= set(range(40))
    assert second <= set(range(40, 70))


def test_more_inputs_than_are_compared_are_drawn_from_and_what_never_moves_is_no_drift() -> None:
    rng = np.random.default_rng(9)
    found = drift.inputs(np.zeros((5000, 3)), np.zeros((3000, 3)), rng=rng, most=100, permutations=19)
    assert (found.n_before, found.n_now, found.p) == (100, 100, 1.0)
    assert not drift.novel(np.zeros((50, 2)), np.zeros((20, 2)), rate=0.1).any()


def test_too_little_is_no_answer_and_what_means_nothing_is_refused() -> None:
    rng = np.random.default_rng(10)
    assert drift.inputs(np.zeros((4, 2)), np.zeros((50, 2)), rng=rng).p is None
    assert "Too little" in drift.labels([2, 1], [50, 50], rng=rng).reason
    assert drift.labels([50, 0], [50, 0], rng=rng).p == 1.0
    for before, now in ((np.zeros((9, 2)), np.zeros((9, 3))), (np.full((9, 2), np.nan), np.zeros((9, 2)))):
        with pytest.raises(BadVotes):
            drift.inputs(before, now, rng=rng)
    with pytest.raises(BadVotes, match="same labels"):
        drift.labels([1, 2, 3], [1, 2], rng=rng)
    with pytest.raises(BadVotes, match="whole numbers"):
        drift.labels([1.5, 2], [1, 2], rng=rng)
