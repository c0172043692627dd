"""Checks of the log: places without gaps, roots that are those of the leaves, proofs from stored nodes.

In: a URL. Out: nothing. Never: a signature (`goldseam.ledger.checkpoint` has its own tests).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from goldseam.edge.store import Store, Tx, log, open_store
from goldseam.ledger import merkle
from goldseam.testing.clock import START

LOG = "log"


def sealing_gives_every_entry_its_place(url: str) -> None:
    """Check: roots and proofs from stored nodes are those of the leaves, however the entries were parted among seals."""
    with open_store(url) as store:
        leaves: list[bytes] = []
        for n_more in (1, 2, 0, 5, 8, 1):
            leaves += _append(store, len(leaves), n_more)
            checkpoint = _seal(store)
            assert checkpoint is not None
            assert (checkpoint.size, checkpoint.root) == (len(leaves), merkle.root(leaves))
        rows = store.read(lambda tx: log.entries(tx, LOG))
        assert [row.position for row in rows] == list(range(17))
        assert [row.leaf for row in rows] == leaves
        assert [row.body for row in rows] == [f"entry {n}".encode() for n in range(17)]
        sizes = [each.size for each in store.read(lambda tx: log.checkpoints(tx, LOG))]
        assert sizes == [1, 3, 8, 16, 17]
        for size in sizes:
            for position in range(size):
                proof = _proof(store, position, size)
                root = merkle.root(leaves[:size])
                assert merkle.inclusion_holds(leaves[position], position, size, proof, root)
        assert store.read(lambda tx: log.n_unsealed(tx, LOG)) == 0


def an_empty_log_has_no_checkpoint(url: str) -> None:
    """Check: nothing appended, nothing signed."""
    with open_store(url) as store:
        assert _seal(store) is None
        _append(store, 0, 1)
        assert store.read(log.unsealed_logs) == (LOG,)
        first = _seal(store)
        assert _seal(store) == first
        assert store.read(log.unsealed_logs) == ()


def an_act_undone_leaves_no_entry(url: str) -> None:
    """Check: an entry lives and dies with the act that it is about."""
    with open_store(url) as store:

        def fail(tx: Tx) -> None:
            log.append(tx, LOG, "kind", b"{}", merkle.leaf_hash(b"{}"))
            raise KeyError

        with suppress(KeyError):
            store.write(fail)
        assert store.read(lambda tx: log.n_unsealed(tx, LOG)) == 0


def sealers_and_writers_do_not_disturb_each_other(url: str) -> None:
    """Check: many write while many seal: every entry gets one place, and every root is that of the entries before it."""
    with open_store(url) as store:

        def act(number: int) -> None:
            _append(store, number, 1)
            if number % 4 == 0:
                _seal(store)

        with ThreadPoolExecutor(12) as pool:
            list(pool.map(act, range(80)))
        last = _seal(store)
        assert last is not None
        rows = store.read(lambda tx: log.entries(tx, LOG))
        assert [row.position for row in rows] == list(range(80))
        leaves = [row.leaf for row in rows]
        for checkpoint in store.read(lambda tx: log.checkpoints(tx, LOG)):
            assert checkpoint.root == merkle.root(leaves[: checkpoint.size])
        places = store.read(lambda tx: log.positions_of(tx, LOG, [row.seq for row in rows]))
        assert places == {row.seq: row.position for row in rows}


def _proof(store: Store, position: int, size: int) -> tuple[bytes, ...]:
    return store.read(lambda tx: merkle.inclusion_proof(position, size, log.reader(tx, LOG)))


def _append(store: Store, first: int, n_more: int) -> list[bytes]:
    bodies = [f"entry {first + nth}".encode() for nth in range(n_more)]
    leaves = [merkle.leaf_hash(body) for body in bodies]
    if n_more > 1:
        store.write(lambda tx: log.append_many(tx, LOG, ["kind"] * n_more, bodies, leaves))
    elif n_more == 1:
        store.write(lambda tx: log.append(tx, LOG, "kind", bodies[0], leaves[0]))
    return leaves


def _seal(store: Store) -> log.CheckpointRow | None:
    return store.write(lambda tx: log.seal(tx, LOG, lambda size, root: f"{size} {root.hex()}", START))


CHECKS = (
    sealing_gives_every_entry_its_place,
    an_empty_log_has_no_checkpoint,
    an_act_undone_leaves_no_entry,
    sealers_and_writers_do_not_disturb_each_other,
)
