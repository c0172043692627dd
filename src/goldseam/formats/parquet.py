"""Parquet: columns to bytes and back; the same columns give the same bytes.

In: columns by name: NumPy arrays, or lists in which None is an absent value. Out: bytes, or columns.
Never: nested columns (canonical JSON text stands for them), a time zone, a guess about types from the values of text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BufferedIOBase, BytesIO
from typing import IO, Any, BinaryIO, TypeAlias

import numpy as np
from arro3.core import Array, ChunkedArray, DataType, RecordBatch, RecordBatchReader
from arro3.core import Table as ArrowTable
from arro3.io import read_parquet as _read
from arro3.io import write_parquet as _write
from numpy.typing import NDArray

from goldseam.formats.texts import Coded, Digits, Texts
from goldseam.vocab.errors import BadValue

Column = Sequence[object] | NDArray[Any]
Table = Mapping[str, Sequence[Any] | NDArray[Any]]

ROW_GROUP = 100_000
"""Fixed, since the cut into row groups shows in the bytes."""


def write_table(columns: Mapping[str, Column], order: NDArray[np.intp] | None = None) -> bytes:
    """Return the columns as a Parquet file (zstd), as `write_table_to` writes them."""
    buffer = BytesIO()
    write_table_to(buffer, columns, order)
    return buffer.getvalue()


def write_table_to(
    file: IO[bytes] | BufferedIOBase, columns: Mapping[str, Column], order: NDArray[np.intp] | None = None
) -> None:
    """Write the columns as a Parquet file (zstd), in the order given.

    Lists hold texts, bools, whole numbers or numbers, one kind in a list; a list of None only counts as text.

    Parameters
    ----------
    file
        May not raise: the library would end the whole call by a panic (`release.manifest.Measured`).
    order
        The rows, in the order in which they are written; by default as they stand. They are put in order a row group at a time.

    Raises
    ------
    BadValue
        If columns differ in length, there is none, a list mixes kinds, or a name holds a NUL.
    """
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) != 1:
        raise BadValue(f"The columns of a table are equally long, and there is at least one; got {lengths}.")
    for name in columns:
        if "\0" in name:
            # The library would end the whole process over it.
            raise BadValue(f"The name of a column has no NUL; got {name!r}.")
    n_rows = next(iter(lengths.values()))
    sides = {name: _side(name, column) for name, column in columns.items()}
    # Where values are absent, the cut into pages depends on whether the whole column has any: such a table is handed over whole.
    step = n_rows if any(isinstance(side, Array) and side.null_count for side in sides.values()) else ROW_GROUP
    batches = (_rows(sides, order, start, step) for start in range(0, max(n_rows, 1), max(step, 1)))
    table = RecordBatchReader.from_batches(_rows(sides, order, 0, 0).schema, batches)
    # Neither the library's version nor its own copy of the schema goes into the file: both would change the bytes.
    _write(
        table,
        file,
        compression="zstd(3)",
        created_by="goldseam",
        skip_arrow_metadata=True,
        max_row_group_size=ROW_GROUP,
    )


def read_table(data: bytes) -> dict[str, list[Any] | NDArray[Any]]:
    """Return the columns of a Parquet file: arrays of numbers where no value is absent, lists otherwise.

    Raises
    ------
    BadValue
        If the bytes are not a Parquet file.
    """
    with _in_words():
        table = _read(BytesIO(data)).read_all()
        return {name: _column(table[name]) for name in table.column_names}


def read_pieces(data: bytes, names: Sequence[str]) -> Iterator[dict[str, list[Any] | NDArray[Any]]]:
    """Yield some columns of a Parquet file, about a thousand rows at a time, as `read_table` would.

    Raises
    ------
    BadValue
        If the bytes are not a Parquet file.
    KeyError
        If there is no column of this name.
    """
    with _in_words():
        pieces = _read(BytesIO(data))
        known = set(pieces.schema.names)
    for name in names:
        if name not in known:
            raise KeyError(name)
    while True:
        with _in_words():
            piece = next(pieces, None)
            if piece is None:
                return
            found = {name: _column(ChunkedArray([piece[name]])) for name in names}
        yield found


@contextmanager
def _in_words() -> Iterator[None]:
    """Say that what is read is not a Parquet file, whatever the library raises."""
    try:
        yield
    except Exception as error:
        raise BadValue(f"Not a Parquet file that can be read: {error}") from error
    except BaseException as error:
        # The library reports broken files by a panic of its own language, which is no Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise BadValue("Not a Parquet file that can be read.") from error


def table_pieces(file: BinaryIO) -> Iterator[dict[str, list[Any] | NDArray[Any]]]:
    """Yield the columns of a Parquet file, some thousand rows at a time; the file is never in memory as a whole.

    Raises
    ------
    BadValue
        If it is not a Parquet file.
    """
    try:
        for batch in _read(file):
            table = ArrowTable.from_batches([batch])
            yield {name: _column(table[name]) for name in table.column_names}
    except OSError:
        raise
    except Exception as error:
        raise BadValue(f"Not a Parquet file that can be read: {error}") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise BadValue("Not a Parquet file that can be read.") from error


Side: TypeAlias = Array | Texts | Coded | Digits | NDArray[Any]
"""A column whose rows can be taken."""


def _side(name: str, column: Column) -> Side:
    if isinstance(column, Texts | Coded | Digits):
        return column
    if isinstance(column, np.ndarray):
        if column.ndim != 1 or column.dtype.kind not in "biuf":
            raise BadValue(f"Column {name!r}: an array has one dimension and holds numbers; got {column.dtype}.")
        return column
    return _array(name, column)


def _rows(sides: Mapping[str, Side], order: NDArray[np.intp] | None, start: int, n_rows: int) -> RecordBatch:
    """Return so many rows of each column as the library takes them."""
    chosen = slice(start, start + n_rows) if order is None else order[start : start + n_rows]
    return RecordBatch.from_pydict({name: _taken(side, chosen) for name, side in sides.items()})


def _taken(side: Side, chosen: slice | NDArray[np.intp]) -> Array:
    if isinstance(side, np.ndarray):
        return Array.from_numpy(np.ascontiguousarray(side[chosen]))
    if isinstance(chosen, slice):
        start, stop, _ = chosen.indices(len(side))
        chosen = np.arange(start, stop)
    if isinstance(side, Array):
        return side.take(Array.from_numpy(np.ascontiguousarray(chosen, np.int64)))
    return side.taken(chosen).arrow


def _array(name: str, column: Sequence[object]) -> Array:
    values = list(column)
    kinds = set(map(type, values)) - {type(None)}
    if kinds <= {str}:
        return Array(values, DataType.utf8())
    if all(issubclass(kind, str) for kind in kinds):
        return Array([None if value is None else str(value) for value in values], DataType.utf8())
    if kinds == {bool}:
        return Array(values, DataType.bool())
    if kinds == {int}:
        return Array(values, DataType.int64())
    if kinds <= {int, float}:
        return Array([None if value is None else float(value) for value in values], DataType.float64())  # type: ignore[arg-type]  # numbers alone: the kinds were looked at
    raise BadValue(f"Column {name!r} mixes {', '.join(sorted(kind.__name__ for kind in kinds))}; one kind is right.")


def _column(column: Any) -> list[Any] | NDArray[Any]:  # noqa: ANN401 (the library has no types)
    is_number = DataType.is_numeric(column.type) or DataType.is_boolean(column.type)
    if column.null_count or not is_number or not len(column):
        values: list[Any] = column.to_pylist()
        return values
    array: NDArray[Any] = np.asarray(column.to_numpy())
    return array
