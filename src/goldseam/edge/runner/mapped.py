"""Mapped: the newest map of a project, and where each item on it stands now.

In: a permit. Out: points with state, label and confidence. Never: coordinates computed, more points than one map has.
"""

from __future__ import annotations

from dataclasses import dataclass

from goldseam.edge.runner.browse import Stands, stands
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.world import World
from goldseam.edge.store import browse as rows
from goldseam.edge.store import maps
from goldseam.edge.store.maps import MapRow
from goldseam.edge.store.tx import Tx


@dataclass(frozen=True, slots=True, eq=False)
class MapSeen:
    """A map, and where the item of each point stands."""

    map: MapRow
    points: tuple[Stands, ...]


def newest(world: World, permit: Permit) -> MapSeen | None:
    """Return the newest map, or None if none was made."""
    project = permit.project

    def load(tx: Tx) -> MapSeen | None:
        found = maps.newest(tx, project.id)
        if found is None:
            return None
        standing = rows.standing(tx, project.id, project.question, found.position)
        return MapSeen(found, tuple(stands(project, found.position.tolist(), standing)))

    return world.store.read(load)
