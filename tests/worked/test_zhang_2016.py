"""Y. Zhang, X. Chen, D. Zhou and M. I. Jordan (2016), Spectral Methods Meet EM, Journal of Machine Learning Research 17(102).

Table of prediction errors on real crowds: majority voting errs on 24.07 % of the bluebirds and on 10.31 % of the RTE pairs.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.stats.test_real_crowds import crowd
from tests.worked.test_snow_2008 import simple_voting


@pytest.mark.parametrize(("name", "error"), [("bluebirds", 24.07), ("rte", 10.31)])
def test_the_majority_errs_as_in_the_paper(name: str, error: float, data_dir: Path) -> None:
    assert 100 * (1 - simple_voting(crowd(data_dir / "crowd" / name))) == pytest.approx(error, abs=0.005)
