"""Wire types of lists of items: what comes back.

In: pages, counts. Out: records with these fields and no others. Never: whether an item is gold, or who answered it.
"""

from __future__ import annotations

from datetime import datetime

from goldseam.edge.server.wire import ItemShown, Shown


class ItemLine(Shown):
    """One item of a list: where it came from, and where it stands."""

    position: int
    item: ItemShown
    key: str
    source: str
    line: int
    state: str
    flagged: bool
    label: str | None
    confidence: float | None
    method: str | None
    wanted: int
    given: int


class ItemPage(Shown):
    """A page of a list; `next` is the cursor that the next page begins after, null at the end: a page may come short."""

    items: list[ItemLine]
    next: str | None
    indexed: int | None


class ItemCount(Shown):
    """How many items were asked for; `exact` is false where counting stopped before the end."""

    n: int
    exact: bool


class ItemFacets(Shown):
    """How many items stand where, and when that was counted; null while the first count is under way."""

    at: datetime | None
    items: int | None
    states: dict[str, int]
    labels: dict[str, int]
