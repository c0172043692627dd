"""The kernels under truth inference: what they do for speed and memory changes no result."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from goldseam.stats import _coincidence, _tally, agreement, truth
from goldseam.stats._parts import counted, parts, row_max
from goldseam.stats.truth import record
from goldseam.stats.truth._em import Stop
from goldseam.stats.votes import BadVotes, Votes

METHODS = {name: truth.METHODS[name] for name in ("majority", "weighted", "one_coin", "dawid_skene")}


def crowd(seed: int, n_items: int, n_annotators: int = 20, n_labels: int = 4, per_item: int = 5) -> Votes:
    """Draw a crowd of good and bad annotators, with some items that have no votes."""
    rng = np.random.default_rng(seed)
    item = np.repeat(np.arange(n_items), per_item)
    annotator = (rng.integers(n_annotators, size=n_items)[:, None] + np.arange(per_item)).ravel() % n_annotators
    right = rng.integers(n_labels, size=n_items)[item]
    hit = rng.random(len(item)) < rng.uniform(0.4, 0.9, n_annotators)[annotator]
    label = np.where(hit, right, rng.integers(n_labels, size=len(item)))
    kept = item % 17 != 3
    return Votes.from_arrays(item[kept], annotator[kept], label[kept], items=range(n_items), labels=range(n_labels))


def shuffled(votes: Votes, seed: int) -> Votes:
    """Return the same votes in another order."""
    order = np.random.default_rng(seed).permutation(votes.n_votes)
    return Votes(
        votes.items, votes.annotators, votes.labels, votes.item[order], votes.annotator[order], votes.label[order]
    )


@pytest.mark.parametrize("name", METHODS)
def test_the_order_of_the_votes_changes_nothing(name: str) -> None:
    votes = crowd(1, 26_000)  # more than one block of items
    assert len(parts(votes.n_items, votes.n_labels)) > 1
    one, two = METHODS[name](votes), METHODS[name](shuffled(votes, 2))
    assert np.abs(two.posterior - one.posterior).max() < 1e-9
    assert np.array_equal(one.label, two.label)
    assert two.reliability == pytest.approx(one.reliability, abs=1e-9)


def test_counts_by_block_are_the_counts() -> None:
    votes = crowd(3, 26_000)
    weights = np.random.default_rng(3).random(votes.n_annotators)
    whole, plain = np.zeros((2, votes.n_items, votes.n_labels))
    np.add.at(whole, (votes.item, votes.label), weights[votes.annotator])
    np.add.at(plain, (votes.item, votes.label), 1.0)
    again = shuffled(votes, 4)
    assert np.array_equal(np.vstack([block for _, block in counted(again)]), plain)
    assert np.allclose(np.vstack([block for _, block in counted(again, weights)]), whole, rtol=1e-12)
    assert np.array_equal(again.counts(), plain)


@pytest.mark.parametrize(("per_item", "n_labels"), [(5, 4), (30, 4), (5, 3_000)])
@pytest.mark.parametrize("weighed", [False, True])
def test_a_tally_is_what_all_votes_of_an_item_say(
    per_item: int, n_labels: int, weighed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_tally, "_PART", 97)  # parts end within items, unless they are moved
    votes = shuffled(crowd(11, 60, 40, n_labels, per_item), 12)
    weights = np.random.default_rng(13).random(votes.n_annotators) if weighed else np.ones(votes.n_annotators)
    whole = np.zeros((votes.n_items, votes.n_labels))
    np.add.at(whole, (votes.item, votes.label), weights[votes.annotator])
    ordered, found = votes.by_item(), list(_tally.tallies(votes, weights if weighed else None))
    assert len(found) > 1
    same, item = (np.concatenate(each) for each in zip(*((t.same, t.item) for t in found), strict=True))
    assert same == pytest.approx(whole[ordered.item, ordered.label], rel=1e-12)
    assert np.array_equal(item, np.unique(votes.item))
    assert np.concatenate([t.total for t in found]) == pytest.approx(whole.sum(axis=1)[item], rel=1e-12)


@pytest.mark.parametrize("per_item", [4, 20])
def test_what_counting_says_before_its_posterior_is_made_is_what_the_posterior_says(per_item: int) -> None:
    votes = shuffled(crowd(14, 400, 20, 3, per_item), 15)
    weights = np.repeat([0.0, 0.5, 2.0, 0.0], 5)  # of some items no vote counts
    for found in (truth.majority(votes), truth.weighted(votes), truth.weighted(votes, weights)):
        label, confidence, reliability = found.label, found.confidence, found.reliability
        posterior = found.posterior
        assert posterior is found.posterior
        assert np.array_equal(confidence, posterior.max(axis=1))
        assert np.array_equal(label, record.best_labels(votes, posterior)[0])
        assert reliability == pytest.approx(record.agreeing(votes, posterior), abs=1e-12)
    by_weight = np.zeros((votes.n_items, 3))
    np.add.at(by_weight, (votes.item, votes.label), weights[votes.annotator])
    total = by_weight.sum(axis=1, keepdims=True)
    assert (total == 0).any()
    assert posterior == pytest.approx(np.where(total > 0, by_weight / np.where(total > 0, total, 1), 1 / 3), abs=1e-12)


def test_a_posterior_made_later_is_there_in_copies_and_other_processes() -> None:
    votes = crowd(16, 30)
    shares = record.shares_of_votes(votes, None)
    for again in (pickle.loads(pickle.dumps(truth.majority(votes))), replace(truth.majority(votes), method="again")):
        assert np.array_equal(again.posterior, shares)
    with pytest.raises(FrozenInstanceError):
        truth.majority(votes).posterior = shares


@pytest.mark.parametrize("per_item", [1, 4, 20])
def test_runs_of_votes_measure_what_a_table_of_them_does(per_item: int) -> None:
    votes = crowd(17, 200, per_item=per_item)
    votes = votes.where(np.random.default_rng(18).random(votes.n_votes) < 0.7)
    runs = _coincidence.units(votes)
    table = _coincidence.table_of(runs)
    times = np.random.default_rng(19).integers(0, 3, (2, len(runs.sizes))).astype(float)
    assert np.array_equal(runs.squares(), table.squares())
    for each in (times, times[:1], times[:1] * 0 + 2):
        assert runs.summed(each) == pytest.approx(table.summed(each), abs=1e-9)


def by_hand(votes: Votes, smoothing: float, iterations: int) -> np.ndarray:
    """Dawid-Skene in loops, as the formula says it."""
    counts = votes.counts() + 0.0
    total = counts.sum(axis=1, keepdims=True)
    posterior = np.where(total > 0, counts / np.maximum(total, 1), 1 / votes.n_labels)
    for _ in range(iterations):
        soft = np.zeros((votes.n_annotators, votes.n_labels, votes.n_labels))
        for i, a, k in zip(votes.item, votes.annotator, votes.label, strict=True):
            soft[a, k] += posterior[i]
        pooled = soft.sum(axis=0) + 1 / votes.n_labels
        soft += smoothing * pooled / pooled.sum(axis=0) + 0.01 / votes.n_labels
        confusion = soft / soft.sum(axis=1, keepdims=True)
        shares = posterior.sum(axis=0) + 1 / votes.n_labels
        logits = np.tile(np.log(shares / shares.sum()), (votes.n_items, 1))
        for i, a, k in zip(votes.item, votes.annotator, votes.label, strict=True):
            logits[i] += np.log(confusion[a, k])
        posterior = np.exp(logits - logits.max(axis=1, keepdims=True))
        posterior /= posterior.sum(axis=1, keepdims=True)
    return posterior


@pytest.mark.parametrize("iterations", [1, 3])
@pytest.mark.parametrize("per_item", [3, 15])
def test_dawid_skene_is_its_formula(iterations: int, per_item: int) -> None:
    votes = crowd(5, 80, per_item=per_item)
    found = truth.dawid_skene(shuffled(votes, 6), smoothing=0.5, max_iterations=iterations, tolerance=0.0)
    assert found.iterations == iterations
    assert found.posterior == pytest.approx(by_hand(votes, 0.5, iterations), abs=1e-12)


@pytest.mark.parametrize("n_annotators", [30, 3_000])
def test_very_many_votes_on_an_item_do_not_underflow(n_annotators: int) -> None:
    rng = np.random.default_rng(7)
    right = rng.integers(3, size=12)
    said = np.where(rng.random((12, n_annotators)) < 0.6, right[:, None], rng.integers(3, size=(12, n_annotators)))
    votes = Votes.from_matrix(said, labels=range(3))
    for name in ("one_coin", "dawid_skene"):
        found = METHODS[name](votes)
        assert np.isfinite(found.posterior).all()
        assert np.isfinite(found.log_likelihood)
        assert np.array_equal(found.label, right)


def test_a_likelihood_is_that_of_the_votes_whichever_way_it_is_summed() -> None:
    votes = crowd(8, 200)
    prior = np.full((votes.n_items, votes.n_labels), 1 / votes.n_labels)
    shared = truth.dawid_skene(votes, prior=prior[0], max_iterations=4, tolerance=0.0)
    each = truth.dawid_skene(votes, prior=prior, max_iterations=4, tolerance=0.0)
    assert each.log_likelihood == pytest.approx(shared.log_likelihood)
    silent = truth.dawid_skene(votes, prior=prior[0], max_iterations=1, tolerance=0.0)
    assert silent.log_likelihood < shared.log_likelihood < 0


def test_no_tolerance_means_every_iteration() -> None:
    votes = Votes.from_matrix([[0, 0], [1, 1]])
    for name in ("one_coin", "dawid_skene"):
        assert METHODS[name](votes, max_iterations=7, tolerance=0.0).iterations == 7
        assert METHODS[name](votes, max_iterations=70).iterations < 70
    assert not Stop(5, 0.0).reached(-1.0, -1.0)
    assert Stop(5, 1e-6).reached(0.0, 0.0)


@pytest.mark.parametrize("n_labels", [5, 40])
def test_the_best_label_is_the_first_of_those_most_voted_for_among_those_that_tie(n_labels: int) -> None:
    rng = np.random.default_rng(9)
    posterior = rng.integers(1, 4, (4_000, n_labels)).astype(float)
    posterior /= posterior.sum(axis=1, keepdims=True)
    votes = Votes(
        np.arange(4_000), np.arange(1), range(n_labels),
        np.arange(300), np.zeros(300, dtype=int), rng.integers(n_labels, size=300),
    )  # fmt: skip
    popular = np.bincount(votes.label, minlength=n_labels)
    label, confidence = record.best_labels(votes, posterior)
    top = posterior.max(axis=1)
    assert confidence == pytest.approx(top)
    for row in range(0, 4_000, 37):
        tied = np.flatnonzero(posterior[row] >= top[row] - 1e-12)
        assert label[row] == max(tied, key=lambda k: (popular[k], -k))


@pytest.mark.parametrize("n_labels", [1, 3, 50])
def test_the_largest_of_each_row_is_that(n_labels: int) -> None:
    table = np.random.default_rng(10).random((200, n_labels))
    assert np.array_equal(row_max(table), table.max(axis=1))


def test_a_posterior_that_would_not_fit_is_refused_with_its_size() -> None:
    votes = Votes.from_arrays([0, 1], [0, 0], [0, 1], items=range(100_000), labels=range(3_000))
    for method in METHODS.values():
        with pytest.raises(BadVotes, match=r"100,000 items over 3,000 labels .* 2\.4 GB.* at most 83,333 items"):
            method(votes)


def test_thousands_of_labels_are_inferred_and_compared() -> None:
    votes = crowd(11, 1_000, n_labels=3_000)
    for name in ("majority", "weighted", "one_coin"):
        found = METHODS[name](votes)
        assert found.posterior.sum(axis=1) == pytest.approx(np.ones(votes.n_items))
        assert found.posterior.shape == (1_000, 3_000)
    for statistic in (agreement.alpha, agreement.fleiss_kappa):
        assert 0 < statistic(votes).value < 1


def test_counting_and_sorting_make_the_same_units(monkeypatch: pytest.MonkeyPatch) -> None:
    votes = shuffled(crowd(12, 300), 13)
    dense = _coincidence.table_of(_coincidence.units(votes))
    monkeypatch.setattr(_coincidence, "_SPARSE", 0)
    sparse = _coincidence.table_of(_coincidence.units(votes))
    assert np.array_equal(dense.counts.toarray(), sparse.counts.toarray())
    assert np.array_equal(dense.counts.indices, sparse.counts.indices)
    assert np.array_equal(dense.sizes, sparse.sizes)


def test_weighed_pairs_are_summed_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    votes = crowd(14, 300)
    whole = agreement.alpha(votes, level="interval")
    monkeypatch.setattr(_coincidence, "_DENSE_CELLS", 50)
    assert agreement.alpha(votes, level="interval").value == pytest.approx(whole.value)


def test_wawa_weighs_by_votes_shared_with_the_majority() -> None:
    votes = Votes.from_matrix([[0, 0, 1], [1, 1, 1], [0, 1, -1]])
    shares = np.array([2 + 0.5, 2 + 0.5, 1]) / np.array([3, 3, 2])  # a tie of two counts half
    given = truth.weighted(votes, shares)
    assert truth.weighted(votes).posterior == pytest.approx(given.posterior)


def test_an_item_whose_votes_all_weigh_nothing_has_no_preference() -> None:
    votes = Votes.from_matrix([[0, -1], [-1, 1]])
    assert truth.weighted(votes, [0.0, 1.0]).posterior.tolist() == [[0.5, 0.5], [0.0, 1.0]]
