"""Projects whose first question is no choice, on answers of real people: import, run, answers, settle, release, verify, export."""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from goldseam.formats.plain import answer_to_plain
from goldseam.ledger.canonical import canonical
from goldseam.stats import overlap
from goldseam.vocab.answers import (
    Answer,
    Box,
    Boxes,
    LabelName,
    Number,
    Preference,
    Span,
    Spans,
)
from tests.walk import small
from tests.walk.answering import loop, project_of, released, replay

# --- spans -----------------------------------------------------------------------------------------------------------


def write_gold(folder: Path, gold: Mapping[str, Answer]) -> list[str]:
    rows = [[key, canonical(answer_to_plain(answer)).decode()] for key, answer in gold.items()]
    small.write_rows(folder / "gold.csv", ["key", "answer"], rows)
    return ["gold.csv"]


def f1_of(gold: Mapping[str, Answer], given: Mapping[str, Answer]) -> float:
    right, found = (
        [(key, s.start, s.end, s.label) for key, one in some.items() if isinstance(one, Spans) for s in one.spans]
        for some in ({key: gold[key] for key in given}, given)
    )
    shared = len(set(right) & set(found))
    return 2 * shared / max(len(right) + len(found), 1)


def spans_of(tags: Sequence[tuple[str, str]]) -> tuple[str, Spans]:
    """Return the text of tokens with their BIO tags, and its spans."""
    found: list[list[Any]] = []
    place, before = 0, "O"
    for token, tag in tags:
        if tag != "O" and (tag[0] == "B" or before[2:] != tag[2:]):
            found.append([place, 0, tag[2:]])
        if tag != "O":
            found[-1][1] = place + len(token)
        place, before = place + len(token) + 1, tag
    return " ".join(token for token, _ in tags), Spans(tuple(Span(a, b, LabelName(c)) for a, b, c in found))


def news(folder: Path, n: int) -> tuple[dict[str, str], dict[str, Answer], dict[str, dict[str, dict[str, Answer]]]]:
    """Return sentences that at least three of the busiest annotators marked: texts, gold and what was said."""
    tagged: dict[str, dict[str, list[tuple[str, str]]]] = defaultdict(lambda: defaultdict(list))
    for name, who in (("tokens_annotations", None), ("tokens_gold", "gold")):
        with gzip.open(folder / f"{name}.csv.gz", "rt", newline="") as file:
            for row in csv.DictReader(file):
                key = f"{row['doc']}/{row['sent']}"
                if row["split"] == "val" and (who is None or key in tagged):
                    tagged[key][who or row["worker"]].append((row["token"], row["tag"]))
    busy = [key for key, by in tagged.items() if len(by) >= 5 and "gold" in by and any(t != "O" for _, t in by["gold"])]
    texts, gold, said = {}, {}, defaultdict(dict)
    for key in busy[:n]:
        texts[key], gold[key] = spans_of(tagged[key]["gold"])
        for who, tags in tagged[key].items():
            if who != "gold":
                said[who][key] = {"names": spans_of(tags)[1]}
    return texts, gold, said


@pytest.mark.slow
def test_names_in_the_news_come_out_better_than_one_annotator_marks_them(tmp_path: Path, data_dir: Path) -> None:
    texts, gold, said = news(data_dir / "crowd" / "conll_ner_crowd", 60)
    question = {"name": "names", "kind": "span", "labels": ["PER", "LOC", "ORG", "MISC"]}
    rows = [{"key": key, "text": text} for key, text in texts.items()]
    known = write_gold(tmp_path, dict(list(gold.items())[:8]))
    with project_of(tmp_path, [question], rows, gold=known) as project:
        found = loop(project, said)
        assert all(found[key] == answer for key, answer in list(gold.items())[:8])
        judged = {key: answer for key, answer in found.items() if key not in list(gold)[:8]}
        marked = [{key: one["names"] for key, one in by.items() if key in judged} for by in said.values()]
        assert f1_of(gold, judged) > np.mean([f1_of(gold, by) for by in marked if len(by) >= 5])
        report, _ = project.quality() or (None, None)
        assert report is not None and 0 < (report.agreement.value or 0) < 1
        project.export(tmp_path / "names.conll", form="conll")
        tags = (tmp_path / "names.conll").read_text(encoding="utf-8")
        assert tags.startswith("-DOCSTART- -X- O\n") and " -X- _ B-PER\n" in tags
        n_spans = sum(len(one.spans) for one in found.values() if isinstance(one, Spans))
        assert tags.count(" -X- _ B-") == n_spans
        told = (tmp_path / "names.conll.provenance.csv").read_text(encoding="utf-8")
        assert told.count("\n") == len(found) + 1 and ",spans," in told
        project.export(tmp_path / "names.jsonl", form="spacy")
        for line in (tmp_path / "names.jsonl").read_text(encoding="utf-8").splitlines():
            one = json.loads(line)
            answer = found[one["meta"]["key"]]
            assert isinstance(answer, Spans)
            assert [tuple(entity) for entity in one["entities"]] == [(s.start, s.end, s.label) for s in answer.spans]


# --- boxes -----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_boxes_around_birds_come_out_better_than_one_annotator_draws_them(tmp_path: Path, data_dir: Path) -> None:
    folder = data_dir / "crowd" / "boxes_braylan"
    drawn: dict[str, dict[str, list[Box]]] = defaultdict(lambda: defaultdict(list))
    right: dict[str, list[Box]] = defaultdict(list)
    for name in ("annotations.csv", "gold.csv"):
        with (folder / name).open(newline="") as file:
            for row in csv.DictReader(file):
                x, y, to_x, to_y = (max(float(row[side]), 0.0) for side in ("x1", "y1", "x2", "y2"))
                if row["box"] == "-1" or to_x - x < 1 or to_y - y < 1:
                    continue
                box = Box(x, y, to_x - x, to_y - y, LabelName("bird"))
                (right[row["task"]] if name == "gold.csv" else drawn[row["worker"]][row["task"]]).append(box)
    keys = sorted(right)[:20]
    (tmp_path / "photos").mkdir()
    for place, key in enumerate(keys):
        boxes = [box for by in drawn.values() for box in by.get(key, [])] + right[key]
        size = (int(max(b.x + b.width for b in boxes)) + 2, int(max(b.y + b.height for b in boxes)) + 2)
        Image.new("L", size, place).save(tmp_path / "photos" / f"{key}.png")
    said = {
        who: {f"{key}.png": {"birds": Boxes(tuple(by[key]))} for key in keys if key in by}
        for who, by in drawn.items()
        if any(key in by for key in keys)
    }
    question = {"name": "birds", "kind": "box", "labels": ["bird"]}
    images = {"sources": [{"path": "photos"}], "source": {"kind": "image"}}
    with project_of(tmp_path, [question], [], **images) as project:
        found = loop(project, said)
        everybody = [matched(right, {key: one["birds"] for key, one in by.items()}) for by in said.values()]
        assert matched(right, found) > np.mean(everybody)
        project.export(tmp_path / "birds.json", form="coco")
        coco = json.loads((tmp_path / "birds.json").read_text())
        name_of = {image["id"]: image["file_name"] for image in coco["images"]}
        boxes = [(name_of[one["image_id"]], *one["bbox"]) for one in coco["annotations"]]
        assert sorted(boxes) == sorted(
            (key, b.x, b.y, b.width, b.height)
            for key, one in found.items()
            if isinstance(one, Boxes)
            for b in one.boxes
        )
        assert coco["info"]["goldseam"]["release"] == 1 and coco["images"][0]["goldseam"]["method"] == "boxes"
        # What was exported is gold to another project of the same photos, shape by shape.
        more = {**images, "gold": [str(tmp_path / "birds.json")], "name": "again"}
        (tmp_path / "again").mkdir()
        (tmp_path / "again" / "photos").symlink_to(tmp_path / "photos")
        with project_of(tmp_path / "again", [question], [], **more) as other:
            taken = other.take_in()
            assert taken[-1].intake.accepted == len(found) and other.verify() == ()
        for form in ("yolo", "voc"):
            project.export(tmp_path / form, form=form)
            assert len(list((tmp_path / form).rglob("*.txt" if form == "yolo" else "*.xml"))) >= len(keys)


def matched(right: Mapping[str, Sequence[Box]], given: Mapping[str, Answer]) -> float:
    """Return the F1 of boxes at half overlap, over the items that were given."""
    gold = [(key, box) for key in given for box in right[key.removesuffix(".png")]]
    found = [(key, box) for key, one in given.items() if isinstance(one, Boxes) for box in one.boxes]
    measured = overlap.match(
        np.array([(box.x, box.y, box.width, box.height) for _, box in gold]).reshape(-1, 4),
        np.array([(box.x, box.y, box.width, box.height) for _, box in found]).reshape(-1, 4),
        items=([key for key, _ in gold], [key for key, _ in found]),
        iou_at=0.5,
    )
    return measured.value or 0.0


# --- numbers and preferences -----------------------------------------------------------------------------------------


def emotions(folder: Path) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    said: dict[str, dict[str, float]] = defaultdict(dict)
    with (folder / "annotations.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            said[row["worker"]][row["task"]] = float(row["label"])
    with (folder / "gold.csv").open(newline="") as file:
        return said, {row["task"]: float(row["gold"]) for row in csv.DictReader(file)}


@pytest.mark.slow
def test_degrees_of_emotion_come_nearer_to_the_experts_and_gold_of_numbers_is_measured(
    tmp_path: Path, data_dir: Path
) -> None:
    given, gold = emotions(data_dir / "crowd" / "emotion_numeric")
    keys = sorted(gold)[:60]
    said = {
        who: {key: {"joy": Number(by[key])} for key in keys if key in by}
        for who, by in given.items()
        if any(key in by for key in keys)
    }
    question = {"name": "joy", "kind": "number", "minimum": -100, "maximum": 100}
    rows = [{"key": key, "text": f"headline {key}"} for key in keys]
    tmp_path.mkdir(exist_ok=True)
    small.write_rows(tmp_path / "gold.csv", ["key", "label"], [[key, gold[key]] for key in keys[:20]])
    with project_of(tmp_path, [question], rows, gold=["gold.csv"]) as project:
        small.run(project)
        replay(
            project, {who: {key: one for key, one in by.items() if key not in keys[:20]} for who, by in said.items()}
        )
        list(project.run())
        assert project.verify() == ()
        found = released(project)
        off = [abs(one.value - gold[key]) for key, one in found.items() if isinstance(one, Number)]
        single = [abs(one["joy"].value - gold[key]) for by in said.values() for key, one in by.items()]  # type: ignore[union-attr]  # plain values
        assert np.mean(off) < 0.8 * np.mean(single)
        assert all(found[key] == Number(gold[key]) for key in keys[:20])
        report = project.quality()
        assert report is not None and report[0].accuracy.value is None  # gold settles itself, and proves nothing


@pytest.mark.slow
def test_pairs_are_preferred_as_the_experts_do_and_change_from_release_to_release(
    tmp_path: Path, data_dir: Path
) -> None:
    given, gold = emotions(data_dir / "crowd" / "emotion_numeric")
    pairs = [(a, b) for a, b in pairwise(sorted(gold)) if abs(gold[a] - gold[b]) > 20][:40]
    rows = [
        {"key": f"{a}-{b}", "text": {"prompt": "Which is stronger?", "candidates": [f"headline {a}", f"headline {b}"]}}
        for a, b in pairs
    ]
    said = {
        who: {
            f"{a}-{b}": {"better": Preference(None if by[a] == by[b] else int(by[b] > by[a]))}
            for a, b in pairs
            if a in by and b in by
        }
        for who, by in given.items()
    }
    said = {who: by for who, by in said.items() if by}
    more = {"source": {"kind": "candidates", "text": "text", "key": "key"}}
    with project_of(tmp_path, [{"name": "better", "kind": "preference"}], rows, **more) as project:
        found = loop(project, said)
        right = {f"{a}-{b}": Preference(int(gold[b] > gold[a])) for a, b in pairs}
        single = [one["better"] == right[key] for by in said.values() for key, one in by.items()]
        assert np.mean([one == right[key] for key, one in found.items()]) > np.mean(single)
        project.export(tmp_path / "pairs.csv")
        with (tmp_path / "pairs.csv").open(newline="") as file:
            first = next(csv.DictReader(file))
        assert json.loads(first["answer"])["kind"] == "preference"
        project.export(tmp_path / "pairs.json", form="label_studio")
        assert len(json.loads((tmp_path / "pairs.json").read_text())) == len(found)
