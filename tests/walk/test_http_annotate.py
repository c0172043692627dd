"""Labeling over HTTP as people do it: lease, answer, repeat, skip, undo; with a real server and a real store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from goldseam.edge.client import Client, Offer, Project, Submission, new_id
from goldseam.testing.clock import FakeClock
from goldseam.vocab.answers import Abstain, Choice, LabelName
from goldseam.vocab.errors import BadAnswer, BadValue, Conflict, LeaseLost, NotAllowed, NotFound
from goldseam.vocab.items import ItemId, Modality, content_hash
from goldseam.vocab.people import Role
from tests.walk import story
from tests.walk.story import Story


class Walk:
    """One story told to a server, with clients by name."""

    def __init__(self, made: Story, url: str, clock: FakeClock) -> None:
        self.story, self.url, self.clock = made, url, clock
        self.id = made.project.id

    def client(self, name: str, role: Role = Role.ANNOTATOR) -> Client:
        return Client(self.url, token=self.story.annotator(name, role), tries=1)

    def post(self, client: Client, path: str, body: object) -> httpx.Response:
        headers = {"Authorization": f"Bearer {client._token}", "X-Goldseam": "1"}
        return httpx.post(f"{self.url}/api/projects/{self.id}{path}", json=body, headers=headers)

    def get(self, client: Client, path: str) -> httpx.Response:
        return httpx.get(
            f"{self.url}/api/projects/{self.id}{path}", headers={"Authorization": f"Bearer {client._token}"}
        )


def submission(offer: Offer, label: str = "pos", **changes: Any) -> Submission:
    made = Submission(new_id(), offer.id, offer.token, {"mood": Choice(LabelName(label))}, 1.5, 1, 1)  # type: ignore[arg-type]  # ids and versions as plain values
    return replace(made, **changes)


@pytest.fixture
def walk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Walk]:
    clock = FakeClock()
    options = getattr(request, "param", {})
    with story.opened(tmp_path, clock) as world:
        made = story.set_up(world, tmp_path, **options)
        with story.serving(world) as url:
            yield Walk(made, url, clock)


def test_the_project_page_has_what_an_annotator_needs_and_its_guideline_is_harmless(walk: Walk) -> None:
    with walk.client("ann") as ann:
        page: Project = ann.project(walk.id)
        assert [label.name for label in page.schema.main.labels] == ["neg", "pos"]
        assert page.guideline_html == "<p>Be <em>fair</em>. &lt;script&gt;alert(1)&lt;/script&gt;</p>\n"
        assert (page.prefetch, page.lease_seconds) == (5, 600.0)
        plain = walk.get(ann, "").json()
        assert set(plain) == {
            "id", "name", "modality", "role", "acts", "round", "schema_version", "guideline_version", "schema",
            "guideline_html", "policy",
        }  # fmt: skip


def test_an_item_goes_round_once_and_is_counted_once(walk: Walk) -> None:
    with walk.client("ann") as ann:
        seen: set[str] = set()
        while (leased := ann.lease(walk.id, 5)).offers:
            outcomes = ann.submit(walk.id, [submission(offer) for offer in leased.offers])
            assert [one.status for one in outcomes] == ["saved"] * len(leased.offers)
            assert not seen & {offer.item for offer in leased.offers}
            seen |= {offer.item for offer in leased.offers}
        assert len(seen) == 12
        assert leased.waiting_reason == "nothing_open"
        assert leased.waiting
        assert len(ann.history(walk.id)) == 12


def test_a_repeated_submission_changes_nothing(walk: Walk) -> None:
    with walk.client("ann") as ann:
        (offer,) = ann.lease(walk.id, 1).offers
        sent = submission(offer)
        assert [o.status for o in ann.submit(walk.id, [sent])] == ["saved"]
        assert [o.status for o in ann.submit(walk.id, [sent, sent])] == ["repeated", "repeated"]
        assert len(ann.history(walk.id)) == 1
        (changed,) = ann.submit(walk.id, [replace(sent, answers={"mood": Choice(LabelName("neg"))})])
        assert changed.status == "refused"
        assert isinstance(changed.error, Conflict)


def test_one_bad_annotation_never_loses_the_good_ones(walk: Walk) -> None:
    with walk.client("ann") as ann:
        offers = ann.lease(walk.id, 6).offers
        good, bad, unreadable, foreign, odd, last = (submission(offer) for offer in offers)
        bodies = [dict(_body(one)) for one in (good, bad, unreadable, foreign, odd, last)]
        bodies[1]["answers"] = {"mood": {"kind": "choice", "label": "poz"}}
        bodies[2] |= {"id": "not-a-uuid", "author": "somebody else"}
        bodies[3]["token"] = "made-up"
        bodies[4]["answers"] = {"mood": {"kind": "choice", "label": "pos", "note": "x"}}
        reply = walk.post(ann, "/annotations", {"annotations": [*bodies, "nonsense"]})
        assert reply.status_code == 200
        results = reply.json()["results"]
        assert [one["status"] for one in results] == [
            "saved",
            "refused",
            "refused",
            "refused",
            "refused",
            "saved",
            "refused",
        ]
        assert [one["id"] for one in results] == [*(body["id"] for body in bodies), ""]
        kinds = [one["error"] and one["error"]["type"] for one in results]
        assert kinds == [None, "BadAnswer", "BadValue", "LeaseLost", "BadAnswer", None, "BadValue"]
        assert "Did you mean 'pos'?" in results[1]["error"]["message"]


def _body(one: Submission) -> dict[str, Any]:
    return {
        "id": one.id, "assignment": one.assignment, "token": one.token, "answers": {"mood": {"kind": "choice", "label": "pos"}},
        "seconds": one.seconds, "schema_version": 1, "guideline_version": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"annotator": "somebody-else"},
        {"at": "2020-01-01T00:00:00Z"},
        {"purpose": "gold"},
        {"seconds": -1},
        {"seconds": 1e9},
        {"seconds": "1"},
        {"schema_version": "1"},
        {"answers": {}},
        {"answers": {f"q{n}": {"kind": "abstain", "reason": ""} for n in range(51)}},
        {"answers": None},
        {"id": "11111111-1111-4111-8111-111111111111"},
        {"assignment": "x" * 101},
    ],
    ids=str,
)
def test_author_time_and_form_are_not_the_clients_to_choose(walk: Walk, change: dict[str, object]) -> None:
    with walk.client("ann") as ann:
        (offer,) = ann.lease(walk.id, 1).offers
        (result,) = walk.post(ann, "/annotations", {"annotations": [_body(submission(offer)) | change]}).json()[
            "results"
        ]
        assert result["status"] == "refused"
        assert result["error"]["type"] == "BadValue"
        assert ann.history(walk.id) == []


@pytest.mark.parametrize(
    "body",
    [
        {"count": 0},
        {"count": 101},
        {"count": True},
        {"count": "5"},
        {},
        {"count": 1, "items": ["0" * 32]},
        {"items": ["x"]},
        {"n": 1},
    ],
    ids=str,
)
def test_a_lease_of_the_wrong_form_is_refused(walk: Walk, body: object) -> None:
    with walk.client("ann") as ann:
        assert walk.post(ann, "/assignments", body).status_code == 422


def test_what_another_person_holds_is_not_ours_to_answer_skip_or_withdraw(walk: Walk) -> None:
    with walk.client("ann") as ann, walk.client("bob") as bob:
        (offer,) = ann.lease(walk.id, 1).offers
        (stolen,) = bob.submit(walk.id, [submission(offer)])
        assert isinstance(stolen.error, LeaseLost)
        with pytest.raises(LeaseLost):
            bob.skip(walk.id, offer)
        sent = submission(offer)
        ann.submit(walk.id, [sent])
        with pytest.raises(NotFound):
            bob.withdraw(walk.id, sent.id)
        assert bob.history(walk.id) == []


def test_a_skip_passes_the_item_on_and_may_be_sent_twice(walk: Walk) -> None:
    with walk.client("ann") as ann:
        (offer,) = ann.lease(walk.id, 1).offers
        ann.skip(walk.id, offer, "too dark")
        ann.skip(walk.id, offer, "too dark")
        rest: set[str] = set()
        while offers := ann.lease(walk.id, 50).offers:
            rest |= {one.item for one in offers}
        assert len(rest) == 11
        assert offer.item not in rest


def test_an_undo_leases_the_item_to_the_same_person_again(walk: Walk) -> None:
    with walk.client("ann") as ann:
        (offer,) = ann.lease(walk.id, 1).offers
        first = submission(offer)
        ann.submit(walk.id, [first])
        again = ann.withdraw(walk.id, first.id)
        assert again.item == offer.item
        (outcome,) = ann.submit(walk.id, [submission(again, "neg")])
        assert outcome.status == "saved"
        kept = ann.history(walk.id)
        assert [(one["answer"]["label"], one["withdrawn"]) for one in kept] == [("neg", False), ("pos", True)]


@pytest.mark.parametrize("walk", [{"policies": {"route": {"redundancy": 1}}}], indirect=True)
def test_a_lease_that_ended_goes_to_others_and_a_late_answer_is_kept_as_surplus(walk: Walk) -> None:
    with walk.client("ann") as ann, walk.client("bob") as bob:
        held = ann.lease(walk.id, 12).offers
        assert len(held) == 12
        assert bob.lease(walk.id, 1).waiting_reason == "all_held"
        walk.clock.advance(timedelta(minutes=11))
        healed = bob.lease(walk.id, 12).offers
        assert {one.item for one in healed} == {one.item for one in held}
        assert {one.status for one in bob.submit(walk.id, [submission(one) for one in healed])} == {"saved"}
        assert {one.status for one in ann.submit(walk.id, [submission(one) for one in held])} == {"surplus"}


def test_a_page_loaded_again_gets_its_items_back(walk: Walk) -> None:
    with walk.client("ann") as ann:
        before = ann.lease(walk.id, 12).offers
        assert ann.lease(walk.id, 12).offers == ()
        kept = before[0]
        after = ann.lease(walk.id, 12, holding=[kept.id]).offers
        assert {one.item for one in after} == {one.item for one in before} - {kept.item}


@pytest.mark.parametrize(
    "walk", [{"n_items": 60, "n_gold": 6, "policies": {"annotate": {"gold_rate": 0.3}}}], indirect=True
)
def test_a_reload_is_no_way_to_choose_items_or_to_find_the_gold_among_them(walk: Walk) -> None:
    with walk.client("ann") as ann:
        before = {one.item for one in ann.lease(walk.id, 10).offers}
        for _ in range(4):
            assert {one.item for one in ann.lease(walk.id, 10, holding=[]).offers} == before
        ann.submit(walk.id, [submission(ann.lease(walk.id, 10, holding=[]).offers[0])])
        after = {one.item for one in ann.lease(walk.id, 10, holding=[]).offers}
        assert len(after & before) == 9


def test_a_service_claims_items_by_their_content_and_hears_why_not(walk: Walk) -> None:
    item = ItemId(content_hash(Modality.TEXT, "film number 3 is fine")[:32])
    missing = ItemId("f" * 32)
    with walk.client("robot", Role.SERVICE) as robot, walk.client("ann") as ann:
        leased = robot.claim(walk.id, [item, missing])
        assert [one.item for one in leased.offers] == [item]
        assert set(leased.refused) == {missing}
        assert "hold" in robot.claim(walk.id, [item]).refused[item]
        with pytest.raises(NotAllowed):
            ann.claim(walk.id, [item])


def shape(value: Any) -> Any:
    """A reply without its values: names, types and lengths of what could give something away."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in sorted(value.items())}
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    return type(value).__name__


@pytest.mark.parametrize(
    "walk", [{"n_items": 40, "n_gold": 6, "policies": {"annotate": {"gold_rate": 0.5}}}], indirect=True
)
def test_a_gold_check_looks_like_any_other_assignment(walk: Walk) -> None:
    gold = {
        ItemId(content_hash(Modality.TEXT, f"film number {n} is {'fine' if n % 2 else 'poor'}")[:32]) for n in range(6)
    }
    with walk.client("ann") as ann:
        shown: dict[bool, list[Any]] = {True: [], False: []}
        fates: dict[bool, set[Any]] = {True: set(), False: set()}
        for _ in range(40):
            reply = walk.post(ann, "/assignments", {"count": 2}).json()
            for one in reply["assignments"]:
                is_gold = one["item"]["id"] in gold
                shown[is_gold].append(
                    (shape(one), len(one["id"]), len(one["token"]), one["seconds"], one["expires_at"])
                )
                body = {
                    "id": new_id(), "assignment": one["id"], "token": one["token"], "seconds": 1.0, "schema_version": 1,
                    "guideline_version": 1, "answers": {"mood": {"kind": "choice", "label": "pos"}},
                }  # fmt: skip
                (fate,) = walk.post(ann, "/annotations", {"annotations": [body]}).json()["results"]
                fates[is_gold].add((fate["status"], str(shape(fate))))
            if not reply["assignments"]:
                break
        assert shown[True], "no gold was handed out: this test has lost what it compares"
        assert len(shown[False]) == 34
        assert {str(one) for one in shown[True]} == {str(one) for one in shown[False]}
        assert fates[True] == fates[False]
        kinds = {str(shape(one)) for one in ann.history(walk.id, 50)}
        assert len(kinds) == 1
        assert "gold" not in walk.get(ann, "/history?limit=50").text


def test_abstaining_is_an_answer(walk: Walk) -> None:
    with walk.client("ann") as ann:
        (offer,) = ann.lease(walk.id, 1).offers
        (outcome,) = ann.submit(walk.id, [submission(offer, answers={"mood": Abstain("too short")})])
        assert outcome.status == "saved"


def test_the_client_raises_the_servers_own_errors(walk: Walk) -> None:
    with walk.client("ann") as ann:
        with pytest.raises(NotFound):
            ann.project("no-such-project")
        with pytest.raises(NotAllowed):
            ann.quality(walk.id)
        with pytest.raises(BadValue, match="count"):
            ann.lease(walk.id, 0)
        (offer,) = ann.lease(walk.id, 1).offers
        (outcome,) = ann.submit(walk.id, [submission(offer, "poz")])
        assert isinstance(outcome.error, BadAnswer)
        assert outcome.error.fields["label"] == "poz"


@pytest.mark.parametrize("walk", [{"accounts": True}], indirect=True)
def test_a_call_that_carries_a_session_but_not_our_header_changes_nothing(walk: Walk) -> None:
    with httpx.Client(base_url=walk.url) as browser:
        body = {"login": "annotator-moods", "password": story.PASSWORD}
        browser.post("/api/session", json=body, headers={"X-Goldseam": "1"})
        path = f"/api/projects/{walk.id}/assignments"
        assert browser.post(path, json={"count": 1}).status_code == 403
        foreign = {"X-Goldseam": "1", "Origin": "https://evil.example"}
        assert browser.post(path, json={"count": 1}, headers=foreign).status_code == 403
        assert len(browser.post(path, json={"count": 12}, headers={"X-Goldseam": "1"}).json()["assignments"]) == 12
