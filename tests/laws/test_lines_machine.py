"""The queue's lines against a small model: purposes, skills, priorities, batches given by hand, leases made longer.

The model knows nothing of lines, places or cursors. It holds what each item is asked for and by whom, which skills people
have, and whose each batch is; from that it says who may be given what, and what has to come first.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule, run_state_machine_as_test

from goldseam.edge.runner import batches, skills
from goldseam.edge.store import Tx, leasing, lines, open_store, queue
from goldseam.edge.store import annotations as given
from goldseam.edge.store import batches as batch_rows
from goldseam.edge.store import skills as skill_rows
from goldseam.route.lines import Line, serving
from goldseam.testing.store_suite.world import ANN, BOB, CAT, DAN, LEASE, World, at
from goldseam.vocab.annotations import AnnotationId, Purpose
from goldseam.vocab.errors import LeaseLost
from goldseam.vocab.people import AnnotatorId
from tests.laws.test_queue_machine import emptied
from tests.postgres import Server, postgres

__all__ = ["postgres"]

N_ITEMS = 6
PEOPLE = (ANN, BOB, CAT, DAN)
TIERS = (2, 1, 0)
PERSONAL = Purpose.CALIBRATION
MOST_EXTENSIONS = 2
who_of = st.sampled_from(PEOPLE)
some_people = st.lists(who_of, min_size=1, max_size=3, unique=True)
some_items = st.lists(st.integers(0, N_ITEMS - 1), min_size=1, max_size=4, unique=True)
lines_of = st.builds(
    Line, tier=st.integers(0, 1), priority=st.sampled_from([0, 0, 2]), skills=st.sampled_from([(), (), ("x",)])
)


@dataclass
class Held:
    """The model of one assignment."""

    purpose: Purpose
    state: str
    counted: bool
    token: str
    ends: datetime
    extended: int = 0


@dataclass
class Given:
    """The model of a batch given by hand."""

    people: list[AnnotatorId]
    personal: bool
    due: datetime | None
    items: set[int] = field(default_factory=set)

    def is_live(self, now: datetime) -> bool:
        return self.personal or self.due is None or now < self.due


@dataclass
class Row:
    """The model of one item asked about for one purpose."""

    wanted: int
    line: Line
    batch: Given | None = None


class LinesMachine(RuleBasedStateMachine):
    """Everything that can happen to lines, in any order."""

    leases = Bundle("leases")
    given = Bundle("given")
    url = "sqlite://"

    def __init__(self) -> None:
        super().__init__()
        self.world = World(open_store(self.url), N_ITEMS, 0, PEOPLE)
        self.rows: dict[tuple[int, Purpose], Row] = {}
        self.held: dict[tuple[int, AnnotatorId], Held] = {}
        self.skills: set[AnnotatorId] = set()
        self.batches: dict[str, Given] = {}
        self.names = 0

    def teardown(self) -> None:
        self.world.store.close()

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    # --- the model's own words ------------------------------------------------------------------------------------------

    def n(self, item: int, purpose: Purpose, state: str) -> int:
        mine = [one for (at, _), one in self.held.items() if at == item]
        return sum(one.purpose is purpose and one.state == state and one.counted for one in mine)

    def places(self, item: int, purpose: Purpose) -> int:
        row = self.rows[item, purpose]
        return row.wanted - self.n(item, purpose, "submitted") - self.n(item, purpose, "leased")

    def may(self, item: int, who: AnnotatorId) -> bool:
        return (item, who) not in self.held or self.held[item, who].state == "expired"

    def rank(self, row: Row, who: AnnotatorId) -> tuple[bool, int, int] | None:
        """How early a row is served to somebody; None if not at all."""
        live = row.batch is not None and row.batch.is_live(self.now)
        if live and row.batch is not None and who not in row.batch.people:
            return None
        if row.line.skills and who not in self.skills:
            return None
        return (not live, -row.line.priority, TIERS.index(row.line.tier))

    def could(self, who: AnnotatorId) -> dict[int, dict[Purpose, tuple[bool, int, int]]]:
        found: dict[int, dict[Purpose, tuple[bool, int, int]]] = {}
        for (item, purpose), row in self.rows.items():
            rank = self.rank(row, who)
            if rank is not None and self.may(item, who) and self.places(item, purpose) > 0:
                found.setdefault(item, {})[purpose] = rank
        return found

    # --- what a manager does --------------------------------------------------------------------------------------------

    @rule(
        item=st.integers(0, N_ITEMS - 1),
        wanted=st.integers(1, 2),
        line=lines_of,
        purpose=st.sampled_from([Purpose.LABEL, Purpose.AUDIT]),
    )
    def enqueue(self, item: int, wanted: int, line: Line, purpose: Purpose) -> None:
        row = self.rows.get((item, purpose))
        if row is not None and row.batch is not None:
            return

        def act(tx: Tx) -> None:
            number = lines.number_of(tx, self.world.project, line)
            queue.enqueue(tx, self.world.project, at(item), wanted, number, purpose)

        self.world.write(act)
        self.rows[item, purpose] = Row(max(wanted, row.wanted if row else 0), line)

    @rule(items=some_items, priority=st.sampled_from([-1, 0, 2]))
    def put_ahead(self, items: list[int], priority: int) -> None:
        def ahead(line: Line) -> Line:
            return replace(line, priority=priority)

        n_moved = self.world.write(lambda tx: lines.change(tx, self.world.project, at(*items), ahead))
        moved = [
            row
            for (item, purpose), row in self.rows.items()
            if item in items and row.wanted > self.n(item, purpose, "submitted") and row.line.priority != priority
        ]
        assert n_moved == len(moved)
        for row in moved:
            row.line = ahead(row.line)

    @rule(who=who_of, has=st.booleans())
    def skill(self, who: AnnotatorId, has: bool) -> None:
        act = skills.grant_in if has else skills.revoke_in
        changed = self.world.write(lambda tx: act(tx, self.world.project, who, "x", "test", self.now))
        assert changed == (has != (who in self.skills))
        self.skills = self.skills | {who} if has else self.skills - {who}

    @rule(
        target=given,
        items=some_items,
        people=some_people,
        purpose=st.sampled_from([Purpose.LABEL, Purpose.AUDIT, PERSONAL]),
        minutes=st.sampled_from([None, 5, 30]),
    )
    def assign(self, items: list[int], people: list[AnnotatorId], purpose: Purpose, minutes: int | None) -> object:
        due = None if minutes is None else self.now + timedelta(minutes=minutes)
        expected = [item for item in items if self._may_give(item, purpose, people)]
        did = self.world.write(
            lambda tx: batches.assign_in(tx, self.world.project, at(*items), people, purpose, due, self.now)
        )
        assert did.positions.tolist() == expected
        if not expected:
            return multiple()
        made = Given(people, purpose is PERSONAL, due, set(expected))
        for item in expected:
            asked = self.n(item, purpose, "submitted") + self.n(item, purpose, "leased")
            n_may = sum(self.may(item, who) for who in people)
            more = {PERSONAL: n_may, Purpose.LABEL: 0}.get(purpose, 1)
            row = self.rows.setdefault((item, purpose), Row(0, Line(2)))
            row.wanted, row.batch = max(row.wanted, asked + more), made
        self.batches[did.batch] = made
        return did.batch

    def _may_give(self, item: int, purpose: Purpose, people: list[AnnotatorId]) -> bool:
        row = self.rows.get((item, purpose))
        if purpose is Purpose.LABEL and (row is None or self.places(item, purpose) < 1):
            return False
        if row is not None and row.batch is not None and row.batch.is_live(self.now):
            return False
        if row is not None and row.line.skills and not set(people) & self.skills:
            return False
        return any(self.may(item, who) for who in people)

    @rule(batch=given)
    def release(self, batch: str) -> None:
        self.world.write(lambda tx: batches.release_in(tx, self.world.project, batch, self.now, by=ANN))
        self._end(batch)

    def _end(self, batch: str) -> None:
        made = self.batches.pop(batch, None)
        if made is None:
            return
        for (item, purpose), row in self.rows.items():
            if row.batch is not made:
                continue
            row.batch = None
            if made.personal:
                for (at_item, _), one in self.held.items():
                    if at_item == item and one.purpose is purpose and one.state == "leased":
                        one.counted = False
                row.wanted = self.n(item, purpose, "submitted")

    @rule()
    def sweep_batches(self) -> None:
        done = self.world.write(lambda tx: batch_rows.sweep(tx, self.now))
        if done is None:
            assert not any(not made.is_live(self.now) for made in self.batches.values())
        else:
            assert not self.batches[done.id].is_live(self.now)
            self._end(done.id)

    # --- work -----------------------------------------------------------------------------------------------------------

    def _lease(self, who: AnnotatorId, count: int) -> tuple[queue.Leased, ...]:
        def act(tx: Tx) -> tuple[queue.Leased, ...]:
            found = lines.served(tx, self.world.project, who, self.now)
            held = skill_rows.levels(tx, self.world.project, who)
            mine = [line.batch for line in found.values() if line.batch]
            numbers = serving(found, TIERS, held, mine)
            return queue.lease(tx, self.world.project, who, numbers, count, self.now, LEASE)

        return self.world.write(act)

    @rule(target=leases, who=who_of, count=st.integers(1, 4))
    def lease(self, who: AnnotatorId, count: int) -> object:
        could = self.could(who)
        leased = self._lease(who, count)
        got = [each.position for each in leased]
        assert len(set(got)) == len(got)
        assert len(got) == min(count, len(could)), f"{who} got {got} of {could}: some were left behind a cursor"
        ranks = [could[each.position][each.purpose] for each in leased]
        assert ranks == sorted(ranks), "a later line was served before an earlier one was empty"
        left = [min(could[item].values()) for item in could if item not in got]
        assert not (ranks and left) or max(ranks) <= min(left), "something that comes first was passed over"
        for each in leased:
            self.held[each.position, who] = Held(each.purpose, "leased", True, each.token, each.expires_at)
        return multiple(*((who, each) for each in leased))

    @rule(lease=leases)
    def answer(self, lease: tuple[AnnotatorId, queue.Leased]) -> None:
        who, leased = lease
        mine = self.held[leased.position, who]
        self.names += 1
        if mine.token != leased.token or mine.state not in {"leased", "expired"}:
            with pytest.raises(LeaseLost):
                self.world.answer(who, leased, name=f"n{self.names}")
            return
        counts = mine.counted or self.places(leased.position, mine.purpose) > 0
        expected = queue.Finish.SAVED if counts else queue.Finish.SURPLUS
        assert self.world.answer(who, leased, name=f"n{self.names}") is expected
        mine.state, mine.counted = "submitted", counts

    @rule(lease=leases)
    def skip(self, lease: tuple[AnnotatorId, queue.Leased]) -> None:
        who, leased = lease
        mine = self.held[leased.position, who]
        if mine.token == leased.token and mine.state == "leased":
            self.world.skip(who, leased)
            mine.state, mine.counted = "skipped", False

    @rule(target=leases, lease=leases)
    def undo(self, lease: tuple[AnnotatorId, queue.Leased]) -> object:
        who, leased = lease
        mine = self.held[leased.position, who]
        self.names += 1

        def act(tx: Tx) -> queue.Leased:
            (one,) = [each for each in given.of_assignment(tx, leased.id) if not each.withdrawn]
            given.withdraw(tx, self.world.project, [AnnotationId(one.annotation.id)], f"u{self.names}", self.now)
            return queue.reopen(tx, self.world.project, who, leased.id, self.now, LEASE)

        if mine.state != "submitted":
            return multiple()
        again = self.world.write(act)
        mine.state, mine.token, mine.ends, mine.extended = "leased", again.token, again.expires_at, 0
        return (who, again)

    @rule(lease=leases)
    def extend(self, lease: tuple[AnnotatorId, queue.Leased]) -> None:
        who, leased = lease
        mine = self.held[leased.position, who]
        self.names += 1

        def act(tx: Tx) -> tuple[datetime, int]:
            project, until = self.world.project, self.now + LEASE
            return queue.extend(tx, project, who, leased.id, leased.token, f"e{self.names}", until, MOST_EXTENSIONS)

        if mine.token != leased.token or mine.state != "leased":
            with pytest.raises(LeaseLost):
                self.world.write(act)
            return
        if mine.extended < MOST_EXTENSIONS and self.now + LEASE > mine.ends:
            mine.ends, mine.extended = self.now + LEASE, mine.extended + 1
        for _ in range(2):
            assert self.world.write(act) == (mine.ends, MOST_EXTENSIONS - mine.extended)

    @rule(minutes=st.sampled_from([1, 5, 10]))
    def time_passes(self, minutes: int) -> None:
        self.world.clock.advance(timedelta(minutes=minutes))

    @rule()
    def sweep(self) -> None:
        over = [one for one in self.held.values() if one.state == "leased" and one.ends <= self.now]
        assert self.world.write(lambda tx: queue.expire(tx, self.now)) == len(over)
        for one in over:
            one.state, one.counted = "expired", False

    @rule(who=who_of)
    def sign_out(self, who: AnnotatorId) -> None:
        mine = [one for (_, by), one in self.held.items() if by == who and one.state == "leased"]
        assert self.world.write(lambda tx: queue.release_held(tx, self.world.project, who, self.now)) == len(mine)
        for one in mine:
            one.state, one.counted = "expired", False

    # --- always ---------------------------------------------------------------------------------------------------------

    @invariant()
    def stored_counts_are_the_models(self) -> None:
        summary = self.world.summary()
        assert summary.wanted == sum(row.wanted for row in self.rows.values())
        assert summary.done == sum(self.n(*key, "submitted") for key in self.rows)
        assert summary.live == sum(self.n(*key, "leased") for key in self.rows)
        assert summary.n_open == sum(self.places(*key) > 0 for key in self.rows)

    @invariant()
    def nobody_has_more_than_one_say_about_an_item(self) -> None:
        votes = self.world.read(lambda tx: given.votes(tx, self.world.project, "kind"))
        pairs = [
            (int(votes.items[item]), votes.annotators[who])
            for item, who in zip(votes.item, votes.annotator, strict=True)
        ]
        assert len(set(pairs)) == len(pairs)
        assert set(pairs) == {key for key, one in self.held.items() if one.state == "submitted"}


def _follow(machine: type[LinesMachine], n_examples: int) -> None:
    quiet = list(HealthCheck)
    steps = settings(max_examples=n_examples, stateful_step_count=40, suppress_health_check=quiet, deadline=None)
    run_state_machine_as_test(machine, settings=steps)


@pytest.mark.slow
def test_the_lines_follow_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    # A cursor that moves at every lease, and classes asked about beforehand: where mistakes show first.
    monkeypatch.setattr(leasing, "SLACK", 1)
    monkeypatch.setattr(leasing, "FEW", 0)
    _follow(LinesMachine, 15)


@pytest.mark.slow
@pytest.mark.postgres
def test_the_lines_follow_the_model_on_postgresql(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leasing, "SLACK", 1)
    url_of_all = postgres.fresh()

    class OnPostgres(LinesMachine):
        """One database for all examples, emptied between them."""

        url = url_of_all

        def __init__(self) -> None:
            emptied(url_of_all)
            super().__init__()

    _follow(OnPostgres, 5)
