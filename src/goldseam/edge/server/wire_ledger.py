"""Wire types of the ledger as it is leafed through.

In: nothing. Out: records with these fields and no others. Never: personal data but the name that an account has now.
"""

from __future__ import annotations

from datetime import datetime

from goldseam.edge.server.wire import Plain, Shown


class EntryShown(Shown):
    """One sealed entry; `canonical` are the bytes that `leaf` is the hash of, so that a reader can check it."""

    position: int
    leaf: str
    kind: str
    at: datetime
    actor: str
    name: str
    about: str
    body: Plain
    canonical: str


class LogPageShown(Shown):
    """Entries, newest first; the last one's position goes into `before` for the next page."""

    size: int
    entries: list[EntryShown]
