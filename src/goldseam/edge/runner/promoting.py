"""Promoting: a person decides about a model of which the paired test left it open whether it is better.

In: a permit, a model. Out: its outcome in the store and the ledger. Never: a decision about a model that was not asked about.
"""

from __future__ import annotations

import json
from typing import Literal

from goldseam.edge.runner import repeats
from goldseam.edge.runner.log import record
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.world import World
from goldseam.edge.store import models, projects
from goldseam.edge.store.models import ModelRow, Outcome
from goldseam.edge.store.tx import Tx
from goldseam.ledger.entries import EntryKind
from goldseam.vocab.errors import NotReady

Decision = Literal["promote", "keep"]


def decide(world: World, permit: Permit, act: str, model: str, decision: Decision) -> None:
    """Let a model make the suggestions from now on, or keep the old one; a repeat changes nothing.

    Raises
    ------
    NotFound
        If the project has no such model.
    NotReady
        If no decision about it is open.
    """
    project, now = permit.project, world.clock.now()
    ask = repeats.asked(act, project.id, permit.annotator, "model", model, decision)

    def save(tx: Tx) -> None:
        if repeats.before(tx, ask) is not None:
            return
        row = models.get(tx, project.id, model)
        if row.outcome is not Outcome.ASKED:
            raise NotReady(f"No decision about this model is open: it was {row.outcome.value}.", model=model)
        promoted = decision == "promote"
        models.decide(tx, project.id, model, Outcome.PROMOTED if promoted else Outcome.KEPT)
        kind = EntryKind.MODEL_PROMOTED if promoted else EntryKind.MODEL_KEPT
        old = projects.get(tx, project.id).model or ""
        record(
            tx, project.id, kind, now, actor=permit.annotator, about=model, body={"old": old, "decided": "by a person"}
        )
        if promoted:
            projects.set_model(tx, project.id, model)
        repeats.note(tx, ask, model, now)

    world.store.write(save)


def listing(world: World, permit: Permit) -> list[dict[str, object]]:
    """Return the project's models as plain values, newest first."""
    found = world.store.read(lambda tx: models.listing(tx, permit.project.id))
    return [_plain(row, is_champion=row.id == permit.project.model) for row in reversed(found)]


def _plain(row: ModelRow, *, is_champion: bool) -> dict[str, object]:
    metrics = json.loads(row.metrics)
    return {
        "id": row.id,
        "round": row.round,
        "kind": row.kind,
        "release": row.release,
        "outcome": row.outcome.value,
        "champion": is_champion,
        "n_train": metrics["n_train"],
        "n_gold": metrics["n_gold"],
        "n_only_champion": metrics.get("n_only_champion"),
        "n_only_challenger": metrics.get("n_only_challenger"),
        "accuracy": metrics["challenger_accuracy"],
        "champion_accuracy": metrics["champion_accuracy"],
        "p_value": metrics["p_value"],
        "calibration": metrics.get("calibration", "temperature"),
        "reason": metrics["reason"],
        "at": row.at.isoformat(),
    }
