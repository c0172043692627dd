"""Sessions as the caller may see them: while blind, the items and one's own answers; then everybody's, side by side.

In: permits, sessions. Out: `SessionSeen`. Never: another's answer while the session is blind, to anybody; a name to whoever
does not manage.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from goldseam.annotate.calibrate import SessionState
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.talk import as_offered, includes
from goldseam.edge.runner.world import World
from goldseam.edge.store import calibration as rows
from goldseam.edge.store import items
from goldseam.edge.store import people as people_rows
from goldseam.edge.store.calibration import Agreed, Person, Session
from goldseam.edge.store.tx import Tx
from goldseam.vocab.errors import NotFound
from goldseam.vocab.items import Item
from goldseam.vocab.people import Act, AnnotatorId

__all__ = ["AgreedSeen", "ItemSeen", "PersonSeen", "SaidSeen", "Session", "SessionSeen", "VoteSeen", "listing", "look"]


@dataclass(frozen=True, slots=True)
class PersonSeen:
    """Somebody who takes part, under a cover name; `name` only for whoever manages."""

    cover: str
    mine: bool
    name: str | None
    n_answers: int


@dataclass(frozen=True, slots=True)
class VoteSeen:
    """What somebody answered, by question, beside the others."""

    cover: str
    mine: bool
    answers: dict[str, dict[str, Any]]
    reason: str
    seconds: float


@dataclass(frozen=True, slots=True)
class SaidSeen:
    """One comment; whoever manages and takes no part has no cover name."""

    cover: str
    mine: bool
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AgreedSeen:
    """What was agreed as the answer to a question; `stands` says whether the clause is in the guideline as it is now."""

    question: str
    answer: dict[str, Any]
    clause: str
    stands: bool
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ItemSeen:
    """One item of a session; while it is blind, `votes` holds the caller's own answer at most.

    `apart` is how far the answers to each question are apart, `disagreement` the farthest of these.
    """

    number: int
    item: Item
    disagreement: float | None
    apart: Mapping[str, float]
    votes: tuple[VoteSeen, ...]
    said: tuple[SaidSeen, ...]
    agreed: tuple[AgreedSeen, ...]


@dataclass(frozen=True, slots=True)
class SessionSeen:
    """A session; after the blind part its items stand in the order of their disagreement."""

    session: Session
    takes_part: bool
    people: tuple[PersonSeen, ...]
    items: tuple[ItemSeen, ...]


def listing(world: World, permit: Permit, *, before: str | None = None, limit: int = 20) -> tuple[Session, ...]:
    """Return sessions, newest first: all to whoever manages, else those that the caller takes part in."""
    of = None if includes(permit, Act.MANAGE) else permit.annotator
    return world.store.read(lambda tx: rows.listing(tx, permit.project.id, of=of, before=before, limit=limit))


def look(world: World, permit: Permit, session_id: str) -> SessionSeen:
    """Return a session as the caller may see it.

    Raises
    ------
    NotFound
        If there is no such session, or the caller neither takes part in it nor manages.
    """
    return world.store.read(lambda tx: _look(tx, permit, session_id))


def _look(tx: Tx, permit: Permit, session_id: str) -> SessionSeen:
    session = rows.find(tx, permit.project.id, session_id)
    people = () if session is None else rows.people_of(tx, session_id)
    takes_part = any(one.annotator == permit.annotator for one in people)
    if session is None or not (takes_part or includes(permit, Act.MANAGE)):
        raise NotFound("There is no such session, or you take no part in it.", calibration=session_id)
    return SessionSeen(
        session=session,
        takes_part=takes_part,
        people=tuple(_person(tx, permit, one) for one in people),
        items=_items(tx, permit, session, people),
    )


def _person(tx: Tx, permit: Permit, one: Person) -> PersonSeen:
    name = people_rows.annotator(tx, one.annotator).name if includes(permit, Act.MANAGE) else None
    return PersonSeen(one.cover, one.annotator == permit.annotator, name, one.n_answers)


def _items(tx: Tx, permit: Permit, session: Session, people: tuple[Person, ...]) -> tuple[ItemSeen, ...]:
    found = items.some(tx, permit.project.id, rows.items_of(tx, session.id))
    is_blind = session.state is SessionState.BLIND
    covers = {one.annotator: one.cover for one in people}
    given = rows.answers_of(tx, session.id, permit.annotator if is_blind else None)
    said = () if is_blind else rows.comments_of(tx, session.id)
    agreed = {} if is_blind else rows.agreed_of(tx, session.id)
    me = permit.annotator
    seen = []
    for number, item in enumerate(found, start=1):
        apart = {name: far[str(number)] for name, far in (session.apart or {}).items() if str(number) in far}
        seen.append(
            ItemSeen(
                number=number,
                item=as_offered(permit, item),
                disagreement=None if is_blind else max(apart.values(), default=0.0),
                apart=apart,
                votes=tuple(
                    VoteSeen(
                        covers[one.annotator], one.annotator == me, json.loads(one.answers), one.reason, one.seconds
                    )
                    for one in given
                    if one.number == number
                ),
                said=tuple(
                    SaidSeen(_cover(covers, one.author), one.author == me, one.text, one.at)
                    for one in said
                    if one.number == number
                ),
                agreed=tuple(_agreed(permit, one) for (which, _), one in sorted(agreed.items()) if which == number),
            )
        )
    return tuple(sorted(seen, key=lambda one: (-(one.disagreement or 0.0), one.number)))


def _agreed(permit: Permit, one: Agreed) -> AgreedSeen:
    stands = _stands(permit, one.clause)
    return AgreedSeen(one.question, json.loads(one.answer), one.clause, stands, one.reason, one.at)


def _cover(covers: dict[AnnotatorId, str], author: AnnotatorId) -> str:
    return covers.get(author, "manager")


def _stands(permit: Permit, clause: str) -> bool:
    """Return whether a clause stands in the guideline as it is now."""
    return bool(clause.strip()) and clause.strip() in permit.project.guideline.text
