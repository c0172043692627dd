"""Several labels an item: which of them are missing, and which should not be there.

In: labels given (n, k) as 0 and 1, or lists of labels; a model's probability of each label (n, k). Out: `LabelIssues`.
Never: labels that exclude each other; those are for `label_issues`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from goldseam.stats._names import indexed, plain
from goldseam.stats.noise._evidence import from_model
from goldseam.stats.noise._given import Array, Float, Given, Index, names_of, table_of
from goldseam.stats.noise.confident import Joint, tally
from goldseam.stats.noise.issues import Choose, check_choices, chosen
from goldseam.stats.votes import BadVotes


@dataclass(frozen=True, slots=True, eq=False)
class LabelIssues:
    """Labels of items that are likely missing or superfluous, the most likely first; parallel arrays (m,).

    `item` are positions of items, `label` indices of `names`; `missing` says that the item should have the label and was
    not given it, else it should not have it. `score` is 0 to 1, high where the label given is likely wrong, and `model` the
    model's probability of the label. `joints` holds for each label how 'given or not' and 'true or not' go together.
    """

    names: tuple[Hashable, ...]
    item: NDArray[np.int64]
    label: NDArray[np.int64]
    missing: NDArray[np.bool_]
    score: Array
    model: Array
    n_items: int
    joints: tuple[Joint, ...]
    warnings: tuple[str, ...] = ()

    @property
    def n_issues(self) -> int:
        """Number of pairs of item and label listed."""
        return len(self.item)

    @property
    def n_expected(self) -> float | None:
        """How many pairs of item and label are expected to be wrong, over the labels for which this is defined."""
        defined = [joint.n_expected for joint in self.joints if joint.n_expected is not None]
        return sum(defined) if defined else None

    def by_item(self) -> Array:
        """Return for every item the score of its worst label, 0 where none is listed."""
        worst = np.zeros(self.n_items)
        np.maximum.at(worst, self.item, self.score)
        return worst

    def rows(self, limit: int | None = None) -> list[dict[str, object]]:
        """Return plain rows of the first issues: index, label, kind, score, and the reason as a sentence."""
        some = slice(limit)
        columns = zip(
            self.item[some].tolist(), self.label[some].tolist(), self.missing[some].tolist(),
            self.score[some].tolist(), self.model[some].tolist(), strict=True,
        )  # fmt: skip
        return [
            {
                "index": item,
                "label": self.names[label],
                "kind": "missing" if missing else "superfluous",
                "score": score,
                "reason": f"The model gives {self.names[label]!r} {model:.2f}, and it was {'not ' * missing}given.",
            }
            for item, label, missing, score, model in columns
        ]


def multilabel_issues(
    labels: ArrayLike | Iterable[Iterable[Hashable]],
    proba: ArrayLike,
    *,
    names: Sequence[Hashable] | None = None,
    choose: Choose = "likely",
    limit: int | None = None,
) -> LabelIssues:
    """List the labels that are likely missing from items or superfluous, the most likely first.

    Each label is a question of its own, given or not, and treated as `label_issues` does.

    Parameters
    ----------
    labels
        0 and 1, or false and true, for each item and label (n, k); or for each item a list of its labels: positions of the
        columns, or names where `names` has them.
    proba
        A model's probability of each label for each item (n, k), by a model that was not fitted to the item.
    names
        The labels by name, in the order of the columns.
    choose, limit
        As for `label_issues`; 'expected' counts label by label.

    Raises
    ------
    BadVotes
        A probability is not between 0 and 1 (the message says where), or labels do not fit.

    References
    ----------
    Thyagarajan et al. (2023), Identifying incorrect annotations in multi-label classification data.

    Examples
    --------
    >>> proba = [[0.9, 0.1], [0.8, 0.1], [0.1, 0.9], [0.1, 0.8], [0.9, 0.9]]
    >>> found = multilabel_issues([["sun"], ["sun"], ["sea"], ["sea"], ["sea"]], proba, names=["sun", "sea"])
    >>> found.rows()[0]["reason"]
    "The model gives 'sun' 0.90, and it was not given."
    """
    check_choices("evidence", choose, limit)
    table = table_of(proba)
    n_items, n_labels = table.shape
    listed = names_of(names, n_labels)
    _check_cells(table, listed)
    said = _said(labels, n_items, listed, named=names is not None)
    found = [_of_label(said[:, label], table[:, label], listed[label], choose) for label in range(n_labels)]
    item = np.concatenate([np.empty(0, dtype=np.int64), *(rows for rows, _, _ in found)])
    odds = np.concatenate([np.empty(0), *(held for _, held, _ in found)])
    label = np.repeat(np.arange(n_labels), [len(rows) for rows, _, _ in found])
    order = np.lexsort((label, item, -odds))[:limit]
    item, label = item[order], label[order]
    return LabelIssues(
        names=listed,
        item=item,
        label=label,
        missing=~said[item, label],
        score=expit(odds[order]),
        model=table[item, label].astype(np.float64),
        n_items=n_items,
        joints=tuple(joint for _, _, joint in found),
        warnings=tuple(
            f"{name!r}: {joint.reason}" for name, (_, _, joint) in zip(listed, found, strict=True) if joint.reason
        ),
    )


def _of_label(
    said: NDArray[np.bool_], proba: Float, name: Hashable, choose: Choose
) -> tuple[NDArray[np.int64], Array, Joint]:
    """Return the items chosen for one label, their log odds, and its joint."""
    both = np.empty((len(proba), 2), dtype=np.float32 if proba.dtype.itemsize <= 4 else np.float64)
    np.subtract(1.0, proba, out=both[:, 0], casting="unsafe")
    both[:, 1] = proba
    given = Given(said.astype(np.int8), both, (f"not {name}", name))
    counted = tally(given)
    if not len(proba):
        return np.empty(0, dtype=np.int64), np.empty(0), counted.joint
    evidence = from_model(given, counted)
    rows: Index = np.arange(len(proba))
    if choose in ("likely", "confident"):
        rows = evidence.doubtful(given, counted.own) if choose == "likely" else counted.index
    odds, _, _ = evidence.odds(given, rows)
    places = chosen(rows, odds, counted, choose, counted.joint.n_expected)
    return rows[places].astype(np.int64, copy=False), odds[places], counted.joint


def _check_cells(table: Float, names: tuple[Hashable, ...]) -> None:
    for start in range(0, len(table), 1 << 14):
        block = table[start : start + (1 << 14)]
        if block.size and not (block.min() >= 0 and block.max() <= 1):
            row, column = np.argwhere(~((block >= 0) & (block <= 1)))[0]
            raise BadVotes(
                f"Row {start + row} of proba gives {names[column]!r} {float(block[row, column])}; "
                "a probability between 0 and 1 would be right."
            )


def _said(labels: Any, n_items: int, names: tuple[Hashable, ...], *, named: bool) -> NDArray[np.bool_]:  # noqa: ANN401 - sets
    """Return which labels were given (n, k)."""
    if hasattr(labels, "to_numpy"):
        labels = labels.to_numpy()
    if isinstance(labels, np.ndarray) and labels.ndim == 2:
        if labels.shape != (n_items, len(names)):
            raise BadVotes(f"Labels need the shape of proba, ({n_items}, {len(names)}); they have {labels.shape}.")
        wrong = np.argwhere((labels != 0) & (labels != 1))
        if len(wrong):
            row, column = wrong[0]
            raise BadVotes(f"Item {row} has {labels[row, column]!r} for {names[column]!r}; 0 or 1 would be right.")
        return np.asarray(labels, dtype=np.bool_)
    lists = [plain(one) for one in labels]
    if len(lists) != n_items:
        raise BadVotes(
            f"There are {len(lists)} lists of labels and {n_items} rows of proba; each item has one of both."
        )
    return _marked(lists, names, named=named)


def _marked(lists: list[list[Any]], names: tuple[Hashable, ...], *, named: bool) -> NDArray[np.bool_]:
    item = np.repeat(np.arange(len(lists)), [len(one) for one in lists])
    every = [label for one in lists for label in one]
    said = np.zeros((len(lists), len(names)), dtype=np.bool_)
    if not every:
        return said
    place = {name: position for position, name in enumerate(names)}
    if named and not any(label in place for label in every):
        place = {position: position for position in range(len(names))}
    seen, code = indexed(every, None, "label")
    moved = np.array([place.get(name, -1) for name in plain(seen.tolist())] + [-1])
    label = moved[code]
    wrong = np.flatnonzero(label < 0)
    if len(wrong):
        raise BadVotes(f"Item {item[wrong[0]]} is given {every[wrong[0]]!r}, which is not among the labels {names!r}.")
    said[item, label] = True
    return said
