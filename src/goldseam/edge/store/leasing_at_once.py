"""Leasing at once: on PostgreSQL one statement reads a window, takes what is free of it and writes the assignments.

In: who asks, a class, where to read on. Out: the rows read, those that were leased among them. Never: a wait for a row that
somebody else is working on.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import text

from goldseam.edge.store.assignments import Leased
from goldseam.edge.store.items import item_of
from goldseam.edge.store.leasing_rows import AHEAD, CURSOR, FREE, GIVE_BACK, MINE, SLACK, TOKEN_BYTES, Asking, ReadRow
from goldseam.edge.store.tx import STAMP, Tx, micros, new_id, token_hash
from goldseam.vocab.annotations import AssignmentId, Purpose
from goldseam.vocab.items import Item

_IS_MADE = "made.position IS NOT NULL OR again.n IS NOT NULL"
_UNDER = f"AND ({STAMP.text}) = coalesce(CAST(:stamp AS bigint), ({STAMP.text}))"
_WITH_ITEM = (
    # A place that was taken and led to no assignment is an error here: the whole statement is undone.
    f", 1 / (CASE WHEN nth.n IS NULL OR {_IS_MADE} THEN 1 ELSE 0 END), "
    "i.modality, i.content, i.media_type, i.metadata, i.source, i.line, i.key"
)
_ITEM = "LEFT JOIN LATERAL (SELECT * FROM items i WHERE i.project = :project AND i.position = nth.position OFFSET 0) i ON TRUE"
_LEASE = {
    (alone, ahead): text(
        # OFFSET 0 keeps the planner from reading more than the keys of these few rows, whatever it believes of the tables.
        "WITH seen AS MATERIALIZED (SELECT q.position, q.ord, q.purpose, a.id, a.state FROM queue q LEFT JOIN LATERAL ("
        f"SELECT a.id, a.state FROM assignments a WHERE {MINE} OFFSET 0) a ON TRUE "
        f"WHERE {AHEAD} AND q.ord > {start} {only} ORDER BY q.ord LIMIT :limit), "
        # By place: a row that was moved to another place since it was read is not taken.
        "free AS MATERIALIZED (SELECT s.position, s.purpose, s.ord, s.id FROM (SELECT * FROM seen s "
        "WHERE (s.state IS NULL OR s.state = 'expired') AND s.position <> ALL(CAST(:taken AS bigint[])) "
        # An item that waits for two purposes at once is offered for one of them.
        "AND (:count = 1 OR NOT EXISTS (SELECT 1 FROM seen e WHERE e.position = s.position AND e.ord < s.ord)) "
        "ORDER BY s.ord) s CROSS JOIN LATERAL (SELECT q.ord FROM queue q "
        "WHERE q.project = :project AND q.position = s.position AND q.purpose = s.purpose "
        "AND q.cls = :cls AND q.ord = s.ord AND q.wanted > q.done + q.live FOR UPDATE SKIP LOCKED) q LIMIT :count), "
        "took AS (UPDATE queue SET live = live + 1 FROM free WHERE queue.project = :project "
        "AND queue.position = free.position AND queue.purpose = free.purpose "
        "RETURNING free.position, free.purpose, free.ord, free.id), "
        "nth AS (SELECT t.*, row_number() OVER (ORDER BY t.ord) AS n FROM took t), "
        "again AS (UPDATE assignments a SET state = 'leased', purpose = nth.purpose, counted = 1, "
        "token_hash = (CAST(:hashes AS text[]))[nth.n], leased_at = :leased_at, expires_at = :expires_at, "
        "ended_at = NULL, suggestion_model = NULL, suggestion_label = NULL, suggested = NULL, extended = 0, extension = NULL "
        "FROM nth WHERE a.id = nth.id AND a.state = 'expired' RETURNING nth.n), "
        "made AS (INSERT INTO assignments "
        "(id, project, position, annotator, purpose, state, counted, token_hash, leased_at, expires_at) "
        "SELECT (CAST(:ids AS text[]))[nth.n], CAST(:project AS text), nth.position, CAST(:annotator AS text), "
        "nth.purpose, 'leased', 1, (CAST(:hashes AS text[]))[nth.n], CAST(:leased_at AS bigint), "
        "CAST(:expires_at AS bigint) FROM nth WHERE nth.id IS NULL "
        "ON CONFLICT (project, position, annotator) DO NOTHING RETURNING position, purpose) "
        f"SELECT s.position, s.ord, s.purpose, s.id, s.state, nth.n, {_IS_MADE}{more} "
        "FROM seen s LEFT JOIN nth ON nth.ord = s.ord LEFT JOIN again ON again.n = nth.n "
        f"LEFT JOIN made ON made.position = s.position AND made.purpose = s.purpose {items} ORDER BY s.ord"
    )
    for alone, only, more, items in ((False, "", "", ""), (True, _UNDER, _WITH_ITEM, _ITEM))
    for ahead, start in ((False, f"coalesce(({CURSOR}), 0)"), (True, "CAST(:after AS bigint)"))
}
"""PostgreSQL reads a window, takes what is free of it and writes the assignments in one trip. The window is read without
locks, as the cursor's law wants; materialized: a sub-query that is run again would lock, and lease, more than was asked for.
The statement that stands alone (`Store.write_soon`, `briefly`) asks for the access stamp, and gives the items as well."""


def take_at_once(
    tx: Tx, asking: Asking, cls: int, after: int | None, count: int, taken: Collection[int]
) -> tuple[list[ReadRow], bool]:
    """Do the same in one trip, on PostgreSQL, where others work on the same rows: what they hold is left to them."""
    values, offered = _asked(asking, cls, after, count, taken)
    rows: list[ReadRow] = []
    for row in tx.quick(_LEASE[False, after is not None], values):
        made = _made(row, offered, asking)
        if made is None and row[5] is not None:
            # The same annotator got this item, or answered it late, between our reading and our taking (two tabs).
            tx.quick_count(GIVE_BACK, {"project": asking.project, "position": row[0], "purpose": row[2]})
        rows.append(ReadRow(row[0], row[1], row[4] in FREE, made))
    return rows, len(rows) < SLACK + count


class Alone:
    """Leases as `take_at_once` does, each trip a transaction by itself, and only under this access stamp.

    `found` is what was leased, with the items; it stays leased also if the next trip fails.
    """

    def __init__(self, stamp: int | None) -> None:
        self._stamp = stamp
        self.found: list[tuple[Leased, Item]] = []

    def take(
        self, tx: Tx, asking: Asking, cls: int, after: int | None, count: int, taken: Collection[int]
    ) -> tuple[list[ReadRow], bool]:
        """Lease up to `count` rows of a window."""
        values, offered = _asked(asking, cls, after, count, taken)
        rows: list[ReadRow] = []
        for row in tx.commit_by(_LEASE[True, after is not None], {**values, "stamp": self._stamp}):
            made = _made(row, offered, asking)
            if made is not None:
                self.found.append((made, item_of(*row[8:])))
            rows.append(ReadRow(row[0], row[1], row[4] in FREE, made))
        return rows, len(rows) < SLACK + count


def _asked(
    asking: Asking, cls: int, after: int | None, count: int, taken: Collection[int]
) -> tuple[dict[str, object], list[tuple[str, str]]]:
    """Return the parameters of `_LEASE`, and the ids and tokens that new assignments get."""
    offered = [(new_id(asking.now), secrets.token_hex(TOKEN_BYTES)) for _ in range(count)]
    values: dict[str, object] = {
        **asking.who,
        "cls": cls,
        "limit": SLACK + count,
        "count": count,
        "taken": list(taken),
        "ids": [made_id for made_id, _ in offered],
        "hashes": [token_hash(token) for _, token in offered],
        "leased_at": micros(asking.now),
        "expires_at": micros(asking.until),
    }
    return values if after is None else {**values, "after": after}, offered


def _made(row: tuple[Any, ...], offered: Sequence[tuple[str, str]], asking: Asking) -> Leased | None:
    """Return the assignment that was made on a row, if one was."""
    position, _, purpose, expired_id, _, nth, is_made = row[:7]
    if not is_made:
        return None
    new, token = offered[nth - 1]
    return Leased(AssignmentId(expired_id or new), token, position, Purpose(purpose), asking.until)
