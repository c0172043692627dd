"""Sealing: what somebody sent, as the hash that tells a repeat and the commitment that the ledger holds.

In: what was sent, as plain values. Out: `Sealed` for the row, a commitment for the entry. Never: the words themselves in either.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from goldseam.edge import keys
from goldseam.edge.store.talk import Sealed
from goldseam.ledger.canonical import canonical
from goldseam.ledger.entries import commitment


def digest_of(sent: Mapping[str, object]) -> str:
    """Return the hash of what was sent: equal for a repeat, another for anything else."""
    return hashlib.sha256(canonical(dict(sent))).hexdigest()


def sealed(sent: Mapping[str, object]) -> tuple[Sealed, str]:
    """Return what the row keeps, and the salted commitment for the entry."""
    salt = keys.new_salt()
    return Sealed(digest_of(sent), salt.hex()), commitment(salt, canonical(dict(sent)))
