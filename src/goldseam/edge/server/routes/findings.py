"""Findings: what was found in the labels, as it was computed; and what of it is sent to be labeled again.

In: items. Out: findings with the items' words. Never: a computation during a call; it runs in the background when asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request

from goldseam.edge.runner import findings
from goldseam.edge.runner.findings import Finding
from goldseam.edge.runner.going import Going, HowFar
from goldseam.edge.server.items import media_url
from goldseam.edge.server.security import MayManage, MayMeasure, TheWorld
from goldseam.edge.server.wire_create import FarShown
from goldseam.edge.server.wire_findings import (
    BriefShown,
    FindingsShown,
    IssueShown,
    KindShown,
    PatternShown,
    RelabelAsked,
    RelabelSent,
    WorthShown,
)
from goldseam.vocab.items import Item, ItemId, ProjectId

router = APIRouter(tags=["findings"])

BEGINNING = 300
"""Characters of an item's text that are shown."""
COUNTS: Mapping[str, tuple[str, str]] = {
    "issues": ("n", "n_issues"),
    "patterns": ("n", "wrong"),
    "value": ("n_items", "n_harmful"),
}


@router.get("/api/projects/{project}/findings")
def newest(world: TheWorld, permit: MayMeasure) -> FindingsShown:
    """Show what was found last."""
    found = findings.newest(world, permit)
    of = {one.kind: one for one in found.findings}

    def rows(kind: str, key: str) -> list[dict[str, Any]]:
        return list(of[kind].body.get(key, ())) if kind in of else []

    return FindingsShown(
        issues=_kind(of.get("issues")),
        patterns=_kind(of.get("patterns")),
        value=_kind(of.get("value")),
        issue_list=[IssueShown(**one) for one in rows("issues", "issues")],
        pattern_list=[
            PatternShown(**{**{name: one[name] for name in PatternShown.model_fields}, "items": one["items"][:3]})
            for one in rows("patterns", "patterns")
        ],
        worth_list=[
            WorthShown(item=one["item"], label=one["label"], value=one["value"]) for one in rows("value", "items")
        ],
        items=[_brief(permit.project.id, one) for one in found.items],
        sent=sorted(found.sent),
    )


@router.post("/api/projects/{project}/findings/look")
def look(request: Request, permit: MayManage) -> FarShown:
    """Look the labels over, in the background; if that is under way this changes nothing."""
    return _far(_looking(request).start(permit))


@router.get("/api/projects/{project}/findings/look")
async def how_far(request: Request, permit: MayManage) -> FarShown:
    """Show how far that is."""
    return _far(_looking(request).how_far(permit.project.id) or HowFar(goes_on=False))


@router.post("/api/projects/{project}/findings/relabel")
def relabel(world: TheWorld, permit: MayManage, body: RelabelSent) -> RelabelAsked:
    """Send items to be labeled again, by people who never answered them."""
    return RelabelAsked(n_items=findings.send(world, permit, body.id, [ItemId(one) for one in body.items]))


def _brief(project: ProjectId, item: Item) -> BriefShown:
    is_media = item.modality.is_media
    return BriefShown(
        id=item.id,
        text="" if is_media else item.content[:BEGINNING],
        media_url=media_url(project, item.id) if is_media else None,
    )


def _looking(request: Request) -> Going:
    looking: Going = request.app.state.looking
    return looking


def _far(far: HowFar) -> FarShown:
    return FarShown(
        goes_on=far.goes_on, doing=far.doing, n_done=far.n_done, outcomes=list(far.outcomes), error=far.error
    )


def _kind(one: Finding | None) -> KindShown | None:
    if one is None:
        return None
    n, n_found = COUNTS[one.kind]
    return KindShown(
        round=one.round,
        at=one.at,
        reason=str(one.body.get("reason", "")),
        n=int(one.body.get(n, 0)),
        n_found=int(one.body.get(n_found, 0)),
    )
