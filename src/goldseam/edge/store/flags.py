"""Flags: why people say that an item should not be labeled as it is; and items that left the queue for it.

In: flags with the hash of what was sent. Out: flags, `Hold` records. Never: a flag changed, or one kept twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Row, insert, select, update

from goldseam.annotate.reasons import GoesTo, HoldState
from goldseam.edge.store import competence_tables as k
from goldseam.edge.store import tables as t
from goldseam.edge.store.talk import Sealed, add_once, was_kept
from goldseam.edge.store.tx import Positions, Tx, arrays, micros, moment, within
from goldseam.vocab.annotations import Purpose
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import AnnotatorId


@dataclass(frozen=True, slots=True)
class Flag:
    """One person's reason why an item should go elsewhere."""

    id: str
    position: int
    annotator: AnnotatorId
    act: str
    reason: str
    goes_to: GoesTo
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """An item that left the queue, why, and what became of it; `number` is where the next page begins."""

    number: int
    position: int
    reason: str
    goes_to: GoesTo
    wanted: int
    cls: int | None
    at: datetime
    state: HoldState


@dataclass(frozen=True, slots=True)
class Decided:
    """What somebody decided about an item that left the queue."""

    id: str
    hold: int
    by: AnnotatorId
    decision: HoldState
    note: str
    at: datetime


def add(tx: Tx, project: ProjectId, flag: Flag, sealed: Sealed) -> bool:
    """Keep a flag; return false if this very one was kept before. Raises `Conflict` for an id used for something else."""
    values = {
        "id": flag.id,
        "project": project,
        "position": flag.position,
        "annotator": flag.annotator,
        "act": flag.act,
        "reason": flag.reason,
        "goes_to": flag.goes_to.value,
        "note": flag.note,
        "salt": sealed.salt,
        "hash": sealed.hash,
        "at": micros(flag.at),
    }
    return add_once(tx, k.flags, values)


def of_items(tx: Tx, project: ProjectId, positions: Positions) -> dict[int, list[Flag]]:
    """Return all flags of these items, oldest first, by position."""
    c = k.flags.c
    query = select(k.flags).where(c.project == project, within(tx, c.position, positions)).order_by(c.seq)
    found: dict[int, list[Flag]] = {}
    for row in tx.run(query):
        found.setdefault(row.position, []).append(_flag(row))
    return found


def newest(tx: Tx, project: ProjectId, position: int) -> Hold | None:
    """Return the item's last hold, held until the commit, if it ever had one."""
    c = k.holds.c
    query = select(k.holds).where(c.project == project, c.position == position).order_by(c.seq.desc()).limit(1)
    row = tx.first(query.with_for_update())
    return None if row is None else _hold(row)


def hold(
    tx: Tx, project: ProjectId, flag: Flag, goes_to: GoesTo, reason: str, wanted: int, cls: int | None, state: HoldState
) -> None:
    """Note that an item left the queue by this flag, and what it wanted there."""
    values = {
        "project": project,
        "position": flag.position,
        "flag": flag.id,
        "reason": reason,
        "goes_to": goes_to.value,
        "wanted": wanted,
        "cls": cls,
        "at": micros(flag.at),
        "state": state.value,
    }
    tx.run(insert(k.holds).values(**values))


def holds(
    tx: Tx, project: ProjectId, state: HoldState | None, before: int | None = None, limit: int = 50
) -> tuple[Hold, ...]:
    """Return items that left the queue, newest first."""
    c = k.holds.c
    query = select(k.holds).where(c.project == project)
    if state is not None:
        query = query.where(c.state == state.value)
    if before is not None:
        query = query.where(c.seq < before)
    return tuple(_hold(row) for row in tx.run(query.order_by(c.seq.desc()).limit(limit)))


def was_decided(tx: Tx, project: ProjectId, decision: str, digest: str) -> bool:
    """Return whether this very decision was made before. Raises `Conflict` if its id was used for something else."""
    return was_kept(tx, k.hold_decisions, decision, project, digest)


def decide(tx: Tx, project: ProjectId, made: Decided, sealed: Sealed) -> None:
    """Keep a decision, and let the hold stand as it leaves it."""
    values = {
        "id": made.id,
        "project": project,
        "hold": made.hold,
        "by": made.by,
        "decision": made.decision.value,
        "note": made.note,
        "salt": sealed.salt,
        "hash": sealed.hash,
        "at": micros(made.at),
    }
    tx.run(insert(k.hold_decisions).values(**values))
    tx.run(update(k.holds).where(k.holds.c.seq == made.hold).values(state=made.decision.value))


def last_decisions(tx: Tx, holds: Sequence[int]) -> dict[int, Decided]:
    """Return the last decision about each of these holds."""
    c = k.hold_decisions.c
    query = select(k.hold_decisions).where(within(tx, c.hold, list(holds))).order_by(c.seq)
    return {row.hold: _decided(row) for row in tx.run(query)}


def all_sealed(tx: Tx, project: ProjectId) -> Iterator[tuple[Flag, str]]:
    """Yield every flag of a project with its salt, in the order they came."""
    query = select(k.flags).where(k.flags.c.project == project).order_by(k.flags.c.seq)
    for row in tx.run(query):
        yield _flag(row), row.salt


def decisions_sealed(tx: Tx, project: ProjectId) -> Iterator[tuple[Decided, int, str]]:
    """Yield every decision about an item that left the queue with its position and its salt, in the order they came."""
    d = k.hold_decisions
    query = select(d, k.holds.c.position).join(k.holds, k.holds.c.seq == d.c.hold)
    for row in tx.run(query.where(d.c.project == project).order_by(d.c.seq)):
        yield _decided(row), row.position, row.salt


def stale_holds(tx: Tx, project: ProjectId) -> list[int]:
    """Return the items whose hold stands otherwise than its last decision leaves it: none, by law."""
    found = tx.run(select(k.holds).where(k.holds.c.project == project).order_by(k.holds.c.seq)).all()
    last = last_decisions(tx, [row.seq for row in found])
    return [row.position for row in found if row.state != _state_by(row, last.get(row.seq))]


def _state_by(row: Row[Any], last: Decided | None) -> str:
    if last is not None:
        return last.decision.value
    return (HoldState.TO_EXPERT if row.goes_to == GoesTo.EXPERT.value else HoldState.OPEN).value


def out(tx: Tx, project: ProjectId) -> Positions:
    """Return the items that are out of the queue now: held or left out, in order."""
    c = k.holds.c
    query = select(c.position).where(c.project == project, c.state.in_(("open", "excluded"))).order_by(c.position)
    (found,) = arrays(tx, query, np.int64)
    return found


def close(tx: Tx, project: ProjectId, position: int) -> None:
    """Want no more answers about an item than are given or under way."""
    q = t.queue.c
    tx.run(
        update(t.queue)
        .where(q.project == project, q.position == position, q.purpose == Purpose.LABEL.value)
        .values(wanted=q.done + q.live)
    )


def _flag(row: Row[Any]) -> Flag:
    return Flag(
        row.id,
        row.position,
        AnnotatorId(row.annotator),
        row.act,
        row.reason,
        GoesTo(row.goes_to),
        row.note,
        moment(row.at),
    )


def _hold(row: Row[Any]) -> Hold:
    return Hold(
        number=row.seq,
        position=row.position,
        reason=row.reason,
        goes_to=GoesTo(row.goes_to),
        wanted=row.wanted,
        cls=row.cls,
        at=moment(row.at),
        state=HoldState(row.state),
    )


def _decided(row: Row[Any]) -> Decided:
    by, decision = AnnotatorId(row.by), HoldState(row.decision)
    return Decided(row.id, row.hold, by, decision, row.note, moment(row.at))
