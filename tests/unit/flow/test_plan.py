"""The plan: the next step follows from the state alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from goldseam.audit.gate import Gate, Reason
from goldseam.audit.policy import Policy as AuditPolicy
from goldseam.flow.plan import Stage, StepState, Verb, plan
from goldseam.flow.settings import Settings
from goldseam.flow.state import State
from goldseam.prelabel.policy import Policy as PrelabelPolicy
from goldseam.vocab.errors import BadValue
from goldseam.vocab.schema import Label, Question, Schema

SETTINGS = Settings("demo", Schema((Question("q", labels=(Label("a"), Label("b"))),)))
CLOSED = Gate((Reason("alpha_broken", "Alpha is 0.20.", blocks=True), Reason("gold_few", "Few.", blocks=False)))

NEW = State(n_unread_sources=1)
READ = State(n_items=500, n_pool=500)
DRAWN = State(n_items=500, n_pool=400, n_here=100, n_unrouted_here=100)
ROUTED = replace(DRAWN, n_unrouted_here=0, n_wanted_here=300)
ANSWERED = replace(ROUTED, n_wanted_here=0, n_given_here=300, n_unsettled_here=100)
ESCALATED = replace(ANSWERED, n_unsettled_here=0, n_settled=97, n_escalated=3)
SETTLED = replace(ESCALATED, n_settled=100, n_escalated=0)
MEASURED = replace(SETTLED, measured_here=True, gate=Gate(), can_train=True)
RELEASED = replace(MEASURED, released_here=True)
TRAINED = replace(RELEASED, trained_here=True, champion="m1")
SECOND = State(round=2, n_items=500, n_pool=400, n_unscored=400, champion="m1", can_train=True)


@pytest.mark.parametrize(
    ("state", "stage", "verb", "needs_person"),
    [
        (NEW, Stage.SOURCE, Verb.TAKE_IN, False),
        (State(), Stage.SOURCE, Verb.TAKE_IN, True),
        (READ, Stage.SAMPLE, Verb.DRAW, False),
        (DRAWN, Stage.ROUTE, Verb.ASSIGN, False),
        (ROUTED, Stage.ANNOTATE, Verb.COLLECT, True),
        (ANSWERED, Stage.ADJUDICATE, Verb.SETTLE, False),
        (ESCALATED, Stage.ADJUDICATE, Verb.RULE, True),
        (SETTLED, Stage.AUDIT, Verb.MEASURE, False),
        (MEASURED, Stage.RELEASE, Verb.PUBLISH, False),
        (replace(MEASURED, gate=CLOSED), Stage.RELEASE, Verb.PUBLISH, True),
        (RELEASED, Stage.RETRAIN, Verb.TRAIN, False),
        (replace(RELEASED, can_train=False), Stage.FLOW, Verb.END_ROUND, False),
        (TRAINED, Stage.FLOW, Verb.END_ROUND, False),
        (SECOND, Stage.PRELABEL, Verb.PROPOSE, False),
        (replace(SECOND, n_unscored=0), Stage.SAMPLE, Verb.DRAW, False),
    ],
)
def test_each_state_has_its_next_step(state, stage, verb, needs_person):
    found = plan(state, SETTINGS)
    assert found.next is not None
    assert (found.next.stage, found.next.verb, found.next.needs_person) == (stage, verb, needs_person)
    assert found.next.state is (StepState.WAITING if needs_person else StepState.NEXT)
    assert found.next.text
    assert sum(step.state in {StepState.NEXT, StepState.WAITING} for step in found.steps) == 1


def test_the_steps_of_a_round_stand_in_order():
    stages = [step.stage for step in plan(SECOND, SETTINGS).steps]
    assert list(dict.fromkeys(stages)) == [
        Stage.SOURCE,
        Stage.PRELABEL,
        Stage.SAMPLE,
        Stage.ROUTE,
        Stage.ANNOTATE,
        Stage.ADJUDICATE,
        Stage.AUDIT,
        Stage.RELEASE,
        Stage.RETRAIN,
        Stage.FLOW,
    ]
    states = [step.state for step in plan(ROUTED, SETTINGS).steps]
    assert states == [StepState.DONE] * 3 + [StepState.WAITING] + [StepState.LATER] * 6
    states = [step.state for step in plan(ANSWERED, SETTINGS).steps]
    assert states == [StepState.DONE] * 4 + [StepState.NEXT] + [StepState.LATER] * 5


def test_a_closed_gate_waits_for_a_person_and_says_what_blocks():
    step = plan(replace(MEASURED, gate=CLOSED), SETTINGS).next
    assert step is not None
    assert "Alpha is 0.20." in step.text
    assert "Few." not in step.text


def test_escalated_items_hold_nothing_up_where_the_policy_leaves_them_out():
    settings = replace(SETTINGS, audit=AuditPolicy(escalated="leave_out"))
    assert plan(ESCALATED, settings).next.stage is Stage.AUDIT
    assert Verb.RULE not in [step.verb for step in plan(ESCALATED, settings).steps]


def test_without_a_suggester_nothing_is_trained():
    settings = replace(SETTINGS, prelabel=PrelabelPolicy(suggester="none"))
    assert plan(RELEASED, settings).next.verb is Verb.END_ROUND


def test_a_source_that_grew_is_read_before_anything_else_and_what_is_done_stays_done():
    found = plan(replace(ANSWERED, n_unread_sources=1), SETTINGS)
    assert found.next.verb is Verb.TAKE_IN
    assert [step.state for step in found.steps if step.verb is Verb.DRAW] == [StepState.DONE]


def test_a_late_answer_settles_and_measures_anew_but_releases_nothing_twice():
    late = replace(TRAINED, n_unsettled_here=1, measured_here=False)
    assert plan(late, SETTINGS).next.verb is Verb.SETTLE
    assert plan(replace(late, n_unsettled_here=0), SETTINGS).next.verb is Verb.MEASURE


def test_a_drawn_round_keeps_the_suggestions_it_was_drawn_by():
    assert plan(replace(DRAWN, champion="m1", n_unscored=400), SETTINGS).next.verb is Verb.ASSIGN


@pytest.mark.parametrize(
    ("state", "settings", "word"),
    [
        (replace(READ, n_pool=0), SETTINGS, "pool is empty"),
        (replace(SECOND, round=3), replace(SETTINGS, rounds=2), "Round 2 was the last"),
    ],
)
def test_a_project_ends_when_the_pool_is_empty_or_the_rounds_are_done(state, settings, word):
    found = plan(state, settings)
    assert found.next is None
    assert found.steps == ()
    assert word in found.finished


def test_the_last_round_is_run_to_its_end():
    assert plan(TRAINED, replace(SETTINGS, rounds=1)).next.verb is Verb.END_ROUND
    assert plan(replace(DRAWN, n_pool=0), SETTINGS).next.verb is Verb.ASSIGN


def test_an_empty_pool_is_no_end_while_a_source_is_unread():
    found = plan(replace(READ, n_pool=0, n_unread_sources=1), SETTINGS)
    assert found.next.verb is Verb.TAKE_IN
    assert found.finished == ""


@pytest.mark.parametrize("wrong", [{"round": 0}, {"n_items": -1}, {"n_items": 1, "n_pool": 2}])
def test_a_state_that_cannot_be_is_refused(wrong):
    with pytest.raises(BadValue):
        State(**wrong)
