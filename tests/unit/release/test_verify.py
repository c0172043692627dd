"""Verify: what was published passes; whatever was changed is found and named."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldseam.edge import keys
from goldseam.formats.parquet import read_table, write_table
from goldseam.ledger.canonical import canonical
from goldseam.ledger.entries import EntryKind
from goldseam.release import manifest as names
from goldseam.release.build import Built, build
from goldseam.release.manifest import digest, from_bytes
from goldseam.release.verify import MAX_FINDINGS, Finding, _labels, verify
from goldseam.vocab.answers import Choice
from tests.unit.release import made

GOOD = made.release()
FILES = GOOD.files


def found(files: dict[str, bytes], key_line: str = made.KEY.line) -> tuple[Finding, ...]:
    return verify(files, key_line, keys.check)


def test_a_release_that_was_not_touched_has_no_findings() -> None:
    assert found(FILES) == ()
    assert found(FILES, made.KEY.line + "\n") == ()


@settings(max_examples=400)
@given(st.data())
def test_a_changed_byte_in_any_file_is_found_and_the_file_is_named(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(FILES)))
    place = data.draw(st.integers(0, len(FILES[name]) - 1))
    change = data.draw(st.integers(1, 255))
    changed = bytearray(FILES[name])
    changed[place] ^= change
    findings = found({**FILES, name: bytes(changed)})
    assert name in {finding.file for finding in findings}


@given(st.integers(0, len(FILES[names.LOG]) - 1), st.integers(1, 255))
def test_a_changed_byte_in_the_log_is_found_in_its_line_and_nowhere_else(place: int, change: int) -> None:
    changed = bytearray(FILES[names.LOG])
    changed[place] ^= change
    line = FILES[names.LOG][:place].count(b"\n") + 1
    findings = found({**FILES, names.LOG: bytes(changed)})
    assert {finding.file for finding in findings} == {names.LOG}
    assert findings[0].where.startswith(f"line {line}")


@given(st.sampled_from(sorted(FILES)), st.data())
def test_a_file_that_was_cut_or_grew_is_found(name: str, data: st.DataObject) -> None:
    size = data.draw(st.integers(0, len(FILES[name]) - 1))
    assert name in {finding.file for finding in found({**FILES, name: FILES[name][:size]})}
    extra = data.draw(st.binary(min_size=1, max_size=5))
    assert name in {finding.file for finding in found({**FILES, name: FILES[name] + extra})}


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_missing_file_is_named_and_no_other(name: str) -> None:
    findings = found({other: data for other, data in FILES.items() if other != name})
    assert {finding.file for finding in findings} == {name}


def test_a_file_that_is_no_part_of_the_release_is_named() -> None:
    assert found({**FILES, "virus.exe": b""}) == (Finding("virus.exe", "", "the file is not part of the release"),)


def test_nothing_at_all_is_not_a_release() -> None:
    assert {finding.file for finding in found({})} == {names.MANIFEST, *names.LISTED, *names.EVIDENCE}


def test_a_release_signed_by_another_key_does_not_pass_whatever_its_own_key_file_says() -> None:
    other = keys.SigningKey(made.KEY.name, bytes(range(1, 33)))
    assert {finding.file for finding in found(FILES, other.line)} == {names.KEY, names.CHECKPOINT}


def test_a_second_signature_is_named_since_it_could_be_changed_unseen() -> None:
    note = FILES[names.CHECKPOINT].decode()
    extra = note.splitlines()[-1].replace(made.KEY.name, "somebody.else")
    findings = found({**FILES, names.CHECKPOINT: f"{note}{extra}\n".encode()})
    assert [finding.file for finding in findings] == [names.CHECKPOINT]


# ---- an insider, who can recompute every hash but not the signature ---------------------------------------------------
def with_files(**changes: bytes) -> dict[str, bytes]:
    """Return the release with files replaced and the manifest made to agree."""
    files = {**FILES, **changes}
    manifest = from_bytes(FILES[names.MANIFEST])
    listed = tuple(replace(f, sha256=digest(files[f.name]), bytes=len(files[f.name])) for f in manifest.files)
    return {**files, names.MANIFEST: replace(manifest, files=listed).to_bytes()}


def test_an_answer_that_was_changed_with_all_its_hashes_is_named_by_row() -> None:
    table = read_table(FILES[names.ANNOTATIONS])
    table["answer"][1] = '{"kind":"choice","label":"bad"}'
    findings = found(with_files(**{names.ANNOTATIONS: write_table(table)}))
    assert {finding.file for finding in findings} == {names.MANIFEST, names.ANNOTATIONS}
    assert (
        Finding(names.ANNOTATIONS, "row 2 (annotation n2)", "it is not what entry 2 of the log committed to")
        in findings
    )


@pytest.mark.parametrize(
    ("column", "value", "what"),
    [
        ("seconds", 9.0, "it is not what entry 2 of the log committed to"),
        ("annotator", "p9", "it is not what entry 2 of the log committed to"),
        ("salt", "00" * 16, "it is not what entry 2 of the log committed to"),
        ("salt", "00", "it cannot be read: A salt has 16 bytes; got 1."),
        ("entry", 3, "entry 3 of the log is not about it"),
        ("entry", 99, "the log has no entry 99"),
        ("answer", "{}", "it cannot be read: An answer lacks the key 'kind'."),
        ("at", "now", "it cannot be read: A time is written like 2026-05-01T09:30:00.000000Z; got 'now'."),
    ],
)
def test_every_column_of_an_annotation_is_under_its_commitment(column: str, value: object, what: str) -> None:
    table = read_table(FILES[names.ANNOTATIONS])
    table[column][1] = value
    findings = found(with_files(**{names.ANNOTATIONS: write_table(table)}))
    assert Finding(names.ANNOTATIONS, "row 2 (annotation n2)", what) in findings


def test_an_annotation_that_was_dropped_is_missed() -> None:
    table = {name: column[1:] for name, column in read_table(FILES[names.ANNOTATIONS]).items()}
    findings = found(with_files(**{names.ANNOTATIONS: write_table(table)}))
    whats = [finding.what for finding in findings if finding.file == names.ANNOTATIONS]
    assert "annotation n1 was given (entry 1 of the log) and is not here" in whats
    assert "it has 4 rows, the manifest says 5" in whats


def test_a_text_that_was_changed_with_all_its_hashes_is_named_by_row() -> None:
    table = read_table(FILES[names.LABELS])
    table["content"][0] += "!"
    findings = found(with_files(**{names.LABELS: write_table(table)}))
    assert any(f.file == names.LABELS and f.what == "the content is not the one that its hash says" for f in findings)


WRONG: dict[str, object] = {
    "content": "another text", "content_hash": "0" * 64, "item": "0" * 32, "confidence": 1.5, "annotators": "{}",
    "modality": "smell",
}  # fmt: skip


@pytest.mark.parametrize("column", [*WRONG, "absent", "undefined"])
def test_one_row_that_is_wrong_among_thousands_is_found_with_its_number(column: str) -> None:
    rows = [made.row(replace(made.ITEMS[0], content=f"text {n}"), made.GOOD, 0.5) for n in range(3_000)]
    rows += [made.row(replace(made.ITEMS[2], content=f"{n:064x}"), made.BAD, 0.5) for n in range(100)]
    table = read_table(build(made.contents(0, [], rows=rows)).files[names.LABELS])
    assert list(_labels(write_table(table), 3_100)) == []
    place = next(n for n in range(2_100, 3_100) if table["modality"][n] == "text")
    match column:
        case "absent":
            table["content"] = [*table["content"][:place], None, *table["content"][place + 1 :]]
        case "undefined":
            table["confidence"][place] = np.nan
        case _:
            table[column][place] = WRONG[column]
    findings = list(_labels(write_table(table), 3_100))
    assert findings
    assert {finding.where for finding in findings} == {f"row {place + 1} (item {table['item'][place]})"}
    assert list(_labels(write_table(table), 3_101))[len(findings) :] == [
        Finding(names.LABELS, "", "it has 3,100 rows, the manifest says 3,101")
    ]


def test_a_log_that_was_rewritten_whole_does_not_fit_its_checkpoint() -> None:
    log = list(GOOD.log)
    log[3] = replace(log[3], actor="p9")
    rewritten = made.publish(GOOD.built, log[: len(log) - 3])
    findings = found({**FILES, names.LOG: rewritten.files[names.LOG]})
    assert Finding(names.LOG, "", "the root over its entries is not the one in the signed checkpoint") in findings


def test_a_log_that_lost_its_end_does_not_fit_its_checkpoint() -> None:
    lines = FILES[names.LOG].splitlines(keepends=True)
    findings = found({**FILES, names.LOG: b"".join(lines[:-1])})
    assert [finding.what for finding in findings] == ["it has 10 entries, the signed checkpoint covers 11"]


def test_two_entries_that_changed_places_are_both_named() -> None:
    lines = FILES[names.LOG].splitlines(keepends=True)
    lines[1], lines[2] = lines[2], lines[1]
    wheres = [finding.where for finding in found({**FILES, names.LOG: b"".join(lines)})]
    assert wheres == ["line 2 (entry 1)", "line 3 (entry 2)"]


def test_a_proof_of_another_entry_is_no_proof() -> None:
    proof = json.loads(FILES[names.PROOF]) | {"position": 1}
    whats = {f.what for f in found({**FILES, names.PROOF: canonical(proof)}) if f.file == names.PROOF}
    assert "entry 1 is of kind annotation.given, not release.published" in whats


def test_another_release_of_the_same_log_does_not_pass_for_this_one() -> None:
    log, logged = made.opening_log()
    other = build(made.contents(len(log), logged, number=2))
    findings = found({**FILES, **other.files})
    assert Finding(names.MANIFEST, "", "its hash is not the one in entry 8 of the log") in findings


def test_a_log_that_lies_is_found_out_by_a_withdrawal() -> None:
    """The release holds an annotation that its own log says was withdrawn."""
    log, logged = made.opening_log()
    log = [*log, replace(log[-1], kind=EntryKind.ANNOTATION_WITHDRAWN, object="n5")]
    published = made.publish(build(made.contents(len(log), logged)), log)
    findings = found(published.files)
    assert findings == (Finding(names.ANNOTATIONS, "annotation n5", "it was withdrawn before the release was made"),)


def test_annotations_that_were_taken_back_together_are_not_missed() -> None:
    log, logged = made.opening_log()
    body = {"annotations": ["n5", "n4"]}
    log = [*log, replace(log[-1], kind=EntryKind.ANNOTATION_WITHDRAWN, object="n5", body=body)]
    assert found(made.publish(build(made.contents(len(log), logged[:3])), log).files) == ()


def test_a_withdrawal_while_the_release_was_being_built_is_no_fault_either_way() -> None:
    log, logged = made.opening_log()
    late = replace(log[-1], kind=EntryKind.ANNOTATION_WITHDRAWN, object="n5")
    for kept in (logged, logged[:4]):
        built = build(made.contents(len(log), kept))
        assert found(made.publish(built, [*log, late]).files) == ()


def test_what_was_given_after_the_release_was_read_is_not_missed() -> None:
    log, logged = made.opening_log()
    built = build(made.contents(len(log), logged))
    late = replace(log[1], object="n77")
    assert found(made.publish(built, [*log, late]).files) == ()


def test_a_manifest_that_lists_too_little_is_named() -> None:
    log, logged = made.opening_log()
    built = build(made.contents(len(log), logged))
    short = replace(built.manifest, files=built.manifest.files[1:])
    published = made.publish(Built(short, {**built.files, names.MANIFEST: short.to_bytes()}), log)
    findings = found(published.files)
    assert [(f.file, f.where) for f in findings] == [(names.MANIFEST, "files")]


def test_a_release_of_another_log_is_named() -> None:
    log, logged = made.opening_log()
    published = made.publish(build(made.contents(len(log), logged, origin="elsewhere")), log)
    assert [(f.file, f.where) for f in found(published.files)] == [(names.MANIFEST, "origin")]


def test_a_thousand_faults_are_counted_and_not_all_told() -> None:
    findings = found({**FILES, names.LOG: b"x\n" * 1_000})
    assert len([f for f in findings if f.file == names.LOG]) == MAX_FINDINGS + 1
    assert findings[-1] == Finding(names.LOG, "", "980 more findings")


def test_another_answer_by_the_same_person_opens_no_commitment() -> None:
    log, logged = made.opening_log()
    forged = [replace(logged[0], annotation=replace(logged[0].annotation, answer=Choice(made.BAD))), *logged[1:]]
    published = made.publish(build(made.contents(len(log), forged)), log)
    assert [f.where for f in found(published.files)] == ["row 1 (annotation n1)"]
