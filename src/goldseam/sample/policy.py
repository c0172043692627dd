"""Policy of the sample stage.

In: the project file's `sample`. Out: `Policy`. Never: a seed; the ledger keeps it with each draw.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from goldseam.vocab.errors import BadPolicy

StrategyName = Literal["auto", "random", "stratified", "diversity", "margin"]


@dataclass(frozen=True, slots=True)
class Policy:
    """How many items a round draws, and how it chooses them.

    `random_share` of a draw by margin or diversity is drawn at random, so that estimates stay honest. `stratify_by`
    names a metadata field.
    """

    strategy: StrategyName = "auto"
    batch: int = 100
    random_share: float = 0.05
    stratify_by: str = ""

    def __post_init__(self) -> None:
        if self.batch < 1:
            raise BadPolicy(f"sample.batch is at least 1; got {self.batch}.")
        if not 0 <= self.random_share <= 1:
            raise BadPolicy(f"sample.random_share lies between 0 and 1; got {self.random_share}.")
        if self.strategy == "stratified" and not self.stratify_by:
            raise BadPolicy("sample.strategy 'stratified' needs sample.stratify_by: the metadata field to stratify by.")
