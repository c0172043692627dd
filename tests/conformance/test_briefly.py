"""A lease and an answer on PostgreSQL without a transaction around them: two statements each, and every law still holds."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from starlette.testclient import TestClient

from goldseam.edge.client import new_id
from goldseam.edge.home import DATABASE_SETTING
from goldseam.edge.project import Project
from goldseam.edge.runner import annotate, briefly, people
from goldseam.edge.runner.annotate import Leased, Outcome
from goldseam.edge.runner.people import Permit
from goldseam.edge.server.app import make_app
from goldseam.edge.store import Store, Tx, queue
from goldseam.edge.store import people as people_rows
from goldseam.vocab.errors import StampMoved, StoreFailed
from goldseam.vocab.people import Act
from tests.conformance.test_trips import CUT, answer, said
from tests.walk import small

pytestmark = pytest.mark.postgres
__all__ = ["said"]

REDUNDANCY, N_ITEMS = 2, 24


@pytest.fixture
def url(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    made: str = request.getfixturevalue("postgres").fresh()
    monkeypatch.setenv(DATABASE_SETTING, made)
    return made


@pytest.fixture
def project(url: str, tmp_path: Path) -> Iterator[Project]:
    policies = {"route": {"redundancy": REDUNDANCY}, "sample": {"strategy": "random", "batch": N_ITEMS}}
    small.write_project(tmp_path, n_items=N_ITEMS, **policies)
    with small.opened(tmp_path) as opened:
        small.run(opened)
        yield opened


def permit_of(project: Project, name: str) -> Permit:
    (token,) = project.add_recorded([name], frozenset({Act.VIEW, Act.ANNOTATE})).values()
    world = project.world
    return people.permit(world, people.by_token(world, token), project.facts.id, Act.ANNOTATE)


def lease(project: Project, permit: Permit, count: int = 1, stamp: int | None = None) -> Leased:
    world, act = project.world, annotate.leasing(project.world, permit, count)
    return world.store.write_soon(act, briefly.leasing(world, permit, count, None, stamp), stamp).result(20)


def submit(project: Project, permit: Permit, sent: annotate.Submission, stamp: int | None = None) -> Outcome:
    world, act = project.world, annotate.submitting(project.world, permit, [sent])
    (outcome,) = world.store.write_soon(act, briefly.submitting(world, permit, [sent], stamp), stamp).result(20)
    return annotate.look_again(world, permit, sent, outcome)


def test_a_lease_and_an_answer_are_two_statements_each_and_no_transaction(project: Project, said: list[str]) -> None:
    permit = permit_of(project, "a")
    for _ in range(3):
        stamp = project.world.store.stamp()
        said.clear()
        (offer,) = lease(project, permit, stamp=stamp).offers
        sent = answer(people.fresh_id(project.world), offer)
        assert submit(project, permit, sent, stamp).status == "saved"
        assert len(said) == 4, "\n".join(said)
        assert not any(each.startswith(("BEGIN", "COMMIT")) for each in said)
        assert submit(project, permit, sent, stamp).status == "repeated"
    assert project.verify() == ()


def test_the_laws_hold_for_many_with_two_pages_each_who_send_everything_twice_and_another_answer_besides(
    project: Project,
) -> None:
    permits = [permit_of(project, f"p{n}") for n in range(3)]
    saved: list[str] = []

    def page(permit: Permit) -> None:
        while True:
            found = lease(project, permit, 2).offers
            if not found:
                return
            for offer in found:
                sent, other = (answer(people.fresh_id(project.world), offer) for _ in range(2))
                with ThreadPoolExecutor(3) as thrice:
                    fates = list(thrice.map(lambda one: submit(project, permit, one).status, (sent, sent, other)))
                # Its other page may hold a newer lease of the same item: then this one was nobody's any more.
                assert sorted(fates) in (
                    ["refused", "repeated", "saved"], ["refused", "refused", "saved"], ["refused"] * 3
                ), fates  # fmt: skip
                saved.extend(["saved"] if "saved" in fates else [])

    with ThreadPoolExecutor(6) as pages:
        list(pages.map(page, [permit for permit in permits for _ in range(2)]))
    votes, store, facts = project.votes(), project.world.store, project.facts
    assert votes.n_votes == len(saved) == N_ITEMS * REDUNDANCY
    assert set(votes.votes_per_item().tolist()) == {REDUNDANCY}
    assert len(set(zip(votes.item.tolist(), votes.annotator.tolist(), strict=True))) == votes.n_votes
    assert store.read(lambda tx: queue.recounted(tx, facts.id)).tolist() == []
    assert project.verify() == ()


def test_nothing_is_leased_or_taken_in_under_rights_that_have_changed(project: Project) -> None:
    permit, store, name = permit_of(project, "a"), project.world.store, project.facts.id
    stamp = store.stamp()
    (offer,) = lease(project, permit, stamp=stamp).offers
    permit_of(project, "b")
    before = store.read(lambda tx: queue.summary(tx, name))
    with pytest.raises(StampMoved):
        lease(project, permit, stamp=stamp)
    with pytest.raises(StampMoved):
        submit(project, permit, answer(people.fresh_id(project.world), offer), stamp)
    assert store.read(lambda tx: queue.summary(tx, name)) == before
    assert project.votes().n_votes == 0


def test_the_statement_that_writes_asks_for_the_stamp_itself(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    permit, world = permit_of(project, "a"), project.world
    stamp = world.store.stamp()
    (offer,) = lease(project, permit, stamp=stamp).offers
    sent = answer(people.fresh_id(world), offer)
    permit_of(project, "b")
    tries = (
        (annotate.submitting(world, permit, [sent]), briefly.submitting(world, permit, [sent], stamp)),
        (annotate.leasing(world, permit, 1), briefly.leasing(world, permit, 1, None, stamp)),
    )
    monkeypatch.setattr(Store, "write", lambda *_: pytest.fail("a change was missed"))
    usual: list[str] = []
    for nth, (_, brief) in enumerate(tries):
        fell: Any = world.store.write_soon(lambda _, nth=nth: usual.append(f"{nth}"), brief).result(20)
        assert fell is None
    assert usual == ["0", "1"], "the brief act did it under another stamp"


def test_a_credential_that_was_used_is_refused_from_the_moment_it_is_revoked(project: Project) -> None:
    (secret,) = project.add_recorded(["a"], frozenset({Act.VIEW, Act.ANNOTATE})).values()
    (other,) = project.add_recorded(["c"], frozenset({Act.VIEW, Act.ANNOTATE})).values()
    world, at = project.world, f"/api/projects/{project.facts.id}"
    with TestClient(make_app(world)) as http:

        def call(path: str, body: object, token: str = secret) -> tuple[int, Any]:
            reply = http.post(f"{at}/{path}", json=body, headers={"Authorization": f"Bearer {token}"})
            return reply.status_code, reply.json()

        def sent(offer: dict[str, Any]) -> dict[str, Any]:
            return {"id": new_id(), "assignment": offer["id"], "token": offer["token"],
                    "answers": {"mood": {"kind": "choice", "label": "pos"}}, "seconds": 1.0,
                    "schema_version": 1, "guideline_version": 1}  # fmt: skip

        for _ in range(2):
            status, leased = call("assignments", {"count": 1})
            assert (status, len(leased["assignments"])) == (200, 1)
            assert call("annotations", {"annotations": [sent(leased["assignments"][0])]})[0] == 200
        _, leased = call("assignments", {"count": 1})
        revoke(world.store, secret, world)
        good = sent(leased["assignments"][0])
        for path, body in (
            ("assignments", {"count": 1}),
            ("assignments", {"items": ["0" * 32]}),
            ("annotations", {"annotations": [good]}),
            ("annotations", {"annotations": [good | {"answers": {"mood": {"kind": "none such"}}}]}),
        ):
            assert call(path, body)[0] == 401, path
        assert project.votes().n_votes == 2
        assert call("assignments", {"count": 1}, other)[0] == 200


def revoke(store: Store, secret: str, world: Any) -> None:
    mine = people.by_token(world, secret).annotator
    (token,) = store.read(lambda tx: people_rows.tokens(tx, mine))
    store.write(lambda tx: people_rows.revoke_token(tx, token.id, world.clock.now()))


def test_a_connection_lost_before_the_statement_that_writes_is_noticed_by_nobody(project: Project, url: str) -> None:
    permit = permit_of(project, "a")
    with psycopg.connect(url, autocommit=True) as other:
        for _ in range(2):
            (offer,) = lease(project, permit).offers
            other.execute(CUT)
            assert submit(project, permit, answer(people.fresh_id(project.world), offer)).status == "saved"
            other.execute(CUT)


def test_a_connection_lost_at_the_statement_that_writes_is_told_and_sending_again_settles_it(
    project: Project, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    permit = permit_of(project, "a")
    (offer,) = lease(project, permit).offers
    sent = answer(people.fresh_id(project.world), offer)
    commit_by, first = Tx.commit_by, [True]

    with psycopg.connect(url, autocommit=True) as other:

        def cut_before(tx: Tx, *asked: Any) -> Any:
            if first.pop():
                other.execute(CUT)
            return commit_by(tx, *asked)

        monkeypatch.setattr(Tx, "commit_by", cut_before)
        with pytest.raises(StoreFailed, match="not known: send it again"):
            submit(project, permit, sent)
    monkeypatch.undo()
    assert submit(project, permit, sent).status in {"saved", "repeated"}
    assert project.votes().n_votes == 1
