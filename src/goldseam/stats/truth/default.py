"""The default method: the one that does well on every crowd.

In: `Votes`, gold, a prior, a model's probabilities. Out: `Truth`. Never: a choice that the caller has to make.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goldseam.stats.truth import _overlap
from goldseam.stats.truth._kinds import KindsFit, fit_best
from goldseam.stats.truth.confusion import one_coin
from goldseam.stats.truth.known import Gold, Prior, clamp, prepared
from goldseam.stats.truth.record import Truth, agreeing, truth_of
from goldseam.stats.votes import Votes

_MOST_CELLS = 24_000_000
"""The largest table of confusions: 200 MB; several of them are held at a time."""
_FEWEST_APART = 32
"""With fewer annotators told apart than this, one number for each is worth more than a table for some."""


def infer(votes: Votes, *, gold: Gold | None = None, prior: Prior = "learned", model: ArrayLike | None = None) -> Truth:
    r"""Infer the truth by the default method.

    One hierarchical model. Each annotator's confusion row is drawn around the crowd's row, bent by that annotator's
    skill and habits, with a concentration learned from the votes. Where the evidence asks for it, each label has two
    kinds of item: clear ones, and those that mislead many annotators alike. The posterior of an item comes from
    confusions without that item, and is widened by the design effect of votes on the same item, :math:`1 + (n - 1)\rho`.

    Parameters
    ----------
    gold
        Items whose label is known: {item: label}. They stay as they are, teach the confusions, and teach :math:`\rho`.
    prior
        'learned', 'flat', or probabilities (n_labels,) or (n_items, n_labels).
    model
        A model's probabilities (n_items, n_labels), from a model not fitted to the same items' votes: one more voter,
        whose probabilities are raised to the power at which they fit the others best.

    Returns
    -------
    Truth
        `confusion` is over both kinds of item. With too many labels for confusions (about 800) one number per annotator
        decides, and `confusion` is None; with too many annotators the least active share one confusion. A warning says so.

    Raises
    ------
    BadVotes
        An option does not fit the votes.

    References
    ----------
    Dawid and Skene (1979); Kim and Ghahramani (2012); Li, Rubinstein and Cohn (2019) for kinds of item; Kish (1965) for
    the design effect; Raykar et al. (2010) for the model.

    Examples
    --------
    >>> infer(Votes.from_matrix([[0, 0, 1], [1, 1, 1], [0, 0, 0]])).names()
    [0, 1, 0]
    """
    known, start = prepared(votes, gold, prior, model, 0.0)
    if votes.n_items == 0 or votes.n_votes == 0:
        return truth_of(votes, start, agreeing(votes, start), "infer")
    room = _MOST_CELLS // max(votes.n_labels, 1) ** 2
    many = votes.n_annotators > room
    if many and room < _FEWEST_APART:
        return _by_one_number(votes, gold, prior, model)
    seen, place = _merged(votes, room) if many else (votes, None)
    found = fit_best(seen, start, known, 2 if 2 * seen.n_annotators <= room else 1)
    overlap = _overlap.USUAL
    n_votes = votes.votes_per_item()
    if len(known.gold_item):
        items = known.gold_item
        overlap = _overlap.learned(found.posterior[items], known.gold_label, n_votes[items])
    posterior = _overlap.softened(found.posterior, n_votes, overlap)
    clamp(posterior, known)
    return _answer(votes, found, posterior, place)


def _answer(votes: Votes, found: KindsFit, posterior: NDArray[np.float64], place: NDArray[np.int32] | None) -> Truth:
    warnings: tuple[str, ...] = ()
    reliability, confusion = found.reliability, None
    if place is None:
        confusion = found.confusion
    else:
        together = votes.n_annotators - len(reliability) + 1
        told = (
            f"{votes.n_annotators} annotators are too many to tell all apart: "
            f"the {together} with the fewest votes share one confusion."
        )
        reliability, warnings = reliability[place], (told,)
    return truth_of(
        votes,
        posterior,
        reliability,
        "infer",
        confusion=confusion,
        iterations=found.iterations,
        log_likelihood=found.log_likelihood,
        warnings=warnings,
    )


def _merged(votes: Votes, room: int) -> tuple[Votes, NDArray[np.int32]]:
    """Return votes in which all but the most active annotators are one, and each annotator's place in them."""
    active = np.argsort(-votes.votes_per_annotator(), kind="stable")
    place = np.full(votes.n_annotators, room - 1, dtype=np.int32)
    place[active[: room - 1]] = np.arange(room - 1, dtype=np.int32)
    return Votes(votes.items, np.arange(room), votes.labels, votes.item, place[votes.annotator], votes.label), place


def _by_one_number(votes: Votes, gold: Gold | None, prior: Prior, model: ArrayLike | None) -> Truth:
    found = one_coin(votes, gold=gold, prior="flat" if isinstance(prior, str) else prior, model=model)
    known, _ = prepared(votes, gold, prior, model, 0.0)
    posterior = _overlap.softened(found.posterior, found.n_votes, _overlap.USUAL)
    clamp(posterior, known)
    told = f"{votes.n_labels} labels are too many for confusions: each annotator has one accuracy instead."
    return replace(
        found,
        posterior=posterior,
        confidence=posterior.max(axis=1, initial=0.0),
        method="infer",
        warnings=(told, *found.warnings),
    )
