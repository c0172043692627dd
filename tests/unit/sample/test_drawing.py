"""The sample stage: a draw says what was chosen, in which order, and with which chance."""

from __future__ import annotations

import numpy as np
import pytest

from goldseam.sample.drawing import STRATEGIES, Pool, draw, needs_features
from goldseam.sample.policy import Policy
from goldseam.vocab.errors import BadPolicy, BadValue


def pool(n: int = 60, seed: int = 0) -> Pool:
    rng = np.random.default_rng(seed)
    return Pool(
        position=np.arange(n) * 3 + 1,
        proba=rng.dirichlet(np.ones(3), size=n),
        features=rng.normal(size=(n, 4)),
        strata=np.arange(n) % 4,
    )


@pytest.mark.parametrize("strategy", sorted(STRATEGIES))
def test_every_strategy_draws_each_item_once_with_a_chance_and_replays_from_its_seed(strategy):
    policy = Policy(strategy=strategy, batch=20, stratify_by="site")
    one, again = (draw(pool(), policy, np.random.default_rng(5)) for _ in range(2))
    assert len(one.position) == len(set(one.position.tolist())) == 20
    assert set(one.position.tolist()) <= set(pool().position.tolist())
    assert ((one.chance > 0) & (one.chance <= 1)).all()
    assert one.rank.tolist() == list(range(20))
    assert one.n_pool == 60
    assert one.position.tolist() == again.position.tolist()
    assert one.chance.tolist() == again.chance.tolist()


@pytest.mark.parametrize("strategy", sorted(STRATEGIES))
def test_a_pool_smaller_than_the_batch_is_drawn_whole_with_chance_1(strategy):
    found = draw(pool(7), Policy(strategy=strategy, batch=20, stratify_by="site"), np.random.default_rng(0))
    assert sorted(found.position.tolist()) == pool(7).position.tolist()
    assert found.chance.tolist() == [1.0] * 7


@pytest.mark.parametrize("strategy", sorted(STRATEGIES))
def test_an_empty_pool_gives_an_empty_draw(strategy):
    empty = Pool(np.zeros(0, np.int64), np.zeros((0, 3)), np.zeros((0, 2)), np.zeros(0, np.int64))
    found = draw(empty, Policy(strategy=strategy, stratify_by="site"), np.random.default_rng(0))
    assert len(found.position) == 0


def test_margin_takes_the_least_sure_items_and_leaves_a_share_to_chance():
    lead = np.linspace(0.0, 0.9, 100)
    proba = np.stack([0.5 + lead / 2, 0.5 - lead / 2], axis=1)
    found = draw(
        Pool(np.arange(100), proba), Policy(strategy="margin", batch=20, random_share=0.1), np.random.default_rng(0)
    )
    assert found.position[:18].tolist() == list(range(18))
    assert found.chance[:18].tolist() == [1.0] * 18
    assert found.chance[18:].tolist() == [2 / 82] * 2


def test_diversity_takes_one_item_of_each_cluster():
    centers = np.array([[0, 0], [10, 0], [0, 10], [10, 10]])
    near = np.random.default_rng(1).normal(scale=0.1, size=(40, 2))
    features = np.repeat(centers, 10, axis=0) + near
    policy = Policy(strategy="diversity", batch=4, random_share=0.0)
    found = draw(Pool(np.arange(40), features=features), policy, np.random.default_rng(0))
    assert sorted(position // 10 for position in found.position.tolist()) == [0, 1, 2, 3]


def test_auto_begins_with_diversity_and_goes_on_with_margin():
    whole = pool()
    for given, name in (
        (whole, "margin"),
        (Pool(whole.position, features=whole.features), "diversity"),
        (Pool(whole.position), "random"),
    ):
        assert draw(given, Policy(), np.random.default_rng(0)).strategy == name


def test_features_are_asked_for_only_where_they_are_looked_at():
    assert needs_features(Policy(), has_model=False)
    assert not needs_features(Policy(), has_model=True)
    assert needs_features(Policy(strategy="diversity"), has_model=True)
    assert not needs_features(Policy(strategy="random"), has_model=False)


@pytest.mark.parametrize("strategy", ["margin", "diversity", "stratified"])
def test_a_strategy_without_what_it_needs_says_so(strategy):
    with pytest.raises(BadPolicy, match=strategy):
        draw(Pool(np.arange(5)), Policy(strategy=strategy, stratify_by="site"), np.random.default_rng(0))


def test_a_pool_with_rows_missing_or_a_position_twice_is_refused():
    with pytest.raises(BadValue, match="one row of proba"):
        Pool(np.arange(3), proba=np.ones((2, 2)))
    with pytest.raises(BadValue, match="once"):
        Pool(np.array([1, 1]))


@pytest.mark.parametrize("wrong", [{"batch": 0}, {"random_share": 1.5}, {"strategy": "stratified"}])
def test_a_policy_out_of_range_is_refused(wrong):
    with pytest.raises(BadPolicy):
        Policy(**wrong)
