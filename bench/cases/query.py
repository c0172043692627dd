"""Choosing 1,000 of a million items by their embeddings, in a file mapped to memory, with each strategy.

In: a million rows of 384 numbers in 200 clusters, and probabilities of 10 labels, drawn from a stated seed. Out: seconds of
processor time from the open file to the chosen rows; megabytes of the process, the mapped file's pages among them. Never: a
sample made before the clock starts.
"""

from __future__ import annotations

import resource
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.case import Case

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

N_ITEMS, N_FEATURES, N_CLUSTERS, N_LABELS = 1_000_000, 384, 200, 10
WANTED, LABELED = 1_000, 2_000
BLOCK = 50_000
FILE = Path(tempfile.gettempdir()) / f"goldseam-bench-{N_ITEMS}x{N_FEATURES}.f32"
"""Made once, 1.5 gigabytes; it may be deleted at any time."""


def embeddings() -> NDArray[np.float32]:
    """Return the rows, mapped to memory; the file is written by plain writes, which leave no pages in this process."""
    import numpy as np

    if not FILE.exists():
        rng = np.random.default_rng(20261121)
        centers = rng.normal(size=(N_CLUSTERS, N_FEATURES)).astype(np.float32)
        unfinished = FILE.with_suffix(".part")
        with unfinished.open("wb") as file:
            for _ in range(0, N_ITEMS, BLOCK):
                rows = rng.normal(size=(BLOCK, N_FEATURES)).astype(np.float32)
                rows += centers[rng.integers(0, N_CLUSTERS, BLOCK)]
                rows /= np.linalg.norm(rows, axis=1, keepdims=True)
                file.write(rows.tobytes())
        unfinished.rename(FILE)
    return np.memmap(FILE, dtype=np.float32, mode="r", shape=(N_ITEMS, N_FEATURES))


def strategies() -> dict[str, Callable[[Any, Any, Any, Any], object]]:
    """Return what each case does with features, probabilities, features of labeled items, and chance."""
    import numpy as np

    from goldseam.stats import designs, query

    def top(scores: Any, rng: Any) -> object:  # noqa: ANN401 - arrays of a library that is loaded late
        return query.first(scores, WANTED, rng)

    return {
        "random": lambda _x, _p, _known, rng: designs.random(N_ITEMS, WANTED, rng),
        "stratified": lambda _x, p, _known, rng: designs.stratified(p.argmax(axis=1), WANTED, rng),
        "least_confidence": lambda _x, p, _known, rng: top(query.least_confidence(p), rng),
        "margin": lambda _x, p, _known, rng: top(query.margin(p), rng),
        "entropy": lambda _x, p, _known, rng: top(query.entropy(p), rng),
        "vote_entropy": lambda _x, p, _known, rng: top(query.vote_entropy(np.stack([p, p[:, ::-1], p])), rng),
        "divergence": lambda _x, p, _known, rng: top(query.divergence(np.stack([p, p[:, ::-1], p])), rng),
        "rare_label": lambda _x, p, _known, rng: top(query.rare_label(p, np.arange(N_LABELS)), rng),
        "diversity": lambda x, _p, _known, rng: query.diverse(x, WANTED, rng),
        "typical": lambda x, _p, known, rng: query.typical(x, WANTED, rng, labeled=known),
        "k_center": lambda x, _p, known, rng: query.k_center(x, WANTED, rng, labeled=known),
        "density": lambda x, p, _known, rng: top(query.density_weighted(query.margin(p), x), rng),
        "gradients": lambda x, p, _known, rng: query.gradients(p, x, WANTED, rng),
        "new_distribution": lambda x, _p, known, rng: query.new_distribution(x, WANTED, rng, labeled=known),
        "hybrid": lambda x, p, known, rng: query.hybrid(x, p, WANTED, rng, labeled=known, noise=0.1),
    }


def chosen(name: str) -> float:
    """Ours: 1,000 rows by this strategy."""
    import numpy as np

    rows = embeddings()
    rng = np.random.default_rng(1)
    proba = rng.dirichlet(np.full(N_LABELS, 0.3), size=N_ITEMS).astype(np.float32)
    known = np.array(rows[:LABELED])
    begin = time.process_time()
    strategies()[name](rows, proba, known, rng)
    return time.process_time() - begin


def peak() -> float:
    """Return the largest memory of a process that runs every strategy, the mapped file's pages among it."""
    for name in strategies():
        chosen(name)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


NAMES = (
    "random", "stratified", "least_confidence", "margin", "entropy", "vote_entropy", "divergence", "rare_label",
    "diversity", "typical", "k_center", "density", "gradients", "new_distribution", "hybrid",
)  # fmt: skip
CASES = (
    *(
        Case(
            f"query_{name}_1m", f"choosing 1,000 of 1 M x 384 float32 on disk by {name.replace('_', ' ')}", "s",
            partial(chosen, name), limit=30, usual=False, runs=1,
        )
        for name in NAMES
    ),
    Case(
        "query_memory_1m", "the same with every strategy in one process: largest memory, mapped pages and all", "MB",
        peak, limit=2048, usual=False, runs=1,
    ),
)  # fmt: skip
