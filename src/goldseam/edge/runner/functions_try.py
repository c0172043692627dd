"""Trying labeling functions on some items, drawn at random: what each says, with examples.

In: a project with functions. Out: plain values. Never: anything kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from goldseam.edge.runner.functions import checked, named
from goldseam.edge.runner.functions_workers import watching
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import World
from goldseam.edge.store import functions as rows
from goldseam.edge.store import items
from goldseam.edge.store.tx import Tx
from goldseam.prelabel.functions_apply import Batch, apply
from goldseam.vocab.errors import NotFound, nearest
from goldseam.vocab.items import ItemId

EXAMPLES = 5
"""Items that are shown of each label that a function gives."""


def attempt(world: World, project: ProjectFacts, n_items: int, name: str = "") -> dict[str, Any]:
    """Return what the functions (or the one of this name) say of so many items, as plain values.

    Raises
    ------
    NotFound
        If there is no function of this name.
    """
    policy = checked(project)
    found = named(world.home, policy)
    chosen = [one for one in found if name in {"", one.name}]
    if not chosen:
        raise NotFound(f"There is no labeling function {name!r}.{nearest(name, [one.name for one in found])}")
    rng = world.clock.rng(world.clock.seed())
    n = min(n_items, project.n_items)
    position = np.sort(rng.choice(project.n_items, n, replace=False)) if n else np.empty(0, np.int64)

    def load(tx: Tx) -> Batch:
        return Batch(*rows.some(tx, project.id, position))

    batch = world.store.read(load)
    said = apply([one.function for one in chosen], batch, project.labels, watching(policy.seconds))
    return {
        "n_items": n,
        "functions": [
            {
                "name": one.name,
                "kind": one.kind,
                "said": dict(Counter(project.labels[code] for code in said.codes[:, at].tolist() if code >= 0)),
                "faults": dict(said.faults[at]),
                "examples": _examples(project, batch, said.codes[:, at]),
            }
            for at, one in enumerate(chosen)
        ],
    }


def _examples(project: ProjectFacts, batch: Batch, codes: Any) -> list[dict[str, object]]:  # noqa: ANN401 - an array
    found = []
    for code in np.unique(codes[codes >= 0]).tolist():
        for row in np.flatnonzero(codes == code)[:EXAMPLES].tolist():
            found.append({"said": project.labels[code], "text": batch.text[row]})  # noqa: PERF401 - two loops read better
    return found


def texts(world: World, project: ProjectFacts, chosen: Sequence[str]) -> dict[str, str]:
    """Return the texts of these items by their ids."""
    ids = [ItemId(one) for one in dict.fromkeys(chosen)]

    def load(tx: Tx) -> dict[str, str]:
        position = items.positions_of(tx, project.id, ids)
        return dict(zip(ids, items.contents(tx, project.id, position), strict=True))

    return world.store.read(load) if ids else {}
