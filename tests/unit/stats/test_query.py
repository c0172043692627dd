"""Query scores: the uncertain first, and batches that do not repeat themselves."""

from __future__ import annotations

import numpy as np
import pytest

from goldseam.stats import query
from goldseam.stats.query import spread
from goldseam.stats.votes import BadVotes

PROBA = np.array([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [1 / 3, 1 / 3, 1 / 3], [0.6, 0.3, 0.1]])


def test_scores_are_0_for_the_certain_and_1_for_the_undecided() -> None:
    assert query.margin(PROBA) == pytest.approx([0.0, 1.0, 1.0, 0.7])
    assert query.least_confidence(PROBA) == pytest.approx([0.0, 0.5, 2 / 3, 0.4])
    assert query.entropy(PROBA) == pytest.approx([0.0, np.log(2) / np.log(3), 1.0, 0.8173], abs=1e-4)


@pytest.mark.parametrize("score", [query.margin, query.least_confidence, query.entropy])
def test_with_one_label_nothing_is_uncertain(score) -> None:
    assert score([[1.0], [1.0]]).tolist() == [0.0, 0.0]
    with pytest.raises(BadVotes, match="n_items, n_labels"):
        score([0.5, 0.5])


def clusters(rng: np.random.Generator, sizes: tuple[int, ...] = (100, 60, 30, 10)) -> tuple[np.ndarray, np.ndarray]:
    member = np.repeat(np.arange(len(sizes)), sizes)
    centers = 20 * np.eye(len(sizes))
    return centers[member] + rng.normal(size=(len(member), len(sizes))), member


def test_a_cold_start_asks_about_every_cluster_largest_first() -> None:
    features, member = clusters(np.random.default_rng(1))
    chosen = query.diverse(features, 4, np.random.default_rng(2))
    assert member[chosen].tolist() == [0, 1, 2, 3]


def test_a_cold_start_takes_what_is_typical_of_its_cluster() -> None:
    features, member = clusters(np.random.default_rng(1))
    for index in query.diverse(features, 4, np.random.default_rng(2)):
        mine = features[member == member[index]]
        apart = np.linalg.norm(mine - mine.mean(axis=0), axis=1)
        assert np.linalg.norm(features[index] - mine.mean(axis=0)) == pytest.approx(apart.min())


def test_uncertain_and_diverse_leaves_out_what_is_certain_and_spreads_over_the_rest() -> None:
    features, member = clusters(np.random.default_rng(1))
    proba = np.where(member[:, None] == 0, [[0.99, 0.01]], [[0.5, 0.5]])
    chosen = query.uncertain_and_diverse(proba, features, 3, np.random.default_rng(2), breadth=33)
    assert sorted(member[chosen].tolist()) == [1, 2, 3]


@pytest.mark.parametrize("n", [0, 1, 7, 200, 999])
def test_a_batch_has_no_item_twice_and_no_more_than_the_pool(n: int) -> None:
    features, _ = clusters(np.random.default_rng(1))
    proba = np.random.default_rng(3).dirichlet(np.ones(3), size=len(features))
    for chosen in (
        query.diverse(features, n, np.random.default_rng(2)),
        query.uncertain_and_diverse(proba, features, n, np.random.default_rng(2)),
    ):
        assert len(chosen) == len(set(chosen.tolist())) == min(n, 200)
        assert chosen.dtype == np.int64


def test_copies_of_one_item_can_still_fill_a_batch() -> None:
    chosen = query.diverse(np.ones((20, 3)), 5, np.random.default_rng(0))
    assert len(set(chosen.tolist())) == 5


def test_the_same_seed_gives_the_same_batch() -> None:
    features, _ = clusters(np.random.default_rng(1))
    one, two = (query.diverse(features, 9, np.random.default_rng(5)).tolist() for _ in range(2))
    assert one == two


def test_a_large_pool_is_clustered_from_a_random_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spread, "MOST_CLUSTERED", 50)
    features, member = clusters(np.random.default_rng(1))
    chosen = query.diverse(features, 3, np.random.default_rng(2))
    assert len(set(member[chosen].tolist())) == 3


def test_wrong_shapes_are_refused() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(BadVotes, match="n_items, n_features"):
        query.diverse([1.0, 2.0], 1, rng)
    with pytest.raises(BadVotes, match="one row per item"):
        query.uncertain_and_diverse(PROBA, [[1.0]], 1, rng)
    with pytest.raises(BadVotes, match="negative"):
        query.diverse([[1.0]], -1, rng)


COMMITTEE = np.array(
    [
        [[0.9, 0.1], [0.9, 0.1], [0.5, 0.5]],
        [[0.9, 0.1], [0.1, 0.9], [0.5, 0.5]],
    ]
)
"""Two members: they agree, they contradict each other, both see nothing either way."""


def test_a_committee_is_torn_where_its_members_contradict_each_other_not_where_all_are_unsure() -> None:
    assert query.vote_entropy(COMMITTEE) == pytest.approx([0.0, 1.0, 0.0])
    agree, contradict, unsure = query.divergence(COMMITTEE)
    assert agree == pytest.approx(0.0, abs=1e-12)
    assert unsure == pytest.approx(0.0, abs=1e-12)
    assert contradict == pytest.approx(np.log(2) + 0.9 * np.log(0.9) + 0.1 * np.log(0.1))


def test_a_committee_of_one_never_disagrees_and_none_at_all_is_refused() -> None:
    assert query.vote_entropy(COMMITTEE[:1]).tolist() == [0.0, 0.0, 0.0]
    assert query.divergence(COMMITTEE[:1]).tolist() == [0.0, 0.0, 0.0]
    with pytest.raises(BadVotes, match="at least one member"):
        query.vote_entropy(np.zeros((0, 3, 2)))
    with pytest.raises(BadVotes, match="n_members, n_items, n_labels"):
        query.divergence(PROBA)


def test_what_may_have_a_rare_label_comes_before_what_surely_has_a_common_one() -> None:
    scores = query.rare_label(PROBA, [100, 10, 0])
    assert scores.argmax() == 2
    assert scores[0] == pytest.approx(1 / 101)
    with pytest.raises(BadVotes, match="each of 3 labels"):
        query.rare_label(PROBA, [1, 2])


def test_typical_leaves_clusters_that_hold_a_label_for_later() -> None:
    features, member = clusters(np.random.default_rng(1))
    labeled = features[[0, 1, 100]]  # two of the largest cluster, one of the second
    chosen = query.typical(features, 2, np.random.default_rng(2), labeled=labeled)
    assert set(member[chosen].tolist()) <= {2, 3, 0, 1}
    first = query.typical(features, 4, np.random.default_rng(2))
    assert set(member[first].tolist()) == {0, 1, 2, 3}


def test_the_most_typical_item_has_its_neighbors_close() -> None:
    rng = np.random.default_rng(3)
    features = np.vstack([rng.normal(scale=0.01, size=(30, 2)), rng.normal(scale=3.0, size=(30, 2))])
    assert query.typical(features, 1, rng)[0] < 30


def test_k_center_takes_the_item_farthest_from_all_before_it() -> None:
    line = np.array([[0.0], [1.0], [4.0], [10.0]])
    assert query.k_center(line, 3, np.random.default_rng(0), labeled=[[0.0]]).tolist() == [3, 2, 1]


def test_novelty_is_the_distance_to_the_nearest_labeled_item() -> None:
    rng = np.random.default_rng(0)
    line = np.array([[0.0], [1.0], [4.0], [10.0]])
    assert query.novelty(line, [[1.0], [9.0]], rng).tolist() == pytest.approx([1.0, 0.0, 3.0, 1.0])
    assert query.novelty(line, None, rng).tolist() == pytest.approx([3.75, 2.75, 0.25, 6.25])


def test_a_new_kind_of_input_is_found_though_it_is_rare() -> None:
    features, member = clusters(np.random.default_rng(1))
    labeled = features[member != 3]
    chosen = query.new_distribution(features, 5, np.random.default_rng(2), labeled=labeled, breadth=2)
    assert (member[chosen] == 3).all()


def test_many_labeled_items_are_stood_for_by_centers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spread, "MOST_LABELED", 8)
    features, member = clusters(np.random.default_rng(1))
    near = query.novelty(features, features[member != 3], np.random.default_rng(0))
    assert near[member == 3].min() > near[member != 3].max()


def test_density_prefers_what_is_like_the_rest_of_the_pool() -> None:
    features = np.array([[1.0, 0.0]] * 9 + [[-1.0, 0.0], [0.0, 0.0]])
    found = query.density_weighted(np.ones(11), features)
    assert found[:9] == pytest.approx(np.full(9, (1 + 8 / 11) / 2))
    assert found[9] == pytest.approx((1 - 8 / 11) / 2)
    assert found[10] == pytest.approx(0.5)


def test_gradients_are_spread_as_the_outer_products_that_they_stand_for() -> None:
    rng = np.random.default_rng(4)
    proba, features = rng.dirichlet(np.ones(3), size=40), rng.normal(size=(40, 5))
    residual = proba - np.eye(3)[proba.argmax(axis=1)]
    whole = np.einsum("ij,ik->ijk", residual, features).reshape(40, -1)
    chosen = query.gradients(proba, features, 40, np.random.default_rng(5))
    assert chosen[0] == (whole**2).sum(axis=1).argmax()
    assert sorted(chosen.tolist()) == list(range(40))
    apart = ((whole - whole[chosen[0]]) ** 2).sum(axis=1)
    seconds = np.bincount([query.gradients(proba, features, 2, rng)[1] for _ in range(1000)], minlength=40) / 1000
    assert seconds == pytest.approx(apart / apart.sum(), abs=0.04)


def test_hybrid_begins_with_centers_and_goes_on_with_what_is_torn() -> None:
    features, member = clusters(np.random.default_rng(1))
    cold = query.hybrid(features, None, 4, np.random.default_rng(2))
    assert member[cold].tolist() == [0, 1, 2, 3]
    proba = np.where(member[:, None] == 0, [[0.99, 0.01]], [[0.5, 0.5]])
    torn = query.hybrid(features, proba, 3, np.random.default_rng(2))
    assert 0 not in member[torn]


def test_hybrid_looks_only_at_the_items_that_torn_names() -> None:
    rng = np.random.default_rng(6)
    proba, features = rng.dirichlet(np.ones(3), size=500), rng.normal(size=(500, 4))
    looked_at = query.torn(proba, 5, np.random.default_rng(0))
    assert len(looked_at) == 100
    elsewhere = features.copy()
    elsewhere[np.setdiff1d(np.arange(500), looked_at)] = 0.0
    chosen = query.hybrid(elsewhere, proba, 5, np.random.default_rng(1))
    assert set(chosen.tolist()) <= set(looked_at.tolist())
    assert chosen.tolist() == query.hybrid(features, proba, 5, np.random.default_rng(1)).tolist()


def test_of_two_equally_uncertain_halves_hybrid_asks_the_cheap_one_first() -> None:
    rng = np.random.default_rng(7)
    features, cost = rng.normal(size=(400, 3)), np.where(np.arange(400) < 200, 1.0, 5.0)
    proba = rng.dirichlet(np.ones(2), size=400)
    for given in (proba, None):
        paid = query.hybrid(features, given, 20, np.random.default_rng(0), cost=cost)
        free = query.hybrid(features, given, 20, np.random.default_rng(0))
        assert cost[paid].mean() < cost[free].mean() - 0.5


def test_with_wrong_labels_hybrid_does_not_keep_asking_where_it_has_asked_most() -> None:
    rng = np.random.default_rng(8)
    noisy, fresh = rng.normal(size=(300, 2)), rng.normal(size=(300, 2)) + 12.0
    features = np.vstack([noisy, fresh])
    lead = np.concatenate([np.full(300, 0.02), np.full(300, 0.1)])  # labels that contradict each other keep it torn
    proba = np.stack([0.5 + lead / 2, 0.5 - lead / 2], axis=1)
    labeled = rng.normal(size=(400, 2))
    trusting = query.hybrid(features, proba, 20, np.random.default_rng(0), labeled=labeled)
    wary = query.hybrid(features, proba, 20, np.random.default_rng(0), labeled=labeled, noise=0.3)
    assert (trusting < 300).sum() == 20
    assert (wary < 300).sum() <= 12


def test_a_budget_is_never_overspent_and_buys_what_still_fits() -> None:
    assert query.within_budget([2, 0, 1], [1.0, 5.0, 3.0], 4.5).tolist() == [2, 0]
    assert query.within_budget([1, 0, 2], [1.0, 5.0, 3.0], 4.0).tolist() == [0, 2]
    assert query.within_budget([1], [1.0, 5.0], 4.0).tolist() == []
    with pytest.raises(BadVotes, match="above 0"):
        query.within_budget([0], [0.0], 4.0)
    with pytest.raises(BadVotes, match="0 or more"):
        query.within_budget([0], [1.0], -1.0)


def test_hybrid_refuses_what_makes_no_sense() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(BadVotes, match="between 0 and 1"):
        query.hybrid(np.eye(4), PROBA, 2, rng, noise=2.0)
    with pytest.raises(BadVotes, match="above 0"):
        query.hybrid(np.eye(4), PROBA, 2, rng, cost=np.zeros(4))
    with pytest.raises(BadVotes, match="both need the same"):
        query.hybrid(np.eye(4), PROBA, 2, rng, labeled=np.eye(3), noise=0.1)
    with pytest.raises(BadVotes, match="one entry per pool item"):
        query.hybrid(np.eye(4), PROBA, 2, rng, cost=np.ones(3))


def test_clusters_come_largest_first_with_their_most_central_item() -> None:
    features, member = clusters(np.random.default_rng(1))
    found = query.clustered(features, 4, np.random.default_rng(2))
    assert np.array_equal(found.member, member)
    assert member[found.center].tolist() == [0, 1, 2, 3]
    assert query.clustered(np.ones((5, 2)), 3, np.random.default_rng(0)).member.tolist() == [0] * 5
    assert len(query.clustered(np.ones((0, 2)), 3, np.random.default_rng(0)).center) == 0


def test_a_step_says_how_much_two_models_agree_beyond_their_habits() -> None:
    found = query.step([0, 0, 0, 1], [0, 0, 1, 1], 10)
    assert found.changed == 0.25
    assert found.kappa == pytest.approx((0.75 - 0.5) / 0.5)
    assert query.step(["a"] * 3, ["a"] * 3, 1).kappa == 1.0
    with pytest.raises(BadVotes, match="same items"):
        query.step([0], [0, 1], 10)
    with pytest.raises(BadVotes, match="at least one label"):
        query.step([0], [0], 0)


STEADY, MOVING = query.Step(50, 0.995, 0.004), query.Step(50, 0.8, 0.15)


@pytest.mark.parametrize(
    ("steps", "n_pool", "stop", "reason"),
    [
        ((), 1000, False, "3 more models to compare"),
        ((STEADY, STEADY), 1000, False, "1 more model to compare"),
        ((MOVING, STEADY, STEADY, STEADY), 100_000, True, "stable"),
        ((STEADY, STEADY, STEADY, MOVING), 10_000, False, "still change what is suggested: 10.5 suggestions"),
        ((MOVING, MOVING, MOVING), 200, True, "changes 0.60 suggestions of the pool at most, below the 1"),
        ((MOVING, MOVING, MOVING), 2000, False, "kappa 0.800"),
    ],
)
def test_it_stops_when_nothing_moves_or_when_a_label_moves_less_than_it_costs(steps, n_pool, stop, reason) -> None:
    found = query.decide(steps, n_pool)
    assert found.stop is stop
    assert reason in found.reason


def test_a_stopping_rule_out_of_range_is_refused() -> None:
    with pytest.raises(BadVotes, match="at least 1"):
        query.decide((STEADY,), 10, rounds=0)
