"""Adding: items into a project in the order of intake, each content once.

In: items, or their columns. Out: rows, and where each item stands. Never: a content twice in a project.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text, update

from goldseam.edge.store import bulk, projects
from goldseam.edge.store import tables as t
from goldseam.edge.store.items import places_of
from goldseam.edge.store.tx import Positions, Tx, Values
from goldseam.ledger.canonical import canonical
from goldseam.source.runs import prefixes
from goldseam.vocab.items import ITEM_ID_DIGITS, ContentHash, Item, ItemId, ProjectId


@dataclass(frozen=True, slots=True)
class Added:
    """Where each item of a batch stands, and whether it is new; one that is not new is a duplicate of that position."""

    position: Positions
    new: NDArray[np.bool_]


def add(tx: Tx, project: ProjectId, batch: Sequence[Item]) -> Added:
    """Add the items that are new, in order, and say of each where it stands."""
    columns = {
        "modality": [item.modality.value for item in batch],
        "content": [item.content for item in batch],
        "media_type": [item.media_type for item in batch],
        "metadata": [_metadata_text(item) for item in batch],
        "source": [item.origin.source for item in batch],
        "line": [item.origin.line for item in batch],
        "key": [item.origin.key for item in batch],
    }
    with adding(tx, project) as under_way:
        return under_way.add([item.content_hash for item in batch], columns)


@contextmanager
def adding(tx: Tx, project: ProjectId) -> Iterator[Adding]:
    """Yield what adds items to a project; nobody else adds any until the transaction ends."""
    # The lock comes first: what another intake of the same content adds is seen only after it. It is one that only intakes ask
    # for: the project itself is locked at the end, so that who flags or publishes meanwhile does not wait for a million rows.
    if tx.dialect == "postgresql":
        tx.run(_ALONE, {"project": project})
    n_items = projects.get(tx, project).n_items
    under_way = Adding(tx, project, n_items, n_items)
    yield under_way
    under_way.place()


@dataclass(slots=True)
class Adding:
    """Items being added in one transaction: the rows as they come, their ids together at the end.

    Ids come in no order, and each that is placed by itself lands on another page of the index. Placed in their own order,
    and as many at once as the transaction has, they take two thirds of the time of a whole intake less (ADR 0023).
    """

    tx: Tx
    project: ProjectId
    n_items: int
    n_placed: int
    ids: list[ItemId] = field(default_factory=list)
    """Of what was added and not yet placed, for PostgreSQL."""

    def add(
        self,
        hashes: Sequence[ContentHash],
        columns: Mapping[str, Values | object],
        doubtful: NDArray[np.bool_] | None = None,
        n_expected: int | None = None,
        meanwhile: Callable[[Added], None] | None = None,
    ) -> Added:
        """Add the items of these columns that are new, in order, and say of each where it stands.

        Content that the project has already, or that stood earlier in the batch, is a duplicate.

        Parameters
        ----------
        columns
            The other columns of the table; one value stands for all rows.
        doubtful
            Which rows may be duplicates, if the project has `n_expected` items and so nobody else added any; without it, all.
        meanwhile
            Called once, on PostgreSQL while the server takes the rows; asks nothing of this transaction.
        """
        ids = cast("list[ItemId]", [each[:ITEM_ID_DIGITS] for each in hashes])
        is_sure = doubtful is not None and n_expected == self.n_items
        rows = np.flatnonzero(doubtful).tolist() if is_sure and doubtful is not None else list(range(len(ids)))
        known = self._known([ids[row] for row in rows]) if rows else {}
        new, position = np.ones(len(ids), np.bool_), np.empty(len(ids), np.int64)
        first: dict[ItemId, int] = {}
        for row in rows:
            new[row] = ids[row] not in known and first.setdefault(ids[row], row) == row
        n_new = int(new.sum())
        position[new] = np.arange(self.n_items, self.n_items + n_new)
        for row in np.flatnonzero(~new).tolist():
            place = known.get(ids[row])
            position[row] = position[first[ids[row]]] if place is None else place
        added = Added(position, new)
        if n_new:
            made = {
                "project": self.project, "position": position, "id": ids, "content_hash": list(hashes), **columns,
            }  # fmt: skip
            chosen = None if n_new == len(ids) else np.flatnonzero(new).tolist()
            self._insert({name: _chosen(values, chosen) for name, values in made.items()}, meanwhile, added)
            self.n_items += n_new
        elif meanwhile is not None:
            meanwhile(added)
        return added

    def _insert(
        self, columns: Mapping[str, Values | object], meanwhile: Callable[[Added], None] | None, added: Added
    ) -> None:
        if self.tx.dialect == "sqlite":
            bulk.insert(self.tx, t.items, columns)
            if meanwhile is not None:
                meanwhile(added)
            return
        self.ids.extend(cast("list[ItemId]", columns["id"]))
        with ThreadPoolExecutor(1, thread_name_prefix="goldseam-sender") as sender:
            sending = sender.submit(bulk.insert, self.tx, t.items, columns)
            if meanwhile is not None:
                meanwhile(added)
            sending.result()

    def _known(self, ids: Sequence[ItemId]) -> dict[ItemId, int]:
        self.place()
        return places_of(self.tx, self.project, ids)

    def place(self) -> None:
        """Place the ids of what was added, and count it."""
        if self.n_placed == self.n_items:
            return
        if self.tx.dialect == "postgresql":
            self._copy()
            projects.locked(self.tx, self.project)
        else:
            self.tx.run(_PLACE, {"project": self.project, "first": self.n_placed})
        self.tx.run(update(t.projects).where(t.projects.c.id == self.project).values(n_items=self.n_items))
        self.n_placed = self.n_items
        self.ids.clear()

    def _copy(self) -> None:
        """Place them by COPY: half the server's time of what SQLite is asked to do, and twice as slow there."""
        order = np.argsort(prefixes(self.ids))
        sorted_ids = [self.ids[row] for row in order.tolist()]
        bulk.insert(self.tx, t.item_ids, {"id": sorted_ids, "project": self.project, "position": self.n_placed + order})


_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended('goldseam items of ' || :project, 0))")
_PLACE = text(
    "INSERT INTO item_ids (id, project, position) SELECT id, project, position FROM items "
    "WHERE project = :project AND position >= :first ORDER BY id"
)


def _chosen(values: Values | object, rows: list[int] | None) -> Values | object:
    if rows is None or isinstance(values, str):
        return values
    if isinstance(values, np.ndarray):
        return values[rows]
    return [values[row] for row in rows] if isinstance(values, Sequence) else values


def _metadata_text(item: Item) -> str:
    return canonical(dict(item.metadata)).decode() if item.metadata else "{}"
