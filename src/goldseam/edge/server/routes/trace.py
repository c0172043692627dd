"""Trace: one item with its votes, its history, and what its label rests on.

In: an item's id. Out: answers, settlements, the draw. Never: a search through releases, which grows with the project; the command
`goldseam trace` does that.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from goldseam.edge.runner import trace
from goldseam.edge.server.items import item_shown
from goldseam.edge.server.security import MayMeasure, TheWorld
from goldseam.edge.server.wire_trace import AnswerShown, DrawShown, SettlementShown, TraceShown

router = APIRouter(tags=["trace"])

ItemPath = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]


@router.get("/api/projects/{project}/items/{item}/trace")
def item_trace(world: TheWorld, permit: MayMeasure, item: ItemPath) -> TraceShown:
    """Show an item's answers, settlements and draw."""
    placed, found = trace.history(world, permit.project, item)
    origin, draw = placed.item.origin, found["draw"]
    return TraceShown(
        item=item_shown(permit.project.id, placed.item),
        key=origin.key,
        source=origin.source,
        line=origin.line,
        position=placed.position,
        draw=None if draw is None else DrawShown(**draw),
        annotations=[AnswerShown(**one) for one in found["annotations"]],
        settlements=[SettlementShown(**one) for one in found["settlements"]],
    )
