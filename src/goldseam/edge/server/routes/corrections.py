"""Corrections: own answers that a person decided otherwise.

In: where the page before ended. Out: items, own answers, rulings with their reasons. Never: a name, or anybody else's answer.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query

from goldseam.edge.runner import corrections
from goldseam.edge.runner.corrections import Correction
from goldseam.edge.runner.people import Permit
from goldseam.edge.server.items import item_shown
from goldseam.edge.server.security import MayAnnotate, TheWorld
from goldseam.edge.server.wire_corrections import CorrectionShown, CorrectionsPage
from goldseam.formats.plain import answer_to_plain
from goldseam.vocab.annotations import AnnotationId

router = APIRouter(tags=["annotate"])


@router.get("/api/projects/{project}/corrections")
def own_corrections(
    world: TheWorld, permit: MayAnnotate, before: Annotated[str | None, Query(max_length=100)] = None
) -> CorrectionsPage:
    """List the caller's answers that were ruled otherwise, newest first, a stretch of own answers a call."""
    found = corrections.own(world, permit, None if before is None else AnnotationId(before))
    return CorrectionsPage(corrections=[_shown(permit, one) for one in found.found], before=found.before)


def _shown(permit: Permit, one: Correction) -> CorrectionShown:
    names = permit.project.settings.annotate.show  # another column may give the label away
    item = replace(one.item, metadata={name: one.item.metadata[name] for name in names if name in one.item.metadata})
    return CorrectionShown(
        item=item_shown(permit.project.id, item),
        question=one.question,
        answer=dict(answer_to_plain(one.answer)),
        ruled=dict(answer_to_plain(one.ruled.answer)),
        reason=one.ruled.reason,
        at=one.given_at,
        ruled_at=one.ruled.at,
    )
