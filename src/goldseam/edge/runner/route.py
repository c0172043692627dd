"""Route: gives every drawn item its tier, and puts it into its line of the queue with the answers it wants.

In: a project whose round was drawn. Out: tiers and queue rows in the store. Never: an item that is in no tier.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from goldseam.edge.runner import certified, competence
from goldseam.edge.runner.digests import digest
from goldseam.edge.runner.log import record
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import World
from goldseam.edge.store import certificates, draws, lines, metadata, queue, suggestions
from goldseam.edge.store.tx import Positions, Tx
from goldseam.flow.settings import Settings
from goldseam.ledger.entries import EntryKind
from goldseam.route.lines import Line
from goldseam.route.segments import NONE, named, which
from goldseam.route.tiers import Routes, Tier, assign
from goldseam.vocab.annotations import Purpose


def assign_round(world: World, project: ProjectFacts, actor: str) -> Routes:
    """Give the round's items their tiers, and put those that want answers into the queue, in the order of the draw."""
    settings = project.settings
    position = world.store.read(lambda tx: draws.unrouted(tx, project.id, project.round))
    confidence = _confidence(world, project, position)
    segment = world.store.read(lambda tx: segments_of(tx, project, position))
    proved = world.store.read(lambda tx: certified.proved(tx, project, position, confidence))
    seed = world.clock.seed()
    policies = {
        number: (one.of(settings.route), None if one.tier is None else Tier[one.tier.upper()])
        for number, one in enumerate(settings.segments)
    }
    routes = assign(position, confidence, settings.route, world.clock.rng(seed), segment, policies, proved != "")
    now = world.clock.now()
    body = {
        "round": project.round,
        "seed": str(seed),
        "items_sha256": digest(position),
        "model": project.model or "",
        "settings_version": project.settings_version,
        "tiers": {tier.text: int((routes.tier == tier).sum()) for tier in Tier},
        "segments": {one.name: int((segment == number).sum()) for number, one in enumerate(settings.segments)},
    }

    def save(tx: Tx) -> None:
        put(tx, project, routes, segment, confidence)
        accepted = (routes.tier == Tier.AUTO) & (proved != "")
        certificates.accept(tx, project.id, position[accepted], proved[accepted].tolist())
        record(tx, project.id, EntryKind.ITEMS_ROUTED, now, actor=actor, about=project.id, body=body)

    world.store.write(save)
    return routes


def put(
    tx: Tx,
    project: ProjectFacts,
    routes: Routes,
    segment: NDArray[np.int16],
    confidence: NDArray[np.float64] | None,
    purpose: Purpose = Purpose.LABEL,
) -> None:
    """Keep the tiers of items, and put those that want answers into their lines; `purpose` is that of all but spot checks."""
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
    cls = _lines(tx, project, routes, segment)
    label = purpose is Purpose.LABEL
    wanted = competence.first_wanted(project, routes.tier, routes.wanted) if label else routes.wanted
    for why, chosen in ((purpose, ~routes.spot_check), (Purpose.SPOT_CHECK, routes.spot_check)):
        asked = chosen & (routes.wanted > 0)
        if asked.any():
            queue.enqueue(tx, project.id, routes.position[asked], wanted[asked], cls[asked], why)


def _confidence(world: World, project: ProjectFacts, position: Positions) -> NDArray[np.float64] | None:
    if project.model is None:
        return None
    model = project.model
    found = world.store.read(lambda tx: suggestions.suggested(tx, project.id, model, position))
    by_position = np.argsort(position, kind="stable")
    confidence = np.empty(len(position), np.float64)
    confidence[by_position] = found.confidence
    return confidence


def segments_of(tx: Tx, project: ProjectFacts, position: Positions) -> NDArray[np.int16]:
    """Return the segment of each of these items as its place in the project file's list; -1 for none."""
    rules = project.settings.segments
    return which(rules, metadata.columns(tx, project.id, position, named(rules)), len(position))


def line_of(project: ProjectFacts, tier: int, segment: int = NONE, priority: int | None = None) -> Line:
    """Return the line in which items of a tier and segment wait."""
    rules = project.settings.segments
    policy = project.settings.route if segment == NONE else rules[segment].of(project.settings.route)
    skills = (*policy.skills, *(policy.expert_skills if tier == Tier.EXPERT else ()))
    name = "" if segment == NONE else rules[segment].name
    ahead = policy.priority if priority is None else priority
    return Line(tier, ahead, tuple(sorted(set(skills))), name)


def _lines(tx: Tx, project: ProjectFacts, routes: Routes, segment: NDArray[np.int16]) -> NDArray[np.int64]:
    """Return the number of the line for each item; those that are not there yet are made."""
    pairs, place = np.unique(np.column_stack([routes.tier, segment]), axis=0, return_inverse=True)
    numbers = [lines.number_of(tx, project.id, line_of(project, int(tier), int(one))) for tier, one in pairs]
    return np.array(numbers, np.int64)[place.reshape(-1)] if numbers else np.empty(0, np.int64)


def census(world: World, project: ProjectFacts, settings: Settings) -> dict[str, int]:
    """Return how many items of the whole intake are in each segment that these settings name, and in none ('')."""
    rules = settings.segments
    if not rules:
        return {}

    def load(tx: Tx) -> NDArray[np.int64]:
        found = np.zeros(len(rules) + 1, np.int64)
        for position, columns in metadata.stretches(tx, project.id, named(rules)):
            found += np.bincount(which(rules, columns, len(position)) + 1, minlength=len(found))
        return found

    counted = world.store.read(load).tolist()
    return {**{one.name: counted[number + 1] for number, one in enumerate(rules)}, "": counted[0]}
