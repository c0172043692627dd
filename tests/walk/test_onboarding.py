"""Whoever joins reads, practices and passes a test before real work, over HTTP, on both databases; a manager may help."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import delete, update

from goldseam.edge.client import Client, Submission, new_id
from goldseam.edge.home import DATABASE_SETTING
from goldseam.edge.runner import log, projects, promotion, questions
from goldseam.edge.store import gold as gold_rows
from goldseam.edge.store import log as log_rows
from goldseam.edge.store import qualification as rows
from goldseam.edge.store import qualification_tables as tables
from goldseam.edge.store import skills as skill_rows
from goldseam.testing.clock import FakeClock
from goldseam.vocab.answers import Abstain, Choice, LabelName
from goldseam.vocab.errors import Conflict, NotFound, NotReady, StoreFailed
from goldseam.vocab.people import AnnotatorId, Role
from tests.postgres import postgres
from tests.walk import story
from tests.walk.story import LABELS, Story

__all__ = ["postgres"]

pytestmark = pytest.mark.story("school")

N_GOLD = 8
POLICIES = {
    "annotate": {"gold_rate": 0.5},
    "route": {"redundancy": 3},
    "onboarding": [
        {"read": "guideline"},
        {"practice": 2},
        {"qualify": {"questions": 4, "pass_mark": 0.75, "retries": 1, "wait_hours": 24, "skill": "mood"}},
    ],
    "qualification": {
        "files": ["questions.csv"],
        "promotion": {"answers": 10, "gold_low": 0.5, "agreement": 0.5, "weeks": 0},
    },
}


class Ticking(FakeClock):
    """A clock that goes on a thousandth of a second at every look."""

    def now(self) -> Any:
        return self.advance(timedelta(milliseconds=1))


@dataclass(frozen=True)
class School:
    """A served project with a way to real work, and clients by name."""

    story: Story
    id: str
    clock: Ticking
    clients: dict[str, Client]
    ids: dict[str, AnnotatorId]

    def __getitem__(self, name: str) -> Client:
        return self.clients[name]


def right(text: str) -> str:
    return LABELS[text.endswith("fine")]


def write_questions(folder: Path) -> None:
    """Items 8 to 11 for practice, 12 to 23 for tests; item 0 is gold, and item 99 is none."""
    with (folder / "questions.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["key", "label", "use", "why"])
        writer.writerows([f"k{n}", LABELS[n % 2], "practice", f"see {n}"] for n in range(8, 12))
        writer.writerows([f"k{n}", LABELS[n % 2], "", ""] for n in range(12, 24))
        writer.writerows([["k0", "neg", "", ""], ["k99", "neg", "", ""], ["k3", "odd", "", ""]])


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def school(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    folder, clock = tmp_path_factory.mktemp("school"), Ticking()
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(DATABASE_SETTING, raising=False)
        if request.param == "postgresql":
            patch.setenv(DATABASE_SETTING, request.getfixturevalue("postgres").fresh())
        write_questions(folder)
        with story.opened(folder, clock) as world:
            made = story.set_up(world, folder, n_items=60, n_gold=N_GOLD, policies=POLICIES)
            (read,) = questions.take_in(world, made.project, made.members[Role.OWNER])
            assert (read.n_set, [number for number, _ in read.refused]) == (16, [18, 19, 20])
            with story.serving(world) as url:
                names = ("ann", "ben", "cleo", "dan")
                ids = {name: story.member_of(world, name, made.project.id) for name in names}
                tokens = {name: token(made, ids[name]) for name in names}
                tokens |= {"mia": made.token(Role.MANAGER), "rita": made.token(Role.REVIEWER)}
                yield School(
                    made,
                    made.project.id,
                    clock,
                    {name: Client(url, token=one, tries=1) for name, one in tokens.items()},
                    ids,
                )


def token(made: Story, who: AnnotatorId) -> str:
    from goldseam.edge.runner import people

    return people.make_token(made.world, made.project.id, who, "test", None, None)


def answer(client: Client, project: str, trial: dict[str, Any], n_wrong: int = 0) -> dict[str, Any]:
    """Answer every question of a try, the first ones wrongly."""
    for one in trial["questions"]:
        said = right(one["item"]["text"])
        if one["number"] <= n_wrong:
            said = LABELS[1 - LABELS.index(said)]
        trial = client.answer_trial(project, trial["id"], one["number"], Choice(LabelName(said)), 2.0)
    return trial


def reach_the_test(school: School, name: str) -> None:
    school[name].read_guideline(school.id, 1)
    answer(school[name], school.id, school[name].begin_trial(school.id))


def states(school: School, name: str) -> list[str]:
    return [step["state"] for step in school[name].onboarding(school.id)["steps"]]


def test_an_annotator_works_through_the_steps_before_real_work(school: School) -> None:
    ann = school["ann"]
    assert ann.lease(school.id, 5).waiting_reason == "onboarding"
    with pytest.raises(NotReady):
        ann.begin_trial(school.id)
    with pytest.raises(Conflict, match="version 1"):
        ann.read_guideline(school.id, 7)
    ann.read_guideline(school.id, 1)
    practice = answer(ann, school.id, ann.begin_trial(school.id), n_wrong=1)
    assert (practice["use"], practice["ended"]["passed"], practice["ended"]["n_right"]) == ("practice", True, 1)
    assert all(told["right"] and told["why"].startswith("see ") for told in practice["ended"]["told"])
    assert ann.lease(school.id, 5).waiting_reason == "onboarding"

    test = answer(ann, school.id, ann.begin_trial(school.id), n_wrong=1)
    assert (test["use"], test["ended"]) == ("qualify", {"n_right": 3, "passed": True, "told": []})
    assert ann.onboarding(school.id)["through"]
    assert ann.lease(school.id, 5).offers
    held = school.story.world.store.read(lambda tx: skill_rows.levels(tx, school.story.project.id, school.ids["ann"]))
    assert held == {"mood": 1}
    assert school["rita"].lease(school.id, 1).offers, "who is no annotator needs no test"


def test_a_test_tells_nothing_before_its_last_answer_and_no_right_answer_ever(school: School) -> None:
    ben = school["ben"]
    reach_the_test(school, "ben")
    trial = ben.begin_trial(school.id)
    for one in trial["questions"]:
        seen = ben.answer_trial(school.id, trial["id"], one["number"], Choice(LabelName("neg")))
        assert (seen["ended"] is None) == (one["number"] < 4)
    assert seen["ended"]["told"] == []
    assert "right" not in str(seen["questions"])
    with pytest.raises(Conflict, match="already"):
        ben.answer_trial(school.id, trial["id"], 1, Choice(LabelName("pos")))
    with pytest.raises(NotFound):
        school["cleo"].answer_trial(school.id, trial["id"], 1, Choice(LabelName("pos")))


def test_a_failed_test_is_tried_again_after_a_wait_with_other_questions_and_then_only_with_leave(
    school: School,
) -> None:
    cleo, world = school["cleo"], school.story.world
    reach_the_test(school, "cleo")
    first = answer(cleo, school.id, cleo.begin_trial(school.id), n_wrong=2)
    assert not first["ended"]["passed"]
    assert states(school, "cleo") == ["done", "done", "resting"]
    with pytest.raises(NotReady, match="next try opens at"):
        cleo.begin_trial(school.id)
    school.clock.advance(timedelta(hours=25))
    second = answer(cleo, school.id, cleo.begin_trial(school.id), n_wrong=4)
    items = [{one["item"]["id"] for one in trial["questions"]} for trial in (first, second)]
    assert not items[0] & items[1]
    assert states(school, "cleo")[-1] == "failed"
    school.clock.advance(timedelta(days=100))
    with pytest.raises(NotReady, match="possible: allow, waive"):
        cleo.begin_trial(school.id)
    school["mia"].intervene(school.id, school.ids["cleo"], "allow")
    assert answer(cleo, school.id, cleo.begin_trial(school.id))["ended"]["passed"]
    every = world.store.read(lambda tx: rows.ever_asked(tx, school.story.project.id, school.ids["cleo"])).tolist()
    assert len(every) == len(set(every)) == 14


def test_no_question_is_an_item_that_may_come_as_hidden_gold(school: School) -> None:
    world, project = school.story.world, school.story.project
    known = world.store.read(lambda tx: gold_rows.current(tx, project.id, project.question)).position.tolist()
    assert len(known) == N_GOLD
    for use in rows.Use:
        pool = world.store.read(lambda tx, use=use: rows.candidates(tx, project.id, use, gold_hides=True)).tolist()
        assert pool
        assert not set(pool) & set(known)
    # An item that becomes gold after it was set as a question is asked no more.
    place, code = np.array([23]), np.array([1])
    by, now = school.story.members[Role.OWNER], school.clock.now()
    save = (project.question, place, code, ["{}"], "by hand", by, now)
    world.store.write(lambda tx: gold_rows.save(tx, project.id, *save))
    pool = world.store.read(lambda tx: rows.candidates(tx, project.id, rows.Use.QUALIFY, gold_hides=True)).tolist()
    assert pool == list(range(12, 23))
    assert not set(known) & {
        at
        for who in school.ids.values()
        for at in world.store.read(lambda tx, who=who: rows.ever_asked(tx, project.id, who)).tolist()
    }


def test_a_try_that_is_begun_twice_at_once_is_one(school: School) -> None:
    made = story.member_of(school.story.world, "fay", school.story.project.id)
    fay = school["ann"].with_token(token(school.story, made))
    fay.read_guideline(school.id, 1)

    def begin(_: int) -> int:
        try:
            fay.begin_trial(school.id)
        except NotReady:
            return 0
        return 1

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(begin, range(4))) == 1


def test_a_manager_waives_what_is_left(school: School) -> None:
    dan = school["dan"]
    assert not dan.onboarding(school.id)["through"]
    for _ in range(3):
        school["mia"].intervene(school.id, school.ids["dan"], "waive")
    assert dan.lease(school.id, 1).offers
    team = {one["name"]: one["through"] for one in school["mia"].onboarding_team(school.id)}
    assert team["dan"]
    with pytest.raises(NotReady, match="through"):
        school["mia"].intervene(school.id, school.ids["dan"], "waive")
    with pytest.raises(NotFound):
        school["mia"].intervene(school.id, school.story.members[Role.REVIEWER], "waive")


def test_what_was_done_is_never_changed_and_stands_in_the_ledger(school: School) -> None:
    world = school.story.world
    for name in tables.NEVER_CHANGED:
        table = tables.METADATA.tables[name]
        for change in (update(table).values({list(table.c)[-1].name: 0}), delete(table)):
            with pytest.raises(StoreFailed, match="append-only"):
                world.store.write(lambda tx, change=change: tx.run(change))
    log.seal(world)
    entries = world.store.read(lambda tx: log_rows.entries(tx, school.story.project.id))
    kinds = [str(one.kind) for one in entries]
    assert {"questions.set", "onboarding.moved", "trial.begun", "trial.ended", "skill.granted"} <= set(kinds)


def test_a_promotion_is_proposed_from_figures_and_made_by_a_person(school: School) -> None:
    world, project = school.story.world, projects.by_name(school.story.world, "moods")
    for name in ("ann", "dan"):
        work(school, name)
    found = promotion.measure_all(world, project, school.story.members[Role.OWNER])
    assert set(found.proposed) <= {school.ids["ann"], school.ids["dan"]}
    assert school.ids["ann"] in found.proposed
    assert promotion.measure_all(world, project, school.story.members[Role.OWNER]).proposed == ()
    mia = school["mia"]
    (open_,) = [one for one in mia.promotions(school.id, state="open") if one["name"] == "ann"]
    assert open_["figures"]["n_answers"] >= 10
    assert open_["figures"]["gold_low"] >= 0.5
    mia.decide_promotion(school.id, open_["id"], "accepted", "Careful work.")
    with pytest.raises(Conflict):
        mia.decide_promotion(school.id, open_["id"], "declined", "No.")
    assert school["ann"].project(school.id).role is Role.REVIEWER


def work(school: School, name: str) -> None:
    """Answer everything rightly."""
    client = school[name]
    while offers := client.lease(school.id, 20).offers:
        sent = [
            Submission(new_id(), one.id, one.token, {"mood": Choice(LabelName(right(str(one.text))))}, 2.0, 1, 1)  # type: ignore[arg-type]  # ids and versions as plain values
            for one in offers
        ]
        assert {one.status for one in client.submit(school.id, sent)} == {"saved"}


def test_one_is_told_ones_own_figures_and_not_so_often_that_gold_could_be_told(school: School) -> None:
    first = school["dan"].own_figures(school.id)
    assert first is not None
    assert (first["n_answers"] >= 10, first["seconds"]) == (True, 2.0)
    assert first["n_gold"] == 0, "fewer gold checks than are told at once"
    world, project = school.story.world, projects.by_name(school.story.world, "moods")
    promotion.measure_all(world, project, school.story.members[Role.OWNER])
    assert school["dan"].own_figures(school.id) == first
    school.clock.advance(timedelta(days=2))
    promotion.measure_all(world, project, school.story.members[Role.OWNER])
    again = school["dan"].own_figures(school.id)
    assert again is not None
    assert again["at"] > first["at"]
    assert {**again, "at": first["at"]} == first


def test_an_abstention_is_no_right_answer(school: School) -> None:
    world = school.story.world
    made = story.member_of(world, "eve", school.story.project.id)
    eve = school["ann"].with_token(token(school.story, made))
    eve.read_guideline(school.id, 1)
    trial = eve.begin_trial(school.id)
    for one in trial["questions"]:
        trial = eve.answer_trial(school.id, trial["id"], one["number"], Abstain("unclear"))
    assert trial["ended"]["n_right"] == 0
