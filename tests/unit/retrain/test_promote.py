"""Promotion: only if better on gold, and with the reason in words."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from goldseam.retrain.policy import Policy
from goldseam.retrain.promote import compare, sign_test
from goldseam.vocab.errors import BadValue

POLICY = Policy(min_gold=10)


def proba(hits: str, y: np.ndarray) -> np.ndarray:
    """Probabilities that are right where `hits` has a 1."""
    said = np.where(np.array(list(hits)) == "1", y, 1 - y)
    return np.eye(2)[said] * 0.8 + 0.1


def compared(champion: str | None, challenger: str, policy: Policy = POLICY):
    y = np.arange(len(challenger)) % 2
    return compare(None if champion is None else proba(champion, y), proba(challenger, y), y, policy)


def test_the_first_model_is_promoted_with_or_without_gold():
    found = compared(None, "1110")
    assert found.promoted
    assert (found.challenger_accuracy, found.champion_accuracy, found.p_value) == (0.75, None, None)
    bare = compare(None, np.zeros((0, 2)), np.zeros(0, dtype=int))
    assert bare.promoted
    assert bare.challenger_accuracy is None
    assert "no gold" in bare.reason


def test_a_better_model_is_promoted_with_the_figures():
    found = compared("111000000000", "111111100000")
    assert found.promoted
    assert (found.n_only_challenger, found.n_only_champion, found.n_gold) == (4, 0, 12)
    assert found.p_value == pytest.approx(0.125)
    assert "58.3% against 25.0% of 12 gold items" in found.reason


@pytest.mark.parametrize(("challenger", "word"), [("110000000000", "worse"), ("000000000111", "as often")])
def test_a_model_that_is_not_better_is_not_promoted(challenger, word):
    found = compared("111000000000", challenger)
    assert not found.promoted
    assert word in found.reason


def test_too_little_gold_keeps_the_old_model():
    found = compared("000", "111")
    assert not found.promoted
    assert "min_gold asks for 10" in found.reason
    none = compare(np.zeros((0, 2)), np.zeros((0, 2)), np.zeros(0, dtype=int), POLICY)
    assert (none.promoted, none.p_value, none.champion_accuracy) == (False, None, None)


def test_a_model_that_is_better_but_not_proven_is_kept_or_a_person_is_asked():
    found = {way: compared("111000000000", "111111100000", Policy(promote=way)) for way in ("better", "proven", "ask")}
    assert [(one.promoted, one.asks) for one in found.values()] == [(True, False), (False, False), (False, True)]
    assert "not proven" in found["proven"].reason
    assert "A person decides" in found["ask"].reason
    clear = compared("000000000000", "111111110000", Policy(promote="ask"))
    assert (clear.promoted, clear.asks) == (True, False)
    worse = compared("111111110000", "000000000000", Policy(promote="ask"))
    assert (worse.promoted, worse.asks) == (False, False)


@pytest.mark.parametrize(("won", "lost"), [(0, 0), (1, 0), (5, 5), (9, 1), (30, 12), (0, 40)])
def test_the_p_value_is_that_of_the_exact_sign_test(won, lost):
    expected = binomtest(won, won + lost).pvalue if won + lost else 1.0
    assert sign_test(won, lost) == pytest.approx(expected)
    assert sign_test(won, lost) == sign_test(lost, won)


def test_shapes_and_labels_that_do_not_fit_are_refused():
    with pytest.raises(BadValue, match="one row"):
        compare(None, np.ones((2, 2)), np.zeros(3, dtype=int))
    with pytest.raises(BadValue, match="2 columns"):
        compare(None, np.ones((1, 2)), np.array([2]))
