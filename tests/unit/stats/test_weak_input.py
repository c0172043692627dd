"""What goes into label models: every form of the same votes says the same, and new rows are judged as old ones were or refused."""

from __future__ import annotations

import numpy as np
import pytest

from goldseam.stats import _weak_design, _weak_table, weak
from goldseam.stats.votes import BadVotes, Votes
from tests.unit.stats.weak_functions import accuracy, functions

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
