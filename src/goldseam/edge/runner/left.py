"""Left: what is left of a source that is being taken in: its batches, without what an interrupted call has kept.

In: batches as they are read. Out: the next one; what kept it from being read. Never: a batch in another order, or more than one
read ahead.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from goldseam.source.batch import Batch, Keys
from goldseam.vocab.errors import GoldseamError


class Left:
    """The batches that are left; `with` ends the thread that reads ahead.

    Parameters
    ----------
    n_kept
        Records that an interrupted call has kept already.
    keys
        Of the source so far, if its records have keys.
    ahead
        Read the next batch while the caller keeps this one. Worth a thread where keeping is waiting for another process.
    """

    def __init__(self, batches: Iterator[Batch], n_kept: int, keys: Keys | None, *, ahead: bool = False) -> None:
        self.n_read = 0
        self._batches = batches
        self._n_kept = n_kept
        self._keys = keys
        self._error: GoldseamError | None = None
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="goldseam-reader") if ahead else None
        self._coming: Future[Batch | None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._reader is not None:
            self._reader.shutdown(cancel_futures=True)

    def next(self) -> Batch | None:
        """Return the next batch; None after the last, or if the next cannot be read, which `check` says."""
        if self._reader is None:
            found = self._read()
        else:
            coming = self._coming or self._reader.submit(self._read)
            found = coming.result()
            self._coming = None if found is None else self._reader.submit(self._read)
        self.n_read += 0 if found is None else found.n_records
        return found

    def check(self) -> None:
        """Raise what kept the next batch from being read."""
        if self._error is not None:
            raise self._error

    def _read(self) -> Batch | None:
        try:
            for batch in self._batches:
                # Keys are told to each other before anything is left out: a clash is one whether or not the call was interrupted.
                whole = batch if self._keys is None else batch.without(self._keys.clashes(batch))
                fresh = whole.after(self._n_kept)
                self._n_kept = max(0, self._n_kept - batch.n_records)
                if fresh.n_records:
                    return fresh
        except GoldseamError as error:
            self._error = error
        return None
