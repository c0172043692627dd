"""How far answers of every kind are apart, and how much those who gave them agree."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldseam.annotate import apart
from goldseam.annotate.apart import SHAPES, Answered, disagreement, judge, thinned
from goldseam.formats.plain import answer_from_plain
from goldseam.formats.schemas import schema_from_plain
from goldseam.stats import agreement
from goldseam.stats.votes import Votes
from goldseam.vocab.answers import Abstain, Answer, Choice, LabelName, Rating
from goldseam.vocab.schema import Label, Question, QuestionKind
from tests.walk.test_every_kind import WORLDS

MOOD = Question("mood", labels=(Label(LabelName("a")), Label(LabelName("b")), Label(LabelName("c"))))
OTHER = {
    "choice": {"label": "cat"}, "choices": {"labels": ["cat"]}, "taxonomy": {"labels": ["pet/dog"]}, "rating": {"value": 1},
    "number": {"value": 7.5}, "date": {"value": "2026-05-02T09:30"}, "text": {"text": "nave"},
    "span": {"spans": [{"start": 0, "end": 4, "label": "dog"}]}, "rubric": {"grades": [{"turn": None, "criterion": "kind", "value": 3}]},
    "key_values": {"pairs": [{"key": "total", "value": 3}]},
    "box": {"boxes": [{"x": 1, "y": 2, "width": 3, "height": 6, "label": "dog", "rotation": 30}]},
    "ellipse": {"ellipses": [{"cx": 9, "cy": 9, "rx": 2, "ry": 2.5, "label": "cat", "rotation": 0}]},
    "polygon": {"polygons": [{"points": [[0, 0], [9, 0], [9, 5]], "label": "cat"}]},
    "polyline": {"polylines": [{"points": [[0, 0], [9, 6]], "label": "dog"}]},
    "keypoints": {"poses": [{"label": "cat", "points": [{"name": "nose", "sight": "visible", "x": 4, "y": 4}, {"name": "tail", "sight": "absent"}]}]},
    "mask": {"masks": [{"width": 40, "height": 25, "counts": [10, 3, 987], "label": "dog"}]},
    "preference": {"chosen": 0, "strength": 2}, "ranking": {"order": [[0], [1], [2]]}, "best": {"chosen": 0},
}  # fmt: skip
"""Another answer to each question of the worlds."""


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def said(label: str) -> Answer:
    return Choice(LabelName(label))


def every_kind() -> Iterable[tuple[Question, Answer, Answer]]:
    for modality, (kinds, _) in WORLDS.items():
        if modality in {"text", "image", "candidates"}:
            for kind, (options, answer) in kinds.items():
                question = schema_from_plain({"questions": [{"name": kind, "kind": kind, **options}]}).main
                yield (
                    question,
                    answer_from_plain({"kind": kind, **answer}),
                    answer_from_plain({"kind": kind, **OTHER[kind]}),
                )


KINDS = {question.kind.value: (question, one, other) for question, one, other in every_kind()}


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=6), min_size=1, max_size=6))
def test_of_labels_disagreement_is_the_share_of_pairs_that_differ_and_agreement_is_nominal_alpha(
    items: list[list[str]],
) -> None:
    told = [Answered(place, f"p{who}", said(one)) for place, votes in enumerate(items) for who, one in enumerate(votes)]
    found = judge(MOOD, told, rng())
    for place, votes in enumerate(items):
        pairs = [(a, b) for at, a in enumerate(votes) for b in votes[at + 1 :]]
        assert (place in found.apart) == bool(pairs)
        if pairs:
            assert found.apart[place] == pytest.approx(sum(a != b for a, b in pairs) / len(pairs))
    if told:
        votes = Votes.from_arrays(
            [one.item for one in told],
            [one.annotator for one in told],
            [v for vs in items for v in vs],
            labels=[*"abc"],
        )
        right = agreement.alpha(votes)
        assert (found.measured.value is None) == (right.value is None)
        if right.value is not None:
            assert found.measured.value == pytest.approx(right.value)


@pytest.mark.parametrize("kind", KINDS)
def test_of_every_kind_what_is_equal_is_not_apart_and_what_differs_is(kind: str) -> None:
    question, one, other = KINDS[kind]
    told = [Answered(1, "ann", one), Answered(1, "ben", one), Answered(2, "ann", one), Answered(2, "ben", other)]
    found = judge(question, told, rng())
    assert found.apart[1] == 0
    assert 0 < found.apart[2] <= 1
    assert found.measured.value is not None
    assert found.measured.value < 1
    assert (found.measured.kind, found.measured.n_items, found.measured.n_votes) == (kind, 2, 4)
    assert disagreement(question, told, rng()) == found.apart


def test_an_abstention_disagrees_with_nobody_and_the_last_answer_counts() -> None:
    told = [
        Answered(1, "ann", said("a")),
        Answered(1, "ann", said("b")),
        Answered(1, "ben", said("b")),
        Answered(1, "cleo", Abstain("blurred")),
        Answered(2, "ann", said("a")),
        Answered(2, "ben", Abstain()),
    ]
    assert disagreement(MOOD, told, rng()) == {1: 0.0}


def test_numbers_without_a_scale_are_apart_by_the_range_of_what_was_said() -> None:
    rating = Question("stars", QuestionKind.RATING, minimum=1, maximum=5)
    told = [Answered(1, "ann", Rating(1)), Answered(1, "ben", Rating(3))]
    assert disagreement(rating, told, rng()) == {1: 0.5}


def test_undefined_agreement_says_why() -> None:
    found = judge(MOOD, [], rng())
    assert (found.measured.value, found.measured.low, bool(found.measured.reason)) == (None, None, True)


@given(st.lists(st.integers(0, 12), max_size=120), st.integers(1, 60))
def test_thinned_answers_make_no_more_pairs_than_wanted_and_every_item_keeps_what_it_can(
    items: list[int], most: int
) -> None:
    kept = thinned(items, most, rng())
    assert kept == sorted(set(kept))
    counts = np.bincount([items[place] for place in kept], minlength=13)
    assert (counts * (counts - 1) // 2).sum() <= most
    if sum(n * (n - 1) // 2 for n in np.bincount(items, minlength=13)) <= most:
        assert kept == list(range(len(items)))


def test_a_session_of_many_shapes_compares_a_bounded_number_of_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    question, one, other = KINDS["polygon"]
    n_compared = 0

    def counting(a: object, b: object) -> float:
        nonlocal n_compared
        n_compared += 1
        return float(a != b)

    monkeypatch.setattr(apart, "distance_of", lambda _, answers: ([*answers], counting))
    told = [Answered(item, f"p{who}", (one, other)[who % 2]) for item in range(100) for who in range(50)]
    found = judge(question, told, rng())
    assert n_compared <= 3 * SHAPES
    assert len(found.apart) == 100
