"""Weak supervision: labels from many small functions that vote or abstain, and what each function is worth.

In: a matrix of votes, items by labeling functions, or `Votes`; gold where there is some. Out: `LabelModel`, a truth that can
also be asked about new items; `Analysis`, one row a function. Never: a function counted twice because it was copied; a claim
about a row on which no function votes.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goldseam.stats._weak_analysis import Analysis, analyze, listed
from goldseam.stats._weak_design import FIT_ROWS, Columns, columns_of, patterns_of
from goldseam.stats._weak_evidence import TRUST, Balance, believed
from goldseam.stats._weak_fit import Fitted, fit
from goldseam.stats._weak_gold import Gold, Known, known_of
from goldseam.stats._weak_posterior import Inferred, infer, polish
from goldseam.stats._weak_table import Table, aligned, table_of
from goldseam.stats._weak_worth import confusion_of, expected_votes, reliability_of
from goldseam.stats.truth.record import Truth
from goldseam.stats.votes import BadVotes, Names

__all__ = ["Analysis", "CorrelatedPair", "LabelModel", "analysis", "label_model"]

Array = NDArray[np.float64]
Prior = Literal["learned", "flat"] | ArrayLike
Correlations = Literal["learn"] | None

_WORTH_NAMING = 0.1
"""Pairs that repeat less of each other than this are not listed."""
_LEAST_SHARE = 1e-12
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class CorrelatedPair:
    """Two functions that agree more often than the label behind the items explains.

    `repeats` is the share, 0 to 1, of the votes of the one that speaks less which the other only repeats; 1 is a copy.
    """

    first: Hashable
    second: Hashable
    repeats: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelModel(Truth):
    """What labeling functions say together: a `Truth` whose annotators are the functions, and that answers for new rows.

    `balance` (n_labels,) are the shares of the labels: given, or learned with a pull to equal ones; a row on which every
    function abstains carries them as its posterior. `strength` (n_functions,) is how much of the evidence of a function's
    votes is new, on average: 1 if it depends on no other, 1/10 if nine others copy it. `correlated` are the pairs behind
    that, the closest first.
    `fitted` and `columns` are what `predict` applies.
    """

    balance: Array
    strength: Array
    correlated: tuple[CorrelatedPair, ...]
    fitted: Fitted
    columns: Columns

    def predict(self, votes: Any, *, abstain: Hashable = -1) -> Truth:  # noqa: ANN401 - votes, an array, any frame
        """Return the truth of new rows, by the model as it was fitted: nothing is learned from them.

        Parameters
        ----------
        votes
            A matrix with the same functions in the same order, or `Votes` or a frame that names its functions; functions
            that are missing there abstain.
        abstain
            What stands for abstaining in a matrix.

        Raises
        ------
        BadVotes
            The matrix has another number of columns, or there is a function or a label that the model was not fitted on.
        """
        table = aligned(table_of(votes, abstain=abstain), self.annotators, self.labels)
        columns, fitted = _applied(table, self.columns, self.fitted)
        found = infer(table, columns, fitted, known_of(table, None))
        return Truth(
            items=table.items,
            labels=self.labels,
            posterior=found.posterior,
            label=found.label,
            confidence=found.confidence,
            annotators=self.annotators,
            reliability=self.reliability,
            confusion=self.confusion,
            iterations=0,
            log_likelihood=found.log_likelihood,
            n_votes=found.n_votes,
            method=self.method,
            warnings=_silence(found),
        )


def label_model(
    votes: Any,  # noqa: ANN401 - votes, an array, any library's frame
    *,
    prior: Prior | None = None,
    correlations: Correlations = "learn",
    gold: Gold | None = None,
    abstain: Hashable = -1,
    annotators: Sequence[Any] | Names | None = None,
    labels: Sequence[Hashable] | None = None,
) -> LabelModel:
    """Infer labels from labeling functions without gold, by how they agree and differ.

    Each vote adds evidence for each label. How much is learned by EM from rows where functions meet, with a belief
    beforehand that a function has 4 of 5 votes right. Evidence that other functions only repeat is left out: a function
    copied ten times counts once. Abstaining is no evidence. Two models are averaged, one with learned and one with equal
    shares of the labels, by how well each explains which functions agree.

    Parameters
    ----------
    votes
        A matrix of whole numbers (n_items, n_functions), used as it is; any other matrix or frame; or `Votes`.
    prior
        The shares of the labels: "learned" (as is None), "flat", or one number per label, in the order of the labels.
    correlations
        "learn" measures which functions repeat each other; None takes all of them to be independent.
    gold
        Labels known beforehand: a mapping from item (in a matrix, its row) to label, or one label per row, the sign for
        abstaining where it is not known. These rows keep their label, and functions are judged by them first.
    abstain
        What stands for abstaining in a matrix.
    annotators, labels
        The names of the functions, and the labels in the order wanted, also those that no function gives; by default the
        columns' names or places, and the labels seen, sorted.

    Raises
    ------
    BadVotes
        The table has no label at all, or an option contradicts it.

    Examples
    --------
    >>> matrix = [[1, 1, -1], [1, -1, 1], [0, 0, 1], [0, -1, 0], [-1, -1, -1]]
    >>> model = label_model(matrix)
    >>> model.names()[:4], model.n_votes.tolist()
    ([1, 1, 0, 0], [2, 2, 3, 2, 0])

    References
    ----------
    Dawid and Skene (1979) for EM; Ratner et al. (2016) for functions that abstain; Kish (1965) for the design effect that
    dependent answers have; Miller and Dunson (2019) for a belief whose worth grows with what a model leaves unexplained.
    """
    table = table_of(votes, abstain=abstain, annotators=annotators, labels=labels)
    if not table.n_labels and table.n_items:
        raise BadVotes("No function votes and no labels are given: give labels= the names that may be chosen.")
    if correlations not in ("learn", None):
        raise BadVotes(f"correlations={correlations!r}: 'learn' or None would be right.")
    known = known_of(table, gold)
    balance = _balance(table, prior)
    columns = columns_of(table, table.counts > 0)
    on_gold = _on_gold(table, columns, known)
    patterns = patterns_of(table, columns, known.item, known.label)
    fitted = fit(patterns, columns, balance, on_gold, dependence=correlations == "learn")
    if table.n_items > FIT_ROWS:
        fitted = polish(table, columns, fitted, balance, on_gold, known)
    found = infer(table, columns, fitted, known)
    expected = expected_votes(table, columns, fitted)
    return LabelModel(
        items=table.items,
        labels=table.labels,
        posterior=found.posterior,
        label=found.label,
        confidence=found.confidence,
        annotators=table.annotators,
        reliability=reliability_of(expected, columns),
        confusion=confusion_of(expected, columns),
        iterations=fitted.iterations,
        log_likelihood=found.log_likelihood,
        n_votes=found.n_votes,
        method="label_model",
        warnings=(*_silence(found), *_doubts(table, fitted)),
        balance=fitted.mix @ np.exp(fitted.log_prior),
        strength=fitted.strength,
        correlated=_pairs(table, fitted),
        fitted=fitted,
        columns=columns,
    )


def analysis(
    votes: Any,  # noqa: ANN401 - votes, an array, any library's frame
    gold: Gold | None = None,
    *,
    level: float = 0.95,
    abstain: Hashable = -1,
    annotators: Sequence[Any] | Names | None = None,
    labels: Sequence[Hashable] | None = None,
) -> Analysis:
    """Say of each labeling function what it gives, how often, where others vote too, and how right it is on gold.

    Parameters
    ----------
    votes, abstain, annotators, labels
        As for `label_model`.
    gold
        As for `label_model`; without it there is no accuracy.
    level
        The confidence of the Wilson interval of the accuracy.

    Raises
    ------
    BadVotes
        `level` is not between 0 and 1, or gold does not fit the votes.

    Examples
    --------
    >>> found = analysis([[1, 1, -1], [1, -1, 0], [0, 0, -1]], gold=[1, 0, 0])
    >>> found.rows()[0]["overlaps"], found.conflicts.tolist()[2], found.accuracy
    (1.0, 0.3333333333333333, (0.6666666666666666, 1.0, 1.0))

    References
    ----------
    Wilson (1927), Journal of the American Statistical Association 22, for the interval.
    """
    if not 0 < level < 1:
        raise BadVotes(f"level={level}: between 0 and 1, such as 0.95, would be right.")
    table = table_of(votes, abstain=abstain, annotators=annotators, labels=labels)
    return analyze(table, None if gold is None else known_of(table, gold), level)


def _balance(table: Table, prior: Prior | None) -> Balance:
    if prior is None or isinstance(prior, str):
        if prior not in (None, "learned", "flat"):
            raise BadVotes(f"prior={prior!r}: 'learned', 'flat' or one number per label would be right.")
        return Balance(np.array([1.0]) if prior == "flat" else np.array([0.0, 1.0]), None)
    shares = np.asarray(prior, dtype=np.float64)
    if shares.shape != (table.n_labels,):
        raise BadVotes(f"A prior needs one number per label, {table.n_labels}; it has the shape {shares.shape}.")
    if not np.isfinite(shares).all() or (shares < 0).any() or shares.sum() <= 0:
        raise BadVotes("The numbers of a prior must be finite, not negative, and above 0 in sum.")
    floor = np.maximum(shares / shares.sum(), _LEAST_SHARE)
    return Balance(np.array([0.0]), np.asarray(np.log(floor / floor.sum())))


def _on_gold(table: Table, columns: Columns, known: Known) -> Array:
    """Return the votes of each column on items of gold, by their label, (n_labels, n_columns)."""
    found = np.zeros((columns.n_labels, columns.n_columns))
    if len(known.item):
        place = np.full((table.n_functions, table.n_labels), -1)
        place[columns.function, columns.label] = np.arange(columns.n_columns)
        cells = table.cells[known.item]
        for label, code in enumerate(table.codes):
            row, function = np.nonzero(cells == code)
            np.add.at(found, (known.label[row], place[function, label]), 1.0)
    return found


def _applied(table: Table, columns: Columns, fitted: Fitted) -> tuple[Columns, Fitted]:
    """Return the model for the labels that functions give in these rows; what one never gave before has its belief."""
    here = columns_of(table, table.counts > 0)
    place = np.full((columns.n_functions, columns.n_labels), -1)
    place[columns.function, columns.label] = np.arange(columns.n_columns)
    at = place[here.function, here.label]
    found = believed(here, fitted.counted.mass) / fitted.discount.copies[here.function]
    if columns.n_columns:
        found = np.where(at >= 0, fitted.evidence[:, :, at], found)
    return here, replace(fitted, evidence=found)


def _silence(found: Inferred) -> tuple[str, ...]:
    silent = int((found.n_votes == 0).sum())
    return (f"{silent} of {len(found.n_votes)} items have no votes; they carry the prior.",) if silent else ()


def _doubts(table: Table, fitted: Fitted) -> list[str]:
    """Return what a reader should know of the fit, as sentences."""
    found = []
    names = table.annotators.tolist()
    mute = [str(names[at]) for at in np.flatnonzero(table.counts.sum(axis=1) == 0)]
    if mute:
        found.append(f"{len(mute)} of {table.n_functions} functions never vote: {listed(mute)}.")
    idle = [str(table.labels[at]) for at in np.flatnonzero(table.counts.sum(axis=0) == 0)]
    if idle and table.counts.any():
        found.append(
            f"No function gives {listed(idle)}; such labels are inferred only from what speaks against others."
        )
    if table.counts.any() and not fitted.counted.met.any():
        found.append(
            f"No two functions vote on the same item, so nothing shows how right each of them is: "
            f"each is taken to be right {TRUST:.0%} of the time."
        )
    copied = [at for at in np.unique(fitted.discount.first) if (fitted.discount.first == at).sum() > 1]
    for at in copied[:_MOST_NAMED]:
        same = [str(names[other]) for other in np.flatnonzero(fitted.discount.first == at)]
        found.append(f"{len(same)} functions say the same on every item and count as one: {listed(same)}.")
    if len(copied) > _MOST_NAMED:
        found.append(f"{len(copied) - _MOST_NAMED} more groups of functions say the same on every item.")
    if not fitted.converged:
        found.append(f"Stopped after {fitted.iterations} iterations, before it settled.")
    return found


def _pairs(table: Table, fitted: Fitted) -> tuple[CorrelatedPair, ...]:
    """Return the pairs of functions that repeat each other, the closest first."""
    repeats = np.maximum(fitted.discount.repeats, fitted.discount.repeats.T)
    itself = np.arange(len(fitted.discount.first))
    copy = np.flatnonzero(fitted.discount.first != itself)
    repeats[fitted.discount.first[copy], copy] = repeats[copy, fitted.discount.first[copy]] = 1.0
    first, second = np.nonzero(np.triu(repeats, 1) >= _WORTH_NAMING)
    order = np.argsort(-repeats[first, second], kind="stable")
    names = table.annotators.tolist()
    return tuple(
        CorrelatedPair(names[first[at]], names[second[at]], float(repeats[first[at], second[at]])) for at in order
    )
