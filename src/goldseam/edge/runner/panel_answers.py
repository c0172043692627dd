"""Panel answers: what models elsewhere said to questions that are no first choice, handed on as suggestions to be shown.

In: models that were asked. Out: suggested answers in the store. Never: an answer that its item cannot have, or one handed on over
another source's.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from goldseam.edge.runner import suggesting
from goldseam.edge.runner.elsewhere import Remote
from goldseam.edge.runner.people import Permit, Principal, fresh_id
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.settling_answers import questions_of, text_of
from goldseam.edge.runner.suggesting import Proposed
from goldseam.edge.runner.world import World
from goldseam.edge.store import draws, items, model_answers, suggested
from goldseam.edge.store.suggested import Suggested
from goldseam.edge.store.tx import Positions
from goldseam.prelabel.suggester import Said
from goldseam.vocab.answers import Abstain
from goldseam.vocab.errors import AnnotatorError
from goldseam.vocab.people import AnnotatorId, Role
from goldseam.vocab.schema import QuestionName

AT_A_TIME = 200


def hand_on(world: World, project: ProjectFacts, suggesters: Sequence[Remote], actor: str) -> int:
    """Let the models' answers about items of the pool be shown; return how many were new. Of several models the last counts."""
    asked = {one.name for one in questions_of(project)}
    if not asked:
        return 0
    pool = world.store.read(lambda tx: draws.pool(tx, project.id))
    permit = Permit(project, Role.OWNER, Principal(AnnotatorId(actor), actor))
    n = 0
    for suggester in suggesters:
        for start in range(0, len(pool), AT_A_TIME):
            n += _hand_on(world, permit, suggester, pool[start : start + AT_A_TIME], asked)
    return n


def _hand_on(world: World, permit: Permit, suggester: Remote, some: Positions, asked: set[QuestionName]) -> int:
    project = permit.project.id
    said = world.store.read(partial(model_answers.said, project=project, version=suggester.version, positions=some))
    shown = world.store.read(lambda tx: suggested.of_items(tx, project, some))
    new = [
        (place, one, name)
        for place, one in sorted(said.items())
        for name in one.answers
        if name in asked and _is_new(one, name, suggester.name, shown.get(place, {}).get(name))
    ]
    if not new:
        return 0
    places = sorted({place for place, _, _ in new})
    ids = world.store.read(lambda tx: items.ids_of(tx, project, np.array(places, np.int64)))
    item = dict(zip(places, ids, strict=True))
    given = [Proposed(item[place], name, one.answers[name], one.confidence) for place, one, name in new]
    try:
        suggesting.deliver(world, permit, fresh_id(world), suggester.name, given)
        return len(given)
    except AnnotatorError:
        return sum(_alone(world, permit, suggester.name, one) for one in given)


def _is_new(said: Said, name: QuestionName, source: str, before: Suggested | None) -> bool:
    if isinstance(said.answers[name], Abstain):
        return False
    return before is None or (before.source == source and before.answer != text_of(said.answers[name]))


def _alone(world: World, permit: Permit, source: str, one: Proposed) -> bool:
    """Hand one answer on; one that its item cannot have, such as a box beyond the image, is left out."""
    try:
        suggesting.deliver(world, permit, fresh_id(world), source, [one])
    except AnnotatorError:
        return False
    return True
