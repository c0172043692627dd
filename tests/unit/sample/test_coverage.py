"""Coverage: shares of the draws beside shares of the whole, and how much was left to chance."""

from __future__ import annotations

import numpy as np
import pytest

from goldseam.formats.bars import Pair, pairs
from goldseam.sample.coverage import coverage
from goldseam.vocab.errors import BadValue

GROUP = np.array([0, 0, 0, 0, 0, 0, 1, 1, 1, 3])
NAMES = ["long", "short", "never there", "odd"]


def test_each_group_says_its_share_of_the_draws_over_its_share_of_all() -> None:
    drawn = np.array([1, 1, 1, 0, 0, 0, 1, 0, 0, 0], dtype=bool)
    found = coverage("size", GROUP, NAMES, drawn, np.full(10, 0.4))
    assert [(one.name, one.n_items, one.n_drawn) for one in found.groups] == [
        ("long", 6, 3),
        ("short", 3, 1),
        ("odd", 1, 0),
    ]
    assert [one.ratio for one in found.groups] == pytest.approx([0.75 / 0.6, 0.25 / 0.3, 0.0])
    assert [one.thin for one in found.groups] == [False, False, True]
    assert found.distance == pytest.approx(0.15)
    assert found.effective == pytest.approx(4.0)


def test_a_draw_like_the_whole_is_at_distance_0_and_unequal_chances_tell_less() -> None:
    everything = coverage("size", GROUP, NAMES, np.ones(10, dtype=bool), np.ones(10))
    assert everything.distance == pytest.approx(0.0)
    uneven = coverage("size", GROUP, NAMES, np.arange(10) < 4, np.array([1, 1, 1, 0.05, *[1] * 6]))
    assert uneven.effective == pytest.approx(23**2 / 403)
    none = coverage("size", GROUP, NAMES, np.zeros(10, dtype=bool), np.ones(10))
    assert (none.distance, none.effective, none.n_drawn) == (1.0, 0.0, 0)
    with pytest.raises(BadValue, match="One group, draw and chance per item"):
        coverage("size", GROUP, NAMES, np.ones(3, dtype=bool), np.ones(10))


def test_bars_escape_their_names_and_have_the_width_of_their_shares() -> None:
    drawn = pairs("By <size>", "all", "drawn", [Pair("a & b", 0.5, 0.25), Pair("none", 0.0, 0.0)])
    assert "By &lt;size&gt;" in drawn
    assert "a &amp; b" in drawn
    assert 'width="330.0"' in drawn
    assert 'width="165.0"' in drawn
    assert pairs("Nothing", "all", "drawn", []).endswith("</svg>\n")
