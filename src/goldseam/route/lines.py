"""Lines: the order in which the queue's lines serve somebody, and which of them serve them at all.

In: lines, the tiers that a person is asked from, the skills they hold. Out: the lines that serve them, in order.
Never: an item; which of a line's items comes next is the order of their places in it.

A skill that is wanted is written `name`, or `name:2` for a level of at least 2.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from goldseam.vocab.errors import BadPolicy, BadValue

SKILL = re.compile(r"[a-z0-9][a-z0-9_.-]{0,49}")
LEVELS = range(1, 100)
PRIORITIES = range(-9, 10)
"""Few, so that a project has few lines: a fine order is the order of items within one."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the queue: items of a tier and segment at one priority, for those who have the skills.

    `batch` names the batch given by hand whose people alone it serves until then; empty for everybody's lines.
    """

    tier: int
    priority: int = 0
    skills: tuple[str, ...] = ()
    segment: str = ""
    batch: str = ""

    def __post_init__(self) -> None:
        check_priority(self.priority)


def check_priority(priority: int) -> None:
    """Refuse, with `BadValue`, a priority that is out of its range."""
    if priority not in PRIORITIES:
        raise BadValue(f"A priority is a whole number from {PRIORITIES[0]} to {PRIORITIES[-1]}; got {priority}.")


def check_skill(name: str, level: int = 1) -> None:
    """Refuse, with `BadValue`, a skill's name or level that is not of the right form."""
    if not SKILL.fullmatch(name):
        raise BadValue(
            "A skill's name has 1 to 50 small letters, digits, dots, dashes and underscores, and begins with a letter or "
            f"digit; got {name[:80]!r}.",
            skill=name[:80],
        )
    if level not in LEVELS:
        raise BadValue(f"A skill's level is a whole number from {LEVELS[0]} to {LEVELS[-1]}; got {level}.")


def wanted_skill(text: str) -> tuple[str, int]:
    """Return name and least level of a skill that is wanted.

    Raises
    ------
    BadPolicy
        If it is not written as it should be.
    """
    name, colon, level = text.partition(":")
    if SKILL.fullmatch(name) and (not colon or (level.isascii() and level.isdigit() and int(level) in LEVELS)):
        return name, int(level) if colon else 1
    raise BadPolicy(
        "skills: one that is wanted is written 'name', or 'name:2' for level 2 and above, in small letters, digits, dots, "
        f"dashes and underscores; got {text[:80]!r}."
    )


def lacking(wanted: Sequence[str], held: Mapping[str, int]) -> tuple[str, ...]:
    """Return the wanted skills that are not held, or not at that level."""
    return tuple(one for one in wanted if not _holds(held, *wanted_skill(one)))


def _holds(held: Mapping[str, int], name: str, level: int) -> bool:
    return held.get(name, 0) >= level


def serving(lines: Mapping[int, Line], tiers: Sequence[int], held: Mapping[str, int], mine: Sequence[str]) -> list[int]:
    """Return the numbers of the lines that serve somebody, in the order in which they do.

    Batches given to them by hand (`mine`) come first; then lines of higher priority; then tiers in the order given.
    A batch may hold items of a tier that they are not asked from otherwise: somebody decided so.
    """
    found = [
        (line.batch not in mine, -line.priority, tiers.index(line.tier) if line.tier in tiers else len(tiers), number)
        for number, line in lines.items()
        if (line.tier in tiers or line.batch in mine) and not lacking(line.skills, held)
    ]
    return [number for *_, number in sorted(found)]
