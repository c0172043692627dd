"""Captures: outputs of models in production and signals about them, as they came; and what has become of each.

In: records of `source.captured`. Out: the same with their places. Never: one changed but for its place and vote.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, and_, case, exists, func, insert, or_, select, update
from sqlalchemy.sql.selectable import Select

from goldseam.annotate.states import AssignmentState
from goldseam.edge.store import capture_tables as k
from goldseam.edge.store import tables as t
from goldseam.edge.store.counts import AUTO
from goldseam.edge.store.tx import Positions, Tx, arrays, micros, moment, token_hash, within
from goldseam.source.captured import DOUBTS, Capture, Signal, Signaled
from goldseam.vocab.annotations import AssignmentId, Purpose
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import AnnotatorId


@dataclass(frozen=True, slots=True)
class Captured:
    """A capture with its place in the order in which captures came."""

    seq: int
    capture: Capture


@dataclass(frozen=True, slots=True)
class Speaking:
    """A signal that may become a vote: about which item, what it says, and what the model had said."""

    seq: int
    position: int
    kind: Signal
    label: str | None
    output: str | None


@dataclass(frozen=True, slots=True)
class Outputs:
    """Outputs in the order in which they came, as columns; an empty label or model's name is none."""

    seq: NDArray[np.int64]
    position: Positions
    label: NDArray[np.object_]
    model: NDArray[np.object_]
    at: tuple[datetime, datetime] | None


def known(tx: Tx, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return of those ids that were used before: the project, and the hash of what was sent under it."""
    found: dict[str, tuple[str, str]] = {}
    for table in (k.captures, k.signals):
        rows = tx.run(select(table.c.id, table.c.project, table.c.body_hash).where(within(tx, table.c.id, list(ids))))
        found |= {row.id: (row.project, row.body_hash) for row in rows}
    return found


def are_there(tx: Tx, project: ProjectId, ids: Sequence[str]) -> frozenset[str]:
    """Return which of these ids are captures of the project."""
    c = k.captures.c
    return frozenset(row.id for row in tx.run(select(c.id).where(c.project == project, within(tx, c.id, list(ids)))))


def add(tx: Tx, project: ProjectId, sent: Sequence[Capture], hashes: Mapping[str, str], by: str, now: datetime) -> None:
    """Keep captures."""
    rows = [
        {
            "id": one.id, "project": project, "body_hash": hashes[one.id], "text": one.text, "item": one.item,
            "metadata": json.dumps(dict(one.metadata)), "label": one.label, "confidence": one.confidence,
            "model": one.model, "by": by, "at": micros(now),
        }
        for one in sent
    ]  # fmt: skip
    if rows:
        tx.connection.execute(insert(k.captures), rows)


def add_signals(
    tx: Tx, project: ProjectId, sent: Sequence[Signaled], hashes: Mapping[str, str], by: str, now: datetime
) -> None:
    """Keep signals."""
    rows = [
        {
            "id": one.id, "project": project, "body_hash": hashes[one.id], "capture": one.capture,
            "kind": one.kind.value, "label": one.label, "by": by, "at": micros(now),
        }
        for one in sent
    ]  # fmt: skip
    if rows:
        tx.connection.execute(insert(k.signals), rows)


def newest(tx: Tx, project: ProjectId) -> int:
    """Return the place of the newest capture; 0 if nothing was captured."""
    return int(tx.run(select(func.max(k.captures.c.seq)).where(k.captures.c.project == project)).scalar_one() or 0)


def after(tx: Tx, project: ProjectId, seq: int, limit: int) -> tuple[Captured, ...]:
    """Return captures after this place, in order."""
    c = k.captures.c
    rows = tx.run(select(k.captures).where(c.project == project, c.seq > seq).order_by(c.seq).limit(limit))
    return tuple(
        Captured(
            row.seq,
            Capture(
                row.id,
                row.model,
                row.label,
                row.confidence,
                row.text,
                row.item,
                tuple(json.loads(row.metadata).items()),
            ),
        )
        for row in rows
    )


def ever(tx: Tx, project: ProjectId) -> Iterator[tuple[datetime, str, Capture | Signaled]]:
    """Yield when and by whom each capture, then each signal, came, in the order in which they did."""
    seq = 0
    while page := after(tx, project, seq, 1_000):
        c = k.captures.c
        who = {
            row.seq: (moment(row.at), row.by)
            for row in tx.run(select(c.seq, c.at, c.by).where(within(tx, c.seq, [one.seq for one in page])))
        }
        for one in page:
            yield *who[one.seq], one.capture
        seq = page[-1].seq
    s = k.signals.c
    for row in tx.run(select(k.signals).where(s.project == project).order_by(s.seq)):
        yield moment(row.at), row.by, Signaled(row.id, row.capture, Signal(row.kind), row.label)


def place(tx: Tx, positions: Mapping[int, int]) -> None:
    """Keep which item each of these captures (by their places) is about."""
    c = k.captures.c
    for seq, position in sorted(positions.items()):
        tx.run(update(k.captures).where(c.seq == seq).values(position=position))


def to_ask(tx: Tx, project: ProjectId, below: float, limit: int) -> Positions:
    """Return items of the pool that were captured and are to be asked about: those with doubts first, then as they came."""
    c, s, d, g = k.captures.c, k.signals.c, t.draw_items.c, t.gold.c
    doubted = exists().where(s.capture == c.id, s.kind.in_([one.value for one in DOUBTS]))
    query = (
        select(c.position, func.min(c.seq).label("first"), func.max(_one_if(doubted)).label("doubted"))
        .where(
            c.project == project,
            c.position.is_not(None),
            or_(c.confidence.is_(None), c.confidence < below, doubted),
            ~exists().where(d.project == c.project, d.position == c.position),
            ~exists().where(g.project == c.project, g.position == c.position),
        )
        .group_by(c.position)
        .order_by(func.max(_one_if(doubted)).desc(), func.min(c.seq))
        .limit(limit)
    )
    return np.array([row.position for row in tx.run(query)], np.int64)


def _one_if(holds: ColumnElement[bool]) -> ColumnElement[int]:
    return case((holds, 1), else_=0)


def escalated(tx: Tx, project: ProjectId, positions: Positions) -> NDArray[np.bool_]:
    """Return which of these items somebody in production wanted an expert to look at."""
    c, s = k.captures.c, k.signals.c
    query = (
        select(c.position)
        .join(k.signals, s.capture == c.id)
        .where(c.project == project, s.kind == Signal.ESCALATION.value, within(tx, c.position, positions))
    )
    return np.isin(positions, [row.position for row in tx.run(query)])


def speaking(tx: Tx, project: ProjectId, limit: int) -> tuple[Speaking, ...]:
    """Return signals that are no votes yet, about items that people are asked about, or that are gold; as they came."""
    c, s, r, g = k.captures.c, k.signals.c, t.routes.c, t.gold.c
    asked = exists().where(r.project == c.project, r.position == c.position, r.tier != AUTO)
    golden = exists().where(g.project == c.project, g.position == c.position)
    query = (
        select(s.seq, c.position, s.kind, s.label, c.label.label("output"))
        .join(k.captures, s.capture == c.id)
        .where(s.project == project, s.annotation.is_(None), c.position.is_not(None), or_(asked, golden))
        .order_by(s.seq)
        .limit(limit)
    )
    return tuple(Speaking(row.seq, row.position, Signal(row.kind), row.label, row.output) for row in tx.run(query))


def voted(tx: Tx, votes: Mapping[int, str]) -> None:
    """Keep which vote each of these signals became; an empty text where it says nothing about a label."""
    for seq, annotation in sorted(votes.items()):
        tx.run(update(k.signals).where(k.signals.c.seq == seq).values(annotation=annotation))


def outputs(tx: Tx, project: ProjectId, last: int) -> Outputs:
    """Return the newest outputs that were taken in, at most so many, oldest first."""
    c = k.captures.c
    query: Select[Any] = (
        select(
            c.seq,
            c.position,
            func.coalesce(c.label, "").label("label"),
            c.model,
            c.at,
        )
        .where(and_(c.project == project, c.position.is_not(None)))
        .order_by(c.seq.desc())
        .limit(last)
    )
    seq, position, label, model, at = arrays(tx, query, np.int64, np.int64, object, object, np.int64)
    between = (moment(int(at.min())), moment(int(at.max()))) if len(at) else None
    return Outputs(seq[::-1], position[::-1], label[::-1], model[::-1], between)


def hand(
    tx: Tx,
    project: ProjectId,
    annotator: AnnotatorId,
    position: int,
    assignment: AssignmentId,
    token: str,
    now: datetime,
) -> None:
    """Make the assignment under which a signal's vote is kept: it takes none of the places that the item wants filled."""
    tx.run(
        insert(t.assignments).values(
            id=assignment,
            project=project,
            position=position,
            annotator=annotator,
            purpose=Purpose.LABEL.value,
            state=AssignmentState.LEASED.value,
            counted=0,
            token_hash=token_hash(token),
            leased_at=micros(now),
            expires_at=micros(now),
        )
    )


def own_items(tx: Tx, project: ProjectId, source: str) -> Positions:
    """Return the items that came from other sources than this one."""
    i = t.items.c
    (found,) = arrays(tx, select(i.position).where(i.project == project, i.source != source), np.int64)
    return found
