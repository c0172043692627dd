"""MACE: who knows and who guesses is found, the bound is a bound, and odd votes give an answer."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from goldseam.stats.truth import mace, majority
from goldseam.stats.truth.mace import Mace
from goldseam.stats.votes import BadVotes, Votes


def drawn(
    trust: list[float], strategy: np.ndarray, n_items: int, seed: int = 0, shares: list[float] | None = None
) -> tuple[Votes, np.ndarray]:
    """Draw one vote of each annotator on each item: known with probability `trust`, else from `strategy`."""
    rng = np.random.default_rng(seed)
    n_labels = strategy.shape[1]
    right = rng.choice(n_labels, size=n_items, p=shares)
    guess = (rng.random((n_items, len(trust), 1)) > strategy.cumsum(axis=1)).sum(axis=2)
    said = np.where(rng.random((n_items, len(trust))) < trust, right[:, None], np.minimum(guess, n_labels - 1))
    return Votes.from_matrix(said, labels=range(n_labels)), right


def small(seed: int = 1) -> Votes:
    rng = np.random.default_rng(seed)
    votes, _ = drawn([0.8, 0.6, 0.5, 0.3, 0.1], rng.dirichlet([1, 1, 1], 5), 20, seed)
    return votes.where(rng.random(votes.n_votes) < 0.7)


def by_hand(votes: Votes, confusion: np.ndarray, prior: np.ndarray) -> tuple[np.ndarray, float]:
    """The posterior and the log likelihood of given confusions (annotator, true, said), vote by vote."""
    chance = np.tile(prior, (votes.n_items, 1))
    for item, annotator, label in zip(votes.item, votes.annotator, votes.label, strict=True):
        chance[item] *= confusion[annotator, :, label]
    total = chance.sum(axis=1)
    return chance / total[:, None], float(np.log(total).sum())


def test_trust_and_strategies_are_found_again() -> None:
    strategy = np.array([[0.2, 0.3, 0.5], [0.6, 0.2, 0.2], [0.1, 0.8, 0.1], [1 / 3, 1 / 3, 1 / 3], [0.05, 0.05, 0.9]])
    trust = [0.9, 0.75, 0.6, 0.4, 0.1]
    votes, right = drawn(trust, strategy, 3000, seed=3)
    found = mace(votes)
    assert found.strategy is not None
    assert found.confusion is not None
    assert found.trust == pytest.approx(np.array(trust), abs=0.05)
    assert found.strategy[2:] == pytest.approx(strategy[2:], abs=0.06)  # who seldom guesses shows little of how
    assert (found.label == right).mean() > (majority(votes).label == right).mean() + 0.05
    hits = np.bincount(votes.annotator, weights=votes.label == right[votes.item]) / 3000
    assert found.reliability == pytest.approx(hits, abs=0.03)


@pytest.mark.parametrize("update", ["variational", "em"])
def test_one_who_says_the_same_always_is_not_trusted(update: str) -> None:
    votes, right = drawn([0.7, 0.7, 0.7, 0.0, 0.0], np.array([[0.5, 0.5]] * 3 + [[0.02, 0.98]] * 2), 400, seed=4)
    found = mace(votes, update=update)
    assert found.trust[:3].min() > 0.5
    assert found.trust[3:].max() < 0.15
    assert found.strategy is not None
    assert found.strategy[3:, 1].min() > 0.9
    assert (found.label == right).mean() > (majority(votes).label == right).mean() + 0.1


@pytest.mark.parametrize("update", ["variational", "em"])
def test_the_confusion_is_knowing_or_guessing(update: str) -> None:
    votes = small()
    found = mace(votes.where(~((votes.annotator == 2) & (votes.label == 1))), update=update)
    assert found.strategy is not None
    assert found.strategy[2, 1] == found.strategy[2].min() > 0  # never said, yet not impossible
    assert found.confusion is not None
    assert found.strategy is not None
    for annotator in range(5):
        left = (1 - found.trust[annotator]) * found.strategy[annotator]
        expected = found.trust[annotator] * np.eye(3) + left
        assert found.confusion[annotator] == pytest.approx(expected, abs=1e-12)
    assert found.confusion.sum(axis=2) == pytest.approx(np.ones((5, 3)))
    shares = found.posterior.sum(axis=0) + 1 / 3
    on_truth = np.einsum("akk->ak", found.confusion) @ (shares / shares.sum())
    assert found.reliability == pytest.approx(on_truth, abs=1e-12)


def test_em_settles_where_posterior_and_likelihood_are_those_of_its_confusions() -> None:
    votes = small()
    found = mace(votes, update="em", max_iterations=5000, tolerance=1e-14)
    posterior, log_likelihood = by_hand(votes, found.confusion, np.full(3, 1 / 3))
    assert found.posterior == pytest.approx(posterior, abs=1e-5)
    assert found.log_likelihood == pytest.approx(log_likelihood, abs=1e-5)


def test_firm_priors_leave_only_the_votes_likelihood() -> None:
    votes = small()
    found = mace(votes, trust_prior=(6e8, 4e8), strategy_prior=1e9)
    confusion = np.tile(0.6 * np.eye(3) + 0.4 / 3, (5, 1, 1))
    posterior, log_likelihood = by_hand(votes, confusion, np.full(3, 1 / 3))
    assert found.posterior == pytest.approx(posterior, abs=1e-6)
    assert found.log_likelihood == pytest.approx(log_likelihood, abs=1e-4)


def test_the_bound_lies_below_the_evidence_and_near_it() -> None:
    votes = Votes.from_matrix([[0, 0, 1], [1, 1, 1], [0, 1, -1]])
    rng = np.random.default_rng(0)
    draws = 100_000  # of trust and strategies from their priors: the mean likelihood is the evidence
    trust, strategy = rng.beta(0.5, 0.5, (draws, 3)), rng.dirichlet([10, 10], (draws, 3))
    chance = np.full((draws, 3, 2), 0.5)
    for item, annotator, label in zip(votes.item, votes.annotator, votes.label, strict=True):
        guessed = (1 - trust[:, annotator]) * strategy[:, annotator, label]
        chance[:, item] *= guessed[:, None] + trust[:, annotator, None] * (np.arange(2) == label)
    evidence = np.log(chance.sum(axis=2).prod(axis=1).mean())
    bound = mace(votes, max_iterations=500, tolerance=1e-12).log_likelihood
    assert evidence - 2.5 < bound < evidence


@pytest.mark.parametrize("update", ["variational", "em"])
@pytest.mark.parametrize("prior", ["flat", [0.7, 0.2, 0.1]])
def test_every_iteration_climbs(update: str, prior: object) -> None:
    votes = small(2)
    options = {"update": update, "prior": prior, "tolerance": 0.0, "smoothing": 1e-6}  # smoothing would tilt EM
    climbed = [mace(votes, max_iterations=n, **options).log_likelihood for n in range(1, 40)]
    assert all(later >= earlier - 1e-6 for earlier, later in pairwise(climbed))
    assert climbed[-1] > climbed[0] + 0.01


def test_restarts_need_a_generator_and_repeat_with_it() -> None:
    votes = small()
    with pytest.raises(BadVotes, match="rng="):
        mace(votes, restarts=3)
    one = mace(votes, restarts=3, rng=np.random.default_rng(1))
    two = mace(votes, restarts=3, rng=np.random.default_rng(1))
    assert (one.posterior == two.posterior).all()
    assert one.log_likelihood >= mace(votes).log_likelihood


@pytest.mark.parametrize("seed", range(3))
def test_no_drawn_start_ends_much_above_the_usual_one(seed: int) -> None:
    votes = small(seed)
    usual = mace(votes, max_iterations=1000, tolerance=1e-10)
    best = mace(votes, restarts=10, rng=np.random.default_rng(seed), max_iterations=1000, tolerance=1e-10)
    assert best.log_likelihood <= usual.log_likelihood + 1e-3
    assert (best.label == usual.label).all()


def test_gold_stays_and_teaches() -> None:
    votes, right = drawn([0.8, 0.0, 0.0, 0.0], np.array([[0.5, 0.5]] + [[0.1, 0.9]] * 3), 300, seed=5)
    gold = {item: int(right[item]) for item in range(150)}
    found = mace(votes, gold=gold)
    assert [found.names()[item] for item in gold] == list(gold.values())
    assert found.confidence[:150].tolist() == [1.0] * 150
    assert found.trust.argmax() == 0
    assert (found.label[150:] == right[150:]).mean() > 0.85


def test_gold_may_be_a_label_that_nobody_said() -> None:
    said = ["x", "x", "y", "y", "x", "x", "y", "y"]
    votes = Votes.from_arrays([0, 0, 1, 1, 2, 2, 3, 3], ["a", "b"] * 4, said, labels=["x", "y", "z"])
    for prior in ("flat", "learned"):
        found = mace(votes, gold={0: "z"}, prior=prior)
        assert found.names() == ["z", "y", "x", "y"]
        assert found.posterior[0].tolist() == [0.0, 0.0, 1.0]
        assert np.isfinite(found.log_likelihood or np.nan)


def test_a_prior_decides_where_votes_do_not() -> None:
    votes = Votes.from_matrix([[0, 1], [1, 0], [0, 0], [1, 1]])
    assert mace(votes, prior=[0.9, 0.1]).label[:2].tolist() == [0, 0]
    per_item = [[0.9, 0.1], [0.1, 0.9], [0.5, 0.5], [0.5, 0.5]]
    assert mace(votes, prior=per_item).label[:2].tolist() == [0, 1]


def test_learned_shares_keep_a_rare_label_rare() -> None:
    votes, right = drawn([0.5] * 3, np.full((3, 2), 0.5), 2000, seed=6, shares=[0.92, 0.08])
    flat, learned = mace(votes), mace(votes, prior="learned")
    assert learned.posterior[:, 1].mean() == pytest.approx(0.08, abs=0.03)
    assert (learned.label == right).mean() > (flat.label == right).mean()


@pytest.mark.parametrize("prior", ["flat", "learned"])
def test_a_good_model_helps_and_one_that_guesses_does_no_harm(prior: str) -> None:
    votes, right = drawn([0.5] * 3, np.full((3, 3), 1 / 3), 500, seed=8)
    rng = np.random.default_rng(8)
    proba = np.full((500, 3), 0.05)
    proba[np.arange(500), np.where(rng.random(500) < 0.9, right, rng.integers(3, size=500))] = 0.9
    junk = np.full((500, 3), 0.005)
    junk[np.arange(500), rng.integers(3, size=500)] = 0.99
    alone = (mace(votes, prior=prior).label == right).mean()
    assert (mace(votes, prior=prior, model=proba).label == right).mean() > alone + 0.05
    assert (mace(votes, prior=prior, model=junk).label == right).mean() > alone - 0.02


@pytest.mark.parametrize("update", ["variational", "em"])
@pytest.mark.parametrize(
    ("matrix", "labels"),
    [
        ([[0], [1], [0]], [0, 1]),  # one annotator
        ([[0, 0], [0, -1]], [0]),  # one label
        ([[0, -1], [-1, 1]], [0, 1]),  # no overlap, one vote each
        ([[-1, -1], [1, 0]], [0, 1]),  # an item without a vote
        ([[-1, -1]], [0, 1]),  # no vote at all
        ([[0, 999], [17, 17]], range(1000)),  # many labels
    ],
)
def test_odd_votes_give_an_answer(matrix: list[list[int]], labels: range, update: str) -> None:
    votes = Votes.from_matrix(matrix, labels=labels)
    found = mace(votes, update=update)
    assert isinstance(found, Mace)
    for numbers in (found.posterior, found.trust, found.reliability):
        assert np.isfinite(numbers).all()
    assert found.posterior.sum(axis=1) == pytest.approx(np.ones(votes.n_items))
    silent = votes.votes_per_item() == 0
    assert found.posterior[silent] == pytest.approx(np.full((silent.sum(), votes.n_labels), 1 / votes.n_labels))


def test_confusions_that_would_not_fit_are_left_out_with_a_reason() -> None:
    votes = Votes.from_arrays(np.arange(60), np.arange(60) % 30, np.arange(60), labels=range(3000))
    found = mace(votes)
    assert found.confusion is None
    assert found.strategy is None
    assert any("left out: they would need 270,000,000 cells" in warning for warning in found.warnings)
    assert found.label.tolist() == list(range(60))


def test_many_annotators_with_many_labels_are_counted_where_they_voted() -> None:
    rng = np.random.default_rng(1)
    right = rng.integers(3000, size=600)
    item, who = np.repeat(np.arange(600), 3), rng.integers(20_000, size=1800)
    votes = Votes.from_arrays(item, who, right[item], annotators=np.arange(20_000), labels=range(3000))
    assert (mace(votes).label == right).all()


def test_opposed_crowds_on_a_thousand_votes_stay_numbers() -> None:
    rng = np.random.default_rng(9)
    said = np.where(rng.random((4, 1500)) < 0.6, [[0], [1], [0], [1]], rng.integers(2, size=(4, 1500)))
    for options in ({}, {"update": "em"}, {"trust_prior": (1e-3, 1e-3), "strategy_prior": 1e-3}):
        found = mace(Votes.from_matrix(said), **options)
        assert np.isfinite(found.posterior).all()
        assert np.isfinite(found.trust).all()
        assert found.label.tolist() == [0, 1, 0, 1]


def test_the_order_of_votes_does_not_matter() -> None:
    votes = small()
    order = np.random.default_rng(0).permutation(votes.n_votes)
    mixed = Votes(
        votes.items, votes.annotators, votes.labels, *(x[order] for x in (votes.item, votes.annotator, votes.label))
    )
    assert mace(mixed).posterior == pytest.approx(mace(votes).posterior, abs=1e-12)


def test_stopping_before_it_settles_is_a_warning() -> None:
    assert mace(small(), max_iterations=2).warnings == ("Stopped after 2 iterations, before it settled.",)
    assert mace(small(), max_iterations=1000).warnings == ()


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"max_iterations": 0}, "at least 1"),
        ({"restarts": -1}, "0, or more"),
        ({"update": "guess"}, "'variational' or 'em'"),
        ({"trust_prior": (0.0, 1.0)}, "above 0"),
        ({"trust_prior": (1.0,)}, "above 0"),
        ({"strategy_prior": np.nan}, "above 0"),
        ({"smoothing": 0.0}, "above 0"),
        ({"prior": "guess"}, "'learned', 'flat'"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, object], match: str) -> None:
    with pytest.raises(BadVotes, match=match):
        mace(small(), **options)  # type: ignore[arg-type]  # wrong on purpose
