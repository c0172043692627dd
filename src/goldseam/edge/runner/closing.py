"""Closing: a round that has asked people for as long as the project file lets it goes on with the answers that were given.

In: a project, its next step. Out: what came of it in a line, or None. Never: a ruling or a closed gate passed over.
"""

from __future__ import annotations

from goldseam.edge.runner import annotate
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import World
from goldseam.edge.store import rounds
from goldseam.flow.plan import Step, Verb
from goldseam.flow.schedule import is_overdue
from goldseam.vocab.people import AnnotatorId


def close_overdue(world: World, project: ProjectFacts, step: Step, actor: AnnotatorId) -> str | None:
    """Want no more answers if the time for them is over, and say so; None if people are still waited for."""
    days = project.settings.schedule.close_after_days
    if step.verb is not Verb.COLLECT or days is None:
        return None
    since = world.store.read(lambda tx: rounds.asked_since(tx, project.id, project.round))
    if since is None or not is_overdue(since, world.clock.now(), days):
        return None
    n = annotate.close_round(world, project, actor)
    return f"{n:,} answers no longer wanted: they were asked for since {since:%Y-%m-%d %H:%M} UTC" if n else None
