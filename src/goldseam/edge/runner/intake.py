"""Intake: one source into the store, batch by batch.

In: a source's file or folder. Out: items, duplicates and quarantined records; counts that say how far it came. Never: a record
that is lost, or a batch that is kept without its counts: a call that was interrupted goes on after the last one kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

from goldseam.edge.runner.keeping import Keeping, Undone
from goldseam.edge.runner.left import Left
from goldseam.edge.runner.log import record
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import Report, World
from goldseam.edge.store import items as rows
from goldseam.edge.store import projects as project_rows
from goldseam.edge.store.tx import Tx
from goldseam.flow.settings import SourceFormat, SourceSetting
from goldseam.formats.pieces import CsvPieces, Piece, csv_pieces
from goldseam.formats.text import jsonl_records
from goldseam.ledger.entries import EntryKind
from goldseam.source.batch import Batch, Keys, from_piece, from_raw, from_rows
from goldseam.source.intake import Accepted, Intake, Refused, check_fields, read_image
from goldseam.vocab.errors import BadSource
from goldseam.vocab.items import Modality
from goldseam.vocab.people import AnnotatorId

BATCH = 5_000
"""Records of a batch where they are read one by one."""
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


def path_of(world: World, name: str) -> Path:
    """Return where a source or a gold file is."""
    return world.home.root / name.removeprefix("gold ")


def take_in_source(
    world: World, project: ProjectFacts, setting: SourceSetting, mark: str, actor: AnnotatorId, report: Report
) -> TakenIn:
    """Take in one source, from where an interrupted call stopped; `mark` names it with the state it is in."""
    while True:
        with suppress(Undone):
            return _take_in_the_rest(world, project, setting, mark, actor, report)


def _take_in_the_rest(
    world: World, project: ProjectFacts, setting: SourceSetting, mark: str, actor: AnnotatorId, report: Report
) -> TakenIn:
    intake, total = begin(world, project, mark)
    keys = Keys() if project.settings.source.key else None
    ahead = world.store.dialect == "postgresql"  # SQLite works in this process, and would take turns with the reader
    with Left(_batches(world, project, setting), total.n_records, keys, ahead=ahead) as left:
        keeping = Keeping(world, project, setting.path, intake, actor, left)
        for counts in keeping.all():
            total += counts
            report(f"taking in {setting.path}", total.n_records, None)
        left.check()
    _finish(world, project, intake, setting.path, total, actor, keeping.all_ids_digest)
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


def _finish(
    world: World,
    project: ProjectFacts,
    intake: str,
    source: str,
    total: Intake,
    actor: AnnotatorId,
    digest: tuple[int, str] | None,
) -> None:
    now = world.clock.now()
    body = {
        "source_sha256": hashlib.sha256(source.encode()).hexdigest(),
        "accepted": total.accepted,
        "duplicate": total.duplicate,
        "refused": total.refused,
    }

    def save(tx: Tx) -> None:
        rows.count_intake(tx, intake, 0, 0, 0, finished=True)
        n_now = project_rows.get(tx, project.id).n_items
        n_items, digest_of_ids = digest if digest and digest[0] == n_now else rows.all_ids_digest(tx, project.id)
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
