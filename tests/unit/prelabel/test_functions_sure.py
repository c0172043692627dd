"""Calibration of labeling functions: gold says how sure they may be together, and never which label they give."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from goldseam.formats.arrays import from_bytes, to_bytes
from goldseam.prelabel import functions_sure
from goldseam.prelabel.functions_policy import Policy
from goldseam.prelabel.functions_worth import Joint, join


def made(n: int, n_labels: int, seed: int) -> tuple[Joint, np.ndarray]:
    """Functions that are wrong together, which makes the label model surer than it is right; and the truth."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, n_labels, n)
    misled = np.where(rng.random(n) < 0.3, rng.integers(0, n_labels, n), truth)
    codes = np.full((n, 6), -1, np.int16)
    for column in range(6):
        speaks = rng.random(n) < 0.6
        wrong = rng.random(n) < 0.1
        codes[speaks, column] = np.where(wrong, rng.integers(0, n_labels, n), misled)[speaks]
    flat = Policy(correlations="none")
    return join(codes, [f"f{column}" for column in range(6)], n_labels, flat), truth


def off(joint: Joint, truth: np.ndarray, rows: np.ndarray) -> float:
    return abs(float(joint.proba[rows].max(axis=1).mean()) - float((joint.label[rows] == truth[rows]).mean()))


@given(n_labels=st.integers(2, 4), n_gold=st.integers(0, 150), seed=st.integers(0, 20))
def test_no_label_changes_and_what_no_function_speaks_of_stays_flat(n_labels: int, n_gold: int, seed: int) -> None:
    joint, truth = made(300, n_labels, seed)
    gold = {row: int(truth[row]) for row in range(n_gold)}
    sure = functions_sure.learn(joint, gold, np.random.default_rng(seed))
    found = sure(joint)
    assert np.array_equal(found.label, joint.label)
    assert np.all(found.proba[~joint.spoke] == np.float32(1 / n_labels))
    assert np.allclose(found.proba.sum(axis=1), 1, atol=1e-5)
    again = functions_sure.from_arrays(from_bytes(to_bytes(sure.to_arrays())))(joint)
    assert np.array_equal(again.proba, found.proba), "what comes later is as sure as what was there"
    if n_gold < functions_sure.FEWEST:
        assert found is joint
        assert sure.to_plain()["method"] == "none"


def test_confidence_becomes_the_share_that_is_right_on_items_that_are_no_gold() -> None:
    joint, truth = made(3_000, 3, 0)
    rest = np.flatnonzero(joint.spoke[400:]) + 400
    gold = {row: int(truth[row]) for row in range(400)}
    found = functions_sure.learn(joint, gold, np.random.default_rng(0))(joint)
    assert off(joint, truth, rest) > 0.1, "together they are surer than they are right"
    assert off(found, truth, rest) < 0.03
