"""Parquet: columns to bytes and back; the same columns give the same bytes.

In: columns by name: NumPy arrays, or lists in which None is an absent value. Out: bytes, or columns.
Never: nested columns (canonical JSON text stands for them), a time zone, a guess about types from the values of text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import numpy as np
from arro3.core import Array, DataType
from arro3.core import Table as ArrowTable
from arro3.io import read_parquet as _read
from arro3.io import write_parquet as _write
from numpy.typing import NDArray

from goldseam.formats.texts import Coded, Texts
from goldseam.vocab.errors import BadValue

Column = Sequence[object] | NDArray[Any]
Table = Mapping[str, Sequence[Any] | NDArray[Any]]

ROW_GROUP = 100_000
"""Fixed, since the cut into row groups shows in the bytes."""


def write_table(columns: Mapping[str, Column]) -> bytes:
    """Return the columns as a Parquet file (zstd), in the order given.

    Lists hold texts, bools, whole numbers or numbers, one kind in a list; a list of None only counts as text.

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
    table = ArrowTable.from_pydict({name: _array(name, column) for name, column in columns.items()})
    buffer = BytesIO()
    # Neither the library's version nor its own copy of the schema goes into the file: both would change the bytes.
    _write(
        table,
        buffer,
        compression="zstd(3)",
        created_by="goldseam",
        skip_arrow_metadata=True,
        max_row_group_size=ROW_GROUP,
    )
    return buffer.getvalue()


def read_table(data: bytes) -> dict[str, list[Any] | NDArray[Any]]:
    """Return the columns of a Parquet file: arrays of numbers where no value is absent, lists otherwise.

    Raises
    ------
    BadValue
        If the bytes are not a Parquet file.
    """
    try:
        table = _read(BytesIO(data)).read_all()
        return {name: _column(table[name]) for name in table.column_names}
    except Exception as error:
        raise BadValue(f"Not a Parquet file that can be read: {error}") from error
    except BaseException as error:
        # The library reports broken files by a panic of its own language, which is no Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise BadValue("Not a Parquet file that can be read.") from error


def _array(name: str, column: Column) -> Array:
    if isinstance(column, Texts | Coded):
        return column.arrow
    if isinstance(column, np.ndarray):
        if column.ndim != 1 or column.dtype.kind not in "biuf":
            raise BadValue(f"Column {name!r}: an array has one dimension and holds numbers; got {column.dtype}.")
        return Array.from_numpy(np.ascontiguousarray(column))
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
