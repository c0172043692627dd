"""Arrays by name to bytes and back: NumPy's own `.npz`, with nothing in it that depends on the day.

In: arrays of numbers, bools or texts by name. Out: bytes; the same arrays give the same bytes. Never: a pickle.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldseam.vocab.errors import BadValue

FIRST_DAY = (1980, 1, 1, 0, 0, 0)


def to_bytes(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return the arrays as an uncompressed `.npz`, sorted by name.

    Raises
    ------
    BadValue
        If an array holds Python objects.
    """
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(arrays):
            array = np.asarray(arrays[name])
            if array.dtype.hasobject:
                raise BadValue(f"The array {name!r} holds Python objects; numbers or texts of a fixed width are right.")
            one = BytesIO()
            np.lib.format.write_array(one, array, version=(1, 0), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", FIRST_DAY), one.getvalue())
    return buffer.getvalue()


def from_bytes(data: bytes) -> dict[str, NDArray[Any]]:
    """Return the arrays that `to_bytes` wrote.

    Raises
    ------
    BadValue
        If the bytes are not such arrays, or would unpack to more than they take up.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            if any(member.compress_type != zipfile.ZIP_STORED for member in archive.infolist()):
                raise BadValue("The arrays are compressed; they are stored as they are.")
            return {
                member.filename.removesuffix(".npy"): np.lib.format.read_array(
                    BytesIO(archive.read(member)), allow_pickle=False
                )
                for member in archive.infolist()
            }
    except (
        zipfile.BadZipFile,
        ValueError,
        OSError,
        EOFError,
        RuntimeError,
    ) as error:  # RuntimeError: says it is encrypted
        raise BadValue(f"Not a set of arrays: {error}") from error
