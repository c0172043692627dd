"""Counts: a project's numbers in one look, from which flow plans the next step. Each is counted afresh, none is stored.

In: a project, a round, the main question. Out: `Counts`. Never: a decision.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.sql.selectable import Select

from goldseam.edge.store import competence_tables as k
from goldseam.edge.store import draws, gold, queue, settlements
from goldseam.edge.store import tables as t
from goldseam.edge.store.tx import Tx
from goldseam.vocab.items import ProjectId

AUTO = 0
"""How the tier `route.Tier.AUTO` is stored."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of a project; those ending in `_here` are of items drawn in the round."""

    n_items: int
    n_pool: int
    n_gold: int
    n_drawn: int
    n_auto: int
    n_annotations: int
    n_settled: int
    n_escalated: int
    n_here: int
    n_unrouted_here: int
    n_wanted_here: int
    n_given_here: int
    n_unsettled_here: int
    queue: queue.Summary


def counts(tx: Tx, project: ProjectId, round: int, question: str) -> Counts:
    """Count what the project has, and what the round still lacks.

    `n_unsettled_here` counts items that have all the answers they want and whose newest settlement is missing or
    older than their newest answer or withdrawal; a ruling is never out of date.
    """
    d, q, s = t.draw_items.c, t.queue.c, t.settlements.c
    here = and_(d.project == project, d.round == round)
    in_queue = and_(q.project == d.project, q.position == d.position, q.purpose.in_(queue.TO_SETTLE))
    answers = select(func.sum(q.wanted - q.done).label("wanted"), func.sum(q.done).label("given"))
    sums = tx.run(answers.select_from(t.queue.join(t.draw_items, in_queue)).where(here)).one()
    newest = settlements.newest_of(project, question)
    by_state = select(s.state, func.count().label("n")).where(s.seq.in_(newest)).group_by(s.state)
    states: dict[str, int] = {row.state: row.n for row in tx.run(by_state)}
    return Counts(
        n_items=_count(tx, select(t.items.c.position).where(t.items.c.project == project)),
        n_pool=_count(tx, draws.in_pool(project)),
        n_gold=gold.count(tx, project),
        n_drawn=_count(tx, select(d.position).where(d.project == project)),
        n_auto=_count(tx, select(t.routes.c.position).where(t.routes.c.project == project, t.routes.c.tier == AUTO)),
        n_annotations=_count(tx, _standing(project, question)),
        n_settled=states.get(settlements.SETTLED, 0),
        n_escalated=states.get(settlements.ESCALATED, 0),
        n_here=_count(tx, select(d.position).where(here)),
        n_unrouted_here=_count(tx, select(d.position).where(here, ~_routed())),
        n_wanted_here=int(sums.wanted or 0),
        n_given_here=int(sums.given or 0),
        n_unsettled_here=_count(tx, _unsettled(project, question, here)),
        queue=queue.summary(tx, project),
    )


def _count(tx: Tx, rows: Select[Any]) -> int:
    return int(tx.run(select(func.count()).select_from(rows.subquery())).scalar_one())


def _standing(project: ProjectId, question: str) -> Select[Any]:
    a = t.annotations.c
    return select(a.id).where(
        a.project == project, a.question == question, ~exists().where(t.withdrawals.c.annotation == a.id)
    )


def _routed() -> ColumnElement[bool]:
    d, r = t.draw_items.c, t.routes.c
    return exists().where(r.project == d.project, r.position == d.position)


def _unsettled(project: ProjectId, question: str, here: ColumnElement[bool]) -> Select[Any]:
    """Return the items of a round that are complete, and not settled from the answers as they are now."""
    d, q, s = t.draw_items.c, t.queue.c, t.settlements.c
    newest = select(s.position, s.at, s.method).where(s.seq.in_(settlements.newest_of(project, question))).subquery()
    to_settle = q.purpose.in_(queue.TO_SETTLE)
    incomplete = exists().where(q.project == d.project, q.position == d.position, to_settle, q.done < q.wanted)
    a, w = t.annotations.c, t.withdrawals.c
    mine = and_(a.project == d.project, a.position == d.position, a.question == question)
    newer = exists().where(mine, a.at > newest.c.at)
    withdrawn = exists().where(mine, w.annotation == a.id, w.at > newest.c.at)
    out_of_date = and_(newest.c.method != settlements.RULING, or_(newer, withdrawn))
    return (
        select(d.position)
        .outerjoin(newest, newest.c.position == d.position)
        .where(here, _routed(), ~incomplete, ~_flagged_out(), or_(newest.c.position.is_(None), out_of_date))
    )


def _flagged_out() -> ColumnElement[bool]:
    """Return whether an item was flagged out of the queue, and waits for a decision or was left out for good."""
    d, h = t.draw_items.c, k.holds.c
    return exists().where(h.project == d.project, h.position == d.position, h.state.in_(("open", "excluded")))
