"""Scores: how much each item of a pool is worth asking about, by what models say of it.

In: probabilities (n_items, n_labels), of one model or of several. Out: one number per item, where higher means ask sooner.
Never: a choice; items that score alike may be alike.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from goldseam.stats.query._checks import Floats, Scores, probabilities, stretches
from goldseam.stats.votes import BadVotes


def margin(proba: ArrayLike) -> Scores:
    """Return 1 minus the lead of the likeliest label over the second; 1 is a tie.

    Examples
    --------
    >>> margin([[0.5, 0.5], [0.75, 0.25]]).tolist()
    [1.0, 0.5]

    References
    ----------
    Scheffer, Decomain and Wrobel (2001), Active hidden Markov models for information extraction.
    """
    table = probabilities(proba)
    found = np.zeros(len(table))
    if table.shape[1] < 2:
        return found
    for rows in stretches(*table.shape):
        top = np.partition(table[rows], -2, axis=1)[:, -2:].astype(np.float64)
        found[rows] = 1.0 - (top[:, 1] - top[:, 0])
    return found


def least_confidence(proba: ArrayLike) -> Scores:
    """Return 1 minus the probability of the likeliest label."""
    return np.asarray(1.0 - probabilities(proba).max(axis=1).astype(np.float64))


def entropy(proba: ArrayLike) -> Scores:
    """Return the entropy of each row in nats, divided by its largest possible value: 0 to 1."""
    table = probabilities(proba)
    found = np.zeros(len(table))
    if table.shape[1] < 2:
        return found
    for rows in stretches(*table.shape):
        found[rows] = _entropy(table[rows].astype(np.float64)) / np.log(table.shape[1])
    return found


def vote_entropy(committee: ArrayLike) -> Scores:
    """Return the entropy of the labels that the members of a committee vote for, 0 (one label) to 1.

    `committee` holds the probabilities of each member, (n_members, n_items, n_labels).

    References
    ----------
    Engelson and Dagan (1996), Minimizing manual annotation cost in supervised training from corpora.
    """
    members = _committee(committee)
    n_items, n_labels = members[0].shape
    most = min(n_labels, len(members))
    if most < 2:
        return np.zeros(n_items)
    votes = np.zeros((n_items, n_labels))
    for member in members:
        votes[np.arange(n_items), member.argmax(axis=1)] += 1.0
    return np.asarray(_entropy(votes / len(members)) / np.log(most))


def divergence(committee: ArrayLike) -> Scores:
    """Return the mean Kullback-Leibler divergence of the members of a committee from their mean, in nats.

    It is what is left of the mean's entropy when that of each member is taken off: what the members do not agree on,
    without what they all find ambiguous.

    References
    ----------
    McCallum and Nigam (1998), Employing EM and pool-based active learning for text classification; Houlsby et al. (2011).
    """
    members = _committee(committee)
    mean = np.mean([member.astype(np.float64) for member in members], axis=0)
    own = np.mean([_entropy(member.astype(np.float64)) for member in members], axis=0)
    return np.asarray(np.maximum(_entropy(mean) - own, 0.0))


def rare_label(proba: ArrayLike, counts: ArrayLike) -> Scores:
    """Return how likely each item has a label that is rare among those given so far.

    `counts` (n_labels,) says how often each label was given. A label counts by 1 / (1 + its count), so that one never given
    counts most; the score is the expected value of that, divided by the largest one there is.
    """
    table = probabilities(proba)
    given = np.asarray(counts, dtype=np.float64)
    if given.shape != (table.shape[1],) or not np.isfinite(given).all() or (given < 0).any():
        raise BadVotes(f"counts needs a number of 0 or more for each of {table.shape[1]} labels; it is {given}.")
    rarity = 1.0 / (1.0 + given)
    return np.asarray(table @ (rarity / rarity.max()), dtype=np.float64)


def _committee(committee: ArrayLike) -> list[Floats]:
    members = [probabilities(member) for member in np.asarray(committee)] if np.ndim(committee) == 3 else []
    if not members:
        raise BadVotes(
            "A committee needs the shape (n_members, n_items, n_labels) and at least one member; "
            f"this has {np.shape(committee)}."
        )
    return members


def _entropy(table: Scores) -> Scores:
    logs = np.log(table, out=np.zeros_like(table), where=table > 0)
    return np.asarray(-(table * logs).sum(axis=1))
