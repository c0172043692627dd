"""An assignment's life: the table has every move, and no other is possible."""

from __future__ import annotations

from itertools import product

import pytest

from goldseam.annotate.states import TABLE, AssignmentState, Event, after
from goldseam.vocab.errors import LeaseLost

S, E = AssignmentState, Event

# Written out once more, so that a row that goes missing from the table is noticed.
MOVES = {
    (S.LEASED, E.SUBMIT): S.SUBMITTED,
    (S.LEASED, E.SKIP): S.SKIPPED,
    (S.LEASED, E.EXPIRE): S.EXPIRED,
    (S.EXPIRED, E.LEASE): S.LEASED,
    (S.EXPIRED, E.SUBMIT): S.SUBMITTED,
    (S.SUBMITTED, E.WITHDRAW): S.WITHDRAWN,
    (S.WITHDRAWN, E.LEASE): S.LEASED,
}


@pytest.mark.parametrize(("state", "event"), list(product(S, E)))
def test_each_event_leads_where_it_should_or_is_refused_with_what_is_possible(state, event):
    if (state, event) in MOVES:
        assert after(state, event) is MOVES[state, event]
        return
    with pytest.raises(LeaseLost) as refused:
        after(state, event)
    assert refused.value.fields == {"state": state.value, "event": event.value}
    possible = [e.value for s, e in MOVES if s is state]
    assert all(word in refused.value.message for word in possible or ["nothing more"])


def test_the_table_has_no_other_rows():
    assert dict(TABLE) == MOVES


def test_an_answer_can_be_taken_back_and_given_anew():
    state = S.LEASED
    for event in (E.SUBMIT, E.WITHDRAW, E.LEASE, E.EXPIRE, E.SUBMIT):
        state = after(state, event)
    assert state is S.SUBMITTED


def test_a_skipped_item_never_comes_back_to_the_same_person():
    assert not [event for state, event in TABLE if state is S.SKIPPED]
