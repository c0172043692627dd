"""Checks under real concurrency: many annotators at once, in threads, against one store.

In: a URL. Out: nothing. Never: a sleep that a result depends on.
"""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from goldseam.edge.store import Tx, adding, projects, queue
from goldseam.testing.store_suite.world import ANN, LEASE, World, at, texts, world
from goldseam.vocab.errors import LeaseLost
from goldseam.vocab.people import AnnotatorId

N_ANNOTATORS, N_ITEMS, WANTED = 32, 40, 3


def thirty_two_annotators_at_once(url: str) -> None:
    """Check: never more than wanted, never one item twice to one annotator, and none left behind."""
    crowd = [AnnotatorId(f"a{number:02}") for number in range(N_ANNOTATORS)]
    with world(url, n_items=N_ITEMS, wanted=WANTED, who=crowd) as w, ThreadPoolExecutor(N_ANNOTATORS) as pool:
        start = threading.Barrier(N_ANNOTATORS)

        def work(number: int) -> list[tuple[int, AnnotatorId]]:
            start.wait()
            return _work(w, crowd[number], np.random.default_rng(number))

        given = [each for answers in pool.map(work, range(N_ANNOTATORS)) for each in answers]
        w.expire()
        for who in crowd:
            given += _work(w, who, None)
        summary = w.summary()
    assert len(set(given)) == len(given), "an item was answered twice by one annotator"
    per_item = Counter(position for position, _ in given)
    assert per_item == dict.fromkeys(range(N_ITEMS), WANTED), per_item
    assert (summary.done, summary.live, summary.n_open) == (N_ITEMS * WANTED, 0, 0)


def _work(w: World, who: AnnotatorId, rng: np.random.Generator | None) -> list[tuple[int, AnnotatorId]]:
    """Lease and answer until there is nothing; with `rng`, sometimes skip, and sometimes let a lease run out."""
    given: list[tuple[int, AnnotatorId]] = []
    n_skipped = 0
    while leased := w.lease(who, 2):
        for each in leased:
            fate = 1.0 if rng is None else rng.random()
            if fate < 0.1:
                continue
            if fate < 0.15 and n_skipped < 2:
                n_skipped += 1
                w.skip(who, each)
            elif w.answer(who, each, each.position % 3) is queue.Finish.SAVED:
                given.append((each.position, who))
    return given


def one_annotator_with_many_tabs(url: str) -> None:
    """Check: the same person in eight tabs gets every item once, whatever the tabs do at the same time."""
    with world(url, n_items=60, wanted=2) as w, ThreadPoolExecutor(8) as pool:
        start = threading.Barrier(8)

        def tab(_: int) -> list[int]:
            start.wait()
            found: list[int] = []
            misses = 0
            while misses < 3:
                leased = w.lease(ANN, 3)
                misses = 0 if leased else misses + 1
                found += [each.position for each in leased]
            return found

        found = sorted(position for tab_found in pool.map(tab, range(8)) for position in tab_found)
        assert found == list(range(60))
        assert w.summary().live == 60


def an_answer_sent_by_two_tabs_counts_once(url: str) -> None:
    """Check: two submissions of one lease at the same time: one is saved, the other is told that it was answered."""
    with world(url, n_items=10, wanted=1) as w, ThreadPoolExecutor(2) as pool:
        for leased in w.lease(ANN, 10):
            start = threading.Barrier(2)

            def submit(tab: int, leased: queue.Leased = leased, start: threading.Barrier = start) -> bool:
                start.wait()
                try:
                    w.answer(ANN, leased, name=f"{leased.position}-{tab}")
                except LeaseLost:
                    return False
                return True

            assert sorted(pool.map(submit, range(2))) == [False, True]
        assert w.summary().done == 10


def a_place_never_appears_after_a_larger_one(url: str) -> None:
    """Check: places in the queue become visible in their order: else a cursor could pass a row that is not there yet."""
    with world(url, n_items=2, wanted=0) as w, ThreadPoolExecutor(2) as pool:
        first_has_its_place, may_commit = threading.Event(), threading.Event()

        def slow(tx: Tx) -> None:
            queue.enqueue(tx, w.project, at(0), 1, 0)
            first_has_its_place.set()
            may_commit.wait(10)

        slowly = pool.submit(w.write, slow)
        first_has_its_place.wait(10)
        quickly = pool.submit(w.enqueue, [1], 1)
        try:
            assert not quickly.done()
            assert w.store.dialect == "sqlite" or w.leased_positions(ANN) == []
        finally:
            may_commit.set()
        slowly.result(10)
        quickly.result(10)
        assert w.leased_positions(ANN, 2) == [0, 1]


def leases_end_once_while_answers_come(url: str) -> None:
    """Check: sweepers and late answers at the same time: every place is given back or taken exactly once."""
    with world(url, n_items=24, wanted=1) as w, ThreadPoolExecutor(8) as pool:
        leased = w.lease(ANN, 24)
        now = w.clock.advance(LEASE)
        jobs = [pool.submit(w.write, lambda tx: queue.expire(tx, now, 7)) for _ in range(4)]
        answers = [pool.submit(w.answer, ANN, each) for each in leased]
        outcomes = {job.result(20) for job in answers}
        ended = sum(job.result(20) for job in jobs)
        assert outcomes == {queue.Finish.SAVED}
        assert ended <= 24
        summary = w.summary()
        assert (summary.done, summary.live, summary.n_open) == (24, 0, 0)


def a_batch_taken_in_twice_at_once_is_one(url: str) -> None:
    """Check: two intakes of the same file at the same time: every item once, positions without gaps."""
    with world(url, n_items=0, wanted=0) as w, ThreadPoolExecutor(4) as pool:
        batch = texts(50)
        added = list(pool.map(lambda _: w.write(lambda tx: adding.add(tx, w.project, batch)), range(4)))
        assert sum(int(each.new.sum()) for each in added) == 50
        assert all(each.position.tolist() == list(range(50)) for each in added)
        assert w.read(lambda tx: projects.get(tx, w.project)).n_items == 50


CHECKS = (
    thirty_two_annotators_at_once,
    one_annotator_with_many_tabs,
    an_answer_sent_by_two_tabs_counts_once,
    a_place_never_appears_after_a_larger_one,
    leases_end_once_while_answers_come,
    a_batch_taken_in_twice_at_once_is_one,
)
