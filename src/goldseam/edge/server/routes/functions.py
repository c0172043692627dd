"""Labeling functions: what the set that was applied last is worth, and where each function is wrong.

In: who calls, a function's name. Out: figures, items. Never: a function applied during a call; its code.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from goldseam.edge.runner import functions_seen
from goldseam.edge.server import wire_functions as wire
from goldseam.edge.server.security import MayAdjudicate, TheWorld

router = APIRouter(tags=["prelabel"])


@router.get("/api/projects/{project}/functions")
def functions(world: TheWorld, permit: MayAdjudicate) -> wire.FunctionsShown | None:
    """Show the analysis of the labeling functions that were applied last; null before the first."""
    found = functions_seen.listing(world, permit)
    return None if found is None else wire.FunctionsShown.model_validate(found)


@router.get("/api/projects/{project}/functions/{name}")
def doubts(world: TheWorld, permit: MayAdjudicate, name: Annotated[str, Path(max_length=100)]) -> list[wire.DoubtShown]:
    """List items on which a function is wrong by gold (for whoever may measure), or says otherwise than all together."""
    return [wire.DoubtShown.model_validate(one) for one in functions_seen.one(world, permit, name)]
