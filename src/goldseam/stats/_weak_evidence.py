"""What one vote of one labeling function says about the label behind it.

In: expected counts of votes by label. Out: evidence, the logarithm of how much likelier a vote is under each label than
overall. Never: a row; a function believed to be surer than its votes, its belief beforehand and gold show.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goldseam.stats._weak_design import Columns

Array = NDArray[np.float64]

TRUST = 0.8
"""Share of votes that a function is taken to have right before its votes meet others."""
FIRMNESS = 150.0
"""How many votes that meet others this belief is worth ..."""
CAUTION = 0.5
"""... and, besides, this share of a function's votes, times the share of all association that the model leaves open."""
GOLD_FIRMNESS = 4.0
"""How many gold items this belief is worth: gold shows what a function does, where other functions only suggest it."""

_TINY = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """What the models expect to have happened: votes by label.

    `met` (n_models, n_labels, n_columns) counts the votes on rows where functions meet, `mass` (n_models, n_labels) the
    rows with votes.
    """

    met: Array
    mass: Array

    @property
    def meeting(self) -> Array:
        """The votes on rows where functions meet, whatever the label, (n_models, 1, n_columns)."""
        return np.asarray(self.met.sum(axis=1, keepdims=True))

    @property
    def shares(self) -> Array:
        """The shares of the labels among rows with votes, none of them 0, (n_models, n_labels)."""
        floor = self.mass + 1.0
        return np.asarray(floor / floor.sum(axis=1, keepdims=True))


@dataclass(frozen=True, slots=True, eq=False)
class Balance:
    """What is assumed of the shares of the labels, model by model.

    `pull` (n_models,) draws the learned shares towards equal ones: 0 not at all, 1 all the way. `given` (n_labels,) are
    logarithms of shares that the caller knows, or None.
    """

    pull: Array
    given: Array | None

    def log_prior(self, counted: Counted) -> Array:
        """Return the logarithm of the prior, (n_models, n_labels)."""
        if self.given is not None:
            return np.tile(self.given, (len(self.pull), 1))
        raised = (1.0 - self.pull[:, None]) * np.log(counted.shares)
        return np.asarray(raised - np.log(np.maximum(np.exp(raised).sum(axis=1, keepdims=True), _TINY)))


def firmness(open_share: Array, meeting: Array, scale: float = 1.0) -> Array:
    """Return how many votes the belief beforehand is worth, (n_models, 1, n_columns), where each vote stands for `scale`."""
    return np.asarray(FIRMNESS / scale + CAUTION * open_share[:, None, None] * meeting)


def evidence(columns: Columns, counted: Counted, gold: Array, firm: Array) -> Array:
    """Return the evidence of each indicator for each label, (n_models, n_labels, n_columns).

    A function that gives one label is judged by how often it is right when it speaks; one that gives several, by what it
    says of each label. `gold` (n_labels, n_columns) counts its votes on gold items by their label.
    """
    shares = counted.shares[:, :, None]
    several = np.bincount(columns.function, minlength=columns.n_functions)[columns.function] > 1
    if several.all() and len(several):
        found = _confusion(columns, counted, gold, firm, shares)
    else:
        found = np.log(np.maximum(_precision(columns, counted, gold, firm, shares), _TINY) / shares)
        if several.any():
            found = np.where(several, _confusion(columns, counted, gold, firm, shares), found)
    return np.asarray(found - np.log((shares * np.exp(found)).sum(axis=1, keepdims=True)))


def believed(columns: Columns, mass: Array) -> Array:
    """Return the evidence of votes that were never seen, (n_models, n_labels, n_columns): of one label at a time."""
    none = Counted(np.zeros((*mass.shape, columns.n_columns)), mass)
    shares = none.shares[:, :, None]
    firm = firmness(np.zeros(len(mass)), none.meeting)
    return np.asarray(np.log(np.maximum(_precision(columns, none, none.met[0], firm, shares), _TINY) / shares))


def _precision(columns: Columns, counted: Counted, gold: Array, firm: Array, shares: Array) -> Array:
    """Return the chance of each label given the vote."""
    own = columns.own()
    other = shares * (1.0 - own)
    belief = TRUST * own + (1.0 - TRUST) * other / np.maximum(other.sum(axis=1, keepdims=True), _TINY)
    belief = belief / belief.sum(axis=1, keepdims=True)
    checked = gold.sum(axis=0)
    belief = (gold + GOLD_FIRMNESS * belief) / (checked + GOLD_FIRMNESS)
    firm = firm + checked
    return np.asarray((counted.met + firm * belief) / (counted.meeting + firm))


def _by_function(columns: Columns, values: Array) -> Array:
    """Return sums over the columns of each function, (..., n_functions); `values` are (..., n_columns)."""
    found = np.zeros((*values.shape[:-1], columns.n_functions))
    order = np.argsort(columns.function, kind="stable")
    functions, begin = np.unique(columns.function[order], return_index=True)
    if len(functions):
        found[..., functions] = np.add.reduceat(values[..., order], begin, axis=-1)
    return found


def _confusion(columns: Columns, counted: Counted, gold: Array, firm: Array, shares: Array) -> Array:
    """Return the evidence by what the function says of each label, and how readily it speaks at all."""
    own, function = columns.own(), columns.function
    gives = np.maximum(np.bincount(function, minlength=columns.n_functions), 1)
    belief = TRUST * own + (1.0 - TRUST) / max(columns.n_labels - 1, 1) * (1.0 - own)
    belief = belief / np.maximum(_by_function(columns, belief), _TINY)[:, function]
    belief = (gold + GOLD_FIRMNESS * belief) / (_by_function(columns, gold)[:, function] + GOLD_FIRMNESS)
    firm = firm + (_by_function(columns, gold.sum(axis=0)) / gives)[function]
    spoken = _by_function(columns, counted.met)
    said = (counted.met + firm * belief) / (spoken[:, :, function] + firm)
    worth = _by_function(columns, firm) / gives
    speaks = (spoken + worth * shares) / np.maximum(spoken.sum(axis=1, keepdims=True) + worth, _TINY) / shares
    return np.asarray(np.log(np.maximum(said * speaks[:, :, function], _TINY)))
