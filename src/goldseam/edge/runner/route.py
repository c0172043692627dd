"""Route: gives every drawn item its tier, and puts it into the queue with the answers it wants.

In: a project whose round was drawn. Out: tiers and queue rows in the store. Never: an item that is in no tier.
"""

from __future__ import annotations

import numpy as np

from goldseam.edge.runner.digests import digest
from goldseam.edge.runner.log import record
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import World
from goldseam.edge.store import draws, queue, suggestions
from goldseam.edge.store.tx import Tx
from goldseam.ledger.entries import EntryKind
from goldseam.route.tiers import Routes, Tier, assign
from goldseam.vocab.annotations import Purpose


def assign_round(world: World, project: ProjectFacts, actor: str) -> Routes:
    """Give the round's items their tiers, and put those that want answers into the queue, in the order of the draw."""
    position = world.store.read(lambda tx: draws.unrouted(tx, project.id, project.round))
    confidence = None
    if project.model is not None:
        model = project.model
        found = world.store.read(lambda tx: suggestions.suggested(tx, project.id, model, position))
        by_position = np.argsort(position, kind="stable")
        confidence = np.empty(len(position), np.float64)
        confidence[by_position] = found.confidence
    seed = world.clock.seed()
    routes = assign(position, confidence, project.settings.route, world.clock.rng(seed))
    now = world.clock.now()
    body = {
        "round": project.round,
        "seed": str(seed),
        "items_sha256": digest(position),
        "model": project.model or "",
        "settings_version": project.settings_version,
        "tiers": {tier.text: int((routes.tier == tier).sum()) for tier in Tier},
    }

    def save(tx: Tx) -> None:
        draws.save_routes(
            tx,
            project.id,
            project.round,
            routes.position,
            routes.tier,
            routes.wanted,
            routes.spot_check,
            confidence,
            project.model,
        )
        for purpose, chosen in ((Purpose.LABEL, ~routes.spot_check), (Purpose.SPOT_CHECK, routes.spot_check)):
            asked = chosen & (routes.wanted > 0)
            if asked.any():
                queue.enqueue(tx, project.id, routes.position[asked], routes.wanted[asked], routes.tier[asked], purpose)
        record(tx, project.id, EntryKind.ITEMS_ROUTED, now, actor=actor, about=project.id, body=body)

    world.store.write(save)
    return routes
