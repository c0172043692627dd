"""Schemas: what may be asked and answered."""

from __future__ import annotations

from datetime import date

import pytest

from goldseam.formats.plain import schema_from_plain, schema_to_plain
from goldseam.vocab.answers import Abstain, Box, Boxes, Choice, Choices, Rating, Span, Spans, Text
from goldseam.vocab.errors import BadAnswer, BadSchema
from goldseam.vocab.schema import (
    AskIf,
    ChangeKind,
    Guideline,
    Label,
    Question,
    QuestionKind,
    Schema,
    WorkedExample,
    changes,
)

CAT, DOG = Label("cat"), Label("dog")
ANIMAL = Question("animal", labels=(CAT, DOG))


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (ANIMAL, Choice("cat")),
        (ANIMAL, Abstain("too dark")),
        (Question("all", QuestionKind.CHOICES, labels=(CAT, DOG)), Choices(("dog", "cat"))),
        (Question("all", QuestionKind.CHOICES, labels=(CAT, DOG)), Choices(())),
        (Question("how good", QuestionKind.RATING), Rating(5)),
        (Question("why", QuestionKind.TEXT), Text("")),
        (Question("names", QuestionKind.SPAN, labels=(CAT,)), Spans((Span(0, 3, "cat"),))),
        (Question("where", QuestionKind.BOX, labels=(CAT,)), Boxes((Box(0, 0, 2, 2, "cat"),))),
    ],
)
def test_an_answer_that_fits_is_taken(question, answer):
    question.check(answer)


@pytest.mark.parametrize(
    ("question", "answer", "said"),
    [
        (ANIMAL, Choice("cta"), "Did you mean 'cat'?"),
        (ANIMAL, Choices(("cat",)), "wants an answer of kind 'choice'"),
        (Question("how good", QuestionKind.RATING, maximum=3), Rating(4), "between 1 and 3"),
        (Question("how good", QuestionKind.RATING, maximum=3), Rating(0), "between 1 and 3"),
        (Question("why", QuestionKind.TEXT), Text("x" * 100_001), "at most 100,000 characters"),
        (Question("names", QuestionKind.SPAN, labels=(CAT,)), Spans((Span(0, 3, "dog"),)), "no label 'dog'"),
        (Question("where", QuestionKind.BOX, labels=(CAT,)), Boxes((Box(0, 0, 2, 2, "dog"),)), "no label 'dog'"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_with_what_would(question, answer, said):
    with pytest.raises(BadAnswer, match=said):
        question.check(answer)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Question("animal", labels=(CAT, CAT)), "label 'cat' twice"),
        (lambda: Question("animal", labels=(Label("a", hotkey="x"), Label("b", hotkey="x"))), "hotkey 'x' twice"),
        (lambda: Question("animal"), "needs labels"),
        (lambda: Question("why", QuestionKind.TEXT, labels=(CAT,)), "has no labels"),
        (lambda: Question("how", QuestionKind.RATING, minimum=5, maximum=5), "minimum below its maximum"),
        (lambda: Question("a\nb", labels=(CAT,)), "printable"),
        (lambda: Label(" cat"), "without spaces around"),
        (lambda: Label("cat", color="red"), "#1b9e77"),
        (lambda: Label("cat", hotkey="ctrl"), "one character"),
        (lambda: Schema(()), "at least one question"),
        (lambda: Schema((ANIMAL, ANIMAL)), "question 'animal' twice"),
    ],
)
def test_a_schema_that_contradicts_itself_is_never_born(make, said):
    with pytest.raises(BadSchema, match=said):
        make()


BELT = Question("belt", labels=(Label("on"), Label("off")), ask_if=AskIf("person", ("yes",)))
COLOR = Question("color", labels=(Label("red"), Label("blue")), ask_if=AskIf("belt", ("on",)))
TREE = Schema((Question("person", labels=(Label("yes"), Label("no"))), BELT, COLOR))


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        ({}, ["person"]),
        ({"person": Choice("no")}, ["person"]),
        ({"person": Choice("yes")}, ["person", "belt"]),
        ({"person": Choice("yes"), "belt": Choice("on")}, ["person", "belt", "color"]),
        ({"person": Choice("yes"), "belt": Abstain()}, ["person", "belt"]),
        ({"person": Choice("no"), "belt": Choice("on")}, ["person"]),
    ],
)
def test_a_question_is_asked_only_where_its_condition_holds(answers, asked):
    assert [question.name for question in TREE.asked(answers)] == asked


@pytest.mark.parametrize(
    ("questions", "said"),
    [
        ((BELT,), "not a question before it"),
        ((Question("persons", labels=(Label("yes"),)), BELT), "Did you mean 'persons'"),
        ((Question("person", QuestionKind.TEXT), BELT), "not a choice"),
        ((Question("person", labels=(Label("yess"),)), BELT), "Did you mean 'yess'"),
        (
            (Question("person", labels=(CAT,)), Question("x", labels=(CAT,), ask_if=AskIf("person", ()))),
            "names no label",
        ),
    ],
)
def test_a_condition_on_what_is_not_asked_before_is_refused(questions, said):
    with pytest.raises(BadSchema, match=said):
        Schema(questions)


def test_conditions_survive_the_way_through_plain_values():
    assert schema_from_plain(schema_to_plain(TREE)) == TREE


def test_changes_are_classed_by_what_they_do_to_answers_that_exist():
    old = Schema((Question("animal", prompt="Which?", labels=(CAT, Label("dog", definition="barks"))),))
    new = Schema(
        (Question("animal", prompt="Which one?", labels=(Label("dog", definition="wags"), Label("fox"))), BELT_FREE)
    )
    found = {(change.kind, change.label or change.text) for change in changes(old, new)}
    assert found == {
        (ChangeKind.REMOVE, "cat"),
        (ChangeKind.REDEFINE, "dog"),
        (ChangeKind.COMPATIBLE, "fox"),
        (ChangeKind.REDEFINE, "the prompt of 'animal' changes"),
        (ChangeKind.COMPATIBLE, "question 'sure' is added"),
    }
    assert changes(old, old) == ()


BELT_FREE = Question("sure", QuestionKind.RATING)


def test_a_guideline_says_what_is_missing_for_people_to_apply_it_alike():
    thin = Guideline("rules", (WorkedExample("a cat", "cat"),), date(2026, 1, 1))
    assert thin.advice(date(2026, 1, 1)) == ("The guideline has 1 worked examples; at least 20 are advised.",)
    assert "was to be reviewed by 2026-01-01" in thin.advice(date(2026, 1, 2))[1]
    full = Guideline("rules", tuple(WorkedExample(f"cat {n}", "cat") for n in range(20)))
    assert full.advice(date(2026, 1, 2)) == ()
