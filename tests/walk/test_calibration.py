"""A calibration session over HTTP, on both databases: blind, then discussed, then measured again on ordinary items."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update

from goldseam.edge.client import Client, Submission, new_id
from goldseam.edge.home import DATABASE_SETTING
from goldseam.edge.runner import adjudicate, check, people, projects
from goldseam.edge.store import annotations
from goldseam.edge.store import calibration as rows
from goldseam.edge.store import calibration_tables as tables
from goldseam.edge.store import items as item_rows
from goldseam.edge.store.tx import Tx
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.errors import BadAnswer, BadValue, Conflict, NotAllowed, NotFound, NotReady, StoreFailed
from goldseam.vocab.items import ItemId
from goldseam.vocab.people import AnnotatorId, Role
from tests.postgres import postgres
from tests.walk import story
from tests.walk.story import LABELS, Story

__all__ = ["postgres"]

pytestmark = pytest.mark.story("room")

POS, NEG = Choice(LabelName("pos")), Choice(LabelName("neg"))
NAMES = ("ann", "ben", "cleo")
POLICIES = {
    "guideline": {"text": "Be fair.\nIrony is neg."},
    "route": {"redundancy": 3},
    "annotate": {"gold_rate": 0.0},
    "adjudicate": {"method": "majority", "escalate_below": 0.9},
}


@dataclass(frozen=True)
class Class:
    """A served project whose first items are answered, three of them differently; clients by name."""

    story: Story
    id: str
    clients: dict[str, Client]
    ids: dict[str, AnnotatorId]

    def __getitem__(self, name: str) -> Client:
        return self.clients[name]

    @property
    def people(self) -> list[str]:
        return [self.ids[name] for name in NAMES]


def right(text: str) -> str:
    return LABELS[text.endswith("fine")]


def wrong(text: str) -> str:
    return LABELS[1 - LABELS.index(right(text))]


def work(room: Class, name: str, *, count: int, split: set[int] = frozenset()) -> None:  # type: ignore[assignment]  # an empty one that nobody can change
    """Answer `count` items; those of the split wrongly."""
    for _ in range(count):
        (one,) = room[name].lease(room.id, 1).offers
        text = str(one.text)
        said = wrong(text) if int(text.split()[2]) in split else right(text)
        sent = Submission(new_id(), one.id, one.token, {"mood": Choice(LabelName(said))}, 2.0, 1, 1)  # type: ignore[arg-type]  # ids and versions as plain values
        assert [each.status for each in room[name].submit(room.id, [sent])] == ["saved"]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def room(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    folder = tmp_path_factory.mktemp("room")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(DATABASE_SETTING, raising=False)
        if request.param == "postgresql":
            patch.setenv(DATABASE_SETTING, request.getfixturevalue("postgres").fresh())
        yield from opened(folder)


def opened(folder: Path) -> Iterator[Class]:
    with story.opened(folder) as world:
        made = story.set_up(world, folder, n_items=30, n_gold=2, policies=POLICIES)
        with story.serving(world) as url:
            ids = {name: story.member_of(world, name, made.project.id) for name in (*NAMES, "eve")}
            tokens = {n: people.make_token(world, made.project.id, who, "t", None, None) for n, who in ids.items()}
            tokens["mia"] = made.token(Role.MANAGER)
            clients = {name: Client(url, token=token, tries=1) for name, token in tokens.items()}
            found = Class(made, made.project.id, clients, ids)
            for name in NAMES:
                work(found, name, count=20, split=set(range(2, 12)) if name == "ann" else set())
            adjudicate.settle_round(world, projects.by_name(world, "moods"), made.members[Role.OWNER])
            yield found


def answer_all(room: Class, name: str, session: str, n_wrong: int = 0) -> None:
    for one in sorted(room[name].calibration(room.id, session)["items"], key=lambda one: int(one["number"])):
        text = one["item"]["text"]
        said = wrong(text) if one["number"] <= n_wrong else right(text)
        room[name].answer_calibration(
            room.id, session, one["number"], {"mood": Choice(LabelName(said))}, f"{name} says so", 3.0
        )


def held(room: Class, session: str) -> set[str]:
    """Every item of a session, by its text."""
    return {one["item"]["text"] for one in room["mia"].calibration(room.id, session)["items"]}


@pytest.mark.slow
def test_a_session_goes_from_blind_to_discussed_to_measured(room: Class) -> None:
    mia = room["mia"]
    session = mia.start_calibration(room.id, "Irony", room.people, n_items=4)
    work(room, "eve", count=1)
    before = room.story.world.store.read(votes_of(room))
    for name in ("ann", "ben"):
        answer_all(room, name, session, n_wrong=2 if name == "ann" else 0)
    for name in ("cleo", "mia"):
        seen = mia.calibration(room.id, session) if name == "mia" else room[name].calibration(room.id, session)
        assert seen["session"]["state"] == "blind"
        assert not any(one["votes"] or one["disagreement"] is not None for one in seen["items"])
    with pytest.raises(NotReady):
        room["ann"].comment_calibration(room.id, session, 1, "Look at the end.")
    answer_all(room, "cleo", session)

    seen = room["ben"].calibration(room.id, session)
    assert seen["session"]["state"] == "discussed"
    assert [one["number"] for one in seen["items"]][:2] == [1, 2]
    assert [round(one["disagreement"], 3) for one in seen["items"]] == [0.667, 0.667, 0.0, 0.0]
    assert [len(one["votes"]) for one in seen["items"]] == [3] * 4
    assert {person["name"] for person in seen["people"]} == {None}
    assert {p["name"] for p in mia.calibration(room.id, session)["people"]} == set(NAMES)
    (measured,) = seen["session"]["before"]
    assert (measured["question"], measured["kind"]) == ("mood", "choice")
    assert measured["n_items"] == 4
    assert measured["low"] <= measured["value"] <= measured["high"]
    assert measured["value"] < 1

    room["ann"].comment_calibration(room.id, session, 1, "The ending <b>is</b> irony.")
    room["ben"].comment_calibration(room.id, session, 1, "I see.")
    mia.agree_calibration(room.id, session, 1, "mood", POS, clause="Irony is neg.", reason="It means praise.")
    mia.agree_calibration(room.id, session, 1, "mood", NEG, clause="Something new.")
    (first, *_) = room["cleo"].calibration(room.id, session)["items"]
    assert [one["text"] for one in first["comments"]] == ["The ending <b>is</b> irony.", "I see."]
    assert [(one["answer"]["label"], one["in_guideline"]) for one in first["agreed"]] == [("neg", False)]
    with pytest.raises(BadAnswer):
        mia.agree_calibration(room.id, session, 1, "mood", Choice(LabelName("odd")))

    with pytest.raises(NotReady, match="finished"):
        mia.measure_calibration(room.id, session)
    mia.finish_calibration(room.id, session)
    assert room.story.world.store.read(votes_of(room)) == before, "answers of a session are no votes"
    shown = held(room, session)
    for name in NAMES:
        work(room, name, count=5)
    mia.measure_calibration(room.id, session)
    (after,) = mia.calibrations(room.id)[0]["after"]
    assert after["value"] == 1.0 or "same" in after["reason"], after  # undefined where all five have one label
    assert 1 <= after["n_items"] <= 5
    assert len(shown) == 4
    assert check.project(room.story.world, projects.by_name(room.story.world, "moods")) == ()


def votes_of(room: Class) -> Any:
    return lambda tx: annotations.votes(tx, room.story.project.id, "mood").n_votes


def test_the_most_disputed_items_are_chosen_and_gold_never_is(room: Class) -> None:
    mia = room["mia"]
    session = mia.start_calibration(room.id, "Disputed", room.people, n_items=3)
    assert {int(text.split()[2]) for text in held(room, session)} <= set(range(2, 12))
    every = mia.start_calibration(room.id, "Random", room.people, choosing="random", n_items=28)
    assert not {int(text.split()[2]) for text in held(room, every)} & {0, 1}
    with pytest.raises(NotReady, match="29 were asked for"):
        mia.start_calibration(room.id, "Random", room.people, choosing="random", n_items=29)
    gold = room.story.world.store.read(lambda tx: item_rows.at(tx, room.story.project.id, 0)).id
    with pytest.raises(BadValue, match="gold"):
        mia.start_calibration(room.id, "Given", room.people, items=[ItemId(gold)])


def test_only_those_who_take_part_see_a_session(room: Class) -> None:
    session = room["mia"].start_calibration(room.id, "Two", room.people[:2], choosing="random", n_items=2)
    said = []
    for one in (session, new_id()):
        for act in (
            lambda one: room["cleo"].calibration(room.id, one),
            lambda one: room["cleo"].answer_calibration(room.id, one, 1, {"mood": POS}),
            lambda one: room["cleo"].comment_calibration(room.id, one, 1, "Hello."),
        ):
            with pytest.raises(NotFound) as refused:
                act(one)
            said.append(refused.value.message)
    assert len(set(said)) == 1
    assert session not in {one["id"] for one in room["cleo"].calibrations(room.id)}
    assert session in {one["id"] for one in room["ann"].calibrations(room.id)}
    with pytest.raises(NotAllowed):
        room["ann"].close_calibration(room.id, session)


def test_an_item_is_answered_once_and_nothing_is_answered_after_the_close(room: Class) -> None:
    session = room["mia"].start_calibration(room.id, "Once", room.people, choosing="random", n_items=2)
    ann = room["ann"]
    ann.answer_calibration(room.id, session, 1, {"mood": POS})
    with pytest.raises(Conflict):
        ann.answer_calibration(room.id, session, 1, {"mood": NEG})
    with pytest.raises(BadValue, match="1 to 2"):
        ann.answer_calibration(room.id, session, 3, {"mood": NEG})
    room["mia"].close_calibration(room.id, session)
    with pytest.raises(NotReady, match="blind"):
        ann.answer_calibration(room.id, session, 2, {"mood": POS})
    with pytest.raises(NotReady):
        room["mia"].close_calibration(room.id, session)
    (line,) = [one for one in ann.calibrations(room.id) if one["id"] == session]
    assert [one["value"] for one in line["before"]] == [None]
    assert line["before"][0]["reason"]


def test_what_was_answered_said_and_agreed_is_never_changed_and_its_counts_are_right(room: Class) -> None:
    world = room.story.world
    for name in tables.NEVER_CHANGED:
        table = tables.METADATA.tables[name]
        for change in (update(table).values({list(table.c)[-1].name: 0}), delete(table)):
            with pytest.raises(StoreFailed, match="append-only"):
                world.store.write(lambda tx, change=change: tx.run(change))

    def stale(tx: Tx) -> list[object]:
        every = rows.listing(tx, room.story.project.id, of=None, before=None, limit=50)
        return [one.id for one in every if rows.recounted(tx, one.id)]

    assert world.store.read(stale) == []
