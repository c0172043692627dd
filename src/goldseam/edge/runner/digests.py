"""Digests: what a ledger entry says of a batch that is too long to stand in it.

In: positions, settlements, suggestions. Out: a SHA-256. Never: a digest that depends on the machine's byte order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from goldseam.edge.store.tx import Positions
from goldseam.ledger.canonical import canonical


def digest(positions: Positions) -> str:
    """Return the SHA-256 over positions as little-endian 64-bit integers, in their order."""
    return hashlib.sha256(np.ascontiguousarray(positions, "<i8").tobytes()).hexdigest()


def digest_of_numbers(numbers: NDArray[np.floating]) -> str:
    """Return the SHA-256 over numbers as little-endian doubles, in their order."""
    return hashlib.sha256(np.ascontiguousarray(numbers, "<f8").tobytes()).hexdigest()


def digest_of_settlements(
    label: NDArray[np.integer],
    confidence: NDArray[np.floating],
    posterior: NDArray[np.floating],
    n_votes: NDArray[np.integer],
    escalated: NDArray[np.bool_],
    reason: Sequence[str],
    method: Sequence[str],
) -> str:
    """Return the SHA-256 over all that settlements say, in their order; `posterior` has a column for each label known then."""
    found = hashlib.sha256()
    for whole in (label, n_votes, escalated):
        found.update(np.ascontiguousarray(whole, "<i4").tobytes())
    for share in (confidence, posterior):
        found.update(np.ascontiguousarray(share, "<f8").tobytes())
    found.update(canonical([list(reason), list(method)]))
    return found.hexdigest()


def digest_of_suggestions(position: Positions, label: NDArray[np.integer], proba: NDArray[np.floating]) -> str:
    """Return the SHA-256 over suggestions, one after the other."""
    return hashlib.sha256(bytes_of_suggestions(position, label, proba)).hexdigest()


def bytes_of_suggestions(position: Positions, label: NDArray[np.integer], proba: NDArray[np.floating]) -> bytes:
    """Return of each suggestion position, label code and probabilities, as little-endian numbers of 64, 32 and 32 bits."""
    row = np.dtype([("position", "<i8"), ("label", "<i4"), ("proba", "<f4", (proba.shape[1],))])
    rows = np.empty(len(position), row)
    rows["position"], rows["label"], rows["proba"] = position, label, proba
    return rows.tobytes()
