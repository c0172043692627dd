"""Leasing of gold: hidden checks, which take no place in the queue.

In: who asks, gold items. Out: `Leased`. Never: a check that somebody saw before.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import text

from goldseam.edge.store.assignments import Leased
from goldseam.edge.store.leasing import AMONG_BIGINTS, AMONG_JSON, assign
from goldseam.edge.store.leasing_rows import FREE, Asking
from goldseam.edge.store.tx import Positions, Tx, pack
from goldseam.vocab.annotations import Purpose
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import AnnotatorId

_OWN = {
    dialect: text(
        "SELECT a.position, a.id, a.state FROM assignments a "
        f"WHERE a.project = :project AND a.annotator = :annotator AND a.position {among}"
    )
    for dialect, among in (("sqlite", AMONG_JSON), ("postgresql", AMONG_BIGINTS))
}
_UNSEEN_GOLD = text(
    "SELECT DISTINCT g.position FROM gold g WHERE g.project = :project AND NOT EXISTS (SELECT 1 FROM assignments a "
    "WHERE a.project = g.project AND a.position = g.position AND a.annotator = :annotator AND a.state <> 'expired') "
    "ORDER BY g.position"
)
_GOLD_ASKED = text(
    "SELECT a.position, COUNT(*) FROM assignments a WHERE a.project = :project AND a.purpose = 'gold' "
    "AND a.state IN ('leased', 'submitted') AND a.position IN (SELECT position FROM gold WHERE project = :project) "
    "GROUP BY a.position HAVING COUNT(*) < :enough ORDER BY a.position"
)


def unseen_gold(tx: Tx, project: ProjectId, annotator: AnnotatorId) -> Positions:
    """Return the gold items that the annotator was never asked about (or whose lease ended unanswered)."""
    found = tx.run(_UNSEEN_GOLD, {"project": project, "annotator": annotator}).scalars().all()
    return np.array(found, np.int64)


def begun_gold(tx: Tx, project: ProjectId, enough: int) -> Positions:
    """Return the gold items that were asked about, but of fewer annotators than `enough`."""
    rows = tx.run(_GOLD_ASKED, {"project": project, "enough": enough}).all()
    return np.array([row.position for row in rows], np.int64)


def lease_gold(
    tx: Tx,
    project: ProjectId,
    annotator: AnnotatorId,
    positions: Positions,
    now: datetime,
    lease: timedelta,
) -> tuple[Leased, ...]:
    """Lease these gold items as hidden checks; they take no place in the queue. Items seen before are left out."""
    asking = Asking(project, annotator, now, now + lease)
    own = {row.position: row for row in tx.run(_OWN[tx.dialect], {**asking.who, "some": pack(tx, positions)})}
    leased: list[Leased] = []
    for position in dict.fromkeys(positions.tolist()):
        row = own.get(position)
        if row is not None and row.state not in FREE:
            continue
        made = assign(tx, asking, position, Purpose.GOLD, None if row is None else row.id, counted=0)
        if made is not None:
            leased.append(made)
    return tuple(leased)
