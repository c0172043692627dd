"""Guidelines: the versions of the written rules, and the next one.

In: numbers, rules. Out: versions as they were written, and as HTML that is safe to show. Never: HTML that an author wrote.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query

from goldseam.edge.runner import guidelines
from goldseam.edge.server import guideline
from goldseam.edge.server.security import MayManage, MayView, TheWorld
from goldseam.edge.server.wire_guideline import (
    VersionLineShown,
    VersionMade,
    VersionSent,
    VersionShown,
    WorkedShown,
)
from goldseam.vocab.answers import LabelName
from goldseam.vocab.errors import BadValue
from goldseam.vocab.schema import Guideline, WorkedExample

router = APIRouter(tags=["guideline"])

Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("/api/projects/{project}/guideline/versions")
def versions(
    world: TheWorld,
    permit: MayView,
    before: Annotated[int | None, Query(ge=1, le=2**31)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> list[VersionLineShown]:
    """List the versions of the guideline, newest first."""
    now = permit.project.guideline_version
    return [
        VersionLineShown(version=one.number, at=one.at, current=one.number == now)
        for one in guidelines.listing(world, permit, before=before, limit=limit)
    ]


@router.get("/api/projects/{project}/guideline/versions/{number}")
def version(world: TheWorld, permit: MayView, number: Number) -> VersionShown:
    """Show one version of the guideline."""
    found = guidelines.version(world, permit, number)
    rules = found.guideline
    return VersionShown(
        version=found.number,
        at=found.at,
        current=found.number == permit.project.guideline_version,
        text=rules.text,
        html=guideline.render(rules),
        worked_examples=[WorkedShown(text=one.text, label=one.label, why=one.why) for one in rules.worked_examples],
        review_by=rules.review_by,
    )


@router.post("/api/projects/{project}/guideline/versions")
def publish(world: TheWorld, permit: MayManage, body: VersionSent) -> VersionMade:
    """Make these rules the next version; who answers from then on answers by them."""
    try:
        review_by = None if body.review_by is None else date.fromisoformat(body.review_by)
    except ValueError as error:
        raise BadValue(f"review_by is a day such as 2027-01-31; got {body.review_by!r}.") from error
    examples = tuple(WorkedExample(one.text, LabelName(one.label), one.why) for one in body.worked_examples)
    rules = Guideline(text=body.text, worked_examples=examples, review_by=review_by)
    return VersionMade(version=guidelines.publish(world, permit, body.id, body.based_on, rules))
