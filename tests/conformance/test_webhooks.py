"""Webhooks and jobs on every database: nothing lost, nothing given to two at once, whoever is killed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from goldseam.edge.store import Tx, jobs, log, webhooks
from goldseam.edge.store.webhooks import DeliveryState, Webhook, WebhookState
from goldseam.ledger import merkle
from goldseam.testing.store_suite.world import ANN, World, world

DAY = timedelta(days=1)


@pytest.fixture
def w(store_url: str) -> Iterator[World]:
    with world(store_url, wanted=0) as made:
        yield made


def hook(w: World, name: str = "h1", *events: str) -> Webhook:
    now = w.clock.now()
    made = Webhook(
        id=name, project=w.project, url="https://hooks.example/", events=events or ("round.ended",), state=WebhookState.ON,
        reason="", secret_number=1, old_until=None, position=0, n_failed=0, failing_since=None, rests_until=None,
        made_by=ANN, salt="00" * 16, at=now,
    )  # fmt: skip
    w.write(lambda tx: webhooks.add(tx, made))
    return made


def events(n: int) -> list[tuple[str, str, str]]:
    return [(f"p/{nth}", "round.ended", json.dumps({"id": nth})) for nth in range(n)]


def test_a_webhook_comes_back_as_it_was_kept(w: World) -> None:
    made = hook(w, "h1", "label.ruled", "round.ended")
    assert w.read(lambda tx: webhooks.listing(tx, w.project)) == (made,)
    w.write(lambda tx: webhooks.set_state(tx, "h1", WebhookState.OFF, "It fails."))
    found = w.write(lambda tx: webhooks.find(tx, w.project, "h1"))
    assert found == replace(made, state=WebhookState.OFF, reason="It fails.")
    w.write(lambda tx: webhooks.set_state(tx, "h1", WebhookState.ENDED, ""))
    assert w.read(lambda tx: webhooks.listing(tx, w.project)) == ()


def test_an_event_is_kept_once_for_each_webhook(w: World) -> None:
    one, other = hook(w, "h1"), hook(w, "h2")
    for _ in range(2):
        for each in (one, other):
            w.write(lambda tx, each=each: webhooks.add_deliveries(tx, each, events(3), w.clock.now()))
    for each in (one, other):
        kept = w.read(lambda tx, each=each: webhooks.deliveries_of(tx, each.id, None, None, 10))
        assert [found.event for found in kept] == ["p/2", "p/1", "p/0"]
    assert w.read(webhooks.n_waiting) == 6


def test_two_workers_never_take_the_same_delivery(w: World) -> None:
    made = hook(w)
    w.write(lambda tx: webhooks.add_deliveries(tx, made, events(60), w.clock.now()))
    now = w.clock.now()

    def take() -> list[int]:
        mine: list[int] = []
        while taken := w.write(lambda tx: webhooks.take(tx, "h1", 4, now, now + DAY)):
            mine += [one.seq for one in taken]
        return mine

    with ThreadPoolExecutor(4) as pool:
        parts = [one.result() for one in [pool.submit(take) for _ in range(4)]]
    got = [seq for part in parts for seq in part]
    assert len(got) == len(set(got)) == 60


def test_what_a_killed_worker_had_taken_is_due_again_and_its_late_word_counts_no_more(w: World) -> None:
    made = hook(w)
    now = w.clock.now()
    w.write(lambda tx: webhooks.add_deliveries(tx, made, events(1), now))
    (first,) = w.write(lambda tx: webhooks.take(tx, "h1", 9, now, now + timedelta(minutes=2)))
    assert w.write(lambda tx: webhooks.take(tx, "h1", 9, now + timedelta(minutes=1), now + DAY)) == ()
    later = now + timedelta(minutes=2)
    (second,) = w.write(lambda tx: webhooks.take(tx, "h1", 9, later, later + timedelta(minutes=2)))
    assert (second.event, second.n_tries, second.began) == (first.event, 2, first.began)
    assert not w.write(lambda tx: webhooks.end(tx, first, DeliveryState.DEAD, None, "late", later))
    assert w.write(lambda tx: webhooks.end(tx, second, DeliveryState.DELIVERED, 200, "", later))
    assert not w.write(lambda tx: webhooks.try_again(tx, second, None, "twice", later))
    (ended,) = w.read(lambda tx: webhooks.deliveries_of(tx, "h1", DeliveryState.DELIVERED, None, 9))
    assert (ended.status, ended.ended_at) == (200, later)


def test_entries_are_read_by_place_and_kind_and_only_once_they_have_a_place(w: World) -> None:
    made = hook(w, "h1", "b")

    def append(tx: Tx, kind: str) -> None:
        body = json.dumps({"kind": kind}).encode()
        log.append(tx, w.project, kind, body, merkle.leaf_hash(body))

    before = w.read(lambda tx: webhooks.size(tx, w.project))
    for kind in "abab":
        w.write(lambda tx, kind=kind: append(tx, kind))
    assert w.project not in w.read(webhooks.behind) or before > 0
    w.write(lambda tx: log.seal(tx, w.project, lambda _size, _root: "note", w.clock.now()))
    end = w.read(lambda tx: webhooks.size(tx, w.project))
    assert w.read(webhooks.behind) == (w.project,)
    found = w.read(lambda tx: webhooks.entries(tx, w.project, 0, end, {"b"}))
    assert [one.kind for one in found] == ["b", "b"]
    w.write(lambda tx: webhooks.set_position(tx, made.id, end))
    assert w.read(webhooks.behind) == ()


def test_a_job_is_taken_by_one_and_after_its_death_by_another(w: World) -> None:
    now = w.clock.now()
    w.write(lambda tx: jobs.plan(tx, "round/p", "* * * * *", now))
    with ThreadPoolExecutor(8) as pool:
        tries = [
            pool.submit(
                w.write, lambda tx, who=who: jobs.take(tx, "round/p", f"w{who}", now, now + timedelta(minutes=1))
            )
            for who in range(8)
        ]
        assert sum(one.result() for one in tries) == 1
    (held,) = w.read(jobs.listing)
    first = str(held.held_by)
    assert not w.read(lambda tx: jobs.is_due(tx, "round/p", now + timedelta(seconds=59)))
    assert w.read(lambda tx: jobs.oldest_due(tx, now)) is None
    assert w.write(lambda tx: jobs.hold(tx, "round/p", first, now + timedelta(minutes=2)))
    later = now + timedelta(minutes=2)
    assert not w.write(lambda tx: jobs.take(tx, "round/p", "other", later - timedelta(seconds=1), later + DAY))
    assert w.write(lambda tx: jobs.take(tx, "round/p", "other", later, later + DAY))
    assert not w.write(lambda tx: jobs.hold(tx, "round/p", first, later + DAY))
    went = {"at": later, "seconds": 1.5, "outcome": "done", "error": ""}
    assert not w.write(lambda tx: jobs.finish(tx, "round/p", first, later + DAY, **went))
    assert w.write(lambda tx: jobs.finish(tx, "round/p", "other", later + DAY, **went))
    (done,) = w.read(jobs.listing)
    assert (done.held_by, done.n_done, done.n_failed, done.outcome, done.due) == (None, 1, 0, "done", later + DAY)


def test_failures_in_a_row_are_counted_and_a_success_ends_the_row(w: World) -> None:
    now = w.clock.now()
    w.write(lambda tx: jobs.plan(tx, "backup/p", "* * * * *", now))
    counts = []
    for error in ("full", "full", ""):
        assert w.write(lambda tx: jobs.take(tx, "backup/p", "w", now, now + DAY))
        w.write(
            lambda tx, error=error: jobs.finish(tx, "backup/p", "w", now, at=now, seconds=0.1, outcome="", error=error)
        )
        counts.append(w.read(jobs.listing)[0].n_failed)
    assert counts == [1, 2, 0]


def test_planning_again_changes_nothing_but_new_times(w: World) -> None:
    now = w.clock.now()
    w.write(lambda tx: jobs.plan(tx, "round/p", "0 3 * * *", now))
    w.write(lambda tx: jobs.plan(tx, "round/p", "0 3 * * *", now + DAY))
    assert w.read(jobs.listing)[0].due == now
    w.write(lambda tx: jobs.plan(tx, "round/p", "0 4 * * *", now + DAY))
    assert w.read(jobs.listing)[0].due == now + DAY
    w.write(lambda tx: jobs.plan(tx, "round/q", "0 4 * * *", now))
    w.write(lambda tx: jobs.drop(tx, "/p", ["clean/p"]))
    assert [one.name for one in w.read(jobs.listing)] == ["round/q"]


def test_cleaning_removes_what_ended_long_ago_and_nothing_else(w: World) -> None:
    made, now = hook(w), w.clock.now()
    w.write(lambda tx: webhooks.add_deliveries(tx, made, events(3), now))
    (old, new, _) = w.write(lambda tx: webhooks.take(tx, "h1", 9, now, now))
    w.write(lambda tx: webhooks.end(tx, old, DeliveryState.DELIVERED, 200, "", now - timedelta(days=31)))
    w.write(lambda tx: webhooks.end(tx, new, DeliveryState.DEAD, None, "gone", now))
    assert w.write(lambda tx: jobs.clean(tx, now)) == 1
    assert [one.event for one in w.read(lambda tx: webhooks.deliveries_of(tx, "h1", None, None, 9))] == ["p/2", "p/1"]
