"""Curvature: linear equations and error bars of models whose curvature is that of a graph of comparisons.

In: `Curvature`, a symmetric matrix given by what it does to vectors. Out: solutions, variances, covariances, all for
strengths that are counted from the mean of their part. Never: a dense matrix where the model gives none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Array = NDArray[np.float64]

DENSE = 600
"""Up to so many items models give the matrix; beyond, solutions are iterated and variances estimated."""
_PROBES, _FIRST_PROBES = 32, 4
_TIGHT = 0.02
"""Where the first probes find the series within this share of the variances, on the whole, more would find nothing."""
_STEPS = 2_000


@dataclass(frozen=True, slots=True)
class Curvature:
    """A positive matrix (n, n): `times` multiplies it with the columns of an array.

    `toward` holds the weights of pairs (minus the entries off the diagonal) squared and summed over the other item's
    diagonal; it makes the first guess of variances. `part` says which items hang together: constants on a part are only
    held by the prior. `dense` gives the matrix itself where that is cheap; then everything is exact.
    """

    times: Callable[[Array], Array]
    diagonal: Array
    part: NDArray[np.int32]
    dense: Callable[[], Array] | None
    toward: Callable[[Array], Array]

    def centered(self, columns: Array) -> Array:
        """Return the columns with the mean of each part taken off."""
        n = len(self.part)
        member = csr_array((np.ones(n), self.part, np.arange(n + 1)), shape=(n, int(self.part.max(initial=0)) + 1))
        mean = (member.T @ columns) / np.maximum(np.bincount(self.part, minlength=member.shape[1]), 1)[:, None]
        return np.asarray(columns - mean[self.part])


def solve(of: Curvature, right: Array, tolerance: float = 1e-8) -> Array:
    """Return the centered solutions of `of` times x = right, for the centered columns of `right` (n, k)."""
    wanted = of.centered(right)
    if of.dense is not None:
        return of.centered(np.asarray(np.linalg.solve(_full(of, of.dense()), wanted), dtype=np.float64))
    return of.centered(_iterated(of, wanted, tolerance))


def covariance(of: Curvature) -> Array | None:
    """Return the covariance (n, n) of centered strengths; None where they are too many."""
    if of.dense is None:
        return None
    inverse = np.asarray(np.linalg.inv(_full(of, of.dense())), dtype=np.float64)
    return of.centered(of.centered(inverse).T)


def variances(of: Curvature) -> Array:
    """Return the variance of each centered strength: exact for few items, else from a series and from probes.

    The series' first terms (Neumann) are a lower bound that is all but exact on well-knit graphs. Fixed patterns of signs
    as probes (Bekas, Kokiopoulou and Saad 2007) estimate what is left.
    """
    table = covariance(of)
    if table is not None:
        return np.diag(table).copy()
    many = np.bincount(of.part)[of.part]
    inverse = 1 / of.diagonal
    bound = inverse * (1 + of.toward(inverse) * inverse) * (1 - 1 / many)
    signs = _signs(len(bound), _PROBES)
    left = _left(of, inverse, signs[:, :_FIRST_PROBES])
    missing = float(left.sum() / bound.sum())
    if abs(missing) < _TIGHT:
        return np.asarray(bound * (1 + max(missing, 0.0)))
    rest = _left(of, inverse, signs[:, _FIRST_PROBES:])
    share = _FIRST_PROBES / _PROBES
    return np.asarray(np.maximum(bound, bound + share * left + (1 - share) * rest))


def _left(of: Curvature, inverse: Array, signs: Array) -> Array:
    """Return what probes say that the series' first terms leave out of each variance."""
    found = solve(of, signs, tolerance=1e-2)
    term = series = signs * inverse[:, None]
    for _ in range(2):
        term = term - inverse[:, None] * of.times(term)
        series = series + term
    return np.asarray((signs * (found - of.centered(series))).mean(axis=1))


def unsureness(of: Curvature, left: NDArray[np.int32], right: NDArray[np.int32]) -> tuple[Array, float]:
    """Return the variance of the difference of each pair of strengths, and the sum of the variances of strengths.

    Exact for few items, else by the series alone.
    """
    table = covariance(of)
    if table is not None:
        own = np.diag(table)
        return np.maximum(own[left] + own[right] - 2 * table[left, right], 0.0), float(own.sum())
    many = np.bincount(of.part)[of.part]
    inverse = 1 / of.diagonal
    own = inverse * (1 + of.toward(inverse) * inverse)
    return np.asarray(own[left] + own[right]), float((own * (1 - 1 / many)).sum())


def _full(of: Curvature, table: Array) -> Array:
    """Return the matrix with constants of a part held in place, which changes nothing for centered columns."""
    many = np.bincount(of.part)
    held = float(of.diagonal.mean()) / many[of.part][:, None] * (of.part[:, None] == of.part[None, :])
    return np.asarray(table + held)


def _iterated(of: Curvature, wanted: Array, tolerance: float) -> Array:
    """Solve by conjugate gradients, all columns at once, preconditioned by the diagonal."""
    inverse = 1 / of.diagonal[:, None]
    found = np.zeros_like(wanted)
    rest = wanted.copy()
    turned = inverse * rest
    along = turned.copy()
    size = (rest * turned).sum(axis=0)
    enough = tolerance**2 * size
    for _ in range(_STEPS):
        if (size <= enough).all():
            break
        bent = of.times(along)
        steep = (along * bent).sum(axis=0)
        length = np.where(size > enough, size / np.where(steep > 0, steep, np.inf), 0.0)
        found += length * along
        rest -= length * bent
        turned = inverse * rest
        last, size = size, (rest * turned).sum(axis=0)
        along = turned + np.where(last > 0, size / np.where(last > 0, last, 1.0), 0.0) * along
    return found


def _signs(n: int, k: int) -> Array:
    """Return a fixed pattern (n, k) of 1 and -1 without any order in it (the finalizer of splitmix64)."""
    z = np.arange(1, n * k + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.where((z >> np.uint64(63)).astype(bool), 1.0, -1.0).reshape(n, k)
