"""A sheet of items that the model calls the same: confirmed together, looked at again by somebody else, taken back in one act."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from goldseam.edge.client import Client, Offer, Submission, new_id
from goldseam.edge.client.sheets import Sheet
from goldseam.edge.home import DATABASE_SETTING
from goldseam.edge.runner import check, log, people, projects, sheets
from goldseam.edge.store import items, models, queue, suggestions
from goldseam.edge.store import projects as project_rows
from goldseam.edge.store.models import ModelRow, Outcome
from goldseam.edge.store.tx import Tx
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.errors import BadValue, Conflict, NotFound, NotReady
from goldseam.vocab.people import Act, Role
from tests.postgres import postgres
from tests.walk import story
from tests.walk.story import LABELS, Story

__all__ = ["postgres"]

N_ITEMS, N_GOLD = 80, 20
POLICIES = {
    "route": {"redundancy": 1},
    "annotate": {"gold_rate": 0.15},
    "prelabel": {"blind_share": 0.1},
    "adjudicate": {"method": "majority"},
}


@dataclass(frozen=True)
class Room:
    """A served project whose model calls every item `pos`, the later ones with more confidence; clients by name."""

    story: Story
    id: str
    clients: dict[str, Client]
    place: dict[str, int]

    def __getitem__(self, name: str) -> Client:
        return self.clients[name]

    def answer(self, who: str, offers: tuple[Offer, ...], wrong: set[str] = frozenset()) -> None:  # type: ignore[assignment]  # an empty one that nobody can change
        sent = [
            Submission(new_id(), one.id, one.token, {"mood": Choice(LabelName("neg" if one.item in wrong else "pos"))}, 1.0, 1, 1)  # type: ignore[arg-type]  # ids and versions as plain values
            for one in offers
        ]  # fmt: skip
        assert {one.status for one in self[who].submit(self.id, sent)} <= {"saved"}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def room(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    monkeypatch.delenv(DATABASE_SETTING, raising=False)
    if request.param == "postgresql":
        monkeypatch.setenv(DATABASE_SETTING, request.getfixturevalue("postgres").fresh())
    with story.opened(tmp_path) as world:
        made = story.set_up(world, tmp_path, n_items=N_ITEMS, n_gold=N_GOLD, policies=POLICIES)
        project = made.project.id

        def suggest(tx: Tx) -> list[str]:
            models.save(tx, project, ModelRow("m1", 1, "linear", None, "{}", "", world.clock.now(), Outcome.PROMOTED))
            sure = 0.5 + 0.4 * np.arange(N_ITEMS) / N_ITEMS
            proba = np.stack([1 - sure, sure], axis=1)
            suggestions.save(tx, project, "m1", np.arange(N_ITEMS), np.ones(N_ITEMS, np.int32), proba)
            project_rows.set_model(tx, project, "m1")
            return [str(one) for one in items.all_ids(tx, project)]

        ids = world.store.write(suggest)
        with story.serving(world) as url:
            tokens = {name: made.annotator(name) for name in ("ann", "ben", "cleo")}
            tokens["mia"] = made.token(Role.MANAGER)
            clients = {name: Client(url, token=token, tries=1) for name, token in tokens.items()}
            yield Room(made, project, clients, {item: place for place, item in enumerate(ids)})


def is_gold(room: Room, offer: Offer) -> bool:
    return room.place[offer.item] < N_GOLD


def planted_sheet(room: Room, who: str) -> Sheet:
    """Lay sheets, giving back those without a planted item, until one has some."""
    for _ in range(30):
        sheet = room[who].lay_sheet(room.id, "pos", holding=[])
        if any(is_gold(room, offer) for offer in sheet.offers):
            return sheet
    raise AssertionError("nothing was ever planted")


def test_the_most_doubtful_come_first_and_what_is_planted_cannot_be_told(room: Room) -> None:
    sheet = planted_sheet(room, "ann")
    assert 20 <= len(sheet.offers) <= 24
    real = [room.place[offer.item] for offer in sheet.offers if not is_gold(room, offer)]
    assert real == sorted(real) and real[0] < N_GOLD + 6
    planted = [offer for offer in sheet.offers if is_gold(room, offer)]
    assert all(LABELS[room.place[offer.item] % 2] == "neg" for offer in planted), "planted are those of other labels"
    assert {(one.suggestion.label, one.suggestion.source) for one in sheet.offers if one.suggestion} == {
        ("pos", "model of round 0")
    }
    sure = [one.suggestion.confidence for one in sheet.offers if one.suggestion]
    assert sure == sorted(sure) and len(set(sure)) == len(sheet.offers)
    assert all(float(np.float32(one)) == one for one in sure), "a number with more digits would tell the planted ones"
    with pytest.raises(BadValue, match="no label"):
        room["ann"].lay_sheet(room.id, "good")
    with pytest.raises(BadValue, match="no place"):
        room["ann"].lay_sheet(room.id, "pos", after="0.5:1 OR 1")
    empty = room["ann"].lay_sheet(room.id, "neg")
    assert (empty.offers, empty.after) == ((), None) and empty.waiting


def test_a_sheet_is_confirmed_looked_at_again_and_taken_back_in_one_act(room: Room) -> None:
    sheet = planted_sheet(room, "ann")
    caught = {offer.item for offer in sheet.offers if is_gold(room, offer)}
    wrong = caught | {next(one for one in sheet.offers if not is_gold(room, one)).item}
    confirmed = tuple(offer for offer in sheet.offers if offer.item not in wrong)
    room.answer("ann", confirmed)
    receipt = room["ann"].close_sheet(room.id, sheet.id)
    n_again = -(-len(confirmed) // 10)
    assert (receipt["n_shown"], receipt["n_confirmed"], receipt["waiting"]) == (
        len(sheet.offers), len(confirmed), n_again,
    )  # fmt: skip
    assert not {"n_planted", "planted"} & receipt.keys(), "it would tell gold"
    room.answer("ann", tuple(offer for offer in sheet.offers if offer.item in wrong), wrong)
    reactions = {one["item"]: one["reaction"] for one in room["ann"].history(room.id)}
    assert all(reactions[one.item] == ("corrected" if one.item in wrong else "confirmed") for one in sheet.offers)
    again = [one for one in room["ben"].lease(room.id, 100).offers if one.item in {each.item for each in confirmed}]
    assert len(again) == n_again and not any(one.suggestion for one in again), "whoever looks again is not swayed"
    room.answer("ben", tuple(again), {again[0].item})
    (seen,) = room["ann"].sheets(room.id)["receipts"]
    assert (seen["same"], seen["other"], seen["waiting"]) == (n_again - 1, 1, 0)
    assert room["ann"].sheets(room.id)["precision"] == []
    (figures,) = room["mia"].sheets(room.id)["precision"]
    assert (figures["n"], figures["right"]) == (len(sheet.offers) - len(caught), len(confirmed))
    assert figures["n_planted"] == figures["n_caught"] == len(caught) and figures["low"] < figures["high"] < 1
    for stranger in ("ben", "mia"):
        with pytest.raises(NotFound):
            room[stranger].undo_sheet(room.id, sheet.id)
    assert room["ann"].undo_sheet(room.id, sheet.id)["state"] == "undone"
    with pytest.raises(Conflict):
        room["ann"].undo_sheet(room.id, sheet.id)
    standing = {one["item"] for one in room["ann"].history(room.id) if not one["withdrawn"]}
    assert standing == wrong
    free = {one.item for one in room["cleo"].lease(room.id, 100).offers}
    assert free & {one.item for one in confirmed}
    world, project = room.story.world, projects.by_name(room.story.world, "moods")
    summary = world.store.read(lambda tx: queue.recounted(tx, project.id))
    assert summary is not None
    log.seal(world, project.id)
    # nobody trained this model: it alone, and what it says, have no entry
    assert {one.file for one in check.project(world, project)} == {"models", "suggestions"}


def test_a_repeat_leases_the_same_sheet_and_nobody_else_has_it(room: Room) -> None:
    body = {"id": new_id(), "label": "pos", "count": 5}
    first, second = (room["ann"].call("POST", f"/api/projects/{room.id}/sheets", body) for _ in range(2))
    assert {one["item"]["id"] for one in first["assignments"]} == {one["item"]["id"] for one in second["assignments"]}
    assert len(second["assignments"]) == 5
    with pytest.raises(Conflict):
        room["ben"].call("POST", f"/api/projects/{room.id}/sheets", body)


def test_a_project_without_a_model_has_no_sheets(tmp_path: Path) -> None:
    with story.opened(tmp_path) as world:
        made = story.set_up(world, tmp_path, n_items=4)
        principal = people.Principal(made.members[Role.ANNOTATOR], "ann")
        permit = people.permit(world, principal, made.project.id, Act.ANNOTATE)
        with pytest.raises(NotReady, match="no label suggestions"):
            sheets.lay(world, permit, sheets.Wanted(new_id()))
