"""Truth inference on a million votes against crowd-kit: GLAD and MACE, the same number of iterations.

In: the votes of `bench.cases.votes`. Out: seconds of processor time, from raw columns to result on both sides.
Never: a peer's figure from fewer votes without saying so: crowd-kit's GLAD takes many minutes on a million, so it gets a
fiftieth, and its seconds count fifty times, as if they grew in proportion (271 s an iteration were measured on the whole).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bench.case import Case
from bench.cases.votes import columns, frame

if TYPE_CHECKING:
    from goldseam.stats.truth import Truth
    from goldseam.stats.votes import Votes

PART = 50
GLAD_ITERATIONS, MACE_ITERATIONS = 3, 50


def _ours(work: Callable[[Votes], Truth]) -> float:
    from goldseam.stats.votes import Votes

    data = columns()
    begin = time.process_time()
    work(Votes.from_arrays(*data))
    return time.process_time() - begin


def _peer(method: Any, part: int = 1) -> float:  # noqa: ANN401 - any of crowd-kit's
    data = frame()
    data = data[: len(data) // part].copy()
    begin = time.process_time()
    method.fit(data)
    return (time.process_time() - begin) * part


def glad() -> float:
    """Ours: GLAD, three iterations."""
    from goldseam.stats import truth

    return _ours(lambda votes: truth.glad(votes, max_iterations=GLAD_ITERATIONS, tolerance=0.0))


def glad_peer() -> float:
    """crowd-kit: GLAD, three iterations, on a fiftieth part, scaled."""
    from crowdkit.aggregation import GLAD

    return _peer(GLAD(n_iter=GLAD_ITERATIONS, tol=-1.0), PART)


def mace() -> float:
    """Ours: MACE, fifty iterations."""
    from goldseam.stats import truth

    return _ours(lambda votes: truth.mace(votes, max_iterations=MACE_ITERATIONS, tolerance=0.0))


def mace_peer() -> float:
    """crowd-kit: MACE, one start (its ten are all the same), fifty iterations (its usual number)."""
    from crowdkit.aggregation import MACE

    return _peer(MACE(n_restarts=1, n_iter=MACE_ITERATIONS))


CASES = (
    Case(
        "glad_1m", "GLAD, 1 M votes, 3 iterations; the peer on 20,000 votes, times 50", "s",
        glad, glad_peer, "crowd-kit", least_ratio=50, runs=1,
    ),
    Case(
        "mace_1m", "MACE, 1 M votes, 50 iterations, one start", "s",
        mace, mace_peer, "crowd-kit", least_ratio=50,
    ),
)  # fmt: skip
