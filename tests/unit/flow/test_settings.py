"""The project file as a record: strict, and every error says where and what would be right."""

from __future__ import annotations

import json
from datetime import date

import pytest

from goldseam.flow.plain import where
from goldseam.flow.settings import (
    Settings,
    SourceFormat,
    SourceSetting,
    json_schema,
    settings_from_plain,
    settings_to_plain,
)
from goldseam.vocab.errors import BadPolicy, BadProjectFile, BadSchema
from goldseam.vocab.items import Modality
from goldseam.vocab.schema import Label, QuestionKind

PLAIN = {
    "name": "sentiment",
    "schema": {
        "questions": [
            {
                "name": "sentiment",
                "kind": "choice",
                "prompt": "How does it feel?",
                "labels": [{"name": "positive", "definition": "It praises."}, "negative"],
            }
        ]
    },
    "guideline": {
        "text": "Read it whole.",
        "worked_examples": [{"text": "Great!", "label": "positive", "why": "praise"}],
        "review_by": date(2027, 1, 1),
    },
    "sources": ["data.csv", {"path": "more.jsonl"}],
    "gold": ["gold.csv"],
    "source": {"text": "text", "key": "id"},
    "sample": {"strategy": "auto", "batch": 50},
    "route": {"auto_at": 0.97, "single_at": 0.9},
    "release": {"train": 1, "validation": 0, "test": 0},
}


def with_(path: tuple, value: object) -> dict:
    plain = json.loads(json.dumps(PLAIN, default=str))
    place = plain
    for key in path[:-1]:
        place = place.setdefault(key, {}) if isinstance(place, dict) else place[key]
    place[path[-1]] = value
    return plain


def test_a_project_file_becomes_settings():
    found = settings_from_plain(PLAIN)
    assert found.schema.main.kind is QuestionKind.CHOICE
    assert found.schema.main.labels == (Label("positive", definition="It praises."), Label("negative"))
    assert found.guideline.review_by == date(2027, 1, 1)
    assert found.sources == (SourceSetting("data.csv"), SourceSetting("more.jsonl"))
    assert (found.sample.batch, found.sample.random_share) == (50, 0.05)
    assert found.route.auto_at == 0.97
    assert found.release.train == 1.0
    assert found.rounds is None


def test_a_date_may_come_as_a_date_or_as_text():
    assert settings_from_plain(with_(("guideline", "review_by"), "2027-01-01")) == settings_from_plain(PLAIN)


def test_name_and_schema_are_all_that_a_project_needs():
    found = settings_from_plain({key: PLAIN[key] for key in ("name", "schema")})
    assert found == Settings(found.name, found.schema)


@pytest.mark.parametrize("defaults", ["written", "left_out"])
def test_plain_values_come_back_equal_also_by_way_of_json(defaults):
    found = settings_from_plain(PLAIN)
    plain = settings_to_plain(found, defaults)
    assert settings_from_plain(json.loads(json.dumps(plain))) == found


def test_what_is_recorded_has_its_defaults_written_out():
    found = settings_from_plain(PLAIN)
    assert settings_to_plain(found)["audit"]["alpha_stop"] == 0.4
    assert "audit" not in settings_to_plain(found, "left_out")


@pytest.mark.parametrize(
    ("path", "value", "error", "words"),
    [
        (("sample", "batsh"), 5, BadProjectFile, ["'sample.batsh'", "Did you mean 'batch'"]),
        (("smaple",), {}, BadProjectFile, ["'smaple'", "Did you mean 'sample'"]),
        (("zzz",), {}, BadProjectFile, ["Its keys are name, schema"]),
        (
            ("schema", "questions", 0, "labels", 0, "colour"),
            "#000000",
            BadProjectFile,
            ["schema.questions[0].labels[0].colour", "'color'"],
        ),
        (("sample", "batch"), "50", BadProjectFile, ["sample.batch is a whole number; got '50'"]),
        (("sample", "batch"), 1.5, BadProjectFile, ["a whole number"]),
        (("sample", "batch"), True, BadProjectFile, ["a whole number; got true"]),
        (("sample", "batch"), None, BadProjectFile, ["got nothing", "Leave the key out"]),
        (("sample", "strategy"), "margn", BadProjectFile, ["'margin'"]),
        (("sample", "random_share"), float("nan"), BadProjectFile, ["a number"]),
        (("source", "kind"), "txt", BadProjectFile, ["one of text, image", "'text'"]),
        (("name",), 7, BadProjectFile, ["name is a text; got 7", "quotes"]),
        (("sources",), "data.csv", BadProjectFile, ["sources is a list"]),
        (("sources", 0), 3, BadProjectFile, ["sources[0] is a text, or a mapping"]),
        (("schema", "questions", 0, "labels", 1), 0, BadProjectFile, ["labels[1] is a text", "quotes"]),
        (("guideline", "review_by"), "soon", BadProjectFile, ["a date like"]),
        (("route", "auto_at"), 2, BadPolicy, ["route.auto_at is a confidence"]),
        (("rounds",), 0, BadPolicy, ["rounds is at least 1"]),
        (("name",), " a", BadPolicy, ["without spaces around it"]),
        (("schema", "questions", 0, "labels", 1), "positive", BadSchema, ["twice"]),
        (("sources", 1), "notes.txt", BadPolicy, ["'notes.txt'", "csv or jsonl"]),
        (("guideline", "worked_examples", 0, "label"), "postive", BadSchema, ["Did you mean 'positive'"]),
    ],
)
def test_what_is_wrong_is_said_with_its_place(path, value, error, words):
    with pytest.raises(error) as refused:
        settings_from_plain(with_(path, value))
    assert all(word in refused.value.message for word in words), refused.value.message
    place = refused.value.fields["path"]
    assert place == path[: len(place)]
    assert len(place) >= len(path) - 2


@pytest.mark.parametrize(
    ("path", "value"), [(("sample", "batch"), 0), (("audit", "alpha_warn"), 0.1), (("source", "max_chars"), -1)]
)
def test_a_refusal_of_a_policy_points_at_the_setting(path, value):
    with pytest.raises(BadPolicy) as refused:
        settings_from_plain(with_(path, value))
    assert refused.value.fields["path"][0] == path[0]
    assert len(refused.value.fields["path"]) == 2


def test_an_unknown_key_is_itself_the_end_of_its_path_so_that_its_line_can_be_found():
    with pytest.raises(BadProjectFile) as refused:
        settings_from_plain(with_(("schema", "questions", 0, "labels", 0, "colour"), "#000000"))
    assert refused.value.fields["path"] == ("schema", "questions", 0, "labels", 0, "colour")


@pytest.mark.parametrize("missing", ["name", "schema"])
def test_what_is_missing_is_named(missing):
    with pytest.raises(BadProjectFile, match=f"{missing} is missing"):
        settings_from_plain({key: value for key, value in PLAIN.items() if key != missing})


@pytest.mark.parametrize("plain", [None, [], "x", 3])
def test_a_file_that_is_no_mapping_is_refused(plain):
    with pytest.raises(BadProjectFile, match="a mapping with the keys name, schema"):
        settings_from_plain(plain)


def test_a_source_is_read_by_its_ending_unless_its_format_is_named():
    for path, read_as in (
        ("a.csv", "csv"),
        ("a.TSV", "csv"),
        ("a.jsonl", "jsonl"),
        ("digits", "images"),
        ("b.d/x", "images"),
    ):
        assert SourceSetting(path).read_as.value == read_as
    assert SourceSetting("a.txt", SourceFormat.CSV).read_as is SourceFormat.CSV
    assert [
        SourceSetting("a.tsv").separator,
        SourceSetting("a.csv").separator,
        SourceSetting("a.csv", delimiter=";").separator,
    ] == ["\t", ",", ";"]


def test_a_project_of_images_takes_folders_only():
    images = with_(("source", "kind"), "image")
    with pytest.raises(BadPolicy, match="images"):
        settings_from_plain(images)
    images["sources"] = ["digits"]
    assert settings_from_plain(images).source.kind is Modality.IMAGE


@pytest.mark.parametrize("wrong", [{"path": ""}, {"path": "a.csv", "delimiter": "::"}])
def test_a_source_without_a_path_or_with_a_long_delimiter_is_refused(wrong):
    with pytest.raises(BadPolicy):
        SourceSetting(**wrong)


@pytest.mark.parametrize(
    ("kind", "prelabel", "said"),
    [
        ("image", {"features": ["fields"]}, "pixels"),
        ("table", {"features": ["embeddings"], "embeddings": "models"}, "made of texts"),
        ("text", {"fields": ["price"]}, "text, fields"),
        ("text", {"features": ["looks"]}, "looks"),
    ],
)
def test_features_that_items_of_this_kind_do_not_have_are_refused(kind, prelabel, said):
    plain = with_(("source", "kind"), kind) | {"prelabel": prelabel}
    if kind == "image":
        plain["sources"] = ["digits"]
    with pytest.raises((BadPolicy, BadProjectFile), match=said):
        settings_from_plain(plain)


def test_a_place_is_written_as_people_write_it():
    assert where(("schema", "questions", 0, "name")) == "schema.questions[0].name"
    assert where(()) == "the project file"


def test_the_json_schema_knows_every_key_and_no_other():
    found = json_schema()
    assert set(found["properties"]) == set(settings_to_plain(settings_from_plain(PLAIN)))
    assert found["required"] == ["name", "schema"]
    assert found["additionalProperties"] is False
    sample = found["properties"]["sample"]
    assert sample["properties"]["strategy"]["enum"][:5] == ["auto", "random", "stratified", "diversity", "margin"]
    assert sample["properties"]["batch"] == {"type": "integer", "default": 100}
    json.dumps(found, allow_nan=False)
