"""Stopping: whether more labels are still worth their price, by what the last ones changed, with a reason.

In: what successive models say of the same items. Out: `Stop`. Never: a label that was not there already; it costs nothing to
ask.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from goldseam.stats.votes import BadVotes


@dataclass(frozen=True, slots=True)
class Step:
    """What one batch of labels changed: agreement (kappa) of the models before and after it, and the share that moved."""

    n_labels: int
    kappa: float
    changed: float


@dataclass(frozen=True, slots=True)
class Stop:
    """Whether to stop, and why; `gain` is how many suggestions for the pool a further label is expected to change at most."""

    stop: bool
    reason: str
    gain: float | None
    steps: tuple[Step, ...]


def step(before: ArrayLike, after: ArrayLike, n_labels: int) -> Step:
    """Compare the labels that two successive models propose for the same items; `n_labels` were bought between them.

    Kappa is agreement beyond what the two models' habits alone would give; 1 where both always say one and the same label.

    Examples
    --------
    >>> step([0, 0, 1, 1], [0, 0, 1, 1], 50).kappa
    1.0
    """
    one, other = np.asarray(before), np.asarray(after)
    if one.ndim != 1 or one.shape != other.shape or not len(one):
        raise BadVotes(f"Two models are compared on the same items, one at least; got {one.shape} and {other.shape}.")
    if n_labels < 1:
        raise BadVotes(f"n_labels={n_labels}: at least one label was bought between two models.")
    codes = np.unique(np.concatenate([one, other]), return_inverse=True)[1]
    first, second = codes[: len(one)], codes[len(one) :]
    k = int(codes.max()) + 1
    same = float((first == second).mean())
    chance = float((np.bincount(first, minlength=k) / len(one)) @ (np.bincount(second, minlength=k) / len(one)))
    kappa = 1.0 if chance >= 1.0 else (same - chance) / (1.0 - chance)
    return Step(n_labels, kappa, 1.0 - same)


def decide(
    steps: tuple[Step, ...],
    n_pool: int,
    *,
    stable: float = 0.99,
    rounds: int = 3,
    least_gain: float = 1.0,
) -> Stop:
    """Return whether to stop after these steps, oldest first.

    There are two reasons to. The suggestions are stable: kappa was at least `stable` on average over the last `rounds` steps.
    Or a label is not worth its price any more: so few suggestions change, over the last `rounds` steps, that a label bought
    changes fewer than `least_gain` of the `n_pool` suggestions. A change is the most that can be a gain, as accuracy cannot
    rise by more than what moved. With `least_gain` 1 a label is to put right at least the one suggestion that an answer
    given to that item would.

    References
    ----------
    Bloodgood and Vijay-Shanker (2009), A method for stopping active learning based on stabilizing predictions.
    """
    if not (0 < stable <= 1 and rounds >= 1 and least_gain >= 0):
        raise BadVotes(f"stable={stable}, rounds={rounds}, least_gain={least_gain}: above 0, at least 1, at least 0.")
    if len(steps) < rounds:
        missing = rounds - len(steps)
        reason = f"Too early to say: {missing} more model{'s' if missing > 1 else ''} to compare would be needed."
        return Stop(stop=False, reason=reason, gain=_gain(steps, n_pool) if steps else None, steps=steps)
    last = steps[-rounds:]
    kappa = float(np.mean([one.kappa for one in last]))
    gain = _gain(last, n_pool)
    if kappa >= stable:
        reason = f"Suggestions are stable: over the last {rounds} models they agree with kappa {kappa:.3f}."
        return Stop(stop=True, reason=reason, gain=gain, steps=steps)
    if gain < least_gain:
        reason = (
            f"A further label changes {gain:.2f} suggestions of the pool at most, below the {least_gain:g} that it has to be "
            "worth."
        )
        return Stop(stop=True, reason=reason, gain=gain, steps=steps)
    reason = f"Labels still change what is suggested: {gain:.1f} suggestions of the pool each (kappa {kappa:.3f})."
    return Stop(stop=False, reason=reason, gain=gain, steps=steps)


def _gain(steps: tuple[Step, ...], n_pool: int) -> float:
    bought = sum(one.n_labels for one in steps)
    return n_pool * float(sum(one.changed for one in steps)) / bought
