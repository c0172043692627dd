"""Leasing: hands items to annotators, each item to as many as it wants, and to nobody twice.

In: who asks, for how many, until when. Out: `Leased`. Never: a wait for a row that somebody else is working on
(`lease`).

The cursor's law: every open row at or before an annotator's cursor is for ever out of reach of that annotator. A
cursor may therefore pass only rows that its annotator has an assignment for, judged by a read without locks; a row
that somebody else merely holds locked at this moment must not be passed.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Row, text

from goldseam.annotate.states import AssignmentState
from goldseam.edge.store.assignments import Leased, Refusal
from goldseam.edge.store.tx import Positions, Tx, micros, new_id, pack, token_hash
from goldseam.vocab.annotations import AssignmentId, Purpose
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import AnnotatorId

SLACK = 32
"""A cursor is moved once this many rows behind it are done with, not at every lease: re-reading a few is cheaper."""
TOKEN_BYTES = 16
AMONG_JSON = "IN (SELECT value FROM json_each(:some))"
AMONG_BIGINTS = "= ANY(CAST(:some AS bigint[]))"

_MINE = "a.project = q.project AND a.position = q.position AND a.annotator = :annotator"
_SEEN = f"SELECT q.position, q.ord, q.purpose, a.id, a.state FROM queue q LEFT JOIN assignments a ON {_MINE}"
_AHEAD = "q.project = :project AND q.cls = :cls AND q.wanted > q.done + q.live"
_CURSOR = "SELECT c.ord FROM cursors c WHERE c.project = :project AND c.annotator = :annotator AND c.cls = :cls"
_WINDOW = text(f"{_SEEN} WHERE {_AHEAD} AND q.ord > coalesce(({_CURSOR}), 0) ORDER BY q.ord LIMIT :limit")
_NEXT_WINDOW = text(f"{_SEEN} WHERE {_AHEAD} AND q.ord > :after ORDER BY q.ord LIMIT :limit")
_MOVE = text(
    "INSERT INTO cursors (project, annotator, cls, ord) VALUES (:project, :annotator, :cls, :ord) "
    "ON CONFLICT (project, annotator, cls) DO UPDATE SET ord = excluded.ord WHERE excluded.ord > cursors.ord"
)
_TAKE = {
    "sqlite": text(
        "UPDATE queue SET live = live + 1 WHERE project = :project AND wanted > done + live AND position IN ("
        "SELECT q.position FROM queue q WHERE q.project = :project "
        "AND q.position IN (SELECT value FROM json_each(:some)) AND q.wanted > q.done + q.live "
        "ORDER BY q.ord LIMIT :limit) RETURNING position"
    ),
    # Materialized: a sub-query that is run again would lock, and lease, more than was asked for.
    "postgresql": text(
        "WITH free AS MATERIALIZED (SELECT q.position FROM queue q WHERE q.project = :project "
        "AND q.position = ANY(CAST(:some AS bigint[])) AND q.wanted > q.done + q.live ORDER BY q.ord LIMIT :limit "
        "FOR UPDATE SKIP LOCKED) "
        "UPDATE queue SET live = live + 1 FROM free WHERE queue.project = :project AND queue.position = free.position "
        "RETURNING queue.position"
    ),
}
_GIVE_BACK = text("UPDATE queue SET live = live - 1 WHERE project = :project AND position = :position")
_INSERT = text(
    "INSERT INTO assignments "
    "(id, project, position, annotator, purpose, state, counted, token_hash, leased_at, expires_at) "
    "VALUES (:id, :project, :position, :annotator, :purpose, 'leased', :counted, :token_hash, :leased_at, :expires_at) "
    "ON CONFLICT (project, position, annotator) DO NOTHING"
)
_AGAIN = text(
    "UPDATE assignments SET state = 'leased', purpose = :purpose, counted = :counted, token_hash = :token_hash, "
    "leased_at = :leased_at, expires_at = :expires_at, ended_at = NULL, suggestion_model = NULL, "
    "suggestion_label = NULL WHERE id = :id AND state = 'expired'"
)
_ASKED_FOR = {
    dialect: text(
        "SELECT q.position, q.ord, q.purpose, q.wanted > q.done + q.live AS is_open, a.id, a.state "
        f"FROM queue q LEFT JOIN assignments a ON {_MINE} WHERE q.project = :project AND q.position {among} "
        f"ORDER BY q.position {lock}"
    )
    for dialect, among, lock in (("sqlite", AMONG_JSON, ""), ("postgresql", AMONG_BIGINTS, "FOR UPDATE OF q"))
}
_OWN = {
    dialect: text(
        "SELECT a.position, a.id, a.state FROM assignments a "
        f"WHERE a.project = :project AND a.annotator = :annotator AND a.position {among}"
    )
    for dialect, among in (("sqlite", AMONG_JSON), ("postgresql", AMONG_BIGINTS))
}
_UNSEEN_GOLD = text(
    "SELECT DISTINCT g.position FROM gold g WHERE g.project = :project AND NOT EXISTS (SELECT 1 FROM assignments a "
    "WHERE a.project = g.project AND a.position = g.position AND a.annotator = :annotator AND a.state <> 'expired') "
    "ORDER BY g.position"
)
_GOLD_ASKED = text(
    "SELECT a.position, COUNT(*) FROM assignments a WHERE a.project = :project AND a.purpose = 'gold' "
    "AND a.state IN ('leased', 'submitted') AND a.position IN (SELECT position FROM gold WHERE project = :project) "
    "GROUP BY a.position HAVING COUNT(*) < :enough ORDER BY a.position"
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


def lease(
    tx: Tx,
    project: ProjectId,
    annotator: AnnotatorId,
    classes: Sequence[int],
    count: int,
    now: datetime,
    lease: timedelta,
) -> tuple[Leased, ...]:
    """Lease up to `count` items to the annotator: classes in the order given, within a class by age in the queue."""
    asking = Asking(project, annotator, now, now + lease)
    leased: list[Leased] = []
    for cls in classes:
        if len(leased) >= count:
            break
        leased.extend(_lease_class(tx, asking, cls, count - len(leased)))
    return tuple(leased)


def _lease_class(tx: Tx, asking: Asking, cls: int, count: int) -> list[Leased]:
    """Read on from the cursor, take what is free, and move the cursor over what is done with."""
    leased: list[Leased] = []
    passed, last_passed, passing = 0, 0, True
    limit = SLACK + count
    rows = tx.run(_WINDOW, {**asking.who, "cls": cls, "limit": limit}).all()
    while True:
        made = _take(tx, asking, [row for row in rows if row.state in _FREE], count - len(leased))
        leased.extend(made)
        taken = {each.position for each in made}
        for row in rows:
            passing = passing and (row.position in taken or row.state not in _FREE)
            if passing:
                passed, last_passed = passed + 1, row.ord
        if len(leased) >= count or len(rows) < limit:
            break
        rows = tx.run(_NEXT_WINDOW, {**asking.who, "cls": cls, "limit": limit, "after": rows[-1].ord}).all()
    if passed >= SLACK:
        tx.run(_MOVE, {**asking.who, "cls": cls, "ord": last_passed})
    return leased


_FREE = (None, AssignmentState.EXPIRED.value)


def _take(tx: Tx, asking: Asking, rows: Sequence[Row[Any]], count: int) -> list[Leased]:
    """Take a place on up to `count` of these rows, in their order, as far as they are still free."""
    if not rows or count < 1:
        return []
    some = pack(tx, [row.position for row in rows])
    got = set(tx.run(_TAKE[tx.dialect], {"project": asking.project, "some": some, "limit": count}).scalars())
    leased: list[Leased] = []
    for row in rows:
        if row.position not in got:
            continue
        made = _assign(tx, asking, row.position, Purpose(row.purpose), row.id, counted=1)
        if made is None:
            # The same annotator got this item, or answered it late, between our reading and our taking (two tabs).
            tx.run(_GIVE_BACK, {"project": asking.project, "position": row.position})
        else:
            leased.append(made)
    return leased


def _assign(
    tx: Tx, asking: Asking, position: int, purpose: Purpose, expired_id: str | None, counted: int
) -> Leased | None:
    """Write the assignment, new or on the row of the one that ran out; None if it is there already."""
    token = secrets.token_hex(TOKEN_BYTES)
    made_id = expired_id or new_id(asking.now)
    written = tx.run(
        _INSERT if expired_id is None else _AGAIN,
        {
            **({} if expired_id else {**asking.who, "position": position}),
            "id": made_id,
            "purpose": purpose.value,
            "counted": counted,
            "token_hash": token_hash(token),
            "leased_at": micros(asking.now),
            "expires_at": micros(asking.until),
        },
    )
    return Leased(AssignmentId(made_id), token, position, purpose, asking.until) if written.rowcount == 1 else None


def claim(
    tx: Tx,
    project: ProjectId,
    annotator: AnnotatorId,
    positions: Positions,
    now: datetime,
    lease: timedelta,
) -> tuple[tuple[Leased, ...], tuple[tuple[int, Refusal], ...]]:
    """Lease these very items, in this order, as far as they are wanted; the rest come back with the reason."""
    asking = Asking(project, annotator, now, now + lease)
    found = tx.run(_ASKED_FOR[tx.dialect], {**asking.who, "some": pack(tx, positions)})
    rows = {row.position: row for row in found}
    leased: list[Leased] = []
    refused: list[tuple[int, Refusal]] = []
    for position in dict.fromkeys(positions.tolist()):
        row = rows.get(position)
        why = _why_not(row)
        if why is None and row is not None:
            made = _take(tx, asking, [row], 1)
            leased.extend(made)
            why = None if made else Refusal.NOT_WANTED
        if why is not None:
            refused.append((position, why))
    return tuple(leased), tuple(refused)


def _why_not(row: Row[Any] | None) -> Refusal | None:
    if row is None:
        return Refusal.NOT_QUEUED
    if row.state == AssignmentState.LEASED:
        return Refusal.ALREADY_HELD
    if row.state not in _FREE:
        return Refusal.ALREADY_ANSWERED
    return None if row.is_open else Refusal.NOT_WANTED


def unseen_gold(tx: Tx, project: ProjectId, annotator: AnnotatorId) -> Positions:
    """Return the gold items that the annotator was never asked about (or whose lease ended unanswered)."""
    found = tx.run(_UNSEEN_GOLD, {"project": project, "annotator": annotator}).scalars().all()
    return np.array(found, np.int64)


def begun_gold(tx: Tx, project: ProjectId, enough: int) -> Positions:
    """Return the gold items that were asked about, but of fewer annotators than `enough`."""
    rows = tx.run(_GOLD_ASKED, {"project": project, "enough": enough}).all()
    return np.array([row.position for row in rows], np.int64)


def lease_gold(
    tx: Tx,
    project: ProjectId,
    annotator: AnnotatorId,
    positions: Positions,
    now: datetime,
    lease: timedelta,
) -> tuple[Leased, ...]:
    """Lease these gold items as hidden checks; they take no place in the queue. Items seen before are left out."""
    asking = Asking(project, annotator, now, now + lease)
    own = {row.position: row for row in tx.run(_OWN[tx.dialect], {**asking.who, "some": pack(tx, positions)})}
    leased: list[Leased] = []
    for position in dict.fromkeys(positions.tolist()):
        row = own.get(position)
        if row is not None and row.state not in _FREE:
            continue
        made = _assign(tx, asking, position, Purpose.GOLD, None if row is None else row.id, counted=0)
        if made is not None:
            leased.append(made)
    return tuple(leased)
