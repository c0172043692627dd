"""Gold: which assignment is a hidden gold check; unpredictable without the seed, the same again with it.

In: annotator, how many they were given, the rate, the project's secret seed. Out: yes or no, and which gold item.
Never: a pattern that an annotator could learn.
"""

from __future__ import annotations

import hashlib

from goldseam.vocab.errors import BadValue
from goldseam.vocab.people import AnnotatorId

SEED_BYTES = 16
"""A seed is at least this long: shorter ones could be guessed."""


def wants_gold(annotator: AnnotatorId, n_leased: int, rate: float, seed: bytes) -> bool:
    """Return whether this annotator's assignment number `n_leased` (from 0) is to be a gold check."""
    return _uniform(annotator, n_leased, b"whether", seed) < rate


def which_gold(annotator: AnnotatorId, n_leased: int, n_candidates: int, seed: bytes) -> int:
    """Return which of `n_candidates` gold items to show, as an index from 0."""
    if n_candidates < 1:
        raise BadValue("There is no gold item left that this annotator has not seen.")
    return int(_uniform(annotator, n_leased, b"which", seed) * n_candidates)


def _uniform(annotator: AnnotatorId, n_leased: int, purpose: bytes, seed: bytes) -> float:
    """Return a number from 0 to 1 (excluded) by a keyed hash: 53 bits, as many as a float holds."""
    if len(seed) < SEED_BYTES:
        raise BadValue(f"The seed of gold checks has at least {SEED_BYTES} bytes; got {len(seed)}.")
    # The key of blake2b ends at 64 bytes; a longer seed is hashed down to one.
    key = seed if len(seed) <= hashlib.blake2b.MAX_KEY_SIZE else hashlib.blake2b(seed).digest()
    message = f"{n_leased}\n{annotator}".encode()
    digest = hashlib.blake2b(message, key=key, digest_size=8, person=b"gold." + purpose).digest()
    return (int.from_bytes(digest) >> 11) / (1 << 53)
