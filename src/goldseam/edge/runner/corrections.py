"""Corrections: an annotator's own answers that a person has since decided otherwise, to learn from.

In: a permit, where the page before ended. Out: item, own answer, ruling, its reason. Never: who ruled, what others answered, or
a label that was settled by anything else than a ruling (gold, votes): that could tell a gold check.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.settling_answers import by_labels, read
from goldseam.edge.runner.world import World
from goldseam.edge.store import annotations as annotation_rows
from goldseam.edge.store import answers, items, settlements
from goldseam.edge.store.annotations import Kept
from goldseam.edge.store.tx import Positions, Tx, moment
from goldseam.vocab.annotations import AnnotationId
from goldseam.vocab.answers import Abstain, Answer, Choice
from goldseam.vocab.errors import NotFound
from goldseam.vocab.items import Item

LOOKED_AT = 200
"""Own answers that one call looks at: it costs the same in any project."""


@dataclass(frozen=True, slots=True)
class Ruled:
    """What a person decided about a question of an item."""

    answer: Answer
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Correction:
    """An own answer, and the ruling that says otherwise."""

    item: Item
    question: str
    answer: Answer
    given_at: datetime
    ruled: Ruled


@dataclass(frozen=True, slots=True)
class Corrections:
    """Corrections among one stretch of own answers, newest first; `before` is where the next stretch begins."""

    found: tuple[Correction, ...]
    before: AnnotationId | None


def own(world: World, permit: Permit, before: AnnotationId | None = None) -> Corrections:
    """Return which of the caller's answers were ruled otherwise, looking at a bounded number of them.

    Raises
    ------
    NotFound
        If the caller gave no such answer as `before`.
    """
    project, mine = permit.project, permit.annotator

    def load(tx: Tx) -> Corrections:
        start = None
        if before is not None:
            last = annotation_rows.find(tx, before)
            if last is None or last.annotation.annotator != mine or last.project != project.id:
                raise NotFound("You gave no such answer.", annotation=before)
            start = last.entry_seq
        given = annotation_rows.history(tx, project.id, mine, LOOKED_AT, start)
        end = given[-1].annotation.id if len(given) == LOOKED_AT else None
        return Corrections(tuple(_ruled_otherwise(tx, project, given)), end)

    return world.store.read(load)


def _ruled_otherwise(tx: Tx, project: ProjectFacts, given: Sequence[Kept]) -> list[Correction]:
    standing = [one for one in given if not one.withdrawn]
    rulings: dict[tuple[str, int], Ruled] = {}
    for question in {one.annotation.question for one in standing}:
        positions = np.unique([one.position for one in standing if one.annotation.question == question]).astype(
            np.int64
        )
        rulings |= {(question, place): ruled for place, ruled in _rulings(tx, project, question, positions).items()}
    found = []
    for one in standing:
        said, ruled = one.annotation, rulings.get((one.annotation.question, one.position))
        if ruled is None or isinstance(said.answer, Abstain) or said.answer == ruled.answer:
            continue
        item = items.at(tx, project.id, one.position)
        found.append(Correction(item, said.question, said.answer, said.at, ruled))
    return found


def _rulings(tx: Tx, project: ProjectFacts, question: str, positions: Positions) -> dict[int, Ruled]:
    """Return what stands of these items because a person decided it, by position."""
    if by_labels(project) and question == project.question:
        now = settlements.current(tx, project.id, question, positions)
        rows = zip(now.position.tolist(), now.label.tolist(), now.method, now.reason, now.at.tolist(), strict=True)
        return {
            place: Ruled(Choice(project.labels[label]), reason, moment(at))
            for place, label, method, reason, at in rows
            if method == settlements.RULING
        }
    kept = answers.current(tx, project.id, question, positions)
    return {
        place: Ruled(read(one.answer), one.reason, moment(one.at))
        for place, one in kept.items()
        if one.method == settlements.RULING
    }
