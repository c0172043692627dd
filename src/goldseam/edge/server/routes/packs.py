"""Packs: items to take along where there is no connection.

In: how many, and what the page has in hand. Out: assignments, as from any lease. Never: a field by which gold can be told.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from goldseam.edge.runner import packs
from goldseam.edge.server import wire
from goldseam.edge.server.routes.annotate import leased
from goldseam.edge.server.security import MayAnnotate, TheWorld
from goldseam.vocab.annotations import AssignmentId

router = APIRouter(tags=["annotate"])


class PackWanted(wire.Sent):
    """How many items to take along, and what the caller's page still has in hand."""

    count: Annotated[int, Field(ge=1, le=wire.MAX_BATCH)]
    holding: Annotated[list[wire.Opaque], Field(max_length=500)]


@router.post("/api/projects/{project}/packs")
def take_pack(world: TheWorld, permit: MayAnnotate, body: PackWanted) -> wire.AssignmentsLeased:
    """Lease items for half a day, to answer them without a connection."""
    found = packs.take(world, permit, body.count, [AssignmentId(one) for one in body.holding])
    return leased(permit.project.id, found, None)
