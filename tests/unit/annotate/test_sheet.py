"""A sheet is laid so that its planted items stand anywhere, and its precision leaves them out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldseam.annotate import sheet


@given(st.integers(0, 24), st.floats(0, 1), st.integers(0, 2**32))
def test_planted_items_are_few_and_stand_anywhere(count: int, rate: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = sheet.n_planted(count, rate, rng)
    assert 0 <= n <= min(count, sheet.MOST_PLANTED)
    places = sheet.planted_at(count, n, rng)
    assert len(set(places)) == n and all(0 <= place < count for place in places)


def test_every_place_of_a_sheet_is_planted_equally_often() -> None:
    rng = np.random.default_rng(7)
    hits = np.bincount([place for _ in range(4_000) for place in sheet.planted_at(24, 3, rng)], minlength=24)
    assert abs(hits / 4_000 - 3 / 24).max() < 0.03


@given(
    st.lists(st.integers(50_001, 99_900), min_size=1, max_size=24, unique=True).map(sorted),
    st.integers(0, 24),
    st.booleans(),
)
def test_what_is_planted_is_as_sure_as_its_place_and_as_nobody_else(sure: list[int], place: int, is_last: bool) -> None:
    *shown, last = [float(np.float32(each / 100_000)) for each in [*sure, sure[-1] + 50]]
    place = min(place, len(shown))
    found = sheet.between(shown, place, None if is_last else last)
    assert 0 < found < 1 and found == float(np.float32(found)) and found not in [*shown, last]
    assert [*shown[:place], found, *shown[place:]] == sorted([*shown, found])
    assert is_last or found < last


@pytest.mark.parametrize(("confirmed", "again"), [(0, 0), (1, 1), (10, 1), (11, 2), (24, 3)])
def test_a_tenth_is_looked_at_again_and_at_least_one(confirmed: int, again: int) -> None:
    assert sheet.n_again(confirmed) == again


def test_precision_is_of_what_the_model_called_so_alone() -> None:
    # 24 shown, 4 of them planted, of which 3 were caught: 20 called so by the model, 18 of them confirmed
    found = sheet.precision(24, 19, 4, 3)
    assert (found.n, found.right) == (20, 18)
    assert found.low < 0.9 < found.high
    assert sheet.precision(0, 0, 0, 0) == sheet.Precision(0, 0, 0.0, 1.0)
