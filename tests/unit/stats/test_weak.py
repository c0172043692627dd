"""Label models, of drawn functions and of real ones: what is learned, what copies count for, and what is known beforehand."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from goldseam.stats import _weak_design, truth, weak
from goldseam.stats.votes import Votes
from tests.unit.stats.weak_functions import accuracy, f1, functions


def rare(seed: int, n: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Draw ten functions of 70 to 95 % accuracy on items of which 5 in 100 are positive."""
    rng = np.random.default_rng(seed)
    right = (rng.random(n) < 0.05).astype(int)
    votes = np.full((n, 10), -1)
    for column in range(10):
        speaks, hit = rng.random(n) < 0.5, rng.random(n) < rng.uniform(0.7, 0.95)
        votes[speaks, column] = np.where(hit, right, 1 - right)[speaks]
    return votes, right


# --- what is learned --------------------------------------------------------------------------------------------------


def test_functions_of_unequal_worth_are_weighed_and_beat_the_majority() -> None:
    votes, right = functions(1, [0.95, 0.65, 0.6, 0.6, 0.55], coverage=0.9)
    found = weak.label_model(votes)
    assert accuracy(found, right) > accuracy(truth.majority(Votes.from_matrix(votes)), right) + 0.05
    assert found.reliability.argmax() == 0


def test_reliability_and_confusions_of_independent_functions_are_found_again() -> None:
    skill = [0.95, 0.85, 0.8, 0.7, 0.6, 0.8]
    votes, right = functions(2, skill, n=20_000, labels=3)
    found = weak.label_model(votes)
    assert found.reliability == pytest.approx(np.array(skill), abs=0.03)
    assert found.confusion is not None
    assert found.confusion.sum(axis=2) == pytest.approx(np.ones((6, 3)))
    for column in range(6):
        for true in range(3):
            said = votes[(right == true) & (votes[:, column] >= 0), column]
            assert found.confusion[column, true] == pytest.approx(np.bincount(said, minlength=3) / len(said), abs=0.05)


def test_functions_that_give_one_label_each_are_judged_by_how_often_it_is_right() -> None:
    rng = np.random.default_rng(3)
    right = rng.integers(2, size=20_000)
    given = np.array([0, 0, 0, 1, 1, 1])
    precision = np.array([0.95, 0.8, 0.65, 0.95, 0.8, 0.65])
    chance = np.where(right[:, None] == given, 0.3 * precision, 0.3 * (1 - precision))
    votes = np.where(rng.random((20_000, 6)) < chance, given, -1)
    found = weak.label_model(votes)
    spoken = found.n_votes > 0
    weight = np.log(precision / (1 - precision)) * np.where(given == 1, 1, -1)
    best = ((votes >= 0) @ weight > 0).astype(int)
    assert (found.label == right)[spoken].mean() > (best == right)[spoken].mean() - 0.005
    assert found.reliability[:3].argsort().tolist() == found.reliability[3:].argsort().tolist() == [2, 1, 0]
    assert (
        found.reliability < precision + 0.03
    ).all()  # abstaining is no evidence, so the best are judged with caution
    assert (found.reliability > precision - 0.14).all()


@pytest.mark.parametrize("seed", range(4))
def test_few_positives_are_not_drowned(seed: int) -> None:
    """At 5 % positives a known peer falls from the majority's F1 of 0.7 to under 0.6; here it rises."""
    votes, right = rare(seed)
    majority = ((votes == 1).sum(axis=1) > (votes == 0).sum(axis=1)).astype(int)
    assert f1(weak.label_model(votes).label, right) > f1(majority, right) - 0.01


def test_a_function_that_always_lies_is_turned_around() -> None:
    votes, right = functions(4, [0.85, 0.85, 0.85], coverage=0.9)
    votes = np.column_stack([votes, 1 - right]).astype(np.int8)
    found = weak.label_model(votes)
    assert found.reliability[3] < 0.15
    assert accuracy(found, right) > 0.96


def test_the_posterior_is_calibrated_where_functions_are_independent() -> None:
    votes, right = functions(5, [0.9, 0.8, 0.75, 0.7, 0.65, 0.6], n=20_000, coverage=0.4)
    found = weak.label_model(votes)
    spoken = found.n_votes > 0
    hit = (found.label == right)[spoken]
    assert hit.mean() == pytest.approx(found.confidence[spoken].mean(), abs=0.02)
    sure = found.confidence[spoken] > 0.95
    assert hit[sure].mean() > 0.95


def test_a_large_table_is_fitted_on_a_part_and_then_on_all_of_it() -> None:
    skill = [0.95, 0.85, 0.75, 0.65, 0.6]
    votes, right = functions(6, skill, n=3 * _weak_design.FIT_ROWS)
    seldom = np.full(len(votes), -1, dtype=np.int8)
    seldom[:: len(votes) // 90] = right[:: len(votes) // 90]  # about 90 votes, 30 of them in the part
    found = weak.label_model(np.column_stack([votes, seldom]))
    assert found.reliability[:5] == pytest.approx(np.array(skill), abs=0.02)
    assert found.fitted.counted.meeting[0, 0, found.columns.function == 5].sum() > 80
    assert accuracy(found, right) > 0.8


# --- functions that depend on each other ------------------------------------------------------------------------------


@pytest.mark.parametrize("n_copies", [1, 2, 10])
def test_a_function_copied_ten_times_counts_once(n_copies: int) -> None:
    votes, _ = functions(7, [0.65, 0.8, 0.8, 0.75])
    copied = np.column_stack([votes] + [votes[:, 0]] * n_copies)
    once, often = weak.label_model(votes), weak.label_model(copied)
    assert often.posterior == pytest.approx(once.posterior, abs=1e-6)
    assert often.strength[[0, 4]] == pytest.approx(once.strength[0] / (n_copies + 1))
    assert often.reliability[4:] == pytest.approx(np.full(n_copies, once.reliability[0]), abs=1e-6)
    assert any(f"{n_copies + 1} functions say the same on every item" in warning for warning in often.warnings)
    assert often.correlated[0].repeats == 1.0


def test_ten_near_copies_of_a_poor_function_do_not_outvote_the_others() -> None:
    rng = np.random.default_rng(8)
    votes, right = functions(8, [0.6, 0.8, 0.8, 0.8], coverage=0.8)
    copies = np.where(rng.random((len(votes), 10)) < 0.95, votes[:, :1], -1)
    crowded = np.column_stack([votes, copies]).astype(np.int8)
    learned, blind = weak.label_model(crowded), weak.label_model(crowded, correlations=None)
    assert accuracy(learned, right) > accuracy(blind, right) + 0.1
    assert accuracy(learned, right) > accuracy(weak.label_model(votes), right) - 0.02
    assert learned.strength[[0, *range(4, 14)]].sum() < 1.6
    assert learned.strength[1:4].min() > 0.8
    assert {pair.first for pair in learned.correlated[:10]} | {pair.second for pair in learned.correlated[:10]} <= {
        0, *range(4, 14),
    }  # fmt: skip


def test_independent_functions_keep_their_strength_and_are_no_pairs() -> None:
    votes, _ = functions(9, [0.9, 0.8, 0.8, 0.7, 0.65], n=5000)
    found = weak.label_model(votes)
    assert found.strength.min() > 0.93
    assert found.correlated == ()
    assert weak.label_model(votes, correlations=None).strength.tolist() == [1.0] * 5


def test_functions_that_fire_on_the_same_words_are_found_though_neither_contains_the_other() -> None:
    rng = np.random.default_rng(10)
    votes, right = functions(10, [0.8, 0.8, 0.8, 0.8], n=5000)
    topic = rng.random(5000) < 0.3
    said = np.where(rng.random(5000) < 0.7, right, 1 - right)
    pair = np.stack([np.where(topic & (rng.random(5000) < 0.8), said, -1) for _ in range(2)], axis=1)
    found = weak.label_model(np.column_stack([votes, pair]), annotators=["a", "b", "c", "d", "e", "f"])
    assert [(one.first, one.second) for one in found.correlated] == [("e", "f")]
    assert 0.5 < found.correlated[0].repeats < 0.9


# --- what is known beforehand -----------------------------------------------------------------------------------------


def test_a_row_without_votes_carries_the_prior() -> None:
    votes, _ = functions(11, [0.8, 0.8, 0.8])
    votes[:3] = -1
    silent = int((votes < 0).all(axis=1).sum())
    found = weak.label_model(votes)
    assert found.posterior[0] == pytest.approx(found.balance)
    assert found.warnings[0] == f"{silent} of 2000 items have no votes; they carry the prior."
    assert weak.label_model(votes, prior="flat").posterior[0].tolist() == [0.5, 0.5]
    given = weak.label_model(votes, prior=[3, 1])
    assert given.posterior[0] == pytest.approx([0.75, 0.25])
    assert given.balance == pytest.approx([0.75, 0.25])


def test_a_prior_decides_where_votes_do_not() -> None:
    votes = np.array([[0, 1], [1, 0], [0, 0], [1, 1]] * 20)
    assert weak.label_model(votes, prior=[0.9, 0.1]).label[:2].tolist() == [0, 0]
    assert weak.label_model(votes, prior=[0.1, 0.9]).label[:2].tolist() == [1, 1]
    sure = weak.label_model(votes, prior=[1.0, 0.0])
    assert np.isfinite(sure.posterior).all()
    assert sure.label.tolist() == [0] * 80


def test_the_shares_of_the_labels_are_learned_where_many_functions_meet() -> None:
    rng = np.random.default_rng(12)
    votes, right = functions(12, [0.85] * 8, n=4000, coverage=0.9)
    kept = rng.random(4000) < np.where(right == 1, 0.1, 1.0)
    found = weak.label_model(votes[kept])
    assert found.balance[1] < 0.2
    assert accuracy(found, right[kept]) > 0.98


def test_gold_keeps_its_label_and_teaches_who_lies() -> None:
    votes, right = functions(13, [0.9, 0.1, 0.1], n=600, coverage=1.0)
    assert accuracy(weak.label_model(votes), right) < 0.2  # the majority lies, and nothing tells
    gold = {row: int(right[row]) for row in range(0, 600, 6)}
    found = weak.label_model(votes, gold=gold)
    assert accuracy(found, right) > 0.9
    assert found.confidence[list(gold)].tolist() == [1.0] * 100
    listed = np.full(600, -1)
    listed[::6] = right[::6]
    assert weak.label_model(votes, gold=listed).posterior == pytest.approx(found.posterior)


def test_gold_of_a_large_table_keeps_its_label_too() -> None:
    votes, right = functions(14, [0.8, 0.7, 0.7], n=_weak_design.FIT_ROWS + 5000)
    gold = {row: int(1 - right[row]) for row in (0, 7, 20_001, len(votes) - 1)}
    found = weak.label_model(votes, gold=gold)
    assert [found.names()[row] for row in gold] == list(gold.values())


# --- real functions ---------------------------------------------------------------------------------------------------


def split(data_dir: Path, name: str, part: str) -> tuple[np.ndarray, np.ndarray]:
    path = data_dir / "ws" / name / f"{part}.npz"
    if not path.exists():
        pytest.skip(f"real data is not here: {path.name} of {name}")
    with np.load(path) as file:
        return file["L"].astype(np.int8), file["y"]


@pytest.mark.parametrize(
    ("name", "part", "least"),
    [
        ("youtube", "train", 0.87), ("youtube", "valid", 0.90), ("youtube", "test", 0.86),
        ("trec", "train", 0.59), ("trec", "valid", 0.59), ("trec", "test", 0.67),
        ("semeval", "train", 0.845), ("semeval", "valid", 0.815), ("semeval", "test", 0.82),
    ],
)  # fmt: skip
def test_real_functions_are_weighed_as_well_as_is_known(name: str, part: str, least: float, data_dir: Path) -> None:
    model = weak.label_model(split(data_dir, name, "train")[0])
    votes, right = split(data_dir, name, part)
    found = model.predict(votes)
    spoken = found.n_votes > 0  # elsewhere there is only the prior
    assert (found.label == right)[spoken].mean() >= least


def test_the_shipped_sms_votes_outside_train_belong_to_other_texts(data_dir: Path) -> None:
    """The rules of sms, run again on its texts, give its train votes exactly and not its test votes: no bar can stand there."""
    source = (data_dir / "ws" / "sms" / "readme.txt").read_text(encoding="utf-8", errors="replace")
    rules = [line.split("\t") for line in source.splitlines() if re.match(r"(ham|spam)\t", line)]
    agree = {}
    for part in ("train", "test"):
        votes, _ = split(data_dir, "sms", part)
        lines = (data_dir / "ws" / "sms" / f"{part}_text.jsonl").read_text(encoding="utf-8").splitlines()[:400]
        texts = [json.loads(line)["text"].lower() for line in lines]
        again = np.array([[bool(re.search(rule[1], text)) for rule in rules] for text in texts])
        said = votes[:400] >= 0
        agree[part] = (again & said).sum() / (again | said).sum()
    assert agree["train"] == 1.0
    assert agree["test"] < 0.3


def test_spam_rules_are_found_as_right_as_they_are(data_dir: Path) -> None:
    votes, right = split(data_dir, "sms", "train")
    found = weak.label_model(votes)
    assert f1(found.label, right) >= 0.57
    spoken = found.n_votes > 0
    assert accuracy(found, right) > 0.9
    assert (found.label == right)[spoken].mean() > 0.965
