"""Wire types of labeling functions: what the set that was applied last is worth.

In: nothing. Out: records with these fields and no others. Never: code, or a gold item for whoever may not measure.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from goldseam.edge.server.wire import Shown


class ShareShown(Shown):
    """A share with Wilson's 95 % interval; without a value nothing was there to measure it on."""

    value: float | None
    low: float
    high: float
    right: int
    n: int


class WrongShown(Shown):
    """How often a function said one label where gold is another."""

    said: str
    of: str
    n: int


class FunctionShown(Shown):
    """One labeling function: what it gives, where it speaks, and how right it is."""

    name: str
    kind: Literal["keywords", "pattern", "lookup", "python"]
    labels: list[str]
    n_votes: int
    coverage: float
    overlaps: float
    conflicts: float
    accuracy: ShareShown
    learned: float | None
    strength: float
    faults: dict[str, int]
    wrong: list[WrongShown]


class CorrelatedShown(Shown):
    """Two functions of which one repeats the other on this share of its votes."""

    first: str
    second: str
    repeats: float


class FunctionsShown(Shown):
    """The set that was applied last; `suggests` if it makes the suggestions now."""

    id: str
    at: datetime
    outcome: Literal["promoted", "kept", "asked"]
    suggests: bool
    n_items: int
    n_covered: int
    n_gold: int
    accuracy: ShareShown
    functions: list[FunctionShown]
    correlated: list[CorrelatedShown]
    warnings: list[str]


class DoubtShown(Shown):
    """An item on which a function is wrong by gold, or says otherwise than all functions together."""

    item: str
    said: str
    of: str
    by: Literal["gold", "others"]
    text: str
