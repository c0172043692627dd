"""Bad input: each case of a newcomer's first bad day ends in one clear sentence or a quarantine row, never in half a state."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from goldseam.edge.project import Project
from goldseam.edge.runner import intake, release
from goldseam.edge.store import items, log
from goldseam.edge.store.tx import Tx
from goldseam.flow.plan import Verb
from goldseam.formats import pieces
from goldseam.formats.images import png
from goldseam.release import manifest
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.errors import BadAnswer, NotFound, StoreFailed
from goldseam.vocab.items import ItemId
from goldseam.vocab.people import Act
from tests.unit.edge.cli.call import Said, goldseam
from tests.walk import program, small
from tests.walk.program import die, in_a_child


def write(folder: Path, content: bytes, **policies: object) -> Path:
    """Write a project whose source holds these very bytes."""
    small.write_project(folder, **policies)
    (folder / "items.csv").write_bytes(content)
    return folder


def refused(said: Said | program.Said, code: int) -> str:
    """Check that a refusal is one sentence, and return it."""
    assert said.code == code, said
    assert "Traceback" not in said.err + said.out
    return said.err


def quarantine(folder: Path) -> list[dict[str, Any]]:
    """Return what was refused."""
    found: list[dict[str, Any]] = goldseam(folder, "status", "--json").json["refused"]
    return found


# --- sources ---------------------------------------------------------------------------------------------------------


def test_a_wrong_delimiter_is_named_with_the_right_one(tmp_path: Path) -> None:
    write(tmp_path, b"key;text\n1;good film\n2;bad film\n")

    said = refused(goldseam(tmp_path, "run"), 3)

    assert "a semicolon as delimiter" in said
    assert "set delimiter to ';'" in said
    plain = json.loads((tmp_path / "goldseam.yaml").read_text())
    small.write_settings(tmp_path, plain | {"sources": [{"path": "items.csv", "delimiter": ";"}]})
    assert "2 accepted" in goldseam(tmp_path, "run").out


def test_a_missing_column_is_named_with_those_there_are(tmp_path: Path) -> None:
    write(tmp_path, b"key,txt\n1,good film\n")

    said = refused(goldseam(tmp_path, "run"), 3)

    assert "no column 'text'" in said
    assert "'key', 'txt'" in said


@pytest.mark.parametrize("content", [b"", b"\n", b"\n\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_said_to_be_empty(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, content)

    assert "empty" in refused(goldseam(tmp_path, "run"), 3)


def test_a_file_of_a_header_alone_gives_no_items_and_waits_for_a_person(tmp_path: Path) -> None:
    write(tmp_path, b"key,text\n")

    said = goldseam(tmp_path, "run")

    assert said.code == 0
    assert "There are no items" in said.out


def test_a_source_that_is_not_there_is_named_with_where_it_was_looked_for(tmp_path: Path) -> None:
    write(tmp_path, b"")
    (tmp_path / "items.csv").unlink()

    assert f"looked in {tmp_path}" in refused(goldseam(tmp_path, "run"), 3)


BAD_ROWS = {
    "broken UTF-8": (b"k1,caf\xe9\n", "UTF-8"),
    "NUL bytes": (b"k1,a\0b\n", "NUL"),
    "a cell of 10 MB": (b"k1," + b"x" * 10_000_000 + b"\n", "at most"),
    "a line without an end to its quote": (b'k1,"open\n', "never closed"),
    "too few cells": (b"lonely\n", "1 cell, the header has 2"),
    "too many cells": (b"k1,a,b\n", "3 cells, the header has 2"),
    "an empty text": (b"k1,\n", "empty"),
    "an empty key": (b",a text\n", "key"),
}


@pytest.mark.parametrize("what", BAD_ROWS)
def test_a_bad_row_is_kept_with_its_line_and_reason_and_hurts_no_other(tmp_path: Path, what: str) -> None:
    row, why = BAD_ROWS[what]
    ends_the_file = what == "a line without an end to its quote"
    write(tmp_path, b"key,text\nk0,good film\n" + row + (b"" if ends_the_file else b"k2,bad film\n"))

    said = goldseam(tmp_path, "run", "--json").json

    n_good = 1 if ends_the_file else 2
    assert said["done"][0]["outcome"] == f"items.csv: {n_good} accepted, 0 duplicate, 1 refused"
    (bad,) = quarantine(tmp_path)
    assert bad["line"] == 3
    assert why in bad["reason"]
    assert len(bad["text"]) < 20_000
    assert goldseam(tmp_path, "verify").code == 0


def test_duplicate_content_is_one_item_and_a_duplicate_key_with_another_text_is_refused(tmp_path: Path) -> None:
    write(tmp_path, b"key,text\na,film one\nb,film one\na,film two\nc,film three\n")

    said = goldseam(tmp_path, "run", "--json").json

    assert said["done"][0]["outcome"] == "items.csv: 2 accepted, 1 duplicate, 1 refused"
    (bad,) = quarantine(tmp_path)
    assert (bad["line"], "'a'" in bad["reason"]) == (4, True)


def test_a_file_read_again_adds_nothing_twice(tmp_path: Path) -> None:
    write(tmp_path, b"key,text\na,film one\nb,film two\n")
    goldseam(tmp_path, "run")
    os.utime(tmp_path / "items.csv", (1, 1))

    again = goldseam(tmp_path, "run", "--json").json

    assert again["done"][0]["outcome"] == "items.csv: 0 accepted, 2 duplicate, 0 refused"


def test_jsonl_of_any_garbage_is_refused_line_by_line(tmp_path: Path) -> None:
    lines = [
        '{"key": 1, "text": "good"}',
        "[]",
        "{",
        "null",
        '{"text": 5, "key": "b"}',
        '{"key": "c"}',
        '{"text": "\\ud800"}',
        "NaN",
    ]
    small.write_project(tmp_path, sources=[{"path": "items.jsonl"}])
    (tmp_path / "items.jsonl").write_text("\n".join(lines))

    said = goldseam(tmp_path, "run", "--json").json

    assert said["done"][0]["outcome"] == "items.jsonl: 1 accepted, 0 duplicate, 7 refused"
    assert [bad["line"] for bad in quarantine(tmp_path)] == [2, 3, 4, 5, 6, 7, 8]


def test_an_image_that_is_not_one_is_refused_and_the_others_are_taken_in(tmp_path: Path) -> None:
    import numpy as np

    small.write_project(tmp_path, sources=[{"path": "images"}], source={"kind": "image"})
    folder = tmp_path / "images"
    folder.mkdir()
    good = png(np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8))
    (folder / "good.png").write_bytes(good)
    (folder / "text.png").write_bytes(b"I am a text")
    (folder / "cut.png").write_bytes(good[: len(good) // 2])
    (folder / "empty.jpg").touch()
    (folder / "link.png").symlink_to("good.png")
    (folder / "notes.txt").write_text("not looked at")

    said = goldseam(tmp_path, "run", "--json").json

    assert said["done"][0]["outcome"] == "images: 1 accepted, 0 duplicate, 4 refused"
    assert {bad["text"] for bad in quarantine(tmp_path)} == {"cut.png", "empty.jpg", "link.png", "text.png"}


def test_gold_that_fits_nothing_is_refused_row_by_row(tmp_path: Path) -> None:
    small.write_project(tmp_path, n_items=3, gold=["gold.csv"])
    small.write_rows(tmp_path / "gold.csv", ["key", "label"], [["k0", "pos"], ["k9", "pos"], ["k1", "poss"]])

    said = goldseam(tmp_path, "run", "--json").json

    assert "gold gold.csv: 1 accepted, 0 duplicate, 2 refused" in said["done"][0]["outcome"]
    reasons = {bad["line"]: bad["reason"] for bad in quarantine(tmp_path)}
    assert "no item has this key" in reasons[3]
    assert "Did you mean 'pos'" in reasons[4]


# --- the project file ------------------------------------------------------------------------------------------------

PROJECT = """\
name: moods
schema:
  questions:
    - name: mood
      labels: [pos, neg]
sources:
  - path: items.csv
sample:
  batch: 6
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "why"),
    [
        ("[pos, neg]", "[pos, pos]", 4, "'pos' twice"),
        ("  batch: 6", "  bach: 6", 9, "Did you mean 'batch'"),
        ("sample:", "sampel:", 8, "Did you mean 'sample'"),
        ("      labels:", "      lables:", 5, "Did you mean 'labels'"),
        ("batch: 6", "batch: many", 9, "number"),
        ("batch: 6", "batch: -6", 9, "batch"),
        ("name: moods", "name: [moods]", 1, "text"),
        ("  - path: items.csv", "  - path: [", 9, ""),
        ("name: moods", "name: moods\nname: again", 2, "twice"),
        ("name: moods", "name: &a moods", 1, "anchors"),
        ("name: moods", "name: !!python/object:os.system moods", 1, "tags"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_project_file_is_named_with_its_line_and_the_nearest_key(
    tmp_path: Path, old: str, new: str, line: int, why: str
) -> None:
    assert old in PROJECT
    (tmp_path / "goldseam.yaml").write_text(PROJECT.replace(old, new, 1))

    said = refused(goldseam(tmp_path, "run"), 3)

    assert f"line {line}" in said.lower()
    assert why in said


def test_a_project_file_of_bytes_that_are_no_text_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "goldseam.yaml").write_bytes(b"name: x\nschema: \xff\n")

    assert "line 2: not UTF-8 (byte 0xff)" in refused(goldseam(tmp_path, "run"), 3)


# --- votes -----------------------------------------------------------------------------------------------------------


def test_a_vote_for_an_unknown_label_or_item_is_refused_and_the_good_one_beside_it_is_kept(tmp_path: Path) -> None:
    small.write_project(tmp_path, n_items=4)
    with small.opened(tmp_path) as project:
        small.run(project)
        good, bad = project.lease(2).offers
        outcomes = project.submit(
            [
                small.submission(project, bad, Choice(LabelName("posh"))),
                small.submission(project, good, Choice(LabelName("pos"))),
            ]
        )

        assert [outcome.status for outcome in outcomes] == ["refused", "saved"]
        assert isinstance(outcomes[0].error, BadAnswer)
        assert "Did you mean 'pos'" in outcomes[0].error.message
        with pytest.raises(NotFound):
            project.rule("0" * 32, "pos")
        with pytest.raises(BadAnswer):
            project.rule(good.item.id, "posh")
        assert project.votes().n_items == 1
        from goldseam.edge.runner import annotate

        claimed = annotate.claim(project.world, project.permit(Act.ANNOTATE), [ItemId("f" * 32)])
        assert claimed.refused == (("f" * 32, "the project has no such item"),)


# --- a full disk -----------------------------------------------------------------------------------------------------


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


# --- a killed process ------------------------------------------------------------------------------------------------


def until(project: Project, verb: Verb) -> None:
    """Run, with people who answer, until this step was done."""
    for _ in range(10):
        for done in project.run():
            if done.step.verb is verb:
                return
        small.answer_all(project, [None])
    raise AssertionError(f"{verb} was never done")


def state(folder: Path) -> dict[str, Any]:
    """Return what a project came to, without what differs by chance: ids, times, seeds."""
    with small.opened(folder) as project:
        assert project.verify() == ()
        found = project.status()
        labels = project.labels()
        name = project.facts.id
        kinds = project.world.store.read(lambda tx: [entry.kind for entry in log.entries(tx, name, -1, 100_000)])
        return {
            "counts": found["counts"],
            "round": found["round"],
            "finished": found["finished"],
            "labels": sorted(zip(map(str, labels["item"]), map(str, labels["label"]), strict=True)),
            "releases": [(row["number"], row["n_items"]) for row in project.releases()],
            "models": len(found["history"]),  # type: ignore[arg-type]  # plain values do where the hint is narrower
            "kinds": sorted(kind for kind in kinds if kind not in {"project.applied", "account.made"}),
        }


def finish(folder: Path) -> dict[str, Any]:
    """Run a project to its end, and return its state."""
    with small.opened(folder) as project:
        small.round_trip(project)
    return state(folder)


WHERE_IT_DIES = {
    "in the middle of an intake": (intake, "_finish", 0),
    "between two batches of an intake": (intake, "_save", 1),
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
    monkeypatch.setattr(intake, "TOGETHER", 1)
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
