"""What every way of leasing rests on: who asks, the open rows ahead of a cursor, and a row as it was read.

In: nothing. Out: `Asking`, `ReadRow`, parts of statements. Never: a statement run.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text

from goldseam.annotate.states import AssignmentState
from goldseam.edge.store.assignments import Leased
from goldseam.edge.store.tx import Tx
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import AnnotatorId

SLACK = 32
"""A cursor is moved once this many rows behind it are done with, not at every lease: re-reading a few is cheaper."""
TOKEN_BYTES = 16
FREE = (None, AssignmentState.EXPIRED.value)

MINE = "a.project = q.project AND a.position = q.position AND a.annotator = :annotator"
AHEAD = "q.project = :project AND q.cls = :cls AND q.wanted > q.done + q.live"
CURSOR = "SELECT c.ord FROM cursors c WHERE c.project = :project AND c.annotator = :annotator AND c.cls = :cls"
GIVE_BACK = text(
    "UPDATE queue SET live = live - 1 WHERE project = :project AND position = :position AND purpose = :purpose"
)


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for work, when, and until when it would be held."""

    project: ProjectId
    annotator: AnnotatorId
    now: datetime
    until: datetime

    @property
    def who(self) -> dict[str, object]:
        """The parameters that every query here needs."""
        return {"project": self.project, "annotator": self.annotator}


class ReadRow(NamedTuple):
    """An open row of a class as it was read, and the assignment that was made on it just now."""

    position: int
    ord: int
    is_free: bool
    leased: Leased | None


Take = Callable[[Tx, Asking, int, int | None, int, Collection[int]], tuple[list[ReadRow], bool]]
"""Reads a window of a class, from the cursor or from after a place, and takes up to so many rows of it, but of items taken
already; also says whether these were the last."""
