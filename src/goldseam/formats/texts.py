"""Texts: columns of texts for tables of millions of rows: kept as the writer takes them, or as few distinct ones with codes.

In: lists of texts, codes. Out: `Texts`, `Coded`: sequences that are put in order, and written, without a Python object a row.
Never: a text that is changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, overload

import numpy as np
from arro3.core import Array, DataType
from numpy.typing import NDArray

from goldseam.vocab.errors import BadValue


class Texts(Sequence[str]):
    """A column of texts, as Arrow keeps them."""

    def __init__(self, texts: Array | Iterable[str]) -> None:
        self.arrow = texts if isinstance(texts, Array) else Array(list(texts), DataType.utf8())

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.arrow)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        """Return the text of a row, or of some."""
        if isinstance(place, slice):
            return self.tolist()[place]
        return str(self.arrow[range(len(self))[place]].as_py())

    def __iter__(self) -> Iterator[str]:
        """Yield the texts."""
        return iter(self.tolist())

    def tolist(self) -> list[str]:
        """Return the texts as a list."""
        texts: list[str] = self.arrow.to_pylist()
        return texts

    def taken(self, order: NDArray[np.intp]) -> Texts:
        """Return the rows in this order."""
        return Texts(_taken(self.arrow, order))


class Coded(Sequence[str]):
    """A column of texts of which few are distinct: each row is a place in `texts`."""

    def __init__(self, codes: NDArray[np.integer], texts: Sequence[str]) -> None:
        if len(codes) and not (codes.min() >= 0 and codes.max() < len(texts)):
            raise BadValue("A code is the place of a text.")
        self.codes, self.texts = codes, tuple(texts)

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.codes)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        """Return the text of a row, or of some."""
        return Coded(self.codes[place], self.texts) if isinstance(place, slice) else self.texts[self.codes[place]]

    def __iter__(self) -> Iterator[str]:
        """Yield the texts."""
        return map(self.texts.__getitem__, self.codes.tolist())

    @property
    def arrow(self) -> Array:
        """The column as Arrow keeps texts."""
        return _taken(Array(list(self.texts), DataType.utf8()), self.codes)

    def taken(self, order: NDArray[np.intp]) -> Coded:
        """Return the rows in this order."""
        return Coded(self.codes[order], self.texts)

    def counts(self) -> Counter[str]:
        """Return how often each text stands."""
        found: Counter[str] = Counter()
        for text, n in zip(self.texts, np.bincount(self.codes, minlength=len(self.texts)).tolist(), strict=True):
            found[text] += n
        return +found


def same(text: str, n_rows: int) -> Coded:
    """Return a column in which every row has this text."""
    return Coded(np.zeros(n_rows, np.int8), (text,))


def coded(texts: Sequence[Any]) -> Coded:
    """Return texts as codes, the distinct ones in the order in which they come."""
    places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    return Coded(np.fromiter(map(places.__getitem__, texts), np.int32, len(texts)), [str(text) for text in places])


def pairs(one: Sequence[str], other: Sequence[str]) -> Counter[tuple[str, str]]:
    """Return how often each pair of texts stands in a row."""
    if not (isinstance(one, Coded) and isinstance(other, Coded)):
        return Counter(zip(one, other, strict=True))
    width = len(other.texts)
    counted = np.bincount(one.codes.astype(np.int64) * width + other.codes)
    found: Counter[tuple[str, str]] = Counter()
    for place in np.flatnonzero(counted).tolist():
        found[one.texts[place // width], other.texts[place % width]] += int(counted[place])
    return found


def _taken(array: Array, order: NDArray[np.integer]) -> Array:
    return array.take(Array.from_numpy(np.ascontiguousarray(order, np.int64)))
