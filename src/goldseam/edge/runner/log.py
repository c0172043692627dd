"""The log of a project: entries with the acts they record, sealed into a tree under signed checkpoints.

In: what was decided, inside the act's own transaction. Out: entries, checkpoints, proofs. Never: an act without its entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from goldseam.edge.runner.world import World
from goldseam.edge.store import log as rows
from goldseam.edge.store.answering import Draft
from goldseam.edge.store.log import CheckpointRow
from goldseam.edge.store.tx import Tx
from goldseam.ledger import entries as entry_words
from goldseam.ledger import merkle
from goldseam.ledger.checkpoint import Checkpoint
from goldseam.ledger.entries import Entry, EntryKind

STORE_LOG = "store"
"""The log of what belongs to no project: accounts and keys."""


def record(
    tx: Tx,
    log: str,
    kind: EntryKind,
    now: datetime,
    *,
    actor: str,
    about: str,
    body: Mapping[str, object] | None = None,
) -> int:
    """Append an entry in the act's transaction and return its sequence number."""
    made = draft(log, kind, now, actor=actor, about=about, body=body)
    return rows.append(tx, log, made.kind, made.body, made.leaf)


def draft(
    log: str, kind: EntryKind, now: datetime, *, actor: str, about: str, body: Mapping[str, object] | None = None
) -> Draft:
    """Return an entry that is to be appended together with what it records."""
    data = entry_words.leaf(Entry(kind=kind, at=now, actor=actor, project=log, object=about, body=body or {}))
    return Draft(log, kind.value, data, merkle.leaf_hash(data))


def origin(log: str) -> str:
    """Return the name under which a log's checkpoints are signed."""
    return f"goldseam/{log}"


def seal(world: World, log: str | None = None) -> tuple[CheckpointRow, ...]:
    """Give every entry without a place its place in the tree, and sign the new roots; of one log, or of all."""
    logs = (log,) if log is not None else world.store.read(rows.unsealed_logs)
    return tuple(made for name in logs if (made := _seal(world, name)) is not None)


def _seal(world: World, log: str) -> CheckpointRow | None:
    def sign(size: int, root: bytes) -> str:
        return world.key.sign_checkpoint(Checkpoint(origin(log), size, root))

    return world.store.write(lambda tx: rows.seal(tx, log, sign, world.clock.now()))


def extent(world: World, log: str) -> int:
    """Return how many entries a log has: as long as it stays the same, nothing was done."""

    def load(tx: Tx) -> int:
        newest = rows.newest_checkpoint(tx, log)
        return (0 if newest is None else newest.size) + rows.n_unsealed(tx, log)

    return world.store.read(load)
