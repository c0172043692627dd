"""Policy of stopping: when no further round is begun, since labels would not change what is suggested any more.

In: the project file's `stop`. Out: `Policy`. Never: a round that has begun cut short.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from goldseam.vocab.errors import BadPolicy

MOST_ROUNDS = 100


@dataclass(frozen=True, slots=True)
class Policy:
    """Whether the rule ends the labeling or only advises, and what it goes by.

    It says stop when the models of the last `rounds` rounds, each compared with the one before it on the pool, agree with a
    mean kappa of `stable`; or when a further label changes fewer than `least_gain` suggestions of the pool.
    """

    rule: Literal["advise", "end"] = "advise"
    stable: float = 0.99
    rounds: int = 3
    least_gain: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.stable <= 1:
            raise BadPolicy(f"stop.stable is a kappa above 0 and at most 1; got {self.stable}.")
        if not 1 <= self.rounds <= MOST_ROUNDS:
            raise BadPolicy(f"stop.rounds is from 1 to {MOST_ROUNDS}; got {self.rounds}.")
        if self.least_gain < 0:
            raise BadPolicy(f"stop.least_gain is at least 0; got {self.least_gain}.")
