"""S. M. Stigler (1994), Citation patterns in the journals of statistics and probability, Statistical Science 9.

How often four journals cited each other in 1987-88; a citation is a win of the journal cited. Fitted in A. Agresti (2002), Categorical data
analysis, section 10.6, and H. Turner and D. Firth (2012), Bradley-Terry models in R, Journal of Statistical Software 48(9).
"""

from __future__ import annotations

import numpy as np
import pytest

from goldseam.stats.truth.order import PreferenceTruth, preferences

JOURNALS = ("Biometrika", "Communications in Statistics", "JASA", "JRSS-B")
CITED = [[714, 730, 498, 221], [33, 425, 68, 17], [320, 813, 1072, 142], [284, 276, 325, 188]]
"""Rows: the journal cited; columns: the journal that cites."""


@pytest.fixture(scope="module")
def found() -> PreferenceTruth:
    wins = [(JOURNALS[a], JOURNALS[b], times) for a, row in enumerate(CITED) for b, times in enumerate(row) if a != b]
    cited = [journal for journal, _, times in wins for _ in range(times)]
    citing = [journal for _, journal, times in wins for _ in range(times)]
    return preferences(cited, citing, cited, spread=None, tolerance=1e-10)


def test_the_strengths_against_biometrika_are_the_published_ones(found: PreferenceTruth) -> None:
    assert found.items.tolist() == list(JOURNALS)
    against = found.strength - found.strength[0]
    assert against == pytest.approx([0, -2.94907, -0.47957, 0.26895], abs=5e-6)


def test_so_are_their_standard_errors(found: PreferenceTruth) -> None:
    table = found.covariance
    assert table is not None
    variance = np.diag(table) + table[0, 0] - 2 * table[0]
    assert np.sqrt(variance[1:]) == pytest.approx([0.10255, 0.06059, 0.07083], abs=5e-6)


def test_who_is_cited_more_runs_in_no_circle(found: PreferenceTruth) -> None:
    assert found.names() == ["JRSS-B", "Biometrika", "JASA", "Communications in Statistics"]
    assert (found.triads.n_triads, found.triads.n_circular) == (4, 0)
