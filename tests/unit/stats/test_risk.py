"""Risk: temperatures that calibrate, and bounds that hold."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax
from scipy.stats import beta, binom

from goldseam.stats import risk
from goldseam.stats.votes import BadVotes


def drawn(sharper: float) -> tuple[np.ndarray, np.ndarray]:
    """Return logits that are `sharper` times too sure, and labels drawn from the honest ones."""
    rng = np.random.default_rng(1)
    honest = rng.normal(size=(4000, 4)) * 1.5
    chance = np.cumsum(softmax(honest, axis=1), axis=1)
    return honest * sharper, (rng.random((4000, 1)) > chance).sum(axis=1).clip(0, 3)


@pytest.mark.parametrize("sharper", [0.5, 1.0, 3.0])
def test_the_temperature_undoes_what_made_it_too_sure(sharper: float) -> None:
    logits, y = drawn(sharper)
    assert risk.temperature(logits, y) == pytest.approx(sharper, rel=0.08)
    assert risk.temperature(softmax(logits, axis=1), y) == pytest.approx(risk.temperature(logits, y), rel=1e-3)


def test_the_temperature_has_the_least_log_loss() -> None:
    logits, y = drawn(3.0)
    best = risk.temperature(logits, y)
    losses = [risk.log_loss(risk.scaled(logits, best * change), y) for change in (0.9, 1.0, 1.1)]
    assert min(losses) == losses[1]


def test_scaling_lowers_the_calibration_error_and_keeps_the_best_label() -> None:
    logits, y = drawn(3.0)
    before = softmax(logits, axis=1)
    after = risk.scaled(logits, risk.temperature(logits, y))
    assert risk.expected_calibration_error(after, y) < 0.03 < 0.1 < risk.expected_calibration_error(before, y)
    assert (after.argmax(axis=1) == before.argmax(axis=1)).all()


def test_a_model_that_is_always_right_gets_the_coldest_temperature_and_no_more() -> None:
    assert risk.temperature([[0.9, 0.1], [0.2, 0.8]], [0, 1]) == pytest.approx(0.05)
    assert risk.temperature([[0.9, 0.1], [0.2, 0.8]], [1, 0]) == pytest.approx(20.0)
    assert risk.temperature(np.empty((0, 2)), []) == 1.0


def test_calibration_error_by_hand() -> None:
    proba = [[0.8, 0.2], [0.8, 0.2], [0.4, 0.6], [0.0, 1.0]]
    assert risk.expected_calibration_error(proba, [0, 1, 1, 1]) == pytest.approx((2 * 0.3 + 0.4 + 0.0) / 4)
    assert risk.expected_calibration_error(np.empty((0, 2)), []) == 0.0
    assert risk.log_loss(np.empty((0, 2)), []) == 0.0


@pytest.mark.parametrize(("k", "n"), [(0, 1), (0, 10), (3, 10), (9, 10), (10, 10), (50, 1000)])
def test_the_exact_interval_is_that_of_the_beta_distribution(k: int, n: int) -> None:
    low, high = risk.clopper_pearson(k, n, 0.9)
    assert low == pytest.approx(0.0 if k == 0 else beta.ppf(0.05, k, n - k + 1))
    assert high == pytest.approx(1.0 if k == n else beta.ppf(0.95, k + 1, n - k))


def test_wilson_equals_the_worked_value_of_brown_cai_and_dasgupta() -> None:
    # Newcombe (1998), Statistics in Medicine 17, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29
    for k, n, low, high in [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ]:
        assert risk.wilson(k, n, 0.95) == pytest.approx((low, high), abs=6e-5)


@pytest.mark.parametrize("bounds", [risk.wilson, risk.clopper_pearson])
def test_bounds_hold_the_rate_and_stay_within_0_and_1(bounds) -> None:
    for n in (1, 7, 40):
        for k in range(n + 1):
            low, high = bounds(k, n)
            assert 0.0 <= low <= k / n <= high <= 1.0
    assert bounds(0, 0) == (0.0, 1.0)


def test_the_exact_interval_covers_at_least_as_often_as_it_says() -> None:
    n = 30
    holds = np.array([risk.clopper_pearson(k, n) for k in range(n + 1)])
    for rate in np.linspace(0.01, 0.99, 30):
        covered = (holds[:, 0] <= rate) & (rate <= holds[:, 1])
        assert binom.pmf(np.arange(n + 1), n, rate)[covered].sum() >= 0.95


def test_wrong_options_are_refused() -> None:
    with pytest.raises(BadVotes, match="between 0 and the trials"):
        risk.wilson(3, 2)
    with pytest.raises(BadVotes, match="level=95"):
        risk.clopper_pearson(1, 2, 95)
    with pytest.raises(BadVotes, match="n_items, n_labels"):
        risk.temperature([0.5], [0])
    with pytest.raises(BadVotes, match="2 rows"):
        risk.temperature([[0.5, 0.5], [0.5, 0.5]], [0])
    with pytest.raises(BadVotes, match="indices"):
        risk.log_loss([[0.5, 0.5]], [2])
    with pytest.raises(BadVotes, match="not above 0"):
        risk.scaled([[0.5, 0.5]], 0.0)
