"""The whole loop from Python, as a story, on SQLite and on PostgreSQL: two rounds from raw rows to a verified release."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import goldseam
from goldseam.edge.home import DATABASE_SETTING
from goldseam.flow.plan import Verb
from goldseam.stats.crowd import one_coin
from goldseam.vocab.people import Role
from tests.postgres import postgres

__all__ = ["postgres"]

WORDS = {"pos": ("fine", "lovely", "great", "warm", "clever"), "neg": ("dull", "awful", "weak", "cold", "clumsy")}
CROWD = one_coin(("neg", "pos"), {"ada": 0.95, "ben": 0.9, "cleo": 0.85})
FILE = """\
name: mood
schema: {questions: [{name: mood, labels: [neg, pos]}]}
sources: [{path: reviews.csv}]
gold: [gold.csv]
source: {text: text, key: number}
sample: {batch: 40}
route: {redundancy: 3}
annotate: {gold_rate: 0.1}
rounds: 2
"""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(DATABASE_SETTING, raising=False)
    if request.param == "postgresql":
        monkeypatch.setenv(DATABASE_SETTING, request.getfixturevalue("postgres").fresh())
    rng = np.random.default_rng(5)
    truth = [str(rng.choice(("neg", "pos"))) for _ in range(160)]
    with (tmp_path / "reviews.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("number", "text"))
        rows.writerows((n, f"number {n}: {' '.join(rng.choice(WORDS[label], 3))}") for n, label in enumerate(truth))
    with (tmp_path / "gold.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("key", "label"))
        rows.writerows(enumerate(truth[:30]))
    (tmp_path / "truth.txt").write_text(" ".join(truth))
    (tmp_path / "goldseam.yaml").write_text(FILE)
    return tmp_path


@pytest.mark.slow
def test_two_rounds_end_in_a_verified_release_and_a_promoted_model(folder: Path) -> None:
    truth = (folder / "truth.txt").read_text().split()
    rng = np.random.default_rng(1)
    with goldseam.open(folder) as project:
        people = {name: project.add_person(name, Role.ANNOTATOR, password="x" * 12)[0].id for name in CROWD.names}
        while True:
            list(project.run())
            waits = project.plan().next
            if waits is None:
                break
            if waits.verb is Verb.RULE:
                for found in project.disagreements():
                    item = found["item"]
                    project.rule(item["id"], truth[int(item["origin"]["key"])])
                continue
            assert waits.verb is Verb.COLLECT
            for name, annotator in people.items():
                while offers := project.lease(10, annotator).offers:
                    for offer in offers:
                        said = CROWD.answer(name, truth[int(offer.item.origin.key)], rng)
                        project.answer(offer, said, seconds=1.0, annotator=annotator)
        status = project.status()
        assert [release["number"] for release in project.releases()] == [2, 1]
        assert status["model"]["accuracy"] > 0.9
        assert status["counts"]["settled"] >= 80
        changed = project.diff(1, 2)
        assert len(changed.added) >= 40
        assert not changed.removed
        project.seal()
        assert project.verify() == ()
        votes = project.votes()
        labels = project.labels()
        right = [
            label == truth[int(key)] for label, key in zip(labels["label"], _keys(project, labels["item"]), strict=True)
        ]
        assert np.mean(right) > 0.9
        assert votes.n_annotators == 3


def _keys(project: goldseam.Project, items: list[str]) -> list[str]:
    keys = project.keys()
    place = dict(zip(project.item_ids(list(keys)), keys.values(), strict=True))
    return [place[item] for item in items]
