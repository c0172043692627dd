"""Ending: what becomes of a lease, by an answer, a skip, or time.

In: an assignment and its token, or the time. Out: whether the answer counts. Never: more answers counted than wanted.

Rows are locked in one order everywhere (project, queue, assignment), so that no two transactions wait for each other.
"""

from __future__ import annotations

import hmac
import secrets
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text

from goldseam.annotate.states import WORDS, AssignmentState, Event, after
from goldseam.edge.store import answering, projects
from goldseam.edge.store.assignments import Finish, Leased
from goldseam.edge.store.leasing import AMONG_BIGINTS, AMONG_JSON
from goldseam.edge.store.leasing_rows import TOKEN_BYTES
from goldseam.edge.store.tx import Tx, micros, moment, pack, token_hash
from goldseam.vocab.annotations import AssignmentId, Purpose
from goldseam.vocab.errors import LeaseLost
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import AnnotatorId

AMONG_TEXTS = "= ANY(CAST(:some AS text[]))"
_FACTS = (
    "SELECT id, project, position, annotator, purpose, state, counted, token_hash, expires_at, extended, extension "
    "FROM assignments WHERE id = :id"
)
_ROW = "WHERE project = :project AND position = :position AND purpose = :purpose"
_READ = text(_FACTS)
_LOCK = text(f"{_FACTS} FOR UPDATE")
_LOCK_ROW = text("SELECT 1 FROM queue WHERE project = :project AND position = :position FOR UPDATE")
_UNCOUNT = text(f"UPDATE queue SET done = done - 1, live = live + 1 {_ROW}")
_FREE_PLACES = text(f"UPDATE queue SET live = live - :n, ord = :ord {_ROW}")
_EXTEND = text(
    "UPDATE assignments SET expires_at = :until, extended = extended + 1, extension = :extension WHERE id = :id"
)
_SKIP = text("UPDATE assignments SET state = 'skipped', counted = 0, reason = :reason, ended_at = :now WHERE id = :id")
_REOPEN = text(
    "UPDATE assignments SET state = 'leased', token_hash = :token_hash, leased_at = :now, expires_at = :until, "
    "ended_at = NULL, extended = 0, extension = NULL WHERE id = :id"
)
_OVERDUE = text(
    "SELECT id, project, position, purpose, counted FROM assignments WHERE state = 'leased' AND expires_at <= :now "
    "ORDER BY expires_at LIMIT :limit"
)
_HELD = text(
    "SELECT id, project, position, purpose, counted FROM assignments WHERE state = 'leased' AND project = :project "
    "AND annotator = :annotator"
)
_END = {
    dialect: text(
        "UPDATE assignments SET state = 'expired', counted = 0, ended_at = :now "
        f"WHERE state = 'leased' AND expires_at <= :overdue AND id {among} RETURNING id"
    )
    for dialect, among in (("sqlite", AMONG_JSON), ("postgresql", AMONG_TEXTS))
}
_LOCK_ROWS = text(
    "SELECT 1 FROM queue WHERE project = :project AND position = ANY(CAST(:some AS bigint[])) ORDER BY position "
    "FOR UPDATE"
)
_ALL_HELD = text(
    "SELECT id, position, purpose, counted FROM assignments WHERE project = :project AND state = 'leased' ORDER BY position"
)
_ROWS_OF = {
    dialect: text(f"SELECT position, purpose FROM queue WHERE project = :project AND position {among} ORDER BY ord")
    for dialect, among in (("sqlite", AMONG_JSON), ("postgresql", AMONG_BIGINTS))
}
_FOREVER = 2**62
MOST_PURPOSES = len(Purpose)


def finish(
    tx: Tx, project: ProjectId, annotator: AnnotatorId, assignment_id: AssignmentId, token: str, now: datetime
) -> Finish:
    """Close an assignment by an answer.

    An answer after the lease ended counts if it is still wanted, and else is surplus: kept, and counted by nothing.

    Raises
    ------
    LeaseLost
        If it is not this annotator's, the token is not its newest, or it was answered, skipped or taken back.
    """
    found = answering.check(answering.begin(tx, assignment_id), assignment_id, project, annotator, token)
    finish = answering.outcome(tx, found)
    answering.end(tx, found, finish, now)
    return finish


def skip(
    tx: Tx,
    project: ProjectId,
    annotator: AnnotatorId,
    assignment_id: AssignmentId,
    token: str,
    reason: str,
    now: datetime,
) -> None:
    """Close an assignment without an answer: the item goes to others, never back to this annotator.

    Raises
    ------
    LeaseLost
        As for `finish`. Skipping what this very token skipped before changes nothing.
    """
    ord_ = projects.allocate_ord(tx, project, 1)
    row = _own(tx, project, annotator, assignment_id, token)
    if row.state == AssignmentState.SKIPPED:
        return
    after(AssignmentState(row.state), Event.SKIP)
    if row.counted:
        item = {"project": project, "position": row.position, "purpose": row.purpose}
        tx.run(_FREE_PLACES, {**item, "n": 1, "ord": ord_})
    tx.run(_SKIP, {"id": assignment_id, "reason": reason, "now": micros(now)})


def reopen(
    tx: Tx,
    project: ProjectId,
    annotator: AnnotatorId,
    assignment_id: AssignmentId,
    now: datetime,
    lease: timedelta,
) -> Leased:
    """Lease an answered item again to the same annotator, because the answer was withdrawn.

    Raises
    ------
    LeaseLost
        If the assignment is not this annotator's, or is not answered.
    """
    row = _own(tx, project, annotator, assignment_id, None)
    after(after(AssignmentState(row.state), Event.WITHDRAW), Event.LEASE)
    if row.counted:
        tx.run(_UNCOUNT, {"project": project, "position": row.position, "purpose": row.purpose})
    return _lease_again(tx, row, now, lease)


def reissue(
    tx: Tx,
    project: ProjectId,
    annotator: AnnotatorId,
    assignment_id: AssignmentId,
    now: datetime,
    lease: timedelta,
) -> Leased:
    """Give a lease that still runs a new token and a new end: the answer to a withdrawal that was sent twice.

    Raises
    ------
    LeaseLost
        If the assignment is not this annotator's, or is not held any more.
    """
    row = _own(tx, project, annotator, assignment_id, None)
    if row.state != AssignmentState.LEASED:
        raise LeaseLost(f"This assignment {WORDS[AssignmentState(row.state)]}.", assignment=assignment_id)
    return _lease_again(tx, row, now, lease)


def _lease_again(tx: Tx, row: Row[Any], now: datetime, lease: timedelta) -> Leased:
    token, until = secrets.token_hex(TOKEN_BYTES), now + lease
    values = {"token_hash": token_hash(token), "now": micros(now), "until": micros(until)}
    tx.run(_REOPEN, {"id": row.id, **values})
    return Leased(AssignmentId(row.id), token, row.position, Purpose(row.purpose), until)


def extend(
    tx: Tx,
    project: ProjectId,
    annotator: AnnotatorId,
    assignment_id: AssignmentId,
    token: str,
    request: str,
    until: datetime,
    most: int,
) -> tuple[datetime, int]:
    """Hold an assignment until then, if that is later; return its end, and how often that may still be asked for.

    Asked `most` times it ends when it would have ended; the same `request` again changes nothing.

    Raises
    ------
    LeaseLost
        As for `finish`, or if the lease has ended.
    """
    row = _own(tx, project, annotator, assignment_id, token)
    if row.state != AssignmentState.LEASED:
        raise LeaseLost(f"This assignment {WORDS[AssignmentState(row.state)]}.", assignment=assignment_id)
    left = max(0, most - row.extended)
    if row.extension == request or not left or micros(until) <= row.expires_at:
        return moment(row.expires_at), left
    tx.run(_EXTEND, {"id": assignment_id, "until": micros(until), "extension": request})
    return until, left - 1


def _own(
    tx: Tx, project: ProjectId, annotator: AnnotatorId, assignment_id: AssignmentId, token: str | None
) -> Row[Any]:
    """Return the assignment, it and its queue row locked, if it is this annotator's and the token is the newest."""
    row = tx.first(_READ, {"id": assignment_id})
    if row is not None and tx.dialect == "postgresql":
        tx.run(_LOCK_ROW, {"project": row.project, "position": row.position})
        row = tx.first(_LOCK, {"id": assignment_id})
    if row is None or row.project != project or row.annotator != annotator:
        raise LeaseLost("This assignment is not yours.", assignment=assignment_id)
    if token is not None and not hmac.compare_digest(row.token_hash, token_hash(token)):
        raise LeaseLost("This item was leased again since; its newest lease counts.", assignment=assignment_id)
    return row


def expire(tx: Tx, now: datetime, limit: int = 1000) -> int:
    """End the leases whose time is over and return how many; their items enter the queue again, at its end."""
    rows = tx.run(_OVERDUE, {"now": micros(now), "limit": limit}).all()
    return sum(
        _end(tx, ProjectId(project), [row for row in rows if row.project == project], now, overdue=micros(now))
        for project in sorted({row.project for row in rows})
    )


def release_held(
    tx: Tx, project: ProjectId, annotator: AnnotatorId, now: datetime, keep: Collection[AssignmentId] = ()
) -> int:
    """End the annotator's leases (signed out, page closed, role taken) but those to keep; return how many ended."""
    held = tx.run(_HELD, {"project": project, "annotator": annotator})
    rows = [row for row in held if row.id not in keep]
    return _end(tx, project, rows, now, overdue=_FOREVER) if rows else 0


def release_all(tx: Tx, project: ProjectId, now: datetime) -> int:
    """End every lease of the project that still runs (a round is closed) and return how many there were."""
    rows = list(tx.run(_ALL_HELD, {"project": project}))
    return _end(tx, project, rows, now, overdue=_FOREVER) if rows else 0


def _end(tx: Tx, project: ProjectId, rows: Sequence[Row[Any]], now: datetime, *, overdue: int) -> int:
    """End these leases, as far as they still run, and give their places back under fresh, larger `ord`.

    An item may wait for another purpose too. Whoever held it could have passed that row, and may answer it now: so every
    open row of the item gets a fresh place, and not only the one that was held.
    """
    positions = sorted({row.position for row in rows})
    some = pack(tx, positions)
    first = projects.allocate_ord(tx, project, MOST_PURPOSES * len(positions))
    if tx.dialect == "postgresql":
        tx.run(_LOCK_ROWS, {"project": project, "some": positions})
    parameters = {"now": micros(now), "overdue": overdue, "some": pack(tx, [row.id for row in rows])}
    ended = set(tx.run(_END[tx.dialect], parameters).scalars())
    freed = Counter((row.position, row.purpose) for row in rows if row.counted and row.id in ended)
    gone = {row.position for row in rows if row.id in ended}
    waiting = tx.run(_ROWS_OF[tx.dialect], {"project": project, "some": some}).all()
    places = [
        {"project": project, "position": at, "purpose": why, "n": freed[at, why], "ord": first + nth}
        for nth, (at, why) in enumerate((row.position, row.purpose) for row in waiting)
        if at in gone
    ]
    if places:
        tx.connection.execute(_FREE_PLACES, places)
    return len(ended)
