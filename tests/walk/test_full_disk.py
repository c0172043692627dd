"""A full disk: whoever meets one is told so in one sentence, loses nothing, and goes on where it stopped once there is room."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from goldseam.flow.plan import Verb
from goldseam.vocab.errors import StoreFailed
from tests.unit.edge.cli.call import goldseam
from tests.walk import program, small
from tests.walk.mishaps import refused, until
from tests.walk.program import in_a_child


@contextmanager
def tiny_disk(megabytes: int) -> Iterator[Path]:
    """Mount a file system of this size, where the tests may; else skip."""
    with tempfile.TemporaryDirectory() as folder:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder], capture_output=True, check=False
        )
        if mounted.returncode:
            pytest.skip("this machine lets nobody mount a small disk")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", folder], check=True)


@pytest.mark.slow
def test_a_full_disk_is_one_sentence_and_room_lets_the_run_go_on_where_it_stopped() -> None:
    with tiny_disk(6) as folder:
        small.write_project(folder, n_items=20, sample={"strategy": "random", "batch": 20})
        with small.opened(folder) as project:
            next(project.run())  # taken in
        filler = folder / "filler"
        with pytest.raises(OSError, match="No space"), filler.open("wb") as file:
            while True:
                file.write(b"x" * 4096)
                file.flush()

        full = refused(program.goldseam(folder, "run"), 4)
        filler.unlink()
        again = goldseam(folder, "run", "--json")

        assert full.startswith("✗ ")
        assert again.code == 0, again.err
        assert [each["stage"] for each in again.json["done"]] == ["sample", "route"]
        assert goldseam(folder, "verify").code == 0


def limited(folder: Path, n_bytes: int) -> int:
    """Run to the end in a child that may write no file larger than this; return how it ended."""

    def act() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, n_bytes))
        with small.opened(folder) as project:
            small.run(project)

    return in_a_child(act)


def test_a_database_that_may_not_grow_loses_nothing_and_goes_on_when_it_may(tmp_path: Path) -> None:
    small.write_project(tmp_path, n_items=4000, sample={"strategy": "random", "batch": 50})
    with small.opened(tmp_path):
        pass
    assert limited(tmp_path, 450_000) == 1

    with small.opened(tmp_path) as project:
        before = project.status()["counts"]
        small.run(project)

        assert before["items"] in {0, 4000}  # type: ignore[index]  # plain values
        assert project.status()["counts"]["items"] == 4000  # type: ignore[index]  # plain values
        assert project.verify() == ()


def test_a_release_that_meets_a_full_disk_is_not_published_and_the_next_try_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.write_project(tmp_path, n_items=6)
    with small.opened(tmp_path) as project:
        until(project, Verb.MEASURE)

        def no_room(*_: object) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", no_room)
            with pytest.raises(StoreFailed, match="No space left"):
                project.publish()
        assert project.releases() == []

        small.run(project)

        assert len(project.releases()) == 1
        assert project.verify() == ()
