"""Keeping: the batches of one source into the store, several in a transaction where that holds nobody up.

In: batches as they are read. Out: items, duplicates, quarantined records and gold, each batch with its counts.
Never: a batch that is kept without its counts, or counted twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

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
from goldseam.vocab.people import AnnotatorId

TOGETHER = 6
"""Batches of one transaction at most: an index of a million ids, which come in no order, is then written twice instead of once
for each batch. SQLite has one writer, so there the transaction ends as soon as somebody else waits to write."""


class Undone(BaseException):
    """A transaction was undone after more of its source was read than it began with: the rest is to be read again."""


@dataclass(slots=True)
class Keeping:
    """One source on its way into the store."""

    world: World
    project: ProjectFacts
    source: str
    intake: str
    actor: AnnotatorId
    left: Left

    def all(self) -> Iterator[Intake]:
        """Keep what is left, and yield the counts of each transaction once it is durable.

        Raises
        ------
        Undone
            If PostgreSQL undid a transaction of several batches; what was yielded is kept.
        """
        known = _Known() if self._n_items() == 0 else None
        while (first := self.left.next()) is not None:
            # A few records are looked up by themselves: what the project has is loaded once there are more.
            if known is None and self.left.n_read > first.n_records:
                known = self.world.store.read(self._load)
            yield self._keep(first, known)

    def _n_items(self) -> int:
        return self.world.store.read(lambda tx: project_rows.get(tx, self.project.id).n_items)

    def _load(self, tx: Tx) -> _Known:
        known = _Known(project_rows.get(tx, self.project.id).n_items)
        known.ids.add(rows.id_prefixes(tx, self.project.id))
        return known

    def _keep(self, first: Batch, known: _Known | None) -> Intake:
        now, store, n_read = self.world.clock.now(), self.world.store, self.left.n_read

        def save(tx: Tx) -> tuple[Intake, Batch, Added]:
            if self.left.n_read > n_read:
                raise Undone
            with adding(tx, self.project.id) as items:
                counts, last, added = self._keep_one(items, first, known, now)
                for _ in range(TOGETHER - 1):
                    is_awaited = store.dialect == "sqlite" and store.n_waiting
                    batch = None if known is None or is_awaited else self.left.next()
                    if known is None or batch is None:
                        break
                    known.learn(last, added)
                    more, last, added = self._keep_one(items, batch, known, now)
                    counts += more
            return counts, last, added

        counts, last, added = store.write(save)
        if known is not None:
            known.learn(last, added)
        return counts

    def _keep_one(self, items: Adding, read: Batch, known: _Known | None, now: datetime) -> tuple[Intake, Batch, Added]:
        tx, project = items.tx, self.project
        batch = read.without(unknown_labels(read, project.schema.main.label_names))
        columns = {
            "modality": batch.modality.value,
            "content": batch.contents,
            "media_type": batch.media_types,
            "metadata": batch.metadata,
            "source": self.source,
            "line": list(batch.lines),
            "key": batch.keys,
        }
        if known is None:
            added = items.add(batch.hashes, columns)
        else:
            added = items.add(batch.hashes, columns, known.doubtful(batch), known.n_items)
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
        return counts, batch, added


@dataclass(slots=True)
class _Known:
    """What the project has, by the first bits of the ids: of a million items 8 MB. The store decides; this says where to look."""

    n_items: int = 0
    ids: Runs = field(default_factory=Runs)

    def doubtful(self, batch: Batch) -> NDArray[np.bool_]:
        """Return which items may be known, or stand in the batch twice."""
        _, found = self.ids.find(batch.prefixes)
        return found | repeated(batch.prefixes)

    def learn(self, batch: Batch, added: Added) -> None:
        """Remember what was added."""
        self.ids.add(batch.prefixes[added.new])
        self.n_items += int(added.new.sum())


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
