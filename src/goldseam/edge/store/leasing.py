"""Leasing: hands items to annotators, each item to as many as it wants, and to nobody twice.

In: who asks, for how many, until when. Out: `Leased`. Never: a wait for a row that somebody else is working on
(`lease`).

The cursor's law: every open row at or before an annotator's cursor is for ever out of reach of that annotator. A
cursor may therefore pass only rows that its annotator has an assignment for, judged by a read without locks; a row
that somebody else merely holds locked at this moment must not be passed.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.exc import DBAPIError

from goldseam.annotate.states import AssignmentState
from goldseam.edge.store.assignments import Leased, Refusal
from goldseam.edge.store.leasing_at_once import Alone, take_at_once
from goldseam.edge.store.leasing_rows import (
    AHEAD,
    CURSOR,
    FREE,
    GIVE_BACK,
    MINE,
    SLACK,
    TOKEN_BYTES,
    Asking,
    ReadRow,
    Take,
)
from goldseam.edge.store.tx import Positions, Tx, micros, new_id, pack, token_hash
from goldseam.vocab.annotations import AssignmentId, Purpose
from goldseam.vocab.items import Item, ProjectId
from goldseam.vocab.people import AnnotatorId

FEW = 4
"""Of so few classes it is not asked beforehand which have open rows."""
AMONG_JSON = "IN (SELECT value FROM json_each(:some))"
AMONG_BIGINTS = "= ANY(CAST(:some AS bigint[]))"

_SEEN = f"SELECT q.position, q.cls, q.ord, q.purpose, a.id, a.state FROM queue q LEFT JOIN assignments a ON {MINE}"
_WINDOW = text(f"{_SEEN} WHERE {AHEAD} AND q.ord > coalesce(({CURSOR}), 0) ORDER BY q.ord LIMIT :limit")
_NEXT_WINDOW = text(f"{_SEEN} WHERE {AHEAD} AND q.ord > :after ORDER BY q.ord LIMIT :limit")
_MOVE = text(
    "INSERT INTO cursors (project, annotator, cls, ord) VALUES (:project, :annotator, :cls, :ord) "
    "ON CONFLICT (project, annotator, cls) DO UPDATE SET ord = excluded.ord WHERE excluded.ord > cursors.ord"
)
_TAKE = {
    # Rows are named by their key: by their place alone SQLite would look for them through the whole project.
    "sqlite": text(
        "UPDATE queue SET live = live + 1 WHERE project = :project AND (position, purpose) IN ("
        "SELECT q.position, q.purpose FROM queue q WHERE q.project = :project AND q.cls = :cls "
        "AND q.ord IN (SELECT value FROM json_each(:some)) AND q.wanted > q.done + q.live "
        "ORDER BY q.ord LIMIT :limit) RETURNING ord"
    ),
    # Materialized: a sub-query that is run again would lock, and lease, more than was asked for.
    "postgresql": text(
        "WITH free AS MATERIALIZED (SELECT q.position, q.purpose FROM queue q WHERE q.project = :project "
        "AND q.cls = :cls AND q.ord = ANY(CAST(:some AS bigint[])) AND q.wanted > q.done + q.live "
        "ORDER BY q.ord LIMIT :limit FOR UPDATE SKIP LOCKED) "
        "UPDATE queue SET live = live + 1 FROM free WHERE queue.project = :project "
        "AND queue.position = free.position AND queue.purpose = free.purpose RETURNING queue.ord"
    ),
}
_TAKE_ONE = text(
    "UPDATE queue SET live = live + 1 WHERE project = :project AND position = :position AND purpose = :purpose "
    "AND wanted > done + live"
)
_INSERT = text(
    "INSERT INTO assignments "
    "(id, project, position, annotator, purpose, state, counted, token_hash, leased_at, expires_at) "
    "VALUES (:id, :project, :position, :annotator, :purpose, 'leased', :counted, :token_hash, :leased_at, :expires_at) "
    "ON CONFLICT (project, position, annotator) DO NOTHING"
)
_AGAIN = text(
    "UPDATE assignments SET state = 'leased', purpose = :purpose, counted = :counted, token_hash = :token_hash, "
    "leased_at = :leased_at, expires_at = :expires_at, ended_at = NULL, suggestion_model = NULL, "
    "suggestion_label = NULL, suggested = NULL, extended = 0, extension = NULL WHERE id = :id AND state = 'expired'"
)
_ELSEWHOSE = (
    "EXISTS (SELECT 1 FROM lines l WHERE l.project = q.project AND l.cls = q.cls AND l.due > :now AND NOT EXISTS ("
    "SELECT 1 FROM batch_people b WHERE b.project = q.project AND b.annotator = :annotator AND b.batch = l.batch))"
)
_ASKED_FOR = {
    dialect: text(
        "SELECT q.position, q.cls, q.ord, q.purpose, q.wanted > q.done + q.live AS is_open, "
        f"{_ELSEWHOSE} AS is_others, a.id, a.state "
        f"FROM queue q LEFT JOIN assignments a ON {MINE} WHERE q.project = :project AND q.position {among} "
        f"ORDER BY q.position, q.ord {lock}"
    )
    for dialect, among, lock in (("sqlite", AMONG_JSON, ""), ("postgresql", AMONG_BIGINTS, "FOR UPDATE OF q"))
}
_WITH_WORK = {
    dialect: text(
        f"SELECT v.cls FROM {numbers} WHERE EXISTS (SELECT 1 FROM queue q WHERE q.project = :project "
        "AND q.cls = v.cls AND q.wanted > q.done + q.live AND q.ord > coalesce((SELECT c.ord FROM cursors c "
        "WHERE c.project = :project AND c.annotator = :annotator AND c.cls = v.cls), 0))"
    )
    for dialect, numbers in (
        ("sqlite", "(SELECT value AS cls FROM json_each(:some)) v"),
        ("postgresql", "unnest(CAST(:some AS bigint[])) AS v(cls)"),
    )
}


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
    take = _take_ahead if tx.dialect == "sqlite" else take_at_once
    leased: list[Leased] = []
    for cls in classes if len(classes) <= FEW else with_work(tx, project, annotator, classes):
        if len(leased) >= count:
            break
        leased.extend(_lease_class(tx, asking, cls, count - len(leased), take))
    return tuple(leased)


def lease_alone(
    tx: Tx,
    project: ProjectId,
    annotator: AnnotatorId,
    classes: Sequence[int],
    count: int,
    now: datetime,
    lease: timedelta,
    stamp: int | None,
) -> tuple[tuple[Leased, Item], ...]:
    """Lease the same on PostgreSQL outside of a transaction, with the items; nothing, if the access stamp is another.

    Each class that is looked into is a transaction by itself: what was leased stays leased, whatever becomes of the next.
    """
    asking, alone = Asking(project, annotator, now, now + lease), Alone(stamp)
    for cls in classes:
        try:
            if len(alone.found) < count:
                _lease_class(tx, asking, cls, count - len(alone.found), alone.take)
        except DBAPIError as error:
            if error.connection_invalidated or not alone.found:
                raise
            break
    return tuple(alone.found)


def with_work(tx: Tx, project: ProjectId, annotator: AnnotatorId, classes: Sequence[int]) -> Sequence[int]:
    """Return those of the classes, in order, that have open rows ahead of the annotator's cursor."""
    values = {"project": project, "annotator": annotator, "some": pack(tx, list(classes))}
    found = set(tx.run(_WITH_WORK[tx.dialect], values).scalars())
    return [cls for cls in classes if cls in found]


def _lease_class(tx: Tx, asking: Asking, cls: int, count: int, take: Take) -> list[Leased]:
    """Read on from the cursor, take what is free, and move the cursor over what is done with."""
    leased: list[Leased] = []
    passed, last_passed, passing = 0, 0, True
    after: int | None = None
    while True:
        rows, is_last = take(tx, asking, cls, after, count - len(leased), [each.position for each in leased])
        leased.extend(row.leased for row in rows if row.leased is not None)
        taken = {each.position for each in leased}
        for row in rows:
            passing = passing and (row.position in taken or not row.is_free)
            if passing:
                passed, last_passed = passed + 1, row.ord
        if len(leased) >= count or is_last:
            break
        after = rows[-1].ord
    if passed >= SLACK:
        tx.quick_count(_MOVE, {**asking.who, "cls": cls, "ord": last_passed})
    return leased


def _take_ahead(
    tx: Tx, asking: Asking, cls: int, after: int | None, count: int, taken: Collection[int]
) -> tuple[list[ReadRow], bool]:
    """Read a window of rows and take up to `count`; also return whether these were the last."""
    limit = SLACK + count
    values: dict[str, object] = {**asking.who, "cls": cls, "limit": limit}
    found = tx.quick(_WINDOW, values) if after is None else tx.quick(_NEXT_WINDOW, {**values, "after": after})
    rows: list[ReadRow] = []
    mine = set(taken)
    for position, _, ord_, purpose, expired_id, state in found:
        made = None
        # An item that waits for two purposes at once is offered for one of them.
        if count and state in FREE and position not in mine:
            item = {"project": asking.project, "position": position, "purpose": purpose}
            if tx.quick_count(_TAKE_ONE, item):
                made = assign(tx, asking, position, Purpose(purpose), expired_id, counted=1)
                count -= 1
                mine.add(position)
        rows.append(ReadRow(position, ord_, state in FREE, made))
    return rows, len(found) < limit


def _take(tx: Tx, asking: Asking, rows: Sequence[Row[Any]], count: int) -> list[Leased]:
    """Take a place on up to `count` of these rows of one class, in their order, as far as they are still free."""
    if not rows or count < 1:
        return []
    # By place: a row that was moved to another place since we read it is not taken.
    values = {"project": asking.project, "cls": rows[0].cls, "limit": count}
    got = set(tx.run(_TAKE[tx.dialect], {**values, "some": pack(tx, [row.ord for row in rows])}).scalars())
    leased: list[Leased] = []
    for row in rows:
        if row.ord not in got:
            continue
        made = assign(tx, asking, row.position, Purpose(row.purpose), row.id, counted=1)
        if made is None:
            # The same annotator got this item, or answered it late, between our reading and our taking (two tabs).
            tx.run(GIVE_BACK, {"project": asking.project, "position": row.position, "purpose": row.purpose})
        else:
            leased.append(made)
    return leased


def assign(
    tx: Tx, asking: Asking, position: int, purpose: Purpose, expired_id: str | None, counted: int
) -> Leased | None:
    """Write the assignment, new or on the row of the one that ran out; None if it is there already."""
    token = secrets.token_hex(TOKEN_BYTES)
    made_id = expired_id or new_id(asking.now)
    written = tx.quick_count(
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
    return Leased(AssignmentId(made_id), token, position, purpose, asking.until) if written == 1 else None


def claim(
    tx: Tx,
    project: ProjectId,
    annotator: AnnotatorId,
    positions: Positions,
    now: datetime,
    lease: timedelta,
    purposes: Sequence[Purpose] | None = None,
) -> tuple[tuple[Leased, ...], tuple[tuple[int, Refusal], ...]]:
    """Lease these very items, in this order, as far as they are wanted; the rest come back with the reason.

    With `purposes` each item is leased for the purpose at its place in the list alone.
    """
    asking = Asking(project, annotator, now, now + lease)
    asked: Sequence[Purpose | None] = purposes or [None] * len(positions)
    wanted = dict(zip(positions.tolist(), asked, strict=True))
    found = tx.run(_ASKED_FOR[tx.dialect], {**asking.who, "now": micros(now), "some": pack(tx, positions)})
    rows: dict[int, list[Row[Any]]] = {}
    for row in found:
        if wanted[row.position] in {None, row.purpose}:
            rows.setdefault(row.position, []).append(row)
    leased: list[Leased] = []
    refused: list[tuple[int, Refusal]] = []
    for position in wanted:
        # Whichever row of the item is open to this annotator; else the first says why not.
        first = min(rows.get(position, []), key=lambda each: _why_not(each) is not None, default=None)
        why = _why_not(first)
        if why is None and first is not None:
            made = _take(tx, asking, [first], 1)
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
    if row.state not in FREE:
        return Refusal.ALREADY_ANSWERED
    if not row.is_open:
        return Refusal.NOT_WANTED
    return Refusal.OTHERS_BATCH if row.is_others else None
