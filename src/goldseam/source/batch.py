"""Batch: many records of a source at once, as columns; what is not plain is judged record by record, as `intake` does.

In: pieces of a CSV, or records. Out: `Batch`: columns of what was accepted, and refusals; `Keys`, which knows the keys so far.
Never: another verdict on a record than `intake.read` has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from json.encoder import encode_basestring

import numpy as np
from numpy.typing import NDArray

from goldseam.formats.contents import READERS
from goldseam.formats.pieces import Piece
from goldseam.formats.text import Raw, Unreadable
from goldseam.source.intake import KEPT_TEXT, KEY_LENGTH, Accepted, Refused, read_alone
from goldseam.source.policy import Policy
from goldseam.source.runs import Runs, prefixes
from goldseam.vocab.errors import nearest
from goldseam.vocab.items import ContentHash, Modality, content_hashes


@dataclass(frozen=True)
class Batch:
    """Records that were accepted, as columns in their order, and those that were refused.

    `metadata` has canonical JSON; `gold` and `keys` are empty texts where a record has none.
    """

    modality: Modality
    lines: Sequence[int]
    contents: Sequence[str]
    hashes: Sequence[ContentHash]
    keys: Sequence[str]
    metadata: Sequence[str]
    media_types: Sequence[str]
    gold: Sequence[str]
    refused: tuple[Refused, ...] = ()

    @property
    def n_accepted(self) -> int:
        """How many were accepted."""
        return len(self.lines)

    @cached_property
    def prefixes(self) -> NDArray[np.uint64]:
        """The first 64 bits of each content hash, as numbers."""
        return prefixes(self.hashes)

    def without(self, refused: Sequence[tuple[int, str, str]]) -> Batch:
        """Return the batch with some rows refused after all: (row, reason, the record's text)."""
        if not refused:
            return self
        left = {row for row, _, _ in refused}
        rows = [row for row in range(len(self.lines)) if row not in left]
        more = tuple(Refused(self.lines[row], reason, text[:KEPT_TEXT]) for row, reason, text in refused)
        return self.only(rows, tuple(sorted((*self.refused, *more), key=lambda one: one.line)))

    def only(self, rows: Sequence[int], refused: tuple[Refused, ...]) -> Batch:
        """Return these rows."""
        return Batch(
            modality=self.modality,
            lines=[self.lines[row] for row in rows],
            contents=[self.contents[row] for row in rows],
            hashes=[self.hashes[row] for row in rows],
            keys=[self.keys[row] for row in rows],
            metadata=[self.metadata[row] for row in rows],
            media_types=[self.media_types[row] for row in rows],
            gold=[self.gold[row] for row in rows],
            refused=refused,
        )

    def after(self, n_records: int) -> Batch:
        """Return what stands after so many records."""
        if n_records <= 0:
            return self
        lines = sorted((*self.lines, *(one.line for one in self.refused)))
        last = lines[min(n_records, len(lines)) - 1] if lines else 0
        rows = [row for row, at in enumerate(self.lines) if at > last]
        return self.only(rows, tuple(one for one in self.refused if one.line > last))

    @property
    def n_records(self) -> int:
        """How many records there are, the refused ones too."""
        return len(self.lines) + len(self.refused)


def from_piece(piece: Piece, policy: Policy, source: str) -> Batch:
    """Return the rows of a piece as a batch."""
    if policy.kind in READERS:
        return from_raw(piece.raw(range(piece.n_rows)), policy, source)
    contents = piece.cells(policy.text)
    keys = [key.strip() for key in piece.cells(policy.key)] if policy.key else [""] * piece.n_rows
    gold = [label.strip() for label in piece.cells(policy.label)] if policy.label else [""] * piece.n_rows
    longest = policy.max_chars
    odd = {row for row, text in enumerate(contents) if not text or text.isspace() or len(text) > longest}
    if policy.key:
        odd |= {row for row, key in enumerate(keys) if not key or len(key) > KEY_LENGTH}
    batch = Batch(
        modality=policy.kind,
        lines=piece.lines,
        contents=contents,
        hashes=content_hashes(policy.kind, contents),
        keys=keys,
        metadata=_metadata(piece, policy),
        media_types=[""] * piece.n_rows,
        gold=gold,
    )
    if not odd:
        return batch
    rows = sorted(odd)
    judged = (read_alone(raw, policy, source) for raw in piece.raw(rows))
    return batch.without(
        [(row, one.reason, one.text) for row, one in zip(rows, judged, strict=True) if isinstance(one, Refused)]
    )


def from_raw(records: Iterable[Raw | Unreadable], policy: Policy, source: str) -> Batch:
    """Return records as a batch."""
    return from_rows([read_alone(record, policy, source) for record in records], policy.kind)


def from_rows(rows: Sequence[Accepted | Refused], modality: Modality) -> Batch:
    """Return records that were judged one by one as a batch."""
    good = [row for row in rows if isinstance(row, Accepted)]
    return Batch(
        modality=modality,
        lines=[row.line for row in good],
        contents=[row.item.content for row in good],
        hashes=content_hashes(modality, [row.item.content for row in good]),
        keys=[row.item.origin.key for row in good],
        metadata=[object_text(row.item.metadata) for row in good],
        media_types=[row.item.media_type for row in good],
        gold=[row.gold for row in good],
        refused=tuple(row for row in rows if isinstance(row, Refused)),
    )


def unknown_labels(batch: Batch, known: Sequence[str]) -> list[tuple[int, str, str]]:
    """Return the rows whose gold label the schema has not, each with the reason and the text."""
    wrong = set(batch.gold).difference(known, [""])
    if not wrong:
        return []
    reasons = {label: f"the gold label {label!r} is not in the schema.{nearest(label, known)}" for label in wrong}
    rows = enumerate(zip(batch.gold, batch.contents, strict=True))
    return [(row, reasons[label], content) for row, (label, content) in rows if label in wrong]


@dataclass(slots=True)
class Keys:
    """The keys of a source so far: two records of one key have one content.

    Keys stand as 64-bit hashes, with the line of the first and the first bits of its content: a million take 24 MB.
    """

    _runs: Runs = field(default_factory=lambda: Runs(2))

    def clashes(self, batch: Batch) -> list[tuple[int, str, str]]:
        """Return the rows whose key stood for another content before, and remember the others."""
        keys = np.fromiter(map(hash, batch.keys), np.int64, batch.n_accepted).view(np.uint64)
        facts = np.column_stack((np.array(batch.lines, np.uint64), batch.prefixes))
        order = np.argsort(keys, kind="stable")
        first = np.ones(len(keys), np.bool_)
        first[1:] = keys[order][1:] != keys[order][:-1]
        of_first = np.maximum.accumulate(np.where(first, np.arange(len(keys)), 0))
        told = np.empty_like(facts)
        told[order] = facts[order[of_first]] if len(keys) else facts
        place, found = self._runs.find(keys)
        told[found] = place[found]
        rows = np.flatnonzero(told[:, 1] != facts[:, 1]).tolist()
        fresh = order[first & ~found[order]]
        self._runs.add(keys[fresh], facts[fresh])
        return [
            (row, f"the key {batch.keys[row]!r} stands on line {told[row, 0]} with another text", batch.contents[row])
            for row in rows
        ]


def object_text(fields: Mapping[str, str]) -> str:
    """Return a mapping of texts as canonical JSON."""
    names = sorted(fields, key=_utf_16)
    return "{" + ",".join(f"{encode_basestring(name)}:{encode_basestring(fields[name])}" for name in names) + "}"


def _metadata(piece: Piece, policy: Policy) -> list[str]:
    """Return the metadata of each row as `object_text` writes it."""
    if policy.metadata is None:
        names = [name for name in piece.columns if name not in policy.taken]
    else:
        names = [name for name in policy.metadata if name in piece.columns]
    names = sorted(set(names), key=_utf_16)
    if not names:
        return ["{}"] * piece.n_rows
    columns = [map(encode_basestring, piece.cells(name)) for name in names]
    heads = [encode_basestring(name).replace("%", "%%") for name in names]
    form = "{" + ",".join(f"{head}:%s" for head in heads) + "}"
    return [form % row for row in zip(*columns, strict=True)]


def _utf_16(name: str) -> bytes:
    return name.encode("utf-16-be")  # the order that canonical JSON has
