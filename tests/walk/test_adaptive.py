"""How many answers an item gets depends on who gave them; days and sittings are bounded; on both databases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from goldseam.edge.client import new_id
from goldseam.edge.home import DATABASE_SETTING
from goldseam.edge.runner import annotate, competence, projects, resting
from goldseam.edge.runner.annotate import Offer, Submission
from goldseam.edge.runner.people import Permit, Principal
from goldseam.edge.store import competence as rows
from goldseam.edge.store import queue
from goldseam.testing.clock import FakeClock
from goldseam.vocab.annotations import AnnotationId
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.errors import NotFound
from goldseam.vocab.people import AnnotatorId, Role
from tests.postgres import postgres
from tests.walk import story
from tests.walk.story import Story

__all__ = ["postgres"]

GOOD = ("gus", "gia", "gil", "gem")
BAD = ("ben", "bea", "bob", "bix")


@dataclass(frozen=True)
class Crowd:
    """A project and a crowd of which half knows the labels and half guesses."""

    story: Story
    clock: FakeClock
    who: Mapping[str, AnnotatorId]

    def permit(self, name: str) -> Permit:
        return Permit(projects.by_name(self.story.world, "moods"), Role.ANNOTATOR, Principal(self.who[name], name))

    def lease(self, name: str, count: int = 1) -> tuple[Offer, ...]:
        return annotate.lease(self.story.world, self.permit(name), count).offers

    def answer(self, name: str, offer: Offer, label: str, seconds: float = 2.0) -> AnnotationId:
        made = AnnotationId(new_id())
        sent = Submission(made, offer.id, offer.token, {"mood": Choice(LabelName(label))}, seconds, 1, 1)
        (outcome,) = annotate.submit(self.story.world, self.permit(name), [sent])
        assert outcome.error is None, outcome.error
        return made

    def place(self, position: int) -> rows.Place:
        found = self.story.world.store.write(lambda tx: rows.place(tx, self.story.project.id, position))
        assert found is not None
        return found

    def label_all(self, names: tuple[str, ...], seed: int) -> None:
        """Let each answer all that is open to them."""
        rng = np.random.default_rng(seed)
        for name in names:
            for offer in self.lease(name, 100):
                truth = int(offer.item.content.split()[2]) % 2
                right = name in GOOD or rng.random() < 0.5
                self.answer(name, offer, story.LABELS[truth if right else 1 - truth])


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "postgresql":
        monkeypatch.setenv(DATABASE_SETTING, request.getfixturevalue("postgres").fresh())


def crowd(folder: Path, policies: dict[str, object], n_items: int) -> Iterator[Crowd]:
    clock = FakeClock()
    with story.opened(folder, clock) as world:
        made = story.set_up(world, folder, n_items=n_items, policies=policies)
        who = {name: story.member_of(world, name, made.project.id) for name in GOOD + BAD}
        yield Crowd(made, clock, who)


@pytest.fixture
def adaptive(database: None, tmp_path: Path) -> Iterator[Crowd]:
    policies = {
        "route": {"redundancy": 5},
        "annotate": {"gold_rate": 0.0, "adaptive": {"stop_at": 0.95, "max_votes": 8}},
    }
    yield from crowd(tmp_path, policies, 60)


def test_an_item_begins_with_few_answers_and_gets_more_one_by_one_up_to_the_most(adaptive: Crowd) -> None:
    assert adaptive.place(0).wanted == 2
    given = 0
    for nth, name in enumerate(GOOD + BAD):
        for offer in adaptive.lease(name, 100):
            if offer.position == 0:
                adaptive.answer(name, offer, story.LABELS[nth % 2])
                given += 1
        annotate.give_back(adaptive.story.world, adaptive.permit(name))
    assert (given, adaptive.place(0)) == (8, rows.Place(8, 8, 0, adaptive.place(0).cls))


def test_once_the_crowd_is_known_two_good_ones_suffice_and_two_who_guess_do_not(adaptive: Crowd) -> None:
    adaptive.label_all(GOOD[:2] + BAD[:2] + GOOD[2:3] + BAD[2:], seed=1)
    world = adaptive.story.world
    competence.refresh(world, adaptive.permit("gus").project)
    known, together = competence.stored(world, adaptive.story.project.id, "mood")
    assert min(known[adaptive.who[name]].accuracy for name in GOOD[:2]) > 0.85
    assert max(known[adaptive.who[name]].accuracy for name in BAD[:2]) < 0.8
    assert together is not None

    project = adaptive.permit("gus").project
    rule = project.settings.annotate.stops
    assert rule is not None
    good, bad = ([(adaptive.who[name], 0) for name in names[:2]] for names in (GOOD, BAD))
    assert not competence.more(project, good, known, together, 8, rule)
    assert competence.more(project, bad, known, together, 8, rule)


def test_what_is_known_later_opens_items_again_that_were_closed_too_early(adaptive: Crowd) -> None:
    adaptive.label_all(BAD[:3] + GOOD[:3], seed=2)
    before = adaptive.story.world.store.read(lambda tx: queue.summary(tx, adaptive.story.project.id))
    opened = competence.refresh(adaptive.story.world, adaptive.permit("gus").project)
    after = adaptive.story.world.store.read(lambda tx: queue.summary(tx, adaptive.story.project.id))
    assert opened > 0
    assert after.wanted - before.wanted == opened
    assert adaptive.story.world.store.read(lambda tx: queue.recounted(tx, adaptive.story.project.id)).tolist() == []

    annotate.close_round(adaptive.story.world, adaptive.permit("gus").project, adaptive.who["gus"])
    assert competence.refresh(adaptive.story.world, adaptive.permit("gus").project) == 0


def test_what_is_stored_of_the_crowd_equals_what_its_votes_say(adaptive: Crowd) -> None:
    adaptive.label_all(GOOD[:3] + BAD[:1], seed=3)
    world, project = adaptive.story.world, adaptive.permit("gus").project
    for _ in range(2):  # a second time, over what is there
        competence.refresh(world, project)
        annotators, learned, whole = competence.measured(world, project)
        known, together = competence.stored(world, project.id, project.question)
        assert together is not None
        assert sorted(known) == sorted(annotators)
        for who, one in zip(annotators, learned, strict=True):
            assert known[who].n_votes == one.n_votes
            assert known[who].accuracy == one.accuracy
            assert np.array_equal(known[who].confusion, one.confusion)
        assert np.array_equal(together.shares, whole.shares)
        assert np.array_equal(together.learned.confusion, whole.learned.confusion)


def test_an_answer_that_is_taken_back_lets_the_item_be_asked_about_again(adaptive: Crowd) -> None:
    (offer,) = adaptive.lease("gus")
    given = adaptive.answer("gus", offer, "pos")
    again = annotate.withdraw(adaptive.story.world, adaptive.permit("gus"), given, new_id())
    adaptive.answer("gus", again, "neg")
    place = adaptive.place(offer.position)
    assert (place.done, place.live, place.wanted) == (1, 0, 2)


def test_own_history_is_read_page_by_page_and_holds_undone_answers_too(adaptive: Crowd) -> None:
    given = [adaptive.answer("gus", offer, "pos") for offer in adaptive.lease("gus", 7)]
    annotate.withdraw(adaptive.story.world, adaptive.permit("gus"), given[3], new_id())
    read: list[object] = []
    last = None
    while page := annotate.history(adaptive.story.world, adaptive.permit("gus"), 3, last):
        read += [(one["id"], one["withdrawn"]) for one in page]
        last = AnnotationId(str(page[-1]["id"]))
    assert read == [(one, one == given[3]) for one in reversed(given)]
    with pytest.raises(NotFound):
        annotate.history(adaptive.story.world, adaptive.permit("ben"), 3, given[0])


@pytest.fixture
def bounded(database: None, tmp_path: Path) -> Iterator[Crowd]:
    policies = {
        "route": {"redundancy": 2},
        "annotate": {
            "gold_rate": 0.0,
            "per_day": {"tasks": 6},
            "rest": {"after_minutes": 20, "for_minutes": 5},
            "time_zone": "Asia/Tokyo",
        },
    }
    yield from crowd(tmp_path, policies, 20)


def test_nobody_is_given_more_than_the_day_allows_and_it_opens_at_their_midnight(bounded: Crowd) -> None:
    first = bounded.lease("gus", 4)
    assert len(bounded.lease("gus", 10)) == 2  # what is in hand counts
    again = annotate.lease(bounded.story.world, bounded.permit("gus"), 10, holding=[])
    assert len(again.offers) == 6  # a page loaded anew gets what it held, and no more
    for offer in again.offers:
        bounded.answer("gus", offer, "pos")
    assert len(first) == 4

    closed = annotate.lease(bounded.story.world, bounded.permit("gus"), 1)
    assert closed.offers == ()
    assert closed.waiting is not None
    assert closed.waiting.reason == "quota"
    opens = closed.waiting.opens_at
    assert isinstance(opens, datetime)
    assert (opens.hour, opens.minute) == (15, 0)  # midnight in Tokyo
    assert len(bounded.lease("gia", 1)) == 1
    bounded.clock.advance(opens - bounded.clock.now())
    assert len(bounded.lease("gus", 1)) == 1


def test_a_rest_is_advised_after_a_long_sitting_and_no_longer_once_it_was_taken(bounded: Crowd) -> None:
    for offer in bounded.lease("gus", 3):
        bounded.clock.advance(timedelta(minutes=4))
        bounded.answer("gus", offer, "pos", seconds=240)
    assert resting.advice(bounded.story.world, bounded.permit("gus")) is None
    for offer in bounded.lease("gus", 3):
        bounded.clock.advance(timedelta(minutes=4))
        bounded.answer("gus", offer, "pos", seconds=240)
    said = resting.advice(bounded.story.world, bounded.permit("gus"))
    assert said is not None
    assert "24 minutes" in said.text
    bounded.clock.advance(timedelta(minutes=5))
    assert resting.advice(bounded.story.world, bounded.permit("gus")) is None


def test_stored_workloads_equal_those_rebuilt_from_the_answers(bounded: Crowd) -> None:
    for hours in (0, 9, 1):
        bounded.clock.advance(timedelta(hours=hours))
        for name in ("gus", "gia"):
            for offer in bounded.lease(name, 2):
                bounded.clock.advance(timedelta(seconds=90))
                bounded.answer(name, offer, "neg", seconds=60)
    world, project = bounded.story.world, bounded.permit("gus").project
    rebuilt = resting.rebuilt(world, project)
    stored = {who: world.store.read(lambda tx, who=who: rows.workload(tx, project.id, who)) for who in rebuilt}
    assert len(rebuilt) == 2
    assert stored == rebuilt
