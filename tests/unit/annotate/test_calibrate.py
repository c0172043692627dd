"""A session's table, and how much an item is disagreed on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldseam.annotate.calibrate import TABLE, SessionEvent, SessionState, after, check_size, disagreement, measure
from goldseam.stats.votes import Votes
from goldseam.vocab.errors import BadValue, NotReady


@given(st.sampled_from(SessionState), st.sampled_from(SessionEvent))
def test_nothing_becomes_blind_again_and_every_move_is_in_the_table(state: SessionState, event: SessionEvent) -> None:
    if (state, event) in TABLE:
        assert after(state, event) is TABLE[state, event]
        assert after(state, event) is not SessionState.BLIND
    else:
        with pytest.raises(NotReady, match="possible"):
            after(state, event)


@given(st.lists(st.lists(st.integers(0, 6), min_size=3, max_size=3), min_size=1, max_size=8))
def test_disagreement_is_the_share_of_pairs_that_differ(counts: list[list[int]]) -> None:
    found = disagreement(np.array(counts))
    for row, share in zip(counts, found.tolist(), strict=True):
        votes = [label for label, n in enumerate(row) for _ in range(n)]
        pairs = [(a, b) for at, a in enumerate(votes) for b in votes[at + 1 :]]
        right = sum(a != b for a, b in pairs) / len(pairs) if pairs else 0.0
        assert share == pytest.approx(right)


def test_agreement_comes_with_its_interval_or_with_a_reason() -> None:
    item, who = np.repeat(np.arange(6, dtype=np.int32), 2), np.tile(np.arange(2, dtype=np.int32), 6)
    label = np.array([0, 0, 1, 1, 0, 0, 1, 1, 0, 1, 1, 1], np.int32)
    votes = Votes(np.arange(6), np.array(["a", "b"], object), ("neg", "pos"), item, who, label)
    found = measure(votes, np.random.default_rng(0))
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.value <= found.high
    none = measure(votes.where(np.zeros(12, bool)), np.random.default_rng(0))
    assert (none.value, none.low, bool(none.reason)) == (None, None, True)


@pytest.mark.parametrize(("n_items", "n_people"), [(0, 3), (101, 3), (5, 1), (5, 51)])
def test_a_session_that_compares_nobody_or_that_nobody_could_discuss_is_refused(n_items: int, n_people: int) -> None:
    with pytest.raises(BadValue, match="A session has"):
        check_size(n_items, n_people)
