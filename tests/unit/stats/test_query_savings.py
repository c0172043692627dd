"""Label savings on real digits: the default needs fewer labels than chance, by the same runs that the page reports."""

from __future__ import annotations

import numpy as np
import pytest
from bench import query_accuracy as measured


def test_on_digits_the_default_is_ahead_of_chance_from_the_first_rounds_on() -> None:
    pytest.importorskip("sklearn", reason="the digits come with scikit-learn")
    digits = measured.load("digits")
    mean = {
        name: measured.mean_curve(
            [measured.run(digits, measured.STRATEGIES[name], seed, 350, np.inf) for seed in (7, 8)]
        )
        for name in ("random", "hybrid (default)")
    }
    assert len(mean["random"]) == 6
    assert (mean["hybrid (default)"] > mean["random"] - 0.005).all()
    assert mean["hybrid (default)"].mean() > mean["random"].mean() + 0.01


def test_labels_needed_are_read_off_the_mean_curve() -> None:
    assert measured.needed([[0.5, 0.9, 0.99], [0.7, 1.0, 1.0]], 1.0) == [150, 200, 200]
    assert measured.needed([[0.5, 0.9]], 1.0) == [None, None, None]
    assert measured.mean_curve([[0.5, 0.7], [0.1, 0.1, 0.1]]).tolist() == pytest.approx([0.3, 0.4, 0.35])


def test_a_fresh_division_keeps_every_item_once_and_differs_by_seed() -> None:
    rows = np.arange(20, dtype=np.float32)[:, None]
    data = measured.Set(rows[:15], np.arange(15), rows[15:], np.arange(15, 20), 20)
    first, again, other = (measured.afresh(data, seed) for seed in (1, 1, 2))
    assert len(first.test) == 6
    assert sorted(np.concatenate([first.pool, first.test]).ravel().tolist()) == list(range(20))
    assert np.array_equal(first.pool.ravel(), first.label)
    assert np.array_equal(first.test.ravel(), first.right)
    assert np.array_equal(first.test, again.test)
    assert not np.array_equal(first.test, other.test)


def test_a_run_that_ended_early_counts_with_the_mean_of_its_last_values() -> None:
    flat, short = measured.early([[0.5] * 40, [0.0] * 2 + [1.0] * 8]).tolist()
    assert flat == 0.5
    assert short == pytest.approx(28 / 30)
