"""`goldseam map`: makes a map of items drawn by a seed, says of what, and refuses where there are none."""

from __future__ import annotations

from pathlib import Path

from goldseam.edge.runner import mapped
from goldseam.vocab.people import Act
from tests.unit.edge.cli.call import goldseam
from tests.walk import small


def test_a_map_is_made_of_items_drawn_by_a_seed(tmp_path: Path) -> None:
    small.write_project(tmp_path, n_items=40, sample={"strategy": "random", "batch": 6})
    with small.opened(tmp_path) as project:
        project.apply()
    refused = goldseam(tmp_path, "map")
    assert refused.code != 0
    assert "No item was taken in yet" in refused.err

    with small.opened(tmp_path) as project:
        small.run(project)
    made = goldseam(tmp_path, "map", "--limit", "32", "--seed", "5", "--json").json
    assert made == {"n_points": 32, "n_items": 40, "method": "tsne", "seed": 5, "round": 1}
    with small.opened(tmp_path) as project:
        first = mapped.newest(project.world, project.permit(Act.MEASURE))
        assert "32 of 40 items" in goldseam(tmp_path, "map", "--limit", "32", "--seed", "5").out
        again = mapped.newest(project.world, project.permit(Act.MEASURE))
    assert first is not None
    assert again is not None
    assert first.map.position.tolist() == again.map.position.tolist()
    assert first.map.xy.tolist() == again.map.xy.tolist()
