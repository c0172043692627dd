"""Similar items were labeled otherwise: label issues without a model, from features alone.

In: labels given, and features of the items (an embedding, n x d). Out: `NeighborIssues`.
Never: an item as its own neighbor.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goldseam.stats._names import indexed, plain
from goldseam.stats.noise._given import Array, Given, Index, coded
from goldseam.stats.noise._nearest import Array32, nearest, unit_rows
from goldseam.stats.noise.issues import Choose, Issues, check_choices, issues_of
from goldseam.stats.votes import BadVotes

_WIDTH = 0.1
"""A neighbor whose cosine is this much below the nearest one's counts 1/e as much."""
_CELLS = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class NeighborIssues:
    """Items that were labeled otherwise than similar ones; parallel arrays (m,), the most likely wrong first.

    `index`, `given`, `suggested` and `score` are as in `Issues`, and `issues` is that record, made of the shares of the
    neighbors' labels. `neighbors` (m, k) are positions of the most similar items, the most similar first, `cosine` (m, k)
    how similar they are, and `n_given`, `n_suggested` how many of them have the label given and the one suggested.
    """

    issues: Issues
    neighbors: NDArray[np.int32]
    cosine: Array32
    n_given: NDArray[np.int64]
    n_suggested: NDArray[np.int64]

    @property
    def index(self) -> NDArray[np.int64]:
        """Positions of the items listed."""
        return self.issues.index

    @property
    def given(self) -> NDArray[np.int64]:
        """The labels given, as indices of the names."""
        return self.issues.given

    @property
    def suggested(self) -> NDArray[np.int64]:
        """The labels suggested, as indices of the names."""
        return self.issues.suggested

    @property
    def score(self) -> Array:
        """How likely the label is wrong, 0 to 1."""
        return self.issues.score

    def rows(self, limit: int | None = None, *, shown: int = 5) -> list[dict[str, object]]:
        """Return plain rows as `Issues.rows` does, with the `shown` most similar items as `neighbors`."""
        names, k = self.issues.names, self.neighbors.shape[1]
        rows = self.issues.rows(limit)
        for place, row in enumerate(rows):
            one, two = names[self.given[place]], names[self.suggested[place]]
            row["reason"] = (
                f"Of the {k} most similar items {self.n_suggested[place]} are labeled {two!r} and {self.n_given[place]} "
                f"{one!r}, the label given."
            )
            row["neighbors"] = self.neighbors[place, :shown].tolist()
        return rows


def neighbor_issues(
    labels: Iterable[Any],
    features: ArrayLike,
    k: int = 50,
    *,
    names: Sequence[Hashable] | None = None,
    groups: Iterable[Any] | None = None,
    choose: Choose = "likely",
    limit: int | None = None,
) -> NeighborIssues:
    """List the items that were labeled otherwise than similar items, the most likely wrong first.

    Similar is cosine, found exactly: time grows with the square of the items (25,000 of 384 numbers take some seconds
    of one core, a million hours), memory with the items. The shares of the neighbors' labels, nearer ones counting more, are
    then evidence as a model's probabilities are in `label_issues`.

    Parameters
    ----------
    labels
        Labels given: any names, or positions in `names`.
    features
        Numbers that describe the items (n, d), such as an embedding; they must not have been learned from these labels.
    k
        How many neighbors to ask. Few are noisy: on text and images 50 found more than 10.
    names
        The labels in the order wanted; by default those seen, sorted.
    groups, choose, limit
        As for `label_issues`.

    Raises
    ------
    BadVotes
        Features are not finite (the message names the row), `k` is below 1, or labels and features differ in number.

    Examples
    --------
    >>> features = [[1, 0.1], [1, 0.2], [1, 0.3], [1, 0.2], [0.1, 1], [0.2, 1], [0.3, 1]]
    >>> found = neighbor_issues(list("aaabbbb"), features, k=3)
    >>> found.rows()[0]["index"], found.rows()[0]["reason"]
    (3, "Of the 3 most similar items 3 are labeled 'a' and 0 'b', the label given.")
    """
    check_choices("evidence", choose, limit)
    if k < 1:
        raise BadVotes(f"k={k}: a number of neighbors, 1 or more, would be right.")
    listed, label = _named(labels, names)
    unit, flat = unit_rows(features)
    if len(unit) != len(label):
        raise BadVotes(f"There are {len(label)} labels and {len(unit)} rows of features; each item has one of both.")
    k = min(k, max(len(unit) - 1, 0))
    near, cosine = nearest(unit, k)
    given = Given(label, _shares(label, len(listed), near, cosine, flat), listed)
    issues = issues_of(given, groups=groups, choose=choose, limit=limit)
    if flat.any():
        sentence = (
            f"{int(flat.sum())} of {len(label)} items have features that are all 0, so nothing is similar to them."
        )
        issues = replace(issues, warnings=(*issues.warnings, sentence))
    beside = label[near[issues.index]]
    return NeighborIssues(
        issues=issues,
        neighbors=near[issues.index],
        cosine=cosine[issues.index],
        n_given=(beside == issues.given[:, None]).sum(axis=1),
        n_suggested=(beside == issues.suggested[:, None]).sum(axis=1),
    )


def _named(labels: Iterable[Any], names: Sequence[Hashable] | None) -> tuple[tuple[Hashable, ...], Index]:
    if names is not None:
        listed = tuple(plain(names))
        return listed, coded(labels, names, listed)
    seen, label = indexed(labels, None, "label")
    if len(label) and label.min() < 0:
        raise BadVotes(f"Item {int(np.flatnonzero(label < 0)[0])} has no label; leave such items out of both.")
    return tuple(plain(seen.tolist())), label


def _shares(label: Index, n_labels: int, near: NDArray[np.int32], cosine: Array32, flat: NDArray[np.bool_]) -> Array32:
    """Return the share of each label among the neighbors (n, labels), with one neighbor of the mean mix added.

    An item without features neither has neighbors nor is one.
    """
    n_items, k = near.shape
    shares = np.empty((n_items, n_labels), dtype=np.float32)
    if not n_items:
        return shares
    mix = np.bincount(label, minlength=n_labels) / n_items
    step = max(_CELLS // max(n_labels, k, 1), 1)
    for start in range(0, n_items, step):
        some = slice(start, min(start + step, n_items))
        weight = np.exp((cosine[some] - cosine[some, :1]) / _WIDTH)
        weight[flat[near[some]] | flat[some, None]] = 0.0
        row = np.arange(len(weight))[:, None] * n_labels
        summed = np.bincount((row + label[near[some]]).reshape(-1), weight.reshape(-1), len(weight) * n_labels)
        held = summed.reshape(len(weight), n_labels) + mix
        shares[some] = held / held.sum(axis=1, keepdims=True)
    return shares
