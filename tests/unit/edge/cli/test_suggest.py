"""`goldseam suggest`: a file's answers become what people are shown; what does not fit is told with its reason, and nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from goldseam.edge.project import open_project
from goldseam.edge.runner import annotate
from goldseam.formats.plain import answer_from_plain
from goldseam.vocab.answers import Answer
from goldseam.vocab.people import Act
from tests.unit.edge.cli.call import goldseam

TEXTS = ("Ada lives in \N{GRINNING FACE} Rome.", "Nobody is here.", "Bo met Cy.")
SPANS = {
    TEXTS[0]: [(0, 3, "PER"), (15, 19, "LOC")],
    TEXTS[2]: [(0, 2, "PER"), (7, 9, "PER")],
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A project that asks first for names in texts, then whether one can read them."""
    rows = "".join(f"k{n},{text}\n" for n, text in enumerate(TEXTS))
    (tmp_path / "texts.csv").write_text(f"key,text\n{rows}", encoding="utf-8")
    names = {"name": "names", "kind": "span", "prompt": "Names?", "labels": ["PER", "LOC"]}
    plain = {
        "name": "names",
        "schema": {"questions": [names, {"name": "clear", "prompt": "Clear?", "labels": ["yes", "no"]}]},
        "source": {"text": "text", "key": "key"},
        "sources": [{"path": "texts.csv"}],
        "sample": {"strategy": "random", "batch": 3},
        "route": {"redundancy": 1},
        "prelabel": {"suggester": "none", "blind_share": 0.0},
    }
    (tmp_path / "goldseam.yaml").write_text(json.dumps(plain), encoding="utf-8")
    with open_project(tmp_path) as project:
        for _ in project.run():
            pass
    return tmp_path


def shown(home: Path) -> dict[str, tuple[Answer, float, str]]:
    """What whoever opens the queue is shown, by text: the suggested answer, how sure, and by whom."""
    with open_project(home) as project:
        permit = project.permit(Act.ANNOTATE)
        offers = annotate.lease(project.world, permit, 5).offers
        return {
            one.item.content: (one.suggestion.answer, one.suggestion.confidence, one.suggestion.source)
            for one in offers
            if one.suggestion is not None
        }


def answer(text: str) -> Answer:
    spans = [{"start": start, "end": end, "label": label} for start, end, label in SPANS[text]]
    return answer_from_plain({"kind": "span", "spans": spans})


def spacy(home: Path) -> Path:
    lines = [{"text": text, "entities": spans} for text, spans in SPANS.items()]
    lines[0]["meta"] = {"confidence": 0.25}
    return written(home / "found.jsonl", "".join(f"{json.dumps(line)}\n" for line in lines))


def release(home: Path) -> Path:
    plain = [{"kind": "span", "spans": [dict(zip(("start", "end", "label"), span, strict=True)) for span in spans]}
             for spans in SPANS.values()]  # fmt: skip
    rows = [
        {"key": "k0", "question": "names", "answer": json.dumps(plain[0]), "confidence": 0.25},
        {"content": TEXTS[2], "question": "names", "answer": json.dumps(plain[1])},
    ]
    return written(home / "found.json", json.dumps(rows))


def label_studio(home: Path) -> Path:
    def regions(text: str) -> list[dict[str, Any]]:
        return [
            {
                "id": f"r{nth}",
                "from_name": "names",
                "type": "labels",
                "value": {"start": start, "end": end, "labels": [one]},
            }
            for nth, (start, end, one) in enumerate(SPANS[text])
        ]

    old = {"result": [], "score": 0.9}
    tasks = [
        {
            "data": {"text": TEXTS[0]},
            "annotations": [],
            "predictions": [old, {"result": regions(TEXTS[0]), "score": 0.25}],
        },
        {"data": {"text": TEXTS[2]}, "annotations": [{"result": regions(TEXTS[2])}]},
    ]
    return written(home / "found.json", json.dumps(tasks))


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("make", [spacy, release, label_studio])
def test_a_files_answers_are_shown_with_how_sure_it_is(home: Path, make: Callable[[Path], Path]) -> None:
    said = goldseam(home, "suggest", str(make(home)), "--source", "tagger 3", "--confidence", "0.5", "--json")

    assert said.code == 0, said
    assert said.json == {"answers": 2, "items": 2, "left_out": []}
    assert shown(home) == {
        TEXTS[0]: (answer(TEXTS[0]), 0.25, "tagger 3"),
        TEXTS[2]: (answer(TEXTS[2]), 0.5, "tagger 3"),
    }
    assert goldseam(home, "verify", "--project", str(home)).code == 0


def test_what_does_not_fit_is_left_out_with_its_reason_and_the_rest_is_suggested(home: Path) -> None:
    lines = [
        {"text": TEXTS[0], "entities": SPANS[TEXTS[0]]},
        {"text": "Not here.", "entities": []},
        {"text": TEXTS[1], "entities": [[0, 99, "PER"]]},
        {"text": TEXTS[2], "entities": [[0, 2, "ANIMAL"]]},
        {"text": TEXTS[2], "entities": 3},
    ]
    path = written(home / "found.jsonl", "".join(f"{json.dumps(line)}\n" for line in lines) + '{"text": \n')
    said = goldseam(home, "suggest", str(path), "--json").json

    assert (said["answers"], [one["number"] for one in said["left_out"]]) == (1, [2, 3, 4, 5, 6])
    reasons = [one["reason"] for one in said["left_out"]]
    for reason, words in zip(
        reasons, ("no item has this", "within the text", "ANIMAL", "cannot be read", "cannot be read"), strict=True
    ):
        assert words in reason
    assert shown(home)[TEXTS[0]][2] == "found.jsonl"
    assert "5 left out" in goldseam(home, "suggest", str(path)).out


def test_a_file_of_no_known_form_is_refused_in_one_sentence(home: Path) -> None:
    for name, text, words in (
        ("x.txt", "a", "ends in .jsonl"),
        ("x.json", "{", "no JSON"),
        ("x.json", '{"images": 3}', "COCO holds"),
        ("x.json", '["a"]', "no export of Label Studio"),
    ):
        said = goldseam(home, "suggest", str(written(home / name, text)))
        assert said.code != 0 and "Traceback" not in said.err
        assert words in said.err


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.json"])
def test_rows_that_are_no_objects_are_left_out_and_the_others_suggested(home: Path, name: str) -> None:
    good = {"key": "k0", "question": "clear", "label": "yes"}
    rows = [3, good, "a"]
    text = json.dumps(rows) if name.endswith(".json") else "".join(f"{json.dumps(one)}\n" for one in rows)
    said = goldseam(home, "suggest", str(written(home / name, text)), "--json").json
    assert (said["answers"], [one["number"] for one in said["left_out"]]) == (1, [1, 3])
    assert all("no object of fields" in one["reason"] for one in said["left_out"])
