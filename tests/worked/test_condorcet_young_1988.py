"""H. P. Young (1988), Condorcet's theory of voting, American Political Science Review 82: Condorcet's 60 voters.

The majority prefers a to b, b to c and c to a. The order with the most support, 104 of 180 votes on pairs, is b, c, a.
"""

from __future__ import annotations

import pytest

from goldseam.stats.truth.order import ranking

VOTERS = {"abc": 23, "bca": 17, "bac": 2, "cab": 10, "cba": 8}
RANKINGS = [order for order, times in VOTERS.items() for _ in range(times)]


def test_the_order_with_the_most_support_is_found() -> None:
    found = ranking(RANKINGS, method="kemeny")
    assert found.names() == ["b", "c", "a"]
    assert found.disagreement == pytest.approx((180 - 104) / 180)
    assert found.exact
    assert found.n_best == 1


def test_borda_counts_69_for_b_58_for_a_and_53_for_c() -> None:
    found = ranking(RANKINGS, method="borda")
    assert found.names() == ["b", "a", "c"]
    assert found.strength * 2 * 60 == pytest.approx([58, 69, 53])


def test_circles_are_seen_among_preferences() -> None:
    from goldseam.stats.truth.order import preferences

    pairs = [(order[i], order[j]) for order in RANKINGS for i in range(3) for j in range(i + 1, 3)]
    better, worse = zip(*pairs, strict=True)
    found = preferences(better, worse, better)
    assert (found.triads.n_triads, found.triads.n_circular) == (1, 1)
    assert found.triads.share == 1.0
