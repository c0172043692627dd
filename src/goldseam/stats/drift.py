r"""Drift: whether what comes in is of the kind it was, whether the model says the same of it, and what is new in it.

In: features of inputs before and now, or counts of labels; `rng`. Out: a test with an exact rate of false alarms; inputs that are
unlike any before, in groups. Never: a p-value that rests on an approximation, a kernel matrix of all inputs.

Inputs are compared by the squared maximum mean discrepancy, with :math:`k(x, y) = \exp(-|x - y|^2 / 2 s^2)`,

.. math:: D = \overline{k}(x, x') + \overline{k}(y, y') - 2 \, \overline{k}(x, y),

means over pairs of different inputs; `s` is the median distance. Labels are compared by
:math:`G = \sum_{wl} n_{wl} \log(n_{wl} / e_{wl})`. Both by permutation: if before and now are of one kind, each way to part
them is as likely, so that p is at most alpha with a chance of at most alpha, whatever the kind.

References
----------
Gretton, Borgwardt, Rasch, Schölkopf & Smola (2012), A kernel two-sample test.
Phipson & Smyth (2010), Permutation p-values should never be zero.
Vovk, Gammerman & Shafer (2005), Algorithmic learning in a random world.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.stats import fisher_exact

from goldseam.stats.votes import BadVotes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST: Final = 1_000
"""Inputs of each side that are compared; more are drawn from at random."""
BLOCK: Final = 512
LEAST: Final = 5
"""Inputs of each side with which a comparison begins to mean anything."""


@dataclass(frozen=True, slots=True)
class Shift:
    """A test of whether two windows are of one kind.

    `statistic` is D or G; `usual` is what it stays below in 1 - `level` of all ways to part them. `p` is the share of ways that
    differ at least as much; it is None, with the reason, where there is too little to compare.
    """

    statistic: float | None
    usual: float | None
    p: float | None
    n_before: int
    n_now: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Inputs of now that are unlike any before and like each other, by their places; the most typical first."""

    place: Ints


def inputs(
    before: ArrayLike,
    now: ArrayLike,
    *,
    rng: np.random.Generator,
    permutations: int = 999,
    most: int = MOST,
    level: float = 0.01,
) -> Shift:
    """Test whether inputs are of the kind they were.

    Parameters
    ----------
    before, now
        Features, one row an input; at most `most` rows of each are compared, drawn at random.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> inputs(rng.normal(size=(200, 5)), rng.normal(size=(200, 5)) + 1, rng=rng).p
    0.001
    """
    x, y = _matrix(before), _matrix(now)
    if x.shape[1] != y.shape[1]:
        raise BadVotes(f"Both windows have the same features; got {x.shape[1]} and {y.shape[1]}.")
    if min(len(x), len(y)) < LEAST:
        return _too_little(len(x), len(y))
    x, y = _some(x, most, rng), _some(y, most, rng)
    both = np.concatenate([x, y])
    kernel = _kernel(both)
    n = len(both)
    is_now = np.zeros((n, permutations + 1))
    is_now[len(x) :, 0] = 1.0
    for column in range(1, permutations + 1):
        is_now[rng.permutation(n)[: len(y)], column] = 1.0
    distances = _distances(kernel, is_now, len(x), len(y))
    return _judged(distances, len(x), len(y), level)


def labels(
    before: ArrayLike, now: ArrayLike, *, rng: np.random.Generator, draws: int = 9_999, level: float = 0.01
) -> Shift:
    """Test whether labels have the shares they had; exactly with two labels, by `draws` of all tables with these sums else.

    Parameters
    ----------
    before, now
        How often each label occurred, in the same order.

    Examples
    --------
    >>> round(labels([90, 10], [70, 30], rng=np.random.default_rng(0)).p, 5)
    0.0007
    """
    a, b = _counts(before), _counts(now)
    if len(a) != len(b):
        raise BadVotes(f"Both windows count the same labels; got {len(a)} and {len(b)}.")
    if min(a.sum(), b.sum()) < LEAST:
        return _too_little(int(a.sum()), int(b.sum()))
    total = a + b
    n, m = int(a.sum()), int(b.sum())
    seen = total > 0
    tables = rng.multivariate_hypergeometric(total[seen], m, size=draws, method="marginals")
    g = np.concatenate([_g(b[seen][None], total[seen], m), _g(tables, total[seen], m)])
    found = _judged(g, n, m, level)
    if int(seen.sum()) > 2:
        return found
    exact = 1.0 if int(seen.sum()) < 2 else float(fisher_exact([a[seen], b[seen]])[1])
    return Shift(found.statistic, found.usual, exact, n, m)


def novel(before: ArrayLike, now: ArrayLike, *, rate: float = 0.01, most: int = 4 * MOST) -> NDArray[np.bool_]:
    """Return which inputs of now lie further from all inputs before than `rate` of those lie from each other.

    A conformal rule: of inputs of the old kind, it takes at most about `rate` for new ones. At most `most` of those before are
    looked at, evenly spread.
    """
    x, y = _matrix(before), _matrix(now)
    if len(x) < LEAST or not len(y):
        return np.zeros(len(y), np.bool_)
    x = x[np.unique(np.linspace(0, len(x) - 1, min(len(x), most)).astype(np.int64))]
    usual = np.sort(_nearest(x, x, own=True))
    allowed = int(np.floor(rate * (len(usual) + 1)))
    if not allowed:
        return np.zeros(len(y), np.bool_)
    return np.asarray(_nearest(y, x, own=False) > usual[len(usual) - allowed])


def groups(now: ArrayLike, place: ArrayLike, *, least: int = LEAST, most: int = MOST) -> tuple[Group, ...]:
    """Return the inputs at these places in groups of inputs that are like each other, the largest first.

    Two belong together while they lie nearer than the median distance of all inputs of now; groups of fewer than `least`
    are left out.
    """
    x, at = _matrix(now), np.asarray(place, np.int64)[:most]
    if len(at) < least:
        return ()
    near = float(np.sqrt(_median_square(x)))
    found = fcluster(linkage(x[at], "average"), near, "distance")
    made = []
    for number in np.unique(found):
        mine = at[found == number]
        if len(mine) >= least:
            off = ((x[mine] - x[mine].mean(axis=0)) ** 2).sum(axis=1)
            made.append(Group(mine[np.argsort(off, kind="stable")]))
    return tuple(sorted(made, key=lambda one: -len(one.place)))


# --- parts ----------------------------------------------------------------------------------------------------------
def _matrix(values: ArrayLike) -> Floats:
    found = np.asarray(values, np.float64)
    if found.ndim != 2:
        raise BadVotes(f"Features are a table, one row an input; got {found.ndim} dimensions.")
    if not np.isfinite(found).all():
        raise BadVotes("Features are finite numbers.")
    return found


def _counts(values: ArrayLike) -> Ints:
    found = np.asarray(values)
    if found.ndim != 1 or (found < 0).any() or not np.array_equal(found, found.astype(np.int64)):
        raise BadVotes("Counts of labels are whole numbers of at least 0.")
    return found.astype(np.int64)


def _too_little(n: int, m: int) -> Shift:
    return Shift(None, None, None, n, m, f"Too little to compare: {n:,} before, {m:,} now; {LEAST} are the least.")


def _some(x: Floats, most: int, rng: np.random.Generator) -> Floats:
    return x if len(x) <= most else x[np.sort(rng.choice(len(x), most, replace=False))]


def _squares(x: Floats, y: Floats) -> Floats:
    found = (x**2).sum(axis=1)[:, None] + (y**2).sum(axis=1) - 2.0 * (x @ y.T)
    return np.asarray(np.maximum(found, 0.0))


def _median_square(x: Floats) -> float:
    """Return the median squared distance of different inputs, of at most a block of them."""
    some = x[np.unique(np.linspace(0, len(x) - 1, min(len(x), BLOCK)).astype(np.int64))]
    apart = _squares(some, some)[np.triu_indices(len(some), 1)]
    found = float(np.median(apart)) if len(apart) else 0.0
    return found or float(apart.mean() if len(apart) else 0.0) or 1.0


def _kernel(x: Floats) -> NDArray[np.float32]:
    """Return the kernel of all pairs, a block of rows at a time, with zeros for an input and itself."""
    width = 2.0 * _median_square(x)
    made = np.empty((len(x), len(x)), np.float32)
    for start in range(0, len(x), BLOCK):
        made[start : start + BLOCK] = np.exp(-_squares(x[start : start + BLOCK], x) / width)
    np.fill_diagonal(made, 0.0)
    return made


def _distances(kernel: NDArray[np.float32], is_now: Floats, n: int, m: int) -> Floats:
    """Return D for each column, which says of every input whether it counts as one of now."""
    chosen = is_now.astype(np.float32)
    reached = kernel @ chosen
    within = np.einsum("ij,ij->j", chosen, reached, dtype=np.float64)
    across = reached.sum(axis=0, dtype=np.float64) - within
    outside = float(kernel.sum(dtype=np.float64)) - 2.0 * across - within
    return np.asarray(within / (m * (m - 1)) + outside / (n * (n - 1)) - 2.0 * across / (n * m))


def _g(now: Ints, total: Ints, m: int) -> Floats:
    """Return G for tables with these sums: `now` has one row a table."""
    n = int(total.sum())
    expected: Floats = np.asarray(total * (m / n), np.float64)
    rest, rest_expected = total - now, np.asarray(total * (1.0 - m / n), np.float64)

    def part(seen: Ints, wanted: Floats) -> Floats:
        return np.asarray(np.where(seen > 0, seen * np.log(np.where(seen > 0, seen, 1) / wanted), 0.0))

    return np.asarray(part(now, expected).sum(axis=1) + part(rest, rest_expected).sum(axis=1))


def _judged(values: Floats, n: int, m: int, level: float) -> Shift:
    """Return the test: the first value is the one seen, the others are what chance gives."""
    seen, chance = float(values[0]), values[1:]
    slack = 1e-9 * max(1.0, abs(seen))
    p = (1.0 + float((chance >= seen - slack).sum())) / (len(chance) + 1.0)
    return Shift(seen, float(np.quantile(chance, 1.0 - level)), p, n, m)


def _nearest(x: Floats, among: Floats, *, own: bool) -> Floats:
    """Return the distance of each row to the nearest of the others."""
    found = np.empty(len(x))
    for start in range(0, len(x), BLOCK):
        apart = _squares(x[start : start + BLOCK], among)
        if own:
            apart[np.arange(len(apart)), np.arange(start, start + len(apart))] = np.inf
        found[start : start + BLOCK] = np.sqrt(apart.min(axis=1))
    return found
