"""Qualification: practice and tests of questions with known answers; a pass grants a skill and opens the way to work.

In: permits, answers. Out: a try as its annotator may see it. Never: an answer's fate before the last one is given; a right answer
of a test, at any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from goldseam.annotate import qualify
from goldseam.annotate.qualify import Standing, StepAct, StepEvent, Use
from goldseam.edge.runner import onboarding, skills
from goldseam.edge.runner.log import record
from goldseam.edge.runner.onboarding import current_step, steps_of
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.questions import hides_gold
from goldseam.edge.runner.sealing import digest_of, sealed
from goldseam.edge.runner.talk import as_offered
from goldseam.edge.runner.world import World
from goldseam.edge.store import items, talk
from goldseam.edge.store import qualification as rows
from goldseam.edge.store import qualification_tables as tables
from goldseam.edge.store.qualification import Asked, Trial
from goldseam.edge.store.tx import Tx, new_id
from goldseam.formats.plain import answer_to_plain
from goldseam.ledger.canonical import canonical
from goldseam.ledger.entries import EntryKind
from goldseam.vocab.answers import Answer, Choice, LabelName
from goldseam.vocab.errors import BadValue, Conflict, NotFound
from goldseam.vocab.items import Item


@dataclass(frozen=True, slots=True)
class QuestionSeen:
    """One question of a try as it is shown."""

    number: int
    item: Item
    answered: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of one practice question once all are answered."""

    number: int
    right: LabelName
    said: LabelName | None
    why: str


@dataclass(frozen=True, slots=True)
class Ended:
    """How a try ended; `told` is empty after a test."""

    n_right: int
    passed: bool
    told: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class TrialSeen:
    """A try as its annotator may see it."""

    id: str
    step: str
    use: Use
    questions: tuple[QuestionSeen, ...]
    ended: Ended | None


@dataclass(frozen=True, slots=True)
class Onboarding:
    """Where the caller stands: whether they may work, the steps, and their newest try if it belongs to the step they are at."""

    through: bool
    steps: tuple[Standing, ...]
    trial: TrialSeen | None


def look(world: World, permit: Permit) -> Onboarding:
    """Return where the caller stands."""
    project = permit.project

    def load(tx: Tx) -> Onboarding:
        steps = steps_of(tx, project, permit.annotator)
        through = onboarding.first_to_do(tx, permit) is None
        newest = rows.latest(tx, project.id, permit.annotator)
        return Onboarding(through, steps, None if newest is None else _seen(tx, permit, newest))

    return world.store.read(load)


def begin(world: World, permit: Permit, trial_id: str) -> TrialSeen:
    """Begin the practice or the test that comes next, with questions that the caller was never asked.

    Raises
    ------
    NotReady
        If it is not the caller's turn, the next try is not open yet, or too few questions are left.
    """
    project, now = permit.project, world.clock.now()
    digest = digest_of({"by": permit.annotator, "begin": trial_id})
    seed = world.clock.seed()

    def save(tx: Tx) -> TrialSeen:
        if not rows.was_begun(tx, project.id, trial_id, digest):
            step = current_step(tx, project, permit.annotator)
            qualify.check_may_begin(step, now)
            if rows.under_way(tx, project.id, permit.annotator) is not None:
                raise Conflict("Finish the questions that are under way first.")
            use = Use.PRACTICE if step.step.kind == "practice" else Use.QUALIFY
            made = Trial(trial_id, permit.annotator, step.key, use, step.step.n_questions, now, None, None, None)
            questions = _draw(tx, project, made, world.clock.rng(seed))
            rows.begin(tx, project.id, made, seed, digest, questions)
            act = StepAct(step.key, StepEvent.BEGIN, now)
            onboarding.move(tx, project, permit.annotator, new_id(now), act, permit.annotator, digest)
            body = {"step": step.key, "n": made.n, "seed": str(seed)}
            record(tx, project.id, EntryKind.TRIAL_BEGUN, now, actor=permit.annotator, about=trial_id, body=body)
        return _seen(tx, permit, _own(tx, permit, trial_id))

    return world.store.write(save)


def _draw(tx: Tx, project: ProjectFacts, trial: Trial, rng: np.random.Generator) -> dict[int, tuple[int, str]]:
    pool = rows.candidates(tx, project.id, trial.use, gold_hides=hides_gold(project))
    before = rows.ever_asked(tx, project.id, trial.annotator).tolist()
    drawn = qualify.draw(pool, before, trial.n, rng).tolist()
    known = rows.known_answers(tx, project.id, drawn)
    return {position: known[position] for position in drawn}


def _own(tx: Tx, permit: Permit, trial_id: str) -> Trial:
    found = rows.trial(tx, permit.project.id, permit.annotator, trial_id)
    if found is None:
        raise NotFound("You have no such try.", trial=trial_id)
    return found


def answer(
    world: World, permit: Permit, trial_id: str, answer_id: str, number: int, given: Answer, seconds: float
) -> TrialSeen:
    """Answer one question of a try; with the last answer the try ends, and only then is anything told.

    Raises
    ------
    NotFound
        If the caller has no such try.
    Conflict
        If the question was answered already.
    BadAnswer
        If the answer does not fit the project's first question.
    """
    project, now = permit.project, world.clock.now()
    project.schema.main.check(given)
    plain = answer_to_plain(given)
    digest = digest_of({"by": permit.annotator, "trial": trial_id, "number": number, "answer": plain, "in": seconds})

    def save(tx: Tx) -> TrialSeen:
        trial = _own(tx, permit, trial_id)
        if not talk.was_kept(tx, tables.trial_answers, answer_id, project.id, digest):
            asked = {one.number: one for one in rows.asked(tx, trial_id)}
            if number not in asked:
                raise BadValue(f"This try has the questions 1 to {trial.n}; got {number}.")
            if asked[number].answer is not None:
                raise Conflict("This question was answered already.", number=number)
            label = project.labels.index(given.label) if isinstance(given, Choice) else None
            text = canonical(plain).decode()
            rows.answer(tx, project.id, trial_id, answer_id, number, text, label, seconds, digest, now)
            if sum(one.answer is None for one in asked.values()) == 1:
                _end(tx, permit, trial, now)
        return _seen(tx, permit, _own(tx, permit, trial_id))

    return world.store.write(save)


def _end(tx: Tx, permit: Permit, trial: Trial, now: datetime) -> None:
    """Compare the answers with those that are known, and move the step on."""
    project = permit.project
    step = next((one for one in steps_of(tx, project, permit.annotator) if one.key == trial.step), None)
    asked = rows.asked(tx, trial.id)
    n_right = sum(one.said == one.label for one in asked)
    # A step that the project file has no more: the try ends, and moves nothing.
    event = StepEvent.FINISH if step is None else qualify.judged(step, n_right, trial.n)
    kept, commitment = sealed({"trial": trial.id, "answers": [one.answer for one in asked]})
    rows.end(tx, trial.id, n_right, event, kept.salt, now)
    body = {"step": trial.step, "n": trial.n, "n_right": n_right, "event": event.value, "commitment": commitment}
    record(tx, project.id, EntryKind.TRIAL_ENDED, now, actor=permit.annotator, about=trial.id, body=body)
    if step is None:
        return
    onboarding.move(
        tx, project, permit.annotator, new_id(now), StepAct(step.key, event, now), permit.annotator, kept.hash
    )
    if event is StepEvent.FINISH and step.step.qualify is not None and step.step.qualify.skill:
        skills.grant_in(tx, project.id, permit.annotator, step.step.qualify.skill, f"by trial {trial.id}", now)


def _seen(tx: Tx, permit: Permit, trial: Trial) -> TrialSeen:
    asked = rows.asked(tx, trial.id)
    found = items.some(tx, permit.project.id, np.array([one.position for one in asked], np.int64))
    shown = tuple(
        QuestionSeen(one.number, as_offered(permit, item), one.answer is not None)
        for one, item in zip(asked, found, strict=True)
    )
    return TrialSeen(trial.id, trial.step, trial.use, shown, _ended(permit.project, trial, asked))


def _ended(project: ProjectFacts, trial: Trial, asked: tuple[Asked, ...]) -> Ended | None:
    if trial.ended_at is None or trial.n_right is None:
        return None
    told = asked if trial.use is Use.PRACTICE else ()
    names = project.labels
    return Ended(
        trial.n_right,
        trial.event is StepEvent.FINISH,
        tuple(
            Told(one.number, names[one.label], None if one.said is None else names[one.said], one.why) for one in told
        ),
    )
