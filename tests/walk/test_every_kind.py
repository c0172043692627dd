"""Every kind of question from a project file to a release's bytes: applied, leased, answered over HTTP, written, read again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from goldseam.edge.client import new_id
from goldseam.edge.home import Home
from goldseam.edge.project import open_project
from goldseam.edge.runner.log import seal
from goldseam.edge.store import annotations as rows
from goldseam.formats.parquet import read_table, write_table
from goldseam.formats.plain import answer_from_plain, answer_to_plain
from goldseam.ledger.canonical import canonical
from goldseam.release.build import annotation_columns
from goldseam.release.contents import Logged
from goldseam.vocab.people import Role
from goldseam.vocab.schema import QuestionKind
from tests.walk import story

Plain = dict[str, Any]
LABELS = ["cat", "dog"]
SKELETON = {"points": ["nose", "tail"], "edges": [["nose", "tail"]]}
CRITERIA = [
    {"name": "kind", "low_title": "rude", "high_title": "kind"},
    {"name": "true", "maximum": 3, "required": False},
]

TEXT: dict[str, tuple[Plain, Plain]] = {
    "choices": ({"labels": LABELS, "at_most": 2}, {"labels": ["cat", "dog"]}),
    "taxonomy": ({"labels": ["pet/cat", "pet/dog", "wild"], "leaf_only": True}, {"labels": ["pet/cat"]}),
    "rating": ({"maximum": 7, "low_title": "bad"}, {"value": 7}),
    "number": ({"minimum": 0, "unit": "kg", "step": 0.5}, {"value": 2.5}),
    "date": ({"date_form": "datetime", "earliest": "2000-01-01T00:00"}, {"value": "2026-05-01T09:30"}),
    "text": ({"max_length": 20, "lines": 1}, {"text": "naïve 👩‍👩‍👧 שלום"}),
    "span": (
        {"labels": LABELS, "overlap": "nested", "relations": [{"name": "chases", "heads": ["dog"]}]},
        {
            "spans": [
                {"start": 0, "end": 4, "label": "dog", "id": "a"},
                {"start": 1, "end": 3, "label": "cat", "id": "b"},
            ],
            "relations": [{"head": "a", "tail": "b", "label": "chases"}],
        },
    ),
    "rubric": ({"criteria": CRITERIA}, {"grades": [{"turn": None, "criterion": "kind", "value": 5}]}),
    "key_values": (
        {
            "keys": [
                {"name": "total", "kind": "number", "required": True},
                {"name": "paid", "kind": "flag"},
                {"name": "who", "several": True},
            ]
        },
        {"pairs": [{"key": "paid", "value": True}, {"key": "total", "value": 12.5}, {"key": "who", "value": "Ann"}]},
    ),
}
IMAGE: dict[str, tuple[Plain, Plain]] = {
    "box": (
        {"labels": LABELS, "at_least": 1},
        {"boxes": [{"x": 1, "y": 2, "width": 5.25, "height": 6, "label": "dog", "rotation": 30}]},
    ),
    "ellipse": (
        {"labels": LABELS},
        {"ellipses": [{"cx": 9, "cy": 9, "rx": 4, "ry": 2.5, "label": "cat", "rotation": 0}]},
    ),
    "polygon": (
        {"labels": LABELS},
        {"polygons": [{"points": [[0, 0], [9, 0], [9, 9.5]], "holes": [[[6, 1], [8, 1], [8, 3]]], "label": "cat"}]},
    ),
    "polyline": ({"labels": LABELS}, {"polylines": [{"points": [[0, 0], [9, 4]], "label": "dog"}]}),
    "keypoints": (
        {"labels": LABELS, "skeleton": SKELETON},
        {
            "poses": [
                {
                    "label": "cat",
                    "points": [
                        {"name": "nose", "sight": "occluded", "x": 3, "y": 4},
                        {"name": "tail", "sight": "absent"},
                    ],
                }
            ]
        },
    ),
    "mask": ({"labels": LABELS}, {"masks": [{"width": 40, "height": 25, "counts": "53Po0", "label": "dog"}]}),
}
CANDIDATES: dict[str, tuple[Plain, Plain]] = {
    "preference": ({"strengths": 3}, {"chosen": 1, "strength": 2}),
    "ranking": ({}, {"order": [[2], [0, 1]]}),
    "best": ({}, {"chosen": 2}),
}
CHAT: dict[str, tuple[Plain, Plain]] = {
    "rubric": (
        {"criteria": CRITERIA, "turns": "assistant"},
        {"grades": [{"turn": 1, "criterion": "kind", "value": 4}]},
    ),
}
WORLDS: dict[str, tuple[dict[str, tuple[Plain, Plain]], object]] = {
    "text": (TEXT, "dogs chase cats"),
    "html": ({"text": TEXT["text"]}, "<p>dogs</p>"),
    "image": (IMAGE, None),
    "candidates": (CANDIDATES, {"prompt": "Say hi", "candidates": ["Hi", "Hello", "Hey"]}),
    "chat": (CHAT, [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]),
    "table": ({"number": TEXT["number"]}, {"columns": ["name", "price"], "rows": [["tea", 2.5], ["milk", None]]}),
}


def project_file(folder: Path, modality: str) -> Plain:
    """Write one item, and return the settings of a project that asks every kind of question about it."""
    kinds, content = WORLDS[modality]
    if modality == "image":
        (folder / "images").mkdir()
        buffer = BytesIO()
        Image.new("L", (40, 25), 200).save(buffer, "PNG")
        (folder / "images" / "one.png").write_bytes(buffer.getvalue())
        source, sources = {"kind": "image"}, [{"path": "images"}]
    else:
        (folder / "rows.jsonl").write_text(json.dumps({"shown": content}) + "\n", encoding="utf-8")
        source, sources = {"kind": modality, "text": "shown"}, [{"path": "rows.jsonl"}]
    asked = [{"name": kind, "kind": kind, **options} for kind, (options, _) in kinds.items()]
    return {
        "name": "moods",
        "schema": {"questions": [{"name": "choice", "labels": LABELS}, *asked]},
        "sources": sources,
        "source": source,
        "gold": [],
        "sample": {"strategy": "random", "batch": 1},
    }


def answers_of(modality: str) -> Mapping[str, Plain]:
    given = {kind: {"kind": kind, **answer} for kind, (_, answer) in WORLDS[modality][0].items()}
    return {"choice": {"kind": "choice", "label": "dog"}, **given}


def test_the_worlds_ask_every_kind_of_question() -> None:
    assert {kind for modality in WORLDS for kind in answers_of(modality)} == {kind.value for kind in QuestionKind}


@pytest.mark.parametrize("modality", WORLDS)
def test_an_answer_of_every_kind_goes_over_http_into_a_release_and_back(tmp_path: Path, modality: str) -> None:
    given = answers_of(modality)
    with story.opened(tmp_path) as world:
        made = story.set_up(world, tmp_path, policies=project_file(tmp_path, modality))
        with (
            story.serving(world) as url,
            httpx.Client(
                base_url=f"{url}/api/projects/{made.project.id}",
                headers={"Authorization": f"Bearer {made.token()}", "X-Goldseam": "1"},
            ) as http,
        ):
            leased = http.post("/assignments", json={"count": 1}).json()["assignments"][0]
            item = leased["item"]
            assert item["modality"] == modality and (item["text"] is None) == (modality == "image")
            sent = {"id": new_id(), "assignment": leased["id"], "token": leased["token"], "seconds": 1.0}
            sent |= {"answers": given, "schema_version": 1, "guideline_version": 1}
            broken = {name: {**answer, "more": 1} for name, answer in given.items()}
            refused = http.post(
                "/annotations", json={"annotations": [sent | {"id": new_id(), "answers": broken}]}
            ).json()
            assert refused["results"][0]["error"]["message"].endswith("has no key 'more'.")
            fate = http.post("/annotations", json={"annotations": [sent]}).json()["results"][0]
            assert fate["status"] == "saved", fate
            seen = {one["question"]: one["answer"] for one in http.get("/history").json()}
            assert {name: canonical(answer) for name, answer in seen.items()} == {
                name: canonical(answer) for name, answer in given.items()
            }
        seal(world, made.project.id)
        kept = world.store.read(lambda tx: rows.annotations(tx, made.project.id))
    logged = [Logged(one.annotation, bytes.fromhex(one.salt), int(one.entry_position or 0)) for one in kept]
    again = read_table(write_table(annotation_columns(logged)))
    read = {str(name): json.loads(str(text)) for name, text in zip(again["question"], again["answer"], strict=True)}
    assert {name: canonical(answer_to_plain(answer_from_plain(one))) for name, one in read.items()} == {
        name: canonical(answer) for name, answer in given.items()
    }


@pytest.mark.parametrize("modality", ["text", "image"])
def test_a_project_file_with_every_kind_is_planned_and_applied_as_it_stands(tmp_path: Path, modality: str) -> None:
    plain = project_file(tmp_path, modality)
    Home(tmp_path).project_file.write_text(json.dumps(plain), encoding="utf-8")
    with open_project(tmp_path) as project:
        assert [question.name for question in project.facts.schema.questions] == list(answers_of(modality))
        assert project.plan_changes().nothing
    schema = json.loads((tmp_path / ".goldseam" / "goldseam.schema.json").read_text(encoding="utf-8"))
    assert all(f'"{kind.value}"' in json.dumps(schema) for kind in QuestionKind)


def test_a_role_sees_the_forms_of_answers_in_the_openapi_document(tmp_path: Path) -> None:
    with story.opened(tmp_path) as world:
        made = story.set_up(world, tmp_path, n_items=1)
        with story.serving(world) as url:
            token = made.token(Role.ANNOTATOR)
            document = httpx.get(
                f"{url}/api/openapi.json", headers={"Authorization": f"Bearer {token}"}, timeout=60
            ).text
    assert all(f'"const":"{kind.value}"' in document.replace(" ", "") for kind in QuestionKind)
