"""The world: everything outside that a use case may touch, in one record.

In: a home. Out: a `World` with its store, blobs, key and clock open. Never: a global.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from goldseam.edge import keys
from goldseam.edge.blobs import Blobs
from goldseam.edge.clock import Clock, SystemClock
from goldseam.edge.home import Home
from goldseam.edge.keys import SigningKey
from goldseam.edge.store.engine import Store, open_store

KEY_NAME = "goldseam"

Report = Callable[[str, int, int | None], None]
"""How long work says how far it is: what is done, how many are done, of how many if that is known."""


def silent(_what: str, _done: int, _total: int | None) -> None:
    """Report to nobody."""


@dataclass(frozen=True, slots=True)
class World:
    """Store, blobs, signing key and clock of one home."""

    home: Home
    store: Store
    blobs: Blobs
    key: SigningKey
    clock: Clock


@contextmanager
def open_world(home: Home, clock: Clock | None = None) -> Iterator[World]:
    """Open everything in a home, and close it at the end.

    Raises
    ------
    StoreFailed
        If the database cannot be opened.
    BadSetting
        If the signing key is missing or open to others.
    """
    home.make()
    home.keys.mkdir(mode=0o700, exist_ok=True)
    key = keys.load_or_make(home.keys, KEY_NAME)
    store = open_store(home.database_url)
    try:
        yield World(home, store, Blobs(home.blobs), key, clock or SystemClock())
    finally:
        store.close()
