"""Proofs: what the log of a project shows to whoever may look: checkpoints, entries, inclusion proofs.

In: a permit. Out: plain values that a stranger can check. Never: an entry of another project.
"""

from __future__ import annotations

import json

from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.world import World
from goldseam.edge.store import log as rows
from goldseam.edge.store.tx import Tx
from goldseam.ledger import merkle
from goldseam.vocab.errors import NotFound


def checkpoint(world: World, permit: Permit) -> dict[str, object]:
    """Return the newest checkpoint of the project's log with the key that verifies it."""
    found = world.store.read(lambda tx: rows.newest_checkpoint(tx, permit.project.id))
    if found is None:
        return {"size": 0, "root": None, "note": None, "key": world.key.line}
    return {"size": found.size, "root": found.root.hex(), "note": found.note, "key": world.key.line}


def entries(world: World, permit: Permit, after: int, limit: int) -> list[dict[str, object]]:
    """Return sealed entries in order, from after a position on."""
    page = world.store.read(lambda tx: rows.entries(tx, permit.project.id, after, limit))
    return [{"position": row.position, "leaf": row.leaf.hex(), "entry": json.loads(row.body)} for row in page]


def proof(world: World, permit: Permit, position: int) -> dict[str, object]:
    """Return the inclusion proof of an entry under the newest checkpoint.

    Raises
    ------
    NotFound
        If the log is shorter.
    """

    def load(tx: Tx) -> dict[str, object]:
        newest = rows.newest_checkpoint(tx, permit.project.id)
        if newest is None or not 0 <= position < newest.size:
            raise NotFound(f"The log has no sealed entry {position}.", position=position)
        hashes = merkle.inclusion_proof(position, newest.size, rows.reader(tx, permit.project.id))
        return {
            "position": position,
            "size": newest.size,
            "hashes": [node.hex() for node in hashes],
            "note": newest.note,
        }

    return world.store.read(load)
