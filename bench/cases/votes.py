"""Statistics on a million votes, against the libraries that people use for them.

In: votes drawn from a stated seed. Out: seconds of wall time, from raw columns to result on both sides.
Never: preparation that one side gets for free: both start from integer columns.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from bench.case import Case

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

N_ITEMS, REDUNDANCY, N_ANNOTATORS, N_LABELS = 200_000, 5, 1_000, 10
ITERATIONS = 10


def columns() -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return a million votes (item, annotator, label) by annotators of 40 to 95 % accuracy; no one twice on an item."""
    import numpy as np

    rng = np.random.default_rng(20261121)
    item = np.repeat(np.arange(N_ITEMS), REDUNDANCY)
    first = rng.integers(0, N_ANNOTATORS, N_ITEMS)
    step = rng.integers(1, N_ANNOTATORS // REDUNDANCY, N_ITEMS)
    annotator = ((first[:, None] + step[:, None] * np.arange(REDUNDANCY)) % N_ANNOTATORS).ravel()
    truth = rng.integers(0, N_LABELS, N_ITEMS)[item]
    right = rng.random(len(item)) < rng.uniform(0.4, 0.95, N_ANNOTATORS)[annotator]
    label = np.where(right, truth, rng.integers(0, N_LABELS, len(item)))
    return item, annotator, label


def frame() -> Any:  # noqa: ANN401 - a pandas frame
    """Return the same votes as crowd-kit wants them."""
    import pandas as pd

    item, annotator, label = columns()
    return pd.DataFrame({"task": item, "worker": annotator, "label": label})


def majority() -> float:
    """Ours: majority."""
    from goldseam.stats import truth
    from goldseam.stats.votes import Votes

    data = columns()
    begin = time.perf_counter()
    truth.majority(Votes.from_arrays(*data))
    return time.perf_counter() - begin


def majority_peer() -> float:
    """crowd-kit: majority."""
    from crowdkit.aggregation import MajorityVote

    data = frame()
    begin = time.perf_counter()
    MajorityVote().fit_predict(data)
    return time.perf_counter() - begin


def dawid_skene() -> float:
    """Ours: Dawid-Skene, ten iterations."""
    from goldseam.stats import truth
    from goldseam.stats.votes import Votes

    data = columns()
    begin = time.perf_counter()
    truth.dawid_skene(Votes.from_arrays(*data), max_iterations=ITERATIONS, tolerance=0.0)
    return time.perf_counter() - begin


def dawid_skene_peer() -> float:
    """crowd-kit: Dawid-Skene, ten iterations."""
    from crowdkit.aggregation import DawidSkene

    data = frame()
    begin = time.perf_counter()
    DawidSkene(n_iter=ITERATIONS, tol=0.0).fit_predict(data)
    return time.perf_counter() - begin


def alpha() -> float:
    """Ours: Krippendorff's alpha."""
    from goldseam.stats import agreement
    from goldseam.stats.votes import Votes

    data = columns()
    begin = time.perf_counter()
    agreement.alpha(Votes.from_arrays(*data))
    return time.perf_counter() - begin


def alpha_peer() -> float:
    """krippendorff: alpha from the table of value counts, its quickest input; the table is made within the time."""
    import krippendorff
    import numpy as np

    item, _, label = columns()
    begin = time.perf_counter()
    counts = np.zeros((N_ITEMS, N_LABELS), dtype=np.int64)
    np.add.at(counts, (item, label), 1)
    krippendorff.alpha(value_counts=counts, level_of_measurement="nominal")
    return time.perf_counter() - begin


CASES = (
    Case(
        "majority_1m", "majority, 1 M votes, 10 labels", "s",
        majority, majority_peer, "crowd-kit", least_ratio=100,
    ),
    Case(
        "dawid_skene_1m", "Dawid-Skene, 1 M votes, 10 labels, 10 iterations", "s",
        dawid_skene, dawid_skene_peer, "crowd-kit", limit=0.25, least_ratio=50,
    ),
    Case(
        "alpha_1m", "Krippendorff's alpha, 1 M votes", "s",
        alpha, alpha_peer, "krippendorff", least_ratio=20,
    ),
)  # fmt: skip
