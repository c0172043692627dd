"""The synthetic crowd answers as its matrices say."""

from __future__ import annotations

import numpy as np
import pytest

from goldseam.stats.crowd import Crowd, confused, one_coin
from goldseam.stats.votes import BadVotes


def test_answers_have_the_stated_frequencies_true_label_by_row():
    matrix = np.array([[0.9, 0.1, 0.0], [0.2, 0.5, 0.3], [0.0, 0.0, 1.0]])
    crowd = Crowd(("a", "b", "c"), {"ann": matrix})
    truth = np.repeat([0, 1, 2], 4000)
    votes = crowd.votes(truth, 1, np.random.default_rng(0))
    seen = np.array([np.bincount(votes.label[truth[votes.item] == row], minlength=3) / 4000 for row in range(3)])
    assert seen == pytest.approx(matrix, abs=0.03)
    rng = np.random.default_rng(1)
    single = [crowd.answer("ann", "b", rng) for _ in range(2000)]
    assert [single.count(label) / 2000 for label in "abc"] == pytest.approx([0.2, 0.5, 0.3], abs=0.04)


def test_everybody_answers_an_item_at_most_once_and_all_answer_alike_often():
    crowd = one_coin("ab", dict.fromkeys("vwxyz", 0.8))
    votes = crowd.votes(np.zeros(1000, dtype=int), 3, np.random.default_rng(0))
    assert len(set(zip(votes.item.tolist(), votes.annotator.tolist(), strict=True))) == votes.n_votes == 3000
    assert votes.votes_per_annotator() == pytest.approx(np.full(5, 600), rel=0.1)


def test_a_confused_crowd_errs_on_the_named_label():
    crowd = confused("abc", {"ann": 0.7}, {"a": "b"}, share=1.0)
    assert crowd.confusion["ann"] == pytest.approx(np.array([[0.7, 0.3, 0.0], [0.15, 0.7, 0.15], [0.15, 0.15, 0.7]]))


def test_matrices_that_are_none_and_too_much_redundancy_are_refused():
    with pytest.raises(BadVotes, match="sum to 1"):
        Crowd(("a", "b"), {"ann": np.ones((2, 2))})
    with pytest.raises(BadVotes, match="at most"):
        one_coin("ab", {"ann": 0.9}).votes(np.zeros(3, dtype=int), 2, np.random.default_rng(0))
    with pytest.raises(BadVotes, match="two labels"):
        one_coin("a", {"ann": 0.9})
