"""Truth: every method on gold, on degenerate votes, and with wrong options."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from goldseam.stats import truth
from goldseam.stats.truth import METHODS
from goldseam.stats.votes import BadVotes, Votes

EM = {name: METHODS[name] for name in ("dawid_skene", "one_coin", "infer")}


def crowd(seed: int, n_items: int = 300, n_annotators: int = 12, per_item: int = 5) -> tuple[Votes, np.ndarray]:
    """Draw a crowd of 3 labels with good and bad annotators; return it with the truth."""
    rng = np.random.default_rng(seed)
    right = rng.integers(3, size=n_items)
    skill = rng.uniform(0.45, 0.95, size=n_annotators)
    who = np.concatenate([rng.permutation(n_annotators)[:per_item] for _ in range(n_items)])
    item = np.repeat(np.arange(n_items), per_item)
    hit = rng.random(len(item)) < skill[who]
    label = np.where(hit, right[item], (right[item] + rng.integers(1, 3, size=len(item))) % 3)
    return Votes.from_arrays(item, who, label), right


@pytest.mark.parametrize("name", METHODS)
def test_every_method_gives_probabilities_and_their_best_label(name: str) -> None:
    votes, right = crowd(1)
    found = METHODS[name](votes)
    assert found.posterior.shape == (300, 3)
    assert found.posterior.sum(axis=1) == pytest.approx(np.ones(300))
    assert (found.confidence == found.posterior.max(axis=1)).all()
    assert found.label.dtype == np.int32
    assert found.method == name
    assert found.names() == [found.labels[index] for index in found.label]
    assert (found.label == right).mean() > 0.85
    assert ((found.reliability > 0) & (found.reliability < 1)).all()
    assert np.isfinite(found.posterior).all()


@pytest.mark.parametrize("name", METHODS)
def test_no_votes_give_no_truth_and_no_error(name: str) -> None:
    found = METHODS[name](Votes.from_arrays([], [], []))
    assert found.posterior.shape == (0, 0)
    assert len(found.label) == 0


@pytest.mark.parametrize("name", METHODS)
def test_a_single_label_is_certain(name: str) -> None:
    found = METHODS[name](Votes.from_matrix([["a", "a"], ["a", ""]], abstain=""))
    assert found.names() == ["a", "a"]
    assert found.confidence.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("name", METHODS)
def test_one_annotator_is_believed(name: str) -> None:
    found = METHODS[name](Votes.from_arrays([1, 2, 3], ["ann"] * 3, ["a", "b", "a"]))
    assert found.names() == ["a", "b", "a"]


@pytest.mark.parametrize("name", METHODS)
def test_an_item_without_votes_is_named_in_a_warning(name: str) -> None:
    found = METHODS[name](Votes.from_arrays([1, 2, 2], [7, 7, 8], ["a", "b", "b"], items=[1, 2, 3]))
    assert found.n_votes.tolist() == [1, 2, 0]
    assert any("1 of 3 items" in warning for warning in found.warnings)
    assert found.posterior[2].sum() == pytest.approx(1.0)
    assert found.label[2] == 1  # the label with more votes overall


@pytest.mark.parametrize("name", ["majority", "one_coin"])
def test_a_tie_goes_to_the_label_with_more_votes_over_all_items(name: str) -> None:
    votes = Votes.from_matrix([["a", "b"], ["b", "b"], ["b", "b"], ["a", "a"]], abstain="")
    assert METHODS[name](votes).names()[0] == "b"


@pytest.mark.parametrize("name", METHODS)
def test_gold_stays_as_it_is(name: str) -> None:
    votes, _ = crowd(2)
    gold = {0: 2, 1: 1, 299: 0}
    found = METHODS[name](votes, gold=gold)
    assert [found.names()[item] for item in gold] == list(gold.values())
    assert found.confidence[list(gold)].tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("name", EM)
def test_gold_teaches_who_inverts_their_answers(name: str) -> None:
    rng = np.random.default_rng(3)
    right = rng.integers(2, size=200)
    said = np.stack([right, 1 - right, 1 - right], axis=1)  # the majority is always wrong
    votes = Votes.from_matrix(said)
    assert (EM[name](votes).label == right).mean() == 0.0
    gold = {item: int(right[item]) for item in range(120)}
    assert (EM[name](votes, gold=gold).label == right).mean() == 1.0


def test_gold_that_names_nothing_known_is_refused() -> None:
    votes, _ = crowd(2)
    with pytest.raises(BadVotes, match="item 'nowhere'"):
        truth.dawid_skene(votes, gold={"nowhere": 1})
    with pytest.raises(BadVotes, match="label 9"):
        truth.majority(votes, gold={0: 9})


@pytest.mark.parametrize("name", EM)
def test_a_prior_decides_where_votes_do_not(name: str) -> None:
    votes = Votes.from_matrix([[0, 1], [1, 0], [0, 0], [1, 1]])
    assert EM[name](votes, prior=[0.9, 0.1]).label[:2].tolist() == [0, 0]
    assert EM[name](votes, prior=[0.1, 0.9]).label[:2].tolist() == [1, 1]
    per_item = [[0.9, 0.1], [0.1, 0.9], [0.5, 0.5], [0.5, 0.5]]
    assert EM[name](votes, prior=per_item).label[:2].tolist() == [0, 1]


@pytest.mark.parametrize("name", EM)
def test_a_good_model_as_one_more_voter_helps_a_thin_crowd(name: str) -> None:
    votes, right = crowd(4, n_items=600, per_item=2)
    rng = np.random.default_rng(4)
    proba = np.full((600, 3), 0.05)
    guess = np.where(rng.random(600) < 0.9, right, rng.integers(3, size=600))
    proba[np.arange(600), guess] = 0.9
    alone = (EM[name](votes).label == right).mean()
    assert (EM[name](votes, model=proba).label == right).mean() > alone + 0.08


@pytest.mark.parametrize("name", EM)
def test_a_model_that_knows_nothing_changes_little(name: str) -> None:
    votes, _ = crowd(5)
    without, flat = EM[name](votes), EM[name](votes, model=np.full((300, 3), 1 / 3))
    assert (without.label == flat.label).mean() > 0.99


@pytest.mark.parametrize("name", EM)
def test_a_model_that_guesses_with_great_confidence_is_not_trusted(name: str) -> None:
    votes, right = crowd(5)
    proba = np.full((300, 3), 0.005)
    proba[np.arange(300), np.random.default_rng(6).integers(3, size=300)] = 0.99
    alone = (EM[name](votes).label == right).mean()
    assert (EM[name](votes, model=proba).label == right).mean() > alone - 0.02


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"prior": "guess"}, "'learned', 'flat'"),
        ({"prior": [0.5, 0.5]}, "shape"),
        ({"prior": [0.0, 0.0, 0.0]}, "above 0 in sum"),
        ({"model": np.ones((2, 2))}, "shape"),
        ({"model": np.full((300, 3), np.nan)}, "finite"),
        ({"smoothing": -1.0}, "0 or more"),
        ({"max_iterations": 0}, "at least 1"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, object], match: str) -> None:
    votes, _ = crowd(6)
    with pytest.raises(BadVotes, match=match):
        truth.dawid_skene(votes, **options)  # type: ignore[arg-type]  # wrong on purpose


def test_weights_can_be_given_and_must_fit() -> None:
    votes = Votes.from_matrix([["a", "b", "b"]], abstain="")
    assert truth.weighted(votes, [3.0, 1.0, 1.0]).names() == ["a"]
    with pytest.raises(BadVotes, match="one number per annotator"):
        truth.weighted(votes, [1.0])


def test_weights_of_zero_leave_an_item_without_an_answer_to_all_labels_alike() -> None:
    votes = Votes.from_matrix([["a", "b"], ["b", ""]], abstain="")
    assert truth.weighted(votes, [0.0, 1.0]).posterior[1].tolist() == [0.5, 0.5]


def test_stopping_before_it_settles_is_a_warning() -> None:
    votes, _ = crowd(7)
    found = truth.dawid_skene(votes, max_iterations=2)
    assert found.iterations == 2
    assert found.warnings == ("Stopped after 2 iterations, before it settled.",)
    assert truth.dawid_skene(votes, max_iterations=500).warnings == ()


def test_the_log_likelihood_only_climbs_when_nothing_is_smoothed() -> None:
    votes, _ = crowd(8)
    climbed = [
        truth.dawid_skene(votes, smoothing=0.0, max_iterations=n, tolerance=0.0).log_likelihood for n in range(1, 12)
    ]
    assert all(later >= earlier - 1e-2 for earlier, later in pairwise(climbed))
    assert climbed[-1] > climbed[0] + 1


def test_confusions_are_rows_of_probabilities_by_the_true_label() -> None:
    votes, right = crowd(9, n_items=2000)
    found = truth.dawid_skene(votes)
    assert found.confusion is not None
    assert found.confusion.sum(axis=2) == pytest.approx(np.ones((12, 3)))
    for annotator in range(12):
        mine = votes.annotator == annotator
        for true in range(3):
            said = votes.label[mine & (right[votes.item] == true)]
            assert found.confusion[annotator, true] == pytest.approx(
                np.bincount(said, minlength=3) / len(said), abs=0.06
            )


def test_too_many_labels_for_confusions_are_refused_and_infer_takes_one_coin() -> None:
    votes = Votes.from_arrays(np.arange(60), np.arange(60) % 30, np.arange(60), labels=range(3000))
    with pytest.raises(BadVotes, match="use one_coin"):
        truth.dawid_skene(votes)
    found = truth.infer(votes)
    assert found.confusion is None
    assert found.label.tolist() == list(range(60))


def test_items_without_any_label_to_choose_are_refused() -> None:
    with pytest.raises(BadVotes, match="no labels"):
        truth.majority(Votes.from_arrays([1], [1], [None]))


def test_many_votes_on_one_item_do_not_underflow() -> None:
    rng = np.random.default_rng(1)
    said = np.where(rng.random((4, 1500)) < 0.6, [[0], [1], [0], [1]], rng.integers(2, size=(4, 1500)))
    for method in METHODS.values():
        found = method(Votes.from_matrix(said))
        assert np.isfinite(found.posterior).all()
        assert found.label.tolist() == [0, 1, 0, 1]


def test_a_newcomer_is_taken_to_err_like_the_crowd() -> None:
    rng = np.random.default_rng(12)
    confusion = np.array([[0.9, 0.08, 0.02], [0.3, 0.65, 0.05], [0.05, 0.1, 0.85]])
    right = rng.integers(3, size=1000)
    said = (rng.random((1000, 7, 1)) > np.cumsum(confusion, axis=1)[right][:, None, :]).sum(axis=2)
    said[1:, 6] = -1  # the last annotator has a single vote
    found = truth.dawid_skene(Votes.from_matrix(said), smoothing=20.0)
    assert found.confusion is not None
    assert found.confusion[6] == pytest.approx(confusion, abs=0.07)
