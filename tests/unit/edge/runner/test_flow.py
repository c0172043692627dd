"""Flow: the plan follows what is there now: gold that comes late, a gate that was lowered, a model that cannot be trained."""

from __future__ import annotations

import shutil
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from goldseam.edge.project import Project
from goldseam.edge.runner import adjudicate, sample
from goldseam.flow.plan import Verb
from goldseam.vocab.answers import Abstain
from tests.walk import small


def settled(folder: Path, **policies: object) -> dict[str, object]:
    """Write a project of one round whose six items are drawn at once."""
    return small.write_project(folder, n_items=6, sample={"strategy": "random", "batch": 6}, rounds=1, **policies)


def to_rows(project: Project) -> dict[str, str]:
    """Return the settled label of every item by its text."""
    found = project.labels()
    return dict(zip(map(str, found["item"]), map(str, found["label"]), strict=True))


def test_a_lowered_gate_is_asked_again(tmp_path: Path) -> None:
    plain = settled(tmp_path, route={"redundancy": 2})
    with small.opened(tmp_path) as project:
        small.run(project)
        small.answer_all(project, [None])
        other = small.member(project, "contrary")
        small.answer_all(project, [other], accuracy=0.0)
        small.run(project)
        while small.waits_for(project) is Verb.RULE:
            for found in project.disagreements(100):
                item: Any = found["item"]
                project.rule(item["id"], "pos")
            small.run(project)
        assert small.waits_for(project) is Verb.PUBLISH
        assert small.run(project) == []

        small.write_settings(tmp_path, plain | {"audit": {"draws": 20, "alpha_stop": -1.0}})
        project.apply()

        assert small.run(project)[:2] == [Verb.MEASURE, Verb.PUBLISH]
        assert project.plan().finished


def test_gold_that_comes_after_settling_settles_its_items_anew(tmp_path: Path) -> None:
    plain = settled(tmp_path, route={"redundancy": 2})
    with small.opened(tmp_path) as project:
        small.run(project)
        small.answer_all(project, [None])
        small.answer_all(project, [small.member(project, "contrary")], accuracy=0.0)
        small.run(project)
        assert small.waits_for(project) in {Verb.RULE, Verb.PUBLISH}
        small.write_rows(tmp_path / "gold.csv", ["key", "label"], [[f"k{n}", "pos"] for n in range(6)])
        small.write_settings(
            tmp_path, plain | {"gold": ["gold.csv"], "audit": {"draws": 20, "alpha_stop": -1.0, "gold_accuracy": 0.0}}
        )
        project.apply()

        done = small.run(project)

        assert done[:4] == [Verb.TAKE_IN, Verb.SETTLE, Verb.MEASURE, Verb.PUBLISH]
        assert set(to_rows(project).values()) == {"pos"}
        assert project.releases()[0]["n_items"] == 6
        assert project.verify() == ()


def test_gold_that_says_what_was_settled_changes_nothing_but_the_measure(tmp_path: Path) -> None:
    plain = settled(tmp_path)
    with small.opened(tmp_path) as project:
        small.run(project)
        small.answer_all(project, [None])
        steps = project.run()
        while next(steps).step.verb is not Verb.MEASURE:
            pass
        small.write_rows(tmp_path / "gold.csv", ["key", "label"], [["k0", "neg"], ["k1", "pos"]])
        small.write_settings(tmp_path, plain | {"gold": ["gold.csv"]})
        project.apply()

        assert small.run(project)[:3] == [Verb.TAKE_IN, Verb.MEASURE, Verb.PUBLISH]
        report = project.quality()
        assert report is not None
        assert report[0].accuracy.n == 2


def test_gold_does_not_count_for_a_model_that_may_not_learn_from_it(tmp_path: Path) -> None:
    """Three items are learned from, three are gold that judges: with min_labels 4 no model can be trained, and the loop ends."""
    small.write_project(
        tmp_path, n_items=6, gold=["gold.csv"], sample={"strategy": "random", "batch": 6}, prelabel={"min_labels": 4}
    )
    small.write_rows(tmp_path / "gold.csv", ["key", "label"], [[f"k{n}", small.LABELS[n % 2]] for n in range(3)])
    with small.opened(tmp_path) as project:
        small.round_trip(project)

        assert project.plan().finished
        assert project.status()["history"] == []


def test_labels_that_are_all_alike_train_no_model_and_hold_nobody_up(tmp_path: Path) -> None:
    small.write_project(tmp_path, n_items=8, sample={"strategy": "random", "batch": 8})
    with small.opened(tmp_path) as project:
        small.run(project)
        while offers := project.lease(8).offers:
            for offer in offers:
                project.answer(offer, "pos")

        assert Verb.TRAIN not in small.run(project)
        assert project.plan().finished


def test_items_on_which_everybody_abstains_wait_for_a_ruling_and_not_for_ever(tmp_path: Path) -> None:
    settled(tmp_path)
    with small.opened(tmp_path) as project:
        small.run(project)
        sent = [small.submission(project, offer, Abstain("unreadable")) for offer in project.lease(6).offers]
        project.submit(sent)
        small.run(project)

        assert small.waits_for(project) is Verb.RULE
        for found in project.disagreements(10):
            item: Any = found["item"]
            project.rule(item["id"], "neg", "I know the film")
        small.run(project)

        assert project.plan().finished
        assert set(to_rows(project).values()) == {"neg"}


@pytest.mark.slow
def test_a_label_that_came_after_the_suggestions_breaks_neither_draw_nor_automatic_labels(tmp_path: Path) -> None:
    plain = small.write_project(
        tmp_path,
        n_items=40,
        sample={"strategy": "auto", "batch": 10},
        route={"redundancy": 1, "auto_at": 0.5, "spot_check": 0.0},
    )
    with small.opened(tmp_path) as project:
        small.run(project)
        small.answer_all(project, [None])
        steps = project.run()
        while next(steps).step.verb is not Verb.ASSIGN:  # round 2 is drawn, all automatic, and nothing is settled
            pass
        labels = {"questions": [{"name": "mood", "labels": [*small.LABELS, "mixed"]}]}
        small.write_settings(tmp_path, plain | {"schema": labels})
        small.write_rows(tmp_path / "items.csv", [], [[f"k{n}", small.text_of(n)] for n in range(40, 45)], mode="a")
        project.apply()

        small.round_trip(project)

        assert project.plan().finished
        assert len(to_rows(project)) == 45
        assert project.verify() == ()


def test_a_draw_can_be_made_again_from_the_seed_in_the_log(tmp_path: Path) -> None:
    small.write_project(tmp_path, n_items=30, sample={"strategy": "diversity", "batch": 7})
    with small.opened(tmp_path) as project:
        small.run(project)
        seed = int(
            project.world.store.read(lambda tx: tx.connection.exec_driver_sql("select seed from draws").scalar())
        )
        drawn = project.world.store.read(
            lambda tx: tx.connection.exec_driver_sql("select position from draw_items order by rank").scalars().all()
        )

        again = sample.redraw(project.world, project.facts, np.arange(30), seed, batch=7)

        assert again.position.tolist() == list(drawn)


def test_two_runs_at_the_same_time_do_each_step_once(tmp_path: Path) -> None:
    small.write_project(tmp_path, n_items=30, sample={"strategy": "random", "batch": 10})
    with small.opened(tmp_path):
        pass
    done: list[list[Verb]] = []

    def work() -> None:
        with small.opened(tmp_path) as project:
            done.append(small.run(project))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert sorted(verb for verbs in done for verb in verbs) == sorted([Verb.TAKE_IN, Verb.DRAW, Verb.ASSIGN])
    with small.opened(tmp_path) as project:
        assert project.status()["counts"]["drawn"] == 10  # type: ignore[index]  # plain values
        assert project.verify() == ()


@pytest.mark.slow
def test_a_release_that_was_moved_away_does_not_hold_up_the_next(tmp_path: Path) -> None:
    small.write_project(tmp_path, n_items=12)
    with small.opened(tmp_path) as project:
        small.run(project)
        small.answer_all(project, [None])
        small.run(project)
        shutil.move(project.release_folder(1), tmp_path / "archive")

        small.round_trip(project)

        assert project.plan().finished
        assert [release["number"] for release in project.releases()] == [2, 1]
        assert [finding.what for finding in project.verify()] == ["the folder is gone"]


def test_a_settlement_is_made_of_all_that_counts_when_it_is_made(tmp_path: Path) -> None:
    settled(tmp_path)
    with small.opened(tmp_path) as project:
        small.run(project)
        small.answer_all(project, [None])
        before = adjudicate.basis(project.world, project.facts)

        assert before.votes.n_items == 6
        assert before.gold == {}
        assert len(before.settled.position) == 6


def test_a_clock_that_was_set_back_settles_and_measures_once(tmp_path: Path) -> None:
    settled(tmp_path)
    clock = small.Ticking()
    with small.opened(tmp_path, clock) as project:
        small.run(project)
        small.answer_all(project, [None])
        clock.advance(-timedelta(days=1))

        assert small.run(project)[:3] == [Verb.SETTLE, Verb.MEASURE, Verb.PUBLISH]
        assert project.plan().finished
        assert project.verify() == ()
