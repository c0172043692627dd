"""Bootstrap: the same statistic on many crowds, made by drawing items with replacement.

In: `Votes`, a kernel or a function, an `rng`. Out: the values of the draws in which the statistic is defined.
Never: a draw of votes instead of items; votes of one item belong together.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from goldseam.stats import _coincidence as coincidence
from goldseam.stats._coincidence import Kernel
from goldseam.stats.votes import Votes

Statistic = Callable[[Votes], float | None]

_CELLS = 4_000_000
"""How many (draw, pattern) cells are held at a time: 32 MB."""


def by_patterns(votes: Votes, kernel: Kernel, rng: np.random.Generator, draws: int) -> NDArray[np.float64]:
    """Return the defined values of `draws` bootstrap draws, all drawn at once over distinct patterns of votes."""
    of = coincidence.compressed(coincidence.units(votes))
    n_items = int(of.times.sum())
    chances = of.times / n_items
    at_once = max(1, _CELLS // len(of.times))
    found = []
    for start in range(0, draws, at_once):
        times = rng.multinomial(n_items, chances, size=min(at_once, draws - start)).astype(np.float64)
        parts = kernel(of, times)
        spread = 1 - parts.expected
        defined = (parts.n_paired > 0) & (spread > coincidence.NO_SPREAD)
        found.append((parts.observed[defined] - parts.expected[defined]) / spread[defined])
    return np.concatenate(found)


def by_resampling(votes: Votes, statistic: Statistic, rng: np.random.Generator, draws: int) -> NDArray[np.float64]:
    """Return the defined values of `draws` bootstrap draws of any statistic, one after the other."""
    order = np.argsort(votes.item, kind="stable")
    sizes = votes.votes_per_item()
    starts = np.cumsum(sizes) - sizes
    found = []
    for _ in range(draws):
        drawn = rng.integers(votes.n_items, size=votes.n_items)
        many = sizes[drawn]
        offsets = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
        chosen = order[np.repeat(starts[drawn], many) + offsets]
        item = np.repeat(np.arange(votes.n_items, dtype=np.int32), many)
        again = Votes(votes.items, votes.annotators, votes.labels, item, votes.annotator[chosen], votes.label[chosen])
        value = statistic(again)
        if value is not None:
            found.append(value)
    return np.array(found)
