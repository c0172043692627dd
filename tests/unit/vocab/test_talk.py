"""What people say is text with bounds; a thread stands as the last comment left it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldseam.vocab.errors import BadValue
from goldseam.vocab.talk import (
    MAX_WORDS,
    MOVES,
    About,
    Comment,
    Decision,
    Dispute,
    DisputeState,
    Proposal,
    Say,
    ThreadState,
    check_words,
    state_after,
)

AT = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)


def a_proposal(**changed: Any) -> Proposal:
    return Proposal(
        **{"id": "p", "by": "ann", "about": About.CLAUSE, "text": "Be fair.", "guideline_version": 1, "at": AT}
        | changed
    )


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "{{7*7}}", "a\nb\tc", "ünïcode 漢字", "=1+1", "'; DROP"])
def test_markup_is_text_like_any_other(text: str) -> None:
    assert Comment("c", "t", "ann", Say.COMMENT, text, AT).text == text  # type: ignore[arg-type]  # plain values do where the hint is narrower


@pytest.mark.parametrize("text", ["", "  \n", "a\x00b", "a\x1b[31m", "\ud800", "x" * (MAX_WORDS + 1)])
def test_a_text_that_nobody_could_read_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        check_words(text, "A comment")


def test_only_a_close_may_be_without_words() -> None:
    assert Comment("c", "t", "rev", Say.CLOSE, "", AT).text == ""  # type: ignore[arg-type]  # plain values do where the hint is narrower
    with pytest.raises(BadValue, match="some words"):
        Comment("c", "t", "rev", Say.REPLY, "", AT)  # type: ignore[arg-type]  # wrong on purpose


def test_the_table_of_a_thread_is_whole_but_for_closing_twice() -> None:
    missing = {(state, say) for state in ThreadState for say in Say if say not in MOVES[state]}
    assert missing == {(ThreadState.CLOSED, Say.CLOSE)}


@given(st.lists(st.sampled_from([Say.COMMENT, Say.REPLY])))
def test_whose_turn_it_is_follows_from_the_last_word(said: list[Say]) -> None:
    expected = ThreadState.ANSWERED if said and said[-1] is Say.REPLY else ThreadState.OPEN
    assert state_after(said) is expected
    assert state_after([*said, Say.CLOSE]) is ThreadState.CLOSED
    assert state_after([*said, Say.CLOSE, Say.COMMENT]) is ThreadState.OPEN


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": ""},
        {"label": "pos"},
        {"about": About.LABEL},
        {"about": About.LABEL, "label": "pos", "clause": "Be fair."},
        {"about": About.LABEL, "label": "pos", "item": "i"},
        {"about": About.WORKED_EXAMPLE, "label": "pos"},
        {"decision": Decision("own", AT, "Good.", 1)},  # type: ignore[arg-type]  # plain values do where the hint is narrower
    ],
)
def test_a_proposal_that_contradicts_itself_cannot_be_born(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadValue):
        a_proposal(**wrong)


def test_what_is_decided_has_a_decision() -> None:
    with pytest.raises(BadValue, match="no decision yet"):
        Dispute("d", "i", "ann", "pos", "It is praise.", AT, DisputeState.UPHELD)  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises(BadValue, match="some words"):
        Decision("own", AT, " ", 1)  # type: ignore[arg-type]  # wrong on purpose
