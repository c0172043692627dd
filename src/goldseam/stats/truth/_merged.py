"""Merged: one text out of several, word by word.

In: wordings of items, the one to start from, annotators' errors. Out: `Merged`.
Never: a word in a place where nobody put it.

Every other text is lined up with the first, which gives slots: one for each of its words, and between them as many as
the longest insertion needs. In each slot every text votes for its word, or for none (ROVER).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goldseam.stats._neighbors import Index, summed
from goldseam.stats.truth._strings import Sequences, alignments
from goldseam.stats.truth._texts import Wordings
from goldseam.stats.truth.record import Array

_NONE = np.int64(-1)
_SURE = 0.02
_SAME_WORD = 0.02
"""Of wrong words in one place, the share that are one and the same."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged text of each item, as text and as words, and the share of its words that are expected right."""

    texts: tuple[str, ...]
    words: Sequences
    share: Array


def merged_texts(sequences: Sequences, best: Index, wordings: Wordings, error: Array) -> Merged:
    """Merge the texts of each item, starting from wording `best[i]`.

    A word of an annotator is right with the probability 1 - error; votes weigh the logarithm of its odds.
    """
    right = np.clip(1 - error, _SURE, 1 - _SURE)[wordings.annotator]
    item = wordings.item[wordings.wording]
    slots = _filled(sequences, best, item, wordings.wording, np.log(right / (1 - right)), wordings.n_items)
    many = np.bincount(slots.item, minlength=wordings.n_items)
    begin = np.concatenate([[0], np.cumsum(many)])
    codes = slots.word.tolist()
    texts = tuple(
        " ".join(sequences.words[code] for code in codes[start:end])
        for start, end in zip(begin[:-1].tolist(), begin[1:].tolist(), strict=True)
    )
    return Merged(texts, Sequences(slots.word, begin, sequences.words), slots.share)


@dataclass(frozen=True, slots=True)
class _Slots:
    """Words in order: `word[v]` belongs to `item[v]`; `share` (n_items,) is of words expected right."""

    item: Index
    word: Index
    share: Array


def _filled(texts: Sequences, first: Index, item: Index, text: Index, weight: Array, n_items: int) -> _Slots:
    """Let the texts of each item vote: vote v, of `item[v]` and for `text[v]`, weighs `weight[v]`."""
    pair, at_first, at_other = alignments(texts, first[item], text)
    gap = at_first < 0
    # the place before which an insertion lies: the number of words of the first text that were passed
    passed = np.cumsum(~gap)
    before = np.concatenate([[0], passed])[np.searchsorted(pair, pair)]
    anchor = passed - before
    rank = _ranks(pair, anchor, gap)
    # slots in order of item, of the place in the first text, of the place in the insertion; a word comes after insertions
    place = np.where(gap, anchor * 2, at_first * 2 + 1)
    word = np.where(
        at_other >= 0, texts.codes[np.minimum(texts.begin[text[pair]] + at_other, len(texts.codes) - 1)], _NONE
    )
    keys = np.stack([item[pair], place, rank], axis=1)
    slots, slot = np.unique(keys, axis=0, return_inverse=True)
    slot = slot.reshape(-1)
    ballots, ballot = np.unique(np.stack([slot, word], axis=1), axis=0, return_inverse=True)
    # annotators who err seldom err in the same word: every vote for a word after its first tells that much more
    told = weight[pair] - np.where(word < 0, 0.0, np.log(_SAME_WORD))
    tally = summed(ballot.reshape(-1), told, len(ballots)) + np.where(ballots[:, 1] < 0, 0.0, np.log(_SAME_WORD))
    silent = summed(item, weight, n_items)[slots[:, 0]] - summed(slot, weight[pair], len(slots))
    return _decided(slots, ballots, tally, silent, n_items)


def _ranks(pair: Index, anchor: Index, gap: NDArray[np.bool_]) -> Index:
    """Return the place of each entry within its run of insertions; 0 for words of the first text."""
    opens = np.ones(len(pair), dtype=bool)
    opens[1:] = (pair[1:] != pair[:-1]) | (anchor[1:] != anchor[:-1]) | ~gap[1:] | ~gap[:-1]
    start = np.flatnonzero(opens)
    rank = np.arange(len(pair)) - np.repeat(start, np.diff(np.append(start, len(pair))))
    return np.where(gap, rank, 0)


def _decided(slots: Index, ballots: Index, tally: Array, silent: Array, n_items: int) -> _Slots:
    """Take the heaviest word of each slot, or none where silence weighs more; a word wins a tie."""
    slot, word = ballots[:, 0], ballots[:, 1]
    none = word < 0
    silence = silent + summed(slot[none], tally[none], len(slots))
    order = np.lexsort((word, -np.where(none, -np.inf, tally), slot))
    best = order[np.searchsorted(slot[order], np.arange(len(slots)))] if len(slots) else order
    top = np.where(none[best], -np.inf, tally[best])
    taken = top >= silence
    heaviest = np.maximum(top, silence)
    odds = summed(slot, np.where(none, 0.0, np.exp(tally - heaviest[slot])), len(slots))
    sure = 1 / (odds + np.exp(silence - heaviest))
    many = np.bincount(slots[:, 0], minlength=n_items)
    share = summed(slots[:, 0], sure, n_items) / np.maximum(many, 1)
    return _Slots(slots[taken, 0], word[best[taken]], np.where(many > 0, share, 1.0))
