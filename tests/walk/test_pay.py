"""People earn by their answers, over HTTP, on both databases: rates, statements, approval, and nobody's pay to anybody else."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, update

from goldseam.edge.client import Client, Submission, new_id
from goldseam.edge.home import DATABASE_SETTING
from goldseam.edge.runner import adjudicate, pay, people, projects
from goldseam.edge.runner.people import Principal
from goldseam.edge.store import pay_tables as tables
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.errors import BadValue, Conflict, GoldseamError, NotAllowed, NotFound, NotReady, StoreFailed
from goldseam.vocab.people import Act, AnnotatorId, Role
from tests.postgres import postgres
from tests.walk import story
from tests.walk.story import LABELS, Story

__all__ = ["postgres"]

pytestmark = pytest.mark.story("office")

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
EVIL = "=cmd|' /C calc'!A0"
POLICIES = {
    "route": {"redundancy": 3},
    "annotate": {"gold_rate": 0.5},
    "pay": {"currency": "EUR", "minor_digits": 2, "idle_seconds": 60},
}


@dataclass(frozen=True)
class Office:
    """A served project, and clients by name."""

    story: Story
    id: str
    url: str
    clients: dict[str, Client]
    ids: dict[str, AnnotatorId]

    def __getitem__(self, name: str) -> Client:
        return self.clients[name]

    def post(self, who: str, path: str, body: dict[str, Any]) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.clients[who]._token}"}
        return httpx.post(f"{self.url}/api/projects/{self.id}{path}", json=body, headers=headers)

    def now(self) -> datetime:
        return self.story.world.clock.now()


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(DATABASE_SETTING, raising=False)
        if request.param == "postgresql":
            patch.setenv(DATABASE_SETTING, request.getfixturevalue("postgres").fresh())
        yield from opened(folder)


def opened(folder: Path) -> Iterator[Office]:
    with story.opened(folder) as world:
        made = story.set_up(world, folder, n_items=40, n_gold=6, policies=POLICIES)
        with story.serving(world) as url:
            ids = {name: story.member_of(world, name, made.project.id) for name in ("ann", "ben", "cleo", EVIL)}
            tokens = {n: people.make_token(world, made.project.id, who, "t", None, None) for n, who in ids.items()}
            ids |= {"mia": made.members[Role.MANAGER], "own": made.members[Role.OWNER]}
            tokens |= {"mia": made.token(Role.MANAGER), "own": made.token(Role.OWNER)}
            clients = {name: Client(url, token=token, tries=1) for name, token in tokens.items()}
            yield Office(made, made.project.id, url, clients, ids)


def work(office: Office, name: str, count: int, seconds: float = 2.0) -> list[str]:
    """Answer `count` items, and return the annotations' ids."""
    done = []
    for _ in range(count):
        (one,) = office[name].lease(office.id, 1).offers
        said = LABELS[str(one.text).endswith("fine")]
        sent = Submission(new_id(), one.id, one.token, {"mood": Choice(LabelName(said))}, seconds, 1, 1)  # type: ignore[arg-type]  # ids and versions as plain values
        assert [each.status for each in office[name].submit(office.id, [sent])] == ["saved"]
        done.append(sent.id)
    return done


def test_every_answer_is_paid_once_gold_and_all(office: Office) -> None:
    mia, ann = office["mia"], office["ann"]
    work(office, "ann", 12)
    with pytest.raises(NotReady, match="no rate"):
        mia.state_pay(office.id, office.ids["ann"], office.now())
    mia.set_pay_rate(office.id, "answer", 5, "EUR", LONG_AGO)
    assert (ann.my_pay(office.id)["n_open"], ann.my_pay(office.id)["open_amount"]) == (12, 60)
    body = {"id": new_id(), "person": office.ids["ann"], "until": office.now().isoformat()}
    replies = [office.post("mia", "/pay/statements", body).json() for _ in range(2)]
    assert replies[0] == replies[1]
    assert (replies[0]["amount"], replies[0]["n_answers"], replies[0]["state"]) == (60, 12, "open")
    with pytest.raises(NotReady, match="nothing to pay"):
        mia.state_pay(office.id, office.ids["ann"], office.now())
    work(office, "ann", 1)
    (second,) = [mia.state_pay(office.id, office.ids["ann"], office.now())]
    assert (second["amount"], second["n_answers"]) == (5, 1)


def test_what_is_taken_back_is_not_paid_and_what_is_given_again_is_paid_once(office: Office) -> None:
    ben = office["ben"]
    first, _ = work(office, "ben", 2)
    offer = ben.withdraw(office.id, first)
    assert ben.my_pay(office.id)["n_open"] == 1
    answer = {"mood": Choice(LabelName("pos"))}
    sent = Submission(new_id(), offer.id, offer.token, answer, 2.0, 1, 1)  # type: ignore[arg-type]  # ids and versions as plain values
    assert [one.status for one in ben.submit(office.id, [sent])] == ["saved"]
    stated = office["mia"].state_pay(office.id, office.ids["ben"], office.now())
    assert stated["n_answers"] == 2
    offer = ben.withdraw(office.id, sent.id)
    again = Submission(new_id(), offer.id, offer.token, answer, 2.0, 1, 1)  # type: ignore[arg-type]  # ids and versions as plain values
    assert [one.status for one in ben.submit(office.id, [again])] == ["saved"]
    assert ben.my_pay(office.id)["n_open"] == 0, "undone and given again after it was paid"


def test_a_person_s_rate_goes_first_and_an_hour_counts_no_more_than_went_by(office: Office) -> None:
    mia = office["mia"]
    mia.set_pay_rate(office.id, "hour", 3600, "EUR", LONG_AGO, person=office.ids["cleo"])
    work(office, "cleo", 3, seconds=80_000.0)
    stated = mia.state_pay(office.id, office.ids["cleo"], office.now())
    (line,) = stated["lines"]
    assert line["per"] == "hour"
    assert line["seconds"] < 30, "the client said a day; between lease and answer a moment went by"
    assert stated["amount"] == line["amount"] == round(line["seconds"])
    assert {one["person"] for one in office["cleo"].my_pay(office.id)["rates"]} == {None, office.ids["cleo"]}
    assert {one["person"] for one in office["ann"].my_pay(office.id)["rates"]} == {None}


def test_one_sees_one_s_own_pay_and_no_other(office: Office) -> None:
    for name in ("ann", "ben"):
        mine = office[name].my_pay(office.id)["statements"]
        assert mine
        assert {(one["person"], one["name"]) for one in mine} == {(office.ids[name], None)}
        with pytest.raises(NotAllowed):
            office[name].pay_statements(office.id)
    assert {one["name"] for one in office["mia"].pay_statements(office.id)} >= {"ann", "ben"}


def test_a_statement_is_approved_before_it_is_paid_and_never_by_whom_it_pays(office: Office) -> None:
    mia, own = office["mia"], office["own"]
    (*_, one) = [each for each in mia.pay_statements(office.id) if each["name"] == "ann"]
    with pytest.raises(NotReady, match="possible: approve, hold"):
        mia.move_pay(office.id, one["id"], "pay")
    with pytest.raises(BadValue, match="some words"):
        mia.move_pay(office.id, one["id"], "hold")
    mia.move_pay(office.id, one["id"], "hold", "Ask first.")
    mia.move_pay(office.id, one["id"], "approve")
    mia.move_pay(office.id, one["id"], "pay", "By transfer.")
    with pytest.raises(NotReady, match="is paid"):
        mia.move_pay(office.id, one["id"], "hold", "Too late.")
    (seen,) = [each for each in office["ann"].my_pay(office.id)["statements"] if each["id"] == one["id"]]
    assert (seen["state"], [each["event"] for each in seen["events"]]) == ("paid", ["hold", "approve", "pay"])

    work(office, "mia", 1)
    for act in (
        lambda: mia.state_pay(office.id, office.ids["mia"], office.now()),
        lambda: mia.set_pay_rate(office.id, "answer", 999, "EUR", LONG_AGO, person=office.ids["mia"]),
    ):
        with pytest.raises(NotAllowed, match="own pay"):
            act()
    stated = own.state_pay(office.id, office.ids["mia"], office.now())
    with pytest.raises(NotAllowed, match="own pay"):
        mia.move_pay(office.id, stated["id"], "approve")
    with pytest.raises(NotFound):
        mia.move_pay(office.id, new_id(), "approve")


def test_a_tier_s_rate_hides_the_open_amount_since_it_would_tell_gold(office: Office) -> None:
    office["mia"].set_pay_rate(office.id, "answer", 7, "EUR", LONG_AGO, tier=2)
    work(office, "ann", 1)
    mine = office["ann"].my_pay(office.id)
    assert (mine["n_open"], mine["open_amount"]) == (1, None)
    with pytest.raises(BadValue, match="pays in EUR"):
        office["mia"].set_pay_rate(office.id, "answer", 7, "USD", LONG_AGO)
    with pytest.raises(BadValue, match="has passed"):
        office["mia"].state_pay(office.id, office.ids["ann"], office.now() + timedelta(days=1))


def test_two_statements_made_at_once_pay_no_answer_twice(office: Office) -> None:
    work(office, "ben", 4)
    until = office.now()

    def state(name: str) -> int:
        try:
            return int(office[name].state_pay(office.id, office.ids["ben"], until)["n_answers"])
        except GoldseamError as error:
            assert isinstance(error, NotReady)
            return 0

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(state, ["mia", "own"] * 2)) == 4


def test_the_export_runs_in_no_spreadsheet_and_a_label_has_a_cost(office: Office) -> None:
    world = office.story.world
    work(office, EVIL, 2)
    permit = people.permit(world, Principal(office.ids["own"], "own"), office.id, Act.MANAGE)
    made = pay.state_all(world, permit, office.now())
    assert EVIL in {one.name for one in made}
    assert pay.state_all(world, permit, office.now()) == ()
    headers = {"Authorization": f"Bearer {office['mia']._token}"}
    reply = httpx.get(f"{office.url}/api/projects/{office.id}/pay/export", headers=headers)
    assert reply.headers["content-disposition"].startswith("attachment")
    rows = list(csv.DictReader(io.StringIO(reply.text)))
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]
    assert f"'{EVIL}" in {row["name"] for row in rows}
    adjudicate.settle_round(world, projects.by_name(world, "moods"), office.ids["own"])
    (cost,) = office["mia"].pay_cost(office.id)
    total = sum(one["amount"] for one in office["mia"].pay_statements(office.id))
    assert cost["n_settled"] > 0
    assert cost["amount"] == f"{total // 100}.{total % 100:02d}"
    assert abs(float(cost["per_label"]) - total / 100 / cost["n_settled"]) <= 0.0001


def test_an_id_is_used_for_one_thing_and_nothing_is_ever_changed(office: Office) -> None:
    body = {"id": new_id(), "per": "answer", "amount": 1, "currency": "EUR", "since": "2020-01-01T00:00:00Z"}
    assert [office.post("mia", "/pay/rates", body).status_code for _ in range(2)] == [200, 200]
    assert office.post("mia", "/pay/rates", body | {"amount": 2}).status_code == 409
    assert office.post("mia", "/pay/rates", body | {"id": new_id(), "amount": 1.5}).status_code == 422
    statement = office["mia"].pay_statements(office.id)[0]
    sent = {"id": new_id(), "event": "hold", "reason": "Wait."}
    path = f"/pay/statements/{statement['id']}/events"
    assert [office.post("own", path, sent).status_code for _ in range(2)] == [200, 200]
    with pytest.raises(Conflict):
        raise_for(office.post("own", path, sent | {"reason": "Other."}))
    for name in tables.NEVER_CHANGED:
        table = tables.METADATA.tables[name]
        for change in (update(table).values(project="x"), delete(table)):
            with pytest.raises(StoreFailed, match="append-only"):
                office.story.world.store.write(lambda tx, change=change: tx.run(change))


def raise_for(reply: httpx.Response) -> None:
    from goldseam.edge.client.connection import refusal

    raise refusal(reply.json()["error"], reply.status_code)
