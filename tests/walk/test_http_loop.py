"""A whole round over HTTP: answers, a dispute, a ruling, figures, a release, and proofs that a stranger checks."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from goldseam.edge import keys
from goldseam.edge.client import Client, Submission, new_id
from goldseam.edge.runner import log, people, projects, route, sample, source, steps
from goldseam.flow.settings import settings_from_plain
from goldseam.ledger import checkpoint, merkle
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.items import ItemId
from goldseam.vocab.people import Role
from tests.walk import story
from tests.walk.story import Story


class Served:
    """A story, its address, and clients by role."""

    def __init__(self, made: Story, url: str) -> None:
        self.story, self.url, self.id = made, url, made.project.id
        self.clients = {role: Client(url, token=made.token(role), tries=1) for role in Role}

    def get(self, role: Role, path: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.clients[role]._token}"}
        return httpx.get(f"{self.url}/api/projects/{self.id}{path}", headers=headers)

    def run(self) -> list[str]:
        owner = self.story.members[Role.OWNER]
        return [done.step.verb.value for done in steps.run(self.story.world, self.story.project.name, owner)]


def answer_all(client: Client, project: str, contrary: set[str]) -> None:
    """Answer everything truly (odd films are fine), but the opposite for some items."""
    while offers := client.lease(project, 50).offers:
        sent = []
        for one in offers:
            assert one.text is not None
            truth = one.text.endswith("fine")
            label = "pos" if truth != (one.item in contrary) else "neg"
            answers = {"mood": Choice(LabelName(label))}
            sent.append(Submission(new_id(), one.id, one.token, answers, 2.0, 1, 1))  # type: ignore[arg-type]  # ids and versions as plain values
        assert {outcome.status for outcome in client.submit(project, sent)} == {"saved"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("loop")
    policies = {
        "route": {"redundancy": 2},
        "adjudicate": {"method": "majority", "escalate_below": 0.6},
        "annotate": {"gold_rate": 1.0},
        "prelabel": {"min_labels": 1000},
        "rounds": 1,
    }
    with story.opened(folder) as world:
        made = story.set_up(world, folder, n_items=20, n_gold=6, policies=policies)
        with story.serving(world) as url:
            yield Served(made, url)


@pytest.mark.slow
def test_a_round_goes_from_answers_to_a_release_that_a_stranger_can_check(served: Served) -> None:
    reviewer, owner = served.clients[Role.REVIEWER], served.clients[Role.OWNER]
    assert next(s["state"] for s in owner.round(served.id)["steps"] if s["needs_person"]) in {"next", "waiting"}
    assert served.run() == []
    item = _a_plain_item(served)
    answer_all(served.clients[Role.ANNOTATOR], served.id, set())
    answer_all(Client(served.url, token=served.story.annotator("contrary")), served.id, {item})
    assert served.run()[:1] == ["settle"]

    (dispute,) = reviewer.disagreements(served.id)
    assert dispute["item"]["id"] == item
    assert set(dispute["item"]) == {"id", "modality", "text", "media_url", "metadata", "html"}
    assert sorted(vote["annotator"] for vote in dispute["votes"]) == ["A1", "A2"]
    assert {vote["answer"]["label"] for vote in dispute["votes"]} == {"neg", "pos"}
    reviewer.rule(served.id, item, "mood", Choice(LabelName("pos")), "it says so")
    assert reviewer.disagreements(served.id) == []

    assert "publish" in served.run()
    _check_figures(served)
    _check_release(served)
    _check_log(served)


def _a_plain_item(served: Served) -> ItemId:
    """An item that is in the round and not gold; the last rows of the source are not."""
    listed = served.get(Role.OWNER, "/items?limit=500").json()
    assert [one["position"] for one in listed] == list(range(20))
    return ItemId(listed[-1]["id"])


def _check_figures(served: Served) -> None:
    found = served.clients[Role.AUDITOR].quality(served.id)
    assert found is not None
    assert found["gate"]["passes"] is True
    assert served.clients[Role.OWNER].round(served.id)["quality"] is not None
    assert served.clients[Role.ANNOTATOR].round(served.id)["quality"] is None
    counts = served.clients[Role.OWNER].round(served.id)["counts"]
    assert {"items", "drawn", "open", "answered", "wanted", "settled", "escalated", "gold", "auto"} <= set(counts)


def _check_release(served: Served) -> None:
    (listed,) = served.clients[Role.AUDITOR].releases(served.id)
    number = listed["number"]
    manifest = served.get(Role.AUDITOR, f"/releases/{number}").json()
    for file in manifest["files"]:
        reply = served.get(Role.AUDITOR, f"/releases/{number}/files/{file['name']}")
        assert hashlib.sha256(reply.content).hexdigest() == file["sha256"]
        assert reply.headers["content-type"] == "application/octet-stream"
        assert reply.headers["content-disposition"].startswith("attachment")
        assert "sandbox" in reply.headers["content-security-policy"]
    for name in ("%2e%2e", "%2e%2e%2fgoldseam.yaml", "goldseam.yaml", ".hidden", "a/b"):
        assert served.get(Role.AUDITOR, f"/releases/{number}/files/{name}").status_code in {404, 422}
    assert served.get(Role.AUDITOR, f"/releases/{number}/diff/{number}").json()["relabeled"] == []


def _check_log(served: Served) -> None:
    log.seal(served.story.world)  # nothing is left for the server's own sealer to place between the calls below
    told: dict[str, Any] = served.get(Role.AUDITOR, "/ledger").json()
    signed = checkpoint.verify(told["note"], told["key"], keys.check)
    assert (signed.size, signed.root.hex()) == (told["size"], told["root"])
    entries = served.get(Role.AUDITOR, "/ledger/entries?limit=1000").json()
    assert [one["position"] for one in entries] == list(range(told["size"]))
    for position in (0, told["size"] // 2, told["size"] - 1):
        proof = served.get(Role.AUDITOR, f"/ledger/proof?position={position}").json()
        leaf = bytes.fromhex(entries[position]["leaf"])
        hashes = [bytes.fromhex(one) for one in proof["hashes"]]
        assert merkle.inclusion_holds(leaf, position, proof["size"], hashes, signed.root)
    assert served.get(Role.AUDITOR, f"/ledger/proof?position={told['size']}").status_code == 404
    names = "".join(str(one) for one in entries)
    assert "film number" not in names, "what people read or wrote does not stand in the log"


def picture(kind: str, shade: int) -> bytes:
    out = io.BytesIO()
    Image.new("L", (8, 8), shade).save(out, kind)
    return out.getvalue()


@pytest.mark.slow
def test_media_are_shown_only_as_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "scans").mkdir()
    for nth, kind in enumerate(("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF")):
        (tmp_path / "scans" / f"{nth}.{kind.lower()}").write_bytes(picture(kind, 10 * nth))
    plain = {
        "name": "digits", "schema": {"questions": [{"name": "digit", "labels": ["0", "1"]}]},
        "sources": [{"path": "scans"}], "source": {"kind": "image"},
    }  # fmt: skip
    with story.opened(tmp_path) as world:
        owner = story.member_of(world, "owner")
        project, _ = projects.apply(world, settings_from_plain(plain), owner)
        source.take_in(world, project, owner)
        sample.draw_round(world, projects.by_name(world, "digits"), owner)
        route.assign_round(world, projects.by_name(world, "digits"), owner)
        token = people.make_token(world, project.id, owner, "test", None, 1)
        with story.serving(world) as url, Client(url, token=token) as client:
            offers = client.lease(project.id, 10).offers
            assert len(offers) >= 5
            for offer in offers:
                assert offer.text is None
                assert offer.media_url == f"/api/projects/{project.id}/items/{offer.item}/media"
                headers = {"Authorization": f"Bearer {token}"}
                reply = httpx.get(url + offer.media_url, headers=headers)
                shown = reply.headers["content-type"]
                inline = reply.headers["content-disposition"].startswith("inline")
                assert inline == (shown in {"image/png", "image/jpeg", "image/gif", "image/bmp", "image/webp"})
                assert inline or shown == "application/octet-stream"
                assert reply.headers["x-content-type-options"] == "nosniff"
                assert reply.headers["content-security-policy"] == "default-src 'none'; sandbox"
                assert reply.headers["cache-control"].startswith("private")
                assert Image.open(io.BytesIO(reply.content)).size == (8, 8)
                assert httpx.get(url + offer.media_url).status_code == 401
            missing = f"{url}/api/projects/{project.id}/items/{'0' * 32}/media"
            assert httpx.get(missing, headers=headers).status_code == 404
