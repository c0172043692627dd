"""Hidden gold: at the set rate, replayable with the seed, unlike without it."""

from __future__ import annotations

import pytest

from goldseam.annotate.gold import wants_gold, which_gold
from goldseam.vocab.errors import BadValue

SEED = bytes(range(32))


def checks(seed, annotator="ann", rate=0.1, n=2000):
    return [wants_gold(annotator, number, rate, seed) for number in range(n)]


def test_the_share_of_gold_checks_is_the_rate():
    assert 150 < sum(checks(SEED)) < 250


def test_the_seed_replays_the_checks_and_another_seed_or_person_has_others():
    assert checks(SEED) == checks(SEED)
    assert checks(SEED) != checks(SEED[::-1])
    assert checks(SEED) != checks(SEED, annotator="bob")


def test_a_rate_of_0_never_checks_and_a_rate_of_1_always_does():
    assert not any(checks(SEED, rate=0.0, n=200))
    assert all(checks(SEED, rate=1.0, n=200))


def test_every_gold_item_is_shown_about_as_often():
    shown = [which_gold("ann", number, 5, SEED) for number in range(1000)]
    assert set(shown) == set(range(5))
    assert all(140 < shown.count(item) < 260 for item in range(5))


def test_which_gold_is_shown_does_not_follow_from_whether_one_is():
    asked = [number for number in range(2000) if wants_gold("ann", number, 0.1, SEED)]
    assert len({which_gold("ann", number, 10, SEED) for number in asked}) == 10


def test_a_seed_that_could_be_guessed_and_a_choice_among_nothing_are_refused():
    with pytest.raises(BadValue, match="bytes"):
        wants_gold("ann", 0, 0.5, b"short")
    with pytest.raises(BadValue, match="no gold item left"):
        which_gold("ann", 0, 0, SEED)


def test_a_seed_longer_than_a_key_is_used_whole():
    assert checks(b"x" * 70 + b"a", n=200) != checks(b"x" * 70 + b"b", n=200)
