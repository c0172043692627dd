"""A run that is killed at any moment, or fails half way, leaves nothing half done, and the next one ends in the same state."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from goldseam.edge.runner import intake, keeping, release
from goldseam.edge.runner.keeping import Keeping
from goldseam.edge.store import items, log
from goldseam.edge.store.tx import Tx
from goldseam.flow.plan import Verb
from goldseam.formats import pieces
from goldseam.release import manifest
from goldseam.vocab.errors import NotFound
from tests.unit.edge.cli.call import goldseam
from tests.walk import small
from tests.walk.mishaps import refused, state, until
from tests.walk.program import die, in_a_child


def finish(folder: Path) -> dict[str, Any]:
    """Run a project to its end, and return its state."""
    with small.opened(folder) as project:
        small.round_trip(project)
    return state(folder)


WHERE_IT_DIES = {
    "in the middle of an intake": (intake, "_finish", 0),
    "between two batches of an intake": (Keeping, "_keep", 1),
    "in the middle of the first batch": (items, "count_intake", 0),
    "between the release's files and its row": (release.rows, "save", 0),
    "between the release's row and its proof": (release, "_complete", 0),
    "while the proof is written": (release, "_write", 2),
    "when the proof of the second round is due": (release, "_complete", 1),
    "while the log is sealed": (log, "_place", 0),
}
"""Within steps; `test_unattended` kills at the ends of each."""


@pytest.fixture(scope="module")
def spared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the project comes to where nobody is killed."""
    folder = tmp_path_factory.mktemp("spared")
    small.write_project(folder, n_items=10, sample={"strategy": "random", "batch": 5})
    return finish(folder)


@pytest.mark.slow
@pytest.mark.parametrize("where", WHERE_IT_DIES)
def test_a_killed_process_leaves_nothing_half_done_and_the_next_ends_in_the_same_state(
    tmp_path: Path, where: str, spared: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    module, name, after = WHERE_IT_DIES[where]
    small.write_project(tmp_path / "killed", n_items=10, sample={"strategy": "random", "batch": 5})
    monkeypatch.setattr(pieces, "PIECE", 64)
    monkeypatch.setattr(intake, "CHUNK", 32)
    monkeypatch.setitem(keeping.TOGETHER, "sqlite", 1)
    real = getattr(module, name)
    calls: list[int] = []

    def deadly(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        if len(calls) > after:
            if name == "save":  # half of what a transaction does is done, and nothing is committed
                real(*args, **kwargs)
            die()
        return real(*args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(module, name, deadly)
        assert in_a_child(lambda: finish(tmp_path / "killed")) == -signal.SIGKILL, "it was meant to be killed"

    with small.opened(tmp_path / "killed") as project:
        assert [f for f in project.verify() if not f.file.startswith("releases/")] == []

    assert finish(tmp_path / "killed") == spared


@pytest.mark.slow
def test_a_process_killed_at_any_moment_ends_in_the_same_state(tmp_path: Path) -> None:
    """The program itself, killed again and again a little later each time, until it comes through."""
    small.write_project(tmp_path / "killed", n_items=300, sample={"strategy": "random", "batch": 300}, rounds=1)
    small.write_project(tmp_path / "spared", n_items=300, sample={"strategy": "random", "batch": 300}, rounds=1)
    n_killed = 0
    for pause in (0.02, 0.05, 0.08, 0.12, 0.16, 0.2, 0.25, 0.3, 0.4, 0.5):

        def act() -> None:
            with small.opened(tmp_path / "killed") as project:
                small.round_trip(project)

        child = os.fork()
        if child == 0:
            try:
                act()
            finally:
                os._exit(0)
        import time

        time.sleep(pause)
        os.kill(child, signal.SIGKILL)
        n_killed += os.WIFSIGNALED(os.waitpid(child, 0)[1])
    assert n_killed >= 3, "the machine is quicker than the pauses: most rounds came through"

    assert finish(tmp_path / "killed") == finish(tmp_path / "spared")


@pytest.mark.slow
def test_the_program_killed_between_the_row_and_the_proof_completes_the_release_on_its_next_run(tmp_path: Path) -> None:
    small.write_project(tmp_path, n_items=6, rounds=1, sample={"strategy": "random", "batch": 6})
    with small.opened(tmp_path) as project:
        until(project, Verb.PUBLISH)
        folder = project.release_folder(1)
        proof = (folder / manifest.PROOF).read_bytes()
        (folder / manifest.PROOF).unlink()
    assert "proof.json" in refused(goldseam(tmp_path, "verify"), 5)

    said = goldseam(tmp_path, "run", "--json").json

    assert said["done"][0]["stage"] == "release"
    assert said["finished"]
    assert goldseam(tmp_path, "verify").code == 0
    assert json.loads((folder / manifest.PROOF).read_bytes())["position"] == json.loads(proof)["position"]


def test_an_act_that_fails_half_way_is_undone_whole(tmp_path: Path) -> None:
    small.write_project(tmp_path, n_items=3)
    with small.opened(tmp_path) as project:

        def half(tx: Tx) -> None:
            tx.connection.exec_driver_sql("UPDATE projects SET round = 9")
            raise NotFound("stop")

        with pytest.raises(NotFound):
            project.world.store.write(half)

        assert project.facts.round == 1
