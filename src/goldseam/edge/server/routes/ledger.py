"""Ledger: the newest checkpoint, entries, and proofs that an entry is under it.

In: positions. Out: signed notes, entries, proofs: what a stranger verifies by themselves. Never: personal data.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from goldseam.edge.runner import log_pages, proofs
from goldseam.edge.server.security import MayMeasure, TheWorld
from goldseam.edge.server.wire import Plain
from goldseam.edge.server.wire_ledger import EntryShown, LogPageShown

router = APIRouter(tags=["ledger"])


@router.get("/api/projects/{project}/ledger")
def checkpoint(world: TheWorld, permit: MayMeasure) -> Plain:
    """Show the newest checkpoint as a signed note, with the key that verifies it."""
    return proofs.checkpoint(world, permit)


@router.get("/api/projects/{project}/ledger/entries")
def entries(
    world: TheWorld,
    permit: MayMeasure,
    after: Annotated[int, Query(ge=-1, le=2**53)] = -1,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[Plain]:
    """List entries that have their place in the log, those after the position given."""
    return proofs.entries(world, permit, after, limit)


@router.get("/api/projects/{project}/ledger/page")
def page(
    world: TheWorld,
    permit: MayMeasure,
    before: Annotated[int | None, Query(ge=0, le=2**53)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> LogPageShown:
    """Leaf through the log, newest first: who did what, and when."""
    found = log_pages.page(world, permit, before, limit)
    shown = [
        EntryShown(
            position=one.position,
            leaf=one.leaf,
            kind=one.kind,
            at=one.at,
            actor=one.actor,
            name=one.name,
            about=one.about,
            body=dict(one.body),
            canonical=one.canonical,
        )
        for one in found.entries
    ]
    return LogPageShown(size=found.size, entries=shown)


@router.get("/api/projects/{project}/ledger/proof")
def proof(world: TheWorld, permit: MayMeasure, position: Annotated[int, Query(ge=0, le=2**53)]) -> Plain:
    """Prove that the entry at this position is under the newest checkpoint."""
    return proofs.proof(world, permit, position)
