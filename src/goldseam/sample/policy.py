"""Policy of the sample stage.

In: the project file's `sample`. Out: `Policy`. Never: a seed; the ledger keeps it with each draw.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from goldseam.vocab.errors import BadPolicy

StrategyName = Literal[
    "auto",
    "random",
    "stratified",
    "diversity",
    "margin",
    "hybrid",
    "least_confidence",
    "entropy",
    "vote_entropy",
    "divergence",
    "k_center",
    "typical",
    "density",
    "gradients",
    "rare_label",
    "new_distribution",
]
STRATEGY_NAMES: tuple[str, ...] = get_args(StrategyName)

NEEDS_MODEL = frozenset(
    {"margin", "least_confidence", "entropy", "vote_entropy", "divergence", "density", "gradients", "rare_label"}
)
"""Strategies that go by what a model says, and so by labels; while there is no model they begin by diversity."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How many items a round draws, and how it chooses them.

    `strategy` `auto` is `hybrid`: the centers of clusters while there is no model, then items that are both uncertain and
    unlike each other. `random_share` of any draw that is not random is, so that estimates stay honest. `stratify_by` names a
    metadata field. `cost_by` names one too, that says what asking about an item costs (any unit, above 0): `hybrid` then
    chooses by what is won per cost. A draw costs `spend` at most, if that is set. `noise` is the share of wrong labels that
    `hybrid` reckons with; left out, it goes by how sure the settled labels are.
    """

    strategy: StrategyName = "auto"
    batch: int = 100
    random_share: float = 0.05
    stratify_by: str = ""
    cost_by: str = ""
    spend: float | None = None
    noise: float | None = None

    def __post_init__(self) -> None:
        if self.batch < 1:
            raise BadPolicy(f"sample.batch is at least 1; got {self.batch}.")
        if not 0 <= self.random_share <= 1:
            raise BadPolicy(f"sample.random_share lies between 0 and 1; got {self.random_share}.")
        if self.strategy == "stratified" and not self.stratify_by:
            raise BadPolicy("sample.strategy 'stratified' needs sample.stratify_by: the metadata field to stratify by.")
        if self.spend is not None and not self.spend > 0:
            raise BadPolicy(f"sample.spend is above 0, or left out; got {self.spend}.")
        if self.noise is not None and not 0 <= self.noise <= 1:
            raise BadPolicy(f"sample.noise lies between 0 and 1, or is left out; got {self.noise}.")
