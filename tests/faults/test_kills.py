"""Servers, the worker and PostgreSQL are killed while people answer: whatever was acknowledged is there, once, and the log verifies.

`python -m bench.faults --kills 200` is the same with more kills; what that came to stands in docs/explanation/faults.md.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.faults import kills

from tests.postgres import binaries

KILLS = 8


@pytest.mark.slow
@pytest.mark.timeout(280)
@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_nothing_acknowledged_is_lost_or_doubled_however_often_processes_are_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: str
) -> None:
    if database == "postgresql" and binaries() is None:
        pytest.skip("PostgreSQL is not installed here")
    monkeypatch.setenv("GOLDSEAM_DATABASE_URL", "")  # set to another below, and back at the end

    figures, broke = kills.run(tmp_path / "p", database, KILLS, seed=5)

    print(figures)
    assert not broke
