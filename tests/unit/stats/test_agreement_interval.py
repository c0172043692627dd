"""The bootstrap interval covers the true value about as often as it says, and narrows as items come in."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from goldseam.stats import agreement
from goldseam.stats.agreement import Agreement, Statistic
from goldseam.stats.votes import BadVotes, Votes

SHARE = 0.7
"""Each vote repeats the item's label with this chance, and else is drawn like a label."""
CHANCES = np.array([0.5, 0.3, 0.2])
WEIGHTS = 1 - np.abs(np.arange(3)[:, None] - np.arange(3)) / 2


def crowd(rng: np.random.Generator, n_items: int, missing: float = 0.0) -> Votes:
    """Draw votes whose agreement is known: a pair is alike by SHARE**2, and else by chance."""
    truth = rng.choice(3, p=CHANCES, size=(n_items, 1))
    said = np.where(rng.random((n_items, 4)) < SHARE, truth, rng.choice(3, p=CHANCES, size=(n_items, 4)))
    said[rng.random(said.shape) < missing] = -1
    return Votes.from_matrix(said, labels=[0, 1, 2])


def truths() -> dict[str, tuple[Statistic, float]]:
    """Every statistic with its value in a crowd without end."""
    repeated = SHARE**2
    alike = CHANCES @ CHANCES
    observed = repeated + (1 - repeated) * alike
    near = repeated + (1 - repeated) * (CHANCES @ WEIGHTS @ CHANCES)
    guesses = (CHANCES * (1 - CHANCES)).sum()
    ac1, ac2 = guesses / 2, WEIGHTS.sum() * guesses / 6
    return {
        "alpha": (agreement.alpha, repeated),
        "alpha interval": (partial(agreement.alpha, level="interval"), repeated),
        "fleiss_kappa": (agreement.fleiss_kappa, repeated),
        "percent": (agreement.percent, observed),
        "gwet_ac1": (agreement.gwet_ac1, (observed - ac1) / (1 - ac1)),
        "gwet_ac2": (partial(agreement.gwet_ac2, weights="linear"), (near - ac2) / (1 - ac2)),
        "brennan_prediger": (agreement.brennan_prediger, (observed - 1 / 3) / (2 / 3)),
    }


@pytest.mark.parametrize("name", truths())
def test_each_statistic_finds_the_true_value_of_a_large_crowd(name: str) -> None:
    statistic, true = truths()[name]
    found = statistic(crowd(np.random.default_rng(5), 40_000, missing=0.3))
    assert found.value == pytest.approx(true, abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("name", truths())
def test_the_95_percent_interval_covers_the_true_value_about_95_times_of_100(name: str) -> None:
    statistic, true = truths()[name]
    rng = np.random.default_rng(sum(map(ord, name)))
    n_crowds, covered = 300, 0
    for _ in range(n_crowds):
        found = agreement.interval(crowd(rng, 150, missing=0.2), statistic, level=0.95, rng=rng, draws=300)
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= true <= found.high
    # 300 draws of a share of 0.95 have a standard error of 1.3 points; percentiles run a little narrow
    assert 0.90 <= covered / n_crowds <= 0.99


def test_sixteen_times_the_items_make_the_interval_a_quarter_as_wide() -> None:
    rng = np.random.default_rng(9)
    wide, narrow = (agreement.interval(crowd(rng, n_items), rng=rng, draws=2000) for n_items in (200, 3200))
    assert wide.low is not None
    assert wide.high is not None
    assert narrow.low is not None
    assert narrow.high is not None
    assert (narrow.high - narrow.low) / (wide.high - wide.low) == pytest.approx(1 / 4, abs=0.06)


def test_a_higher_level_is_a_wider_interval_around_the_same_value() -> None:
    votes = crowd(np.random.default_rng(2), 300)
    bounds = [agreement.interval(votes, level=level, rng=np.random.default_rng(1)) for level in (0.5, 0.8, 0.95, 0.99)]
    lows, highs = [found.low for found in bounds], [found.high for found in bounds]
    assert lows == sorted(lows, reverse=True)
    assert highs == sorted(highs)
    assert [found.level for found in bounds] == [0.5, 0.8, 0.95, 0.99]


def test_chance_is_an_argument_without_which_there_is_no_interval() -> None:
    with pytest.raises(TypeError, match="rng"):
        agreement.interval(crowd(np.random.default_rng(0), 20))  # type: ignore[call-arg]  # wrong on purpose


@pytest.mark.parametrize(("level", "draws"), [(0.0, 10), (1.0, 10), (95.0, 10), (0.95, 0)])
def test_a_level_beyond_0_and_1_or_no_draws_is_refused(level: float, draws: int) -> None:
    with pytest.raises(BadVotes, match="a level between 0 and 1"):
        agreement.interval(crowd(np.random.default_rng(0), 20), rng=np.random.default_rng(0), level=level, draws=draws)


def test_a_statistic_of_ones_own_has_an_interval_too() -> None:
    def mean_kappa(votes: Votes) -> Agreement:
        pairs = agreement.pairwise(votes)
        kappa = float(pairs.kappa.mean()) if pairs.defined.all() and len(pairs.kappa) else None
        return Agreement(kappa, "" if kappa is not None else "No pair.", votes.n_items, votes.n_votes, None, None)

    votes = crowd(np.random.default_rng(4), 150)
    found = agreement.interval(votes, mean_kappa, rng=np.random.default_rng(0), draws=80)
    assert found.low is not None
    assert found.high is not None
    assert found.low < mean_kappa(votes).value < found.high
