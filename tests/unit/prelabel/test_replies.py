"""Prompts and replies: the item is data in the prompt, and a reply counts only as far as the schema allows."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldseam.formats.schemas import schema_from_plain
from goldseam.prelabel import prompts, replies
from goldseam.prelabel.policy import Limit, ModelSetting, Policy
from goldseam.prelabel.prompts import Brief
from goldseam.vocab.answers import Abstain, Choice, Choices, LabelName, Moment, Number, Paths, Rating, Span, Spans, Text
from goldseam.vocab.errors import BadPolicy
from goldseam.vocab.schema import Guideline, Schema, WorkedExample

MOOD = schema_from_plain({"questions": [{"name": "mood", "labels": ["neg", "pos"]}]})
MANY = schema_from_plain(
    {
        "questions": [
            {"name": "mood", "labels": ["neg", "pos"]},
            {"name": "about", "kind": "choices", "labels": ["cast", "plot", "music"]},
            {"name": "where", "kind": "taxonomy", "labels": ["eu", "eu/de", "us"], "required": False},
            {"name": "stars", "kind": "rating"},
            {"name": "seen", "kind": "number", "integer": True, "minimum": 0, "maximum": 9},
            {"name": "on", "kind": "date"},
            {"name": "why", "kind": "text", "ask_if": {"question": "mood", "labels": ["neg"]}},
            {"name": "people", "kind": "span", "labels": ["PER"]},
        ]
    }
)
GIVEN = {
    "mood": "neg",
    "about": ["plot", "cast"],
    "where": None,
    "stars": 2,
    "seen": 3,
    "on": "2026-05-01",
    "why": "slow",
    "people": [{"text": "Ada", "label": "PER"}, {"text": "Ada", "label": "PER"}],
}
TEXT = "Ada met Ada"


def reply(answers: object, **more: object) -> str:
    return json.dumps({"reasoning": "because", "abstain": "", "answers": answers} | more)


def read(text: str, schema: Schema = MOOD) -> replies.Reply:
    return replies.read(text, schema, TEXT)


# --- prompts ---------------------------------------------------------------------------------------------------------


@given(st.text(max_size=200))
def test_nothing_in_an_item_leaves_its_json_string(text: str) -> None:
    brief = Brief(MOOD, Guideline("be fair"), ("neg", "pos"))
    plain, hostile = (prompts.messages(brief, one, ()) for one in ("x", text))

    assert plain[:-1] == hostile[:-1], "the instructions are the same whatever the item says"
    last = hostile[-1]
    assert last["role"] == "user"
    assert json.loads(str(last["content"])) == {"item": text}


def test_the_nearest_worked_examples_stand_in_the_prompt_the_likest_last() -> None:
    texts = ("a lovely film about ships", "dull and slow", "ships again, a lovely sea", "nothing alike")
    guideline = Guideline(
        "rules", tuple(WorkedExample(text, LabelName("pos"), f"why {n}") for n, text in enumerate(texts))
    )

    found = prompts.nearest(guideline, MOOD, "a lovely sea full of ships", 2)

    assert [one.text for one in found] == [texts[0], texts[2]]
    shown = prompts.messages(Brief(MOOD, guideline, ("neg", "pos")), "x", found)
    assert [one["role"] for one in shown] == ["system", "user", "assistant", "user", "assistant", "user"]
    assert json.loads(str(shown[4]["content"]))["answers"] == {"mood": "pos"}
    assert prompts.nearest(guideline, MOOD, "", 9)
    assert prompts.nearest(guideline, MOOD, "x", 0) == ()


def test_an_image_is_shown_as_an_image_and_its_bytes_stand_in_no_text() -> None:
    shown = prompts.messages(Brief(MOOD, Guideline(), ("neg", "pos")), "data:image/png;base64,AAAA", ())

    parts = shown[-1]["content"]
    assert isinstance(parts, list)
    assert [part["type"] for part in parts] == ["text", "image_url"]


def test_every_question_of_the_schema_has_its_form_in_the_reply_and_what_a_model_cannot_answer_is_named() -> None:
    form = prompts.reply_schema(MANY)["properties"]["answers"]  # type: ignore[index]  # plain values

    assert form["required"] == [one.name for one in MANY.questions]
    assert form["properties"]["mood"] == {"type": "string", "enum": ["neg", "pos"]}
    assert form["properties"]["stars"]["enum"] == [1, 2, 3, 4, 5]
    assert {"type": "null"} in form["properties"]["why"]["anyOf"], "asked only if"
    assert prompts.unanswerable(MANY) == ()
    boxes = schema_from_plain({"questions": [{"name": "cars", "kind": "box", "labels": ["car"]}]})
    assert [one.name for one in prompts.unanswerable(boxes)] == ["cars"]
    assert prompts.FORMS.keys() == replies.READ.keys()


# --- replies ---------------------------------------------------------------------------------------------------------


def test_a_reply_becomes_answers_of_every_kind() -> None:
    found = read(reply(GIVEN), MANY)

    assert found.abstained == ""
    assert found.reasoning == "because"
    assert dict(found.answers) == {
        "mood": Choice(LabelName("neg")),
        "about": Choices((LabelName("cast"), LabelName("plot"))),
        "stars": Rating(2),
        "seen": Number(3.0),
        "on": Moment("2026-05-01"),
        "why": Text("slow"),
        "people": Spans((Span(0, 3, LabelName("PER")), Span(8, 11, LabelName("PER")))),
    }
    assert read(reply(GIVEN | {"where": ["eu/de"]}), MANY).answers["where"] == Paths((LabelName("eu/de"),))
    assert "why" not in read(reply(GIVEN | {"mood": "pos"}), MANY).answers, "its condition does not hold"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no JSON object"),
        ("}{ no", "no JSON object"),
        ("[" * 50_000, "no JSON object"),
        ('{"a":' * 5_000, "no JSON object"),
        ('{"answers": ' + "9" * 5_000 + "}", "no JSON object"),
        ("x" * 200_000, "longer than"),
        ('{"abstain": ""}', "no answers"),
        (reply("pos"), "no answers"),
        (reply({}), "'mood' has no answer"),
        (reply({"mood": "great"}), "great"),
        (reply({"mood": None}), "'mood' has no answer"),
        (reply({"mood": ["pos"]}), "wrong form"),
        (reply({"mood": "pos", "role": "owner"}), "no question 'role'"),
        (reply({"mood": "pos"}, abstain="not for me to say"), "The model abstained: not for me"),
    ],
)
def test_a_reply_that_does_not_fit_is_an_abstention_that_says_why(text: str, why: str) -> None:
    found = read(text)

    assert not found.answers
    assert why in found.abstained


@pytest.mark.parametrize(
    "wrong",
    [
        {"about": "plot"}, {"stars": 9}, {"stars": True}, {"seen": 1.5}, {"seen": 12}, {"seen": float("nan")}, {"on": "May"},
        {"people": [{"text": "Bob", "label": "PER"}]}, {"people": [{"text": "Ada", "label": "ORG"}]}, {"people": ["Ada"]},
    ],
)  # fmt: skip
def test_one_answer_that_does_not_fit_spoils_its_reply(wrong: dict[str, object]) -> None:
    assert read(reply(GIVEN | wrong), MANY).abstained


@settings(max_examples=40, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_no_json_at_all_breaks_the_reading(value: object) -> None:
    for text in (json.dumps(value), reply(value), reply({"mood": value}), reply({**GIVEN, "people": value})):
        for schema in (MOOD, MANY):
            found = read(text, schema)
            assert bool(found.answers) != bool(found.abstained)
            assert not any(isinstance(one, Abstain) for one in found.answers.values())


def test_json_is_found_in_prose_and_in_a_fence_and_reasoning_has_no_control_characters() -> None:
    text = 'Sure {ok}:\n```json\n{"reasoning": "a\\u001b[31mb", "abstain": "", "answers": {"mood": "pos"}}\n```'

    found = read(text)

    assert found.answers == {"mood": Choice(LabelName("pos"))}
    assert found.reasoning == "a[31mb"


# --- how sure --------------------------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=20))
def test_shares_of_answers_are_probabilities_and_agreement_makes_them_surer(said: list[str]) -> None:
    found = replies.spread("abc", said)

    assert found.sum() == pytest.approx(1)
    assert (found > 0).all()
    assert replies.spread("abc", [said[0]] * (len(said) + 1)).max() >= found.max()
    assert found["abc".index(max(set(said), key=said.count))] == found.max()


def test_one_answer_is_no_certainty() -> None:
    assert replies.spread(("neg", "pos"), ["pos"]).tolist() == pytest.approx([0.25, 0.75])
    assert replies.spread(("neg", "pos"), ["pos"] * 5).tolist() == pytest.approx([1 / 12, 11 / 12])


def test_the_chance_of_a_label_is_that_of_the_tokens_that_wrote_it() -> None:
    tokens = [
        ('{"reasoning": "not pos, "', -9.0),
        (', "answers": {"mo', -0.1),
        ('od": "', -0.2),
        ("po", -0.3),
        ('s"', -0.4),
        ("}}", -5.0),
    ]

    assert replies.chance_of(tokens, "mood", "pos") == pytest.approx(math.exp(-0.7))
    assert replies.chance_of(tokens, "mood", "neg") is None
    assert replies.chance_of(tokens, "other", "pos") is None
    assert replies.at_chance(("neg", "pos"), "pos", 0.8).tolist() == pytest.approx([0.2, 0.8])
    assert replies.at_chance(("a", "b", "c"), "b", 0.0).argmax() in {0, 1, 2}
    assert np.isclose(replies.at_chance(("a", "b", "c"), "b", 1.0).sum(), 1)


# --- settings --------------------------------------------------------------------------------------------------------

GPT = ModelSetting("gpt", "https://api.example.com/v1", model="m")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": "GPT 5"}, "name is"),
        ({"key": "sk-verysecret"}, "name of an environment variable"),
        ({"key": "AWS_SECRET_ACCESS_KEY"}, "GOLDSEAM_KEY_"),
        ({"model": ""}, "model is missing"),
        ({"samples": 3, "confidence": "logprobs"}, "samples is 1"),
        ({"samples": 0}, "samples lies between"),
        ({"temperature": 3.0}, "temperature lies between"),
    ],
)
def test_a_setting_that_cannot_work_is_refused_without_showing_a_key(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(BadPolicy, match=said) as refused:
        replace(GPT, **wrong)  # type: ignore[arg-type]  # wrong on purpose
    assert "verysecret" not in str(refused.value)


def test_models_and_who_suggests_go_together() -> None:
    with pytest.raises(BadPolicy, match=r"none of prelabel\.models"):
        Policy(suggester="models")
    with pytest.raises(BadPolicy, match="which gives suggestions"):
        Policy(models=(GPT,))
    with pytest.raises(BadPolicy, match="twice"):
        Policy(suggester="models", models=(GPT, GPT))
    with pytest.raises(BadPolicy, match="money is above 0"):
        Limit(money=0.0)
    voting = replace(GPT, name="haiku", gives="votes")
    both = Policy(suggester="models", models=(GPT, voting))
    assert (both.suggesting, both.voting) == ((GPT,), (voting,))
    assert replace(GPT, price_in=2.0, price_out=8.0).money(1_000_000, 500_000) == 6.0
