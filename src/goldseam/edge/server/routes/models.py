"""Models: what was trained, and the decision about one that may be better.

In: ids, decisions. Out: models with their figures. Never: training during a call.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from goldseam.edge.runner import promoting
from goldseam.edge.server import wire_models as wire
from goldseam.edge.server.security import MayManage, MayMeasure, TheWorld
from goldseam.edge.server.wire import Done

router = APIRouter(tags=["retrain"])


@router.get("/api/projects/{project}/models")
def models(world: TheWorld, permit: MayMeasure) -> list[wire.ModelShown]:
    """List the models, newest first."""
    return [wire.ModelShown.model_validate(one) for one in promoting.listing(world, permit)]


@router.post("/api/projects/{project}/models/{model}/decision")
def decide(
    world: TheWorld, permit: MayManage, model: Annotated[str, Path(max_length=100)], body: wire.ModelDecided
) -> Done:
    """Let a model about which a person is asked make the suggestions, or keep the old one."""
    promoting.decide(world, permit, body.id, model, body.decision)
    return Done()
