"""Answers of any kind are suggested, reacted to, contested and ruled over HTTP, on both databases; nothing tells a gold check."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from goldseam.edge.client import Client, Offer, Proposal, Submission, new_id
from goldseam.edge.home import DATABASE_SETTING
from goldseam.edge.runner import adjudicate, check, log, projects, release
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.store import gold, items
from goldseam.release.contents import Contents, LabelTable
from goldseam.vocab.answers import Abstain, Answer, LabelName, Span, Spans
from goldseam.vocab.errors import BadAnswer, BadValue, Conflict, NotAllowed, NotFound
from goldseam.vocab.items import ItemId
from goldseam.vocab.people import Role
from tests.postgres import postgres
from tests.walk import story
from tests.walk.story import Story

__all__ = ["postgres"]


def spans(*places: tuple[int, int], label: str = "TITLE") -> Spans:
    return Spans(tuple(Span(start, end, LabelName(label)) for start, end in places))


FILM, NUMBER = spans((0, 4)), spans((5, 11))
BOTH, WRONG = spans((0, 4), (5, 11)), spans((12, 13), label="NUMBER")
N_GOLD, N_ITEMS = 4, 16
POLICIES = {
    "schema": {"questions": [
        {"name": "names", "kind": "span", "labels": ["TITLE", "NUMBER"]},
        {"name": "sure", "kind": "rating", "required": False},
    ]},
    "gold": ["known.csv"],
    "route": {"redundancy": 2},
    "prelabel": {"suggester": "none", "blind_share": 0.0},
    "annotate": {"gold_rate": 0.5},
    "adjudicate": {"escalate_below": 0.99},
}  # fmt: skip


@dataclass(frozen=True)
class Room:
    """A served project that asks for spans; clients by name."""

    story: Story
    id: str
    url: str
    clients: dict[str, Client]
    items: list[ItemId]
    gold: frozenset[str]

    def __getitem__(self, name: str) -> Client:
        return self.clients[name]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def room(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    monkeypatch.delenv(DATABASE_SETTING, raising=False)
    if request.param == "postgresql":
        monkeypatch.setenv(DATABASE_SETTING, request.getfixturevalue("postgres").fresh())
    known = '{"kind":"span","relations":[],"spans":[{"end":4,"label":"TITLE","start":0}]}'.replace('"', '""')
    rows = "".join(f'k{n},"{known}"\n' for n in range(N_GOLD))
    (tmp_path / "known.csv").write_text(f"key,answer\n{rows}", encoding="utf-8")
    with story.opened(tmp_path) as world:
        made = story.set_up(world, tmp_path, n_items=N_ITEMS, policies=POLICIES)
        with story.serving(world) as url:
            tokens = {name: made.annotator(name) for name in ("ann", "ben", "cleo")}
            tokens |= {"rita": made.annotator("rita", Role.REVIEWER), "rob": made.annotator("rob", Role.REVIEWER)}
            tokens |= {"mia": made.token(Role.MANAGER)}
            clients = {name: Client(url, token=token, tries=1) for name, token in tokens.items()}
            held = world.store.read(lambda tx: gold.answers(tx, made.project.id, "names"))
            ids = world.store.read(lambda tx: items.all_ids(tx, made.project.id))
            yield Room(made, made.project.id, url, clients, ids, frozenset(ids[place] for place in held))


def send(client: Client, project: str, offer: Offer, answer: Answer) -> None:
    sent = Submission(new_id(), offer.id, offer.token, {"names": answer}, 2.0, 1, 1)  # type: ignore[arg-type, dict-item]  # ids and versions as plain values
    (outcome,) = client.submit(project, [sent])
    assert outcome.status == "saved", outcome


def test_a_suggested_answer_is_shown_and_what_became_of_it_is_kept(room: Room) -> None:
    room["mia"].suggest(room.id, "finder 2", [Proposal(one, "names", WRONG, 0.2) for one in room.items])
    room["mia"].suggest(room.id, "finder 3", [Proposal(one, "names", BOTH, 0.8, "two words") for one in room.items])
    said = {"confirmed": BOTH, "corrected": FILM, "rejected": WRONG, "none": Abstain("blurred")}
    offers = room["ann"].lease(room.id, len(said)).offers
    for offer, answer in zip(offers, said.values(), strict=True):
        shown = offer.suggestion
        assert shown is not None
        assert (shown.label, shown.answer, shown.source, shown.reason) == ("", BOTH, "finder 3", "two words")
        send(room["ann"], room.id, offer, answer)
    kept = {one["item"]: one["reaction"] for one in room["ann"].history(room.id)}
    assert kept == {offer.item: reaction for offer, reaction in zip(offers, said, strict=True)}
    again = room["ann"].withdraw(room.id, room["ann"].history(room.id)[-1]["id"])
    assert again.suggestion is not None and again.suggestion.answer == BOTH


def test_what_does_not_fit_is_not_suggested_and_a_repeat_is_taken_once(room: Room) -> None:
    mia, item = room["mia"], room.items[0]
    for bad, why in ((spans((0, 900)), BadAnswer), (spans((0, 2), label="CITY"), BadAnswer), (Abstain(), BadAnswer)):
        with pytest.raises(why):
            mia.suggest(room.id, "finder", [Proposal(item, "names", bad, 0.5)])
    with pytest.raises(NotFound):
        mia.suggest(room.id, "finder", [Proposal(ItemId("0" * 32), "names", FILM, 0.5)])
    with pytest.raises(NotAllowed):
        room["ann"].suggest(room.id, "finder", [Proposal(item, "names", FILM, 0.5)])
    sent = {"item": item, "question": "names", "answer": {"kind": "span", "spans": []}, "confidence": 0.5}
    body = {"id": new_id(), "source": "finder", "suggestions": [sent]}
    headers = {"Authorization": f"Bearer {mia._token}"}
    path = f"{room.url}/api/projects/{room.id}/suggestions"
    changes = ({}, {}, {"source": "other"})
    assert [httpx.post(path, json=body | one, headers=headers).status_code for one in changes] == [200, 200, 409]
    world, project = room.story.world, projects.by_name(room.story.world, "moods")
    log.seal(world, project.id)
    assert not check.project(world, project)


def test_gold_carries_a_suggestion_exactly_as_other_items_do(room: Room) -> None:
    others = [one for one in room.items if one not in room.gold]
    room["mia"].suggest(room.id, "finder", [Proposal(one, "names", FILM, 0.9) for one in others])
    first = room["ann"].lease(room.id, N_ITEMS).offers
    assert all(offer.suggestion for offer in first)
    assert not {offer.item for offer in first} & room.gold, "gold without a suggestion could be told"
    room["mia"].suggest(room.id, "finder", [Proposal(ItemId(one), "names", FILM, 0.9) for one in sorted(room.gold)])
    second = room["ben"].lease(room.id, N_ITEMS).offers
    assert {offer.item for offer in second} & room.gold
    assert len({(type(one.suggestion), len(one.further)) for one in second}) == 1


def test_an_answer_that_is_no_label_is_contested_and_decided_by_somebody_else(room: Room) -> None:
    for who, answer in (("ann", FILM), ("ben", NUMBER)):
        for offer in room[who].lease(room.id, N_ITEMS).offers:
            send(room[who], room.id, offer, answer)
    adjudicate.settle_round(room.story.world, projects.by_name(room.story.world, "moods"), "owner")
    room["mia"].suggest(room.id, "finder", [Proposal(one, "names", BOTH, 0.7, "two words") for one in room.items])
    found = room["rita"].disagreements(room.id, 5, question="names")[0]
    assert {json.dumps(vote["answer"]["spans"]) for vote in found["votes"]} and found["reason"]
    assert (found["suggestion"]["reason"], len(found["suggestion"]["answer"]["spans"])) == ("two words", 2)
    item = ItemId(found["item"]["id"])
    room["rita"].rule(room.id, item, "names", NUMBER, "The number names it.")
    with pytest.raises(BadAnswer, match="more than a label"):
        room["ann"].call(
            "POST", f"/api/projects/{room.id}/disputes", {"id": new_id(), "item": item, "label": "TITLE", "text": "No."}
        )
    with pytest.raises(BadValue, match="no answer"):
        room["ann"].dispute(room.id, item, Abstain(), "Nobody knows.", question="names")
    mine = room["ann"].dispute(room.id, item, FILM, "The film names it.", question="names")
    with pytest.raises(Conflict):
        room["ann"].dispute(room.id, item, BOTH, "Both.", question="names")
    assert room["ben"].disputes(room.id) == []
    with pytest.raises(NotFound):
        room["cleo"].dispute(room.id, item, FILM, "I never saw it.", question="names")
    (seen,) = room["rob"].disputes(room.id, state="open")
    assert (seen["question"], seen["label"], seen["answer"]["spans"][0]["end"]) == ("names", "", 4)
    assert (seen["settled"]["answer"]["spans"][0]["start"], seen["settled"]["reason"]) == (5, "The number names it.")
    with pytest.raises(NotAllowed, match="a ruling that they made"):
        room["rita"].uphold(room.id, mine, "I was right.")
    with pytest.raises(BadValue, match="already"):
        room["rob"].overrule(room.id, mine, NUMBER, "It stands.")
    room["rob"].overrule(room.id, mine, BOTH, "Both name it.")
    (own,) = room["ann"].disputes(room.id)
    assert (own["state"], own["settled"]) == ("overruled", None)
    world, project = room.story.world, projects.by_name(room.story.world, "moods")
    log.seal(world, project.id)
    assert not check.project(world, project)


def settled(room: Room) -> ProjectFacts:
    """Let two people agree on every item, settle, and return the project."""
    for who in ("ann", "ben"):
        for offer in room[who].lease(room.id, N_ITEMS).offers:
            send(room[who], room.id, offer, FILM)
    project = projects.by_name(room.story.world, "moods")
    adjudicate.settle_round(room.story.world, project, "owner")
    return project


def test_what_was_flagged_out_after_it_was_settled_is_in_no_release(room: Room) -> None:
    world, project = room.story.world, settled(room)
    (size,) = {one.size for one in log.seal(world, project.id)}
    before = release.contents_of(world, project, size)
    assert before.n_flagged == 0
    bad = ItemId(item_of(before, 0))
    mine = next(one for one in room["ann"].history(room.id) if one["item"] == bad)
    body = {"id": new_id(), "reason": "personal_data", "note": ""}
    room["ann"].call("POST", f"/api/projects/{room.id}/assignments/{mine['assignment']}/flag", body)
    for decision in ("open", "excluded"):
        if decision == "excluded":
            room["mia"].decide_flagged(room.id, bad, "excluded")
        found = release.contents_of(world, project, size)
        assert found.n_flagged == 1 and len(found.rows) == len(before.rows) - 1  # type: ignore[arg-type]  # plain values do where the hint is narrower
        assert bad not in {item_of(found, row) for row in range(len(found.rows))}  # type: ignore[arg-type]  # plain values do where the hint is narrower
    room["mia"].decide_flagged(room.id, bad, "put_back")
    assert release.contents_of(world, project, size).n_flagged == 0


def item_of(found: Contents, row: int) -> str:
    assert isinstance(found.rows, LabelTable)
    return str(list(found.rows.items)[row])


def test_whoever_may_have_seen_a_ruling_cannot_answer_anew(room: Room) -> None:
    settled(room)
    free, ruled = room["ann"].history(room.id)[:2]
    room["rita"].rule(room.id, ruled["item"], "names", NUMBER, "The number names it.")
    assert [
        one["ruled"]["spans"][0]["start"]
        for one in room["ann"].call("GET", f"/api/projects/{room.id}/corrections")["corrections"]
    ] == [5]
    with pytest.raises(Conflict, match="contest the ruling"):
        room["ann"].withdraw(room.id, ruled["id"])
    again = room["ann"].withdraw(room.id, free["id"])
    send(room["ann"], room.id, again, NUMBER)
    standing = [one for one in room["ann"].history(room.id) if one["item"] == ruled["item"]]
    assert [one["withdrawn"] for one in standing] == [False]
