"""Sign-in, invitations and limits on every database: nothing is given twice, whoever asks at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from goldseam.edge.client import new_id
from goldseam.edge.home import DATABASE_SETTING
from goldseam.edge.runner import invitations, limits, roles, tokens
from goldseam.edge.runner.people import Permit, Principal
from goldseam.edge.store import access as rows
from goldseam.edge.store.tx import Tx
from goldseam.testing.clock import FakeClock
from goldseam.vocab.errors import Conflict, GoldseamError, TooManyTries
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import AnnotatorId, Role
from tests.walk import story
from tests.walk.story import Story

CHOSEN = "a river in spring"


@pytest.fixture
def stage(tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    monkeypatch.setenv(DATABASE_SETTING, store_url)
    with story.opened(tmp_path, FakeClock()) as world:
        yield story.set_up(world, tmp_path, n_items=2)


def owner(stage: Story) -> Permit:
    return Permit(stage.project, Role.OWNER, Principal(stage.members[Role.OWNER], ""))


def at_once(act: Callable[[int], object], n: int) -> list[object]:
    """Do something many times at the same time; the results, or the types of the refusals."""

    def one(number: int) -> object:
        try:
            return act(number)
        except GoldseamError as error:
            return type(error)

    with ThreadPoolExecutor(n) as pool:
        return list(pool.map(one, range(n)))


def test_one_link_makes_one_member(stage: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations, "hashed", lambda password, _login: password)
    secret = str(invitations.make(stage.world, owner(stage), new_id(), Role.ANNOTATOR, 1).secret)
    before = len(roles.members(stage.world, owner(stage), "", 100))
    joined = at_once(lambda n: invitations.accept(stage.world, secret, f"twin{n}", CHOSEN), 8)
    assert sum(not isinstance(one, type) for one in joined) == 1
    assert len(roles.members(stage.world, owner(stage), "", 100)) == before + 1


def test_one_id_is_one_act(stage: Story) -> None:
    act, who = new_id(), owner(stage).principal
    made = at_once(lambda _: tokens.make(stage.world, who, stage.project.id, act, "t", None, 1).token.id, 8)
    assert len(set(made)) == 1
    assert len(tokens.own(stage.world, who)) == 1


def test_two_owners_who_leave_at_once_leave_one(stage: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    meeting, counted = threading.Barrier(2), rows.owners

    def owners(tx: Tx, project: ProjectId) -> tuple[AnnotatorId, ...]:
        found = counted(tx, project)
        with suppress(threading.BrokenBarrierError):
            meeting.wait(0.3)  # they meet here only if neither waited for the other before counting
        return found

    monkeypatch.setattr(rows, "owners", owners)
    crew = [stage.members[Role.OWNER], story.member_of(stage.world, "second", stage.project.id, Role.OWNER)]

    def leave(n: int) -> None:
        mine = Permit(stage.project, Role.OWNER, Principal(crew[n], ""))
        roles.change(stage.world, mine, new_id(), crew[n], None)

    assert sorted(at_once(leave, 2), key=str) == [Conflict, None]
    assert len(stage.world.store.read(lambda tx: rows.members(tx, stage.project.id, "", 100))) == len(Role)


def test_tries_at_once_are_all_counted(stage: Story) -> None:
    done = at_once(lambda _: limits.begin(stage.world, "ann", "192.0.2.1").pair, 24)
    assert sum(one is not TooManyTries for one in done) == limits.PAIR.free


def test_tries_are_forgotten_after_a_day(stage: Story) -> None:
    limits.begin(stage.world, "ann", "192.0.2.1")
    clock = stage.world.clock
    assert isinstance(clock, FakeClock)
    clock.advance(timedelta(days=2))
    stage.world.store.write(lambda tx: rows.drop_old(tx, clock.now()))
    attempt = limits.begin(stage.world, "bob", "192.0.2.2")
    assert len(attempt.limits) == 3
    found = stage.world.store.write(lambda tx: rows.failed(tx, list(attempt.limits), clock.now()))
    assert {n for n, _ in found.values()} == {1}


def test_whoever_joins_or_leaves_moves_the_stamp(stage: Story) -> None:
    store, guest = stage.world.store, story.member_of(stage.world, "guest")
    secret = str(invitations.make(stage.world, owner(stage), new_id(), Role.ANNOTATOR, 1).secret)
    stamps = [store.stamp()]
    invitations.join(stage.world, Principal(guest, ""), secret)
    stamps.append(store.stamp())
    made = tokens.make(stage.world, Principal(guest, ""), stage.project.id, new_id(), "t", None, 1)
    tokens.revoke_own(stage.world, Principal(guest, ""), made.token.id)
    stamps.append(store.stamp())
    roles.change(stage.world, owner(stage), new_id(), guest, None)
    stamps.append(store.stamp())
    assert stamps == sorted(set(stamps))


def test_an_id_that_was_used_for_something_else_is_refused(stage: Story) -> None:
    act = new_id()
    invitations.make(stage.world, owner(stage), act, Role.ANNOTATOR, 1)
    with pytest.raises(Conflict):
        invitations.make(stage.world, owner(stage), act, Role.AUDITOR, 1)
    with pytest.raises(Conflict):
        tokens.make(stage.world, owner(stage).principal, stage.project.id, act, "t", None, 1)
