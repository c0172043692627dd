"""Steps from model to model: what the labels between two of them changed in what is suggested for the pool.

In: a step. Out: all of a project, oldest first. Never: a step changed, or computed here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from goldseam.edge.store.stop_tables import model_steps as t
from goldseam.edge.store.tx import Tx, micros, moment
from goldseam.vocab.items import ProjectId


@dataclass(frozen=True, slots=True)
class StepRow:
    """A model that was trained at the end of a round, beside the one before it: agreement and share moved, on `n_pool` items."""

    model: str
    before: str
    round: int
    n_labels: int
    kappa: float
    changed: float
    n_pool: int
    at: datetime


def keep(tx: Tx, project: ProjectId, made: StepRow) -> None:
    """Keep a step."""
    tx.run(
        insert(t).values(
            project=project,
            model=made.model,
            before=made.before,
            round=made.round,
            n_labels=made.n_labels,
            kappa=made.kappa,
            changed=made.changed,
            n_pool=made.n_pool,
            at=micros(made.at),
        )
    )


def is_kept(tx: Tx, model: str) -> bool:
    """Return whether this model was compared with the one before it."""
    return tx.first(select(t.c.seq).where(t.c.model == model)) is not None


def listing(tx: Tx, project: ProjectId) -> tuple[StepRow, ...]:
    """Return all steps, oldest first."""
    rows = tx.run(select(t).where(t.c.project == project).order_by(t.c.seq))
    return tuple(
        StepRow(r.model, r.before, r.round, r.n_labels, r.kappa, r.changed, r.n_pool, moment(r.at)) for r in rows
    )
