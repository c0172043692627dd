"""Coincidence: observed and expected agreement of many resampled crowds at once.

In: `Votes`, and how often each unit (an item, or a pattern that many items share) counts in each draw. Out: arrays of
observed and expected agreement, one entry per draw. Never: a bootstrap's randomness; the caller draws.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array, csr_array

from goldseam.stats._parts import counted
from goldseam.stats._tally import tallies
from goldseam.stats.votes import BadVotes, Votes, occurrences

Array = NDArray[np.float64]
Level = Literal["nominal", "ordinal", "interval", "ratio"]
Weights = Literal["linear", "quadratic"]

NO_SPREAD = 1e-12
"""Where 1 - expected agreement is at most this, there is no agreement beyond chance to speak of."""


_SPARSE = 8
"""Up to this many cells of item and label for each vote, they are counted in a table; beyond, votes are sorted."""
_DENSE_CELLS = 1_000_000


class Units(Protocol):
    """Items with at least one vote: votes per label, votes in all, and how many items look just so."""

    @property
    def counts(self) -> csr_array:
        """Votes per unit and label."""

    @property
    def sizes(self) -> Array:
        """Votes per unit."""

    @property
    def times(self) -> Array:
        """How many items each unit stands for."""

    def squares(self) -> Array:
        """Return for each unit the sum of its squared counts."""

    def summed(self, times: Array) -> Array:
        """Return the sum of the counts (n_draws, n_labels), where `times` (n_draws, n_units) is how often each counts."""


@dataclass(frozen=True, slots=True)
class Table:
    """Units as a table of their votes per label."""

    counts: csr_array
    sizes: Array
    times: Array

    def squares(self) -> Array:
        """Return for each unit the sum of its squared counts."""
        squares = csr_array((self.counts.data**2, self.counts.indices, self.counts.indptr), shape=self.counts.shape)
        return np.asarray(squares @ np.ones(self.counts.shape[1]))

    def summed(self, times: Array) -> Array:
        """Return the sum of the counts (n_draws, n_labels), where `times` (n_draws, n_units) is how often each counts."""
        return np.asarray((self.counts.T @ times.T).T, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Runs:
    """Items with their votes as they are; the table is made where a kernel asks for it."""

    votes: Votes
    sizes: Array
    square: Array

    @property
    def counts(self) -> csr_array:
        """Votes per item and label."""
        found = _counted(self.votes)
        return found if len(self.sizes) == self.votes.n_items else found[self.votes.votes_per_item() > 0]

    @property
    def times(self) -> Array:
        """How many items each unit stands for: one."""
        return np.ones(len(self.sizes))

    def squares(self) -> Array:
        """Return for each unit the sum of its squared counts: each vote brings as many as say the same."""
        return self.square

    def summed(self, times: Array) -> Array:
        """Return the sum of the counts (n_draws, n_labels), where `times` (n_draws, n_units) is how often each counts."""
        if len(times) > 1:
            return table_of(self).summed(times)
        each, n_labels = times[0], self.votes.n_labels
        if len(each) and float(each.min()) == float(each.max()):
            return np.asarray(occurrences(self.votes.label, n_labels)[None] * float(each[0]))
        weight = np.repeat(each, self.sizes.astype(np.intp))
        return np.asarray(np.bincount(self.votes.label, weight, n_labels)[None], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Parts:
    """Observed and expected agreement per draw; they mean something where `n_paired` (items compared) is above 0."""

    observed: Array
    expected: Array
    n_paired: Array


Kernel = Callable[[Units, Array], Parts]
"""Takes units and an array (n_draws, n_units) that says how often each unit was drawn."""


def units(votes: Votes) -> Runs:
    """Return one unit per item that has votes."""
    votes = votes.by_item()
    sizes, square = [np.zeros(0)], [np.zeros(0)]
    for some in tallies(votes):
        sizes.append(some.sizes.astype(np.float64))
        square.append(some.sums(some.same).astype(np.float64))
    return Runs(votes, np.concatenate(sizes), np.concatenate(square))


def table_of(of: Units) -> Table:
    """Return the same units as a table."""
    return Table(of.counts, of.sizes, of.times)


def _counted(votes: Votes) -> csr_array:
    """Return the votes per item and label, as a sparse matrix with its labels in order."""
    shape = (votes.n_items, votes.n_labels)
    n_cells = votes.n_items * votes.n_labels
    if n_cells == 0 or n_cells > _SPARSE * votes.n_votes:  # mostly empty: sort instead of counting
        counts = csr_array(coo_array((np.ones(votes.n_votes), (votes.item, votes.label)), shape=shape))
        counts.sort_indices()
        return counts
    labels, times, starts = [], [], np.zeros(votes.n_items + 1, dtype=np.int32)
    for rows, block in counted(votes):
        cell = np.flatnonzero(block > 0)
        item = cell // votes.n_labels
        labels.append((cell - item * votes.n_labels).astype(np.int32))
        times.append(block.ravel()[cell])
        starts[rows.start + 1 : rows.stop + 1] = np.bincount(item, minlength=len(block))
    np.cumsum(starts, out=starts)
    return csr_array((np.concatenate(times), np.concatenate(labels), starts), shape=shape)


def compressed(of: Units) -> Table:
    """Return one unit per distinct pattern of votes: a bootstrap draws patterns by a multinomial, which is exact."""
    of = table_of(of)
    codes = _hash64(np.arange(of.counts.shape[1], dtype=np.uint64))
    whole = csr_array((of.counts.data.astype(np.uint64), of.counts.indices, of.counts.indptr), shape=of.counts.shape)
    keys = whole @ codes  # a sum modulo 2**64, so that equal patterns have equal keys
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    times = np.bincount(inverse, weights=of.times)
    return Table(of.counts[first], of.sizes[first], times.astype(np.float64, copy=False))


def alpha_kernel(votes: Votes, level: Level | ArrayLike, values: Sequence[float] | None) -> Kernel:
    """Return the kernel of Krippendorff's alpha for this level of measurement, or for a matrix of distances."""
    if not isinstance(level, str):
        return _alpha_by(_distances(level, votes.n_labels))
    match level:
        case "nominal":
            return _alpha_nominal
        case "ordinal":
            return _alpha_ordinal
        case "interval":
            return _alpha_by(_interval_distances(numbers(votes, values)))
        case "ratio":
            return _alpha_by(_ratio_distances(numbers(votes, values)))
        case _:
            raise BadVotes(
                f"level={level!r}: nominal, ordinal, interval, ratio or a matrix of distances would be right."
            )


def kappa_kernel(chance: Callable[[Array, Array], Array], weights: Array | None) -> Kernel:
    """Return the kernel of a kappa: mean agreement of pairs within items, against `chance(shares, weights)`.

    Items of one vote count for the labels' shares, as in Gwet (2014), section 5.
    """

    def kernel(of: Units, times: Array) -> Parts:
        paired = of.sizes > 1
        pairs = np.where(paired, of.sizes * (of.sizes - 1), 1.0)
        agreeing = _row_agreement(of, weights) - of.sizes
        n_paired = _total(times, paired.astype(np.float64))
        observed = _ratio(_total(times, np.where(paired, agreeing / pairs, 0.0)), n_paired)
        shares = of.summed(times / of.sizes)
        shares = _ratio(shares, times.sum(axis=1)[:, None])
        n_labels = shares.shape[1]
        table = np.eye(n_labels) if weights is None and n_labels <= 1 else weights
        return Parts(observed, chance(shares, np.empty(0) if table is None else table), n_paired)

    return kernel


def fleiss_chance(shares: Array, weights: Array) -> Array:
    """Chance agreement when both draw from the shares of the labels."""
    both = shares if weights.size == 0 else shares @ weights
    return np.asarray((both * shares).sum(axis=1))


def gwet_chance(shares: Array, weights: Array) -> Array:
    """Chance agreement by Gwet: the chance that a vote is a guess, times that guesses agree."""
    n_labels = shares.shape[1]
    if n_labels < 2:
        return np.ones(len(shares))
    total = float(n_labels) if weights.size == 0 else float(weights.sum())
    return np.asarray(total * (shares * (1 - shares)).sum(axis=1) / (n_labels * (n_labels - 1)))


def uniform_chance(shares: Array, weights: Array) -> Array:
    """Chance agreement when all labels are equally likely (Brennan and Prediger)."""
    n_labels = shares.shape[1]
    total = float(n_labels) if weights.size == 0 else float(weights.sum())
    return np.full(len(shares), total / n_labels**2)


def agreement_weights(weights: Weights | ArrayLike | None, n_labels: int) -> Array | None:
    """Return a matrix of agreement weights, 1 on its diagonal, by the labels' order; None means equality only."""
    if weights is None:
        return None
    if isinstance(weights, str):
        if weights not in ("linear", "quadratic"):
            raise BadVotes(f"weights={weights!r}: None, 'linear', 'quadratic' or a matrix would be right.")
        place = np.arange(n_labels, dtype=np.float64)
        apart = np.abs(place[:, None] - place[None, :]) / max(n_labels - 1, 1)
        return np.asarray(1.0 - (apart if weights == "linear" else apart**2))
    table = np.asarray(weights, dtype=np.float64)
    square = table.shape == (n_labels, n_labels)
    whole = square and np.allclose(table, table.T) and np.allclose(np.diag(table), 1.0)
    if not whole or not ((table >= 0) & (table <= 1)).all():
        raise BadVotes(
            f"Weights of agreement need a symmetric matrix ({n_labels}, {n_labels}) of numbers from 0 to 1, "
            "with 1 on its diagonal."
        )
    return table


def numbers(votes: Votes, values: Sequence[float] | None) -> Array:
    """Return the number that each label stands for: as given, or the label itself read as a number."""
    if values is not None:
        if len(values) != votes.n_labels:
            raise BadVotes(f"There are {votes.n_labels} labels, but {len(values)} values for them.")
        found = np.asarray(values, dtype=np.float64)
    else:
        found = np.array([_number(label) for label in votes.labels], dtype=np.float64)
    for label, value in zip(votes.labels, found.tolist(), strict=True):
        if not np.isfinite(value):
            raise BadVotes(f"The label {label!r} stands for {value}; a finite number would be right.")
    return found


def _number(label: Hashable) -> float:
    try:
        return float(label)  # type: ignore[arg-type]  # what cannot be read as a number raises, and that is the question
    except (TypeError, ValueError):
        raise BadVotes(f"The label {label!r} is not a number; give values= one number per label.") from None


def _alpha_nominal(of: Units, times: Array) -> Parts:
    agreeing = _row_agreement(of, None)
    paired, n_paired, shown, total = _pairable(of, times)
    apart = (of.sizes**2 - agreeing) / np.maximum(of.sizes - 1, 1)
    disagreement = _ratio(_total(times, apart * paired), total)
    expected = _ratio(total**2 - (shown**2).sum(axis=1), total * (total - 1))
    return Parts(1 - disagreement, 1 - expected, n_paired)


def _alpha_by(distances: Array) -> Kernel:
    def kernel(of: Units, times: Array) -> Parts:
        paired, n_paired, shown, total = _pairable(of, times)
        widest = max(float(distances.max(initial=0.0)), np.finfo(np.float64).tiny)
        scaled = distances / widest
        apart = _row_agreement(of, scaled) / np.maximum(of.sizes - 1, 1)
        disagreement = _ratio(_total(times, apart * paired), total)
        expected = _ratio(((shown @ scaled) * shown).sum(axis=1), total * (total - 1))
        return Parts(1 - disagreement, 1 - expected, n_paired)

    return kernel


def _alpha_ordinal(of: Units, times: Array) -> Parts:
    """Ordinal distances are squared differences of mid-ranks, which differ from draw to draw."""
    paired, n_paired, shown, total = _pairable(of, times)
    ranks = np.cumsum(shown, axis=1) - shown / 2
    ranks /= np.maximum(total, 1.0)[:, None]
    first, second = (of.counts @ ranks.T).T, (of.counts @ (ranks**2).T).T
    apart = 2 * (of.sizes * second - first**2) * (paired / np.maximum(of.sizes - 1, 1))
    disagreement = _ratio((times * apart).sum(axis=1), total)
    mean, square = (shown * ranks).sum(axis=1), (shown * ranks**2).sum(axis=1)
    expected = _ratio(2 * (total * square - mean**2), total * (total - 1))
    used = shown > 0
    top, bottom = np.where(used, ranks, 0.0).max(axis=1), np.where(used, ranks, 1.0).min(axis=1)
    widest = np.maximum((top - bottom) ** 2, np.finfo(np.float64).tiny)
    return Parts(1 - np.maximum(disagreement, 0.0) / widest, 1 - np.maximum(expected, 0.0) / widest, n_paired)


def _pairable(of: Units, times: Array) -> tuple[Array, Array, Array, Array]:
    """Return which units can be compared, how many items that is, and their votes per label and in all."""
    paired = (of.sizes > 1).astype(np.float64)
    shown = of.summed(times * paired)
    return paired, _total(times, paired), shown, shown.sum(axis=1)


def _row_agreement(of: Units, weights: Array | None) -> Array:
    """Return for each unit the weighted number of ordered pairs of votes, each vote with itself included."""
    if weights is None:
        return of.squares()
    counts = of.counts
    n_units, n_labels = counts.shape
    found = np.empty(n_units)
    some = max(_DENSE_CELLS // max(n_labels, 1), 1)
    for start in range(0, n_units, some):
        part = counts[start : start + some]
        found[start : start + some] = part.multiply(part @ weights).sum(axis=1)
    return found


def _total(times: Array, at_unit: Array) -> Array:
    """Return the sum over units for each draw; in one thread, as those of a product cost more here than they save."""
    return np.asarray(np.einsum("du,u->d", times, at_unit))


def _ratio(upper: Array, lower: Array) -> Array:
    """Divide; 0 where the divisor is not above 0, which the caller reports as undefined."""
    return np.asarray(upper / np.where(lower > 0, lower, np.inf))


def _interval_distances(values: Array) -> Array:
    scaled = values / (np.abs(values).max(initial=0.0) or 1.0)  # alpha is blind to the scale, and squares overflow
    return np.asarray((scaled[:, None] - scaled[None, :]) ** 2)


def _ratio_distances(values: Array) -> Array:
    sums = values[:, None] + values[None, :]
    apart = (values[:, None] - values[None, :]) / np.where(sums == 0, 1.0, sums)
    return np.asarray(np.where(sums == 0, 0.0, apart**2))


def _distances(matrix: ArrayLike, n_labels: int) -> Array:
    table = np.asarray(matrix, dtype=np.float64)
    if (
        table.shape != (n_labels, n_labels)
        or not np.allclose(table, table.T)
        or np.diag(table).any()
        or not (np.isfinite(table) & (table >= 0)).all()
    ):
        raise BadVotes(f"Distances need a symmetric matrix ({n_labels}, {n_labels}), 0 on its diagonal, none negative.")
    return table


def _hash64(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread whole numbers over 64 bits (the finalizer of splitmix64)."""
    z = (values + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: NDArray[np.uint64] = z ^ (z >> np.uint64(31))
    return mixed
