"""Steps: whatever people do between two runs, the loop comes to its end, and what it wrote verifies."""

from __future__ import annotations

import json
import os
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from goldseam.edge.project import Project
from goldseam.edge.runner import annotate
from goldseam.flow.plan import Verb
from goldseam.vocab.answers import Abstain, Choice, LabelName
from goldseam.vocab.people import Act, AnnotatorId
from tests.walk import small

ODD = ("?", "…", "好电影", "<b>x</b>", "a", "\U0001d518\U0001d52b", "x" * 500, "0")
MOST_TURNS = 60


class Life:
    """A random project and its random people; everything follows from the seed."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.rng = np.random.default_rng(seed)
        self.n_items = 0
        self.n_labels = 2
        self.plain = self.draw_settings()
        self.grow(int(self.rng.integers(3, 25)), "w")
        self.write_gold(int(self.rng.integers(0, 4)))
        small.write_settings(folder, self.plain)

    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def one_of(self, *choices: Any) -> Any:
        return choices[int(self.rng.integers(len(choices)))]

    def draw_settings(self) -> dict[str, Any]:
        return {
            "name": "moods",
            "schema": {"questions": [{"name": "mood", "labels": list(small.LABELS)}]},
            "sources": [{"path": "items.csv"}],
            "gold": ["gold.csv"],
            "source": {"text": "text", "key": "key"},
            "rounds": self.one_of(None, 1, 2, 3),
            "sample": {
                "strategy": self.one_of("auto", "random", "diversity"),
                "batch": self.one_of(3, 6, 12),
            },
            "route": {"redundancy": self.one_of(1, 2, 3), **self.one_of({}, {"auto_at": 0.6, "spot_check": 0.3})},
            "annotate": {
                "gold_rate": self.one_of(0.0, 0.3),
                "lease_minutes": 1.0,
                **self.one_of({}, {"stop_at": 0.9, "min_votes": 1}),
            },
            "prelabel": {"min_labels": self.one_of(3, 6), "suggester": self.one_of("linear", "none")},
            "adjudicate": {
                "method": self.one_of("dawid_skene", "majority"),
                "escalate_below": self.one_of(0.0, 0.6, 0.95),
                "min_votes": self.one_of(1, 2),
            },
            "audit": {"draws": 10, "escalated": self.one_of("block", "leave_out"), "min_gold": self.one_of(1, 5)},
        }

    def grow(self, n: int, mode: str = "a") -> None:
        first, self.n_items = self.n_items, self.n_items + n
        rows = [
            [f"k{i}", small.text_of(i) if self.chance(0.9) else f"{self.one_of(*ODD)} {i}"]
            for i in range(first, self.n_items)
        ]
        small.write_rows(self.folder / "items.csv", ["key", "text"], rows, mode)

    def write_gold(self, n: int) -> None:
        chosen = self.rng.permutation(self.n_items)[:n]
        rows = [[f"k{i}", self.one_of(*small.LABELS)] for i in chosen]
        path = self.folder / "gold.csv"
        small.write_rows(path, ["key", "label"], rows, "a" if path.exists() else "w")

    # --- what people do while the loop waits for them, and at other times -----------------------------------------------

    def answer(self, project: Project, person: AnnotatorId | None) -> None:
        offers = project.lease(int(self.rng.integers(1, 8)), person).offers
        for offer in offers:
            label = Choice(LabelName(small.LABELS[self.rng.integers(2)]))
            sent = small.submission(project, offer, Abstain("") if self.chance(0.25) else label)
            permit = project._permit_of(person, Act.ANNOTATE)
            if self.chance(0.1):
                annotate.skip(project.world, permit, offer.id, offer.token, "")
            elif self.chance(0.9):  # else the lease is left to run out
                project.submit([sent], person)
                if self.chance(0.1):
                    annotate.withdraw(project.world, permit, sent.id, project.new_id())

    def withdraw_old(self, project: Project, person: AnnotatorId | None) -> None:
        permit = project._permit_of(person, Act.ANNOTATE)
        standing = [row for row in annotate.history(project.world, permit, 50) if not row["withdrawn"]]
        if standing:
            chosen = standing[int(self.rng.integers(len(standing)))]
            annotate.withdraw(project.world, permit, chosen["id"], project.new_id())

    def disturb(self, project: Project, people: list[AnnotatorId | None]) -> None:
        match int(self.rng.integers(11)):
            case 10:
                project.world.clock.advance(-timedelta(hours=1))  # the machine's clock is set back
            case 0:
                self.grow(int(self.rng.integers(1, 5)))
            case 1:
                self.write_gold(2)
            case 2:
                self.n_labels += 1
                labels = [*small.LABELS, *(f"label {n}" for n in range(2, self.n_labels))]
                self.plain["schema"]["questions"][0]["labels"] = labels
            case 3 | 4:
                self.withdraw_old(project, people[int(self.rng.integers(len(people)))])
            case 5:
                for found in project.disagreements(2):
                    project.rule(found["item"]["id"], self.one_of(*small.LABELS))
            case 6:
                os.utime(self.folder / self.one_of("items.csv", "gold.csv"))
            case 7 if project.releases():
                shutil.rmtree(project.release_folder(len(project.releases())), ignore_errors=True)
            case 8:
                self.plain["audit"]["alpha_warn"] = self.one_of(0.6, 0.7)
        small.write_settings(self.folder, self.plain)
        project.apply()

    def heed(self, project: Project, waits: Verb, people: list[AnnotatorId | None], turn: int) -> None:
        match waits:
            case Verb.COLLECT if turn % 6 == 5:
                project.close_round()
            case Verb.COLLECT:
                for person in people:
                    self.answer(project, person)
                project.world.clock.advance(timedelta(minutes=2))  # type: ignore[attr-defined]  # the tests' clock
            case Verb.RULE:
                for found in project.disagreements(1000):
                    project.rule(found["item"]["id"], self.one_of(*small.LABELS))
            case Verb.PUBLISH:  # the gate is closed: the owner lowers what it asks for
                self.plain["audit"] |= {"alpha_stop": -1.0, "alpha_warn": -1.0, "gold_accuracy": 0.0}
                small.write_settings(self.folder, self.plain)
                project.apply()
                if "nothing_settled" in json.dumps(project.status()["gate"]):
                    found = project.disagreements(1)
                    item = found[0]["item"]["id"] if found else project.item_ids([0])[0]
                    project.rule(item, "pos")
            case other:
                raise AssertionError(f"it waits for {other}")


def live(folder: Path, seed: int) -> None:
    """Live a project's whole life; fails if it never ends, stops on an error, or does not verify."""
    life = Life(folder, seed)
    with small.opened(folder) as project:
        people: list[AnnotatorId | None] = [
            None,
            *(small.member(project, f"p{n}") for n in range(int(life.rng.integers(3)))),
        ]
        for turn in range(MOST_TURNS):
            small.run(project, limit=40)
            waits = small.waits_for(project)
            if waits is None and (turn > 3 or life.chance(0.5)):
                break
            if life.chance(0.4) and turn < 20:
                life.disturb(project, people)
            if waits is not None:
                life.heed(project, waits, people, turn)
        else:
            raise AssertionError(f"it never ends: {project.plan().next}")
        for release in project.releases():
            if not (project.home.releases / str(release["folder"])).exists():
                project.home.releases.joinpath(str(release["folder"])).mkdir(parents=True)
        lost = {finding.file.split("/")[1] for finding in project.verify() if finding.file.startswith("releases/")}
        assert not [finding for finding in project.verify() if not finding.file.startswith("releases/")]
        assert all(not any((project.home.releases / name).iterdir()) for name in lost)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(18))
def test_every_project_comes_to_its_end_whatever_people_do(tmp_path: Path, seed: int) -> None:
    live(tmp_path, seed)
