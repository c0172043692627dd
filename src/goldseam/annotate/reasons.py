"""Reasons: why somebody passes on an item, flags it or is unsure, and whom the item then goes to.

In: the project file's `annotate.reasons`, what people chose. Out: `Reason`, whether an item is held, what a decision does.
Never: what an item's label is, or whether it is gold: the same reasons stand on every item.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from goldseam.vocab.errors import BadPolicy, BadValue, Conflict, nearest

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
MOST = 50
MOST_CHARACTERS = 2_000


class GoesTo(StrEnum):
    """Whom an item goes to for a reason: nobody, other annotators, an expert, or the manager, who is shown it or is not."""

    NOBODY = "nobody"
    OTHERS = "others"
    EXPERT = "expert"
    MANAGER = "manager"
    QUARANTINE = "quarantine"


AWAY = frozenset({GoesTo.EXPERT, GoesTo.MANAGER, GoesTo.QUARANTINE})
"""Where an item goes that leaves its queue."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: `people` is how many must give one like it before the item leaves the queue."""

    name: str
    title: str = ""
    goes_to: GoesTo = GoesTo.OTHERS
    people: int = 2

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise BadPolicy(
                f"reasons: a name has 1 to 40 small letters, digits, dashes and underscores; got {self.name[:80]!r}."
            )
        if len(self.title) > 200:
            raise BadPolicy(f"reasons: a title has at most 200 characters; got {len(self.title)}.")
        if not 1 <= self.people <= 20:
            raise BadPolicy(f"reasons: people lies between 1 and 20; got {self.people}.")

    @property
    def text(self) -> str:
        """The title, or the name where there is none."""
        return self.title or self.name.replace("_", " ")


USUAL = (
    Reason("language", "Not my language", GoesTo.OTHERS),
    Reason("unreadable", "Cannot be read", GoesTo.MANAGER),
    Reason("no_label", "None of the labels fits", GoesTo.EXPERT),
    Reason("unsure", "Unsure", GoesTo.OTHERS),
    Reason("harmful", "Harmful", GoesTo.QUARANTINE, 1),
    Reason("personal_data", "Personal data", GoesTo.QUARANTINE, 1),
)
"""What people choose from where the project file says nothing."""


class HoldState(StrEnum):
    """What became of an item that left the queue: it waits, or was put back, left out, or handed to an expert."""

    OPEN = "open"
    PUT_BACK = "put_back"
    EXCLUDED = "excluded"
    TO_EXPERT = "to_expert"


DECISIONS: Mapping[HoldState, frozenset[HoldState]] = MappingProxyType(
    {
        HoldState.OPEN: frozenset({HoldState.PUT_BACK, HoldState.EXCLUDED, HoldState.TO_EXPERT}),
        HoldState.EXCLUDED: frozenset({HoldState.PUT_BACK}),
        HoldState.PUT_BACK: frozenset(),
        HoldState.TO_EXPERT: frozenset(),
    }
)
"""What may follow: an item that was left out may be put back; what is in the queue again is flagged anew."""


def check_list(reasons: Sequence[Reason]) -> None:
    """Refuse, with `BadPolicy`, a list that names one twice or is too long to choose from."""
    names = [one.name for one in reasons]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadPolicy(f"annotate.reasons names {twice[0]!r} twice.")
    if len(names) > MOST:
        raise BadPolicy(f"annotate.reasons has at most {MOST} reasons; got {len(names)}.")


def named(reasons: Sequence[Reason], name: str) -> Reason:
    """Return the reason of this name.

    Raises
    ------
    BadValue
        If the project has none; the message names the nearest.
    """
    names = [one.name for one in reasons]
    if name not in names:
        known = f" Its reasons are {', '.join(names)}." if names else " It has none."
        raise BadValue(f"The project has no reason {name[:80]!r}.{nearest(name, names) or known}", reason=name[:80])
    return reasons[names.index(name)]


def leaves_for(flags: Iterable[tuple[str, Reason]]) -> Reason | None:
    """Return the reason for which an item leaves the queue, or None while too few people gave one.

    `flags` are who flagged it, and why, oldest first. People who want it elsewhere count together, whichever reason each
    chose; the last reason by which there are enough of them is the one.
    """
    people: set[str] = set()
    least, found = MOST, None
    for who, reason in flags:
        if reason.goes_to not in AWAY:
            continue
        people.add(who)
        least = min(least, reason.people)
        if found is None and len(people) >= least:
            found = reason
    return found


def check_decision(state: HoldState, decision: HoldState) -> None:
    """Refuse, with `Conflict`, a decision that cannot follow."""
    if decision not in DECISIONS[state]:
        said = {
            HoldState.OPEN: "still waits",
            HoldState.PUT_BACK: "was put back already",
            HoldState.EXCLUDED: "was left out already",
            HoldState.TO_EXPERT: "was handed to an expert already",
        }[state]
        raise Conflict(f"This item {said}.", state=state.value)
