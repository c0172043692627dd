"""Settling answers of any kind: what was said of every question but a first choice, settled and kept, question by question.

In: a project. Out: settled answers in the store, each batch with its entry. Never: a ruling overruled by computation, or the
words of an answer in the log: a salted commitment stands there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from goldseam.adjudicate.answers import RULING, Decided, Known, decide_all, is_asked
from goldseam.adjudicate.kinds import Said
from goldseam.adjudicate.settle import Settlements
from goldseam.edge import keys
from goldseam.edge.runner.digests import digest
from goldseam.edge.runner.log import record
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import World
from goldseam.edge.store import annotations as annotation_rows
from goldseam.edge.store import answers as rows
from goldseam.edge.store import draws, flags, gold
from goldseam.edge.store.answers import Fresh
from goldseam.edge.store.answers import Kept as Stands
from goldseam.edge.store.settlements import Settled
from goldseam.edge.store.tx import Tx
from goldseam.formats.plain import answer_from_plain, answer_to_plain
from goldseam.ledger.canonical import canonical
from goldseam.ledger.entries import EntryKind, commitment
from goldseam.vocab.answers import Answer, Choice
from goldseam.vocab.schema import Question, QuestionKind, QuestionName

MOVED = 0.01
"""An answer is written anew when its confidence moved by more than this."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What was said and known of each question, and what that settles to now."""

    known: Mapping[QuestionName, Known]
    decided: Mapping[QuestionName, tuple[Decided, ...]]


def by_labels(project: ProjectFacts) -> bool:
    """Return whether the first question is a choice: its labels are settled as codes, and teach models."""
    return project.schema.main.kind is QuestionKind.CHOICE


def questions_of(project: ProjectFacts) -> tuple[Question, ...]:
    """Return the questions whose answers are settled here: all, or all after a first choice."""
    return project.schema.questions[1:] if by_labels(project) else project.schema.questions


def text_of(answer: Answer) -> str:
    """Return an answer as canonical JSON."""
    return canonical(answer_to_plain(answer)).decode()


def read(text: str) -> Answer:
    """Return the answer that canonical JSON says."""
    return answer_from_plain(json.loads(text))


def basis(world: World, project: ProjectFacts, main: Settlements | None) -> Basis:
    """Return what every question's answers settle to now; nothing is written. `main` are the first choice's labels."""
    questions = questions_of(project)
    known = world.store.read(lambda tx: {one.name: _known(tx, project, one) for one in questions})
    settled = None if main is None else _chosen(project, main.position, main.label, main.escalated)
    decided = decide_all(project.schema, questions, known, project.settings.adjudicate, settled)
    return Basis(known, decided)


def _chosen(project: ProjectFacts, position: np.ndarray, label: np.ndarray, escalated: np.ndarray) -> dict[int, Answer]:
    """Return settled labels as answers, by position, where a later question depends on them."""
    if all(one.ask_if is None for one in project.schema.questions):
        return {}
    answer = [Choice(name) for name in project.labels]
    pairs = zip(position[~escalated].tolist(), label[~escalated].tolist(), strict=True)
    return {place: answer[code] for place, code in pairs}


def _known(tx: Tx, project: ProjectFacts, question: Question) -> Known:
    kept = annotation_rows.annotations(tx, project.id, question=question.name)
    said = [Said(str(one.position), one.annotation.annotator, one.annotation.answer) for one in kept]
    stands = rows.answered(tx, project.id, question.name)
    complete = rows.complete(tx, project.id)
    is_main = question.name == project.question
    silent = {place for place in complete if not stands.get(place, False) and (is_main or place in stands)}
    return Known(
        said=said,
        gold={place: read(text) for place, text in gold.answers(tx, project.id, question.name).items()},
        rulings={place: read(text) for place, text in rows.rulings(tx, project.id, question.name).items()},
        silent=frozenset(silent),
    )


def settle(
    world: World, project: ProjectFacts, main: Settlements | None, actor: str, now: datetime
) -> dict[QuestionName, tuple[Decided, ...]]:
    """Settle every question, and write what is new or moved; `now` is a time before the answers were read."""
    if not questions_of(project):
        return {}
    found = basis(world, project, main).decided

    def save(tx: Tx) -> None:
        here = frozenset(draws.drawn(tx, project.id, project.round).position.tolist())
        out = frozenset(np.asarray(flags.out(tx, project.id)).tolist())
        for question, decided in found.items():
            stands = rows.current(tx, project.id, question)
            fresh = [one for one in _due(decided, stands, here) if one.position not in out]
            _save(tx, project, question, fresh, actor, now)

    world.store.write(save)
    return dict(found)


def _due(decided: Sequence[Decided], stands: Mapping[int, Stands], here: frozenset[int]) -> list[Fresh]:
    """Return what to write: of this round's items all, elsewhere what is new or moved, and what is not asked any more."""
    fresh = []
    for one in decided:
        if one.method == RULING:
            continue  # a ruling stands as it was written
        made = Fresh(
            one.position, text_of(one.answer), one.confidence, one.n_votes, one.escalated, one.reason, one.method
        )
        before = stands.get(one.position)
        same = before is not None and (
            (before.answer, before.escalated, before.n_votes, before.method)
            == (made.answer, made.escalated, made.n_votes, made.method)
            and abs(before.confidence - made.confidence) <= MOVED
        )
        if not same or one.position in here:
            fresh.append(made)
    gone = stands.keys() - {one.position for one in decided}
    unasked = [
        Fresh(place, None, confidence=0.0, n_votes=0, escalated=False, reason="", method="none")
        for place in sorted(gone)
    ]
    return fresh + unasked


def _save(tx: Tx, project: ProjectFacts, question: str, fresh: list[Fresh], actor: str, now: datetime) -> None:
    if not fresh:
        return
    salt = keys.new_salt()
    rows.save(tx, project.id, question, fresh, salt.hex(), project.round, now)
    body = {
        "round": project.round,
        "settings_version": project.settings_version,
        "n": len(fresh),
        "n_escalated": sum(one.escalated for one in fresh),
        "question": question,
        "kind": project.schema.question(question).kind.value,
        "items_sha256": digest(np.array([one.position for one in fresh], np.int64)),
        "commitment": commitment_to(fresh, salt),
    }
    record(tx, project.id, EntryKind.ITEMS_SETTLED, now, actor=actor, about=project.id, body=body)


def commitment_to(fresh: Sequence[Fresh], salt: bytes) -> str:
    """Return the commitment to settled answers, in their order."""
    said = [
        [one.position, one.answer, one.confidence, one.n_votes, one.escalated, one.reason, one.method] for one in fresh
    ]
    return commitment(salt, canonical(said))


def n_stale(tx: Tx, project: ProjectFacts, main: Settled) -> int:
    """Return how many answers are not settled as what stands asks for: new gold, or a ruling that another question needs."""
    questions = questions_of(project)
    if not questions:
        return 0
    settled: dict[int, dict[QuestionName, Answer]] = {}
    if by_labels(project):
        chosen = _chosen(project, main.position, main.label, main.escalated)
        settled = {place: {project.schema.main.name: answer} for place, answer in chosen.items()}
    out = frozenset(np.asarray(flags.out(tx, project.id)).tolist())
    complete = rows.complete(tx, project.id)
    n = 0
    for question in questions:
        stands = rows.current(tx, project.id, question.name)
        known = gold.answers(tx, project.id, question.name)
        n += _n_unheeded(stands, known)
        if question.name != project.question:
            answered = rows.answered(tx, project.id, question.name)
            wanted = {place for place, spoken in answered.items() if spoken or place in complete} | known.keys()
            asked = {place for place in wanted if is_asked(project.schema, question, settled.get(place, {}))}
            asked |= {place for place, one in stands.items() if one.method == RULING}
            n += len((asked ^ stands.keys()) - out)
        for place, one in stands.items():
            if not one.escalated and question.kind in _CONDITIONS:
                settled.setdefault(place, {})[question.name] = read(one.answer)
    return n


_CONDITIONS = frozenset(
    {QuestionKind.CHOICE, QuestionKind.CHOICES, QuestionKind.TAXONOMY, QuestionKind.RATING, QuestionKind.NUMBER}
)
"""Kinds that a later question's condition may look at."""


def _n_unheeded(stands: Mapping[int, Stands], known: Mapping[int, str]) -> int:
    """Return how many settled answers do not say what gold says; rulings stand."""
    here = [(one, known[place]) for place, one in stands.items() if place in known and one.method != RULING]
    return sum(one.escalated or one.answer != said for one, said in here)
