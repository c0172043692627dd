"""Policy of the adjudicate stage.

In: the project file's `adjudicate`. Out: `Policy`. Never: a ruling.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from goldseam.vocab.answers import LabelName
from goldseam.vocab.errors import BadPolicy
from goldseam.vocab.people import Role

SENIORITY: Mapping[Role, int] = MappingProxyType({Role.REVIEWER: 0, Role.MANAGER: 1, Role.OWNER: 2})
"""Who may settle at all, the junior first; a tier is open to its role and to all above it."""


@dataclass(frozen=True, slots=True)
class MetadataIs:
    """A condition: the item's metadata has one of these values under this key."""

    key: str
    values: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.key or not self.values:
            raise BadPolicy("adjudicate.tiers: a condition in 'where' has a key and at least one value.")


@dataclass(frozen=True, slots=True)
class SettlingTier:
    """What people of a role (and of all roles above it) may settle; without conditions it is everything.

    `up_to` is the most votes against the likeliest label, `confidence_from` the least confidence that the votes give,
    `labels` are the only ones that the votes name and that a ruling may give, `where` asks for metadata.
    """

    role: Role
    up_to: int | None = None
    confidence_from: float = 0.0
    labels: tuple[LabelName, ...] = ()
    where: tuple[MetadataIs, ...] = ()

    def __post_init__(self) -> None:
        if self.role not in SENIORITY:
            right = ", ".join(role.value for role in SENIORITY)
            raise BadPolicy(f"adjudicate.tiers: a tier's role is one of {right}; got {self.role.value!r}.")
        if self.up_to is not None and self.up_to < 0:
            raise BadPolicy(f"adjudicate.tiers: up_to is a number of votes, at least 0; got {self.up_to}.")
        if not 0 <= self.confidence_from <= 1:
            raise BadPolicy(
                f"adjudicate.tiers: confidence_from is a confidence between 0 and 1; got {self.confidence_from}."
            )

    @property
    def takes_all(self) -> bool:
        """Whether the tier is without any condition."""
        return self.up_to is None and self.confidence_from == 0 and not self.labels and not self.where


@dataclass(frozen=True, slots=True)
class Policy:
    """How votes are settled, below which confidence a person decides, and which person may; without tiers, every adjudicator.

    What labeling functions say is shown beside the votes; if `functions` are counted, what they say together is one vote more,
    whose reliability is learned like anyone's.
    """

    method: Literal["infer", "majority", "weighted", "dawid_skene", "one_coin"] = "dawid_skene"
    escalate_below: float = 0.6
    min_votes: int = 1
    tiers: tuple[SettlingTier, ...] = ()
    functions: Literal["shown", "counted"] = "shown"

    def __post_init__(self) -> None:
        if not 0 <= self.escalate_below <= 1:
            raise BadPolicy(f"adjudicate.escalate_below is a confidence between 0 and 1; got {self.escalate_below}.")
        if self.min_votes < 1:
            raise BadPolicy(f"adjudicate.min_votes is at least 1; got {self.min_votes}.")
        self._check_tiers()

    def _check_tiers(self) -> None:
        if not self.tiers:
            return
        ranks = [SENIORITY[tier.role] for tier in self.tiers]
        if ranks != sorted(ranks):
            raise BadPolicy("adjudicate.tiers go from the junior role to the senior: reviewer, manager, owner.")
        if not self.tiers[-1].takes_all:
            raise BadPolicy(
                "adjudicate.tiers: the last tier is without conditions, so that somebody may settle what is left."
            )
