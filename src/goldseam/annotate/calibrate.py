r"""Calibrate: everybody answers the same items blindly, then talks about those they disagree on; a session's life is a table.

In: votes of a session, or of ordinary items. Out: how much each item is disagreed on, agreement with its interval, the next
state. Never: an answer of somebody shown while others still answer.

Disagreement on an item with counts :math:`n_l` of :math:`n` votes is the share of pairs that differ,
:math:`1 - \sum_l n_l (n_l - 1) / (n (n - 1))`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from goldseam.stats import agreement
from goldseam.stats.votes import Votes
from goldseam.vocab.errors import BadValue, NotReady

MAX_ITEMS = 100
MAX_PEOPLE = 50
LEVEL = 0.95
DRAWS = 500


class Choosing(StrEnum):
    """How the items of a session are chosen."""

    DISAGREEMENT = "disagreement"
    RANDOM = "random"
    GIVEN = "given"


class SessionState(StrEnum):
    """Where a session stands: answered blindly, discussed, or over."""

    BLIND = "blind"
    DISCUSSED = "discussed"
    FINISHED = "finished"


class SessionEvent(StrEnum):
    """What can happen to a session: the last answer came, the manager closes the blind part, or ends the session."""

    COMPLETE = "complete"
    CLOSE = "close"
    FINISH = "finish"


_S, _E = SessionState, SessionEvent

TABLE: Mapping[tuple[SessionState, SessionEvent], SessionState] = MappingProxyType(
    {
        (_S.BLIND, _E.COMPLETE): _S.DISCUSSED,
        (_S.BLIND, _E.CLOSE): _S.DISCUSSED,
        (_S.DISCUSSED, _E.FINISH): _S.FINISHED,
    }
)
"""Every move there is: nothing becomes blind again."""


def after(state: SessionState, event: SessionEvent) -> SessionState:
    """Return the state that follows.

    Raises
    ------
    NotReady
        If the event cannot happen in this state; the message says what can.
    """
    found = TABLE.get((state, event))
    if found is None:
        possible = ", ".join(sorted(said.value for known, said in TABLE if known is state)) or "nothing"
        raise NotReady(f"This session is {state.value}, so {event.value!r} cannot happen; possible: {possible}.")
    return found


@dataclass(frozen=True, slots=True)
class Measured:
    """Krippendorff's alpha with its bootstrap interval; `value` is None where it is undefined, with the reason."""

    value: float | None
    low: float | None
    high: float | None
    reason: str
    n_items: int
    n_votes: int


def measure(votes: Votes, rng: np.random.Generator) -> Measured:
    """Return the agreement of votes on the items that at least two voted on."""
    found = agreement.alpha(votes)
    spread = agreement.interval(votes, "alpha", rng=rng, level=LEVEL, draws=DRAWS)
    defined = found.value is not None
    return Measured(
        value=found.value,
        low=spread.low if defined else None,
        high=spread.high if defined else None,
        reason=found.reason,
        n_items=found.n_items,
        n_votes=found.n_votes,
    )


def disagreement(counts: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return how much each item is disagreed on, from 0 to 1, given vote counts (n_items, n_labels); 0 below two votes.

    Examples
    --------
    >>> disagreement(np.array([[2, 2], [4, 0], [1, 0]])).round(3).tolist()
    [0.667, 0.0, 0.0]
    """
    counts = np.asarray(counts, np.float64)
    n = counts.sum(axis=1)
    same = (counts * (counts - 1)).sum(axis=1)
    pairs = n * (n - 1)
    return np.where(pairs > 0, 1 - np.divide(same, pairs, out=np.ones_like(n), where=pairs > 0), 0.0)


def check_size(n_items: int, n_people: int) -> None:
    """Refuse, with `BadValue`, a session that nobody could discuss, or that compares nobody with anybody."""
    if not 1 <= n_items <= MAX_ITEMS:
        raise BadValue(f"A session has 1 to {MAX_ITEMS} items; got {n_items}.")
    if not 2 <= n_people <= MAX_PEOPLE:
        raise BadValue(f"A session has 2 to {MAX_PEOPLE} annotators; got {n_people}.")
