"""Numbers: the quantity behind what annotators measured, guessed or rated, and who bends it how.

In: parallel arrays of items, annotators and numbers; gold. Out: `NumberTruth`. Never: a number for an item out of nothing
that looks like one out of votes: such items carry the mean of all, and a warning says how many there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from goldseam.stats._answers import one_each
from goldseam.stats.truth import _members as members
from goldseam.stats.truth._members import Members
from goldseam.stats.truth._random_effects import Array, Numbers
from goldseam.stats.votes import BadVotes, Names, Votes

Scale = Literal["interval", "positive"]

_SINGLE = (
    "No item has numbers by two annotators, so that error cannot be told from truth: each item keeps its own number."
)
_CONSTANT = "All numbers are equal, so that nothing can be said of annotators or of error."
_EMPTY = "There are no numbers."
_MANY_DOUBTS = 0.1
"""A larger share of gross errors is worth a warning: slips are rare, so they may be none."""


@dataclass(frozen=True, slots=True)
class NumberTruth:
    """What the numbers say.

    `value` is each item's number and `low` to `high` its credible interval at `level`, None where `reason` says why. `bias`
    is what an annotator adds to an item of the usual size, `scale` by how much they stretch differences (1: like the crowd;
    0: their numbers do not depend on the item; below 0: upside down), `noise` the standard deviation of what remains, and
    `reliability` the correlation of their numbers with the truth that follows. On the positive scale bias, scale and noise
    are about logarithms. `doubted` (n, 2) holds the item and annotator index of each vote taken for a gross error.
    `share_of_model` is the weight of the models in `value` beside the mean of votes. `log_likelihood` is a lower bound, in units
    of the numbers (or their logarithms). `warnings` are sentences for people.
    """

    items: Names
    value: Array
    low: Array | None
    high: Array | None
    level: float
    annotators: Names
    bias: Array
    scale: Array
    noise: Array | None
    reliability: Array | None
    doubted: NDArray[np.int32]
    share_of_model: float
    n_votes: NDArray[np.int64]
    log_likelihood: float | None
    iterations: int
    reason: str = ""
    warnings: tuple[str, ...] = ()


def numbers(
    item: Iterable[Any],
    annotator: Iterable[Any],
    value: ArrayLike,
    *,
    scale: Scale = "interval",
    bounds: tuple[float, float] | None = None,
    gold: Mapping[Any, float] | None = None,
    robust: bool = True,
    level: float = 0.95,
    max_iterations: int = 500,
    tolerance: float = 1e-6,
) -> NumberTruth:
    r"""Infer the number behind several annotators' numbers, and each annotator's bias, scale and noise.

    Takes vote v of annotator a on item i for :math:`y = \mu + s_a (t_i - \mu) + b_a + e`, with normal truths, scales,
    biases and errors whose spreads are learned from the crowd, so that an annotator with few votes is taken to be like the
    others; without gold the crowd's middle scale is 1 and its bias about 0. The estimate mixes a robust fit of this model,
    a plain one and the mean of the votes in the shares that predict the other half of the annotators best: people's numbers
    seldom follow such a model closely.

    Parameters
    ----------
    item, annotator, value
        One entry per vote. None or NaN is an absent vote; of several votes by one annotator on one item the last counts.
    scale
        'interval', or 'positive' for numbers above 0 whose errors are proportional (sizes, prices, durations): the model
        then holds for logarithms.
    bounds
        The least and the largest number there can be; votes outside are refused.
    gold
        Items whose number is known: {item: number}. They stay as they are, and teach bias and scale.
    robust
        Leave out numbers far from their item's median and from nearly all others, and let one of the models expect three
        votes in a thousand to be gross errors; False lets every vote count in full.
    tolerance
        Stop when the bound of the log likelihood moves by less than this per vote.

    Raises
    ------
    BadVotes
        The arrays differ in length, a value is no number, or is outside the bounds or the scale.

    References
    ----------
    Dawid and Skene (1979) for the idea; Raykar et al. (2010), JMLR 11, section 5 (numbers); Bishop (2006), Pattern
    recognition and machine learning, chapter 10 (variational EM); Breiman (1996), Machine Learning 24 (stacking).

    Examples
    --------
    >>> item, annotator = [1, 1, 2, 2, 3, 3, 4, 4, 5, 5], ["x", "y"] * 5
    >>> found = numbers(item, annotator, [10, 13, 21, 23, 29, 33, 41, 43, 50, 52])
    >>> found.value.round().tolist(), found.bias.round(1).tolist()
    ([12.0, 22.0, 31.0, 42.0, 51.0], [-1.3, 1.3])
    """
    if scale not in ("interval", "positive"):
        raise BadVotes(f"scale={scale!r}: 'interval' or 'positive' would be right.")
    if not 0 < level < 1 or max_iterations < 1:
        raise BadVotes(f"level={level}, max_iterations={max_iterations}: a level between 0 and 1, and at least 1.")
    votes, told = _votes(item, annotator, value, scale, bounds)
    known = _gold(votes, gold or {}, scale, bounds)
    straight = np.log(told) if scale == "positive" else told
    unit = _spread(straight)
    if not _can_tell(votes, straight) or unit == 0:
        return _as_told(votes, straight, known, scale, level)
    data = Numbers(
        item=votes.item,
        annotator=votes.annotator,
        value=straight / unit,
        n_items=votes.n_items,
        voting=votes.votes_per_annotator() > 0,
        gold_item=known[0],
        gold_value=known[1] / unit,
    )
    kept, far = members.without_far_votes(data) if robust else (data, np.zeros(votes.n_votes, dtype=bool))
    found = members.members_of(kept, robust=robust, max_iterations=max_iterations, tolerance=tolerance)
    shares = members.shares(kept, robust=robust, tolerance=max(tolerance, 1e-5))
    return _truth_of(votes, kept, far, found, shares, unit, scale, bounds, level)


def _votes(
    item: Iterable[Any], annotator: Iterable[Any], value: ArrayLike, scale: Scale, bounds: tuple[float, float] | None
) -> tuple[Votes, Array]:
    """Return one vote per annotator and item (its label says nothing), and the number of each."""
    told = _numbers(value)
    if told.ndim != 1:
        raise BadVotes(f"Numbers come as one array, one entry per vote; these have {told.ndim} dimensions.")
    given = ~np.isnan(told)
    _check(told[given], scale, bounds)
    votes, place = one_each(item, annotator, given)
    return votes, told[place]


def _numbers(value: ArrayLike) -> Array:
    """Read the values as numbers; None becomes NaN, an absent vote."""
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        pass
    listed: list[Any] = list(value) if isinstance(value, Iterable) else [value]
    for place, one in enumerate(listed):
        try:
            float(one if one is not None else "nan")
        except (TypeError, ValueError):
            raise BadVotes(f"Vote {place} says {one!r}, which is not a number.") from None
    return np.array([np.nan if one is None else float(one) for one in listed])


def _check(told: Array, scale: Scale, bounds: tuple[float, float] | None) -> None:
    if not np.isfinite(told).all():
        raise BadVotes("A number is infinite; leave such votes out, or give the largest number there can be.")
    if scale == "positive" and (told <= 0).any():
        wrong = told[told <= 0][0]
        raise BadVotes(f"A number is {wrong:g}; on the positive scale all are above 0. Use scale='interval'.")
    if bounds is None:
        return
    low, high = bounds
    if not low < high:
        raise BadVotes(f"bounds={bounds}: the least number first, then a larger one.")
    outside = (told < low) | (told > high)
    if outside.any():
        raise BadVotes(f"A number is {told[outside][0]:g}, outside the bounds {low:g} to {high:g}.")


def _gold(
    votes: Votes, gold: Mapping[Any, float], scale: Scale, bounds: tuple[float, float] | None
) -> tuple[NDArray[np.int64], Array]:
    """Return the index and the number of items that are known."""
    if not gold:
        return np.empty(0, dtype=np.int64), np.empty(0)
    places = {name: index for index, name in enumerate(votes.items.tolist())}
    unknown = next((name for name in gold if name not in places), None)
    if unknown is not None:
        raise BadVotes(f"Gold names the item {unknown!r}, which is not among the {votes.n_items} items of the votes.")
    value = _numbers(list(gold.values()))
    if np.isnan(value).any():
        raise BadVotes("Gold has an item without a number; leave it out.")
    _check(value, scale, bounds)
    index = np.array([places[name] for name in gold], dtype=np.int64)
    return index, np.log(value) if scale == "positive" else value


def _spread(value: Array) -> float:
    """Return the standard deviation; 0 where it is lost in rounding."""
    if len(value) == 0:
        return 0.0
    found = float(value.std())
    return found if found > 1e-12 * max(float(np.abs(value).max()), np.finfo(np.float64).tiny) else 0.0


def _can_tell(votes: Votes, value: Array) -> bool:
    """Say whether error can be told from truth: some item has several numbers."""
    return len(value) > 0 and int(votes.votes_per_item().max()) > 1


def _as_told(
    votes: Votes, value: Array, known: tuple[NDArray[np.int64], Array], scale: Scale, level: float
) -> NumberTruth:
    """Return each item's own number, where there is no more to be learned."""
    many = votes.votes_per_item()
    summed = np.bincount(votes.item, weights=value, minlength=votes.n_items)
    overall = float(value.mean()) if len(value) else 0.0
    mean = np.where(many > 0, summed / np.maximum(many, 1), overall)
    mean[known[0]] = known[1]
    constant = len(value) > 0 and _can_tell(votes, value)
    reason = _CONSTANT if constant else _SINGLE if len(value) else _EMPTY
    found = np.exp(mean) if scale == "positive" else mean
    return NumberTruth(
        items=votes.items,
        value=found,
        low=found.copy() if constant else None,
        high=found.copy() if constant else None,
        level=level,
        annotators=votes.annotators,
        bias=np.zeros(votes.n_annotators),
        scale=np.ones(votes.n_annotators),
        noise=np.zeros(votes.n_annotators) if constant else None,
        reliability=None,
        doubted=np.empty((0, 2), dtype=np.int32),
        share_of_model=0.0,
        n_votes=many,
        log_likelihood=None,
        iterations=0,
        reason=reason,
        warnings=(reason, *_silent(many)),
    )


def _truth_of(
    votes: Votes,
    data: Numbers,
    far: NDArray[np.bool_],
    found: Members,
    shares: Array,
    unit: float,
    scale: Scale,
    bounds: tuple[float, float] | None,
    level: float,
) -> NumberTruth:
    """Mix the members, and return to the units of the numbers; annotators are as the model of the larger share has them."""
    first = found.models[len(found.models) - 1 - int(np.argmax(shares[-2::-1]))]
    middle, error = found.value @ shares, found.error @ shares  # errors as if all members err together
    if not len(data.gold_item):  # nothing says how far the crowd as a whole is off
        off = first.bias_spread + first.scale_spread * first.offset**2
        error = np.sqrt(error**2 + off / int(data.voting.sum()))
    middle[data.gold_item], error[data.gold_item] = data.gold_value, 0.0
    wide = -float(ndtri((1 - level) / 2)) * error
    value, low, high = (_in_units(part * unit, scale, bounds) for part in (middle, middle - wide, middle + wide))
    signal = first.scale**2 * first.spread
    gross = far.copy()
    gross[~far] = first.doubt > 0.5
    many = votes.votes_per_item()
    settled = () if first.converged else (f"Stopped after {first.iterations} iterations, before it settled.",)
    return NumberTruth(
        items=votes.items,
        value=value,
        low=low,
        high=high,
        level=level,
        annotators=votes.annotators,
        bias=first.bias * unit,
        scale=first.scale,
        noise=np.sqrt(first.noise) * unit,
        reliability=np.sign(first.scale) * np.sqrt(signal / (signal + first.noise)),
        doubted=np.stack([votes.item[gross], votes.annotator[gross]], axis=1),
        share_of_model=float(shares[:-1].sum()),
        n_votes=many,
        log_likelihood=first.log_likelihood - len(data.value) * float(np.log(unit)),
        iterations=first.iterations,
        warnings=(*settled, *_many_doubts(float(gross.mean())), *_silent(many)),
    )


def _in_units(part: Array, scale: Scale, bounds: tuple[float, float] | None) -> Array:
    told = np.exp(part) if scale == "positive" else part
    return told if bounds is None else np.clip(told, *bounds)


def _many_doubts(share: float) -> tuple[str, ...]:
    told = (
        f"{share:.0%} of the numbers look like gross errors and hardly count: look at `doubted`, or use robust=False."
    )
    return (told,) if share > _MANY_DOUBTS else ()


def _silent(many: NDArray[np.int64]) -> tuple[str, ...]:
    silent = int((many == 0).sum())
    return (f"{silent} of {len(many)} items have no numbers; they carry the mean of all items.",) if silent else ()
