"""Encode: annotations become votes, and nothing else does."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from goldseam import encode
from goldseam.vocab.annotations import Annotation, AnnotationId, AssignmentId, Purpose, Reaction
from goldseam.vocab.answers import Abstain, Answer, Choice, LabelName, Text
from goldseam.vocab.errors import BadValue
from goldseam.vocab.items import ItemId
from goldseam.vocab.people import AnnotatorId
from goldseam.vocab.schema import GuidelineVersion, Label, Question, QuestionName, SchemaVersion

MOOD = Question(QuestionName("mood"), labels=(Label(LabelName("good")), Label(LabelName("bad"))))
PLACES = {ItemId("b"): 5, ItemId("a"): 2, ItemId("c"): 9}


def said(item: str, annotator: str, answer: Answer | str, question: str = "mood", surplus: bool = False) -> Annotation:
    return Annotation(
        id=AnnotationId(f"{item}-{annotator}"),
        assignment=AssignmentId("s"),
        item=ItemId(item),
        annotator=AnnotatorId(annotator),
        question=QuestionName(question),
        answer=Choice(LabelName(answer)) if isinstance(answer, str) else answer,
        purpose=Purpose.LABEL,
        schema_version=SchemaVersion(1),
        guideline_version=GuidelineVersion(1),
        reaction=Reaction.NONE,
        seconds=1.0,
        surplus=surplus,
        at=datetime(2026, 5, 1, tzinfo=UTC),
    )


def named(votes: object) -> set[tuple[int, str, str]]:
    return {
        (int(votes.items[i]), str(votes.annotators[a]), str(votes.labels[k]))
        for i, a, k in zip(votes.item, votes.annotator, votes.label, strict=True)
    }


def test_votes_have_positions_annotators_and_the_schemas_labels() -> None:
    votes = encode.votes([said("b", "zoe", "bad"), said("a", "ann", "good")], MOOD, PLACES)
    assert votes.items.tolist() == [2, 5, 9]
    assert votes.labels == ("good", "bad") == encode.labels_of(MOOD)
    assert named(votes) == {(5, "zoe", "bad"), (2, "ann", "good")}


def test_abstentions_other_questions_and_other_kinds_are_no_votes() -> None:
    answers = [said("a", "ann", Abstain()), said("a", "bob", "good", "tone"), said("a", "cid", Text("good"))]
    votes = encode.votes(answers, MOOD, PLACES)
    assert votes.n_votes == 0
    assert votes.n_items == 3


def test_a_surplus_answer_is_a_vote() -> None:
    assert encode.votes([said("a", "ann", "good", surplus=True)], MOOD, PLACES).n_votes == 1


def test_of_two_answers_by_one_annotator_the_last_counts() -> None:
    votes = encode.votes([said("a", "ann", "good"), said("a", "ann", "bad")], MOOD, PLACES)
    assert named(votes) == {(2, "ann", "bad")}


def test_labels_of_the_store_may_hold_names_that_the_schema_has_dropped() -> None:
    labels = (LabelName("meh"), LabelName("good"), LabelName("bad"))
    votes = encode.votes([said("a", "ann", "meh"), said("b", "ann", "bad")], MOOD, PLACES, labels)
    assert votes.labels == labels
    assert votes.label.tolist() == [0, 2]


def test_an_unknown_item_or_label_is_named() -> None:
    with pytest.raises(BadValue, match="item zzz"):
        encode.votes([said("zzz", "ann", "good")], MOOD, PLACES)
    with pytest.raises(BadValue, match="Did you mean 'good'"):
        encode.votes([said("a", "ann", "goood")], MOOD, PLACES)


def test_no_annotations_are_no_votes_about_all_items() -> None:
    votes = encode.votes([], MOOD, PLACES)
    assert (votes.n_items, votes.n_annotators, votes.n_votes) == (3, 0, 0)
