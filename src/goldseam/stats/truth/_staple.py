"""Masks, pixel by pixel: which belong to the object, and how often each annotator takes one in or leaves one out.

In: masks as runs, with item and annotator. Out: `Fit`: pieces of each item with the posterior of all their pixels.
Never: pixels that everyone treats alike, counted one by one.

Pixels of an item on which the same annotators say 'in' are one pattern, with the number of its pixels; all of EM works on
patterns. The pixels that nobody took in count at most as often as those that somebody did: else specificity, and with it
the result, would depend on how much of the image was empty.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array

from goldseam.stats._neighbors import Index, ragged, summed
from goldseam.stats.runs import Runs
from goldseam.stats.truth.record import Array

_BITS = 62
_SURE = 1e-6
_FIRST = 0.9


@dataclass(frozen=True, slots=True)
class Pieces:
    """Stretches of pixels of items, in order, and the pattern of each; patterns have an item and a number of pixels."""

    item: Index
    start: Index
    end: Index
    pattern: Index
    pattern_item: Index
    pixels: Array
    inside: csr_array
    """1 where an annotator takes a pattern in: (n_patterns, n_annotators)."""


@dataclass(frozen=True, slots=True)
class Fit:
    """What EM ended with: the posterior of each pattern, and two numbers per annotator."""

    posterior: Array
    sensitivity: Array
    specificity: Array
    iterations: int
    log_likelihood: float
    converged: bool


def pieces_of(masks: Runs, item: Index, annotator: Index, n_items: int, n_annotators: int) -> Pieces:
    """Cut every item where one of its masks begins or ends; mask v is of `item[v]`, by `annotator[v]`, sorted by item."""
    many = np.bincount(item, minlength=n_items)
    begin = np.cumsum(many) - many
    rank = np.arange(len(item)) - begin[item]
    exact = int(many.max(initial=0)) <= _BITS
    bit = np.left_shift(np.int64(1), rank) if exact else np.zeros(len(item), dtype=np.int64)
    size = np.zeros(n_items, dtype=np.int64)
    size[item] = masks.size
    shown = np.flatnonzero(many)
    where = np.concatenate([item[masks.mask], item[masks.mask], shown, shown])
    place = np.concatenate([masks.start, masks.end, np.zeros_like(shown), size[shown]])
    step = np.concatenate([bit[masks.mask], -bit[masks.mask], np.zeros(2 * len(shown), dtype=np.int64)])
    order = np.lexsort((place, where))
    where, place, held = where[order], place[order], np.cumsum(step[order])
    cut = np.flatnonzero((where[1:] == where[:-1]) & (place[1:] > place[:-1]))
    piece_item, start, end, held = where[cut], place[cut], place[cut + 1], held[cut]
    if exact:
        keys, pattern = np.unique(np.stack([piece_item, held], axis=1), axis=0, return_inverse=True)
        pattern_item, held, pattern = keys[:, 0], keys[:, 1], pattern.reshape(-1)
        owner, place = ragged(many[pattern_item])
        on = (held[owner] >> place) & 1 == 1
        row, mask = owner[on], begin[pattern_item][owner[on]] + place[on]
    else:
        pattern, pattern_item = np.arange(len(cut)), piece_item
        row, mask = _covered(masks, item, piece_item, start)
    pixels = summed(pattern, end - start, len(pattern_item))
    inside = csr_array(coo_array((np.ones(len(row)), (row, annotator[mask])), shape=(len(pattern_item), n_annotators)))
    return Pieces(piece_item, start, end, pattern, pattern_item, pixels, inside)


def _covered(masks: Runs, item: Index, piece_item: Index, start: Index) -> tuple[Index, Index]:
    """Return the pairs (piece, mask) where a run of the mask covers the piece."""
    wide = np.int64(int(masks.size.max(initial=0)) + 1)
    key = piece_item * wide + start
    first = np.searchsorted(key, item[masks.mask] * wide + masks.start)
    last = np.searchsorted(key, item[masks.mask] * wide + masks.end)
    run, place = ragged(last - first)
    return first[run] + place, masks.mask[run]


def infer(pieces: Pieces, looks: csr_array, *, smoothing: float, max_iterations: int, tolerance: float) -> Fit:
    """Infer each pattern's posterior, and each annotator's sensitivity and specificity, by EM from the share of votes.

    `looks` (n_items, n_annotators) has a 1 where an annotator drew a mask, if an empty one. `smoothing` is over how many
    items each annotator's numbers are pooled with the crowd's.
    """
    item, n_items = pieces.pattern_item, looks.shape[0]
    said = np.asarray(pieces.inside.sum(axis=1))
    weight, usual = _weights(pieces, said, n_items)
    many = np.asarray(looks.sum(axis=1))
    posterior = said / np.maximum(many[item], 1)
    before, converged, iteration = -np.inf, False, 0
    looked, inside_by = csr_array(looks.T), csr_array(pieces.inside.T)
    for iteration in range(1, max_iterations + 1):  # noqa: B007 - how many there were is part of the result
        true, false = weight * posterior, weight * (1 - posterior)
        true_of, false_of = np.bincount(item, true, n_items), np.bincount(item, false, n_items)
        sensitivity = _pooled(inside_by @ true, looked @ true_of, smoothing * usual, usual * _FIRST, usual)
        taken = _pooled(inside_by @ false, looked @ false_of, smoothing * usual, usual * (1 - _FIRST), usual)
        log_in = (looks @ np.log1p(-sensitivity))[item] + pieces.inside @ np.log(sensitivity / (1 - sensitivity))
        log_out = (looks @ np.log1p(-taken))[item] + pieces.inside @ np.log(taken / (1 - taken))
        prior = np.clip((true_of + 0.5) / (true_of + false_of + 1.0), _SURE, 1 - _SURE)[item]
        log_in, log_out = log_in + np.log(prior), log_out + np.log1p(-prior)
        evidence = np.logaddexp(log_in, log_out)
        posterior = np.exp(log_in - evidence)
        log_likelihood = float(weight @ evidence)
        converged = abs(log_likelihood - before) <= tolerance * abs(log_likelihood)
        before = log_likelihood
        if converged:
            break
    return Fit(posterior, sensitivity, 1 - taken, iteration, before, converged)


def _weights(pieces: Pieces, said: Array, n_items: int) -> tuple[Array, float]:
    """Return the pixels of each pattern, those nobody took in at most as many as those that somebody did.

    Where nobody took in any, they count as many as an item has of the others in the mean, which is returned too.
    """
    marked = summed(pieces.pattern_item, np.where(said > 0, pieces.pixels, 0.0), n_items)
    usual = float(marked[marked > 0].mean()) if (marked > 0).any() else float(pieces.pixels.sum()) / max(n_items, 1)
    limit = np.where(marked > 0, marked, usual)[pieces.pattern_item]
    return np.where(said > 0, pieces.pixels, np.minimum(pieces.pixels, limit)), usual


def _pooled(hit: Array, asked: Array, smoothing: float, usual_hit: float, usual: float) -> Array:
    """Return each annotator's share of pixels taken in, pooled over so many pixels with the crowd's.

    The crowd's is pooled with what is usual, over the pixels of one item: where there is little else, nothing tells which
    of inside and outside is which.
    """
    crowd = (float(hit.sum()) + usual_hit) / (float(asked.sum()) + usual + _SURE)
    share = (hit + (smoothing + _SURE) * crowd) / (asked + smoothing + _SURE)
    return np.asarray(np.clip(share, _SURE, 1 - _SURE))
