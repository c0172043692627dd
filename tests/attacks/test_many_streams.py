"""A thousand pages left open: each holds one idle stream, and annotators are answered as if they were not there."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.faults import streams

from goldseam.edge.home import DATABASE_SETTING


@pytest.mark.slow
def test_a_thousand_idle_streams_keep_nobody_waiting_and_leave_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DATABASE_SETTING, "")
    try:
        held = streams.run(tmp_path / "p", 1_000)  # it fails if a page does not hear, or a connection stays
    except streams.TooFewFiles as few:
        pytest.skip(str(few))
    print(held)
    assert held.kib_each < 100
