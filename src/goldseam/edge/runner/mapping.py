"""Mapping: lays items of a project out in the plane by what they contain, and keeps where each lies.

In: a project, how many items, a seed. Out: a map in the store; the same seed, method and items make it again. Never: a label
looked at, or a call of the server: it takes up to minutes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.prelabel import contents_of
from goldseam.edge.runner.world import Report, World, silent
from goldseam.edge.store import items, maps, projects
from goldseam.edge.store.maps import MapRow
from goldseam.edge.store.tx import Positions
from goldseam.prelabel.features import embed
from goldseam.prelabel.plane import Method, lay_out
from goldseam.vocab.errors import BadValue, NotReady

MOST = 5_000
"""Points of one map: what a page draws at once, and one reply holds."""
BEGINNING = 90
"""Characters of an item's text that stand beside its point."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """What a map was made of."""

    n_points: int
    n_items: int
    method: Method
    seed: int
    round: int


def make(
    world: World,
    permit: Permit,
    limit: int = MOST,
    method: Method = "tsne",
    seed: int | None = None,
    report: Report = silent,
) -> Mapped:
    """Make a map of so many items, drawn at random, and keep it as the project's newest.

    Raises
    ------
    BadValue
        If the limit is out of its range.
    NotReady
        If no item was taken in yet.
    """
    project = permit.project
    if not 1 <= limit <= MOST:
        raise BadValue(f"A map has 1 to {MOST:,} items; got {limit:,}.")
    n_items = world.store.read(lambda tx: projects.get(tx, project.id).n_items)
    if not n_items:
        raise NotReady("No item was taken in yet: `goldseam run` takes in what the project file names.")
    seed = world.clock.seed() if seed is None else seed
    rng = world.clock.rng(seed)
    position: Positions = np.sort(rng.choice(n_items, size=min(limit, n_items), replace=False)).astype(np.int64)
    report("reading items", 0, len(position))
    contents = contents_of(world, project, position, report)
    report("reading items", len(position), len(position))
    report("laying them out", 0, 1)
    xy = lay_out(embed(contents, rng), rng, method)
    report("laying them out", 1, 1)
    words = [""] * len(position) if isinstance(contents, np.ndarray) else [_begins(one) for one in contents]
    ids = tuple(world.store.read(lambda tx: items.ids_of(tx, project.id, position)))
    made = MapRow(project.round, method, seed, n_items, position, ids, tuple(words), xy, world.clock.now())
    world.store.write(lambda tx: maps.keep(tx, project.id, made))
    return Mapped(len(position), n_items, method, seed, project.round)


def _begins(text: str) -> str:
    flat = " ".join(text[: 4 * BEGINNING].split())
    return flat if len(flat) <= BEGINNING else flat[: BEGINNING - 1] + "…"
