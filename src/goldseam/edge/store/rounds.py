"""Rounds: what each round of a project came to, counted afresh from the rows; and since when the present one asks people.

In: a project. Out: counts by round. Never: a change; a call inside a request, since bigger projects take longer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, select
from sqlalchemy.sql.selectable import Select

from goldseam.edge.store import certificate_tables as c
from goldseam.edge.store import settlements
from goldseam.edge.store import tables as t
from goldseam.edge.store.counts import AUTO
from goldseam.edge.store.tx import Tx, moment
from goldseam.vocab.items import ProjectId


@dataclass(frozen=True, slots=True)
class RoundCounts:
    """What a round came to: its items, answers given until the next one drew, and what has become of its items since."""

    round: int
    begun_at: datetime
    n_drawn: int = 0
    n_answers: int = 0
    n_annotators: int = 0
    n_auto: int = 0
    n_settled: int = 0
    n_escalated: int = 0


def asked_since(tx: Tx, project: ProjectId, round: int) -> datetime | None:
    """Return when the round last drew items, or took back what had been accepted unseen; None before its draw."""
    drawn = select(func.max(t.draws.c.at)).where(t.draws.c.project == project, t.draws.c.round == round)
    at = tx.run(drawn).scalar_one()
    if at is None:
        return None
    m = c.monitors.c
    closed = tx.run(select(func.max(m.at)).where(m.project == project, m.closed == 1)).scalar_one()
    return moment(max(int(at), int(closed or 0)))


def listing(tx: Tx, project: ProjectId, question: str) -> tuple[RoundCounts, ...]:
    """Return the counts of every round that drew items, oldest first."""
    d, r = t.draw_items.c, t.routes.c
    begun = select(t.draws.c.round, func.min(t.draws.c.at).label("at")).where(t.draws.c.project == project)
    found = {row.round: row.at for row in tx.run(begun.group_by(t.draws.c.round))}
    drawn = _by_round(tx, select(d.round, func.count().label("n")).where(d.project == project))
    given = _given(tx, project, question, found)
    here = and_(r.project == d.project, r.position == d.position)
    accepted = select(d.round, func.count().label("n")).select_from(t.draw_items.join(t.routes, here))
    auto = _by_round(tx, accepted.where(d.project == project, r.tier == AUTO))
    states = _states(tx, project, question)
    return tuple(
        RoundCounts(
            number,
            moment(found[number]),
            drawn.get(number, 0),
            *given.get(number, (0, 0)),
            auto.get(number, 0),
            *states.get(number, (0, 0)),
        )
        for number in sorted(found)
    )


def _given(tx: Tx, project: ProjectId, question: str, begun: dict[int, int]) -> dict[int, tuple[int, int]]:
    """Return of each round how many answers were given from its draw to the next one's, and by how many annotators."""
    if not begun:
        return {}
    a = t.annotations.c
    number = case(*((a.at >= begun[one], one) for one in sorted(begun, reverse=True)), else_=min(begun)).label("round")
    given = (
        select(number, a.annotator)
        .where(
            a.project == project, a.question == question, ~exists().where(t.withdrawals.c.annotation == a.id)
        )
        .subquery()
    )  # fmt: skip
    n, people = func.count().label("n"), func.count(given.c.annotator.distinct()).label("people")
    return {row.round: (row.n, row.people) for row in tx.run(select(given.c.round, n, people).group_by(given.c.round))}


def _by_round(tx: Tx, query: Select[Any]) -> dict[int, int]:
    return {row.round: int(row.n) for row in tx.run(query.group_by(t.draw_items.c.round))}


def _states(tx: Tx, project: ProjectId, question: str) -> dict[int, tuple[int, int]]:
    """Return of each round how many of its items have a label now, and how many wait for a ruling."""
    d, s = t.draw_items.c, t.settlements.c
    mine = and_(s.project == d.project, s.position == d.position, s.seq.in_(settlements.newest_of(project, question)))

    def many(state: str) -> ColumnElement[int]:
        return func.sum(case((s.state == state, 1), else_=0))

    settled, waiting = many(settlements.SETTLED).label("settled"), many(settlements.ESCALATED).label("waiting")
    rows = tx.run(
        select(d.round, settled, waiting)
        .select_from(t.draw_items.join(t.settlements, mine))
        .where(d.project == project)
        .group_by(d.round)
    )
    return {row.round: (int(row.settled), int(row.waiting)) for row in rows}
