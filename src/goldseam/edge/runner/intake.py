"""Intake: one source into the store, batch by batch, each in a transaction of its own.

In: a source's file or folder. Out: items, duplicates and quarantined records; counts that say how far it came. Never: a record
that is lost, or a batch that is kept without its counts: a call that was interrupted goes on after the last one kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from goldseam.edge.runner.digests import digest
from goldseam.edge.runner.log import record
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import Report, World
from goldseam.edge.store import gold as gold_rows
from goldseam.edge.store import items as rows
from goldseam.edge.store import projects as project_rows
from goldseam.edge.store.adding import Added, Adding, adding
from goldseam.edge.store.items import Quarantined
from goldseam.edge.store.tx import Positions, Tx
from goldseam.flow.settings import SourceFormat, SourceSetting
from goldseam.formats.pieces import CsvPieces, Piece, csv_pieces
from goldseam.formats.plain import answer_to_plain
from goldseam.formats.text import jsonl_records
from goldseam.ledger.canonical import canonical
from goldseam.ledger.entries import EntryKind
from goldseam.source.batch import Batch, Keys, from_piece, from_raw, from_rows, unknown_labels
from goldseam.source.intake import Accepted, Intake, Refused, check_fields, read_image
from goldseam.source.runs import Runs, repeated
from goldseam.vocab.answers import Choice
from goldseam.vocab.errors import BadSource, GoldseamError
from goldseam.vocab.items import Modality
from goldseam.vocab.people import AnnotatorId

BATCH = 5_000
"""Records of a batch where they are read one by one."""
TOGETHER = 6
"""Batches that SQLite takes in one transaction while nobody else waits to write: an index of a million ids, which come in no
order, is then written twice instead of once for each batch."""
CHUNK = 1 << 20
IMAGE_ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"})
MAX_IMAGE_BYTES = 50 << 20

Row = Accepted | Refused
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What came of one source."""

    source: str
    intake: Intake


@dataclass(slots=True)
class _Known:
    """What the project has, by the first bits of the ids: of a million items 8 MB. The store decides; this says where to look."""

    n_items: int = 0
    ids: Runs = field(default_factory=Runs)

    def doubtful(self, batch: Batch) -> NDArray[np.bool_]:
        """Return which items may be known, or stand in the batch twice."""
        _, found = self.ids.find(batch.prefixes)
        return found | repeated(batch.prefixes)

    def learn(self, batch: Batch, added: Added) -> None:
        """Remember what was added."""
        self.ids.add(batch.prefixes[added.new])
        self.n_items += int(added.new.sum())


def path_of(world: World, name: str) -> Path:
    """Return where a source or a gold file is."""
    return world.home.root / name.removeprefix("gold ")


def take_in_source(
    world: World, project: ProjectFacts, setting: SourceSetting, mark: str, actor: AnnotatorId, report: Report
) -> TakenIn:
    """Take in one source, from where an interrupted call stopped; `mark` names it with the state it is in."""
    intake, total = begin(world, project, mark)
    n_before = total.accepted + total.duplicate + total.refused
    left = _Left(_batches(world, project, setting), n_before, Keys() if project.settings.source.key else None)
    known = _known(world, project)
    while (first := left.next()) is not None:
        total += _save(world, project, intake, setting.path, first, left, actor, known)
        report(f"taking in {setting.path}", left.n_read, None)
    left.check()
    _finish(world, project, intake, setting.path, total, actor)
    return TakenIn(setting.path, total)


def begin(world: World, project: ProjectFacts, mark: str) -> tuple[str, Intake]:
    """Return the intake to go on with and what it has already: a new one, or one that was interrupted."""
    now = world.clock.now()

    def save(tx: Tx) -> tuple[str, Intake]:
        for row in rows.intakes(tx, project.id):
            if row.source == mark and not row.finished:
                return row.id, Intake(row.accepted, row.duplicate, row.refused)
        return rows.start_intake(tx, project.id, mark, now), Intake()

    return world.store.write(save)


def _known(world: World, project: ProjectFacts) -> _Known:
    def load(tx: Tx) -> _Known:
        known = _Known(project_rows.get(tx, project.id).n_items)
        known.ids.add(rows.id_prefixes(tx, project.id))
        return known

    return world.store.read(load)


@dataclass(slots=True)
class _Left:
    """What is left of a source: its batches, without what an interrupted call has kept already."""

    batches: Iterator[Batch]
    n_kept: int
    keys: Keys | None
    n_read: int = 0
    error: GoldseamError | None = None

    def next(self) -> Batch | None:
        """Return the next batch; None after the last, or if the next cannot be read, which `check` says."""
        try:
            for batch in self.batches:
                # Keys are told to each other before anything is left out: a clash is one whether or not the call was interrupted.
                whole = batch if self.keys is None else batch.without(self.keys.clashes(batch))
                fresh = whole.after(self.n_kept - self.n_read)
                self.n_read += batch.n_records
                if fresh.n_records:
                    return fresh
        except GoldseamError as error:
            self.error = error
        return None

    def check(self) -> None:
        """Raise what kept the next batch from being read."""
        if self.error is not None:
            raise self.error


def _save(
    world: World,
    project: ProjectFacts,
    intake: str,
    source: str,
    first: Batch,
    left: _Left,
    actor: AnnotatorId,
    known: _Known,
) -> Intake:
    """Keep a batch; on SQLite the next ones with it, as long as nobody else waits to write."""
    now, store = world.clock.now(), world.store
    may_go_on = store.dialect == "sqlite"  # where nothing is run again, as PostgreSQL may ask for

    def one(items: Adding, batch: Batch) -> tuple[Intake, Callable[[], None]]:
        read = batch.without(unknown_labels(batch, project.schema.main.label_names))
        counts, added = _save_one(items, project, intake, source, read, actor, known, now)
        return counts, partial(known.learn, read, added)

    def save(tx: Tx) -> tuple[Intake, Callable[[], None]]:
        with adding(tx, project.id) as items:
            total, learn = one(items, first)
            for _ in range(TOGETHER - 1):
                batch = left.next() if may_go_on and not store.n_waiting else None
                if batch is None:
                    break
                learn()
                counts, learn = one(items, batch)
                total += counts
        return total, learn

    total, learn = store.write(save)
    learn()
    return total


def _save_one(
    items: Adding,
    project: ProjectFacts,
    intake: str,
    source: str,
    batch: Batch,
    actor: AnnotatorId,
    known: _Known,
    now: datetime,
) -> tuple[Intake, Added]:
    tx = items.tx
    columns = {
        "modality": batch.modality.value,
        "content": batch.contents,
        "media_type": batch.media_types,
        "metadata": batch.metadata,
        "source": source,
        "line": list(batch.lines),
        "key": batch.keys,
    }
    added = items.add(batch.hashes, columns, known.doubtful(batch), known.n_items)
    again = np.flatnonzero(~added.new).tolist()
    if again:
        rows.add_duplicates(tx, project.id, intake, [batch.lines[row] for row in again], added.position[again])
    if batch.refused:
        refused = [Quarantined(source, bad.line, bad.reason, bad.text) for bad in batch.refused]
        rows.quarantine(tx, project.id, intake, refused)
    golden = [row for row in np.flatnonzero(added.new).tolist() if batch.gold[row]] if any(batch.gold) else []
    if golden:
        codes = np.array([project.labels.index(batch.gold[row]) for row in golden], np.int32)
        set_gold(tx, project, added.position[golden], codes, source, intake, actor, now)
    counts = Intake(int(added.new.sum()), len(again), len(batch.refused))
    rows.count_intake(tx, intake, counts.accepted, counts.duplicate, counts.refused, finished=False)
    return counts, added


def _finish(world: World, project: ProjectFacts, intake: str, source: str, total: Intake, actor: AnnotatorId) -> None:
    now = world.clock.now()
    body = {
        "source_sha256": hashlib.sha256(source.encode()).hexdigest(),
        "accepted": total.accepted,
        "duplicate": total.duplicate,
        "refused": total.refused,
    }

    def save(tx: Tx) -> None:
        rows.count_intake(tx, intake, 0, 0, 0, finished=True)
        n_items, digest_of_ids = rows.all_ids_digest(tx, project.id)
        made = {**body, "n_items": n_items, "items_sha256": digest_of_ids}
        record(tx, project.id, EntryKind.SOURCE_TAKEN_IN, now, actor=actor, about=intake, body=made)

    world.store.write(save)


def _batches(world: World, project: ProjectFacts, setting: SourceSetting) -> Iterator[Batch]:
    path = path_of(world, setting.path)
    if not path.exists():
        raise BadSource(f"The source {setting.path!r} is not there; looked in {path.parent}.", source=setting.path)
    policy = project.settings.source
    match setting.read_as:
        case SourceFormat.IMAGES:
            images = _image_rows(world, project, setting, path)
            return (from_rows(some, Modality.IMAGE) for some in _by_thousands(images))
        case SourceFormat.JSONL:
            records = jsonl_records(chunks_of(path))
            return (from_raw(some, policy, setting.path) for some in _by_thousands(records))
        case _:
            pieces = csv_pieces(chunks_of(path), delimiter=setting.separator)
            check_fields(pieces.header, policy, f"{setting.path}{_hint(pieces)}")
            return (
                from_piece(one, policy, setting.path) if isinstance(one, Piece) else from_raw(one, policy, setting.path)
                for one in pieces
            )


def _hint(pieces: CsvPieces) -> str:
    hint = pieces.hint()
    return f" ({hint})" if hint else ""


def _image_rows(world: World, project: ProjectFacts, setting: SourceSetting, path: Path) -> Iterator[Row]:
    if project.settings.source.kind is not Modality.IMAGE:
        raise BadSource(f"The source {setting.path!r} is a folder; a project of images says 'source: {{kind: image}}'.")
    if not path.is_dir():
        raise BadSource(f"The source {setting.path!r} is not a folder of images.", source=setting.path)
    names = sorted(images_in(path))
    if not names:
        raise BadSource(f"The folder {setting.path!r} holds no images ({', '.join(sorted(IMAGE_ENDINGS))}).")
    for line, file in enumerate(names, start=1):
        yield _image_row(world, project, setting, file, line)


def _image_row(world: World, project: ProjectFacts, setting: SourceSetting, file: Path, line: int) -> Row:
    name = file.relative_to(path_of(world, setting.path)).as_posix()
    if file.is_symlink() or file.stat().st_size > MAX_IMAGE_BYTES:
        return Refused(line, f"a link, or larger than {MAX_IMAGE_BYTES >> 20} MB", name)
    data = file.read_bytes()
    row = read_image(name, data, setting.path, project.settings.source, line)
    if isinstance(row, Accepted):
        world.blobs.put(data)
    return row


def images_in(folder: Path) -> Iterator[Path]:
    """Return the image files of a folder and of those in it, in no order."""
    return (file for file in folder.rglob("*") if file.suffix.lower() in IMAGE_ENDINGS and file.is_file())


def chunks_of(path: Path) -> Iterator[bytes]:
    """Yield a file piece by piece.

    Raises
    ------
    BadSource
        If it cannot be read.
    """
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk
    except OSError as error:
        raise BadSource(f"Cannot read {path}: {error.strerror}.", source=str(path)) from error


def _by_thousands(records: Iterator[T]) -> Iterator[list[T]]:
    while some := list(islice(records, BATCH)):
        yield some


def set_gold(
    tx: Tx,
    project: ProjectFacts,
    position: Positions,
    code: NDArray[np.int32],
    how: str,
    intake: str,
    actor: AnnotatorId,
    now: datetime,
) -> None:
    """Keep gold labels, and their entry."""
    body = {"n": len(position), "items_sha256": digest(position), "codes_sha256": digest(code.astype(np.int64))}
    record(tx, project.id, EntryKind.GOLD_SET, now, actor=actor, about=intake, body=body)
    answers = [canonical(answer_to_plain(Choice(project.labels[at]))).decode() for at in code.tolist()]
    gold_rows.save(tx, project.id, project.question, position, code, answers, how, actor, now)
