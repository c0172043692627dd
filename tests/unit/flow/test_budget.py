"""Budgets: a project never asks for more answers than it may pay for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldseam.flow.plan import Verb, affordable, plan
from goldseam.flow.settings import Budget, settings_from_plain
from goldseam.flow.state import State
from goldseam.vocab.errors import BadPolicy, BadProjectFile

PLAIN = {"name": "x", "schema": {"questions": [{"name": "q", "labels": ["a", "b"]}]}}


def settings(budget, batch=100, redundancy=3):
    return settings_from_plain(
        PLAIN | {"budget": budget, "sample": {"batch": batch}, "route": {"redundancy": redundancy}}
    )


def test_the_last_draw_is_as_large_as_the_budget_pays_for():
    state = State(n_items=900, n_pool=500, n_asked=90)
    assert affordable(state, settings({"answers": 200})) == 36
    assert affordable(state, settings({"answers": 5000})) == 100
    assert affordable(state, settings({})) == 100
    draw = next(step for step in plan(state, settings({"answers": 200})).steps if step.verb is Verb.DRAW)
    assert draw.text == "Draw 36 items (auto)."


def test_money_buys_answers_at_their_price():
    assert Budget(money=10.0, price_per_answer=0.1).most_answers == 100
    assert Budget(answers=30, money=10.0, price_per_answer=0.1).most_answers == 30
    assert Budget().most_answers is None


def test_a_spent_budget_ends_the_project_and_says_so():
    found = plan(State(n_items=900, n_pool=500, n_asked=199), settings({"answers": 200}))
    assert found.next is None
    assert "budget is spent" in found.finished


def test_a_round_that_is_under_way_is_finished_all_the_same():
    found = plan(State(n_items=900, n_pool=500, n_here=30, n_wanted_here=5, n_asked=200), settings({"answers": 200}))
    assert found.next is not None
    assert found.next.verb is Verb.COLLECT


@pytest.mark.parametrize("budget", [{"answers": 0}, {"money": 5.0}, {"money": -1.0, "price_per_answer": 1.0}])
def test_a_budget_that_cannot_be_reckoned_with_is_refused(budget):
    with pytest.raises((BadPolicy, BadProjectFile), match="budget"):
        settings(budget)


@given(st.integers(1, 500), st.integers(1, 60), st.integers(1, 7), st.integers(0, 600))
def test_whatever_is_drawn_the_budget_is_never_exceeded(answers, batch, redundancy, asked):
    n = affordable(State(n_items=900, n_pool=500, n_asked=asked), settings({"answers": answers}, batch, redundancy))
    assert 0 <= n <= batch
    assert n == 0 or asked + n * redundancy <= answers
