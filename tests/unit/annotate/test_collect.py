"""Collecting: a submission is checked whole, then becomes one annotation per question."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from goldseam.annotate.collect import Held, Submission, collect
from goldseam.annotate.fits import Extent
from goldseam.annotate.states import AssignmentState
from goldseam.vocab.annotations import Purpose, Reaction
from goldseam.vocab.answers import Abstain, Box, Boxes, Choice, Rating, Span, Spans
from goldseam.vocab.errors import BadAnswer, BadValue, LeaseLost
from goldseam.vocab.schema import AskIf, Label, Question, QuestionKind, Schema

NOW = datetime(2026, 11, 21, tzinfo=UTC)
ID = "01934b2a-7c11-7d3e-9a5b-0123456789ab"
MOOD = Question("mood", QuestionKind.CHOICE, labels=(Label("good"), Label("bad")))
SCHEMA = Schema((MOOD, Question("stars", QuestionKind.RATING)))
HELD = Held("as1", "item", "ann", "token", AssignmentState.LEASED, Purpose.LABEL)
SENT = Submission(ID, "as1", "token", {"mood": Choice("good"), "stars": Rating(4)}, 1.5, 1, 1)


def take(sent=SENT, held=HELD, schema=SCHEMA, schema_version=1, still_wanted=True):
    return collect(sent, held, schema, schema_version, still_wanted=still_wanted, now=NOW)


def one(answer, held=HELD, kind=QuestionKind.CHOICE):
    labels = (Label("good"), Label("bad"))
    return take(replace(SENT, answers={"q": answer}), held, Schema((Question("q", kind, labels=labels),)))


def test_a_submission_becomes_one_annotation_per_question_in_the_schemas_order():
    first, second = take()
    assert (first.id, first.question, first.answer) == (ID, "mood", Choice("good"))
    assert (second.id, second.question, second.answer) == (f"{ID}.1", "stars", Rating(4))
    assert {a.annotator for a in (first, second)} == {"ann"}
    assert {a.at for a in (first, second)} == {NOW}
    assert (first.purpose, first.seconds, first.surplus) == (Purpose.LABEL, 1.5, False)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"answers": {"mood": Choice("good")}}, BadAnswer),
        ({"answers": {"mood": Choice("fine"), "stars": Rating(4)}}, BadAnswer),
        ({"answers": {"mood": Choice("good"), "stars": Rating(9)}}, BadAnswer),
        ({"answers": {**SENT.answers, "moood": Choice("good")}}, BadAnswer),
        ({"answers": {"mood": Rating(1), "stars": Rating(4)}}, BadAnswer),
        ({"token": "another"}, LeaseLost),
        ({"assignment": "as2"}, LeaseLost),
        ({"id": "1"}, BadValue),
        ({"id": ID.replace("-7", "-4")}, BadValue),
        ({"schema_version": 2}, BadValue),
        ({"schema_version": 0}, BadValue),
        ({"seconds": -1.0}, BadValue),
    ],
)
def test_a_submission_that_does_not_fit_is_refused_whole(changes, error):
    with pytest.raises(error):
        take(replace(SENT, **changes))


@pytest.mark.parametrize("state", [AssignmentState.SUBMITTED, AssignmentState.SKIPPED, AssignmentState.WITHDRAWN])
def test_an_assignment_that_is_over_takes_no_answer(state):
    with pytest.raises(LeaseLost):
        take(held=replace(HELD, state=state))


def test_a_late_answer_counts_if_it_is_still_wanted_and_is_surplus_if_not():
    late = replace(HELD, state=AssignmentState.EXPIRED)
    assert [a.surplus for a in take(held=late)] == [False, False]
    assert [a.surplus for a in take(held=late, still_wanted=False)] == [True, True]
    assert [a.surplus for a in take(still_wanted=False)] == [False, False]


def test_the_reaction_to_a_suggestion_is_recorded_for_the_main_question_only():
    for suggestion, reaction in ((None, Reaction.NONE), ("good", Reaction.CONFIRMED), ("bad", Reaction.CORRECTED)):
        first, second = take(held=replace(HELD, suggestion=suggestion))
        assert (first.reaction, second.reaction) == (reaction, Reaction.NONE)


def test_an_abstention_is_an_answer_and_no_reaction():
    (found,) = one(Abstain("unclear"), replace(HELD, suggestion="bad"))
    assert (found.answer, found.reaction) == (Abstain("unclear"), Reaction.NONE)


def test_spans_lie_within_the_text():
    held = replace(HELD, extent=Extent(n_chars=10))
    assert one(Spans((Span(0, 10, "good"),)), held, QuestionKind.SPAN)
    with pytest.raises(BadAnswer, match="10 characters"):
        one(Spans((Span(0, 2, "good"), Span(3, 11, "good"))), held, QuestionKind.SPAN)


def test_boxes_lie_on_the_image_and_turned_ones_near_it():
    held = replace(HELD, extent=Extent(width=100, height=50))
    assert one(Boxes((Box(0, 0, 100, 50, "good"),)), held, QuestionKind.BOX)
    assert one(Boxes((Box(2, 10, 20, 20, "good", rotation=45.0),)), held, QuestionKind.BOX)
    for wrong in (Box(-1, 0, 5, 5, "good"), Box(0, 40, 5, 11, "good"), Box(500, 0, 5, 5, "good", rotation=45.0)):
        with pytest.raises(BadAnswer, match="100 x 50"):
            one(Boxes((wrong,)), held, QuestionKind.BOX)


def test_a_question_whose_condition_does_not_hold_is_neither_wanted_nor_taken():
    belt = Question("belt", labels=(Label("on"), Label("off")), ask_if=AskIf("person", ("yes",)))
    tree = Schema((Question("person", labels=(Label("yes"), Label("no"))), belt))

    def given(**answers):
        return [a.question for a in take(replace(SENT, answers=answers), schema=tree)]

    assert given(person=Choice("no")) == ["person"]
    assert given(person=Choice("yes"), belt=Choice("off")) == ["person", "belt"]
    with pytest.raises(BadAnswer, match="'belt' has no answer"):
        given(person=Choice("yes"))
    with pytest.raises(BadAnswer, match="'belt' is not asked after these answers"):
        given(person=Choice("no"), belt=Choice("on"))
