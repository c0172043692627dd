"""Canonical JSON: the examples of RFC 8785, and the bytes of our own records, which must not change."""

from __future__ import annotations

import struct
from datetime import UTC, datetime

import pytest

from goldseam.formats import plain
from goldseam.ledger import entries
from goldseam.ledger.canonical import canonical, number
from goldseam.vocab.annotations import Annotation, AnnotationId, AssignmentId, Purpose, Reaction
from goldseam.vocab.answers import (
    Abstain,
    Best,
    Box,
    Boxes,
    Choice,
    Choices,
    Ellipse,
    Ellipses,
    Grade,
    Keypoint,
    KeyValue,
    KeyValues,
    LabelName,
    Mask,
    Masks,
    Moment,
    Number,
    Paths,
    Polygon,
    Polygons,
    Polyline,
    Polylines,
    Pose,
    Poses,
    Preference,
    Ranking,
    Rating,
    Relation,
    Rubric,
    Sight,
    Span,
    Spans,
    Text,
)
from goldseam.vocab.items import ItemId
from goldseam.vocab.people import AnnotatorId
from goldseam.vocab.schema import GuidelineVersion, Label, Question, QuestionKind, QuestionName, Schema, SchemaVersion

NUMBERS = {  # RFC 8785, appendix B
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "ffefffffffffffff": "-1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef4f": "999999999999999900000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "41b3de4355555554": "333333333.33333325",
    "41b3de4355555555": "333333333.3333333",
    "41b3de4355555556": "333333333.3333334",
    "41b3de4355555557": "333333333.33333343",
    "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}


@pytest.mark.parametrize(("bits", "text"), NUMBERS.items())
def test_a_double_is_written_as_the_standard_shows(bits: str, text: str) -> None:
    (value,) = struct.unpack(">d", bytes.fromhex(bits))
    assert number(value) == text


@pytest.mark.parametrize("bits", ["7fffffffffffffff", "7ff0000000000000", "fff0000000000000"])
def test_what_is_no_number_has_no_canonical_form(bits: str) -> None:
    (value,) = struct.unpack(">d", bytes.fromhex(bits))
    with pytest.raises(ValueError, match="JSON has no number"):
        number(value)


def test_the_example_of_section_3_2_2_comes_out_as_printed() -> None:
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    assert (
        canonical(value)
        == (
            '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
            '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
        ).encode()
    )


def test_keys_are_sorted_by_utf_16_code_units_as_in_section_3_2_3() -> None:
    value = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    places = [canonical(value).decode().index(text) for text in value.values()]
    by_place = [text for _, text in sorted(zip(places, value.values(), strict=True))]
    assert by_place == [
        "Carriage Return",
        "One",
        "Control",
        "Latin Small Letter O With Diaeresis",
        "Euro Sign",
        "Emoji: Grinning Face",
        "Hebrew Letter Dalet With Dagesh",
    ]


ANSWERS = {
    '{"kind":"choice","label":"positive"}': Choice(LabelName("positive")),
    '{"kind":"choices","labels":["a","b"]}': Choices((LabelName("b"), LabelName("a"))),
    '{"kind":"rating","value":3}': Rating(3),
    '{"kind":"text","text":"naïve"}': Text("naïve"),
    '{"kind":"span","spans":[{"end":2,"label":"PER","start":0}]}': Spans((Span(0, 2, LabelName("PER")),)),
    '{"boxes":[{"height":4.5,"label":"dog","rotation":0,"width":3,"x":1,"y":2}],"kind":"box"}': Boxes(
        (Box(1.0, 2.0, 3.0, 4.5, LabelName("dog")),)
    ),
    '{"kind":"taxonomy","labels":["a/b","a/c"]}': Paths((LabelName("a/c"), LabelName("a/b"))),
    '{"kind":"number","value":2.5}': Number(2.5),
    '{"kind":"date","value":"2026-05-01T09:30"}': Moment("2026-05-01T09:30"),
    '{"kind":"span","relations":[{"head":"s2","label":"in","tail":"s1"}],"spans":[{"end":2,"id":"s1","label":"LOC",'
    '"start":0},{"end":5,"id":"s2","label":"PER","start":3}]}': Spans(
        (Span(3, 5, LabelName("PER"), "s2"), Span(0, 2, LabelName("LOC"), "s1")),
        (Relation("s2", "s1", LabelName("in")),),
    ),
    '{"ellipses":[{"cx":9,"cy":8,"label":"cell","rotation":0,"rx":2,"ry":1.5}],"kind":"ellipse"}': Ellipses(
        (Ellipse(9.0, 8.0, 2.0, 1.5, LabelName("cell")),)
    ),
    '{"kind":"polygon","polygons":[{"holes":[],"label":"roof","points":[[0,0],[4,0],[4,3]]}]}': Polygons(
        (Polygon(((0.0, 0.0), (4.0, 0.0), (4.0, 3.0)), LabelName("roof")),)
    ),
    '{"kind":"polyline","polylines":[{"label":"road","points":[[0,0],[4,0.5]]}]}': Polylines(
        (Polyline(((0.0, 0.0), (4.0, 0.5)), LabelName("road")),)
    ),
    '{"kind":"keypoints","poses":[{"label":"cat","points":[{"name":"nose","sight":"occluded","x":3,"y":4},'
    '{"name":"tail","sight":"absent"}]}]}': Poses(
        (Pose(LabelName("cat"), (Keypoint("tail", Sight.ABSENT), Keypoint("nose", Sight.OCCLUDED, 3.0, 4.0))),)
    ),
    '{"kind":"mask","masks":[{"counts":"53Po0","height":10,"label":"dog","width":100}]}': Masks(
        (Mask(100, 10, "53Po0", LabelName("dog")),)
    ),
    '{"chosen":0,"kind":"preference","strength":2}': Preference(0, 2),
    '{"kind":"ranking","order":[[2],[0,1]]}': Ranking(((2,), (1, 0))),
    '{"chosen":3,"kind":"best"}': Best(3),
    '{"grades":[{"criterion":"kind","turn":null,"value":4}],"kind":"rubric"}': Rubric((Grade("kind", 4),)),
    '{"kind":"key_values","pairs":[{"key":"paid","value":true},{"key":"total","value":12.5}]}': KeyValues(
        (KeyValue("total", 12.5), KeyValue("paid", True))
    ),
    '{"kind":"abstain","reason":"too dark"}': Abstain("too dark"),
}


@pytest.mark.parametrize(("text", "answer"), ANSWERS.items())
def test_an_answer_has_these_bytes_for_ever(text: str, answer: object) -> None:
    assert canonical(plain.answer_to_plain(answer)).decode() == text  # type: ignore[arg-type]  # plain values do where the hint is narrower


def test_a_schema_has_these_bytes_for_ever() -> None:
    mood = Question(QuestionName("mood"), prompt="How?", labels=(Label(LabelName("good"), hotkey="g"),))
    stars = Question(QuestionName("stars"), QuestionKind.RATING)
    assert canonical(plain.schema_to_plain(Schema((mood, stars)))).decode() == (
        '{"questions":[{"help":"","kind":"choice","labels":[{"color":"","counter_examples":[],"definition":"","disallowed":"",'
        '"edge_cases":[],"examples":[],"hotkey":"g","name":"good","title":""}],"name":"mood","prompt":"How?",'
        '"required":true},{"help":"","high_title":"","kind":"rating","low_title":"","maximum":5,"minimum":1,'
        '"name":"stars","prompt":"","required":true}]}'
    )


def test_an_entry_and_a_commitment_have_these_bytes_for_ever() -> None:
    at = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
    annotation = Annotation(
        id=AnnotationId("n1"),
        assignment=AssignmentId("s1"),
        item=ItemId("0" * 32),
        annotator=AnnotatorId("p1"),
        question=QuestionName("mood"),
        answer=Choice(LabelName("good")),
        purpose=Purpose.LABEL,
        schema_version=SchemaVersion(1),
        guideline_version=GuidelineVersion(2),
        reaction=Reaction.NONE,
        seconds=1.25,
        surplus=False,
        at=at,
    )
    assert canonical(plain.annotation_to_plain(annotation)).decode() == (
        '{"annotator":"p1","answer":{"kind":"choice","label":"good"},"assignment":"s1",'
        '"at":"2026-05-01T09:30:00.000000Z","guideline_version":2,"id":"n1","item":"00000000000000000000000000000000",'
        '"purpose":"label","question":"mood","reaction":"none","schema_version":1,"seconds":1.25,"surplus":false}'
    )
    commitment = plain.annotation_commitment(annotation, bytes(16))
    assert commitment == "57434b8459619dd64c0cbd2b4ec682d788679337daf68e2542cdfd9ed79cec41"
    entry = entries.Entry(entries.EntryKind.ANNOTATION_GIVEN, at, "p1", "j1", "n1", {"commitment": commitment})
    assert entries.leaf(entry).decode() == (
        f'{{"actor":"p1","at":"2026-05-01T09:30:00.000000Z","body":{{"commitment":"{commitment}"}},'
        '"kind":"annotation.given","object":"n1","project":"j1","v":1}'
    )
