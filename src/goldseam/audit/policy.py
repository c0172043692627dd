"""Policy of the audit stage.

In: the project file's `audit`. Out: `Policy`. Never: a measurement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from goldseam.vocab.errors import BadPolicy


@dataclass(frozen=True, slots=True)
class Policy:
    """What a release must meet.

    Below `alpha_stop` the schema counts as broken and the gate closes; below `alpha_warn` it warns. `gold_accuracy` is
    asked of settled labels once `min_gold` of them are known: the gate closes when the whole interval lies below it, and
    warns when the figure does. `escalated` says whether items that lack a ruling hold the round up (`block`) or stay out
    of the release (`leave_out`). Intervals of `level` come from `draws` bootstrap draws.
    """

    alpha_stop: float = 0.4
    alpha_warn: float = 0.6
    gold_accuracy: float = 0.7
    min_gold: int = 5
    escalated: Literal["block", "leave_out"] = "block"
    draws: int = 1000
    level: float = 0.95

    def __post_init__(self) -> None:
        if not -1 <= self.alpha_stop <= self.alpha_warn <= 1:
            raise BadPolicy(
                "audit.alpha_stop may not lie above audit.alpha_warn, both between -1 and 1; "
                f"got {self.alpha_stop} and {self.alpha_warn}."
            )
        if not 0 <= self.gold_accuracy <= 1:
            raise BadPolicy(f"audit.gold_accuracy lies between 0 and 1; got {self.gold_accuracy}.")
        if self.min_gold < 1:
            raise BadPolicy(f"audit.min_gold is at least 1; got {self.min_gold}.")
        if not 1 <= self.draws <= 100_000:
            raise BadPolicy(f"audit.draws lies between 1 and 100,000; got {self.draws}.")
        if not 0 < self.level < 1:
            raise BadPolicy(f"audit.level lies between 0 and 1, both excluded; got {self.level}.")
