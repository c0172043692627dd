"""Adjudicate: items whose votes did not settle them, and rulings about them.

In: a ruling, or the admission that one cannot rule. Out: escalated items with their votes, annotators blinded.
Never: a name beside a vote.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from goldseam.edge.runner import adjudicate, disagreeing
from goldseam.edge.server.items import item_shown
from goldseam.edge.server.security import MayAdjudicate, TheWorld
from goldseam.edge.server.wire import Done, Plain, RulingSent
from goldseam.edge.server.wire_talk import Escalated, EscalationSent
from goldseam.formats.plain import answer_from_plain, item_from_plain
from goldseam.vocab.items import ItemId, ProjectId
from goldseam.vocab.schema import QuestionName

router = APIRouter(tags=["adjudicate"])


@router.get("/api/projects/{project}/disagreements")
def disagreements(
    world: TheWorld,
    permit: MayAdjudicate,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    question: Annotated[str | None, Query(max_length=200)] = None,
) -> list[Plain]:
    """List escalated items that the caller may settle, the most disputed first; without a question, by the first one."""
    return [_as_shown(permit.project.id, one) for one in disagreeing.disagreements(world, permit, limit, question)]


@router.post("/api/projects/{project}/rulings")
def rule(world: TheWorld, permit: MayAdjudicate, body: RulingSent) -> Done:
    """Settle an item by a person's decision."""
    answer = answer_from_plain(body.answer)
    adjudicate.rule(world, permit, body.id, ItemId(body.item), body.question, answer, body.reason)
    return Done()


@router.post("/api/projects/{project}/escalations")
def escalate(world: TheWorld, permit: MayAdjudicate, body: EscalationSent) -> Escalated:
    """Hand an item that one cannot decide to the next tier."""
    question = None if body.question is None else QuestionName(body.question)
    return Escalated(tier=adjudicate.escalate(world, permit, body.id, body.item, body.reason, question))


def _as_shown(project: ProjectId, one: Plain) -> Plain:
    """Return a disagreement with its item as the page shows items, wherever they stand."""
    suggestion = one["suggestion"]
    return {
        **one,
        "item": item_shown(project, item_from_plain(one["item"])).model_dump(),
        "suggestion": {"source": "model", **suggestion} if suggestion else None,
    }
