"""Retrain: learns from settled labels, compares on gold, and promotes the new model or keeps the old.

In: a project with settlements. Out: a model in the blobs, its row and its entries. Never: gold in the training set, a pickle.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from goldseam.edge.runner import asked, functions_set
from goldseam.edge.runner.log import record
from goldseam.edge.runner.prelabel import contents_of, load
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.training import enough, learnable
from goldseam.edge.runner.world import World
from goldseam.edge.store import gold, projects, releases, settlements
from goldseam.edge.store import models as rows
from goldseam.edge.store.models import ModelRow, Outcome
from goldseam.edge.store.tx import Tx, new_id
from goldseam.formats.arrays import to_bytes
from goldseam.ledger.canonical import canonical
from goldseam.ledger.entries import EntryKind
from goldseam.prelabel.learning import fit
from goldseam.prelabel.model import LinearModel, aligned
from goldseam.retrain.promote import Promotion, compare
from goldseam.vocab.errors import NotReady


def train(world: World, project: ProjectFacts, actor: str) -> tuple[ModelRow, Promotion]:
    """Train on the settled labels, compare with the champion on gold, and promote or keep.

    Raises
    ------
    NotReady
        If too few labels are settled, or only one label occurs among them.
    """
    settled, known = world.store.read(
        lambda tx: (
            settlements.current(tx, project.id, project.question),
            gold.current(tx, project.id, project.question),
        )
    )
    position, learned = learnable(project, settled, known)
    least = project.settings.prelabel.min_labels
    if not enough(project, learned):
        raise NotReady(
            f"A model needs at least {least} settled labels that are not gold (prelabel.min_labels), of two kinds or "
            f"more; there are {len(learned.index)} of {learned.n_labels_seen}."
        )
    seed = world.clock.seed()
    model = fit(
        contents_of(world, project, position),
        learned.soft,
        learned.weight,
        project.labels,
        world.clock.rng(seed),
        calibration_share=project.settings.prelabel.calibration_share,
    )
    if len(model.guide.row):  # rows of the training set become items: a later audit asks what these are
        model = replace(model, guide=replace(model.guide, row=position[model.guide.row]))
    promotion = _compare(world, project, model, dict(zip(known.position.tolist(), known.label.tolist(), strict=True)))
    return _save(world, project, model, promotion, seed, actor), promotion


def _compare(world: World, project: ProjectFacts, model: LinearModel, gold: dict[int, int]) -> Promotion:
    position = np.array(sorted(gold), np.int64)
    truth = np.array([gold[at] for at in position.tolist()], np.int32)
    return compare(
        _champions(world, project, position),
        _proba(world, project, model, position),
        truth,
        project.settings.retrain,
    )


def _champions(world: World, project: ProjectFacts, position: NDArray[np.int64]) -> NDArray[np.float32] | None:
    if project.model is None:
        return None
    if functions_set.is_champion(world, project) or world.store.read(lambda tx: asked.is_panel(tx, project)):
        return functions_set.proba(world, project, project.model, position)
    return _proba(world, project, load(world, project, project.model), position)


def _proba(world: World, project: ProjectFacts, model: LinearModel, position: NDArray[np.int64]) -> NDArray[np.float32]:
    if len(position) == 0:
        return np.empty((0, len(project.labels)), np.float32)
    contents = contents_of(world, project, position, also=model.uses)
    return aligned(model.propose(contents), model.labels, project.labels)


def _save(
    world: World, project: ProjectFacts, model: LinearModel, promotion: Promotion, seed: int, actor: str
) -> ModelRow:
    blob = world.blobs.put(to_bytes(model.to_arrays()))
    now = world.clock.now()
    metrics: dict[str, object] = {
        "champion_accuracy": promotion.champion_accuracy,
        "challenger_accuracy": promotion.challenger_accuracy,
        "n_gold": promotion.n_gold,
        "n_only_champion": promotion.n_only_champion,
        "n_only_challenger": promotion.n_only_challenger,
        "p_value": promotion.p_value,
        "n_train": model.n_train,
        "temperature": float(model.temperature),
        "calibration": model.scaling.method,
        "held_out_loss": dict(model.scaling.losses),
        "reason": promotion.reason,
    }

    def save(tx: Tx) -> ModelRow:
        release = releases.newest(tx, project.id)
        outcome = Outcome.PROMOTED if promotion.promoted else Outcome.ASKED if promotion.asks else Outcome.KEPT
        number = None if release is None else release.number
        row = ModelRow(
            new_id(now), project.round, f"linear {model.kind}", number, canonical(metrics).decode(), blob, now, outcome
        )
        rows.save(tx, project.id, row)
        body = {**metrics, "seed": str(seed), "blob_sha256": blob, "release": number, "round": project.round}
        record(tx, project.id, EntryKind.MODEL_TRAINED, now, actor=actor, about=row.id, body=body)
        if not promotion.asks:
            kind = EntryKind.MODEL_PROMOTED if promotion.promoted else EntryKind.MODEL_KEPT
            record(tx, project.id, kind, now, actor=actor, about=row.id, body={"old": project.model or ""})
        if promotion.promoted:
            projects.set_model(tx, project.id, row.id)
        return row

    return world.store.write(save)
