"""Policy of the adjudicate stage.

In: the project file's `adjudicate`. Out: `Policy`. Never: a ruling.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from goldseam.vocab.errors import BadPolicy


@dataclass(frozen=True, slots=True)
class Policy:
    """How votes are settled, and below which confidence a person decides."""

    method: Literal["infer", "majority", "weighted", "dawid_skene", "one_coin"] = "dawid_skene"
    escalate_below: float = 0.6
    min_votes: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.escalate_below <= 1:
            raise BadPolicy(f"adjudicate.escalate_below is a confidence between 0 and 1; got {self.escalate_below}.")
        if self.min_votes < 1:
            raise BadPolicy(f"adjudicate.min_votes is at least 1; got {self.min_votes}.")
