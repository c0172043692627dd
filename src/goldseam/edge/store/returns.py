"""Returns: items of a round that nobody looked at before it was closed, given back to the pool.

In: a project, a round whose leases have ended. Out: their positions; of a draw, all items that it ever had.
Never: an item that somebody answered, skipped or flagged, or that was accepted unseen.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
from sqlalchemy import and_, delete, exists, insert, literal, select, union_all

from goldseam.edge.store import competence_tables as k
from goldseam.edge.store import return_tables as r
from goldseam.edge.store import tables as t
from goldseam.edge.store.counts import AUTO
from goldseam.edge.store.draws import Drawn
from goldseam.edge.store.tx import Positions, Tx, arrays, micros, within
from goldseam.vocab.annotations import Purpose
from goldseam.vocab.items import ProjectId


def untouched(tx: Tx, project: ProjectId, round: int) -> Positions:
    """Return the round's items that wait for their first answer and that nobody has seen to any end."""
    d, q, a = t.draw_items.c, t.queue.c, t.assignments.c
    of = {"queue": t.queue, "assignments": t.assignments, "annotations": t.annotations, "settlements": t.settlements}
    here = {name: and_(one.c.project == d.project, one.c.position == d.position) for name, one in of.items()}
    held = and_(k.holds.c.project == d.project, k.holds.c.position == d.position)
    auto = and_(t.routes.c.project == d.project, t.routes.c.position == d.position, t.routes.c.tier == AUTO)
    query = (
        select(d.position)
        .where(d.project == project, d.round == round)
        .where(exists().where(here["queue"], q.purpose == Purpose.LABEL.value, q.done == 0, q.live == 0))
        .where(~exists().where(here["queue"], q.purpose != Purpose.LABEL.value))
        .where(~exists().where(here["assignments"], a.state != "expired"))
        .where(~exists().where(here["annotations"]), ~exists().where(here["settlements"]))
        .where(~exists().where(held), ~exists().where(auto))
        .order_by(d.position)
    )
    (positions,) = arrays(tx, query, np.int64)
    return positions


def give_back(tx: Tx, project: ProjectId, positions: Positions, now: datetime) -> None:
    """Put drawn items back into the pool, out of their round and out of the queue; what their draws said is kept."""
    if not len(positions):
        return
    c, d = r.returned.c, t.draw_items.c
    told = select(d.draw, d.position, d.project, d.round, d.chance, d.rank, literal(micros(now)).label("at"))
    told = told.where(d.project == project, within(tx, d.position, positions))
    tx.run(insert(r.returned).from_select([c.draw, c.position, c.project, c.round, c.chance, c.rank, c.at], told))
    for table in (t.queue, t.routes, t.draw_items):
        tx.run(delete(table).where(table.c.project == project, within(tx, table.c.position, positions)))


def ever_drawn(tx: Tx, project: ProjectId, draw: str) -> Drawn:
    """Return the items of a draw by rank, those that went back to the pool since among them."""
    d, c = t.draw_items.c, r.returned.c
    now = select(d.position, d.chance, d.rank).where(d.project == project, d.draw == draw)
    then = select(c.position, c.chance, c.rank).where(c.project == project, c.draw == draw)
    both = union_all(now, then).subquery().c
    columns = arrays(
        tx, select(both.position, both.chance, both.rank).order_by(both.rank), np.int64, np.float64, np.int64
    )
    return Drawn(*columns)
