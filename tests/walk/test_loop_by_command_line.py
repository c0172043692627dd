"""The whole loop by the command line, as a newcomer types it: two rounds on real sentences, to an export that says whence."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from goldseam.edge.cli.show import console
from tests.unit.edge.cli.call import Said, goldseam

N_ITEMS = 80
LABELS = {"0": "neg", "1": "pos"}
KEYS = {"neg": "1", "pos": "2"}


@pytest.fixture
def sentences(data_dir: Path, tmp_path: Path) -> dict[str, str]:
    """Write a CSV of real sentences with their truth kept aside, and gold for some; return the truth by sentence."""
    folder = data_dir / "crowd" / "sentiment_polarity"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here")
    with (folder / "items.csv").open(encoding="utf-8", newline="") as file:
        texts = {row["task"]: row["text"] for row in csv.DictReader(file)}
    with (folder / "gold.csv").open(encoding="utf-8", newline="") as file:
        truth = {texts[row["task"]]: row["gold"] for row in csv.DictReader(file) if row["task"] in texts}
    plain = [text for text in truth if text.isascii()][:N_ITEMS]
    with (tmp_path / "reviews.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["number", "sentence"])
        writer.writerows(enumerate(plain))
    return {text.strip(): LABELS[truth[text]] for text in plain}


def last_shown(screen: str) -> str:
    """Return the sentence in the last frame on the screen."""
    return screen.rpartition("╭─")[2].split("│ ")[1].split(" │")[0].strip()


def ok(said: Said) -> Said:
    """Check that a command went well."""
    assert said.code == 0, said.err
    return said


@pytest.mark.slow
def test_a_newcomer_runs_two_rounds_and_proves_what_came_out(
    tmp_path: Path, sentences: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "_width", 2000)  # each sentence on one line of the screen
    made = ok(goldseam(tmp_path, "init", "mood", "--text", "reviews.csv", "--labels", "neg,pos", "--json"))
    home = Path(made.json["folder"])
    settings = (home / "goldseam.yaml").read_text()
    assert 'text: "sentence"' in settings
    (home / "goldseam.yaml").write_text(settings.replace("batch: 100", "batch: 40"))
    assert ok(goldseam(home, "plan", "--json")).json["settings"] == ["sample.batch: 100 -> 40"]

    for number in (1, 2):
        ran = ok(goldseam(home, "run", "--json")).json
        assert (ran["round"], ran["next"]["stage"]) == (number, "annotate")
        said = ok(goldseam(home, "annotate", keys=lambda screen: KEYS[sentences[last_shown(screen)]]))
        assert "40 answers saved." in said.out

    last = ok(goldseam(home, "run", "--json")).json
    assert last["finished"]
    assert {each["stage"] for each in last["done"]} >= {"adjudicate", "audit", "release", "retrain"}
    status = ok(goldseam(home, "status", "--json")).json
    assert status["counts"]["settled"] == N_ITEMS
    assert [release["number"] for release in status["releases"]] == [2, 1]
    assert status["model"] is not None

    changed = ok(goldseam(home, "diff", "1", "2", "--json")).json
    assert (len(changed["added"]), changed["removed"], changed["unchanged"]) == (40, [], 40)
    newest = home / "releases" / status["releases"][0]["folder"]
    key = (newest / "key.txt").read_text().strip()
    assert ok(goldseam(tmp_path, "verify", str(newest), "--key", key, "--json")).json["holds"]
    assert ok(goldseam(home, "verify", "--json")).json["holds"]

    assert ok(goldseam(home, "export", "labels.csv", "--json")).json["rows"] == N_ITEMS
    with (home / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["content"].strip(): row["label"] for row in rows} == sentences
    assert all(json.loads(row["annotators"]) for row in rows)
    assert ok(goldseam(home, "trace", rows[0]["item"], "--json")).json["item"]["content"] == rows[0]["content"]
