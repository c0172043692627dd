"""Features for a cold start: alike contents lie near each other."""

from __future__ import annotations

import numpy as np
import pytest

from goldseam.prelabel import words
from goldseam.prelabel.features import embed

SPORT = [f"the team won the game number {i} with a late goal" for i in range(20)]
FOOD = [f"the soup and bread of dish {i} taste of fresh herbs" for i in range(20)]


def test_texts_of_one_kind_lie_nearer_to_each_other_than_to_the_other_kind():
    found = embed(SPORT + FOOD, np.random.default_rng(0), dimensions=5)
    alike = found @ found.T
    assert alike[:20, :20].mean() > alike[:20, 20:].mean() + 0.3
    assert np.linalg.norm(found, axis=1) == pytest.approx(np.ones(40), abs=1e-5)


def test_images_are_reduced_too():
    images = np.random.default_rng(0).random((30, 64)).astype(np.float32)
    found = embed(images, np.random.default_rng(0), dimensions=8)
    assert found.shape == (30, 8)
    assert found.dtype == np.float32


@pytest.mark.parametrize("contents", [[], ["one"], ["...", "!!!", "?"], np.zeros((3, 16), np.float32)])
@pytest.mark.filterwarnings("error")
def test_contents_that_say_nothing_give_rows_of_zeros_and_no_error(contents):
    found = embed(contents, np.random.default_rng(0))
    assert found.shape[0] == len(contents)
    assert not found.any()


def test_the_same_seed_gives_the_same_features():
    one, again = (embed(SPORT + FOOD, np.random.default_rng(2)) for _ in range(2))
    assert one.tobytes() == again.tobytes()


def test_rows_of_words_are_tf_idf_of_length_1():
    vocabulary, idf = words.learn(["a a b", "b c"])
    assert vocabulary.tolist() == ["a", "a a", "a b", "b", "b c", "c"]
    rare, common = np.log(3 / 2) + 1, 1.0
    row = np.array([(1 + np.log(2)) * rare, rare, rare, common, 0, 0])
    found = words.rows(["a a b", "unknown"], vocabulary, idf).toarray()
    assert found[0] == pytest.approx(row / np.linalg.norm(row), rel=1e-5)
    assert not found[1].any()


def test_an_endless_word_is_cut_so_that_the_vocabulary_stays_small():
    vocabulary, _ = words.learn(["x" * 100_000])
    assert vocabulary.dtype.itemsize <= 4 * 81
