"""Wire types of the map: points as columns, so that thousands of them are one small reply.

In: a map. Out: records with these fields and no others. Never: whether an item is gold, or who answered it.
"""

from __future__ import annotations

from datetime import datetime

from goldseam.edge.server.wire import Shown


class MapPoints(Shown):
    """The points, one list a column; a label is its place in `labels`, -1 where there is none."""

    id: list[str]
    x: list[float]
    y: list[float]
    state: list[str]
    label: list[int]
    confidence: list[float | None]
    words: list[str]


class MapShown(Shown):
    """The newest map, or `at` null and in `how` what makes one; `n_items` is how many items it was drawn from."""

    at: datetime | None
    how: str
    round: int | None
    method: str | None
    seed: str | None
    n_items: int
    labels: list[str]
    points: MapPoints
