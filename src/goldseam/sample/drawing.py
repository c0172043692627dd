"""Draw: items chosen from the pool in one go, each with its inclusion chance.

In: a `Pool`, the policy, `rng`. Out: a `Draw` that the same pool and seed give again. Never: an item drawn twice, or a
chance that is not known.

A deterministic part (margin, diversity) has chance 1 given the pool and the seed; the random share beside it has the
known chance of the rest of the pool, so that estimates divided by the chance stay unbiased.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from goldseam.sample.policy import Policy
from goldseam.stats import designs, query
from goldseam.vocab.errors import BadPolicy, BadValue, nearest


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Items that may be drawn: positions, and per row what strategies need.

    `proba` (n, labels) are the suggester's probabilities, `features` (n, d) describe contents, `strata` (n,) holds the
    number of each item's stratum.
    """

    position: NDArray[np.int64]
    proba: NDArray[np.floating] | None = None
    features: NDArray[np.floating] | None = None
    strata: NDArray[np.integer] | None = None

    def __post_init__(self) -> None:
        if len(np.unique(self.position)) != len(self.position):
            raise BadValue("A pool names each position once.")
        for name, rows in (("proba", self.proba), ("features", self.features), ("strata", self.strata)):
            if rows is not None and len(rows) != len(self.position):
                raise BadValue(f"A pool has one row of {name} per item: {len(self.position)}; got {len(rows)}.")


@dataclass(frozen=True, slots=True, eq=False)
class Draw:
    """Items in the order in which they are wanted: `rank` 0 first; `chance` is each one's inclusion chance."""

    position: NDArray[np.int64]
    chance: NDArray[np.float64]
    rank: NDArray[np.int32]
    strategy: str
    n_pool: int


Strategy = Callable[[Pool, int, Policy, np.random.Generator], Draw]


def draw(pool: Pool, policy: Policy, rng: np.random.Generator) -> Draw:
    """Draw `policy.batch` items (or the whole pool, if it is smaller) by `policy.strategy`.

    Raises
    ------
    BadPolicy
        If the strategy is unknown, or needs what the pool lacks (probabilities, features, strata).
    """
    strategy = STRATEGIES.get(policy.strategy)
    if strategy is None:
        raise BadPolicy(f"There is no strategy {policy.strategy!r}.{nearest(policy.strategy, STRATEGIES)}")
    return strategy(pool, min(policy.batch, len(pool.position)), policy, rng)


def needs_features(policy: Policy, *, has_model: bool) -> bool:
    """Return whether the strategy will look at features, so that the caller need not compute them in vain."""
    return policy.strategy == "diversity" or (policy.strategy == "auto" and not has_model)


def _random(pool: Pool, n: int, policy: Policy, rng: np.random.Generator) -> Draw:
    del policy
    return _drawn(pool, designs.random(len(pool.position), n, rng), "random")


def _stratified(pool: Pool, n: int, policy: Policy, rng: np.random.Generator) -> Draw:
    if pool.strata is None:
        raise BadPolicy(
            f"sample.strategy 'stratified' needs each item's {policy.stratify_by!r}, and the pool has none."
        )
    return _drawn(pool, designs.stratified(pool.strata, n, rng), "stratified")


def _margin(pool: Pool, n: int, policy: Policy, rng: np.random.Generator) -> Draw:
    if pool.proba is None:
        raise BadPolicy("sample.strategy 'margin' needs a model, and there is none yet: 'auto' begins without one.")
    return _drawn(pool, designs.by_score(query.margin(pool.proba), n, policy.random_share, rng), "margin")


def _diversity(pool: Pool, n: int, policy: Policy, rng: np.random.Generator) -> Draw:
    if pool.features is None:
        raise BadPolicy("sample.strategy 'diversity' needs features of the items, and the pool has none.")
    n_random = int(np.ceil(n * policy.random_share))
    top = query.diverse(pool.features, n - n_random, rng)
    others = np.setdiff1d(np.arange(len(pool.position)), top)
    rest = designs.random(len(others), n_random, rng)
    index = np.concatenate([top, others[rest.index]]).astype(np.int64)
    chance = np.concatenate([np.ones(len(top)), rest.chance])
    return _drawn(pool, designs.Chosen(index, chance), "diversity")


def _auto(pool: Pool, n: int, policy: Policy, rng: np.random.Generator) -> Draw:
    if pool.proba is not None:
        return _margin(pool, n, policy, rng)
    return (_random if pool.features is None else _diversity)(pool, n, policy, rng)


def _drawn(pool: Pool, chosen: designs.Chosen, strategy: str) -> Draw:
    n = len(chosen.index)
    return Draw(pool.position[chosen.index], chosen.chance, np.arange(n, dtype=np.int32), strategy, len(pool.position))


STRATEGIES: Mapping[str, Strategy] = MappingProxyType(
    {"auto": _auto, "random": _random, "stratified": _stratified, "diversity": _diversity, "margin": _margin}
)
"""The strategies by name; a plug-in is one more key. `auto` is margin once there is a model, before that diversity."""
