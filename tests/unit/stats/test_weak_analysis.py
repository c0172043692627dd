"""The analysis of labeling functions: what a person would count, how right each is on gold, and what cannot be said."""

from __future__ import annotations

import json

import numpy as np
import pytest

from goldseam.stats import weak
from goldseam.stats.votes import BadVotes
from tests.unit.stats.weak_functions import functions

SMALL = np.array([[1, 1, -1, 2], [1, 0, -1, 2], [-1, -1, -1, 2], [0, 0, -1, -1], [-1, 1, -1, -1]])


def test_the_analysis_counts_what_a_person_would_count() -> None:
    found = weak.analysis(SMALL, gold=[1, 0, 2, 0, -1])
    assert found.labels == (0, 1, 2)
    assert found.polarity == ((0, 1), (0, 1), (), (2,))
    assert found.n_votes.tolist() == [3, 4, 0, 3]
    assert found.coverage.tolist() == [0.6, 0.8, 0.0, 0.6]
    assert found.overlaps.tolist() == [0.6, 0.6, 0.0, 0.4]
    assert found.conflicts.tolist() == [0.4, 0.4, 0.0, 0.4]
    assert found.correct is not None
    assert found.incorrect is not None
    assert found.correct.tolist() == [2, 3, 0, 1]
    assert found.incorrect.tolist() == [1, 0, 0, 2]
    assert found.accuracy == (2 / 3, 1.0, None, 1 / 3)
    assert found.warnings == ("1 of 4 functions never vote: 2.",)


def test_the_interval_of_an_accuracy_is_wilsons() -> None:
    """81 right of 263: 0.2553 to 0.3662 (Newcombe 1998, Statistics in Medicine 17, table I, method 3)."""
    votes = np.ones((263, 1), dtype=int)
    found = weak.analysis(votes, gold=[1] * 81 + [0] * 182, labels=[0, 1])
    assert found.low is not None
    assert found.high is not None
    assert (found.low[0], found.high[0]) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    nothing = weak.analysis(SMALL, gold={4: 1})
    assert nothing.low is not None
    assert nothing.high is not None
    assert (nothing.low[0], nothing.high[0], nothing.accuracy) == (0.0, 1.0, (None, 1.0, None, None))
    assert "2 of 4 functions have no vote on gold: their accuracy is unknown." in nothing.warnings


def test_the_analysis_comes_as_plain_rows() -> None:
    rows = weak.analysis(SMALL, gold={0: 1}, annotators=["kw", "re", "mute", "long"]).rows()
    assert list(rows[0]) == [
        "function", "polarity", "n_votes", "coverage", "overlaps", "conflicts", "correct", "incorrect", "accuracy", "low", "high",
    ]  # fmt: skip
    assert rows[2]["accuracy"] is None
    assert "accuracy" not in weak.analysis(SMALL).rows()[0]
    assert json.loads(json.dumps(rows))[3]["polarity"] == [2]


def test_the_analysis_of_words_is_that_of_numbers() -> None:
    words = np.array(["none", "yes", "maybe", "no"])[SMALL + 1]
    found, plain = weak.analysis(words, abstain="none"), weak.analysis(SMALL)
    assert found.labels == ("maybe", "no", "yes")
    assert found.conflicts.tolist() == plain.conflicts.tolist()
    assert found.polarity[3] == ("no",)


def test_gold_by_name_and_gold_by_row_judge_alike() -> None:
    votes, right = functions(27, [0.9, 0.6, 0.4], labels=3)
    known = np.where(np.arange(2000) % 3 == 0, right, -1)
    by_row = weak.analysis(votes, known)
    by_name = weak.analysis(votes, {int(row): int(right[row]) for row in range(0, 2000, 3)})
    assert by_row.accuracy == by_name.accuracy
    for column in range(3):
        said = votes[::3, column]
        assert by_row.accuracy is not None
        assert by_row.accuracy[column] == pytest.approx((said == right[::3])[said >= 0].mean())


def test_a_level_that_is_none_is_refused() -> None:
    with pytest.raises(BadVotes, match="between 0 and 1"):
        weak.analysis(SMALL, level=95)
