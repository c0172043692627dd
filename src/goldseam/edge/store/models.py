"""Models: which were trained, on which release, how good they are, and whether they were promoted.

In: plain facts, and the hash of a model's arrays (`edge.blobs` has the bytes). Out: the same. Never: a model's arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, insert, select, update

from goldseam.edge.store import tables as t
from goldseam.edge.store.tx import Tx, micros, moment
from goldseam.vocab.errors import NotFound
from goldseam.vocab.items import ProjectId

FUNCTIONS = "functions"
"""The kind of a set of labeling functions, which suggests like a model."""


class Outcome(StrEnum):
    """What became of a trained model."""

    PROMOTED = "promoted"
    KEPT = "kept"
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One trained model. `kept` means that the old one was kept in its place, `asked` that a person is to decide.

    `metrics` is canonical JSON.
    """

    id: str
    round: int
    kind: str
    release: int | None
    metrics: str
    blob: str
    at: datetime
    outcome: Outcome


def save(tx: Tx, project: ProjectId, model: ModelRow) -> None:
    """Keep what is known of a trained model."""
    tx.run(
        insert(t.models).values(
            id=model.id,
            project=project,
            round=model.round,
            kind=model.kind,
            release=model.release,
            metrics=model.metrics,
            blob=model.blob,
            at=micros(model.at),
            outcome=model.outcome.value,
        )
    )


def decide(tx: Tx, project: ProjectId, model_id: str, outcome: Outcome) -> None:
    """Say what became of a model about which a person was asked."""
    m = t.models.c
    tx.run(update(t.models).where(m.project == project, m.id == model_id).values(outcome=outcome.value))


def get(tx: Tx, project: ProjectId, model_id: str) -> ModelRow:
    """Return a model.

    Raises
    ------
    NotFound
        If the project has none of this id.
    """
    m = t.models.c
    row = tx.first(select(t.models).where(m.project == project, m.id == model_id))
    if row is None:
        raise NotFound("There is no such model.", model=model_id)
    return _model(row)


def listing(tx: Tx, project: ProjectId) -> tuple[ModelRow, ...]:
    """Return all models, oldest first."""
    m = t.models.c
    return tuple(_model(row) for row in tx.run(select(t.models).where(m.project == project).order_by(m.at, m.id)))


def of_round(tx: Tx, project: ProjectId, round: int) -> ModelRow | None:
    """Return the newest model trained in a round, if there is one; labeling functions are not trained."""
    m = t.models.c
    mine = select(t.models).where(m.project == project, m.round == round, m.kind != FUNCTIONS)
    query = mine.order_by(m.at.desc(), m.id.desc()).limit(1)
    row = tx.first(query)
    return None if row is None else _model(row)


def _model(row: Row[Any]) -> ModelRow:
    return ModelRow(
        row.id, row.round, row.kind, row.release, row.metrics, row.blob, moment(row.at), Outcome(row.outcome)
    )
