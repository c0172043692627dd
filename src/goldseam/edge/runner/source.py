"""Source: reads the files that the project names, batch by batch, and keeps what comes of every record.

In: the project's sources and gold files. Out: items, duplicates and quarantined records in the store; counts per source.
Never: a record that is lost, or a second reading of what was taken in; an interrupted intake goes on where it stopped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from goldseam.edge.runner import gold_answers
from goldseam.edge.runner.intake import TakenIn, begin, chunks_of, images_in, path_of, take_in_source
from goldseam.edge.runner.keeping import set_gold
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import Report, World, silent
from goldseam.edge.store import items as rows
from goldseam.edge.store.items import Quarantined
from goldseam.edge.store.tx import Positions, Tx
from goldseam.formats.plain import item_to_plain
from goldseam.formats.text import Raw, Unreadable, csv_records
from goldseam.source.intake import Accepted, Intake, read
from goldseam.vocab.answers import LabelName
from goldseam.vocab.errors import BadSource, NotFound, nearest
from goldseam.vocab.items import ItemId, Modality
from goldseam.vocab.people import AnnotatorId
from goldseam.vocab.schema import QuestionKind


def unread(world: World, project: ProjectFacts) -> tuple[str, ...]:
    """Return the names of sources and gold files that were not taken in as they are now."""
    finished = _finished(world, project)
    named = [setting.path for setting in project.settings.sources] + [f"gold {path}" for path in project.settings.gold]
    # A file that was read and is gone since has nothing new to say; one that was never read is asked for.
    read_once = {mark.rpartition(" @")[0] for mark in finished}
    gone = {name for name in named if name in read_once and not path_of(world, name).exists()}
    return tuple(name for name in named if name not in gone and _mark(world, name) not in finished)


def _finished(world: World, project: ProjectFacts) -> set[str]:
    intakes = world.store.read(lambda tx: rows.intakes(tx, project.id))
    return {intake.source for intake in intakes if intake.finished}


def _mark(world: World, name: str) -> str:
    """Return the source's name with a fingerprint of its state, so that a file that grew is read again."""
    path = path_of(world, name)
    try:
        files = sorted(images_in(path)) if path.is_dir() else [path]
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
    done = [take_in_source(world, project, setting, _mark(world, setting.path), actor, report) for setting in sources]
    return (*done, *(_take_in_gold(world, project, path, actor) for path in gold))


# --- gold files ------------------------------------------------------------------------------------------------------


def _take_in_gold(world: World, project: ProjectFacts, path: str, actor: AnnotatorId) -> TakenIn:
    """Read a CSV that names an item (by `id`, `key` or `text`) and its label; a row that fits no item is quarantined."""
    mark = _mark(world, f"gold {path}")
    file = path_of(world, path)
    if not file.is_file():
        raise BadSource(f"The gold file {path!r} is not there; looked in {file.parent}.", source=path)
    if file.suffix.lower() == ".json":
        intake, _ = begin(world, project, mark)
        finders = (finder(world, project, "key"), finder(world, project, "text"))
        return TakenIn(f"gold {path}", gold_answers.take_in_export(world, project, path, intake, finders, actor))
    records = csv_records(chunks_of(file))
    column = next((name for name in ("id", "key", "text") if name in records.header), None)
    if column is None or not {"label", "answer"} & set(records.header):
        raise BadSource(
            f"The gold file {path!r} needs the columns 'label' (or 'answer') and one of 'id', 'key' or 'text'; it has "
            f"{list(records.header)}.",
            source=path,
        )
    intake, _ = begin(world, project, mark)
    find = finder(world, project, column)
    if project.schema.main.kind is not QuestionKind.CHOICE or "answer" in records.header:
        return TakenIn(f"gold {path}", gold_answers.take_in(world, project, path, intake, records, column, find, actor))
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
        set_gold(tx, project, position, code, path, intake, actor, now)
        rows.count_intake(tx, intake, len(found), 0, len(refused), finished=True)

    world.store.write(save)
    return TakenIn(f"gold {path}", Intake(len(found), 0, len(refused)))


def finder(world: World, project: ProjectFacts, column: str) -> Callable[[str], int | None]:
    """Return the function that finds an item's position by id, key or text."""
    if column == "key":
        return world.store.read(lambda tx: rows.positions_by_key(tx, project.id)).get
    ids = world.store.read(lambda tx: rows.all_ids(tx, project.id))
    place = {item_id: at for at, item_id in enumerate(ids)}
    if column == "id":
        return lambda value: place.get(ItemId(value))
    # Whoever names an item by its text names neither its key nor what stands beside it.
    policy = replace(project.settings.source, key="", label="", metadata=())

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
