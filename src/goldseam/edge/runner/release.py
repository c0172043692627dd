"""Release: writes settled labels as an immutable, numbered folder that the ledger covers.

In: a project whose gate is open. Out: a folder of files, its row and its entry. Never: a folder that looks complete and is
not: `proof.json` comes last, and an interrupted release is completed, byte for byte, by the next call.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO

from goldseam.edge import keys
from goldseam.edge.runner import audit, exporting
from goldseam.edge.runner.log import origin, record, seal
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.release_table import release_table
from goldseam.edge.runner.world import Report, World, silent
from goldseam.edge.store import annotations as annotation_rows
from goldseam.edge.store import log, released
from goldseam.edge.store import releases as rows
from goldseam.edge.store.annotations import Kept
from goldseam.edge.store.releases import ReleaseRow
from goldseam.edge.store.tx import Tx
from goldseam.flow.settings import settings_to_plain
from goldseam.formats.parquet import Table, read_table, write_table
from goldseam.formats.tables import Column, to_csv, to_jsonl
from goldseam.ledger import entries, merkle
from goldseam.ledger.canonical import canonical
from goldseam.ledger.entries import EntryKind
from goldseam.release import exchange
from goldseam.release import manifest as manifests
from goldseam.release.build import build, evidence
from goldseam.release.contents import Contents, Logged
from goldseam.release.diff import Diff
from goldseam.release.diff import diff as compare
from goldseam.release.verify import Finding, verify
from goldseam.vocab.errors import BadValue, GateClosed, NotFound, NotReady, StoreFailed, Tampered
from goldseam.vocab.people import AnnotatorId
from goldseam.vocab.version import VERSION

PAGE = 10_000
FORMS: Mapping[str, Callable[[Mapping[str, Column]], bytes]] = {
    "csv": to_csv,
    "jsonl": to_jsonl,
    "parquet": write_table,
}


def publish(world: World, project: ProjectFacts, actor: AnnotatorId, report: Report = silent) -> ReleaseRow:
    """Publish the settled labels as the next release.

    Raises
    ------
    GateClosed
        With the gate's reasons.
    NotReady
        If quality was not measured in this round.
    StoreFailed
        If the folder cannot be written; the release is then not published.
    """
    begun = unfinished(world, project)
    if begun is not None:
        return _complete(world, project, begun, report)
    found = audit.newest(world, project)
    if found is None or not world.store.read(lambda tx: audit.covers(tx, project, found[2])):
        raise NotReady(
            "Quality was not measured in this round as its labels are now; measure it with: goldseam run, "
            "or with goldseam run --close while answers are still wanted."
        )
    if not found[1].passes:
        reasons = [reason.text for reason in found[1].reasons if reason.blocks]
        raise GateClosed("The gate refuses a release.", reasons=reasons)
    report("publishing", 0, 4)
    checkpoints = seal(world, project.id)
    contents = contents_of(world, project, checkpoints[0].size if checkpoints else 0)
    folder = _folder(world, project, contents.number)
    with _beside(folder, manifests.LABELS) as file:
        built = build(contents, file)
    report("publishing", 1, 4)
    _write(folder, built.files)
    report("publishing", 2, 4)
    now = world.clock.now()
    body: dict[str, object] = {"n_items": built.manifest.n_items, "round": project.round}

    def save(tx: Tx) -> ReleaseRow:
        row = ReleaseRow(
            contents.number, built.sha256, folder.name, contents.log_size, now, actor, canonical(body).decode()
        )
        rows.save(tx, project.id, row)
        entry = {"number": contents.number, "manifest": built.sha256, "round": project.round}
        record(tx, project.id, EntryKind.RELEASE_PUBLISHED, now, actor=actor, about=str(contents.number), body=entry)
        return row

    return _complete(world, project, world.store.write(save), report)


def _folder(world: World, project: ProjectFacts, number: int) -> Path:
    """Return the folder of a release to be; never that of one which another project of this home has published."""
    safe = "".join(c if c.isalnum() or c in "-_." else "-" for c in project.name).strip(".") or "project"
    folder = world.home.releases / f"{safe}-{number:04d}"
    taken = (folder / manifests.PROOF).exists()
    return world.home.releases / f"{safe}-{project.id}-{number:04d}" if taken else folder


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files whole or not at all."""
    for name, data in files.items():
        with _beside(folder, name) as file:
            file.write(data)


@contextmanager
def _beside(folder: Path, name: str) -> Iterator[IO[bytes]]:
    """Yield a new file beside the folder: once it was written it is made durable, and then takes its name in the folder."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        beside = folder.parent / f".{folder.name}.{name}"
        try:
            with beside.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            beside.replace(folder / name)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise StoreFailed(f"Could not write the release to {folder}: {error.strerror}.", folder=str(folder)) from error


def unfinished(world: World, project: ProjectFacts) -> ReleaseRow | None:
    """Return the newest release if its row is there and its proof is not: the process ended in between.

    A release whose folder was moved away is finished.
    """
    newest = world.store.read(lambda tx: rows.newest(tx, project.id))
    if newest is None:
        return None
    folder = world.home.releases / newest.folder
    return newest if (folder / manifests.MANIFEST).exists() and not (folder / manifests.PROOF).exists() else None


def _complete(world: World, project: ProjectFacts, release: ReleaseRow, report: Report) -> ReleaseRow:
    """Seal the log and write the files that show this release to be the one that was published."""
    seal(world, project.id)

    def load(tx: Tx) -> dict[str, bytes]:
        checkpoint = log.newest_checkpoint(tx, project.id)
        if checkpoint is None:
            raise NotFound("The log has no checkpoint.")
        position, bodies = None, []
        after = -1
        while after < checkpoint.size - 1:
            page = log.entries(tx, project.id, after, PAGE)
            if not page:
                raise Tampered("The log lacks entries that were sealed; look closer with: goldseam verify")
            for row in page:
                bodies.append(entries.from_plain(json.loads(row.body)))
                entry = bodies[-1]
                if entry.kind is EntryKind.RELEASE_PUBLISHED and entry.body.get("manifest") == release.manifest_hash:
                    position = row.position
            after = int(page[-1].position or 0)
        if position is None:
            raise NotFound("The log has no entry of this release.")
        hashes = merkle.inclusion_proof(position, checkpoint.size, log.reader(tx, project.id))
        return evidence(
            bodies[: checkpoint.size],
            note=checkpoint.note,
            position=position,
            size=checkpoint.size,
            hashes=hashes,
            key_line=world.key.line,
        )

    report("publishing", 3, 4)
    files = world.store.read(load)
    last = {manifests.PROOF: files.pop(manifests.PROOF)}
    folder = world.home.releases / release.folder
    _write(folder, files)
    _write(folder, last)
    report("publishing", 4, 4)
    return release


def contents_of(world: World, project: ProjectFacts, log_size: int) -> Contents:
    """Return all that the next release is made of, as it stands when the log has so many entries."""
    now = world.clock.now()
    found = audit.newest(world, project)

    def load(tx: Tx) -> Contents:
        settled = released.stands(tx, project.id, project.question)
        kept = [one for one in annotation_rows.annotations(tx, project.id) if _covered(one, log_size)]
        previous = rows.newest(tx, project.id)
        table, left_out = release_table(tx, project, settled, kept)
        return Contents(
            project=project.name,
            number=1 if previous is None else previous.number + 1,
            at=now,
            round=project.round,
            schema=project.schema,
            schema_version=project.schema_version,
            guideline=project.guideline,
            guideline_version=project.guideline_version,
            rows=table,
            annotations=[Logged(k.annotation, bytes.fromhex(k.salt), int(k.entry_position or 0)) for k in kept],
            origin=origin(project.id),
            key_line=world.key.line,
            log_size=log_size,
            code_version=VERSION,
            policy=project.settings.release,
            policies=settings_to_plain(project.settings),
            quality=None if found is None else found[0],
            previous="" if previous is None else previous.manifest_hash,
            model=project.model or "",
            n_left_out=left_out.waiting,
            n_flagged=left_out.flagged,
        )

    return world.store.read(load)


def _covered(kept: Kept, log_size: int) -> bool:
    return kept.entry_position is not None and kept.entry_position < log_size


# --- reading releases ------------------------------------------------------------------------------------------------


def listing(world: World, project: ProjectFacts) -> list[dict[str, object]]:
    """Return all releases, newest first."""
    found = world.store.read(lambda tx: rows.listing(tx, project.id))
    return [
        {
            "number": row.number,
            "manifest": row.manifest_hash,
            "folder": row.folder,
            "size": row.size,
            "at": row.at.isoformat(),
            **json.loads(row.body),
        }
        for row in reversed(found)
    ]


def releases(world: World, permit: Permit) -> list[dict[str, object]]:
    """Return all releases of the caller's project, newest first."""
    return listing(world, permit.project)


def folder_of(world: World, project: ProjectFacts, number: int) -> Path:
    """Return the folder of a release.

    Raises
    ------
    NotFound
        If there is none of this number.
    """
    row = world.store.read(lambda tx: rows.get(tx, project.id, number))
    return world.home.releases / row.folder


def file(world: World, permit: Permit, number: int, name: str) -> bytes:
    """Return one file of a release.

    Raises
    ------
    NotFound
        If the release has no file of this name.
    """
    if name not in {*manifests.LISTED, *manifests.EVIDENCE, manifests.MANIFEST}:
        raise NotFound(f"A release has no file {name!r}.", name=name)
    try:
        return (folder_of(world, permit.project, number) / name).read_bytes()
    except OSError as error:
        raise NotFound(f"Release {number} has no file {name!r} on this machine.", name=name) from error


def manifest(world: World, permit: Permit, number: int) -> dict[str, object]:
    """Return the manifest of a release as plain values."""
    found: dict[str, object] = json.loads(file(world, permit, number, manifests.MANIFEST))
    return found


def labels(world: World, permit: Permit, number: int, form: str) -> Iterator[bytes]:
    """Return the labels of a release as CSV or JSON Lines, piece by piece.

    Raises
    ------
    NotFound
        If there is no such release, or its folder is not on this machine.
    """
    try:
        return exporting.labels(folder_of(world, permit.project, number), form)
    except NotFound as error:
        # Where the folder lies is nothing for a client to read.
        raise NotFound(f"Release {number} has no labels on this machine.", number=number) from error


def export(
    world: World, project: ProjectFacts, target: Path, number: int | None, form: str | None, question: str | None = None
) -> tuple[int, int]:
    """Write a release's labels to a file and return its number and how many rows it has.

    Forms of other tools hold one question, the first if none is named; tables hold all.

    Raises
    ------
    NotFound
        If there is no release yet, or none of this number.
    BadValue
        If neither the ending nor `form` says a form that there is, or the form has no words for the question.
    """
    wanted = form or target.suffix.lower().lstrip(".")
    if wanted in exchange.FORMS:
        return exporting.export(world, project, target, number, wanted, question)
    if wanted not in FORMS:
        known = f"{', '.join(FORMS)}, or give --format ({', '.join(exchange.FORMS)})"
        raise BadValue(f"Cannot tell the form of {target.name!r}: end it in {known}.")
    newest = world.store.read(lambda tx: rows.newest(tx, project.id))
    if newest is None:
        raise NotFound("There is no release yet; the loop publishes one: goldseam run")
    chosen = number or newest.number
    folder = folder_of(world, project, chosen)
    table = _labels_of(folder)
    if wanted != "parquet":
        table = exporting.with_answers(table, exporting.schema_of(folder))
    try:
        target.write_bytes(FORMS[wanted](table))
    except OSError as error:
        raise StoreFailed(f"Could not write {target}: {error.strerror}.") from error
    return chosen, len(table["item"])


def diff_folders(old: Path, new: Path) -> Diff:
    """Return what changed from one release folder to another.

    Raises
    ------
    NotFound
        If one of them is not a release.
    """
    return compare(_labels_of(old), _labels_of(new))


def _labels_of(folder: Path) -> Table:
    try:
        return read_table((folder / manifests.LABELS).read_bytes())
    except OSError as error:
        raise NotFound(f"{folder} is not a release: it has no {manifests.LABELS}.", folder=str(folder)) from error


def diff(world: World, permit: Permit, a: int, b: int) -> dict[str, object]:
    """Return what changed between two releases, as plain values."""
    found = diff_folders(folder_of(world, permit.project, a), folder_of(world, permit.project, b))
    return asdict(found)


def verify_folder(folder: Path, key_line: str | None) -> tuple[Finding, ...]:
    """Check a release folder offline against a public key; without one, against the key that came with it.

    Raises
    ------
    NotFound
        If there is no such folder.
    """
    if not folder.is_dir():
        raise NotFound(f"There is no release in {folder}.", folder=str(folder))
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file() and not path.is_symlink()}
    odd = [path.name for path in folder.iterdir() if not path.is_file() or path.is_symlink()]
    line = key_line if key_line is not None else files.get(manifests.KEY, b"").decode("utf-8", "replace").strip()
    found = verify(files, line, keys.check)
    extra = tuple(Finding(name, "", "is not a plain file; a release holds none such") for name in sorted(odd))
    return (*found, *extra)
