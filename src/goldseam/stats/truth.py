"""Truth inference: the label behind the votes, and how far each annotator can be believed.

In: `Votes`; items already known (gold), a prior, a model's probabilities. Out: `Truth`.
Never: chance; ties go to the label with more votes over all items, then to the first in order.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goldseam.stats import _em
from goldseam.stats._em import Fit, Known, Stop
from goldseam.stats.votes import BadVotes, Names, Votes

Array = NDArray[np.float64]
Gold = Mapping[Any, Hashable]
Prior = Literal["learned", "flat"] | ArrayLike

_TIE = 1e-9
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Truth:
    """What the votes say.

    `posterior` (n_items, n_labels) sums to 1 per item; `label` is the index of its largest entry and `confidence` that
    entry. An item without votes (`n_votes` 0) has the prior. `reliability` is each annotator's expected accuracy, and
    `confusion` (n_annotators, true label, label said) its probabilities, where the method has them.
    `log_likelihood` is None for methods without a model. `warnings` are sentences for people.
    """

    items: Names
    labels: tuple[Hashable, ...]
    posterior: Array
    label: NDArray[np.int32]
    confidence: Array
    annotators: Names
    reliability: Array
    confusion: Array | None
    iterations: int
    log_likelihood: float | None
    n_votes: NDArray[np.int64]
    method: str
    warnings: tuple[str, ...] = ()

    def names(self) -> list[Hashable]:
        """Return each item's label by name."""
        return [self.labels[index] for index in self.label]


Method = Callable[..., Truth]


def majority(votes: Votes, *, gold: Gold | None = None) -> Truth:
    """Let every vote count the same: the posterior is the share of votes.

    Examples
    --------
    >>> majority(Votes.from_matrix([[0, 0, 1], [1, 1, 1]])).names()
    [0, 1]
    """
    _check_labels(votes)
    known = _known(votes, gold, "flat", None)
    posterior = _shares_of_votes(votes, None)
    _em.clamp(posterior, known)
    return _truth(votes, posterior, _agreeing(votes, posterior), "majority")


def weighted(votes: Votes, weights: ArrayLike | None = None, *, gold: Gold | None = None) -> Truth:
    """Let votes count by annotator: by `weights` given, or by each annotator's agreement with the majority (Wawa)."""
    first = majority(votes, gold=gold)
    given = first.reliability if weights is None else np.asarray(weights, dtype=np.float64)
    if given.shape != (votes.n_annotators,) or (given < 0).any() or not np.isfinite(given).all():
        raise BadVotes(f"weights need one number per annotator, {votes.n_annotators}, none negative.")
    posterior = _shares_of_votes(votes, given)
    _em.clamp(posterior, _known(votes, gold, "flat", None))
    return _truth(votes, posterior, _agreeing(votes, posterior), "weighted")


def dawid_skene(
    votes: Votes,
    *,
    gold: Gold | None = None,
    prior: Prior = "learned",
    model: ArrayLike | None = None,
    smoothing: float = 0.5,
    max_iterations: int = 100,
    tolerance: float = 1e-6,
) -> Truth:
    r"""Infer a confusion matrix per annotator and the truth together.

    Maximizes :math:`\prod_i \sum_k p_k \prod_v \pi^{a(v)}_{k\,l(v)}` over the label shares p and the confusions
    :math:`\pi` by EM from the majority's shares, with `smoothing` votes from the whole crowd's confusion added to each
    row (maximum a posteriori); 0 comes close to maximum likelihood.

    Parameters
    ----------
    gold
        Items whose label is known: {item: label}. They stay as they are, and teach the confusions.
    prior
        'learned', 'flat', or probabilities (n_labels,) or (n_items, n_labels).
    model
        A model's probabilities (n_items, n_labels), from a model that was not fitted to the same items' votes: one more
        voter, whose probabilities are raised to the power at which they fit the others best.
    tolerance
        Stop when the log likelihood moves by less than this share of itself.

    Raises
    ------
    BadVotes
        An option does not fit the votes, or the confusions would not fit into memory.

    References
    ----------
    Dawid and Skene (1979), Applied Statistics 28; Kim and Ghahramani (2012) for priors on confusion;
    Raykar et al. (2010) for the model.
    """
    known, start = _prepared(votes, gold, prior, model, smoothing)
    if votes.n_items == 0:
        return _truth(votes, start, _agreeing(votes, start), "dawid_skene")
    if max_iterations < 1:
        raise BadVotes(f"max_iterations={max_iterations}: at least 1 would be right.")
    fit = _em.dawid_skene(votes, start, known, smoothing, Stop(max_iterations, tolerance))
    return _of_fit(votes, fit, "dawid_skene")


def one_coin(
    votes: Votes,
    *,
    gold: Gold | None = None,
    prior: Prior = "flat",
    model: ArrayLike | None = None,
    smoothing: float = 1.0,
    max_iterations: int = 100,
    tolerance: float = 1e-6,
) -> Truth:
    """Infer one accuracy per annotator and the truth together; wrong votes fall on all other labels alike.

    Steadier than Dawid-Skene with few votes per annotator; blind to labels that are mistaken for each other.
    The options are those of `dawid_skene`.
    """
    known, start = _prepared(votes, gold, prior, model, smoothing)
    if votes.n_items == 0:
        return _truth(votes, start, _agreeing(votes, start), "one_coin")
    if max_iterations < 1:
        raise BadVotes(f"max_iterations={max_iterations}: at least 1 would be right.")
    fit = _em.one_coin(votes, start, known, smoothing, Stop(max_iterations, tolerance))
    return _of_fit(votes, fit, "one_coin")


def infer(votes: Votes, *, gold: Gold | None = None, prior: Prior = "learned", model: ArrayLike | None = None) -> Truth:
    """Infer the truth by the default method: the mean posterior of several models that fail on different crowds.

    Confusions and reliability are those of the Dawid-Skene member. Where its confusions would not fit into memory
    (very many labels), one-coin alone decides.
    """
    if votes.n_annotators * votes.n_labels**2 > _em.MAX_CONFUSION_CELLS // 4:
        return one_coin(votes, gold=gold, prior=prior, model=model)
    full = dawid_skene(votes, gold=gold, prior=prior, model=model, smoothing=1.0)
    early = dawid_skene(votes, gold=gold, prior=prior, model=model, smoothing=2.0, max_iterations=3, tolerance=0.0)
    coin = one_coin(votes, gold=gold, prior="flat" if isinstance(prior, str) else prior, model=model)
    posterior = (full.posterior + early.posterior + coin.posterior) / 3
    mixed = _truth(votes, posterior, full.reliability, "infer", warnings=full.warnings)
    return Truth(
        items=mixed.items,
        labels=mixed.labels,
        posterior=posterior,
        label=mixed.label,
        confidence=mixed.confidence,
        annotators=mixed.annotators,
        reliability=full.reliability,
        confusion=full.confusion,
        iterations=full.iterations,
        log_likelihood=full.log_likelihood,
        n_votes=mixed.n_votes,
        method="infer",
        warnings=mixed.warnings,
    )


METHODS: dict[str, Method] = {
    "infer": infer,
    "majority": majority,
    "weighted": weighted,
    "dawid_skene": dawid_skene,
    "one_coin": one_coin,
}
"""Every method by name; each takes votes and gold=."""


def _prepared(
    votes: Votes, gold: Gold | None, prior: Prior, model: ArrayLike | None, smoothing: float
) -> tuple[Known, Array]:
    _check_labels(votes)
    if smoothing < 0:
        raise BadVotes(f"smoothing={smoothing}: a number of votes, 0 or more, would be right.")
    known = _known(votes, gold, prior, model)
    start = _shares_of_votes(votes, None)
    if model is not None:
        many = votes.votes_per_item()[:, None]
        start = (start * many + _probabilities(votes, model)) / (many + 1)
    _em.clamp(start, known)
    return known, start


def _check_labels(votes: Votes) -> None:
    if votes.n_labels == 0 and votes.n_items:
        raise BadVotes("There are items but no labels: give labels= the names that may be chosen.")


def _known(votes: Votes, gold: Gold | None, prior: Prior, model: ArrayLike | None) -> Known:
    item, label = _gold_indices(votes, gold or {})
    log_prior = _log_prior(votes, prior)
    if model is None:
        return Known(log_prior, item, label, None)
    proba = _probabilities(votes, model)
    shares = proba.mean(axis=0) if log_prior is None and len(proba) else np.ones(votes.n_labels)
    return Known(log_prior, item, label, np.asarray(np.log(proba / shares)))


def _gold_indices(votes: Votes, gold: Gold) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    if not gold:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    places = {name: index for index, name in enumerate(votes.items.tolist())}
    codes = {name: index for index, name in enumerate(votes.labels)}
    for item, label in gold.items():
        if item not in places:
            raise BadVotes(f"Gold names the item {item!r}, which is not among the {votes.n_items} items of the votes.")
        if label not in codes:
            raise BadVotes(f"Gold gives {item!r} the label {label!r}, which is not among the labels {votes.labels!r}.")
    found = [(places[item], codes[label]) for item, label in gold.items()]
    table = np.array(found, dtype=np.int64)
    return table[:, 0], table[:, 1]


def _log_prior(votes: Votes, prior: Prior) -> Array | None:
    if isinstance(prior, str):
        if prior not in ("learned", "flat"):
            raise BadVotes(f"prior={prior!r}: 'learned', 'flat' or probabilities would be right.")
        return None if prior == "learned" else np.zeros(votes.n_labels)
    table = np.asarray(prior, dtype=np.float64)
    if table.shape not in ((votes.n_labels,), (votes.n_items, votes.n_labels)):
        raise BadVotes(f"A prior needs the shape ({votes.n_labels},) or ({votes.n_items}, {votes.n_labels}).")
    return np.asarray(np.log(_rows(table, "prior")))


def _probabilities(votes: Votes, model: ArrayLike) -> Array:
    table = np.asarray(model, dtype=np.float64)
    if table.shape != (votes.n_items, votes.n_labels):
        raise BadVotes(
            f"A model's probabilities need the shape ({votes.n_items}, {votes.n_labels}), not {table.shape}."
        )
    return _rows(table, "model")


def _rows(table: Array, what: str) -> Array:
    """Return rows that sum to 1, without zeros."""
    if not np.isfinite(table).all() or (table < 0).any() or not (table.sum(axis=-1) > 0).all():
        raise BadVotes(f"The probabilities of the {what} must be finite, not negative, and above 0 in sum per row.")
    floor = np.maximum(table / table.sum(axis=-1, keepdims=True), _TINY)
    return np.asarray(floor / floor.sum(axis=-1, keepdims=True))


def _shares_of_votes(votes: Votes, weights: Array | None) -> Array:
    """Return each item's share of (weighted) votes per label; items without any get the same share for all labels."""
    if weights is None:
        counts = votes.counts().astype(np.float64)
    else:
        cell = votes.item.astype(np.int64) * votes.n_labels + votes.label
        summed = np.bincount(cell, weights=weights[votes.annotator], minlength=votes.n_items * votes.n_labels)
        counts = summed.astype(np.float64, copy=False).reshape(votes.n_items, votes.n_labels)
    total = counts.sum(axis=1, keepdims=True)
    return np.where(total > 0, counts / np.where(total > 0, total, 1.0), 1.0 / max(votes.n_labels, 1))


def _agreeing(votes: Votes, posterior: Array) -> Array:
    """Return how far each annotator's votes agree with the posterior; without votes, the mean of all votes."""
    at_vote = posterior[votes.item, votes.label]
    many = votes.votes_per_annotator()
    total = np.bincount(votes.annotator, weights=at_vote, minlength=votes.n_annotators)
    overall = float(at_vote.mean()) if votes.n_votes else 1.0 / max(votes.n_labels, 1)
    return np.where(many > 0, total / np.maximum(many, 1), overall)


def _of_fit(votes: Votes, fit: Fit, method: str) -> Truth:
    warnings = () if fit.converged else (f"Stopped after {fit.iterations} iterations, before it settled.",)
    return _truth(votes, fit.posterior, fit.reliability, method, fit=fit, warnings=warnings)


def _truth(
    votes: Votes,
    posterior: Array,
    reliability: Array,
    method: str,
    *,
    fit: Fit | None = None,
    warnings: tuple[str, ...] = (),
) -> Truth:
    n_votes = votes.votes_per_item()
    silent = int((n_votes == 0).sum())
    if silent:
        warnings = (*warnings, f"{silent} of {votes.n_items} items have no votes; they carry the prior.")
    confidence = posterior.max(axis=1, initial=0.0)
    label = posterior.argmax(axis=1) if votes.n_labels else np.zeros(votes.n_items)
    tied = posterior >= (confidence - _TIE)[:, None]
    several = np.flatnonzero(tied.sum(axis=1) > 1)
    if len(several):
        popular = np.bincount(votes.label, minlength=votes.n_labels)
        label[several] = np.where(tied[several], popular, -1).argmax(axis=1)
    return Truth(
        items=votes.items,
        labels=votes.labels,
        posterior=posterior,
        label=label.astype(np.int32),
        confidence=confidence,
        annotators=votes.annotators,
        reliability=reliability,
        confusion=None if fit is None else fit.confusion,
        iterations=0 if fit is None else fit.iterations,
        log_likelihood=None if fit is None else fit.log_likelihood,
        n_votes=n_votes,
        method=method,
        warnings=warnings,
    )
