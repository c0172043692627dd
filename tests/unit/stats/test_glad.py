"""GLAD: abilities and difficulties are found, the climb is to a true summit, and odd votes give an answer."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.special import expit, log_expit, logsumexp

from goldseam.stats.truth import glad, majority
from goldseam.stats.truth.glad import Glad
from goldseam.stats.votes import BadVotes, Votes


def drawn(
    ability: np.ndarray, difficulty: np.ndarray, n_labels: int = 3, seed: int = 0, share: float = 1.0
) -> tuple[Votes, np.ndarray]:
    """Draw votes as the model has them, of each annotator on each item with probability `share`; with the truth."""
    rng = np.random.default_rng(seed)
    right = rng.integers(n_labels, size=len(difficulty))
    chance = expit(ability / difficulty[:, None])
    wrong = (right[:, None] + rng.integers(1, n_labels, size=chance.shape)) % n_labels
    said = np.where(rng.random(chance.shape) < chance, right[:, None], wrong)
    said[rng.random(chance.shape) >= share] = -1
    return Votes.from_matrix(said, labels=range(n_labels)), right


def small(seed: int = 1, n_labels: int = 3) -> Votes:
    rng = np.random.default_rng(seed)
    return drawn(rng.uniform(0.3, 2, 6), rng.uniform(0.3, 2, 25), n_labels, seed, share=0.6)[0]


def by_hand(votes: Votes, ability: np.ndarray, ease: np.ndarray, prior: np.ndarray) -> tuple[np.ndarray, float]:
    """The posterior and the log likelihood, vote by vote."""
    logits = np.tile(np.log(prior), (votes.n_items, 1))
    for item, annotator, label in zip(votes.item, votes.annotator, votes.label, strict=True):
        product = ability[annotator] * np.exp(ease[item])
        at = np.full(votes.n_labels, log_expit(-product) - np.log(votes.n_labels - 1))
        at[label] = log_expit(product)
        logits[item] += at
    total = logsumexp(logits, axis=1)
    return np.exp(logits - total[:, None]), float(total.sum())


def worth(votes: Votes, point: np.ndarray, prior: np.ndarray) -> float:
    """What GLAD climbs: the log likelihood and the logarithm of the priors."""
    ability, ease = np.split(point, [votes.n_annotators])
    return by_hand(votes, ability, ease, prior)[1] - ((point - 1) ** 2).sum() / 2


def test_abilities_and_difficulties_are_found_again() -> None:
    rng = np.random.default_rng(5)
    ability, difficulty = rng.uniform(-0.2, 2.0, 40), np.exp(rng.normal(-0.3, 0.8, 600))
    votes, right = drawn(ability, difficulty, seed=5)
    found = glad(votes)
    assert np.corrcoef(found.ability, ability)[0, 1] > 0.98
    assert np.corrcoef(np.log(found.difficulty), np.log(difficulty))[0, 1] > 0.8
    hits = (votes.label == right[votes.item]).astype(float)
    share = np.bincount(votes.annotator, weights=hits) / votes.votes_per_annotator()
    assert found.reliability == pytest.approx(share, abs=0.05)


def test_an_able_minority_wins_on_items_that_are_hard_for_the_rest() -> None:
    ability = np.array([3.0, 3.0, 0.2, 0.2, 0.2, 0.2, 0.2])
    votes, right = drawn(ability, np.full(400, 0.8), n_labels=2, seed=2)
    found = glad(votes)
    assert (found.label == right).mean() > 0.95
    assert (majority(votes).label == right).mean() < 0.9


def test_items_on_which_annotators_disagree_are_the_hard_ones() -> None:
    votes = Votes.from_matrix([[0, 0, 0, 0], [0, 0, 1, 1], [1, 1, 1, 1], [1, 1, 1, 0]])
    difficulty = glad(votes).difficulty
    assert difficulty[1] > difficulty[3] > difficulty[0]
    assert difficulty[0] == pytest.approx(difficulty[2], rel=0.2)


def test_posterior_and_log_likelihood_are_those_of_the_model() -> None:
    votes = small()
    found = glad(votes, max_iterations=3, tolerance=0.0)
    posterior, log_likelihood = by_hand(votes, found.ability, -np.log(found.difficulty), np.full(3, 1 / 3))
    assert found.posterior == pytest.approx(posterior, abs=1e-12)
    assert found.log_likelihood == pytest.approx(log_likelihood, abs=1e-9)


def test_the_climb_ends_on_a_summit() -> None:
    votes = small()
    found = glad(votes, max_iterations=500, tolerance=1e-13)
    point = np.concatenate([found.ability, -np.log(found.difficulty)])
    flat, step = np.full(3, 1 / 3), 1e-5
    for place in range(len(point)):
        aside = step * (np.arange(len(point)) == place)
        here, left, right = (worth(votes, point + by * aside, flat) for by in (0, -1, 1))
        assert (right - left) / (2 * step) == pytest.approx(0.0, abs=1e-3)
        assert max(left, right) <= here + 1e-9


@pytest.mark.parametrize("prior", ["flat", "learned", [0.7, 0.2, 0.1]])
def test_every_iteration_climbs(prior: object) -> None:
    votes = small(3)
    charged = []
    for n in range(1, 25):
        found = glad(votes, prior=prior, max_iterations=n, tolerance=0.0)
        point = np.concatenate([found.ability, -np.log(found.difficulty)])
        charged.append(found.log_likelihood - ((point - 1) ** 2).sum() / 2)
    slack = 1e-2 if prior == "learned" else 1e-9  # learned shares count one vote more
    assert all(later >= earlier - slack for earlier, later in pairwise(charged))
    assert charged[-1] > charged[0] + 0.01


def test_a_step_that_goes_too_far_is_held_back() -> None:
    votes = small(4)
    worths = []
    for n in range(1, 30):
        found = glad(votes, ability_prior=(0.01, 1.0), ease_prior=(6.0, 0.1), max_iterations=n, tolerance=0.0)
        charge = ((found.ability - 0.01) ** 2).sum() / 2 + ((-np.log(found.difficulty) - 6) ** 2).sum() / 0.02
        worths.append(found.log_likelihood - charge)
    assert all(later >= earlier - 1e-9 for earlier, later in pairwise(worths))


def test_priors_that_hardly_hold_do_not_make_votes_more_than_certain() -> None:
    found = glad(small(4), ability_prior=(10.0, 50.0), ease_prior=(1.0, 1000.0), max_iterations=300)
    assert found.difficulty.min() >= np.exp(-10) * (1 - 1e-9)
    assert found.log_likelihood is not None
    assert found.log_likelihood < 0
    assert np.isfinite(found.posterior).all()


def test_firm_priors_leave_no_room() -> None:
    found = glad(small(), ability_prior=(2.0, 1e-6), ease_prior=(0.5, 1e-6))
    assert found.ability == pytest.approx(np.full(6, 2.0), abs=1e-6)
    assert found.difficulty == pytest.approx(np.full(25, np.exp(-0.5)), abs=1e-6)
    assert found.reliability == pytest.approx(np.full(6, expit(2 * np.exp(0.5))), abs=1e-6)


def test_one_who_is_wrong_on_purpose_is_read_the_other_way_round() -> None:
    votes, right = drawn(np.array([1.5, 1.5, 1.5, 1.5, -3.0]), np.full(300, 0.7), n_labels=2, seed=6)
    found = glad(votes)
    assert found.ability[4] < -1
    assert found.reliability[4] < 0.1
    alone = glad(Votes.from_matrix(np.reshape(votes.label, (300, 5))[:, :4]))
    assert (found.label == right).mean() > (alone.label == right).mean()


def test_one_who_guesses_has_an_ability_of_nearly_nothing() -> None:
    votes, _ = drawn(np.array([1.5, 1.5, 1.5, 1.5, 0.0]), np.full(500, 0.7), n_labels=2, seed=7)
    assert glad(votes).ability[4] == pytest.approx(0.0, abs=0.15)


def test_gold_stays_and_teaches() -> None:
    rng = np.random.default_rng(3)
    right = rng.integers(2, size=200)
    votes = Votes.from_matrix(np.stack([right, 1 - right, 1 - right], axis=1))  # the majority is always wrong
    gold = {item: int(right[item]) for item in range(120)}
    found = glad(votes, gold=gold)
    assert (found.label == right).all()
    assert found.confidence[:120].tolist() == [1.0] * 120
    assert (found.ability > 0).tolist() == [True, False, False]


def test_gold_may_be_a_label_that_nobody_said() -> None:
    said = ["x", "x", "y", "y", "x", "x", "y", "y"]
    votes = Votes.from_arrays([0, 0, 1, 1, 2, 2, 3, 3], ["a", "b"] * 4, said, labels=["x", "y", "z"])
    for prior in ("flat", "learned"):
        found = glad(votes, gold={0: "z"}, prior=prior)
        assert found.names() == ["z", "y", "x", "y"]
        assert found.posterior[0].tolist() == [0.0, 0.0, 1.0]
        assert np.isfinite(found.log_likelihood)


def test_a_prior_decides_where_votes_do_not() -> None:
    votes = Votes.from_matrix([[0, 1], [1, 0], [0, 0], [1, 1]])
    assert glad(votes, prior=[0.9, 0.1]).label[:2].tolist() == [0, 0]
    per_item = [[0.9, 0.1], [0.1, 0.9], [0.5, 0.5], [0.5, 0.5]]
    assert glad(votes, prior=per_item).label[:2].tolist() == [0, 1]


@pytest.mark.parametrize("prior", ["flat", "learned"])
def test_a_good_model_helps_and_one_that_guesses_does_no_harm(prior: str) -> None:
    votes, right = drawn(np.full(8, 0.9), np.full(500, 0.9), seed=8, share=0.3)
    rng = np.random.default_rng(8)
    proba = np.full((500, 3), 0.05)
    proba[np.arange(500), np.where(rng.random(500) < 0.9, right, rng.integers(3, size=500))] = 0.9
    junk = np.full((500, 3), 0.005)
    junk[np.arange(500), rng.integers(3, size=500)] = 0.99
    alone = (glad(votes, prior=prior).label == right).mean()
    assert (glad(votes, prior=prior, model=proba).label == right).mean() > alone + 0.05
    assert (glad(votes, prior=prior, model=junk).label == right).mean() > alone - 0.02


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
def test_odd_votes_give_an_answer(matrix: list[list[int]], labels: range) -> None:
    votes = Votes.from_matrix(matrix, labels=labels)
    found = glad(votes)
    assert isinstance(found, Glad)
    for numbers in (found.posterior, found.ability, found.difficulty, found.reliability):
        assert np.isfinite(numbers).all()
    assert found.posterior.sum(axis=1) == pytest.approx(np.ones(votes.n_items))
    silent = votes.votes_per_item() == 0
    assert found.posterior[silent] == pytest.approx(np.full((silent.sum(), votes.n_labels), 1 / votes.n_labels))
    assert found.difficulty[silent] == pytest.approx(np.full(silent.sum(), np.exp(-1)))
    assert found.confusion is None


def test_opposed_crowds_on_a_thousand_votes_stay_numbers() -> None:
    rng = np.random.default_rng(9)
    said = np.where(rng.random((4, 1500)) < 0.6, [[0], [1], [0], [1]], rng.integers(2, size=(4, 1500)))
    for ease in ((1.0, 1.0), (6.0, 0.1)):
        found = glad(Votes.from_matrix(said), ease_prior=ease)
        assert np.isfinite(found.posterior).all()
        assert found.label.tolist() == [0, 1, 0, 1]


def test_the_order_of_votes_does_not_matter() -> None:
    votes = small()
    order = np.random.default_rng(0).permutation(votes.n_votes)
    mixed = Votes(
        votes.items, votes.annotators, votes.labels, *(x[order] for x in (votes.item, votes.annotator, votes.label))
    )
    assert glad(mixed).posterior == pytest.approx(glad(votes).posterior, abs=1e-12)


def test_a_vote_given_twice_counts_twice_if_all_are_kept() -> None:
    once = Votes.from_arrays([0, 0, 1], ["a", "b", "a"], ["x", "y", "x"])
    twice = Votes.from_arrays([0, 0, 0, 1], ["a", "a", "b", "a"], ["x", "x", "y", "x"], repeated="all")
    assert glad(twice).posterior[0, 0] > glad(once).posterior[0, 0] + 0.1


def test_stopping_before_it_settles_is_a_warning() -> None:
    assert glad(small(), max_iterations=2).warnings == ("Stopped after 2 iterations, before it settled.",)
    assert glad(small(), max_iterations=500).warnings == ()


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"max_iterations": 0}, "at least 1"),
        ({"sweeps": 0}, "at least 1"),
        ({"ability_prior": (0.0, 1.0)}, "labels could swap"),
        ({"ability_prior": (1.0, 0.0)}, "deviation above 0"),
        ({"ease_prior": (50.0, 1.0)}, "between -10 and 10"),
        ({"ease_prior": (np.nan, 1.0)}, "between -10 and 10"),
        ({"prior": "guess"}, "'learned', 'flat'"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, object], match: str) -> None:
    with pytest.raises(BadVotes, match=match):
        glad(small(), **options)  # type: ignore[arg-type]  # wrong on purpose
