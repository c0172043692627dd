"""Lines: skills, batches given by hand, priorities, items asked about again, leases made longer.

In: ids, names of skills, conditions on metadata. Out: what was done, and where to go on. Never: a call that looks at more than a
bounded part of a project.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from goldseam.edge.runner import extending, leading, skills
from goldseam.edge.runner.leading import BatchSeen, Chosen, Did
from goldseam.edge.runner.people import Permit
from goldseam.edge.server import errors
from goldseam.edge.server.security import MayAnnotate, MayManage, TheWorld
from goldseam.edge.server.wire import Done
from goldseam.edge.server.wire_lines import (
    AgainSent,
    BatchReleased,
    BatchSent,
    BatchShown,
    ChosenSent,
    DidShown,
    ExtendedAll,
    ExtendedShown,
    ExtensionSent,
    OwnSkills,
    PrioritySent,
    SkillSent,
    SkillShown,
    SkillsPage,
    SkillTaken,
)
from goldseam.route.segments import Condition
from goldseam.vocab.annotations import AssignmentId, Purpose
from goldseam.vocab.items import ItemId
from goldseam.vocab.people import Act, AnnotatorId, may

router = APIRouter(tags=["lines"])

Named = Annotated[str, Path(max_length=100)]
BETWEEN = "~"
"""Stands between annotator and skill where a page of skills ends: neither has one."""


@router.get("/api/projects/{project}/skills")
def skills_held(
    world: TheWorld,
    permit: MayManage,
    after: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> SkillsPage:
    """List who holds which skill, in the order of people and skills."""
    annotator, _, skill = after.partition(BETWEEN)
    found = skills.listing(world, permit, after=(annotator, skill), limit=limit)
    shown = [
        SkillShown(
            annotator=one.held.annotator,
            name=one.name,
            skill=one.held.skill,
            level=one.held.level,
            granted_at=one.held.granted_at,
            by=one.held.by,
            how=one.held.how,
        )
        for one in found
    ]
    last = f"{shown[-1].annotator}{BETWEEN}{shown[-1].skill}" if len(shown) == limit else None
    return SkillsPage(skills=shown, after=last)


@router.get("/api/projects/{project}/skills/own")
def own_skills(world: TheWorld, permit: MayAnnotate) -> OwnSkills:
    """Return the caller's own skills."""
    return OwnSkills(skills=skills.own(world, permit))


@router.post("/api/projects/{project}/skills")
def grant_skill(world: TheWorld, permit: MayManage, body: SkillSent) -> Done:
    """Grant somebody a skill."""
    skills.grant(world, permit, body.id, AnnotatorId(body.annotator), body.skill, body.level)
    return Done()


@router.post("/api/projects/{project}/skills/revoke")
def revoke_skill(world: TheWorld, permit: MayManage, body: SkillTaken) -> Done:
    """Take a skill away."""
    skills.revoke(world, permit, body.id, AnnotatorId(body.annotator), body.skill)
    return Done()


@router.get("/api/projects/{project}/batches")
def batches(
    world: TheWorld,
    permit: MayAnnotate,
    before: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> list[BatchShown]:
    """List batches, newest first: all for whoever manages, else one's own."""
    found = leading.listing(world, permit, before=before, limit=limit)
    return [_batch(permit, one) for one in found]


@router.post("/api/projects/{project}/batches")
def assign_batch(world: TheWorld, permit: MayManage, body: BatchSent) -> DidShown:
    """Give items to people by hand: served first to them, and to nobody else until due or released."""
    did = leading.assign(
        world,
        permit,
        body.id,
        _chosen(body.chosen),
        [AnnotatorId(one) for one in body.annotators],
        purpose=Purpose(body.purpose),
        due=body.due,
        name=body.name,
        priority=body.priority,
        into=body.into,
    )
    return _did(did)


@router.post("/api/projects/{project}/batches/{batch}/release")
def release_batch(world: TheWorld, permit: MayManage, batch: Named, body: BatchReleased) -> Done:
    """End a batch: what is left of it is everybody's."""
    leading.release(world, permit, body.id, batch)
    return Done()


@router.post("/api/projects/{project}/priorities")
def put_ahead(world: TheWorld, permit: MayManage, body: PrioritySent) -> DidShown:
    """Give items a priority; by metadata a stretch of the intake a call, to go on from `after`."""
    return _did(leading.put_ahead(world, permit, body.id, _chosen(body.chosen), body.priority))


@router.post("/api/projects/{project}/again")
def ask_again(world: TheWorld, permit: MayManage, body: AgainSent) -> DidShown:
    """Ask about items once more; by metadata a stretch of the intake a call, to go on from `after`."""
    did = leading.ask_again(
        world,
        permit,
        body.id,
        _chosen(body.chosen),
        Purpose(body.purpose),
        answers=body.answers,
        priority=body.priority,
    )
    return _did(did)


@router.post("/api/projects/{project}/leases/extend")
def extend_leases(world: TheWorld, permit: MayAnnotate, body: ExtensionSent) -> ExtendedAll:
    """Hold assignments longer; each is answered by itself."""
    held = [(AssignmentId(one.assignment), one.token) for one in body.held]
    found = extending.extend(world, permit, body.id, held)
    return ExtendedAll(
        results=[
            ExtendedShown(
                assignment=one.id,
                expires_at=one.expires_at,
                seconds=one.seconds,
                left=one.left,
                error=None if one.error is None else errors.said(one.error),
            )
            for one in found
        ]
    )


def _chosen(sent: ChosenSent) -> Chosen:
    conditions = (sent.where or {}).items()
    where = {name: Condition(tuple(one.values), one.min, one.max) for name, one in conditions} if conditions else None
    items = None if sent.items is None else tuple(ItemId(one) for one in sent.items)
    return Chosen(items=items, next=sent.next, where=where, after=sent.after)


def _did(did: Did) -> DidShown:
    return DidShown(n_items=did.n_items, refused=dict(did.refused), batch=did.batch or None, after=did.after)


def _batch(permit: Permit, one: BatchSeen) -> BatchShown:
    manages = may(permit.role, Act.MANAGE)
    made = one.batch
    return BatchShown(
        id=made.id,
        name=made.name,
        purpose=made.purpose.value if manages else None,
        people=list(one.progress.people) if manages else [],
        n_items=made.n_items,
        n_waiting=one.progress.n_waiting,
        due=made.due,
        made_at=made.made_at,
        ended_at=made.ended_at,
    )
