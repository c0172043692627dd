"""Issues of spans and boxes: each planted mistake is found, named by its kind, and scored above what is right."""

from __future__ import annotations

import json

import numpy as np
import pytest

from goldseam.stats import noise
from goldseam.stats.votes import BadVotes

TAGS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
Given = list[list[tuple[int, int, str]]]


def tokens(*tags: str, sure: float = 0.9) -> np.ndarray:
    """Probabilities of a model that is rather sure of these tags."""
    proba = np.full((len(tags), len(TAGS)), (1 - sure) / (len(TAGS) - 1))
    proba[np.arange(len(tags)), [TAGS.index(tag) for tag in tags]] = sure
    return proba


def kinds(found: noise.SpanIssues) -> list[tuple[int, str]]:
    return [(row["item"], row["kind"]) for row in found.rows()]  # type: ignore[misc]  # plain values


def test_every_kind_of_mistake_in_spans_is_told_apart() -> None:
    given: Given = [[(0, 2, "PER")], [(0, 2, "PER")], [(0, 2, "PER")], [(0, 2, "PER")], []]
    proposed = [
        [(0, 2, "PER", 0.9)], [(0, 2, "LOC", 0.8)], [(0, 3, "PER", 0.7)], [], [(4, 5, "LOC", 0.6)],
    ]  # fmt: skip
    found = noise.span_issues(given, proposed)
    assert kinds(found) == [(3, "superfluous"), (1, "label"), (2, "boundary"), (4, "missing")]
    assert found.score.tolist() == pytest.approx([1.0, 0.8, 0.7, 0.6])
    assert found.by_item.tolist() == pytest.approx([0, 0.8, 0.7, 1.0, 0.6])
    rows = found.rows()
    assert (rows[1]["given"], rows[1]["suggested"]) == ((0, 2, "PER"), (0, 2, "LOC"))
    assert (rows[0]["suggested"], rows[3]["given"]) == (None, None)
    assert rows[2]["reason"] == "'PER' from 0 to 2 was given, and 'PER' from 0 to 3 is proposed: other boundaries."
    assert json.loads(json.dumps(rows))[1]["kind"] == "label"
    assert (found.n_items, found.n_given) == (5, 4)


def test_a_span_that_is_proposed_as_it_is_has_no_issue_whatever_else_is_proposed() -> None:
    given: Given = [[(0, 4, "PER")]]
    proposed = [[(0, 4, "LOC", 0.9), (0, 4, "PER", 0.6), (1, 4, "PER", 0.95)]]
    assert noise.span_issues(given, proposed).n_issues == 0


def test_two_spans_for_one_that_is_proposed_are_both_wrongly_bounded_and_nothing_is_missing() -> None:
    given: Given = [[(0, 2, "PER"), (2, 4, "PER")]]
    assert kinds(noise.span_issues(given, [[(0, 4, "PER")]])) == [(0, "boundary"), (0, "boundary")]
    split = noise.span_issues([[(0, 9, "PER")]], [[(0, 4, "PER"), (5, 6, "PER")]])
    assert sorted(kinds(split)) == [(0, "boundary"), (0, "missing")]


def test_what_is_proposed_without_much_confidence_says_nothing_but_supports_what_is_given() -> None:
    given: Given = [[(0, 4, "PER")], []]
    proposed = [[(0, 3, "PER", 0.4)], [(0, 3, "PER", 0.4)]]
    (row,) = noise.span_issues(given, proposed).rows()
    assert (row["item"], row["kind"]) == (0, "superfluous")
    assert row["score"] == pytest.approx(1 - 0.4 * 0.75)
    assert len(noise.span_issues(given, proposed, least=0.3).rows()) == 2


def test_tokens_tell_the_same_kinds() -> None:
    given: Given = [[(0, 2, "PER")], [(0, 2, "PER")], [(0, 2, "PER")], [(0, 2, "PER")], []]
    proba = [
        tokens("B-PER", "I-PER", "O"), tokens("B-LOC", "I-LOC", "O"), tokens("B-PER", "I-PER", "I-PER"),
        tokens("O", "O", "O"), tokens("O", "B-LOC", "I-LOC"),
    ]  # fmt: skip
    found = noise.span_issues(given, token_proba=proba, tags=TAGS)
    assert sorted(kinds(found)) == [(1, "label"), (2, "boundary"), (3, "superfluous"), (4, "missing")]
    assert {row["suggested"] for row in found.rows() if row["item"] == 4} == {(1, 3, "LOC")}
    assert (found.by_item[1:] > 0.9).all()
    assert found.by_item[0] < 0.2
    assert found.names[:3] == ("O", "PER", "LOC")


def test_a_tag_that_begins_a_span_cuts_a_run_and_an_item_ends_one() -> None:
    proba = [tokens("B-PER", "I-PER", "B-PER"), tokens("I-PER", "O"), np.empty((0, 5)), tokens("O")]
    given: Given = [[(0, 2, "PER"), (2, 3, "PER")], [(0, 1, "PER")], [], []]
    assert noise.span_issues(given, token_proba=proba, tags=TAGS).n_issues == 0
    assert len(noise.span_issues(given, token_proba=proba, tags=TAGS).by_item) == 4


def test_a_score_by_tokens_is_the_probability_that_the_most_doubtful_tag_is_wrong() -> None:
    proba = [np.array([[0.1, 0.9], [0.7, 0.3], [0.95, 0.05]])]
    found = noise.span_issues([[(0, 2, "PER")]], token_proba=proba, tags=["O", "PER"])
    (row,) = found.rows()
    assert (row["kind"], row["suggested"]) == ("boundary", (0, 1, "PER"))
    assert row["score"] == pytest.approx(0.7)  # the second token is given PER at 0.3
    assert found.by_item[0] == pytest.approx(
        1 - np.exp(-(sum(-(np.log(p) ** 4) * -1 for p in (0.9, 0.3, 0.95)) ** 0.25))
    )


def test_a_label_that_the_model_does_not_know_is_found() -> None:
    found = noise.span_issues([[(0, 1, "ORG")]], token_proba=[tokens("B-PER", "O")], tags=TAGS)
    assert kinds(found) == [(0, "label")]
    assert found.score[0] > 0.999
    assert "ORG" in found.names


@pytest.mark.parametrize(
    ("given", "options", "sentence"),
    [
        ([[(2, 2, "PER")]], {"proposed": [[]]}, r"Item 0 of the spans given has a span from 2 to 2"),
        (
            [[(0, 2)]],
            {"proposed": [[]]},
            r"Item 0 of the spans given has \(0, 2\); \(start, end, label\) would be right",
        ),
        ([[]], {"proposed": [[(0, 1, "PER", 1.5)]]}, r"Item 0 of the spans proposed has a confidence of 1\.5"),
        ([[]], {"proposed": [[], []]}, r"1 items with spans given and 2 with spans proposed"),
        ([[]], {}, r"Give either proposed= spans or token_proba= with tags="),
        ([[]], {"proposed": [[]], "token_proba": [tokens("O")], "tags": TAGS}, r"Give either"),
        ([[]], {"token_proba": [tokens("O")]}, r"token_proba= needs tags="),
        ([[]], {"token_proba": [tokens("O")], "tags": ["A", *TAGS[1:]]}, r"tags= needs 'O'"),
        (
            [[], []],
            {"token_proba": [tokens("O"), 2 * tokens("O", "O")], "tags": TAGS},
            r"Token 0 of item 1 has the prob",
        ),
        (
            [[(0, 3, "PER")]],
            {"token_proba": [tokens("O", "O")], "tags": TAGS},
            r"Item 0 has a span up to 3, but 2 tokens",
        ),
        ([[(0, 3, None)]], {"proposed": [[]]}, r"A span has no label"),
        ([[]], {"proposed": [[]], "least": 2.0}, r"least=2\.0"),
    ],
)
def test_spans_that_contradict_themselves_are_refused(given: Given, options: dict[str, object], sentence: str) -> None:
    with pytest.raises(BadVotes, match=sentence):
        noise.span_issues(given, **options)  # type: ignore[arg-type]  # wrong on purpose


def test_no_spans_and_no_items_are_no_issue() -> None:
    assert noise.span_issues([], []).n_issues == 0
    assert noise.span_issues([[], []], [[], []]).by_item.tolist() == [0, 0]
    assert noise.span_issues([], token_proba=[], tags=TAGS).rows() == []


def test_every_kind_of_mistake_in_boxes_is_told_apart() -> None:
    given = [[0, 0, 10, 10], [20, 0, 10, 10], [40, 0, 10, 10], [60, 0, 10, 10]]
    predicted = [[0, 0, 10, 10], [20, 0, 10, 20], [40, 0, 10, 10], [80, 0, 10, 10]]
    found = noise.box_issues(
        given, predicted, items=(["im"] * 4, ["im"] * 4), labels=(["cat"] * 4, ["cat", "cat", "dog", "cat"]),
        confidence=[0.9, 0.9, 0.8, 0.7],
    )  # fmt: skip
    told = {(row["kind"], row["given"], row["predicted"]): row["score"] for row in found.rows()}
    assert told == {
        ("superfluous", 3, None): pytest.approx(1.0),
        ("swapped", 2, 2): pytest.approx(0.8),
        ("overlooked", None, 3): pytest.approx(0.7),
        ("located", 1, 1): pytest.approx(0.9 * 0.5),
    }
    reasons = [row["reason"] for row in found.rows()]
    assert reasons[1] == "The box was given the label 'cat', and the model has 'dog' there."
    assert found.rows()[0]["item"] == "im"
    assert found.by_item[0] > 0.99


def test_boxes_that_share_a_little_are_different_things_and_those_that_share_some_are_badly_located() -> None:
    near = noise.box_issues([[0, 0, 10, 10]], [[5, 0, 10, 10]], items=([0], [0]))
    assert [row["kind"] for row in near.rows()] == ["located"]
    far = noise.box_issues([[0, 0, 10, 10]], [[9, 0, 10, 10]], items=([0], [0]))
    assert sorted(row["kind"] for row in far.rows()) == ["overlooked", "superfluous"]
    good = noise.box_issues([[0, 0, 10, 10]], [[1, 0, 10, 10]], items=([0], [0]))
    assert good.n_issues == 0
    assert 0 < good.by_item[0] < 0.3  # not listed, but it tells items apart
    assert noise.box_issues([[0, 0, 10, 10]], [[1, 0, 10, 10]], items=([0], [0]), located_at=0.9).n_issues == 1


def test_boxes_of_other_items_do_not_count() -> None:
    found = noise.box_issues([[0, 0, 10, 10]], [[0, 0, 10, 10]], items=(["a"], ["b"]))
    assert sorted((row["item"], row["kind"]) for row in found.rows()) == [("a", "superfluous"), ("b", "overlooked")]
    assert found.items.tolist() == ["a", "b"]


def test_a_prediction_that_is_unsure_overlooks_nothing_but_supports_a_box() -> None:
    found = noise.box_issues(
        [[0, 0, 10, 10]], [[0, 0, 10, 10], [50, 0, 9, 9]], items=([0], [0, 0]), confidence=[0.4, 0.4]
    )
    (row,) = found.rows()
    assert (row["kind"], row["score"]) == ("superfluous", pytest.approx(0.6))


def test_boxes_may_be_turned() -> None:
    turned = [[0, 0, 10, 4, 90]]
    assert noise.box_issues(turned, turned, items=([0], [0])).n_issues == 0
    assert noise.box_issues(turned, [[0, 0, 10, 4]], items=([0], [0])).n_issues == 2


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"confidence": [0.5, 0.5]}, r"confidence= needs one number for each of the 1 boxes predicted"),
        ({"confidence": [np.nan]}, r"The predicted box 0 has a confidence of nan"),
        (
            {"items": ([0, 1], [0])},
            r"items=\(of given, of predicted\) needs one item for each box: 1 and 1, not \[2, 1\]",
        ),
        ({"labels": ([0], [])}, r"labels=\(of given, of predicted\) needs one label"),
        ({"least": -1.0}, r"least=-1\.0"),
        ({"located_at": 2.0}, r"located_at=2\.0"),
    ],
)
def test_boxes_that_do_not_fit_are_refused(options: dict[str, object], sentence: str) -> None:
    with pytest.raises(BadVotes, match=sentence):
        noise.box_issues([[0, 0, 1, 1]], [[0, 0, 1, 1]], **{"items": ([0], [0]), **options})  # type: ignore[arg-type]  # wrong on purpose


def test_no_boxes_are_no_issue() -> None:
    assert noise.box_issues([], [], items=([], [])).rows() == []
    assert [row["kind"] for row in noise.box_issues([], [[0, 0, 1, 1]], items=([], [7])).rows()] == ["overlooked"]
    assert [row["kind"] for row in noise.box_issues([[0, 0, 1, 1]], [], items=([7], [])).rows()] == ["superfluous"]
