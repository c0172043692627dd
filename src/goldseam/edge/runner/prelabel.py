"""Prelabel: the champion proposes a label, with calibrated confidence, for every item it has not seen.

In: a project with a model. Out: suggestions in the store. Never: a suggestion taken for an annotation.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from goldseam.edge.blobs import Blobs
from goldseam.edge.runner import describing, functions_set, proposing
from goldseam.edge.runner.describing import Uses
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import Report, World, silent
from goldseam.edge.store import items, models
from goldseam.edge.store import suggestions as rows
from goldseam.edge.store.tx import Positions, Tx
from goldseam.formats.arrays import from_bytes as read_arrays
from goldseam.formats.images import pixels
from goldseam.prelabel.contents import IMAGE_SIDE, Contents
from goldseam.prelabel.embedded import Embedded
from goldseam.prelabel.model import LinearModel, aligned
from goldseam.prelabel.suggester import Suggester
from goldseam.vocab.errors import NotReady


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
    if functions_set.is_champion(world, project):
        return functions_set.propose(world, project, actor, report)
    functions_set.follow(world, project, actor, report)
    suggester = Embedded(model_id, load(world, project, model_id))
    uses = suggester.model.uses
    todo = world.store.read(lambda tx: rows.unscored(tx, project.id, model_id))
    for start in range(0, len(todo), suggester.batch):
        position = todo[start : start + suggester.batch]
        _propose_batch(world, project, suggester, contents_of(world, project, position, also=uses), position, actor)
        report("proposing labels", start + len(position), len(todo))
    return len(todo)


def _propose_batch(
    world: World, project: ProjectFacts, suggester: Suggester, contents: Contents, position: Positions, actor: str
) -> None:
    model_id = suggester.version
    proba = suggester.propose(contents).proba
    proba = aligned(proba, suggester.labels, project.labels)
    now = world.clock.now()

    def save(tx: Tx) -> None:
        proposing.keep(tx, project, model_id, position, proba, now, actor)

    world.store.write(save)


def load(world: World, project: ProjectFacts, model_id: str) -> LinearModel:
    """Return a trained model of the project."""
    row = world.store.read(lambda tx: models.get(tx, project.id, model_id))
    return LinearModel.from_arrays(read_arrays(world.blobs.get(row.blob)))


def contents_of(
    world: World, project: ProjectFacts, position: Positions, report: Report = silent, also: Uses = frozenset()
) -> Contents:
    """Return what a model sees of these items: texts, with their fields where the project says so, or rows of pixels."""
    if not project.modality.is_media:
        return describing.described(world, project, position, also)
    content = world.store.read(lambda tx: items.contents(tx, project.id, position))
    seen = np.empty((len(content), IMAGE_SIDE * IMAGE_SIDE), np.float32)
    for row, name in enumerate(content):
        seen[row] = _pixels(world.blobs, name)
        if row % 1000 == 0:
            report("looking at images", row, len(content))
    return seen


@lru_cache(maxsize=50_000)
def _pixels(blobs: Blobs, name: str) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return pixels(blobs.get(name), IMAGE_SIDE)
