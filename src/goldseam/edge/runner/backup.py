"""Backup and restore: a project's folder and its database as one file, while it is served; from either database into either.

In: a world, the path of a zip file. Out: the file; or a folder and a database as they were. Never: half a file under the name
asked for, a restore over something that is there, or a byte that its checksum does not vouch for.

The file holds `tables/NAME.jsonl` (a JSON array a row, bytes as base64), `files/PATH` and `backup.json`, which names each with
its size and SHA-256. It holds the signing key: whoever has it can sign as this project.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from goldseam.edge.home import HIDDEN, LOCK, Home
from goldseam.edge.runner.world import Report, World, silent
from goldseam.edge.store import backup as rows
from goldseam.edge.store import migrations
from goldseam.edge.store.engine import open_store
from goldseam.edge.store.tx import Tx
from goldseam.vocab.errors import BadSource, Conflict, StoreFailed, Tampered
from goldseam.vocab.version import VERSION

MANIFEST = "backup.json"
FORMAT = 1
CHUNK = 1 << 20
CHUNK_ROWS = 20_000
MAX_MANIFEST = 64 << 20
NOT_KEPT = frozenset({LOCK, ".gitignore", "goldseam.db", "goldseam.db-wal", "goldseam.db-shm"})
"""Of the hidden folder: what the database or the next opening makes anew."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a backup holds."""

    path: Path
    n_rows: int
    n_files: int
    n_bytes: int


def revision() -> str:
    """Return the revision of the tables that this version of Goldseam has."""
    return migrations.HEAD


def back_up(world: World, target: Path, sources: Sequence[Path] = (), report: Report = silent) -> Kept:
    """Write everything into one file; the database is read as it stands at one moment, and goes on being written.

    `sources` are files and folders beside the project file that it names; those outside of the folder are left out.

    Raises
    ------
    Conflict
        If there is something at `target` already.
    StoreFailed
        If the file cannot be written.
    """
    if target.exists():
        raise Conflict(f"There is something at {target} already; name another file.", file=str(target))
    try:
        handle, beside = tempfile.mkstemp(dir=target.absolute().parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                n_rows, n_files = _write(world, file, sources, report)
                file.flush()
                os.fsync(file.fileno())
            os.link(beside, target)  # unlike a rename it never replaces what came there meanwhile
        finally:
            Path(beside).unlink()
    except OSError as error:
        raise StoreFailed(f"Could not write {target}: {error.strerror}.") from error
    return Kept(target, n_rows, n_files, target.stat().st_size)


def _write(world: World, file: IO[bytes], sources: Sequence[Path], report: Report) -> tuple[int, int]:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=True, compresslevel=3) as archive:
        tables = world.store.read(lambda tx: [_write_table(tx, archive, table, report) for table in rows.tables()])
        files = [_write_file(archive, world.home, path) for path in _files(world.home, sources)]
        manifest = {
            "format": FORMAT,
            "goldseam": VERSION,
            "revision": migrations.HEAD,
            "at": world.clock.now().isoformat(),
            "tables": tables,
            "files": files,
        }
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
    return sum(int(str(table["rows"])) for table in tables), len(files)


def _write_table(tx: Tx, archive: zipfile.ZipFile, table: str, report: Report) -> dict[str, object]:
    columns = rows.columns(table)
    binary = list(columns.values())
    digest, total, done = hashlib.sha256(), rows.n_rows(tx, table), 0
    with archive.open(f"tables/{table}.jsonl", "w", force_zip64=True) as out:
        for many in rows.rows(tx, table):
            data = "".join(_line(row, binary) for row in many).encode()
            digest.update(data)
            out.write(data)
            done += len(many)
            report(table, done, total)
    return {"name": table, "columns": list(columns), "rows": done, "sha256": digest.hexdigest()}


def _line(row: Sequence[Any], binary: Sequence[bool]) -> str:
    plain = [
        base64.b64encode(value).decode("ascii") if is_bytes and value is not None else value
        for value, is_bytes in zip(row, binary, strict=True)
    ]
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")) + "\n"


def _files(home: Home, sources: Sequence[Path]) -> Iterator[Path]:
    inside = [path for path in sources if path.is_relative_to(home.root)]
    whole = [one for path in inside for one in (sorted(path.rglob("*")) if path.is_dir() else [path])]
    for path in dict.fromkeys([home.project_file, *whole]):
        if path.is_file() and not path.is_symlink():
            yield path
    for folder in (home.hidden, home.releases):
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            if path.is_relative_to(home.vectors):
                continue
            if path.is_file() and not path.is_symlink() and path.relative_to(folder).as_posix() not in NOT_KEPT:
                yield path


def _write_file(archive: zipfile.ZipFile, home: Home, path: Path) -> dict[str, object]:
    name, digest, size = path.relative_to(home.root).as_posix(), hashlib.sha256(), 0
    with path.open("rb") as source, archive.open(f"files/{name}", "w", force_zip64=True) as out:
        while data := source.read(CHUNK):
            digest.update(data)
            out.write(data)
            size += len(data)
    return {"path": name, "bytes": size, "sha256": digest.hexdigest()}


def restore(source: Path, home: Home, report: Report = silent) -> Kept:
    """Put a backup back, into an empty folder and an empty database (the one that the setting names, else SQLite).

    Raises
    ------
    Conflict
        If the folder has a project, or the database holds something.
    BadSource
        If the file is no backup, or one of a newer Goldseam.
    Tampered
        If what it holds is not what it says; nothing is put back then.
    """
    if home.project_file.exists() or home.hidden.exists():
        raise Conflict(
            f"There is a project in {home.root} already; restore into an empty folder.", folder=str(home.root)
        )
    if not source.is_file():
        raise BadSource(f"There is no file {source} to restore from.", file=str(source))
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = _manifest(archive, source)
            for each in manifest["files"]:  # all of them before anything is written
                _check(archive, f"files/{each['path']}", each["sha256"])
            try:
                n_rows = _restore_tables(archive, manifest, home, report)
                for each in manifest["files"]:
                    _restore_file(archive, each, home)
            except BaseException:
                shutil.rmtree(home.hidden, ignore_errors=True)  # it was not there before: the next try finds it empty
                raise
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, OSError) as error:
        raise BadSource(f"{source} cannot be read as a backup of Goldseam: {error}.", file=str(source)) from error
    return Kept(source, n_rows, len(manifest["files"]), source.stat().st_size)


def _manifest(archive: zipfile.ZipFile, source: Path) -> dict[str, Any]:
    if archive.getinfo(MANIFEST).file_size > MAX_MANIFEST:
        raise BadSource(f"{source} names more files than any backup of Goldseam.")
    manifest: dict[str, Any] = json.loads(archive.read(MANIFEST))
    if manifest["format"] != FORMAT or manifest["revision"] > migrations.HEAD:
        raise BadSource(f"{source} was made by Goldseam {manifest['goldseam']}, which is newer; install that version.")
    known = set(rows.tables())
    strange = [each["name"] for each in manifest["tables"] if each["name"] not in known]
    if strange:
        raise BadSource(f"{source} holds a table that Goldseam does not have: {strange[0]!r}.")
    for each in manifest["files"]:
        _inside(each["path"])
    return manifest


def _inside(name: str) -> PurePosixPath:
    """Return the path of a file if it stays in the folder, whatever the file says."""
    path = PurePosixPath(name)
    if path.is_absolute() or not path.parts or ".." in path.parts or "\\" in name or "\0" in name:
        raise BadSource(f"The backup names a file outside of its folder: {name!r}.")
    return path


def _check(archive: zipfile.ZipFile, name: str, wanted: str) -> None:
    digest = hashlib.sha256()
    with archive.open(name) as file:
        while data := file.read(CHUNK):
            digest.update(data)
    if digest.hexdigest() != wanted:
        raise Tampered(f"{name} in the backup is not what was backed up.", findings=[name])


def _restore_tables(archive: zipfile.ZipFile, manifest: dict[str, Any], home: Home, report: Report) -> int:
    home.root.mkdir(parents=True, exist_ok=True)
    home.make()
    said = {each["name"]: each for each in manifest["tables"]}

    def put_back(tx: Tx) -> int:
        if not rows.is_empty(tx):
            raise Conflict("The database holds something already; restore into an empty one.")
        total = sum(_restore_table(tx, archive, table, said[table], report) for table in rows.tables() if table in said)
        rows.count_on(tx)
        return total

    with open_store(home.database_url) as store:
        return store.write(put_back)


def _restore_table(tx: Tx, archive: zipfile.ZipFile, table: str, said: dict[str, Any], report: Report) -> int:
    names = said["columns"]
    binary = [rows.columns(table)[name] for name in names]
    digest, many, done = hashlib.sha256(), [], 0
    with archive.open(f"tables/{table}.jsonl") as lines:
        for line in lines:
            digest.update(line)
            many.append(_row(json.loads(line), binary))
            if len(many) == CHUNK_ROWS:
                rows.put_back(tx, table, names, many)
                done += len(many)
                many = []
                report(table, done, said["rows"])
    rows.put_back(tx, table, names, many)
    done += len(many)
    if digest.hexdigest() != said["sha256"] or done != said["rows"]:
        raise Tampered(f"The table {table} in the backup is not what was backed up.", findings=[table])
    return done


def _row(plain: list[Any], binary: Sequence[bool]) -> list[Any]:
    return [
        base64.b64decode(value) if is_bytes and value is not None else value
        for value, is_bytes in zip(plain, binary, strict=True)
    ]


def _restore_file(archive: zipfile.ZipFile, said: dict[str, Any], home: Home) -> None:
    path = home.root.joinpath(*_inside(said["path"]).parts)
    secret = path.is_relative_to(home.root / HIDDEN)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if secret else 0o777)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600 if secret else 0o644)
    with os.fdopen(handle, "wb") as out, archive.open(f"files/{said['path']}") as file:
        while data := file.read(CHUNK):
            out.write(data)
