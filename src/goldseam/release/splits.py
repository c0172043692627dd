"""Splits: which items train, which validate and which test; the same in every release.

In: item ids and the shares. Out: the split of each. Never: chance; an item keeps its split as long as the shares stay.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from enum import StrEnum

import numpy as np

from goldseam.formats.texts import Coded
from goldseam.release.policy import Policy
from goldseam.vocab.items import ITEM_ID_DIGITS, ItemId

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


def split_all(items: Sequence[str], policy: Policy) -> Coded:
    """Return the split of each item, as `split_of` does, by name."""
    sha256 = hashlib.sha256
    heads = b"".join([sha256(HEAD + item).digest()[:8] for item in _bytes(items)])
    place = np.frombuffer(heads, ">u8").astype(np.float64) / 2**64
    rest = Split.TEST if policy.validation == 0 else Split.VALIDATION
    no_train = policy.train == 0
    code = np.where(place < policy.test, 0, np.where(no_train | (place < policy.test + policy.validation), 1, 2))
    return Coded(code, [Split.TEST.value, rest.value, Split.TRAIN.value])


def _bytes(items: Sequence[str]) -> list[bytes]:
    """Return ids as bytes, which are cut from one text where all are equally long."""
    each = list(items)
    whole = "".join(each).encode()
    if set(map(len, each)) != {ITEM_ID_DIGITS} or len(whole) != len(each) * ITEM_ID_DIGITS:
        return [item.encode() for item in each]
    return [whole[start : start + ITEM_ID_DIGITS] for start in range(0, len(whole), ITEM_ID_DIGITS)]
