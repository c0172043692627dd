"""Texts: which of several is nearest to what is right, and how far each annotator's usually are from it.

In: texts with item and annotator. Out: `Wordings`, the different texts of each item, and `Fit`. Never: a text that nobody
gave.

Two annotators' texts of the same item are, in the mean, as alike as each is like the right one, multiplied: that gives
each annotator's likeness by least squares over all pairs of texts. The text chosen is the one that has the smallest sum
of distances from the others, each over its annotator's error and, as it stands for the right one without being it, the
crowd's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from goldseam.stats._names import BadVotes
from goldseam.stats._neighbors import Index, ragged, summed
from goldseam.stats.truth._marks import Marks
from goldseam.stats.truth._strings import Sequences, bag_distances, characters, edit_distances, words
from goldseam.stats.truth.record import Array

Unit = Literal["characters", "words", "bags"]

_POOLED = 3.0
"""Each annotator's error is pooled with the crowd's over so many texts."""
_LEAST_ERROR = 0.005
_FIRST_ERROR = 0.2


@dataclass(frozen=True, slots=True)
class Wordings:
    """The different texts of each item: `item` (n_wordings,) in order; vote v is for `wording[v]`, by `annotator[v]`."""

    item: Index
    wording: Index
    annotator: Index
    n_items: int
    n_annotators: int


@dataclass(frozen=True, slots=True)
class Fit:
    """What EM ended with: the posterior of each wording within its item, and each annotator's error."""

    posterior: Array
    error: Array
    iterations: int
    converged: bool


class Distances:
    """How far texts are apart, from 0 to 1, by characters, words or bags of words."""

    def __init__(self, texts: list[str], unit: Unit) -> None:
        if unit not in ("characters", "words", "bags"):
            raise BadVotes(f"unit={unit!r}: 'characters', 'words' or 'bags' would be right.")
        self.unit = unit
        self.sequences = characters(texts) if unit == "characters" else words(texts)

    def between(self, first: Index, second: Index) -> Array:
        """Return the distance of each pair of `pairs_of`; of (a, b) and (b, a) only one is worked out."""
        found = np.zeros(len(first))
        ahead = np.flatnonzero(first < second)
        found[ahead] = self._of(self.sequences, first[ahead], second[ahead])
        back = np.flatnonzero(first > second)
        found[back] = found[ahead[np.lexsort((first[ahead], second[ahead]))]]
        return found

    def to_wordings(self, wordings: Wordings, best: Index) -> Array:
        """Return the distance of each wording from the best of its item."""
        return self._of(self.sequences, best[wordings.item], np.arange(len(wordings.item)))

    def to_merged(self, wordings: Wordings, merged: Sequences) -> Array:
        """Return the distance of each wording from the merged text of its item."""
        ours = self.sequences
        both = Sequences(
            np.concatenate([ours.codes, merged.codes]),
            np.concatenate([ours.begin, merged.begin[1:] + ours.begin[-1]]),
        )
        return self._of(both, wordings.item + len(wordings.item), np.arange(len(wordings.item)))

    def _of(self, sequences: Sequences, first: Index, second: Index) -> Array:
        if self.unit == "bags":
            return bag_distances(sequences, first, second)
        longest = np.maximum(sequences.lengths[first], sequences.lengths[second])
        return np.asarray(edit_distances(sequences, first, second) / np.maximum(longest, 1))


def checked_texts(texts: Iterable[str]) -> list[str]:
    """Return texts as a list of texts."""
    listed = texts.tolist() if hasattr(texts, "tolist") else list(texts)
    wrong = next((place for place, text in enumerate(listed) if not isinstance(text, str)), None)
    if wrong is not None:
        raise BadVotes(f"Text {wrong} is {listed[wrong]!r}; a text would be right, if an empty one.")
    return listed


def wordings_of(marks: Marks, texts: list[str]) -> tuple[Wordings, Index, list[str]]:
    """Return the different texts of each item as wordings, where each was first given, and the texts themselves.

    Of several texts of one annotator for one item the last counts.
    """
    key = marks.item * np.int64(max(len(marks.annotators), 1)) + marks.annotator
    _, backwards = np.unique(key[::-1], return_index=True)
    kept = np.sort(marks.n_marks - 1 - backwards)
    places = marks.order[kept]
    seen: dict[tuple[int, str], int] = {}
    rows = zip(marks.item[kept].tolist(), places.tolist(), strict=True)
    wording = np.array([seen.setdefault((row, texts[place]), len(seen)) for row, place in rows], dtype=np.int64)
    item = np.array([row for row, _ in seen], dtype=np.int64)
    first = np.empty(len(seen), dtype=np.int64)
    first[wording[::-1]] = places[::-1]
    wordings = Wordings(item, wording, marks.annotator[kept], len(marks.items), len(marks.annotators))
    return wordings, first, [text for _, text in seen]


def pairs_of(wordings: Wordings) -> tuple[Index, Index]:
    """Return all ordered pairs of wordings of the same item, each with itself too, in order of the first."""
    many = np.bincount(wordings.item, minlength=wordings.n_items)
    begin = np.cumsum(many) - many
    first, place = ragged(many[wordings.item])
    return first, begin[wordings.item[first]] + place


def infer(wordings: Wordings, apart: Array, *, max_iterations: int, tolerance: float) -> Fit:
    """Infer each annotator's error from pairs of texts, then which wording is right.

    `apart` holds the distance, from 0 to 1, of each pair of `pairs_of`.
    """
    first, second = pairs_of(wordings)
    n_wordings = len(wordings.item)
    one, two, alike = _pairs_of_votes(wordings, apart)
    crowd = float(np.sqrt(max(alike.mean(), _LEAST_ERROR))) if len(alike) else 1 - _FIRST_ERROR
    like = np.full(wordings.n_annotators, crowd)
    converged, iteration = False, 0
    for iteration in range(1, max_iterations + 1):  # noqa: B007 - how many there were is part of the result
        drawn = summed(one, alike * like[two], wordings.n_annotators) + _POOLED * crowd**3
        solved = drawn / (summed(one, like[two] ** 2, wordings.n_annotators) + _POOLED * crowd**2)
        before, like = like, np.clip((like + solved) / 2, _LEAST_ERROR, 1 - _LEAST_ERROR)  # half a step, or it swings
        converged = bool(np.abs(like - before).max(initial=0.0) <= tolerance)
        if converged:
            break
    error = 1 - like
    scale = error + (1 - crowd)  # the text that stands for the right one has errors of its own
    pull = summed(wordings.wording, 1 / scale[wordings.annotator], n_wordings)
    worth = -summed(first, apart * pull[second], n_wordings)
    return Fit(_softmax(worth, wordings.item, wordings.n_items), error, iteration, converged)


def _pairs_of_votes(wordings: Wordings, apart: Array) -> tuple[Index, Index, Array]:
    """Return all ordered pairs of votes of different annotators on one item: both annotators, how alike the texts are."""
    many = np.bincount(wordings.item, minlength=wordings.n_items)
    before = np.cumsum(many[wordings.item]) - many[wordings.item]  # where the pairs of each wording begin
    item = wordings.item[wordings.wording]
    order = np.argsort(item, kind="stable")
    votes = np.bincount(item, minlength=wordings.n_items)
    start = np.cumsum(votes) - votes
    begin = np.cumsum(many) - many
    row, place = ragged(votes[item])
    other = order[start[item[row]] + place]
    kept = row != other
    row, other = row[kept], other[kept]
    pair = before[wordings.wording[row]] + wordings.wording[other] - begin[item[row]]
    return wordings.annotator[row], wordings.annotator[other], 1 - apart[pair]


def best_wordings(wordings: Wordings, posterior: Array, error: Array) -> Index:
    """Return the wording of each item with the largest posterior; ties go to the annotators with the least errors."""
    surest = np.full(len(wordings.item), np.inf)
    np.minimum.at(surest, wordings.wording, error[wordings.annotator])
    order = np.lexsort((surest, -np.round(posterior, 9), wordings.item))
    return order[np.searchsorted(wordings.item[order], np.arange(wordings.n_items))]


def expected_likeness(wordings: Wordings, distance: Array, fit: Fit, best: Index) -> Array:
    """Return how like the right text the best wording of each item is expected to be, from 0 to 1.

    `distance` is how far each wording is from the best of its item. Other annotators' texts are as like it as both are
    like the right one, multiplied; that is solved for it by least squares, with the annotator's usual as one text more.
    """
    like = 1 - fit.error
    item = wordings.item[wordings.wording]
    usual = np.zeros(len(wordings.item))
    np.maximum.at(usual, wordings.wording, like[wordings.annotator])
    owner = np.full(len(wordings.item), -1)
    order = np.argsort(like[wordings.annotator], kind="stable")
    owner[wordings.wording[order]] = order  # of those who gave a wording, the most reliable speaks for it
    others = owner[best][item] != np.arange(len(item))
    seen = like[wordings.annotator] * others
    drawn = summed(item, seen * (1 - distance[wordings.wording]), wordings.n_items) + usual[best]
    return np.asarray(np.clip(drawn / (summed(item, seen**2, wordings.n_items) + 1.0), 0.0, 1.0))


def likeness(wordings: Wordings, distance: Array, error: Array) -> Array:
    """Return how like the result the texts given are in the mean, each weighed by its annotator, for each item."""
    weight = 1 / error[wordings.annotator]
    item = wordings.item[wordings.wording]
    total = summed(item, weight, wordings.n_items)
    off = summed(item, weight * distance[wordings.wording], wordings.n_items)
    return np.asarray(1 - off / total)


def _softmax(logits: Array, group: Index, n_groups: int) -> Array:
    top = np.full(n_groups, -np.inf)
    np.maximum.at(top, group, logits)
    raised = np.exp(logits - top[group])
    return np.asarray(raised / summed(group, raised, n_groups)[group])
