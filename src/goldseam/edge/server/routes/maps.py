"""The map of a project's items: where each lies by what it contains, and where it stands.

In: a project. Out: one reply with all points. Never: a computation during a call: `goldseam map` makes the map.
"""

from __future__ import annotations

from fastapi import APIRouter

from goldseam.edge.runner import mapped
from goldseam.edge.server.security import MayMeasure, TheWorld
from goldseam.edge.server.wire_map import MapPoints, MapShown

router = APIRouter(tags=["source"])

HOW = "No map of this project was made yet: run `goldseam map` in its folder."


@router.get("/api/projects/{project}/map")
def newest_map(world: TheWorld, permit: MayMeasure) -> MapShown:
    """Show the newest map: up to 5,000 items with their place in the plane, state, label and first words."""
    labels = [str(label) for label in permit.project.labels]
    found = mapped.newest(world, permit)
    if found is None:
        none = MapPoints(id=[], x=[], y=[], state=[], label=[], confidence=[], words=[])
        return MapShown(at=None, how=HOW, round=None, method=None, seed=None, n_items=0, labels=labels, points=none)
    made, code = found.map, {label: at for at, label in enumerate(labels)}
    points = MapPoints(
        id=[str(one) for one in made.ids],
        x=made.xy[:, 0].tolist(),
        y=made.xy[:, 1].tolist(),
        state=[one.state.value for one in found.points],
        label=[-1 if one.label is None else code[one.label] for one in found.points],
        confidence=[None if one.confidence is None else round(one.confidence, 4) for one in found.points],
        words=list(made.words),
    )
    return MapShown(
        at=made.at,
        how="",
        round=made.round,
        method=made.method,
        seed=str(made.seed),
        n_items=made.n_items,
        labels=labels,
        points=points,
    )
