"""Build: settled labels, annotations and versions become the files of a release.

In: `Contents`. Out: `Built`: the files as bytes and the manifest; later the `evidence` that the log covers it.
Never: a different byte for the same contents, in whatever order they come; a name of a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from operator import attrgetter
from typing import IO

import numpy as np
from numpy.typing import NDArray

from goldseam.formats import plain
from goldseam.formats.parquet import Column, write_table, write_table_to
from goldseam.formats.texts import Coded, Digits, same
from goldseam.ledger import entries
from goldseam.ledger.canonical import canonical
from goldseam.ledger.entries import Entry
from goldseam.release import card, manifest
from goldseam.release.contents import Contents, LabelRow, LabelTable, Logged
from goldseam.release.loglines import write_log
from goldseam.release.manifest import FileEntry, Manifest, digest
from goldseam.release.policy import Policy
from goldseam.release.splits import split_all
from goldseam.vocab.answers import LabelName
from goldseam.vocab.items import ITEM_ID_DIGITS, Modality
from goldseam.vocab.schema import Guideline, QuestionKind, Schema

SOFT = "p:"
"""A column `p:<label>` has the posterior of each label; empty where the row's question has no such label."""


@dataclass(frozen=True, slots=True)
class Built:
    """The files of a release, by name, before the ledger covers it; `sha256` is what its ledger entry has to name.

    The labels are not among them if they were written elsewhere already.
    """

    manifest: Manifest
    files: Mapping[str, bytes]

    @property
    def sha256(self) -> str:
        """The hash of the manifest: goes into the `release.published` entry as `manifest`."""
        return digest(self.files[manifest.MANIFEST])


def build(contents: Contents, into: IO[bytes] | None = None) -> Built:
    """Return the files of a release and its manifest; the labels, the longest of them, are written into a file if one is given.

    Raises
    ------
    OSError
        If they cannot be written.
    """
    room = BytesIO()
    rows = contents.rows if isinstance(contents.rows, LabelTable) else as_table(contents.rows, contents.schema)
    order, n_items = in_order(rows)
    logged = sorted(contents.annotations, key=attrgetter("entry"))
    labels = label_columns(rows, contents.schema, contents.policy)
    schema = {"schema": plain.schema_to_plain(contents.schema), "version": contents.schema_version}
    measured = manifest.Measured(room if into is None else into)
    write_table_to(measured, labels, order)
    listed = [FileEntry(manifest.LABELS, measured.end(), measured.n_bytes, len(rows))]
    files = {
        manifest.ANNOTATIONS: write_table(annotation_columns(logged)),
        manifest.SCHEMA: canonical(schema),
        manifest.GUIDELINE: guideline_text(contents.guideline).encode(),
        manifest.CARD: card.text(contents, labels, n_items).encode(),
    }
    n_rows = {manifest.ANNOTATIONS: len(logged)}
    listed += [FileEntry(name, digest(data), len(data), n_rows.get(name, 0)) for name, data in files.items()]
    made = Manifest(
        project=contents.project,
        number=contents.number,
        at=contents.at,
        round=contents.round,
        origin=contents.origin,
        log_size=contents.log_size,
        previous=contents.previous,
        schema_version=contents.schema_version,
        guideline_version=contents.guideline_version,
        code_version=contents.code_version,
        model=contents.model,
        n_items=n_items,
        n_annotations=len(logged),
        n_annotators=len({one.annotation.annotator for one in logged}),
        policies=contents.policies,
        files=tuple(sorted(listed, key=attrgetter("name"))),
    )
    if into is None:
        files = {manifest.LABELS: room.getvalue(), **files}
    return Built(made, {**files, manifest.MANIFEST: made.to_bytes()})


def in_order(table: LabelTable) -> tuple[NDArray[np.intp], int]:
    """Return the order of rows by question and then by item, and how many items they are about."""
    high, low = _halves(table.items)
    if len(set(_distinct(table.questions))) <= 1:
        order = np.argsort(high, kind="stable")
        if not np.any(high[order[1:]] == high[order[:-1]]):
            return order, len(order)
    by_item = np.lexsort((low, high))
    n_again = np.count_nonzero((np.diff(high[by_item]) == 0) & (np.diff(low[by_item]) == 0))
    return np.lexsort((low, high, _ranks(table.questions))), len(table) - int(n_again)


def _halves(items: Sequence[str]) -> NDArray[np.uint64]:
    """Return ids as two numbers each, which sort as they do."""
    if isinstance(items, Digits):
        raw = np.ascontiguousarray(items.raw)
    else:
        raw = np.frombuffer(bytes.fromhex("".join(items)), np.uint8).reshape(-1, ITEM_ID_DIGITS // 2)
    return raw.view(">u8").astype(np.uint64).T


def _ranks(questions: Sequence[str]) -> NDArray[np.intp]:
    names = {name: rank for rank, name in enumerate(sorted(set(_distinct(questions))))}
    if isinstance(questions, Coded):
        return np.array([names[name] for name in questions.texts], np.intp).take(questions.codes)
    return np.array([names[name] for name in questions], np.intp)


def _distinct(texts: Sequence[str]) -> Sequence[str]:
    return texts.texts if isinstance(texts, Coded) else texts


def as_table(rows: Sequence[LabelRow], schema: Schema) -> LabelTable:
    """Return rows as columns, in the order given."""
    items = [row.item for row in rows]
    hashes = [item.content_hash for item in items]
    return LabelTable(
        items=[content_hash[:ITEM_ID_DIGITS] for content_hash in hashes],
        hashes=hashes,
        modalities=[item.modality.value for item in items],
        contents=[item.content for item in items],
        media_types=[item.media_type for item in items],
        sources=[item.origin.source for item in items],
        lines=_integers(item.origin.line for item in items),
        keys=[item.origin.key for item in items],
        metadata=[_json(dict(item.metadata)) for item in items],
        questions=[row.question for row in rows],
        labels=[row.label for row in rows],
        soft=_soft_columns(rows, schema),
        confidence=np.array([row.confidence for row in rows], dtype=np.float64),
        n_votes=_integers(row.n_votes for row in rows),
        annotators=[_json(sorted(set(row.annotators))) for row in rows],
        methods=[row.method for row in rows],
        rounds=_integers(row.round for row in rows),
        tiers=[row.tier for row in rows],
        schema_versions=_integers(row.schema_version for row in rows),
        guideline_versions=_integers(row.guideline_version for row in rows),
        models=[row.model for row in rows],
    )


def label_columns(rows: Sequence[LabelRow] | LabelTable, schema: Schema, policy: Policy) -> dict[str, Column]:
    """Return the columns of labels.parquet, one row a settled label, in the order given."""
    table = rows if isinstance(rows, LabelTable) else as_table(rows, schema)
    media = {modality for modality in set(_distinct(table.modalities)) if Modality(modality).is_media}
    none = same("", len(table))
    is_media = [modality in media for modality in table.modalities] if media else []
    either = list(zip(is_media, table.contents, strict=True)) if media else []
    return {
        "item": table.items,
        "content_hash": table.hashes,
        "modality": table.modalities,
        "content": ["" if media else content for media, content in either] if media else table.contents,
        "media": [content if media else "" for media, content in either] if media else none,
        "media_type": table.media_types,
        "source": table.sources,
        "line": table.lines,
        "key": table.keys,
        "metadata": table.metadata,
        "question": table.questions,
        "label": table.labels,
        **{SOFT + name: column for name, column in table.soft.items()},
        "confidence": table.confidence,
        "weight": table.confidence if policy.weight == "confidence" else np.ones(len(table)),
        "n_votes": table.n_votes,
        "annotators": table.annotators,
        "method": table.methods,
        "round": table.rounds,
        "tier": table.tiers,
        "schema_version": table.schema_versions,
        "guideline_version": table.guideline_versions,
        "model": table.models,
        "split": split_all(table.items, policy),
    }


def soft_names(schema: Schema, given: Iterable[str]) -> list[str]:
    """Return the labels that have a column: the schema's, then those that rows still carry from before."""
    chosen = [question for question in schema.questions if question.kind is QuestionKind.CHOICE]
    names = dict.fromkeys(str(name) for question in chosen for name in question.label_names)
    return [*names, *sorted(set(given) - names.keys())]


def annotation_columns(logged: Sequence[Logged]) -> dict[str, Column]:
    """Return the columns of annotations.parquet, one row an annotation, in the order given."""
    given = [one.annotation for one in logged]
    return {
        "annotation": [one.id for one in given],
        "assignment": [one.assignment for one in given],
        "item": [one.item for one in given],
        "annotator": [one.annotator for one in given],
        "question": [one.question for one in given],
        "answer": [_json(plain.answer_to_plain(one.answer)) for one in given],
        "purpose": [one.purpose.value for one in given],
        "reaction": [one.reaction.value for one in given],
        "seconds": np.array([one.seconds for one in given], dtype=np.float64),
        "schema_version": _integers(one.schema_version for one in given),
        "guideline_version": _integers(one.guideline_version for one in given),
        "at": [entries.time_text(one.at) for one in given],
        "surplus": np.array([one.surplus for one in given], dtype=np.bool_),
        "salt": [one.salt.hex() for one in logged],
        "entry": _integers(one.entry for one in logged),
    }


def guideline_text(guideline: Guideline) -> str:
    """Return the guideline as one Markdown text, with its worked examples and its date of review."""
    parts = [guideline.text.rstrip("\n")] if guideline.text.strip() else []
    if guideline.worked_examples:
        lines = ["## Worked examples", ""]
        for example in guideline.worked_examples:
            quoted = example.text.replace("\n", "\n> ")
            lines += [f"> {quoted}", "", f"**{example.label}**" + (f": {example.why}" if example.why else ""), ""]
        parts.append("\n".join(lines).rstrip("\n"))
    if guideline.review_by is not None:
        parts.append(f"To be reviewed by {guideline.review_by.isoformat()}.")
    return "\n\n".join(parts) + "\n" if parts else ""


def evidence(
    log: Iterable[Entry], *, note: str, position: int, size: int, hashes: Sequence[bytes], key_line: str
) -> dict[str, bytes]:
    """Return the files that show a release to be the one that was published.

    Parameters
    ----------
    log
        All entries under the checkpoint, in order.
    note
        The signed checkpoint.
    position, size, hashes
        The inclusion proof of the `release.published` entry under that checkpoint.
    key_line
        The verifier line of the key that signed the note.
    """
    proof = {"position": position, "size": size, "hashes": [value.hex() for value in hashes]}
    return {
        manifest.LOG: write_log(log),
        manifest.CHECKPOINT: note.encode(),
        manifest.PROOF: canonical(proof),
        manifest.KEY: f"{key_line}\n".encode(),
    }


def _soft_columns(rows: Sequence[LabelRow], schema: Schema) -> dict[str, Column]:
    asked = {question.name: frozenset(question.label_names) for question in schema.questions}
    # Labels that the schema has dropped since still carry their share in older rows.
    names = [LabelName(name) for name in soft_names(schema, {name for row in rows for name in row.soft})]
    return {
        name: [
            float(row.soft.get(name, 0.0)) if name in asked.get(row.question, ()) or name in row.soft else None
            for row in rows
        ]
        for name in names
    }


def _integers(values: Iterable[int]) -> NDArray[np.int64]:
    return np.array(list(values), dtype=np.int64)


def _json(value: object) -> str:
    return canonical(value).decode()
