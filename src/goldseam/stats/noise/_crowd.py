"""A crowd beside a model: what votes say of the same items, and how much either source counts.

In: votes, a truth or a posterior. Out: `Crowd`. Never: a balance learned from votes that helped to make the posterior.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldseam.stats.noise._calibration import recalibrated, softmax
from goldseam.stats.noise._given import TINY, Array, Given, posterior_of, spaced
from goldseam.stats.truth import Truth, infer
from goldseam.stats.votes import BadVotes, Votes

USUAL = (0.85, 1.0)
"""What a crowd's and a model's log odds count where no votes are there to learn it from."""
_CROWD_POWERS = (0.25, 0.4, 0.55, 0.7, 0.85, 1.0)
_MODEL_POWERS = (0.5, 1.0, 1.5)
_ITEMS, _ROUNDS = 5_000, 10
_FEWEST = 50
"""With fewer items that have a vote to spare, the usual balance is taken."""


@dataclass(frozen=True, slots=True, eq=False)
class Crowd:
    """What votes say of the same items: a posterior (n, k), which items have no votes, and what either source counts."""

    posterior: Array
    silent: NDArray[np.bool_]
    power: float = USUAL[0]
    model_power: float = USUAL[1]

    @property
    def share(self) -> Array:
        """The share of each label among the items that have votes."""
        many = max(len(self.silent) - int(self.silent.sum()), 1)
        return np.asarray(np.maximum(np.einsum("ij,i->j", self.posterior, ~self.silent) / many, TINY))


def crowd_of(given: Given, crowd: Any) -> Crowd | None:  # noqa: ANN401 - votes, a truth or a posterior
    """Return a crowd in the order of the labels; votes themselves also tell how much either source counts."""
    if crowd is None:
        return None
    if isinstance(crowd, Votes):
        if crowd.n_items != given.n_items:
            raise BadVotes(f"crowd= has votes on {crowd.n_items} items; there are {given.n_items} labels.")
        order = _order(given, crowd.labels)
        posterior = posterior_of(infer(crowd).posterior[:, order], given.n_items, given.names)
        power, model_power = _balance(given, crowd, order)
        return Crowd(posterior, crowd.votes_per_item() == 0, power, model_power)
    if isinstance(crowd, Truth):
        posterior = crowd.posterior[:, _order(given, crowd.labels)]
        return Crowd(posterior_of(posterior, given.n_items, given.names), np.asarray(crowd.n_votes == 0))
    return Crowd(posterior_of(crowd, given.n_items, given.names), np.zeros(given.n_items, dtype=np.bool_))


def _order(given: Given, labels: tuple[Hashable, ...]) -> slice | list[int]:
    """Return where each label stands among a crowd's: as it is, unless both have the same names in another order."""
    if given.names != labels and set(given.names) == set(labels):
        return [labels.index(name) for name in given.names]
    return slice(None)


def _balance(given: Given, votes: Votes, order: slice | list[int]) -> tuple[float, float]:
    """Return the powers of crowd and model with which they tell best what votes that were held out say.

    One vote of each item that has several is held out. Whoever cast them says a label with probabilities that depend on the
    true one alone, which are learned for each pair of powers.
    """
    held = _held_out(votes)
    spare = np.flatnonzero(held)
    if len(spare) < _FEWEST or given.n_labels < 2:
        return USUAL
    posterior = infer(votes.where(~held)).posterior[:, order]
    some = spaced(spare, _ITEMS)
    item = votes.item[some]
    place = np.arange(votes.n_labels) if isinstance(order, slice) else np.argsort(order)
    said = place[votes.label[some]]
    logs = np.log(np.maximum(given.rows(item).astype(np.float64), TINY))
    crowd = posterior[item]
    power, shift = recalibrated(logs, crowd)
    model = power * logs + shift - np.log(np.maximum(crowd.mean(axis=0), TINY))
    crowd = np.log(np.maximum(crowd, TINY))
    fits = {(c, m): _told(softmax(c * crowd + m * model), said) for c in _CROWD_POWERS for m in _MODEL_POWERS}
    return max(fits, key=fits.__getitem__)


def _told(posterior: Array, said: NDArray[np.integer[Any]]) -> float:
    """Return the log likelihood of votes, by confusions that are learned from them."""
    k = posterior.shape[1]
    order = np.argsort(said, kind="stable")
    held, label = posterior[order], said[order]
    used, begin = np.unique(label, return_index=True)
    confusion = np.full((k, k), 0.5 / k) + 0.5 * np.eye(k)
    total = np.ones(len(held))
    for _ in range(_ROUNDS):
        joint = held * confusion[:, label].T
        total = joint.sum(axis=1)
        joint /= np.maximum(total, TINY)[:, None]
        together = np.full((k, k), 0.5)
        together[:, used] += np.add.reduceat(joint, begin, axis=0).T
        confusion = together / together.sum(axis=1, keepdims=True)
    return float(np.log(np.maximum(total, TINY)).sum())


def _held_out(votes: Votes) -> NDArray[np.bool_]:
    """Return one vote of each item that has at least two: not always the first, as annotators may come in order."""
    order = np.lexsort((votes.annotator, votes.item))
    many = votes.votes_per_item()
    begin = np.cumsum(many) - many
    several = np.flatnonzero(many > 1)
    held = np.zeros(votes.n_votes, dtype=np.bool_)
    held[order[begin[several] + several % many[several]]] = True
    return held
