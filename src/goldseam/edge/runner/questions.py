"""Questions with known answers: read from the files that the project names, or gold where gold never hides.

In: CSV files. Out: questions in the store; what was refused, with the reason. Never: an item that may come as a hidden gold
check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from goldseam.annotate.qualify import Use
from goldseam.edge.runner.digests import digest
from goldseam.edge.runner.log import record
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import World
from goldseam.edge.store import gold as gold_rows
from goldseam.edge.store import items
from goldseam.edge.store import qualification as rows
from goldseam.edge.store.tx import Tx
from goldseam.formats.text import Raw, Unreadable, csv_records
from goldseam.ledger.entries import EntryKind
from goldseam.source.intake import Accepted, read
from goldseam.vocab.answers import LabelName
from goldseam.vocab.errors import BadSource, nearest
from goldseam.vocab.items import ItemId
from goldseam.vocab.people import AnnotatorId
from goldseam.vocab.talk import MAX_WORDS

CHUNK = 1 << 20
GOLD = "gold"
"""What stands as the source of questions that are gold items."""


@dataclass(frozen=True, slots=True)
class Set:
    """What came of one file: how many questions, and of each refused row its line and the reason."""

    source: str
    n_set: int
    refused: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class _Question:
    position: int
    label: int
    use: Use
    why: str


def take_in(world: World, project: ProjectFacts, actor: AnnotatorId) -> tuple[Set, ...]:
    """Read the files that `qualification` names (and gold, if it says so), and keep their questions.

    Raises
    ------
    BadSource
        If a file is missing, or has not the columns that are needed.
    """
    policy = project.settings.qualification
    found = [_take_in_file(world, project, path, actor) for path in policy.files]
    if policy.gold:
        found.append(_take_in_gold(world, project, actor))
    return tuple(found)


def hides_gold(project: ProjectFacts) -> bool:
    """Return whether gold comes unannounced among this project's items."""
    return project.settings.annotate.gold_rate > 0


def _take_in_gold(world: World, project: ProjectFacts, actor: AnnotatorId) -> Set:
    known = world.store.read(lambda tx: gold_rows.current(tx, project.id, project.question))
    pairs = zip(known.position.tolist(), known.label.tolist(), strict=True)
    _save(world, project, [_Question(at, code, Use.QUALIFY, "") for at, code in pairs], GOLD, actor)
    return Set(GOLD, len(known.position), ())


def _take_in_file(world: World, project: ProjectFacts, path: str, actor: AnnotatorId) -> Set:
    file = (world.home.root / path).resolve()
    if not file.is_file():
        raise BadSource(f"The file of questions {path!r} is not there; looked in {file.parent}.", source=path)
    records = csv_records(_chunks(file))
    column = next((name for name in ("id", "key", "text") if name in records.header), None)
    if column is None or "label" not in records.header:
        raise BadSource(
            f"The file of questions {path!r} needs the columns 'label' and one of 'id', 'key' or 'text'; it has "
            f"{list(records.header)}.",
            source=path,
        )
    find = _finder(world, project, column)
    is_gold = _gold_positions(world, project)
    found: dict[int, _Question] = {}
    refused: list[tuple[int, str]] = []
    for row in records:
        outcome = row.reason if isinstance(row, Unreadable) else _question(row.fields, column, find, project, is_gold)
        if isinstance(outcome, str):
            refused.append((row.line, outcome))
        else:
            found[outcome.position] = outcome
    _save(world, project, list(found.values()), path, actor)
    return Set(path, len(found), tuple(refused))


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _gold_positions(world: World, project: ProjectFacts) -> frozenset[int]:
    if not hides_gold(project):
        return frozenset()
    return frozenset(world.store.read(lambda tx: gold_rows.current(tx, project.id, project.question)).position.tolist())


def _finder(world: World, project: ProjectFacts, column: str) -> Callable[[str], int | None]:
    """Return the function that finds an item's position by key, id or text."""
    if column == "key":
        return world.store.read(lambda tx: items.positions_by_key(tx, project.id)).get
    place = {name: at for at, name in enumerate(world.store.read(lambda tx: items.all_ids(tx, project.id)))}
    if column == "id":
        return lambda value: place.get(ItemId(value))
    policy = project.settings.source

    def by_text(value: str) -> int | None:
        row = next(read([Raw(1, {policy.text: value}, value)], policy, ""), None)
        return place.get(row.item.id) if isinstance(row, Accepted) else None

    return by_text


def _question(
    fields: Mapping[str, object],
    column: str,
    find: Callable[[str], int | None],
    project: ProjectFacts,
    is_gold: frozenset[int],
) -> _Question | str:
    label, use = str(fields["label"]), str(fields.get("use") or Use.QUALIFY.value)
    why = str(fields.get("why") or "")
    if label not in project.labels:
        return f"the schema has no label {label!r}.{nearest(label, project.labels)}"
    if use not in set(Use):
        return f"'use' is practice or qualify; got {use!r}"
    if len(why) > MAX_WORDS:
        return f"'why' has at most {MAX_WORDS:,} characters"
    position = find(str(fields[column]))
    if position is None:
        return f"no item has this {column}"
    if position in is_gold:
        return "the item is gold, and gold hides among the items of this project: a test would tell its label"
    return _Question(position, project.labels.index(LabelName(label)), Use(use), why)


def _save(world: World, project: ProjectFacts, found: list[_Question], source: str, actor: AnnotatorId) -> None:
    now = world.clock.now()
    position = np.array([one.position for one in found], np.int64)
    label = np.array([one.label for one in found], np.int64)
    body = {"n": len(found), "items_sha256": digest(position), "codes_sha256": digest(label)}

    def save(tx: Tx) -> None:
        if found:
            uses, whys = [one.use.value for one in found], [one.why for one in found]
            rows.set_questions(tx, project.id, position, label, uses, whys, source, now)
        record(tx, project.id, EntryKind.QUESTIONS_SET, now, actor=actor, about=project.id, body=body)

    world.store.write(save)
