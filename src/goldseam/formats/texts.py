"""Texts: columns of texts for tables of millions of rows: as the writer takes them, as few distinct ones with codes, as digits.

In: lists of texts, codes, bytes. Out: `Texts`, `Coded`, `Digits`: sequences that are put in order, and written, without a Python
object a row. Never: a text that is changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, overload

import numpy as np
from arro3.core import Array, ChunkedArray, DataType
from numpy.typing import NDArray

from goldseam.vocab.errors import BadValue


class Texts(Sequence[str]):
    """A column of texts, as Arrow keeps them; together they may be longer than the places of its short texts reach."""

    def __init__(self, texts: Array | Iterable[str]) -> None:
        self.long = texts if isinstance(texts, Array) else Array(list(texts), DataType.large_utf8())

    @classmethod
    def of_parts(cls, parts: Sequence[Texts]) -> Texts:
        """Return the rows of several columns as one."""
        return cls(ChunkedArray([part.long for part in parts]).combine_chunks()) if parts else cls(())

    @property
    def arrow(self) -> Array:
        """The column as the writer of tables takes texts."""
        return self.long.cast(DataType.utf8())

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.long)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        """Return the text of a row, or of some."""
        if isinstance(place, slice):
            return self.tolist()[place]
        return str(self.long[range(len(self))[place]].as_py())

    def __iter__(self) -> Iterator[str]:
        """Yield the texts."""
        return iter(self.tolist())

    def tolist(self) -> list[str]:
        """Return the texts as a list."""
        texts: list[str] = self.long.to_pylist()
        return texts

    def taken(self, order: NDArray[np.intp]) -> Texts:
        """Return the rows in this order."""
        return Texts(_taken(self.long, order))


class Coded(Sequence[str]):
    """A column of texts of which few are distinct: each row is a place in `texts`."""

    def __init__(self, codes: NDArray[np.integer], texts: Sequence[str]) -> None:
        if len(codes) and not (codes.min() >= 0 and codes.max() < len(texts)):
            raise BadValue("A code is the place of a text.")
        self.codes, self.texts = codes, tuple(texts)

    @classmethod
    def of_parts(cls, parts: Sequence[Coded]) -> Coded:
        """Return the rows of several columns as one."""
        places: dict[str, int] = {}
        codes = []
        for part in parts:
            anew = np.array([places.setdefault(text, len(places)) for text in part.texts], np.int32)
            codes.append(anew[part.codes] if len(part) else np.empty(0, np.int32))
        return cls(np.concatenate(codes) if codes else np.empty(0, np.int32), tuple(places))

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
        """The column as the writer of tables takes texts.

        One that is cut off again stands before them: a column without a single letter is written twenty times slower.
        """
        codes = np.concatenate([[len(self.texts)], self.codes])
        return _taken(Array([*self.texts, "-"], DataType.utf8()), codes).slice(1)

    def taken(self, order: NDArray[np.intp]) -> Coded:
        """Return the rows in this order."""
        return Coded(self.codes[order], self.texts)

    def counts(self) -> Counter[str]:
        """Return how often each text stands."""
        found: Counter[str] = Counter()
        for text, n in zip(self.texts, np.bincount(self.codes, minlength=len(self.texts)).tolist(), strict=True):
            found[text] += n
        return +found


class Digits(Sequence[str]):
    """A column of hexadecimal texts of one length, as the bytes that they write: (rows, bytes)."""

    def __init__(self, raw: NDArray[np.uint8]) -> None:
        if raw.ndim != 2 or raw.dtype != np.uint8:
            raise BadValue("Digits are rows of bytes.")
        self.raw = raw

    @classmethod
    def of_text(cls, text: str, n_rows: int, width: int) -> Digits | None:
        """Return the column of a text that joins all rows; None if they are no digits, lowercase and so many in each."""
        try:
            data = bytes.fromhex(text)
        except ValueError:
            return None
        if 2 * len(data) != n_rows * width or data.hex() != text:
            return None
        return cls(np.frombuffer(data, np.uint8).reshape(n_rows, width // 2))

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.raw)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        """Return the text of a row, or of some."""
        return Digits(self.raw[place]) if isinstance(place, slice) else self.raw[place].tobytes().hex()

    def __iter__(self) -> Iterator[str]:
        """Yield the texts."""
        return iter([text.decode() for text in self.ascii().tolist()])

    def ascii(self) -> NDArray[np.bytes_]:
        """Return the texts as an array of bytes."""
        return np.frombuffer(self.raw.tobytes().hex().encode(), np.dtype((np.bytes_, max(2 * self.raw.shape[1], 1))))

    @property
    def arrow(self) -> Array:
        """The column as the writer of tables takes texts."""
        return Array.from_numpy(self.ascii()).cast(DataType.utf8()) if len(self) else Array([], DataType.utf8())

    def taken(self, order: NDArray[np.intp]) -> Digits:
        """Return the rows in this order."""
        return Digits(self.raw[order])

    def beginnings(self, width: int) -> Digits:
        """Return the first digits of each row, without a copy."""
        return Digits(self.raw[:, : width // 2])


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
