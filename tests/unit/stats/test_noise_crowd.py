"""A crowd's votes beside a model, and issues by group: both sources together, and who or what causes the errors."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.naive_bayes import MultinomialNB
from sklearn.neighbors import KNeighborsClassifier

from goldseam.stats import crowd as crowds
from goldseam.stats import noise, truth
from goldseam.stats.noise.groups import wilson
from goldseam.stats.votes import BadVotes, Votes
from tests.unit.stats.noise_sets import Noisy, average_precision, noisy, one_sided

NAMES = ("a", "b", "c", "d")


def voted(n: int = 1_500, seed: int = 4) -> tuple[Votes, Noisy]:
    """Votes by five annotators of middling accuracy, and a model that is middling too; the first vote is the label."""
    drawn = noisy(n, np.eye(4), seed=seed, margin=1.5)
    made = crowds.one_coin(NAMES, dict.fromkeys("vwxyz", 0.65))
    votes = made.votes(drawn.true, 3, np.random.default_rng(seed))
    label = np.zeros(n, dtype=int)
    label[votes.item[::-1]] = votes.label[::-1]
    return votes, Noisy(label, drawn.proba, drawn.true)


def test_both_together_are_better_than_either() -> None:
    votes, drawn = voted()
    posterior = truth.infer(votes).posterior
    orders = {
        "model": noise.label_issues(drawn.label, drawn.proba, choose="all").index,
        "crowd": np.argsort(posterior[np.arange(1_500), drawn.label], kind="stable"),
        "both": noise.label_issues(drawn.label, drawn.proba, names=NAMES, crowd=truth.infer(votes), choose="all").index,
    }
    found = {name: average_precision(drawn.wrong, order) for name, order in orders.items()}
    assert found["both"] > max(found["model"], found["crowd"]) + 0.02


def test_votes_a_truth_and_its_posterior_are_the_same_crowd() -> None:
    votes, drawn = voted(300)
    inferred = truth.infer(votes)
    one, two, three = (
        noise.label_issues(drawn.label, drawn.proba, names=NAMES, crowd=crowd)
        for crowd in (votes, inferred, inferred.posterior)
    )
    assert two.index.tolist() == three.index.tolist()
    assert (
        len(set(one.index.tolist()) & set(two.index.tolist())) > 0.8 * two.n_issues
    )  # votes also tell what either counts
    assert one.votes == pytest.approx(
        inferred.posterior[one.index[:, None], np.stack([one.given, one.suggested], axis=1)]
    )
    assert "; the votes give them " in str(one.rows(1)[0]["reason"])


def test_the_labels_of_a_crowd_may_stand_in_another_order() -> None:
    votes, drawn = voted(300)
    inferred = truth.infer(votes)
    turned = [3, 1, 0, 2]
    moved = noise.label_issues(
        [NAMES[label] for label in drawn.label],
        drawn.proba[:, turned],
        names=[NAMES[at] for at in turned],
        crowd=inferred,
    )
    straight = noise.label_issues(drawn.label, drawn.proba, names=NAMES, crowd=inferred)
    assert [row["suggested"] for row in moved.rows()] == [row["suggested"] for row in straight.rows()]


def test_a_truth_as_labels_brings_its_crowd() -> None:
    votes, drawn = voted(300)
    inferred = truth.infer(votes)
    alone = noise.label_issues(inferred, drawn.proba)
    named = noise.label_issues(inferred.label, drawn.proba, names=NAMES, crowd=inferred)
    assert alone.names == NAMES
    assert alone.index.tolist() == named.index.tolist()
    assert noise.label_issues(inferred.posterior, drawn.proba, names=NAMES).index.tolist() == named.index.tolist()


def test_an_item_without_votes_has_the_model_alone() -> None:
    votes, drawn = voted()
    found = noise.label_issues(
        drawn.label, drawn.proba, names=NAMES, crowd=truth.infer(votes.where(votes.item >= 500)), choose="all"
    )
    assert any("500 of 1500 items have no votes" in sentence for sentence in found.warnings)
    alone = noise.label_issues(drawn.label, drawn.proba, choose="all")
    by_both, by_model = (average_precision(drawn.wrong, one.index[one.index < 500]) for one in (found, alone))
    assert by_both == pytest.approx(by_model, abs=0.05)
    voted_on = average_precision(drawn.wrong, found.index[found.index >= 500])
    assert voted_on > by_both + 0.05


def test_a_crowd_that_never_voted_leaves_the_model() -> None:
    votes, drawn = voted(300)
    nobody = noise.label_issues(
        drawn.label, drawn.proba, names=NAMES, crowd=truth.infer(votes.where(votes.item < 0)), choose="all"
    )
    margin = noise.self_confidence(drawn.label, drawn.proba)[nobody.index]
    assert (np.diff(margin) >= 0).all()


@pytest.mark.parametrize(
    ("crowd", "sentence"),
    [
        (np.full((300, 3), 1 / 3), r"needs the shape \(300, 4\)"),
        (np.full((299, 4), 0.25), r"needs the shape \(300, 4\)"),
        (np.full((300, 4), 0.5), "Row 0 of the posterior is none"),
        (np.full((300, 4), np.nan), "Row 0 of the posterior is none"),
    ],
)
def test_a_crowd_that_does_not_fit_is_refused(crowd: np.ndarray, sentence: str) -> None:
    _, drawn = voted(300)
    with pytest.raises(BadVotes, match=sentence):
        noise.label_issues(drawn.label, drawn.proba, names=NAMES, crowd=crowd)


def test_the_annotator_who_errs_more_stands_out_and_the_one_with_hard_labels_does_not() -> None:
    drawn = noisy(6_000, one_sided(4, 0.02), margin=5.0)
    rng = np.random.default_rng(5)
    group = rng.choice(["ann", "bob"], 6_000)
    group[drawn.true == 3] = "eve"  # the label of the hardest items is hers alone
    label = drawn.label.copy()
    careless = np.flatnonzero((group == "bob") & (drawn.true == 0))
    label[careless[: len(careless) // 4]] = 2
    found = noise.label_issues(label, drawn.proba, groups=group)
    rows = {row["group"]: row for row in found.groups.rows()} if found.groups else {}
    assert next(iter(rows)) == "bob"
    assert [name for name, row in rows.items() if row["stands_out"]] == ["bob"]
    assert (rows["bob"]["given"], rows["bob"]["suggested"]) == (2, 0)
    assert rows["bob"]["low"] < rows["bob"]["share"] < rows["bob"]["high"]
    assert sum(row["n_issues"] for row in rows.values()) == found.n_issues
    assert sum(row["expected"] for row in rows.values()) == pytest.approx(found.n_issues)


def test_a_group_without_issues_has_no_mistake_and_an_interval() -> None:
    found = noise.label_issues(
        [0, 0, 0, 1, 1], [[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.1, 0.9]], groups=list("xxyyx")
    )
    rows = {row["group"]: row for row in found.by(list("xxyyx")).rows()}
    assert rows["x"]["n_issues"] == 0
    assert rows["x"]["given"] is None
    assert rows["x"]["low"] == 0
    assert 0.4 < rows["x"]["high"] < 0.7
    assert (rows["y"]["given"], rows["y"]["suggested"], rows["y"]["n_mistakes"]) == (0, 1, 1)


def test_wilson_intervals_are_as_published() -> None:
    # Newcombe (1998), Statistics in Medicine 17, table I, method 3
    low, high = wilson(np.array([81, 15, 0, 1, 0]), np.array([263, 148, 20, 29, 0]), 0.95)
    assert low == pytest.approx([0.2553, 0.0624, 0.0, 0.0061, 0.0], abs=5e-5)
    assert high == pytest.approx([0.3662, 0.1605, 0.1611, 0.1718, 1.0], abs=5e-5)


def test_groups_that_do_not_fit_are_refused() -> None:
    _, drawn = voted(300)
    with pytest.raises(BadVotes, match="one entry for each of the 300 items; it has 2"):
        noise.label_issues(drawn.label, drawn.proba, groups=["x", "y"])
    with pytest.raises(BadVotes, match=r"level=1\.5"):
        noise.label_issues(drawn.label, drawn.proba).by(["x"] * 300, level=1.5)


@pytest.mark.slow
def test_on_a_crowd_that_saw_pictures_both_together_are_better_than_either(data_dir: Path) -> None:
    votes, wrong, label = real(data_dir / "crowd" / "labelme")
    features = np.load(data_dir / "crowd" / "labelme" / "features_train.npy")[votes.items.astype(int)]
    compare(votes, label, wrong, folded(KNeighborsClassifier(50, weights="distance", metric="cosine"), features, label))


@pytest.mark.slow
def test_on_a_crowd_that_read_sentences_both_together_are_better_than_either(data_dir: Path) -> None:
    votes, wrong, label = real(data_dir / "crowd" / "sentiment_polarity")
    with (data_dir / "crowd" / "sentiment_polarity" / "items.csv").open(encoding="utf-8", newline="") as file:
        texts = {int(row["task"]): row["text"] for row in csv.DictReader(file)}
    words = CountVectorizer(binary=True).fit_transform([texts[item] for item in votes.items.tolist()])
    compare(votes, label, wrong, folded(MultinomialNB(), words, label))


def compare(votes: Votes, label: np.ndarray, wrong: np.ndarray, proba: np.ndarray) -> None:
    posterior = truth.infer(votes).posterior
    of_crowd = np.argsort(posterior[np.arange(len(label)), label], kind="stable")
    model = average_precision(wrong, noise.label_issues(label, proba, choose="all").index)
    both = noise.label_issues(label, proba, crowd=votes, choose="all")
    assert average_precision(wrong, both.index) > max(model, average_precision(wrong, of_crowd))
    assert wrong[both.index[both.score > 0.5]].mean() > 0.65


def real(folder: Path) -> tuple[Votes, np.ndarray, np.ndarray]:
    """The votes of a real crowd, which labels by majority are wrong, and these labels."""
    with (folder / "annotations.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    votes = Votes.from_arrays(
        *([int(row["task"]) for row in rows], [r["worker"] for r in rows], [r["label"] for r in rows])
    )
    with (folder / "gold.csv").open(encoding="utf-8", newline="") as file:
        gold = {int(row["task"]): row["gold"] for row in csv.DictReader(file)}
    label = truth.majority(votes).label
    true = np.array([votes.labels.index(gold[item]) for item in votes.items.tolist()])
    return votes, label != true, label


def folded(model: object, inputs: object, label: np.ndarray) -> np.ndarray:
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    return np.asarray(cross_val_predict(model, inputs, label, cv=folds, method="predict_proba"))
