"""The map: made outside of requests, again by its seed, and shown with where each item stands now; on every database."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldseam.edge.client import Client
from goldseam.edge.home import DATABASE_SETTING
from goldseam.edge.runner import mapped, mapping, people
from goldseam.edge.runner.people import Principal
from goldseam.edge.store import items
from goldseam.testing.clock import FakeClock
from goldseam.vocab.errors import BadValue
from goldseam.vocab.people import Act, Role
from tests.walk import story


def test_the_newest_map_says_where_each_item_lies_and_stands(
    tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DATABASE_SETTING, store_url)
    with story.opened(tmp_path, FakeClock()) as world:
        stage = story.set_up(world, tmp_path, n_items=6)
        here = stage.project.id
        permit = people.permit(world, Principal(stage.members[Role.OWNER], "x"), here, Act.MEASURE)
        with story.serving(world) as url, Client(url, token=stage.token(Role.AUDITOR)) as client:
            none = client.item_map(here)
            assert none["at"] is None
            assert "goldseam map" in none["how"]

            assert mapping.make(world, permit, 4, "pca", seed=3).n_points == 4
            assert len(client.item_map(here)["points"]["id"]) == 4
            mapping.make(world, permit, method="pca", seed=3)
            found = client.item_map(here)
            (offer,) = Client(url, token=stage.token()).lease(here, 1).offers
            lines = list(client.items(here))
        points = found["points"]
        assert (found["n_items"], found["method"], found["seed"]) == (6, "pca", "3")
        assert sorted(found["labels"]) == ["neg", "pos"]
        assert points["id"] == [one["item"]["id"] for one in lines]
        assert points["state"] == [one["state"] for one in lines]
        assert points["words"] == [one["item"]["text"] for one in lines]
        assert offer.item in points["id"]
        assert points["label"] == [-1] * 6
        assert points["confidence"] == [None] * 6
        assert all(0 <= one <= 1 for one in (*points["x"], *points["y"]))

        first = mapped.newest(world, permit)
        mapping.make(world, permit, method="pca", seed=3)
        again = mapped.newest(world, permit)
        assert first is not None
        assert again is not None
        assert first.map.xy.tolist() == again.map.xy.tolist()
        some = world.store.read(lambda tx: items.some(tx, here, again.map.position))
        assert again.map.ids == tuple(one.id for one in some)
        with pytest.raises(BadValue, match="5,000"):
            mapping.make(world, permit, 5_001)
