"""The calls of machines that suggest answers.

In: a project's id, answers by item and question. Out: nothing. Never: a call that does something twice when it is sent again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from goldseam.edge.client.annotate import MAX_BATCH
from goldseam.edge.client.connection import Connection, at, new_id
from goldseam.formats.plain import answer_to_plain
from goldseam.vocab.answers import Answer
from goldseam.vocab.items import ItemId


@dataclass(frozen=True, slots=True)
class Proposal:
    """An answer that a machine proposes to one question about one item."""

    item: ItemId
    question: str
    answer: Answer
    confidence: float
    reason: str = ""


class Suggesting(Connection):
    """Suggesting answers of any kind."""

    def suggest(self, project: str, source: str, given: Sequence[Proposal]) -> None:
        """Suggest answers under the name of their source; the role must include the act 'manage'."""
        for first in range(0, len(given), MAX_BATCH):
            some = [_plain(one) for one in given[first : first + MAX_BATCH]]
            self.call("POST", at(project, "/suggestions"), {"id": new_id(), "source": source, "suggestions": some})


def _plain(one: Proposal) -> dict[str, object]:
    return {
        "item": one.item,
        "question": one.question,
        "answer": answer_to_plain(one.answer),
        "confidence": one.confidence,
        "reason": one.reason,
    }
