"""Digests: what a ledger entry says of a batch that is too long to stand in it.

In: positions of items. Out: a SHA-256. Never: a digest that depends on the machine's byte order.
"""

from __future__ import annotations

import hashlib

import numpy as np

from goldseam.edge.store.tx import Positions


def digest(positions: Positions) -> str:
    """Return the SHA-256 over positions as little-endian 64-bit integers, in their order."""
    return hashlib.sha256(np.ascontiguousarray(positions, "<i8").tobytes()).hexdigest()
