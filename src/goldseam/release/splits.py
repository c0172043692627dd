"""Splits: which items train, which validate and which test; the same in every release.

In: item ids and the shares. Out: the split of each. Never: chance; an item keeps its split as long as the shares stay.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from enum import StrEnum

import numpy as np

from goldseam.formats.texts import Coded, Digits
from goldseam.release.policy import Policy
from goldseam.vocab.items import ItemId

HEAD = b"goldseam.split.v1\n"
TOGETHER = 50_000
"""Ids that are hashed at a time: what is hashed stands in memory for so many."""


class Split(StrEnum):
    """What an item is for."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


def split_of(item: ItemId, policy: Policy) -> Split:
    """Return the split of an item, by a hash of its id.

    The test share lies at the bottom of the scale, then validation: growing `train` never moves an item into `test`.
    """
    digest = hashlib.sha256(HEAD + item.encode()).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64
    if place < policy.test:
        return Split.TEST
    # The last comparison is against 1 where nothing is left to train on, so that rounding cannot make a third.
    if policy.train == 0 or place < policy.test + policy.validation:
        return Split.VALIDATION if policy.validation else Split.TEST
    return Split.TRAIN


def split_all(items: Sequence[str], policy: Policy) -> Coded:
    """Return the split of each item, as `split_of` does, by name."""
    parts = [_heads(items[start : start + TOGETHER]) for start in range(0, len(items), TOGETHER)]
    place = np.frombuffer(b"".join(parts), ">u8").astype(np.float64) / 2**64
    rest = Split.TEST if policy.validation == 0 else Split.VALIDATION
    no_train = policy.train == 0
    code = np.where(place < policy.test, 0, np.where(no_train | (place < policy.test + policy.validation), 1, 2))
    return Coded(code.astype(np.int8), [Split.TEST.value, rest.value, Split.TRAIN.value])


def _heads(items: Sequence[str]) -> bytes:
    """Return the first eight bytes of the hash of each id."""
    digests = b"".join([made.digest() for made in map(hashlib.sha256, _hashed(items))])
    return np.frombuffer(digests, np.uint8).reshape(-1, 32)[:, :8].tobytes()


def _hashed(items: Sequence[str]) -> list[bytes]:
    """Return what is hashed of each id; digits are laid out beside the head without a text of their own."""
    if not isinstance(items, Digits):
        return [HEAD + item.encode() for item in items]
    ids = items.ascii()
    rows = np.empty((len(ids), len(HEAD) + ids.itemsize), np.uint8)
    rows[:, : len(HEAD)] = np.frombuffer(HEAD, np.uint8)
    rows[:, len(HEAD) :] = ids.view(np.uint8).reshape(len(ids), ids.itemsize)
    found: list[bytes] = rows.view(np.dtype((np.void, rows.shape[1]))).ravel().tolist()  # type: ignore[assignment]  # of void they are bytes
    return found
