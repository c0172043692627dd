"""The bound of adaptive redundancy: what a rule needs that knows the annotators, by the same code that makes the page."""

from __future__ import annotations

import numpy as np
from bench import adaptive_bound as bound
from bench.adaptive import Crowd

from goldseam.annotate.policy import Adaptive


def crowd(skill: list[float], n_items: int, seed: int) -> Crowd:
    """Everybody answers every item, right with a chance of their own."""
    rng = np.random.default_rng(seed)
    gold = rng.integers(2, size=n_items)
    item, annotator = (one.ravel() for one in np.indices((n_items, len(skill))))
    right = rng.random(len(item)) < np.array(skill)[annotator]
    label = np.where(right, gold[item], 1 - gold[item])
    return Crowd("made", item, annotator, label, n_items, len(skill), 2, np.arange(n_items), gold)


def test_who_is_known_to_be_right_needs_the_fewest_votes_and_who_often_errs_the_most() -> None:
    rule = Adaptive(error_cost=40, max_votes=6)
    votes = {}
    for name, skill in {"sure": [0.99] * 6, "unsure": [0.7] * 6}.items():
        made = crowd(skill, 200, 1)
        half = np.arange(200) % bound.HALVES
        chosen = bound.taken(made, 0, bound.known_of(made, half), half, rule)
        per_item = np.bincount(made.item[chosen], minlength=200)
        assert per_item.min() == 2
        assert per_item.max() <= 6
        assert len(set(chosen.tolist())) == len(chosen)
        votes[name] = per_item.mean()
    assert votes["sure"] < 2.2 < 3 < votes["unsure"]


def test_nobody_is_judged_by_the_half_that_they_are_then_believed_on() -> None:
    made = crowd([0.9, 0.9, 0.9, 0.9, 0.9], 200, 2)
    half = np.arange(200) % bound.HALVES
    # On the second half the first annotator says the contrary of the truth: the first half alone is to know it.
    label = np.where((made.annotator == 0) & (half[made.item] == 1), 1 - made.gold[made.item], made.label)
    turned = Crowd("turned", made.item, made.annotator, label, 200, 5, 2, made.known, made.gold)
    first, second = bound.known_of(turned, half)
    assert first.confusion[0, 0, 0] < 0.3
    assert second.confusion[0, 0, 0] > 0.7


def test_the_figures_of_five_votes_come_first_and_a_vote_costs_a_fifth() -> None:
    made = crowd([0.9] * 6, 60, 3)
    five, two, *_ = bound.measured(made, [2.0], 1)
    assert five.votes == 1.0
    assert two.votes == 0.4
    assert "| **mean** |" in bound.page({"made": [five, two, two]}, [2.0], 1)
