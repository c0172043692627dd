r"""Adaptive: another answer is asked for only while the posterior is not sure enough.

In: votes with the confusion, or the accuracy, of whoever cast each. Out: posteriors, and whether they suffice.
Never: a vote.

One-coin model: an annotator of accuracy a says the true label with probability a, and each of the K - 1 others with
(1 - a) / (K - 1). A vote for a label thus speaks for it with :math:`\log(a (K - 1) / (1 - a))`, and labels are equally
likely before any vote. With confusions, a vote for l speaks for label k with :math:`\log \pi_{kl}`, and labels are as
likely before any vote as their shares are in the project.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from goldseam.annotate.policy import Adaptive, Policy
from goldseam.vocab.errors import BadValue

FLOOR = 1e-9
MOST_LABELS = 6
"""Labels that are looked ahead for: an item that may still be any of more is not close to being settled."""
MOST_NODES = 500
"""Ends of the tree that is looked through: what bounds how far ahead, and the time it takes."""
ITEMS_AT_ONCE = 500
VOTES_AT_ONCE = 100_000


def posterior(counts: NDArray[np.integer], accuracy: float) -> NDArray[np.float64]:
    """Return the posterior of each label, given vote counts (..., n_labels) of annotators who are equally accurate.

    Examples
    --------
    >>> posterior(np.array([2, 0]), 0.8).round(3).tolist()
    [0.941, 0.059]
    """
    counts = np.asarray(counts)
    return np.asarray(softmax(counts * _evidence(np.float64(accuracy), counts.shape[-1]), axis=-1))


def weighted_posterior(
    item: NDArray[np.integer],
    label: NDArray[np.integer],
    accuracy: NDArray[np.floating],
    n_items: int,
    n_labels: int,
) -> NDArray[np.float64]:
    """Return the posterior (n_items, n_labels) given votes with the accuracy of whoever cast each."""
    cell = np.asarray(item, dtype=np.int64) * n_labels + label
    flat = np.bincount(cell, weights=_evidence(np.asarray(accuracy), n_labels), minlength=n_items * n_labels)
    return np.asarray(softmax(flat.reshape(n_items, n_labels), axis=1))


def enough(posterior: NDArray[np.floating], n_votes: NDArray[np.integer] | int, policy: Policy) -> NDArray[np.bool_]:
    """Return whether each item wants no further answer.

    It wants none once its posterior (..., n_labels) reaches `stop_at` for a label, from `min_votes` votes on. Always
    false where the policy has no `stop_at`: the full redundancy is then asked for.
    """
    sure = np.asarray(posterior).max(axis=-1)
    if policy.stop_at is None:
        return np.zeros(sure.shape, dtype=np.bool_)
    return np.asarray((sure >= policy.stop_at) & (np.asarray(n_votes) >= policy.min_votes))


def coin(accuracy: float, n_labels: int) -> NDArray[np.float64]:
    """Return the confusion (n_labels, n_labels) of somebody of whom only the accuracy is known."""
    others = (1.0 - accuracy) / max(n_labels - 1, 1)
    return np.where(np.eye(n_labels, dtype=np.bool_), accuracy, others)


def informed_posterior(
    said: Sequence[int], confusions: Sequence[NDArray[np.float64]], shares: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the posterior (n_labels,) of one item.

    Parameters
    ----------
    said
        The label of each vote; an abstention is none.
    confusions
        Of whoever cast each vote, (true label, label said).
    shares
        How likely each label is before any vote.

    Examples
    --------
    >>> informed_posterior([0, 0], [coin(0.8, 2)] * 2, np.array([0.5, 0.5])).round(3).tolist()
    [0.941, 0.059]
    """
    logits = np.log(np.maximum(shares, FLOOR))
    for label, confusion in zip(said, confusions, strict=True):
        logits = logits + np.log(np.maximum(confusion[:, label], FLOOR))
    return np.asarray(softmax(logits))


def informed_posteriors(
    item: NDArray[np.integer],
    annotator: NDArray[np.integer],
    label: NDArray[np.integer],
    confusions: NDArray[np.float64],
    shares: NDArray[np.float64],
    n_items: int,
) -> NDArray[np.float64]:
    """Return the posteriors (n_items, n_labels) of many items, given votes and the confusions (n_annotators, true, said)."""
    logs = np.log(np.maximum(confusions, FLOOR))
    logits = np.tile(np.log(np.maximum(shares, FLOOR)), (n_items, 1))
    for first in range(0, len(item), VOTES_AT_ONCE):
        some = slice(first, first + VOTES_AT_ONCE)
        np.add.at(logits, item[some], logs[annotator[some], :, label[some]])
    return np.asarray(softmax(logits, axis=1))


def wants_more(
    posterior: NDArray[np.float64], n_votes: int, most: int, crowd: NDArray[np.float64], rule: Adaptive
) -> bool:
    """Return whether one more answer about an item is worth its price.

    Parameters
    ----------
    n_votes
        Votes for labels that the item has; `most` is how many it may have.
    crowd
        The confusion of whoever answers next: nobody knows yet who that is.
    """
    return bool(wants_more_each(posterior[None], np.array([n_votes]), np.array([most]), crowd, rule)[0])


def wants_more_each(
    posterior: NDArray[np.float64],
    n_votes: NDArray[np.integer],
    most: NDArray[np.integer],
    crowd: NDArray[np.float64],
    rule: Adaptive,
) -> NDArray[np.bool_]:
    """Return the same for many items, whose posteriors are (n_items, n_labels)."""
    room = n_votes < most
    begun = n_votes >= np.minimum(rule.min_votes, most)
    sure = posterior.max(axis=1)
    if rule.stop_at is not None:
        return np.asarray(room & (~begun | (sure < rule.stop_at)))
    cost = rule.error_cost or 0.0
    now = (1.0 - sure) * cost
    found = room & ~begun
    # Where not even an answer that decides for certain would be worth its price, none is.
    open_ = room & begun & (now > 1.0)
    for left in np.unique((most - n_votes)[open_]).tolist():
        rows = np.flatnonzero(open_ & (most - n_votes == left))
        for first in range(0, len(rows), ITEMS_AT_ONCE):
            some = rows[first : first + ITEMS_AT_ONCE]
            chances, confusion = _likeliest(posterior[some], crowd)
            depth = min(left, max(int(np.log(MOST_NODES) / np.log(confusion.shape[-1])), 1))
            found[some] = _expected_cost(chances, confusion, depth, cost) < now[some] - FLOOR
    return np.asarray(found)


def _likeliest(
    posterior: NDArray[np.float64], crowd: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the likeliest labels of each item with their confusion; what is said beyond them is one label more."""
    if posterior.shape[1] <= MOST_LABELS:
        return posterior, np.maximum(crowd, FLOOR)
    top = np.argsort(-posterior, axis=1, kind="stable")[:, :MOST_LABELS]
    kept = crowd[top[:, :, None], top[:, None, :]]
    beyond = 1.0 - kept.sum(axis=2, keepdims=True)
    chances = np.take_along_axis(posterior, top, axis=1)
    confusion = np.maximum(np.concatenate([kept, beyond], axis=2), FLOOR)
    return chances / chances.sum(axis=1, keepdims=True), confusion


def _expected_cost(
    chances: NDArray[np.float64], confusion: NDArray[np.float64], depth: int, cost: float
) -> NDArray[np.float64]:
    """Return the least cost to be expected, in answers, from posteriors (..., n_labels) with `depth` answers to come.

    Looked ahead to the end: where no single further answer can turn the label, two or three together may.
    """
    stop = (1.0 - chances.max(axis=-1)) * cost
    if depth == 0:
        return np.asarray(stop)
    joint = chances[..., :, None] * confusion
    says = joint.sum(axis=-2)
    after = np.swapaxes(joint, -1, -2) / says[..., None]
    of_each = confusion if confusion.ndim == 2 else confusion[..., None, :, :]
    goes_on = 1.0 + (says * _expected_cost(after, of_each, depth - 1, cost)).sum(axis=-1)
    return np.asarray(np.minimum(stop, goes_on))


def _evidence(accuracy: NDArray[np.floating] | np.float64, n_labels: int) -> NDArray[np.float64]:
    if not bool(((accuracy > 0) & (accuracy < 1)).all()):
        raise BadValue("An annotator's accuracy lies between 0 and 1, both excluded.")
    return np.asarray(np.log(accuracy) - np.log1p(-accuracy) + np.log(max(n_labels - 1, 1)), dtype=np.float64)
