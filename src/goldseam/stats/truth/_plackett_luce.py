"""Plackett and Luce: strengths of items from rankings, each step a choice among those not yet placed.

In: `Orders`. Out: `Worth`. Never: a loop over rankings in Python.

The next item is chosen with chance e^(a s_i) / sum over what is left of e^(a s_j), with a = 1 or each annotator's own
sharpness. The order within a step of several items is not known: for all orders of it stands Efron's approximation (1977),
and the last step of a ranking, whose orders add up to 1, says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from goldseam.stats.truth import _curvature as curvature
from goldseam.stats.truth._curvature import Array, Curvature
from goldseam.stats.truth._orders import Orders, Sheet, sheets

_USUAL_SPREAD = 1.0
_WIDEST = 3.0
_PEERS = 1.0
_SHARP_SPREAD = 0.5
"""Sharpness is normal around 1 with this standard deviation, before anything is known of an annotator."""
_HALVINGS = 30
_DENSE_PAIRS = 30_000_000
_CELLS = 4_000_000
_TINY = np.finfo(np.float64).tiny


@dataclass(frozen=True, slots=True)
class Worth:
    """What a fit ended with; `spread` is that of the strengths' prior, None without one."""

    strength: Array
    sharpness: Array | None
    spread: float | None
    log_likelihood: float
    iterations: int
    converged: bool
    variance: Array


@dataclass(frozen=True, slots=True)
class _Point:
    strength: Array
    sharpness: Array | None
    precision: float


@dataclass(frozen=True, slots=True)
class _Stages:
    """The choices of one sheet: weight of each place's item, share of its chances spent, and what choices divide by.

    `known` is 1 where a place's step is a choice (not the last one), `held` the share of its own step's weight that Efron
    leaves out, `inverse` 1 / the sum of what is left, `spent` how often the place's item could have been chosen, in all.
    """

    scale: Array
    score: Array
    weight: Array
    known: NDArray[np.bool_]
    held: Array
    inverse: Array
    spent: Array


@dataclass(frozen=True, slots=True)
class _Data:
    sheets: tuple[Sheet, ...]
    annotator: NDArray[np.int64] | None
    n_annotators: int
    n_items: int
    part: NDArray[np.int32]


def fit(
    orders: Orders,
    part: NDArray[np.int32],
    annotator: NDArray[np.int64] | None,
    n_annotators: int,
    *,
    spread: float | str | None,
    max_iterations: int,
    tolerance: float,
) -> Worth:
    """Climb by Newton's method, with the annotators' sharpness and the prior in turns."""
    data = _Data(tuple(sheets(orders)), annotator, n_annotators, len(orders.items), part)
    known = 0.0 if spread is None else 1 / (_USUAL_SPREAD if isinstance(spread, str) else spread) ** 2
    sharp = None if annotator is None else np.ones(n_annotators)
    now = _Point(np.zeros(data.n_items), sharp, known)
    converged, iteration, moves = False, 0, (0.0, 0.0)
    while iteration < max_iterations and not converged:
        iteration += 1
        after, bent = _step(data, now)
        if sharp is not None:
            after = replace(after, sharpness=_sharper(data, after))
        if spread == "learned":
            after, moves = _widened(data, after, bent, moves)
        converged = _moved(now, after) <= tolerance
        now = after
    bent = _bends(data, now)
    likelihood = float(sum(_log_likelihood(_stages(data, sheet, now), sheet) for sheet in data.sheets))
    wide = None if now.precision == 0 else float(now.precision**-0.5)
    return Worth(now.strength, now.sharpness, wide, likelihood, iteration, converged, curvature.variances(bent))


def _moved(before: _Point, after: _Point) -> float:
    changes = [np.abs(after.strength - before.strength).max(initial=0.0)]
    if before.sharpness is not None and after.sharpness is not None:
        changes.append(np.abs(after.sharpness - before.sharpness).max(initial=0.0))
    if after.precision:
        changes.append(abs(np.log(after.precision / before.precision)))
    return float(max(changes))


def _stages(data: _Data, sheet: Sheet, at: _Point) -> _Stages:
    scale = np.ones((len(sheet.item), 1))
    if at.sharpness is not None and data.annotator is not None:
        scale = at.sharpness[data.annotator[sheet.which]][:, None]
    score = at.strength[sheet.item]
    logit = scale * score
    weight = np.exp(logit - logit.max(axis=1, keepdims=True))
    size = sheet.after - sheet.first
    held = (np.arange(sheet.item.shape[1]) - sheet.first) / size if sheet.tied else np.zeros((1, 1))
    left = _suffix(weight)
    total = _open(sheet, left, held)
    known = sheet.after < sheet.item.shape[1]
    inverse = np.where(known, 1 / np.maximum(total, _TINY), 0.0)
    return _Stages(scale, score, weight, known, held, inverse, _spent(sheet, inverse, held))


def _suffix(values: Array) -> Array:
    """Return the sum from each place to the end, and a last column of zeros."""
    summed = np.cumsum(values[:, ::-1], axis=1)[:, ::-1]
    return np.concatenate([summed, np.zeros((len(values), 1))], axis=1)


def _prefix(values: Array) -> Array:
    """Return the sum of all places before each, one column more than places."""
    return np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)


def _first(sheet: Sheet, columns: Array) -> Array:
    """Return the column where each place's step begins."""
    return np.take_along_axis(columns, sheet.first, axis=1) if sheet.tied else columns[:, :-1]


def _after(sheet: Sheet, columns: Array) -> Array:
    """Return the column behind the end of each place's step."""
    return np.take_along_axis(columns, sheet.after, axis=1) if sheet.tied else columns[:, 1:]


def _open(sheet: Sheet, left: Array, held: Array) -> Array:
    """Return the sum over what each choice was among, from sums to the end; of its own step less what Efron leaves out."""
    own = _first(sheet, left)
    return own - held * (own - _after(sheet, left)) if sheet.tied else own


def _spent(sheet: Sheet, values: Array, held: Array) -> Array:
    """Return the sum of `values` over the choices that each place's item was open for, as Efron counts them."""
    if not sheet.tied:
        return np.cumsum(values, axis=1)
    own = _prefix((1 - held) * values)
    return _first(sheet, _prefix(values)) + _after(sheet, own) - _first(sheet, own)


def _log_likelihood(stages: _Stages, sheet: Sheet) -> float:
    logit = stages.scale * stages.score
    chosen = np.where(stages.known, logit - logit.max(axis=1, keepdims=True), 0.0)
    divided = np.log(np.where(stages.known, stages.inverse, 1.0))
    return float((chosen + divided).sum()) if sheet.item.size else 0.0


def _value(data: _Data, at: _Point) -> float:
    likelihood = sum(_log_likelihood(_stages(data, sheet, at), sheet) for sheet in data.sheets)
    return likelihood - 0.5 * at.precision * float((at.strength**2).sum())


def _step(data: _Data, now: _Point) -> tuple[_Point, Curvature]:
    """Take a Newton step, halved until it does not lead down."""
    slope = -now.precision * now.strength
    for sheet in data.sheets:
        stages = _stages(data, sheet, now)
        pull = stages.scale * (stages.known - stages.weight * stages.spent)
        slope = slope + np.bincount(sheet.item.ravel(), weights=pull.ravel(), minlength=data.n_items)
    bent = _bends(data, now)
    step = curvature.solve(bent, slope[:, None])[:, 0]
    before = _value(data, now)
    for halving in range(_HALVINGS):
        after = replace(now, strength=now.strength + 0.5**halving * step)
        if _value(data, after) >= before - 1e-12 * abs(before):
            return after, bent
    return now, bent


def _bends(data: _Data, at: _Point) -> Curvature:
    """Return the curvature: a Laplacian in which a pair weighs by the choices that both were open for."""
    n = data.n_items
    every = [(sheet, _stages(data, sheet, at)) for sheet in data.sheets]
    pairs = sum(sheet.item.shape[1] * sheet.item.size for sheet in data.sheets)
    dense = _dense(every, n, at.precision) if n <= curvature.DENSE and pairs <= _DENSE_PAIRS else None
    own = np.full(n, at.precision)
    for sheet, stages in every:
        w = stages.weight
        pull = stages.scale**2 * w * (stages.spent - w * _spent_twice(sheet, stages, _squares(stages)))
        own += np.bincount(sheet.item.ravel(), weights=pull.ravel(), minlength=n)
    safe = np.where(own > 0, own, 1.0)
    if dense is not None:
        dense[np.diag_indices(n)] = safe
        return Curvature(lambda x: dense @ x, safe, data.part, lambda: dense, lambda v: _off(dense) @ v)
    return Curvature(
        lambda x: np.stack([_times(every, column, at.precision, own) for column in x.T], axis=1),
        safe,
        data.part,
        None,
        np.zeros_like,
    )


def _off(dense: Array) -> Array:
    square = dense**2
    np.fill_diagonal(square, 0.0)
    return square


def _squares(stages: _Stages) -> Array:
    return stages.inverse**2


def _spent_twice(sheet: Sheet, stages: _Stages, values: Array) -> Array:
    """Return the sum of `values` over the choices of each place's item, each share that Efron counts squared."""
    if not sheet.tied:
        return np.cumsum(values, axis=1)
    own = _prefix((1 - stages.held) ** 2 * values)
    return _first(sheet, _prefix(values)) + _after(sheet, own) - _first(sheet, own)


def _times(every: list[tuple[Sheet, _Stages]], column: Array, precision: float, own: Array) -> Array:
    """Multiply the curvature with one column, by sums along the rankings."""
    found = precision * column + np.where(own > 0, 0.0, column)
    for sheet, stages in every:
        x = column[sheet.item]
        heavy = stages.weight * x
        mean = _open(sheet, _suffix(heavy), stages.held)
        through = _spent(sheet, mean * _squares(stages), stages.held)
        pull = stages.scale**2 * stages.weight * (stages.spent * x - through)
        found = found + np.bincount(sheet.item.ravel(), weights=pull.ravel(), minlength=len(found))
    return np.asarray(found)


def _dense(every: list[tuple[Sheet, _Stages]], n: int, precision: float) -> Array:
    """Return the matrix with minus the weights of pairs off its diagonal; the diagonal is still to be set."""
    table = np.zeros(n * n)
    for sheet, stages in every:
        width = sheet.item.shape[1]
        upper, lower = np.triu_indices(width, 1)
        squares = _squares(stages)
        single = _spent(sheet, squares, stages.held)
        double = _spent_twice(sheet, stages, squares)
        at_once = max(1, _CELLS // max(len(upper), 1))
        for begin in range(0, len(sheet.item), at_once):
            rows = slice(begin, begin + at_once)
            item, weight, first = sheet.item[rows], stages.weight[rows], sheet.first[rows]
            same = first[:, upper] == first[:, lower]
            shared = np.where(same, double[rows][:, upper], single[rows][:, upper])
            heavy = stages.scale[rows] ** 2 * weight[:, upper] * weight[:, lower] * shared
            cell = item[:, upper] * n + item[:, lower]
            table += np.bincount(cell.ravel(), weights=heavy.ravel(), minlength=n * n)
    square = table.reshape(n, n)
    return np.asarray(-(square + square.T))


def _sharper(data: _Data, at: _Point) -> Array:
    """Return each annotator's sharpness after a Newton step towards the most probable."""
    if at.sharpness is None or data.annotator is None:
        return np.empty(0)
    slope = (1 - at.sharpness) / _SHARP_SPREAD**2
    bend = np.full(data.n_annotators, 1 / _SHARP_SPREAD**2)
    for sheet in data.sheets:
        stages = _stages(data, sheet, at)
        heavy = stages.weight * stages.score
        mean = _open(sheet, _suffix(heavy), stages.held) * stages.inverse
        square = _open(sheet, _suffix(heavy * stages.score), stages.held) * stages.inverse
        who = data.annotator[sheet.which]
        pull = np.where(stages.known, stages.score - mean, 0.0).sum(axis=1)
        spread = np.where(stages.known, square - mean**2, 0.0).sum(axis=1)
        slope = slope + np.bincount(who, weights=pull, minlength=data.n_annotators)
        bend = bend + np.bincount(who, weights=spread, minlength=data.n_annotators)
    return np.asarray(at.sharpness + np.clip(slope / bend, -1.0, 1.0))


def _widened(
    data: _Data, at: _Point, bent: Curvature, moves: tuple[float, float]
) -> tuple[_Point, tuple[float, float]]:
    """Set the prior to be as wide as the strengths are, as for comparisons of pairs."""
    free = data.n_items - (int(data.part.max(initial=-1)) + 1)
    nobody = np.empty(0, dtype=np.int32)
    _, total = curvature.unsureness(bent, nobody, nobody)
    told = max(free - at.precision * total, 0.0)
    spread = (float((at.strength**2).sum()) + _PEERS * _USUAL_SPREAD**2) / (told + _PEERS)
    move = -float(np.log(spread * at.precision))
    return replace(at, precision=max(at.precision * float(np.exp(move)), _WIDEST**-2)), (moves[1], move)
