"""Flow: where the round stands, and what comes next.

In: who calls. Out: steps, counts, and for those who may measure the newest figures. Never: a step done during a call.
"""

from __future__ import annotations

from fastapi import APIRouter, Request

from goldseam.edge.runner.glance import Glances
from goldseam.edge.server.routes.projects import acts_of
from goldseam.edge.server.security import MayView
from goldseam.edge.server.wire import Plain
from goldseam.vocab.people import Act

router = APIRouter(tags=["flow"])


@router.get("/api/projects/{project}/round")
def round_page(request: Request, permit: MayView) -> Plain:
    """Show where the round stands, and the next steps; figures about people go only to those who may measure.

    In a project so large that counting takes long, the figures are those of `as_of`.
    """
    glances: Glances = request.app.state.glances
    figures, at = glances.look(permit.project)
    found = {**figures, "as_of": at.isoformat()}
    return (
        found if Act.MEASURE.value in acts_of(permit) else {**found, "quality": None, "gate": None, "certificates": []}
    )
