"""Choosing: the strategies by name, what each looks at, and what it falls back on where that is not there yet.

In: a `Pool`, a number of items, the policy, `rng`. Out: rows of the pool, the most wanted first. Never: a share left to
chance; `drawing` adds that, with its chances.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from goldseam.sample.policy import Policy
from goldseam.stats import query
from goldseam.vocab.errors import BadValue

Index = NDArray[np.int64]
Table = NDArray[np.floating]

MOST_DESCRIBED = 50_000
"""Features are made of this many items of a pool at most."""


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Items that may be drawn: positions, and per row what strategies need.

    `proba` (n, labels) are the suggester's probabilities, `committee` (members, n, labels) those of several models, `strata`
    (n,) holds the number of each item's stratum, `cost` (n,) what asking about it costs. `features` (m, d) describe contents:
    of the rows that `described` (m,) names, or of all; `labeled` (k, d) are those of labeled items. `counts` (labels,) says
    how often each label was given.
    """

    position: Index
    proba: Table | None = None
    features: Table | None = None
    strata: NDArray[np.integer] | None = None
    described: Index | None = None
    labeled: Table | None = None
    committee: Table | None = None
    counts: NDArray[np.integer] | None = None
    cost: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        n = len(self.position)
        if len(np.unique(self.position)) != n:
            raise BadValue("A pool names each position once.")
        member = None if self.committee is None or not len(self.committee) else self.committee[0]
        rows_of = {"proba": self.proba, "strata": self.strata, "cost": self.cost, "committee": member}
        for name, rows in rows_of.items():
            if rows is not None and len(rows) != n:
                raise BadValue(f"A pool has one row of {name} per item: {n}; got {len(rows)}.")
        if self.features is not None and len(self.features) != len(self.rows):
            raise BadValue(
                f"A pool has one row of features per item described: {len(self.rows)}; got {len(self.features)}."
            )

    @property
    def rows(self) -> Index:
        """The rows that features describe."""
        return np.arange(len(self.position)) if self.described is None else self.described


Sure = Callable[[Pool, int, Policy, np.random.Generator], Index]
"""Chooses rows of a pool, the most wanted first."""


def resolved(policy: Policy, *, has_model: bool, has_features: bool = True, n_models: int = 2) -> str:
    """Return the strategy that a draw comes to with what there is.

    `auto` is `hybrid`. What goes by a model begins by diversity while there is none, and a committee by margin while it has
    one member.
    """
    name = "hybrid" if policy.strategy == "auto" else policy.strategy
    if has_model:
        alone = "committee" in LOOKS_AT[name] and n_models < 2
        return "margin" if alone or (name == "hybrid" and not has_features) else name
    if "proba" not in LOOKS_AT[name]:
        return name
    if has_features:
        return "diversity"
    return "random" if name == "hybrid" else name


def needs(policy: Policy, *, has_model: bool, n_models: int = 2) -> frozenset[str]:
    """Return which fields of a pool the strategy will look at, so that the caller need not fill others in vain."""
    name = resolved(policy, has_model=has_model, n_models=n_models)
    looks_at = LOOKS_AT[name]
    return looks_at - {"labeled"} if name == "hybrid" and policy.noise == 0 else looks_at


def missing(pool: Pool, name: str) -> str:
    """Return what a pool lacks that this strategy cannot do without, in words; empty if nothing."""
    lacks = {
        "proba": "a model, and there is none yet: 'auto' begins without one",
        "features": "features of the items, and the pool has none",
        "strata": "each item's value of sample.stratify_by, and the pool has none",
        "counts": "to know how often each label was given, and nothing is settled yet",
    }
    return next((what for field, what in lacks.items() if field in LOOKS_AT[name] and getattr(pool, field) is None), "")


def shortlist(pool: Pool, policy: Policy, rng: np.random.Generator) -> Index:
    """Return the rows that are worth being described by features, so that a large pool need not be as a whole.

    Once there is a model, `hybrid` looks at the most uncertain ones only; other strategies at so many drawn at random.
    """
    n = len(pool.position)
    if pool.proba is not None and resolved(policy, has_model=True) == "hybrid":
        return np.sort(query.torn(pool.proba, min(policy.batch, n), rng, cost=pool.cost))
    if n <= MOST_DESCRIBED:
        return np.arange(n)
    return np.sort(rng.choice(n, size=MOST_DESCRIBED, replace=False, shuffle=False))


def _by(score: Callable[[Pool], NDArray[np.float64]]) -> Sure:
    """Return the strategy that takes the highest scores."""

    def choose(pool: Pool, n: int, policy: Policy, rng: np.random.Generator) -> Index:
        del policy
        return query.first(score(pool), n, rng)

    return choose


def _among_described(choose: Sure) -> Sure:
    """Return the strategy that chooses among the rows that features describe, and fills up from the others at random."""

    def chosen(pool: Pool, n: int, policy: Policy, rng: np.random.Generator) -> Index:
        rows = pool.rows
        found = rows[choose(pool, min(n, len(rows)), policy, rng)]
        if len(found) == n:
            return found
        rest = np.setdiff1d(np.arange(len(pool.position)), found)
        return np.concatenate([found, rng.permutation(rest)[: n - len(found)]])

    return chosen


def _there(table: NDArray[np.generic] | None) -> Table:
    assert table is not None  # noqa: S101 - `missing` has seen to it
    return table  # type: ignore[return-value]  # counts are whole numbers, which kernels take as well


def _hybrid(pool: Pool, n: int, policy: Policy, rng: np.random.Generator) -> Index:
    proba = None if pool.proba is None else pool.proba[pool.rows]
    cost = None if pool.cost is None else pool.cost[pool.rows]
    return query.hybrid(
        _there(pool.features), proba, n, rng, labeled=pool.labeled, cost=cost, noise=policy.noise or 0.0
    )


def _diversity(pool: Pool, n: int, policy: Policy, rng: np.random.Generator) -> Index:
    if policy.strategy == "diversity":
        return query.diverse(_there(pool.features), n, rng)
    cost = None if pool.cost is None else pool.cost[pool.rows]
    return query.hybrid(_there(pool.features), None, n, rng, cost=cost)


def _density(pool: Pool, n: int, policy: Policy, rng: np.random.Generator) -> Index:
    del policy
    uncertain = query.margin(_there(pool.proba)[pool.rows])
    return query.first(query.density_weighted(uncertain, _there(pool.features)), n, rng)


def _k_center(pool: Pool, n: int, policy: Policy, rng: np.random.Generator) -> Index:
    del policy
    return query.k_center(_there(pool.features), n, rng, labeled=pool.labeled)


def _typical(pool: Pool, n: int, policy: Policy, rng: np.random.Generator) -> Index:
    del policy
    return query.typical(_there(pool.features), n, rng, labeled=pool.labeled)


def _new(pool: Pool, n: int, policy: Policy, rng: np.random.Generator) -> Index:
    del policy
    return query.new_distribution(_there(pool.features), n, rng, labeled=pool.labeled)


def _gradients(pool: Pool, n: int, policy: Policy, rng: np.random.Generator) -> Index:
    del policy
    return query.gradients(_there(pool.proba)[pool.rows], _there(pool.features), n, rng)


SURE: Mapping[str, Sure] = MappingProxyType(
    {
        "hybrid": _among_described(_hybrid),
        "diversity": _among_described(_diversity),
        "margin": _by(lambda pool: query.margin(_there(pool.proba))),
        "least_confidence": _by(lambda pool: query.least_confidence(_there(pool.proba))),
        "entropy": _by(lambda pool: query.entropy(_there(pool.proba))),
        "vote_entropy": _by(lambda pool: query.vote_entropy(_there(pool.committee))),
        "divergence": _by(lambda pool: query.divergence(_there(pool.committee))),
        "rare_label": _by(lambda pool: query.rare_label(_there(pool.proba), _there(pool.counts))),
        "density": _among_described(_density),
        "k_center": _among_described(_k_center),
        "typical": _among_described(_typical),
        "new_distribution": _among_described(_new),
        "gradients": _among_described(_gradients),
    }
)
"""The strategies that leave nothing to chance, by name; a plug-in is one more key."""

LOOKS_AT: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "random": frozenset(),
        "stratified": frozenset({"strata"}),
        "hybrid": frozenset({"proba", "features", "labeled"}),
        "diversity": frozenset({"features"}),
        "margin": frozenset({"proba"}),
        "least_confidence": frozenset({"proba"}),
        "entropy": frozenset({"proba"}),
        "vote_entropy": frozenset({"proba", "committee"}),
        "divergence": frozenset({"proba", "committee"}),
        "rare_label": frozenset({"proba", "counts"}),
        "density": frozenset({"proba", "features"}),
        "k_center": frozenset({"features", "labeled"}),
        "typical": frozenset({"features", "labeled"}),
        "new_distribution": frozenset({"features", "labeled"}),
        "gradients": frozenset({"proba", "features"}),
    }
)
"""The fields of a pool that each strategy looks at."""
