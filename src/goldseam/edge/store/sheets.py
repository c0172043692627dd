"""Sheets: items that a model calls the same, the most doubtful first; and what came of confirming them together.

In: a model, a label, where to go on. Out: positions, `Sheet` records. Never: a look at more rows than were asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, exists, func, insert, select, tuple_, update

from goldseam.edge.store import sheets_tables as k
from goldseam.edge.store import tables as t
from goldseam.edge.store.tx import Positions, Tx, insert_columns, micros, moment, within
from goldseam.vocab.annotations import AssignmentId, Purpose
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import AnnotatorId

OPEN, CLOSED, UNDONE = "open", "closed", "undone"
SUMMED: Final = 200
"""The newest sheets of a label that its precision is taken from."""

Doubt = tuple[float, int]
"""A confidence and a position: where one goes on."""


@dataclass(frozen=True, slots=True)
class SheetItem:
    """One item of a sheet, and the assignment under which it was shown."""

    position: int
    assignment: AssignmentId
    planted: bool
    sampled: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as it stands; `label` is the code that its items are called by."""

    id: str
    project: ProjectId
    annotator: AnnotatorId
    question: str
    label: int
    model: str
    at: datetime
    state: str
    n_shown: int
    n_confirmed: int = 0
    n_planted: int = 0
    n_caught: int = 0
    closed: str | None = None
    undone: str | None = None


def doubtful(tx: Tx, project: ProjectId, model: str, label: int, after: Doubt | None, limit: int) -> list[Doubt]:
    """Return items that the model calls so, the most doubtful first, from after a place on."""
    s = t.suggestions.c
    query = select(s.confidence, s.position).where(s.project == project, s.model == model, s.label == label)
    if after is not None:
        query = query.where(tuple_(s.confidence, s.position) > tuple_(*after))
    rows = tx.run(query.order_by(s.confidence, s.position).limit(limit))
    return [(row.confidence, row.position) for row in rows]


def open_among(
    tx: Tx, project: ProjectId, annotator: AnnotatorId, positions: Sequence[int], classes: Sequence[int]
) -> set[int]:
    """Return those of the items that still want a label, in lines of these numbers, and were not asked of this annotator."""
    q, a = t.queue.c, t.assignments.c
    seen = exists().where(
        a.project == q.project, a.position == q.position, a.annotator == annotator, a.state != "expired"
    )
    query = select(q.position).where(
        q.project == project, within(tx, q.position, list(positions)), q.purpose == Purpose.LABEL.value
    )
    found = tx.run(query.where(q.wanted > q.done + q.live, within(tx, q.cls, list(classes)), ~seen))
    return set(found.scalars())


def lay(tx: Tx, made: Sheet, shown: Sequence[SheetItem]) -> None:
    """Keep a sheet that was laid."""
    values = {
        "id": made.id,
        "project": made.project,
        "annotator": made.annotator,
        "question": made.question,
        "label": made.label,
        "model": made.model,
        "at": micros(made.at),
        "state": OPEN,
        "n_shown": len(shown),
        "n_planted": sum(one.planted for one in shown),
    }
    tx.run(insert(k.sheets).values(**values))
    columns: dict[str, Any] = {
        "sheet": made.id,
        "position": [one.position for one in shown],
        "assignment": [one.assignment for one in shown],
        "planted": [int(one.planted) for one in shown],
    }
    insert_columns(tx, k.sheet_items, columns)


def find(tx: Tx, sheet_id: str) -> Sheet | None:
    """Return the sheet of this id, held until the commit, if there is one."""
    row = tx.first(select(k.sheets).where(k.sheets.c.id == sheet_id).with_for_update())
    return None if row is None else _sheet(row)


def items_of(tx: Tx, sheet_id: str) -> tuple[SheetItem, ...]:
    """Return the items of a sheet, by position."""
    c = k.sheet_items.c
    rows = tx.run(select(k.sheet_items).where(c.sheet == sheet_id).order_by(c.position))
    return tuple(
        SheetItem(row.position, AssignmentId(row.assignment), bool(row.planted), bool(row.sampled)) for row in rows
    )


def close(tx: Tx, sheet_id: str, act: str, n_confirmed: int, n_caught: int, sampled: Positions) -> None:
    """Note what came of a sheet, and which of its items somebody else is asked about."""
    values = {"state": CLOSED, "closed": act, "n_confirmed": n_confirmed, "n_caught": n_caught}
    tx.run(update(k.sheets).where(k.sheets.c.id == sheet_id).values(**values))
    c = k.sheet_items.c
    tx.run(update(k.sheet_items).where(c.sheet == sheet_id, within(tx, c.position, sampled)).values(sampled=1))


def undo(tx: Tx, sheet_id: str, act: str) -> None:
    """Note that a sheet was taken back."""
    tx.run(update(k.sheets).where(k.sheets.c.id == sheet_id).values(state=UNDONE, undone=act))


def own(tx: Tx, project: ProjectId, annotator: AnnotatorId, limit: int) -> tuple[Sheet, ...]:
    """Return an annotator's sheets that were closed, newest first."""
    c = k.sheets.c
    query = select(k.sheets).where(c.project == project, c.annotator == annotator, c.state != OPEN)
    return tuple(_sheet(row) for row in tx.run(query.order_by(c.at.desc(), c.id.desc()).limit(limit)))


def sums(tx: Tx, project: ProjectId, model: str, label: int) -> tuple[int, int, int, int]:
    """Return how many items of a label's newest sheets were shown, confirmed, planted, and caught of the planted."""
    c = k.sheets.c
    newest = (
        select(c.n_shown, c.n_confirmed, c.n_planted, c.n_caught)
        .where(c.project == project, c.model == model, c.label == label, c.state == CLOSED)
        .order_by(c.at.desc())
        .limit(SUMMED)
        .subquery()
    )
    row = tx.run(select(*(func.coalesce(func.sum(one), 0) for one in newest.c))).one()
    shown, confirmed, planted, caught = (int(one) for one in row)
    return shown, confirmed, planted, caught


def sampled_answers(tx: Tx, sheet: Sheet) -> tuple[int, int, int]:
    """Return how many of a sheet's sampled items somebody else gave the same label, how many another, and how many wait."""
    a, c = t.annotations.c, k.sheet_items.c
    withdrawn = exists().where(t.withdrawals.c.annotation == a.id)
    query = (
        select(c.position, a.label)
        .select_from(k.sheet_items)
        .outerjoin(
            t.annotations,
            (a.project == sheet.project)
            & (a.position == c.position)
            & (a.question == sheet.question)
            & (a.purpose == Purpose.AUDIT.value)
            & (a.annotator != sheet.annotator)
            & ~withdrawn,
        )
        .where(c.sheet == sheet.id, c.sampled == 1)
    )
    said: dict[int, int | None] = {}
    for row in tx.run(query):
        # Whoever of several says otherwise decides.
        said[row.position] = row.label if said.get(row.position) in {None, sheet.label} else said[row.position]
    same = sum(label == sheet.label for label in said.values())
    waiting = sum(label is None for label in said.values())
    return same, len(said) - same - waiting, waiting


def _sheet(row: Row[Any]) -> Sheet:
    return Sheet(
        id=row.id,
        project=ProjectId(row.project),
        annotator=AnnotatorId(row.annotator),
        question=row.question,
        label=row.label,
        model=row.model,
        at=moment(row.at),
        state=row.state,
        n_shown=row.n_shown,
        n_confirmed=row.n_confirmed,
        n_planted=row.n_planted,
        n_caught=row.n_caught,
        closed=row.closed,
        undone=row.undone,
    )
