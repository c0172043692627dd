"""Laws of settling and comparing answers of every kind: what everybody says is what comes out, and nobody disagrees."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldseam import encode
from goldseam.adjudicate import kinds
from goldseam.adjudicate.kinds import Said, settle_answers
from goldseam.encode import likeness
from goldseam.encode.kinds import distance_of
from goldseam.stats import distance
from goldseam.testing import answers as strategies
from goldseam.vocab.answers import Abstain, Mask, Spans
from goldseam.vocab.schema import QuestionKind

PEOPLE = ("ann", "bob", "eve", "kim")


def test_every_kind_has_a_distance_and_a_way_to_be_settled() -> None:
    assert set(encode.KINDS) == set(kinds.KINDS) == set(QuestionKind)


@pytest.mark.parametrize("kind", QuestionKind)
@settings(max_examples=6)
@given(data=st.data())
def test_what_everybody_says_is_settled_and_nobody_is_apart(kind: QuestionKind, data: st.DataObject) -> None:
    question = data.draw(strategies.questions(kind))
    given_by_item = [data.draw(strategies.ANSWER[kind](question, strategies.EXTENT)) for _ in range(2)]
    said = [Said(f"i{n}", who, answer) for n, answer in enumerate(given_by_item) for who in PEOPLE]
    said.append(Said("i0", "zoe", Abstain()))
    found = settle_answers(question, said)
    assert [one.item for one in found] == ["i0", "i1"]
    for one, answer in zip(found, given_by_item, strict=True):
        assert one.n_votes == len(PEOPLE)
        assert one.confidence is None or 0 <= one.confidence <= 1
        assert one.confidence is not None or one.reason
        units, apart = distance_of(question, [answer, one.answer])
        if not _crowded(answer):
            assert distance.table(units, apart).distances.max() == pytest.approx(0.0, abs=0.02)


def _crowded(answer: object) -> bool:
    """Whether shapes of one annotator lie so near each other that their boxes may be taken for one object."""
    shapes = next(
        (
            getattr(answer, name)
            for name in ("boxes", "ellipses", "polygons", "polylines", "poses", "masks")
            if hasattr(answer, name)
        ),
        (),
    )
    return len(shapes) > 1


@pytest.mark.parametrize("kind", QuestionKind)
@settings(max_examples=6)
@given(data=st.data())
def test_distances_are_zero_for_the_same_answer_and_alike_both_ways(kind: QuestionKind, data: st.DataObject) -> None:
    question = data.draw(strategies.questions(kind))
    pair = [data.draw(strategies.ANSWER[kind](question, strategies.EXTENT)) for _ in range(2)]
    units, measure = distance_of(question, [*pair, Abstain()])
    assert units[2] is None
    if callable(measure):
        assert measure(units[0], units[0]) == pytest.approx(0.0, abs=1e-6)
        assert measure(units[0], units[1]) == pytest.approx(measure(units[1], units[0]), abs=1e-6)
        assert 0 <= measure(units[0], units[1]) <= 1


@given(st.integers(1, 12), st.integers(1, 12), st.data())
def test_a_mask_and_its_pixels_are_one(width: int, height: int, data: st.DataObject) -> None:
    pixels = np.array(data.draw(st.lists(st.booleans(), min_size=width * height, max_size=width * height)))
    pixels = pixels.reshape(height, width)
    mask = encode.mask_of_pixels(pixels, strategies.LabelName("x"))
    if mask is None:
        assert not pixels.any()
        return
    assert (encode.pixels_of(mask) == pixels).all()
    rows, columns = np.nonzero(pixels)
    corners = [[columns.min(), rows.min()], [columns.max() + 1, rows.max() + 1]]
    assert encode.masks.corners_of(mask).tolist() == corners
    whole = Mask(width, height, encode.mask_of_pixels(np.ones_like(pixels), mask.label).counts, mask.label)  # type: ignore[union-attr]  # every answer drawn here is a mask
    assert likeness.of_masks(mask, whole) == pytest.approx(pixels.mean())


def test_a_relation_is_kept_where_most_who_marked_both_spans_gave_it() -> None:
    question = strategies.Question(
        strategies.QuestionName("q"), QuestionKind.SPAN, labels=(strategies.Label(strategies.LabelName("x")),),
        relations=(strategies.RelationLabel(strategies.LabelName("near"), directed=False),),
    )  # fmt: skip
    one, two = (
        strategies.Span(0, 3, strategies.LabelName("x"), "a"),
        strategies.Span(5, 9, strategies.LabelName("x"), "b"),
    )
    near = strategies.Relation("a", "b", strategies.LabelName("near"))
    turned = strategies.Relation("b", "a", strategies.LabelName("near"))
    answers = [Spans((one, two), (near,)), Spans((one, two), (turned,)), Spans((one, two)), Spans((one,))]
    said = [Said("i", who, answer) for who, answer in zip(PEOPLE, answers, strict=True)]
    (found,) = settle_answers(question, said)
    assert isinstance(found.answer, Spans)
    assert [(span.start, span.end) for span in found.answer.spans] == [(0, 3), (5, 9)]
    assert len(found.answer.relations) == 1
    (without,) = settle_answers(question, [*said[1:], Said("i", "zoe", answers[2])])
    assert isinstance(without.answer, Spans) and not without.answer.relations
