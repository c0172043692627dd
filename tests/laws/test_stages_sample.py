"""Laws of sampling: the chances are those that are stated, and estimates divided by them are right."""

from __future__ import annotations

import numpy as np
import pytest

from goldseam.sample.choosing import Pool
from goldseam.sample.drawing import draw
from goldseam.sample.policy import Policy
from goldseam.stats import designs

N_DRAWS = 3000


def frequencies(pool: Pool, policy: Policy) -> tuple[np.ndarray, np.ndarray]:
    """How often each item was drawn, and the chance it stated when it was."""
    rng = np.random.default_rng(0)
    n = len(pool.position)
    times, stated = np.zeros(n), np.zeros(n)
    for _ in range(N_DRAWS):
        found = draw(pool, policy, rng)
        times[found.position] += 1
        stated[found.position] = found.chance
    return times / N_DRAWS, stated


def test_random_draws_come_as_often_as_they_state():
    often, stated = frequencies(Pool(np.arange(20)), Policy(strategy="random", batch=7))
    assert stated == pytest.approx(np.full(20, 7 / 20))
    assert often == pytest.approx(stated, abs=0.04)


def test_stratified_draws_come_as_often_as_they_state_and_every_stratum_is_there():
    strata = np.array([0] * 12 + [1] * 6 + [2] * 2)
    pool, policy = Pool(np.arange(20), strata=strata), Policy(strategy="stratified", batch=6, stratify_by="site")
    often, stated = frequencies(pool, policy)
    assert often == pytest.approx(stated, abs=0.04)
    found = draw(pool, policy, np.random.default_rng(1))
    assert set(strata[found.position].tolist()) == {0, 1, 2}


def test_margin_draws_its_top_always_and_the_rest_as_often_as_it_states():
    lead = np.linspace(0.0, 0.9, 20)
    pool = Pool(np.arange(20), np.stack([0.5 + lead / 2, 0.5 - lead / 2], axis=1))
    often, stated = frequencies(pool, Policy(strategy="margin", batch=8, random_share=0.5))
    assert often[:4].tolist() == stated[:4].tolist() == [1.0] * 4
    assert stated[4:] == pytest.approx(np.full(16, 4 / 16))
    assert often[4:] == pytest.approx(stated[4:], abs=0.04)


@pytest.mark.parametrize("strategy", ["random", "stratified", "diversity", "margin", "hybrid", "rare_label"])
def test_a_total_divided_by_the_chances_is_right_on_average(strategy):
    make = np.random.default_rng(3)
    n = 60
    value = make.random(n) < 0.3
    # The strategies see what they choose by, and it goes along with the value: only the chances can put that right.
    tilt = np.clip(0.5 + 0.3 * value + 0.1 * make.normal(size=n), 0.01, 0.99)
    pool = Pool(
        np.arange(n),
        np.stack([tilt, 1 - tilt], 1),
        np.stack([tilt, make.random(n)], 1),
        value.astype(np.int64),
        counts=np.array([5, 1]),
    )
    policy = Policy(strategy=strategy, batch=20, random_share=0.4, stratify_by="site")
    rng = np.random.default_rng(4)
    totals = []
    for _ in range(150 if strategy in {"diversity", "hybrid"} else 600):
        found = draw(pool, policy, rng)
        totals.append((value[found.position] / found.chance).sum())
    error = np.std(totals) / np.sqrt(len(totals))
    assert abs(np.mean(totals) - value.sum()) < 4 * error + 1e-9


def test_accuracy_measured_on_biased_draws_is_that_of_the_pool_and_its_interval_holds():
    """Four rounds of uncertainty sampling: the naive share is far off, the weighted one is not."""
    make = np.random.default_rng(5)
    n = 600
    sure = make.random(n)
    right = (make.random(n) < 0.5 + 0.5 * sure).astype(float)
    lead = np.stack([0.5 + sure / 2, 0.5 - sure / 2], axis=1)
    rng = np.random.default_rng(6)
    naive, weighted, covered = [], [], []
    for _ in range(250):
        left, drawn = np.arange(n), []
        for _round in range(4):
            found = draw(Pool(left, lead[left]), Policy(strategy="margin", batch=60, random_share=0.3), rng)
            drawn.append(designs.Drawn(right[found.position], found.chance, len(left)))
            left = np.setdiff1d(left, found.position)
        estimate = designs.over_draws(drawn)
        naive.append(np.concatenate([one.values for one in drawn]).mean())
        weighted.append(estimate.value)
        covered.append(estimate.low <= right.mean() <= estimate.high)
    spread = np.std(weighted) / np.sqrt(len(weighted))
    assert abs(np.mean(weighted) - right.mean()) < 4 * spread
    assert abs(np.mean(naive) - right.mean()) > 0.05
    assert np.mean(covered) > 0.9
