"""Sample: draws a round's items from the pool, and keeps the seed with which anyone can draw them again.

In: a project. Out: a `Draw` in the store and in the ledger. Never: chance that is not in the ledger.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from goldseam.edge.runner.digests import digest, digest_of_numbers
from goldseam.edge.runner.log import record
from goldseam.edge.runner.prelabel import contents_of
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import Report, World, silent
from goldseam.edge.store import draws as rows
from goldseam.edge.store import items, suggestions
from goldseam.edge.store.tx import Positions, Tx
from goldseam.ledger.entries import EntryKind
from goldseam.prelabel.features import embed
from goldseam.sample.drawing import Draw, Pool, draw, needs_features
from goldseam.vocab.errors import NotReady


def draw_round(
    world: World, project: ProjectFacts, actor: str, report: Report = silent, *, at_most: int | None = None
) -> Draw:
    """Draw the items of the present round: a batch, or fewer if the budget pays for fewer.

    Raises
    ------
    NotReady
        If the pool is empty.
    """
    pool = world.store.read(lambda tx: rows.pool(tx, project.id))
    if len(pool) == 0:
        raise NotReady("The pool is empty: every item was drawn, or is gold.")
    seed = world.clock.seed()
    batch = min(project.settings.sample.batch, len(pool) if at_most is None else at_most)
    chosen = redraw(world, project, pool, seed, report, batch=batch)
    now = world.clock.now()
    body = {
        "round": project.round,
        "strategy": chosen.strategy,
        "seed": str(seed),
        "n_pool": len(pool),
        "batch": batch,
        "pool_sha256": digest(pool),
        "drawn": len(chosen.position),
        "drawn_sha256": digest(chosen.position),
        "chances_sha256": digest_of_numbers(chosen.chance),
        "model": project.model or "",
        "settings_version": project.settings_version,
    }

    def save(tx: Tx) -> None:
        made = rows.save(
            tx,
            project.id,
            project.round,
            chosen.strategy,
            seed,
            len(pool),
            project.settings_version,
            chosen.position,
            chosen.chance,
            chosen.rank,
            now,
        )
        record(tx, project.id, EntryKind.ITEMS_DRAWN, now, actor=actor, about=made, body=body)

    world.store.write(save)
    return chosen


def redraw(
    world: World, project: ProjectFacts, pool: Positions, seed: int, report: Report = silent, *, batch: int
) -> Draw:
    """Draw from this pool with this seed: the same again for the same model, policy and batch."""
    rng = world.clock.rng(seed)
    policy = replace(project.settings.sample, batch=batch)
    proba = _proba(world, project, pool)
    features = None
    if needs_features(policy, has_model=proba is not None):
        features = embed(contents_of(world, project, pool, report), rng)
    strata = None
    if policy.stratify_by:
        names = world.store.read(lambda tx: items.metadata_column(tx, project.id, pool, policy.stratify_by))
        strata = np.unique(np.array(names, dtype=str), return_inverse=True)[1].astype(np.int32)
    return draw(Pool(pool, proba, features, strata), policy, rng)


def _proba(world: World, project: ProjectFacts, pool: Positions) -> NDArray[np.float32] | None:
    if project.model is None:
        return None
    model = project.model
    return world.store.read(lambda tx: suggestions.proba(tx, project.id, model, pool))
