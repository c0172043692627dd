r"""Valuation: what each labeled item, and each annotator's labels, are worth to a model, by nearest-neighbor Shapley values.

In: features and labels that a model may learn from, features and true labels to judge it by. Out: `Worth`, one value an item.
Never: a model trained again and again: for nearest neighbors the values have a closed form.

The Shapley value shares out the accuracy of a k-nearest-neighbor classifier among the items it learns from, so that the values
sum to it and equal contributions count the same. For one item to judge, with its neighbors in order of distance and
:math:`m_i` whether the i-th has its label,

.. math:: s_n = \frac{\min(k, n)}{k n} m_n, \qquad s_i = s_{i+1} + \frac{m_i - m_{i+1}}{k} \cdot \frac{\min(k, i)}{i}

An item below 0 makes the model worse: its label is likely wrong, or it is nothing like what the model is judged by.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goldseam.stats.noise._nearest import unit_rows
from goldseam.stats.votes import BadVotes, Votes

Array = NDArray[np.float64]

_CELLS = 4_000_000
"""Distances held at once."""
EXACT_UP_TO = 20_000
REACH = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class Worth:
    """What each item is worth, `value` (n_items,), in shares of accuracy; they sum to `accuracy` less that of no item, 0.

    `reach` is how many neighbors of each judged item count; those beyond are worth nothing to it, which changes no value by
    more than 1 / `reach`.
    """

    value: Array
    accuracy: float
    k: int
    reach: int

    def worst(self, n: int) -> NDArray[np.int64]:
        """Return the `n` items that harm most, the worst first."""
        return np.argsort(self.value, kind="stable")[:n].astype(np.int64)


def shapley(
    features: ArrayLike,
    labels: ArrayLike,
    judged_features: ArrayLike,
    judged_labels: ArrayLike,
    *,
    k: int = 5,
    reach: int | None = None,
) -> Worth:
    """Return what every labeled item is worth to a nearest-neighbor classifier judged by others.

    Parameters
    ----------
    features, judged_features
        (n_items, d) and (n_judged, d); compared by cosine.
    labels
        Indices (n_items,), or soft labels (n_items, n_labels): a label held with 0.7 counts 0.7.
    judged_labels
        Indices (n_judged,): gold, as a rule.
    k
        Neighbors that vote.
    reach
        How many neighbors are looked at; all up to 20,000 items, 1,000 above.

    Raises
    ------
    BadVotes
        For shapes that do not fit, no item, or k below 1.

    Examples
    --------
    >>> found = shapley([[1, 0], [1, 0.1], [0, 1]], [1, 0, 0], [[1, 0.01]], [0], k=1)  # the nearest one is wrong
    >>> found.value.round(3).tolist(), found.accuracy
    ([-0.667, 0.333, 0.333], 0.0)

    References
    ----------
    Jia et al. (2019), Efficient task-specific data valuation for nearest neighbor algorithms, PVLDB 12(11).
    """
    rows, _ = unit_rows(features)
    judged, _ = unit_rows(judged_features)
    held, truth = _labels(labels, len(rows)), np.asarray(judged_labels)
    _check(rows, judged, truth, k)
    n_items = len(rows)
    reach = min(n_items, reach if reach is not None else n_items if n_items <= EXACT_UP_TO else max(REACH, k))
    if reach < min(k, n_items):
        raise BadVotes(f"reach={reach} looks at fewer neighbors than the {k} that vote.")
    value, right = np.zeros(n_items), 0.0
    for start in range(0, len(judged), max(_CELLS // n_items, 1)):
        some = slice(start, start + max(_CELLS // n_items, 1))
        order = _neighbors(judged[some], rows, reach)
        match = _match(held, order, truth[some])
        shares = _shares(match, k, whole=reach == n_items)
        value += np.bincount(order.ravel(), weights=shares.ravel(), minlength=n_items)
        right += float(match[:, :k].sum()) / k
    return Worth(value / len(judged), right / len(judged), k, reach)


def by_annotator(votes: Votes, worth: Worth, labels: ArrayLike) -> Array:
    """Return what each annotator's votes are worth, (n_annotators,), the sum over items that came out as they said.

    The value of an item is shared among those who voted for its label, `labels` (n_items,) by the codes of the votes; an
    item's harm so falls on those who brought it about. `worth.value` has one entry per item of the votes.
    """
    out = np.asarray(labels)
    if len(worth.value) != votes.n_items or out.shape != (votes.n_items,):
        raise BadVotes(
            f"There are {votes.n_items} items with votes, but {len(worth.value)} values and {out.shape} labels."
        )
    agrees = votes.label == out[votes.item]
    n_agree = np.bincount(votes.item[agrees], minlength=votes.n_items)
    part = (worth.value / np.maximum(n_agree, 1))[votes.item[agrees]]
    return np.bincount(votes.annotator[agrees], weights=part, minlength=votes.n_annotators).astype(np.float64)


def _neighbors(judged: NDArray[np.float32], rows: NDArray[np.float32], reach: int) -> NDArray[np.int64]:
    """Return the items in order of likeness to each judged one, the first `reach` of them; equal ones in their order."""
    far = -(judged @ rows.T)
    if reach == len(rows):
        return np.argsort(far, axis=1, kind="stable").astype(np.int64)
    near = np.sort(np.argpartition(far, reach - 1, axis=1)[:, :reach], axis=1)
    order = np.argsort(np.take_along_axis(far, near, axis=1), axis=1, kind="stable")
    return np.take_along_axis(near, order, axis=1).astype(np.int64)


def _match(held: NDArray[Any], order: NDArray[np.int64], truth: NDArray[Any]) -> Array:
    """Return how far each neighbor has the label of the judged item, 0 to 1."""
    if held.ndim == 1:
        return np.asarray(held[order] == truth[:, None], dtype=np.float64)
    return np.asarray(held[order, truth[:, None]], dtype=np.float64)


def _shares(match: Array, k: int, *, whole: bool) -> Array:
    """Return the value of each neighbor for each judged item, by the recursion from the farthest one."""
    n = match.shape[1]
    place = np.arange(1, n + 1)
    weight = np.minimum(k, place) / (k * place)
    step = np.zeros(match.shape)
    step[:, :-1] = (match[:, :-1] - match[:, 1:]) * weight[:-1]
    if whole:
        step[:, -1] = match[:, -1] * weight[-1]
    return np.asarray(np.cumsum(step[:, ::-1], axis=1)[:, ::-1])


def _labels(labels: ArrayLike, n_items: int) -> NDArray[Any]:
    given = np.asarray(labels)
    if given.ndim not in (1, 2) or len(given) != n_items:
        raise BadVotes(f"There are {n_items} rows of features, but labels of the shape {given.shape}.")
    return given


def _check(rows: NDArray[Any], judged: NDArray[Any], truth: NDArray[Any], k: int) -> None:
    if not len(rows) or not len(judged):
        raise BadVotes("A value needs at least one labeled item and one item to judge by.")
    if rows.shape[1] != judged.shape[1]:
        raise BadVotes(f"Items have {rows.shape[1]} features, those to judge by {judged.shape[1]}.")
    if truth.shape != (len(judged),) or truth.dtype.kind not in "iu":
        raise BadVotes(
            f"judged_labels are {len(judged)} indices of labels; got {truth.dtype} of the shape {truth.shape}."
        )
    if k < 1:
        raise BadVotes(f"k={k}: at least one neighbor has to vote.")
