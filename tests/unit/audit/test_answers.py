"""Answers of any kind against gold: each kind by its own measure."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldseam.adjudicate.answers import Known, decide, decide_all
from goldseam.adjudicate.kinds import Said
from goldseam.adjudicate.policy import Policy as Settling
from goldseam.audit.answers import MEASURES, likeness, measure_question
from goldseam.audit.policy import Policy
from goldseam.testing import answers as made
from goldseam.vocab.answers import Abstain, Answer, Box, Boxes, Choice, LabelName, Number, Rating, Span, Spans
from goldseam.vocab.schema import AskIf, Label, Question, QuestionKind, QuestionName, Schema

X = LabelName("x")
LABELS = (Label(X), Label(LabelName("y")))
STARS = Question(QuestionName("stars"), QuestionKind.RATING)
SPANS = Question(QuestionName("names"), QuestionKind.SPAN, labels=LABELS)
POLICY = Policy(draws=20)


def test_every_kind_has_its_measure() -> None:
    assert MEASURES.keys() == set(QuestionKind)


def test_likeness_is_that_of_the_kind() -> None:
    spans = (Spans((Span(0, 3, X), Span(5, 6, X))), Spans((Span(0, 3, X),)))
    assert likeness(SPANS, [spans]) == [pytest.approx(2 / 3)]
    boxes = Question(QuestionName("b"), QuestionKind.BOX, labels=LABELS)
    half = (Boxes((Box(0, 0, 10, 10, X),)), Boxes((Box(0, 0, 10, 5, X),)))
    assert likeness(boxes, [half]) == [pytest.approx(0.5)]
    number = Question(QuestionName("n"), QuestionKind.NUMBER, minimum=0, maximum=10)
    assert likeness(number, [(Number(4), Number(5)), (Abstain(), Number(5))]) == [0.9, 0.0]


@given(st.data(), st.sampled_from(list(QuestionKind)))
def test_an_answer_is_wholly_like_itself(data: st.DataObject, kind: QuestionKind) -> None:
    question = data.draw(made.questions(kind))
    answer = data.draw(made.answers(question).filter(lambda one: not isinstance(one, Abstain)))
    assert likeness(question, [(answer, answer)]) == [1.0]


def said(*answers: Answer, item: int = 0) -> list[Said]:
    return [Said(str(item), f"p{nth}", answer) for nth, answer in enumerate(answers)]


def test_gold_settles_an_item_and_its_votes_are_judged() -> None:
    known = Known(said(Rating(1), Rating(1), Rating(1)) + said(Rating(5), Rating(5), item=1), gold={0: Rating(5)})
    decided = decide(STARS, known, Settling())
    assert decided[0].answer == Rating(5) and decided[0].voted == Rating(1) and decided[0].method == "gold"
    found = measure_question(STARS, known.said, decided, known.gold, POLICY, np.random.default_rng(1))
    assert found.accuracy.value == 0 and found.accuracy.n == 1 and found.accuracy.reason == "mean error 4"
    assert found.accuracy.measure == "closeness on the scale" and found.agreement.value == 1


def test_an_item_of_which_everybody_abstained_and_one_of_doubt_are_escalated() -> None:
    known = Known(
        said(Rating(1), Rating(3), Rating(5)) + said(Rating(4), Rating(4), Rating(4), item=1), silent=frozenset({2})
    )
    decided = decide(STARS, known, Settling(escalate_below=0.6))
    assert [one.escalated for one in decided] == [True, False, True]
    assert [one.escalated for one in decide(STARS, known, Settling(escalate_below=0.0))] == [False, False, True]
    assert all(one.escalated for one in decide(STARS, known, Settling(min_votes=4)))


def test_what_depends_on_an_answer_that_waits_for_a_ruling_waits_too() -> None:
    why = Question(QuestionName("why"), QuestionKind.CHOICE, labels=LABELS, ask_if=AskIf(STARS.name, at_most=2))
    schema = Schema((STARS, why))
    doubtful = Known(said(Rating(1), Rating(3), Rating(5)))
    reasons = Known(said(Choice(X)))
    policy = Settling(escalate_below=0.6)
    assert decide_all(schema, schema.questions, {STARS.name: doubtful, why.name: reasons}, policy)[why.name] == ()
    ruled = Known(doubtful.said, rulings={0: Rating(2)})
    found = decide_all(schema, schema.questions, {STARS.name: ruled, why.name: reasons}, policy)
    assert [one.answer for one in found[why.name]] == [Choice(X)]
    found = decide_all(schema, [why], {why.name: reasons}, policy, settled={0: Rating(5)})
    assert found[why.name] == ()
