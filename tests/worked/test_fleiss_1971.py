"""J. L. Fleiss (1971), Measuring nominal scale agreement among many raters, Psychological Bulletin 76, 378-382, table 1.

Thirty patients, six psychiatrists each: depression, personality disorder, schizophrenia, neurosis, other.
"""

from __future__ import annotations

import numpy as np
import pytest

from goldseam.stats import agreement
from goldseam.stats.votes import Votes

TABLE = """
00060 03003 01401 00006 03030 20400 00402 20310 20040 00006
10050 11040 03300 10050 02031 00501 30012 51000 02040 10203
00006 01050 02013 20040 10041 05010 40002 02040 10500 00006
"""  # one group of digits per patient


@pytest.fixture
def votes() -> Votes:
    counts = np.array([[int(digit) for digit in row] for row in TABLE.split()])
    said = [np.repeat(np.arange(5), row) for row in counts]
    return Votes.from_matrix(np.array(said))


def test_kappa_is_0_430(votes: Votes) -> None:
    found = agreement.fleiss_kappa(votes)
    assert found.observed == pytest.approx(0.5556, abs=5e-4)
    assert found.expected == pytest.approx(0.2201, abs=5e-4)
    assert found.value == pytest.approx(0.430, abs=5e-4)


def test_the_shares_of_the_diagnoses_are_those_of_the_table(votes: Votes) -> None:
    shares = votes.counts().sum(axis=0) / votes.n_votes
    assert shares == pytest.approx([0.144, 0.144, 0.167, 0.306, 0.239], abs=5e-4)
