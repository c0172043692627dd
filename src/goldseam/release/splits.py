"""Splits: which items train, which validate and which test; the same in every release.

In: item ids and the shares. Out: the split of each. Never: chance; an item keeps its split as long as the shares stay.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from enum import StrEnum

import numpy as np

from goldseam.release.policy import Policy
from goldseam.vocab.items import ItemId

HEAD = b"goldseam.split.v1\n"


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


def split_all(items: Sequence[str], policy: Policy) -> list[Split]:
    """Return the split of each item, as `split_of` does."""
    sha256 = hashlib.sha256
    heads = b"".join([sha256(HEAD + item.encode()).digest()[:8] for item in items])
    place = np.frombuffer(heads, ">u8").astype(np.float64) / 2**64
    rest = Split.TEST if policy.validation == 0 else Split.VALIDATION
    kinds = [Split.TEST, rest, Split.TRAIN]
    no_train = policy.train == 0
    code = np.where(place < policy.test, 0, np.where(no_train | (place < policy.test + policy.validation), 1, 2))
    return [kinds[each] for each in code.tolist()]
