"""Packed: columns of many rows as one value each, which the database makes; several times as fast as row by row.

In: a source of rows as SQL, and which kind each of its columns is. Out: arrays, texts, bytes. Never: a value that is rounded, or
a page so long that the database would refuse to hold it.

SQLite joins numbers as text, PostgreSQL in their binary form. The aggregates of a query take its rows in one order, whatever
that is: a caller who needs an order asks for a column that shows it (`in_order`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

from goldseam.edge.store.tx import Tx

PAGE = 20_000
"""Rows of one query; their texts stand in memory twice while they are read."""
SCALE = 2**62
"""A share is read as a whole number of this fraction: exact for all from a thousandth to 1, and asked for again if it is not."""


class Kind(StrEnum):
    """What a column holds; none of them holds NULL, but for `BLOB`, where it reads as empty."""

    WHOLE = "whole"
    SHARE = "share"
    BLOB = "blob"
    TEXT = "text"
    DIGITS = "digits"
    ANY = "any"


_SIDES: Mapping[tuple[str, Kind], tuple[str, ...]] = {
    ("sqlite", Kind.WHOLE): ("group_concat({0})",),
    ("sqlite", Kind.SHARE): (
        f"group_concat(CAST({{0}} * {SCALE}.0 AS INTEGER))",
        f"sum(CAST({{0}} * {SCALE}.0 AS INTEGER) / {SCALE}.0 <> {{0}})",
    ),
    ("sqlite", Kind.BLOB): ("group_concat(hex({0}), '')", "group_concat(coalesce(length({0}), 0))"),
    ("sqlite", Kind.TEXT): ("json_group_array({0})",),
    ("sqlite", Kind.DIGITS): ("group_concat({0}, '')",),
    ("sqlite", Kind.ANY): ("max({0})",),
    ("postgresql", Kind.WHOLE): ("string_agg(int8send({0}), '')",),
    ("postgresql", Kind.SHARE): ("string_agg(float8send({0}), '')",),
    ("postgresql", Kind.BLOB): ("string_agg({0}, '')", "string_agg(int8send(coalesce(length({0}), 0)), '')"),
    ("postgresql", Kind.TEXT): ("CAST(json_agg({0}) AS text)",),
    ("postgresql", Kind.DIGITS): ("string_agg({0}, '')",),
    ("postgresql", Kind.ANY): ("max({0})",),
}
"""The aggregates that a column is read by; `{0}` is its name."""


def columns(tx: Tx, kinds: Mapping[str, Kind], source: str, values: Mapping[str, object]) -> tuple[int, dict[str, Any]]:
    """Return how many rows a source has, and its columns: as arrays, lists of texts, bytes of all digits.

    A `BLOB` is a pair: the bytes of all rows, and how many each row has; `ANY` is whether any row has a 1.

    Parameters
    ----------
    kinds
        The columns, by name.
    source
        A query that gives them, with `:names` of the values; a text of this folder's own, like the names.
    """
    sides = [side.format(f"w.{name}") for name, kind in kinds.items() for side in _SIDES[tx.dialect, kind]]
    row = tx.run(text(f"SELECT {', '.join(['count(*)', *sides])} FROM ({source}) w"), values).one()
    found: dict[str, Any] = {}
    cells: list[Any] = list(row[1:])
    for name, kind in kinds.items():
        n_sides = len(_SIDES[tx.dialect, kind])
        if kind is Kind.SHARE and n_sides > 1 and cells[1]:
            return _by_row(tx, kinds, source, values)
        found[name] = _read(tx, kind, cells[:n_sides])
        del cells[:n_sides]
    return int(row[0]), found


def in_order(position: NDArray[np.int64]) -> NDArray[np.intp] | None:
    """Return the order that puts rows by position, or None if they stand in it: a database promises none to aggregates."""
    return None if np.all(position[1:] > position[:-1]) else np.argsort(position, kind="stable")


def _read(tx: Tx, kind: Kind, cells: Sequence[Any]) -> Any:  # noqa: ANN401 - as `columns` says, by kind
    """Return a column of what the database gave."""
    first = cells[0]
    match kind:
        case Kind.WHOLE:
            return _numbers(tx, first)
        case Kind.SHARE if tx.dialect == "postgresql":
            return np.frombuffer(first or b"", ">f8").astype(np.float64)
        case Kind.SHARE:
            # Whole numbers of at most 53 bits that count, so that nothing is lost on the way back.
            return _numbers(tx, first).astype(np.float64) / SCALE
        case Kind.BLOB:
            data = bytes.fromhex(first or "") if tx.dialect == "sqlite" else bytes(first or b"")
            return data, _numbers(tx, cells[1])
        case Kind.TEXT:
            return json.loads(first or "[]")
        case Kind.DIGITS:
            return first or ""
        case Kind.ANY:
            return bool(first)


def _numbers(tx: Tx, cell: Any) -> NDArray[np.int64]:  # noqa: ANN401 - a text or bytes, by dialect
    if tx.dialect == "postgresql":
        return np.frombuffer(cell or b"", ">i8").astype(np.int64)
    return cast("NDArray[np.int64]", np.fromstring(cell, np.int64, sep=",")) if cell else np.empty(0, np.int64)


def _by_row(tx: Tx, kinds: Mapping[str, Kind], source: str, values: Mapping[str, object]) -> tuple[int, dict[str, Any]]:
    """Return the same of a page that has a share too small to be read as a whole number of `SCALE`."""
    rows = tx.run(text(f"SELECT {', '.join(f'w.{name}' for name in kinds)} FROM ({source}) w"), values).all()
    sides = list(zip(*rows, strict=True)) if rows else [()] * len(kinds)
    found: dict[str, Any] = {}
    for (name, kind), cells in zip(kinds.items(), sides, strict=True):
        match kind:
            case Kind.WHOLE | Kind.SHARE:
                found[name] = np.array(cells, np.int64 if kind is Kind.WHOLE else np.float64)
            case Kind.BLOB:
                blobs = [cell or b"" for cell in cells]
                found[name] = b"".join(blobs), np.array([len(blob) for blob in blobs], np.int64)
            case Kind.TEXT:
                found[name] = list(cells)
            case Kind.DIGITS:
                found[name] = "".join(cells)
            case Kind.ANY:
                found[name] = any(cells)
    return len(rows), found
