"""Label issues: the items whose label is likely wrong, the most likely first.

In: labels given, a model's probabilities, a crowd's votes, groups. Out: `Issues`.
Never: a label changed; an issue is a reason to look.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit

from goldseam.stats.noise._crowd import Crowd, crowd_of
from goldseam.stats.noise._evidence import from_both, from_model
from goldseam.stats.noise._given import Array, Given, Index, Labels, gathered, given_of
from goldseam.stats.noise.confident import Joint, Tally, shown, tally
from goldseam.stats.noise.groups import Groups, grouped
from goldseam.stats.noise.scores import SCORES
from goldseam.stats.truth import Truth
from goldseam.stats.votes import BadVotes, Votes

Score = Literal["evidence", "self_confidence", "normalized_margin", "weighted_entropy"]
Choose = Literal["likely", "expected", "confident", "all"]

_FEW = 5
"""A label given to fewer items has a threshold that says little."""
_EDGE = 1e-15
"""Scores of the literature stay this far from 0 and 1, so that their log odds are finite."""
_MANY = 100
"""From so many items on it is odd that a model agrees with every label."""


@dataclass(frozen=True, slots=True, eq=False)
class Issues:
    """Items whose label is likely wrong, the most likely first; parallel arrays (m,).

    `index` are positions of items, `given` and `suggested` indices of `names`, and `score` is 0 to 1, high where the label
    is likely wrong. `model` (m, 2) holds the model's probabilities of the label given and the one suggested, `votes`
    (m, 2) the crowd's. `n_expected` is how many of the `n_items` are expected to be wrong, listed or not; None where that
    is undefined, with the `reason`. `label` (n,) is the label given to every item.
    """

    names: tuple[Hashable, ...]
    index: NDArray[np.int64]
    given: NDArray[np.int64]
    suggested: NDArray[np.int64]
    score: Array
    model: Array
    votes: Array | None
    label: Index
    n_expected: float | None
    reason: str
    joint: Joint
    groups: Groups | None = None
    warnings: tuple[str, ...] = ()

    @property
    def n_items(self) -> int:
        """Number of items looked at."""
        return len(self.label)

    @property
    def n_issues(self) -> int:
        """Number of items listed."""
        return len(self.index)

    def mask(self) -> NDArray[np.bool_]:
        """Return for every item whether it is listed."""
        listed = np.zeros(self.n_items, dtype=np.bool_)
        listed[self.index] = True
        return listed

    def by(self, groups: Iterable[Any], *, level: float = 0.95) -> Groups:
        """Return the issues by group: `groups` has each item's annotator, source or segment."""
        return grouped(self.index, self.suggested, self.label, self.names, groups, level)

    def rows(self, limit: int | None = None) -> list[dict[str, object]]:
        """Return plain rows of the first issues: index, given, suggested, score, and the reason as a sentence."""
        some = slice(limit)
        columns = zip(
            self.index[some].tolist(), self.given[some].tolist(), self.suggested[some].tolist(),
            self.score[some].tolist(), strict=True,
        )  # fmt: skip
        return [
            {
                "index": index,
                "given": self.names[given],
                "suggested": self.names[other],
                "score": score,
                "reason": self._because(place, given, other),
            }
            for place, (index, given, other, score) in enumerate(columns)
        ]

    def _because(self, place: int, given: int, other: int) -> str:
        one, two = repr(self.names[given]), repr(self.names[other])
        text = (
            f"The model gives {two} {self.model[place, 1]:.2f} and {one}, the label given, {self.model[place, 0]:.2f}"
        )
        if self.votes is None:
            return f"{text}."
        return f"{text}; the votes give them {self.votes[place, 1]:.2f} and {self.votes[place, 0]:.2f}."


def label_issues(
    labels: Labels,
    proba: ArrayLike,
    *,
    names: Sequence[Hashable] | None = None,
    groups: Iterable[Any] | None = None,
    crowd: Truth | Votes | ArrayLike | None = None,
    score: Score = "evidence",
    choose: Choose = "likely",
    limit: int | None = None,
) -> Issues:
    """List the items whose label is likely wrong, the most likely first.

    Parameters
    ----------
    labels
        Labels given: positions of the columns of `proba`, or names where `names` has them. A `Truth` or a posterior
        (n, k) gives each item its most probable label, and counts as `crowd` too.
    proba
        A model's probabilities (n, k), for each item by a model that was not fitted to it (out-of-fold); each row sums to 1.
    names
        The labels by name, in the order of the columns.
    groups
        Each item's annotator, source or segment: `Issues.groups` then says whose labels are wrong more often.
    crowd
        Votes on the same items, or what was inferred from them: a `Truth` or a posterior (n, k). Both sources are combined;
        how much either counts is learned where the votes themselves are given, by what they say that were held out.
    score
        What orders them: 'evidence' (see below), or 1 minus a score of the literature.
    choose
        'likely': those with a score above 0.5; 'expected': as many as are expected to be wrong; 'confident': those counted
        off the diagonal of the confident joint; 'all': every item.
    limit
        The most items to list.

    Returns
    -------
    Issues
        The evidence averages, in log odds, two readings of the recalibrated probabilities: the posterior of the true label
        given the label given, by the noise matrix, and the probability relative to what the model usually gives the label.

    Raises
    ------
    BadVotes
        A row of `proba` is not finite, negative or does not sum to 1 (the message names it), or the parts do not fit.

    References
    ----------
    Northcutt, Jiang and Chuang (2021), Confident learning, JAIR 70.

    Examples
    --------
    >>> proba = [[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.1, 0.9]]
    >>> found = label_issues(["cat", "cat", "cat", "dog", "dog"], proba, names=["cat", "dog"])
    >>> found.rows()[0]["index"], found.rows()[0]["reason"]
    (2, "The model gives 'dog' 0.90 and 'cat', the label given, 0.10.")
    """
    check_choices(score, choose, limit)
    given = given_of(labels, proba, names)
    votes = crowd_of(given, labels if crowd is None and given.soft is not None else crowd)
    return issues_of(given, votes=votes, groups=groups, score=score, choose=choose, limit=limit)


def issues_of(
    given: Given,
    *,
    votes: Crowd | None = None,
    groups: Iterable[Any] | None = None,
    score: Score = "evidence",
    choose: Choose = "likely",
    limit: int | None = None,
) -> Issues:
    """Return the issues of labels and probabilities that were checked."""
    counted = tally(given)
    found = _ranked(given, counted, votes, score, choose)
    index, suggested, n_expected = found.index[:limit], found.suggested[:limit], found.n_expected
    given_label = given.label[index].astype(np.int64)
    both = np.stack([given_label, suggested], axis=1)
    return Issues(
        names=given.names,
        index=index,
        given=given_label,
        suggested=suggested,
        score=expit(found.odds[:limit]),
        model=np.stack([counted.own[index], found.proba[:limit]], axis=1).astype(np.float64),
        votes=None if votes is None else votes.posterior[index[:, None], both],
        label=given.label,
        n_expected=n_expected,
        reason="" if n_expected is not None else counted.joint.reason,
        joint=counted.joint,
        groups=None if groups is None else grouped(index, suggested, given.label, given.names, groups, 0.95),
        warnings=_warnings(given, counted, votes),
    )


def check_choices(score: str, choose: str, limit: int | None) -> None:
    """Refuse options that name nothing."""
    if score != "evidence" and score not in SCORES:
        raise BadVotes(f"score={score!r}: 'evidence' or one of {', '.join(map(repr, SCORES))} would be right.")
    if choose not in ("likely", "expected", "confident", "all"):
        raise BadVotes(f"choose={choose!r}: 'likely', 'expected', 'confident' or 'all' would be right.")
    if limit is not None and limit < 0:
        raise BadVotes(f"limit={limit}: a number of items, 0 or more, would be right.")


@dataclass(frozen=True, slots=True, eq=False)
class _Ranked:
    """Items chosen, in order: positions, labels suggested, log odds, the model's probability of those labels."""

    index: NDArray[np.int64]
    suggested: NDArray[np.int64]
    odds: Array
    proba: Array
    n_expected: float | None


def _ranked(given: Given, counted: Tally, votes: Crowd | None, score: str, choose: str) -> _Ranked:
    """Choose and order the items."""
    n_expected = counted.joint.n_expected
    if given.n_items == 0 or given.n_labels < 2:
        none = np.empty(0, dtype=np.int64)
        return _Ranked(none, none, np.empty(0), np.empty(0), n_expected)
    if score != "evidence":
        odds = -logit(np.clip(SCORES[score](given), _EDGE, 1.0 - _EDGE))
        rows = chosen(np.arange(given.n_items), odds, counted, choose, n_expected)
        return _Ranked(rows, *_best_other(given, rows, odds[rows]), n_expected)
    evidence = from_model(given, counted) if votes is None else from_both(given, votes)
    if votes is None and choose == "likely":
        every = evidence.doubtful(given, counted.own)
    else:
        every = counted.index if votes is None and choose == "confident" else np.arange(given.n_items)
    odds, other, proba = evidence.odds(given, every)
    if votes is not None:
        n_expected = float(expit(odds).sum())
    places = chosen(every, odds, counted, choose, n_expected)
    return _Ranked(every[places], other[places], odds[places], proba[places], n_expected)


def chosen(rows: Index, odds: Array, counted: Tally, choose: str, n_expected: float | None) -> NDArray[np.int64]:
    """Return places in `rows` (which ascend), the most likely wrong first; equal ones stay in the order of the items."""
    match choose:
        case "likely":
            places = np.flatnonzero(odds > 0)
        case "confident":
            places = np.flatnonzero(np.isin(rows, counted.index))
        case _:
            places = np.arange(len(rows))
    ordered = places[descending(odds[places])]
    return ordered[: round(n_expected or 0.0)] if choose == "expected" else ordered


def descending(values: Array) -> NDArray[np.int64]:
    """Return the order from the largest value to the smallest, of equal ones the first first."""
    order = np.argsort(-values)
    if (np.diff(values[order]) == 0).any():  # the quick order does not keep equal ones as they stand
        return np.argsort(-values, kind="stable")
    return order


def _best_other(given: Given, rows: Index, odds: Array) -> tuple[NDArray[np.int64], Array, Array]:
    best, beside = np.empty(len(rows), dtype=np.int64), np.empty(len(rows))
    start = 0
    for part, block in gathered(given, rows):
        some = slice(start, start + len(part))
        block[np.arange(len(part)), given.label[part]] = -1.0
        best[some] = block.argmax(axis=1)
        beside[some] = block[np.arange(len(part)), best[some]]
        start = some.stop
    return best, odds, beside


def _warnings(given: Given, counted: Tally, votes: Crowd | None) -> tuple[str, ...]:
    found = list(counted.joint.warnings)
    many = np.bincount(given.label, minlength=given.n_labels) if given.n_items else np.zeros(0)
    few = [repr(name) for name, n in zip(given.names, many.tolist(), strict=False) if 0 < n < _FEW]
    if few:
        found.append(f"Given to fewer than {_FEW} items, so what is usual for them is uncertain: {shown(few)}.")
    if given.n_items >= _MANY and not len(counted.apart):
        found.append("The model agrees with every label given: was it fitted to these very items?")
    if votes is not None and votes.silent.any():
        found.append(
            f"{int(votes.silent.sum())} of {given.n_items} items have no votes; the model alone speaks about them."
        )
    return tuple(found)
