"""Blobs: media and models as files, each named by the SHA-256 of its bytes.

In: bytes, or a name that is such a hash. Out: the name, or the bytes. Never: a path that a client made up, a second copy.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from pathlib import Path

from goldseam.vocab.errors import NotFound, StoreFailed, Tampered

NAME = re.compile(r"[0-9a-f]{64}")


class Blobs:
    """A folder of immutable files named by their content."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: bytes) -> str:
        """Keep these bytes and return their name; writing the same bytes again changes nothing.

        The file is complete or absent: it is written beside its place, made durable, and renamed.

        Raises
        ------
        StoreFailed
            If the disk does not take it.
        """
        name = hashlib.sha256(data).hexdigest()
        path = self._path(name)
        if path.exists():
            return name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, beside = tempfile.mkstemp(dir=path.parent)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                Path(beside).replace(path)
            except BaseException:
                with contextlib.suppress(OSError):
                    Path(beside).unlink()
                raise
        except OSError as error:
            raise StoreFailed(f"Could not keep {len(data):,} bytes in {path.parent}: {error.strerror}.") from error
        return name

    def get(self, name: str) -> bytes:
        """Return the bytes of this name, checked against it.

        Raises
        ------
        NotFound
            If there is no such blob.
        Tampered
            If the bytes are not those that the name promises.
        """
        try:
            data = self._path(name).read_bytes()
        except OSError as error:
            raise NotFound(f"There is no blob {name[:12]}….", blob=name) from error
        if hashlib.sha256(data).hexdigest() != name:
            raise Tampered(f"Blob {name[:12]}… does not hold the bytes it is named by.", findings=[f"blob {name}"])
        return data

    def _path(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise NotFound(f"{name!r} is not the name of a blob.", blob=name)
        return self._folder / name[:2] / name
