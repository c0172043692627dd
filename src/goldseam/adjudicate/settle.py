"""Settle: votes become settled labels, soft labels, and escalations.

In: `Votes` whose items are positions, the policy, gold and rulings. Out: `Settlements`, as arrays. Never: a person's
ruling overruled, or a label without how it came about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldseam.adjudicate.policy import Policy
from goldseam.stats import query, truth
from goldseam.stats.votes import Votes
from goldseam.vocab.errors import BadValue

TIED = 1e-6
"""Two labels whose posteriors differ by less are equally likely."""


class How(IntEnum):
    """How a label was settled."""

    VOTES = 0
    RULING = 1
    GOLD = 2
    AUTO = 3


class Escalation(IntEnum):
    """Why an item is handed to a person; `NONE` when it is not."""

    NONE = 0
    LOW_CONFIDENCE = 1
    FEW_VOTES = 2
    TIE = 3


ESCALATION_TEXT: Mapping[Escalation, str] = {
    Escalation.NONE: "",
    Escalation.LOW_CONFIDENCE: "the votes do not make any label likely enough",
    Escalation.FEW_VOTES: "too few people answered",
    Escalation.TIE: "two labels are equally likely",
}


@dataclass(frozen=True, slots=True, eq=False)
class Settlements:
    """Settled labels as arrays, one row an item, sorted by position.

    `label` and the columns of `posterior` index `labels`. `voted` is the label by the votes alone, which audits compare
    with gold; where an item has no votes it equals `label`. `confidence` is the posterior of `label`. `how` holds `How`
    codes, `reason` holds `Escalation` codes; `escalated` items have a label too, the likeliest, but a release leaves it
    out until a person has ruled.
    """

    position: NDArray[np.int64]
    labels: tuple[str, ...]
    label: NDArray[np.int32]
    voted: NDArray[np.int32]
    confidence: NDArray[np.float64]
    posterior: NDArray[np.float64]
    n_votes: NDArray[np.int32]
    how: NDArray[np.int8]
    reason: NDArray[np.int8]
    method: str

    @property
    def escalated(self) -> NDArray[np.bool_]:
        """Whether each item waits for a person's ruling."""
        return np.asarray(self.reason != Escalation.NONE)


def settle(
    votes: Votes,
    policy: Policy,
    gold: Mapping[int, int] | None = None,
    rulings: Mapping[int, int] | None = None,
    beside: Votes | None = None,
) -> Settlements:
    """Settle every item that has votes, a ruling or gold.

    `gold` and `rulings` map positions to indices in `votes.labels`. Gold settles its items but teaches the method
    nothing, so that accuracy on gold stays an honest measure; a ruling supersedes votes and gold. `beside` are the same
    votes about the same items with those of machines that count too: by them labels are settled, but how many votes an
    item has is a number of `votes`. An `escalate_below`
    of 0 escalates nothing but items with too few votes; above 0, ties are escalated too.

    Raises
    ------
    BadValue
        If gold or a ruling names a label that `votes.labels` has not.
    """
    gold, rulings = gold or {}, rulings or {}
    voted = _by_votes(votes, policy, votes if beside is None else beside)
    extra = np.setdiff1d(np.asarray([*gold, *rulings], dtype=np.int64), voted.position)
    found = _with_rows(voted, extra)
    label, posterior = found.label.copy(), found.posterior.copy()
    how, reason = found.how.copy(), found.reason.copy()
    for decided, kind in ((gold, How.GOLD), (rulings, How.RULING)):
        row, given = _rows_of(decided, found)
        label[row], how[row], reason[row] = given, kind, Escalation.NONE
        posterior[row] = np.eye(len(found.labels))[given]
    return replace(
        found,
        label=label,
        voted=np.where(found.n_votes > 0, found.voted, label).astype(np.int32),
        posterior=posterior,
        confidence=posterior[np.arange(len(label)), label],
        how=how,
        reason=reason,
    )


def accept(position: NDArray[np.int64], proba: NDArray[np.floating], labels: tuple[str, ...]) -> Settlements:
    """Settle items of the auto tier by their suggestion; `proba` has a row an item and a column a label."""
    order = np.argsort(position, kind="stable")
    posterior = np.asarray(proba, dtype=np.float64)[order]
    if posterior.shape != (len(position), len(labels)):
        right = (len(position), len(labels))
        raise BadValue(f"Accepting takes probabilities of the shape {right}; got {posterior.shape}.")
    label = posterior.argmax(axis=1).astype(np.int32) if len(position) else np.zeros(0, dtype=np.int32)
    n = len(position)
    return Settlements(
        position=np.asarray(position, dtype=np.int64)[order],
        labels=labels,
        label=label,
        voted=label,
        confidence=posterior[np.arange(n), label],
        posterior=posterior,
        n_votes=np.zeros(n, dtype=np.int32),
        how=np.full(n, How.AUTO, dtype=np.int8),
        reason=np.zeros(n, dtype=np.int8),
        method="suggestion",
    )


def unanswered(position: NDArray[np.int64], labels: tuple[str, ...]) -> Settlements:
    """Escalate items that have all the answers they wanted and not one of them is a label: everybody abstained."""
    n, k = len(position), len(labels)
    first = np.zeros(n, np.int32)
    return Settlements(
        position=position,
        labels=labels,
        label=first,
        voted=first,
        confidence=np.full(n, 1 / k),
        posterior=np.full((n, k), 1 / k),
        n_votes=np.zeros(n, np.int32),
        how=np.full(n, How.VOTES, np.int8),
        reason=np.full(n, Escalation.FEW_VOTES, np.int8),
        method="none",
    )


def together(first: Settlements, second: Settlements) -> Settlements:
    """Return the settlements of both; where both settle an item, that of `first` counts."""
    if first.labels != second.labels:
        raise BadValue("Settlements are put together only when they have the same labels.")
    kept = ~np.isin(second.position, first.position)
    order = np.argsort(np.concatenate([first.position, second.position[kept]]), kind="stable")
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(first, name), getattr(second, name)[kept]])[order] for name in COLUMNS
    }
    return replace(first, **columns)


def disagreement(settled: Settlements) -> NDArray[np.int64]:
    """Return the positions of escalated items, the most disputed (highest entropy of the posterior) first."""
    rows = np.flatnonzero(settled.escalated)
    if not len(rows):
        return np.zeros(0, dtype=np.int64)
    order = np.lexsort((settled.position[rows], -query.entropy(settled.posterior[rows]).round(12)))
    return settled.position[rows][order]


COLUMNS = ("position", "label", "voted", "confidence", "posterior", "n_votes", "how", "reason")


def _by_votes(votes: Votes, policy: Policy, counted: Votes) -> Settlements:
    """Settle by the method alone the items that have votes."""
    n_votes = votes.votes_per_item()
    # Where no item has two votes nothing can be learned about any annotator: one answer each is taken at its word.
    method = policy.method if (counted.votes_per_item() > 1).any() else "majority"
    order = np.argsort(np.asarray(votes.items, dtype=np.int64), kind="stable")
    order = order[n_votes[order] > 0]
    if len(order):
        posterior = np.asarray(truth.METHODS[method](counted).posterior, dtype=np.float64)[order]
    else:
        posterior = np.zeros((0, votes.n_labels))
    label = posterior.argmax(axis=1) if len(order) else np.zeros(0, dtype=np.int64)
    confidence = posterior[np.arange(len(order)), label]
    return Settlements(
        position=np.asarray(votes.items, dtype=np.int64)[order],
        labels=tuple(str(name) for name in votes.labels),
        label=label.astype(np.int32),
        voted=label.astype(np.int32),
        confidence=confidence,
        posterior=posterior,
        n_votes=n_votes[order].astype(np.int32),
        how=np.full(len(order), How.VOTES, dtype=np.int8),
        reason=_reasons(posterior, confidence, n_votes[order], policy),
        method=method,
    )


def _reasons(
    posterior: NDArray[np.float64], confidence: NDArray[np.float64], n_votes: NDArray[np.int64], policy: Policy
) -> NDArray[np.int8]:
    reason = np.zeros(len(posterior), dtype=np.int8)
    if policy.escalate_below > 0:
        reason[confidence < policy.escalate_below] = Escalation.LOW_CONFIDENCE
        reason[(posterior > confidence[:, None] - TIED).sum(axis=1) > 1] = Escalation.TIE
    reason[n_votes < policy.min_votes] = Escalation.FEW_VOTES
    return reason


def _with_rows(settled: Settlements, extra: NDArray[np.int64]) -> Settlements:
    """Return the settlements with rows for more positions, which have no votes; `settle` decides them."""
    n = len(extra)
    if not n:
        return settled
    blank: dict[str, Any] = {
        name: np.zeros((n, *getattr(settled, name).shape[1:]), getattr(settled, name).dtype) for name in COLUMNS
    }
    return together(settled, replace(settled, **(blank | {"position": extra})))


def _rows_of(decided: Mapping[int, int], settled: Settlements) -> tuple[NDArray[np.intp], NDArray[np.int32]]:
    position = np.asarray(list(decided), dtype=np.int64)
    label = np.asarray(list(decided.values()), dtype=np.int32)
    if len(label) and not (label.min() >= 0 and label.max() < len(settled.labels)):
        raise BadValue(f"Gold and rulings name labels by index, 0 to {len(settled.labels) - 1}.")
    return np.searchsorted(settled.position, position), label
