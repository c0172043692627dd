"""Build: the same contents are the same bytes, and every row says where it comes from."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from goldseam.formats import plain
from goldseam.formats.parquet import read_table
from goldseam.ledger.canonical import parse
from goldseam.release import manifest as names
from goldseam.release.build import build, guideline_text
from goldseam.release.contents import LabelRow
from goldseam.release.manifest import digest, from_bytes
from goldseam.release.policy import Policy
from goldseam.release.splits import split_of
from goldseam.vocab.answers import LabelName
from goldseam.vocab.errors import BadPolicy, BadValue
from goldseam.vocab.schema import Guideline
from tests.unit.release import made

LOG, LOGGED = made.opening_log()
CONTENTS = made.contents(len(LOG), LOGGED)
BUILT = build(CONTENTS)


def test_the_same_contents_in_any_order_are_the_same_bytes() -> None:
    turned = replace(CONTENTS, rows=CONTENTS.rows[::-1], annotations=CONTENTS.annotations[::-1])
    assert build(turned).files == BUILT.files


def test_labels_that_are_written_into_a_file_are_the_same_release(tmp_path: Path) -> None:
    with (tmp_path / "labels").open("wb") as file:
        built = build(CONTENTS, file)
    assert {**built.files, names.LABELS: (tmp_path / "labels").read_bytes()} == BUILT.files
    assert built.manifest == BUILT.manifest
    assert names.LABELS not in built.files


def test_a_disk_without_room_is_an_error_as_any_other() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no device that is always full")
    with Path("/dev/full").open("wb", buffering=0) as file, pytest.raises(OSError, match="No space left"):
        build(CONTENTS, file)


def test_rows_of_several_questions_stand_by_question_and_then_by_item() -> None:
    notes = [
        made.row(item, LabelName('{"kind":"text","text":"x"}'), 1.0, question=made.NOTE, soft={})
        for item in made.ITEMS[1:]
    ]
    built = build(replace(CONTENTS, rows=[*notes, *made.ROWS]))
    table = read_table(built.files[names.LABELS])
    found = list(zip(table["question"], table["item"], strict=True))
    assert found == sorted(found)
    assert (len(found), built.manifest.n_items) == (5, 3)


def test_the_manifest_lists_every_file_by_its_hash() -> None:
    assert {file.name for file in BUILT.manifest.files} == set(names.LISTED)
    for file in BUILT.manifest.files:
        assert (file.sha256, file.bytes) == (digest(BUILT.files[file.name]), len(BUILT.files[file.name]))
    assert BUILT.manifest.file(names.LABELS).rows == 3
    assert BUILT.manifest.file(names.ANNOTATIONS).rows == 5
    assert (BUILT.manifest.n_items, BUILT.manifest.n_annotations, BUILT.manifest.n_annotators) == (3, 5, 2)
    assert from_bytes(BUILT.files[names.MANIFEST]) == BUILT.manifest
    assert BUILT.sha256 == digest(BUILT.files[names.MANIFEST])


def test_a_row_leads_back_to_its_source_its_versions_and_its_annotators() -> None:
    table = read_table(BUILT.files[names.LABELS])
    at = table["item"].index(made.ITEMS[0].id)
    shown = {name: column[at] for name, column in table.items()}
    assert shown == {
        "item": made.ITEMS[0].id,
        "content_hash": made.ITEMS[0].content_hash,
        "modality": "text",
        "content": "what a film",
        "media": "",
        "media_type": "",
        "source": "films.csv",
        "line": 2,
        "key": "7",
        "metadata": '{"lang":"en"}',
        "question": "mood",
        "label": "good",
        "p:good": 0.97,
        "p:bad": 0.0,
        "confidence": 0.97,
        "weight": 0.97,
        "n_votes": 2,
        "annotators": '["p1","p2"]',
        "method": "dawid_skene",
        "round": 1,
        "tier": "consensus",
        "schema_version": 1,
        "guideline_version": 2,
        "model": "",
        "split": split_of(made.ITEMS[0].id, Policy()).value,
    }


def test_media_are_named_by_hash_and_hold_no_text() -> None:
    table = read_table(BUILT.files[names.LABELS])
    at = table["item"].index(made.ITEMS[2].id)
    assert (table["content"][at], table["media"][at], table["media_type"][at]) == ("", "ab" * 32, "image/png")


def test_even_weights_are_even() -> None:
    table = read_table(build(replace(CONTENTS, policy=Policy(weight="even"))).files[names.LABELS])
    assert table["weight"].tolist() == [1.0, 1.0, 1.0]


def test_a_question_without_labels_has_no_posterior() -> None:
    note = made.row(made.ITEMS[0], LabelName('{"kind":"text","text":"x"}'), 1.0, question=made.NOTE, soft={})
    table = read_table(build(replace(CONTENTS, rows=[*made.ROWS, note])).files[names.LABELS])
    assert table["question"] == ["mood", "mood", "mood", "note"]
    assert table["p:good"][3] is None
    assert table["p:good"][:3].count(None) == 0


def test_a_label_that_the_schema_dropped_keeps_its_share() -> None:
    old = made.row(made.ITEMS[0], LabelName("meh"), 0.6, soft={LabelName("meh"): 0.6, made.GOOD: 0.4})
    table = read_table(build(replace(CONTENTS, rows=[old, *made.ROWS[1:]])).files[names.LABELS])
    at = table["item"].index(made.ITEMS[0].id)
    assert (table["p:meh"][at], table["p:good"][at], table["p:bad"][at]) == (0.6, 0.4, 0.0)


def test_annotations_come_back_whole() -> None:
    table = read_table(BUILT.files[names.ANNOTATIONS])
    assert table["annotation"] == [one.id for one in made.GIVEN]
    assert table["entry"].tolist() == [1, 2, 3, 4, 5]
    assert json.loads(table["answer"][3]) == {"kind": "abstain", "reason": "unclear"}


def test_the_schema_comes_back() -> None:
    assert plain.schema_from_plain(parse(BUILT.files[names.SCHEMA])["schema"]) == made.SCHEMA


def test_a_release_of_nothing_can_be_built_and_read() -> None:
    empty = build(replace(CONTENTS, rows=[], annotations=[], quality=None))
    assert len(read_table(empty.files[names.LABELS])["item"]) == 0
    assert empty.manifest.n_items == 0


def test_the_guideline_is_one_text_with_its_examples() -> None:
    text = BUILT.files[names.GUIDELINE].decode()
    assert text == "# Rules\n\nListen first.\n\n## Worked examples\n\n> yay\n\n**good**: glad\n"
    assert guideline_text(Guideline()) == ""


def test_a_confidence_lies_between_0_and_1() -> None:
    with pytest.raises(BadValue, match="between 0 and 1"):
        made.row(made.ITEMS[0], made.GOOD, 1.5)
    assert isinstance(made.ROWS[0], LabelRow)


@pytest.mark.parametrize(
    "changes", [{"train": 0.9}, {"train": 1.2, "test": -0.1, "validation": -0.1}, {"weight": "gut"}]
)
def test_a_policy_out_of_range_cannot_be_born(changes: dict[str, object]) -> None:
    with pytest.raises(BadPolicy, match=r"release\."):
        Policy(**changes)


def test_a_manifest_of_another_form_is_refused() -> None:
    good = BUILT.files[names.MANIFEST]
    for data in (
        b"",
        b"{}",
        good + b"\n",
        good.replace(b'"v":1', b'"v":2'),
        good.replace(b'"number":1', b'"number":"1"'),
    ):
        with pytest.raises(BadValue):
            from_bytes(data)
