"""Calibrate: everybody answers the same items blindly, then talks about those they disagree on; a session's life is a table.

In: what happens to a session. Out: the next state, or a refusal. Never: an answer of somebody shown while others still answer;
how far answers are apart (`annotate.apart`).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from goldseam.vocab.errors import BadValue, NotReady

MAX_ITEMS = 100
MAX_PEOPLE = 50


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


def check_size(n_items: int, n_people: int) -> None:
    """Refuse, with `BadValue`, a session that nobody could discuss, or that compares nobody with anybody."""
    if not 1 <= n_items <= MAX_ITEMS:
        raise BadValue(f"A session has 1 to {MAX_ITEMS} items; got {n_items}.")
    if not 2 <= n_people <= MAX_PEOPLE:
        raise BadValue(f"A session has 2 to {MAX_PEOPLE} annotators; got {n_people}.")
