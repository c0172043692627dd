"""Check: whether the database and its releases still say what the log says; anything changed behind its back is named.

In: a project. Out: findings; none means good. Never: a row believed because the database has it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from goldseam import encode
from goldseam.edge import keys
from goldseam.edge.runner import check_rows, release
from goldseam.edge.runner.check_rows import Logged, Placed
from goldseam.edge.runner.log import origin
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import World
from goldseam.edge.store import annotations as annotation_rows
from goldseam.edge.store import log as rows
from goldseam.edge.store import releases as release_rows
from goldseam.edge.store.annotations import Kept
from goldseam.edge.store.tx import Tx
from goldseam.formats.plain import annotation_commitment
from goldseam.ledger import checkpoint as notes
from goldseam.ledger import entries as entry_words
from goldseam.ledger import merkle
from goldseam.ledger.entries import EntryKind
from goldseam.release.verify import Finding
from goldseam.stats.votes import Votes
from goldseam.vocab.people import AnnotatorId
from goldseam.vocab.schema import QuestionKind

PAGE = 10_000


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
        logged = Logged(by_kind, is_whole=rows.n_unsealed(tx, facts.id) == 0)
        found += _annotations(tx, facts, logged)
        for compare in check_rows.ALL:
            found += compare(tx, facts, logged)
        found += _released(tx, facts, logged)
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
    if frontier.size > max((made.size for made in rows.checkpoints(tx, log)), default=0):
        found.append(Finding("log", f"entry {frontier.size - 1}", "is under no signed checkpoint"))
    found += [Finding("log", f"checkpoint {size}", "covers entries that are not there") for size in sorted(checkpoints)]


def _checkpoint(made: rows.CheckpointRow, root: bytes, log: str, key_line: str) -> Iterator[Finding]:
    try:
        signed = notes.verify(made.note, key_line, keys.check)
    except ValueError as error:
        yield Finding("log", f"checkpoint {made.size}", str(error))
        return
    if signed.root != root or signed.size != made.size or signed.origin != origin(log):
        yield Finding("log", f"checkpoint {made.size}", "the entries do not give the root that was signed")


def _annotations(tx: Tx, facts: ProjectFacts, logged: Logged) -> Iterator[Finding]:
    given = logged.by_object(EntryKind.ANNOTATION_GIVEN)
    taken_back = {
        name for _, entry in logged.of(EntryKind.ANNOTATION_WITHDRAWN) for name in entry_words.withdrawn_by(entry)
    }
    standing: list[Kept] = []
    for kept in annotation_rows.ever(tx, facts.id):
        if not kept.withdrawn:
            standing.append(kept)
        where = f"annotation {kept.annotation.id}"
        position, entry = given.pop(kept.annotation.id, (None, None))
        if entry is None:
            if logged.is_whole or kept.entry_position is not None:
                yield Finding("annotations", where, "has no entry in the log")
            continue
        if entry.body.get("commitment") != annotation_commitment(kept.annotation, bytes.fromhex(kept.salt)):
            yield Finding("annotations", where, f"is not what entry {position} of the log committed to")
        if kept.withdrawn != (kept.annotation.id in taken_back) and kept.entry_position is not None:
            yield Finding("annotations", where, "was taken back in one of rows and log, and not in the other")
    for name, (position, _) in given.items():
        yield Finding("annotations", f"annotation {name}", f"is gone; entry {position} of the log has it")
    yield from _votes(tx, facts, standing)


def _votes(tx: Tx, facts: ProjectFacts, standing: Sequence[Kept]) -> Iterator[Finding]:
    """Compare what is counted (codes in columns) with what was answered (the JSON that the log committed to)."""
    question = facts.schema.main
    if question.kind is not QuestionKind.CHOICE:
        return  # only labels are counted by codes
    positions = {kept.annotation.item: kept.position for kept in standing}
    said = _by_voter(encode.votes((kept.annotation for kept in standing), question, positions, facts.labels))
    counted = _by_voter(annotation_rows.votes(tx, facts.id, facts.question))
    ids = {(kept.position, kept.annotation.annotator): kept.annotation.id for kept in standing}
    for voter in sorted(said.keys() | counted.keys()):
        if said.get(voter) != counted.get(voter):
            was = f"is counted as {counted.get(voter, 'nothing')!r} and says {said.get(voter, 'nothing')!r}"
            yield Finding("annotations", f"annotation {ids.get(voter, voter)}", was)


def _by_voter(votes: Votes) -> dict[tuple[int, AnnotatorId], str]:
    columns = (votes.items[votes.item].tolist(), votes.annotators[votes.annotator].tolist(), votes.label.tolist())
    return {(item, who): votes.labels[code] for item, who, code in zip(*columns, strict=True)}


def _released(tx: Tx, facts: ProjectFacts, logged: Logged) -> Iterator[Finding]:
    told = logged.by_object(EntryKind.RELEASE_PUBLISHED)
    for row in release_rows.listing(tx, facts.id):
        position, entry = told.pop(str(row.number), (None, None))
        if entry is None:
            if logged.is_whole:
                yield Finding("releases", f"release {row.number}", "has no entry in the log")
        elif entry.body.get("manifest") != row.manifest_hash:
            yield Finding("releases", f"release {row.number}", f"is not the one that entry {position} of the log names")
    for number, (position, _) in told.items():
        yield Finding("releases", f"release {number}", f"is gone; entry {position} of the log has it")


def _releases(world: World, facts: ProjectFacts) -> Iterator[Finding]:
    for row in world.store.read(lambda tx: release_rows.listing(tx, facts.id)):
        folder = world.home.releases / row.folder
        if not folder.is_dir():
            yield Finding(f"releases/{row.folder}", "", "the folder is gone")
            continue
        for finding in release.verify_folder(folder, world.key.line):
            yield Finding(f"releases/{row.folder}/{finding.file}", finding.where, finding.what)
