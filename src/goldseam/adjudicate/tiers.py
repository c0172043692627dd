"""Tiers of adjudication: who may settle what, and to whom an item goes that somebody cannot decide.

In: the policy's tiers, a role, a `Matter`. Out: yes or no, the next tier, or the refusal that says why.
Never: a label, or an item that nobody may settle.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from goldseam.adjudicate.policy import SENIORITY, SettlingTier
from goldseam.vocab.answers import LabelName
from goldseam.vocab.errors import NotAllowed, NotReady
from goldseam.vocab.people import AnnotatorId, Role

NOT_YOURS = "This item is settled by a more senior role, as the project file's adjudicate.tiers say."


@dataclass(frozen=True, slots=True)
class Matter:
    """What there is to settle about one item.

    `n_against` counts the votes for other labels than the likeliest, `labels` are those that votes name, `confidence` is
    what the votes give. `level` is the tier that the item was handed up to; `ruled_by` the role of whoever ruled last.
    """

    n_against: int = 0
    labels: frozenset[LabelName] = frozenset()
    confidence: float = 0.0
    metadata: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    level: int = 0
    ruled_by: Role | None = None


def covers(tier: SettlingTier, matter: Matter) -> bool:
    """Return whether a matter meets every condition of a tier."""
    return (
        (tier.up_to is None or matter.n_against <= tier.up_to)
        and matter.confidence >= tier.confidence_from
        and (not tier.labels or matter.labels <= set(tier.labels))
        and all(matter.metadata.get(one.key) in one.values for one in tier.where)
    )


def open_to(tiers: Sequence[SettlingTier], role: Role, matter: Matter) -> tuple[int, ...]:
    """Return the tiers, by number, in which this role may settle the matter."""
    if role not in SENIORITY or (matter.ruled_by is not None and _rank(role) < _rank(matter.ruled_by)):
        return ()
    # The policy may have lost tiers since the item was handed up: the last one takes everything.
    level = min(matter.level, len(tiers) - 1)
    return tuple(
        number
        for number, tier in enumerate(tiers)
        if number >= level and _rank(role) >= SENIORITY[tier.role] and covers(tier, matter)
    )


def may_settle(tiers: Sequence[SettlingTier], role: Role, matter: Matter) -> bool:
    """Return whether this role may settle the matter; without tiers, whoever may adjudicate may settle everything."""
    return not tiers or bool(open_to(tiers, role, matter))


def check_may_settle(tiers: Sequence[SettlingTier], role: Role, matter: Matter, label: LabelName | None = None) -> None:
    """Refuse whoever may not settle the matter, or not by this label.

    Raises
    ------
    NotAllowed
        If no tier that is open to the role covers the matter, or none of those may give the label.
    """
    if not tiers:
        return
    numbers = open_to(tiers, role, matter)
    if not numbers:
        raise NotAllowed(NOT_YOURS)
    if label is None or any(not tiers[number].labels or label in tiers[number].labels for number in numbers):
        return
    allowed = sorted({name for number in numbers for name in tiers[number].labels})
    raise NotAllowed(f"A {role.value} may rule {', '.join(allowed)} here; {label!r} is for a more senior role.")


def next_level(tiers: Sequence[SettlingTier], role: Role, matter: Matter) -> int:
    """Return the tier that an item goes to when somebody of this role cannot decide it.

    Raises
    ------
    NotReady
        If the policy has no tiers, or none above.
    NotAllowed
        If the matter is not this role's anyway.
    """
    if not tiers:
        raise NotReady("There is nobody to hand this to: the project file has no adjudicate.tiers.")
    check_may_settle(tiers, role, matter)
    above = max(open_to(tiers, role, matter)) + 1
    if above >= len(tiers):
        raise NotReady("There is no tier above yours to hand this to; leave it for a colleague.")
    return above


def check_may_decide(decider: AnnotatorId, disputed_by: AnnotatorId, ruled_by: Collection[AnnotatorId]) -> None:
    """Refuse whoever would decide a dispute in a matter of their own.

    `ruled_by` are those who made the ruling that was contested, and the one that stands now.

    Raises
    ------
    NotAllowed
        If the decider made one of these rulings, or disputes it.
    """
    if decider == disputed_by:
        raise NotAllowed("Nobody decides a dispute of their own.")
    if decider in ruled_by:
        raise NotAllowed("Nobody decides a dispute of a ruling that they made; leave it for a colleague.")


def _rank(role: Role) -> int:
    return SENIORITY.get(role, -1)
