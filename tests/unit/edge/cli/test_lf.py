"""`goldseam lf`: functions are tried, analyzed, planned and applied from the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.edge.cli.call import goldseam
from tests.walk.test_functions import made


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with made(tmp_path):
        pass
    return tmp_path


def test_functions_are_tried_analyzed_planned_and_applied(home: Path) -> None:
    tried = goldseam(home, "lf", "try", "praise", "--items", "20")
    assert "praise" in tried.out
    assert "pos: " in tried.out

    found = goldseam(home, "lf", "analyze", "--json").json
    assert [one["name"] for one in found["functions"]] == ["praise", "blame", "wonderful", "fails"]
    assert found["accuracy"]["value"] == 1.0
    drawn = goldseam(home, "lf", "analyze").out
    assert "failed on 1 items, which counts as abstaining: KeyError in line" in drawn

    planned = goldseam(home, "lf", "plan", "--json").json
    assert planned["n_moved"] == found["n_covered"]
    refused = goldseam(home, "lf", "apply")
    assert refused.code != 0
    assert "--yes" in refused.err
    applied = goldseam(home, "lf", "apply", "--yes", "--json").json
    assert applied["outcome"] == "promoted"
    assert goldseam(home, "lf", "plan", "--json").json["n_moved"] == 0
    listed = goldseam(home, "model", "list", "--json").json
    assert listed[0]["kind"] == "functions"
