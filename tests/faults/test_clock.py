"""The machine's clock jumps while people work, back an hour and forward a day: no law of the queue breaks, and the log verifies."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from goldseam.edge.client import Client, Leased, Offer, Submission, new_id
from goldseam.edge.home import DATABASE_SETTING
from goldseam.edge.project import open_project
from goldseam.edge.runner import people
from goldseam.edge.runner.world import World
from goldseam.edge.store import annotations, queue
from goldseam.edge.worker.worker import Worker
from goldseam.testing.clock import FakeClock
from goldseam.vocab.answers import Choice, LabelName
from tests.postgres import postgres
from tests.walk import small, story

__all__ = ["postgres"]

N_ITEMS, REDUNDANCY, N_STEPS = 15, 2, 80
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def _database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    there = request.getfixturevalue("postgres").fresh() if request.param == "postgresql" else ""
    monkeypatch.setenv(DATABASE_SETTING, there)


class Person:
    """Leases and answers at any time, also what was leased long ago; sends again what was sent before."""

    def __init__(self, client: Client, project: str, chance: random.Random) -> None:
        self.client, self.project, self.chance = client, project, chance
        self.held: dict[str, Offer] = {}
        self.sent: list[Submission] = []
        self.fates: Counter[str] = Counter()

    def lease(self) -> Leased:
        found = self.client.lease(self.project, 3)
        self.held |= {one.id: one for one in found.offers}  # what was leased again has a new token
        return found

    def answer(self) -> None:
        if self.held:
            offer = self.held.pop(self.chance.choice(list(self.held)))
            answers = {"mood": Choice(LabelName(self.chance.choice(small.LABELS)))}
            self.sent.append(Submission(new_id(), offer.id, offer.token, answers, 1.0, 1, 1))
            (outcome,) = self.client.submit(self.project, self.sent[-1:])
            assert outcome.status in {"saved", "surplus"}, outcome
            self.fates[outcome.status] += 1

    def repeat(self) -> None:
        if self.sent:
            (outcome,) = self.client.submit(self.project, [self.chance.choice(self.sent)])
            assert outcome.status in {"repeated", "surplus"}, outcome


def laws(world: World, project: str, n_given: int) -> None:
    """What holds after every step."""

    def load(tx):
        return annotations.annotations(tx, project), queue.recounted(tx, project).tolist(), queue.summary(tx, project)

    kept, wrong, summary = world.store.read(load)
    given = [one.annotation for one in kept]
    assert len(given) == n_given
    assert max(Counter((one.annotator, one.item) for one in given).values(), default=0) <= 1
    assert max(Counter(one.item for one in given if not one.surplus).values(), default=0) <= REDUNDANCY
    assert not wrong
    assert summary.done + summary.live <= summary.wanted


@pytest.mark.slow
@pytest.mark.usefixtures("_database")
def test_work_goes_on_whatever_the_clock_does(tmp_path: Path) -> None:
    policies = {
        "sample": {"strategy": "random", "batch": N_ITEMS},
        "route": {"redundancy": REDUNDANCY},
        "annotate": {"gold_rate": 0.0, "lease_minutes": 10},
    }
    small.write_project(tmp_path, n_items=N_ITEMS, **policies)
    clock, chance = FakeClock(datetime(2026, 6, 1, 12, tzinfo=UTC)), random.Random(3)
    jumps = {-HOUR: 4, DAY: 2, HOUR: 2, -DAY: 1, timedelta(minutes=11): 4, timedelta(seconds=1): 8}
    with open_project(tmp_path, clock) as project:
        small.run(project)
        worker, world, name = Worker(project), project.world, project.facts.id
        members = [small.member(project, person) for person in ("ann", "bob", "cat")]
        tokens = [people.make_token(world, name, one, "keeps", None, None) for one in members]
        with story.serving(world) as url, Client(url) as nobody:
            team = [Person(nobody.with_token(token), name, chance) for token in tokens]
            for _ in range(N_STEPS):
                (by,) = chance.choices(list(jumps), list(jumps.values()))
                clock.advance(by)
                one = chance.choice(team)
                chance.choice([one.lease, one.answer, one.answer, one.repeat, worker.once])()
                laws(world, name, sum(len(each.sent) for each in team))
            print([dict(each.fates) for each in team])
            clock.advance(-DAY)
            for _ in range(40 * N_ITEMS):
                clock.advance(timedelta(minutes=1))
                one = chance.choice(team)
                one.lease()
                one.answer()
                if project.plan().next and project.plan().next.verb is not small.Verb.COLLECT:
                    break
            laws(world, name, sum(len(each.sent) for each in team))
            assert small.waits_for(project) is not small.Verb.COLLECT, "the work never ended"
        worker.stop()
        assert project.verify() == ()
