"""Label models and the analysis of labeling functions: what is learned, what is asked for, and what cannot be known."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from goldseam.stats import _weak_design, _weak_table, truth, weak
from goldseam.stats.votes import BadVotes, Votes


def functions(
    seed: int, accuracies: list[float], *, n: int = 2000, coverage: float = 0.6, labels: int = 2
) -> tuple[np.ndarray, np.ndarray]:
    """Draw functions that give every label, independent of each other given the truth; return votes and truth."""
    rng = np.random.default_rng(seed)
    right = rng.integers(labels, size=n)
    votes = np.full((n, len(accuracies)), -1, dtype=np.int8 if labels < 128 else np.int16)
    for column, accuracy in enumerate(accuracies):
        speaks, hit = rng.random(n) < coverage, rng.random(n) < accuracy
        wrong = (right + rng.integers(1, labels, size=n)) % labels
        votes[speaks, column] = np.where(hit, right, wrong)[speaks]
    return votes, right


def rare(seed: int, n: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Draw ten functions of 70 to 95 % accuracy on items of which 5 in 100 are positive."""
    rng = np.random.default_rng(seed)
    right = (rng.random(n) < 0.05).astype(int)
    votes = np.full((n, 10), -1)
    for column in range(10):
        speaks, hit = rng.random(n) < 0.5, rng.random(n) < rng.uniform(0.7, 0.95)
        votes[speaks, column] = np.where(hit, right, 1 - right)[speaks]
    return votes, right


def f1(label: np.ndarray, right: np.ndarray) -> float:
    return float(2 * ((label == 1) & (right == 1)).sum() / ((label == 1).sum() + (right == 1).sum()))


def accuracy(found: truth.Truth, right: np.ndarray) -> float:
    return float((found.label == right).mean())


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


# --- new rows ---------------------------------------------------------------------------------------------------------


def test_the_model_says_of_the_rows_it_was_fitted_on_what_it_said_then() -> None:
    votes, _ = functions(15, [0.9, 0.8, 0.7, 0.6], labels=4)
    model = weak.label_model(votes)
    again = model.predict(votes)
    assert again.posterior == pytest.approx(model.posterior, abs=1e-12)
    assert again.label.tolist() == model.label.tolist()
    assert again.log_likelihood == pytest.approx(model.log_likelihood)
    assert model.predict(votes[5:6]).posterior[0] == pytest.approx(model.posterior[5], abs=1e-12)


def test_new_rows_are_judged_as_well_as_old_ones() -> None:
    votes, right = functions(16, [0.9, 0.8, 0.7, 0.6, 0.6], n=6000)
    model = weak.label_model(votes[:3000])
    new = model.predict(votes[3000:])
    assert accuracy(new, right[3000:]) == pytest.approx(accuracy(model, right[:3000]), abs=0.02)
    assert new.n_votes.tolist() == (votes[3000:] >= 0).sum(axis=1).tolist()


def test_functions_are_known_by_name_and_missing_ones_abstain() -> None:
    votes, _ = functions(17, [0.9, 0.7, 0.6])
    model = weak.label_model(votes, annotators=["kw", "re", "model"])
    turned = Votes.from_matrix(votes[:, [2, 0]], annotators=["model", "kw"])
    padded = np.column_stack([votes[:, 0], np.full(len(votes), -1), votes[:, 2]])
    assert model.predict(turned).posterior == pytest.approx(model.predict(padded).posterior)


def test_a_label_that_a_function_never_gave_before_counts_as_believed_beforehand() -> None:
    votes = np.array([[0, 0, -1], [1, -1, 1], [0, 0, -1], [1, -1, 1]] * 30)
    model = weak.label_model(votes)
    new = model.predict([[-1, 1, -1], [-1, -1, 0]])
    assert new.label.tolist() == [1, 0]
    assert 0.6 < new.confidence[0] < 0.9


@pytest.mark.parametrize(
    ("rows", "match"),
    [
        ([[0, 1]], "2 columns, but the model knows 3 functions"),
        ([[0, 1, 7]], "label 7 is not among the 2 labels"),
        (Votes.from_arrays([0], ["else"], [0]), "function 'else' is not among the 3 functions"),
        ([0, 1, 1], "2 dimensions"),
    ],
)
def test_rows_that_do_not_fit_the_model_are_refused(rows: object, match: str) -> None:
    model = weak.label_model(functions(18, [0.9, 0.8, 0.7], n=50)[0])
    with pytest.raises(BadVotes, match=match):
        model.predict(rows)


# --- what comes in ----------------------------------------------------------------------------------------------------


def test_every_form_of_the_same_votes_gives_the_same_posterior() -> None:
    votes, _ = functions(19, [0.9, 0.8, 0.7], n=200, labels=3)
    wanted = weak.label_model(votes).posterior
    words = np.array(["", "a", "b", "c"])[votes.astype(int) + 1]
    forms = [
        (votes.astype(np.int64), {}),
        (votes.tolist(), {}),
        ((votes + 1).astype(np.uint8), {"abstain": 0}),
        (np.where(votes < 0, 255, votes).astype(np.uint8), {"abstain": 255}),
        (np.where(votes < 0, -99, votes.astype(int) * 5000).astype(np.int32), {"abstain": -99}),
        (np.where(votes < 0, np.nan, votes.astype(float)), {}),
        (words, {"abstain": ""}),
        (np.where(votes < 0, None, words), {}),
        ([[word or -1 for word in row] for row in words.tolist()], {}),
        (Votes.from_matrix(votes), {}),
        (np.asfortranarray(votes), {}),
    ]
    for form, options in forms:
        assert weak.label_model(form, **options).posterior == pytest.approx(wanted, abs=1e-9)


def test_frames_bring_the_names_of_their_functions() -> None:
    pd = pytest.importorskip("pandas")
    votes, _ = functions(20, [0.9, 0.8, 0.7], n=100)
    frame = pd.DataFrame(votes, columns=["kw", "re", "model"])
    model = weak.label_model(frame)
    assert model.annotators.tolist() == ["kw", "re", "model"]
    assert model.posterior == pytest.approx(weak.label_model(votes).posterior)
    assert model.predict(frame[["model", "kw"]]).posterior.shape == (100, 2)
    assert weak.analysis(frame).rows()[1]["function"] == "re"


def test_a_matrix_of_whole_numbers_is_used_as_it_is() -> None:
    votes, _ = functions(21, [0.9, 0.8])
    assert _weak_table.table_of(votes).cells is votes


def test_labels_can_be_given_that_no_function_gives() -> None:
    votes, _ = functions(22, [0.9, 0.8, 0.7], n=300)
    found = weak.label_model(votes, labels=[2, 1, 0])
    assert found.labels == (2, 1, 0)
    assert found.posterior.shape == (300, 3)
    assert "No function gives 2; such labels are inferred only from what speaks against others." in found.warnings
    plain = weak.label_model(votes, labels=[1, 0])
    assert plain.posterior[:, ::-1] == pytest.approx(weak.label_model(votes).posterior)


def test_hundreds_of_labels_give_the_same_dense_and_sparse(monkeypatch: pytest.MonkeyPatch) -> None:
    votes, right = functions(23, [0.7] * 8, n=400, labels=30)
    dense = weak.label_model(votes)
    monkeypatch.setattr(_weak_design, "_DENSE_COLUMNS", 100)
    sparse = weak.label_model(votes)
    assert sparse.posterior == pytest.approx(dense.posterior, abs=1e-6)
    assert sparse.correlated == dense.correlated
    assert accuracy(sparse, right) > 0.9


@pytest.mark.slow
def test_two_hundred_labels_are_learned() -> None:
    votes, right = functions(24, [0.8] * 10, n=600, labels=200)
    found = weak.label_model(votes.astype(np.int16))
    assert found.posterior.shape == (600, 200)
    assert accuracy(found, right) > 0.95


# --- what cannot be known ---------------------------------------------------------------------------------------------

RIGHT = np.random.default_rng(25).integers(2, size=300)
NOISY = functions(26, [0.8, 0.75, 0.7], n=300)[0]
DEGENERATE = {
    "a function that never votes": np.column_stack([NOISY, np.full(300, -1)]),
    "a function that always says the same": np.column_stack([NOISY, np.zeros(300, dtype=int)]),
    "one function": NOISY[:, :1],
    "two functions": NOISY[:, :2],
    "one function with one label": np.where(RIGHT == 1, 1, -1)[:, None],
    "all say the same label": np.ones((300, 4), dtype=int),
    "all are copies": np.column_stack([RIGHT] * 5),
    "opposites": np.column_stack([RIGHT, 1 - RIGHT]),
    "guessing": np.random.default_rng(1).integers(2, size=(300, 5)),
    "each on its own rows": np.where(np.arange(300)[:, None] % 5 == np.arange(5), RIGHT[:, None], -1),
    "one vote in all": np.where(np.arange(300)[:, None] + np.arange(3) == 0, 1, -1),
    "one row": np.array([[1, 0, 1]]),
    "more functions than rows": np.random.default_rng(2).integers(-1, 2, size=(40, 150)),
    "functions that seldom vote": np.where(np.random.default_rng(3).random((300, 60)) < 0.005, 1, -1),
}


@pytest.mark.parametrize("name", DEGENERATE)
@pytest.mark.parametrize("options", [{}, {"correlations": None}, {"prior": "flat"}])
def test_degenerate_votes_give_probabilities_and_no_error(name: str, options: dict[str, object]) -> None:
    found = weak.label_model(DEGENERATE[name], labels=[0, 1], **options)
    assert np.isfinite(found.posterior).all()
    assert found.posterior.sum(axis=1) == pytest.approx(np.ones(len(found.posterior)))
    assert (found.confidence == found.posterior.max(axis=1)).all()
    assert ((found.reliability >= 0) & (found.reliability <= 1)).all()
    assert found.confusion is not None
    assert np.isfinite(found.confusion).all()
    assert np.isfinite(found.log_likelihood)
    table = weak.analysis(DEGENERATE[name], labels=[0, 1], gold={0: 1})
    assert json.loads(json.dumps(table.rows(), allow_nan=False))


def test_without_votes_there_is_the_prior_or_a_question_for_labels() -> None:
    silent = np.full((4, 3), -1)
    with pytest.raises(BadVotes, match="give labels="):
        weak.label_model(silent)
    found = weak.label_model(silent, labels=["spam", "ham"], prior=[1, 3])
    assert found.posterior == pytest.approx(np.array([[0.25, 0.75]] * 4))
    assert found.names() == ["ham"] * 4
    assert found.warnings[:2] == (
        "4 of 4 items have no votes; they carry the prior.",
        "3 of 3 functions never vote: 0, 1, 2.",
    )
    assert weak.label_model(np.empty((0, 3), dtype=int)).posterior.shape == (0, 0)
    assert weak.label_model(np.empty((4, 0), dtype=int), labels=[0, 1]).posterior.tolist() == [[0.5, 0.5]] * 4


def test_a_single_label_is_certain() -> None:
    found = weak.label_model([["a", None], ["a", "a"]])
    assert found.confidence.tolist() == [1.0, 1.0]
    assert found.log_likelihood == pytest.approx(0.0)


def test_functions_that_never_meet_are_believed_and_said_to_be_unknown() -> None:
    votes = DEGENERATE["each on its own rows"]
    found = weak.label_model(votes)
    assert found.label.tolist() == RIGHT.tolist()
    assert found.confidence == pytest.approx(np.full(300, 0.8), abs=0.05)
    assert any("nothing shows how right each of them is" in warning for warning in found.warnings)


def test_one_lone_function_is_believed_as_far_as_any_is() -> None:
    found = weak.label_model(NOISY[:, :1])
    spoken = found.n_votes > 0
    assert (found.label == NOISY[:, 0])[spoken].all()
    assert found.confidence[spoken] == pytest.approx(np.full(int(spoken.sum()), 0.8), abs=0.05)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"prior": "guess"}, "'learned', 'flat'"),
        ({"prior": [0.5, 0.3, 0.2]}, "one number per label, 2"),
        ({"prior": [-1.0, 2.0]}, "not negative"),
        ({"correlations": "guess"}, "'learn' or None"),
        ({"gold": {"nowhere": 1}}, "item 'nowhere'"),
        ({"gold": {0: 9}}, "label 9"),
        ({"gold": [0, 1]}, "one label per item, 300"),
        ({"gold": np.full(300, 5)}, "the label 5"),
        ({"annotators": ["a"]}, "1 functions are named"),
        ({"labels": [0]}, "label 1, which is not among the 1 labels"),
        ({"labels": [0, 1, 1]}, "twice"),
        ({"labels": [-1, 0, 1]}, "cannot be a label too"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, object], match: str) -> None:
    with pytest.raises(BadVotes, match=match):
        weak.label_model(NOISY, **options)  # type: ignore[arg-type]  # wrong on purpose


# --- the analysis -----------------------------------------------------------------------------------------------------

SMALL = np.array([[1, 1, -1, 2], [1, 0, -1, 2], [-1, -1, -1, 2], [0, 0, -1, -1], [-1, 1, -1, -1]])


def test_the_analysis_counts_what_a_person_would_count() -> None:
    found = weak.analysis(SMALL, gold=[1, 0, 2, 0, -1])
    assert found.labels == (0, 1, 2)
    assert found.polarity == ((0, 1), (0, 1), (), (2,))
    assert found.n_votes.tolist() == [3, 4, 0, 3]
    assert found.coverage.tolist() == [0.6, 0.8, 0.0, 0.6]
    assert found.overlaps.tolist() == [0.6, 0.6, 0.0, 0.4]
    assert found.conflicts.tolist() == [0.4, 0.4, 0.0, 0.4]
    assert found.correct is not None
    assert found.incorrect is not None
    assert found.correct.tolist() == [2, 3, 0, 1]
    assert found.incorrect.tolist() == [1, 0, 0, 2]
    assert found.accuracy == (2 / 3, 1.0, None, 1 / 3)
    assert found.warnings == ("1 of 4 functions never vote: 2.",)


def test_the_interval_of_an_accuracy_is_wilsons() -> None:
    """81 right of 263: 0.2553 to 0.3662 (Newcombe 1998, Statistics in Medicine 17, table I, method 3)."""
    votes = np.ones((263, 1), dtype=int)
    found = weak.analysis(votes, gold=[1] * 81 + [0] * 182, labels=[0, 1])
    assert found.low is not None
    assert found.high is not None
    assert (found.low[0], found.high[0]) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    nothing = weak.analysis(SMALL, gold={4: 1})
    assert nothing.low is not None
    assert nothing.high is not None
    assert (nothing.low[0], nothing.high[0], nothing.accuracy) == (0.0, 1.0, (None, 1.0, None, None))
    assert "2 of 4 functions have no vote on gold: their accuracy is unknown." in nothing.warnings


def test_the_analysis_comes_as_plain_rows() -> None:
    rows = weak.analysis(SMALL, gold={0: 1}, annotators=["kw", "re", "mute", "long"]).rows()
    assert list(rows[0]) == [
        "function", "polarity", "n_votes", "coverage", "overlaps", "conflicts", "correct", "incorrect", "accuracy", "low", "high",
    ]  # fmt: skip
    assert rows[2]["accuracy"] is None
    assert "accuracy" not in weak.analysis(SMALL).rows()[0]
    assert json.loads(json.dumps(rows))[3]["polarity"] == [2]


def test_the_analysis_of_words_is_that_of_numbers() -> None:
    words = np.array(["none", "yes", "maybe", "no"])[SMALL + 1]
    found, plain = weak.analysis(words, abstain="none"), weak.analysis(SMALL)
    assert found.labels == ("maybe", "no", "yes")
    assert found.conflicts.tolist() == plain.conflicts.tolist()
    assert found.polarity[3] == ("no",)


def test_gold_by_name_and_gold_by_row_judge_alike() -> None:
    votes, right = functions(27, [0.9, 0.6, 0.4], labels=3)
    known = np.where(np.arange(2000) % 3 == 0, right, -1)
    by_row = weak.analysis(votes, known)
    by_name = weak.analysis(votes, {int(row): int(right[row]) for row in range(0, 2000, 3)})
    assert by_row.accuracy == by_name.accuracy
    for column in range(3):
        said = votes[::3, column]
        assert by_row.accuracy is not None
        assert by_row.accuracy[column] == pytest.approx((said == right[::3])[said >= 0].mean())


def test_a_level_that_is_none_is_refused() -> None:
    with pytest.raises(BadVotes, match="between 0 and 1"):
        weak.analysis(SMALL, level=95)


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
