"""Label errors among a million items and more, against cleanlab.

In: labels and probabilities drawn from a stated seed. Out: seconds of wall time from arrays to the list of issues, and
megabytes that the search needs beyond them. Never: a rank on our side that the peer is spared: ours comes ranked.
"""

from __future__ import annotations

import contextlib
import io
import resource
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from bench.case import Case

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BLOCK = 5_000


def columns(n: int, k: int, kind: str = "float64") -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Return labels, a tenth of them wrong, and the probabilities of a model that is right about 95 in 100."""
    import numpy as np

    rng = np.random.default_rng(20261121)
    truth = rng.integers(0, k, n)
    label = np.where(rng.random(n) < 0.1, rng.integers(0, k, n), truth)
    proba = np.empty((n, k), dtype=kind)
    for start in range(0, n, BLOCK):
        some = truth[start : start + BLOCK]
        held = rng.normal(0, 2, (len(some), k))
        held[np.arange(len(some)), some] += rng.normal(8 + np.log(k / 10), 2, len(some))
        held = np.exp(held - held.max(axis=1, keepdims=True))
        proba[start : start + BLOCK] = held / held.sum(axis=1, keepdims=True)
    return label, proba


Work = Callable[[Any, Any], object]
Load = Callable[[], Work]
"""Imports what a side needs, so that no import is timed, and returns its work on labels and probabilities."""


def seconds(load: Load, n: int, k: int, kind: str = "float64") -> float:
    """Return the wall time of the work, once."""
    work, data = load(), columns(n, k, kind)
    begin = time.perf_counter()
    work(*data)
    return time.perf_counter() - begin


def megabytes(load: Load, n: int, k: int, kind: str = "float64") -> float:
    """Return by how much the work raises the largest memory of its process beyond the arrays."""
    work, data = load(), columns(n, k, kind)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    work(*data)
    return max((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024, 1.0)


def peak(load: Load, n: int, k: int, kind: str = "float64") -> float:
    """Return the largest memory of the whole process, arrays and all."""
    load()(*columns(n, k, kind))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def ours() -> Work:
    """Ours: the likely issues, ranked by the evidence."""
    from goldseam.stats import noise

    return noise.label_issues


def default() -> Work:
    """As it comes: cleanlab prunes by noise rate, in as many processes as there are cores; a mask, not ranked."""
    from cleanlab.filter import find_label_issues

    def work(label: Any, proba: Any) -> object:  # noqa: ANN401 - arrays
        with contextlib.redirect_stdout(io.StringIO()):
            return find_label_issues(label, proba)

    return work


def one_process() -> Work:
    """In one process: the same."""
    from cleanlab.filter import find_label_issues

    return partial(find_label_issues, n_jobs=1)


def batched() -> Work:
    """In batches: cleanlab takes the lowest self-confidences, as many as it expects; ranked."""
    from cleanlab.experimental.label_issues_batched import find_label_issues_batched

    return partial(find_label_issues_batched, verbose=False)


def _case(name: str, n: int, k: int, peer: Load, how: str, ratio: float) -> Case:
    return Case(
        name, f"label issues, {n // 1_000_000} M x {k}, peer {how}", "s",
        partial(seconds, ours, n, k), partial(seconds, peer, n, k), "cleanlab", least_ratio=ratio,
    )  # fmt: skip


CASES = (
    _case("noise_1m_10", 1_000_000, 10, default, "as it comes", 15),
    _case("noise_1m_10_one", 1_000_000, 10, one_process, "in one process", 15),
    _case("noise_1m_10_batched", 1_000_000, 10, batched, "in batches", 3),
    _case("noise_1m_100", 1_000_000, 100, default, "as it comes", 15),
    _case("noise_1m_100_one", 1_000_000, 100, one_process, "in one process", 15),
    _case("noise_1m_100_batched", 1_000_000, 100, batched, "in batches", 3),
    Case(
        "noise_memory_1m_100", "memory of the same beyond the arrays, peer in batches", "MB",
        partial(megabytes, ours, 1_000_000, 100), partial(megabytes, batched, 1_000_000, 100), "cleanlab",
        least_ratio=2, runs=1,
    ),
    Case(
        "noise_10m_10", "label issues, 10 M x 10 float32: largest memory of the process", "MB",
        partial(peak, ours, 10_000_000, 10, "float32"), limit=4096, usual=False, runs=1,
    ),
)  # fmt: skip
