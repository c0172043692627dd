"""Wire types of one item's history: answers, settlements, draws.

In: what the runner found. Out: records with these fields and no others. Never: a field that the runner grows unnoticed.
"""

from __future__ import annotations

from typing import Any

from goldseam.edge.server.wire import ItemShown, Shown


class DrawShown(Shown):
    """In which round an item was drawn, with which chance, and which tier it took."""

    round: int
    chance: float
    tier: str | None


class AnswerShown(Shown):
    """One answer, and where its entry stands in the ledger; None until it is sealed."""

    id: str
    annotator: str
    name: str
    question: str
    answer: dict[str, Any]
    purpose: str
    reaction: str
    seconds: float
    schema_version: int
    guideline_version: int
    at: str
    withdrawn: bool
    surplus: bool
    entry: int | None


class SettlementShown(Shown):
    """One settlement of an item's label: what it became, by what, and why."""

    question: str
    label: str | None
    confidence: float | None
    method: str
    state: str
    reason: str
    n_votes: int
    round: int
    by: str | None
    at: str


class TraceShown(Shown):
    """Everything that the label of an item rests on."""

    item: ItemShown
    key: str
    source: str
    line: int
    position: int
    draw: DrawShown | None
    annotations: list[AnswerShown]
    settlements: list[SettlementShown]
