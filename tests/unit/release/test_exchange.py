"""Exports that another tool made and ours of the same answers: what they say is the same."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from goldseam.encode.masks import mask_of_pixels, pixels_of
from goldseam.release.exchange import FORMS, Row, Source, files_of, read_coco, read_export, read_proposals
from goldseam.vocab.answers import (
    Answer,
    Box,
    Boxes,
    Ellipse,
    Ellipses,
    Keypoint,
    LabelName,
    Masks,
    Polygon,
    Polygons,
    Polyline,
    Polylines,
    Pose,
    Poses,
    Rating,
    Sight,
    Span,
    Spans,
)
from goldseam.vocab.errors import BadSource, BadValue
from goldseam.vocab.schema import Label, Question, QuestionKind, QuestionName, RelationLabel, Schema, Skeleton

K = QuestionKind
SOURCE = Source("pets", 3, "ab" * 32, "2026-05-01T09:30:00+00:00")


def asking(kind: QuestionKind, *labels: str, name: str = "q", **options: Any) -> Question:
    return Question(QuestionName(name), kind, labels=tuple(Label(LabelName(one)) for one in labels), **options)


def row(answer: Answer, key: str = "a.png", content: str = "", question: str = "q") -> Row:
    size = (0, 0) if content else (320, 240)
    modality = "text" if content else "image"
    told = (0.75, "boxes", 3, ("ann", "bob"), "train")
    return Row(
        f"{abs(hash(key)):032x}"[:32], key, "photos", 1, content or "ff" * 32, modality, *size, question, answer, *told
    )


def written(form: str, question: Question, *rows: Row) -> dict[str, bytes]:
    return dict(files_of(form, Schema((question,)), [question], rows, SOURCE))


def read(folder: Path, name: str, *questions: Question) -> list[tuple[str, Any]]:
    """Return what an export of Label Studio says, by the last part of each item's name."""
    tasks = json.loads((folder / name).read_text(encoding="utf-8"))
    found = list(read_export(tasks, Schema(questions)))
    assert not [one.refused for one in found if one.refused]
    return [(one.names[1], one.answers[questions[0].name]) for one in found]


@pytest.fixture
def folder(data_dir: Path) -> Path:
    return data_dir / "label_studio"


def test_boxes_are_in_coco_where_the_other_tool_has_them(folder: Path) -> None:
    question = asking(K.BOX, "cat", "dog")
    rows = [row(answer, name) for name, answer in read(folder, "boxes.json", question)]
    ours = json.loads(written("coco", question, *rows)[""])
    theirs = json.loads((folder / "boxes_coco.d" / "result.json").read_text())
    for one, other in zip(ours["annotations"], theirs["annotations"], strict=True):
        if not one[
            "segmentation"
        ]:  # it turns a box in shares of the image's sides, where a right angle is none any more
            assert one["bbox"] == pytest.approx(other["bbox"], abs=1e-6)
        assert (one["image_id"], one["category_id"]) == (other["image_id"] + 1, other["category_id"] + 1)
    assert [one["name"] for one in ours["categories"]] == [one["name"] for one in theirs["categories"]]
    assert ours["annotations"][1]["segmentation"] and not ours["annotations"][0]["segmentation"]  # one is turned
    assert ours["annotations"][0]["goldseam"] == {"confidence": 0.75, "method": "boxes", "n_votes": 3}
    assert ours["info"]["goldseam"]["manifest"] == "ab" * 32


def test_straight_boxes_are_in_yolo_and_voc_where_the_other_tool_has_them(folder: Path) -> None:
    question = asking(K.BOX, "cat", "dog")
    (_, (name, answer)) = read(folder, "boxes.json", question)
    stem = name.removesuffix(".png")
    files = written("yolo", question, row(answer, name))
    theirs = (folder / "boxes_yolo.d" / "labels" / f"{stem}.txt").read_text()
    assert [float(x) for x in files[f"labels/{stem}.txt"].split()] == [float(x) for x in theirs.split()]
    assert files["classes.txt"].decode().split() == (folder / "boxes_yolo.d" / "classes.txt").read_text().split()
    assert b"ann" in files["provenance.csv"]
    places = re.compile(r"<(name|xmin|ymin|xmax|ymax|filename)>(.*?)<")
    xml = written("voc", question, row(answer, name))[f"Annotations/{stem}.xml"].decode()
    other = next((folder / "boxes_voc.d" / "Annotations").glob(f"*{stem}.xml")).read_text()
    assert places.findall(xml) == [one for one in places.findall(other) if one[1] != "Label Studio"]


def test_turned_boxes_are_in_yolo_by_their_corners(folder: Path) -> None:
    question = asking(K.BOX, "cat", "dog")
    (name, answer), _ = read(folder, "boxes.json", question)
    stem = name.removesuffix(".png")
    ours = written("yolo", question, row(answer, name))[f"labels/{stem}.txt"].decode().splitlines()
    theirs = (folder / "boxes_yolo_obb.d" / "labels" / f"{stem}.txt").read_text().splitlines()
    for one, other in zip(sorted(ours), sorted(theirs), strict=True):
        assert [float(x) for x in one.split()] == pytest.approx([float(x) for x in other.split()], abs=1e-6)
    with pytest.raises(BadValue, match="turned box"):
        written("voc", question, row(answer, name))


def test_polygons_are_in_coco_and_yolo_where_the_other_tool_has_them(folder: Path) -> None:
    question = asking(K.POLYGON, "cat", "dog")
    ((name, answer),) = read(folder, "polygons.json", question)
    ours = json.loads(written("coco", question, row(answer, name))[""])["annotations"][0]
    theirs = json.loads((folder / "polygons_coco.d" / "result.json").read_text())["annotations"][0]
    assert {key: ours[key] for key in ("segmentation", "bbox", "area")} == {
        key: theirs[key] for key in ("segmentation", "bbox", "area")
    }
    (path,) = (folder / "polygons_yolo.d" / "labels").iterdir()
    yolo = written("yolo", question, row(answer, name))[f"labels/{name.removesuffix('.png')}.txt"]
    assert [float(x) for x in yolo.split()] == [float(x) for x in path.read_text().split()]


def test_a_hole_in_a_polygon_is_a_mask_in_coco() -> None:
    question = asking(K.POLYGON, "roof")
    hole = ((20.0, 20.0), (30.0, 20.0), (30.0, 30.0), (20.0, 30.0))
    ring = ((10.0, 10.0), (50.0, 10.0), (50.0, 50.0), (10.0, 50.0))
    drawn = row(Polygons((Polygon(ring, LabelName("roof"), (hole,)),)))
    one = json.loads(written("coco", question, drawn)[""])["annotations"][0]
    assert one["segmentation"]["size"] == [240, 320] and one["area"] == pytest.approx(1500, rel=0.06)
    with pytest.raises(BadValue, match="holes"):
        written("yolo", question, drawn)


def test_a_brush_mask_is_read_to_the_pixel_and_written_so(folder: Path) -> None:
    tasks = json.loads((folder / "brush.json").read_text())
    label = tasks[0]["annotations"][0]["result"][0]["value"]["brushlabels"][0]
    question = asking(K.MASK, label)
    ((name, answer),) = read(folder, "brush.json", question)
    assert isinstance(answer, Masks)
    assert np.array_equal(pixels_of(answer.masks[0]), np.load(folder / "brush.npy") > 0)
    again = json.loads(written("label_studio", question, row(answer, name))[""])
    ((other,),) = [[one.answers[question.name]] for one in read_export(again, Schema((question,)))]
    assert other == answer


def test_spans_are_in_conll_token_by_token_as_the_other_tool_writes_them(folder: Path) -> None:
    relation = RelationLabel(LabelName("works_for"))
    question = asking(K.SPAN, "PER", "ORG", "LOC", relations=(relation,))
    tasks = json.loads((folder / "ner.json").read_text(encoding="utf-8"))
    found = list(read_export(tasks, Schema((question,))))
    rows = [row(one.answers[question.name], str(one.number), one.names[0]) for one in found]
    assert written("conll", question, *rows)[""].decode() == (folder / "ner.conll").read_text(encoding="utf-8")
    again = json.loads(written("label_studio", question, *rows)[""])
    results = [one["value"] for task in tasks for one in task["annotations"][0]["result"] if "value" in one]
    assert [one["value"] for task in again for one in task["annotations"][0]["result"] if "value" in one] == results
    assert sum(one["type"] == "relation" for one in again[0]["annotations"][0]["result"]) == 1


def test_a_span_that_ends_within_a_word_is_not_moved_and_overlaps_are_refused() -> None:
    question = asking(K.SPAN, "X")
    text = "unhappily so"
    spans = Spans((Span(2, 7, LabelName("X")),))
    lines = written("conll", question, row(spans, "1", text))[""].decode().split("\n")
    assert lines[1:5] == ["un -X- _ O", "happi -X- _ B-X", "ly -X- _ O", "so -X- _ O"]
    both = Spans((Span(0, 5, LabelName("X")), Span(2, 7, LabelName("X"))))
    with pytest.raises(BadValue, match="overlap"):
        written("conll", question, row(both, "1", text))
    assert json.loads(written("spacy", question, row(both, "1", text))[""])["entities"] == [[0, 5, "X"], [2, 7, "X"]]


def test_a_form_says_which_kinds_it_holds() -> None:
    for form, chosen in FORMS.items():
        if K.RATING in chosen.kinds:
            continue
        with pytest.raises(BadValue, match=f"{form} holds answers of the kinds"):
            written(form, asking(K.RATING), row(Rating(3), "1", "a text"))


SKELETON = Skeleton(("top", "middle", "foot"), ())
POSE = Pose(
    LabelName("cat"),
    (
        Keypoint("top", Sight.VISIBLE, 101.0, 57.0),
        Keypoint("middle", Sight.OCCLUDED, 7.0, 191.5),
        Keypoint("foot", Sight.ABSENT),
    ),
)
RING = ((10.0, 11.0), (50.0, 13.0), (53.0, 51.5))
EXACT = [
    (asking(K.BOX, "cat"), Boxes((Box(7.1, 33.0, 101.0, 57.5, LabelName("cat"), 31.0),))),
    (asking(K.ELLIPSE, "cat"), Ellipses((Ellipse(100.5, 90.0, 31.0, 17.5, LabelName("cat"), 15.0),))),
    (asking(K.POLYGON, "cat"), Polygons((Polygon(RING, LabelName("cat")),))),
    (asking(K.POLYLINE, "cat"), Polylines((Polyline(RING[:2], LabelName("cat")),))),
    (asking(K.KEYPOINTS, "cat", skeleton=SKELETON), Poses((POSE,))),
]


@pytest.mark.parametrize(("question", "answer"), EXACT)
@pytest.mark.parametrize("form", ["coco", "label_studio"])
def test_shapes_are_read_exactly_as_they_were_drawn(form: str, question: Question, answer: Answer) -> None:
    if question.kind not in FORMS[form].kinds:
        return
    plain = json.loads(written(form, question, row(answer))[""])
    (found,) = (read_coco if form == "coco" else read_proposals)(plain, Schema((question,)))
    assert (found.answers, found.refused) == ({question.name: answer}, "")
    assert found.confidence == (0.75 if form == "coco" else None)


def test_points_without_names_stand_in_the_order_of_their_skeleton() -> None:
    question = asking(K.KEYPOINTS, "cat", skeleton=SKELETON)
    coco = json.loads(written("coco", question, row(Poses((POSE,))))[""])
    assert coco["categories"][0]["keypoints"] == ["top", "middle", "foot"]
    assert coco["annotations"][0]["keypoints"] == [101.0, 57.0, 2, 7.0, 191.5, 1, 0.0, 0.0, 0]
    (yolo,) = [
        text for name, text in written("yolo", question, row(Poses((POSE,)))).items() if name.startswith("labels")
    ]
    assert [float(one) for one in yolo.split()[5:]] == pytest.approx(
        [101 / 320, 57 / 240, 2, 7 / 320, 191.5 / 240, 1, 0, 0, 0]
    )


def test_a_hole_comes_back_from_coco_and_an_ellipse_without_our_note_is_refused() -> None:
    hole = ((20.0, 20.0), (30.0, 20.0), (30.0, 30.0))
    question, answer = asking(K.POLYGON, "cat"), Polygons((Polygon(RING, LabelName("cat"), (hole,)),))
    (found,) = read_coco(json.loads(written("coco", question, row(answer))[""]), Schema((question,)))
    assert found.answers == {question.name: answer}
    question, answer = EXACT[1]
    plain = json.loads(written("coco", question, row(answer))[""])
    del plain["annotations"][0]["goldseam"]
    (found,) = read_coco(plain, Schema((question,)))
    assert "no word for an ellipse" in found.refused


def test_what_is_no_export_of_label_studio_is_refused_and_a_region_that_fits_no_question_is_told() -> None:
    schema = Schema((asking(K.RATING),))
    with pytest.raises(BadSource, match="list of tasks"):
        list(read_export({"tasks": []}, schema))
    result = [{"type": "choices", "from_name": "mood", "value": {"choices": ["calm"]}}]
    (found,) = read_export([{"data": {"text": "x"}, "annotations": [{"result": result}]}], schema)
    assert "no question for the control 'mood'" in found.refused


def test_two_images_of_one_name_have_files_of_their_own() -> None:
    question = asking(K.BOX, "cat")
    boxes = Boxes((Box(0, 0, 10, 10, LabelName("cat")),))
    names = written("yolo", question, row(boxes, "a/x.png"), row(boxes, "b/x.png"), row(boxes, "../../etc/x y.png"))
    labels = [name for name in names if name.startswith("labels/")]
    assert len(set(labels)) == 3 and all(re.fullmatch(r"labels/[\w.-]+\.txt", name) for name in labels)


def test_coco_is_read_as_it_is_written(folder: Path) -> None:
    whole = json.loads((folder / "boxes_coco.d" / "result.json").read_text())
    question = asking(K.BOX, "cat", "dog")
    theirs = list(read_coco(whole, Schema((question,))))
    assert "img0.png" in theirs[0].names
    assert theirs[1].answers == {question.name: Boxes((Box(0, 0, 320, 240, LabelName("dog")),))}
    ring = ((10.0, 10.0), (50.0, 10.0), (50.0, 50.0))
    for one, answer in (
        (asking(K.POLYGON, "cat"), Polygons((Polygon(ring, LabelName("cat")),))),
        (asking(K.MASK, "cat"), Masks((mask_of_pixels(np.eye(240, 320) > 0, LabelName("cat")),))),
    ):
        again = json.loads(written("coco", one, row(answer))[""])
        assert [found.answers for found in read_coco(again, Schema((one,)))] == [{one.name: answer}]
    with pytest.raises(BadSource, match="not COCO"):
        list(read_coco({"images": 3}, Schema((question,))))
