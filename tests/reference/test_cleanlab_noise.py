"""cleanlab: thresholds, confident joint, noise matrices, scores and lists are the same; and where it is wrong, or we differ on purpose."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from goldseam.stats import noise
from tests.unit.stats.noise_sets import Noisy, average_precision, noisy, one_sided

pytest.importorskip("cleanlab")
from cleanlab import count, filter, rank  # noqa: A004 - the module's name
from cleanlab.experimental.label_issues_batched import find_label_issues_batched
from cleanlab.multilabel_classification.rank import get_label_quality_scores_per_class
from cleanlab.object_detection.rank import compute_badloc_box_scores
from cleanlab.token_classification.rank import get_label_quality_scores as of_sentences

DRAWN = {
    "two labels": noisy(900, one_sided(2, 0.2), margin=1.5),
    "four labels": noisy(2_000, one_sided(4, 0.15), margin=2.0),
    "rare labels": noisy(2_000, one_sided(6, 0.3), share=np.array([0.5, 0.3, 0.15, 0.03, 0.01, 0.01])),
    "fifty labels": noisy(5_000, one_sided(50, 0.1), margin=4.0),
    "a sure model": noisy(1_000, one_sided(3, 0.1), margin=9.0),
}


def filled(counts: np.ndarray) -> np.ndarray:
    """Our counts with at least one right item of each label, as cleanlab returns them."""
    held = counts.copy()
    np.fill_diagonal(held, np.maximum(held.diagonal(), 1))
    return held


@pytest.fixture(params=DRAWN)
def drawn(request: pytest.FixtureRequest) -> Noisy:
    return DRAWN[request.param]


def test_thresholds_are_the_same(drawn: Noisy) -> None:
    wanted = count.get_confident_thresholds(drawn.label, drawn.proba)
    np.testing.assert_allclose(noise.joint(drawn.label, drawn.proba).thresholds, wanted, atol=1e-8)


def test_the_confident_joint_is_the_same(drawn: Noisy) -> None:
    wanted = count.compute_confident_joint(drawn.label, drawn.proba, calibrate=False)
    np.testing.assert_array_equal(filled(noise.joint(drawn.label, drawn.proba).counts), wanted)


def test_the_calibrated_joint_is_the_same_but_for_rounding_to_whole_items(drawn: Noisy) -> None:
    wanted = count.calibrate_confident_joint(filled(noise.joint(drawn.label, drawn.proba).counts), drawn.label)
    found = noise.joint(drawn.label, drawn.proba).calibrated * len(drawn.label)
    assert np.abs(found - wanted).max() <= 1


def test_noise_matrices_made_of_the_same_joint_are_the_same(drawn: Noisy) -> None:
    found = noise.joint(drawn.label, drawn.proba)
    _, matrix, inverse = count.estimate_latent(found.calibrated * len(drawn.label), drawn.label)
    np.testing.assert_allclose(found.noise, matrix, atol=1e-8)
    np.testing.assert_allclose(found.inverse, inverse, atol=1e-8)


@pytest.mark.parametrize(
    ("score", "name"),
    [
        (noise.self_confidence, "self_confidence"),
        (noise.normalized_margin, "normalized_margin"),
        (noise.weighted_entropy, "confidence_weighted_entropy"),
    ],
)
def test_scores_are_the_same(drawn: Noisy, score: object, name: str) -> None:
    wanted = rank.get_label_quality_scores(drawn.label, drawn.proba, method=name)
    assert callable(score)
    some = wanted > 0.01 if name == "confidence_weighted_entropy" else slice(None)  # near 0 it turns round, see below
    np.testing.assert_allclose(score(drawn.label, drawn.proba)[some], wanted[some], atol=1e-8)


def test_the_list_off_the_diagonal_is_the_same_where_another_label_is_more_probable(drawn: Noisy) -> None:
    wanted = np.flatnonzero(
        filter.find_label_issues(drawn.label, drawn.proba, filter_by="confident_learning", n_jobs=1)
    )
    found = noise.label_issues(drawn.label, drawn.proba, choose="confident").index
    best = drawn.proba.argmax(axis=1)
    assert sorted(item for item in found.tolist() if best[item] != drawn.label[item]) == wanted.tolist()


def test_the_batched_list_is_that_of_the_lowest_self_confidence(drawn: Noisy) -> None:
    wanted = find_label_issues_batched(drawn.label, drawn.proba, verbose=False, n_jobs=1)
    found = noise.label_issues(drawn.label, drawn.proba, score="self_confidence", choose="all", limit=len(wanted))
    assert sorted(found.index.tolist()) == sorted(wanted.tolist())


def test_the_joint_of_each_of_several_labels_is_the_same() -> None:
    rng = np.random.default_rng(3)
    proba = rng.beta(0.5, 1.0, (600, 4))
    given = rng.random((600, 4)) < 0.8 * proba + 0.1
    listed = [np.flatnonzero(row).tolist() for row in given]
    wanted = count.compute_confident_joint(listed, proba, multi_label=True, calibrate=False)
    found = noise.multilabel_issues(given, proba)
    for joint, matrix in zip(found.joints, wanted, strict=True):
        np.testing.assert_array_equal(filled(joint.counts), matrix)
    assert get_label_quality_scores_per_class(listed, proba).shape == (600, 4)


def test_real_probabilities_give_the_same_joint(data_dir: Path) -> None:
    for name in ("mnist_test", "imdb_test"):
        held = np.load(data_dir / "label_errors" / name / "data.npz")
        label, proba = held["labels"], held["pred_probs"]
        proba = proba / proba.sum(axis=1, keepdims=True)
        wanted = count.compute_confident_joint(label, proba, calibrate=False)
        np.testing.assert_array_equal(filled(noise.joint(label, proba).counts), wanted)


# where cleanlab is wrong, or we differ on purpose


def test_cleanlab_counts_items_as_a_label_that_does_not_reach_its_threshold() -> None:
    """Equation 1 of the paper takes the largest of the labels that reach theirs; cleanlab the largest of all, if two do."""
    proba = np.array([[0.95, 0.03, 0.02]] * 4 + [[0.5, 0.3, 0.2]] + [[0.8, 0.1, 0.1]] * 5)
    label = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2, 2])
    reached = proba[4] >= noise.joint(label, proba).thresholds
    assert reached.tolist() == [False, True, True]
    wanted = count.compute_confident_joint(label, proba, calibrate=False)
    found = filled(noise.joint(label, proba).counts)
    assert (wanted[1, 0], found[1, 0]) == (1, 0)  # counted as label 0 at 0.5, below its threshold of 0.95
    assert found[1, 1] == 1


def test_cleanlab_lets_the_order_of_the_labels_decide_ties() -> None:
    proba, label = np.full((4, 2), 0.5), np.array([0, 1, 0, 1])
    wanted = count.compute_confident_joint(label, proba, calibrate=False)
    assert wanted.tolist() == [[2, 0], [2, 1]]  # both items given 1 are said to be 0
    assert noise.joint(label, proba).counts.tolist() == [[2, 0], [0, 2]]


def test_cleanlab_calls_a_certain_and_right_item_the_worst_by_entropy() -> None:
    proba, label = np.array([[1.0, 0.0], [0.6, 0.4]]), np.array([0, 0])
    wanted = rank.get_label_quality_scores(label, proba, method="confidence_weighted_entropy")
    assert wanted[0] == 0
    assert noise.weighted_entropy(label, proba)[0] == 1


def test_cleanlab_refuses_float32_sums_that_we_take(data_dir: Path) -> None:
    held = np.load(data_dir / "label_errors" / "imdb_test" / "data.npz")
    with pytest.raises(ValueError, match="between 0 and 1"):
        filter.find_label_issues(held["labels"], held["pred_probs"], n_jobs=1)
    assert noise.label_issues(held["labels"], held["pred_probs"]).n_issues > 300


def test_cleanlab_takes_rows_that_are_no_probabilities_of_exclusive_labels() -> None:
    drawn = DRAWN["four labels"]
    filter.find_label_issues(drawn.label, 0.5 * drawn.proba, n_jobs=1)
    with pytest.raises(noise.issues.BadVotes, match=r"Row 0 of proba sums to 0\.5"):
        noise.label_issues(drawn.label, 0.5 * drawn.proba)


def test_cleanlab_passes_over_boxes_that_should_not_be_there() -> None:
    labels = [{"bboxes": np.array([[0, 0, 10, 10], [50, 50, 60, 60]], dtype=np.float32), "labels": np.array([0, 0])}]
    predictions = [
        np.array([np.array([[0, 0, 10, 10, 0.99]], dtype=np.float32), np.zeros((0, 5), dtype=np.float32)], dtype=object)
    ]
    assert compute_badloc_box_scores(labels=labels, predictions=predictions)[0][1] == 1
    found = noise.box_issues(
        [[0, 0, 10, 10], [50, 50, 10, 10]], [[0, 0, 10, 10]], items=([0, 0], [0]), confidence=[0.99]
    )
    assert [(row["kind"], row["given"]) for row in found.rows()] == [("superfluous", 1)]


def test_the_evidence_ranks_planted_and_confirmed_errors_better(data_dir: Path) -> None:
    held = np.load(data_dir / "label_errors" / "mnist_test" / "data.npz")
    reviews = json.loads((data_dir / "label_errors" / "mnist_test" / "mturk.json").read_text(encoding="utf-8"))
    checked = np.array([review["id"] for review in reviews])
    wrong = np.zeros(len(held["labels"]), dtype=bool)
    wrong[checked] = [review["mturk"]["given"] < 3 for review in reviews]
    sets = [(held["labels"], held["pred_probs"], wrong, checked)]
    # two labels are left out: where all errors go one way, a model that was not fitted to these labels needs no recalibration
    some = [one for name, one in DRAWN.items() if name != "two labels"]
    sets += [(one.label, one.proba, one.wrong, np.arange(len(one.label))) for one in some]
    for label, proba, errors, seen in sets:
        ours = noise.label_issues(label, proba, choose="all").index
        mine = average_precision(errors, ours[np.isin(ours, seen)])
        for method in ("self_confidence", "normalized_margin", "confidence_weighted_entropy"):
            order = np.argsort(rank.get_label_quality_scores(label, proba, method=method), kind="stable")
            assert mine > average_precision(errors, order[np.isin(order, seen)]) - 0.005


def test_sentences_are_ranked_as_well_as_by_the_lowest_token() -> None:
    rng = np.random.default_rng(8)
    tags = ["O", "PER", "LOC"]
    lengths = rng.integers(3, 12, 300)
    true = [rng.choice(3, size, p=[0.7, 0.2, 0.1]) for size in lengths]
    given = [np.where(rng.random(len(one)) < 0.03, rng.integers(0, 3, len(one)), one) for one in true]
    proba = [rng.dirichlet([0.6] * 3, len(one)) * 0.4 + 0.6 * np.eye(3)[one] for one in true]
    wrong = np.array([(a != b).any() for a, b in zip(true, given, strict=True)])
    spans = []
    for one in given:
        edges = [0, *(np.flatnonzero(one[1:] != one[:-1]) + 1).tolist(), len(one)]
        spans.append([(start, end, tags[one[start]]) for start, end in pairwise(edges) if one[start]])
    found = noise.span_issues(spans, token_proba=proba, tags=tags)
    quality, _ = of_sentences([one.tolist() for one in given], proba)
    ours = average_precision(wrong, np.argsort(-found.by_item, kind="stable"))
    assert ours > average_precision(wrong, np.argsort(quality, kind="stable")) - 0.02
