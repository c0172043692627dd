"""Scaling: the calibration that loses least on held-out labels is taken, and no label changes by it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from goldseam.prelabel import scaling
from goldseam.prelabel.scaling import TEMPERATURE, choose
from goldseam.stats import risk


def held_out(n: int, seed: int, bend: bool) -> tuple[np.ndarray, np.ndarray]:
    """Logits of three labels; bent, the model is sure of everything and right in two of three cases wherever it is."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(n, 3)) * 2
    if not bend:
        proba = softmax(logits / 2, axis=1)
        return logits, np.array([rng.choice(3, p=row) for row in proba])
    top = logits.argmax(axis=1)
    confidence = softmax(logits, axis=1).max(axis=1)
    right = rng.random(n) < np.where(confidence > 0.8, 0.97, 0.35)
    return logits, np.where(right, top, (top + rng.integers(1, 3, n)) % 3)


def test_the_method_with_the_least_held_out_loss_is_taken():
    logits, right = held_out(1500, 1, bend=False)
    plain = choose(logits, right, 2.0, np.random.default_rng(0))
    assert plain.method == TEMPERATURE
    logits, right = held_out(1500, 2, bend=True)
    bent = choose(logits, right, risk.temperature(logits, right), np.random.default_rng(0))
    assert bent.method in {"isotonic", "venn_abers"}
    assert dict(bent.losses)[bent.method] == min(dict(bent.losses).values())


def test_what_is_chosen_is_better_on_fresh_labels_and_keeps_every_label():
    logits, right = held_out(2000, 3, bend=True)
    heat = risk.temperature(logits, right)
    found = choose(logits, right, heat, np.random.default_rng(0))
    fresh, truth = held_out(4000, 4, bend=True)
    before = softmax(fresh / heat, axis=1)
    after = found(before)
    assert after.sum(axis=1) == pytest.approx(np.ones(4000))
    assert (after >= 0).all()
    assert np.array_equal(after.argmax(axis=1), before.argmax(axis=1))
    assert risk.log_loss(after, truth) < risk.log_loss(before, truth)
    assert risk.expected_calibration_error(after, truth) < risk.expected_calibration_error(before, truth)


def test_with_few_labels_it_is_the_temperature_and_what_is_written_is_read_back():
    logits, right = held_out(99, 5, bend=True)
    assert choose(logits, right, 1.0, np.random.default_rng(0)).curve is None
    logits, right = held_out(400, 6, bend=True)
    made = choose(logits, right, 1.3, np.random.default_rng(0))
    again = scaling.from_arrays(made.to_arrays())
    proba = softmax(logits, axis=1)
    assert np.array_equal(again(proba), made(proba))
    assert (again.method, again.losses, again.cap) == (made.method, made.losses, made.cap)
    assert scaling.from_arrays({}).method == TEMPERATURE
