"""Laws of label issues: names and orders do not matter, lists are nested as they say, and what is certain comes last."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from goldseam.stats import noise


@st.composite
def labeled(draw: st.DrawFn, least: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Labels and probabilities of a model that often agrees; some labels may not occur."""
    k = draw(st.integers(2, 5))
    n = draw(st.integers(least, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    label = rng.integers(0, k, n)
    proba = rng.dirichlet(np.full(k, draw(st.sampled_from([0.3, 1.0, 5.0]))), n)
    helped = rng.random(n) < 0.7
    proba[helped] = 0.5 * proba[helped] + 0.5 * np.eye(k)[label[helped]]
    return label, proba


@given(pair=labeled(), data=st.data())
def test_renaming_the_labels_changes_names_only(pair: tuple[np.ndarray, np.ndarray], data: st.DataObject) -> None:
    label, proba = pair
    order = np.array(data.draw(st.permutations(range(proba.shape[1]))))
    one, two = noise.joint(label, proba), noise.joint(np.argsort(order)[label], proba[:, order])
    np.testing.assert_array_equal(two.counts, one.counts[order][:, order])
    np.testing.assert_allclose(two.calibrated, one.calibrated[order][:, order], atol=1e-12)
    plain = noise.label_issues(label, proba, choose="all")
    turned = noise.label_issues(np.argsort(order)[label], proba[:, order], choose="all")
    np.testing.assert_allclose(by_item(turned), by_item(plain), atol=1e-6)


@given(pair=labeled(), data=st.data())
def test_the_order_of_items_changes_nothing(pair: tuple[np.ndarray, np.ndarray], data: st.DataObject) -> None:
    label, proba = pair
    order = np.array(data.draw(st.permutations(range(len(label)))))
    one, two = (noise.label_issues(*of, choose="all") for of in ((label, proba), (label[order], proba[order])))
    np.testing.assert_array_equal(one.joint.counts, two.joint.counts)
    np.testing.assert_allclose(by_item(two), by_item(one)[order], atol=1e-6)


@given(pair=labeled(), times=st.integers(2, 4))
def test_every_item_several_times_gives_the_same_joint(pair: tuple[np.ndarray, np.ndarray], times: int) -> None:
    label, proba = pair
    one, many = noise.joint(label, proba), noise.joint(np.tile(label, times), np.tile(proba, (times, 1)))
    np.testing.assert_array_equal(many.counts, times * one.counts)
    np.testing.assert_allclose(many.thresholds, one.thresholds)


@given(pair=labeled())
def test_the_joint_is_a_distribution_with_the_labels_given_as_its_margin(pair: tuple[np.ndarray, np.ndarray]) -> None:
    label, proba = pair
    found = noise.joint(label, proba)
    share = np.bincount(label, minlength=proba.shape[1]) / len(label)
    np.testing.assert_allclose(found.calibrated.sum(axis=1), share, atol=1e-12)
    assert (found.calibrated >= 0).all()
    assert found.counts.sum() <= len(label)
    assert found.expected is None or -1e-12 <= found.expected <= 1
    # Bayes' rule joins both matrices
    true = found.calibrated.sum(axis=0)
    np.testing.assert_allclose(found.noise * true, found.inverse.T * share[:, None], atol=1e-12)


@given(pair=labeled())
def test_the_counts_are_what_the_definition_says_item_by_item(pair: tuple[np.ndarray, np.ndarray]) -> None:
    label, proba = pair
    k = proba.shape[1]
    thresholds = [proba[label == j, j].mean() if (label == j).any() else np.inf for j in range(k)]
    counts = np.zeros((k, k), dtype=int)
    for said, row in zip(label, proba, strict=True):
        reached = [j for j in range(k) if row[j] >= thresholds[j] - 1e-6]
        if reached:
            counts[said, max(reached, key=lambda j: (row[j], j == said))] += 1
    np.testing.assert_array_equal(noise.joint(label, proba).counts, counts)


@given(pair=labeled())
def test_lists_are_nested_and_ordered(pair: tuple[np.ndarray, np.ndarray]) -> None:
    every = noise.label_issues(*pair, choose="all")
    likely = noise.label_issues(*pair)
    assert sorted(every.index.tolist()) == list(range(len(pair[0])))
    assert (np.diff(every.score) <= 0).all()
    assert set(every.index[every.score > 0.5 + 1e-6].tolist()) <= set(likely.index.tolist())
    assert set(likely.index.tolist()) <= set(every.index[every.score > 0.5 - 1e-6].tolist())
    assert (every.suggested != every.given).all()
    for score in ("self_confidence", "normalized_margin"):
        found = noise.label_issues(*pair, choose="all", score=score)
        assert (np.diff(found.score) <= 0).all()


@given(pair=labeled())
def test_two_labels_make_all_scores_agree(pair: tuple[np.ndarray, np.ndarray]) -> None:
    label = pair[0] % 2
    proba = np.stack([pair[1][:, 0], 1 - pair[1][:, 0]], axis=1)
    own = noise.self_confidence(label, proba)
    np.testing.assert_allclose(noise.normalized_margin(label, proba), own, atol=1e-12)


@given(pair=labeled(), data=st.data())
def test_groups_add_up(pair: tuple[np.ndarray, np.ndarray], data: st.DataObject) -> None:
    group = data.draw(st.lists(st.sampled_from("xyz"), min_size=len(pair[0]), max_size=len(pair[0])))
    found = noise.label_issues(*pair, groups=group)
    assert found.groups is not None
    assert found.groups.n_items.sum() == len(pair[0])
    assert found.groups.n_issues.sum() == found.n_issues
    np.testing.assert_allclose(found.groups.expected.sum(), found.n_issues, atol=1e-9)
    assert (found.groups.low <= found.groups.share + 1e-12).all()
    assert (found.groups.share <= found.groups.high + 1e-12).all()


@settings(max_examples=50)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(2, 120), k=st.integers(1, 12), wide=st.integers(1, 6))
def test_neighbors_are_the_most_similar_items(seed: int, n: int, k: int, wide: int) -> None:
    features = np.random.default_rng(seed).normal(size=(n, wide))
    found = noise.neighbor_issues([0, *[1] * (n - 1)], features, k, choose="all")
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    alike = unit @ unit.T
    np.fill_diagonal(alike, -np.inf)
    best = -np.sort(-alike, axis=1)[:, : min(k, n - 1)]
    np.testing.assert_allclose(found.cosine, best[found.index], atol=1e-5)
    assert not (found.neighbors == found.index[:, None]).any()


@given(
    seed=st.integers(0, 2**32 - 1),
    turned=st.booleans(),
)
def test_spans_that_are_all_proposed_have_no_issue(seed: int, turned: bool) -> None:
    rng = np.random.default_rng(seed)
    starts = np.cumsum(rng.integers(1, 5, 6))[::2]
    spans = [[(int(start), int(start) + 1, "ab"[rng.integers(2)]) for start in starts], []]
    other = [list(reversed(one)) for one in spans] if turned else spans
    assert noise.span_issues(spans, other).n_issues == 0
    every = noise.span_issues(spans, [[], []])
    assert every.n_issues == len(starts)
    assert {row["kind"] for row in every.rows()} == {"superfluous"}
    assert {row["kind"] for row in noise.span_issues([[], []], spans).rows()} == {"missing"}


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 12))
def test_boxes_that_are_all_predicted_have_no_issue_and_moving_all_changes_nothing(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    given_boxes, made = (np.column_stack([rng.uniform(0, 20, (n, 2)), rng.uniform(1, 8, (n, 2))]) for _ in range(2))
    items = (rng.integers(0, 3, n), rng.integers(0, 3, n))
    assert noise.box_issues(given_boxes, given_boxes, items=(items[0], items[0])).n_issues == 0
    found = noise.box_issues(given_boxes, made, items=items)
    shift = np.array([5, -3, 0, 0])
    moved = noise.box_issues(given_boxes + shift, made + shift, items=items)
    assert found.kind.tolist() == moved.kind.tolist()
    np.testing.assert_allclose(found.score, moved.score, atol=1e-9)
    assert ((found.by_item >= 0) & (found.by_item <= 1)).all()


def by_item(found: noise.Issues) -> np.ndarray:
    score = np.empty(found.n_items)
    score[found.index] = found.score
    return score
