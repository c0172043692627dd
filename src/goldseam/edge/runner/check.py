"""Check: whether the database and its releases still say what the log says; anything changed behind its back is named.

In: a project. Out: findings; none means good. Never: a row believed because the database has it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from goldseam.edge import keys
from goldseam.edge.runner import release
from goldseam.edge.runner.digests import digest
from goldseam.edge.runner.log import origin
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import World
from goldseam.edge.store import annotations as annotation_rows
from goldseam.edge.store import draws, settlements
from goldseam.edge.store import log as rows
from goldseam.edge.store import projects as project_rows
from goldseam.edge.store import releases as release_rows
from goldseam.edge.store.projects import Versioned
from goldseam.edge.store.tx import Tx
from goldseam.formats.plain import annotation_commitment
from goldseam.ledger import checkpoint as notes
from goldseam.ledger import entries as entry_words
from goldseam.ledger import merkle
from goldseam.ledger.entries import Entry, EntryKind
from goldseam.release.verify import Finding

PAGE = 10_000

Placed = tuple[int, Entry]


def project(world: World, facts: ProjectFacts) -> tuple[Finding, ...]:
    """Check a project's log, rows and releases, and return everything that does not fit.

    The log is checked against its own checkpoints and the key of this home; rows are checked against the log, both ways.
    """

    def load(tx: Tx) -> list[Finding]:
        found: list[Finding] = []
        entries = list(_log(tx, facts.id, world.key.line, found))
        by_kind: dict[EntryKind, list[Placed]] = {}
        for position, entry in entries:
            by_kind.setdefault(entry.kind, []).append((position, entry))
        found += _annotations(tx, facts, by_kind)
        found += _draws(tx, facts, by_kind)
        found += _settlements(tx, facts, by_kind)
        found += _versions(tx, facts, by_kind)
        return found

    found = world.store.read(load)
    return (*found, *_releases(world, facts))


def _log(tx: Tx, log: str, key_line: str, found: list[Finding]) -> Iterator[Placed]:
    """Yield the sealed entries; note every leaf, root and signature that does not fit."""
    checkpoints = {made.size: made for made in rows.checkpoints(tx, log)}
    frontier, after = merkle.Frontier(), -1
    while page := rows.entries(tx, log, after, PAGE):
        for row in page:
            position = int(row.position if row.position is not None else -1)
            if position != frontier.size:
                found.append(Finding("log", f"entry {frontier.size}", "is missing"))
                return
            if merkle.leaf_hash(row.body) != row.leaf:
                found.append(Finding("log", f"entry {position}", "its text is not what was hashed when it was written"))
            frontier, _ = frontier.extend([merkle.leaf_hash(row.body)])
            if frontier.size in checkpoints:
                found += _checkpoint(checkpoints.pop(frontier.size), frontier.root, log, key_line)
            try:
                yield position, entry_words.from_plain(json.loads(row.body))
            except ValueError as error:
                found.append(Finding("log", f"entry {position}", f"cannot be read: {error}"))
        after = int(page[-1].position or 0)
    found += [Finding("log", f"checkpoint {size}", "covers entries that are not there") for size in sorted(checkpoints)]


def _checkpoint(made: rows.CheckpointRow, root: bytes, log: str, key_line: str) -> Iterator[Finding]:
    try:
        signed = notes.verify(made.note, key_line, keys.check)
    except ValueError as error:
        yield Finding("log", f"checkpoint {made.size}", str(error))
        return
    if signed.root != root or signed.size != made.size or signed.origin != origin(log):
        yield Finding("log", f"checkpoint {made.size}", "the entries do not give the root that was signed")


def _annotations(tx: Tx, facts: ProjectFacts, logged: Mapping[EntryKind, list[Placed]]) -> Iterator[Finding]:
    given = {entry.object: (position, entry) for position, entry in logged.get(EntryKind.ANNOTATION_GIVEN, ())}
    taken_back = {
        name
        for _, entry in logged.get(EntryKind.ANNOTATION_WITHDRAWN, ())
        for name in _names(entry.body, "annotations")
    }
    for kept in annotation_rows.ever(tx, facts.id):
        where = f"annotation {kept.annotation.id}"
        position, entry = given.pop(kept.annotation.id, (None, None))
        if entry is None:
            if kept.entry_position is not None:
                yield Finding("annotations", where, "has no entry in the log")
            continue
        if entry.body.get("commitment") != annotation_commitment(kept.annotation, bytes.fromhex(kept.salt)):
            yield Finding("annotations", where, f"is not what entry {position} of the log committed to")
        if kept.withdrawn != (kept.annotation.id in taken_back) and kept.entry_position is not None:
            yield Finding("annotations", where, "was taken back in one of rows and log, and not in the other")
    for name, (position, _) in given.items():
        yield Finding("annotations", f"annotation {name}", f"is gone; entry {position} of the log has it")


def _names(body: Mapping[str, Any], key: str) -> list[str]:
    value = body.get(key, ())
    return [str(name) for name in value] if isinstance(value, list | tuple) else []


def _draws(tx: Tx, facts: ProjectFacts, logged: Mapping[EntryKind, list[Placed]]) -> Iterator[Finding]:
    for position, entry in logged.get(EntryKind.ITEMS_DRAWN, ()):
        drawn = draws.drawn(tx, facts.id, int(str(entry.body["round"]))).position
        if digest(drawn) != entry.body["drawn_sha256"]:
            yield Finding(
                "draws", f"round {entry.body['round']}", f"the items are not those that entry {position} names"
            )


def _settlements(tx: Tx, facts: ProjectFacts, logged: Mapping[EntryKind, list[Placed]]) -> Iterator[Finding]:
    for position, entry in logged.get(EntryKind.ITEMS_SETTLED, ()):
        at, label = settlements.written_at(tx, facts.id, facts.question, entry.at)
        labels = hashlib.sha256(label.astype("<i4").tobytes()).hexdigest()
        if digest(at) != entry.body["items_sha256"] or labels != entry.body["labels_sha256"]:
            yield Finding(
                "settlements",
                f"settled {entry.at.isoformat()}",
                f"are not those that entry {position} of the log names",
            )
    ruled = {entry.object: (position, entry) for position, entry in logged.get(EntryKind.LABEL_RULED, ())}
    for ruling_id, code in settlements.ruled(tx, facts.id):
        place, told = ruled.pop(ruling_id, (None, None))
        if told is not None and told.body.get("label") != facts.labels[code]:
            yield Finding("settlements", f"ruling {ruling_id}", f"is not the label that entry {place} names")
    for ruling_id, (position, _) in ruled.items():
        yield Finding("settlements", f"ruling {ruling_id}", f"is gone; entry {position} of the log has it")


def _versions(tx: Tx, facts: ProjectFacts, logged: Mapping[EntryKind, list[Placed]]) -> Iterator[Finding]:
    for position, entry in logged.get(EntryKind.PROJECT_APPLIED, ()):
        numbers = entry.body["versions"]
        assert isinstance(numbers, Mapping)  # noqa: S101 - the runner wrote it so
        for what in Versioned:
            made = project_rows.version(tx, facts.id, what, int(numbers[what.value]))
            told = entry.body[f"{what.value}_sha256"]
            if made is None or hashlib.sha256(made.body.encode()).hexdigest() != told:
                where = f"version {numbers[what.value]}"
                yield Finding(what.value, where, f"is not what entry {position} of the log was applied with")


def _releases(world: World, facts: ProjectFacts) -> Iterator[Finding]:
    for row in world.store.read(lambda tx: release_rows.listing(tx, facts.id)):
        folder = world.home.releases / row.folder
        if not folder.is_dir():
            yield Finding(f"releases/{row.folder}", "", "the folder is gone")
            continue
        for finding in release.verify_folder(folder, world.key.line):
            yield Finding(f"releases/{row.folder}/{finding.file}", finding.where, finding.what)
