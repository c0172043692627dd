"""Keeping: the batches of one source into the store, several in a transaction where that holds nobody up.

In: batches as they are read. Out: items, duplicates, quarantined records and gold, each batch with its counts.
Never: a batch that is kept without its counts, or counted twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

import numpy as np
from numpy.typing import NDArray

from goldseam.edge.runner.digests import digest
from goldseam.edge.runner.left import Left
from goldseam.edge.runner.log import record
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import World
from goldseam.edge.store import gold as gold_rows
from goldseam.edge.store import items as rows
from goldseam.edge.store import projects as project_rows
from goldseam.edge.store.adding import Added, Adding, adding
from goldseam.edge.store.items import Quarantined
from goldseam.edge.store.tx import Positions, Tx
from goldseam.formats.plain import answer_to_plain
from goldseam.ledger.canonical import canonical
from goldseam.ledger.entries import EntryKind
from goldseam.source.batch import Batch, unknown_labels
from goldseam.source.intake import Intake
from goldseam.source.runs import Runs, repeated
from goldseam.vocab.answers import Choice
from goldseam.vocab.items import ITEM_ID_DIGITS
from goldseam.vocab.people import AnnotatorId

TOGETHER = {"sqlite": 6, "postgresql": 12}
"""Batches of one transaction at most: an index of a million ids, which come in no order, is then written once or twice instead
of once for each batch. SQLite has one writer, so there the transaction ends as soon as somebody else waits to write."""


class Undone(BaseException):
    """PostgreSQL undid a transaction after more was read than it began with: what is not kept is to be read again."""


@dataclass(slots=True)
class Keeping:
    """One source on its way into the store."""

    world: World
    project: ProjectFacts
    source: str
    intake: str
    actor: AnnotatorId
    left: Left
    _known: _Known | None = None
    """None while what the project has is not loaded: a few records are looked up by themselves."""
    _next: _Ready | None = None

    def all(self) -> Iterator[Intake]:
        """Keep what is left, and yield the counts of each transaction once it is durable.

        Raises
        ------
        Undone
            If the database undid a transaction; what was yielded is kept.
        """
        n_items = self.world.store.read(lambda tx: project_rows.get(tx, self.project.id).n_items)
        self._known = None if n_items else _Known(digest=hashlib.sha256())
        self._read_on()
        while self._next is not None:
            yield self._keep()
            if self._known is None and self._next is not None:
                self._known = self.world.store.read(self._load)
                self._next = self._ready(self._next.batch)

    @property
    def all_ids_digest(self) -> tuple[int, str] | None:
        """What `store.items.all_ids_digest` says, if every item of the project came by here; it need not be read back then."""
        if self._known is None or self._known.digest is None:
            return None
        return self._known.n_items, self._known.digest.hexdigest()

    def _load(self, tx: Tx) -> _Known:
        known = _Known(project_rows.get(tx, self.project.id).n_items)
        known.ids.add(rows.id_prefixes(tx, self.project.id))
        return known

    def _read_on(self) -> None:
        read = self.left.next()
        self._next = None if read is None else self._ready(read)

    def _ready(self, read: Batch) -> _Ready:
        batch = read.without(unknown_labels(read, self.project.schema.main.label_names))
        if self._known is None:
            return _Ready(batch, None, None)
        return _Ready(batch, self._known.doubtful(batch), self._known.n_items)

    def _keep(self) -> Intake:
        now, store, tries = self.world.clock.now(), self.world.store, count()

        def save(tx: Tx) -> Intake:
            if next(tries):
                raise Undone
            counts = Intake()
            with adding(tx, self.project.id) as items:
                for _ in range(TOGETHER[store.dialect]):
                    is_awaited = store.dialect == "sqlite" and store.n_waiting and counts.n_records
                    if self._next is None or is_awaited:
                        break
                    counts += self._keep_one(items, self._next, now)
                    if self._known is None:
                        break
            return counts

        return store.write(save)

    def _keep_one(self, items: Adding, ready: _Ready, now: datetime) -> Intake:
        tx, project, batch = items.tx, self.project, ready.batch
        columns = {
            "modality": batch.modality.value,
            "content": batch.contents,
            "media_type": batch.media_types,
            "metadata": batch.metadata,
            "source": self.source,
            "line": list(batch.lines),
            "key": batch.keys,
        }

        def read_on(added: Added) -> None:
            if self._known is not None:
                self._known.learn(batch, added)
            self._read_on()

        added = items.add(batch.hashes, columns, ready.doubtful, ready.n_expected, meanwhile=read_on)
        again = np.flatnonzero(~added.new).tolist()
        if again:
            lines = [batch.lines[row] for row in again]
            rows.add_duplicates(tx, project.id, self.intake, lines, added.position[again])
        if batch.refused:
            refused = [Quarantined(self.source, bad.line, bad.reason, bad.text) for bad in batch.refused]
            rows.quarantine(tx, project.id, self.intake, refused)
        golden = [row for row in np.flatnonzero(added.new).tolist() if batch.gold[row]] if any(batch.gold) else []
        if golden:
            codes = np.array([project.labels.index(batch.gold[row]) for row in golden], np.int32)
            set_gold(tx, project, added.position[golden], codes, self.source, self.intake, self.actor, now)
        counts = Intake(int(added.new.sum()), len(again), len(batch.refused))
        rows.count_intake(tx, self.intake, counts.accepted, counts.duplicate, counts.refused, finished=False)
        return counts


@dataclass(frozen=True, slots=True)
class _Ready:
    """A batch, and which of its rows may be known if the project has so many items."""

    batch: Batch
    doubtful: NDArray[np.bool_] | None
    n_expected: int | None


@dataclass(slots=True)
class _Known:
    """What the project has, by the first bits of the ids: of a million items 8 MB. The store decides; this says where to look."""

    n_items: int = 0
    ids: Runs = field(default_factory=Runs)
    digest: hashlib._Hash | None = None
    """Over all ids in their order, if all were learned."""

    def doubtful(self, batch: Batch) -> NDArray[np.bool_]:
        """Return which items may be known, or stand in the batch twice."""
        _, found = self.ids.find(batch.prefixes)
        return found | repeated(batch.prefixes)

    def learn(self, batch: Batch, added: Added) -> None:
        """Remember what was added."""
        self.ids.add(batch.prefixes[added.new])
        self.n_items += int(added.new.sum())
        if self.digest is not None:
            new = batch.hashes if added.new.all() else [batch.hashes[row] for row in np.flatnonzero(added.new).tolist()]
            self.digest.update("".join([f"{each[:ITEM_ID_DIGITS]}\n" for each in new]).encode())


def set_gold(
    tx: Tx,
    project: ProjectFacts,
    position: Positions,
    code: NDArray[np.int32],
    how: str,
    intake: str,
    actor: AnnotatorId,
    now: datetime,
) -> None:
    """Keep gold labels, and their entry."""
    body = {"n": len(position), "items_sha256": digest(position), "codes_sha256": digest(code.astype(np.int64))}
    record(tx, project.id, EntryKind.GOLD_SET, now, actor=actor, about=intake, body=body)
    answers = [canonical(answer_to_plain(Choice(project.labels[at]))).decode() for at in code.tolist()]
    gold_rows.save(tx, project.id, project.question, position, code, answers, how, actor, now)
