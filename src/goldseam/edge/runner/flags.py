"""Flags: people say why an item should go elsewhere; enough of them take it out of the queue, and a manager decides.

In: permits, reasons of the project file, notes. Out: flags, items that left the queue. Never: a flag in another's name, or a
reply from which one could tell what others flagged, or that an item is gold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from goldseam.annotate.reasons import (
    MOST_CHARACTERS,
    GoesTo,
    HoldState,
    Reason,
    check_decision,
    leaves_for,
    named,
)
from goldseam.edge.runner.log import record
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.route import line_of, segments_of
from goldseam.edge.runner.sealing import digest_of, sealed
from goldseam.edge.runner.world import World
from goldseam.edge.store import competence as places
from goldseam.edge.store import flags as rows
from goldseam.edge.store import items, lines, projects, queue
from goldseam.edge.store import people as people_rows
from goldseam.edge.store.flags import Decided, Flag, Hold
from goldseam.edge.store.tx import Tx
from goldseam.ledger.entries import EntryKind
from goldseam.route.tiers import Tier
from goldseam.vocab.annotations import AssignmentId
from goldseam.vocab.answers import Abstain, Answer
from goldseam.vocab.errors import NotFound
from goldseam.vocab.items import Item, ItemId
from goldseam.vocab.people import AnnotatorId
from goldseam.vocab.schema import QuestionName
from goldseam.vocab.talk import check_words


@dataclass(frozen=True, slots=True)
class Raised:
    """A flag as it comes: the id that the client made for the act, which act it came with, why, and a note."""

    id: str
    act: str
    reason: Reason
    note: str = ""


@dataclass(frozen=True, slots=True)
class Why:
    """One person's reason; `name` is who it was."""

    reason: str
    act: str
    name: str
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HeldSeen:
    """An item that left the queue, as a manager sees it."""

    hold: Hold
    item: Item
    why: tuple[Why, ...]
    decided: Decided | None


def of_answer(project: ProjectFacts, answers: Mapping[QuestionName, Answer]) -> Reason | None:
    """Return the project's reason that an abstention from the main question names, if it names one."""
    main = answers.get(project.schema.main.name)
    return project.settings.annotate.reason(main.reason) if isinstance(main, Abstain) else None


def flag(world: World, permit: Permit, flag_id: str, assignment: AssignmentId, reason: str, note: str) -> None:
    """Flag the item of an assignment that is or was the caller's.

    Raises
    ------
    NotFound
        If the caller never had this assignment.
    BadValue
        If the project has no such reason, or the note is not for reading.
    """
    check_words(note, "A note", MOST_CHARACTERS, may_be_empty=True)
    why = named(permit.project.settings.annotate.reasons, reason)
    now = world.clock.now()

    def save(tx: Tx) -> None:
        projects.locked(tx, permit.project.id)  # first of all locks, as everywhere
        found = queue.assignment(tx, assignment)
        if found is None or found.annotator != permit.annotator or found.project != permit.project.id:
            raise NotFound("You have no such assignment.", assignment=assignment)
        flagged(tx, permit, found.position, Raised(flag_id, "flag", why, note), now)

    world.store.write(save)


def flagged(tx: Tx, permit: Permit, position: int, raised: Raised, now: datetime) -> None:
    """Keep a flag in the act that it came with, and take the item out of the queue if enough people want it elsewhere."""
    project, reason = permit.project, raised.reason
    sent = {
        "author": permit.annotator,
        "position": position,
        "act": raised.act,
        "reason": reason.name,
        "note": raised.note,
    }
    kept, commitment = sealed(sent)
    flag = Flag(raised.id, position, permit.annotator, raised.act, reason.name, reason.goes_to, raised.note, now)
    if not rows.add(tx, project.id, flag, kept):
        return
    body = {"commitment": commitment, "reason": reason.name, "goes_to": reason.goes_to.value, "act": raised.act}
    item = items.at(tx, project.id, position).id
    record(
        tx,
        project.id,
        EntryKind.ITEM_FLAGGED,
        now,
        actor=permit.annotator,
        about=raised.id,
        body={**body, "item": item},
    )
    why = _leaves_for(tx, project, position)
    if why is not None:
        _take_out(tx, permit, flag, why, item)


def _leaves_for(tx: Tx, project: ProjectFacts, position: int) -> Reason | None:
    """Return why the item leaves the queue now; flags from before a decision about it have had their effect."""
    last = rows.newest(tx, project.id, position)
    if last is not None and last.state in {HoldState.OPEN, HoldState.EXCLUDED}:
        return None
    since = None
    if last is not None:
        decided = rows.last_decisions(tx, [last.number]).get(last.number)
        since = last.at if decided is None else decided.at
    said = rows.of_items(tx, project.id, np.array([position], np.int64)).get(position, [])
    known = {one.name: one for one in project.settings.annotate.reasons}
    return leaves_for(
        (one.annotator, known.get(one.reason, Reason(one.reason, goes_to=one.goes_to)))
        for one in said
        if since is None or one.at > since
    )


def _take_out(tx: Tx, permit: Permit, flag: Flag, why: Reason, item: ItemId) -> None:
    project = permit.project
    place = places.place(tx, project.id, flag.position)
    to_expert = why.goes_to is GoesTo.EXPERT
    state = HoldState.TO_EXPERT if to_expert else HoldState.OPEN
    wanted, cls = (0, None) if place is None else (place.wanted, place.cls)
    rows.hold(tx, project.id, flag, why.goes_to, why.name, wanted, cls, state)
    if to_expert:
        _hand_to_expert(tx, project, flag.position)
    else:
        rows.close(tx, project.id, flag.position)
    body = {"reason": why.name, "goes_to": why.goes_to.value, "flag": flag.id}
    record(tx, project.id, EntryKind.ITEM_HELD, flag.at, actor=permit.annotator, about=item, body=body)


def _hand_to_expert(tx: Tx, project: ProjectFacts, position: int) -> None:
    """Ask one person who may adjudicate; a gold check, or what is not asked about for its label, stays as it is."""
    place = places.place(tx, project.id, position)
    if place is not None:
        (segment,) = segments_of(tx, project, np.array([position], np.int64)).tolist()
        cls = lines.number_of(tx, project.id, line_of(project, Tier.EXPERT, segment))
        wanted = place.done + place.live + 1
        places.want(tx, project.id, position, wanted, projects.allocate_ord(tx, project.id, 1), cls)


def decide(world: World, permit: Permit, decision: str, item: ItemId, what: HoldState, note: str) -> None:
    """Put an item that left the queue back, leave it out, or hand it to an expert.

    Raises
    ------
    NotFound
        If no such item left the queue.
    Conflict
        If it was decided already in a way that nothing follows.
    """
    check_words(note, "A note", MOST_CHARACTERS, may_be_empty=True)
    project, now = permit.project, world.clock.now()
    sent = {"author": permit.annotator, "item": item, "what": what.value, "note": note}

    def save(tx: Tx) -> None:
        projects.locked(tx, project.id)
        position = items.find(tx, project.id, item).position
        if rows.was_decided(tx, project.id, decision, digest_of(sent)):
            return
        last = rows.newest(tx, project.id, position)
        if last is None:
            raise NotFound("No such item left the queue.", item=item)
        check_decision(last.state, what)
        kept, commitment = sealed(sent)
        if what is HoldState.PUT_BACK:
            _put_back(tx, project, last)
        elif what is HoldState.TO_EXPERT:
            _hand_to_expert(tx, project, position)
        rows.decide(tx, project.id, Decided(decision, last.number, permit.annotator, what, note, now), kept)
        body = {"commitment": commitment, "decision": what.value, "item": item}
        record(tx, project.id, EntryKind.HOLD_DECIDED, now, actor=permit.annotator, about=decision, body=body)

    world.store.write(save)


def _put_back(tx: Tx, project: ProjectFacts, last: Hold) -> None:
    """Let the item want again what it wanted."""
    place = places.place(tx, project.id, last.position)
    if place is not None:
        wanted = max(last.wanted, place.done + place.live)
        cls = place.cls if last.cls is None else last.cls
        places.want(tx, project.id, last.position, wanted, projects.allocate_ord(tx, project.id, 1), cls)


def held(
    world: World, permit: Permit, state: HoldState | None, before: int | None = None, limit: int = 50
) -> tuple[HeldSeen, ...]:
    """Return items that left the queue, newest first, with everybody's reasons."""
    project = permit.project.id

    def load(tx: Tx) -> tuple[HeldSeen, ...]:
        found = rows.holds(tx, project, state, before, limit)
        said = rows.of_items(tx, project, np.array([one.position for one in found], np.int64)) if found else {}
        last = rows.last_decisions(tx, [one.number for one in found]) if found else {}
        who = {one.annotator for each in said.values() for one in each}
        names: dict[AnnotatorId, str] = {one: people_rows.annotator(tx, one).name for one in who}
        return tuple(
            HeldSeen(
                one,
                items.at(tx, project, one.position),
                tuple(Why(f.reason, f.act, names[f.annotator], f.note, f.at) for f in said.get(one.position, [])),
                last.get(one.number),
            )
            for one in found
        )

    return world.store.read(load)
