"""Bad input: each mistake in a source, a project file or a vote ends in one clear sentence or a quarantine row."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from goldseam.formats.images import png
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.errors import BadAnswer, NotFound
from goldseam.vocab.items import ItemId
from goldseam.vocab.people import Act
from tests.unit.edge.cli.call import goldseam
from tests.walk import small
from tests.walk.mishaps import refused, state

__all__ = ["state"]


def write(folder: Path, content: bytes, **policies: object) -> Path:
    """Write a project whose source holds these very bytes."""
    small.write_project(folder, **policies)
    (folder / "items.csv").write_bytes(content)
    return folder


def quarantine(folder: Path) -> list[dict[str, Any]]:
    """Return what was refused."""
    found: list[dict[str, Any]] = goldseam(folder, "status", "--json").json["refused"]
    return found


# --- sources ---------------------------------------------------------------------------------------------------------


def test_a_wrong_delimiter_is_named_with_the_right_one(tmp_path: Path) -> None:
    write(tmp_path, b"key;text\n1;good film\n2;bad film\n")

    said = refused(goldseam(tmp_path, "run"), 3)

    assert "a semicolon as delimiter" in said
    assert "set delimiter to ';'" in said
    plain = json.loads((tmp_path / "goldseam.yaml").read_text())
    small.write_settings(tmp_path, plain | {"sources": [{"path": "items.csv", "delimiter": ";"}]})
    assert "2 accepted" in goldseam(tmp_path, "run").out


def test_a_missing_column_is_named_with_those_there_are(tmp_path: Path) -> None:
    write(tmp_path, b"key,txt\n1,good film\n")

    said = refused(goldseam(tmp_path, "run"), 3)

    assert "no column 'text'" in said
    assert "'key', 'txt'" in said


@pytest.mark.parametrize("content", [b"", b"\n", b"\n\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_said_to_be_empty(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, content)

    assert "empty" in refused(goldseam(tmp_path, "run"), 3)


def test_a_file_of_a_header_alone_gives_no_items_and_waits_for_a_person(tmp_path: Path) -> None:
    write(tmp_path, b"key,text\n")

    said = goldseam(tmp_path, "run")

    assert said.code == 0
    assert "There are no items" in said.out


def test_a_source_that_is_not_there_is_named_with_where_it_was_looked_for(tmp_path: Path) -> None:
    write(tmp_path, b"")
    (tmp_path / "items.csv").unlink()

    assert f"looked in {tmp_path}" in refused(goldseam(tmp_path, "run"), 3)


BAD_ROWS = {
    "broken UTF-8": (b"k1,caf\xe9\n", "UTF-8"),
    "NUL bytes": (b"k1,a\0b\n", "NUL"),
    "a cell of 10 MB": (b"k1," + b"x" * 10_000_000 + b"\n", "at most"),
    "a line without an end to its quote": (b'k1,"open\n', "never closed"),
    "too few cells": (b"lonely\n", "1 cell, the header has 2"),
    "too many cells": (b"k1,a,b\n", "3 cells, the header has 2"),
    "an empty text": (b"k1,\n", "empty"),
    "an empty key": (b",a text\n", "key"),
}


@pytest.mark.parametrize("what", BAD_ROWS)
def test_a_bad_row_is_kept_with_its_line_and_reason_and_hurts_no_other(tmp_path: Path, what: str) -> None:
    row, why = BAD_ROWS[what]
    ends_the_file = what == "a line without an end to its quote"
    write(tmp_path, b"key,text\nk0,good film\n" + row + (b"" if ends_the_file else b"k2,bad film\n"))

    said = goldseam(tmp_path, "run", "--json").json

    n_good = 1 if ends_the_file else 2
    assert said["done"][0]["outcome"] == f"items.csv: {n_good} accepted, 0 duplicate, 1 refused"
    (bad,) = quarantine(tmp_path)
    assert bad["line"] == 3
    assert why in bad["reason"]
    assert len(bad["text"]) < 20_000
    assert goldseam(tmp_path, "verify").code == 0


def test_duplicate_content_is_one_item_and_a_duplicate_key_with_another_text_is_refused(tmp_path: Path) -> None:
    write(tmp_path, b"key,text\na,film one\nb,film one\na,film two\nc,film three\n")

    said = goldseam(tmp_path, "run", "--json").json

    assert said["done"][0]["outcome"] == "items.csv: 2 accepted, 1 duplicate, 1 refused"
    (bad,) = quarantine(tmp_path)
    assert (bad["line"], "'a'" in bad["reason"]) == (4, True)


def test_a_file_read_again_adds_nothing_twice(tmp_path: Path) -> None:
    write(tmp_path, b"key,text\na,film one\nb,film two\n")
    goldseam(tmp_path, "run")
    os.utime(tmp_path / "items.csv", (1, 1))

    again = goldseam(tmp_path, "run", "--json").json

    assert again["done"][0]["outcome"] == "items.csv: 0 accepted, 2 duplicate, 0 refused"


def test_jsonl_of_any_garbage_is_refused_line_by_line(tmp_path: Path) -> None:
    lines = [
        '{"key": 1, "text": "good"}',
        "[]",
        "{",
        "null",
        '{"text": 5, "key": "b"}',
        '{"key": "c"}',
        '{"text": "\\ud800"}',
        "NaN",
    ]
    small.write_project(tmp_path, sources=[{"path": "items.jsonl"}])
    (tmp_path / "items.jsonl").write_text("\n".join(lines))

    said = goldseam(tmp_path, "run", "--json").json

    assert said["done"][0]["outcome"] == "items.jsonl: 1 accepted, 0 duplicate, 7 refused"
    assert [bad["line"] for bad in quarantine(tmp_path)] == [2, 3, 4, 5, 6, 7, 8]


def test_an_image_that_is_not_one_is_refused_and_the_others_are_taken_in(tmp_path: Path) -> None:
    import numpy as np

    small.write_project(tmp_path, sources=[{"path": "images"}], source={"kind": "image"})
    folder = tmp_path / "images"
    folder.mkdir()
    good = png(np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8))
    (folder / "good.png").write_bytes(good)
    (folder / "text.png").write_bytes(b"I am a text")
    (folder / "cut.png").write_bytes(good[: len(good) // 2])
    (folder / "empty.jpg").touch()
    (folder / "link.png").symlink_to("good.png")
    (folder / "notes.txt").write_text("not looked at")

    said = goldseam(tmp_path, "run", "--json").json

    assert said["done"][0]["outcome"] == "images: 1 accepted, 0 duplicate, 4 refused"
    assert {bad["text"] for bad in quarantine(tmp_path)} == {"cut.png", "empty.jpg", "link.png", "text.png"}


def test_gold_that_fits_nothing_is_refused_row_by_row(tmp_path: Path) -> None:
    small.write_project(tmp_path, n_items=3, gold=["gold.csv"])
    small.write_rows(tmp_path / "gold.csv", ["key", "label"], [["k0", "pos"], ["k9", "pos"], ["k1", "poss"]])

    said = goldseam(tmp_path, "run", "--json").json

    assert "gold gold.csv: 1 accepted, 0 duplicate, 2 refused" in said["done"][0]["outcome"]
    reasons = {bad["line"]: bad["reason"] for bad in quarantine(tmp_path)}
    assert "no item has this key" in reasons[3]
    assert "Did you mean 'pos'" in reasons[4]


# --- the project file ------------------------------------------------------------------------------------------------

PROJECT = """\
name: moods
schema:
  questions:
    - name: mood
      labels: [pos, neg]
sources:
  - path: items.csv
sample:
  batch: 6
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "why"),
    [
        ("[pos, neg]", "[pos, pos]", 4, "'pos' twice"),
        ("  batch: 6", "  bach: 6", 9, "Did you mean 'batch'"),
        ("sample:", "sampel:", 8, "Did you mean 'sample'"),
        ("      labels:", "      lables:", 5, "Did you mean 'labels'"),
        ("batch: 6", "batch: many", 9, "number"),
        ("batch: 6", "batch: -6", 9, "batch"),
        ("name: moods", "name: [moods]", 1, "text"),
        ("  - path: items.csv", "  - path: [", 9, ""),
        ("name: moods", "name: moods\nname: again", 2, "twice"),
        ("name: moods", "name: &a moods", 1, "anchors"),
        ("name: moods", "name: !!python/object:os.system moods", 1, "tags"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_project_file_is_named_with_its_line_and_the_nearest_key(
    tmp_path: Path, old: str, new: str, line: int, why: str
) -> None:
    assert old in PROJECT
    (tmp_path / "goldseam.yaml").write_text(PROJECT.replace(old, new, 1))

    said = refused(goldseam(tmp_path, "run"), 3)

    assert f"line {line}" in said.lower()
    assert why in said


def test_a_project_file_of_bytes_that_are_no_text_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "goldseam.yaml").write_bytes(b"name: x\nschema: \xff\n")

    assert "line 2: not UTF-8 (byte 0xff)" in refused(goldseam(tmp_path, "run"), 3)


# --- votes -----------------------------------------------------------------------------------------------------------


def test_a_vote_for_an_unknown_label_or_item_is_refused_and_the_good_one_beside_it_is_kept(tmp_path: Path) -> None:
    small.write_project(tmp_path, n_items=4)
    with small.opened(tmp_path) as project:
        small.run(project)
        good, bad = project.lease(2).offers
        outcomes = project.submit(
            [
                small.submission(project, bad, Choice(LabelName("posh"))),
                small.submission(project, good, Choice(LabelName("pos"))),
            ]
        )

        assert [outcome.status for outcome in outcomes] == ["refused", "saved"]
        assert isinstance(outcomes[0].error, BadAnswer)
        assert "Did you mean 'pos'" in outcomes[0].error.message
        with pytest.raises(NotFound):
            project.rule("0" * 32, "pos")
        with pytest.raises(BadAnswer):
            project.rule(good.item.id, "posh")
        assert project.votes().n_items == 1
        from goldseam.edge.runner import annotate

        claimed = annotate.claim(project.world, project.permit(Act.ANNOTATE), [ItemId("f" * 32)])
        assert claimed.refused == (("f" * 32, "the project has no such item"),)
