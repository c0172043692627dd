"""Assignments: one annotator asked about one item, as it stands; and the words for what can become of it.

In: ids. Out: records. Never: a move from one state to another (`leasing`, `ending`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, text

from goldseam.annotate.states import AssignmentState
from goldseam.edge.store.tx import Tx, moment
from goldseam.vocab.annotations import AssignmentId, Purpose
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import AnnotatorId


@dataclass(frozen=True, slots=True)
class Leased:
    """An assignment just made, with the only copy of its token."""

    id: AssignmentId
    token: str
    position: int
    purpose: Purpose
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Assignment:
    """One annotator asked about one item, as it stands."""

    id: AssignmentId
    project: ProjectId
    position: int
    annotator: AnnotatorId
    purpose: Purpose
    state: AssignmentState
    leased_at: datetime
    expires_at: datetime
    suggestion_model: str | None
    suggestion_label: int | None
    reason: str
    suggested: str | None = None


class Finish(StrEnum):
    """What became of a submitted answer."""

    SAVED = "saved"
    SURPLUS = "surplus"


class Refusal(StrEnum):
    """Why an item was not leased to somebody who asked for it by its id."""

    NOT_QUEUED = "not_queued"
    ALREADY_HELD = "already_held"
    ALREADY_ANSWERED = "already_answered"
    NOT_WANTED = "not_wanted"
    OTHERS_BATCH = "others_batch"
    LACKS_SKILL = "lacks_skill"


# Queries of the busiest path stand as SQL text: a partial index serves only a query that names its condition literally.
_COLUMNS = (
    "SELECT id, project, position, annotator, purpose, state, leased_at, expires_at, suggestion_model, "
    "suggestion_label, reason FROM assignments"
)
_ONE = text(f"{_COLUMNS} WHERE id = :id")
_HELD = text(
    f"{_COLUMNS} WHERE project = :project AND annotator = :annotator AND state = 'leased' ORDER BY leased_at, position"
)
_SHOW = text("UPDATE assignments SET suggestion_model = :model, suggestion_label = :label WHERE id = :id")


def assignment(tx: Tx, assignment_id: AssignmentId) -> Assignment | None:
    """Return the assignment, if there is one."""
    row = tx.first(_ONE, {"id": assignment_id})
    return None if row is None else _assignment(row)


def held(tx: Tx, project: ProjectId, annotator: AnnotatorId) -> tuple[Assignment, ...]:
    """Return what the annotator holds now, oldest first; leases that ran out and were not yet ended are among them."""
    return tuple(_assignment(row) for row in tx.run(_HELD, {"project": project, "annotator": annotator}))


def show(tx: Tx, assignments: Sequence[AssignmentId], model: str, labels: Sequence[int]) -> None:
    """Note which suggestion each assignment shows."""
    rows = [{"id": each, "model": model, "label": int(label)} for each, label in zip(assignments, labels, strict=True)]
    if rows:
        tx.connection.execute(_SHOW, rows)


def _assignment(row: Row[Any]) -> Assignment:
    return Assignment(
        id=AssignmentId(row.id),
        project=ProjectId(row.project),
        position=row.position,
        annotator=AnnotatorId(row.annotator),
        purpose=Purpose(row.purpose),
        state=AssignmentState(row.state),
        leased_at=moment(row.leased_at),
        expires_at=moment(row.expires_at),
        suggestion_model=row.suggestion_model,
        suggestion_label=row.suggestion_label,
        reason=row.reason,
    )
