"""Talk on every database: once is once, what was said stays, and a thread's state follows from its comments."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, func, select, update

from goldseam.edge.store import Tx, disputes, talk
from goldseam.edge.store import talk_tables as k
from goldseam.edge.store.disputes import Escalated
from goldseam.edge.store.talk import Sealed
from goldseam.testing.store_suite.world import ANN, BOB, QUESTION, World, at, world
from goldseam.vocab.errors import Conflict, StoreFailed
from goldseam.vocab.talk import MOVES, Comment, CommentId, Dispute, Say, ThreadId, ThreadState

SAID = Sealed("hash", "00" * 16)


@pytest.fixture
def w(store_url: str) -> Iterator[World]:
    with world(store_url, wanted=0) as made:
        yield made


def say(tx: Tx, w: World, name: str, position: int, doing: Say = Say.COMMENT, digest: str = "hash") -> ThreadId:
    thread = talk.own_thread(tx, w.project, position, ANN, CommentId(name))
    sealed = Sealed(digest, SAID.salt)
    if not talk.was_kept(tx, k.comments, name, w.project, digest):
        comment = Comment(CommentId(name), thread.id, ANN, doing, "Why?", w.clock.now())
        talk.add_comment(tx, w.project, comment, sealed, MOVES[thread.state][doing])
    return thread.id


def n_rows(w: World, table: object) -> int:
    return w.read(lambda tx: int(tx.run(select(func.count()).select_from(table)).scalar_one()))  # type: ignore[arg-type]  # plain values do where the hint is narrower


def a_dispute(w: World, name: str) -> Dispute:
    item = w.items[0].id
    return Dispute(name, item, ANN, "yes", "It says so.", w.clock.now())  # type: ignore[arg-type]  # plain values do where the hint is narrower


def test_the_same_comment_sent_at_once_by_many_is_kept_once(w: World) -> None:
    with ThreadPoolExecutor(8) as pool:
        sent = [pool.submit(w.write, lambda tx: say(tx, w, "c1", 0)) for _ in range(8)]
        assert {one.result() for one in sent} == {"c1"}
    assert (n_rows(w, k.threads), n_rows(w, k.comments)) == (1, 1)


def test_an_id_is_used_for_one_thing(w: World) -> None:
    w.write(lambda tx: say(tx, w, "c1", 0))
    with pytest.raises(Conflict):
        w.write(lambda tx: say(tx, w, "c1", 0, digest="other"))
    assert n_rows(w, k.comments) == 1


def test_a_thread_stands_as_its_comments_say(w: World) -> None:
    for number, doing in enumerate((Say.COMMENT, Say.REPLY, Say.CLOSE, Say.COMMENT, Say.REPLY)):
        w.write(lambda tx, number=number, doing=doing: say(tx, w, f"c{number}", 1, doing))
        assert w.read(lambda tx: talk.stale_threads(tx, w.project)) == ()
    w.write(lambda tx: say(tx, w, "d0", 2))
    (newest, before) = w.read(lambda tx: talk.threads(tx, w.project))
    assert (newest.position, before.position, before.state) == (2, 1, ThreadState.ANSWERED)
    assert w.read(lambda tx: talk.threads(tx, w.project, before=newest.moved)) == (before,)
    assert w.read(lambda tx: talk.threads(tx, w.project, not_about=[1, 2], mine=BOB)) == ()
    assert len(w.read(lambda tx: talk.threads(tx, w.project, not_about=[1, 2], mine=ANN))) == 2
    w.write(lambda tx: tx.run(update(k.threads).where(k.threads.c.position == 1).values(state="closed")))
    assert w.read(lambda tx: talk.stale_threads(tx, w.project)) == (before.id,)


def test_what_was_said_or_handed_up_is_never_changed(w: World) -> None:
    w.write(lambda tx: say(tx, w, "c1", 0))
    hand_up(w, "e1", 0, 1)
    for name in k.NEVER_CHANGED:
        table = k.METADATA.tables[name]
        for change in (update(table).values(at=0), delete(table)):
            with pytest.raises(StoreFailed, match="append-only"):
                w.write(lambda tx, change=change: tx.run(change))
        assert n_rows(w, table) == 1


def hand_up(w: World, name: str, position: int, tier: int) -> bool:
    one = Escalated(name, position, QUESTION, tier, BOB, "hard", w.clock.now())
    return w.write(lambda tx: disputes.escalate(tx, w.project, one, SAID))


def test_an_item_stays_at_the_highest_tier_it_was_handed_to(w: World) -> None:
    assert [hand_up(w, "e1", 3, 2), hand_up(w, "e2", 3, 1), hand_up(w, "e1", 3, 2)] == [True, True, False]
    assert w.read(lambda tx: disputes.levels(tx, w.project, QUESTION, at(2, 3))) == {3: 2}
    assert [one.tier for one in w.read(lambda tx: disputes.escalated(tx, w.project, QUESTION, 3))] == [2, 1]


def test_one_open_dispute_an_item_and_person(w: World) -> None:
    def add(name: str) -> bool:
        return w.write(lambda tx: disputes.add(tx, w.project, 0, a_dispute(w, name), None, SAID))

    assert [add("d1"), add("d1")] == [True, False]
    with pytest.raises(Conflict, match="dispute this item already"):
        add("d2")
    (placed,) = w.read(lambda tx: disputes.listing(tx, w.project, by=ANN))
    assert (placed.dispute.id, placed.position, placed.dispute.item) == ("d1", 0, w.items[0].id)


def test_of_two_disputes_that_come_at_once_one_is_kept(w: World) -> None:
    with ThreadPoolExecutor(4) as pool:
        sent = [
            pool.submit(w.write, lambda tx, name=name: disputes.add(tx, w.project, 0, a_dispute(w, name), None, SAID))
            for name in ("d1", "d2", "d3", "d4")
        ]
        outcomes = [one.exception() for one in sent]
    assert sum(outcome is None for outcome in outcomes) == 1
    assert {type(outcome) for outcome in outcomes if outcome} == {Conflict}
    assert n_rows(w, k.disputes) == 1


def test_an_item_of_a_call_is_found_by_an_index(w: World) -> None:
    if w.store.dialect != "sqlite":
        pytest.skip("asked of SQLite, whose plans do not change with the size of a table")
    wanted = {
        "SELECT * FROM threads WHERE project = 'p' AND state = 'open' ORDER BY moved DESC LIMIT 20": "state_moved",
        "SELECT * FROM threads WHERE project = 'p' ORDER BY moved DESC LIMIT 20": "ix_threads_project_moved",
        "SELECT * FROM threads WHERE project = 'p' AND annotator = 'a' ORDER BY moved DESC LIMIT 20": "annotator_moved",
        "SELECT * FROM disputes WHERE project = 'p' AND state = 'open' ORDER BY seq DESC LIMIT 20": "state_seq",
        "SELECT * FROM proposals WHERE project = 'p' AND state = 'open' ORDER BY seq DESC LIMIT 20": "state_seq",
        "SELECT * FROM proposals WHERE project = 'p' ORDER BY seq DESC LIMIT 20": "ix_proposals_project_seq",
        "SELECT max(tier) FROM escalations WHERE project = 'p' AND position = 1": "ix_escalations_item",
    }
    for statement, index in wanted.items():
        plan = w.read(
            lambda tx, statement=statement: [
                row[3] for row in tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")
            ]
        )
        assert any(index in line for line in plan), (statement, plan)
        assert not any("TEMP B-TREE" in line for line in plan), (statement, plan)
