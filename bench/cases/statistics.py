"""More statistics on a million votes and labels: the default of truth inference, AC1, kappa, pairs, the joint.

In: the votes of `bench.cases.votes`, the labels of `bench.cases.noise`. Out: seconds of processor time, from raw columns to
result. Never: a bar; these figures stand in the explanations, and anybody has to be able to measure them again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from bench.case import Case
from bench.cases import noise
from bench.cases.votes import N_ITEMS, columns

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from goldseam.stats.votes import Votes

Work = Callable[["Votes"], object]


def infer() -> Work:
    """Ours: the default, which learns twice."""
    from goldseam.stats import truth

    return truth.infer


def ac1() -> Work:
    """Ours: Gwet's AC1."""
    from goldseam.stats import agreement

    return agreement.gwet_ac1


def pairwise() -> Work:
    """Ours: kappa of every pair of a thousand annotators."""
    from goldseam.stats import agreement

    return agreement.pairwise


def on_votes(load: Callable[[], Work], n_items: int) -> float:
    """Return the processor time of the work, the making of `Votes` among it."""
    from goldseam.stats.votes import Votes

    work, data = load(), columns(n_items)
    begin = time.process_time()
    work(Votes.from_arrays(*data))
    return time.process_time() - begin


def two() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return what two annotators call a million items: the same in about 7 of 10."""
    import numpy as np

    rng = np.random.default_rng(20261121)
    one = rng.integers(0, 10, 1_000_000)
    return one, np.where(rng.random(len(one)) < 0.7, one, rng.integers(0, 10, len(one)))


def kappa() -> float:
    """Ours: Cohen's kappa."""
    from goldseam.stats import agreement

    data = two()
    agreement.cohen_kappa(*(each[:1_000] for each in data))  # what is loaded once is not the work
    begin = time.process_time()
    agreement.cohen_kappa(*data)
    return time.process_time() - begin


def kappa_peer() -> float:
    """scikit-learn: Cohen's kappa."""
    from sklearn.metrics import cohen_kappa_score

    data = two()
    cohen_kappa_score(*(each[:1_000] for each in data))  # what is loaded once is not the work
    begin = time.process_time()
    cohen_kappa_score(*data)
    return time.process_time() - begin


def joint(n_labels: int) -> float:
    """Ours: how labels given and true labels go together."""
    from goldseam.stats import noise as stats

    data = noise.columns(1_000_000, n_labels)
    begin = time.process_time()
    stats.joint(*data)
    return time.process_time() - begin


CASES = (
    Case("infer_1m", "the default of truth inference, 1 M votes, 10 labels", "s", partial(on_votes, infer, N_ITEMS)),
    Case(
        "infer_10m", "the default of truth inference, 10 M votes, 10 labels", "s",
        partial(on_votes, infer, 10 * N_ITEMS), usual=False, runs=1,
    ),
    Case("ac1_1m", "Gwet's AC1, 1 M votes", "s", partial(on_votes, ac1, N_ITEMS)),
    Case("pairwise_1m", "kappa of every pair of 1,000 annotators, 1 M votes", "s", partial(on_votes, pairwise, N_ITEMS)),
    Case("kappa_1m", "Cohen's kappa, 1 M items", "s", kappa, kappa_peer, "scikit-learn"),
    Case("joint_1m_10", "the joint of given and true labels, 1 M x 10", "s", partial(joint, 10)),
    Case("joint_1m_100", "the joint of given and true labels, 1 M x 100", "s", partial(joint, 100)),
)  # fmt: skip
