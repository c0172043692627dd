"""Promote: a new model replaces the old one only if it is better on gold.

In: both models' probabilities on the same gold. Out: `Promotion`, with the reason in words. Never: a promotion by
feeling.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr

from goldseam.retrain.policy import Policy
from goldseam.vocab.errors import BadValue


@dataclass(frozen=True, slots=True)
class Promotion:
    """Whether the challenger was promoted (or a person is asked, if `asks`), the figures it rests on, and the reason.

    `p_value` is that of the exact sign test over the gold items that exactly one model got right; `None` without a
    champion or gold. Accuracies are `None` without gold.
    """

    promoted: bool
    champion_accuracy: float | None
    challenger_accuracy: float | None
    n_gold: int
    n_only_champion: int
    n_only_challenger: int
    p_value: float | None
    reason: str
    asks: bool = False


def compare(
    champion_proba: NDArray[np.floating] | None,
    challenger_proba: NDArray[np.floating],
    gold_y: NDArray[np.integer],
    policy: Policy | None = None,
) -> Promotion:
    """Compare two models on the same gold; columns of both are the labels that `gold_y` indexes.

    The challenger is promoted if there is no champion, or if there are `policy.min_gold` gold items and it gets more of
    them right. By default the p-value is reported beside that, not waited for: a model that is better on gold by chance costs
    less than one that never learns. `policy.promote` may wait for it, or ask a person where it is above `policy.alpha`.
    """
    policy = policy or Policy()
    gold_y = np.asarray(gold_y)
    n = len(gold_y)
    challenger = _hits(challenger_proba, gold_y)
    accuracy = float(challenger.mean()) if n else None
    if champion_proba is None:
        return Promotion(
            promoted=True,
            champion_accuracy=None,
            challenger_accuracy=accuracy,
            n_gold=n,
            n_only_champion=0,
            n_only_challenger=int(challenger.sum()),
            p_value=None,
            reason=f"It is the first model; {_on_gold(accuracy, n)}.",
        )
    champion = _hits(champion_proba, gold_y)
    lost, won = int((champion & ~challenger).sum()), int((challenger & ~champion).sum())
    better = n >= policy.min_gold and won > lost
    promoted = better and (policy.promote == "better" or sign_test(won, lost) <= policy.alpha)
    asks = better and not promoted and policy.promote == "ask"
    return Promotion(
        promoted=promoted,
        champion_accuracy=float(champion.mean()) if n else None,
        challenger_accuracy=accuracy,
        n_gold=n,
        n_only_champion=lost,
        n_only_challenger=won,
        p_value=sign_test(won, lost) if n else None,
        reason=_reason(won, lost, policy, challenger, champion),
        asks=asks,
    )


def sign_test(won: int, lost: int) -> float:
    """Return the two-sided exact p-value of so many wins and losses if each were as likely: McNemar's exact test.

    Examples
    --------
    >>> sign_test(9, 1)
    0.021484375

    References
    ----------
    McNemar (1947), Psychometrika 12.
    """
    n = won + lost
    return min(1.0, 2 * float(bdtr(min(won, lost), n, 0.5))) if n else 1.0


def _hits(proba: NDArray[np.floating], gold_y: NDArray[np.integer]) -> NDArray[np.bool_]:
    if proba.ndim != 2 or len(proba) != len(gold_y):
        raise BadValue(
            f"Comparing models takes one row of probabilities per gold item, {len(gold_y)}; got {proba.shape}."
        )
    if len(gold_y) and not (gold_y.min() >= 0 and gold_y.max() < proba.shape[1]):
        raise BadValue(f"Gold labels are indices of the {proba.shape[1]} columns of the probabilities.")
    return np.asarray(proba.argmax(axis=1) == gold_y) if proba.shape[1] else np.zeros(0, dtype=np.bool_)


def _on_gold(accuracy: float | None, n: int) -> str:
    if accuracy is None:
        return "there is no gold to measure it on"
    return f"it gets {accuracy:.1%} of {n:,} gold items right"


def _reason(won: int, lost: int, policy: Policy, challenger: NDArray[np.bool_], champion: NDArray[np.bool_]) -> str:
    n = len(champion)
    if n < policy.min_gold:
        return f"Kept: {n:,} gold items cannot tell two models apart; retrain.min_gold asks for {policy.min_gold:,}."
    figures = f"{challenger.mean():.1%} against {champion.mean():.1%} of {n:,} gold items"
    if won == lost:
        return f"Kept: the new model is right as often, {figures}."
    if won < lost:
        return f"Kept: the new model is worse, {figures}."
    chance = f"chance alone would give so clear a difference with p = {sign_test(won, lost):.2g}"
    if policy.promote != "better" and sign_test(won, lost) > policy.alpha:
        what = "A person decides" if policy.promote == "ask" else "Kept"
        return f"{what}: the new model is better, {figures}, but not proven to be; {chance}."
    return f"Promoted: the new model is better, {figures}; {chance}."
