"""The sample stage: a draw says what was chosen, in which order, and with which chance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from goldseam.sample.choosing import LOOKS_AT, SURE, Pool, needs, shortlist
from goldseam.sample.drawing import draw
from goldseam.sample.policy import NEEDS_MODEL, STRATEGY_NAMES, Policy
from goldseam.vocab.errors import BadPolicy, BadValue


def pool(n: int = 60, seed: int = 0) -> Pool:
    rng = np.random.default_rng(seed)
    return Pool(
        position=np.arange(n) * 3 + 1,
        proba=rng.dirichlet(np.ones(3), size=n),
        features=rng.normal(size=(n, 4)),
        strata=np.arange(n) % 4,
        labeled=rng.normal(size=(5, 4)),
        committee=rng.dirichlet(np.ones(3), size=(2, n)),
        counts=np.array([9, 4, 0]),
    )


@pytest.mark.parametrize("strategy", STRATEGY_NAMES)
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


@pytest.mark.parametrize("strategy", STRATEGY_NAMES)
def test_a_pool_smaller_than_the_batch_is_drawn_whole_with_chance_1(strategy):
    found = draw(pool(7), Policy(strategy=strategy, batch=20, stratify_by="site"), np.random.default_rng(0))
    assert sorted(found.position.tolist()) == pool(7).position.tolist()
    assert found.chance.tolist() == [1.0] * 7


@pytest.mark.parametrize("strategy", STRATEGY_NAMES)
def test_an_empty_pool_gives_an_empty_draw(strategy):
    found = draw(pool(0), Policy(strategy=strategy, stratify_by="site"), np.random.default_rng(0))
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


def test_auto_begins_with_diversity_and_goes_on_with_what_is_uncertain_and_unlike():
    whole = pool()
    for given, name in (
        (whole, "hybrid"),
        (Pool(whole.position, whole.proba), "margin"),
        (Pool(whole.position, features=whole.features), "diversity"),
        (Pool(whole.position), "random"),
    ):
        assert draw(given, Policy(), np.random.default_rng(0)).strategy == name


@pytest.mark.parametrize("strategy", sorted(NEEDS_MODEL))
def test_what_goes_by_a_model_begins_with_diversity(strategy):
    cold = Pool(np.arange(30), features=np.random.default_rng(0).normal(size=(30, 2)))
    assert draw(cold, Policy(strategy=strategy, batch=5), np.random.default_rng(0)).strategy == "diversity"


@pytest.mark.parametrize("strategy", ["vote_entropy", "divergence"])
def test_a_committee_of_one_goes_by_its_margin(strategy):
    whole = pool()
    alone = Pool(whole.position, whole.proba, committee=whole.committee[:1])
    assert draw(alone, Policy(strategy=strategy), np.random.default_rng(0)).strategy == "margin"


def test_only_what_is_looked_at_is_asked_for():
    assert needs(Policy(), has_model=False) == {"features"}
    assert needs(Policy(), has_model=True) == {"proba", "features", "labeled"}
    assert needs(Policy(noise=0.0), has_model=True) == {"proba", "features"}
    assert needs(Policy(strategy="diversity"), has_model=True) == {"features"}
    assert needs(Policy(strategy="random"), has_model=False) == set()
    assert needs(Policy(strategy="divergence"), has_model=True, n_models=1) == {"proba"}


def test_every_strategy_says_what_it_looks_at():
    assert set(LOOKS_AT) == {*SURE, "random", "stratified"} == set(STRATEGY_NAMES) - {"auto"}
    assert {name for name, fields in LOOKS_AT.items() if "proba" in fields} - {"hybrid"} == NEEDS_MODEL


def test_of_a_large_pool_only_the_most_uncertain_items_need_features():
    rng = np.random.default_rng(0)
    proba = rng.dirichlet(np.ones(3), size=2000)
    bare = Pool(np.arange(2000), proba)
    rows = shortlist(bare, Policy(batch=20), np.random.default_rng(1))
    assert len(rows) == 400
    lead = np.sort(proba, axis=1)[:, -1] - np.sort(proba, axis=1)[:, -2]
    assert lead[rows].max() <= np.delete(lead, rows).min()
    described = Pool(np.arange(2000), proba, features=rng.normal(size=(400, 3)), described=rows)
    found = draw(described, Policy(batch=20), np.random.default_rng(2))
    assert set(found.position[:19].tolist()) <= set(rows.tolist())
    assert found.chance[19] == pytest.approx(1 / 1981)


def test_a_draw_that_features_do_not_reach_is_filled_up():
    few = Pool(np.arange(30), features=np.eye(4), described=np.arange(4))
    found = draw(few, Policy(strategy="k_center", batch=10), np.random.default_rng(0))
    assert len(set(found.position.tolist())) == 10
    assert {0, 1, 2, 3} <= set(found.position.tolist())


@pytest.mark.parametrize("strategy", STRATEGY_NAMES)
def test_no_draw_costs_more_than_may_be_spent_and_its_chances_stay_known(strategy):
    whole = pool()
    cost = np.random.default_rng(1).uniform(0.5, 4.0, size=60)
    paid = replace(whole, cost=cost)
    policy = Policy(strategy=strategy, batch=30, random_share=0.3, stratify_by="site", spend=25.0)
    found = draw(paid, policy, np.random.default_rng(0))
    assert 0 < cost[(found.position - 1) // 3].sum() <= 25.0
    left = found.chance[found.chance < 1]
    n_sure = len(found.chance) - len(left)
    if strategy not in {"random", "stratified"}:
        assert left == pytest.approx(np.full(len(left), len(left) / (60 - n_sure)))
    assert draw(Pool(np.arange(60)), Policy(strategy="random", spend=7.5), np.random.default_rng(0)).rank.tolist() == [
        0, 1, 2, 3, 4, 5, 6,
    ]  # fmt: skip


@pytest.mark.parametrize("strategy", ["margin", "diversity", "stratified", "rare_label", "typical"])
def test_a_strategy_without_what_it_needs_says_so(strategy):
    with pytest.raises(BadPolicy, match=strategy):
        draw(Pool(np.arange(5)), Policy(strategy=strategy, stratify_by="site"), np.random.default_rng(0))


def test_a_pool_with_rows_missing_or_a_position_twice_is_refused():
    with pytest.raises(BadValue, match="one row of proba"):
        Pool(np.arange(3), proba=np.ones((2, 2)))
    with pytest.raises(BadValue, match="per item described: 2; got 3"):
        Pool(np.arange(5), features=np.ones((3, 2)), described=np.array([0, 1]))
    with pytest.raises(BadValue, match="once"):
        Pool(np.array([1, 1]))


@pytest.mark.parametrize(
    "wrong", [{"batch": 0}, {"random_share": 1.5}, {"strategy": "stratified"}, {"spend": 0.0}, {"noise": 2.0}]
)
def test_a_policy_out_of_range_is_refused(wrong):
    with pytest.raises(BadPolicy):
        Policy(**wrong)
