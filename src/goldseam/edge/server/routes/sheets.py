"""Sheets: items that the model calls the same are leased, confirmed and taken back together.

In: ids, labels. Out: assignments as from any lease, receipts. Never: a planted item that could be told.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from goldseam.edge.runner import sheets
from goldseam.edge.runner.sheets import Receipt, Wanted
from goldseam.edge.server import wire
from goldseam.edge.server.routes.annotate import assignment_shown
from goldseam.edge.server.security import MayAnnotate, TheWorld
from goldseam.edge.server.wire_sheets import (
    PrecisionShown,
    ReceiptShown,
    ReceiptsShown,
    SheetAct,
    SheetSent,
    SheetShown,
)
from goldseam.vocab.annotations import AssignmentId

router = APIRouter(tags=["annotate"])

Named = Annotated[str, Path(max_length=100)]


@router.post("/api/projects/{project}/sheets")
def lay(world: TheWorld, permit: MayAnnotate, body: SheetSent) -> SheetShown:
    """Lease up to 24 items that the model calls the same, the most doubtful first; each is answered like any other."""
    holding = None if body.holding is None else [AssignmentId(one) for one in body.holding]
    found = sheets.lay(world, permit, Wanted(body.id, body.label, body.count, body.after, holding))
    waiting = found.waiting
    return SheetShown(
        label=found.label,
        assignments=[assignment_shown(permit.project.id, offer) for offer in found.offers],
        after=found.after,
        waiting=None
        if waiting is None
        else wire.WaitingShown(reason=waiting.reason, text=waiting.text, opens_at=waiting.opens_at),
    )


@router.post("/api/projects/{project}/sheets/{sheet}/close")
def close(world: TheWorld, permit: MayAnnotate, sheet: Named, body: SheetAct) -> ReceiptShown:
    """End a sheet: a part of what was confirmed is asked of somebody else; the reply is its receipt."""
    return _receipt(sheets.close(world, permit, sheet, body.id))


@router.post("/api/projects/{project}/sheets/{sheet}/undo")
def undo(world: TheWorld, permit: MayAnnotate, sheet: Named, body: SheetAct) -> ReceiptShown:
    """Take back all that was confirmed of a sheet in one act."""
    return _receipt(sheets.undo(world, permit, sheet, body.id))


@router.get("/api/projects/{project}/sheets")
def receipts(world: TheWorld, permit: MayAnnotate, limit: Annotated[int, Query(ge=1, le=50)] = 20) -> ReceiptsShown:
    """List one's own receipts; to whoever may measure also how precise the model is, label by label."""
    own, figures = sheets.receipts(world, permit, limit)
    return ReceiptsShown(
        receipts=[_receipt(one) for one in own],
        precision=[
            PrecisionShown(
                label=one.label,
                n=one.precision.n,
                right=one.precision.right,
                low=one.precision.low,
                high=one.precision.high,
                n_planted=one.n_planted,
                n_caught=one.n_caught,
            )
            for one in figures
        ],
    )


def _receipt(one: Receipt) -> ReceiptShown:
    return ReceiptShown(
        id=one.id,
        label=one.label,
        at=one.at,
        state=one.state,
        n_shown=one.n_shown,
        n_confirmed=one.n_confirmed,
        same=one.same,
        other=one.other,
        waiting=one.waiting,
    )
