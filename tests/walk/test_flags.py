"""People flag items, pass on them and are unsure, with reasons; a manager decides; over HTTP, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from goldseam.edge.client import Client, Offer, Submission, new_id
from goldseam.edge.home import DATABASE_SETTING
from goldseam.edge.runner import adjudicate, annotate, check, log
from goldseam.edge.store import competence as rows
from goldseam.edge.store import competence_tables as tables
from goldseam.edge.store import counts, flags
from goldseam.edge.store import log as log_rows
from goldseam.ledger.entries import EntryKind
from goldseam.testing.clock import FakeClock
from goldseam.vocab.answers import Abstain, Answer, Choice, LabelName
from goldseam.vocab.errors import BadValue, Conflict, NotAllowed, StoreFailed
from goldseam.vocab.people import Role
from tests.postgres import postgres
from tests.walk import story
from tests.walk.story import Story

__all__ = ["postgres"]

POLICIES = {
    "route": {"redundancy": 3},
    "annotate": {"gold_rate": 0.0, "rest": {"after_minutes": 30, "for_minutes": 5}},
}


@dataclass(frozen=True)
class Team:
    """A served project, its clock, and clients by name."""

    story: Story
    id: str
    url: str
    clock: FakeClock
    clients: dict[str, Client]

    def __getitem__(self, name: str) -> Client:
        return self.clients[name]

    def take(self, name: str) -> Offer:
        """The one item that is at stake here, held by this person."""
        (found,) = self[name].lease(self.id, 1).offers
        return found

    def answer(self, name: str, offer: Offer, answer: Answer, seconds: float = 2.0) -> str:
        sent = Submission(new_id(), offer.id, offer.token, {"mood": answer}, seconds, 1, 1)
        (outcome,) = self[name].submit(self.id, [sent])
        assert outcome.error is None, outcome.error
        return sent.id

    def place(self) -> rows.Place:
        found = self.story.world.store.write(lambda tx: rows.place(tx, self.story.project.id, 0))
        assert found is not None
        return found

    def post(self, who: str, path: str, body: dict[str, Any]) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.clients[who]._token}"}
        return httpx.post(f"{self.url}/api/projects/{self.id}{path}", json=body, headers=headers)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "postgresql":
        monkeypatch.setenv(DATABASE_SETTING, request.getfixturevalue("postgres").fresh())


def served(folder: Path, policies: dict[str, Any], n_items: int = 1, n_gold: int = 0) -> Iterator[Team]:
    clock = FakeClock()
    with story.opened(folder, clock) as world:
        made = story.set_up(world, folder, n_items=n_items, n_gold=n_gold, policies=policies)
        with story.serving(world) as url:
            clients = {name: Client(url, token=made.annotator(name)) for name in ("ann", "bob", "cat", "dan", "eve")}
            clients |= {role.value: Client(url, token=made.token(role)) for role in (Role.REVIEWER, Role.MANAGER)}
            yield Team(made, made.project.id, url, clock, clients)
            for client in clients.values():
                client.close()


@pytest.fixture
def team(database: None, tmp_path: Path) -> Iterator[Team]:
    yield from served(tmp_path, POLICIES)


def test_flags_of_two_take_an_item_out_and_a_manager_puts_it_back(team: Team) -> None:
    ann, bob = team.take("ann"), team.take("bob")
    team["ann"].flag(team.id, ann, "unreadable", "Only <b>dots</b>.")
    assert team["manager"].flagged(team.id) == []
    team["bob"].flag(team.id, bob, "unreadable")
    (out,) = team["manager"].flagged(team.id)
    assert (out["reason"], out["goes_to"], out["state"]) == ("unreadable", "manager", "open")
    assert [(one["name"], one["note"]) for one in out["flags"]] == [("ann", "Only <b>dots</b>."), ("bob", "")]
    assert team["cat"].lease(team.id, 1).offers == ()

    with pytest.raises(NotAllowed):
        team["ann"].decide_flagged(team.id, ann.item, "put_back")
    team["manager"].decide_flagged(team.id, ann.item, "put_back", "The scan is fine now.")
    with pytest.raises(Conflict):
        team["manager"].decide_flagged(team.id, ann.item, "excluded")
    assert team.take("cat").item == ann.item

    world = team.story.world
    log.seal(world)
    assert check.project(world, team.story.project) == ()
    with pytest.raises(StoreFailed, match="append-only"):
        world.store.write(lambda tx: tx.run(tables.flags.update().values(note="something else")))
    world.store.write(lambda tx: tx.run(tables.holds.update().values(state="excluded")))
    assert [one.file for one in check.project(world, team.story.project)] == ["holds"]


def test_an_item_left_out_is_asked_about_no_more_and_may_come_back(team: Team) -> None:
    offer = team.take("ann")
    team["ann"].flag(team.id, offer, "personal_data")  # one person is enough
    team["manager"].decide_flagged(team.id, offer.item, "excluded")
    assert team["bob"].lease(team.id, 1).offers == ()
    out = team.story.world.store.read(lambda tx: flags.out(tx, team.story.project.id))
    assert out.tolist() == [0]
    team["manager"].decide_flagged(team.id, offer.item, "put_back")
    assert team.take("bob").item == offer.item


def test_when_no_label_fits_an_expert_is_asked(team: Team) -> None:
    for name in ("ann", "bob"):
        offer = team.take(name)
        team.answer(name, offer, Abstain("no_label"))
    assert team["cat"].lease(team.id, 1).offers == ()
    assert team.take("reviewer").item == offer.item
    assert [one["state"] for one in team["manager"].flagged(team.id, state="to_expert")] == ["to_expert"]


def test_a_skip_with_a_reason_that_leads_elsewhere_is_a_flag(team: Team) -> None:
    for name in ("ann", "bob"):
        offer = team.take(name)
        team[name].skip(team.id, offer, "unreadable")
    assert [one["act"] for one in team["manager"].flagged(team.id)[0]["flags"]] == ["skip", "skip"]


def test_whoever_is_unsure_makes_the_item_want_one_more(team: Team) -> None:
    team.answer("ann", team.take("ann"), Abstain("unsure"))
    assert team.place().wanted == 3  # two are still to come anyway
    team.answer("bob", team.take("bob"), Choice(LabelName("pos")))
    team.answer("cat", team.take("cat"), Abstain("unsure"))
    assert team.place().wanted == 4
    team.answer("dan", team.take("dan"), Choice(LabelName("pos")))
    assert team["eve"].lease(team.id, 1).offers == ()


def test_a_flag_is_kept_once_and_in_nobody_elses_name(team: Team) -> None:
    offer = team.take("ann")
    body = {"id": new_id(), "reason": "unreadable", "note": "a"}
    path = f"/assignments/{offer.id}/flag"
    assert [team.post("ann", path, body).status_code for _ in range(2)] == [200, 200]
    assert team.post("ann", path, body | {"note": "b"}).status_code == 409
    assert team.post("bob", path, body | {"id": new_id()}).status_code == 404
    assert team.post("ann", path, body | {"id": new_id(), "annotator": "bob"}).status_code == 422
    said = team.story.world.store.read(lambda tx: flags.of_items(tx, team.story.project.id, np.array([0], np.int64)))
    assert [(one.annotator, one.note) for one in said[0]] == [(_id(team, "ann"), "a")]


def test_one_person_alone_takes_no_item_out_however_often_they_flag_it(team: Team) -> None:
    offer = team.take("ann")
    for reason in ("unreadable", "no_label", "unreadable"):
        team["ann"].flag(team.id, offer, reason)
    assert team["manager"].flagged(team.id) == []


def test_a_reason_or_a_note_of_the_wrong_form_is_refused_with_what_is_right(team: Team) -> None:
    offer = team.take("ann")
    with pytest.raises(BadValue, match="Did you mean 'unreadable'"):
        team["ann"].flag(team.id, offer, "unredable")
    with pytest.raises(BadValue, match="control character"):
        team["ann"].flag(team.id, offer, "harmful", "\x1b[31mred")
    assert {one["name"] for one in team["ann"].reasons(team.id)} >= {"unsure", "harmful"}


def test_the_log_holds_the_flag_but_not_the_note(team: Team) -> None:
    team["ann"].flag(team.id, team.take("ann"), "harmful", "names a neighbor")
    log.seal(team.story.world)
    bodies = team.story.world.store.read(lambda tx: [each.body.decode() for each in log_rows.entries(tx, team.id)])
    kinds = [
        kind for kind in (EntryKind.ITEM_FLAGGED, EntryKind.ITEM_HELD) if any(kind.value in body for body in bodies)
    ]
    assert kinds == [EntryKind.ITEM_FLAGGED, EntryKind.ITEM_HELD]
    assert not any("neighbor" in body for body in bodies)


def _id(team: Team, name: str) -> str:
    return str(team[name].me()["id"])


def test_an_item_that_was_flagged_out_gets_no_label_and_holds_up_nobody(team: Team) -> None:
    given = team.take("ann")
    team.answer("ann", given, Choice(LabelName("pos")))
    team["bob"].flag(team.id, team.take("bob"), "harmful")
    team["manager"].decide_flagged(team.id, given.item, "excluded")
    world, project = team.story.world, team.story.project
    annotate.close_round(world, project, team.story.members[Role.OWNER])
    adjudicate.settle_round(world, project, team.story.members[Role.OWNER])
    found = world.store.read(lambda tx: counts.counts(tx, project.id, 1, "mood"))
    assert (found.n_settled, found.n_escalated, found.n_unsettled_here) == (0, 0, 0)
