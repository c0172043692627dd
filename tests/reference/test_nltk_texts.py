"""Edit distances beside nltk's."""

from __future__ import annotations

import numpy as np
import pytest

from goldseam.stats.truth._strings import characters, edit_distances, words

distance = pytest.importorskip("nltk.metrics.distance")


def test_edit_distances_of_characters_and_words_are_nltks() -> None:
    rng = np.random.default_rng(0)
    texts = ["".join(rng.choice(list("abc déf"), rng.integers(0, 30))) for _ in range(60)]
    first, second = rng.integers(0, 60, (2, 300))
    by_letter = edit_distances(characters(texts), first, second)
    by_word = edit_distances(words(texts), first, second)
    for k, (a, b) in enumerate(zip(first, second, strict=True)):
        assert by_letter[k] == distance.edit_distance(texts[a], texts[b])
        assert by_word[k] == distance.edit_distance(texts[a].split(), texts[b].split())
