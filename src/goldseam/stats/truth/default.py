"""The default method: the one that does well on every crowd.

In: `Votes`, gold, a prior, a model's probabilities. Out: `Truth`. Never: a choice that the caller has to make.
"""

from __future__ import annotations

from numpy.typing import ArrayLike

from goldseam.stats.truth._em import MAX_CONFUSION_CELLS
from goldseam.stats.truth.confusion import dawid_skene, one_coin
from goldseam.stats.truth.known import Gold, Prior
from goldseam.stats.truth.record import Truth, truth_of
from goldseam.stats.votes import Votes


def infer(votes: Votes, *, gold: Gold | None = None, prior: Prior = "learned", model: ArrayLike | None = None) -> Truth:
    """Infer the truth by the default method: the mean posterior of several models that fail on different crowds.

    Confusions and reliability are those of the Dawid-Skene member. Where its confusions would not fit into memory
    (very many labels), one-coin alone decides.
    """
    if votes.n_annotators * votes.n_labels**2 > MAX_CONFUSION_CELLS // 4:
        return one_coin(votes, gold=gold, prior=prior, model=model)
    full = dawid_skene(votes, gold=gold, prior=prior, model=model, smoothing=1.0)
    early = dawid_skene(votes, gold=gold, prior=prior, model=model, smoothing=2.0, max_iterations=3, tolerance=0.0)
    coin = one_coin(votes, gold=gold, prior="flat" if isinstance(prior, str) else prior, model=model)
    posterior = (full.posterior + early.posterior + coin.posterior) / 3
    mixed = truth_of(votes, posterior, full.reliability, "infer", warnings=full.warnings)
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
