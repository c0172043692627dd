"""The ledger: how many entries a second go under the tree.

In: entries of the usual size. Out: entries a second, from bytes to leaf and complete nodes. Never: a signature each.
"""

from __future__ import annotations

import time

from bench.case import Case

N_ENTRIES = 100_000


def merkle_append() -> float:
    """Leaves a second into a growing tree, hashing of the entry's bytes included."""
    from goldseam.ledger.merkle import Frontier, leaf_hash

    entries = [
        b'{"actor":"a%07d","at":"2026-11-21T10:00:00.000000Z","body":{"commitment":"%064d"}}' % (i, i)
        for i in range(N_ENTRIES)
    ]
    begin = time.perf_counter()
    frontier, _ = Frontier().extend(leaf_hash(entry) for entry in entries)
    seconds = time.perf_counter() - begin
    if frontier.size != N_ENTRIES:
        raise AssertionError(f"{frontier.size} of {N_ENTRIES} leaves")
    return N_ENTRIES / seconds


CASES = (
    Case(
        "merkle_append",
        "leaf hash and append to the tree",
        "entries/s",
        merkle_append,
        limit=200_000,
        more_is_better=True,
    ),
)
