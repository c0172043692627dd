"""Suggestions: a machine's answers to questions of any kind come in.

In: answers by item and question. Out: nothing. Never: a suggestion taken for an annotation.
"""

from __future__ import annotations

from fastapi import APIRouter

from goldseam.edge.runner import suggesting
from goldseam.edge.runner.suggesting import Proposed
from goldseam.edge.server.security import MayManage, TheWorld
from goldseam.edge.server.wire import Done
from goldseam.edge.server.wire_suggestions import SuggestionsSent
from goldseam.formats.plain import answer_from_plain
from goldseam.vocab.items import ItemId
from goldseam.vocab.schema import QuestionName

router = APIRouter(tags=["prelabel"])


@router.post("/api/projects/{project}/suggestions")
def suggest(world: TheWorld, permit: MayManage, body: SuggestionsSent) -> Done:
    """Suggest answers; for an item and question the newest is the one that annotators are shown."""
    given = [
        Proposed(
            ItemId(one.item), QuestionName(one.question), answer_from_plain(one.answer), one.confidence, one.reason
        )
        for one in body.suggestions
    ]
    suggesting.deliver(world, permit, body.id, body.source, given)
    return Done()
