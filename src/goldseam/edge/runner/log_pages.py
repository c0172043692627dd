"""Log pages: the entries of a project's log as people leaf through them, newest first, with who did each.

In: a permit, a position. Out: entries with the bytes that their hashes are of, and names. Never: an entry of another project, a
name kept in the log itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.world import World
from goldseam.edge.store import log as rows
from goldseam.edge.store import people
from goldseam.edge.store.tx import Tx
from goldseam.ledger import entries
from goldseam.vocab.errors import NotFound
from goldseam.vocab.people import AnnotatorId


@dataclass(frozen=True, slots=True)
class EntrySeen:
    """One sealed entry; `name` is empty for who is no annotator, such as the loop itself."""

    position: int
    leaf: str
    kind: str
    at: datetime
    actor: str
    name: str
    about: str
    body: Mapping[str, object]
    canonical: str


@dataclass(frozen=True, slots=True)
class LogPage:
    """Entries, newest first, and how many the log has."""

    size: int
    entries: tuple[EntrySeen, ...]


def page(world: World, permit: Permit, before: int | None, limit: int) -> LogPage:
    """Return sealed entries, newest first: those before a position, or the last ones."""
    project = permit.project.id

    def load(tx: Tx) -> LogPage:
        newest = rows.newest_checkpoint(tx, project)
        size = 0 if newest is None else newest.size
        end = size if before is None else min(before, size)
        first = max(0, end - limit)
        found = rows.entries(tx, project, first - 1, end - first)
        plain = [entries.from_plain(json.loads(row.body)) for row in found]
        names = {actor: _name(tx, actor) for actor in {one.actor for one in plain}}
        seen = [
            EntrySeen(
                position=int(row.position or 0),
                leaf=row.leaf.hex(),
                kind=one.kind.value,
                at=one.at,
                actor=one.actor,
                name=names[one.actor],
                about=one.object,
                body=one.body,
                canonical=row.body.decode(),
            )
            for row, one in zip(found, plain, strict=True)
        ]
        return LogPage(size, tuple(reversed(seen)))

    return world.store.read(load)


def _name(tx: Tx, actor: str) -> str:
    try:
        return people.annotator(tx, AnnotatorId(actor)).name
    except NotFound:
        return ""
