"""Groups: whose labels, or which segment's, are found wrong more often than their mix of labels explains.

In: which items have an issue, every item's label, and its group. Out: `Groups`. Never: a rate without its interval.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from goldseam.stats._names import indexed, plain
from goldseam.stats.noise._given import Array, Index
from goldseam.stats.votes import BadVotes, Names


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Issues by group, the group that stands out most first; parallel arrays.

    `share` is `n_issues` / `n_items`, with a Wilson interval `low` to `high` at `level`. `expected` is how many issues a
    group would have if each of its labels were as often wrong as everywhere: a group with hard labels is not to blame.
    `stands_out` says that even `low` is above that. `given` and `suggested` are the group's most common mistake (indices
    of the labels), found `n_mistakes` times; 0 where a group has no issue.
    """

    names: Names
    n_items: NDArray[np.int64]
    n_issues: NDArray[np.int64]
    share: Array
    low: Array
    high: Array
    expected: Array
    stands_out: NDArray[np.bool_]
    given: NDArray[np.int64]
    suggested: NDArray[np.int64]
    n_mistakes: NDArray[np.int64]
    labels: tuple[Hashable, ...]
    level: float

    def rows(self) -> list[dict[str, object]]:
        """Return plain rows, one for each group; the mistake is None where there is none."""
        columns = (
            plain(self.names.tolist()), self.n_items.tolist(), self.n_issues.tolist(), self.share.tolist(),
            self.low.tolist(), self.high.tolist(), self.expected.tolist(), self.stands_out.tolist(),
            self.given.tolist(), self.suggested.tolist(), self.n_mistakes.tolist(),
        )  # fmt: skip
        return [
            {
                "group": name, "n_items": n_items, "n_issues": n_issues, "share": share, "low": low, "high": high,
                "expected": expected, "stands_out": out,
                "given": self.labels[given] if times else None,
                "suggested": self.labels[other] if times else None,
                "n_mistakes": times,
            }
            for name, n_items, n_issues, share, low, high, expected, out, given, other, times
            in zip(*columns, strict=True)
        ]  # fmt: skip


def grouped(
    index: Index, suggested: Index, label: Index, labels: tuple[Hashable, ...], groups: Iterable[Any], level: float
) -> Groups:
    """Count the issues of items `index` by group; `label` and `groups` have one entry for each item."""
    if not 0 < level < 1:
        raise BadVotes(f"level={level}: a probability between 0 and 1, such as 0.95, would be right.")
    names, group = indexed(groups, None, "group")
    if len(group) != len(label):
        raise BadVotes(f"groups= needs one entry for each of the {len(label)} items; it has {len(group)}.")
    n_items = np.bincount(group, minlength=len(names))
    n_issues = np.bincount(group[index], minlength=len(names))
    every = np.bincount(label, minlength=len(labels))
    rate = np.bincount(label[index], minlength=len(labels)) / np.maximum(every, 1)
    expected = np.bincount(group, weights=rate[label], minlength=len(names)).astype(np.float64, copy=False)
    low, high = wilson(n_issues, n_items, level)
    given, other, times = _mistakes(group[index], label[index], suggested, len(names), len(labels))
    stands_out = low * n_items > expected
    excess = (n_issues - expected) / np.sqrt(np.maximum(expected, 1.0))
    order = np.lexsort((np.arange(len(names)), -excess, ~stands_out))
    return Groups(
        names=names[order],
        n_items=n_items[order],
        n_issues=n_issues[order],
        share=(n_issues / np.maximum(n_items, 1))[order],
        low=low[order],
        high=high[order],
        expected=expected[order],
        stands_out=stands_out[order],
        given=given[order],
        suggested=other[order],
        n_mistakes=times[order],
        labels=labels,
        level=level,
    )


def wilson(found: Index, of: Index, level: float) -> tuple[Array, Array]:
    """Return the Wilson interval of shares; 0 to 1 where there is nothing to count.

    References
    ----------
    Wilson (1927), JASA 22.
    """
    n = np.maximum(np.asarray(of, dtype=np.float64), 1.0)
    z = float(ndtri(0.5 + level / 2))
    share = np.asarray(found) / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    some = np.asarray(of) > 0
    low = np.where(some, np.maximum(middle - reach, 0.0), 0.0)
    return low, np.where(some, np.minimum(middle + reach, 1.0), 1.0)


def _mistakes(
    group: Index, given: Index, suggested: Index, n_groups: int, n_labels: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return each group's most common mistake, and how often it is made."""
    most = np.zeros((3, n_groups), dtype=np.int64)
    key = (group.astype(np.int64) * n_labels + given) * n_labels + suggested
    kinds, times = np.unique(key, return_counts=True)
    order = np.lexsort((kinds, -times))
    whose = kinds[order] // (n_labels * n_labels)
    found, first = np.unique(whose, return_index=True)
    best = order[first]
    most[0, found] = kinds[best] // n_labels % n_labels
    most[1, found] = kinds[best] % n_labels
    most[2, found] = times[best]
    return most[0], most[1], most[2]
