"""Replay: recorded votes of real people go through the real server and queue, and what a policy would have given is told."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from goldseam.stats.crowd import confused
from goldseam.vocab.errors import BadSource
from tests.conftest import ROOT
from tests.unit.edge.cli.call import goldseam
from tests.walk import small

pytestmark = pytest.mark.slow

N_ITEMS = 150


def read(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """Votes of real people about real sentences where they are here; else of a synthetic crowd of stated confusion."""
    folder = tmp_path_factory.mktemp("recorded")
    try:
        source = Path(request.getfixturevalue("data_dir")) / "crowd" / "sentiment_polarity"
    except pytest.skip.Exception:
        source = Path()
    if (source / "annotations.csv").is_file():
        chosen = {row["task"] for row in read(source / "items.csv")[:N_ITEMS]}
        for name in ("annotations", "items", "gold"):
            rows = [list(row.values()) for row in read(source / f"{name}.csv") if row["task"] in chosen]
            header = list(read(source / f"{name}.csv")[0])
            small.write_rows(folder / f"{name}.csv", header, rows)
        return folder
    rng = np.random.default_rng(5)
    crowd = confused(("0", "1"), {f"w{n}": share for n, share in enumerate(np.linspace(0.78, 0.97, 12))}, {})
    truth = [str(n % 2) for n in range(N_ITEMS)]
    votes = [
        [n, name, crowd.answer(name, truth[n], rng)]
        for n in range(N_ITEMS)
        for name in rng.choice(crowd.names, 5, replace=False)
    ]
    small.write_rows(folder / "annotations.csv", ["task", "worker", "label"], votes)
    small.write_rows(folder / "items.csv", ["task", "text"], [[n, small.text_of(n)] for n in range(N_ITEMS)])
    small.write_rows(folder / "gold.csv", ["task", "gold"], list(enumerate(truth)))
    return folder


@pytest.fixture(autouse=True)
def _the_server_finds_the_package_from_any_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))


def replay(recording: Path, folder: Path, *words: str) -> Any:
    """Replay a recording and return the outcome."""
    named = [str(recording / f"{name}.csv") for name in ("annotations", "items", "gold")]
    said = goldseam(
        folder, "replay", named[0], "--items", named[1], "--gold", named[2], "--folder", "here", "--json", *words
    )
    assert said.code == 0, said.err
    return said.json


def test_every_recorded_vote_is_used_once_and_the_loop_runs_to_a_release_that_verifies(
    recording: Path, tmp_path: Path
) -> None:
    votes = read(recording / "annotations.csv")
    texts = {row["text"].strip() for row in read(recording / "items.csv")}

    found = replay(recording, tmp_path)

    assert found["n_recorded"] == len(votes)
    assert (found["n_used"] + found["n_refused"] + found["n_surplus"]) == len(votes)
    assert found["n_items"] == len(texts)
    if len(texts) == N_ITEMS:
        assert found["n_used"] == len(votes)
    assert found["findings"] == 0
    assert found["n_gold"] >= len(texts) - 1
    assert found["accuracy"]["dawid_skene"] >= 0.85
    assert found["accuracy"]["settled by the loop"] >= 0.85
    assert 0 < found["alpha"] < 1
    assert goldseam(tmp_path / "here", "verify").code == 0
    key = (tmp_path / "here" / "releases" / found["release"] / "key.txt").read_text().strip()
    assert goldseam(tmp_path, "verify", str(tmp_path / "here" / "releases" / found["release"]), "--key", key).code == 0


def test_stopping_early_uses_fewer_votes_and_stays_nearly_as_right(recording: Path, tmp_path: Path) -> None:
    n_votes = len(read(recording / "annotations.csv"))

    found = replay(recording, tmp_path, "--stop-at", "0.95")

    assert found["n_used"] < 0.9 * n_votes
    assert found["accuracy"]["dawid_skene"] >= 0.8
    assert found["findings"] == 0


def test_redundancy_bounds_the_votes_on_each_item_exactly(recording: Path, tmp_path: Path) -> None:
    per_item = Counter(row["task"] for row in read(recording / "annotations.csv"))

    found = replay(recording, tmp_path, "--redundancy", "2")

    assert found["n_used"] <= sum(min(2, n) for n in per_item.values())
    assert found["n_used"] >= 0.95 * found["n_items"] * 2
    assert found["votes_per_item"] <= 2


def test_a_replay_never_writes_over_a_project(recording: Path, tmp_path: Path) -> None:
    small.write_project(tmp_path / "here")

    said = goldseam(tmp_path, "replay", str(recording / "annotations.csv"), "--folder", "here")

    assert said.code == 2
    assert "already" in said.err


def test_a_vote_given_twice_and_a_row_without_a_label_are_counted_and_told(tmp_path: Path) -> None:
    rows = [["1", "a", "x"], ["1", "a", "y"], ["1", "b", "x"], ["2", "a", ""], ["2", "b", "y"], ["", "b", "y"]]
    small.write_rows(tmp_path / "votes.csv", ["item", "annotator", "label"], rows)

    said = goldseam(tmp_path, "replay", "votes.csv", "--folder", "here", "--json")

    assert said.code == 0, said.err
    assert said.json["n_recorded"] == 3
    assert "3 rows were unreadable" in said.json["notes"][0]
    assert said.json["n_used"] == 3


def test_files_without_the_columns_are_refused_by_name(tmp_path: Path) -> None:
    from goldseam.edge.cli.recorded import read_votes

    small.write_rows(tmp_path / "votes.csv", ["who", "what"], [["a", "x"]])

    with pytest.raises(BadSource, match=r"votes\.csv needs a column 'task' or 'item'"):
        read_votes(tmp_path / "votes.csv", None)
