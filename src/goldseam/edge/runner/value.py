"""Value: which labels cost the model most, and who gave them, judged by gold.

In: a project with settled labels and gold. Out: `Valued`. Never: a label changed; an item of low value is a reason to ask again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.prelabel import contents_of
from goldseam.edge.runner.training import learnable
from goldseam.edge.runner.world import Report, World, silent
from goldseam.edge.store import annotations as annotation_rows
from goldseam.edge.store import gold, items, people, settlements
from goldseam.edge.store.tx import Tx
from goldseam.prelabel.features import embed
from goldseam.stats.valuation import by_annotator, shapley
from goldseam.vocab.errors import NotReady
from goldseam.vocab.items import ItemId

SEED = 1
"""Features are made with chance (which items axes are learned from); a value should not move by looking twice."""


@dataclass(frozen=True, slots=True)
class ItemWorth:
    """One labeled item: its settled label, and what it is worth in shares of accuracy; below 0 it makes the model worse."""

    item: ItemId
    position: int
    label: str
    value: float


@dataclass(frozen=True, slots=True)
class PersonWorth:
    """One annotator: what all labels that came out as they said are worth, and of how many items."""

    annotator: str
    name: str
    n_items: int
    value: float


@dataclass(frozen=True, slots=True)
class Valued:
    """What labels are worth: items with the worst first, annotators likewise; `accuracy` is that of neighbors on gold."""

    n_items: int
    n_gold: int
    n_harmful: int
    accuracy: float
    items: tuple[ItemWorth, ...]
    annotators: tuple[PersonWorth, ...]


def value(world: World, permit: Permit, top: int, report: Report = silent) -> Valued:
    """Return what each label that a model may learn from is worth to it, the `top` worst items, and all annotators.

    Raises
    ------
    NotReady
        If the first question is no choice, nothing is settled, or there is no gold to judge by.
    """
    project = permit.project
    settled, known, votes = world.store.read(
        lambda tx: (
            settlements.current(tx, project.id, project.question),
            gold.current(tx, project.id, project.question),
            annotation_rows.votes(tx, project.id, project.question),
        )
    )
    if not project.labels or not len(known.position):
        raise NotReady("Labels are valued by gold on a question whose answer is one label: name files under 'gold'.")
    position, learned = learnable(project, settled, known)
    if not len(position):
        raise NotReady("There is nothing to value yet: no label is settled that a model may learn from.")
    report("looking at items", 0, None)
    features = embed(contents_of(world, project, np.concatenate([position, known.position])), world.clock.rng(SEED))
    report("valuing labels", 0, None)
    found = shapley(features[: len(position)], learned.soft, features[len(position) :], known.label)
    label = learned.soft.argmax(axis=1)
    place = {at: row for row, at in enumerate(position.tolist())}
    rows = np.array([place.get(int(at), -1) for at in votes.items], np.int64)
    worth = replace(found, value=np.where(rows >= 0, found.value[rows], 0.0))
    said = np.where(rows >= 0, label[rows], -1)
    per_person = by_annotator(votes, worth, said)
    agrees = votes.label == said[votes.item]
    counts = np.bincount(votes.annotator[agrees], minlength=votes.n_annotators)
    worst = found.worst(top)

    def name(tx: Tx) -> tuple[list[ItemId], dict[str, str]]:
        members = {str(one.id): one.name for one, _ in people.members(tx, project.id)}
        return items.ids_of(tx, project.id, position[worst]), members

    ids, names = world.store.read(name)
    persons = [
        PersonWorth(str(who), names.get(str(who), str(who)), int(n), float(each))
        for who, n, each in zip(votes.annotators, counts.tolist(), per_person.tolist(), strict=True)
        if n
    ]
    return Valued(
        n_items=len(position),
        n_gold=len(known.position),
        n_harmful=int((found.value < 0).sum()),
        accuracy=found.accuracy,
        items=tuple(
            ItemWorth(one, int(position[at]), str(project.labels[label[at]]), float(found.value[at]))
            for one, at in zip(ids, worst.tolist(), strict=True)
        ),
        annotators=tuple(sorted(persons, key=lambda one: one.value)),
    )
