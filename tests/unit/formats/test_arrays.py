"""Arrays: NumPy reads them, and nothing in them runs."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest

from goldseam.formats import arrays
from goldseam.vocab.errors import BadValue


def test_numpy_itself_reads_the_bytes() -> None:
    with np.load(io.BytesIO(arrays.to_bytes({"a": np.arange(3)}))) as found:
        assert found["a"].tolist() == [0, 1, 2]


def test_python_objects_are_refused_in_both_directions() -> None:
    with pytest.raises(BadValue, match="Python objects"):
        arrays.to_bytes({"a": np.array([{}], dtype=object)})
    buffer = io.BytesIO()
    np.savez(buffer, a=np.array([{}], dtype=object))
    with pytest.raises(BadValue):
        arrays.from_bytes(buffer.getvalue())


def test_a_bomb_is_refused_before_it_unpacks() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", bytes(10_000_000))
    with pytest.raises(BadValue, match="compressed"):
        arrays.from_bytes(buffer.getvalue())


@pytest.mark.parametrize("data", [b"", b"PK", b"x" * 100])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(BadValue, match="Not a set of arrays"):
        arrays.from_bytes(data)
