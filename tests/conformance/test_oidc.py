"""Single sign-on on every database: a sign-on is finished once, and an identity is one account's, whoever comes at the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from goldseam.edge.home import DATABASE_SETTING
from goldseam.edge.runner import oidc_entry
from goldseam.edge.runner.oidc_claims import Identity
from goldseam.edge.runner.oidc_settings import SignOnSettings
from goldseam.edge.store import oidc as rows
from goldseam.edge.store import people as people_rows
from goldseam.edge.store.oidc import SignOn
from goldseam.testing.clock import FakeClock
from goldseam.vocab.errors import Conflict, GoldseamError
from goldseam.vocab.people import Role
from tests.walk import story
from tests.walk.story import Story


@pytest.fixture
def stage(tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    if store_url == "sqlite://":
        pytest.skip("a database in memory has one connection")
    monkeypatch.setenv(DATABASE_SETTING, store_url)
    with story.opened(tmp_path, FakeClock()) as world:
        yield story.set_up(world, tmp_path, n_items=2)


def at_once(n: int, act: Callable[[int], Any]) -> list[Any]:
    def tried(number: int) -> Any:
        try:
            return act(number)
        except GoldseamError as refused:
            return refused

    with ThreadPoolExecutor(n) as pool:
        return list(pool.map(tried, range(n)))


def test_a_sign_on_is_finished_once_in_its_own_browser_and_in_time(stage: Story) -> None:
    store, now = stage.world.store, stage.world.clock.now()
    begun = [
        SignOn(f"s{n}", f"b{n}", "/p", None, None, None, now, now + timedelta(minutes=10 * (n + 1))) for n in range(2)
    ]
    for one in begun:
        store.write(lambda tx, one=one: rows.begin(tx, one))  # type: ignore[misc]  # a default binds the value of this turn
    assert store.write(lambda tx: rows.take(tx, "s0", "b1", now)) is None
    taken = at_once(6, lambda _: store.write(lambda tx: rows.take(tx, "s0", "b0", now)))
    assert [one for one in taken if one is not None] == [begun[0]]
    late = now + timedelta(minutes=20)
    assert store.write(lambda tx: rows.take(tx, "s1", "b1", late)) is None
    store.write(lambda tx: rows.begin(tx, SignOn("s2", "b2", "/", None, None, None, late, late + timedelta(minutes=1))))
    assert store.write(lambda tx: rows.take(tx, "s1", "b1", now)) is None, "what is too old is dropped"


def test_one_newcomer_who_comes_back_twice_at_once_gets_one_account(stage: Story) -> None:
    store, now = stage.world.store, stage.world.clock.now()
    settings = SignOnSettings("https://i", "c", roles={stage.project.name: {"team": Role.ANNOTATOR}})
    who = Identity("https://i", "s", "Nia", None, frozenset({"team"}))
    begun = SignOn("s", "b", "/", None, None, None, now, now)
    entered = at_once(4, lambda _: store.write(lambda tx: oidc_entry.enter(tx, settings, begun, who, "x", now)))
    assert len({one.id for one in entered if not isinstance(one, GoldseamError)}) == 1
    again = store.write(lambda tx: oidc_entry.enter(tx, settings, begun, who, "", now))
    assert store.read(lambda tx: people_rows.role(tx, stage.project.id, again.id)) is Role.ANNOTATOR
    assert store.read(people_rows.n_accounts) == 1
    with pytest.raises(Conflict):
        store.write(lambda tx: rows.link(tx, "another", "https://i", again.id, now))
    with pytest.raises(Conflict):
        store.write(lambda tx: rows.link(tx, who.hash, "https://j", stage.members[Role.OWNER], now))
