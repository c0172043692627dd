"""Vectors: texts as embeddings of a static model that lies in a folder, each made once.

In: a folder, texts. Out: vectors of length 1. Never: a network, a model by its name, or code out of the folder.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from goldseam.vocab.errors import BadPolicy, MissingExtra

PARTS: Final = ("config.json", "model.safetensors", "tokenizer.json")
"""What a folder holds: settings as JSON, vectors as bare numbers, the tokenizer as JSON. Nothing in it can run."""
WHERE: Final = ("prelabel", "embeddings")
AT_ONCE: Final = 2_000
OFFLINE: Final = ("HF_HUB_OFFLINE", "HF_HUB_DISABLE_TELEMETRY")
Floats = NDArray[np.float32]


class Vectors:
    """A static model, opened: `version` is the SHA-256 of its files, `size` how many numbers a text gets."""

    def __init__(self, model: Any, version: str) -> None:  # noqa: ANN401 - the package is an extra, and so are its types
        self._model = model
        self.version = version
        self.size = int(model.dim)

    def of(self, texts: Sequence[str]) -> Floats:
        """Return each text's vector, of length 1; 0 for a text of which the model knows nothing."""
        found = np.zeros((len(texts), self.size), np.float32)
        for start in range(0, len(texts), AT_ONCE):
            some = list(texts[start : start + AT_ONCE])
            found[start : start + len(some)] = self._model.encode(some, use_multiprocessing=False)
        found[~np.isfinite(found).all(axis=1)] = 0
        length = np.linalg.norm(found, axis=1, keepdims=True)
        return np.asarray(np.divide(found, length, out=np.zeros_like(found), where=length > 1e-9), np.float32)


def open_folder(folder: Path) -> Vectors:
    """Return the model that lies in a folder.

    Raises
    ------
    MissingExtra
        If the package that reads it is not installed.
    BadPolicy
        If there is no such folder, or it holds no static model.
    """
    return _opened(folder, _state(folder))


def _state(folder: Path) -> tuple[tuple[int, int], ...]:
    """Return what changes when a file of the folder does."""
    if not folder.is_dir():
        raise BadPolicy(
            f"prelabel.embeddings names the folder {folder.name!r}, which is not there; looked in {folder.parent}.",
            path=WHERE,
        )
    missing = [part for part in PARTS if not (folder / part).is_file()]
    if missing:
        raise BadPolicy(
            f"The folder {folder.name!r} of prelabel.embeddings holds no static model: {', '.join(missing)} is missing.",
            path=WHERE,
        )
    found = [(folder / part).stat() for part in PARTS]
    return tuple((one.st_mtime_ns, one.st_size) for one in found)


@lru_cache(maxsize=2)
def _opened(folder: Path, state: tuple[tuple[int, int], ...]) -> Vectors:
    del state
    model = _package()
    try:
        version = hashlib.sha256()
        for part in PARTS:
            with (folder / part).open("rb") as file:
                version.update(hashlib.file_digest(file, "sha256").digest())
        # It is a folder that is there: names of models elsewhere are never looked up.
        return Vectors(model.from_pretrained(folder, force_download=False), version.hexdigest())
    except Exception as error:  # the package and its readers raise whatever their libraries do
        raise BadPolicy(
            f"The folder {folder.name!r} of prelabel.embeddings holds no static model that can be read: {error}",
            path=WHERE,
        ) from error


def _package() -> Any:  # noqa: ANN401
    for name in OFFLINE:
        os.environ[name] = "1"
    try:
        return import_module("model2vec").StaticModel
    except ImportError:
        raise MissingExtra("Embeddings need one more package: pip install 'goldseam[embeddings]'.") from None


class Kept:
    """Vectors that were made, in a file: one row an item, with a checksum over its content hash and its vector.

    A row that is not there, is of another content or was half written has another checksum, and is made again.
    """

    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        self._row = np.dtype([("check", "<u8"), ("vector", "<f4", (size,))])

    def get(self, positions: Sequence[int], hashes: Sequence[str]) -> tuple[Floats, NDArray[np.bool_]]:
        """Return the vectors of these items, and which of them were there."""
        found = np.zeros(len(positions), self._row)
        try:
            file = os.open(self._path, os.O_RDONLY)
        except OSError:
            return found["vector"], np.zeros(len(positions), np.bool_)
        try:
            for at, position in enumerate(positions):
                raw = os.pread(file, self._row.itemsize, position * self._row.itemsize)
                if len(raw) == self._row.itemsize:
                    found[at] = np.frombuffer(raw, self._row)[0]
        finally:
            os.close(file)
        right = [_check(name, row["vector"]) == row["check"] for name, row in zip(hashes, found, strict=True)]
        return found["vector"], np.array(right, np.bool_)

    def put(self, positions: Sequence[int], hashes: Sequence[str], vectors: Floats) -> None:
        """Keep the vectors of these items; a disk that takes no more takes none."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
        except OSError:
            return
        try:
            for position, name, vector in zip(positions, hashes, vectors, strict=True):
                row = np.zeros(1, self._row)
                row["check"], row["vector"] = _check(name, vector), vector
                os.pwrite(file, row.tobytes(), position * self._row.itemsize)
        except OSError:
            return
        finally:
            os.close(file)


def _check(name: str, vector: Floats) -> int:
    return int.from_bytes(hashlib.sha256(name.encode() + vector.astype("<f4").tobytes()).digest()[:8], "little")
