"""Flow: where the round stands, and what comes next.

In: who calls. Out: steps, counts, and for those who may measure the newest figures. Never: a step done during a call.
"""

from __future__ import annotations

from fastapi import APIRouter

from goldseam.edge.runner import flow
from goldseam.edge.server.routes.projects import acts_of
from goldseam.edge.server.security import MayView, TheWorld
from goldseam.edge.server.wire import Plain
from goldseam.vocab.people import Act

router = APIRouter(tags=["flow"])


@router.get("/api/projects/{project}/round")
def round_page(world: TheWorld, permit: MayView) -> Plain:
    """Show where the round stands, and the next steps; figures about people go only to those who may measure."""
    found = flow.round_page(world, permit)
    return found if Act.MEASURE.value in acts_of(permit) else {**found, "quality": None, "gate": None}
