"""A. P. Dawid and A. M. Skene (1979), Maximum likelihood estimation of observer error-rates using the EM algorithm.

Applied Statistics 28, 20-28, table 1: five anesthetists grade 45 patients from 1 to 4; the first saw each form three times.
"""

from __future__ import annotations

import numpy as np
import pytest

from goldseam.stats import truth
from goldseam.stats.votes import Votes

PATIENTS = """
1111111 3334334 1122122 2223121 2223222 2223322 1222111 3333433 2222223 2322223 4444444 2223343 1111111 2223212 1211111
1112111 1111111 1111111 2222221 2221322 2222222 2222221 2223222 2212222 1111111 1111111 2322222 1111111 1111111 1121121
1111111 3333233 1111111 2222222 2223232 4334343 2212232 2323233 3333432 1111111 1111111 1212111 2322222 1211111 2222222
"""  # one group of digits per patient
WHO = [1, 1, 1, 2, 3, 4, 5]


@pytest.fixture
def votes() -> Votes:
    said = [
        (patient, who, int(grade))
        for patient, row in enumerate(PATIENTS.split(), 1)
        for who, grade in zip(WHO, row, strict=True)
    ]
    return Votes.from_arrays(*zip(*said, strict=True), repeated="all")


@pytest.fixture
def found(votes: Votes) -> truth.Truth:
    return truth.dawid_skene(votes, smoothing=0.0, max_iterations=1000, tolerance=1e-12)


def test_the_shares_of_the_grades_are_those_of_the_paper(found: truth.Truth) -> None:
    assert found.posterior.mean(axis=0) == pytest.approx([0.40, 0.42, 0.11, 0.07], abs=0.01)


def test_observer_1_errs_as_in_table_2(found: truth.Truth) -> None:
    assert found.confusion is not None
    paper = [[0.89, 0.11, 0, 0], [0.07, 0.88, 0.05, 0], [0, 0.34, 0.66, 0], [0, 0, 0.56, 0.44]]
    assert found.confusion[0] == pytest.approx(np.array(paper), abs=0.006)


def test_hardly_any_patient_is_left_in_doubt(found: truth.Truth) -> None:
    assert (found.confidence > 0.97).sum() == 44
    assert found.names()[:13] == [1, 4, 2, 2, 2, 2, 1, 3, 2, 2, 4, 3, 1]
