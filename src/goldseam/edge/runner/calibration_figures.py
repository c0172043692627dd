"""Figures of sessions: how far answers are apart before a discussion, and how much the same people agree after it.

In: a project, a session. Out: what `annotate.apart` finds, as plain values. Never: a transaction held open while shapes are
compared; an answer of a kind that its question no longer has.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from goldseam.annotate import apart
from goldseam.annotate.apart import Answered
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import World
from goldseam.edge.store import calibration as rows
from goldseam.edge.store.calibration import Said, Session
from goldseam.edge.store.tx import Positions, Tx
from goldseam.formats.plain import answer_from_plain
from goldseam.vocab.schema import Question, QuestionKind

Plain = dict[str, object]

LABELS, OTHERS = 2_000, 200
"""Answers of one annotator that are compared after a session, labels and all others: the newest, so that measuring costs the
same in any project."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a session's own answers come to; `n_given` tells whether another came meanwhile."""

    before: list[Plain]
    apart: dict[str, dict[int, float]]
    n_given: int


def of_session(world: World, project: ProjectFacts, session: Session) -> Figures:
    """Return the agreement of a session's answers, question by question, and how far they are apart on each item."""
    given = world.store.read(lambda tx: rows.answers_of(tx, session.id))
    listed = [(one.number, one.annotator, json.loads(one.answers)) for one in given]
    before: list[Plain] = []
    found: dict[str, dict[int, float]] = {}
    for question in project.schema.questions:
        name = question.name
        told = _told(question, ((number, who, said[name]) for number, who, said in listed if name in said))
        judged = apart.judge(question, told, world.clock.rng(session.seed))
        before.append(asdict(judged.measured))
        found[name] = dict(judged.apart)
    return Figures(before, found, len(given))


def since(world: World, project: ProjectFacts, session: Session, finished_at: datetime) -> list[Plain]:
    """Return how much the session's people agree on ordinary items since it ended, question by question."""

    def read(tx: Tx) -> dict[str, tuple[Said, ...]]:
        people = [one.annotator for one in rows.people_of(tx, session.id)]
        about = rows.items_of(tx, session.id)
        return {
            one.name: rows.ordinary(tx, project.id, one.name, people, finished_at, about, _most(one))
            for one in project.schema.questions
        }

    said = world.store.read(read)
    return [
        asdict(apart.judge(one, _ordinary(one, said[one.name]), world.clock.rng(session.seed)).measured)
        for one in project.schema.questions
    ]


def _most(question: Question) -> int:
    return LABELS if question.kind is QuestionKind.CHOICE else OTHERS


def disputed(
    world: World, project: ProjectFacts, n: int, rng: np.random.Generator
) -> tuple[Positions, NDArray[np.float64]]:
    """Return the least settled items, `n` of them or so, with how far their answers are apart on any question."""
    questions = project.schema.questions

    def read(tx: Tx) -> dict[str, tuple[Said, ...]]:
        each = max(n // len(questions), 1)
        near = np.unique(np.concatenate([rows.least_sure(tx, project.id, one.name, each) for one in questions]))
        return {one.name: rows.said_of(tx, project.id, one.name, near) for one in questions}

    said = world.store.read(read)
    far: dict[int, float] = {}
    for question in questions:
        told = _ordinary(question, said[question.name])
        for position, share in apart.disagreement(question, told, rng).items():
            far[position] = max(far.get(position, 0.0), share)
    found = np.array(sorted(far), np.int64)
    return found, np.array([far[place] for place in found.tolist()], np.float64)


def _ordinary(question: Question, said: Iterable[Said]) -> list[Answered]:
    return _told(question, ((one.position, one.annotator, json.loads(one.answer)) for one in said))


def _told(question: Question, said: Iterable[tuple[int, str, Mapping[str, object]]]) -> list[Answered]:
    """Return answers as records; one that was given when the question was of another kind is left out."""
    return [
        Answered(place, who, answer_from_plain(plain))
        for place, who, plain in said
        if plain.get("kind") == question.kind.value
    ]
