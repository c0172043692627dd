"""The nine stages as one loop, without a store: labels get better, and choosing them well takes fewer."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits

from goldseam.adjudicate.policy import Policy as AdjudicatePolicy
from goldseam.adjudicate.settle import settle
from goldseam.audit.gate import judge
from goldseam.audit.policy import Policy as AuditPolicy
from goldseam.audit.quality import measure
from goldseam.prelabel.features import embed
from goldseam.prelabel.learning import fit
from goldseam.prelabel.model import LinearModel
from goldseam.retrain.policy import Policy as RetrainPolicy
from goldseam.retrain.promote import compare
from goldseam.retrain.training import training_set
from goldseam.route.policy import Policy as RoutePolicy
from goldseam.route.tiers import assign
from goldseam.sample.drawing import Pool, draw
from goldseam.sample.policy import Policy as SamplePolicy
from goldseam.stats.crowd import one_coin
from goldseam.stats.votes import Votes

LABELS = tuple("0123456789")


def loop(strategy: str, seed: int, rounds: int = 4) -> tuple[list[float], list[bool]]:
    """Accuracy of the champion on unseen images after each round, and whether each round promoted."""
    bunch = load_digits()
    x, y = (bunch.data / 16).astype(np.float32), bunch.target
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(y))
    gold, unseen, rest = order[:150], order[150:750], order[750:]
    crowd = one_coin(LABELS, {"ann": 0.95, "bob": 0.9, "cat": 0.85, "dan": 0.8})
    champion: LinearModel | None = None
    drawn = np.zeros(0, dtype=np.int64)
    said: list[Votes] = []
    accuracy, promoted = [], []
    for _ in range(rounds):
        pool = np.setdiff1d(rest, drawn)
        proba = None if champion is None else champion.propose(x[pool])
        policy = SamplePolicy(strategy=strategy, batch=50)
        chosen = draw(Pool(pool, proba, embed(x[pool], rng)), policy, rng).position
        routes = assign(chosen, None, RoutePolicy(redundancy=3), rng)
        assert set(routes.wanted.tolist()) == {3}
        drawn = np.concatenate([drawn, chosen])
        said.append(crowd.votes(y[chosen], 3, rng))
        votes = joined(said, drawn)
        settled = settle(votes, AdjudicatePolicy(escalate_below=0.5), rulings=None)
        report = measure(votes, settled, {}, AuditPolicy(draws=20), rng)
        assert judge(report, AuditPolicy(), 0).passes
        learned = training_set(
            settled.posterior, settled.how, settled.escalated, np.zeros(len(drawn), bool), RetrainPolicy()
        )
        challenger = fit(x[settled.position[learned.index]], learned.soft, learned.weight, LABELS, rng)
        before = None if champion is None else champion.propose(x[gold])
        promotion = compare(before, challenger.propose(x[gold]), y[gold])
        champion = challenger if promotion.promoted else champion
        assert champion is not None
        promoted.append(promotion.promoted)
        accuracy.append(float((champion.propose(x[unseen]).argmax(axis=1) == y[unseen]).mean()))
    return accuracy, promoted


def joined(said: list[Votes], drawn: np.ndarray) -> Votes:
    shift = np.cumsum([0, *(votes.n_items for votes in said)])
    return Votes(
        items=drawn,
        annotators=said[0].annotators,
        labels=LABELS,
        item=np.concatenate([votes.item + shift[at] for at, votes in enumerate(said)]).astype(np.int32),
        annotator=np.concatenate([votes.annotator for votes in said]),
        label=np.concatenate([votes.label for votes in said]),
    )


@pytest.mark.slow
def test_four_rounds_of_real_images_get_better_and_margin_beats_chance():
    seeds = range(3)
    margin = np.array([loop("auto", seed)[0] for seed in seeds])
    chance = np.array([loop("random", seed)[0] for seed in seeds])
    assert (margin[:, -1] > margin[:, 0]).all()
    assert margin[:, -1].mean() > 0.9
    assert margin[:, 1:].mean() > chance[:, 1:].mean()


@pytest.mark.slow
def test_a_loop_promotes_its_first_model_and_replays_from_its_seed():
    one, again = (loop("auto", 5, rounds=2) for _ in range(2))
    assert one == again
    assert one[1][0]
