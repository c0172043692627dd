"""Confident learning: how the labels given and the true ones go together, estimated from a model's probabilities.

In: labels given, probabilities of a model that was not fitted to the same items (n, k). Out: `Joint`.
Never: an estimate for a label that nobody gave; such a label has no threshold, and a warning says so.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goldseam.stats.noise._given import (
    OFF,
    Array,
    Float,
    Given,
    Index,
    Labels,
    gathered,
    given_of,
    own_of,
    row_max,
    stretches,
)

TOLERANCE = 1e-6
"""A probability this little below its threshold still reaches it: the rounding of float32."""
_ITEMS = 1 << 16
"""Items looked at at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Joint:
    """How labels given (first axis) and true labels (second axis) go together; all matrices are (k, k).

    `counts` are the items that a model is confident of, by label given and label found; `calibrated` is the estimate of
    the joint distribution made of it: its rows sum to the shares of the labels given, all of it to 1. `noise[g, t]` is
    the probability that an item is given g when t is true (columns sum to 1; a label that no item is found to be has a
    column of 0), `inverse[t, g]` that t is true when g is given. `thresholds` (k,) is the model's mean probability for
    a label over the items given it, infinite for a label never given. `expected` is the share of items whose label is
    wrong, None where undefined, with the reason.
    """

    names: tuple[Hashable, ...]
    counts: NDArray[np.int64] | Array
    calibrated: Array
    noise: Array
    inverse: Array
    thresholds: Array
    n_items: int
    expected: float | None
    reason: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def n_expected(self) -> float | None:
        """How many of the items are expected to have a wrong label."""
        return None if self.expected is None else self.expected * self.n_items


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """What one pass over the probabilities leaves.

    `own` is each item's probability of its label, `apart` the items where another label has a larger one; `index` are the
    items that the model is confident are something else, and `found` what.
    """

    joint: Joint
    own: Float
    apart: NDArray[np.int64]
    index: NDArray[np.int64]
    found: NDArray[np.int64]


def joint(labels: Labels, proba: ArrayLike, *, names: Sequence[Hashable] | None = None) -> Joint:
    r"""Estimate the joint distribution of labels given and true labels, by counting what a model is confident of.

    The threshold of label j is the mean of :math:`p_j` over the items given j. An item counts as truly j when
    :math:`p_j` reaches its threshold; where several labels do, as the one of largest probability (of equal ones, the
    label given). The counts are then scaled so that each row has as many items as were given its label.

    Parameters
    ----------
    labels
        Labels given: positions of the columns of `proba`, or names where `names` has them; a posterior (n, k) or a
        `Truth`, which then counts by its probabilities.
    proba
        A model's probabilities (n, k) of items that it was not fitted to; each row sums to 1. float32 and float16 are
        taken as they are.
    names
        The labels by name, in the order of the columns.

    Raises
    ------
    BadVotes
        A row of `proba` is not finite, negative or does not sum to 1 (the message names it), or labels do not fit.

    References
    ----------
    Northcutt, Jiang and Chuang (2021), Confident learning, JAIR 70, sections 3.1 and 3.2.

    Examples
    --------
    >>> proba = [[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.1, 0.9]]
    >>> found = joint([0, 0, 0, 1, 1], proba)
    >>> found.counts.tolist(), round(found.n_expected, 2)
    ([[2, 1], [0, 1]], 1.0)
    """
    given = given_of(labels, proba, names)
    return tally(given).joint if given.soft is None else _soft_joint(given, given.soft)


def tally(given: Given) -> Tally:
    """Count what the model is confident of, in one pass over the probabilities and a second look at the doubtful ones."""
    own, k = own_of(given), given.n_labels
    many = np.bincount(given.label, minlength=k)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(given.label, weights=own, minlength=k) / many
    thresholds = np.where(many > 0, mean, np.inf)
    reach = thresholds - TOLERANCE
    # another label may have a larger probability than this, or may reach its threshold beside it
    larger, beside = (1.0 + OFF) / 2, 1.0 + OFF - reach.min(initial=np.inf)
    open_to_doubt, doubtful = np.zeros(k, dtype=np.int64), [np.empty(0, dtype=np.int64)]
    for start in range(0, given.n_items, _ITEMS):
        label, held = given.label[start : start + _ITEMS], own[start : start + _ITEMS]
        unsure = held < np.take(reach, label)
        look = (held <= larger) | (unsure & (held <= beside))
        open_to_doubt += np.bincount(label[unsure | look], minlength=k)
        doubtful.append(np.flatnonzero(look) + start)
    index, found, apart = _looked_at(given, np.concatenate(doubtful), own, reach)
    counts = np.bincount(given.label[index] * np.int64(k) + found, minlength=k * k).reshape(k, k)
    counts += np.diag(many - open_to_doubt)  # these are sure, and nothing else can be
    other = found != given.label[index]
    return Tally(joint_of(given.names, counts, many, thresholds), own, apart, index[other], found[other])


def joint_of(names: tuple[Hashable, ...], counts: ArrayLike, many: ArrayLike, thresholds: Array) -> Joint:
    """Return the record of confident counts, where `many` items were given each label."""
    counted, sizes = np.asarray(counts), np.asarray(many, dtype=np.float64)
    k, n_items = len(sizes), float(sizes.sum())
    held = counted.astype(np.float64)
    np.fill_diagonal(held, np.maximum(held.diagonal(), 1.0))  # a label given is right at least once
    scaled = held / held.sum(axis=1, keepdims=True) * sizes[:, None] if k else held
    calibrated = scaled / n_items if n_items else np.zeros((k, k))
    given_used = int((sizes > 0).sum())
    expected, reason = None, ""
    if n_items == 0:
        reason = "There is no item, so nothing is known of the labels."
    elif given_used < 2:
        name = names[int(sizes.argmax())]
        reason = f"Every item is given {name!r}, so no item can be found to be anything else."
    else:
        expected = float(max(1.0 - calibrated.trace(), 0.0))
    silent = [repr(name) for name, size in zip(names, sizes.tolist(), strict=True) if size == 0] if n_items else []
    warnings = (f"Never given, so never found: {shown(silent)}.",) if silent else ()
    return Joint(
        names=names,
        counts=counted,
        calibrated=calibrated,
        noise=_share(calibrated, axis=0),
        inverse=_share(calibrated, axis=1).T,
        thresholds=thresholds,
        n_items=round(n_items),
        expected=expected,
        reason=reason,
        warnings=warnings,
    )


def _looked_at(
    given: Given, rows: NDArray[np.int64], own: Float, reach: Array
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return which of some items the model is confident of, of what, and where another label has a larger probability."""
    index: list[Index] = [np.empty(0, dtype=np.int64)]
    found: list[Index] = [np.empty(0, dtype=np.int64)]
    apart: list[Index] = [np.empty(0, dtype=np.int64)]
    for part, block in gathered(given, rows):
        held = own[part]
        apart.append(part[row_max(block) > held])
        kept, best, value = _best_reaching(block, reach)
        label = given.label[part[kept]]
        tied = (held[kept] >= value) & (held[kept] >= reach[label])
        index.append(part[kept])
        found.append(np.where(tied, label, best))
    return np.concatenate(index).astype(np.int64), np.concatenate(found).astype(np.int64), np.concatenate(apart)


def _best_reaching(block: Float, reach: Array) -> tuple[NDArray[np.int64], NDArray[np.int64], Float]:
    """Return the rows where a label reaches its threshold, the one of largest probability among these, and that.

    Few labels of a row do, so only these are looked at again.
    """
    cells = np.flatnonzero(block >= reach)
    row, label = np.divmod(cells, block.shape[1])
    value = block.reshape(-1)[cells]
    opens = np.flatnonzero(_changes(row))
    most = np.maximum.reduceat(value, opens) if len(opens) else value
    best = np.flatnonzero(value == np.repeat(most, np.diff(np.append(opens, len(row)))))
    first = best[_changes(row[best])]
    return row[first], label[first], most


def _changes(values: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return where a value differs from the one before it, or is the first."""
    changed = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=changed[1:])
    return changed


def _soft_joint(given: Given, soft: Array) -> Joint:
    """Count by probabilities: an item given 0.7 of a label counts 0.7 in its row."""
    own_of(given)  # checks the rows
    k = given.n_labels
    many, reached = soft.sum(axis=0), np.zeros(k)
    for start, stop in stretches(given):
        reached += np.einsum("ij,ij->j", soft[start:stop], given.proba[start:stop])
    with np.errstate(invalid="ignore", divide="ignore"):
        thresholds = np.where(many > 0, reached / many, np.inf)
    counts = np.zeros((k, k))
    for part, block in gathered(given, np.arange(given.n_items)):
        kept, best, _ = _best_reaching(block, thresholds - TOLERANCE)
        for label in np.unique(best).tolist():
            counts[:, label] += soft[part[kept[best == label]]].sum(axis=0)
    return joint_of(given.names, counts, many, thresholds)


def _share(matrix: Array, *, axis: int) -> Array:
    total = matrix.sum(axis=axis, keepdims=True)
    return np.asarray(matrix / np.where(total > 0, total, 1.0))


def shown(names: list[str]) -> str:
    """Return names for a sentence, the first five of them."""
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
