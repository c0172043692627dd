"""Skills: granted and revoked, by a person or by a result; what each change was stands in the ledger.

In: permits, people, names of skills. Out: who holds what. Never: a skill without a word on how it was found.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from goldseam.edge.runner import repeats
from goldseam.edge.runner.log import record
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.world import World
from goldseam.edge.store import access as members
from goldseam.edge.store import skills as rows
from goldseam.edge.store.skills import Held
from goldseam.edge.store.tx import Tx
from goldseam.ledger.entries import EntryKind
from goldseam.route.lines import check_skill
from goldseam.vocab.errors import NotFound
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import AnnotatorId

BY_HAND = "by hand"


@dataclass(frozen=True, slots=True)
class SkillSeen:
    """A skill of somebody, as a list shows it."""

    held: Held
    name: str


def grant_in(
    tx: Tx,
    project: ProjectId,
    annotator: AnnotatorId,
    skill: str,
    how: str,
    now: datetime,
    *,
    by: AnnotatorId | None = None,
    level: int = 1,
) -> bool:
    """Grant a skill within another act, and return whether that is new; a test that was passed grants by itself.

    `how` says how it was found, in words without personal data: they stand in the ledger.

    Raises
    ------
    BadValue
        If name or level is not of the right form.
    """
    check_skill(skill, level)
    granter = by or annotator
    if not rows.grant(tx, project, Held(annotator, skill, level, now, granter, how)):
        return False
    body = {"skill": skill, "level": level, "how": how}
    record(tx, project, EntryKind.SKILL_GRANTED, now, actor=granter, about=annotator, body=body)
    return True


def revoke_in(
    tx: Tx,
    project: ProjectId,
    annotator: AnnotatorId,
    skill: str,
    how: str,
    now: datetime,
    *,
    by: AnnotatorId | None = None,
) -> bool:
    """Take a skill away within another act, and return whether it was held."""
    if not rows.revoke(tx, project, annotator, skill):
        return False
    body = {"skill": skill, "how": how}
    record(tx, project, EntryKind.SKILL_REVOKED, now, actor=by or annotator, about=annotator, body=body)
    return True


def grant(world: World, permit: Permit, act: str, annotator: AnnotatorId, skill: str, level: int = 1) -> None:
    """Grant a member of the project a skill, by hand.

    Raises
    ------
    NotFound
        If nobody of this id has a role in the project.
    BadValue
        If name or level is not of the right form.
    """
    project, now = permit.project.id, world.clock.now()
    ask = repeats.asked(act, project, permit.annotator, "skill", annotator, skill, level)

    def save(tx: Tx) -> None:
        if repeats.before(tx, ask) is not None:
            return
        _check_member(tx, project, annotator)
        grant_in(tx, project, annotator, skill, BY_HAND, now, by=permit.annotator, level=level)
        repeats.note(tx, ask, annotator, now)

    world.store.write(save)


def revoke(world: World, permit: Permit, act: str, annotator: AnnotatorId, skill: str) -> None:
    """Take a skill away; one that is not held is no error.

    Raises
    ------
    NotFound
        If nobody of this id has a role in the project.
    """
    project, now = permit.project.id, world.clock.now()
    ask = repeats.asked(act, project, permit.annotator, "no skill", annotator, skill)

    def save(tx: Tx) -> None:
        if repeats.before(tx, ask) is not None:
            return
        _check_member(tx, project, annotator)
        revoke_in(tx, project, annotator, skill, BY_HAND, now, by=permit.annotator)
        repeats.note(tx, ask, annotator, now)

    world.store.write(save)


def _check_member(tx: Tx, project: ProjectId, annotator: AnnotatorId) -> None:
    if members.member(tx, project, annotator) is None:
        raise NotFound("Nobody of this id has a role in the project.", annotator=annotator)


def listing(
    world: World, permit: Permit, *, after: tuple[str, str] = ("", ""), limit: int = 100
) -> tuple[SkillSeen, ...]:
    """Return who holds which skill, in the order of people and skills, from after this pair on."""
    project = permit.project.id

    def load(tx: Tx) -> tuple[SkillSeen, ...]:
        found = rows.page(tx, project, after=after, limit=limit)
        people = {one.annotator: members.member(tx, project, one.annotator) for one in found}
        return tuple(SkillSeen(one, m.annotator.name if (m := people[one.annotator]) else "") for one in found)

    return world.store.read(load)


def own(world: World, permit: Permit) -> dict[str, int]:
    """Return the caller's own skills, with the level of each."""
    return world.store.read(lambda tx: rows.levels(tx, permit.project.id, permit.annotator))
