"""Objects: which of the things that annotators marked are there, and who overlooks or invents them.

In: candidates (clusters of marks), who marked them under which label, who looked at which item. Out: `Fit`.
Never: a candidate's own words or pixels; only who marked it counts.

Every item holds real objects, as many as chance (Poisson) brings, each as easy to see as chance made it: an annotator
marks an object of ease t with the probability sigmoid(logit t + r), where r is the annotator's own. The ease follows a
Beta(a, b) with a >= 1: objects that nobody would see may not be more and more frequent the harder they are, for then
nothing would tell a hard object from an invented one. An invented object comes from one annotator, who brings so many per
item, and each other annotator repeats it with a small probability. Labels follow the annotators' confusions on real
objects, and one distribution on invented ones. All of it is learned by EM; objects that nobody marked are counted in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.special import expit

from goldseam.stats._neighbors import Index, summed
from goldseam.stats.truth._naming import Naming
from goldseam.stats.truth.record import Array

N_EASES = 12
_EASE = (np.arange(N_EASES) + 0.5) / N_EASES
_EASE_LOGIT = np.log(_EASE / (1 - _EASE))
_REPEATS = (1.0, 9.0)
"""Before any data an invented object counts as repeated by 1 of 10 others: the prior of a Beta distribution."""
_MOST_REPEATS = 0.2
"""What more than that of the others repeat is not invented."""
_POOLED_ITEMS = 2.0
"""Each annotator's rate of inventions is pooled with that of the crowd over so many items."""
_USUAL = (10.0, 0.1)
"""Before any data 1 of 10 marks is invented, which counts as much as 10 looks: where every item was looked at once,
nothing else says which marks are real."""
_SPREAD = (2.0, 0.25)
"""The variance of annotators' own r is pooled with one of 0.25 from 2 annotators."""
_LEAST, _MOST = (1.0, 0.1), (50.0, 50.0)
"""Bounds of a and b."""
_SOME = 1.0
"""One object spread over all eases keeps a and b finite."""
_NEWTON_STEPS = 3
_TINY = 1e-12
_FEW = 32


@dataclass(frozen=True, slots=True)
class Looks:
    """Who looked at which item: each pair once, in order of item."""

    item: Index
    annotator: Index
    n_items: int
    n_annotators: int

    def matrix(self) -> csr_array:
        """Return the matrix (n_items, n_annotators) that has a 1 for each look."""
        return _ones(self.item, self.annotator, self.n_items, self.n_annotators)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Things that may be there: `item` (n_candidates,) in order, and who marked which under which label."""

    item: Index
    mark: Index
    annotator: Index
    label: Index
    n_labels: int

    @property
    def n_candidates(self) -> int:
        """Number of candidates."""
        return len(self.item)


@dataclass(frozen=True, slots=True)
class Fit:
    """What EM ended with: `real` (n_candidates,), `by_label` (n_candidates, n_labels) given real, and the annotators."""

    real: Array
    by_label: Array
    recall: Array
    invented: Array
    confusion: Array | None
    per_item: float
    iterations: int
    log_likelihood: float
    converged: bool


@dataclass(slots=True)
class _State:
    """What EM moves: first the annotators and the crowd, then what is believed of each candidate.

    `own` is r of each annotator and `spread` its variance, `invented` the inventions per item, `repeats` the chance that
    another repeats one, `ease` a and b, `per_item` the real objects of an item, seen or not; `shares` and
    `invented_shares` are those of the labels.
    """

    own: Array
    spread: float
    invented: Array
    repeats: float
    ease: tuple[float, float]
    per_item: float
    shares: Array
    invented_shares: Array
    real: Array
    by_label: Array


def infer(
    found: Candidates, looks: Looks, *, smoothing: float = 5.0, max_iterations: int = 200, tolerance: float = 1e-4
) -> Fit:
    """Infer which candidates are real, by EM from the number of their marks.

    `smoothing` is how many marks of the whole crowd count for each annotator's confusion of labels; it stops when the log
    likelihood of a candidate moves by less than `tolerance` in the mean.
    """
    counts = _Counts(found, looks, smoothing)
    state = _start(counts)
    before, converged, iteration = -np.inf, False, 0
    for iteration in range(1, max_iterations + 1):  # noqa: B007 - how many there were is part of the result
        in_items, log_likelihood = _expect(state, counts)
        _maximize(state, counts, in_items)
        converged = abs(log_likelihood - before) <= tolerance * max(found.n_candidates, 1)
        before = log_likelihood
        if converged:
            break
    return Fit(
        real=state.real,
        by_label=state.by_label,
        recall=np.asarray(_chances(state) @ _levels(state.ease)),
        invented=state.invented,
        confusion=counts.naming.confusion(state.by_label, state.real),
        per_item=state.per_item,
        iterations=iteration,
        log_likelihood=before,
        converged=converged,
    )


class _Counts:
    """What stays the same from step to step."""

    def __init__(self, found: Candidates, looks: Looks, smoothing: float) -> None:
        self.found, self.looks = found, looks
        n = found.n_candidates
        self.marks = np.bincount(found.mark, minlength=n).astype(np.float64)
        self.lookers = np.bincount(looks.item, minlength=looks.n_items)[found.item].astype(np.float64)
        self.items_of = np.bincount(looks.annotator, minlength=looks.n_annotators).astype(np.float64)
        self.usual = _USUAL[1] * len(found.mark) / max(len(looks.item), 1)
        shape = (n, looks.n_annotators, found.n_labels)
        self.naming = Naming(found.mark, found.annotator, found.label, shape, smoothing)
        self.who = looks.matrix()
        self.where = csr_array(self.who.T)
        # what is believed of an object's ease depends on its item and the number of its marks only
        most = int(self.marks.max(initial=0)) + 1
        kinds, kind = np.unique(found.item * most + self.marks.astype(np.int64), return_inverse=True)
        self.kind, self.kind_item, self.kind_marks = kind.reshape(-1), kinds // most, kinds % most
        self.inside = _ones(self.kind_item, np.arange(len(kinds)), looks.n_items, len(kinds))

    def sums(self, values: Array) -> Array:
        """Return the sum over each annotator's marks of a value per candidate."""
        return summed(self.found.annotator, values[self.found.mark], self.looks.n_annotators)


def _ones(row: Index, column: Index, n_rows: int, n_columns: int) -> csr_array:
    return csr_array(coo_array((np.ones(len(row)), (row, column)), shape=(n_rows, n_columns)))


def _start(counts: _Counts) -> _State:
    """Return a start: what several marked is probably there; what one of several marked, perhaps not."""
    found, looks = counts.found, counts.looks
    real = np.where((counts.marks > 1) | (counts.lookers <= 1), 0.9, 0.4)
    said = np.zeros((found.n_candidates, found.n_labels))
    np.add.at(said, (found.mark, found.label), 1.0)
    share = np.bincount(found.label, minlength=found.n_labels) + 1.0
    return _State(
        own=np.zeros(looks.n_annotators),
        spread=_SPREAD[1],
        invented=np.full(looks.n_annotators, counts.usual + _TINY),
        repeats=0.05,
        ease=(1.0, 1.0),
        per_item=(float(real.sum()) + 0.5) / max(looks.n_items, 1),
        shares=share / share.sum(),
        invented_shares=share / share.sum(),
        real=real,
        by_label=said / np.maximum(counts.marks, 1.0)[:, None],
    )


def _expect(state: _State, counts: _Counts) -> tuple[Array, float]:
    """Set what is believed of each candidate.

    Return the expected real objects of each item and ease (n_items, N_EASES), marked or not, and the log likelihood.
    """
    found, kind_item = counts.found, counts.kind_item
    levels = _levels(state.ease)
    missed = counts.who @ np.log1p(-_chances(state))  # of an object of each ease in each item: that nobody marks it
    eases = missed[kind_item] + counts.kind_marks[:, None] * _EASE_LOGIT + np.log(levels)
    labels = counts.naming.logits(state.by_label, state.real) + np.log(state.shares)
    seen, said = _normalized(eases), _normalized(labels)
    own = summed(found.mark, state.own[found.annotator], found.n_candidates)
    real = np.log(state.per_item) + seen[counts.kind] + own + said
    told = summed(found.mark, np.log(state.invented_shares)[found.label], found.n_candidates)
    source = summed(found.mark, state.invented[found.annotator], found.n_candidates)
    others = counts.lookers - counts.marks
    invented = np.log(source + _TINY) + told
    invented += (counts.marks - 1) * np.log(state.repeats) + others * np.log1p(-state.repeats)
    evidence = np.logaddexp(real, invented)
    state.real = np.exp(real - evidence)
    state.by_label = labels
    unseen = state.per_item * levels * np.exp(missed)
    expected = state.per_item * counts.looks.n_items - unseen.sum() + (state.invented * counts.items_of).sum()
    in_items = counts.inside @ (eases * summed(counts.kind, state.real, len(kind_item))[:, None]) + unseen
    return in_items, float(evidence.sum() - expected)


def _maximize(state: _State, counts: _Counts, in_items: Array) -> None:
    """Set the annotators and the crowd from what is believed."""
    found, looks = counts.found, counts.looks
    by_ease = in_items.sum(axis=0)
    state.per_item = float(by_ease.sum() + _TINY) / max(looks.n_items, 1)
    state.ease = _ease_of(by_ease, state.ease)
    state.shares = _shares((state.by_label * state.real[:, None]).sum(axis=0))
    chances = _chances(state)
    asked = counts.where @ in_items  # real objects of each ease that each annotator could have marked
    slope = counts.sums(state.real) - (asked * chances).sum(axis=1) - state.own / state.spread
    bend = (asked * chances * (1 - chances)).sum(axis=1) + 1 / state.spread
    state.own = state.own + np.clip(slope / bend, -1.0, 1.0)
    many, spread = _SPREAD
    state.spread = float((state.own**2 + 1 / bend).sum() + many * spread) / (looks.n_annotators + many)
    false = 1 - state.real
    source = summed(found.mark, state.invented[found.annotator], found.n_candidates)
    brought = counts.sums(false / (source + _TINY)) * state.invented
    pooled = (float(brought.sum()) + _USUAL[0] * counts.usual) / (float(counts.items_of.sum()) + _USUAL[0])
    state.invented = (brought + _POOLED_ITEMS * pooled + _TINY) / (counts.items_of + _POOLED_ITEMS)
    repeated, asked_again = (false * (counts.marks - 1)).sum(), (false * (counts.lookers - 1)).sum()
    state.repeats = min(float(repeated + _REPEATS[0]) / float(asked_again + sum(_REPEATS)), _MOST_REPEATS)
    state.invented_shares = _shares(summed(found.label, false[found.mark], found.n_labels))


def _chances(state: _State) -> Array:
    """Return the chance of each annotator to mark an object of each ease."""
    return np.asarray(expit(_EASE_LOGIT + state.own[:, None]))


def _levels(ease: tuple[float, float]) -> Array:
    a, b = ease
    logs = (a - 1) * np.log(_EASE) + (b - 1) * np.log(1 - _EASE)
    levels = np.exp(logs - logs.max())
    return np.asarray(levels / levels.sum())


def _ease_of(by_ease: Array, ease: tuple[float, float]) -> tuple[float, float]:
    """Return the a and b under which so many objects of each ease are most likely, by Newton's method within bounds."""
    logs = np.stack([np.log(_EASE), np.log(1 - _EASE)])
    weights = by_ease + _SOME / N_EASES
    total = weights.sum()
    now = np.array(ease)
    for _ in range(_NEWTON_STEPS):
        levels = _levels((now[0], now[1]))
        mean = logs @ levels
        slope = logs @ weights - total * mean
        bend = total * ((logs * levels) @ logs.T - np.outer(mean, mean))
        step = np.linalg.solve(bend, slope)
        if now[0] + step[0] <= _LEAST[0]:  # at the bound of a, only b may still move
            step = np.array([_LEAST[0] - now[0], (slope[1] - bend[1, 0] * (_LEAST[0] - now[0])) / bend[1, 1]])
        now = np.clip(now + np.clip(step, -now / 2, 2 * now), _LEAST, _MOST)
    return float(now[0]), float(now[1])


def _normalized(logits: Array) -> Array:
    """Turn rows of logits into probabilities, in place; return the logarithm of what each row was divided by."""
    if logits.shape[1] > _FEW:
        top = logits.max(axis=1)
    else:  # over a few columns this is much faster than along many short rows
        top = logits[:, 0].copy()
        for column in range(1, logits.shape[1]):
            np.maximum(top, logits[:, column], out=top)
    logits -= top[:, None]
    np.exp(logits, out=logits)
    total = logits.sum(axis=1)
    logits /= total[:, None]
    return np.asarray(top + np.log(total))


def _shares(weights: Array) -> Array:
    total = weights + 1.0
    return np.asarray(total / total.sum())
