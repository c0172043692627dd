"""Voting: models that the project file lets vote answer the round's items as annotators; how far each is believed is learned.

In: a project whose items have their tiers. Out: annotations of annotators of kind model, with their entries. Never: a vote on a
spot check or an audit of suggestions, or an abstention that takes a person's place.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from goldseam.edge.runner import annotate, asking, elsewhere
from goldseam.edge.runner.asked import note_voted
from goldseam.edge.runner.log import record
from goldseam.edge.runner.people import Permit, Principal
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import Report, World, silent
from goldseam.edge.store import draws, gold, model_answers, projects, queue
from goldseam.edge.store import people as people_rows
from goldseam.edge.store.queue import Leased
from goldseam.edge.store.tx import Positions, Tx, new_id
from goldseam.ledger.entries import EntryKind
from goldseam.prelabel.policy import ModelSetting
from goldseam.prelabel.suggester import Said
from goldseam.route.tiers import Tier
from goldseam.vocab.annotations import AnnotationId, Purpose
from goldseam.vocab.errors import AnnotatorError
from goldseam.vocab.people import AnnotatorId, AnnotatorKind, Role

AT_A_TIME = 50


@dataclass(frozen=True, slots=True)
class Voted:
    """What came of a round's votes: models asked, votes kept, abstentions, and limits reached."""

    n_models: int
    n_votes: int
    n_abstained: int
    stopped: tuple[str, ...]

    @property
    def text(self) -> str:
        """The same in one line."""
        models = "1 model" if self.n_models == 1 else f"{self.n_models:,} models"
        said = f"{self.n_votes:,} votes of {models}, {self.n_abstained:,} abstentions"
        return "; ".join([said, *(f"stopped at {one}" for one in dict.fromkeys(self.stopped))])


def vote(world: World, project: ProjectFacts, actor: str, report: Report = silent) -> Voted:
    """Let every model that votes answer the items of this round that want answers, and gold, as anybody would.

    A vote takes one of the places that the redundancy gives; where a model abstains, its place is left to people.

    Raises
    ------
    Unreachable, BadSetting, AddressRefused
        If a model cannot be asked; the votes before are kept, and the next call goes on from there.
    """
    position = world.store.read(lambda tx: _to_ask(tx, project))
    n_votes, n_abstained, stopped = 0, 0, []
    for setting in project.settings.prelabel.voting:
        suggester = elsewhere.suggester(project, setting)
        asked = asking.ask(world, project, suggester, position, actor, report)
        permit = _permit(world, project, setting, actor)
        for start in range(0, len(position), AT_A_TIME):
            some = position[start : start + AT_A_TIME]
            said = world.store.read(
                partial(model_answers.said, project=project.id, version=suggester.version, positions=some)
            )
            n_abstained += sum(bool(one.abstained) for one in said.values())
            n_votes += sum(_cast(world, permit, place, one) for place, one in sorted(said.items()) if one.answers)
        stopped += [asked.stopped] if asked.stopped else []
    world.store.write(lambda tx: note_voted(tx, project))
    return Voted(len(project.settings.prelabel.voting), n_votes, n_abstained, tuple(stopped))


def _to_ask(tx: Tx, project: ProjectFacts) -> Positions:
    """Return gold, which is every annotator's measure, and this round's items that people are asked about."""
    known = gold.answers(tx, project.id, project.question)
    routes = draws.routed(tx, project.id, project.round)
    here = routes.position[(routes.tier != Tier.AUTO) & (routes.wanted > 0)]
    return np.concatenate([np.array(sorted(known), np.int64), np.setdiff1d(here, np.array(list(known), np.int64))])


def _permit(world: World, project: ProjectFacts, setting: ModelSetting, actor: str) -> Permit:
    """Return the permit of a model's annotator, who is made when the model votes first: another model, another annotator."""
    key, now = f"annotator of model {project.id} {setting.name} {setting.model}", world.clock.now()
    made = AnnotatorId(new_id(now))
    name = f"{setting.name} ({setting.model})" if setting.model else setting.name

    def save(tx: Tx) -> AnnotatorId:
        known = projects.recall(tx, key)
        if known is not None:
            return AnnotatorId(known)
        people_rows.add_annotator(tx, name, AnnotatorKind.MODEL, now, made)
        people_rows.set_role(tx, project.id, made, Role.SERVICE, now)
        projects.remember(tx, key, made)
        record(tx, project.id, EntryKind.ROLE_GRANTED, now, actor=actor, about=made, body={"role": Role.SERVICE.value})
        return made

    return Permit(project, Role.SERVICE, Principal(world.store.write(save), name))


def _cast(world: World, permit: Permit, place: int, said: Said) -> bool:
    """Take a place that is open to the model and answer at once, in one act; return whether there was one."""
    project, now = permit.project, world.clock.now()
    lease, at = project.settings.annotate.lease, np.array([place], np.int64)

    def save(tx: Tx) -> bool:
        if place in gold.answers(tx, project.id, project.question):
            leased = queue.lease_gold(tx, project.id, permit.annotator, at, now, lease)
        else:
            leased, _ = queue.claim(tx, project.id, permit.annotator, at, now, lease, [Purpose.LABEL])
        if not leased:
            return False
        (outcome,) = annotate.submitting(world, permit, [_submission(permit, leased[0], said, new_id(now))])(tx)
        if outcome.error is not None:
            raise outcome.error  # undoes the lease too
        return True

    try:
        return world.store.write(save)
    except AnnotatorError:
        return False  # an answer that its item cannot have, such as a box beyond the image: the place is left to people


def _submission(permit: Permit, leased: Leased, said: Said, annotation: str) -> annotate.Submission:
    return annotate.Submission(
        id=AnnotationId(annotation),
        assignment=leased.id,
        token=leased.token,
        answers=said.answers,
        seconds=0.0,
        schema_version=permit.project.schema_version,
        guideline_version=permit.project.guideline_version,
    )
