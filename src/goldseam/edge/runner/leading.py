"""Leading: what a manager does with the queue: gives items to people by hand, puts items ahead, asks about items again.

In: permits, items by ids, by metadata, or as they come next. Out: what was done, and where to go on. Never: more than a bounded
part of a project in one call: who selects by metadata goes on from `after` until it is None.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime

from goldseam.edge.runner import batches, repeats, route
from goldseam.edge.runner.batches import MOST_ITEMS
from goldseam.edge.runner.log import record
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.serving import Served, serve_member
from goldseam.edge.runner.world import World
from goldseam.edge.store import access as members
from goldseam.edge.store import batches as rows
from goldseam.edge.store import items, lines, metadata
from goldseam.edge.store.batches import Batch, Progress
from goldseam.edge.store.tx import Positions, Tx
from goldseam.ledger.entries import EntryKind
from goldseam.route.lines import Line, check_priority
from goldseam.route.segments import Condition, Segment, named, which
from goldseam.route.tiers import Tier
from goldseam.vocab.annotations import Purpose
from goldseam.vocab.errors import BadValue, NotFound
from goldseam.vocab.items import ItemId
from goldseam.vocab.people import Act, AnnotatorId, may

BY_HAND = (Purpose.LABEL, Purpose.SPOT_CHECK, Purpose.AUDIT, Purpose.RELABEL, Purpose.ADJUDICATION, Purpose.CALIBRATION)
"""The purposes for which a manager gives items to people."""
AGAIN = (Purpose.AUDIT, Purpose.RELABEL, Purpose.ADJUDICATION)
"""The purposes for which a manager asks about items that were answered."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which items are meant: named ones, those that come next (so many), or those whose metadata is so, after a position."""

    items: tuple[ItemId, ...] | None = None
    next: int | None = None
    where: Mapping[str, Condition] | None = None
    after: int = -1

    def __post_init__(self) -> None:
        if sum(way is not None for way in (self.items, self.next, self.where)) != 1:
            raise BadValue("Say which items in one way: 'items', 'next' or 'where'.")
        if self.where is not None and not self.where:
            raise BadValue("'where' names at least one field of the metadata.")

    @property
    def plain(self) -> list[object]:
        """The choice as plain values, to tell a repeat from another call."""
        where = None if self.where is None else {name: asdict(one) for name, one in self.where.items()}
        return [self.items, self.next, where, self.after]


@dataclass(frozen=True, slots=True)
class Did:
    """What came of a call: how many items, why others were not, the batch if there is one, and where to go on (None: done)."""

    n_items: int
    refused: Mapping[str, int] = field(default_factory=dict)
    batch: str = ""
    after: int | None = None


@dataclass(frozen=True, slots=True)
class BatchSeen:
    """A batch as a list shows it."""

    batch: Batch
    progress: Progress


def assign(
    world: World,
    permit: Permit,
    act: str,
    chosen: Chosen,
    annotators: Sequence[AnnotatorId],
    *,
    purpose: Purpose = Purpose.LABEL,
    due: datetime | None = None,
    name: str = "",
    priority: int | None = None,
    into: str | None = None,
) -> Did:
    """Give items to people by hand: served first to them, and to nobody else until due or released.

    `into` is a batch to add to, for a choice that takes several calls.

    Raises
    ------
    NotFound
        If somebody has no role in the project, or there is no such item or batch.
    BadValue
        If the choice, the purpose, the due date or the priority is not of the right form.
    """
    project, now = permit.project.id, world.clock.now()
    if purpose not in BY_HAND:
        raise BadValue(f"Items are given by hand for {', '.join(BY_HAND)}; got {purpose.value!r}.")
    if due is not None and due <= now:
        raise BadValue("A batch is due at a time to come.")
    if priority is not None:
        check_priority(priority)
    what = ["batch", chosen.plain, list(annotators), purpose.value, due and due.isoformat(), name, priority, into]

    def save(tx: Tx) -> Did:
        for one in annotators:
            if members.member(tx, project, one) is None:
                raise NotFound("Nobody of this id has a role in the project.", annotator=one)
        if into is not None and rows.find(tx, project, into) is None:
            raise NotFound("There is no such batch.", batch=into)
        positions, after = _choose(tx, permit, chosen, now, purpose, annotators)
        given = batches.assign_in(
            tx,
            project,
            positions,
            annotators,
            purpose,
            due,
            now,
            by=permit.annotator,
            name=name,
            priority=priority,
            batch=into or act,
        )
        refused = Counter(why.value for _, why in given.refused)
        return Did(len(given.positions), dict(refused), given.batch or into or "", after)

    return _once(world, permit, act, what, save)


def _once(world: World, permit: Permit, act: str, what: Sequence[object], save: Callable[[Tx], Did]) -> Did:
    """Do an act once under its id; a repeat answers like the first."""
    now = world.clock.now()
    ask = repeats.asked(act, permit.project.id, permit.annotator, *what)

    def once(tx: Tx) -> Did:
        done = repeats.before(tx, ask)
        if done is not None:
            return Did(**json.loads(done.about))
        did = save(tx)
        repeats.note(tx, ask, json.dumps(asdict(did)), now)
        return did

    return world.store.write(once)


def _choose(
    tx: Tx, permit: Permit, chosen: Chosen, now: datetime, purpose: Purpose, people: Sequence[AnnotatorId] = ()
) -> tuple[Positions, int | None]:
    """Return the items that are meant, and after which position to go on; None if these are all."""
    project = permit.project.id
    if chosen.items is not None:
        return items.positions_of(tx, project, list(chosen.items)), None
    if chosen.next is not None:
        served = serve_member(tx, project, people[0], now)
        return lines.ahead(tx, project, _everybodys(served), purpose, people, min(chosen.next, MOST_ITEMS)), None
    rule = (Segment("chosen", chosen.where or {}),)
    positions, columns = metadata.stretch(tx, project, named(rule), chosen.after)
    meant = positions[which(rule, columns, len(positions)) == 0]
    after = int(positions[-1]) if len(positions) == metadata.STRETCH else None
    if len(meant) > MOST_ITEMS:
        return meant[:MOST_ITEMS], int(meant[MOST_ITEMS - 1])
    return meant, after


def _everybodys(served: Served) -> list[int]:
    return [number for number in served.numbers if not served.lines[number].batch]


def release(world: World, permit: Permit, act: str, batch: str) -> None:
    """End a batch: what is left of it is everybody's, or (for calibration) wanted no more.

    Raises
    ------
    NotFound
        If there is no such batch. One that has ended is no error.
    """
    now = world.clock.now()

    def save(tx: Tx) -> Did:
        batches.release_in(tx, permit.project.id, batch, now, by=permit.annotator)
        return Did(0, batch=batch)

    _once(world, permit, act, ["release", batch], save)


def put_ahead(world: World, permit: Permit, act: str, chosen: Chosen, priority: int) -> Did:
    """Give items that still want answers a priority: they are served before those of a lower one.

    Raises
    ------
    NotFound
        If there is no such item.
    BadValue
        If the choice or the priority is not of the right form.
    """
    check_priority(priority)
    if chosen.next is not None:
        raise BadValue("What comes next is ahead already: name items, or say what their metadata is.")
    project, now = permit.project.id, world.clock.now()

    def ahead(line: Line) -> Line:
        return replace(line, priority=priority)

    def save(tx: Tx) -> Did:
        positions, after = _choose(tx, permit, chosen, now, Purpose.LABEL)
        n_moved = lines.change(tx, project, positions, ahead)
        if n_moved:
            body = {"priority": priority, "n_items": n_moved}
            record(tx, project, EntryKind.PRIORITY_SET, now, actor=permit.annotator, about=act, body=body)
        return Did(n_moved, after=after)

    return _once(world, permit, act, ["ahead", chosen.plain, priority], save)


def ask_again(
    world: World,
    permit: Permit,
    act: str,
    chosen: Chosen,
    purpose: Purpose,
    *,
    answers: int = 1,
    priority: int | None = None,
) -> Did:
    """Ask about items once more, for audit, relabel or adjudication: of people who never answered them.

    Raises
    ------
    NotFound
        If there is no such item.
    BadValue
        If the choice, the purpose, the number of answers or the priority is not of the right form.
    """
    if purpose not in AGAIN or not 1 <= answers <= 100 or chosen.next is not None:
        raise BadValue(f"Items are asked about again for {', '.join(AGAIN)}, for 1 to 100 answers, by ids or metadata.")
    if priority is not None:
        check_priority(priority)
    now = world.clock.now()

    def save(tx: Tx) -> Did:
        positions, after = _choose(tx, permit, chosen, now, purpose)
        ask_in(tx, permit, positions, purpose, answers, now, priority=priority)
        return Did(len(positions), after=after)

    return _once(world, permit, act, ["again", chosen.plain, purpose.value, answers, priority], save)


def ask_in(
    tx: Tx,
    permit: Permit,
    positions: Positions,
    purpose: Purpose,
    answers: int,
    now: datetime,
    *,
    priority: int | None = None,
) -> None:
    """Ask about items once more, within another act; each wants at least so many answers beyond those under way."""
    if not len(positions):
        return
    project = permit.project
    tier = Tier.EXPERT if purpose is Purpose.ADJUDICATION else Tier.CONSENSUS
    segments = route.segments_of(tx, project, positions).tolist()
    number = {
        one: lines.number_of(tx, project.id, route.line_of(project, tier, one, priority)) for one in set(segments)
    }
    rows.place(tx, project.id, purpose, positions, [number[one] for one in segments], [answers] * len(positions))
    body = {"purpose": purpose.value, "n_items": len(positions), "answers": answers}
    record(tx, project.id, EntryKind.ITEMS_ASKED, now, actor=permit.annotator, about=project.id, body=body)


def listing(world: World, permit: Permit, *, before: str | None = None, limit: int = 50) -> tuple[BatchSeen, ...]:
    """Return batches, newest first: all for whoever manages, else those that the caller is to answer."""
    mine = None if may(permit.role, Act.MANAGE) else permit.annotator

    def load(tx: Tx) -> tuple[BatchSeen, ...]:
        found = rows.listing(tx, permit.project.id, annotator=mine, before=before, limit=limit)
        progress = rows.progress(tx, found)
        return tuple(BatchSeen(one, progress[one.id]) for one in found)

    return world.store.read(load)
