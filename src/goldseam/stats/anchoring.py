"""Anchoring: how far people follow a suggestion because it is shown, measured on wrong ones shown and hidden by chance.

In: counts, or one row an answer. Out: `Effect`, with an interval. Never: a figure without both arms; an answer without a wrong
label that it might have followed.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from goldseam.stats.risk import wilson
from goldseam.stats.votes import BadVotes


@dataclass(frozen=True, slots=True)
class Effect:
    """The share agreeing with a wrong label when it is suggested, less the share giving it unasked.

    `value` is None where one of the arms is empty; `low` and `high` then are the whole range.
    """

    agreed_shown: int
    n_shown: int
    agreed_blind: int
    n_blind: int
    value: float | None
    low: float
    high: float
    level: float


def effect(agreed_shown: int, n_shown: int, agreed_blind: int, n_blind: int, level: float = 0.95) -> Effect:
    r"""Return the difference of two shares of independent answers with Newcombe's interval.

    With Wilson's intervals :math:`(l_1, u_1)` and :math:`(l_2, u_2)` of the shares :math:`p_1` and :math:`p_2`, the difference
    :math:`d = p_1 - p_2` lies between :math:`d - \sqrt{(p_1 - l_1)^2 + (u_2 - p_2)^2}` and
    :math:`d + \sqrt{(u_1 - p_1)^2 + (p_2 - l_2)^2}`.

    Parameters
    ----------
    agreed_shown, n_shown
        Answers given while a wrong label was suggested, and how many of them gave that label.
    agreed_blind, n_blind
        Answers given while nothing was suggested, and how many gave the label that would have been.
    level
        The confidence of the interval.

    Raises
    ------
    BadVotes
        More answers agree than there are, or `level` is not between 0 and 1.

    Examples
    --------
    >>> found = effect(56, 70, 48, 80)
    >>> round(found.value, 4), round(found.low, 4), round(found.high, 4)
    (0.2, 0.0524, 0.3339)

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17, method 10.
    """
    if not (0 <= agreed_shown <= n_shown and 0 <= agreed_blind <= n_blind):
        raise BadVotes(
            f"Of {n_shown} and {n_blind} answers {agreed_shown} and {agreed_blind} agree; no more can than there are."
        )
    shown, blind = wilson(agreed_shown, n_shown, level), wilson(agreed_blind, n_blind, level)
    if not n_shown or not n_blind:
        return Effect(agreed_shown, n_shown, agreed_blind, n_blind, None, -1.0, 1.0, level)
    p, q = agreed_shown / n_shown, agreed_blind / n_blind
    below = sqrt((p - shown.low) ** 2 + (blind.high - q) ** 2)
    above = sqrt((shown.high - p) ** 2 + (q - blind.low) ** 2)
    return Effect(agreed_shown, n_shown, agreed_blind, n_blind, p - q, p - q - below, p - q + above, level)
