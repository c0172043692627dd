"""Reasons: how many people it takes, whatever reasons they give, and what may follow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldseam.annotate.policy import Policy
from goldseam.annotate.reasons import (
    AWAY,
    USUAL,
    GoesTo,
    HoldState,
    Reason,
    check_decision,
    leaves_for,
    named,
)
from goldseam.vocab.errors import BadPolicy, BadValue, Conflict

STAYS = Reason("language", goes_to=GoesTo.OTHERS, people=1)
BAD = Reason("unreadable", goes_to=GoesTo.MANAGER, people=2)
WORSE = Reason("harmful", goes_to=GoesTo.QUARANTINE, people=1)


def test_people_who_want_an_item_elsewhere_count_together():
    assert leaves_for([("ann", BAD)]) is None
    assert leaves_for([("ann", BAD), ("ann", BAD)]) is None
    assert leaves_for([("ann", BAD), ("bob", Reason("no_label", goes_to=GoesTo.EXPERT, people=3))]) is not None
    assert leaves_for([("ann", BAD), ("bob", STAYS)]) is None
    assert leaves_for([("ann", WORSE)]) is WORSE


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from([*USUAL, STAYS])), max_size=12))
def test_an_item_leaves_by_flags_of_enough_people_and_stays_out_by_more(flags):
    found = leaves_for(flags)
    away = [(who, one) for who, one in flags if one.goes_to in AWAY]
    enough = bool(away) and len({who for who, _ in away}) >= min(one.people for _, one in away)
    assert (found is not None) == enough
    if found is not None:
        assert leaves_for([*flags, ("z", BAD)]) == found


def test_a_decision_follows_once_and_what_was_left_out_may_come_back():
    check_decision(HoldState.OPEN, HoldState.EXCLUDED)
    check_decision(HoldState.EXCLUDED, HoldState.PUT_BACK)
    for state, decision in ((HoldState.PUT_BACK, HoldState.EXCLUDED), (HoldState.EXCLUDED, HoldState.TO_EXPERT)):
        with pytest.raises(Conflict, match="already"):
            check_decision(state, decision)


def test_an_unknown_reason_names_the_nearest():
    assert named(USUAL, "unsure").goes_to is GoesTo.OTHERS
    with pytest.raises(BadValue, match="Did you mean 'harmful'"):
        named(USUAL, "harmfull")
    with pytest.raises(BadValue, match="It has none"):
        named((), "unsure")


@pytest.mark.parametrize(
    "wrong",
    [{"name": "Not Mine"}, {"name": ""}, {"name": "a", "people": 0}, {"name": "a", "title": "x" * 201}],
)
def test_a_reason_of_the_wrong_form_is_refused(wrong):
    with pytest.raises(BadPolicy, match="reasons"):
        Reason(**wrong)


def test_a_list_names_each_reason_once_and_is_not_too_long_to_choose_from():
    with pytest.raises(BadPolicy, match="twice"):
        Policy(reasons=(BAD, BAD))
    with pytest.raises(BadPolicy, match="at most 50"):
        Policy(reasons=tuple(Reason(f"r{n}") for n in range(51)))
