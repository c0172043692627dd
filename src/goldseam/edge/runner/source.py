"""Source: reads the files that the project names, batch by batch, and keeps what comes of every record.

In: the project's sources and gold files. Out: items, duplicates and quarantined records in the store; counts per source.
Never: a record that is lost, or a second reading of what was taken in; an interrupted intake goes on where it stopped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from goldseam.edge.runner.digests import digest
from goldseam.edge.runner.log import record
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import Report, World, silent
from goldseam.edge.store import gold as gold_rows
from goldseam.edge.store import items as rows
from goldseam.edge.store.items import Quarantined
from goldseam.edge.store.tx import Positions, Tx
from goldseam.flow.settings import SourceFormat, SourceSetting
from goldseam.formats.plain import answer_to_plain, item_to_plain
from goldseam.formats.text import CsvRecords, Raw, Unreadable, csv_records, jsonl_records
from goldseam.ledger.canonical import canonical
from goldseam.ledger.entries import EntryKind
from goldseam.source.intake import Accepted, Intake, Refused, check_fields, read, read_image
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.errors import BadSource, NotFound, nearest
from goldseam.vocab.items import ItemId, Modality
from goldseam.vocab.people import AnnotatorId

BATCH = 5_000
CHUNK = 1 << 20
IMAGE_ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"})
MAX_IMAGE_BYTES = 50 << 20

Row = Accepted | Refused


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What came of one source."""

    source: str
    intake: Intake


def unread(world: World, project: ProjectFacts) -> tuple[str, ...]:
    """Return the names of sources and gold files that were not taken in as they are now."""
    finished = _finished(world, project)
    named = [setting.path for setting in project.settings.sources] + [f"gold {path}" for path in project.settings.gold]
    # A file that was read and is gone since has nothing new to say; one that was never read is asked for.
    read_once = {mark.rpartition(" @")[0] for mark in finished}
    gone = {name for name in named if name in read_once and not _path(world, name).exists()}
    return tuple(name for name in named if name not in gone and _mark(world, name) not in finished)


def _finished(world: World, project: ProjectFacts) -> set[str]:
    intakes = world.store.read(lambda tx: rows.intakes(tx, project.id))
    return {intake.source for intake in intakes if intake.finished}


def _path(world: World, name: str) -> Path:
    return world.home.root / name.removeprefix("gold ")


def _mark(world: World, name: str) -> str:
    """Return the source's name with a fingerprint of its state, so that a file that grew is read again."""
    path = _path(world, name)
    try:
        files = sorted(_images(path)) if path.is_dir() else [path]
        facts = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    except OSError:
        return f"{name} @missing"
    return f"{name} @{hashlib.sha256(repr(facts).encode()).hexdigest()[:16]}"


def take_in(world: World, project: ProjectFacts, actor: AnnotatorId, report: Report = silent) -> tuple[TakenIn, ...]:
    """Take in every source that was not read as it is now, and then the gold files.

    Raises
    ------
    BadSource
        If a file is missing, empty, or lacks the columns that the project names. What was taken in before stays.
    """
    todo = unread(world, project)
    sources = [setting for setting in project.settings.sources if setting.path in todo]
    gold = [path for path in project.settings.gold if f"gold {path}" in todo]
    done = [_take_in_source(world, project, setting, actor, report) for setting in sources]
    return (*done, *(_take_in_gold(world, project, path, actor) for path in gold))


def _take_in_source(
    world: World, project: ProjectFacts, setting: SourceSetting, actor: AnnotatorId, report: Report
) -> TakenIn:
    mark = _mark(world, setting.path)
    intake, before = _begin(world, project, mark)
    records = _records(world, project, setting)
    n_before = before.accepted + before.duplicate + before.refused
    for _ in range(n_before):
        next(records, None)
    total, n_read = before, n_before
    for batch in _batches(records, BATCH):
        total += _save_batch(world, project, intake, setting.path, batch, actor)
        n_read += len(batch)
        report(f"taking in {setting.path}", n_read, None)
    _finish(world, project, intake, setting.path, total, actor)
    return TakenIn(setting.path, total)


def _begin(world: World, project: ProjectFacts, mark: str) -> tuple[str, Intake]:
    """Return the intake to go on with and what it has already: a new one, or one that was interrupted."""
    now = world.clock.now()

    def save(tx: Tx) -> tuple[str, Intake]:
        for row in rows.intakes(tx, project.id):
            if row.source == mark and not row.finished:
                return row.id, Intake(row.accepted, row.duplicate, row.refused)
        return rows.start_intake(tx, project.id, mark, now), Intake()

    return world.store.write(save)


def _save_batch(
    world: World, project: ProjectFacts, intake: str, source: str, batch: Sequence[Row], actor: AnnotatorId
) -> Intake:
    accepted, refused = _known_labels(project, [row for row in batch if isinstance(row, Accepted)])
    refused = [row for row in batch if isinstance(row, Refused)] + refused
    now = world.clock.now()

    def save(tx: Tx) -> Intake:
        added = rows.add(tx, project.id, [row.item for row in accepted])
        repeated = np.flatnonzero(~added.new)
        lines = np.array([row.line for row in accepted], np.int64)
        if len(repeated):
            rows.add_duplicates(tx, project.id, intake, lines[repeated], added.position[repeated])
        if refused:
            rows.quarantine(tx, project.id, intake, [Quarantined(source, r.line, r.reason, r.text) for r in refused])
        golden = [(int(added.position[at]), row.gold) for at, row in enumerate(accepted) if row.gold and added.new[at]]
        if golden:
            codes = np.array([project.labels.index(label) for _, label in golden], np.int32)
            positions = np.array([position for position, _ in golden], np.int64)
            _set_gold(tx, project, positions, codes, source, intake, actor, now)
        counts = Intake(int(added.new.sum()), len(repeated), len(refused))
        rows.count_intake(tx, intake, counts.accepted, counts.duplicate, counts.refused, finished=False)
        return counts

    return world.store.write(save)


def _known_labels(project: ProjectFacts, accepted: list[Accepted]) -> tuple[list[Accepted], list[Refused]]:
    """Part rows whose gold label the schema has from those that name one it has not."""
    known = set(project.schema.main.label_names)
    good = [row for row in accepted if not row.gold or row.gold in known]
    bad = [
        Refused(
            row.line, f"the gold label {row.gold!r} is not in the schema.{nearest(row.gold, known)}", row.item.content
        )
        for row in accepted
        if row.gold and row.gold not in known
    ]
    return good, bad


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
        ids = rows.all_ids(tx, project.id)
        digest_of_ids = hashlib.sha256("".join(f"{item_id}\n" for item_id in ids).encode()).hexdigest()
        made = {**body, "n_items": len(ids), "items_sha256": digest_of_ids}
        record(tx, project.id, EntryKind.SOURCE_TAKEN_IN, now, actor=actor, about=intake, body=made)

    world.store.write(save)


def _records(world: World, project: ProjectFacts, setting: SourceSetting) -> Iterator[Row]:
    path = _path(world, setting.path)
    if not path.exists():
        raise BadSource(f"The source {setting.path!r} is not there; looked in {path.parent}.", source=setting.path)
    policy = project.settings.source
    match setting.read_as:
        case SourceFormat.IMAGES:
            return _image_rows(world, project, setting, path)
        case SourceFormat.JSONL:
            return read(jsonl_records(_chunks(path)), policy, setting.path)
        case _:
            records = csv_records(_chunks(path), delimiter=setting.separator)
            check_fields(records.header, policy, f"{setting.path}{_hint(records)}")
            return read(records, policy, setting.path)


def _hint(records: CsvRecords) -> str:
    hint = records.hint()
    return f" ({hint})" if hint else ""


def _image_rows(world: World, project: ProjectFacts, setting: SourceSetting, path: Path) -> Iterator[Row]:
    if project.settings.source.kind is not Modality.IMAGE:
        raise BadSource(f"The source {setting.path!r} is a folder; a project of images says 'source: {{kind: image}}'.")
    if not path.is_dir():
        raise BadSource(f"The source {setting.path!r} is not a folder of images.", source=setting.path)
    names = sorted(_images(path))
    if not names:
        raise BadSource(f"The folder {setting.path!r} holds no images ({', '.join(sorted(IMAGE_ENDINGS))}).")
    for line, file in enumerate(names, start=1):
        yield _image_row(world, project, setting, file, line)


def _image_row(world: World, project: ProjectFacts, setting: SourceSetting, file: Path, line: int) -> Row:
    name = file.relative_to(_path(world, setting.path)).as_posix()
    if file.is_symlink() or file.stat().st_size > MAX_IMAGE_BYTES:
        return Refused(line, f"a link, or larger than {MAX_IMAGE_BYTES >> 20} MB", name)
    data = file.read_bytes()
    row = read_image(name, data, setting.path, project.settings.source, line)
    if isinstance(row, Accepted):
        world.blobs.put(data)
    return row


def _images(folder: Path) -> Iterator[Path]:
    return (file for file in folder.rglob("*") if file.suffix.lower() in IMAGE_ENDINGS and file.is_file())


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk
    except OSError as error:
        raise BadSource(f"Cannot read {path}: {error.strerror}.", source=str(path)) from error


def _batches(records: Iterator[Row], size: int) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in records:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


# --- gold files ------------------------------------------------------------------------------------------------------


def _take_in_gold(world: World, project: ProjectFacts, path: str, actor: AnnotatorId) -> TakenIn:
    """Read a CSV that names an item (by `id`, `key` or `text`) and its label; a row that fits no item is quarantined."""
    mark = _mark(world, f"gold {path}")
    file = _path(world, path)
    if not file.is_file():
        raise BadSource(f"The gold file {path!r} is not there; looked in {file.parent}.", source=path)
    records = csv_records(_chunks(file))
    column = next((name for name in ("id", "key", "text") if name in records.header), None)
    if column is None or "label" not in records.header:
        raise BadSource(
            f"The gold file {path!r} needs the columns 'label' and one of 'id', 'key' or 'text'; it has {list(records.header)}.",
            source=path,
        )
    intake, _ = _begin(world, project, mark)
    find = _finder(world, project, column)
    found: dict[int, int] = {}
    refused: list[Quarantined] = []
    codes = {name: code for code, name in enumerate(project.labels)}
    for row in records:
        outcome = _gold_row(row, column, find, codes)
        if isinstance(outcome, str):
            refused.append(Quarantined(path, row.line, outcome, row.text))
        else:
            found[outcome[0]] = outcome[1]
    now = world.clock.now()
    position = np.fromiter(found.keys(), np.int64, len(found))
    code = np.fromiter(found.values(), np.int32, len(found))

    def save(tx: Tx) -> None:
        if refused:
            rows.quarantine(tx, project.id, intake, refused)
        _set_gold(tx, project, position, code, path, intake, actor, now)
        rows.count_intake(tx, intake, len(found), 0, len(refused), finished=True)

    world.store.write(save)
    return TakenIn(f"gold {path}", Intake(len(found), 0, len(refused)))


def _set_gold(
    tx: Tx,
    project: ProjectFacts,
    position: Positions,
    code: NDArray[np.int32],
    how: str,
    intake: str,
    actor: AnnotatorId,
    now: datetime,
) -> None:
    body = {"n": len(position), "items_sha256": digest(position), "codes_sha256": digest(code.astype(np.int64))}
    record(tx, project.id, EntryKind.GOLD_SET, now, actor=actor, about=intake, body=body)
    answers = [canonical(answer_to_plain(Choice(project.labels[at]))).decode() for at in code.tolist()]
    gold_rows.save(tx, project.id, project.question, position, code, answers, how, actor, now)


def _finder(world: World, project: ProjectFacts, column: str) -> Callable[[str], int | None]:
    """Return the function that finds an item's position by id, key or text."""
    if column == "key":
        return world.store.read(lambda tx: rows.positions_by_key(tx, project.id)).get
    ids = world.store.read(lambda tx: rows.all_ids(tx, project.id))
    place = {item_id: at for at, item_id in enumerate(ids)}
    if column == "id":
        return lambda value: place.get(ItemId(value))
    policy = project.settings.source

    def by_text(value: str) -> int | None:
        row = next(read([Raw(1, {policy.text: value}, value)], policy, ""), None)
        return place.get(row.item.id) if isinstance(row, Accepted) else None

    return by_text


def _gold_row(
    row: Raw | Unreadable, column: str, find: Callable[[str], int | None], codes: Mapping[LabelName, int]
) -> tuple[int, int] | str:
    if isinstance(row, Unreadable):
        return row.reason
    label = str(row.fields["label"])
    if label not in codes:
        return f"the schema has no label {label!r}.{nearest(label, codes)}"
    position = find(str(row.fields[column]))
    return (position, codes[LabelName(label)]) if position is not None else f"no item has this {column}"


# --- for the page ----------------------------------------------------------------------------------------------------


def items_page(world: World, permit: Permit, after: int, limit: int) -> list[dict[str, object]]:
    """Return items in the order of intake, from after a position on."""
    placed = world.store.read(lambda tx: rows.page(tx, permit.project.id, after, limit))
    return [{"position": p.position, **item_to_plain(p.item)} for p in placed]


def ids_of(world: World, project: ProjectFacts, position: Positions) -> list[str]:
    """Return the ids of the items at these positions."""
    return [str(item) for item in world.store.read(lambda tx: rows.ids_of(tx, project.id, position))]


def keys_of(world: World, project: ProjectFacts) -> dict[int, str]:
    """Return the source's key of every item that has one, by position."""
    found = world.store.read(lambda tx: rows.positions_by_key(tx, project.id))
    return {position: key for key, position in found.items()}


def media(world: World, permit: Permit, item: str) -> tuple[bytes, str]:
    """Return the bytes and media type of an item's image.

    Raises
    ------
    NotFound
        If the project has no such item, or it is not an image.
    """
    found = world.store.read(lambda tx: rows.find(tx, permit.project.id, ItemId(item))).item
    if found.modality is not Modality.IMAGE:
        raise NotFound("This item has no media.", item=item)
    return world.blobs.get(found.content), found.media_type


def quarantine_page(world: World, permit: Permit, after: int, limit: int) -> list[dict[str, object]]:
    """Return refused records with their reason, line and raw text."""
    page = world.store.read(lambda tx: rows.quarantined(tx, permit.project.id, after, limit))
    return [{"number": n, "source": q.source, "line": q.line, "reason": q.reason, "text": q.text} for n, q in page]
