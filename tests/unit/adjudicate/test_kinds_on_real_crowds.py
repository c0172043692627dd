"""Answers of real crowds, settled as the project would: names in the news, birds in boxes, degrees of emotion."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from goldseam.adjudicate.kinds import Said, settle_answers
from goldseam.stats import overlap
from goldseam.vocab.answers import Box, Boxes, LabelName, Number, Span, Spans
from goldseam.vocab.schema import Label, Question, QuestionKind, QuestionName

Row = tuple[str, int, str]


def spans_of(rows: list[Row]) -> Spans:
    """Return the spans that BIO tags of the tokens of one sentence say, in tokens."""
    found: list[list[object]] = []
    before = "O"
    for _, place, tag in sorted(rows, key=lambda row: row[1]):
        if tag != "O" and (tag[0] == "B" or before == "O" or before[2:] != tag[2:]):
            found.append([place, place + 1, tag[2:]])
        elif tag != "O":
            found[-1][1] = place + 1
        before = tag
    return Spans(tuple(Span(int(str(a)), int(str(b)), LabelName(str(label))) for a, b, label in found))


@pytest.mark.slow
def test_names_in_the_news_come_out_as_well_as_the_kernel_alone_finds_them(data_dir: Path) -> None:
    folder = data_dir / "crowd" / "conll_ner_crowd"
    said: dict[tuple[str, str], list[Row]] = defaultdict(list)
    right: dict[str, list[Row]] = defaultdict(list)
    with gzip.open(folder / "tokens_annotations.csv.gz", "rt", newline="") as file:
        for row in csv.DictReader(file):
            if row["split"] != "val":  # half of the documents are enough here
                continue
            item = f"{row['doc']}/{row['sent']}"
            said[item, row["worker"]].append((item, int(row["tok"]), row["tag"]))
    seen = {item for item, _ in said}
    with gzip.open(folder / "tokens_gold.csv.gz", "rt", newline="") as file:
        for row in csv.DictReader(file):
            item = f"{row['doc']}/{row['sent']}"
            if item in seen:
                right[item].append((item, int(row["tok"]), row["tag"]))
    labels = tuple(Label(LabelName(name)) for name in ("LOC", "MISC", "ORG", "PER"))
    question = Question(QuestionName("names"), QuestionKind.SPAN, labels=labels)
    settled = settle_answers(question, [Said(item, who, spans_of(rows)) for (item, who), rows in said.items()])
    assert len(settled) == len(seen)
    gold = [(item, span) for item, rows in right.items() for span in spans_of(rows).spans]
    found = [(one.item, span) for one in settled if isinstance(one.answer, Spans) for span in one.answer.spans]
    measured = overlap.span_f1(
        [(span.start, span.end, span.label) for _, span in gold],
        [(span.start, span.end, span.label) for _, span in found],
        items=([item for item, _ in gold], [item for item, _ in found]),
    )
    assert measured.value is not None and measured.value > 0.76
    whole = {item: spans_of(rows) for item, rows in right.items()}
    sure = [one for one in settled if (one.confidence or 0) > 0.9]
    unsure = [one for one in settled if (one.confidence or 0) <= 0.6]
    shares = [np.mean([one.answer == whole[one.item] for one in some]) for some in (sure, unsure)]
    assert len(sure) > 100 and shares[0] > shares[1] + 0.3


@pytest.mark.slow
def test_birds_in_boxes_are_found_better_than_by_one_annotator(data_dir: Path) -> None:
    folder = data_dir / "crowd" / "boxes_braylan"
    bird = LabelName("bird")
    drawn: dict[tuple[str, str], list[Box]] = defaultdict(list)
    gold: list[tuple[str, list[float]]] = []
    for name, rows in (("annotations.csv", drawn), ("gold.csv", None)):
        with (folder / name).open(newline="") as file:
            for row in csv.DictReader(file):
                x, y, right, bottom = (float(row[key]) for key in ("x1", "y1", "x2", "y2"))
                if rows is None:
                    gold.append((row["task"], [x, y, right - x, bottom - y]))
                else:
                    rows[row["task"], row["worker"]].append(Box(x, y, right - x, bottom - y, bird))
    question = Question(QuestionName("birds"), QuestionKind.BOX, labels=(Label(bird),))
    settled = settle_answers(question, [Said(item, who, Boxes(tuple(boxes))) for (item, who), boxes in drawn.items()])
    found = [(one.item, box) for one in settled if isinstance(one.answer, Boxes) for box in one.answer.boxes]
    measured = overlap.match(
        np.array([box for _, box in gold]),
        np.array([(box.x, box.y, box.width, box.height) for _, box in found]),
        items=([item for item, _ in gold], [item for item, _ in found]),
        iou_at=0.5,
    )
    assert measured.value is not None and measured.value > 0.75


@pytest.mark.slow
def test_degrees_of_emotion_come_nearer_to_the_experts_than_single_annotators(data_dir: Path) -> None:
    folder = data_dir / "crowd" / "emotion_numeric"
    with (folder / "annotations.csv").open(newline="") as file:
        given = [(row["task"], row["worker"], float(row["label"])) for row in csv.DictReader(file)]
    with (folder / "gold.csv").open(newline="") as file:
        gold = {row["task"]: float(row["gold"]) for row in csv.DictReader(file)}
    question = Question(QuestionName("joy"), QuestionKind.NUMBER, minimum=-100, maximum=100, integer=True)
    settled = settle_answers(question, [Said(item, who, Number(value)) for item, who, value in given])
    off = [
        abs(one.answer.value - gold[one.item]) for one in settled if isinstance(one.answer, Number) and one.item in gold
    ]
    single = [abs(value - gold[item]) for item, _, value in given if item in gold]
    assert np.mean(off) < 0.8 * np.mean(single)
    assert all(0 <= (one.confidence or 0) <= 1 for one in settled)
