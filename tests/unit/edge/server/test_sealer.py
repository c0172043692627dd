"""The sealer keeps sealing: after work, after a failure, and once more at the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from goldseam.edge.runner import log, proofs
from goldseam.edge.runner.people import Permit, Principal
from goldseam.edge.server import sealer
from goldseam.edge.server.sealer import Sealer
from goldseam.vocab.errors import StoreFailed
from goldseam.vocab.people import Role
from tests.walk import story
from tests.walk.story import Story


def size(made: Story) -> int:
    permit = Permit(made.project, Role.OWNER, Principal(made.members[Role.OWNER], "owner"))
    found = proofs.checkpoint(made.world, permit)["size"]
    assert isinstance(found, int)
    return found


def soon(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + 5
    while not holds() and time.monotonic() < until:
        time.sleep(0.01)
    return holds()


def test_new_entries_get_their_place_by_themselves_and_the_last_ones_at_the_end(tmp_path: Path) -> None:
    with story.opened(tmp_path) as world:
        made = story.set_up(world, tmp_path, n_items=3)
        assert size(made) == 0
        running = Sealer(world, every_seconds=0.02)
        running.start()
        assert soon(lambda: size(made) > 0)
        before = size(made)
        made.token()
        assert soon(lambda: size(made) == before + 1)
        running.stop()
        late = Sealer(world, every_seconds=60)
        late.start()
        made.token()
        late.stop()
        assert size(made) == before + 2


def test_a_failure_is_tried_again_and_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with story.opened(tmp_path) as world:
        made = story.set_up(world, tmp_path, n_items=3)
        real, failures = log.seal, []

        def fails_twice(*args: object) -> object:
            if len(failures) < 2:
                failures.append(1)
                raise StoreFailed("The disk is full.")
            return real(*args)  # type: ignore[arg-type]  # plain values do where the hint is narrower

        monkeypatch.setattr(sealer.log, "seal", fails_twice)
        running = Sealer(world, every_seconds=0.01)
        running.start()
        assert soon(lambda: size(made) > 0)
        running.stop()
        assert len(failures) == 2
