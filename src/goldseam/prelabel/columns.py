"""Columns: fields of items as numbers that a linear model learns from.

In: fields of items. Out: `Columns`, learned from some items, and the rows that they give for any. Never: a label.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from goldseam.prelabel.cells import days_of, is_missing, number_of, value_of
from goldseam.prelabel.contents import Cell, Fields
from goldseam.vocab.errors import BadValue

NUMBER, DATE, VALUE, WORDS = "number", "date", "value", "words"
KINDS: Final = frozenset({NUMBER, DATE, VALUE, WORDS})
MOST_FIELDS: Final = 1_000
MOST_VALUES: Final = 50
RARE: Final = 3
"""A value that stands in fewer items than this counts as rare; all rare ones together, and unknown ones, are one value."""
NEARLY_ALL: Final = 0.95
KNOTS: Final = (25, 50, 75)
"""Percentiles at which the effect of a number may bend."""
FAR: Final = 5.0
"""Numbers count up to this many standard deviations from their mean: one outlier shall not decide."""
DENSE: Final = 500
Floats = NDArray[np.float64]
Table = Any


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """What was learned of each field: its kind; center and spread of numbers (dates are days); the values that are not rare.

    `knots` (n, 3) are standardized. `values[i]` is one of field `value_field[i]`. `bent` says whether knots count, `scale` how
    much all of it does beside words. A field of kind `words` gives no columns: it is read as text.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    center: Floats
    spread: Floats
    knots: Floats
    values: tuple[str, ...]
    value_field: NDArray[np.int64]
    bent: bool = False
    scale: float = 1.0

    def __post_init__(self) -> None:
        n = len(self.names)
        fits = self.center.shape == self.spread.shape == (n,) and self.knots.shape == (n, len(KNOTS))
        if not fits or len(self.kinds) != n or not KINDS.issuperset(self.kinds):
            raise BadValue(f"Columns have a kind, a center, a spread and {len(KNOTS)} knots for each of {n} fields.")
        if self.value_field.shape != (len(self.values),) or not np.isin(self.value_field, np.arange(n)).all():
            raise BadValue("Each value of columns is one of a field that is there.")
        if not (np.isfinite(self.center).all() and np.isfinite(self.knots).all() and (self.spread > 0).all()):
            raise BadValue("Center, spread and knots of columns are finite, and a spread is above 0.")
        if not (math.isfinite(self.scale) and self.scale > 0):
            raise BadValue(f"The scale of columns is above 0; got {self.scale}.")

    @property
    def width(self) -> int:
        """How many numbers an item has by them."""
        return sum(len(self._places(at)) for at in range(len(self.names)))

    @property
    def reads_words(self) -> bool:
        """Whether a field is read as text."""
        return WORDS in self.kinds

    def rows(self, items: Sequence[Fields]) -> Table:
        """Return each item's numbers (n, width): a sparse array where they are many."""
        data: list[Floats] = []
        row: list[NDArray[np.intp]] = []
        column: list[NDArray[np.intp]] = []
        start = 0
        for at, name in enumerate(self.names):
            width = len(self._places(at))
            if width:
                block = self._block(at, [one.get(name) for one in items])
                found, place = np.nonzero(block)
                data.append(block[found, place])
                row.append(found)
                column.append(place + start)
                start += width
        if not start:
            return np.zeros((len(items), 0), np.float32)
        numbers = (np.concatenate(data) * self.scale).astype(np.float32)
        table = sparse.csr_array((numbers, (np.concatenate(row), np.concatenate(column))), shape=(len(items), start))
        return table.toarray() if start <= DENSE else table

    def prose(self, items: Sequence[Fields]) -> list[str]:
        """Return of each item the fields that are read as text, one after the other."""
        names = [name for name, kind in zip(self.names, self.kinds, strict=True) if kind == WORDS]
        return [" . ".join(str(one[name]) for name in names if not is_missing(one.get(name))) for one in items]

    def weighed(self, scale: float, *, bent: bool) -> Columns:
        """Return the same with another weight, and with or without knots."""
        return replace(self, scale=scale, bent=bent)

    def _places(self, at: int) -> range:
        kind = self.kinds[at]
        if kind == WORDS:
            return range(0)
        if kind == VALUE:
            return range(int(np.count_nonzero(self.value_field == at)) + 2)
        return range(2 + (len(KNOTS) if self.bent else 0))

    def _block(self, at: int, cells: Sequence[Cell]) -> Floats:
        block = np.zeros((len(cells), len(self._places(at))))
        if self.kinds[at] == VALUE:
            known = [self.values[one] for one in np.flatnonzero(self.value_field == at).tolist()]
            place = {value: where for where, value in enumerate(known, start=2)}
            for row, cell in enumerate(cells):
                block[row, 0 if is_missing(cell) else place.get(value_of(cell), 1)] = 1
            return block
        numbers = _numbers(cells, self.kinds[at])
        there = np.isfinite(numbers)
        block[~there, 0] = 1
        standard = np.clip((numbers[there] - self.center[at]) / self.spread[at], -FAR, FAR)
        block[there, 1] = standard
        if self.bent:
            block[there, 2:] = np.maximum(standard[:, None] - self.knots[at], 0)
        return block

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return it as named arrays; none where there are no fields."""
        if not self.names:
            return {}
        return {
            "fields": np.asarray(self.names, np.str_),
            "fields_kind": np.asarray(self.kinds, np.str_),
            "fields_center": self.center,
            "fields_spread": self.spread,
            "fields_knots": self.knots,
            "fields_values": np.asarray(self.values, np.str_),
            "fields_value_of": self.value_field,
            "fields_weight": np.asarray([self.scale, float(self.bent)]),
        }


TYPES: Final[Mapping[str, tuple[str, int]]] = {
    "fields": ("U", 1),
    "fields_kind": ("U", 1),
    "fields_center": ("f", 1),
    "fields_spread": ("f", 1),
    "fields_knots": ("f", 2),
    "fields_values": ("Uf", 1),  # no values at all are floats by NumPy's choice
    "fields_value_of": ("i", 1),
    "fields_weight": ("f", 1),
}


def none() -> Columns:
    """Return the columns of items without fields."""
    return Columns((), (), np.empty(0), np.empty(0), np.empty((0, len(KNOTS))), (), np.empty(0, np.int64))


def from_arrays(arrays: Mapping[str, NDArray[np.generic]]) -> Columns:
    """Return the columns that `to_arrays` wrote; a model without fields has none.

    Raises
    ------
    BadValue
        If an array is missing, or of the wrong shape or type.
    """
    if "fields" not in arrays:
        return none()
    for name, (kinds, n_axes) in TYPES.items():
        if name not in arrays or arrays[name].dtype.kind not in kinds or arrays[name].ndim != n_axes:
            raise BadValue(f"A model of fields has an array {name!r} with {n_axes} dimensions of type {kinds[0]}.")
    weight = np.asarray(arrays["fields_weight"], np.float64)
    if weight.shape != (2,):
        raise BadValue(f"The weight of fields is two numbers; got {weight.shape}.")
    return Columns(
        tuple(str(one) for one in arrays["fields"]),
        tuple(str(one) for one in arrays["fields_kind"]),
        np.asarray(arrays["fields_center"], np.float64),
        np.asarray(arrays["fields_spread"], np.float64),
        np.asarray(arrays["fields_knots"], np.float64),
        tuple(str(one) for one in arrays["fields_values"]),
        np.asarray(arrays["fields_value_of"], np.int64),
        bool(weight[1]),
        float(weight[0]),
    )


def learn(items: Sequence[Fields]) -> Columns:
    """Return what these items tell of their fields; a field that says nothing, or the same of all, is left out."""
    names = list(dict.fromkeys(name for one in items for name in one))[:MOST_FIELDS]
    found = [(name, one) for name in names if (one := _learned([item.get(name) for item in items])) is not None]
    values = [value for _, one in found for value in one.values]
    owner = [at for at, (_, one) in enumerate(found) for _ in one.values]
    return Columns(
        tuple(name for name, _ in found),
        tuple(one.kind for _, one in found),
        np.array([one.center for _, one in found], np.float64),
        np.array([one.spread for _, one in found], np.float64),
        np.array([one.knots for _, one in found], np.float64).reshape(len(found), len(KNOTS)),
        tuple(values),
        np.array(owner, np.int64),
    )


@dataclass(frozen=True, slots=True)
class _Field:
    kind: str
    values: tuple[str, ...] = ()
    center: float = 0.0
    spread: float = 1.0
    knots: tuple[float, ...] = (0.0,) * len(KNOTS)


def _learned(cells: Sequence[Cell]) -> _Field | None:
    said = [cell for cell in cells if not is_missing(cell)]
    if not said:
        return None
    for kind in (NUMBER, DATE):
        numbers = _numbers(said, kind)
        numbers = numbers[np.isfinite(numbers)]
        if len(numbers) >= NEARLY_ALL * len(said):
            return _of_numbers(kind, numbers, all_said=len(said) == len(cells))
    count = Counter(map(value_of, said))
    if len(count) == 1 and len(said) == len(cells):
        return None
    often = [value for value, n in count.most_common(MOST_VALUES) if n >= RARE]
    if sum(count[value] for value in often) < len(said) / 2:
        n_words = sum(len(cell.split()) for cell in said if isinstance(cell, str))
        if n_words >= 3 * len(said):
            return _Field(WORDS)
    return _Field(VALUE, tuple(sorted(often)))


def _of_numbers(kind: str, numbers: Floats, *, all_said: bool) -> _Field | None:
    spread = float(numbers.std())
    if not spread > 1e-12 * max(1.0, float(np.abs(numbers).max())):
        return None if all_said else _Field(kind, center=float(numbers[0]))
    center = float(numbers.mean())
    knots = (np.percentile(numbers, KNOTS) - center) / spread
    return _Field(kind, (), center, spread, tuple(knots.tolist()))


def _numbers(cells: Sequence[Cell], kind: str) -> Floats:
    read = number_of if kind == NUMBER else days_of
    return np.array([math.nan if (number := read(cell)) is None else number for cell in cells], np.float64)
