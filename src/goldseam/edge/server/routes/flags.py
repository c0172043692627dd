"""Flags: the reasons to choose from, flags, and what a manager decides about items that left the queue for them.

In: ids, reasons, notes. Out: items with everybody's reasons, for whoever manages. Never: to whoever flags, what others flagged.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from goldseam.annotate.reasons import HoldState
from goldseam.edge.runner import flags
from goldseam.edge.runner.flags import HeldSeen
from goldseam.edge.server import wire_flags as wire
from goldseam.edge.server.items import item_shown
from goldseam.edge.server.security import MayAnnotate, MayManage, TheWorld
from goldseam.edge.server.wire import Done
from goldseam.vocab.annotations import AssignmentId
from goldseam.vocab.items import ItemId, ProjectId

router = APIRouter(tags=["flags"])

Id = Annotated[str, Path(max_length=100)]


@router.get("/api/projects/{project}/reasons")
async def reasons(permit: MayAnnotate) -> list[wire.ReasonShown]:
    """List the reasons for which one may pass on an item, flag it, or be unsure."""
    return [wire.ReasonShown(name=one.name, title=one.text) for one in permit.project.settings.annotate.reasons]


@router.post("/api/projects/{project}/assignments/{assignment}/flag")
def flag(world: TheWorld, permit: MayAnnotate, assignment: Id, body: wire.FlagSent) -> Done:
    """Flag the item of an own assignment, with a reason and, if need be, a note."""
    flags.flag(world, permit, body.id, AssignmentId(assignment), body.reason, body.note)
    return Done()


@router.get("/api/projects/{project}/flagged")
def flagged(
    world: TheWorld,
    permit: MayManage,
    state: HoldState | None = HoldState.OPEN,
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[wire.FlaggedShown]:
    """List items that left the queue by flags, newest first, with everybody's reasons."""
    return [_shown(permit.project.id, one) for one in flags.held(world, permit, state, before, limit)]


@router.post("/api/projects/{project}/flagged/{item}/decision")
def decide(world: TheWorld, permit: MayManage, item: Id, body: wire.FlagDecided) -> Done:
    """Put an item that left the queue back, leave it out for good, or hand it to an expert."""
    flags.decide(world, permit, body.id, ItemId(item), HoldState(body.decision), body.note)
    return Done()


def _shown(project: ProjectId, one: HeldSeen) -> wire.FlaggedShown:
    hold = one.hold
    return wire.FlaggedShown(
        number=hold.number,
        item=item_shown(project, one.item),
        reason=hold.reason,
        goes_to=hold.goes_to.value,
        at=hold.at,
        state=hold.state.value,
        note=one.decided.note if one.decided else "",
        decided_at=one.decided.at if one.decided else None,
        flags=[wire.WhyShown(reason=f.reason, act=f.act, name=f.name, note=f.note, at=f.at) for f in one.why],
    )
