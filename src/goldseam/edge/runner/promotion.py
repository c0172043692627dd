"""Promotion: annotators whose figures speak for it are proposed as reviewers; a manager decides. And everybody's own figures.

In: a project's votes and gold; permits, decisions. Out: proposals, a role, what one is told about oneself. Never: a
promotion without a person's decision, a figure about somebody else, a measurement inside a call of the server.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from goldseam.annotate.figures import Own, for_promotion, measure, told
from goldseam.annotate.qualify import falls_short
from goldseam.edge.runner.granting import give_role
from goldseam.edge.runner.log import record
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.roles import check_givable
from goldseam.edge.runner.sealing import digest_of, sealed
from goldseam.edge.runner.world import World
from goldseam.edge.store import annotations as annotation_rows
from goldseam.edge.store import gold
from goldseam.edge.store import people as people_rows
from goldseam.edge.store import promotions as rows
from goldseam.edge.store import qualification_tables as tables
from goldseam.edge.store.promotions import Promotion
from goldseam.edge.store.proposals import keep_decision, was_decided
from goldseam.edge.store.tx import Tx, new_id
from goldseam.ledger.entries import EntryKind
from goldseam.vocab.errors import BadValue, Conflict, NotFound
from goldseam.vocab.people import AnnotatorId, Role
from goldseam.vocab.talk import Decision, ProposalState

DAYS_OF_WEEK = 7.0
NOTHING = Own(0, 0, 0, None, None, 0, None, None, None)


@dataclass(frozen=True, slots=True)
class PromotionSeen:
    """A proposal with the name of whom it is about."""

    promotion: Promotion
    name: str


@dataclass(frozen=True, slots=True)
class Measured:
    """What a measurement of everybody did: how many were told new figures, and who was proposed."""

    n_told: int
    proposed: tuple[AnnotatorId, ...]


def measure_all(world: World, project: ProjectFacts, actor: AnnotatorId) -> Measured:
    """Measure every annotator, tell them what may be told, and propose whom the figures speak for; once each.

    This reads all votes: it is for the command line and the schedule, never for a call of the server.
    """
    now = world.clock.now()
    own = _measured(world, project)

    def save(tx: Tx) -> Measured:
        since = rows.annotators(tx, project.id)
        n_told = sum(_tell(tx, project, who, own.get(who, NOTHING), now) for who in since)
        wanted = project.settings.qualification.promotion
        chosen = []
        if wanted is not None:
            before = rows.proposed(tx, project.id)
            for who, at in sorted(since.items()):
                weeks = (now - at).total_seconds() / 86_400 / DAYS_OF_WEEK
                figures = for_promotion(own.get(who, NOTHING), weeks)
                if who not in before and not falls_short(figures, wanted):
                    _propose(tx, project, who, asdict(figures), actor, now)
                    chosen.append(who)
        return Measured(n_told, tuple(chosen))

    return world.store.write(save)


def _measured(world: World, project: ProjectFacts) -> dict[AnnotatorId, Own]:
    def load(tx: Tx) -> dict[str, Own]:
        votes = annotation_rows.votes(tx, project.id, project.question)
        known = gold.current(tx, project.id, project.question)
        who, seconds = rows.answer_times(tx, project.id, project.question)
        return measure(votes, dict(zip(known.position.tolist(), known.label.tolist(), strict=True)), who, seconds)

    return {AnnotatorId(who): found for who, found in world.store.read(load).items()}


def _tell(tx: Tx, project: ProjectFacts, who: AnnotatorId, own: Own, now: datetime) -> bool:
    before = rows.told(tx, project.id, who)
    known, at = (None, None) if before is None else (Own(**before[0]), before[1])
    fresh = told(own, known, at, now)
    if fresh is not None:
        rows.tell(tx, project.id, who, asdict(fresh), fresh.n_gold, now)
    return fresh is not None


def _propose(
    tx: Tx, project: ProjectFacts, who: AnnotatorId, figures: dict[str, object], actor: AnnotatorId, now: datetime
) -> None:
    promotion = new_id(now)
    rows.propose(tx, project.id, promotion, who, figures, now)
    body = {"annotator": who, "settings_version": project.settings_version, "figures": _in_text(figures)}
    record(tx, project.id, EntryKind.PROMOTION_PROPOSED, now, actor=actor, about=promotion, body=body)


def _in_text(figures: dict[str, object]) -> dict[str, str]:
    """Return figures as an entry holds them: canonical JSON has one way to write a number, and a text has too."""
    return {name: "" if value is None else f"{value:.6g}" for name, value in figures.items()}


def listing(
    world: World, permit: Permit, *, state: ProposalState | None = None, before: int | None = None, limit: int = 50
) -> tuple[PromotionSeen, ...]:
    """Return proposals, newest first."""

    def load(tx: Tx) -> tuple[PromotionSeen, ...]:
        found = rows.listing(tx, permit.project.id, state=state, before=before, limit=limit)
        return tuple(PromotionSeen(one, people_rows.annotator(tx, one.annotator).name) for one in found)

    return world.store.read(load)


def decide(
    world: World, permit: Permit, promotion_id: str, decision_id: str, state: ProposalState, reason: str
) -> None:
    """Accept a promotion (the annotator becomes a reviewer at once) or decline it.

    Raises
    ------
    NotFound
        If there is no such proposal.
    NotAllowed
        If the role of a reviewer is not the caller's to give.
    Conflict
        If it was decided already, or is about somebody who is no annotator any more.
    """
    if state is ProposalState.OPEN:
        raise BadValue("A promotion is accepted or declined.")
    project, now = permit.project, world.clock.now()
    sent = {"by": permit.annotator, "promotion": promotion_id, "state": state.value, "reason": reason}

    def save(tx: Tx) -> None:
        found = rows.find(tx, project.id, promotion_id)
        if found is None:
            raise NotFound("There is no such proposal of a promotion.", promotion=promotion_id)
        if was_decided(tx, tables.promotions, project.id, promotion_id, decision_id, digest_of(sent)):
            return
        kept, commitment = sealed(sent)
        decision = Decision(permit.annotator, now, reason, project.guideline_version)
        keep_decision(tx, tables.promotions, promotion_id, decision_id, state.value, decision, kept)
        if state is ProposalState.ACCEPTED:
            _promote(tx, permit, found.annotator, now)
        body = {"annotator": found.annotator, "state": state.value, "decision": decision_id, "commitment": commitment}
        record(tx, project.id, EntryKind.PROMOTION_DECIDED, now, actor=permit.annotator, about=promotion_id, body=body)

    world.store.write(save)


def _promote(tx: Tx, permit: Permit, annotator: AnnotatorId, now: datetime) -> None:
    project = permit.project.id
    check_givable(tx, permit, Role.REVIEWER)
    if people_rows.role(tx, project, annotator) is not Role.ANNOTATOR:
        raise Conflict("This person is no annotator of the project any more; decline the promotion.")
    give_role(tx, project, annotator, Role.REVIEWER, now)
    body = {"role": Role.REVIEWER.value}
    record(tx, project, EntryKind.ROLE_GRANTED, now, actor=permit.annotator, about=annotator, body=body)


def own_figures(world: World, permit: Permit) -> tuple[Own, datetime] | None:
    """Return what the caller was told last about themselves; None before the first measurement."""
    found = world.store.read(lambda tx: rows.told(tx, permit.project.id, permit.annotator))
    return None if found is None else (Own(**found[0]), found[1])
