"""Sampling in real rounds: every strategy draws, draws can be made again, and the coverage report adds up."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from goldseam.edge.project import Project
from goldseam.edge.runner import covering, sample
from goldseam.edge.store import draws, log
from goldseam.ledger.entries import EntryKind
from goldseam.sample.policy import NEEDS_MODEL
from goldseam.vocab.errors import BadPolicy, NotReady
from goldseam.vocab.people import Act
from tests.unit.edge.cli.call import goldseam
from tests.walk import small

N = 60


def write(folder: Path, n_rounds: int, **policy: object) -> None:
    """Write a project of 60 texts, each with a price and a size, that draws 12 a round."""
    sampled = {"batch": 12, "random_share": 0.25, **policy}
    sizes = [{"name": "short", "where": {"size": "short"}}]
    plain = small.write_project(folder, n_items=N, sample=sampled, rounds=n_rounds, segments=sizes)
    plain["source"] = {"text": "text", "key": "key", "metadata": ["price", "size"]}
    rows = [[f"k{at}", small.text_of(at), 1 + at % 3, "long" if at % 4 else "short"] for at in range(N)]
    small.write_rows(folder / "items.csv", ["key", "text", "price", "size"], rows)
    small.write_settings(folder, plain)


def last_draw(project: Project) -> tuple[draws.DrawRow, draws.Drawn]:
    """Return the newest draw and its items."""
    name, read = project.facts.id, project.world.store.read
    row = read(lambda tx: draws.listing(tx, name))[-1]
    return row, read(lambda tx: draws.drawn(tx, name, draw=row.id))


@pytest.mark.parametrize("strategy", ["divergence", "rare_label", "new_distribution"])
def test_what_a_strategy_looks_at_is_there_in_a_real_round(tmp_path: Path, strategy: str) -> None:
    write(tmp_path, 2, strategy=strategy)
    with small.opened(tmp_path) as project:
        small.round_trip(project)
        name = project.facts.id
        first, second = project.world.store.read(lambda tx: draws.listing(tx, name))
        assert first.strategy == ("diversity" if strategy in NEEDS_MODEL else strategy)
        assert second.strategy == ("margin" if strategy == "divergence" else strategy)
        assert (first.size, second.size, second.n_pool) == (12, 12, N - 12)
        assert project.verify() == ()


def test_a_draw_by_what_is_uncertain_can_be_made_again_from_what_the_log_keeps(tmp_path: Path) -> None:
    write(tmp_path, 2, strategy="hybrid", cost_by="price", spend=20.0, noise=0.2)
    with small.opened(tmp_path) as project:
        small.round_trip(project)
        name = project.facts.id
        row, drawn = last_draw(project)
        before = project.world.store.read(lambda tx: draws.drawn(tx, name, 1)).position
        project.seal()
        entries = project.world.store.read(lambda tx: log.entries(tx, name))
        said = [json.loads(one.body) for one in entries if one.kind == EntryKind.ITEMS_DRAWN.value]
        body = said[-1]["body"]
        saw = sample.Saw(labeled=tuple(sorted(before.tolist())), noise=float(str(body["saw"]["noise"])))
        assert saw.plain == body["saw"]
        pool = [at for at in range(N) if at not in set(before.tolist())]
        facts = project.facts
        again = sample.redraw(project.world, facts, np.array(pool), row.seed, batch=12, saw=saw)
        assert again.position.tolist() == drawn.position.tolist()
        assert again.chance.tolist() == pytest.approx(drawn.chance.tolist())
        price = 1 + drawn.position % 3
        assert price.sum() <= 20


def test_a_cost_that_is_no_number_is_refused_by_the_name_of_its_field(tmp_path: Path) -> None:
    write(tmp_path, 1, cost_by="size")
    with (
        small.opened(tmp_path) as project,
        pytest.raises(BadPolicy, match=r"'size' has to be a number above 0.*'short'"),
    ):
        small.run(project)


def test_coverage_adds_up_and_its_estimates_divide_by_the_chances(tmp_path: Path) -> None:
    write(tmp_path, 3, stratify_by="size")
    with small.opened(tmp_path) as project:
        with pytest.raises(NotReady, match="Nothing was drawn"):
            covering.covered(project.world, project.permit(Act.MEASURE))
        small.round_trip(project)
    said = goldseam(tmp_path, "coverage", "--clusters", "4", "--figure", "shares.svg", "--json")
    assert said.code == 0, said.err
    found = said.json
    assert (found["n_items"], found["n_drawn"]) == (N, 36)
    by_segment, by_size, by_cluster = found["coverage"]
    for one in (by_segment, by_size, by_cluster):
        assert sum(each["n_items"] for each in one["groups"]) == N
        assert sum(each["n_drawn"] for each in one["groups"]) == 36
    assert {each["name"]: each["n_items"] for each in by_size["groups"]} == {"long": 45, "short": 15}
    assert [each["n_drawn"] for each in by_size["groups"]] == [
        each["n_drawn"] for each in reversed(by_segment["groups"])
    ][::-1]
    shares = {one["label"]: one for one in found["labels"]}
    assert sum(one["value"] for one in shares.values()) == pytest.approx(1.0)
    assert all(one["low"] <= one["value"] <= one["high"] and one["n"] == 36 for one in shares.values())
    assert [one["round"] for one in found["suggestions"]] == [2, 3]
    assert "Too early to say" in found["stop"]["reason"]
    assert (tmp_path / "shares.svg").read_text(encoding="utf-8").startswith("<svg")
    drawn = goldseam(tmp_path, "coverage")
    assert drawn.code == 0, drawn.err
    for words in ("36 of 60 items were drawn", "By cluster", "among all items", "Go on:"):
        assert words in drawn.out
