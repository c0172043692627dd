"""Every: all rows of a table of qualification, calibration or pay, for whoever compares them with the log.

In: a project, a table. Out: rows, in the order of their keys. Never: a decision about them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row, select

from goldseam.edge.store import calibration_tables as c
from goldseam.edge.store import pay_tables as p
from goldseam.edge.store import qualification_tables as q
from goldseam.edge.store import tables as t
from goldseam.edge.store.tx import FETCH, Tx
from goldseam.vocab.items import ProjectId

TABLES = {
    table.name: table
    for table in (
        c.calibration_agreed,
        c.calibration_answers,
        c.calibration_comments,
        p.pay_events,
        p.pay_rates,
        p.pay_statements,
        q.promotions,
        q.trials,
    )
}


def rows(tx: Tx, project: ProjectId, table: str) -> Iterator[Row[Any]]:
    """Yield every row of a project."""
    found = TABLES[table]
    query = select(found).where(found.c.project == project).order_by(*found.primary_key.columns)
    yield from tx.connection.execute(query, execution_options={"yield_per": FETCH})


def items_by_number(tx: Tx, project: ProjectId) -> dict[tuple[str, int], tuple[str, int, int]]:
    """Return the item of every number of every session, with the versions of schema and guideline it is answered under."""
    i, one = c.calibration_items.c, c.calibrations.c
    found = tx.run(
        select(i.calibration, i.number, t.items.c.id, one.schema_version, one.guideline_version)
        .join(t.items, (t.items.c.project == i.project) & (t.items.c.position == i.position))
        .join(c.calibrations, one.id == i.calibration)
        .where(i.project == project)
    )
    return {(row.calibration, row.number): (row.id, row.schema_version, row.guideline_version) for row in found}


def paid_by(tx: Tx, statement: str) -> list[str]:
    """Return the answers that a statement pays, in order."""
    a = p.paid_answers.c
    return sorted(tx.run(select(a.answer).where(a.statement == statement)).scalars())


def answers_of(tx: Tx, trial: str) -> list[str]:
    """Return the answers of a try, in the order of its questions."""
    a = q.trial_answers.c
    return list(tx.run(select(a.answer).where(a.trial == trial).order_by(a.number)).scalars())
