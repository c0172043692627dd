"""Calibration curves: isotonic regression as scikit-learn fits it, and Venn-Abers as its definition asks for it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from goldseam.stats.calibrate import METHODS, isotonic, venn_abers
from goldseam.stats.votes import BadVotes

SEEN = st.lists(st.tuples(st.integers(0, 8), st.booleans()), min_size=1, max_size=25)


def by_definition(score: np.ndarray, right: np.ndarray, asked: float, hit: int) -> float:
    """Fit once more with the asked score added, as right or as wrong; slow and plain."""
    fitted = IsotonicRegression().fit(np.append(score, asked), np.append(right, hit))
    return float(fitted.predict([asked])[0])


@given(SEEN)
@settings(max_examples=60, deadline=None)
def test_isotonic_is_what_scikit_learn_fits_between_its_knots_too(seen):
    score, right = np.array([one for one, _ in seen], float), np.array([hit for _, hit in seen], float)
    reference = IsotonicRegression(out_of_bounds="clip").fit(score, right)
    asked = np.linspace(-1, 9, 41)
    assert isotonic(score, right)(asked) == pytest.approx(reference.predict(asked), abs=1e-9)


@given(SEEN)
@settings(max_examples=60, deadline=None)
def test_venn_abers_is_two_isotonic_fits_each_with_the_asked_score_added(seen):
    score, right = np.array([one for one, _ in seen], float), np.array([hit for _, hit in seen], float)
    curve = venn_abers(score, right)
    for asked in np.arange(-0.5, 9.0, 0.5):
        low, high = curve.bounds([asked])
        assert low[0] == pytest.approx(by_definition(score, right, asked, 0), abs=1e-9)
        assert high[0] == pytest.approx(by_definition(score, right, asked, 1), abs=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_a_curve_recovers_the_chance_behind_scores_that_overstate_it(method):
    rng = np.random.default_rng(4)
    score = rng.random(20_000)
    curve = METHODS[method](score, rng.random(20_000) < score**2)
    asked = np.linspace(0.05, 0.95, 19)
    assert np.abs(curve(asked) - asked**2).max() < 0.06
    assert (np.diff(curve(np.linspace(0, 1, 500))) >= -1e-12).all()


def test_what_is_no_score_is_refused():
    with pytest.raises(BadVotes, match="finite"):
        isotonic([np.nan], [1])
    with pytest.raises(BadVotes, match="one score"):
        venn_abers([], [])
