"""What was said, row by row with its salts: comments, proposals, disputes, escalations, for whoever compares them with the log.

In: a project. Out: rows, oldest first. Never: a row left out, or one for a page: `talk`, `proposals`, `disputes` have those.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Table, and_, select

from goldseam.edge.store import tables as t
from goldseam.edge.store import talk_tables as k
from goldseam.edge.store.tx import Tx
from goldseam.vocab.items import ProjectId

Said = Row[Any]
"""One row, with every column by its name."""


def comments(tx: Tx, project: ProjectId) -> Sequence[Said]:
    """Return every comment with the id of its item as `item`."""
    c, h, i = k.comments.c, k.threads.c, t.items.c
    query = (
        select(k.comments, i.id.label("item"))
        .join(k.threads, h.id == c.thread)
        .join(t.items, and_(i.project == h.project, i.position == h.position))
        .where(c.project == project)
        .order_by(c.seq)
    )
    return tx.run(query).all()


def proposals(tx: Tx, project: ProjectId) -> Sequence[Said]:
    """Return every proposal."""
    return tx.run(select(k.proposals).where(k.proposals.c.project == project).order_by(k.proposals.c.seq)).all()


def disputes(tx: Tx, project: ProjectId) -> Sequence[Said]:
    """Return every dispute with the id of its item as `item`."""
    return _with_item(tx, k.disputes, project)


def escalations(tx: Tx, project: ProjectId) -> Sequence[Said]:
    """Return every escalation with the id of its item as `item`."""
    return _with_item(tx, k.escalations, project)


def _with_item(tx: Tx, table: Table, project: ProjectId) -> Sequence[Said]:
    c, i = table.c, t.items.c
    query = select(table, i.id.label("item")).join(t.items, and_(i.project == c.project, i.position == c.position))
    return tx.run(query.where(c.project == project).order_by(c.seq)).all()
