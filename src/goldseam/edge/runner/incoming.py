"""Uploads: files that come in pieces, kept until a project is made of them.

In: pieces, each with its file and its place in it. Out: files in the home's folder `incoming`. Never: a path that a client made
up, an archive unpacked, a byte past the limits, or an upload of somebody else's.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from goldseam.edge.runner.intake import IMAGE_ENDINGS
from goldseam.edge.runner.people import Principal
from goldseam.edge.runner.world import World
from goldseam.edge.store import projects as project_rows
from goldseam.flow.settings import ENDINGS
from goldseam.vocab.errors import BadSource, Conflict, NotAllowed, NotFound
from goldseam.vocab.people import Role

FOLDER = "incoming"
MOST_BYTES = 2 << 30
MOST_FILES = 20_000
MOST_OPEN = 3
"""So many uploads of one person may lie here without a project; the oldest makes room for the next."""
LEAST_FREE = 1 << 30
"""An upload leaves this much of the disk to everything else."""
PART = re.compile(r"[^\x00-\x1f\x7f/\\:*?\"<>|]{1,150}")
MOST_DEEP = 8
ABANDONED_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class FilePiece:
    """Some bytes of a file, and where in it they stand."""

    name: str
    at: int
    data: bytes


@dataclass(slots=True)
class Incoming:
    """What came so far: whose it is, in how many files and bytes, and the project that was made of it."""

    id: str
    annotator: str
    n_files: int = 0
    n_bytes: int = 0
    table: str = ""
    project: str = ""


def may_create(world: World, caller: Principal) -> bool:
    """Whether somebody may make projects here: who owns one on this server, signed in as themselves."""
    if caller.project is not None or caller.acts is not None:
        return False
    held = world.store.read(lambda tx: project_rows.of_annotator(tx, caller.annotator))
    return any(role is Role.OWNER for _, role in held)


def check_may_create(world: World, caller: Principal) -> None:
    """Raise `NotAllowed` unless the caller may make projects."""
    if not may_create(world, caller):
        raise NotAllowed("Projects are made by those who own one on this server; ask an owner to make it with you.")


def take(world: World, caller: Principal, upload: str, pieces: Sequence[FilePiece]) -> Incoming:
    """Keep pieces; the same piece twice changes nothing.

    Raises
    ------
    NotAllowed
        If the caller may not make projects.
    BadSource
        If a name is none that we keep, a piece stands past what came before it, or a limit is reached.
    """
    check_may_create(world, caller)
    _make_room(world, caller, upload)
    with opened(world, caller, upload, make=True) as kept:
        if kept.project:
            raise Conflict("A project was made of this upload already.")
        if shutil.disk_usage(world.home.root).free < LEAST_FREE:
            raise BadSource("The server's disk is nearly full; ask whoever runs it for room.")
        for piece in pieces:
            _keep(world, kept, piece)
    return kept


def _keep(world: World, upload: Incoming, piece: FilePiece) -> None:
    path = folder_of(world, upload.id) / checked_name(piece.name)
    is_new = not path.exists()
    size = 0 if is_new else path.stat().st_size
    if piece.at > size:
        raise BadSource(f"{piece.name}: the piece at byte {piece.at:,} came before what stands in front of it.")
    grows = max(0, piece.at + len(piece.data) - size)
    if upload.n_bytes + grows > MOST_BYTES or upload.n_files + is_new > MOST_FILES:
        raise BadSource(f"An upload holds at most {MOST_FILES:,} files and {MOST_BYTES >> 30} GB.")
    is_table = path.suffix.lower() in ENDINGS
    if is_new and upload.n_files and (is_table or upload.table):
        raise BadSource("An upload is one table, or images: not both, and not two tables.")
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        os.pwrite(file, piece.data, piece.at)
    finally:
        os.close(file)
    upload.n_files += is_new
    upload.n_bytes += grows
    if is_table:
        upload.table = piece.name


def checked_name(name: str) -> str:
    """Return a file's name inside its upload.

    Raises
    ------
    BadSource
        If it leads out of the upload, is hidden, or is no table and no image.
    """
    parts = name.split("/")
    ending = "." + parts[-1].rsplit(".", 1)[-1].lower() if "." in parts[-1] else ""
    fine = len(parts) <= MOST_DEEP and all(
        PART.fullmatch(part) and not part.startswith(".") and part == part.strip() for part in parts
    )
    if not fine:
        raise BadSource(f"{name[:200]!r} is no name for an uploaded file: give it plain folder and file names.")
    known = IMAGE_ENDINGS if len(parts) > 1 else IMAGE_ENDINGS | ENDINGS.keys()
    if ending not in known:
        raise BadSource(f"{name!r} is neither a table ({', '.join(ENDINGS)}) nor an image.", known=sorted(known))
    return name


def folder_of(world: World, upload: str) -> Path:
    """Return where the files of an upload lie."""
    return world.home.root / FOLDER / upload


@contextmanager
def opened(world: World, caller: Principal, upload: str, *, make: bool = False) -> Iterator[Incoming]:
    """Hold one's own upload: no other call changes it meanwhile, and what the block did to it is kept.

    Raises
    ------
    NotFound
        If there is none of this id, or it is somebody else's.
    """
    path = _note(world, upload)
    if not path.exists():
        if not make:
            raise NotFound("There is no such upload.", upload=upload)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        (world.home.root / FOLDER).mkdir(exist_ok=True, mode=0o700)
    with path.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        said = file.read()
        kept = Incoming(**json.loads(said)) if said else Incoming(upload, caller.annotator)
        if kept.annotator != caller.annotator:
            raise NotFound("There is no such upload.", upload=upload)
        folder_of(world, upload).mkdir(exist_ok=True, mode=0o700)
        try:
            yield kept
        finally:
            file.truncate(0)
            file.write(json.dumps({name: getattr(kept, name) for name in Incoming.__slots__}))


def _note(world: World, upload: str) -> Path:
    return world.home.hidden / FOLDER / f"{upload}.json"


def _make_room(world: World, caller: Principal, upload: str) -> None:
    """Remove the caller's oldest uploads of which nothing was made, and anybody's that were left for a day."""
    path = _note(world, upload)
    if path.exists() or not path.parent.exists():
        return
    now, mine = time.time(), list[Path]()
    for note in sorted(path.parent.glob("*.json")):
        said = note.read_text(encoding="utf-8")
        kept = json.loads(said) if said else None
        if kept is None or kept["project"]:
            continue
        if now - note.stat().st_mtime > ABANDONED_SECONDS:
            _remove(world, note)
        elif kept["annotator"] == caller.annotator:
            mine.append(note)
    for note in mine[: max(0, len(mine) - MOST_OPEN + 1)]:
        _remove(world, note)


def _remove(world: World, note: Path) -> None:
    shutil.rmtree(folder_of(world, note.stem), ignore_errors=True)
    note.unlink(missing_ok=True)
