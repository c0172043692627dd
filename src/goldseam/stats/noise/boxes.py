"""Boxes likely overlooked, badly located, swapped in label, or superfluous.

In: boxes given and boxes that a model, or other annotators, would have. Out: `BoxIssues`.
Never: one threshold for all: each issue has a score.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goldseam.stats._areas import boxes_of, iou_of_pairs, limits
from goldseam.stats._names import indexed, plain
from goldseam.stats.noise._given import Array
from goldseam.stats.noise._partners import Places, first_of, touching
from goldseam.stats.votes import BadVotes, Names

KINDS = ("overlooked", "located", "swapped", "superfluous")
"""What can be wrong, in the order of `BoxIssues.kind`."""
_OVERLOOKED, _LOCATED, _SWAPPED, _SUPERFLUOUS = range(4)
_SAME = 0.5
"""From this IoU on two boxes are about the same thing."""
_MEANT = 0.1
"""A given box that shares less than this with a predicted one is not about the same thing, badly located."""
_ALMOST = 1.0 - 1e-9
Sides = tuple[Iterable[Any], Iterable[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class BoxIssues:
    """Boxes that are likely wrong, the most likely first; parallel arrays (m,).

    `kind` is an index of `KINDS`: a predicted box was overlooked, a given one is badly located, has the label of another,
    or should not be there. `given` and `predicted` are places in the boxes given and predicted; of an overlooked box
    `given` means nothing, of a superfluous one `predicted`. `score` is 0 to 1, high where the box is likely wrong, and
    `by_item` the same for each of `items` as a whole.
    """

    items: Names
    item: Places
    kind: NDArray[np.int8]
    given: Places
    predicted: Places
    score: Array
    by_item: Array
    names: tuple[Hashable, ...]
    label_given: Places
    label_predicted: Places

    @property
    def n_issues(self) -> int:
        """Number of issues listed."""
        return len(self.item)

    def rows(self, limit: int | None = None) -> list[dict[str, object]]:
        """Return plain rows of the first issues: item, kind, given, predicted, score, and the reason as a sentence."""
        found = []
        for place in range(len(self.item[slice(limit)])):
            kind = KINDS[self.kind[place]]
            given = None if kind == "overlooked" else int(self.given[place])
            predicted = None if kind == "superfluous" else int(self.predicted[place])
            one = "a box" if given is None or not self.names else f"{self.names[self.label_given[given]]!r}"
            two = "a box" if predicted is None or not self.names else f"{self.names[self.label_predicted[predicted]]!r}"
            found.append(
                {
                    "item": plain([self.items[self.item[place]]])[0],
                    "kind": kind,
                    "given": given,
                    "predicted": predicted,
                    "score": float(self.score[place]),
                    "reason": _because(kind, one, two),
                }
            )
        return found


def box_issues(
    given: ArrayLike,
    predicted: ArrayLike,
    *,
    items: Sides,
    labels: Sides | None = None,
    confidence: ArrayLike | None = None,
    least: float = 0.5,
    located_at: float = 0.7,
    limit: int | None = None,
) -> BoxIssues:
    r"""List the boxes that are likely wrong, the most likely first.

    Let c be the confidence of a predicted box, and the partner of a given box the predicted one of its label that has the
    largest IoU with it, at least 0.1. A given box is badly located with the score :math:`c (1 - \mathrm{IoU})`; it is
    swapped, if another label has a larger IoU with it of at least 0.5, with the score c times 1 minus the largest
    :math:`c\,\mathrm{IoU}` of its own label; without either it is superfluous, with 1 minus that. A predicted box that is
    nobody's partner, and has an IoU of 0.5 with none, was overlooked, with the score c. An item's score is 1 minus the
    product of 1 minus these.

    Parameters
    ----------
    given, predicted
        Boxes (n, 4), x, y, width, height, or (n, 5) with a rotation in degrees.
    items
        The item of each box given, and of each one predicted.
    labels
        The label of each box given, and of each one predicted; without them any two boxes may be the same.
    confidence
        How sure each predicted box is, 0 to 1; by default 1.
    least
        The confidence from which a predicted box says that something is wrong.
    located_at
        A given box whose partner shares at least this much is not listed as badly located.
    limit
        The most issues to list.

    Raises
    ------
    BadVotes
        Boxes, items, labels or confidences do not fit each other.

    References
    ----------
    Tkachenko, Thyagarajan and Mueller (2023), ObjectLab: automated diagnosis of mislabeled images in object detection data;
    the kinds are theirs but 'superfluous', which their score passes over.

    Examples
    --------
    >>> given = [[0, 0, 10, 10], [20, 20, 5, 5]]
    >>> predicted = [[0, 0, 10, 10], [20, 20, 10, 10], [50, 50, 5, 5]]
    >>> found = box_issues(given, predicted, items=("aa", "aaa"), confidence=[0.9, 0.8, 0.7])
    >>> [(row["kind"], row["given"], row["predicted"]) for row in found.rows()]
    [('overlooked', None, 2), ('located', 1, 1)]
    """
    one, two = boxes_of(given), boxes_of(predicted)
    sure = _confidences(confidence, len(two))
    for name, value in (("least", least), ("located_at", located_at)):
        if not 0 <= value <= 1:
            raise BadVotes(f"{name}={value}: a number between 0 and 1 would be right.")
    item_names, (item_one, item_two) = _sides(items, "item", len(one), len(two))
    names, (label_one, label_two) = _sides(labels, "label", len(one), len(two))
    a, b = touching((item_one, *limits(one)), (item_two, *limits(two)))
    shared = iou_of_pairs(one[a], two[b])
    some = shared > 0
    pairs = _Pairs(a[some], b[some], shared[some], (label_one[a] == label_two[b])[some], sure, least)
    kind, first, second, score, listed = _found(pairs, len(one), located_at)
    item = np.concatenate([item_two[second[kind == _OVERLOOKED]], item_one[first[kind != _OVERLOOKED]]])
    doubt = np.bincount(item, weights=-np.log1p(-np.minimum(score, _ALMOST)), minlength=len(item_names))
    order = np.lexsort((second, first, item, -score))
    order = order[listed[order]][:limit]
    return BoxIssues(
        items=item_names,
        item=item[order],
        kind=kind[order],
        given=first[order],
        predicted=second[order],
        score=score[order],
        by_item=np.asarray(-np.expm1(-doubt)),
        names=() if labels is None else tuple(plain(names.tolist())),
        label_given=label_one,
        label_predicted=label_two,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Pairs of a given and a predicted box that share something: places, IoU, whether the labels are the same."""

    a: Places
    b: Places
    iou: Array
    alike: NDArray[np.bool_]
    sure: Array
    least: float


def _found(
    pairs: _Pairs, n_given: int, located_at: float
) -> tuple[NDArray[np.int8], Places, Places, Array, NDArray[np.bool_]]:
    """Return what is or may be wrong: kind, given, predicted, score, and whether it is to be listed."""
    a, b, iou, sure = pairs.a, pairs.b, pairs.iou, pairs.sure
    speaks = sure[b] >= pairs.least
    backing = np.zeros(n_given)
    np.maximum.at(backing, a[pairs.alike], (iou * sure[b])[pairs.alike])
    own, other = np.zeros(n_given), np.zeros(n_given)
    partner = _best(pairs, speaks & pairs.alike & (iou >= _MEANT))
    own[a[partner]] = iou[partner]
    rival = _best(pairs, speaks & ~pairs.alike & (iou >= _SAME))
    other[a[rival]] = iou[rival]
    swapped = rival[iou[rival] > own[a[rival]]]
    located = partner[other[a[partner]] <= iou[partner]]
    covered = np.zeros(len(sure), dtype=np.bool_)
    covered[b[iou >= _SAME]] = covered[b[located]] = True
    overlooked = np.flatnonzero((sure >= pairs.least) & ~covered)
    alone = np.ones(n_given, dtype=np.bool_)
    alone[a[swapped]] = alone[a[located]] = False
    superfluous = np.flatnonzero(alone)
    kind = np.repeat(np.arange(4), [len(overlooked), len(located), len(swapped), len(superfluous)]).astype(np.int8)
    score = np.concatenate(
        [
            sure[overlooked],
            sure[b[located]] * (1.0 - iou[located]),
            sure[b[swapped]] * (1.0 - backing[a[swapped]]),
            1.0 - backing[superfluous],
        ]
    )
    listed = np.ones(len(kind), dtype=np.bool_)
    listed[kind == _LOCATED] = iou[located] < located_at
    first = np.concatenate([np.zeros_like(overlooked), a[located], a[swapped], superfluous])
    second = np.concatenate([overlooked, b[located], b[swapped], np.zeros_like(superfluous)])
    return kind, first, second, score, listed


def _best(pairs: _Pairs, allowed: NDArray[np.bool_]) -> Places:
    """Return the pair that shares most, of those allowed, for each given box."""
    held = np.flatnonzero(allowed)
    return np.asarray(held[first_of(pairs.a[held], pairs.iou[held], pairs.sure[pairs.b[held]])])


def _confidences(values: ArrayLike | None, many: int) -> Array:
    if values is None:
        return np.ones(many)
    sure = np.asarray(values, dtype=np.float64)
    if sure.shape != (many,):
        raise BadVotes(f"confidence= needs one number for each of the {many} boxes predicted; it has {sure.shape}.")
    wrong = np.flatnonzero(~((sure >= 0) & (sure <= 1)))
    if len(wrong):
        raise BadVotes(f"The predicted box {wrong[0]} has a confidence of {sure[wrong[0]]}; 0 to 1 would be right.")
    return sure


def _sides(sides: Sides | None, what: str, n_given: int, n_predicted: int) -> tuple[Names, tuple[Places, Places]]:
    """Return the names of both sides, and each box's as an index of them; 0 where there are none."""
    if sides is None:
        return np.empty(0, dtype=object), (np.zeros(n_given, dtype=np.int64), np.zeros(n_predicted, dtype=np.int64))
    listed = [list(side) for side in sides]
    if [len(one) for one in listed] != [n_given, n_predicted]:
        raise BadVotes(
            f"{what}s=(of given, of predicted) needs one {what} for each box: {n_given} and {n_predicted}, "
            f"not {[*map(len, listed)]}."
        )
    names, code = indexed([*listed[0], *listed[1]], None, "item")
    return names, (code[:n_given].astype(np.int64), code[n_given:].astype(np.int64))


def _because(kind: str, one: str, two: str) -> str:
    match kind:
        case "overlooked":
            return f"The model has {two}, and nothing was given there."
        case "superfluous":
            return f"{one[:1].upper()}{one[1:]} was given, and the model has nothing like it there."
        case "swapped":
            return f"The box was given the label {one}, and the model has {two} there."
        case _:
            return "The model has the box elsewhere, or of another size."
