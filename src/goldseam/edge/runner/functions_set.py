"""Sets of labeling functions: applied by somebody who saw what they change, they make the suggestions like a model.

In: a project with functions, who applies them. Out: suggestions, a row beside those of models, entries. Never: a changed function
that counts before it was applied.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldseam.edge.runner import proposing
from goldseam.edge.runner.function_votes import COUNTED
from goldseam.edge.runner.functions import (
    STRETCH,
    Looked,
    analysis,
    checked,
    kind_of,
    look,
    named,
    planned,
    versions_of,
)
from goldseam.edge.runner.log import record
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import Report, World, silent
from goldseam.edge.store import functions as rows
from goldseam.edge.store import models, projects, suggestions
from goldseam.edge.store.functions import SetRow
from goldseam.edge.store.models import ModelRow, Outcome
from goldseam.edge.store.tx import Positions, Tx
from goldseam.flow import plain
from goldseam.formats.arrays import from_bytes, to_bytes
from goldseam.ledger.canonical import canonical
from goldseam.ledger.entries import EntryKind
from goldseam.prelabel import functions_sure
from goldseam.prelabel.functions_sure import Calibration
from goldseam.prelabel.functions_worth import Joint
from goldseam.retrain.promote import Promotion, compare
from goldseam.vocab.errors import NotReady


@dataclass(frozen=True, slots=True)
class Made:
    """What came of applying: the set's id (that of its model too), and whether it makes the suggestions now."""

    id: str
    outcome: Outcome
    reason: str
    plan: Mapping[str, Any]
    analysis: Mapping[str, Any]


def apply(
    world: World, project: ProjectFacts, actor: str, report: Report = silent, processes: int | None = None
) -> Made:
    """Make the functions as they are now count: from now on they suggest, unless a model is better on gold.

    A set replaces the set before it at once, since whoever applies it saw what it changes; a trained model is replaced as by
    another model. Applying the same set again changes nothing.
    """
    seen = look(world, project, report, processes)
    moves, analyzed = planned(world, project, seen), analysis(world, project, seen)
    before = world.store.read(lambda tx: rows.newest_set(tx, project.id))
    new = {one.name: one.version for one in seen.functions}
    policy = plain.flatten(project.settings.functions)
    how = {name: policy[name] for name in ("correlations", "balance")}
    if before is not None and versions_of(before) == new and json.loads(before.body)["how"] == how:
        row = world.store.read(lambda tx: models.get(tx, project.id, before.id))
        return Made(before.id, row.outcome, "These functions were applied already.", moves, analyzed)
    promotion = _judged(world, project, seen)
    seed = world.clock.seed()
    sure = functions_sure.learn(seen.joint, seen.gold, world.clock.rng(seed))
    body = {**analyzed, "how": how, "plan": moves, "calibration": sure.to_plain()}
    set_id = hashlib.sha256(canonical([project.id, "" if before is None else before.id, new, how])).hexdigest()[:32]
    if promotion.promoted or project.settings.adjudicate.functions == COUNTED:
        _save_suggestions(world, project, set_id, sure(seen.joint), np.arange(project.n_items), actor, report)
    _save(world, project, SetMade(set_id, body, promotion, sure, seed), actor)
    outcome = Outcome.PROMOTED if promotion.promoted else Outcome.ASKED if promotion.asks else Outcome.KEPT
    return Made(set_id, outcome, promotion.reason, moves, analyzed)


def _judged(world: World, project: ProjectFacts, seen: Looked) -> Promotion:
    """Compare the set with the champion on gold, if that is a trained model."""
    position = np.array(sorted(seen.gold), np.int64)
    truth = np.array([seen.gold[at] for at in position.tolist()], np.int32)
    model = project.model
    champion = None
    if model is not None and kind_of(world, project, model) != models.FUNCTIONS:
        champion = world.store.read(lambda tx: suggestions.proba(tx, project.id, model, position))
        champion = champion if len(position) else np.empty((0, len(project.labels)), np.float32)
    spoke = seen.joint.spoke[position]
    if champion is None:
        found = compare(None, seen.joint.proba[position[spoke]], truth[spoke])
        share = found.challenger_accuracy
        accuracy = "" if share is None else f"; {share:.1%} of {found.n_gold:,} items of gold are right"
        return replace(found, reason=f"Labeling functions, applied by a person{accuracy}.")
    proba = seen.joint.proba[position].copy()
    # Where no function speaks nothing is suggested, which is not what gold says.
    proba[~spoke, truth[~spoke]] = -1
    return compare(champion, proba, truth, project.settings.retrain)


def _save_suggestions(
    world: World, project: ProjectFacts, model: str, joint: Joint, position: Positions, actor: str, report: Report
) -> None:
    for first in range(0, len(position), STRETCH):
        some = position[first : first + STRETCH]
        kept = partial(
            proposing.keep, project=project, model=model, position=some, proba=joint.proba[some], actor=actor
        )
        world.store.write(partial(kept, now=world.clock.now()))
        report("keeping suggestions", first + len(some), len(position))


@dataclass(frozen=True, slots=True)
class SetMade:
    """A set that is being applied: what is kept of it."""

    id: str
    body: Mapping[str, Any]
    promotion: Promotion
    sure: Calibration
    seed: int


def _save(world: World, project: ProjectFacts, made: SetMade, actor: str) -> None:
    now = world.clock.now()
    set_id, body, promotion = made.id, made.body, made.promotion
    versions = {one["name"]: one["version"] for one in body["functions"]}
    held = {"functions": np.array(list(versions), np.str_), "versions": np.array(list(versions.values()), np.str_)}
    blob = world.blobs.put(to_bytes(held | made.sure.to_arrays()))
    metrics: dict[str, object] = {
        "champion_accuracy": promotion.champion_accuracy,
        "challenger_accuracy": promotion.challenger_accuracy,
        "n_gold": promotion.n_gold,
        "p_value": promotion.p_value,
        "n_train": body["n_covered"],
        "temperature": made.sure.temperature,
        "calibration": body["calibration"]["method"],
        "held_out_loss": body["calibration"]["held_out_loss"],
        "reason": promotion.reason,
    }
    outcome = Outcome.PROMOTED if promotion.promoted else Outcome.ASKED if promotion.asks else Outcome.KEPT

    def save(tx: Tx) -> None:
        if rows.find_set(tx, project.id, set_id) is not None:
            return
        row = ModelRow(set_id, project.round, models.FUNCTIONS, None, canonical(metrics).decode(), blob, now, outcome)
        models.save(tx, project.id, row)
        rows.save_set(tx, project.id, SetRow(set_id, project.n_items, canonical(body).decode(), actor, now))
        told = {
            **metrics,
            "functions": versions,
            "blob_sha256": blob,
            "round": project.round,
            "how": body["how"],
            "seed": str(made.seed),
        }
        record(tx, project.id, EntryKind.MODEL_TRAINED, now, actor=actor, about=set_id, body=told)
        if not promotion.asks:
            kind = EntryKind.MODEL_PROMOTED if promotion.promoted else EntryKind.MODEL_KEPT
            record(tx, project.id, kind, now, actor=actor, about=set_id, body={"old": project.model or ""})
        if promotion.promoted:
            projects.set_model(tx, project.id, set_id)
        rows.forget_others(tx, project.id, versions.values())

    world.store.write(save)


def is_champion(world: World, project: ProjectFacts) -> bool:
    """Return whether labeling functions make the suggestions now."""
    return project.model is not None and kind_of(world, project, project.model) == models.FUNCTIONS


def propose(world: World, project: ProjectFacts, actor: str, report: Report = silent) -> int:
    """Let the applied functions suggest for every item that came since, and return how many that were.

    Raises
    ------
    NotReady
        If the functions are not the applied ones any more.
    """
    return _extend(world, project, str(project.model), actor, report)


def follow(world: World, project: ProjectFacts, actor: str, report: Report = silent) -> int:
    """Let functions that vote beside another champion look at every item that came since; return how many that were.

    Where they are not the applied ones any more, or none were applied, they go on without a vote on what is new.
    """
    if project.settings.adjudicate.functions != COUNTED or project.settings.functions.is_empty:
        return 0
    made = world.store.read(lambda tx: rows.newest_set(tx, project.id))
    if made is None or made.id == project.model:
        return 0
    try:
        return _extend(world, project, made.id, actor, report)
    except NotReady as error:
        report(error.message, 1, 1)
        return 0


def _extend(world: World, project: ProjectFacts, model: str, actor: str, report: Report) -> int:
    todo = world.store.read(lambda tx: suggestions.unscored(tx, project.id, model))
    if not len(todo):
        return 0
    made = world.store.read(lambda tx: rows.find_set(tx, project.id, model))
    now = {one.name: one.version for one in named(world.home, checked(project))}
    if made is None or versions_of(made) != now:
        raise NotReady(
            "The labeling functions are not those that were applied. Look what they would change with goldseam lf plan, "
            "then run goldseam lf apply."
        )
    seen = look(world, project, report)
    _save_suggestions(world, project, model, calibration_of(world, project, model)(seen.joint), todo, actor, report)
    return len(todo)


def calibration_of(world: World, project: ProjectFacts, set_id: str) -> Calibration:
    """Return what a set's confidence was calibrated by when it was applied."""
    row = world.store.read(lambda tx: models.get(tx, project.id, set_id))
    return functions_sure.from_arrays(from_bytes(world.blobs.get(row.blob)))


def proba(world: World, project: ProjectFacts, model: str, position: Positions) -> NDArray[np.float32]:
    """Return the probabilities that a set of functions gave these items, equal ones for an item that came since."""
    found = np.full((len(position), len(project.labels)), 1 / len(project.labels), np.float32)
    there = world.store.read(lambda tx: suggestions.suggested(tx, project.id, model, position)).position
    if len(there):
        known = np.isin(position, there)
        kept = world.store.read(lambda tx: suggestions.proba(tx, project.id, model, position[known]))
        found[known] = 0
        found[np.flatnonzero(known)[:, None], np.arange(kept.shape[1])] = kept
    return found
