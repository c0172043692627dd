"""Certified thresholds: the exact test, the promise kept, and what misleading guides cost.

In: pools drawn from stated seeds. Out: thresholds. Never: a promise checked on the draw that made it only.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from goldseam.stats import certify
from goldseam.stats.votes import BadVotes


def a_pool(seed: int, n: int = 2000) -> tuple[np.ndarray, np.ndarray]:
    """Return confidences, and whether each suggestion is right: the confidence is the chance of it."""
    rng = np.random.default_rng(seed)
    confidence = rng.beta(4, 1, n)
    return confidence, rng.random(n) < confidence


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 300), st.integers(1, 80), st.floats(0.01, 0.4), st.floats(0.01, 0.3))
def test_the_tolerated_number_is_the_largest_that_the_hypergeometric_test_lets_pass(
    size: int, n: int, error: float, delta: float
) -> None:
    n = min(n, size)
    breaking = int(error * size + 1e-9) + 1
    most = certify.tolerated(n, size, error, delta)
    p = hypergeom.cdf(np.arange(n + 1), size, min(breaking, size), n)
    assert most == int((p <= delta * (1 + 1e-9)).sum()) - 1 or breaking > size


def test_fifty_nine_right_ones_prove_five_percent_and_fifty_eight_do_not() -> None:
    # 0.95 ** 59 = 0.0485 and 0.95 ** 58 = 0.0510: the rule of every sampling plan that tolerates none.
    assert certify.tolerated(59, 10**6, 0.05, 0.05) == 0
    assert certify.tolerated(58, 10**6, 0.05, 0.05) == -1


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 200), st.data())
def test_the_upper_bound_is_the_largest_share_that_the_test_does_not_reject(size: int, data: st.DataObject) -> None:
    n = data.draw(st.integers(1, size))
    wrong = data.draw(st.integers(0, n))
    bound = round(certify.upper_bound(wrong, n, size, 0.05) * size)
    assert wrong <= bound <= size - (n - wrong)
    assert bound == wrong or hypergeom.cdf(wrong, size, bound, n) > 0.05 * (1 - 1e-9)
    assert bound == size - (n - wrong) or hypergeom.cdf(wrong, size, bound + 1, n) <= 0.05 * (1 + 1e-6)


def test_whoever_looks_at_every_item_knows_the_error() -> None:
    assert certify.upper_bound(3, 20, 20, 0.05) == 3 / 20


def test_the_promise_holds_in_at_least_the_promised_share_of_draws() -> None:
    confidence, right = a_pool(1)
    guide, guide_right = a_pool(2, 500)
    audit = certify.plan(confidence, guide, guide_right, n=300, error=0.1, delta=0.2)
    rng = np.random.default_rng(0)
    broken, covered = 0, []
    for _ in range(300):
        drawn = audit.draw(rng)
        found = certify.certify(audit, drawn, right[drawn])
        accepted = confidence >= (found.threshold if found.threshold is not None else np.inf)
        assert accepted.sum() == found.size
        covered.append(found.coverage)
        broken += accepted.any() and (~right[accepted]).mean() > 0.1
    assert broken / 300 <= 0.2
    assert np.mean(covered) > 0.3


def test_a_guide_that_lies_costs_coverage_and_not_the_promise() -> None:
    confidence, _ = a_pool(3)
    right = np.random.default_rng(4).random(len(confidence)) < 0.7  # confidence says nothing, 30 % are wrong
    audit = certify.plan(confidence, np.linspace(0, 1, 500), np.ones(500, dtype=bool), n=200, error=0.05, delta=0.05)
    rng = np.random.default_rng(5)
    opened = 0
    for _ in range(200):
        drawn = audit.draw(rng)
        opened += certify.certify(audit, drawn, right[drawn]).threshold is not None
    assert opened == 0


def test_the_certificate_says_what_it_rests_on() -> None:
    confidence, right = a_pool(1)
    audit = certify.plan(confidence, *a_pool(2, 500), n=400)
    drawn = audit.draw(np.random.default_rng(0))
    found = certify.certify(audit, drawn, right[drawn])
    assert found.threshold is not None
    passed = [step for step in found.steps if step.p <= 0.05]
    assert found.upper == passed[-1].upper <= 0.05
    assert found.size == passed[-1].size
    assert f"{passed[-1].wrong} of {passed[-1].n} looked at are wrong" in found.reason


def test_where_no_zone_can_pass_no_label_is_spent_and_the_reason_is_given() -> None:
    audit = certify.plan(np.linspace(0, 1, 500), np.linspace(0, 1, 300), np.zeros(300, dtype=bool), n=100)
    assert len(audit.draw(np.random.default_rng(0))) == 0
    found = certify.certify(audit, [], [])
    assert found.threshold is None
    assert "no zone has a chance" in found.reason.lower()


def test_equal_confidences_are_accepted_together_or_not_at_all() -> None:
    confidence = np.repeat([0.9, 0.8, 0.5], [300, 500, 200])
    audit = certify.plan(confidence, confidence, confidence > 0.6, n=400)
    assert set(audit.sizes.tolist()) <= {300, 800, 1000}


@pytest.mark.parametrize("n_items", [0, 1, 3])
def test_a_tiny_pool_gives_an_answer(n_items: int) -> None:
    audit = certify.plan(np.full(n_items, 0.9), [], [], n=5)
    drawn = audit.draw(np.random.default_rng(0))
    found = certify.certify(audit, drawn, np.ones(len(drawn), dtype=bool))
    # Whoever looks at all of a pool knows that none is wrong.
    assert (found.threshold is not None) == (n_items > 0)


def test_labels_that_the_draw_did_not_name_are_refused() -> None:
    confidence, right = a_pool(1)
    audit = certify.plan(confidence, *a_pool(2, 500), n=100)
    drawn = audit.draw(np.random.default_rng(0))
    worst = int(np.argmin(confidence))
    for given_places in (drawn[:-1], np.append(drawn[:-1], drawn[0]), np.append(drawn[:-1], worst)):
        with pytest.raises(BadVotes):
            certify.certify(audit, given_places, right[given_places])


@pytest.mark.parametrize("options", [{"error": 0.0}, {"delta": 1.0}, {"n": 0}])
def test_bounds_that_mean_nothing_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(BadVotes):
        certify.plan([0.5], [0.5], [True], **({"n": 10} | options))  # type: ignore[arg-type]  # wrong on purpose


def test_confidences_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(BadVotes, match="finite"):
        certify.plan([0.5, np.nan], [0.5], [True], n=10)
