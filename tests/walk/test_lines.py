"""The queue's lines over HTTP: who is served what, and what first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from goldseam.edge.client import Client, Offer, Submission, new_id
from goldseam.edge.runner import check, log
from goldseam.edge.runner.route import census
from goldseam.edge.server import app as server
from goldseam.edge.store import queue
from goldseam.edge.store import tables as t
from goldseam.ledger.entries import EntryKind
from goldseam.testing.clock import FakeClock
from goldseam.vocab.annotations import AnnotationId, AssignmentId
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.errors import BadValue, LeaseLost, NotFound
from goldseam.vocab.people import Role
from tests.walk import story
from tests.walk.story import Story

SEGMENTS = [
    {"name": "medical", "where": {"shelf": "s0"}, "redundancy": 2, "skills": ["medical:2"], "priority": 1},
    {"name": "late", "where": {"shelf": ["s2"]}, "redundancy": 1, "priority": -3},
]
POLICIES = {
    "annotate": {"gold_rate": 0.0, "prefetch": 10, "extensions": 2, "lease_minutes": 10},
    "route": {"redundancy": 1},
    "segments": SEGMENTS,
}


@dataclass(frozen=True)
class Desk:
    """A project of twelve items on three shelves, and a client for each role over the app."""

    at: Story
    clock: FakeClock
    http: TestClient

    def client(self, role: Role) -> Client:
        made = Client("http://testserver", token=self.at.token(role))
        made._http.close()
        made._http = self.http  # the app itself answers: no socket, and the clock is ours
        return made

    @property
    def project(self) -> str:
        return self.at.project.id

    def id_of(self, role: Role) -> str:
        return self.at.members[role]

    def look(self, role: Role, count: int) -> list[int]:
        """On which shelves the items lie that come next; they are given back."""
        found = self.shelves(self.client(role).lease(self.project, count).offers)
        now, who = self.clock.now(), self.at.members[role]
        self.at.world.store.write(lambda tx: queue.release_held(tx, self.at.project.id, who, now))
        return found

    def shelves(self, offers: tuple[Offer, ...]) -> list[int]:
        """On which shelf each item lies: items are numbered, and go round three shelves."""
        return [int(str(one.text).split()[2]) % 3 for one in offers]

    def answer(self, client: Client, offers: tuple[Offer, ...]) -> list[str]:
        facts = self.at.project
        sent = [
            Submission(
                AnnotationId(new_id()), AssignmentId(one.id), one.token, {facts.question: Choice(LabelName("pos"))}, 1.0,
                facts.schema_version, facts.guideline_version,
            )
            for one in offers
        ]  # fmt: skip
        return [one.status for one in client.submit(self.project, sent)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    clock = FakeClock()
    with story.opened(tmp_path, clock) as world:
        made = story.set_up(world, tmp_path, n_items=12, policies=POLICIES)
        with TestClient(server.make_app(world), headers={"X-Goldseam": "1"}) as http:
            yield Desk(made, clock, http)


def test_a_segment_is_for_those_who_have_its_skill_and_comes_first(desk: Desk) -> None:
    boss, ann = desk.client(Role.MANAGER), desk.client(Role.ANNOTATOR)
    who = desk.id_of(Role.ANNOTATOR)
    assert desk.look(Role.ANNOTATOR, 10).count(0) == 0
    boss.grant_skill(desk.project, who, "medical")
    assert ann.own_skills(desk.project) == {"medical": 1}
    assert desk.look(Role.ANNOTATOR, 4).count(0) == 0, "level 1 is not 2"
    boss.grant_skill(desk.project, who, "medical", 2)
    assert desk.look(Role.ANNOTATOR, 4) == [0] * 4
    boss.revoke_skill(desk.project, who, "medical")
    assert 0 not in desk.look(Role.ANNOTATOR, 10)
    assert boss.skills(desk.project)["skills"] == []
    with pytest.raises(NotFound):
        boss.grant_skill(desk.project, "nobody", "medical")
    with pytest.raises(BadValue):
        boss.grant_skill(desk.project, who, "Medical!")


def test_a_segment_of_low_priority_comes_last(desk: Desk) -> None:
    offers = desk.client(Role.ANNOTATOR).lease(desk.project, 4).offers
    assert desk.shelves(offers) == [1] * 4
    settings = desk.at.project.settings
    assert census(desk.at.world, desk.at.project, settings) == {"medical": 4, "late": 4, "": 4}


def test_items_chosen_by_metadata_are_put_ahead(desk: Desk) -> None:
    boss, ann = desk.client(Role.MANAGER), desk.client(Role.ANNOTATOR)
    assert boss.put_ahead(desk.project, 5, where={"shelf": {"values": ["s2"]}}) == 4
    assert boss.put_ahead(desk.project, 5, where={"shelf": {"values": ["s2"]}}) == 0
    assert desk.shelves(ann.lease(desk.project, 4).offers) == [2] * 4


def test_a_batch_is_its_peoples_until_it_is_due(desk: Desk) -> None:
    boss, ann, rev = (desk.client(role) for role in (Role.MANAGER, Role.ANNOTATOR, Role.REVIEWER))
    due = desk.clock.now() + timedelta(minutes=30)
    did = boss.assign_batch(desk.project, [desk.id_of(Role.REVIEWER)], following=4, due=due, name="for the reviewer")
    assert did["n_items"] == 4
    (shown,) = boss.batches(desk.project)
    assert (shown["name"], shown["n_waiting"], shown["purpose"]) == ("for the reviewer", 4, "label")
    assert shown["people"] == [desk.id_of(Role.REVIEWER)]
    (own,) = rev.batches(desk.project)
    assert (own["purpose"], own["people"]) == (None, [])
    assert ann.batches(desk.project) == []
    assert desk.look(Role.ANNOTATOR, 10) == [2] * 4
    assert desk.look(Role.REVIEWER, 3) == [1] * 3
    desk.clock.advance(timedelta(minutes=31))
    assert sorted(desk.shelves(ann.lease(desk.project, 10).offers)) == [1] * 4 + [2] * 4
    (shown,) = boss.batches(desk.project)
    assert shown["ended_at"] is not None
    assert rev.batches(desk.project) == []


def test_a_batch_that_its_people_answered_is_everybodys_again(desk: Desk) -> None:
    boss, rev = desk.client(Role.MANAGER), desk.client(Role.REVIEWER)
    for role in (Role.ANNOTATOR, Role.REVIEWER):
        boss.grant_skill(desk.project, desk.id_of(role), "medical", 2)
    did = boss.assign_batch(desk.project, [desk.id_of(Role.REVIEWER)], where={"shelf": {"values": ["s0"]}})
    assert did["n_items"] == 4
    assert set(desk.answer(rev, rev.lease(desk.project, 4).offers)) == {"saved"}
    assert 0 not in desk.look(Role.ANNOTATOR, 10)
    while mine := rev.lease(desk.project, 10).offers:
        desk.answer(rev, mine)
    assert desk.look(Role.ANNOTATOR, 4) == [0] * 4


def test_items_are_asked_about_again_of_somebody_who_never_answered_them(desk: Desk) -> None:
    boss, ann, rev = (desk.client(role) for role in (Role.MANAGER, Role.ANNOTATOR, Role.REVIEWER))
    offers = ann.lease(desk.project, 3).offers
    desk.answer(ann, offers)
    ids = [one.item for one in offers]
    assert boss.ask_again(desk.project, "audit", items=ids, priority=9) == 3
    assert {one.item for one in rev.lease(desk.project, 3).offers} == set(ids)
    assert not {one.item for one in ann.lease(desk.project, 12).offers} & set(ids)
    did = boss.assign_batch(desk.project, [desk.id_of(Role.ANNOTATOR)], items=ids[:2], purpose="relabel")
    assert (did["n_items"], did["refused"]) == (0, {"already_answered": 2})


def test_a_lease_is_held_longer_a_bounded_number_of_times(desk: Desk) -> None:
    ann = desk.client(Role.ANNOTATOR)
    (offer,) = ann.lease(desk.project, 1).offers
    body = {"id": new_id(), "held": [{"assignment": offer.id, "token": offer.token}]}
    path = f"/api/projects/{desk.project}/leases/extend"
    for left in (1, 0):
        desk.clock.advance(timedelta(minutes=6))
        body["id"] = new_id()
        first, again = (ann.call("POST", path, body)["results"][0] for _ in range(2))
        assert first == again
        assert (first["seconds"], first["left"]) == (600.0, left)
    desk.clock.advance(timedelta(minutes=6))
    (spent,) = ann.extend(desk.project, [offer])
    assert (spent["seconds"], spent["left"]) == (240.0, 0)
    desk.clock.advance(timedelta(minutes=5))
    desk.client(Role.REVIEWER).lease(desk.project, 1)
    (lost,) = ann.extend(desk.project, [offer])
    assert lost["error"]["type"] == LeaseLost.__name__
    (other,) = desk.client(Role.REVIEWER).extend(desk.project, [offer])
    assert other["error"]["type"] == LeaseLost.__name__


def test_a_call_sent_twice_is_one_and_what_was_done_stands_in_the_ledger(desk: Desk) -> None:
    boss = desk.client(Role.MANAGER)
    body = {"id": new_id(), "chosen": {"next": 2}, "annotators": [desk.id_of(Role.ANNOTATOR)], "purpose": "label"}
    path = f"/api/projects/{desk.project}/batches"
    first, again = (boss.call("POST", path, body) for _ in range(2))
    assert first == again
    assert len(boss.batches(desk.project)) == 1
    boss.release_batch(desk.project, first["batch"])
    boss.release_batch(desk.project, first["batch"])
    boss.put_ahead(desk.project, 2, where={"shelf": {"values": ["s1"]}})
    boss.grant_skill(desk.project, desk.id_of(Role.ANNOTATOR), "medical")
    kinds = desk.at.world.store.read(lambda tx: list(tx.run(select(t.entries.c.kind)).scalars()))
    for kind in (EntryKind.BATCH_ASSIGNED, EntryKind.BATCH_RELEASED, EntryKind.PRIORITY_SET, EntryKind.SKILL_GRANTED):
        assert kinds.count(kind.value) == 1
    log.seal(desk.at.world)
    assert check.project(desk.at.world, desk.at.project) == ()
