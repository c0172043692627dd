"""Browse: pages of a project's items by what is asked for, each at a price that does not grow with the project.

In: what is wanted, where to go on. Out: positions, and where the next page begins; facts to show beside items. Never: more rows
looked at than the budget: a page may come short, and says where to go on.

One condition drives: it has an index in the order of the list. The others are asked of what it gives, by seeks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select, text

from goldseam.edge.store import search, settlements
from goldseam.edge.store import tables as t
from goldseam.edge.store.queue import TO_SETTLE
from goldseam.edge.store.tx import Positions, Tx, arrays, pack, within
from goldseam.source.find import ItemState, Order, Wanted
from goldseam.vocab.items import ProjectId

BUDGET = 5_000
"""At most so many candidates are looked at for one page."""
FIRST_LOOK = 4
"""Times the page's length: so many candidates are looked at first, and four times as many each time thereafter."""
START = -1

Mark = tuple[float, int]
"""Where a list goes on: after this confidence (0 where it does not order) and this position."""


@dataclass(frozen=True, slots=True)
class Found:
    """Positions in the order of the list; `more` is where the next page begins, None at the end."""

    positions: Positions
    more: Mark | None


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of one project; `code` is the label's."""

    project: ProjectId
    question: str
    wanted: Wanted
    order: Order = Order.POSITION
    code: int | None = None


def find(tx: Tx, ask: Ask, after: Mark | None, limit: int, budget: int = BUDGET) -> Found:
    """Return a page of the items asked for."""
    mark: Mark = after if after is not None else (2.0 if ask.order is Order.MOST else -1.0, START)
    kept: list[tuple[float, int]] = []
    looked, size = 0, limit * FIRST_LOOK
    sql, values = _driver(tx, ask)
    while True:
        size = min(size, budget - looked)
        some = _candidates(tx, ask, sql, values, mark, size)
        looked += len(some)
        left = limit - len(kept)
        good = _that_fit(tx, ask, [position for _, position in some])
        fitting = [one for one in some if one[1] in good]
        kept += fitting[:left]
        positions = np.array([position for _, position in kept], np.int64)
        if len(fitting) >= left:  # the page is full; what comes after it is looked at by the next call
            is_last = len(some) < size and len(fitting) == left
            return Found(positions, None if is_last else kept[-1])
        if len(some) < size:
            return Found(positions, None)
        mark, size = some[-1], size * FIRST_LOOK
        if looked >= budget:
            return Found(positions, mark)


def count(tx: Tx, ask: Ask, budget: int = BUDGET) -> tuple[int, bool]:
    """Return how many items are asked for, and whether that is all of them or only those that the budget reached."""
    sql, values = _driver(tx, ask)
    start: Mark = (2.0 if ask.order is Order.MOST else -1.0, START)
    some = _candidates(tx, ask, sql, values, start, budget)
    return len(_that_fit(tx, ask, [position for _, position in some])), len(some) < budget


def _candidates(tx: Tx, ask: Ask, sql: str, values: dict[str, object], mark: Mark, budget: int) -> list[Mark]:
    shared = {"project": ask.project, "question": ask.question, "after": mark[1], "beyond": mark[0], "budget": budget}
    rows = _run(tx, sql, shared | values)
    return [(float(row[1]) if len(row) > 1 else 0.0, int(row[0])) for row in rows]


# --- what drives ---

BY_ITEM = " INDEXED BY ix_settlements_item "
"""Told to SQLite alone: it knows no counts, and would read all of an index that has the columns rather than seek in this one."""
NEWEST = (
    f"s.seq = (SELECT max(n.seq) FROM settlements n{BY_ITEM}WHERE n.project = s.project AND n.question = s.question "
    "AND n.position = s.position)"
)
"""A value to be sought for each row: PostgreSQL makes a join of NOT EXISTS, and may read a whole table for it."""
OF_QUESTION = "s.project = :project AND s.question = :question AND s.label IS NOT NULL"
PURPOSES = ", ".join(f"'{purpose.value}'" for purpose in TO_SETTLE)
ALL = "SELECT position FROM items WHERE project = :project AND position > :after ORDER BY position LIMIT :budget"
IN_ORDER = "AND s.position > :after AND " + NEWEST + " ORDER BY s.position LIMIT :budget"
BY_STATE = {
    ItemState.ESCALATED: "SELECT position FROM waiting WHERE project = :project AND question = :question "
    "AND position > :after ORDER BY position LIMIT :budget",
    ItemState.SETTLED: f"SELECT s.position FROM settlements s{BY_ITEM}WHERE {OF_QUESTION} AND s.state = 'settled' {IN_ORDER}",
    ItemState.OPEN: f"SELECT DISTINCT position FROM queue WHERE project = :project AND wanted > done "
    f"AND purpose IN ({PURPOSES}) AND position > :after ORDER BY position LIMIT :budget",
    ItemState.DONE: f"SELECT DISTINCT position FROM queue WHERE project = :project AND done >= wanted "
    f"AND purpose IN ({PURPOSES}) AND position > :after ORDER BY position LIMIT :budget",
    ItemState.FLAGGED: "SELECT DISTINCT position FROM flags WHERE project = :project AND position > :after "
    "ORDER BY position LIMIT :budget",
    ItemState.POOL: ALL,
}
BY_CONFIDENCE = {
    Order.LEAST: "AND s.confidence >= :beyond AND (s.confidence > :beyond OR s.position > :after) {bounds} "
    "AND {newest} ORDER BY s.confidence, s.position LIMIT :budget",
    Order.MOST: "AND s.confidence <= :beyond AND (s.confidence < :beyond OR s.position < :after) {bounds} "
    "AND {newest} ORDER BY s.confidence DESC, s.position DESC LIMIT :budget",
}


def _driver(tx: Tx, ask: Ask) -> tuple[str, dict[str, object]]:
    """Return the query whose rows are looked at, in the order of the list, and its values besides those of every call."""
    wanted = ask.wanted
    if ask.order is not Order.POSITION:
        bounds, values = _bounds(wanted)
        rest = BY_CONFIDENCE[ask.order].format(bounds=bounds, newest=NEWEST)
        return f"SELECT s.position, s.confidence FROM settlements s WHERE {OF_QUESTION} {rest}", values
    if wanted.phrases:
        return search.driver(tx, ask.project, wanted.phrases)
    if wanted.annotator:
        sql = (
            "SELECT DISTINCT a.position FROM annotations a WHERE a.project = :project AND a.annotator = :annotator "
            "AND a.position > :after AND NOT EXISTS (SELECT 1 FROM withdrawals w WHERE w.annotation = a.id) "
            "ORDER BY a.position LIMIT :budget"
        )
        return sql, {"annotator": wanted.annotator}
    if wanted.state is ItemState.ESCALATED:
        return BY_STATE[ItemState.ESCALATED], {}
    if _drives_by_label(ask):
        return f"SELECT s.position FROM settlements s WHERE {OF_QUESTION} AND s.label = :code {IN_ORDER}", {
            "code": ask.code
        }
    return (ALL if wanted.state is None else BY_STATE[wanted.state]), {}


def _drives_by_label(ask: Ask) -> bool:
    wanted = ask.wanted
    others = bool(wanted.phrases or wanted.annotator) or wanted.state is ItemState.ESCALATED
    return ask.code is not None and ask.order is Order.POSITION and not others


# --- what else has to hold ---

STANDS = (
    f"SELECT 1 FROM settlements s WHERE s.seq = (SELECT max(n.seq) FROM settlements n{BY_ITEM}WHERE n.project = :project "
    "AND n.question = :question AND n.position = i.position) AND s.label IS NOT NULL"
)
WAITS = "SELECT 1 FROM waiting w WHERE w.project = :project AND w.question = :question AND w.position = i.position"
QUEUED = f"SELECT 1 FROM queue q WHERE q.project = :project AND q.position = i.position AND q.purpose IN ({PURPOSES})"
OPEN = f"{QUEUED} AND q.wanted > q.done"
# Each as a value to be sought for each row, as above.
STATES = {
    ItemState.ESCALATED: f"({WAITS} LIMIT 1) IS NOT NULL",
    ItemState.OPEN: f"({OPEN} LIMIT 1) IS NOT NULL AND ({WAITS} LIMIT 1) IS NULL",
    ItemState.SETTLED: f"({STANDS} AND s.state = 'settled' LIMIT 1) IS NOT NULL AND ({OPEN} LIMIT 1) IS NULL",
    ItemState.DONE: f"({QUEUED} LIMIT 1) IS NOT NULL AND ({OPEN} LIMIT 1) IS NULL AND ({STANDS} LIMIT 1) IS NULL",
    ItemState.POOL: f"({QUEUED} LIMIT 1) IS NULL AND ({STANDS} LIMIT 1) IS NULL",
    ItemState.FLAGGED: "(SELECT 1 FROM flags f WHERE f.project = :project AND f.position = i.position LIMIT 1) IS NOT NULL",
}
AMONG = {
    "sqlite": "i.position IN (SELECT value FROM json_each(:some))",
    "postgresql": "i.position = ANY(CAST(:some AS bigint[]))",
}
FIELD: dict[str, Callable[[int], str]] = {
    "sqlite": lambda at: (
        f"EXISTS (SELECT 1 FROM json_each(i.metadata) m WHERE m.key = :name_{at} AND m.value = :value_{at})"
    ),
    "postgresql": lambda at: f"CAST(i.metadata AS jsonb) ->> CAST(:name_{at} AS text) = :value_{at}",
}


def _that_fit(tx: Tx, ask: Ask, some: list[int]) -> set[int]:
    """Return those of the candidates of which everything holds that was asked."""
    conditions, values = _conditions(tx, ask)
    if not conditions or not some:
        return set(some)
    sql = f"SELECT i.position FROM items i WHERE i.project = :project AND {AMONG[tx.dialect]} AND {' AND '.join(conditions)}"
    shared: dict[str, object] = {"project": ask.project, "question": ask.question, "some": pack(tx, some)}
    return {int(row[0]) for row in _run(tx, sql, shared | values)}


def _run(tx: Tx, sql: str, values: dict[str, object]) -> list[tuple[Any, ...]]:
    """Run one of the queries here with those of the values that it names."""
    said = sql if tx.dialect == "sqlite" else sql.replace(BY_ITEM, " ")
    found = tx.run(text(said), {name: value for name, value in values.items() if f":{name}" in said})
    return [tuple(row) for row in found]


def _conditions(tx: Tx, ask: Ask) -> tuple[list[str], dict[str, object]]:
    wanted, values = ask.wanted, dict[str, object]()
    conditions: list[str] = []
    if wanted.state is not None:
        conditions.append(STATES[wanted.state])
    if ask.code is not None and not _drives_by_label(ask):
        conditions.append(f"({STANDS} AND s.label = :code LIMIT 1) IS NOT NULL")
        values["code"] = ask.code
    if wanted.least is not None or wanted.most is not None:
        bounds, more = _bounds(wanted)
        conditions.append(f"({STANDS} {bounds} LIMIT 1) IS NOT NULL")
        values |= more
    if wanted.annotator:
        conditions.append(
            "EXISTS (SELECT 1 FROM annotations a WHERE a.project = :project AND a.annotator = :annotator "
            "AND a.position = i.position AND NOT EXISTS (SELECT 1 FROM withdrawals w WHERE w.annotation = a.id))"
        )
        values["annotator"] = wanted.annotator
    for at, (name, value) in enumerate(wanted.metadata):
        conditions.append(FIELD[tx.dialect](at))
        values |= {f"name_{at}": name, f"value_{at}": value}
    return conditions, values


def _bounds(wanted: Wanted) -> tuple[str, dict[str, object]]:
    parts, values = [], dict[str, object]()
    if wanted.least is not None:
        parts.append("AND s.confidence >= :least")
        values["least"] = wanted.least
    if wanted.most is not None:
        parts.append("AND s.confidence <= :most")
        values["most"] = wanted.most
    return " ".join(parts), values


# --- what is shown beside items ---


@dataclass(frozen=True, slots=True)
class Standing:
    """Where some items stand: what each was settled as, and what the queue still wants of it."""

    settled: settlements.Settled
    queued: dict[int, tuple[int, int]]
    flagged: frozenset[int]


def standing(tx: Tx, project: ProjectId, question: str, positions: Positions) -> Standing:
    """Return where these items stand."""
    q = t.queue.c
    counted = q.purpose.in_([purpose.value for purpose in TO_SETTLE])
    found = tx.run(
        select(q.position, func.sum(q.wanted), func.sum(q.done))
        .where(q.project == project, within(tx, q.position, positions), counted)
        .group_by(q.position)
    )
    rows: list[tuple[Any, ...]] = [tuple(row) for row in found]
    sql = f"SELECT DISTINCT i.position FROM flags i WHERE i.project = :project AND {AMONG[tx.dialect]}"
    flagged = tx.run(text(sql), {"project": project, "some": pack(tx, positions)}).scalars()
    return Standing(
        settled=settlements.current(tx, project, question, positions),
        queued={int(position): (int(wanted), int(done)) for position, wanted, done in rows},
        flagged=frozenset(flagged),
    )


def facets(tx: Tx, project: ProjectId, question: str) -> tuple[NDArray[Any], ...]:
    """Return for each state and label of settlements how many items stand there: counts over the whole project."""
    s = t.settlements.c
    newest = settlements.newest_of(project, question)
    query = select(s.state, s.label, func.count()).where(s.seq.in_(newest), s.label.is_not(None))
    return arrays(tx, query.group_by(s.state, s.label), object, np.int64, np.int64)


def n_open(tx: Tx, project: ProjectId) -> tuple[int, int]:
    """Return how many items want more answers, and how many have all they want."""
    purposes = f"purpose IN ({PURPOSES})"
    sql = f"SELECT count(DISTINCT position) FROM queue WHERE project = :project AND {purposes} AND "
    values = {"project": project}
    wanting = int(tx.run(text(sql + "wanted > done"), values).scalar_one())
    return wanting, int(tx.run(text(sql + "done >= wanted"), values).scalar_one())
