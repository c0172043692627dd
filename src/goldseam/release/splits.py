"""Splits: which items train, which validate and which test; the same in every release.

In: item ids and the shares. Out: the split of each. Never: chance; an item keeps its split as long as the shares stay.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from enum import StrEnum

from goldseam.release.policy import Policy
from goldseam.vocab.items import ItemId


class Split(StrEnum):
    """What an item is for."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


def split_of(item: ItemId, policy: Policy) -> Split:
    """Return the split of an item, by a hash of its id.

    The test share lies at the bottom of the scale, then validation: growing `train` never moves an item into `test`.
    """
    digest = hashlib.sha256(b"goldseam.split.v1\n" + item.encode()).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64
    if place < policy.test:
        return Split.TEST
    # The last comparison is against 1 where nothing is left to train on, so that rounding cannot make a third.
    if policy.train == 0 or place < policy.test + policy.validation:
        return Split.VALIDATION if policy.validation else Split.TEST
    return Split.TRAIN


def split_all(items: Iterable[ItemId], policy: Policy) -> list[Split]:
    """Return the split of each item."""
    return [split_of(item, policy) for item in items]
