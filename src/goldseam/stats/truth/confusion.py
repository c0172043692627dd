"""Dawid-Skene and one-coin: the truth and the annotators' errors, inferred together.

In: `Votes`, gold, a prior, a model's probabilities. Out: `Truth` with confusions or accuracies. Never: chance.
"""

from __future__ import annotations

from numpy.typing import ArrayLike

from goldseam.stats.truth import _coin, _em
from goldseam.stats.truth._em import Fit, Stop
from goldseam.stats.truth.known import Gold, Prior, prepared
from goldseam.stats.truth.record import Truth, agreeing, truth_of
from goldseam.stats.votes import BadVotes, Votes


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
    votes = votes.by_item()
    known, start = prepared(votes, gold, prior, model, smoothing)
    if votes.n_items == 0:
        return truth_of(votes, start, agreeing(votes, start), "dawid_skene")
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
    votes = votes.by_item()
    known, start = prepared(votes, gold, prior, model, smoothing)
    if votes.n_items == 0:
        return truth_of(votes, start, agreeing(votes, start), "one_coin")
    if max_iterations < 1:
        raise BadVotes(f"max_iterations={max_iterations}: at least 1 would be right.")
    fit = _coin.one_coin(votes, start, known, smoothing, Stop(max_iterations, tolerance))
    return _of_fit(votes, fit, "one_coin")


def _of_fit(votes: Votes, fit: Fit, method: str) -> Truth:
    warnings = () if fit.converged else (f"Stopped after {fit.iterations} iterations, before it settled.",)
    return truth_of(
        votes,
        fit.posterior,
        fit.reliability,
        method,
        confusion=fit.confusion,
        iterations=fit.iterations,
        log_likelihood=fit.log_likelihood,
        warnings=warnings,
    )
