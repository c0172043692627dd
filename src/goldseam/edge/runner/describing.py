"""Describing: what a model sees of items that are no media: their text, and what else the project file says.

In: positions, what is looked at. Out: texts, with fields and embeddings where they count. Never: one that the file leaves out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import World
from goldseam.edge.store import items, metadata
from goldseam.edge.store.tx import Positions, Tx
from goldseam.edge.suggesters.vectors import Kept, open_folder
from goldseam.prelabel import cells
from goldseam.prelabel.contents import Described, Fields
from goldseam.prelabel.policy import Feature
from goldseam.vocab.items import Modality

Uses = frozenset[Feature]


def features_of(project: ProjectFacts) -> Uses:
    """Return what the project's own model looks at: what the file names, or else the text; of tables the fields."""
    named = project.settings.prelabel.features
    if named:
        return frozenset(named)
    return frozenset({"fields"} if project.modality is Modality.TABLE else {"text"})


def described(world: World, project: ProjectFacts, position: Positions, also: Uses = frozenset()) -> Sequence[str]:
    """Return the texts of items, with what the project, or a model that looks at them (`also`), wants beside.

    Raises
    ------
    BadPolicy
        If the folder that the file names holds no model that makes embeddings.
    MissingExtra
        If the package that reads it is not installed.
    """
    named = features_of(project)
    wanted = named | also

    def load(tx: Tx) -> tuple[list[str], list[Fields] | None]:
        texts = items.contents(tx, project.id, position)
        return texts, list(_fields(tx, project, position, texts)) if "fields" in wanted else None

    texts, fields = world.store.read(load)
    if wanted == {"text"}:
        return texts
    vectors, of = _vectors(world, project, position, texts) if "embeddings" in wanted else (None, "")
    return Described(tuple(texts), "text" in named, None if fields is None else tuple(fields), vectors, of)


def _vectors(
    world: World, project: ProjectFacts, position: Positions, texts: Sequence[str]
) -> tuple[NDArray[np.float32] | None, str]:
    """Return each item's embedding and of which model it is; nothing where the file names none any more."""
    folder = project.settings.prelabel.embeddings
    if not folder:
        return None, ""
    model = open_folder(world.home.root / folder)
    kept = Kept(world.home.vectors / f"{project.id}-{model.version}", model.size)
    places = position.tolist()
    ids = world.store.read(lambda tx: items.ids_of(tx, project.id, position))
    found, there = kept.get(places, ids)
    new = np.flatnonzero(~there).tolist()
    if new:
        found[new] = model.of([texts[at] for at in new])
        kept.put([places[at] for at in new], [ids[at] for at in new], found[new])
    return found, model.version


def _fields(tx: Tx, project: ProjectFacts, position: Positions, texts: Sequence[str]) -> Iterator[Fields]:
    """Yield each item's fields: its metadata, and of a table what stands in it, which goes before."""
    counts = project.settings.prelabel.fields
    is_table = project.modality is Modality.TABLE
    for beside, text in zip(metadata.whole(tx, project.id, position), texts, strict=True):
        fields: Fields = {**beside, **cells.of_table(text)} if is_table else beside
        yield {name: fields[name] for name in counts if name in fields} if counts else fields
