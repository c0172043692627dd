"""States: an assignment's life, as a table.

In: a state and an event. Out: the next state, or an error that says what is possible. Never: a clock or a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from goldseam.vocab.errors import LeaseLost


class AssignmentState(StrEnum):
    """Where an assignment stands."""

    LEASED = "leased"
    SUBMITTED = "submitted"
    SKIPPED = "skipped"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Event(StrEnum):
    """What can happen to an assignment."""

    LEASE = "lease"
    SUBMIT = "submit"
    SKIP = "skip"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"


_S, _E = AssignmentState, Event

TABLE: Mapping[tuple[AssignmentState, Event], AssignmentState] = MappingProxyType(
    {
        (_S.LEASED, _E.SUBMIT): _S.SUBMITTED,
        (_S.LEASED, _E.SKIP): _S.SKIPPED,
        (_S.LEASED, _E.EXPIRE): _S.EXPIRED,
        (_S.EXPIRED, _E.LEASE): _S.LEASED,
        (_S.EXPIRED, _E.SUBMIT): _S.SUBMITTED,
        (_S.SUBMITTED, _E.WITHDRAW): _S.WITHDRAWN,
        (_S.WITHDRAWN, _E.LEASE): _S.LEASED,
    }
)
"""Every move there is. A late answer (expired, then submitted) is kept; an undo is withdrawn, then leased again."""

WORDS: Mapping[AssignmentState, str] = MappingProxyType(
    {
        _S.LEASED: "is held by its annotator",
        _S.SUBMITTED: "was answered already",
        _S.SKIPPED: "was skipped",
        _S.EXPIRED: "is no longer held: its lease ended",
        _S.WITHDRAWN: "was taken back",
    }
)


def after(state: AssignmentState, event: Event) -> AssignmentState:
    """Return the state that follows.

    Raises
    ------
    LeaseLost
        If the event cannot happen in this state; the message says what can.
    """
    following = TABLE.get((state, event))
    if following is None:
        possible = sorted(e.value for s, e in TABLE if s is state)
        hint = f"what is possible: {', '.join(possible)}" if possible else "nothing more can happen to it"
        raise LeaseLost(
            f"This assignment {WORDS[state]}, so {event.value!r} is not possible; {hint}.",
            state=state.value,
            event=event.value,
        )
    return following
