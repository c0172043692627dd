"""Answering: takes in one answer in as few trips to the database as can be: one that reads, one that writes.

In: ids, an answer that was checked, its entry. Out: the assignment with its item, and what becomes of an answer to it.
Never: more answers counted than wanted.

Rows are locked in the order that holds everywhere (project, queue, assignment); the queue's row stays locked to the commit.
On PostgreSQL an answer usually needs no transaction around it: what was read without a lock is asked for again by the one
statement that writes, which fails as a whole if anything has changed.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from goldseam.annotate.states import AssignmentState, Event, after
from goldseam.edge.store import tables as t
from goldseam.edge.store.assignments import Assignment, Finish
from goldseam.edge.store.items import item_of
from goldseam.edge.store.log import APPEND
from goldseam.edge.store.tx import POSTGRESQL, STAMP, Tx, micros, moment, token_hash
from goldseam.vocab.annotations import AssignmentId, Purpose
from goldseam.vocab.errors import LeaseLost
from goldseam.vocab.items import Item, ProjectId
from goldseam.vocab.people import AnnotatorId

_COLUMNS = (
    "a.id, a.project, a.position, a.annotator, a.purpose, a.state, a.leased_at, a.expires_at, a.suggestion_model, "
    "a.suggestion_label, a.reason, a.suggested, a.counted, a.token_hash, "
    "i.modality, i.content, i.media_type, i.metadata, i.source, i.line, i.key, "
    "EXISTS (SELECT 1 FROM annotations n WHERE n.id = :annotation) AS is_known"
)
_ITEM = "JOIN items i ON i.project = a.project AND i.position = a.position"
_LOOK = text(f"SELECT {_COLUMNS} FROM assignments a {_ITEM} WHERE a.id = :id")
_BEGIN = {
    "sqlite": _LOOK,
    # The locked assignment is the newest there is, even if this waited for somebody who changed it.
    "postgresql": text(
        "WITH place AS MATERIALIZED (SELECT 1 FROM queue q WHERE (q.project, q.position) = "
        "(SELECT m.project, m.position FROM assignments m WHERE m.id = :id) FOR UPDATE), "
        "a AS MATERIALIZED (SELECT * FROM assignments WHERE id = :id AND (SELECT count(*) FROM place) >= 0 FOR UPDATE) "
        f"SELECT {_COLUMNS} FROM a {_ITEM}"
    ),
}
_ROW = "WHERE project = :project AND position = :position AND purpose = :purpose"
_COUNT = text(f"UPDATE queue SET live = live - :held, done = done + 1 {_ROW} AND (:held = 1 OR wanted > done + live)")
_SUBMIT = text("UPDATE assignments SET state = 'submitted', counted = :counted, ended_at = :now WHERE id = :assignment")
_NAMES = [column.name for column in t.annotations.c if column.name != "entry_seq"]
_ADD = text(
    f"INSERT INTO annotations ({', '.join(_NAMES)}, entry_seq) "
    f"VALUES ({', '.join(f':{name}' for name in _NAMES)}, :entry_seq)"
)
_CASTS = ", ".join(f"CAST(:{name} AS {t.annotations.c[name].type.compile(dialect=POSTGRESQL)})" for name in _NAMES)
_AT_ONCE = text(
    f"WITH entry AS ({APPEND.text}), "
    f"place AS ({_COUNT.text} RETURNING 1), "
    "ended AS (UPDATE assignments SET state = 'submitted', counted = (SELECT count(*) FROM place), ended_at = :now "
    "WHERE id = :assignment) "
    f"INSERT INTO annotations ({', '.join(_NAMES)}, entry_seq) SELECT {_CASTS}, entry.seq FROM entry"
)
_UNDER = f"({STAMP.text}) = coalesce(CAST(:stamp AS bigint), ({STAMP.text}))"
_ALONE = text(
    f"WITH place AS (UPDATE queue SET live = live - 1, done = done + 1 {_ROW} AND :held = 1 RETURNING 1), "
    "ended AS (UPDATE assignments SET state = 'submitted', ended_at = :now WHERE id = :assignment "
    "AND state = 'leased' AND counted = :held AND token_hash = :token_hash "
    f"AND (SELECT count(*) FROM place) = :held AND {_UNDER} RETURNING 1), "
    "entry AS (INSERT INTO entries (log, kind, body, leaf) "
    "SELECT CAST(:log AS text), CAST(:kind AS text), CAST(:body AS text), CAST(:leaf AS bytea) FROM ended RETURNING seq), "
    f"added AS (INSERT INTO annotations ({', '.join(_NAMES)}, entry_seq) SELECT {_CASTS}, entry.seq FROM entry RETURNING 1) "
    "SELECT 1 / (SELECT count(*) FROM added)"
)
"""The division makes it an error that nothing was added: then the count of the queue is undone as well."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An assignment that is being answered: it and its place in the queue are locked until the commit.

    `is_known`: whether the answer's id was used before.
    """

    assignment: Assignment
    item: Item
    holds_place: bool
    token_hash: str
    is_known: bool

    @property
    def is_sure(self) -> bool:
        """Whether an answer is saved in any case: the lease holds a place, or needs none, as a hidden check."""
        return self.holds_place or self.assignment.purpose is Purpose.GOLD

    @property
    def place(self) -> dict[str, object]:
        """The parameters that name its row of the queue, and whether it holds a place there."""
        found = self.assignment
        return {
            "project": found.project,
            "position": found.position,
            "purpose": found.purpose.value,
            "held": int(self.holds_place),
        }


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry of the ledger before it is appended."""

    log: str
    kind: str
    body: bytes
    leaf: bytes

    @property
    def values(self) -> dict[str, object]:
        """The parameters that append it."""
        return {"log": self.log, "kind": self.kind, "body": self.body.decode(), "leaf": self.leaf}


def begin(tx: Tx, assignment: AssignmentId, annotation: str = "") -> Answered | None:
    """Lock an assignment and its place in the queue, and return it with its item, if there is one."""
    return _answered(tx.quick(_BEGIN[tx.dialect], {"id": assignment, "annotation": annotation}))


def look(tx: Tx, assignment: AssignmentId, annotation: str) -> Answered | None:
    """Return the same without a lock: `end_alone` asks again whether it is still so."""
    return _answered(tx.quick(_LOOK, {"id": assignment, "annotation": annotation}))


def _answered(rows: list[tuple[Any, ...]]) -> Answered | None:
    if not rows:
        return None
    (id_, project, position, annotator, purpose, state, leased_at, expires_at, model, label, reason, noted, *rest) = (
        rows[0]
    )
    counted, digest, *item, is_known = rest
    found = Assignment(
        id=AssignmentId(id_),
        project=ProjectId(project),
        position=position,
        annotator=AnnotatorId(annotator),
        purpose=Purpose(purpose),
        state=AssignmentState(state),
        leased_at=moment(leased_at),
        expires_at=moment(expires_at),
        suggestion_model=model,
        suggestion_label=label,
        reason=reason,
        suggested=noted,
    )
    return Answered(found, item_of(*item), bool(counted), digest, bool(is_known))


def check(
    found: Answered | None, assignment: AssignmentId, project: ProjectId, annotator: AnnotatorId, token: str
) -> Answered:
    """Return the assignment if it is this annotator's to answer, by its newest token.

    Raises
    ------
    LeaseLost
        If it is not, or it was answered, skipped or taken back.
    """
    if found is None or found.assignment.project != project or found.assignment.annotator != annotator:
        raise LeaseLost("This assignment is not yours.", assignment=assignment)
    if not hmac.compare_digest(found.token_hash, token_hash(token)):
        raise LeaseLost("This item was leased again since; its newest lease counts.", assignment=assignment)
    after(found.assignment.state, Event.SUBMIT)
    return found


def outcome(tx: Tx, found: Answered) -> Finish:
    """Return what becomes of an answer; one whose lease holds no place any more takes one, if there is one.

    It counts if it is still wanted, and else is surplus: kept, and counted by nothing.
    """
    if found.is_sure:
        return Finish.SAVED
    return Finish.SAVED if tx.quick_count(_COUNT, found.place) else Finish.SURPLUS


def end(tx: Tx, found: Answered, finish: Finish, now: datetime) -> None:
    """Close an assignment; the place that its lease held counts as done."""
    counted = tx.quick_count(_COUNT, found.place) if found.is_sure else int(finish is Finish.SAVED)
    tx.quick_count(_SUBMIT, {"assignment": found.assignment.id, "counted": counted, "now": micros(now)})


def end_by(tx: Tx, found: Answered, finish: Finish, now: datetime, draft: Draft, row: Mapping[str, object]) -> None:
    """Close an assignment by an answer: the entry, the annotation's row and the counts, on PostgreSQL in one trip.

    A hidden check takes as many trips as any other: nobody can tell it by its time.
    """
    if tx.dialect == "postgresql" and found.is_sure:
        tx.quick_count(_AT_ONCE, {**row, **draft.values, **found.place, "now": micros(now)})
    else:
        end(tx, found, finish, now)
        keep(tx, draft, row)


def end_alone(
    tx: Tx, found: Answered, now: datetime, draft: Draft, row: Mapping[str, object], stamp: int | None
) -> None:
    """Close an assignment by an answer on PostgreSQL, by one statement that is a transaction by itself.

    An error of the database, with nothing written, if it is not as it was looked at, or if the access stamp is another.
    """
    place = {**found.place, "token_hash": found.token_hash, "stamp": stamp}
    tx.commit_by(_ALONE, {**row, **draft.values, **place, "now": micros(now)})


def keep(tx: Tx, draft: Draft, row: Mapping[str, object]) -> None:
    """Append an entry, and keep the annotation that it is about."""
    ((seq,),) = tx.quick(APPEND, draft.values)
    tx.quick_count(_ADD, {**row, "entry_seq": seq})
