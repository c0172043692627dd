"""Anchoring: how far people follow suggestions because they are shown, and labels that are suggested no more.

In: who calls, decisions about labels. Out: the figures of the last measurement. Never: a measurement during a call.
"""

from __future__ import annotations

from fastapi import APIRouter

from goldseam.edge.runner import guarding
from goldseam.edge.server import wire_guard as wire
from goldseam.edge.server.security import MayManage, TheWorld
from goldseam.edge.server.wire import Done

router = APIRouter(tags=["annotate"])


@router.get("/api/projects/{project}/anchoring")
def anchoring(world: TheWorld, permit: MayManage) -> wire.AnchoringShown | None:
    """Show how far wrong suggestions pull people, over all, by annotator and by label; null before the first measurement."""
    found = guarding.newest(world, permit)
    return None if found is None else wire.AnchoringShown.model_validate(found)


@router.post("/api/projects/{project}/anchoring/labels")
def switch(world: TheWorld, permit: MayManage, body: wire.LabelSwitched) -> Done:
    """Let a label be suggested again, or no more."""
    guarding.switch(world, permit, body.id, body.label, body.state, body.reason)
    return Done()
