"""Certified: where labels of an audit are spent, group by group, and which suggestions a certificate accepts.

In: confidence and group of every suggestion of the pool, a guide, the policy. Out: `Planned` audits. Never: a group whose
certificate leans on another's labels; a threshold that was not tested.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from goldseam.route.policy import Policy
from goldseam.stats import certify
from goldseam.stats.certify import Audit, Certificate
from goldseam.stats.risk import Bounds, clopper_pearson

MOST_POINTS = 40
"""Zones that a chart shows."""
USUAL = (0.8, 0.9, 0.95, 0.99)
"""Fixed thresholds that people would choose, to be seen beside a certified one."""
FEW = 50
"""With fewer known suggestions of a group than this, all known ones guide its audit."""


@dataclass(frozen=True, slots=True, eq=False)
class Guide:
    """Suggestions whose rightness is known, by cross-fitting: confidence, group and whether each is right."""

    confidence: NDArray[np.float64]
    group: NDArray[np.int64]
    right: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Planned:
    """The audit of one group: `place` are its items' places in the pool, which `audit` speaks of by their places in `place`."""

    group: int
    place: NDArray[np.int64]
    audit: Audit

    def draw(self, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return places in the pool of the items to be labeled, and the rank of each in its group, ascending."""
        drawn = self.audit.draw(rng)
        rank_of = np.empty(len(self.audit.order), np.int64)
        rank_of[self.audit.order] = np.arange(len(self.audit.order))
        order = np.argsort(rank_of[drawn])
        return self.place[drawn[order]], rank_of[drawn][order]

    @property
    def chance(self) -> float:
        """The chance with which each item of the audited zone is drawn."""
        return min(self.audit.n, self.top) / self.top if self.top else 0.0

    @property
    def top(self) -> int:
        """How many items the largest zone has; 0 if no zone has a chance to pass."""
        return int(self.audit.sizes[-1]) if len(self.audit.sizes) else 0


def plan(
    group: NDArray[np.integer], confidence: NDArray[np.floating], guide: Guide, policy: Policy, n: int
) -> tuple[Planned, ...]:
    """Return the audit of each group of the pool, `n` labels in all; each group at its part of `policy.delta`.

    Bonferroni: with chance 1 - `delta` no group breaks its bound. A group in which an audit would look at as many items as
    it could accept is not audited.
    """
    if policy.error is None or not len(group):
        return ()
    names, sizes = np.unique(group, return_counts=True)
    spent = shares(sizes.tolist(), n)
    found = []
    for name, labels in zip(names.tolist(), spent, strict=True):
        place = np.flatnonzero(np.asarray(group) == name)
        mine = guide.group == name
        known = mine if mine.sum() >= FEW else np.ones(len(guide.right), np.bool_)
        audit = certify.plan(
            confidence[place],
            guide.confidence[known],
            guide.right[known],
            n=max(labels, 1),
            error=policy.error,
            delta=policy.delta / len(names),
        )
        planned = Planned(name, place, audit)
        if not labels or planned.top <= labels:
            planned = replace(planned, audit=replace(audit, sizes=audit.sizes[:0], predicted=audit.predicted[:0]))
        found.append(planned)
    return tuple(found)


def shares(sizes: Sequence[int], n: int) -> tuple[int, ...]:
    """Return how many of `n` labels each group gets: as many as every other, but none more than it has items.

    Examples
    --------
    >>> shares([10, 500, 500], 100)
    (10, 45, 45)
    """
    given = [0] * len(sizes)
    left = min(n, sum(sizes))
    while left > 0:
        open_ = [at for at, size in enumerate(sizes) if given[at] < size]
        each = max(1, left // len(open_))
        for at in open_:
            more = min(each, sizes[at] - given[at], left)
            given[at] += more
            left -= more
    return tuple(given)


def kept(size: int, sizes: Sequence[int], thresholds: Sequence[float], n: int, error: float, delta: float) -> Audit:
    """Return an audit from what was written down of it: items are known by their ranks from then on."""
    confidence = np.zeros(size)
    confidence[np.asarray(sizes, np.int64) - 1] = thresholds
    zones = np.asarray(sizes, np.int64)
    return Audit(np.arange(size, dtype=np.int64), confidence, zones, np.zeros(len(zones)), n, error, delta)


def prove(audit: Audit, rank: NDArray[np.int64], right: NDArray[np.bool_]) -> Certificate:
    """Return the certificate that labels of the drawn ranks prove."""
    return certify.certify(audit, rank, right)


@dataclass(frozen=True, slots=True)
class Fixed:
    """What the audit says of a fixed threshold: of `n` items looked at above it, `wrong` are; exact bounds of 95 %."""

    threshold: float
    n: int
    wrong: int
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class Point:
    """One zone as the audit saw it: of its share `coverage` of the pool, `n` items were looked at and `wrong` were."""

    threshold: float
    coverage: float
    n: int
    wrong: int
    bounds: Bounds


def curve(
    audit: Audit, rank: NDArray[np.int64], right: NDArray[np.bool_], most: int = MOST_POINTS
) -> tuple[Point, ...]:
    """Return coverage against error at zones of the audit, evenly spread, the smallest first; exact bounds of 95 % for each."""
    sizes = audit.sizes[np.unique(np.linspace(0, len(audit.sizes) - 1, min(len(audit.sizes), most)).astype(np.int64))]
    made = []
    for size in np.unique(sizes).tolist():
        inside = np.asarray(rank) < size
        n, wrong = int(inside.sum()), int((inside & ~np.asarray(right)).sum())
        place = audit.order[size - 1]
        made.append(Point(float(audit.confidence[place]), size / len(audit.order), n, wrong, clopper_pearson(wrong, n)))
    return tuple(made)


def reach(audit: Audit, threshold: float) -> float:
    """Return about which share of the pool lies above a threshold: that of the largest zone that does."""
    above = [size for size in audit.sizes.tolist() if audit.confidence[audit.order[size - 1]] >= threshold]
    return max(above, default=0) / len(audit.order) if len(audit.order) else 0.0


def beside(threshold: float, confidence: NDArray[np.floating], right: NDArray[np.bool_]) -> Fixed:
    """Return what a fixed threshold would have let through, among the items of an audit."""
    above = np.asarray(confidence) >= threshold
    n, wrong = int(above.sum()), int((above & ~right).sum())
    return Fixed(threshold, n, wrong, clopper_pearson(wrong, n))


def accepts(
    group: NDArray[np.integer], confidence: NDArray[np.floating], thresholds: Mapping[int, float]
) -> NDArray[np.bool_]:
    """Return which suggestions the certified thresholds of their groups accept."""
    found = np.zeros(len(group), np.bool_)
    for name, threshold in thresholds.items():
        found |= (np.asarray(group) == name) & (np.asarray(confidence) >= threshold)
    return found
