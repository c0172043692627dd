"""The guard through real leases: chance hides and plants, nobody can tell, the pull is found, and a label is switched off for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from httpx import Response
from sqlalchemy import select
from starlette.testclient import TestClient

from goldseam.annotate.guard import Way
from goldseam.edge.client import new_id
from goldseam.edge.project import Project
from goldseam.edge.runner import functions_set, guarding, people
from goldseam.edge.server import app as server
from goldseam.edge.store import log
from goldseam.edge.store.guard_tables import showings
from goldseam.edge.store.tx import Tx
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.errors import Conflict
from goldseam.vocab.people import Act, AnnotatorId, Role
from tests.walk import small
from tests.walk.small import LABELS, opened, submission, truth_of, write_project

HALF = {"blind_share": 0.3, "min_labels": 4}
FUNCTIONS = {
    "keywords": [
        {"name": "good", "label": "pos", "words": ["great", "lovely", "wonderful", "loved"]},
        {"name": "bad", "label": "neg", "words": ["dull", "awful", "boring", "hated"]},
    ]
}


def made(folder: Path, n_items: int = 60, *, planted: float = 0.5, redundancy: int = 2, **guard: object) -> Project:
    """A project whose functions suggest the right label of every item, drawn and waiting for answers."""
    write_project(
        folder, n_items, functions=FUNCTIONS, prelabel=HALF, route={"redundancy": redundancy}, rounds=1,
        sample={"strategy": "random", "batch": n_items}, guard={"planted_share": planted, "at_least": 5, **guard},
    )  # fmt: skip
    project = opened(folder)
    project.take_in()
    functions_set.apply(project.world, project.facts, project.me)
    small.run(project)
    return project


def ways(project: Project, who: AnnotatorId | None = None) -> dict[int, Way]:
    def load(tx: Tx) -> dict[int, Way]:
        c = showings.c
        query = select(c.position, c.way) if who is None else select(c.position, c.way).where(c.annotator == who)
        return {row.position: Way(row.way) for row in tx.run(query)}

    return project.world.store.read(load)


def answer(project: Project, who: AnnotatorId, *, follows: bool) -> None:
    """Answer all there is: what is suggested, whatever it is, or the truth."""
    while offers := project.lease(20, who).offers:
        project.submit(
            [
                submission(
                    project, one, Choice(LabelName(one.suggestion.label if follows and one.suggestion else truth_of(one.item.content)))
                )
                for one in offers
            ],
            who,
        )  # fmt: skip


def test_a_planted_suggestion_differs_in_nothing_but_its_label_and_stays_on_a_reload(tmp_path: Path) -> None:
    with made(tmp_path) as project:
        app = server.make_app(project.world)
        ann = small.member(project, "ann")
        token = people.make_token(project.world, project.facts.id, ann, "t", None, 1)
        with TestClient(app, headers={"Authorization": f"Bearer {token}"}) as http:
            at = f"/api/projects/{project.facts.id}"
            found = http.post(f"{at}/assignments", json={"count": 40, "holding": []})
            offers = found.json()["assignments"]
            kinds = ways(project, ann)
            positions = {
                one["item"]["text"] if "text" in one["item"] else one["item"]["content"]: one for one in offers
            }
            by_way: dict[Way, list[dict[str, object]]] = {way: [] for way in Way}
            for text, one in positions.items():
                position = int(text.rsplit(" ", 1)[1])
                by_way[kinds[position]].append(one)
                shown = one["suggestion"]
                right = truth_of(text)
                expected = {Way.SHOWN: right, Way.BLIND: None, Way.PLANTED: LABELS[1 - LABELS.index(right)]}
                assert (shown and shown["label"]) == expected[kinds[position]]
            assert all(len(some) >= 3 for some in by_way.values())

            def form(one: dict[str, object]) -> object:
                shown = dict(one["suggestion"])  # type: ignore[call-overload]  # plain values
                confidence = shown.pop("confidence")
                for name in ("label", "answer"):
                    shown.pop(name, None)
                return sorted(one), shown, type(confidence)

            forms = {json.dumps(form(one), default=str) for way in (Way.SHOWN, Way.PLANTED) for one in by_way[way]}
            assert len(forms) == 1
            shown = {str(one["suggestion"]["confidence"]) for one in by_way[Way.SHOWN]}  # type: ignore[index]  # plain values
            assert {str(one["suggestion"]["confidence"]) for one in by_way[Way.PLANTED]} <= shown  # type: ignore[index]  # plain values

            again = http.post(f"{at}/assignments", json={"count": 40, "holding": []}).json()["assignments"]
            same = {one["item"]["id"]: one["suggestion"] for one in offers}
            assert {one["item"]["id"]: one["suggestion"] for one in again} == same


def test_where_one_answer_decides_no_wrong_label_is_suggested(tmp_path: Path) -> None:
    with made(tmp_path, redundancy=1) as project:
        answer(project, small.member(project, "ann"), follows=False)
        assert set(ways(project).values()) == {Way.SHOWN, Way.BLIND}


@pytest.mark.slow
def test_who_waves_suggestions_through_is_found_and_the_label_is_suggested_no_more(tmp_path: Path) -> None:
    with made(tmp_path, 120) as project:
        follows, firm = small.member(project, "follows"), small.member(project, "firm")
        answer(project, follows, follows=True)
        answer(project, firm, follows=False)
        found = guarding.figures(project.world, project.facts)
        by_name = {one["name"]: one["effect"] for one in found["annotators"]}
        assert by_name["follows"]["value"] == 1.0
        assert by_name["follows"]["low"] > 0.8
        assert by_name["firm"]["value"] == 0.0
        assert guarding.measure(project.world, project.facts, project.me) == ["neg", "pos"]
        assert guarding.measure(project.world, project.facts, project.me) == [], "once"
        kinds = [entry["kind"] for entry in _entries(project)]
        assert kinds.count("suggestions.switched") == 2
        assert not project.verify()

        app = server.make_app(project.world)
        with TestClient(app) as http:

            def call(role: Role, method: str, path: str, body: object = None) -> Response:
                token = people.make_token(
                    project.world,
                    project.facts.id,
                    small.member(project, f"{role}{path}{method}{id(body)}", role),
                    "t",
                    None,
                    1,
                )
                url = f"/api/projects/{project.facts.id}/anchoring{path}"
                return http.request(method, url, json=body, headers={"Authorization": f"Bearer {token}"})

            seen = call(Role.MANAGER, "GET", "").json()
            assert {one["label"]: one["state"] for one in seen["labels"]} == {"neg": "off", "pos": "off"}
            assert "follow it where it is suggested wrongly" in seen["labels"][0]["reason"]
            for role in (Role.ANNOTATOR, Role.REVIEWER, Role.AUDITOR):
                assert call(role, "GET", "").status_code == 403
            sent = {"id": new_id(), "label": "pos", "state": "on", "reason": "They were told."}
            assert call(Role.MANAGER, "POST", "/labels", sent).status_code == 200
            assert call(Role.MANAGER, "POST", "/labels", {**sent, "id": new_id(), "label": "poss"}).status_code == 422
        assert guarding.measure(project.world, project.facts, project.me) == [], (
            "what was shown before does not count again"
        )


def test_a_label_that_is_switched_off_is_neither_suggested_nor_planted(tmp_path: Path) -> None:
    with made(tmp_path) as project:
        permit, act = project.permit(Act.MANAGE), project.new_id()
        for _ in range(2):  # a repeat changes nothing
            guarding.switch(project.world, permit, act, "pos", "off", "It is waved through.")
        with pytest.raises(Conflict, match="off already"):
            guarding.switch(project.world, permit, project.new_id(), "pos", "off", "Again.")
        with pytest.raises(Conflict):
            guarding.switch(project.world, permit, act, "neg", "off", "Another.")
        ann = small.member(project, "ann")
        offers = project.lease(40, ann).offers
        suggested = {one.suggestion.label for one in offers if one.suggestion}
        assert suggested == {"neg"}
        assert all(truth_of(one.item.content) == "neg" for one in offers if one.suggestion)
        guarding.switch(project.world, permit, project.new_id(), "pos", "on", "The model is better now.")
        assert {
            one.suggestion.label for one in project.lease(20, small.member(project, "ben")).offers if one.suggestion
        } == {"neg", "pos"}


def _entries(project: Project) -> list[dict[str, object]]:
    project.seal()
    name = project.facts.id
    return [json.loads(row.body) for row in project.world.store.read(lambda tx: log.entries(tx, name))]
