"""Label issues and the joint of labels given and true: planted errors are found, and what goes in wrong is named."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import goldseam as gs
from goldseam.stats import noise
from goldseam.stats.noise import _evidence, _given, confident
from tests.unit.stats.noise_sets import average_precision, noisy, one_sided

FIVE = [[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.1, 0.9]]


def test_the_noise_matrix_is_found_again_though_it_is_far_from_symmetric() -> None:
    wanted = one_sided(4, 0.2)
    found = noise.joint(*noisy(20_000, wanted, margin=6.0)[:2])
    assert np.abs(found.noise - wanted).max() < 0.03
    assert np.abs(found.inverse[:, 0] - [1, 0, 0, 0]).max() < 0.03
    assert found.inverse[0, 1] == pytest.approx(0.2 / (0.2 + 0.8), abs=0.05)
    assert found.expected == pytest.approx(0.15, abs=0.02)


def test_the_joint_has_the_shares_of_the_labels_given_as_its_rows() -> None:
    drawn = noisy(3_000, one_sided(3), share=np.array([0.6, 0.3, 0.1]))
    found = noise.joint(drawn.label, drawn.proba)
    np.testing.assert_allclose(found.calibrated.sum(axis=1), np.bincount(drawn.label) / 3_000)
    np.testing.assert_allclose(found.noise.sum(axis=0), 1)
    np.testing.assert_allclose(found.inverse.sum(axis=0), 1)
    assert found.n_expected == pytest.approx(3_000 * (1 - found.calibrated.trace()))


def test_thresholds_are_mean_probabilities_of_the_labels_given() -> None:
    found = noise.joint([0, 0, 0, 1, 1], FIVE)
    assert found.thresholds == pytest.approx([0.6, 0.85])
    assert found.counts.tolist() == [[2, 1], [0, 1]]
    # of the two given 1 only one is sure of it, and stands for both
    assert found.calibrated == pytest.approx(np.array([[2 / 3, 1 / 3], [0, 1]]) * [[0.6], [0.4]])


def test_an_item_counts_as_a_label_that_reaches_its_threshold_not_as_the_most_probable_one() -> None:
    proba = np.array([[0.9, 0.05, 0.05]] * 3 + [[0.1, 0.2, 0.7], [0.1, 0.2, 0.7], [0.5, 0.4, 0.1], [0.5, 0.45, 0.05]])
    found = noise.joint([0, 0, 0, 2, 2, 1, 1], proba)
    assert found.thresholds == pytest.approx([0.9, 0.425, 0.7])
    assert found.counts.tolist() == [[3, 0, 0], [0, 1, 0], [0, 0, 2]]


def test_equal_probabilities_speak_for_the_label_given() -> None:
    found = noise.joint([0, 1, 0, 1], np.full((4, 2), 0.5))
    assert found.counts.tolist() == [[2, 0], [0, 2]]
    assert noise.label_issues([0, 1, 0, 1], np.full((4, 2), 0.5), choose="confident").n_issues == 0


def test_planted_errors_come_first() -> None:
    drawn = noisy(4_000, one_sided(5, 0.1))
    every = noise.label_issues(drawn.label, drawn.proba, choose="all")
    plain = np.argsort(noise.self_confidence(drawn.label, drawn.proba))
    assert average_precision(drawn.wrong, every.index) > max(0.9, average_precision(drawn.wrong, plain))
    assert every.n_issues == 4_000
    assert (np.diff(every.score) <= 0).all()


def test_the_likely_ones_are_mostly_wrong_and_suggest_what_is_right() -> None:
    drawn = noisy(4_000, one_sided(5, 0.1))
    found = noise.label_issues(drawn.label, drawn.proba)
    assert drawn.wrong[found.index].mean() > 0.9
    assert drawn.wrong[found.index].sum() > 0.7 * drawn.wrong.sum()
    right = drawn.wrong[found.index]
    assert (found.suggested == drawn.true[found.index])[right].mean() > 0.97
    assert (found.given == drawn.label[found.index]).all()
    assert (found.score > 0.5).all()
    assert found.mask().sum() == found.n_issues


def test_the_list_of_likely_ones_is_what_scoring_everything_says() -> None:
    for seed, margin in ((1, 1.0), (2, 2.0), (3, 5.0)):
        drawn = noisy(2_000, one_sided(6, 0.3), seed=seed, margin=margin)
        every = noise.label_issues(drawn.label, drawn.proba, choose="all")
        likely = noise.label_issues(drawn.label, drawn.proba)
        assert set(likely.index.tolist()) == set(every.index[every.score > 0.5].tolist())


def test_lists_are_chosen_as_asked() -> None:
    drawn = noisy(1_000, one_sided(3, 0.1))
    by = {
        choose: noise.label_issues(drawn.label, drawn.proba, choose=choose)
        for choose in ("expected", "confident", "all")
    }
    joint = by["all"].joint
    assert by["expected"].n_issues == round(joint.n_expected or 0)
    assert by["expected"].index.tolist() == by["all"].index[: by["expected"].n_issues].tolist()
    assert by["confident"].n_issues == joint.counts.sum() - joint.counts.trace()
    assert (
        noise.label_issues(drawn.label, drawn.proba, choose="all", limit=7).index.tolist()
        == by["all"].index[:7].tolist()
    )


@pytest.mark.parametrize("score", ["self_confidence", "normalized_margin", "weighted_entropy"])
def test_scores_of_the_literature_order_the_items_too(score: str) -> None:
    drawn = noisy(500, one_sided(3, 0.1))
    found = noise.label_issues(drawn.label, drawn.proba, score=score, choose="all")
    quality = getattr(noise, score)(drawn.label, drawn.proba)
    np.testing.assert_allclose(found.score, 1 - quality[found.index], atol=1e-9)
    assert (quality[found.index[1:]] >= quality[found.index[:-1]] - 1e-12).all()
    best = np.where(np.eye(3, dtype=bool)[drawn.label], -1, drawn.proba).argmax(axis=1)
    assert (found.suggested == best[found.index]).all()


def test_a_certain_model_that_agrees_has_the_best_score_of_every_kind() -> None:
    sure = [[1.0, 0.0], [1.0, 0.0], [0.6, 0.4]]
    for score in (noise.self_confidence, noise.normalized_margin, noise.weighted_entropy):
        quality = score([0, 1, 0], sure)
        assert quality[0] == 1
        assert quality[1] == 0
        assert 0 < quality[2] < 1


def test_rows_are_plain_and_say_why() -> None:
    found = noise.label_issues(["cat", "cat", "cat", "dog", "dog"], FIVE, names=["cat", "dog"])
    (row,) = found.rows()
    assert row["index"] == 2
    assert (row["given"], row["suggested"]) == ("cat", "dog")
    assert row["reason"] == "The model gives 'dog' 0.90 and 'cat', the label given, 0.10."
    assert json.loads(json.dumps(found.rows())) == found.rows()
    assert found.rows(limit=0) == []


def test_names_may_be_given_as_positions_numbers_or_text() -> None:
    by_position = noise.label_issues([0, 0, 0, 1, 1], FIVE)
    assert by_position.names == (0, 1)
    for labels, names in (
        ([7, 7, 7, 9, 9], [7, 9]),
        (list("aaabb"), ["a", "b"]),
        (np.array(list("aaabb")), ("a", "b")),
        ([0, 0, 0, 1, 1], ["a", "b"]),
        ([0.0, 0.0, 0.0, 1.0, 1.0], None),
        (np.array([0, 0, 0, 1, 1], dtype=np.uint8), None),
        ([False, False, False, True, True], [False, True]),
    ):
        found = noise.label_issues(labels, FIVE, names=names)
        assert found.index.tolist() == by_position.index.tolist()
        assert found.score == pytest.approx(by_position.score)


@pytest.mark.parametrize("kind", [np.float32, np.float16])
def test_less_precise_probabilities_tell_the_same(kind: type) -> None:
    drawn = noisy(2_000, one_sided(4, 0.15))
    one, two = (noise.label_issues(drawn.label, proba) for proba in (drawn.proba, drawn.proba.astype(kind)))
    assert len(set(one.index.tolist()) ^ set(two.index.tolist())) <= 0.02 * one.n_issues
    assert two.n_expected == pytest.approx(one.n_expected, rel=0.02)


def test_how_the_array_lies_in_memory_changes_nothing() -> None:
    drawn = noisy(700, one_sided(4, 0.15))
    wide = np.zeros((1_400, 8))
    wide[::2, ::2] = drawn.proba
    for proba in (np.asfortranarray(drawn.proba), wide[::2, ::2], drawn.proba.tolist()):
        assert (
            noise.label_issues(drawn.label, proba).index.tolist()
            == noise.label_issues(drawn.label, drawn.proba).index.tolist()
        )


@pytest.mark.parametrize("k", [2, 5, 40])
def test_the_size_of_the_parts_that_are_worked_on_changes_nothing(k: int, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = noisy(3_000, one_sided(k, 0.2), margin=1.5)
    whole = noise.label_issues(drawn.label, drawn.proba, choose="all")
    monkeypatch.setattr(_given, "_BLOCK_BYTES", 1)
    monkeypatch.setattr(confident, "_ITEMS", 77)
    parts = noise.label_issues(drawn.label, drawn.proba, choose="all")
    assert parts.joint.counts.tolist() == whole.joint.counts.tolist()
    assert parts.score == pytest.approx(whole.score, abs=1e-9)
    assert average_precision(drawn.wrong, parts.index) == pytest.approx(
        average_precision(drawn.wrong, whole.index), abs=1e-6
    )


def test_a_large_set_is_learned_from_a_part_and_says_nearly_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = noisy(6_000, one_sided(4, 0.15))
    whole = noise.label_issues(drawn.label, drawn.proba, choose="all")
    monkeypatch.setattr(_evidence, "_ROWS", (900, 900))
    part = noise.label_issues(drawn.label, drawn.proba, choose="all")
    assert part.index.tolist() != whole.index.tolist()
    assert average_precision(drawn.wrong, part.index) == pytest.approx(
        average_precision(drawn.wrong, whole.index), abs=0.01
    )


def test_a_posterior_as_labels_counts_by_its_probabilities() -> None:
    soft = np.array([[1.0, 0.0], [0.8, 0.2], [0.6, 0.4], [0.0, 1.0], [0.1, 0.9]])
    found = noise.joint(soft, FIVE)
    assert found.thresholds == pytest.approx([
        (0.9 + 0.8 * 0.8 + 0.6 * 0.1 + 0.1 * 0.1) / 2.5,
        (0.2 * 0.2 + 0.4 * 0.9 + 0.8 + 0.9 * 0.9) / 2.5,
    ])  # fmt: skip
    assert found.counts == pytest.approx(np.array([[1.8, 0.7], [0.2, 1.3]]))  # the fourth reaches 0.8, not 0.804
    hard = noise.joint([0, 0, 1, 1], FIVE[:4])
    assert noise.joint(np.eye(2)[[0, 0, 1, 1]], FIVE[:4]).calibrated == pytest.approx(hard.calibrated)


def test_it_is_part_of_the_package() -> None:
    assert gs.noise.label_issues is noise.label_issues
    assert set(noise.__all__) <= set(dir(noise))


def test_people_confirm_more_of_the_first_issues_of_mnist_than_of_any_score(data_dir: Path) -> None:
    held = np.load(data_dir / "label_errors" / "mnist_test" / "data.npz")
    reviews = json.loads((data_dir / "label_errors" / "mnist_test" / "mturk.json").read_text(encoding="utf-8"))
    wrong = {review["id"]: review["mturk"]["given"] < 3 for review in reviews}
    found = noise.label_issues(held["labels"], held["pred_probs"])
    assert found.n_issues == 17
    assert sum(wrong[item] for item in found.index.tolist()) == 8  # of 15 confirmed; others find 7
    every = noise.label_issues(held["labels"], held["pred_probs"], choose="all")
    ours = [item for item in every.index.tolist() if item in wrong]
    margin = noise.normalized_margin(held["labels"], held["pred_probs"])
    theirs = sorted(wrong, key=lambda item: margin[item])
    confirmed = [
        average_precision(np.array([wrong[item] for item in order]), np.arange(100)) for order in (ours, theirs)
    ]
    assert confirmed[0] > confirmed[1] + 0.02
