"""Tiers: how many answers each drawn item wants, by the confidence of its suggestion.

In: positions, calibrated confidence (or none), the policy, `rng`. Out: `Routes`. Never: an item without a tier.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from goldseam.route.policy import Policy
from goldseam.vocab.errors import BadValue


class Tier(IntEnum):
    """The route an item takes; the number is how it is stored."""

    AUTO = 0
    SINGLE = 1
    CONSENSUS = 2
    EXPERT = 3

    @property
    def text(self) -> str:
        """The tier's name in lower case."""
        return self.name.lower()


@dataclass(frozen=True, slots=True, eq=False)
class Routes:
    """One row an item: its tier, the answers it wants, and whether a spot check is why it wants them."""

    position: NDArray[np.int64]
    tier: NDArray[np.int8]
    wanted: NDArray[np.int32]
    spot_check: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Competence:
    """What routing wishes to know about an annotator: a later stage measures it, the next round brings it here."""

    annotator: str
    accuracy: float
    n_gold: int


def assign(
    position: NDArray[np.int64],
    confidence: NDArray[np.floating] | None,
    policy: Policy,
    rng: np.random.Generator,
    segment: NDArray[np.integer] | None = None,
    policies: Mapping[int, tuple[Policy, Tier | None]] | None = None,
    certified: NDArray[np.bool_] | None = None,
) -> Routes:
    """Give every item its tier, and every tier its redundancy.

    Without confidence every item goes to consensus. Items accepted automatically want no answer, but for the spot
    checks, which want one. `segment` numbers the segment of each item; one with a row in `policies` goes by that policy, and if
    a tier stands beside it, all of it takes that one. `certified` are the items that a certificate accepts: where the policy
    asks for one, these are the automatic tier, and no fixed threshold opens it.
    """
    n = len(position)
    if confidence is not None and len(confidence) != n:
        raise BadValue(f"Routing takes one confidence per item, {n}; got {len(confidence)}.")
    # A number is drawn for every item, so that a seed checks the same positions whatever the thresholds are.
    chance = rng.random(n)
    tier = np.full(n, Tier.CONSENSUS, dtype=np.int8)
    wanted = np.zeros(n, dtype=np.int32)
    spot_check = np.zeros(n, dtype=np.bool_)
    of = np.full(n, -1) if segment is None else np.asarray(segment)
    for number in np.unique(of).tolist():
        here = of == number
        own, always = (policies or {}).get(number, (policy, None))
        tier[here] = _tiers(None if confidence is None else confidence[here], own, int(here.sum()))
        if own.error is not None and certified is not None:
            tier[here & certified] = Tier.AUTO
        if always is not None:
            tier[here] = always
        spot_check[here] = (tier[here] == Tier.AUTO) & (chance[here] < own.spot_check)
        wanted[here] = own.redundancy
    wanted[tier == Tier.SINGLE] = 1
    wanted[tier == Tier.AUTO] = 0
    wanted[spot_check] = 1
    return Routes(np.asarray(position, dtype=np.int64), tier, wanted, spot_check)


def _tiers(confidence: NDArray[np.floating] | None, policy: Policy, n: int) -> NDArray[np.int8]:
    tier = np.full(n, Tier.CONSENSUS, dtype=np.int8)
    if confidence is None:
        return tier
    # Later rules win: what is sure enough to need no person is sure enough for one.
    if policy.expert_below is not None:
        tier[confidence < policy.expert_below] = Tier.EXPERT
    if policy.single_at is not None:
        tier[confidence >= policy.single_at] = Tier.SINGLE
    if policy.auto_at is not None and policy.error is None:
        tier[confidence >= policy.auto_at] = Tier.AUTO
    return tier
