"""The log: entries as they are appended, their places in the tree once sealed, and checkpoints.

In: an entry's canonical bytes and leaf hash; a function that signs. Out: sequence numbers, entries, nodes, checkpoints.
Never: an entry changed, or a key.

The act's transaction appends; a single sealer gives places afterwards, so that no writer waits for another and no
place is left empty by one that failed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, bindparam, func, insert, select, text, update

from goldseam.edge.store import tables as t
from goldseam.edge.store.tx import Tx, arrays, insert_columns, micros, moment, within
from goldseam.ledger import merkle

Sign = Callable[[int, bytes], str]
"""Makes a checkpoint's signed note of a size and a root."""


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry as kept: `body` is its canonical JSON; `position` is absent until it is sealed."""

    seq: int
    kind: str
    body: bytes
    leaf: bytes
    position: int | None


@dataclass(frozen=True, slots=True)
class CheckpointRow:
    """A signed root over the first `size` entries."""

    size: int
    root: bytes
    note: str
    at: datetime


def append(tx: Tx, log: str, kind: str, body: bytes, leaf: bytes) -> int:
    """Append an entry and return its sequence number; its place in the tree comes with the next seal."""
    ((seq,),) = tx.quick(APPEND, {"log": log, "kind": kind, "body": body.decode(), "leaf": leaf})
    return int(seq)


APPEND = text("INSERT INTO entries (log, kind, body, leaf) VALUES (:log, :kind, :body, :leaf) RETURNING seq")


def append_many(tx: Tx, log: str, kinds: Sequence[str], bodies: Sequence[bytes], leaves: Sequence[bytes]) -> None:
    """Append entries in this order."""
    columns = {"log": log, "kind": list(kinds), "body": [body.decode() for body in bodies], "leaf": list(leaves)}
    insert_columns(tx, t.entries, columns)


def n_unsealed(tx: Tx, log: str) -> int:
    """Return how many entries have no place yet."""
    query = select(func.count()).where(t.entries.c.log == log, t.entries.c.position.is_(None))
    return int(tx.run(query).scalar_one())


def unsealed_logs(tx: Tx) -> tuple[str, ...]:
    """Return the logs that have entries without a place."""
    return tuple(tx.run(select(t.entries.c.log).where(t.entries.c.position.is_(None)).distinct()).scalars())


def seal(tx: Tx, log: str, sign: Sign, now: datetime) -> CheckpointRow | None:
    """Give every entry that has none its place, keep the nodes now complete, and sign the new root.

    Return the newest checkpoint: the one made, or the old one if nothing was new; None for an empty log.
    """
    _alone(tx, log)
    old = newest_checkpoint(tx, log)
    size = 0 if old is None else old.size
    e = t.entries.c
    leaves, seqs = arrays(
        tx, select(e.leaf, e.seq).where(e.log == log, e.position.is_(None)).order_by(e.seq), object, np.int64
    )
    if len(seqs) == 0:
        return old
    frontier, nodes = merkle.frontier_at(size, reader(tx, log)).extend(bytes(leaf) for leaf in leaves)
    _place(tx, seqs, size)
    inner = [node for node in nodes if node.level > 0]
    columns = {
        "log": log,
        "level": [node.level for node in inner],
        "position": [node.position for node in inner],
        "hash": [node.hash for node in inner],
    }
    insert_columns(tx, t.nodes, columns)
    new = CheckpointRow(frontier.size, frontier.root, sign(frontier.size, frontier.root), now)
    tx.run(insert(t.checkpoints).values(log=log, size=new.size, root=new.root, note=new.note, at=micros(now)))
    return new


def _alone(tx: Tx, log: str) -> None:
    """Wait until no other sealer works on this log; SQLite has one writer anyway."""
    if tx.dialect == "postgresql":
        tx.run(text("SELECT pg_advisory_xact_lock(hashtext(:log))"), {"log": f"goldseam.seal.{log}"})


def _place(tx: Tx, seqs: NDArray[np.int64], size: int) -> None:
    """Give exactly these entries the places from `size` on.

    Not `seq <= last`: an entry with a smaller number may have been committed since the leaves were read.
    """
    e = t.entries.c
    nth = (func.row_number().over(order_by=e.seq) - 1).label("nth")
    numbered = select(e.seq, nth).where(within(tx, e.seq, seqs)).subquery()
    tx.run(update(t.entries).where(e.seq == numbered.c.seq).values(position=size + numbered.c.nth))


def newest_checkpoint(tx: Tx, log: str) -> CheckpointRow | None:
    """Return the newest checkpoint, if there is one."""
    c = t.checkpoints.c
    row = tx.first(select(t.checkpoints).where(c.log == log).order_by(c.size.desc()).limit(1))
    return None if row is None else _checkpoint(row)


def checkpoints(tx: Tx, log: str) -> tuple[CheckpointRow, ...]:
    """Return all checkpoints, smallest first."""
    c = t.checkpoints.c
    return tuple(_checkpoint(row) for row in tx.run(select(t.checkpoints).where(c.log == log).order_by(c.size)))


def entries(tx: Tx, log: str, after: int = -1, limit: int = 1000) -> tuple[EntryRow, ...]:
    """Return sealed entries in their order, from after this position on."""
    e = t.entries.c
    query = select(t.entries).where(e.log == log, e.position > after).order_by(e.position).limit(limit)
    return tuple(_entry(row) for row in tx.run(query))


def entry_of(tx: Tx, seq: int) -> EntryRow | None:
    """Return the entry of a sequence number, if there is one."""
    row = tx.first(select(t.entries).where(t.entries.c.seq == seq))
    return None if row is None else _entry(row)


def positions_of(tx: Tx, log: str, seqs: Sequence[int]) -> dict[int, int]:
    """Return the places of these entries, by sequence number; those not sealed are left out."""
    e = t.entries.c
    query = select(e.seq, e.position).where(e.log == log, within(tx, e.seq, list(seqs)), e.position.is_not(None))
    return {row.seq: row.position for row in tx.run(query)}


def reader(tx: Tx, log: str) -> merkle.Reader:
    """Return the reader of stored nodes that proofs are built with, good as long as the transaction."""

    def read(places: Sequence[merkle.Place]) -> Sequence[bytes]:
        return [_hash(tx, log, place) for place in places]

    return read


def _hash(tx: Tx, log: str, place: merkle.Place) -> bytes:
    if place.level == 0:
        row = tx.first(_LEAF, {"the_log": log, "place": place.position})
    else:
        row = tx.first(_NODE, {"the_log": log, "at_level": place.level, "place": place.position})
    if row is None:
        raise LookupError(f"The log has no node {tuple(place)}.")
    return bytes(row[0])


_LEAF = select(t.entries.c.leaf).where(
    t.entries.c.log == bindparam("the_log"), t.entries.c.position == bindparam("place")
)
_NODE = select(t.nodes.c.hash).where(
    t.nodes.c.log == bindparam("the_log"),
    t.nodes.c.level == bindparam("at_level"),
    t.nodes.c.position == bindparam("place"),
)


def _checkpoint(row: Row[Any]) -> CheckpointRow:
    return CheckpointRow(row.size, bytes(row.root), row.note, moment(row.at))


def _entry(row: Row[Any]) -> EntryRow:
    return EntryRow(row.seq, row.kind, row.body.encode(), bytes(row.leaf), row.position)
