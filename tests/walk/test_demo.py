"""Demo: the whole loop on handwritten digits, small, as `make demo` runs it large."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.unit.edge.cli.call import goldseam

pytestmark = pytest.mark.slow


def test_the_demonstration_ends_with_a_release_that_verifies_and_a_model_that_was_promoted(tmp_path: Path) -> None:
    said = goldseam(tmp_path, "demo", "--rounds", "2", "--batch", "40", "--json")

    assert said.code == 0, said.err
    found = said.json
    assert found["verified"]
    assert found["model"]["promoted"]
    assert [(r["strategy"], r["round"]) for r in found["rounds"]] == [
        ("hybrid", 1),
        ("hybrid", 2),
        ("random", 1),
        ("random", 2),
    ]
    first, second = found["rounds"][:2]
    assert (first["labels"], second["labels"]) == (40, 80)
    assert second["accuracy"] > 0.6
    home = tmp_path / "demo"
    assert found["release"]["n_items"] >= 80
    assert goldseam(home, "verify").code == 0
    assert goldseam(home, "status", "--json").json["round"] == 3


def test_the_demonstration_for_people_says_that_its_crowd_is_synthetic_and_how_to_open_the_page(tmp_path: Path) -> None:
    said = goldseam(tmp_path, "demo", "--rounds", "1", "--batch", "20", "--folder", "my demo")

    assert said.code == 0, said.err
    assert "The crowd is synthetic" in said.out
    assert re.search(r"goldseam serve --project '?my demo'?", said.out)
