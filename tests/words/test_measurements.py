"""The page of measurements says what was measured."""

from __future__ import annotations

import json

import pytest
from bench import page


@pytest.mark.slow
def test_the_page_of_measurements_is_written_from_the_results() -> None:
    rows = json.loads(page.RESULTS.read_text(encoding="utf-8"))
    assert page.PAGE.read_text(encoding="utf-8") == page.text(rows), "write it anew with: python -m bench --page"
