"""Contents: what a model sees of items.

In: texts with what else is known of them, or rows of pixels. Out: types only. Never: scikit-learn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, overload

import numpy as np
from numpy.typing import NDArray

from goldseam.vocab.errors import BadValue

Kind = Literal["text", "fields", "image"]
Contents = Sequence[str] | NDArray[np.float32]
"""Texts (`Described` ones have more beside), or an array (n, side * side) of gray values between 0 and 1; media that are sent
elsewhere are data: addresses."""

Cell = str | int | float | bool | None
Fields = Mapping[str, Cell]
"""What an item's fields hold, by name."""

IMAGE_SIDE = 16
"""Images are looked at as this many pixels squared: enough for small pictures of digits and signs."""


@dataclass(frozen=True, slots=True, eq=False)
class Described(Sequence[str]):
    """Texts with what else is known of each item: its fields; and its vector (n, d), an embedding of length 1, or 0.

    `reads_text` is false where words do not count, as of a table, whose text is JSON. `vectors_of` says of what version of which
    model the vectors are: those of another mean other things.
    """

    texts: tuple[str, ...]
    reads_text: bool = True
    fields: tuple[Fields, ...] | None = None
    vectors: NDArray[np.float32] | None = None
    vectors_of: str = ""

    def __post_init__(self) -> None:
        if self.vectors is not None and (self.vectors.ndim != 2 or len(self.vectors) != len(self.texts)):
            raise BadValue(f"There is a vector of each item; got {self.vectors.shape} for {len(self.texts)} items.")
        if self.fields is not None and len(self.fields) != len(self.texts):
            raise BadValue(f"There are fields of each item; got {len(self.fields)} for {len(self.texts)} items.")

    def __len__(self) -> int:
        return len(self.texts)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[str]: ...
    def __getitem__(self, at: int | slice) -> str | Sequence[str]:
        return self.texts[at]

    def take(self, rows: NDArray[np.intp]) -> Described:
        """Return these items, in this order."""
        at = rows.tolist()
        return Described(
            tuple(self.texts[row] for row in at),
            self.reads_text,
            None if self.fields is None else tuple(self.fields[row] for row in at),
            None if self.vectors is None else self.vectors[rows],
            self.vectors_of,
        )


def taken(contents: Contents, rows: NDArray[np.intp]) -> Contents:
    """Return the contents of these items, in this order."""
    if isinstance(contents, Described):
        return contents.take(rows)
    return contents[rows] if isinstance(contents, np.ndarray) else [contents[at] for at in rows.tolist()]
