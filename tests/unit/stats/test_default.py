"""The default method: steady where single models fall, honest about how sure it is, and never without an answer."""

from __future__ import annotations

import numpy as np
import pytest

from goldseam.stats import truth
from goldseam.stats.truth import _kinds, _overlap, default
from goldseam.stats.truth.known import prepared
from goldseam.stats.votes import Votes

Drawn = tuple[Votes, np.ndarray]


def drawn(confusion: np.ndarray, right: np.ndarray, per_item: int, rng: np.random.Generator) -> Votes:
    """Draw votes from confusions (annotator, true, said)."""
    n_annotators, n_labels = confusion.shape[:2]
    who = rng.random((len(right), n_annotators)).argsort(axis=1)[:, :per_item].ravel()
    item = np.repeat(np.arange(len(right)), per_item)
    upto = confusion[who, right[item]].cumsum(axis=1)
    said = np.minimum((rng.random(len(item))[:, None] > upto).sum(axis=1), n_labels - 1)
    return Votes.from_arrays(
        item, who, said, items=range(len(right)), annotators=range(n_annotators), labels=range(n_labels)
    )


def coins(skill: np.ndarray, n_labels: int) -> np.ndarray:
    eye = np.eye(n_labels)
    return skill[:, None, None] * eye + (1 - skill[:, None, None]) / (n_labels - 1) * (1 - eye)


def spammers(rng: np.random.Generator) -> Drawn:
    right = rng.integers(3, size=800)
    skill = np.where(np.arange(30) < 12, 1 / 3, 0.85)
    return drawn(coins(skill, 3), right, 5, rng), right


def one_rare_label(rng: np.random.Generator) -> Drawn:
    right = rng.choice(4, size=1200, p=[0.88, 0.04, 0.04, 0.04])
    return drawn(coins(rng.beta(6, 3, 40), 4), right, 4, rng), right


def few_votes_each(rng: np.random.Generator) -> Drawn:
    right = rng.integers(4, size=600)
    return drawn(coins(rng.beta(6, 3, 500), 4), right, 4, rng), right


def adversaries(rng: np.random.Generator) -> Drawn:
    right = rng.integers(2, size=800)
    return drawn(coins(np.where(np.arange(30) < 6, 0.1, 0.8), 2), right, 5, rng), right


def right_share(found: truth.Truth, right: np.ndarray) -> float:
    return float((found.label == right).mean())


@pytest.mark.parametrize("crowd", [spammers, one_rare_label, few_votes_each, adversaries])
def test_on_every_kind_of_crowd_the_default_is_near_the_best_single_method(crowd) -> None:
    votes, right = crowd(np.random.default_rng(5))
    singles = (truth.majority, truth.weighted, truth.dawid_skene, truth.one_coin)
    best = max(right_share(method(votes), right) for method in singles)
    assert right_share(truth.infer(votes), right) > best - 0.03


def test_a_rare_label_does_not_make_it_collapse_as_dawid_skene_does() -> None:
    votes, right = one_rare_label(np.random.default_rng(5))
    assert right_share(truth.infer(votes), right) > right_share(truth.dawid_skene(votes), right) + 0.05


def misleading(rng: np.random.Generator) -> Drawn:
    """A third of the items of label 1 look like label 0 to five of the nine annotators."""
    right = (rng.random(1500) < 0.4).astype(int)
    tricky = (right == 1) & (rng.random(1500) < 0.35)
    who = np.tile(np.arange(9), 1500)
    item = np.repeat(np.arange(1500), 9)
    chance = np.where(tricky[item] & (who < 5), 0.15, 0.85)
    said = np.where(rng.random(len(item)) < chance, right[item], 1 - right[item])
    return Votes.from_arrays(item, who, said), right


def test_items_that_mislead_many_alike_get_a_kind_of_their_own() -> None:
    votes, right = misleading(np.random.default_rng(1))
    known, start = prepared(votes, None, "learned", None, 0.0)
    plain = _kinds.fit(votes, start.copy(), known, 1)
    split = _kinds.fit(votes, start.copy(), known, 2)
    assert split.evidence > plain.evidence
    assert (split.posterior.argmax(axis=1) == right).mean() > (plain.posterior.argmax(axis=1) == right).mean() + 0.05
    assert _kinds.fit_best(votes, start, known, 2).evidence == split.evidence


def test_a_crowd_without_such_items_is_fitted_with_one_kind() -> None:
    rng = np.random.default_rng(2)
    confusion = np.array([[0.90, 0.05, 0.05], [0.45, 0.50, 0.05], [0.30, 0.05, 0.65]])
    right = rng.choice(3, size=1500, p=[0.2, 0.5, 0.3])
    votes = drawn(np.repeat(confusion[None], 8, axis=0), right, 8, rng)
    known, start = prepared(votes, None, "learned", None, 0.0)
    plain = _kinds.fit(votes, start.copy(), known, 1)
    assert plain.evidence > _kinds.fit(votes, start.copy(), known, 2).evidence
    assert _kinds.fit_best(votes, start, known, 2).evidence == plain.evidence


def test_widening_changes_how_sure_one_is_and_never_the_label() -> None:
    rng = np.random.default_rng(3)
    posterior = rng.dirichlet(np.ones(4) * 0.2, size=500)
    n_votes = rng.integers(0, 20, size=500)
    wider = _overlap.softened(posterior, n_votes, 0.3)
    assert (wider.argmax(axis=1) == posterior.argmax(axis=1)).all()
    assert (wider.max(axis=1) <= posterior.max(axis=1) + 1e-12).all()
    assert wider[n_votes <= 1] == pytest.approx(posterior[n_votes <= 1])
    assert _overlap.softened(posterior, n_votes, 0.0) == pytest.approx(posterior)


def test_eleven_votes_at_an_overlap_of_three_tenths_count_as_less_than_three() -> None:
    """The design effect 1 + (11 - 1) 0.3 is 4: the log odds are divided by it."""
    found = _overlap.softened(np.array([[0.9, 0.1]]), np.array([11]), 0.3)
    assert np.log(found[0, 0] / found[0, 1]) == pytest.approx(np.log(9.0) / 4)


def test_gold_teaches_how_far_errors_go_together() -> None:
    rng = np.random.default_rng(4)
    right = rng.integers(2, size=3000)
    apart = drawn(coins(np.full(10, 0.65), 2), right, 5, rng)
    gold = {item: int(right[item]) for item in range(1500)}
    alone, taught = truth.infer(apart), truth.infer(apart, gold=gold)
    rest = slice(1500, None)

    def off(found: truth.Truth) -> float:
        hit = found.label[rest] == right[rest]
        return abs(float(found.confidence[rest].mean()) - float(hit.mean()))

    assert off(alone) > 0.06  # taken to go together as usual, they seem worth less than they are
    assert off(taught) < 0.04


def test_without_gold_of_several_votes_the_usual_overlap_stays() -> None:
    posterior = np.array([[0.9, 0.1]])
    assert _overlap.learned(posterior, np.array([0]), np.array([1])) == _overlap.USUAL


def test_a_single_vote_does_not_judge_its_own_annotator() -> None:
    """An annotator whose items nobody else saw is taken to be like the crowd, whatever labels they say."""
    rng = np.random.default_rng(6)
    right = (rng.random(500) < 0.1).astype(int)
    shared = drawn(coins(np.full(6, 0.9), 2), right, 4, rng)
    alone = Votes.from_arrays(
        np.r_[shared.item, 500 + np.arange(40)],
        np.r_[shared.annotator, np.full(40, 6)],
        np.r_[shared.label, np.arange(40) % 2],
    )
    found = truth.infer(alone)
    assert found.reliability[6] == pytest.approx(float(found.reliability[:6].mean()), abs=0.03)


def test_confusions_and_reliability_are_probabilities_that_agree() -> None:
    votes, _ = spammers(np.random.default_rng(7))
    found = truth.infer(votes)
    assert found.confusion is not None
    assert found.confusion.sum(axis=2) == pytest.approx(np.ones((30, 3)))
    assert found.reliability[:12].max() < found.reliability[12:].min()


def test_too_many_annotators_share_a_confusion_and_a_warning_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    votes, right = few_votes_each(np.random.default_rng(8))
    whole = right_share(truth.infer(votes), right)
    monkeypatch.setattr(default, "_MOST_CELLS", 16 * 100)
    found = truth.infer(votes)
    assert found.confusion is None
    assert found.reliability.shape == (500,)
    assert "401 with the fewest votes share one confusion" in found.warnings[0]
    assert right_share(found, right) > whole - 0.05


def test_too_many_labels_leave_one_accuracy_per_annotator_and_a_warning_says_so() -> None:
    rng = np.random.default_rng(9)
    right = rng.integers(3000, size=400)
    said = np.where(rng.random((400, 3)) < 0.8, right[:, None], rng.integers(3000, size=(400, 3)))
    votes = Votes.from_arrays(
        np.repeat(np.arange(400), 3), np.tile(np.arange(3), 400), said.ravel(), labels=range(3000)
    )
    found = truth.infer(votes)
    assert found.method == "infer"
    assert found.confusion is None
    assert "3000 labels are too many for confusions" in found.warnings[0]
    assert right_share(found, right) > 0.85
    assert found.posterior.sum(axis=1) == pytest.approx(np.ones(400))


@pytest.mark.parametrize(
    "votes",
    [
        Votes.from_arrays([1], [1], ["a"]),
        Votes.from_arrays([1, 2, 3], [1, 2, 3], ["a", "b", "a"]),
        Votes.from_arrays([1, 1], [1, 1], ["a", "b"], repeated="all"),
        Votes.from_arrays([], [], [], items=[1, 2], annotators=[1], labels=["a", "b"]),
        Votes.from_matrix([[0, 1], [1, 0]]),
        Votes.from_matrix([[0, 0, 0]], labels=[0]),
    ],
    ids=["one vote", "one vote each", "twice on one item", "no votes", "all disagree", "one label"],
)
def test_hardly_any_votes_still_give_a_distribution(votes: Votes) -> None:
    found = truth.infer(votes)
    assert np.isfinite(found.posterior).all()
    assert found.posterior.sum(axis=1) == pytest.approx(np.ones(votes.n_items))
    assert np.isfinite(found.reliability).all()
