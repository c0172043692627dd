"""What goes into label issues: odd input is taken or refused with a sentence that names the row; never a NaN or a hang."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from goldseam.stats import noise
from goldseam.stats.votes import BadVotes, Votes
from tests.unit.stats.noise_sets import noisy, one_sided

PROBA = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8]])
LABELS = [0, 1, 1, 1]


def spoiled(row: int, column: int, value: float) -> np.ndarray:
    proba = PROBA.copy()
    proba[row, column] = value
    return proba


@pytest.mark.parametrize(
    ("labels", "proba", "sentence"),
    [
        (LABELS, spoiled(2, 1, np.nan), r"Row 2 of proba gives 1 nan, which is not a finite number"),
        (LABELS, spoiled(3, 0, np.inf), r"Row 3 of proba gives 0 inf, which is not a finite number"),
        (LABELS, spoiled(1, 0, -0.2), r"Row 1 of proba gives 0 -0\.2, which is negative"),
        (LABELS, spoiled(2, 0, 0.7), r"Row 2 of proba sums to 1\.6; .*multilabel_issues"),
        (LABELS, PROBA * 0, r"Row 0 of proba sums to 0"),
        (LABELS, PROBA[:3], r"There are 4 labels and 3 rows"),
        (LABELS, PROBA[:, 0], r"needs the shape \(items, labels\), 2 dimensions; it has 1"),
        (LABELS, [["a", "b"]] * 4, r"must hold numbers"),
        ([0, 1, 2, 1], PROBA, r"Item 2 has the label 2; proba has 2 columns: 0 to 1 would be right"),
        ([0, 1, -1, 1], PROBA, r"Item 2 has the label -1"),
        (
            ["a", "b", "a", "b"],
            PROBA,
            r"positions of the columns of proba, 0 to 1, not 'a'; with names= they may be names",
        ),
        ([0.5, 1, 0, 1], PROBA, r"positions of the columns of proba, 0 to 1, not float64"),
        ([0, np.nan, 0, 1], PROBA, r"positions of the columns"),
        (np.full((4, 3), 1 / 3), PROBA, r"A posterior needs the shape \(4, 2\)"),
        (np.array([[1.0, 0.0]] * 3 + [[0.5, 0.2]]), PROBA, r"Row 3 of the posterior is none"),
        (Votes.from_matrix([[0, 1]] * 4), PROBA, r"These are votes, not labels: give truth\.infer\(votes\)"),
        ([], np.empty((4, 0)), r"There are 0 labels|no column"),
    ],
)
def test_input_that_contradicts_itself_is_refused_by_row(labels: object, proba: object, sentence: str) -> None:
    for ask in (noise.label_issues, noise.joint, noise.normalized_margin):
        with pytest.raises(BadVotes, match=sentence):
            ask(labels, proba)


@pytest.mark.parametrize(
    ("labels", "names", "sentence"),
    [
        (["a", "b", "x", "b"], ["a", "b"], r"Item 2 is given 'x', which is not among names="),
        (["a", None, "a", "b"], ["a", "b"], r"Item 1 has no label"),
        (["a", "b", "a", "b"], ["a", "b", "c"], r"names= has 3 names; proba has 2 columns"),
        ([1, 2, 1, 2], [1, 3], r"Item 1 is given 2, which is not among names="),
    ],
)
def test_names_that_do_not_fit_are_refused(labels: list[object], names: list[object], sentence: str) -> None:
    with pytest.raises(BadVotes, match=sentence):
        noise.label_issues(labels, PROBA, names=names)


@pytest.mark.parametrize("options", [{"score": "best"}, {"choose": "some"}, {"limit": -1}])
def test_a_choice_that_does_not_exist_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(BadVotes, match="would be right"):
        noise.label_issues(LABELS, PROBA, **options)


def test_sums_may_be_off_by_the_rounding_of_float16_and_no_more() -> None:
    assert noise.label_issues(LABELS, PROBA * 1.005).n_items == 4
    with pytest.raises(BadVotes, match="sums to"):
        noise.label_issues(LABELS, PROBA * 1.02)


DEGENERATE = {
    "no items": ([], np.empty((0, 3))),
    "no items and no labels": ([], np.empty((0, 0))),
    "one item": ([0], [[0.4, 0.6]]),
    "one label": ([0, 0, 0], [[1.0], [1.0], [1.0]]),
    "a label never given": ([0, 0, 1, 1], [[0.9, 0.1, 0.0], [0.1, 0.1, 0.8], [0.1, 0.9, 0.0], [0.1, 0.9, 0.0]]),
    "one label given of two": ([0, 0, 0], [[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]]),
    "a label that nobody predicts": (
        [0, 1, 2, 2],
        [[0.8, 0.2, 0.0], [0.2, 0.8, 0.0], [0.9, 0.1, 0.0], [0.1, 0.9, 0.0]],
    ),
    "nothing is known": ([0, 1, 0, 1], np.full((4, 2), 0.5)),
    "a model that is always certain and right": ([0, 1, 0, 1], np.eye(2)[[0, 1, 0, 1]]),
    "a model that is always certain and wrong": ([0, 1, 0, 1], np.eye(2)[[1, 0, 1, 0]]),
    "random": (np.random.default_rng(1).integers(0, 5, 200), np.random.default_rng(2).dirichlet(np.ones(5), 200)),
    "two items each of 150 labels": (
        np.repeat(np.arange(150), 2),
        np.random.default_rng(3).dirichlet(np.ones(150), 300),
    ),
    "the same item many times": ([0] * 50 + [1] * 50, np.tile([[0.7, 0.3]], (100, 1))),
    "probabilities of 0": ([0, 1, 1, 2], np.eye(3)[[0, 1, 2, 0]]),
}


@pytest.mark.parametrize("choose", ["likely", "expected", "confident", "all"])
@pytest.mark.parametrize("name", DEGENERATE)
def test_labels_that_hardly_tell_anything_give_numbers_or_reasons(name: str, choose: str) -> None:
    labels, proba = DEGENERATE[name]
    for kind in (np.float64, np.float32, np.float16):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for score in ("evidence", "self_confidence", "normalized_margin", "weighted_entropy"):
                found = noise.label_issues(
                    labels, np.asarray(proba, dtype=kind), score=score, choose=choose, groups=list(labels)
                )
        for values in (found.score, found.model, found.joint.calibrated, found.joint.noise, found.joint.inverse):
            assert np.isfinite(values).all()
        assert ((found.score >= 0) & (found.score <= 1)).all()
        assert (found.n_expected is None) == bool(found.reason)
        assert (found.suggested != found.given).all()
        assert len(found.rows()) == found.n_issues
        assert found.groups is not None
        assert np.isfinite(found.groups.expected).all()


def test_what_is_undefined_has_a_reason() -> None:
    nothing = noise.joint([], np.empty((0, 3)))
    assert (nothing.expected, nothing.n_expected) == (None, None)
    assert nothing.reason == "There is no item, so nothing is known of the labels."
    single = noise.joint(["cat", "cat"], [[0.9, 0.1], [0.3, 0.7]], names=["cat", "dog"])
    assert single.expected is None
    assert single.reason == "Every item is given 'cat', so no item can be found to be anything else."


def test_a_label_never_given_is_named_and_has_no_threshold() -> None:
    found = noise.label_issues(*DEGENERATE["a label never given"])
    assert found.joint.thresholds[2] == np.inf
    assert found.joint.counts[:, 2].sum() == 0
    assert found.joint.noise[:, 2].tolist() == [0, 0, 0]
    assert "Never given, so never found: 2." in found.warnings
    assert found.joint.names == (0, 1, 2)


def test_labels_given_seldom_are_named() -> None:
    found = noise.label_issues([0] * 10 + [1] * 2, np.tile([[0.7, 0.3]], (12, 1)), names=["cat", "dog"])
    assert any("Given to fewer than 5 items" in sentence and "'dog'" in sentence for sentence in found.warnings)


def test_a_model_that_agrees_with_everything_is_suspected_of_having_seen_the_labels() -> None:
    labels = np.arange(200) % 2
    found = noise.label_issues(labels, np.eye(2)[labels])
    assert any("was it fitted to these very items?" in sentence for sentence in found.warnings)
    drawn = noisy(200, one_sided(2, 0.2))
    assert not noise.label_issues(drawn.label, drawn.proba).warnings


@pytest.mark.slow
def test_three_thousand_labels_are_no_hindrance() -> None:
    rng = np.random.default_rng(9)
    true = np.repeat(np.arange(3_000), 2)
    label = np.where(rng.random(6_000) < 0.1, rng.integers(0, 3_000, 6_000), true)
    proba = np.full((6_000, 3_000), 0.3 / 2_999, dtype=np.float32)
    proba[np.arange(6_000), true] = 0.7
    found = noise.label_issues(label, proba)
    assert (label != true)[found.index].mean() == 1
    assert found.n_issues == (label != true).sum()
    assert (found.suggested == true[found.index]).all()
