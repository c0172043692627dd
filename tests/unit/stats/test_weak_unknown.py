"""Label models of votes that hardly say anything: probabilities and a warning, or a refusal with a sentence; never a NaN."""

from __future__ import annotations

import json

import numpy as np
import pytest

from goldseam.stats import weak
from goldseam.stats.votes import BadVotes
from tests.unit.stats.weak_functions import functions

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
