"""Lines: what the numbers of the queue's lines stand for, which lines are there, and items moved from one to another.

In: lines, items with the purpose they wait for. Out: numbers. Never: a number that stands for two things, an item that waits
in no line; who is served by a line is decided elsewhere (`route.lines`).

Whatever moves gets a fresh, larger place, so that every cursor finds it. The project's row is locked first: lines are made,
and items moved, by one transaction at a time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

import numpy as np
from sqlalchemy import Row, delete, insert, select, text

from goldseam.edge.store import projects
from goldseam.edge.store.ending import AMONG_TEXTS
from goldseam.edge.store.leasing import AMONG_BIGINTS, AMONG_JSON
from goldseam.edge.store.lines_tables import lines
from goldseam.edge.store.tx import Positions, Tx, micros, pack
from goldseam.route.lines import Line
from goldseam.route.tiers import Tier
from goldseam.vocab.annotations import Purpose
from goldseam.vocab.errors import NotReady
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import AnnotatorId

PLAIN: Mapping[int, Line] = MappingProxyType({int(tier): Line(int(tier)) for tier in Tier})
"""The lines that are always there: one a tier, without skills, at priority 0."""
FOREVER = 2**62
MOST = 32_767

_SERVED = text(
    "SELECT cls, tier, priority, skills, segment, '' AS batch FROM lines WHERE project = :project AND due <= :now "
    "UNION ALL SELECT l.cls, l.tier, l.priority, l.skills, l.segment, l.batch FROM batch_people b "
    "CROSS JOIN lines l WHERE b.project = :project AND b.annotator = :annotator "
    "AND l.project = b.project AND l.batch = b.batch AND +l.due > :now"
)
"""CROSS JOIN and the plus keep SQLite from going through every line that is not due yet, whosever it is."""
_LOOK = text(
    f"{_SERVED.text} "
    "UNION ALL SELECT -1, 0, 0, '', '', '' WHERE EXISTS "
    "(SELECT 1 FROM assignments WHERE state = 'leased' AND expires_at <= :now) "
    "UNION ALL SELECT -1, 0, 0, '', '', '' WHERE EXISTS (SELECT 1 FROM lines WHERE batch <> '' AND due <= :now)"
)
"""Lines as above, and a row of no line if something is overdue, in any project."""
_LOOK_FOR_GOLD = text(
    f"{_LOOK.text} UNION ALL SELECT -1, 0, 0, '', '', '' WHERE EXISTS (SELECT 1 FROM gold WHERE project = :project)"
)
_LOCK_ROWS = text(
    "SELECT 1 FROM queue WHERE project = :project AND position = ANY(CAST(:some AS bigint[])) ORDER BY position FOR UPDATE"
)
_UNFINISHED = {
    dialect: text(
        "SELECT position, purpose, cls FROM queue WHERE project = :project AND wanted > done "
        f"AND position {among} ORDER BY ord"
    )
    for dialect, among in (("sqlite", AMONG_JSON), ("postgresql", AMONG_BIGINTS))
}
_MOVE = text(
    "UPDATE queue SET cls = :cls, ord = :ord WHERE project = :project AND position = :position AND purpose = :purpose"
)


def served(tx: Tx, project: ProjectId, annotator: AnnotatorId, now: datetime) -> dict[int, Line]:
    """Return the lines that are open to everybody, and those of batches given to this annotator.

    A line of a batch that is due is everybody's, and no batch's any more.
    """
    found = tx.quick(_SERVED, {"project": project, "annotator": annotator, "now": micros(now)})
    return {**PLAIN, **{number: _line_of(*rest) for number, *rest in found}}


def look(
    tx: Tx, project: ProjectId, annotator: AnnotatorId, now: datetime, *, or_gold: bool = False
) -> dict[int, Line] | None:
    """Return the same in the usual case that no lease and no batch is overdue; None says that something is.

    With `or_gold` None says, too, that the project has gold.
    """
    found = tx.quick(
        _LOOK_FOR_GOLD if or_gold else _LOOK, {"project": project, "annotator": annotator, "now": micros(now)}
    )
    if any(number < 0 for number, *_ in found):
        return None
    return {**PLAIN, **{number: _line_of(*rest) for number, *rest in found}}


def of_numbers(tx: Tx, project: ProjectId, numbers: Iterable[int]) -> dict[int, tuple[Line, int]]:
    """Return what these numbers stand for, and until when each line is a batch's alone."""
    wanted = set(numbers)
    query = select(lines).where(lines.c.project == project, lines.c.cls.in_(sorted(wanted - PLAIN.keys())))
    found = {row.cls: (_line(row), row.due) for row in tx.run(query)} if wanted - PLAIN.keys() else {}
    return {**{number: (PLAIN[number], 0) for number in wanted & PLAIN.keys()}, **found}


def number_of(tx: Tx, project: ProjectId, line: Line, due: int = 0) -> int:
    """Return the number of a line, which is made if it is not there.

    Raises
    ------
    NotReady
        If the project has as many lines as there can be.
    """
    if line == PLAIN.get(line.tier):
        return line.tier
    known = _find(tx, project, line)
    if known is not None:
        return known
    projects.locked(tx, project)
    known = _find(tx, project, line)
    if known is not None:
        return known
    taken = set(tx.run(select(lines.c.cls).where(lines.c.project == project)).scalars()) | PLAIN.keys()
    number = next((each for each in range(len(taken) + 1) if each not in taken), MOST + 1)
    if number > MOST:
        raise NotReady("The project's queue has as many lines as it can have: end batches that are over.")
    values = {"tier": line.tier, "priority": line.priority, "skills": _skills(line), "segment": line.segment}
    tx.run(insert(lines).values(project=project, cls=number, **values, batch=line.batch, due=due))
    return number


def _find(tx: Tx, project: ProjectId, line: Line) -> int | None:
    c = lines.c
    mine = (c.project == project) & (c.tier == line.tier) & (c.priority == line.priority) & (c.batch == line.batch)
    row = tx.first(select(c.cls).where(mine, c.skills == _skills(line), c.segment == line.segment))
    return None if row is None else int(row.cls)


def change(tx: Tx, project: ProjectId, positions: Positions, to: Callable[[Line], Line]) -> int:
    """Move items that still want answers to the line that `to` gives for theirs; return how many moved.

    What is there already keeps its place, so that the same change twice is one.
    """
    projects.locked(tx, project)
    found = tx.run(_UNFINISHED[tx.dialect], {"project": project, "some": pack(tx, positions)}).all()
    return move(tx, project, [(row.position, row.purpose, row.cls) for row in found], to)


def move(tx: Tx, project: ProjectId, rows: Sequence[tuple[int, str, int]], to: Callable[[Line], Line]) -> int:
    """Move rows (position, purpose, number of their line) to other lines, in this order; return how many moved."""
    known = of_numbers(tx, project, {number for *_, number in rows})
    target: dict[int, int] = {}
    for number, (line, due) in known.items():
        wanted = to(line)
        target[number] = number if wanted == line else number_of(tx, project, wanted, due if wanted.batch else 0)
    moving = [row for row in rows if target[row[2]] != row[2]]
    if not moving:
        return 0
    first = projects.allocate_ord(tx, project, len(moving))
    hold(tx, project, [position for position, *_ in moving])
    values = [
        {"project": project, "position": position, "purpose": purpose, "cls": target[number], "ord": first + nth}
        for nth, (position, purpose, number) in enumerate(moving)
    ]
    tx.connection.execute(_MOVE, values)
    return len(moving)


def hold(tx: Tx, project: ProjectId, positions: Sequence[int]) -> None:
    """Hold these items' rows of the queue in the order in which everybody locks them; SQLite has one writer."""
    if tx.dialect == "postgresql":
        tx.run(_LOCK_ROWS, {"project": project, "some": sorted(set(positions))})


_NEXT = {
    dialect: text(
        "SELECT q.position FROM queue q WHERE q.project = :project AND q.cls = :cls AND q.wanted > q.done + q.live "
        "AND q.purpose = :purpose AND q.ord > coalesce((SELECT c.ord FROM cursors c WHERE c.project = :project "
        "AND c.annotator = :first AND c.cls = :cls), 0) AND NOT EXISTS (SELECT 1 FROM assignments a "
        "WHERE a.project = q.project AND a.position = q.position AND a.state <> 'expired' "
        f"AND a.annotator {among}) ORDER BY q.ord LIMIT :limit"
    )
    for dialect, among in (("sqlite", AMONG_JSON), ("postgresql", AMONG_TEXTS))
}


def ahead(
    tx: Tx, project: ProjectId, numbers: Sequence[int], purpose: Purpose, people: Sequence[AnnotatorId], limit: int
) -> Positions:
    """Return the items that would come next in these lines, of those that none of these people was asked about."""
    found: list[int] = []
    for number in numbers:
        if len(found) >= limit:
            break
        values = {"project": project, "cls": number, "purpose": purpose.value, "first": people[0]}
        rows = tx.run(_NEXT[tx.dialect], {**values, "some": pack(tx, list(people)), "limit": limit - len(found)})
        found.extend(rows.scalars())
    return np.array(list(dict.fromkeys(found)), np.int64)


def drop(tx: Tx, project: ProjectId, batch: str) -> None:
    """Remove the lines of a batch, once nothing waits in them."""
    tx.run(delete(lines).where(lines.c.project == project, lines.c.batch == batch))


def _line(row: Row[Any]) -> Line:
    return _line_of(row.tier, row.priority, row.skills, row.segment, row.batch)


def _line_of(tier: int, priority: int, skills: str, segment: str, batch: str) -> Line:
    return Line(tier, priority, tuple(json.loads(skills)), segment, batch)


def _skills(line: Line) -> str:
    return json.dumps(list(line.skills), separators=(",", ":"))
