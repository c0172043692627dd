"""Weighing: each trained model is compared with the one before it on the pool, promoted or not, to tell what labels changed.

In: a project whose model was trained. Out: a step with its entry. Never: a label needed for it, a model weighed twice.
"""

from __future__ import annotations

import json

import numpy as np
from numpy.typing import NDArray

from goldseam.edge.runner.log import record
from goldseam.edge.runner.prelabel import contents_of, load
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.stopping import advice, facts_of
from goldseam.edge.runner.world import World
from goldseam.edge.store import draws, model_steps, models
from goldseam.edge.store.model_steps import StepRow
from goldseam.edge.store.models import ModelRow
from goldseam.edge.store.tx import Positions, Tx
from goldseam.ledger.entries import EntryKind
from goldseam.prelabel.model import aligned
from goldseam.stats import query

TRAINED = "linear"
"""What the kinds of models begin with that learn from labels: only of these can be said what labels changed."""
MOST = 20_000
"""So many items of the pool are compared, drawn at random: enough to tell a kappa of 0.99 from one of 0.985."""
SEED = 1


def weigh(world: World, project: ProjectFacts, actor: str) -> None:
    """Compare the newest trained model with the one before it on the pool, if that was not done yet."""
    pair = world.store.read(lambda tx: _newest(tx, project))
    if pair is None:
        return
    before, after = pair
    pool = world.store.read(lambda tx: draws.pool(tx, project.id))
    if not len(pool):
        return
    some = _some(world, pool)
    old, new = (_labels(world, project, one, some) for one in (before, after))
    found = query.step(old, new, max(1, _n_labels(after) - _n_labels(before)))
    now = world.clock.now()
    made = StepRow(after.id, before.id, after.round, found.n_labels, found.kappa, found.changed, len(pool), now)

    def save(tx: Tx) -> None:
        if model_steps.is_kept(tx, made.model):
            return
        model_steps.keep(tx, project.id, made)
        said = advice(project, model_steps.listing(tx, project.id))
        body = facts_of(made) | {"rule": project.settings.stop.rule, "stop": said.stop, "reason": said.reason}
        record(tx, project.id, EntryKind.STOP_WEIGHED, now, actor=actor, about=made.model, body=body)

    world.store.write(save)


def _newest(tx: Tx, project: ProjectFacts) -> tuple[ModelRow, ModelRow] | None:
    """Return the newest trained model after the one before it; None if there is no such pair, or it was weighed."""
    trained = [one for one in models.listing(tx, project.id) if one.kind.startswith(TRAINED)][-2:]
    if len(trained) < 2 or model_steps.is_kept(tx, trained[1].id):
        return None
    return trained[0], trained[1]


def _some(world: World, pool: Positions) -> Positions:
    if len(pool) <= MOST:
        return pool
    return np.sort(world.clock.rng(SEED).choice(pool, MOST, replace=False))


def _labels(world: World, project: ProjectFacts, one: ModelRow, position: Positions) -> NDArray[np.intp]:
    model = load(world, project, one.id)
    contents = contents_of(world, project, position, also=model.uses)
    return np.asarray(aligned(model.propose(contents), model.labels, project.labels).argmax(axis=1), np.intp)


def _n_labels(one: ModelRow) -> int:
    return int(json.loads(one.metrics).get("n_train", 0))
