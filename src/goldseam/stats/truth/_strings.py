"""Strings: sequences of characters or words as numbers, how far pairs of them are apart, and how they line up.

In: texts. Out: `Sequences`; edit distances and alignments of pairs, many at once. Never: a loop over pairs in Python.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from goldseam.stats._neighbors import Index, ragged
from goldseam.stats.truth.record import Array

_CELLS = 1 << 20
_GAP = np.int64(-1)
_LONGEST_SHORT = 30_000
"""Distances up to here fit into 16 bits."""


@dataclass(frozen=True, slots=True)
class Sequences:
    """Sequences of whole numbers one after another: sequence v is `codes[begin[v] : begin[v + 1]]`."""

    codes: Index
    begin: Index
    words: tuple[str, ...] = ()

    @property
    def lengths(self) -> Index:
        """Length of each sequence."""
        return np.diff(self.begin)

    def padded(self, places: Index, length: int, filler: int) -> NDArray[np.int32]:
        """Return sequences as columns (length, n), filled up at the end."""
        many = self.lengths[places]
        owner, rank = ragged(many)
        table = np.full((length, len(places)), filler, dtype=np.int32)
        table[rank, owner] = self.codes[self.begin[places][owner] + rank]
        return table


def characters(texts: Sequence[str]) -> Sequences:
    """Return texts as sequences of code points."""
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.int32).astype(np.int64)
    many = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    return Sequences(codes, np.concatenate([[0], np.cumsum(many)]))


def words(texts: Sequence[str]) -> Sequences:
    """Return texts as sequences of words, which are what white space leaves."""
    split = [text.split() for text in texts]
    many = np.fromiter(map(len, split), dtype=np.int64, count=len(split))
    seen: dict[str, int] = {}
    codes = [seen.setdefault(word, len(seen)) for parts in split for word in parts]
    return Sequences(np.array(codes, dtype=np.int64), np.concatenate([[0], np.cumsum(many)]), tuple(seen))


def edit_distances(sequences: Sequences, first: Index, second: Index) -> Index:
    """Return the edit distance (Levenshtein) of each pair: the least number of changes, insertions and deletions."""
    found = np.zeros(len(first), dtype=np.int64)
    for rows, one, two in _batches(sequences, first, second):
        short, long = sequences.lengths[one], sequences.lengths[two]
        for step, row in enumerate(_rows(sequences, one, two)):
            ends = np.flatnonzero(short == step)
            found[rows[ends]] = row[long[ends], ends]
    return found


def bag_distances(sequences: Sequences, first: Index, second: Index) -> Array:
    """Return 1 less the F1 of both sequences as bags: 0 where they hold the same, in whatever order."""
    n_words = int(sequences.codes.max(initial=-1)) + 1
    ones = np.ones(len(sequences.codes))
    # copies, as adding up what stands twice moves the entries in place
    parts = (ones, sequences.codes.copy(), sequences.begin.copy())
    table = csr_array(parts, shape=(len(sequences.lengths), max(n_words, 1)))
    table.sum_duplicates()
    shared = np.asarray(table[first].minimum(table[second]).sum(axis=1))
    both = sequences.lengths[first] + sequences.lengths[second]
    return np.asarray(1 - 2 * shared / np.maximum(both, 1) - (both == 0))


def alignments(sequences: Sequences, first: Index, second: Index) -> tuple[Index, Index, Index]:
    """Line up each pair with the fewest changes: return (pair, place in first or -1, place in second or -1).

    A place of -1 is a gap: the other side's entry was left out, or put in. Entries come in order of pair and place.
    """
    parts = []
    for rows, one, two in _batches(sequences, first, second, swap=False, squared=True):
        table = np.stack([row.copy() for row in _rows(sequences, one, two)])
        pair, at_one, at_two = _traced(table, sequences, one, two)
        parts.append((rows[pair], at_one, at_two))
    none = np.empty(0, dtype=np.int64)
    pair, at_one, at_two = (np.concatenate([none, *(part[k] for part in parts)]) for k in range(3))
    order = np.argsort(pair, kind="stable")
    return pair[order], at_one[order], at_two[order]


def _batches(
    sequences: Sequences, first: Index, second: Index, *, swap: bool = True, squared: bool = False
) -> Iterator[tuple[Index, Index, Index]]:
    """Yield pairs of about the same length together: their places, and both sides, the shorter first if `swap`."""
    lengths = sequences.lengths
    exchange = swap & (lengths[first] > lengths[second])
    one, two = np.where(exchange, second, first), np.where(exchange, first, second)
    order = np.lexsort((lengths[one], lengths[two]))
    start = 0
    while start < len(order):
        size = 256
        while True:  # take more as long as the padded table stays small
            stop = min(start + size, len(order))
            longest = int(lengths[two[order[start:stop]]].max()) + 1
            cells = (stop - start) * longest * ((int(lengths[one[order[start:stop]]].max()) + 1) if squared else 1)
            if stop == len(order) or 2 * cells > _CELLS:
                break
            size *= 2
        rows = order[start:stop]
        yield rows, one[rows], two[rows]
        start = stop


def _rows(sequences: Sequences, one: Index, two: Index) -> Iterator[NDArray[np.signedinteger[Any]]]:
    """Yield the rows of the tables of edit distances of pairs: (longest second + 1, n_pairs) for each prefix of first."""
    height, width = (int(sequences.lengths[side].max(initial=0)) for side in (one, two))
    kind = np.int16 if max(height, width) <= _LONGEST_SHORT else np.int32
    a, b = sequences.padded(one, height, -1), sequences.padded(two, width, -2)
    climb = np.arange(width + 1)[:, None].astype(kind)
    row: NDArray[np.signedinteger[Any]] = np.repeat(climb, len(one), axis=1)
    yield row
    for step in range(height):
        fresh = np.empty_like(row)
        fresh[0] = step + 1
        np.minimum(row[:-1] + (b != a[step]), row[1:] + kind(1), out=fresh[1:])
        fresh -= climb  # so that an insertion, which costs one for each place, costs nothing to carry along
        for place in range(1, width + 1):  # many times quicker than np.minimum.accumulate along the first axis
            np.minimum(fresh[place], fresh[place - 1], out=fresh[place])
        fresh += climb
        row = fresh
        yield row


def _traced(
    table: NDArray[np.signedinteger[Any]], sequences: Sequences, one: Index, two: Index
) -> tuple[Index, Index, Index]:
    """Walk back from the ends of all pairs at once: a change comes before a deletion, and that before an insertion."""
    pair, at_one, at_two = np.arange(len(one)), sequences.lengths[one], sequences.lengths[two]
    steps: list[tuple[Index, Index, Index]] = []
    while True:
        going = (at_one > 0) | (at_two > 0)
        pair, at_one, at_two = pair[going], at_one[going], at_two[going]
        if not len(pair):
            break
        here = table[at_one, at_two, pair]
        up, left = np.maximum(at_one - 1, 0), np.maximum(at_two - 1, 0)
        last = len(sequences.codes) - 1
        same = (
            sequences.codes[np.minimum(sequences.begin[one[pair]] + up, last)]
            == sequences.codes[np.minimum(sequences.begin[two[pair]] + left, last)]
        )
        across = (at_one > 0) & (at_two > 0) & (table[up, left, pair] + ~same == here)
        drops = ~across & (at_one > 0) & (table[up, at_two, pair] + 1 == here)
        steps.append((pair, np.where(across | drops, up, _GAP), np.where(drops, _GAP, left)))
        at_one, at_two = np.where(across | drops, up, at_one), np.where(drops, at_two, left)
    none = np.empty(0, dtype=np.int64)
    parts = [np.concatenate([none, *(step[k] for step in reversed(steps))]) for k in range(3)]
    return parts[0], parts[1], parts[2]
