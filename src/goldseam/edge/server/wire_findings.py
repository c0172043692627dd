"""Wire types of findings: what was found in the labels, and what is sent to be labeled again.

In: JSON. Out: records whose list sizes are bounded; a key that is not known is refused. Never: an order of people by their worth.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from goldseam.edge.server.wire import ItemKey, Sent, Shown, Uuid7

MOST_SENT = 500


class IssueShown(Shown):
    """A settled label that the model, which had not learned from the item, is sure is another."""

    item: str
    label: str
    suggested: str
    confidence: float
    n_votes: int


class PatternShown(Shown):
    """Where the model errs more often than chance explains, with the interval of its error rate, and what may help."""

    kind: str
    name: str
    n: int
    wrong: int
    low: float
    high: float
    advice: str
    items: list[str]


class WorthShown(Shown):
    """What a label is worth to the model, in shares of accuracy on gold; below 0 it makes the model worse."""

    item: str
    label: str
    value: float


class BriefShown(Shown):
    """The beginning of an item's text, or where its media is."""

    id: str
    text: str
    media_url: str | None


class KindShown(Shown):
    """What was found of one kind; `reason` says why nothing could be. `n` labels were looked at, `n_found` stand out."""

    round: int
    at: datetime
    reason: str
    n: int
    n_found: int


class FindingsShown(Shown):
    """The newest findings; a kind that was never looked for is null."""

    issues: KindShown | None
    patterns: KindShown | None
    value: KindShown | None
    issue_list: list[IssueShown]
    pattern_list: list[PatternShown]
    worth_list: list[WorthShown]
    items: list[BriefShown]
    sent: list[str]


class RelabelSent(Sent):
    """Items to be labeled again."""

    id: Uuid7
    items: Annotated[list[ItemKey], Field(min_length=1, max_length=MOST_SENT)]


class RelabelAsked(Shown):
    """How many items are asked about again."""

    n_items: int
