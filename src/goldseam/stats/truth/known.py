"""What is known beforehand: gold, a prior over labels, a model's probabilities.

In: the options of the methods. Out: `Known`, checked and in index form. Never: a zero probability.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goldseam.stats.truth.record import Array, shares_of_votes
from goldseam.stats.votes import BadVotes, Votes

Gold = Mapping[Any, Hashable]
Prior = Literal["learned", "flat"] | ArrayLike

_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beforehand.

    `prior` holds log probabilities, (n_labels,) or (n_items, n_labels), or is None to be learned; `gold_item` and
    `gold_label` are indices of clamped items; `model` holds the logarithms of a model's evidence for each label,
    (n_items, n_labels), beyond the shares of the labels where these are learned, or is None.
    """

    prior: Array | None
    gold_item: NDArray[np.int64]
    gold_label: NDArray[np.int64]
    model: Array | None


def clamp(posterior: Array, known: Known) -> None:
    """Set the posterior of gold items to their label, in place."""
    posterior[known.gold_item] = 0.0
    posterior[known.gold_item, known.gold_label] = 1.0


def prepared(
    votes: Votes, gold: Gold | None, prior: Prior, model: ArrayLike | None, smoothing: float
) -> tuple[Known, Array]:
    """Return the checked options, and a posterior to start from: the shares of the votes, and the model as one more."""
    check_labels(votes)
    if smoothing < 0:
        raise BadVotes(f"smoothing={smoothing}: a number of votes, 0 or more, would be right.")
    known = known_of(votes, gold, prior, model)
    start = shares_of_votes(votes, None)
    if model is not None:
        many = votes.votes_per_item()[:, None]
        start = (start * many + probabilities(votes, model)) / (many + 1)
    clamp(start, known)
    return known, start


def check_labels(votes: Votes) -> None:
    """Refuse items that could have no label."""
    if votes.n_labels == 0 and votes.n_items:
        raise BadVotes("There are items but no labels: give labels= the names that may be chosen.")


def known_of(votes: Votes, gold: Gold | None, prior: Prior, model: ArrayLike | None) -> Known:
    """Return the options in index form; what does not fit the votes raises `BadVotes`."""
    item, label = _gold_indices(votes, gold or {})
    log_prior = _log_prior(votes, prior)
    if model is None:
        return Known(log_prior, item, label, None)
    proba = probabilities(votes, model)
    shares = proba.mean(axis=0) if log_prior is None and len(proba) else np.ones(votes.n_labels)
    return Known(log_prior, item, label, np.asarray(np.log(proba / shares)))


def _gold_indices(votes: Votes, gold: Gold) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    if not gold:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    places = {name: index for index, name in enumerate(votes.items.tolist())}
    codes = {name: index for index, name in enumerate(votes.labels)}
    for item, label in gold.items():
        if item not in places:
            raise BadVotes(f"Gold names the item {item!r}, which is not among the {votes.n_items} items of the votes.")
        if label not in codes:
            raise BadVotes(f"Gold gives {item!r} the label {label!r}, which is not among the labels {votes.labels!r}.")
    found = [(places[item], codes[label]) for item, label in gold.items()]
    table = np.array(found, dtype=np.int64)
    return table[:, 0], table[:, 1]


def _log_prior(votes: Votes, prior: Prior) -> Array | None:
    if isinstance(prior, str):
        if prior not in ("learned", "flat"):
            raise BadVotes(f"prior={prior!r}: 'learned', 'flat' or probabilities would be right.")
        return None if prior == "learned" else np.zeros(votes.n_labels)
    table = np.asarray(prior, dtype=np.float64)
    if table.shape not in ((votes.n_labels,), (votes.n_items, votes.n_labels)):
        raise BadVotes(f"A prior needs the shape ({votes.n_labels},) or ({votes.n_items}, {votes.n_labels}).")
    return np.asarray(np.log(_rows(table, "prior")))


def probabilities(votes: Votes, model: ArrayLike) -> Array:
    """Return a model's probabilities (n_items, n_labels), each row summing to 1 without zeros."""
    table = np.asarray(model, dtype=np.float64)
    if table.shape != (votes.n_items, votes.n_labels):
        raise BadVotes(
            f"A model's probabilities need the shape ({votes.n_items}, {votes.n_labels}), not {table.shape}."
        )
    return _rows(table, "model")


def _rows(table: Array, what: str) -> Array:
    """Return rows that sum to 1, without zeros."""
    if not np.isfinite(table).all() or (table < 0).any() or not (table.sum(axis=-1) > 0).all():
        raise BadVotes(f"The probabilities of the {what} must be finite, not negative, and above 0 in sum per row.")
    floor = np.maximum(table / table.sum(axis=-1, keepdims=True), _TINY)
    return np.asarray(floor / floor.sum(axis=-1, keepdims=True))
