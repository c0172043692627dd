"""Draw: items chosen from the pool in one go, each with its inclusion chance.

In: a `Pool`, the policy, `rng`. Out: a `Draw` that the same pool and seed give again. Never: an item drawn twice, or a
chance that is not known.

A deterministic part (margin, diversity) has chance 1 given the pool and the seed; the random share beside it has the
known chance of the rest of the pool, so that estimates divided by the chance stay unbiased.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goldseam.sample.choosing import SURE, Pool, Sure, missing, resolved
from goldseam.sample.policy import STRATEGY_NAMES, Policy
from goldseam.stats import designs, query
from goldseam.vocab.errors import BadPolicy, nearest


@dataclass(frozen=True, slots=True, eq=False)
class Draw:
    """Items in the order in which they are wanted: `rank` 0 first; `chance` is each one's inclusion chance."""

    position: NDArray[np.int64]
    chance: NDArray[np.float64]
    rank: NDArray[np.int32]
    strategy: str
    n_pool: int


def draw(pool: Pool, policy: Policy, rng: np.random.Generator) -> Draw:
    """Draw `policy.batch` items (or the whole pool, if it is smaller) by `policy.strategy`, for `policy.spend` at most.

    Raises
    ------
    BadPolicy
        If the strategy is unknown, or needs what the pool lacks (probabilities, features, strata).
    """
    if policy.strategy not in STRATEGY_NAMES:
        raise BadPolicy(f"There is no strategy {policy.strategy!r}.{nearest(policy.strategy, STRATEGY_NAMES)}")
    name = resolved(
        policy,
        has_model=pool.proba is not None,
        has_features=pool.features is not None,
        n_models=0 if pool.committee is None else len(pool.committee),
    )
    lacking = missing(pool, name)
    if lacking:
        raise BadPolicy(f"sample.strategy {name!r} needs {lacking}.")
    chosen = _chosen(pool, min(policy.batch, len(pool.position)), name, policy, rng)
    ranks = np.arange(len(chosen.index), dtype=np.int32)
    return Draw(pool.position[chosen.index], chosen.chance, ranks, name, len(pool.position))


def _chosen(pool: Pool, n: int, name: str, policy: Policy, rng: np.random.Generator) -> designs.Chosen:
    if name == "random":
        return designs.random(len(pool.position), _paid(pool, policy, n), rng)
    if name == "stratified":
        assert pool.strata is not None  # noqa: S101 - `missing` has seen to it
        return designs.stratified(pool.strata, _paid(pool, policy, n), rng)
    return _beside(pool, n, policy, rng, SURE[name])


def _beside(pool: Pool, n: int, policy: Policy, rng: np.random.Generator, sure: Sure) -> designs.Chosen:
    """Choose for certain, and a share beside that at random, within what may be spent."""
    n_random = designs.share_of(n, policy.random_share)
    if policy.spend is None:
        return designs.beside(sure(pool, n - n_random, policy, rng), len(pool.position), n_random, rng)
    cost = _cost(pool)
    n_random = designs.certain_number(cost, policy.spend * policy.random_share, n_random)
    kept_back = float(np.sort(cost)[::-1][:n_random].sum())
    wish = sure(pool, n - n_random, policy, rng)
    top = query.within_budget(wish, cost, policy.spend - kept_back)
    return designs.beside(top, len(pool.position), n_random, rng)


def _paid(pool: Pool, policy: Policy, n: int) -> int:
    return n if policy.spend is None else designs.certain_number(_cost(pool), policy.spend, n)


def _cost(pool: Pool) -> NDArray[np.float64]:
    return np.ones(len(pool.position)) if pool.cost is None else pool.cost
