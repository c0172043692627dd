"""Edit distance: the fewest insertions, deletions and replacements between sequences, many pairs at a time.

In: sequences of whole numbers (characters or words), and the pairs to compare. Out: counts. Never: a loop over characters
of one pair in Python; all pairs take each step together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.int64]
Bits = NDArray[np.uint64]

_WORD = 64
_PAIRS = 50_000
"""Pairs that take a step together: their state stays in the processor's cache."""
_TABLE = 16_000_000
"""Cells of the table of masks, at most: 128 MB. Beyond, masks are searched for."""
_ONE = np.uint64(1)
_ZERO = np.uint64(0)


@dataclass(frozen=True, slots=True)
class _Masks:
    """Where each symbol stands in each pattern: bit k of word w is set if it is symbol number 64 w + k."""

    n_symbols: int
    n_words: int
    key: Index
    mask: NDArray[np.uint64]
    table: NDArray[np.uint64] | None

    def at(self, pattern: Index, symbol: Index) -> NDArray[np.uint64]:
        """Return the masks (n, n_words) of these symbols in these patterns."""
        if self.table is not None:
            return self.table[pattern, symbol]
        wanted = pattern * self.n_symbols + symbol
        place = np.minimum(np.searchsorted(self.key, wanted), len(self.key) - 1)
        return np.where((self.key[place] == wanted)[:, None], self.mask[place], _ZERO)


def distances(sequences: Sequence[Index], left: Index, right: Index) -> Index:
    """Return the edit distance of each pair of sequences, given by their indices.

    Bit-parallel (Myers 1999; in blocks of 64 bits, Hyyrö 2003): a column of the table of distances is held as the
    differences of its cells, which a dozen operations on words carry one column further.
    """
    size = np.array([len(one) for one in sequences], dtype=np.int64)
    flat = np.concatenate([*sequences, np.empty(0, dtype=np.int64)])
    _, symbol = np.unique(flat, return_inverse=True)
    start = np.cumsum(size) - size
    shorter = size[left] <= size[right]
    pattern, text = np.where(shorter, left, right), np.where(shorter, right, left)
    found = np.maximum(size[left], size[right])  # right where the pattern is empty
    words = (size[pattern] + _WORD - 1) // _WORD
    for n_words in np.unique(words[words > 0]).tolist():
        group = np.flatnonzero(words == n_words)
        masks = _masked(symbol.ravel(), start, size, pattern[group], n_words)
        for begin in range(0, len(group), _PAIRS):
            some = group[begin : begin + _PAIRS]
            some = some[np.argsort(-size[text[some]], kind="stable")]
            found[some] = _walked(masks, symbol.ravel(), start, size, pattern[some], text[some])
    return found


def _masked(symbol: Index, start: Index, size: Index, pattern: Index, n_words: int) -> _Masks:
    """Return the masks of all symbols of the patterns in use."""
    used = np.unique(pattern)
    many = size[used]
    place = np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many)
    entry = np.repeat(start[used], many) + place
    n_symbols = int(symbol.max(initial=0)) + 1
    key, inverse = np.unique(np.repeat(used, many) * n_symbols + symbol[entry], return_inverse=True)
    mask = np.zeros((len(key), n_words), dtype=np.uint64)
    np.bitwise_or.at(mask, (inverse.ravel(), place // _WORD), _ONE << (place % _WORD).astype(np.uint64))
    table = None
    if len(size) * n_symbols * n_words <= _TABLE:
        table = np.zeros((len(size), n_symbols, n_words), dtype=np.uint64)
        table[key // n_symbols, key % n_symbols] = mask
    return _Masks(n_symbols, n_words, key, mask, table)


def _walked(masks: _Masks, symbol: Index, start: Index, size: Index, pattern: Index, text: Index) -> Index:
    """Walk through the texts, the longest first, with all pairs whose text is not at its end."""
    n = len(pattern)
    up = np.full((masks.n_words, n), ~_ZERO)
    down = np.zeros((masks.n_words, n), dtype=np.uint64)
    last = _ONE << ((size[pattern] - 1) % _WORD).astype(np.uint64)
    found = size[pattern].copy()
    length = size[text]
    for step in range(int(length[0]) if n else 0):
        alive = int(np.searchsorted(-length, -step, side="left"))
        equal = masks.at(pattern[:alive], symbol[start[text[:alive]] + step])
        carry_up, carry_down = np.full(alive, _ONE), np.full(alive, _ZERO)
        for word in range(masks.n_words):
            rose, fell = _carried(up[word, :alive], down[word, :alive], equal[:, word], carry_up, carry_down)
            if word == masks.n_words - 1:
                found[:alive] += (rose & last[:alive] != 0).astype(np.int64)
                found[:alive] -= (fell & last[:alive] != 0).astype(np.int64)
            carry_up, carry_down = rose >> np.uint64(63), fell >> np.uint64(63)
    return found


def _carried(up: Bits, down: Bits, equal: Bits, carry_up: Bits, carry_down: Bits) -> tuple[Bits, Bits]:
    """Move one word of the column to the next character, in place; return where the row above rose and fell."""
    vertical = equal | down
    equal = equal | carry_down
    across = (((equal & up) + up) ^ up) | equal
    rose = down | ~(across | up)
    fell = up & across
    shifted = (rose << _ONE) | carry_up
    dropped = (fell << _ONE) | carry_down
    up[:] = dropped | ~(vertical | shifted)
    down[:] = shifted & vertical
    return rose, fell
