"""Cells: the pairs of item and label that have a vote, and the posterior worked out on these alone.

In: `Votes`, what is known of items and labels, the logarithm of how far each cell's votes speak for its label.
Out: the posterior. Never: an array of items by labels inside a loop, unless a prior or a model differs by item.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from goldseam.stats.truth._em import _trust
from goldseam.stats.truth.known import Known, clamp
from goldseam.stats.truth.record import Array, check_size
from goldseam.stats.votes import Votes

Place = NDArray[np.intp]

_SAFE = 500.0
"""Logarithms up to this size are exponentiated as they are; 1,500 votes on an item need more care."""
_THIN = 1e-6
_SPARSE, _SMALL = 8, 1_000_000
"""Keys are sorted, not counted, when fewer than one in eight of those possible can occur."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The pairs of item and label with at least one vote, in order of items, then labels.

    `item` and `label` are those of each cell, `n_said` counts its votes, `of_vote` is the cell of each vote, and `full`
    marks items on which every label has a vote.
    """

    item: Place
    label: Place
    n_said: Array
    of_vote: Place
    full: NDArray[np.bool_]
    n_items: int
    n_labels: int


@dataclass(frozen=True, slots=True)
class Outset:
    """What is believed of each item before its votes: per cell, left over for labels without a vote, and as a table.

    `table` is (n_labels,) where all items share it, else (n_items, n_labels); its rows sum to 1.
    """

    at_cell: Array
    left: Array
    table: Array


@dataclass(frozen=True, slots=True)
class Belief:
    """A posterior on cells.

    A label without a vote has the base's probability times `scale` of its item; `evidence` is the logarithm of how
    probable each item's votes are, relative to a world in which no vote speaks for any label.
    """

    at_cell: Array
    scale: Array
    evidence: Array


def cells_of(votes: Votes) -> Cells:
    """Return the cells of the votes; linear in votes and in items times labels."""
    check_size(votes)
    key = votes.item.astype(np.intp)
    key *= votes.n_labels
    key += votes.label
    place, of_vote, n_said = distinct(key, votes.n_items * votes.n_labels)
    item, label = np.divmod(place, max(votes.n_labels, 1))
    full = np.bincount(item, minlength=votes.n_items) == votes.n_labels
    return Cells(item, label, n_said, of_vote, full, votes.n_items, votes.n_labels)


def distinct(key: Place, size: int) -> tuple[Place, Place, Array]:
    """Return the distinct keys in order, which of them each key is, and how often each occurs; the keys are spent.

    Keys are below `size`.
    """
    if size > _SPARSE * len(key) + _SMALL:  # counting would need far more memory than the keys
        place, of_key, counts = np.unique(key, return_inverse=True, return_counts=True)
        return place, of_key.reshape(-1), counts.astype(np.float64)
    rank = np.bincount(key, minlength=size)
    place = np.flatnonzero(rank)
    n_said = rank[place].astype(np.float64)
    rank[place] = np.arange(len(place))  # in the counts' own memory
    return place, rank.take(key, out=key), n_said


def summed(place: Place, values: Array, size: int) -> Array:
    """Return the sum of the values at each place below `size`."""
    return np.bincount(place, weights=values, minlength=size).astype(np.float64, copy=False)  # of nothing: integers


def shared_base(cells: Cells, shares: Array) -> Outset:
    """Return the base in which every item has the same `shares` (n_labels,) of the labels."""
    at_cell = shares[cells.label]
    return Outset(at_cell, _left(cells, at_cell, shares), shares)


def base_of(cells: Cells, known: Known, shares: Array, power: float) -> Outset:
    """Return the base: the prior, or the `shares` where it is learned, and the model raised to `power`."""
    prior = np.log(shares) if known.prior is None else known.prior
    if known.model is None and prior.ndim == 1:
        return shared_base(cells, softmax(prior) if len(prior) else prior)
    table = softmax(prior if known.model is None else prior + power * known.model, axis=1)
    at_cell = table[cells.item, cells.label]
    return Outset(at_cell, _left(cells, at_cell, table), table)


def first_base(cells: Cells, known: Known) -> tuple[Outset, float]:
    """Return the base to start from, with the shares of the votes where labels' are learned, and a model's power of 1."""
    said = summed(cells.label, cells.n_said, cells.n_labels)
    return base_of(cells, known, learned_shares(said), 1.0), 1.0


def believe(cells: Cells, lead: Array, base: Outset, known: Known) -> Belief:
    """Return the posterior, given for each cell by how much its votes speak for its label (a log ratio)."""
    peak: Array | float = 0.0
    unvoted = np.where(cells.full, 0.0, 1.0)  # how far labels without a vote are lifted, where there are any
    if len(lead) and max(float(lead.max()), -float(lead.min())) > _SAFE:
        peak = _peak(cells, lead)
        unvoted *= np.exp(-np.maximum(peak, 0.0))
        lifted = base.at_cell * np.exp(lead - peak[cells.item])
    else:
        lifted = base.at_cell * np.exp(lead)
    total = base.left * unvoted
    total += summed(cells.item, lifted, cells.n_items)
    lifted /= total.take(cells.item)  # not times 1 / total: a sole label is exactly certain
    belief = Belief(lifted, unvoted / total, np.log(total) + peak)
    _clamp_cells(cells, lead, base, belief, known)
    return belief


def label_totals(cells: Cells, base: Outset, belief: Belief, known: Known) -> Array:
    """Return the sum of the posterior over items, for each label."""
    if base.table.ndim == 2:
        return np.asarray(spread(cells, base, belief, known).sum(axis=0))
    gone = base.at_cell * belief.scale[cells.item]
    totals = summed(cells.label, belief.at_cell - gone, cells.n_labels)
    totals += base.table * belief.scale.sum()
    if len(known.gold_item):
        silent = _gold_cells(cells, known) < 0  # gold labels that nobody voted for
        totals += np.bincount(known.gold_label[silent], minlength=cells.n_labels)
    return np.asarray(np.maximum(totals, 0.0))


def learned_shares(totals: Array) -> Array:
    """Return the shares of the labels, with one more vote spread over all of them."""
    more = totals + 1.0 / max(len(totals), 1)
    return np.asarray(more / more.sum())


def spread(cells: Cells, base: Outset, belief: Belief, known: Known) -> Array:
    """Return the posterior as an array (n_items, n_labels)."""
    posterior = np.empty((cells.n_items, cells.n_labels))
    np.multiply(base.table, belief.scale[:, None], out=posterior)
    posterior[cells.item, cells.label] = belief.at_cell
    clamp(posterior, known)
    return posterior


def next_base(cells: Cells, base: Outset, belief: Belief, known: Known, power: float) -> tuple[Outset, float]:
    """Return the base after a posterior, with shares learned and the model's power refitted where there is a model."""
    if known.prior is not None and known.model is None:
        return base, power
    totals = label_totals(cells, base, belief, known)
    shares = learned_shares(totals)
    if known.model is not None:
        prior = np.log(shares) if known.prior is None else known.prior
        power = _trust(spread(cells, base, belief, known), known.model, prior)
    return base_of(cells, known, shares, power), power


def _left(cells: Cells, at_cell: Array, table: Array) -> Array:
    """Return the base's probability of all labels without a vote, for each item; exactly 0 where there are none."""
    left = np.where(cells.full, 0.0, 1.0 - summed(cells.item, at_cell, cells.n_items))
    thin = np.flatnonzero(~cells.full & (left < _THIN))  # the difference of two numbers near 1 has few digits
    if len(thin):
        row = np.full(cells.n_items, -1)
        row[thin] = np.arange(len(thin))
        rest = np.repeat(table[None], len(thin), axis=0) if table.ndim == 1 else table[thin]
        among = row[cells.item]
        rest[among[among >= 0], cells.label[among >= 0]] = 0.0
        left[thin] = rest.sum(axis=1)
    return left


def _peak(cells: Cells, lead: Array) -> Array:
    """Return the largest logarithm of each item, that of a label without a vote (0) included where there is one."""
    peak = np.where(cells.full, -np.inf, 0.0)
    np.maximum.at(peak, cells.item, lead)
    return peak


def _gold_cells(cells: Cells, known: Known) -> Place:
    """Return the cell of each gold item's label, or -1 where nobody voted for it."""
    key = cells.item * cells.n_labels + cells.label
    wanted = known.gold_item * cells.n_labels + known.gold_label
    place = np.searchsorted(key, wanted)
    found = np.append(key, -1)[np.minimum(place, len(key))] == wanted
    return np.where(found, place, -1)


def _clamp_cells(cells: Cells, lead: Array, base: Outset, belief: Belief, known: Known) -> None:
    """Make gold certain, in place; of gold only the known label's chance counts as evidence."""
    if not len(known.gold_item):
        return
    place = _gold_cells(cells, known)
    believed = base.table[known.gold_label] if base.table.ndim == 1 else base.table[known.gold_item, known.gold_label]
    belief.evidence[known.gold_item] = np.log(believed) + np.where(place >= 0, np.append(lead, 0.0)[place], 0.0)
    is_gold = np.zeros(cells.n_items, dtype=np.bool_)
    is_gold[known.gold_item] = True
    belief.at_cell[is_gold[cells.item]] = 0.0
    belief.at_cell[place[place >= 0]] = 1.0
    belief.scale[known.gold_item] = 0.0
