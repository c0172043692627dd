"""Onboarding: where an annotator who joined stands on the way to real work, and what moves them on.

In: permits, what somebody did. Out: the steps as they stand; for whoever asks for work, whether they are through.
Never: a step passed over, but by a manager who waives it.
"""

from __future__ import annotations

from dataclasses import dataclass

from goldseam.annotate import qualify
from goldseam.annotate.qualify import Standing, StepAct, StepEvent
from goldseam.edge.runner.log import record
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.sealing import digest_of
from goldseam.edge.runner.world import World
from goldseam.edge.store import access, talk
from goldseam.edge.store import people as people_rows
from goldseam.edge.store import qualification as rows
from goldseam.edge.store import qualification_tables as tables
from goldseam.edge.store.tx import Tx
from goldseam.ledger.entries import EntryKind
from goldseam.vocab.errors import BadValue, Conflict, NotFound, NotReady
from goldseam.vocab.people import AnnotatorId, Role

TO_DO = {
    "read": "Read the guideline first: the onboarding page has it.",
    "practice": "Practice first: the onboarding page has the questions.",
    "qualify": "Pass the test first: the onboarding page has it.",
}


@dataclass(frozen=True, slots=True)
class Member:
    """An annotator of the project, and where they stand."""

    annotator: AnnotatorId
    name: str
    through: bool
    steps: tuple[Standing, ...]


def is_bound(project: ProjectFacts, role: Role) -> bool:
    """Return whether somebody of this role goes through onboarding before they work."""
    return bool(project.settings.onboarding) and role is Role.ANNOTATOR


def first_to_do(tx: Tx, permit: Permit) -> str | None:
    """Return what the caller has to do before real work, in words; None for whoever may begin."""
    project = permit.project
    if not is_bound(project, permit.role) or rows.is_through(tx, project.id, permit.annotator):
        return None
    step = qualify.current(steps_of(tx, project, permit.annotator))
    return None if step is None else TO_DO[step.step.kind]


def steps_of(tx: Tx, project: ProjectFacts, annotator: AnnotatorId) -> tuple[Standing, ...]:
    """Return the steps as they stand for an annotator."""
    return qualify.standings(project.settings.onboarding, rows.acts(tx, project.id, [annotator])[annotator])


def current_step(tx: Tx, project: ProjectFacts, annotator: AnnotatorId) -> Standing:
    """Return the step that comes next for an annotator, whose acts wait for each other from here on.

    Raises
    ------
    NotReady
        If there is none: they are through.
    """
    access.one_at_a_time(tx, f"onboarding {project.id} {annotator}")
    step = qualify.current(steps_of(tx, project, annotator))
    if step is None:
        raise NotReady("You are through with onboarding: ask for work.")
    return step


def move(
    tx: Tx,
    project: ProjectFacts,
    annotator: AnnotatorId,
    act_id: str,
    act: StepAct,
    by: AnnotatorId,
    digest: str,
    guideline_version: int | None = None,
) -> None:
    """Keep what happened to a step; whoever has no step left is through."""
    rows.add_act(tx, project.id, annotator, act_id, act, by, digest, guideline_version)
    body: dict[str, object] = {"step": act.step, "event": act.event.value}
    if guideline_version is not None:
        body["guideline_version"] = guideline_version
    record(tx, project.id, EntryKind.ONBOARDING_MOVED, act.at, actor=by, about=annotator, body=body)
    if qualify.current(steps_of(tx, project, annotator)) is None:
        rows.set_through(tx, project.id, annotator, project.settings_version, act.at)


def read_guideline(world: World, permit: Permit, act_id: str, guideline_version: int) -> None:
    """Keep that the caller read the guideline, in this version.

    Raises
    ------
    NotReady
        If reading is not the step that comes next.
    Conflict
        If the guideline is at another version now.
    """
    project, now = permit.project, world.clock.now()
    digest = digest_of({"by": permit.annotator, "read": guideline_version})

    def save(tx: Tx) -> None:
        if talk.was_kept(tx, tables.onboarding_acts, act_id, project.id, digest):
            return
        step = current_step(tx, project, permit.annotator)
        if step.step.kind != "read":
            raise NotReady(TO_DO[step.step.kind])
        if guideline_version != project.guideline_version:
            raise Conflict(f"The guideline is at version {project.guideline_version} now; read that one.")
        act = StepAct(step.key, StepEvent.FINISH, now)
        move(tx, project, permit.annotator, act_id, act, permit.annotator, digest, guideline_version)

    world.store.write(save)


def intervene(world: World, permit: Permit, act_id: str, annotator: AnnotatorId, event: StepEvent) -> None:
    """Allow an annotator one more try, or waive the step they are at.

    Raises
    ------
    NotFound
        If the project has no such annotator.
    NotReady
        If that cannot be done to the step they are at.
    """
    if event not in {StepEvent.ALLOW, StepEvent.WAIVE}:
        raise BadValue("A manager allows one more try, or waives a step.")
    project, now = permit.project, world.clock.now()
    digest = digest_of({"by": permit.annotator, "about": annotator, "event": event.value})

    def save(tx: Tx) -> None:
        if talk.was_kept(tx, tables.onboarding_acts, act_id, project.id, digest):
            return
        if people_rows.role(tx, project.id, annotator) is not Role.ANNOTATOR:
            raise NotFound("The project has no such annotator.", annotator=annotator)
        step = current_step(tx, project, annotator)
        qualify.after(step.state, event)
        move(tx, project, annotator, act_id, StepAct(step.key, event, now), permit.annotator, digest)

    world.store.write(save)


def team(world: World, permit: Permit, after: str, limit: int) -> tuple[Member, ...]:
    """Return the project's annotators after this id, and where each stands."""
    project = permit.project

    def load(tx: Tx) -> tuple[Member, ...]:
        found = rows.team(tx, project.id, after, limit)
        acts = rows.acts(tx, project.id, [who for who, _, _ in found])
        path = project.settings.onboarding
        return tuple(
            Member(who, name, through or not path, qualify.standings(path, acts[who])) for who, name, through in found
        )

    return world.store.read(load)
