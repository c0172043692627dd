"""Lines under real concurrency, on every database: skills, priorities, batches given by hand, two purposes at once."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import text

from goldseam.edge.runner import batches, skills
from goldseam.edge.store import Tx, leasing, lines, queue
from goldseam.edge.store import batches as batch_rows
from goldseam.edge.store import skills as skill_rows
from goldseam.route.lines import Line, serving
from goldseam.testing.store_suite.world import ANN, BOB, CAT, DAN, LEASE, World, at, world
from goldseam.vocab.annotations import Purpose
from goldseam.vocab.people import AnnotatorId

N_PEOPLE, N_ITEMS, WANTED = 16, 60, 2
SKILLED = Line(2, 1, ("x",))


def lease(w: World, who: AnnotatorId, count: int) -> tuple[queue.Leased, ...]:
    """Lease as the runner does: overdue batches go back, lines are served in order."""
    now = w.clock.now()

    def act(tx: Tx) -> tuple[queue.Leased, ...]:
        batch_rows.sweep(tx, now, 5)
        found = lines.served(tx, w.project, who, now)
        mine = [line.batch for line in found.values() if line.batch]
        numbers = serving(found, (2, 0), skill_rows.levels(tx, w.project, who), mine)
        return queue.lease(tx, w.project, who, numbers, count, now, LEASE)

    return w.write(act)


def positions(leased: tuple[queue.Leased, ...]) -> list[int]:
    return [each.position for each in leased]


@pytest.mark.slow
def test_lines_keep_the_laws_while_everything_changes(store_url: str) -> None:
    crowd = [AnnotatorId(f"a{number:02}") for number in range(N_PEOPLE)]
    skilled = set(crowd[::2])
    with world(store_url, n_items=N_ITEMS, wanted=0, who=crowd) as w, ThreadPoolExecutor(N_PEOPLE + 1) as pool:
        now = w.clock.now()

        def prepare(tx: Tx) -> str:
            number = lines.number_of(tx, w.project, SKILLED)
            queue.enqueue(tx, w.project, at(*range(20)), WANTED, number)
            queue.enqueue(tx, w.project, at(*range(20, N_ITEMS)), WANTED, 0)
            queue.enqueue(tx, w.project, at(*range(0, N_ITEMS, 3)), 1, 2, Purpose.AUDIT)
            for who in skilled:
                skills.grant_in(tx, w.project, who, "x", "test", now)
            due = now + timedelta(minutes=5)
            return batches.assign_in(tx, w.project, at(*range(40, 60)), crowd[:2], Purpose.LABEL, due, now).batch

        batch = w.write(prepare)
        start = threading.Barrier(N_PEOPLE + 1)
        given: list[tuple[int, Purpose, AnnotatorId]] = []

        def work(who: AnnotatorId, rng: np.random.Generator | None) -> None:
            while leased := lease(w, who, 3):
                for each in leased:
                    fate = 1.0 if rng is None else rng.random()
                    if fate < 0.15:
                        continue
                    if w.answer(who, each, each.position % 3) is queue.Finish.SAVED:
                        given.append((each.position, each.purpose, who))

        def manage(_: int) -> None:
            start.wait()
            for priority in (3, -2, 1, 0):
                for first in (0, 25, 45):
                    some = at(*range(first, first + 15))
                    w.write(
                        lambda tx, some=some, priority=priority: lines.change(
                            tx, w.project, some, lambda line: replace(line, priority=priority)
                        )
                    )

        def begin(number: int) -> None:
            start.wait()
            work(crowd[number], np.random.default_rng(number))

        jobs = [pool.submit(begin, number) for number in range(N_PEOPLE)] + [pool.submit(manage, 0)]
        for job in jobs:
            job.result(60)
        assert not {who for at_, why, who in given if at_ >= 40 and why is Purpose.LABEL} - set(crowd[:2])
        w.expire()
        for who in crowd:
            work(who, None)
        summary = w.summary()
        assert w.read(lambda tx: batch_rows.find(tx, w.project, batch)).ended_at is not None  # type: ignore[union-attr]  # it was made above
    assert len({(item, who) for item, _, who in given}) == len(given), "somebody was asked twice about an item"
    per_row = Counter((item, why) for item, why, _ in given)
    assert per_row == {
        **{(item, Purpose.LABEL): WANTED for item in range(N_ITEMS)},
        **{(item, Purpose.AUDIT): 1 for item in range(0, N_ITEMS, 3)},
    }
    assert {who for item, why, who in given if item < 20 and why is Purpose.LABEL} <= skilled
    assert (summary.live, summary.n_open) == (0, 0)


def test_an_item_freed_for_one_purpose_is_found_again_for_the_other(store_url: str) -> None:
    """Whoever held an item passed its other row; once the lease has run out that row must be before them again."""
    with world(store_url, n_items=80, wanted=0) as w:
        w.enqueue([0], 1)
        w.write(lambda tx: queue.enqueue(tx, w.project, at(*range(80)), 1, 0, Purpose.CALIBRATION))
        assert positions(lease(w, ANN, 1)) == [0]
        w.write(lambda tx: queue.enqueue(tx, w.project, at(*range(1, 80)), 2, 0, Purpose.CALIBRATION))
        for each in lease(w, ANN, 79):
            w.answer(ANN, each)
        w.expire()
        w.write(lambda tx: queue.close(tx, w.project, at(0)))
        assert positions(lease(w, ANN, 5)) == [0]


def test_everybody_in_a_calibration_answers_every_item_and_nobody_else_does(store_url: str) -> None:
    with world(store_url, n_items=4, wanted=1) as w:
        now = w.clock.now()
        for each in w.lease(ANN, 1):
            w.answer(ANN, each)
        act = w.write(
            lambda tx: batches.assign_in(tx, w.project, at(0, 1), [ANN, BOB, CAT], Purpose.CALIBRATION, None, now)
        )
        assert positions(lease(w, DAN, 4)) == [1, 2, 3]
        assert positions(lease(w, ANN, 4)) == [1]
        assert positions(lease(w, BOB, 4)) == [0, 1]
        late = lease(w, CAT, 4)
        w.write(lambda tx: batches.release_in(tx, w.project, act.batch, now, by=ANN))
        assert [w.answer(CAT, each) for each in late] == [queue.Finish.SURPLUS] * 2
        w.expire()
        assert [each.purpose for each in lease(w, BOB, 4)] == [Purpose.LABEL] * 3
        w.summary()


def test_a_line_is_made_once_and_its_number_is_used_again(store_url: str) -> None:
    with world(store_url, n_items=4, wanted=1) as w, ThreadPoolExecutor(4) as pool:
        numbers = set(pool.map(lambda _: w.write(lambda tx: lines.number_of(tx, w.project, SKILLED)), range(8)))
        assert numbers == {4}
        for _ in range(3):
            now = w.clock.now()
            made = w.write(lambda tx, now=now: batches.assign_in(tx, w.project, at(0), [ANN], Purpose.LABEL, None, now))
            known = w.read(lambda tx: lines.served(tx, w.project, ANN, w.clock.now()))
            assert set(known) == {0, 1, 2, 3, 4, 5}
            w.write(lambda tx, made=made: batches.release_in(tx, w.project, made.batch, w.clock.now(), by=ANN))


def test_work_is_found_by_indexes(store_url: str) -> None:
    with world(store_url, n_items=4, wanted=1) as w:
        if w.store.dialect != "sqlite":
            pytest.skip("asked of SQLite, whose plans do not change with the size of a table")
        marks = {
            "project": "p", "annotator": "a", "cls": 0, "some": "[1]", "limit": 1, "now": 1, "purpose": "label",
            "positions": "[1]", "batch": "b", "first": "a",
        }  # fmt: skip
        for statement in (
            leasing._TAKE["sqlite"],
            leasing._WITH_WORK["sqlite"],
            leasing._ASKED_FOR["sqlite"],
            lines._SERVED,
            lines._NEXT["sqlite"],
            batch_rows._BACK,
            batch_rows._WAITS["sqlite"],
            batch_rows._FINISHED,
            batch_rows._OVERDUE,
        ):
            used = {name: value for name, value in marks.items() if f":{name}" in statement.text}
            query = f"EXPLAIN QUERY PLAN {statement.text}"
            plan = [row[3] for row in w.read(lambda tx, query=query, used=used: tx.run(text(query), used).all())]
            scans = [line for line in plan if line.startswith("SCAN") and "json_each" not in line and line[-1] != "v"]
            assert not scans, (statement.text, plan)
            assert not any(line.endswith("(project=?)") for line in plan), (statement.text, plan)
