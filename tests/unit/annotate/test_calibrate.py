"""A session's table, and its bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldseam.annotate.calibrate import TABLE, SessionEvent, SessionState, after, check_size
from goldseam.vocab.errors import BadValue, NotReady


@given(st.sampled_from(SessionState), st.sampled_from(SessionEvent))
def test_nothing_becomes_blind_again_and_every_move_is_in_the_table(state: SessionState, event: SessionEvent) -> None:
    if (state, event) in TABLE:
        assert after(state, event) is TABLE[state, event]
        assert after(state, event) is not SessionState.BLIND
    else:
        with pytest.raises(NotReady, match="possible"):
            after(state, event)


@pytest.mark.parametrize(("n_items", "n_people"), [(0, 3), (101, 3), (5, 1), (5, 51)])
def test_a_session_that_compares_nobody_or_that_nobody_could_discuss_is_refused(n_items: int, n_people: int) -> None:
    with pytest.raises(BadValue, match="A session has"):
        check_size(n_items, n_people)
