"""Verify: whether a release is what was published, by recomputing everything; offline.

In: the bytes of its files, and a verifier line that came another way. Out: findings; none means good.
Never: a key, a hash or a count believed because the release says so itself.

The chain: the key signed the checkpoint, the checkpoint covers the log, the log has the release's entry, the entry
names the manifest, the manifest names the files, and each annotation opens the commitment that its own entry made.
A link is blamed for its own faults only: what a broken link before it leaves open is not held against it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from goldseam.formats import plain
from goldseam.formats.fields import Fields, mapping
from goldseam.formats.parquet import Table, read_pieces, read_table
from goldseam.ledger import checkpoint as notes
from goldseam.ledger import merkle
from goldseam.ledger.canonical import parse
from goldseam.ledger.checkpoint import Check, Checkpoint
from goldseam.ledger.entries import EntryKind, withdrawn_by
from goldseam.release import manifest as names
from goldseam.release.loglines import Log, Logline, read_log
from goldseam.release.manifest import Manifest, digest
from goldseam.vocab.errors import BadValue, GoldseamError
from goldseam.vocab.items import ITEM_ID_DIGITS, Modality, content_hash, content_hashes

MAX_FINDINGS = 20
"""How many findings one file may have; more of them say nothing new."""

NO_LOG = Log((), ())
KNOWN = frozenset(Modality)
CHECKED = ("item", "modality", "content", "media", "content_hash", "confidence", "annotators")
"""The columns of labels.parquet that can be checked by themselves."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is not as it was published: the file, the place in it where that can be told, and what is wrong."""

    file: str
    where: str
    what: str


def verify(files: Mapping[str, bytes], key_line: str, check: Check) -> tuple[Finding, ...]:
    """Return what is wrong with a release; nothing means that it is what was published.

    Parameters
    ----------
    files
        All files of the release's folder, by name.
    key_line
        The verifier line of the log's key, from somewhere else than the release.
    check
        Whether a signature over a message is a public key's.
    """
    log = read_log(files[names.LOG]) if names.LOG in files else NO_LOG
    found: list[Iterator[Finding]] = [
        _files(files),
        _key(files, key_line),
        (Finding(names.LOG, where, what) for where, what in log.problems),
    ]
    checkpoint, note_findings = _checkpoint(files, key_line, check)
    found += [iter(note_findings), _root(log, checkpoint)]
    position, proof_findings = _proof(files, log, checkpoint)
    found.append(iter(proof_findings))
    manifest, manifest_findings = _manifest(files, log, position, checkpoint)
    found.append(iter(manifest_findings))
    if manifest is not None:
        found += [_listed(files, manifest), _tables(files, manifest, log)]
    return _capped(chain.from_iterable(found))


def _capped(found: Iterator[Finding]) -> tuple[Finding, ...]:
    kept: list[Finding] = []
    counts: dict[str, int] = {}
    for finding in found:
        counts[finding.file] = counts.get(finding.file, 0) + 1
        if counts[finding.file] <= MAX_FINDINGS:
            kept.append(finding)
    more = [Finding(file, "", f"{n - MAX_FINDINGS:,} more findings") for file, n in counts.items() if n > MAX_FINDINGS]
    return (*kept, *more)


# ---- files, key, checkpoint ------------------------------------------------------------------------------------------
def _files(files: Mapping[str, bytes]) -> Iterator[Finding]:
    wanted = {names.MANIFEST, *names.LISTED, *names.EVIDENCE}
    for name in sorted(wanted - files.keys()):
        yield Finding(name, "", "the file is missing")
    for name in sorted(files.keys() - wanted):
        yield Finding(name, "", "the file is not part of the release")


def _key(files: Mapping[str, bytes], key_line: str) -> Iterator[Finding]:
    if names.KEY in files and files[names.KEY] != f"{key_line.strip()}\n".encode():
        yield Finding(names.KEY, "line 1", "the key is not the one given for verifying")


def _checkpoint(files: Mapping[str, bytes], key_line: str, check: Check) -> tuple[Checkpoint | None, list[Finding]]:
    if names.CHECKPOINT not in files:
        return None, []
    try:
        note = files[names.CHECKPOINT].decode()
        found = notes.verify(note, key_line, check)
        _, signatures = notes.parse(note)
    except ValueError as error:
        return None, [Finding(names.CHECKPOINT, "", str(error))]
    if len(signatures) > 1:
        # A line by an unknown key proves nothing and could be changed unseen.
        return found, [Finding(names.CHECKPOINT, "", "there is a signature by a key that was not given")]
    return found, []


def _root(log: Log, checkpoint: Checkpoint | None) -> Iterator[Finding]:
    if checkpoint is None or log.problems or not log.lines:
        return
    if len(log.lines) != checkpoint.size:
        what = f"it has {len(log.lines):,} entries, the signed checkpoint covers {checkpoint.size:,}"
        yield Finding(names.LOG, "", what)
    elif merkle.root(line.leaf for line in log.lines if line) != checkpoint.root:
        yield Finding(names.LOG, "", "the root over its entries is not the one in the signed checkpoint")


def _proof(files: Mapping[str, bytes], log: Log, checkpoint: Checkpoint | None) -> tuple[int | None, list[Finding]]:
    """Return the position of the release's entry by the inclusion proof, and what is wrong with the proof."""
    if names.PROOF not in files:
        return None, []
    try:
        fields = Fields(mapping(parse(files[names.PROOF]), "The proof"), "the proof")
        position, size = fields.integer("position"), fields.integer("size")
        hashes = [bytes.fromhex(text) for text in fields.texts("hashes")]
        fields.end()
    except (ValueError, GoldseamError) as error:
        return None, [Finding(names.PROOF, "", str(error))]
    line = log.at(position)
    if line is None:
        what = f"the log has no entry {position}, where the release should stand"
        return None, [] if log.problems or not log.lines else [Finding(names.PROOF, "position", what)]
    if checkpoint is None:
        return position, []
    if size != checkpoint.size:
        what = f"the proof is for {size:,} entries, the checkpoint has {checkpoint.size:,}"
        return position, [Finding(names.PROOF, "size", what)]
    if not merkle.inclusion_holds(line.leaf, position, size, hashes, checkpoint.root):
        return position, [Finding(names.PROOF, "hashes", f"it does not show entry {position} under the checkpoint")]
    return position, []


# ---- manifest --------------------------------------------------------------------------------------------------------
def _manifest(
    files: Mapping[str, bytes], log: Log, position: int | None, checkpoint: Checkpoint | None
) -> tuple[Manifest | None, list[Finding]]:
    data = files.get(names.MANIFEST)
    if data is None:
        return None, []
    findings = list(_published(digest(data), log, position))
    try:
        found = names.from_bytes(data)
    except BadValue as error:
        return None, [*findings, Finding(names.MANIFEST, "", error.message)]
    if checkpoint is not None and found.origin != checkpoint.origin:
        what = f"it is of the log {found.origin!r}, the checkpoint of {checkpoint.origin!r}"
        findings.append(Finding(names.MANIFEST, "origin", what))
    if tuple(sorted(names.LISTED)) != tuple(file.name for file in found.files):
        findings.append(Finding(names.MANIFEST, "files", "it does not list exactly the files of a release"))
    return found, findings


def _published(sha256: str, log: Log, position: int | None) -> Iterator[Finding]:
    """Find fault with the manifest if the log's entry names another."""
    line = log.at(position) if position is not None else None
    if line is None:
        # Without a proof that can be read, any release entry that names this manifest will do; the proof is a finding.
        if not log.problems and log.lines and not any(_names_manifest(other, sha256) for other in log.lines):
            yield Finding(names.MANIFEST, "", "no entry of the log names this manifest")
    elif line.entry.kind is not EntryKind.RELEASE_PUBLISHED:
        what = f"entry {position} is of kind {line.entry.kind.value}, not {EntryKind.RELEASE_PUBLISHED.value}"
        yield Finding(names.PROOF, "position", what)
    elif not _names_manifest(line, sha256):
        yield Finding(names.MANIFEST, "", f"its hash is not the one in entry {position} of the log")


def _names_manifest(line: Logline | None, sha256: str) -> bool:
    return (
        line is not None
        and line.entry.kind is EntryKind.RELEASE_PUBLISHED
        and line.entry.body.get("manifest") == sha256
    )


def _listed(files: Mapping[str, bytes], manifest: Manifest) -> Iterator[Finding]:
    for entry in manifest.files:
        data = files.get(entry.name)
        if data is None:
            continue
        if len(data) != entry.bytes:
            yield Finding(entry.name, "", f"it has {len(data):,} bytes, the manifest says {entry.bytes:,}")
        elif digest(data) != entry.sha256:
            yield Finding(entry.name, "", "its hash is not the one in the manifest")


# ---- tables ----------------------------------------------------------------------------------------------------------
def _tables(files: Mapping[str, bytes], manifest: Manifest, log: Log) -> Iterator[Finding]:
    """Check what stands in the tables; only of files that the manifest vouches for, since readers trust their input."""
    for name in (names.ANNOTATIONS, names.LABELS):
        data, entry = files.get(name), manifest.file(name)
        if data is None or entry is None or digest(data) != entry.sha256:
            continue
        try:
            yield from _labels(data, entry.rows) if name == names.LABELS else _given(data, entry.rows, manifest, log)
        except BadValue as error:
            yield Finding(name, "", error.message)
        except KeyError as error:
            yield Finding(name, "", f"the column {error} is missing")


def _counted(name: str, n_rows: int, wanted: int) -> Iterator[Finding]:
    if n_rows != wanted:
        yield Finding(name, "", f"it has {n_rows:,} rows, the manifest says {wanted:,}")


def _given(data: bytes, n_rows: int, manifest: Manifest, log: Log) -> Iterator[Finding]:
    table = read_table(data)
    yield from _counted(names.ANNOTATIONS, len(table["annotation"]), n_rows)
    yield from _annotations(table, manifest, log)


def _annotations(table: Table, manifest: Manifest, log: Log) -> Iterator[Finding]:
    """Check rows against entries, both ways."""
    seen: set[str] = set()
    for place in range(len(table["annotation"])):
        row = {name: _plain(column[place]) for name, column in table.items()}
        seen.add(str(row["annotation"]))
        what = _commitment_problem(row, log)
        if what:
            yield Finding(names.ANNOTATIONS, f"row {place + 1} (annotation {row['annotation']})", what)
    if log.problems:
        return
    given: dict[str, int] = {}
    withdrawn: dict[str, int] = {}
    for line in log.lines:
        if line is not None and line.entry.kind is EntryKind.ANNOTATION_GIVEN and line.position < manifest.log_size:
            given[line.entry.object] = line.position
        elif line is not None and line.entry.kind is EntryKind.ANNOTATION_WITHDRAWN:
            withdrawn |= dict.fromkeys(withdrawn_by(line.entry), line.position)
    for annotation in sorted(given.keys() - seen - withdrawn.keys()):
        what = f"annotation {annotation} was given (entry {given[annotation]} of the log) and is not here"
        yield Finding(names.ANNOTATIONS, "", what)
    # A withdrawal may come while the release is being built; only those before its reading must show.
    for annotation in sorted(seen & withdrawn.keys()):
        if withdrawn[annotation] < manifest.log_size:
            yield Finding(names.ANNOTATIONS, f"annotation {annotation}", "it was withdrawn before the release was made")


def _commitment_problem(row: Mapping[str, Any], log: Log) -> str:
    """Return why the row does not open its entry's commitment; empty if it does."""
    line = log.at(int(row["entry"]))
    if line is None:
        return f"the log has no entry {row['entry']}" if log.lines and not log.problems else ""
    try:
        fields = {name: value for name, value in row.items() if name not in {"annotation", "salt", "entry"}}
        fields |= {"id": row["annotation"], "answer": parse(str(row["answer"]).encode())}
        commitment = plain.annotation_commitment(plain.annotation_from_plain(fields), bytes.fromhex(str(row["salt"])))
    except (ValueError, GoldseamError) as error:
        return f"it cannot be read: {error}"
    entry = line.entry
    if entry.kind is not EntryKind.ANNOTATION_GIVEN or entry.object != row["annotation"]:
        return f"entry {line.position} of the log is not about it"
    if entry.body.get("commitment") != commitment:
        return f"it is not what entry {line.position} of the log committed to"
    return ""


def _labels(data: bytes, wanted: int) -> Iterator[Finding]:
    """Check that each row's content is what the item's id says, and that numbers are within their bounds."""
    n_rows = 0
    for piece in read_pieces(data, CHECKED):
        if not _is_sound(piece):
            yield from _unsound(piece, n_rows)
        n_rows += len(piece["item"])
    yield from _counted(names.LABELS, n_rows, wanted)


def _is_sound(piece: Table) -> bool:
    """Return whether nothing is wrong with these rows, at once; what is, `_unsound` says."""
    if any(None in piece[name] for name in CHECKED if isinstance(piece[name], list)):
        return False
    modalities, expected = piece["modality"], piece["content_hash"]
    for modality in set(modalities):
        if modality not in KNOWN:
            return False
        here = [place for place, each in enumerate(modalities) if each == modality]
        contents = piece["media" if Modality(modality).is_media else "content"]
        if content_hashes(Modality(modality), [contents[place] for place in here]) != [
            expected[place] for place in here
        ]:
            return False
    sure = np.asarray(piece["confidence"], np.float64)
    return (
        [text[:ITEM_ID_DIGITS] for text in expected] == list(piece["item"])
        and bool(np.all((sure >= 0) & (sure <= 1)))
        and all(_is_list(text) for text in set(piece["annotators"]))
    )


def _unsound(piece: Table, n_before: int) -> Iterator[Finding]:
    for place, item in enumerate(piece["item"]):
        where = f"row {n_before + place + 1} (item {item})"
        modality = str(piece["modality"][place])
        is_media = modality in KNOWN and Modality(modality).is_media
        content = piece["media" if is_media else "content"][place]
        expected = piece["content_hash"][place]
        if modality not in KNOWN or content_hash(Modality(modality), str(content)) != expected:
            yield Finding(names.LABELS, where, "the content is not the one that its hash says")
        if str(expected)[:ITEM_ID_DIGITS] != item:
            yield Finding(names.LABELS, where, "the item's id does not belong to its content hash")
        sure = piece["confidence"][place]
        if sure is None or not 0 <= sure <= 1:
            yield Finding(names.LABELS, where, f"the confidence is {sure}")
        if not _is_list(piece["annotators"][place]):
            yield Finding(names.LABELS, where, "the annotators are not a list")


def _is_list(text: object) -> bool:
    try:
        return isinstance(json.loads(str(text)), list)
    except ValueError:
        return False


def _plain(value: Any) -> Any:  # noqa: ANN401 (a cell of any column)
    return value.item() if hasattr(value, "item") else value
