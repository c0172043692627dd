"""Patterns of errors: what was planted is found, with what may help, and chance alone is not."""

from __future__ import annotations

import numpy as np

from goldseam.retrain.patterns import Held, patterns

LABELS = ("cat", "dog", "fox")
GUIDELINE = "# Animals\n- A cat purrs.\n- A fox is no dog: look at the tail.\n"


def held(seed: int, n: int = 600) -> tuple[Held, np.ndarray]:
    """A model that errs in 4 of 100, and in 40 of 100 takes a dog for a fox; in one shelf it guesses."""
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 3, n)
    said = np.where(rng.random(n) < 0.04, (label + 1) % 3, label)
    said = np.where((label == 1) & (rng.random(n) < 0.4), 2, said)
    shelf = rng.random(n) < 0.2
    said = np.where(shelf & (rng.random(n) < 0.6), (label + rng.integers(1, 3, n)) % 3, said)
    return Held(said, label, rng.random(n)), shelf


def test_planted_errors_are_found_by_labels_clause_and_segment_with_what_may_help():
    made, shelf = held(1)
    found = patterns(made, LABELS, GUIDELINE, {("segment", "attic"): shelf, ("segment", "hall"): ~shelf})
    by_name = {(one.kind, one.name): one for one in found}
    pair = by_name["label", "dog taken for fox"]
    assert "look at the tail" in pair.advice
    assert by_name["segment", "attic"].wrong > 40
    assert ("segment", "hall") not in by_name
    assert ("clause", "- A fox is no dog: look at the tail.") in by_name
    assert ("clause", "- A cat purrs.") not in by_name
    errors = np.flatnonzero(made.wrong)
    assert all(set(one.rows) <= set(errors.tolist()) for one in found)
    sure = made.confidence[list(pair.rows)]
    assert (np.diff(sure) <= 0).all()


def test_a_pair_that_no_clause_names_asks_for_one():
    made, _ = held(2)
    (pair,) = [one for one in patterns(made, LABELS, "", {}) if one.name == "dog taken for fox"]
    assert "none names both" in pair.advice


def test_errors_that_are_spread_evenly_show_no_pattern():
    shown = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        label = rng.integers(0, 3, 400)
        said = np.where(rng.random(400) < 0.1, (label + rng.integers(1, 3, 400)) % 3, label)
        people = {("annotator", str(who)): rng.random(400) < 0.3 for who in range(4)}
        shown += len(patterns(Held(said, label, rng.random(400)), LABELS, "", people))
    assert shown <= 8  # ten tests of each seed at 1 %: 2 are expected


def test_no_error_and_no_suggestion_are_no_pattern():
    empty = np.empty(0, np.int64)
    assert patterns(Held(empty, empty, np.empty(0)), LABELS, GUIDELINE, {}) == ()
    same = np.arange(3)
    assert patterns(Held(same, same, np.ones(3)), LABELS, GUIDELINE, {("segment", "s"): np.ones(3, bool)}) == ()
