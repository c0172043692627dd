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

FAST = "-c fsync=off -c full_page_writes=off -c max_connections=120 -c shared_buffers=64MB"
"""The tests ask whether the store is right, not whether this disk keeps what it promised."""


@dataclass(frozen=True)
class Server:
    """A running server; `fresh` makes an empty database on it."""

    bin: Path
    port: int
    user: str
    numbers: Iterator[int]

    def fresh(self) -> str:
        name = f"goldseam_{next(self.numbers)}"
        url = f"postgresql://{self.user}@127.0.0.1:{self.port}"
        subprocess.run(
            [self.bin / "psql", "-q", "-X", "-d", f"{url}/postgres", "-c", f"CREATE DATABASE {name}"], check=True
        )
        return f"{url}/{name}"


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
def running(folder: Path, programs: Path) -> Iterator[Server]:
    """Start a server in this folder; PostgreSQL refuses to run as root, so root lends it to the account `postgres`."""
    user = getpass.getuser()
    prefix: list[str] = []
    if os.geteuid() == 0:
        user = "postgres"
        shutil.chown(folder, user)
        prefix = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"]
    port = _free_port()
    data = folder / "data"

    def run(*command: str | Path) -> None:
        subprocess.run(
            [*prefix, *command], check=True, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    run(programs / "initdb", "-D", data, "-A", "trust", "-U", user, "-N", "-E", "UTF8")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} {FAST}"
    run(programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
    try:
        yield Server(programs, port, user, count(1))
    finally:
        run(programs / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")


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
