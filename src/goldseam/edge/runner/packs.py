"""Packs: many items leased at once and for long, to be answered where there is no connection.

In: a permit, how many. Out: offers like any other lease's. Never: gold told apart (it is drawn in as everywhere), more than the
day's share, or a lease that cannot be held longer or given back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from goldseam.edge.runner import offers
from goldseam.edge.runner.offers import Leased
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.world import World
from goldseam.vocab.annotations import AssignmentId

HELD = timedelta(hours=12)
"""How long a pack is held: a day's journey. Whoever is back earlier answers or gives back what is left."""


def take(world: World, permit: Permit, count: int, holding: Sequence[AssignmentId]) -> Leased:
    """Lease up to `count` items for a pack; what the caller's page has in hand is named in `holding`.

    Asked again, because the reply was lost, the same items come back: they are held, and no page has them in hand.
    """
    project = permit.project
    minutes = max(project.settings.annotate.lease_minutes, HELD.total_seconds() / 60)
    settings = replace(project.settings, annotate=replace(project.settings.annotate, lease_minutes=minutes))
    longer = replace(permit, project=replace(project, settings=settings))
    return world.store.write(offers.leasing(world, longer, count, holding))
