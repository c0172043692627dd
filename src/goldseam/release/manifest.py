"""Manifest: the list of what a release holds, by hash.

In: facts and files. Out: `Manifest`, its canonical bytes, and back.
Never: a time or a count that the caller did not give.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import IO, TYPE_CHECKING

from goldseam.formats.fields import Fields, mapping, text_of
from goldseam.ledger import entries
from goldseam.ledger.canonical import canonical, parse
from goldseam.vocab.errors import BadValue
from goldseam.vocab.schema import GuidelineVersion, SchemaVersion

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

MANIFEST_VERSION = 1

LABELS = "labels.parquet"
ANNOTATIONS = "annotations.parquet"
SCHEMA = "schema.json"
GUIDELINE = "guideline.md"
CARD = "card.md"
MANIFEST = "manifest.json"
LOG = "log.jsonl"
CHECKPOINT = "checkpoint.txt"
PROOF = "proof.json"
KEY = "key.txt"

LISTED = (LABELS, ANNOTATIONS, SCHEMA, GUIDELINE, CARD)
"""The files that the manifest lists; the ledger's entry of the release has the hash of the manifest."""

EVIDENCE = (LOG, CHECKPOINT, PROOF, KEY)
"""The files that show the manifest to be the one that was published."""

HEXADECIMAL = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of a release; `rows` counts the rows of a table, and is 0 for the rest."""

    name: str
    sha256: str
    bytes: int
    rows: int

    def __post_init__(self) -> None:
        if not HEXADECIMAL.fullmatch(self.sha256):
            raise BadValue(f"The hash of {self.name!r} is 64 hexadecimal digits; got {self.sha256!r}.")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a release is: its versions, counts, policies and files.

    `log_size` is how many entries the log held when the annotations were read; `previous` is the hash of the manifest
    before this one, empty for the first.
    """

    project: str
    number: int
    at: datetime
    round: int
    origin: str
    log_size: int
    previous: str
    schema_version: SchemaVersion
    guideline_version: GuidelineVersion
    code_version: str
    model: str
    n_items: int
    n_annotations: int
    n_annotators: int
    policies: Mapping[str, object]
    files: tuple[FileEntry, ...]

    def file(self, name: str) -> FileEntry | None:
        """Return the entry of a file, if it is listed."""
        return next((file for file in self.files if file.name == name), None)

    def to_bytes(self) -> bytes:
        """Return the canonical JSON of the manifest."""
        return canonical(to_plain(self))


def digest(data: bytes) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


class Measured(io.BufferedIOBase):
    """A file as it is written: what passes is counted and hashed, and an error waits for `end`.

    Writers in another language have no way to pass an error of the disk on.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._hash, self.n_bytes = file, hashlib.sha256(), 0
        self._error: OSError | None = None

    def write(self, data: ReadableBuffer) -> int:
        """Write to the file, as long as nothing went wrong."""
        n_bytes = len(memoryview(data))
        if self._error is None:
            try:
                self._file.write(data)
            except OSError as error:
                self._error = error
        self._hash.update(data)
        self.n_bytes += n_bytes
        return n_bytes

    def end(self) -> str:
        """Return the hash of all that was written, in hexadecimal, or raise what went wrong."""
        if self._error is not None:
            raise self._error
        return self._hash.hexdigest()


def to_plain(manifest: Manifest) -> dict[str, object]:
    """Return the manifest as plain values."""
    return {
        "v": MANIFEST_VERSION,
        "project": manifest.project,
        "number": manifest.number,
        "at": entries.time_text(manifest.at),
        "round": manifest.round,
        "origin": manifest.origin,
        "log_size": manifest.log_size,
        "previous": manifest.previous,
        "schema_version": manifest.schema_version,
        "guideline_version": manifest.guideline_version,
        "code_version": manifest.code_version,
        "model": manifest.model,
        "n_items": manifest.n_items,
        "n_annotations": manifest.n_annotations,
        "n_annotators": manifest.n_annotators,
        "policies": dict(manifest.policies),
        "files": [{"name": f.name, "sha256": f.sha256, "bytes": f.bytes, "rows": f.rows} for f in manifest.files],
    }


def from_bytes(data: bytes) -> Manifest:
    """Return the manifest of its canonical bytes.

    Raises
    ------
    BadValue
        If the bytes are not canonical JSON, or not a manifest of this version.
    """
    try:
        fields = Fields(mapping(parse(data), "A manifest"), "the manifest")
        at = entries.time_from_text(fields.text("at"))
    except ValueError as error:
        raise BadValue(f"The manifest cannot be read: {error}") from error
    if fields.integer("v") != MANIFEST_VERSION:
        raise BadValue(f"This is not a manifest of version {MANIFEST_VERSION}.")
    manifest = Manifest(
        project=fields.text("project"),
        number=fields.integer("number"),
        at=at,
        round=fields.integer("round"),
        origin=fields.text("origin"),
        log_size=fields.integer("log_size"),
        previous=fields.text("previous"),
        schema_version=SchemaVersion(fields.integer("schema_version")),
        guideline_version=GuidelineVersion(fields.integer("guideline_version")),
        code_version=fields.text("code_version"),
        model=fields.text("model"),
        n_items=fields.integer("n_items"),
        n_annotations=fields.integer("n_annotations"),
        n_annotators=fields.integer("n_annotators"),
        policies=MappingProxyType(dict(mapping(fields.take("policies"), "'policies' of the manifest"))),
        files=tuple(_file(file) for file in fields.list("files")),
    )
    fields.end()
    return manifest


def _file(value: object) -> FileEntry:
    fields = Fields(mapping(value, "A file of the manifest"), "a file of the manifest")
    name = text_of(fields.take("name"), "The name of a file")
    entry = FileEntry(name, fields.text("sha256"), fields.integer("bytes"), fields.integer("rows"))
    fields.end()
    return entry
