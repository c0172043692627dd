"""What waits for a ruling is kept beside the settlements, follows from them on every database, and is read without counting them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from goldseam.edge.store import settlements
from goldseam.edge.store.tx import Tx
from goldseam.edge.store.waiting_tables import waiting
from goldseam.testing.store_suite.world import CAT, QUESTION, at, world
from goldseam.vocab.items import ProjectId

N = 6
OTHER = "another question"
acts = st.lists(
    st.one_of(
        st.tuples(
            st.just("settle"), st.lists(st.integers(0, N - 1), min_size=1, max_size=N, unique=True), st.integers(0, 63),
            st.sampled_from([QUESTION, OTHER]),
        ),
        st.tuples(st.just("rule"), st.integers(0, N - 1), st.just(0), st.sampled_from([QUESTION, OTHER])),
    ),
    max_size=8,
)  # fmt: skip


def settle(tx: Tx, project: ProjectId, question: str, positions: list[int], bits: int, now: object) -> None:
    position = at(*sorted(positions))
    doubtful = np.array([bool(bits >> n & 1) for n in position.tolist()])
    sure = np.array([(n * 7 + bits) % 5 / 5 for n in position.tolist()])
    posterior = np.full((len(position), 3), 1 / 3)
    n = len(position)
    settlements.save(
        tx, project, question, position, np.zeros(n, np.int64), sure, posterior, np.full(n, 2), doubtful,
        [""] * n, "majority", 1, now,  # type: ignore[arg-type]  # plain values do where the hint is narrower
    )  # fmt: skip


def kept(tx: Tx) -> list[tuple[object, ...]]:
    columns = (waiting.c.question, waiting.c.position, waiting.c.confidence)
    return [tuple(row) for row in tx.run(select(*columns).order_by(*columns))]


def test_what_waits_is_what_the_newest_settlements_say_and_a_rebuild_changes_nothing(store_url: str) -> None:
    with world(store_url, n_items=N, wanted=0) as w:
        made = iter(range(10_000))

        @settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(acts)
        def law(todo: list[tuple[str, object, int, str]]) -> None:
            now = w.clock.now()

            def play(tx: Tx) -> None:
                for what, where, bits, question in todo:
                    if what == "settle":
                        settle(tx, w.project, question, where, bits, now)  # type: ignore[arg-type]  # plain values do where the hint is narrower
                    else:
                        ruling = settlements.Ruling(where, question, 1, "", CAT)  # type: ignore[arg-type]  # plain values do where the hint is narrower
                        settlements.rule(tx, w.project, f"r{next(made)}", ruling, 2, 1, now)

            w.write(play)
            found = w.read(lambda tx: settlements.escalated(tx, w.project, QUESTION, N)).tolist()
            current = w.read(lambda tx: settlements.current(tx, w.project, QUESTION))
            stands = zip(
                current.confidence.tolist(), current.position.tolist(), current.escalated.tolist(), strict=True
            )
            assert found == [n for _, n, doubtful in sorted(stands) if doubtful]
            assert w.read(lambda tx: settlements.n_escalated(tx, w.project, QUESTION)) == len(found)
            before = w.read(kept)
            for question in (QUESTION, OTHER):
                w.write(lambda tx, q=question: settlements.rebuild_waiting(tx, w.project, q))  # type: ignore[misc]  # a default binds the value of this turn
            assert w.read(kept) == before

        law()


def test_rulings_and_settlements_at_the_same_time_leave_what_the_newest_row_says(store_url: str) -> None:
    if store_url == "sqlite://":
        pytest.skip("a database in memory has one connection")
    with world(store_url, n_items=N, wanted=0) as w:
        together = threading.Barrier(4)

        def turn(hand: int, number: int) -> None:
            now = w.clock.now()
            ruling = settlements.Ruling(number % N, QUESTION, 1, "", CAT)
            if hand % 2:
                w.write(lambda tx: settle(tx, w.project, QUESTION, list(range(N)), 63, now))
            else:
                w.write(lambda tx: settlements.rule(tx, w.project, f"{hand}-{number}", ruling, 2, 1, now))

        def work(hand: int) -> None:
            together.wait(10)
            for number in range(6):
                turn(hand, number)

        with ThreadPoolExecutor(4) as pool:
            for done in [pool.submit(work, hand) for hand in range(4)]:
                done.result(60)
        before = w.read(kept)
        w.write(lambda tx: settlements.rebuild_waiting(tx, w.project, QUESTION))
        assert w.read(kept) == before


def test_the_least_certain_are_found_in_the_order_of_an_index(store_url: str) -> None:
    with world(store_url, n_items=N, wanted=0) as w:
        query = (
            f"SELECT position FROM waiting WHERE project = '{w.project}' AND question = 'q' "
            "ORDER BY confidence, position LIMIT 20"
        )
        explain = "EXPLAIN QUERY PLAN " if w.store.dialect == "sqlite" else "EXPLAIN "

        def plan(tx: Tx) -> str:
            if tx.dialect == "postgresql":
                tx.connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            return str(tx.connection.exec_driver_sql(explain + query).all())

        found = w.read(plan)
        assert "ix_waiting_order" in found
        assert "TEMP B-TREE" not in found
        assert "Sort" not in found
