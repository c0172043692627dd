"""A PostgreSQL server of the tests' own: started once per run in a temporary folder, on loopback, and gone afterwards."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from goldseam.edge.store import open_store

ROOM = "-c max_connections=120 -c shared_buffers=64MB"
FAST = f"{ROOM} -c fsync=off -c full_page_writes=off"
"""Most tests ask whether the store is right, not whether this disk keeps what it promised; those that do take `ROOM` alone."""

WATCH = """
cat >/dev/null
"$1" -D "$2" -w -m immediate stop
cd / && rm -rf "$3"
"""
"""Waits until its standard input ends, as it does when whoever started the server ends, however they end; then stops it."""


@dataclass(frozen=True)
class Server:
    """A running server; `fresh` makes a database with our tables on it, `empty` one without."""

    bin: Path
    port: int
    user: str
    folder: Path
    prefix: tuple[str, ...]
    options: str
    numbers: Iterator[int]
    ready: list[str]

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def run(self, *command: str | Path) -> None:
        """Run one of PostgreSQL's programs as the account that owns the data."""
        quiet = subprocess.DEVNULL
        subprocess.run([*self.prefix, *command], check=True, cwd=self.folder, stdout=quiet, stderr=quiet)

    def start(self) -> None:
        where = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder}"
        options = f"{where} {self.options}"
        self.run(self.bin / "pg_ctl", "-D", self.data, "-w", "-l", self.folder / "log", "-o", options, "start")

    def processes(self) -> list[int]:
        """The ids of its processes, the first that of the one that started the others; none if it does not run."""
        try:
            first = int((self.data / "postmaster.pid").read_text().split()[0])
            return [first, *map(int, Path(f"/proc/{first}/task/{first}/children").read_text().split())]
        except (OSError, ValueError, IndexError):
            return []

    def url(self, name: str) -> str:
        return f"postgresql://{self.user}@127.0.0.1:{self.port}/{name}"

    def empty(self, like: str = "") -> str:
        """Make a database, if asked with the tables of this one, and return its URL."""
        name = f"goldseam_{next(self.numbers)}"
        made = f"CREATE DATABASE {name}" + (f" TEMPLATE {like} STRATEGY file_copy" if like else "")
        subprocess.run([self.bin / "psql", "-q", "-X", "-d", self.url("postgres"), "-c", made], check=True)
        return self.url(name)

    def fresh(self) -> str:
        """Make a database as the migrations leave it: they run once a server, and what they made is copied."""
        if not self.ready:
            url = self.empty()
            open_store(url).close()
            self.ready.append(url.rsplit("/", 1)[1])
        return self.empty(self.ready[0])


def binaries() -> Path | None:
    """The folder of PostgreSQL's programs, newest version first."""
    found = shutil.which("pg_ctl")
    if found and shutil.which("initdb"):
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(folder: Path, programs: Path, options: str = FAST) -> Iterator[Server]:
    """Start a server in this folder, which is gone afterwards; PostgreSQL refuses to run as root, who lends it to `postgres`."""
    user = getpass.getuser()
    prefix: tuple[str, ...] = ()
    if os.geteuid() == 0:
        user = "postgres"
        shutil.chown(folder, user)
        prefix = ("setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups")
    server = Server(programs, _free_port(), user, folder, prefix, options, count(1), [])
    server.run(programs / "initdb", "-D", server.data, "-A", "trust", "-U", user, "-N", "-E", "UTF8")
    with _stopped_at_the_end(server):
        server.start()
        yield server


@contextmanager
def _stopped_at_the_end(server: Server) -> Iterator[None]:
    """Let a process of its own stop the server: it does so even if this one is killed before it gets there."""
    watch = subprocess.Popen(
        [*server.prefix, "sh", "-c", WATCH, "watch", server.bin / "pg_ctl", server.data, server.folder],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=server.folder,
        start_new_session=True,
    )  # fmt: skip
    try:
        yield
    finally:
        watch.communicate()  # it closes what the process reads


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A running PostgreSQL server, or a skipped test that says what is missing."""
    programs = binaries()
    if programs is None:
        pytest.skip("PostgreSQL is not installed here: neither pg_ctl in PATH nor /usr/lib/postgresql/*/bin")
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("PostgreSQL does not run as root, and setpriv is not here to change the account")
    with tempfile.TemporaryDirectory(prefix="goldseam-postgres-") as folder, running(Path(folder), programs) as server:
        yield server
