"""Segments: rules on an item's metadata that give the items they select a workflow of their own; the first match wins.

In: the project file's `segments`, columns of metadata. Out: which segment each item is in, and the policy it is routed by.
Never: a model's word; a segment is a fact about the item, known before anybody proposed anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from goldseam.route.lines import SKILL, check_priority, wanted_skill
from goldseam.route.policy import Policy
from goldseam.vocab.errors import BadPolicy, BadValue

NONE = -1
"""Where an item is in no segment."""
Columns = Mapping[str, NDArray[np.object_]]
"""Metadata of items, one column a field; empty where an item lacks it. Metadata is text."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What a field of an item's metadata is: one of some values, or a number from `min` to `max`, both included."""

    SHORT: ClassVar[str] = "values"
    values: tuple[str, ...] = ()
    min: float | None = None
    max: float | None = None

    def __post_init__(self) -> None:
        bounded = self.min is not None or self.max is not None
        if bool(self.values) == bounded:
            raise BadPolicy("A condition names values, or a least and greatest number (min, max): one of the two.")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise BadPolicy(f"min may not lie above max; got {self.min} and {self.max}.")

    def holds(self, column: NDArray[np.object_]) -> NDArray[np.bool_]:
        """Return for which of these texts it holds; one that is no number lies in no bounds."""
        if self.values:
            return np.isin(column.astype(str), self.values)
        distinct, place = np.unique(column.astype(str), return_inverse=True)
        number = np.array([_number(text) for text in distinct.tolist()], np.float64)[place]
        low = -np.inf if self.min is None else self.min
        high = np.inf if self.max is None else self.max
        return np.asarray((number >= low) & (number <= high))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


@dataclass(frozen=True, slots=True)
class Segment:
    """Items whose metadata meets every condition of `where`, and what differs for them from the project's `route`.

    `skills` are wanted of whoever answers, beside those of the project. `priority` puts the segment ahead of others.
    `gold_rate` takes the place of `annotate.gold_rate` while somebody works on it. With `tier` every item takes that one,
    whatever a model says. What is left out is as in `route`.
    """

    name: str
    where: Mapping[str, Condition] = field(default_factory=dict)
    tier: Literal["single", "consensus", "expert"] | None = None
    redundancy: int | None = None
    skills: tuple[str, ...] = ()
    priority: int | None = None
    auto_at: float | None = None
    single_at: float | None = None
    expert_below: float | None = None
    spot_check: float | None = None
    gold_rate: float | None = None

    def __post_init__(self) -> None:
        if not SKILL.fullmatch(self.name):
            raise BadPolicy(
                "name: a segment's has 1 to 50 small letters, digits, dots, dashes and underscores; "
                f"got {self.name[:80]!r}."
            )
        for one in self.skills:
            wanted_skill(one)
        if self.priority is not None:
            try:
                check_priority(self.priority)
            except BadValue as error:
                raise BadPolicy(f"priority: {error.message}") from None
        if self.gold_rate is not None and not 0 <= self.gold_rate <= 1:
            raise BadPolicy(f"gold_rate lies between 0 and 1; got {self.gold_rate}.")

    def of(self, policy: Policy) -> Policy:
        """Return the policy that items of this segment are routed by."""
        own: dict[str, Any] = {
            name: value
            for name in ("redundancy", "priority", "auto_at", "single_at", "expert_below", "spot_check")
            if (value := getattr(self, name)) is not None
        }
        skills = tuple(dict.fromkeys((*policy.skills, *self.skills)))
        return replace(policy, **own, skills=skills)


def named(segments: Sequence[Segment]) -> tuple[str, ...]:
    """Return the metadata fields that the rules name."""
    return tuple(dict.fromkeys(name for segment in segments for name in segment.where))


def which(segments: Sequence[Segment], columns: Columns, n: int) -> NDArray[np.int16]:
    """Return the segment of each of `n` items as its place in the list, the first that matches; `NONE` for no segment."""
    found = np.full(n, NONE, np.int16)
    for number, segment in enumerate(segments):
        matches = found == NONE
        for name, condition in segment.where.items():
            matches &= condition.holds(columns[name])
        found[matches] = number
    return found
