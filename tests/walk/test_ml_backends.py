"""Label Studio ML backends over their own HTTP protocol, as they are: real processes, and the recorded traffic of the tool itself."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from goldseam.edge.reach import Reach
from goldseam.edge.suggesters.ml_backend import UNSURE, LabelStudioModel
from goldseam.edge.suggesters.retries import Patience
from goldseam.flow.plan import Verb
from goldseam.formats.schemas import schema_from_plain
from goldseam.prelabel.label_config import xml
from goldseam.prelabel.policy import ModelSetting
from goldseam.prelabel.prompts import Brief
from goldseam.vocab.answers import Box, Boxes, Choice, Choices, LabelName, Rating, Span, Spans
from goldseam.vocab.errors import AddressRefused, BadSetting, GoldseamError, NotReady, Unreachable
from goldseam.vocab.items import Modality
from goldseam.vocab.schema import Guideline, Schema
from tests.conftest import ROOT
from tests.walk import backend_process, small
from tests.walk.backend_process import Backend

MOOD = schema_from_plain({"questions": [{"name": "mood", "labels": ["neg", "pos"]}]})
RECORDED = ROOT.parent / "shared" / "data" / "label_studio" / "ml_backend_requests.jsonl"


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    with backend_process.served(tmp_path_factory.mktemp("backend")) as made:
        yield made


@pytest.fixture
def backend(process: Backend, monkeypatch: pytest.MonkeyPatch) -> Backend:
    process.forget()
    process.says("right")
    monkeypatch.setenv("GOLDSEAM_REACH", "127.0.0.1")
    return process


def asked(backend: Backend, schema: Schema = MOOD, modality: Modality = Modality.TEXT, **more: Any) -> LabelStudioModel:
    password = more.pop("password", "")
    setting = ModelSetting("ls", backend.url, kind="label_studio", **more)
    labels = tuple(schema.main.label_names)
    patience = Patience(tries=2, sleep=lambda _: None)
    return LabelStudioModel(
        setting, Brief(schema, Guideline(), labels), modality, password, Reach(["127.0.0.1"]), patience
    )


def region(kind: str, value: dict[str, Any], name: str = "mood", **more: Any) -> dict[str, Any]:
    return {"from_name": name, "to_name": "text", "type": kind, "value": value, **more}


def through_the_loop(folder: Path, url: str) -> None:
    """Let a backend suggest through a round, with its confidence calibrated on gold."""
    gold = {"gold": ["gold.csv"], "annotate": {"gold_rate": 0.0}}
    models = [{"name": "words", "url": url, "kind": "label_studio"}]
    small.write_project(folder, 24, prelabel={"suggester": "models", "models": models}, **gold)
    small.write_rows(folder / "gold.csv", ["key", "label"], [[f"k{n}", small.LABELS[n % 2]] for n in range(8)])
    with small.opened(folder) as project:
        done = {one.step.verb: one.outcome for one in project.run()}
        assert done[Verb.PROPOSE] == "24 suggestions; 24 answers asked for, 0 abstentions"
        shown = [one for one in project.lease(6).offers if one.suggestion is not None]
        assert shown
        assert all(one.suggestion.label == small.truth_of(one.item.content) for one in shown)
        assert project.status()["model"]["accuracy"] == 1.0
        project.give_back()
        small.answer_all(project, [None])
        small.run(project)
        assert project.facts.round == 2
        assert project.verify() == ()


def test_a_backend_suggests_through_a_round_and_is_sent_what_label_studio_sends_but_no_token(
    backend: Backend, tmp_path: Path
) -> None:
    through_the_loop(tmp_path, backend.url)

    calls = backend.asked
    assert [one["path"] for one in calls[:3]] == ["/health", "/setup", "/predict"]
    assert sum(len(one["body"]["tasks"]) for one in calls if one["path"] == "/predict") == 24, "each item once"
    for one in calls:
        assert "authorization" not in one["headers"]
        if one["path"] == "/setup":
            assert (one["body"]["access_token"], one["body"]["hostname"]) == ("", "")
    if not RECORDED.exists():
        return
    recorded = [json.loads(line) for line in RECORDED.read_text().splitlines()]
    for path in ("/setup", "/predict"):
        theirs = next(one["body"] for one in recorded if one["path"] == path)
        ours = next(one["body"] for one in calls if one["path"] == path)
        assert ours.keys() == theirs.keys(), path
        if path == "/predict":
            assert ours["tasks"][0].keys() <= theirs["tasks"][0].keys()
            assert ours["params"] == theirs["params"]
            assert ours["project"].count(".") == theirs["project"].count(".") == 1


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get(backend_process.SDK), reason="no environment with label-studio-ml is named")
def test_a_backend_made_with_their_sdk_suggests_through_a_round(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOLDSEAM_REACH", "127.0.0.1")
    with backend_process.served(tmp_path / "backend", os.environ[backend_process.SDK]) as made:
        through_the_loop(tmp_path / "project", made.url)


def test_a_backend_votes_on_spans_which_no_built_in_model_suggests(backend: Backend, tmp_path: Path) -> None:
    spans = [region("labels", {"start": 0, "end": 1, "text": "x", "labels": ["PART"]}, "parts", id="r1")]
    backend.says("results", results=[[{"result": spans, "score": 0.9}]] * 6)
    schema = {"questions": [{"name": "parts", "kind": "span", "labels": ["PART"]}]}
    models = [{"name": "words", "url": backend.url, "kind": "label_studio", "gives": "votes"}]
    prelabel = {"suggester": "none", "models": models}
    small.write_project(
        tmp_path, 6, schema=schema, prelabel=prelabel, rounds=1, audit={"draws": 20, "escalated": "leave_out"}
    )
    with small.opened(tmp_path) as project:
        done = {one.step.verb: one.outcome for one in project.run()}
        assert done[Verb.VOTE] == "6 votes of 1 model, 0 abstentions"
        assert Verb.SETTLE in done, "one answer was wanted, and the model gave it"
        assert project.verify() == ()


# --- what is read ----------------------------------------------------------------------------------------------------


def test_the_label_config_has_a_control_for_each_question_and_no_name_ends_its_attribute() -> None:
    schema = schema_from_plain(
        {
            "questions": [
                {"name": 'mo"od', "labels": ["<a>", "b&c"]},
                {"name": "all", "kind": "choices", "labels": ["x"]},
                {"name": "stars", "kind": "rating", "maximum": 7},
            ]
        }
    )

    assert xml(schema, Modality.TEXT) == (
        '<View><Text name="text" value="$text"/>'
        '<Choices name=\'mo"od\' toName="text" choice="single"><Choice value="&lt;a&gt;"/><Choice value="b&amp;c"/></Choices>'
        '<Choices name="all" toName="text" choice="multiple"><Choice value="x"/></Choices>'
        '<Rating name="stars" toName="text" maxRating="7"/></View>'
    )


def test_choices_ratings_spans_and_boxes_are_read(backend: Backend) -> None:
    schema = schema_from_plain(
        {
            "questions": [
                {"name": "mood", "labels": ["neg", "pos"]},
                {"name": "about", "kind": "choices", "labels": ["cast", "plot"], "required": False},
                {"name": "stars", "kind": "rating", "required": False},
                {"name": "people", "kind": "span", "labels": ["PER"], "required": False},
            ]
        }
    )
    result = [
        region("choices", {"choices": ["pos"]}),
        region("choices", {"choices": ["cast", "plot"]}, "about"),
        region("rating", {"rating": 4}, "stars"),
        region("labels", {"start": 0, "end": 3, "text": "Ada", "labels": ["PER"]}, "people", id="a"),
    ]
    backend.says("results", results=[{"result": result, "score": 0.7}])
    found = asked(backend, schema).propose(["Ada is great"])
    assert dict(found.said[0].answers) == {
        "mood": Choice(LabelName("pos")),
        "about": Choices((LabelName("cast"), LabelName("plot"))),
        "stars": Rating(4),
        "people": Spans((Span(0, 3, LabelName("PER")),)),
    }
    assert found.proba[0].tolist() == pytest.approx([0.3, 0.7])

    cars = schema_from_plain({"questions": [{"name": "cars", "kind": "box", "labels": ["car"]}]})
    box = {"x": 10, "y": 20, "width": 30, "height": 40, "rotation": 0, "rectanglelabels": ["car"]}
    backend.says(
        "results",
        results=[{"result": [region("rectanglelabels", box, "cars", original_width=200, original_height=100)]}],
    )
    (said,) = asked(backend, cars, Modality.IMAGE).propose(["data:image/png;base64,AAAA"]).said
    assert said.answers["cars"] == Boxes((Box(20.0, 20.0, 60.0, 40.0, LabelName("car"), 0.0),))
    assert backend.asked[-1]["body"]["tasks"][0]["data"] == {"image": "data:image/png;base64,AAAA"}


def test_a_backend_that_answers_for_another_number_of_items_is_asked_one_by_one(backend: Backend) -> None:
    backend.says("one of many")

    found = asked(backend).propose(["a great film", "a dull mess", "I loved it"])

    assert [one.answers["mood"].label for one in found.said] == ["pos", "neg", "pos"]  # type: ignore[union-attr]  # plain values
    assert found.proba[0].tolist() == pytest.approx([0.2, 0.8])


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (None, "nothing that can be read"),
        ("pos", "nothing that can be read"),
        ({"result": []}, "nothing for the item"),
        ({"result": ["x"]}, "no list of regions"),
        ({"result": [region("choices", {"choices": ["owner"]})]}, "does not fit the schema"),
        ({"result": [region("choices", {"choices": "pos"})]}, "does not fit the schema"),
        ({"result": [region("choices", {})]}, "does not fit the schema"),
        ({"result": [region("choices", "pos")]}, "does not fit the schema"),
        ({"result": [region("hypertextlabels", {"start": "/p"})]}, "has no answer"),
        ({"result": [region("rectanglelabels", {"x": 1})]}, "does not fit the schema"),
    ],
)
def test_what_cannot_be_read_is_an_abstention_with_its_reason(backend: Backend, result: object, said: str) -> None:
    backend.says("results", results=[result])

    found = asked(backend).propose(["x"])

    assert said in found.said[0].abstained
    assert not found.proba.any()


def test_a_score_that_is_no_probability_is_not_believed(backend: Backend) -> None:
    for score in (None, 17, -1, "high", True):
        backend.says("results", results=[{"result": [region("choices", {"choices": ["pos"]})], "score": score}])
        assert asked(backend).propose(["x"]).proba[0, 1] == pytest.approx(UNSURE)


def test_another_version_of_the_backends_model_is_another_version_of_the_suggester(backend: Backend) -> None:
    first = asked(backend).version
    assert asked(backend).version == first
    backend.says("right", version="m-2")
    assert asked(backend).version != first


# --- what goes wrong -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "error", "said"),
    [
        ({"mode": "no backend"}, Unreachable, "/health with something that is no JSON"),
        ({"mode": "html"}, Unreachable, "/predict with something that is no JSON"),
        ({"mode": "results", "results": "none"}, Unreachable, "no 'results'"),
        ({"mode": "huge"}, Unreachable, "more than"),
        ({"mode": "status", "status": 500}, Unreachable, "status 500, 2 times"),
        ({"mode": "status", "status": 404}, Unreachable, "status 404"),
        ({"mode": "status", "status": 401}, BadSetting, "does not let us in"),
        ({"mode": "right", "sleep": 2}, Unreachable, "did not answer in time"),
    ],
)
def test_a_backend_that_is_none_or_fails_is_told_in_one_sentence(
    backend: Backend, script: dict[str, Any], error: type[GoldseamError], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend.says(**script)
    monkeypatch.setattr("goldseam.edge.suggesters.ml_backend.QUICK", 1.0)

    with pytest.raises(error, match=said):
        asked(backend, seconds=1 if "sleep" in script else 20).propose(["x"])


def test_a_backend_of_our_own_network_is_asked_only_where_the_operator_allows_it(backend: Backend) -> None:
    setting = ModelSetting("ls", backend.url, kind="label_studio")
    brief = Brief(MOOD, Guideline(), ("neg", "pos"))
    with pytest.raises(AddressRefused, match="GOLDSEAM_REACH"):
        LabelStudioModel(setting, brief, Modality.TEXT, "", Reach(), Patience(tries=1)).propose(["x"])
    assert backend.asked == []


def test_a_password_goes_to_the_backend_alone_and_a_question_without_a_control_is_told(backend: Backend) -> None:
    asked(backend, user="ann", key="GOLDSEAM_KEY_LS", password="s3cret").propose(["x"])
    for one in backend.asked:
        assert base64.b64decode(one["headers"]["authorization"].removeprefix("Basic ")) == b"ann:s3cret"
        assert "s3cret" not in json.dumps(one["body"])
    grades = schema_from_plain({"questions": [{"name": "g", "kind": "rubric", "criteria": ["clear"]}]})
    with pytest.raises(NotReady, match="no control"):
        asked(backend, grades)
    with pytest.raises(NotReady, match="kind 'chat'"):
        asked(backend, modality=Modality.CHAT)


def test_spans_that_a_backend_predicts_are_shown_as_suggestions(backend: Backend, tmp_path: Path) -> None:
    found = [region("labels", {"start": 0, "end": 1, "text": "x", "labels": ["PART"]}, "parts", id="r1")]
    beyond = [region("labels", {"start": 0, "end": 9_999, "text": "x", "labels": ["PART"]}, "parts", id="r1")]
    backend.says("results", results=[{"result": found, "score": 0.9}] * 5 + [{"result": beyond}])
    schema = {"questions": [{"name": "parts", "kind": "span", "labels": ["PART"]}]}
    models = [{"name": "words", "url": backend.url, "kind": "label_studio"}]
    small.write_project(
        tmp_path, 6, schema=schema, prelabel={"suggester": "models", "models": models, "blind_share": 0.0}
    )
    with small.opened(tmp_path) as project:
        done = {one.step.verb: one.outcome for one in project.run()}
        assert done[Verb.PROPOSE] == "5 suggestions; 6 answers asked for, 0 abstentions"
        offers = project.lease(6).offers
        shown = [one.suggestion for one in offers if one.suggestion is not None]
        assert len(shown) == 5
        for one in shown:
            assert (one.question, one.source, one.confidence) == ("parts", "words", 0.9)
            assert one.answer == Spans((Span(0, 1, LabelName("PART")),))
        small.run(project)
        assert len([one for one in backend.asked if one["path"] == "/predict"]) == 1
        assert project.verify() == ()
