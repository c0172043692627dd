"""Prelabel: the champion proposes a label, with calibrated confidence, for every item it has not seen.

In: a project with a model. Out: suggestions in the store. Never: a suggestion taken for an annotation.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np

from goldseam.edge.blobs import Blobs
from goldseam.edge.runner.log import record
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import Report, World, silent
from goldseam.edge.store import items, models
from goldseam.edge.store import suggestions as rows
from goldseam.edge.store.tx import Positions, Tx
from goldseam.formats.arrays import from_bytes as read_arrays
from goldseam.formats.images import pixels
from goldseam.ledger.entries import EntryKind
from goldseam.prelabel.contents import IMAGE_SIDE, Contents
from goldseam.prelabel.model import LinearModel, aligned
from goldseam.vocab.errors import NotReady

BATCH = 20_000


def propose(world: World, project: ProjectFacts, actor: str, report: Report = silent) -> int:
    """Let the champion propose for every item it has not scored, batch by batch, and return how many that were.

    Raises
    ------
    NotReady
        If there is no champion yet.
    """
    if project.model is None:
        raise NotReady("There is no model yet: the first is trained at the end of a round.")
    model_id = project.model
    model = load(world, project, model_id)
    todo = world.store.read(lambda tx: rows.unscored(tx, project.id, model_id))
    digest = hashlib.sha256()
    for start in range(0, len(todo), BATCH):
        position = todo[start : start + BATCH]
        digest.update(_propose_batch(world, project, model_id, model, position))
        report("proposing labels", min(start + BATCH, len(todo)), len(todo))
    now = world.clock.now()
    body = {"n": len(todo), "sha256": digest.hexdigest()}

    def save(tx: Tx) -> None:
        record(tx, project.id, EntryKind.SUGGESTIONS_MADE, now, actor=actor, about=model_id, body=body)

    if len(todo):
        world.store.write(save)
    return len(todo)


def _propose_batch(
    world: World, project: ProjectFacts, model_id: str, model: LinearModel, position: Positions
) -> bytes:
    proba = model.propose(contents_of(world, project, position))
    proba = aligned(proba, model.labels, project.labels)
    label = proba.argmax(axis=1).astype(np.int32)
    world.store.write(lambda tx: rows.save(tx, project.id, model_id, position, label, proba))
    places: bytes = np.ascontiguousarray(position, "<i8").tobytes()
    codes: bytes = label.astype("<i4").tobytes()
    return places + codes


def load(world: World, project: ProjectFacts, model_id: str) -> LinearModel:
    """Return a trained model of the project."""
    row = world.store.read(lambda tx: models.get(tx, project.id, model_id))
    return LinearModel.from_arrays(read_arrays(world.blobs.get(row.blob)))


def contents_of(world: World, project: ProjectFacts, position: Positions, report: Report = silent) -> Contents:
    """Return what a model sees of these items: texts, or rows of pixels."""
    content = world.store.read(lambda tx: items.contents(tx, project.id, position))
    if not project.modality.is_media:
        return content
    seen = np.empty((len(content), IMAGE_SIDE * IMAGE_SIDE), np.float32)
    for row, name in enumerate(content):
        seen[row] = _pixels(world.blobs, name)
        if row % 1000 == 0:
            report("looking at images", row, len(content))
    return seen


@lru_cache(maxsize=50_000)
def _pixels(blobs: Blobs, name: str) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return pixels(blobs.get(name), IMAGE_SIDE)
