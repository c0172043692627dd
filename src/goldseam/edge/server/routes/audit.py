"""Audit: how good the labels are.

In: who calls. Out: the newest report. Never: a measurement made during a call.
"""

from __future__ import annotations

from fastapi import APIRouter

from goldseam.edge.runner import audit
from goldseam.edge.server.security import MayMeasure, TheWorld
from goldseam.edge.server.wire import Plain

router = APIRouter(tags=["audit"])


@router.get("/api/projects/{project}/quality")
def quality(world: TheWorld, permit: MayMeasure) -> Plain | None:
    """Show the newest quality report; null before the first."""
    return audit.quality(world, permit)
