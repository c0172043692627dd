"""Batches: columns of text as Arrow, the form in which they travel between processes.

In: columns of text by name. Out: bytes of an Arrow stream, or the columns. Never: a pickle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from arro3.core import Array, DataType, RecordBatch
from arro3.io import read_ipc_stream, write_ipc_stream


def pack(columns: Mapping[str, Sequence[str]]) -> bytes:
    """Return columns of text as one Arrow batch.

    Examples
    --------
    >>> unpack(pack({"text": ["a", "b"]}))
    {'text': ['a', 'b']}
    """
    batch: Any = RecordBatch.from_pydict({name: Array(list(some), DataType.string()) for name, some in columns.items()})
    target = BytesIO()
    write_ipc_stream(batch, target)
    return target.getvalue()


def unpack(data: bytes) -> dict[str, list[str]]:
    """Return the columns of an Arrow stream."""
    found: Any = read_ipc_stream(BytesIO(data)).read_all()
    return {name: found.column(name).to_pylist() for name in found.column_names}
