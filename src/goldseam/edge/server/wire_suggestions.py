"""Wire types of suggested answers.

In: JSON. Out: records whose lengths are bounded; a key that is not known is refused. Never: an author or a time that was sent.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from goldseam.edge.server.wire import MAX_BATCH, ItemKey, Name, PlainAnswer, Reason, Sent, Uuid7


class SuggestedSent(Sent):
    """An answer to one question about one item that a machine proposes, and why."""

    item: ItemKey
    question: Name
    answer: PlainAnswer
    confidence: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
    reason: Reason = ""


class SuggestionsSent(Sent):
    """Up to a hundred suggestions of one source: a model, a function or a service, by a name that people are shown."""

    id: Uuid7
    source: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    suggestions: Annotated[list[SuggestedSent], Field(min_length=1, max_length=MAX_BATCH)]
