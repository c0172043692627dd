"""Fused boxes and masks: small cases by hand, degenerate ones, what is refused, and real crowds."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from goldseam.stats import overlap, truth
from goldseam.stats.overlap import Runs
from goldseam.stats.votes import BadVotes

BOX = [10.0, 10.0, 20.0, 20.0]


def shifted(by: float) -> list[float]:
    return [BOX[0] + by, BOX[1] + by, BOX[2], BOX[3]]


# --- boxes ------------------------------------------------------------------------------------------------------------


def test_three_boxes_of_one_thing_become_one_and_a_lone_one_is_left_out() -> None:
    drawn = [shifted(0), shifted(1), shifted(2), [70, 70, 9, 9]]
    found = truth.boxes(["i"] * 4, ["ann", "bob", "eve", "eve"], drawn)
    assert found.n_objects == 1
    assert found.boxes[0] == pytest.approx(shifted(1))
    assert (found.n_votes.tolist(), found.n_looked.tolist()) == ([3], [3])
    assert found.object_of.tolist() == [0, 0, 0, -1]
    assert found.label_posterior.tolist() == [[1.0]]
    assert found.labels == (None,)


def test_all_objects_come_out_on_request_the_surest_first() -> None:
    drawn = [shifted(0), shifted(1), shifted(2), [70, 70, 9, 9]]
    found = truth.boxes(["i"] * 4, ["ann", "bob", "eve", "eve"], drawn, at_least=0)
    assert found.n_objects == 2
    assert found.confidence[0] > 0.9 > 0.5 > found.confidence[1]
    assert found.boxes[1].tolist() == [70, 70, 9, 9]
    assert found.spread[1] == 0
    assert found.spread[0] > 0


def test_those_who_looked_and_drew_nothing_are_votes_against() -> None:
    item, annotator, drawn = ["i", "i"], ["ann", "bob"], [shifted(0), shifted(1)]
    alone = truth.boxes(item, annotator, drawn, at_least=0)
    against = truth.boxes(item, annotator, drawn, looked=(["i"] * 6, list("cdefgh")), at_least=0)
    assert against.n_looked.tolist() == [8]
    assert against.confidence[0] < alone.confidence[0]
    assert len(against.annotators) == 8


def test_an_item_that_everybody_found_empty_has_no_objects() -> None:
    found = truth.boxes(["i", "i"], ["ann", "bob"], [BOX, BOX], looked=(["j", "j"], ["ann", "bob"]))
    assert found.items.tolist() == ["i", "j"]
    assert found.item.tolist() == [0]


def test_an_annotator_never_has_two_boxes_in_one_object() -> None:
    """Two people side by side, drawn nearly alike; everyone drew both."""
    pair = [[10, 10, 20, 40], [16, 10, 20, 40]]
    found = truth.boxes(["i"] * 6, ["a", "a", "b", "b", "c", "c"], pair * 3, joined_at=0.1)
    assert found.n_votes.tolist() == [3, 3]
    assert found.object_of[0::2].tolist() == [found.object_of[0]] * 3
    assert found.object_of[0] != found.object_of[1]


def test_labels_are_fused_with_the_boxes() -> None:
    item = np.repeat(np.arange(20), 3)
    label = ["cat", "cat", "dog"] * 10 + ["dog", "dog", "dog"] * 10
    found = truth.boxes(item, ["a", "b", "c"] * 20, [BOX] * 60, label)
    assert [found.labels[k] for k in found.label] == ["cat"] * 10 + ["dog"] * 10
    assert found.confusion is not None
    assert found.confusion[2, 0, 1] > 0.7  # c says dog where it is a cat
    assert found.confusion.sum(axis=2) == pytest.approx(np.ones((3, 2)))


def test_turned_boxes_keep_their_turn_whichever_corner_they_were_drawn_from() -> None:
    drawn = [[100, 100, 40, 10, 30], [100.5, 100, 40, 10, 32], [99.5, 100, 40, 10, 28]]
    start = np.array(drawn[0], dtype=float)
    angle = np.deg2rad(30)
    # the same rectangle as the first, with its sides exchanged and a quarter turn more
    start[:2] += 40 * np.array([np.cos(angle), np.sin(angle)])
    drawn.append([*start[:2], 10, 40, 120])
    found = truth.boxes(["i"] * 4, list("abcd"), drawn)
    assert found.boxes.shape == (1, 5)
    assert overlap.iou(found.boxes, [drawn[0]])[0, 0] > 0.95
    assert found.boxes[0, 4] % 90 == pytest.approx(30, abs=1)


def test_turned_boxes_without_a_turn_are_fused_as_upright_ones() -> None:
    drawn = np.array([shifted(0), shifted(1), shifted(3)])
    upright = truth.boxes(["i"] * 3, list("abc"), drawn)
    turned = truth.boxes(["i"] * 3, list("abc"), np.column_stack([drawn, np.zeros(3)]))
    assert turned.boxes[:, :4] == pytest.approx(upright.boxes)
    assert turned.boxes[:, 4].tolist() == [0]


def test_nothing_drawn_is_a_result_with_a_warning() -> None:
    found = truth.boxes([], [], [], looked=(["i", "i"], ["ann", "bob"]))
    assert (found.n_objects, found.log_likelihood) == (0, None)
    assert found.warnings == ("Nobody marked anything.",)
    assert np.isfinite(found.recall).all()
    assert truth.boxes([], [], []).items.tolist() == []


def test_one_annotator_alone_is_believed_with_a_warning() -> None:
    found = truth.boxes([f"i{k}" for k in range(9)], ["ann"] * 9, [BOX] * 9)
    assert found.n_objects == 9
    assert "9 of 9 items were looked at by one annotator" in found.warnings[0]
    assert np.isfinite(found.confidence).all()
    assert (found.confidence < 0.99).all()


def test_boxes_that_nobody_else_saw_stay_apart() -> None:
    found = truth.boxes(["i", "j"], ["ann", "bob"], [BOX, BOX], at_least=0)
    assert found.item.tolist() == [0, 1]


def test_boxes_without_area_and_very_many_labels_give_finite_numbers() -> None:
    rng = np.random.default_rng(0)
    item = np.repeat(np.arange(450), 3)
    annotator = (item * 7 + np.tile(np.arange(3), 450)) % 100
    label = np.where(rng.random(1350) < 0.9, item, rng.integers(0, 450, 1350))
    drawn = np.tile(BOX, (1350, 1))
    drawn[::7, 2:] = 0
    found = truth.boxes(item, annotator, drawn, label, at_least=0)
    assert found.confusion is None  # 20 million cells would be needed
    sure = found.n_votes >= 2
    assert (np.array(found.labels)[found.label[sure]] == found.item[sure]).mean() > 0.9
    for numbers in (found.label_posterior, found.error, found.boxes, found.confidence):
        assert np.isfinite(numbers).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"item": ["i"]}, "item 1"),
        ({"annotator": ["a", None]}, "no annotator"),
        ({"label": ["x", None]}, "Mark 1 has no label"),
        ({"label": ["x"]}, "label 1"),
        ({"boxes": [BOX, [1, 1, -1, 1]]}, "Box 1"),
        ({"looked": (["i"], [])}, "1 and 0"),
        ({"joined_at": 1.5}, "joined_at=1.5"),
        ({"at_least": -1}, "at_least=-1"),
    ],
)  # fmt: skip
def test_boxes_that_do_not_fit_together_are_refused(change: dict[str, object], words: str) -> None:
    given = {"item": ["i", "i"], "annotator": ["a", "b"], "boxes": [BOX, BOX], "label": ["x", "x"]} | change
    with pytest.raises(BadVotes, match=words):
        truth.boxes(**given)  # type: ignore[arg-type]  # wrong on purpose


def test_a_stop_before_it_settles_is_said() -> None:
    rng = np.random.default_rng(1)
    drawn = np.column_stack([rng.random((40, 2)) * 30, np.full((40, 2), 20.0)])
    found = truth.boxes(np.arange(40) % 5, np.arange(40) % 8, drawn, max_iterations=2)
    assert any("Stopped after 2 iterations" in warning for warning in found.warnings)


@pytest.fixture(scope="session")
def birds(data_dir: Path) -> tuple[np.ndarray, np.ndarray]:
    """Boxes of a crowd (item, annotator, x, y, width, height), and of experts (item, x, y, width, height)."""
    folder = data_dir / "crowd" / "boxes_braylan"
    if not folder.is_dir():
        pytest.skip("real data is not here: boxes_braylan")
    sides = ("x1", "y1", "x2", "y2")
    with (folder / "annotations.csv").open(newline="") as file:
        drawn = np.array([[float(r[c]) for c in ("task", "worker", *sides)] for r in csv.DictReader(file)])
    with (folder / "gold.csv").open(newline="") as file:
        gold = np.array([[float(r[c]) for c in ("task", *sides)] for r in csv.DictReader(file)])
    for table in (drawn, gold):
        table[:, -2:] -= table[:, -4:-2]
    return drawn, gold


def test_the_birds_of_a_crowd_are_found_better_than_by_clusters_and_medians(
    birds: tuple[np.ndarray, np.ndarray],
) -> None:
    """A median of greedy clusters with a quarter of the votes reaches 0.775 and 0.559 (F1 at IoU 0.5 and 0.75)."""
    drawn, gold = birds
    found = truth.boxes(drawn[:, 0], drawn[:, 1], drawn[:, 2:])
    items = (gold[:, 0], found.items[found.item])
    assert overlap.match(gold[:, 1:], found.boxes, items=items).value > 0.79
    assert overlap.match(gold[:, 1:], found.boxes, items=items, iou_at=0.75).value > 0.585


# --- masks ------------------------------------------------------------------------------------------------------------


def test_a_mask_is_what_reliable_annotators_take_in() -> None:
    rng = np.random.default_rng(2)
    right = rng.random((30, 8, 8)) < 0.4
    error = np.array([0.02, 0.02, 0.4, 0.4, 0.4])
    drawn = right[:, None] ^ (rng.random((30, 5, 8, 8)) < error[:, None, None])
    found = truth.masks(np.repeat(np.arange(30), 5), np.tile(np.arange(5), 30), drawn.reshape(-1, 8, 8))
    majority = drawn.sum(axis=1) > 2.5
    masks = found.masks.to_masks(8, 8)
    assert (masks == right).mean() > 0.98 > 0.95 > (majority == right).mean()
    assert found.sensitivity == pytest.approx(1 - error, abs=0.06)
    assert found.specificity == pytest.approx(1 - error, abs=0.06)


def test_each_pixel_has_its_posterior_by_bayes() -> None:
    """With annotators' numbers as found, the posterior follows by hand."""
    drawn = np.array([[1, 1, 1, 0, 0, 0], [1, 1, 0, 0, 0, 0], [1, 0, 1, 1, 0, 0]], dtype=bool)
    found = truth.masks(["i"] * 3, list("abc"), drawn, tolerance=0, max_iterations=500)
    many = found.part_end - found.part_start
    posterior = np.repeat(found.part_posterior, many)
    weight = np.array([1, 1, 1, 1, 1, 1])  # two pixels that nobody took in, four that somebody did
    prior = ((posterior * weight).sum() + 0.5) / (weight.sum() + 1)
    inside = np.where(drawn, found.sensitivity[:, None], 1 - found.sensitivity[:, None]).prod(axis=0) * prior
    outside = np.where(drawn, 1 - found.specificity[:, None], found.specificity[:, None]).prod(axis=0) * (1 - prior)
    assert posterior == pytest.approx(inside / (inside + outside), abs=1e-6)


def test_confidence_is_the_expected_iou() -> None:
    drawn = np.zeros((3, 6), dtype=bool)
    drawn[:, :3] = True
    drawn[0, 3] = True
    found = truth.masks(["i"] * 3, list("abc"), drawn)
    posterior = np.repeat(found.part_posterior, found.part_end - found.part_start)
    inside = posterior >= 0.5
    assert found.confidence[0] == pytest.approx(posterior[inside].sum() / (inside.sum() + posterior[~inside].sum()))


def test_empty_masks_are_votes_and_an_empty_result_is_one() -> None:
    drawn = np.zeros((3, 4, 4), dtype=bool)
    found = truth.masks(["i"] * 3, list("abc"), drawn)
    assert found.masks.areas().tolist() == [0]
    assert found.confidence[0] > 0.9
    drawn[0, :2] = True
    found = truth.masks(["i"] * 3, list("abc"), drawn)
    assert found.masks.areas().tolist() == [0]
    assert 0 <= found.confidence[0] <= 1


def test_one_annotator_and_no_mask_at_all_are_said() -> None:
    alone = truth.masks(["i"], ["a"], np.eye(4, dtype=bool)[None])
    assert alone.masks.areas().tolist() == [4]
    assert "one annotator" in alone.warnings[0]
    nothing = truth.masks([], [], np.zeros((0, 4, 4), dtype=bool))
    assert (nothing.log_likelihood, nothing.masks.n_masks) == (None, 0)
    assert nothing.warnings == ("Nobody marked anything.",)


def test_more_than_62_annotators_of_one_item_are_no_limit() -> None:
    rng = np.random.default_rng(3)
    right = np.zeros(50, dtype=bool)
    right[10:30] = True
    drawn = right ^ (rng.random((70, 50)) < 0.2)
    many = truth.masks(["i"] * 70, np.arange(70), drawn)
    assert (many.masks.to_masks(50)[0] == right).all()
    few = truth.masks(["i"] * 60, np.arange(60), drawn[:60])
    assert (few.masks.to_masks(50)[0] == right).all()


def test_items_may_have_images_of_different_sizes() -> None:
    found = truth.masks(["i", "j", "i"], list("aab"), [np.eye(2), np.eye(3), np.eye(2)])
    assert found.masks.size.tolist() == [4, 9]
    assert found.n_votes.tolist() == [2, 1]


@pytest.mark.parametrize(
    ("item", "annotator", "masks", "words"),
    [
        (["i", "i"], ["a", "a"], np.zeros((2, 2, 2)), "'a' has two masks of the item 'i'"),
        (["i", "i"], ["a", "b"], [np.zeros((2, 2)), np.zeros((2, 3))], "'i' are of images of different sizes"),
        (["i"], ["a", "b"], np.zeros((2, 2, 2)), "item 1"),
    ],
)
def test_masks_that_do_not_fit_together_are_refused(
    item: list[str], annotator: list[str], masks: object, words: str
) -> None:
    with pytest.raises(BadVotes, match=words):
        truth.masks(item, annotator, masks)  # type: ignore[arg-type]  # wrong on purpose


def test_runs_and_arrays_give_the_same_mask() -> None:
    rng = np.random.default_rng(4)
    drawn = rng.random((6, 5, 5)) < 0.5
    one = truth.masks(np.arange(6) % 2, np.arange(6) // 2, drawn)
    two = truth.masks(np.arange(6) % 2, np.arange(6) // 2, Runs.from_masks(drawn))
    assert one.part_posterior.tolist() == two.part_posterior.tolist()
