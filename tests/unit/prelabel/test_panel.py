"""A panel: what several models say together is believed as far as gold and their agreement show."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from goldseam.prelabel.panel import combine, stand_in

LABELS = ("a", "b", "c")


def said_by(
    truth: NDArray[np.int64], accuracy: float, rng: np.random.Generator, sure: float = 0.9
) -> NDArray[np.float32]:
    """The probabilities of a model that is right this often, and states the same confidence every time."""
    wrong = (truth + rng.integers(1, len(LABELS), len(truth))) % len(LABELS)
    label = np.where(rng.random(len(truth)) < accuracy, truth, wrong)
    found = np.full((len(truth), len(LABELS)), (1 - sure) / (len(LABELS) - 1), np.float32)
    found[np.arange(len(truth)), label] = sure
    return found


def test_confidence_is_calibrated_on_gold_that_the_calibration_did_not_see() -> None:
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 3, 2_000)
    boastful = said_by(truth, 0.7, rng, sure=0.99)

    panel = combine([boastful], dict(enumerate(truth[:300].tolist())), LABELS, rng)

    rest = slice(300, None)
    confidence = panel.proba[rest].max(axis=1)
    right = panel.proba[rest].argmax(axis=1) == truth[rest]
    assert confidence.mean() == pytest.approx(right.mean(), abs=0.05)
    assert panel.accuracy == pytest.approx(0.7, abs=0.08)


def test_a_bad_model_is_learned_to_be_bad_and_three_good_ones_outvote_it() -> None:
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 3, 1_500)
    models = [said_by(truth, accuracy, rng) for accuracy in (0.75, 0.75, 0.75, 0.34)]

    panel = combine(models, dict(enumerate(truth[:200].tolist())), LABELS, rng)

    found = panel.proba.argmax(axis=1)
    alone = [(one.argmax(axis=1) == truth).mean() for one in models]
    assert (found == truth).mean() > max(alone) + 0.05
    # On gold it is judged by fits that did not know those labels: no better there than elsewhere.
    assert panel.accuracy == pytest.approx((found[200:] == truth[200:]).mean(), abs=0.08)


def test_where_all_abstain_nothing_is_suggested_and_one_of_two_is_enough() -> None:
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 3, 60)
    first, second = said_by(truth, 0.9, rng), said_by(truth, 0.9, rng)
    first[:20] = 0
    second[:10] = 0

    panel = combine([first, second], {}, LABELS, rng)

    assert panel.answered.tolist() == [False] * 10 + [True] * 50
    assert panel.proba[:10] == pytest.approx(1 / 3)
    assert (panel.proba[10:].max(axis=1) > 0.34).all()
    assert panel.proba.sum(axis=1) == pytest.approx(1)
    assert panel.accuracy is None
    assert panel.temperature == 1.0


def test_gold_that_nobody_answered_calibrates_nothing_and_nothing_at_all_is_no_error() -> None:
    silent = np.zeros((8, 3), np.float32)

    panel = combine([silent], {0: 1, 1: 2}, LABELS, np.random.default_rng(4))

    assert not panel.answered.any()
    assert len(panel.guide.row) == 0


@pytest.mark.parametrize("kind", ["text", "image"])
def test_the_model_that_stands_in_knows_the_labels_and_the_guide(kind: str) -> None:
    rng = np.random.default_rng(5)
    truth = rng.integers(0, 3, 100)
    panel = combine([said_by(truth, 0.9, rng)], dict(enumerate(truth[:50].tolist())), LABELS, rng)

    model = stand_in(panel, LABELS, kind, 4)
    again = type(model).from_arrays(model.to_arrays())

    assert again.labels == LABELS
    assert again.guide.row.tolist() == list(range(50))
    contents = ["x", "y"] if kind == "text" else np.zeros((2, 16), np.float32)
    proposed = again.propose(contents)
    assert proposed.sum(axis=1) == pytest.approx(1)
    assert proposed[0] == pytest.approx(1 / 3), "it suggests nothing"
