"""How labeling functions depend on each other beyond what the label behind an item explains.

In: how often pairs of functions vote together, and how often a model expects it. Out: what of each function's evidence
its companions repeat, and how much of the association among functions the model leaves open. Never: an item.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goldseam.stats._weak_design import Columns, Patterns
from goldseam.stats._weak_step import pairs

Array = NDArray[np.float64]

DOUBT = 2.0
"""Votes in common count as dependence only beyond what is expected and so many standard errors more."""


@dataclass(frozen=True, slots=True, eq=False)
class Together:
    """How often two functions vote on the same row (`both`), and for the same label (`agree`), (n_functions, n_functions).

    `votes` is the number of votes of each function, `total` the number of rows.
    """

    both: Array
    agree: Array
    votes: Array
    total: float


def together(patterns: Patterns, columns: Columns) -> Together:
    """Count the common votes of all pairs of functions."""
    gram = pairs(patterns.rows, patterns.count)
    functions, label = columns.function, columns.label
    shape = (columns.n_functions, columns.n_functions)
    both, agree = np.zeros(shape), np.zeros(shape)
    row, column = np.nonzero(gram)
    many = gram[row, column] if isinstance(gram, np.ndarray) else np.asarray(gram[row, column]).ravel()
    np.add.at(both, (functions[row], functions[column]), many)
    same = label[row] == label[column]
    np.add.at(agree, (functions[row[same]], functions[column[same]]), many[same])
    total = float(patterns.count.sum() + patterns.silent)
    return Together(both, agree, np.diagonal(both).copy(), total)


def expected(rates: Array, shares: Array, columns: Columns) -> tuple[Array, Array]:
    """Return how often pairs would vote together, and agree, if functions were independent given the label.

    `rates` (n_labels, n_columns) are the chances of each indicator given each label, `shares` (n_labels,) the number of
    rows of each label.
    """
    belongs = columns.of_function()
    fires = rates @ belongs
    agree = np.zeros((columns.n_functions, columns.n_functions))
    for label in np.unique(columns.label):
        said = columns.label == label
        at = rates[:, said] @ belongs[said]
        agree += (at * shares[:, None]).T @ at
    return (fires * shares[:, None]).T @ fires, agree


def repeated(seen: Together, agree: Array) -> Array:
    """Return how much of each function's votes another repeats beyond what is expected, 0 to 1, (n_functions, n_functions).

    1 says that the second votes wherever the first does and for the same label, which the label behind the rows does not
    explain. Functions that lack votes depend on no one.
    """
    beyond = seen.agree - agree - DOUBT * np.sqrt(np.maximum(agree, 0.5))
    room = seen.votes[:, None] - agree
    share = np.where(room > 0, beyond / np.where(room > 0, room, 1.0), 0.0)
    share = np.clip(share, 0.0, 1.0)
    np.fill_diagonal(share, 0.0)
    return share


def unexplained(seen: Together, both: Array, agree: Array) -> float:
    """Return the deviance of the pair counts from those expected, less what chance alone leaves, at least 0."""
    differ = np.maximum(both - agree, 0.0)
    apart = np.maximum(seen.both - seen.agree, 0.0)
    pair = np.triu(np.outer(seen.votes > 0, seen.votes > 0), 1)
    parts = [_deviance(seen.agree[pair], agree[pair])]
    cells = float((seen.agree[pair] + agree[pair] > 0).sum())
    if apart[pair].any():
        parts.append(_deviance(apart[pair], differ[pair]))
        cells += float((apart[pair] + differ[pair] > 0).sum())
    return max(float(sum(parts)) - 0.5 * cells, 0.0)


def _deviance(seen: Array, wanted: Array) -> float:
    """Return half the Poisson deviance of counts from the expected ones."""
    safe = np.maximum(wanted, 1e-9)
    log = np.log(np.where(seen > 0, seen, 1.0) / safe)
    return float((np.where(seen > 0, seen * log, 0.0) - (seen - wanted)).sum())


def copies(seen: Together) -> NDArray[np.int64]:
    """Return for each function the first one that says the same on every row: itself, if there is none before it."""
    agree, votes = seen.agree, seen.votes
    if not len(votes):
        return np.arange(0)
    same = (agree > votes[:, None] - 0.5) & (agree > votes[None, :] - 0.5) & (votes[:, None] > 0)
    np.fill_diagonal(same, val=True)
    first: NDArray[np.int64] = same.argmax(axis=1)
    return first


def without(seen: Together, kept: NDArray[np.bool_]) -> Together:
    """Return the counts as if only the functions `kept` voted."""
    pair = np.outer(kept, kept)
    return Together(
        np.where(pair, seen.both, 0.0), np.where(pair, seen.agree, 0.0), np.where(kept, seen.votes, 0.0), seen.total
    )
