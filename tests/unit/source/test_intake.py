"""The source stage: every record becomes an item or a refusal that says why."""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import replace

import pytest

from goldseam.formats.text import Raw, csv_records, jsonl_records
from goldseam.source.intake import Accepted, Intake, Refused, check_fields, read, read_image, sift
from goldseam.source.policy import Policy
from goldseam.vocab.errors import BadPolicy, BadSource
from goldseam.vocab.items import Modality

DEFAULT = Policy()


def rows(text: str, policy: Policy, **options: str) -> list[Accepted | Refused]:
    return list(read(csv_records([text.encode()], **options), policy, "data.csv"))


def lines(*records: object, policy: Policy = DEFAULT) -> list[Accepted | Refused]:
    data = "\n".join(json.dumps(record) for record in records).encode()
    return list(read(jsonl_records([data]), policy, "data.jsonl"))


def png(width: int = 2, height: int = 2) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress((b"\0" + b"\x7f" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def test_a_row_becomes_an_item_with_its_line_key_gold_and_metadata():
    policy = Policy(text="sentence", key="id", label="gold")
    (one,) = rows("id,sentence,gold,site\n7,Good film,positive,a\n", policy)
    assert isinstance(one, Accepted)
    assert (one.item.content, one.item.origin.key, one.line, one.gold) == ("Good film", "7", 2, "positive")
    assert dict(one.item.metadata) == {"site": "a"}
    assert one.item.origin.source == "data.csv"


def test_only_the_named_metadata_is_kept_when_some_is_named():
    (one,) = rows("text,a,b\nx,1,2\n", Policy(metadata=("b",)))
    assert isinstance(one, Accepted)
    assert dict(one.item.metadata) == {"b": "2"}


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"txt": "a"}, "lacks the field 'text'"),
        ({"text": 3}, "should be a text; it is a number"),
        ({"text": None}, "it is missing"),
        ({"text": ["a"]}, "it is a list"),
        ({"text": True}, "it is true or false"),
        ({"text": "  \n"}, "is empty"),
        ({"text": "abcdef"}, "has 6 characters; 5 at most"),
    ],
)
def test_a_record_that_cannot_be_labeled_is_refused_with_the_reason(record, reason):
    (one,) = lines(record, policy=Policy(max_chars=5))
    assert isinstance(one, Refused)
    assert reason in one.reason
    assert (one.line, one.text) == (1, json.dumps(record))


def test_a_bad_record_stops_none_of_the_others():
    found = lines({"text": "a"}, {"text": 1}, {"text": "b"})
    assert [type(one) for one in found] == [Accepted, Refused, Accepted]
    assert [one.line for one in found] == [1, 2, 3]


def test_what_the_reader_could_not_read_is_refused_with_the_readers_reason():
    found = rows("text,n\nx,1\ny\nz,3\n", Policy())
    assert [type(one) for one in found] == [Accepted, Refused, Accepted]
    assert isinstance(found[1], Refused)
    assert found[1].line == 3
    assert "1 cell" in found[1].reason


def test_a_key_that_stands_for_two_texts_is_refused_and_names_the_first_line():
    found = rows("id,text\n1,a\n1,b\n1,a\n", Policy(key="id"))
    assert [type(one) for one in found] == [Accepted, Refused, Accepted]
    assert isinstance(found[1], Refused)
    assert "line 2" in found[1].reason


def test_a_record_without_its_key_is_refused():
    found = lines(
        {"text": "a"},
        {"text": "b", "id": ""},
        {"text": "c", "id": 1.5},
        {"text": "d", "id": 4},
        policy=Policy(key="id"),
    )
    assert [type(one) for one in found] == [Refused, Refused, Refused, Accepted]
    assert isinstance(found[3], Accepted)
    assert found[3].item.origin.key == "4"


def test_metadata_of_any_json_type_is_kept_as_text():
    (one,) = lines({"text": "a", "n": 1.5, "tags": ["x", "y"], "none": None})
    assert isinstance(one, Accepted)
    assert dict(one.item.metadata) == {"n": "1.5", "tags": '["x", "y"]'}


def test_a_missing_column_is_an_error_that_names_the_nearest_and_hints_at_the_delimiter():
    with pytest.raises(BadSource, match=r"no column 'text'.*Did you mean 'texts'"):
        check_fields(["id", "texts"], Policy(), "data.csv")
    records = csv_records([b"id;text\n1;a\n"])
    with pytest.raises(BadSource, match="semicolon"):
        check_fields(records.header, Policy(), "data.csv", records.hint())


def test_a_header_with_every_named_column_passes():
    check_fields(["text", "id", "site"], Policy(key="id", metadata=("site",)), "data.csv")


def test_duplicates_of_known_items_and_of_earlier_ones_in_the_batch_are_parted_off():
    found = [one for one in rows("text\na\nb\na\nc\n", Policy()) if isinstance(one, Accepted)]
    known = {found[1].item.id}
    new, duplicates = sift(found, known)
    assert [one.item.content for one in new] == ["a", "c"]
    assert [(one.line, one.item) for one in duplicates] == [(3, found[1].item.id), (4, found[0].item.id)]


def test_counts_of_two_intakes_add_up():
    assert Intake(1, 2, 3) + Intake(4, 5, 6) == Intake(5, 7, 9)


def test_an_image_is_known_by_the_hash_of_its_bytes():
    policy = Policy(kind=Modality.IMAGE)
    one, other = (read_image(name, png(), "digits", policy) for name in ("a.png", "b.png"))
    assert isinstance(one, Accepted)
    assert isinstance(other, Accepted)
    assert one.item.id == other.item.id
    assert one.item.media_type == "image/png"
    assert one.item.origin.key == "a.png"
    assert dict(one.item.metadata) == {"width": "2", "height": "2"}


@pytest.mark.parametrize("data", [b"", b"not an image", png()[:40]])
def test_a_file_that_is_not_an_image_is_refused(data):
    one = read_image("a.png", data, "digits", Policy(kind=Modality.IMAGE), line=4)
    assert isinstance(one, Refused)
    assert (one.line, one.text) == (4, "a.png")
    assert one.reason


def test_an_image_in_a_project_of_texts_is_an_error():
    with pytest.raises(BadSource, match=r"source\.kind"):
        read_image("a.png", png(), "digits", Policy())


@pytest.mark.parametrize("wrong", [{"text": ""}, {"max_chars": 0}, {"key": "text"}])
def test_a_policy_out_of_range_is_refused(wrong):
    with pytest.raises(BadPolicy):
        Policy(**wrong)


# --- candidates, each in a field of its own --------------------------------------------------------------------------

IN_A_LIST = Policy(kind=Modality.CANDIDATES, text="prompt", candidates=("answers",))
APART = Policy(kind=Modality.CANDIDATES, text="prompt", candidates=("a", "b"))


@pytest.mark.parametrize(
    ("policy", "fields"),
    [
        (IN_A_LIST, {"prompt": "Hi", "answers": ["x", "y"], "n": "1"}),
        (APART, {"prompt": "Hi", "a": "x", "b": "y", "n": "1"}),
    ],
)
def test_candidates_come_from_the_fields_that_hold_them(policy: Policy, fields: dict[str, object]):
    (one,) = read([Raw(1, fields, "")], policy, "replies")
    assert isinstance(one, Accepted)
    assert one.item.content == '{"candidates":["x","y"],"prompt":"Hi"}'
    assert dict(one.item.metadata) == {"n": "1"}


def test_candidates_without_a_prompt_are_an_item_too():
    (one,) = read([Raw(1, {"a": "x", "b": "y"}, "")], replace(APART, text=""), "replies")
    assert isinstance(one, Accepted)
    assert one.item.content == '{"candidates":["x","y"],"prompt":""}'


@pytest.mark.parametrize(
    ("policy", "fields", "why"),
    [
        (IN_A_LIST, {"prompt": "Hi", "answers": ["x"]}, "2 to"),
        (IN_A_LIST, {"prompt": "Hi", "answers": "x"}, "2 to"),
        (APART, {"prompt": "Hi", "a": "x"}, "lacks the field 'b'"),
        (APART, {"prompt": "Hi", "a": "x", "b": 2}, "text"),
        (APART, {"a": "x", "b": "y"}, "lacks the field 'prompt'"),
    ],
)  # fmt: skip
def test_a_record_without_its_candidates_is_refused_with_the_reason(
    policy: Policy, fields: dict[str, object], why: str
):
    (one,) = read([Raw(1, fields, "raw")], policy, "replies")
    assert isinstance(one, Refused)
    assert why in one.reason


def test_fields_of_candidates_belong_to_items_of_candidates():
    with pytest.raises(BadPolicy, match=r"source\.candidates"):
        Policy(candidates=("a", "b"))
    with pytest.raises(BadPolicy, match="different"):
        replace(APART, text="a")
