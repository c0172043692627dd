"""Names: a column of any kind as whole numbers, and the names that these stand for.

In: arrays, lists, columns of pandas, polars or Arrow; the names wanted, if any. Out: names in order, and an int32 index
into them for each entry. Never: a frame library; columns are known by what they can do.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Names = NDArray[Any]
Index = NDArray[np.int32]

_MISSING = frozenset({"NAType", "NaTType"})
"""The types by which frame libraries mark a missing value; known by name, as none of these libraries is needed here."""
_SPREAD = 4
"""Whole numbers are looked up in a table up to this many times as long as they are many; others are sorted."""
_SMALL_TABLE = 65_536
_PART = 131_072
"""So many values are looked up at a time, to stay in the processor's cache."""


class BadVotes(ValueError):
    """The votes, or what came with them, contradict themselves."""


@dataclass(frozen=True, slots=True)
class _Coded:
    """A column in index form: `codes` are places in `names`, below 0 where missing; `ordered` if the order matters."""

    codes: NDArray[np.integer[Any]]
    names: NDArray[Any] | list[Any]
    ordered: bool = False


def indexed(
    values: Iterable[Any], known: Sequence[Any] | Names | None, what: str, room: Index | None = None
) -> tuple[Names, Index]:
    """Return the names, and the index of each value among them; a missing label gets -1, other missing names raise.

    The index of an array of whole numbers is written to `room` where that is given.

    Names are those known, in their order, or those seen, sorted. A column with an order of its own (an ordered
    categorical) keeps that order, and for labels also its names that nobody used.
    """
    coded = _coded(values, what, room)
    if known is None and isinstance(coded.names, np.ndarray) and coded.names.dtype.kind in "iu":
        return coded.names, coded.codes.astype(np.int32, copy=False)  # sorted and complete, as `_of_whole` makes them
    listed = coded.names.tolist() if isinstance(coded.names, np.ndarray) else coded.names
    used = np.bincount(coded.codes[coded.codes >= 0], minlength=len(listed)) > 0
    missing = _missing(listed)
    if what != "label" and (bool((used & missing).any()) or bool((coded.codes < 0).any())):
        raise BadVotes(f"A vote has no {what}: None or NaN is not a name. Leave such votes out, or give a name.")
    kept = np.flatnonzero(~missing if coded.ordered and what == "label" else used & ~missing)
    present = [listed[place] for place in kept.tolist()]
    moved = np.full(len(listed) + 1, -1, dtype=np.int32)  # the last entry is where the code -1 ends up
    if known is None:
        order = list(range(len(present))) if coded.ordered else _order(present)
        known = [present[place] for place in order]
        moved[kept[order]] = np.arange(len(order), dtype=np.int32)
        if len(set(known)) == len(known):
            return as_names(known), moved[coded.codes]
        known = list(dict.fromkeys(known))  # a dictionary may name things twice
    names = as_names(known)
    place = {name: index for index, name in enumerate(names.tolist())}
    if len(place) != len(names):
        raise BadVotes(f"The {what}s given name one of them twice; each may occur once.")
    unknown = next((name for name in present if name not in place), None)
    if unknown is not None:
        raise BadVotes(f"A vote names the {what} {unknown!r}, which is not among the {len(names)} {what}s given.")
    moved[kept] = [place[name] for name in present]
    return names, moved[coded.codes]


def as_names(values: Sequence[Any] | Names) -> Names:
    """Return names as a 1-D array: of whole numbers where all are, else of objects."""
    array = values if isinstance(values, np.ndarray) else None
    if array is None:
        listed, kinds = _plain(values)
        if kinds == {int}:
            try:
                return np.array(listed, dtype=np.int64)
            except OverflowError:
                pass
        array = np.empty(len(listed), dtype=object)
        array[:] = listed
    if array.ndim != 1:
        raise BadVotes(f"Names must be a 1-D array; this one has {array.ndim} dimensions.")
    return array


def plain(values: Iterable[Any]) -> list[Any]:
    """Return the values as plain Python objects, so that np.int64(1) and 1 print and compare as one."""
    return _plain(values)[0]


def _plain(values: Iterable[Any]) -> tuple[list[Any], set[type]]:
    """Return the values as plain Python objects, and of which types they are."""
    listed = values if isinstance(values, list) else list(values)
    kinds: set[type] = set(map(type, listed))
    if any(issubclass(kind, np.generic) for kind in kinds):
        listed = [value.item() if isinstance(value, np.generic) else value for value in listed]
        kinds = set(map(type, listed))
    return listed, kinds


def is_missing(name: object) -> bool:
    """Say whether this is None, NaN, or a frame library's own sign for a missing value (pandas.NA, NaT)."""
    return name is None or (isinstance(name, float) and math.isnan(name)) or type(name).__name__ in _MISSING


def _missing(names: list[Any]) -> NDArray[np.bool_]:
    """Say of each name whether it is missing, looking at each only if one of its type can be."""
    kinds = set(map(type, names))
    if any(kind is type(None) or issubclass(kind, float) or kind.__name__ in _MISSING for kind in kinds):
        return np.fromiter(map(is_missing, names), dtype=np.bool_, count=len(names))
    return np.zeros(len(names), dtype=np.bool_)


def _coded(values: Any, what: str, room: Index | None) -> _Coded:  # noqa: ANN401 - a column of any library
    """Return a column in index form, by the quickest way that its kind allows."""
    if isinstance(values, np.ndarray):
        return _of_array(values, what, room)
    if hasattr(values, "factorize"):
        return _of_pandas(values, what)
    if hasattr(values, "to_arrow"):  # polars
        try:
            values = values.to_arrow()
        except ImportError:  # without pyarrow
            return _of_array(values.to_numpy(), what)
    if hasattr(values, "dictionary_encode"):
        return _of_arrow(values, what)
    if hasattr(values, "to_numpy"):
        return _of_array(values.to_numpy(), what)
    return _of_list(values, what)


def _of_array(values: NDArray[Any], what: str, room: Index | None = None) -> _Coded:
    if values.ndim != 1:
        raise BadVotes(f"`{what}` must be 1-D, one entry per vote; it has {values.ndim} dimensions.")
    match values.dtype.kind:
        case "i" | "u":
            return _of_whole(values, room)
        case "b":
            coded = _of_whole(values.view(np.uint8))
            return _Coded(coded.codes, np.asarray(coded.names).astype(bool).tolist())
        case "f":
            uniques, codes = np.unique(values, return_inverse=True)  # NaN is one name, the last
            return _Coded(codes.reshape(-1), uniques.tolist())
        case _:
            return _of_list(values.tolist(), what)


def _of_whole(values: NDArray[Any], room: Index | None = None) -> _Coded:
    """Code whole numbers by a table where they lie close together, else by sorting; names come sorted."""
    low, high = (int(values.min()), int(values.max())) if len(values) else (0, -1)
    kind = np.int64 if high < 2**63 else np.uint64
    if high - low >= max(_SPREAD * len(values), _SMALL_TABLE):
        uniques, place = np.unique(values, return_inverse=True)
        return _Coded(place.astype(np.int32).reshape(-1), uniques.astype(kind))
    parts = [slice(start, start + _PART) for start in range(0, len(values), _PART)]
    seen = np.zeros(high - low + 1, dtype=np.bool_)
    for part in parts:
        seen[_above(values[part], kind(low))] = True
        if len(seen) <= _SMALL_TABLE and seen.all():  # few names: most often all of them are met early
            break
    names: Names = np.flatnonzero(seen).astype(kind, copy=False)
    names += kind(low)
    codes: Index = room if room is not None and len(room) == len(values) else np.empty(len(values), dtype=np.int32)
    rank = None if len(names) == len(seen) else np.cumsum(seen, dtype=np.int32) - np.int32(1)
    for part in parts:
        offset = _above(values[part], kind(low))
        codes[part] = offset if rank is None else rank[offset]
    return _Coded(codes, names)


def _above(values: NDArray[Any], low: np.int64 | np.uint64) -> NDArray[np.intp]:
    """Return how far each value lies above the lowest; for 8 bits, too, that may take more than 8."""
    wide = values.astype(low.dtype, copy=False)
    return (wide if low == 0 else wide - low).astype(np.intp, copy=False)


def _of_pandas(column: Any, what: str) -> _Coded:  # noqa: ANN401 - a pandas column, index or array
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iubf":
        return _of_array(column.to_numpy(), what)
    held = getattr(column, "array", column)
    if hasattr(held, "categories"):
        return _Coded(held.codes, held.categories.tolist(), bool(held.ordered))
    codes, uniques = column.factorize()
    return _Coded(codes, uniques.tolist())


def _of_arrow(column: Any, what: str) -> _Coded:  # noqa: ANN401 - an Arrow array, in chunks or not
    if not hasattr(column.type, "index_type"):
        if column.null_count == 0 and np.dtype(column.type.to_pandas_dtype()).kind in "iubf":
            return _of_array(np.asarray(column), what)
        try:
            column = column.dictionary_encode()
        except NotImplementedError:
            return _of_list(column.to_pylist(), what)
    if hasattr(column, "chunks"):
        column = column.unify_dictionaries().combine_chunks()
    codes = column.indices.to_numpy(zero_copy_only=False)
    if codes.dtype.kind == "f":  # Arrow's missing indices become NaN
        codes = np.where(np.isnan(codes), -1, codes).astype(np.int64)
    return _Coded(codes, column.dictionary.to_pylist(), bool(column.type.ordered))


def _of_list(values: Iterable[Any], what: str) -> _Coded:
    listed, kinds = _plain(values)
    if kinds == {int}:
        try:
            return _of_whole(np.array(listed, dtype=np.int64))
        except OverflowError:
            pass  # beyond 64 bits they are names like any other
    seen: defaultdict[Hashable, int] = defaultdict()
    seen.default_factory = seen.__len__  # so that one pass in C gives each new name the next number
    try:
        codes = np.fromiter(map(seen.__getitem__, listed), dtype=np.int32, count=len(listed))
    except TypeError as error:
        raise BadVotes(f"Every {what} of a vote must be hashable, such as a number or a text: {error}.") from error
    return _Coded(codes, list(seen))


def _order(names: list[Any]) -> list[int]:
    """Return the places of the names in order.

    Digits in text count as numbers ('2' before '10'), and mixed kinds are sorted kind by kind.
    """
    places = range(len(names))
    try:
        numbers = names if set(map(type, names)) <= {int, float, bool} else list(map(float, names))
        if not any(map(math.isnan, numbers)):  # the text 'nan' is a name, and has no place among numbers
            order = sorted(places, key=numbers.__getitem__)
            if all(numbers[one] != numbers[other] for one, other in pairwise(order)):
                return order
            return sorted(places, key=lambda place: (numbers[place], type(names[place]).__name__, repr(names[place])))
    except (TypeError, ValueError, OverflowError):
        pass
    try:
        return sorted(places, key=names.__getitem__)
    except TypeError:
        return sorted(places, key=lambda place: (type(names[place]).__name__, repr(names[place])))
