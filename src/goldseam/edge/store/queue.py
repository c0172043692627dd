"""The queue: who is asked about what, until when; exactly as many answers as wanted, no item twice to one annotator.

In: items with the answers they want; who asks for work. Out: `Leased` assignments, and what became of an answer.
Never: more answers counted than wanted; a choice of policy (classes, counts and leases are arguments).

Open rows of a class stand in the order of `ord`. Each annotator has a cursor per class, and one law holds: every open
row at or before a cursor is for ever out of reach of its annotator. So whatever enters the queue again (an ended
lease, a skip, a raised wish) gets a fresh, larger `ord`, and no cursor ever moves back; asking for work costs O(log
n).

An item stands in the queue once for each purpose that it is asked about, but nobody is ever asked about it twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select, text, update

from goldseam.edge.store import projects
from goldseam.edge.store import tables as t
from goldseam.edge.store.assignments import Assignment, Finish, Leased, Refusal, assignment, held, show
from goldseam.edge.store.ending import expire, extend, finish, reissue, release_all, release_held, reopen, skip
from goldseam.edge.store.leasing import claim, lease, lease_alone, with_work
from goldseam.edge.store.leasing_gold import begun_gold, lease_gold, unseen_gold
from goldseam.edge.store.tx import Positions, Tx, Values, arrays, insert_columns, maybe_moment, within
from goldseam.vocab.annotations import Purpose
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import AnnotatorId

__all__ = [
    "Assignment",
    "Finish",
    "Leased",
    "Refusal",
    "Summary",
    "Waiting",
    "WaitingReason",
    "assignment",
    "begun_gold",
    "claim",
    "close",
    "complete",
    "enqueue",
    "expire",
    "extend",
    "finish",
    "held",
    "lease",
    "lease_alone",
    "lease_gold",
    "recounted",
    "reissue",
    "release_all",
    "release_held",
    "reopen",
    "show",
    "skip",
    "summary",
    "unseen_gold",
    "waiting",
    "with_work",
]


class WaitingReason(StrEnum):
    """Why there is nothing to lease."""

    ALL_HELD = "all_held"
    NOTHING_OPEN = "nothing_open"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why there is nothing to lease.

    `all_held`: `n_items` items are with others now, and the first lease ends at `until`; `nothing_open`: `n_items`
    items still want answers, but this annotator is through with them; `done`: no item wants any.
    """

    reason: WaitingReason
    n_items: int
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Summary:
    """The queue of a project in numbers: items, those that may be leased, those complete, and answers."""

    n_items: int
    n_open: int
    n_complete: int
    wanted: int
    done: int
    live: int


def enqueue(
    tx: Tx,
    project: ProjectId,
    positions: Positions,
    wanted: NDArray[np.integer] | int,
    cls: NDArray[np.integer] | int,
    purpose: Purpose = Purpose.LABEL,
) -> None:
    """Put items into the queue, in this order, behind those already there; or raise what they want (never lower it).

    Items that want no answer are left out.
    """
    n = len(positions)
    wishes, classes = np.broadcast_to(np.asarray(wanted), n), np.broadcast_to(np.asarray(cls), n)
    asked = wishes > 0
    n_asked = int(np.count_nonzero(asked))
    if n_asked == 0:
        return
    first = projects.allocate_ord(tx, project, n_asked)
    columns: dict[str, Values | object] = {
        "project": project,
        "position": positions[asked],
        "cls": classes[asked],
        "ord": np.arange(first, first + n_asked),
        "purpose": purpose.value,
        "wanted": wishes[asked],
    }
    insert_columns(tx, t.queue, columns, then=_RAISE)


_RAISE = (
    "ON CONFLICT (project, position, purpose) DO UPDATE SET cls = excluded.cls, ord = excluded.ord, "
    "wanted = CASE WHEN excluded.wanted > queue.wanted THEN excluded.wanted ELSE queue.wanted END"
)


TO_SETTLE = (Purpose.LABEL, Purpose.SPOT_CHECK, Purpose.RELABEL, Purpose.AUDIT)
"""The purposes for which an item is asked about so that it gets its label: what a round waits for."""


def close(tx: Tx, project: ProjectId, positions: Positions, purposes: Sequence[Purpose] = TO_SETTLE) -> None:
    """Want no more answers than are given or under way: adaptive stopping."""
    q = t.queue.c
    mine = (q.project == project) & within(tx, q.position, positions) & q.purpose.in_([one.value for one in purposes])
    tx.run(update(t.queue).where(mine).values(wanted=q.done + q.live))


_ELSEWHERE = text(
    "SELECT count(DISTINCT a.position) AS n, min(a.expires_at) AS first_end FROM assignments a "
    "WHERE a.state = 'leased' AND a.project = :project AND a.annotator <> :annotator AND a.counted = 1 "
    "AND NOT EXISTS (SELECT 1 FROM assignments m WHERE m.project = a.project AND m.position = a.position "
    "AND m.annotator = :annotator AND m.state <> 'expired')"
)
_OPEN = text(
    "SELECT count(*) FROM (SELECT 1 FROM queue WHERE project = :project AND wanted > done + live LIMIT :most) AS found"
)
MOST_SAID = 1_000
"""Whoever has nothing to do is not told a larger number of open items, as counting on would take ever longer."""


def waiting(tx: Tx, project: ProjectId, annotator: AnnotatorId) -> Waiting:
    """Say why there is nothing to lease for this annotator."""
    who = {"project": project, "annotator": annotator}
    elsewhere = tx.run(_ELSEWHERE, who).one()
    if elsewhere.n:
        return Waiting(WaitingReason.ALL_HELD, elsewhere.n, maybe_moment(elsewhere.first_end))
    # What is neither open nor held by others is complete, or held by this very annotator.
    n_open = tx.run(_OPEN, {"project": project, "most": MOST_SAID}).scalar_one() + len(held(tx, project, annotator))
    return Waiting(WaitingReason.NOTHING_OPEN if n_open else WaitingReason.DONE, n_open, None)


def complete(tx: Tx, project: ProjectId) -> Positions:
    """Return the items that have all the answers they want to get their label, in order."""
    q = t.queue.c
    counted = q.purpose.in_([one.value for one in TO_SETTLE])
    query = select(q.position).where(q.project == project, counted).group_by(q.position).order_by(q.position)
    query = query.having(func.sum(q.wanted - q.done) <= 0)
    (positions,) = arrays(tx, query, np.int64)
    return positions


def summary(tx: Tx, project: ProjectId) -> Summary:
    """Return the queue in numbers."""
    q = t.queue.c
    total = func.coalesce(func.sum(q.wanted), 0), func.coalesce(func.sum(q.done), 0), func.coalesce(func.sum(q.live), 0)
    counts = func.count(), func.count().filter(q.done + q.live < q.wanted), func.count().filter(q.done >= q.wanted)
    row = tx.run(select(*counts, *total).where(q.project == project)).one()
    return Summary(*(int(value) for value in tuple(row)))


_RECOUNTED = text(
    "SELECT q.position FROM queue q LEFT JOIN (SELECT position, purpose, "
    "sum(CASE WHEN state = 'submitted' THEN counted ELSE 0 END) AS done, "
    "sum(CASE WHEN state = 'leased' THEN counted ELSE 0 END) AS live "
    "FROM assignments WHERE project = :project GROUP BY position, purpose) a "
    "ON a.position = q.position AND a.purpose = q.purpose "
    "WHERE q.project = :project AND (q.done <> coalesce(a.done, 0) OR q.live <> coalesce(a.live, 0)) "
    "ORDER BY q.position"
)


def recounted(tx: Tx, project: ProjectId) -> Positions:
    """Return the positions whose stored `done` or `live` differ from a fresh count of assignments: none, by law."""
    return np.array(tx.run(_RECOUNTED, {"project": project}).scalars().all(), np.int64)
