"""Settling: what there is to settle about items, and whether a permit may; where the tiers of the project file are enforced.

In: a transaction, a permit, positions. Out: `Matter` records, refusals. Never: a label.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from goldseam.adjudicate.tiers import Matter, check_may_settle, may_settle
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.settling_answers import questions_of
from goldseam.edge.store import annotations as annotation_rows
from goldseam.edge.store import answers, disputes, items, settlements
from goldseam.edge.store import people as people_rows
from goldseam.edge.store.tx import Positions, Tx
from goldseam.vocab.answers import Answer, Choice, LabelName
from goldseam.vocab.people import AnnotatorId, Role
from goldseam.vocab.schema import Question, QuestionName

MARKS = ("spans", "boxes", "ellipses", "polygons", "polylines", "poses", "masks")
LOOKED_AT = 200
"""Items looked at together; four times as many each time that not enough of them are the caller's to settle."""


def matters(
    tx: Tx, project: ProjectFacts, positions: Positions, question: QuestionName | None = None
) -> tuple[Matter, ...]:
    """Return what there is to settle about each of these items, in this order; without a question, by the first one."""
    asked = project.schema.main if question is None else project.schema.question(question)
    if asked in questions_of(project):
        return _answer_matters(tx, project, asked, positions)
    counts = annotation_rows.counts(tx, project.id, project.question, positions, len(project.labels))
    current = settlements.current(tx, project.id, project.question, np.sort(positions))
    levels = disputes.levels(tx, project.id, project.question, positions)
    metadata = _metadata(tx, project, positions)
    return tuple(
        Matter(
            n_against=int(counts[row].sum() - counts[row].max(initial=0)),
            labels=frozenset(project.labels[code] for code in np.flatnonzero(counts[row]).tolist()),
            confidence=_confidence(tx, project, position, current),
            metadata=MappingProxyType({key: column[row] for key, column in metadata.items()}),
            level=levels.get(position, 0),
            ruled_by=_ruled_by(tx, project, position, current),
        )
        for row, position in enumerate(positions.tolist())
    )


def _metadata(tx: Tx, project: ProjectFacts, positions: Positions) -> dict[str, Sequence[str]]:
    """Return what the conditions of tiers look at."""
    keys = {one.key for tier in project.settings.adjudicate.tiers for one in tier.where}
    return {key: items.metadata_column(tx, project.id, positions, key) for key in sorted(keys)}


def _answer_matters(tx: Tx, project: ProjectFacts, question: Question, positions: Positions) -> tuple[Matter, ...]:
    current = answers.current(tx, project.id, question.name, positions)
    levels = disputes.levels(tx, project.id, question.name, positions)
    metadata = _metadata(tx, project, positions)
    return tuple(
        _answer_matter(
            tx,
            project,
            question,
            position,
            current.get(position),
            levels.get(position, 0),
            {key: column[row] for key, column in metadata.items()},
        )
        for row, position in enumerate(positions.tolist())
    )


def _answer_matter(
    tx: Tx,
    project: ProjectFacts,
    question: Question,
    position: int,
    stands: answers.Kept | None,
    level: int,
    metadata: Mapping[str, str],
) -> Matter:
    kept = annotation_rows.of_item(tx, project.id, position)
    said = [one for one in kept if one.annotation.question == question.name]
    confidence, by = (0.0, None) if stands is None else (stands.confidence, stands.by)
    if by is not None:
        confidence = disputes.computed_confidence(tx, project.id, question.name, position) or 0.0
    return Matter(
        n_against=sum(stands is not None and one.answer_text != stands.answer for one in said),
        labels=frozenset(label for one in said for label in labels_of(one.annotation.answer)),
        confidence=confidence,
        metadata=MappingProxyType(dict(metadata)),
        level=level,
        ruled_by=None if by is None else people_rows.role(tx, project.id, by),
    )


def labels_of(answer: Answer) -> frozenset[LabelName]:
    """Return the labels that an answer names, its own or those of its marks."""
    if isinstance(answer, Choice):
        return frozenset({answer.label})
    named = getattr(answer, "labels", ())
    marks = [mark for name in MARKS for mark in getattr(answer, name, ())]
    return frozenset([*named, *(mark.label for mark in marks)])


def _confidence(tx: Tx, project: ProjectFacts, position: int, current: settlements.Settled) -> float:
    row = _row(position, current)
    if row is None:
        return 0.0
    if current.by[row] is None:
        return float(current.confidence[row])
    # A ruling is certain by itself; what counts here is how sure the votes were.
    return disputes.computed_confidence(tx, project.id, project.question, position) or 0.0


def _ruled_by(tx: Tx, project: ProjectFacts, position: int, current: settlements.Settled) -> Role | None:
    row = _row(position, current)
    by = None if row is None else current.by[row]
    return None if by is None else people_rows.role(tx, project.id, AnnotatorId(by))


def _row(position: int, current: settlements.Settled) -> int | None:
    row = int(np.searchsorted(current.position, position))
    return row if row < len(current.position) and current.position[row] == position else None


def matter_of(tx: Tx, project: ProjectFacts, position: int, question: QuestionName | None = None) -> Matter:
    """Return what there is to settle about one item."""
    return matters(tx, project, np.array([position], np.int64), question)[0]


def check(tx: Tx, permit: Permit, position: int, label: LabelName | None = None) -> None:
    """Refuse, with `NotAllowed`, whoever may not settle this item, or not by this label."""
    tiers = permit.project.settings.adjudicate.tiers
    if tiers:
        check_may_settle(tiers, permit.role, matter_of(tx, permit.project, position), label)


def check_may(tx: Tx, permit: Permit, position: int, question: QuestionName) -> None:
    """Refuse, with `NotAllowed`, whoever may not settle this question of the item."""
    tiers = permit.project.settings.adjudicate.tiers
    if tiers:
        check_may_settle(tiers, permit.role, matter_of(tx, permit.project, position, question))


def check_answer(tx: Tx, permit: Permit, position: int, question: QuestionName, answer: Answer) -> None:
    """Refuse, with `NotAllowed`, whoever may not settle this question of the item, or not by an answer of these labels."""
    tiers = permit.project.settings.adjudicate.tiers
    if tiers:
        matter = matter_of(tx, permit.project, position, question)
        for label in (None, *sorted(labels_of(answer))):
            check_may_settle(tiers, permit.role, matter, label)


def may(tx: Tx, permit: Permit, positions: Positions, question: QuestionName | None = None) -> NDArray[np.bool_]:
    """Return for each of these items whether the permit may settle it."""
    tiers = permit.project.settings.adjudicate.tiers
    if not tiers or not len(positions):
        return np.ones(len(positions), np.bool_)
    found = matters(tx, permit.project, positions, question)
    return np.array([may_settle(tiers, permit.role, one) for one in found], np.bool_)


def waiting_for(tx: Tx, permit: Permit, limit: int, question: QuestionName | None = None) -> Positions:
    """Return escalated items that the permit may settle, the least certain first; without a question, by the first one."""
    asked = permit.project.schema.main.name if question is None else question
    found: list[int] = []
    for some in _escalated(tx, permit, limit, asked):
        found += some[may(tx, permit, some, asked)].tolist()
        if len(found) >= limit:
            break
    return np.array(found[:limit], np.int64)


def _escalated(tx: Tx, permit: Permit, limit: int, question: QuestionName) -> Iterator[Positions]:
    project = permit.project
    asked, seen = (limit if not project.settings.adjudicate.tiers else max(limit, LOOKED_AT)), 0
    while True:
        positions = settlements.escalated(tx, project.id, question, asked)
        yield positions[seen:]
        if len(positions) < asked:
            return
        asked, seen = asked * 4, len(positions)
