"""Agreement: how much annotators agree beyond chance.

In: `Votes`, or two arrays of labels. Out: `Agreement`, whose value is None where undefined, with the reason;
`Interval`.
Never: a score out of nothing: no votes, no overlap or a single label are undefined, not 0 or 1.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array, csr_array

from goldseam.stats import _bootstrap
from goldseam.stats import _coincidence as coincidence
from goldseam.stats._coincidence import NO_SPREAD, Kernel, Level, Units, Weights
from goldseam.stats._names import indexed
from goldseam.stats.votes import BadVotes, Votes

_NO_VOTES = "There are no votes."
_NOTHING_SHARED = "No item has votes by two annotators, so there is nothing to compare."


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement beyond chance: (observed - expected) / (1 - expected), or None with the reason.

    `observed` and `expected` are shares of agreeing pairs, weighted by 1 - distance / largest distance where labels
    have distances. `n_items` and `n_votes` count what could be compared: items with at least two votes.
    """

    value: float | None
    reason: str
    n_items: int
    n_votes: int
    observed: float | None
    expected: float | None


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a statistic lies in `level` of the bootstrap draws; None where undefined, with the reason."""

    low: float | None
    high: float | None
    level: float
    n_draws: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Agreement of each pair of annotators that share items: parallel arrays, annotators by their index.

    `kappa` (Cohen's) means something where `defined` is true: a pair that only ever used one label has none.
    """

    first: NDArray[np.int32]
    second: NDArray[np.int32]
    n_items: NDArray[np.int64]
    observed: NDArray[np.float64]
    expected: NDArray[np.float64]
    kappa: NDArray[np.float64]
    defined: NDArray[np.bool_]


Statistic = Callable[[Votes], Agreement]


def alpha(votes: Votes, level: Level | ArrayLike = "nominal", *, values: Sequence[float] | None = None) -> Agreement:
    r"""Krippendorff's alpha: :math:`1 - D_o/D_e`, for any number of annotators and with votes missing.

    Parameters
    ----------
    votes
        Items with fewer than two votes do not count.
    level
        The distance of two labels: nominal 0 or 1; ordinal the squared difference of mid-ranks, by the order of
        `votes.labels`; interval :math:`(a-b)^2`; ratio :math:`((a-b)/(a+b))^2`, which means
        something only for values of 0 or more; or a matrix (n_labels, n_labels) of finite distances.
    values
        For interval and ratio, the number each label stands for; by default the label read as a number.

    Raises
    ------
    BadVotes
        A label is not a number where one is needed, or the matrix is no matrix of distances.

    References
    ----------
    Krippendorff (2011), Computing Krippendorff's alpha-reliability.

    Examples
    --------
    >>> votes = Votes.from_matrix([[0, 0], [0, 1], [1, 1], [1, 1]])
    >>> round(alpha(votes).value, 3)
    0.533
    """
    return _measure(votes, coincidence.alpha_kernel(votes, level, values))


def percent(votes: Votes) -> Agreement:
    """Percent agreement: the share of agreeing pairs, averaged over items; chance is not taken off."""
    found = _measure(votes, _kappa(votes, coincidence.uniform_chance, None))
    if not found.n_items:
        return found
    return Agreement(found.observed, "", found.n_items, found.n_votes, found.observed, None)


def fleiss_kappa(votes: Votes) -> Agreement:
    """Fleiss' kappa; items may have different numbers of votes (then as Gwet extends it).

    References
    ----------
    Fleiss (1971), Psychological Bulletin 76; Gwet (2014), Handbook of inter-rater reliability, chapter 2.
    """
    return _measure(votes, _kappa(votes, coincidence.fleiss_chance, None))


def gwet_ac1(votes: Votes) -> Agreement:
    """Gwet's AC1, which stays put when one label dominates; every label of `votes.labels` counts, used or not.

    References
    ----------
    Gwet (2008), British Journal of Mathematical and Statistical Psychology 61.
    """
    return _measure(votes, _kappa(votes, coincidence.gwet_chance, None))


def gwet_ac2(votes: Votes, weights: Weights | ArrayLike = "quadratic") -> Agreement:
    """Gwet's AC2: AC1 with weights for near agreement, by the order of `votes.labels` or a matrix of agreement."""
    return _measure(votes, _kappa(votes, coincidence.gwet_chance, weights))


def brennan_prediger(votes: Votes) -> Agreement:
    """Brennan and Prediger's kappa: chance is 1 / n_labels.

    References
    ----------
    Brennan and Prediger (1981), Educational and Psychological Measurement 41.
    """
    return _measure(votes, _kappa(votes, coincidence.uniform_chance, None))


def scott_pi(votes: Votes) -> Agreement:
    """Scott's pi of two annotators, over the items both voted on; for more annotators use `fleiss_kappa`.

    References
    ----------
    Scott (1955), Public Opinion Quarterly 19.
    """
    voting = int((votes.votes_per_annotator() > 0).sum())
    if voting > 2:
        reason = f"Scott's pi compares two annotators and {voting} voted: use fleiss_kappa."
        return Agreement(None, reason, 0, 0, None, None)
    both = votes.where((votes.votes_per_item() > 1)[votes.item]) if votes.n_votes else votes
    return _measure(both, _kappa(both, coincidence.fleiss_chance, None))


def cohen_kappa(
    a: Iterable[Any],
    b: Iterable[Any],
    weights: Weights | ArrayLike | None = None,
    *,
    labels: Sequence[Hashable] | None = None,
) -> Agreement:
    """Cohen's kappa of two annotators: entry i of `a` and of `b` is about item i; None or NaN is no vote.

    Weights are by the order of `labels` (by default those seen, sorted), or a matrix of agreement, 1 on its diagonal.

    References
    ----------
    Cohen (1960), Educational and Psychological Measurement 20; Cohen (1968), Psychological Bulletin 70.

    Examples
    --------
    >>> round(cohen_kappa("aabb", "abbb").value, 3)
    0.5
    """
    first, second = _values(a), _values(b)
    n = len(first)
    if n != len(second):
        raise BadVotes(f"Two annotators are compared item by item: the first has {n} labels, the second {len(second)}.")
    whole = isinstance(first, np.ndarray) and isinstance(second, np.ndarray)
    names, label = indexed(np.concatenate([first, second]) if whole else [*first, *second], labels, "label")
    x, y = label[:n], label[n:]
    compared = np.flatnonzero((x >= 0) & (y >= 0))
    n_items, k = len(compared), len(names)
    if n_items == 0:
        return Agreement(None, _NOTHING_SHARED if (label >= 0).any() else _NO_VOTES, 0, 0, None, None)
    x, y = x[compared], y[compared]
    table = np.bincount(x * np.int64(k) + y, minlength=k * k).reshape(k, k)
    share = table / table.sum()
    matrix = coincidence.agreement_weights(weights, k)
    agreeing = np.eye(k) if matrix is None else matrix
    observed = float((agreeing * share).sum())
    expected = float(share.sum(axis=1) @ agreeing @ share.sum(axis=0))
    if 1 - expected <= NO_SPREAD:
        used = np.flatnonzero(table.sum(axis=0) + table.sum(axis=1))
        return Agreement(None, _no_spread(tuple(names.tolist()), used), n_items, 2 * n_items, observed, expected)
    return Agreement((observed - expected) / (1 - expected), "", n_items, 2 * n_items, observed, expected)


def by_label(votes: Votes) -> dict[Hashable, Agreement]:
    """Nominal alpha of each label against all others: which label is it that annotators do not agree on."""
    of = coincidence.units(votes)
    paired = of.sizes > 1
    counts, sizes = of.counts[np.flatnonzero(paired)], of.sizes[paired]
    total, n_items = float(sizes.sum()), len(sizes)
    shown = np.asarray(counts.sum(axis=0), dtype=np.float64)
    within = counts.multiply(1.0 / np.maximum(sizes - 1, 1)[:, None])
    apart = 2 * (
        np.asarray(within.multiply(sizes[:, None]).sum(axis=0)) - np.asarray(within.multiply(counts).sum(axis=0))
    )
    found: dict[Hashable, Agreement] = {}
    for index, label in enumerate(votes.labels):
        if n_items == 0:
            found[label] = _undefined(votes)
            continue
        observed = 1.0 - float(apart[index]) / total
        expected = 1.0 - 2 * float(shown[index]) * (total - float(shown[index])) / (total * (total - 1))
        if shown[index] == 0:
            found[label] = Agreement(None, f"Nobody chose {label!r}.", n_items, int(total), observed, expected)
        else:
            found[label] = _agreement(votes, observed, expected, n_items, int(total))
    return found


def pairwise(votes: Votes) -> Pairs:
    """Cohen's kappa and percent agreement of each pair of annotators that share at least one item."""
    shape = (votes.n_annotators, votes.n_items)
    every = _incidence(votes, np.ones(votes.n_votes, dtype=bool), shape)
    shared = (every @ every.T).tocoo()
    upper = shared.row < shared.col
    first, second = shared.row[upper].astype(np.int32), shared.col[upper].astype(np.int32)
    n_items = shared.data[upper]
    agreeing, chance = np.zeros(len(n_items)), np.zeros(len(n_items))
    for label in range(votes.n_labels if len(n_items) else 0):
        said = _incidence(votes, votes.label == label, shape)
        beside = csr_array(said @ every.T)  # how often the row's annotator said it on items shared with the column's
        agreeing += _cells(csr_array(said @ said.T), first, second)
        chance += _cells(beside, first, second) * _cells(beside, second, first)
    observed, expected = agreeing / n_items, chance / n_items**2
    defined = 1 - expected > NO_SPREAD
    kappa = np.where(defined, (observed - expected) / np.where(defined, 1 - expected, 1.0), 0.0)
    return Pairs(first, second, n_items.astype(np.int64), observed, expected, kappa, defined)


def interval(
    votes: Votes,
    statistic: Statistic | str = "alpha",
    *,
    rng: np.random.Generator,
    level: float = 0.95,
    draws: int = 1000,
) -> Interval:
    """Bootstrap interval of a statistic, by drawing items with replacement.

    Parameters
    ----------
    statistic
        A function of this module, its name, or such a function with its options fixed by `functools.partial`
        (`partial(alpha, level="ordinal")`): these run on all draws at once, over distinct patterns of votes. Any other
        function from `Votes` to `Agreement` is called once per draw.

    Notes
    -----
    `n_draws` counts the draws in which the statistic was defined; the bounds are their percentiles.

    References
    ----------
    Efron and Tibshirani (1993), An introduction to the bootstrap, chapter 13.
    """
    if not 0 < level < 1 or draws < 1:
        raise BadVotes(f"level={level}, draws={draws}: a level between 0 and 1 and at least one draw would be right.")
    if votes.n_votes == 0:
        return Interval(None, None, level, 0, _NO_VOTES)
    kernel = _kernel_of(votes, statistic)
    if kernel is None:
        function = METHODS[statistic] if isinstance(statistic, str) else statistic
        values = _bootstrap.by_resampling(votes, lambda drawn: function(drawn).value, rng, draws)
    else:
        values = _bootstrap.by_patterns(votes, kernel, rng, draws)
    if len(values) == 0:
        return Interval(None, None, level, 0, "The statistic was undefined in every draw.")
    low, high = np.quantile(values, [0.5 - level / 2, 0.5 + level / 2])
    return Interval(float(low), float(high), level, len(values))


METHODS: dict[str, Statistic] = {
    "alpha": alpha,
    "percent": percent,
    "fleiss_kappa": fleiss_kappa,
    "gwet_ac1": gwet_ac1,
    "gwet_ac2": gwet_ac2,
    "brennan_prediger": brennan_prediger,
    "scott_pi": scott_pi,
}
"""Every statistic on votes, by name."""


def _values(column: Any) -> NDArray[Any] | list[Any]:  # noqa: ANN401 - a column of any library
    """Return whole numbers as an array, anything else as plain objects, among which an Arrow column has none of its own."""
    if getattr(getattr(column, "dtype", None), "kind", "") in ("i", "u"):
        column = np.asarray(column.to_numpy() if hasattr(column, "to_numpy") else column)
    if isinstance(column, np.ndarray):
        return column if column.dtype.kind in "iu" else list(column.tolist())
    as_list = next((way for way in ("to_pylist", "to_list") if hasattr(column, way)), None)
    return list(getattr(column, as_list)() if as_list else column)


def _kappa(votes: Votes, chance: Callable[..., NDArray[np.float64]], weights: Weights | ArrayLike | None) -> Kernel:
    return coincidence.kappa_kernel(chance, coincidence.agreement_weights(weights, votes.n_labels))


def _kernel_of(votes: Votes, statistic: Statistic | str) -> Kernel | None:
    """Return the kernel behind a statistic of this module, or None where there is none."""
    options: dict[str, Any] = {}
    if isinstance(statistic, str):
        if statistic not in METHODS:
            raise BadVotes(f"There is no statistic {statistic!r}; there are {', '.join(METHODS)}.")
        function: Callable[..., Any] = METHODS[statistic]
    elif isinstance(statistic, functools.partial):
        if statistic.args:
            return None
        function, options = statistic.func, dict(statistic.keywords)
    else:
        function = statistic
    if function is alpha:
        return coincidence.alpha_kernel(votes, options.get("level", "nominal"), options.get("values"))
    if function is gwet_ac2:
        return _kappa(votes, coincidence.gwet_chance, options.get("weights", "quadratic"))
    if function is percent:
        return _observed_only(_kappa(votes, coincidence.uniform_chance, None))
    chances = {
        fleiss_kappa: coincidence.fleiss_chance,
        gwet_ac1: coincidence.gwet_chance,
        brennan_prediger: coincidence.uniform_chance,
    }
    return _kappa(votes, chances[function], None) if function in chances else None


def _observed_only(kernel: Kernel) -> Kernel:
    def observed(of: Units, times: NDArray[np.float64]) -> coincidence.Parts:
        parts = kernel(of, times)
        return coincidence.Parts(parts.observed, np.zeros_like(parts.expected), parts.n_paired)

    return observed


def _measure(votes: Votes, kernel: Kernel) -> Agreement:
    of = coincidence.units(votes)
    paired = of.sizes > 1
    if not paired.any():
        return _undefined(votes)
    parts = kernel(of, of.times[None, :])
    n_votes = int(of.sizes[paired].sum())
    return _agreement(votes, float(parts.observed[0]), float(parts.expected[0]), int(paired.sum()), n_votes)


def _agreement(votes: Votes, observed: float, expected: float, n_items: int, n_votes: int) -> Agreement:
    if 1 - expected <= NO_SPREAD:
        used = np.unique(votes.label[(votes.votes_per_item() > 1)[votes.item]])
        return Agreement(None, _no_spread(votes.labels, used), n_items, n_votes, observed, expected)
    return Agreement((observed - expected) / (1 - expected), "", n_items, n_votes, observed, expected)


def _no_spread(labels: Sequence[Hashable], used: NDArray[np.signedinteger]) -> str:
    if len(used) == 1:
        every = f"Every vote that can be compared is {labels[int(used[0])]!r}"
    else:
        every = "Between the labels that can be compared there is no distance"
    return f"{every}: without variation there is no agreement beyond chance."


def _undefined(votes: Votes) -> Agreement:
    return Agreement(None, _NOTHING_SHARED if votes.n_votes else _NO_VOTES, 0, 0, None, None)


def _incidence(votes: Votes, kept: NDArray[np.bool_], shape: tuple[int, int]) -> csr_array:
    cells = (votes.annotator[kept], votes.item[kept])
    return csr_array(coo_array((np.ones(int(kept.sum())), cells), shape=shape))


def _cells(matrix: csr_array, rows: NDArray[np.int32], columns: NDArray[np.int32]) -> NDArray[np.float64]:
    if matrix.nnz == 0:
        return np.zeros(len(rows))
    return np.asarray(matrix[rows, columns], dtype=np.float64).ravel()
