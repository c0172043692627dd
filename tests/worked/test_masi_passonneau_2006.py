"""R. Passonneau (2006), Measuring agreement on set-valued items (MASI), LREC: J, the share of the union, times M.

M is 1 for equal sets, 2/3 where one holds the other, 1/3 where each has something of its own, and 0 where nothing is shared.
"""

from __future__ import annotations

import pytest

from goldseam.stats.distance import by_distance, table


@pytest.mark.parametrize(
    ("first", "second", "masi"),
    [
        ("ab", "ab", 1.0),
        ("a", "ab", 1 / 2 * 2 / 3),
        ("ab", "bc", 1 / 3 * 1 / 3),
        ("abc", "abcd", 3 / 4 * 2 / 3),
        ("a", "b", 0.0),
    ],
)
def test_the_distance_is_1_minus_j_times_m(first: str, second: str, masi: float) -> None:
    found = table([list(first), list(second)], "masi")
    assert found.distances[found.index[0], found.index[1]] == pytest.approx(1 - masi)


def test_alpha_of_two_annotators_by_hand() -> None:
    """Two items, answers {a}, {a, b} and {c}, {c}: observed 2 (2/3) / 4; chance from six pairs, two of them at 2/3 and 0."""
    found = by_distance([1, 1, 2, 2], "xyxy", [["a"], ["a", "b"], ["c"], ["c"]], "masi")
    observed = 2 * (1 - 1 / 3) / 4
    expected = 2 * ((1 - 1 / 3) + 4 * 1.0 + 0.0) / (4 * 3)
    assert found.value == pytest.approx(1 - observed / expected)
