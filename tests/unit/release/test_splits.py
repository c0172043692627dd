"""Splits: every item has one, and keeps it."""

from __future__ import annotations

import hashlib
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from goldseam.release.policy import Policy
from goldseam.release.splits import Split, split_all, split_of

IDS = [hashlib.sha256(b"%d" % n).hexdigest()[:32] for n in range(20_000)]


def test_shares_are_kept_within_chance() -> None:
    counts = Counter(split_all(IDS, Policy(0.7, 0.2, 0.1)))
    for split, share in ((Split.TRAIN, 0.7), (Split.VALIDATION, 0.2), (Split.TEST, 0.1)):
        assert abs(counts[split] / len(IDS) - share) < 0.015


def test_an_items_split_is_this_one_for_ever() -> None:
    assert [split_of(item, Policy()).value for item in IDS[:20]] == EXPECTED


def test_an_item_that_was_tested_on_never_becomes_training_data_when_train_shrinks() -> None:
    small, large = Policy(0.5, 0.4, 0.1), Policy(0.8, 0.1, 0.1)
    for item in IDS[:2_000]:
        assert (split_of(item, small) is Split.TEST) == (split_of(item, large) is Split.TEST)


@given(st.sampled_from(IDS), st.sampled_from([(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (0.0, 0.5, 0.5)]))
def test_a_share_of_nothing_gets_nothing(item: str, shares: tuple[float, float, float]) -> None:
    policy = Policy(*shares)
    assert getattr(policy, split_of(item, policy).value) > 0


EXPECTED = [
    "train",
    "train",
    "train",
    "train",
    "test",
    "train",
    "train",
    "train",
    "train",
    "validation",
    "train",
    "train",
    "train",
    "train",
    "train",
    "test",
    "train",
    "train",
    "test",
    "train",
]
