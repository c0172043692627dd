"""Clusters: k-means over the rows of a pool, weighted, a stretch of rows at a time; and what is central or typical in each.

In: rows of features. Out: members, and positions of rows. Never: the distances of all pairs of a pool.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from goldseam.stats.query._checks import Chosen, Floats, Scores, stretches

Members = NDArray[np.int64]

_ROUNDS = 10
_NEIGHBORS = 20
_AT_MOST = 2_000
"""Members of a cluster among which neighbors are looked for."""


def nearest(points: Floats, centers: Floats) -> tuple[Members, Floats]:
    """Return the nearest center of each point and the squared distance to it, a stretch at a time."""
    member = np.zeros(len(points), dtype=np.int64)
    apart = np.zeros(len(points), dtype=np.result_type(points, centers))
    squares = np.einsum("ij,ij->i", centers, centers)
    for rows in stretches(len(points), max(len(centers), points.shape[1])):
        part = np.asarray(points[rows])
        table = part @ centers.T
        table *= -2.0
        table += squares
        found = table.argmin(axis=1)
        member[rows] = found
        apart[rows] = table[np.arange(len(part)), found] + np.einsum("ij,ij->i", part, part)
    return member, np.maximum(apart, 0.0)


def kmeans(points: Floats, weight: Scores, k: int, rng: np.random.Generator) -> Floats:
    """Return `k` centers of weighted k-means, begun by k-means++; a center that lost its points stays where it was."""
    centers = points[spread(len(points), weight, k, rng, distances(points))].copy()
    member = np.zeros(0, dtype=np.int64)
    for _ in range(_ROUNDS):
        found, _apart = nearest(points, centers)
        if np.array_equal(found, member):
            break
        member = found
        order = np.argsort(member, kind="stable")
        begins = np.searchsorted(member[order], np.arange(k))
        mass = np.bincount(member, weights=weight, minlength=k)
        filled = np.flatnonzero(mass > 0)
        sums = np.add.reduceat((points * weight[:, None].astype(points.dtype))[order], begins[filled], axis=0)
        centers[filled] = sums / mass[filled, None].astype(points.dtype)
    return centers


def distances(points: Floats) -> Callable[[int], Floats]:
    """Return a function that gives the squared distance of all points to one of them."""
    squares = np.einsum("ij,ij->i", points, points)

    def to(index: int) -> Floats:
        apart = points @ points[index]
        apart *= -2.0
        apart += squares
        apart += squares[index]
        return np.asarray(np.maximum(apart, 0.0))

    return to


def spread(
    n_points: int,
    weight: Scores,
    n: int,
    rng: np.random.Generator,
    distance_to: Callable[[int], Floats],
    first: int | None = None,
) -> Chosen:
    """Return n points drawn one after the other with chances by weight and squared distance to those drawn (k-means++).

    Copies of what was drawn have no chance until only copies are left.
    """
    taken = np.zeros(n_points, dtype=bool)
    at = int(rng.choice(n_points, p=weight / weight.sum())) if first is None else first
    drawn = [at]
    apart = distance_to(at)
    tiny = 1e-9 * float(apart.max(initial=0.0))
    for _ in range(n - 1):
        taken[at] = True
        chance = np.where(taken | (apart <= tiny), 0.0, apart * weight)
        total = np.cumsum(chance)
        if total[-1] > 0:
            at = min(int(np.searchsorted(total, rng.random() * total[-1], side="right")), n_points - 1)
        else:
            at = int(rng.choice(np.flatnonzero(~taken)))
        drawn.append(at)
        np.minimum(apart, distance_to(at), out=apart)
    return np.array(drawn, dtype=np.int64)


def one_per_cluster(points: Floats, weight: Scores, n: int, rng: np.random.Generator) -> Chosen:
    """Return the point nearest to the center of each of n clusters, the cluster of most weight first."""
    if n == 0:
        return np.empty(0, dtype=np.int64)
    centers = kmeans(points, weight, n, rng)
    member, _ = nearest(points, centers)
    mass = np.bincount(member, weights=weight, minlength=n)
    squares = np.einsum("ij,ij->i", points, points)
    taken = np.zeros(len(points), dtype=bool)
    picked: list[int] = []
    for cluster in np.argsort(-mass, kind="stable").tolist():
        # Two clusters may share their most central point: the second takes its next.
        column = np.where(taken, np.inf, squares - 2.0 * (points @ centers[cluster]))
        picked.append(int(column.argmin()))
        taken[picked[-1]] = True
    return np.array(picked, dtype=np.int64)


def most_typical(points: Floats, members: Chosen, rng: np.random.Generator) -> Chosen:
    """Return these members of a cluster, the most typical first: that with its nearest neighbors closest."""
    if len(members) < 3:
        return members
    others = members if len(members) <= _AT_MOST else rng.choice(members, size=_AT_MOST, replace=False, shuffle=False)
    near = min(_NEIGHBORS, len(others) - 1)
    among = points[others]
    squares = np.einsum("ij,ij->i", among, among)
    far = np.empty(len(members))
    for rows in stretches(len(members), max(len(others), points.shape[1])):
        part = points[members[rows]]
        table = np.maximum(squares - 2.0 * (part @ among.T) + np.einsum("ij,ij->i", part, part)[:, None], 0.0)
        far[rows] = np.sqrt(np.partition(table, near, axis=1)[:, : near + 1]).mean(axis=1)
    return members[np.argsort(far, kind="stable")]
