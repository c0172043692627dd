"""nltk's agreement: the same alpha, pi and S on whole data, and its faults where votes are missing or alike."""

from __future__ import annotations

import numpy as np
import pytest

from goldseam.stats import agreement
from goldseam.stats.votes import Votes
from tests.reference.agreement_data import drawn, votes_of

nltk = pytest.importorskip("nltk.metrics.agreement", reason="nltk is not here")


def triples(matrix: np.ndarray, missing: object = ...) -> list[tuple[str, str, object]]:
    """(annotator, item, label) of each cell; cells without a vote are left out, or have the sign given."""
    cells = [(f"a{who}", f"i{item}", int(label)) for (item, who), label in np.ndenumerate(matrix)]
    return [
        (who, item, missing if label < 0 else label) for who, item, label in cells if label >= 0 or missing is not ...
    ]


@pytest.mark.parametrize("name", ["two annotators", "a few missing", "mostly missing", "two labels"])
def test_alpha_is_the_same_where_a_missing_vote_is_left_out(name: str) -> None:
    matrix = drawn(name)
    wanted = nltk.AnnotationTask(triples(matrix)).alpha()
    assert agreement.alpha(votes_of(matrix)).value == pytest.approx(wanted, abs=1e-8)


def test_pi_and_s_are_the_same_on_whole_data() -> None:
    matrix = drawn("two annotators")
    task, votes = nltk.AnnotationTask(triples(matrix)), votes_of(matrix)
    assert agreement.scott_pi(votes).value == pytest.approx(task.pi(), abs=1e-8)
    assert agreement.brennan_prediger(votes).value == pytest.approx(task.S(), abs=1e-8)
    assert agreement.cohen_kappa(matrix[:, 0], matrix[:, 1]).value == pytest.approx(task.kappa(), abs=1e-8)


def test_where_it_is_wrong_it_counts_none_as_a_label() -> None:
    matrix = drawn("a few missing")
    wrong = nltk.AnnotationTask(triples(matrix, missing=None)).alpha()
    votes = Votes.from_arrays(*zip(*[(i, a, label) for a, i, label in triples(matrix, missing=None)], strict=True))
    assert None not in votes.labels
    assert agreement.alpha(votes).value == pytest.approx(agreement.alpha(votes_of(matrix)).value, abs=1e-12)
    assert abs(wrong - agreement.alpha(votes).value) > 0.05


def test_where_it_differs_an_item_that_one_annotator_left_out_stops_its_pi_and_not_ours() -> None:
    matrix = np.array([[0, 0], [1, 1], [0, 0], [1, -1], [0, 1]])
    with pytest.raises(RuntimeError):  # it looks for the vote that is not there
        nltk.AnnotationTask(triples(matrix)).pi()
    whole = nltk.AnnotationTask(triples(matrix[(matrix >= 0).all(axis=1)])).pi()
    assert agreement.scott_pi(votes_of(matrix)).value == pytest.approx(whole, abs=1e-8)


def test_where_it_differs_one_label_alone_is_full_agreement_there_and_undefined_here() -> None:
    matrix = np.zeros((4, 2), dtype=int)
    assert nltk.AnnotationTask(triples(matrix)).alpha() == pytest.approx(1.0)
    assert agreement.alpha(votes_of(matrix)).value is None
