"""A label model of 50 functions on a million rows, against Snorkel.

In: votes drawn from a stated seed, as one matrix of small integers. Out: seconds of processor time from that matrix to the
posterior of each row, or to the table of functions; megabytes. Never: a side that starts from a form that suits it better.
"""

from __future__ import annotations

import resource
import time
from functools import partial
from typing import TYPE_CHECKING

from bench.case import Case

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

N_ROWS, N_FUNCTIONS = 1_000_000, 50
BLOCK = 100_000


def matrix(n: int) -> NDArray[np.int8]:
    """Return votes of functions that speak on 5 to 30 % of the rows and are right 60 to 90 % of the time; -1 abstains."""
    import numpy as np

    rng = np.random.default_rng(20261121)
    coverage, accuracy = rng.uniform(0.05, 0.3, N_FUNCTIONS), rng.uniform(0.6, 0.9, N_FUNCTIONS)
    votes = np.full((n, N_FUNCTIONS), -1, dtype=np.int8)
    for start in range(0, n, BLOCK):
        rows = min(BLOCK, n - start)
        truth = rng.integers(0, 2, (rows, 1))
        speaks = rng.random((rows, N_FUNCTIONS), dtype=np.float32) < coverage
        right = rng.random((rows, N_FUNCTIONS), dtype=np.float32) < accuracy
        votes[start : start + rows][speaks] = np.where(right, truth, 1 - truth)[speaks]
    return votes


def gold_of(n: int) -> NDArray[np.int64]:
    """Return a label for each row; which one makes no difference to the time."""
    import numpy as np

    return np.random.default_rng(1).integers(0, 2, n)


def fitted(n: int = N_ROWS) -> float:
    """Ours: the model, and the posterior of each row with it."""
    from goldseam.stats import weak

    votes = matrix(n)
    begin = time.process_time()
    weak.label_model(votes)
    return time.process_time() - begin


def fitted_peer() -> float:
    """Snorkel: fit as it comes, then the probabilities of each row."""
    from snorkel.labeling.model import LabelModel

    votes = matrix(N_ROWS)
    begin = time.process_time()
    model = LabelModel(cardinality=2, verbose=False)
    model.fit(votes, seed=0, progress_bar=False)
    model.predict_proba(votes)
    return time.process_time() - begin


def predicted() -> float:
    """Ours: the posterior of new rows by a model fitted before."""
    from goldseam.stats import weak

    votes = matrix(N_ROWS)
    model = weak.label_model(votes[:BLOCK])
    begin = time.process_time()
    model.predict(votes)
    return time.process_time() - begin


def predicted_peer() -> float:
    """Snorkel: the probabilities of new rows by a model fitted before."""
    from snorkel.labeling.model import LabelModel

    votes = matrix(N_ROWS)
    model = LabelModel(cardinality=2, verbose=False)
    model.fit(votes[:BLOCK], seed=0, progress_bar=False)
    begin = time.process_time()
    model.predict_proba(votes)
    return time.process_time() - begin


def analyzed() -> float:
    """Ours: polarity, coverage, overlaps and conflicts of each function, and its accuracy on gold."""
    from goldseam.stats import weak

    votes, gold = matrix(N_ROWS), gold_of(N_ROWS)
    begin = time.process_time()
    weak.analysis(votes, gold)
    return time.process_time() - begin


def analyzed_peer() -> float:
    """Snorkel: the same."""
    from snorkel.labeling import LFAnalysis

    votes, gold = matrix(N_ROWS), gold_of(N_ROWS)
    begin = time.process_time()
    LFAnalysis(votes).lf_summary(Y=gold)
    return time.process_time() - begin


def peak(n: int) -> float:
    """Return the largest memory of the process, votes and all, after a model and an analysis."""
    from goldseam.stats import weak

    votes = matrix(n)
    weak.label_model(votes)
    weak.analysis(votes)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


CASES = (
    Case(
        "label_model_1m", "label model, 1 M rows x 50 functions: fit and posterior", "s",
        fitted, fitted_peer, "Snorkel", least_ratio=15,
    ),
    Case(
        "label_predict_1m", "the same model on 1 M new rows", "s",
        predicted, predicted_peer, "Snorkel", least_ratio=15,
    ),
    Case(
        "function_analysis_1m", "analysis of 50 labeling functions with gold, 1 M rows", "s",
        analyzed, analyzed_peer, "Snorkel", least_ratio=50,
    ),
    Case(
        "label_model_10m", "label model, 10 M rows x 50 functions", "s",
        partial(fitted, 10 * N_ROWS), usual=False, runs=1,
    ),
    Case(
        "label_memory_10m", "label model and analysis, 10 M x 50: largest memory of the process", "MB",
        partial(peak, 10 * N_ROWS), limit=4096, usual=False, runs=1,
    ),
)  # fmt: skip
