"""Labeling functions as the page shows them: the analysis of what was applied last, as it was kept then.

In: a permit. Out: plain values. Never: a function run, a project looked through; which items are gold, but for who may measure.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.world import World
from goldseam.edge.store import functions as rows
from goldseam.edge.store import items, models
from goldseam.edge.store.functions import SetRow
from goldseam.edge.store.tx import Tx
from goldseam.vocab.errors import NotFound
from goldseam.vocab.items import Item, ItemId
from goldseam.vocab.people import Act, may

NOT_SHOWN = ("examples", "version")
"""What stands in a set's analysis and not in the list."""


def listing(world: World, permit: Permit) -> dict[str, Any] | None:
    """Return the analysis of the set that was applied last, without its examples; None if none was."""
    project = permit.project

    def load(tx: Tx) -> dict[str, Any] | None:
        made = rows.newest_set(tx, project.id)
        if made is None:
            return None
        body = json.loads(made.body)
        return {
            "id": made.id,
            "at": made.at.isoformat(),
            "outcome": models.get(tx, project.id, made.id).outcome.value,
            "suggests": project.model == made.id,
            **{name: body[name] for name in ("n_items", "n_covered", "n_gold", "accuracy", "correlated", "warnings")},
            "functions": [
                {key: value for key, value in one.items() if key not in NOT_SHOWN} for one in body["functions"]
            ],
        }

    return world.store.read(load)


def one(world: World, permit: Permit, name: str) -> list[dict[str, object]]:
    """Return the items on which a function of this set is wrong, or says otherwise than all together, with their texts.

    Raises
    ------
    NotFound
        If the set that was applied last has no function of this name.
    """
    project = permit.project
    sees_gold = may(permit.role, Act.MEASURE)

    def load(tx: Tx) -> list[dict[str, object]]:
        made = rows.newest_set(tx, project.id)
        chosen = [] if made is None else [row for row in _functions(made) if row["name"] == name]
        if not chosen:
            raise NotFound(f"The functions that were applied last have none named {name!r}.", function=name)
        examples = [row for row in chosen[0]["examples"] if sees_gold or row["by"] != "gold"]
        texts = _texts(tx, permit, [ItemId(row["item"]) for row in examples])
        return [{**row, "text": texts[row["item"]].content} for row in examples]

    return world.store.read(load)


def _functions(made: SetRow) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(made.body)["functions"]
    return found


def _texts(tx: Tx, permit: Permit, ids: list[ItemId]) -> dict[str, Item]:
    distinct = list(dict.fromkeys(ids))
    if not distinct:
        return {}
    positions = items.positions_of(tx, permit.project.id, distinct)
    found = items.some(tx, permit.project.id, np.asarray(positions, np.int64))
    return dict(zip(distinct, found, strict=True))
