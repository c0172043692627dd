"""Trace: from an item's label back to everything it rests on: raw line, draw, people, versions, settlements, releases, models.

In: an item's id. Out: plain values for people and programs. Never: a name shown to who may not measure.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import World
from goldseam.edge.store import annotations as annotation_rows
from goldseam.edge.store import draws, gold, items, models, naming, people, releases, settlements
from goldseam.edge.store.annotations import Kept
from goldseam.edge.store.items import Placed
from goldseam.edge.store.settlements import Settlement
from goldseam.edge.store.tx import Tx, micros
from goldseam.formats.parquet import read_table
from goldseam.formats.plain import answer_to_plain, item_to_plain
from goldseam.release.manifest import LABELS
from goldseam.route.tiers import Tier
from goldseam.vocab.items import ItemId


def trace(world: World, project: ProjectFacts, item: str) -> dict[str, Any]:
    """Return everything an item's label rests on, and what rests on it.

    Raises
    ------
    NotFound
        If the project has no such item.
    """
    placed, held = history(world, project, item)
    found: dict[str, Any] = {"item": item_to_plain(placed.item), "position": placed.position, **held}
    found["releases"] = _releases(world, project, item)
    trained, (known, _, since) = world.store.read(
        lambda tx: (models.listing(tx, project.id), gold.ever(tx, project.id, project.question))
    )
    gold_from = since[known == placed.position].min(initial=np.iinfo(np.int64).max)
    found["is_gold"] = placed.position in known
    numbers = {line["number"] for line in found["releases"]}
    found["models"] = [
        {"id": row.id, "round": row.round, "release": row.release, "outcome": row.outcome.value}
        for row in trained
        if row.release in numbers and micros(row.at) < gold_from  # gold judges models: none learns from it
    ]
    return found


def meant(world: World, project: ProjectFacts, word: str) -> ItemId:
    """Return the id of the item that a person means by an id, its first digits, or the key of a row.

    Raises
    ------
    BadValue
        If several are meant.
    NotFound
        If none is.
    """
    return world.store.read(lambda tx: naming.item_named(tx, project.id, word))


def history(world: World, project: ProjectFacts, item: str) -> tuple[Placed, dict[str, Any]]:
    """Return an item with its place, its draw, all answers ever given, and its settlements: a few index seeks.

    Raises
    ------
    NotFound
        If the project has no such item.
    """

    def load(tx: Tx) -> tuple[Placed, dict[str, Any]]:
        placed = items.find(tx, project.id, ItemId(item))
        names = {a.id: a.name for a, _ in people.members(tx, project.id)}
        drawn = draws.of_item(tx, project.id, placed.position)
        kept = annotation_rows.of_item_ever(tx, project.id, placed.position)
        settled = [
            (one.name, made)
            for one in project.schema.questions
            for made in settlements.history(tx, project.id, one.name, placed.position)
        ]
        return placed, {
            "draw": None if drawn is None else _draw(drawn),
            "annotations": [_annotation(one, names) for one in kept],
            "settlements": [_settlement(one, question, project, names) for question, one in settled],
        }

    return world.store.read(load)


def _draw(drawn: tuple[int, float, int | None]) -> dict[str, object]:
    number, chance, tier = drawn
    return {"round": number, "chance": chance, "tier": None if tier is None else Tier(tier).text}


def _annotation(kept: Kept, names: dict[Any, str]) -> dict[str, object]:
    given = kept.annotation
    return {
        "id": given.id,
        "annotator": given.annotator,
        "name": names.get(given.annotator, given.annotator),
        "question": given.question,
        "answer": answer_to_plain(given.answer),
        "purpose": given.purpose.value,
        "reaction": given.reaction.value,
        "seconds": given.seconds,
        "schema_version": given.schema_version,
        "guideline_version": given.guideline_version,
        "at": given.at.isoformat(),
        "withdrawn": kept.withdrawn,
        "surplus": given.surplus,
        "entry": kept.entry_position,
    }


def _settlement(one: Settlement, question: str, project: ProjectFacts, names: dict[Any, str]) -> dict[str, object]:
    """Return a settlement; the label of an answer that is no choice is its canonical JSON, as in releases."""
    answer = None if one.answer is None else json.loads(one.answer)
    label = project.labels[one.label] if one.label is not None else (answer or {}).get("label", one.answer)
    return {
        "question": question,
        "label": label,
        "confidence": one.confidence,
        "method": one.method,
        "state": one.state,
        "reason": one.reason,
        "n_votes": one.n_votes,
        "round": one.round,
        "by": None if one.by is None else names.get(one.by, one.by),
        "at": one.at.isoformat(),
    }


def _releases(world: World, project: ProjectFacts, item: str) -> list[dict[str, Any]]:
    """Return the releases that hold the item, with the label each gives it."""
    found = []
    for row in world.store.read(lambda tx: releases.listing(tx, project.id)):
        path = world.home.releases / row.folder / LABELS
        if not path.is_file():
            continue
        table = read_table(path.read_bytes())
        for place, known in enumerate(table["item"]):
            if known == item:
                question, label = str(table["question"][place]), str(table["label"][place])
                found.append({"number": row.number, "question": question, "label": label, "folder": row.folder})
    return found
