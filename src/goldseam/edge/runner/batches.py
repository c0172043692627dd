"""Batches: items given to people by hand, for any purpose; released by hand, or when they are due.

In: permits, items by ids or as they would come next, people, until when. Out: what was given, and why the rest was not.
Never: an item that nobody in the batch may answer, or one that is somebody else's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from goldseam.edge.runner.log import record
from goldseam.edge.store import batches as rows
from goldseam.edge.store import lines, skills
from goldseam.edge.store.batches import PERSONAL, Batch, Waits
from goldseam.edge.store.lines import FOREVER
from goldseam.edge.store.queue import Refusal
from goldseam.edge.store.tx import Positions, Tx, micros, new_id
from goldseam.ledger.entries import EntryKind
from goldseam.route.lines import Line, lacking
from goldseam.route.tiers import Tier
from goldseam.vocab.annotations import Purpose
from goldseam.vocab.errors import BadValue, NotFound
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import AnnotatorId

MOST_ITEMS = 5_000
MOST_PEOPLE = 100
ROUTED = frozenset({Purpose.LABEL, Purpose.SPOT_CHECK})
"""Purposes for which an item waits only once a round drew it: a batch changes who answers, not what is asked."""


@dataclass(frozen=True, slots=True)
class Assigned:
    """What was given: the batch ('' if nothing was), its items, and why each of the others was not."""

    batch: str
    positions: Positions
    refused: tuple[tuple[int, Refusal], ...]


def assign_in(
    tx: Tx,
    project: ProjectId,
    positions: Positions,
    annotators: Sequence[AnnotatorId],
    purpose: Purpose,
    due: datetime | None,
    now: datetime,
    *,
    by: AnnotatorId | None = None,
    name: str = "",
    priority: int | None = None,
    batch: str | None = None,
) -> Assigned:
    """Give items to people within another act: served first to them, and to nobody else until due or released.

    For calibration and qualification everybody named answers every item, and nobody else ever does. For audit, relabel
    and adjudication an item wants one answer more, of somebody among them who never answered it. For label it wants what
    it wanted. `batch` is the id to give it (or of a batch to add to), `by` whoever decided.

    Raises
    ------
    BadValue
        If there are no people or too many, or too many items.
    """
    people = list(dict.fromkeys(annotators))
    if not 1 <= len(people) <= MOST_PEOPLE or len(positions) > MOST_ITEMS:
        raise BadValue(f"A batch is for 1 to {MOST_PEOPLE} people, and takes up to {MOST_ITEMS:,} items at a time.")
    chosen = np.array(list(dict.fromkeys(positions.tolist())), np.int64)
    waits = rows.waits(tx, project, chosen, purpose, people)
    known = lines.of_numbers(tx, project, {one.line for one in waits.values() if one.line is not None})
    held = [skills.levels(tx, project, one) for one in people]
    why = {at: _why_not(waits.get(at), purpose, known, held, micros(now)) for at in chosen.tolist()}
    given = np.array([at for at, refusal in why.items() if refusal is None], np.int64)
    refused = tuple((at, refusal) for at, refusal in why.items() if refusal is not None)
    if not len(given):
        return Assigned("", given, refused)
    made = Batch(batch or new_id(now), project, name, purpose, by or people[0], len(given), due, now)
    rows.add(tx, made, people, given)
    until = FOREVER if due is None or purpose in PERSONAL else micros(due)
    number: dict[int | None, int] = {}
    for each in dict.fromkeys(waits[at].line for at in given.tolist()):
        line = Line(Tier.CONSENSUS) if each is None else known[each][0]
        number[each] = lines.number_of(tx, project, _line(line, made.id, priority), until)
    cls = [number[waits[at].line] for at in given.tolist()]
    more = [_more(purpose, waits[at]) for at in given.tolist()]
    rows.place(tx, project, purpose, given, cls, more)
    body = {"purpose": purpose.value, "n_items": len(given), "people": people}
    record(tx, project, EntryKind.BATCH_ASSIGNED, now, actor=made.by, about=made.id, body=body)
    return Assigned(made.id, given, refused)


def _line(line: Line, batch: str, priority: int | None) -> Line:
    return replace(line, batch=batch, priority=line.priority if priority is None else priority)


def _more(purpose: Purpose, waits: Waits) -> int:
    """Return how many answers an item wants beyond those given or under way."""
    if purpose in PERSONAL:
        return waits.n_may
    return 0 if purpose in ROUTED else 1


def _why_not(
    waits: Waits | None,
    purpose: Purpose,
    known: Mapping[int, tuple[Line, int]],
    held: Sequence[Mapping[str, int]],
    now_micros: int,
) -> Refusal | None:
    """Return why an item is not to be given to these people, or None."""
    if waits is None or (waits.line is None and purpose in ROUTED):
        return Refusal.NOT_QUEUED
    if purpose in ROUTED and waits.n_open < 1:
        return Refusal.NOT_WANTED
    if waits.n_may < 1:
        return Refusal.ALREADY_ANSWERED
    if waits.line is None:
        return None
    line, due = known[waits.line]
    if line.batch and due > now_micros:
        return Refusal.OTHERS_BATCH
    return Refusal.LACKS_SKILL if all(lacking(line.skills, one) for one in held) else None


def release_in(tx: Tx, project: ProjectId, batch: str, now: datetime, *, by: AnnotatorId) -> None:
    """End a batch within another act: what is left of it is everybody's; of a personal purpose, it is wanted no more.

    Raises
    ------
    NotFound
        If there is no such batch. One that has ended is no error.
    """
    found = rows.find(tx, project, batch)
    if found is None:
        raise NotFound("There is no such batch.", batch=batch)
    if found.ended_at is not None:
        return
    while not rows.release(tx, project, found, now, MOST_ITEMS):
        pass
    record(tx, project, EntryKind.BATCH_RELEASED, now, actor=by, about=batch)
