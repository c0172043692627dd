"""The queue against a small model of it: after every step, whatever the steps were, both say the same.

The model knows nothing of cursors, places or tokens' hashes: it holds, for every item, who answered, who holds it and who
may never see it again. What it cannot foresee (which of several open items comes first) it checks instead of predicting.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, text

from goldseam.edge.store import Tx, leasing, open_store, queue
from goldseam.edge.store import annotations as given
from goldseam.edge.store import tables as t
from goldseam.edge.store.declare import METADATA
from goldseam.testing.store_suite.world import ANN, BOB, CAT, DAN, LEASE, World
from goldseam.vocab.annotations import AnnotationId
from goldseam.vocab.errors import LeaseLost
from goldseam.vocab.people import AnnotatorId
from tests.postgres import Server, postgres

__all__ = ["postgres"]

N_ITEMS = 6
PEOPLE = (ANN, BOB, CAT, DAN)
who_of = st.sampled_from(PEOPLE)
item_of = st.integers(0, N_ITEMS - 1)


@dataclass
class Held:
    """The model of one assignment: its state, whether it takes a place, its newest token and its end."""

    state: str
    counted: bool
    token: str
    ends: datetime


@dataclass
class Row:
    """The model of one item in the queue."""

    wanted: int
    cls: int
    held: dict[AnnotatorId, Held] = field(default_factory=dict)

    def n(self, state: str) -> int:
        return sum(each.state == state and each.counted for each in self.held.values())

    @property
    def places(self) -> int:
        return self.wanted - self.n("submitted") - self.n("leased")

    def open_for(self, who: AnnotatorId) -> bool:
        mine = self.held.get(who)
        return self.places > 0 and (mine is None or mine.state == "expired")


class QueueMachine(RuleBasedStateMachine):
    """Leases, answers, skips, undoes, sweeps, wishes raised and closed, clocks that jump, tokens of the past."""

    leases = Bundle("leases")
    url = "sqlite://"

    def __init__(self) -> None:
        super().__init__()
        self.world = World(open_store(self.url), N_ITEMS, 0, PEOPLE)
        self.rows: dict[int, Row] = {}
        self.names = 0

    def teardown(self) -> None:
        self.world.store.close()

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    # --- wishes -------------------------------------------------------------------------------------------------

    @rule(item=item_of, wanted=st.integers(1, 3), cls=st.integers(0, 1))
    def enqueue(self, item: int, wanted: int, cls: int) -> None:
        self.world.enqueue([item], wanted, cls)
        row = self.rows.setdefault(item, Row(wanted, cls))
        row.wanted, row.cls = max(row.wanted, wanted), cls

    @rule(item=item_of)
    def close(self, item: int) -> None:
        self.world.write(lambda tx: queue.close(tx, self.world.project, np.array([item])))
        if item in self.rows:
            self.rows[item].wanted -= self.rows[item].places

    # --- work ---------------------------------------------------------------------------------------------------

    @rule(target=leases, who=who_of, count=st.integers(1, 4), classes=st.sampled_from([(0,), (1,), (1, 0)]))
    def lease(self, who: AnnotatorId, count: int, classes: tuple[int, ...]) -> object:
        could = {item for item, row in self.rows.items() if row.cls in classes and row.open_for(who)}
        leased = self.world.lease(who, count, classes)
        got = [each.position for each in leased]
        assert len(set(got)) == len(got)
        assert set(got) <= could
        assert len(got) == min(count, len(could)), f"{who} got {got} of {could}: some were left behind a cursor"
        order = [classes.index(self.rows[item].cls) for item in got]
        assert order == sorted(order), "a later class was served before an earlier one was empty"
        for each in leased:
            self.rows[each.position].held[who] = Held("leased", True, each.token, each.expires_at)
        return multiple(*((who, each) for each in leased))

    @rule(target=leases, who=who_of, item=item_of)
    def claim(self, who: AnnotatorId, item: int) -> object:
        row = self.rows.get(item)
        could = row is not None and row.open_for(who)
        leased, refused = self.world.write(
            lambda tx: queue.claim(tx, self.world.project, who, np.array([item]), self.now, LEASE)
        )
        assert (len(leased), len(refused)) == ((1, 0) if could else (0, 1))
        for each in leased:
            self.rows[item].held[who] = Held("leased", True, each.token, each.expires_at)
        return multiple(*((who, each) for each in leased))

    @rule(lease=leases)
    def answer(self, lease: tuple[AnnotatorId, queue.Leased]) -> None:
        who, leased = lease
        row = self.rows[leased.position]
        mine = row.held[who]
        self.names += 1
        if mine.token != leased.token or mine.state not in {"leased", "expired"}:
            with pytest.raises(LeaseLost):
                self.world.answer(who, leased, name=f"n{self.names}")
            return
        counts = mine.counted or row.places > 0
        expected = queue.Finish.SAVED if counts else queue.Finish.SURPLUS
        assert self.world.answer(who, leased, name=f"n{self.names}") is expected
        mine.state, mine.counted = "submitted", counts

    @rule(lease=leases)
    def skip(self, lease: tuple[AnnotatorId, queue.Leased]) -> None:
        who, leased = lease
        mine = self.rows[leased.position].held[who]

        def act(tx: Tx) -> None:
            queue.skip(tx, self.world.project, who, leased.id, leased.token, "", self.now)

        if mine.token != leased.token or mine.state not in {"leased", "skipped"}:
            with pytest.raises(LeaseLost):
                self.world.write(act)
            return
        self.world.write(act)
        mine.state, mine.counted = "skipped", False

    @rule(target=leases, lease=leases)
    def undo(self, lease: tuple[AnnotatorId, queue.Leased]) -> object:
        who, leased = lease
        mine = self.rows[leased.position].held[who]
        self.names += 1

        def act(tx: Tx) -> queue.Leased:
            standing = [each for each in given.of_assignment(tx, leased.id) if not each.withdrawn]
            again = queue.reopen(tx, self.world.project, who, leased.id, self.now, LEASE)
            (one,) = standing
            given.withdraw(tx, self.world.project, [AnnotationId(one.annotation.id)], f"u{self.names}", self.now)
            return again

        if mine.state != "submitted":
            with pytest.raises(LeaseLost):
                self.world.write(act)
            return multiple()
        again = self.world.write(act)
        mine.state, mine.token, mine.ends = "leased", again.token, again.expires_at
        return (who, again)

    # --- time ---------------------------------------------------------------------------------------------------

    @rule(minutes=st.sampled_from([-30, 1, 5, 10]))
    def clock_jumps(self, minutes: int) -> None:
        self.world.clock.advance(timedelta(minutes=minutes))

    @rule()
    def sweep(self) -> None:
        over = [
            mine
            for row in self.rows.values()
            for mine in row.held.values()
            if mine.state == "leased" and mine.ends <= self.now
        ]
        assert self.world.write(lambda tx: queue.expire(tx, self.now)) == len(over)
        for mine in over:
            mine.state, mine.counted = "expired", False

    @rule(who=who_of)
    def sign_out(self, who: AnnotatorId) -> None:
        held = [row.held[who] for row in self.rows.values() if who in row.held and row.held[who].state == "leased"]
        assert self.world.write(lambda tx: queue.release_held(tx, self.world.project, who, self.now)) == len(held)
        for mine in held:
            mine.state, mine.counted = "expired", False

    @precondition(lambda self: len(self.rows) == N_ITEMS)
    @rule(who=who_of)
    def waiting_tells_the_truth(self, who: AnnotatorId) -> None:
        found = self.world.read(lambda tx: queue.waiting(tx, self.world.project, who))
        unfinished = [row for row in self.rows.values() if row.n("submitted") < row.wanted]
        if found.reason is queue.WaitingReason.DONE:
            assert not unfinished
        if not unfinished:
            assert found.reason is queue.WaitingReason.DONE

    # --- always -------------------------------------------------------------------------------------------------

    @invariant()
    def stored_counts_are_the_models(self) -> None:
        summary = self.world.summary()
        rows = self.rows.values()
        assert summary.wanted == sum(row.wanted for row in rows)
        assert summary.done == sum(row.n("submitted") for row in rows)
        assert summary.live == sum(row.n("leased") for row in rows)
        assert summary.n_open == sum(row.places > 0 for row in rows)

    @invariant()
    def what_stands_is_what_was_answered(self) -> None:
        votes = self.world.read(lambda tx: given.votes(tx, self.world.project, "kind"))
        pairs = {
            (int(votes.items[item]), votes.annotators[who])
            for item, who in zip(votes.item, votes.annotator, strict=True)
        }
        assert len(pairs) == votes.n_votes
        assert pairs == {
            (item, who)
            for item, row in self.rows.items()
            for who, mine in row.held.items()
            if mine.state == "submitted"
        }


def _follow(machine: type[QueueMachine], n_examples: int) -> None:
    quiet = list(HealthCheck)
    steps = settings(max_examples=n_examples, stateful_step_count=30, suppress_health_check=quiet, deadline=None)
    run_state_machine_as_test(machine, settings=steps)


@pytest.mark.slow
@pytest.mark.parametrize("slack", [1, leasing.SLACK])
def test_the_queue_follows_the_model(slack: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # Cursors that move at every lease, and cursors that move late, give the same items.
    monkeypatch.setattr(leasing, "SLACK", slack)
    _follow(QueueMachine, 20)


@pytest.mark.slow
@pytest.mark.postgres
def test_the_queue_follows_the_model_on_postgresql(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leasing, "SLACK", 1)
    url_of_all = postgres.fresh()

    class OnPostgres(QueueMachine):
        """One database for all examples, emptied between them: a new one for each would take most of the time."""

        url = url_of_all

        def __init__(self) -> None:
            emptied(url_of_all)
            super().__init__()

    _follow(OnPostgres, 8)


def emptied(url: str) -> None:
    """Leave no row in any table of a database."""
    with open_store(url) as store:
        store.write(_empty)


def _empty(tx: Tx) -> None:
    for table in reversed(METADATA.sorted_tables):
        if table.name in t.APPEND_ONLY:
            tx.run(text(f"ALTER TABLE {table.name} DISABLE TRIGGER USER"))
        tx.run(delete(table))
        if table.name in t.APPEND_ONLY:
            tx.run(text(f"ALTER TABLE {table.name} ENABLE TRIGGER USER"))
