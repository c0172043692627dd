"""Qualification: questions with known answers, what each annotator did on the way to work, and their tries.

In: questions, acts with the hash of what was sent, answers. Out: records and arrays. Never: a question twice to one annotator; an
act kept twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, exists, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from goldseam.annotate.qualify import StepAct, StepEvent, Use
from goldseam.edge.store import qualification_tables as q
from goldseam.edge.store import tables as t
from goldseam.edge.store.talk import add_once, check_same
from goldseam.edge.store.tx import Positions, Tx, arrays, insert_columns, maybe_moment, micros, moment
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import AnnotatorId, Role


@dataclass(frozen=True, slots=True)
class Trial:
    """One try: practice or a test. `n_right` and `event` are there once it is over."""

    id: str
    annotator: AnnotatorId
    step: str
    use: Use
    n: int
    at: datetime
    ended_at: datetime | None
    n_right: int | None
    event: StepEvent | None


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of a try, with the answer that was given if one was; `label` and `said` are codes."""

    number: int
    position: int
    label: int
    why: str
    answer: str | None
    said: int | None


# --- questions --------------------------------------------------------------------------------------------------------


def set_questions(
    tx: Tx,
    project: ProjectId,
    position: Positions,
    label: NDArray[np.integer],
    use: Sequence[str],
    why: Sequence[str],
    source: str,
    now: datetime,
) -> None:
    """Keep questions with their answers; one that is there already is replaced."""
    columns = {
        "project": project,
        "position": position,
        "label": label,
        "use": list(use),
        "why": list(why),
        "source": source,
        "at": micros(now),
    }
    replaced = ", ".join(f'"{name}" = excluded."{name}"' for name in columns if name not in {"project", "position"})
    insert_columns(tx, q.qualification_items, columns, then=f"ON CONFLICT (project, position) DO UPDATE SET {replaced}")


def candidates(tx: Tx, project: ProjectId, use: Use, *, gold_hides: bool) -> Positions:
    """Return where the questions of a use stand; those that may come as hidden gold are left out where gold hides."""
    c = q.qualification_items.c
    query = select(c.position).where(c.project == project, c.use == use.value)
    if gold_hides:
        g = t.gold.c
        query = query.where(~exists().where(g.project == c.project, g.position == c.position))
    (positions,) = arrays(tx, query.order_by(c.position), np.int64)
    return positions


def known_answers(tx: Tx, project: ProjectId, positions: Sequence[int]) -> dict[int, tuple[int, str]]:
    """Return label code and explanation of the questions at these positions."""
    c = q.qualification_items.c
    rows = tx.run(select(c.position, c.label, c.why).where(c.project == project, c.position.in_(list(positions))))
    return {row.position: (row.label, row.why) for row in rows}


# --- onboarding -------------------------------------------------------------------------------------------------------


def add_act(
    tx: Tx,
    project: ProjectId,
    annotator: AnnotatorId,
    act_id: str,
    act: StepAct,
    by: AnnotatorId,
    digest: str,
    guideline_version: int | None = None,
) -> None:
    """Keep what happened to one step of one annotator."""
    add_once(
        tx,
        q.onboarding_acts,
        {
            "id": act_id,
            "project": project,
            "annotator": annotator,
            "step": act.step,
            "event": act.event.value,
            "by": by,
            "guideline_version": guideline_version,
            "hash": digest,
            "at": micros(act.at),
        },
    )


def acts(tx: Tx, project: ProjectId, annotators: Sequence[AnnotatorId]) -> dict[AnnotatorId, list[StepAct]]:
    """Return what happened to the steps of these annotators, oldest first."""
    c = q.onboarding_acts.c
    found: dict[AnnotatorId, list[StepAct]] = {one: [] for one in annotators}
    if not found:
        return {}
    rows = tx.run(
        select(c.annotator, c.step, c.event, c.at)
        .where(c.project == project, c.annotator.in_(list(annotators)))
        .order_by(c.annotator, c.seq)
    )
    for row in rows:
        found[AnnotatorId(row.annotator)].append(StepAct(row.step, StepEvent(row.event), moment(row.at)))
    return found


def is_through(tx: Tx, project: ProjectId, annotator: AnnotatorId) -> bool:
    """Return whether the annotator is through with onboarding: one look-up by key."""
    c = q.onboarded.c
    return tx.first(select(c.at).where(c.project == project, c.annotator == annotator)) is not None


def set_through(tx: Tx, project: ProjectId, annotator: AnnotatorId, settings_version: int, now: datetime) -> None:
    """Keep that the annotator is through; once is enough."""
    make = sqlite.insert if tx.dialect == "sqlite" else postgresql.insert
    values = {"project": project, "annotator": annotator, "at": micros(now), "settings_version": settings_version}
    tx.run(make(q.onboarded).values(**values).on_conflict_do_nothing(index_elements=["project", "annotator"]))


def team(tx: Tx, project: ProjectId, after: str, limit: int) -> tuple[tuple[AnnotatorId, str, bool], ...]:
    """Return annotators of the project after this id, with their names and whether they are through."""
    o = q.onboarded.c
    through = exists().where(o.project == t.roles.c.project, o.annotator == t.roles.c.annotator)
    rows = tx.run(
        select(t.annotators.c.id, t.annotators.c.name, through.label("through"))
        .join(t.roles, t.roles.c.annotator == t.annotators.c.id)
        .where(t.roles.c.project == project, t.roles.c.role == Role.ANNOTATOR.value, t.annotators.c.id > after)
        .order_by(t.annotators.c.id)
        .limit(limit)
    )
    return tuple((AnnotatorId(row.id), row.name, bool(row.through)) for row in rows)


# --- tries ------------------------------------------------------------------------------------------------------------


def begin(
    tx: Tx, project: ProjectId, trial: Trial, seed: int, digest: str, questions: Mapping[int, tuple[int, str]]
) -> None:
    """Keep a try and its questions (position to label code and explanation), in this order."""
    values = {
        "id": trial.id,
        "project": project,
        "annotator": trial.annotator,
        "step": trial.step,
        "use": trial.use.value,
        "n": trial.n,
        "seed": str(seed),
        "hash": digest,
        "at": micros(trial.at),
    }
    tx.run(insert(q.trials).values(**values))
    columns = {
        "trial": trial.id,
        "number": list(range(1, len(questions) + 1)),
        "position": list(questions),
        "label": [label for label, _ in questions.values()],
        "why": [why for _, why in questions.values()],
    }
    insert_columns(tx, q.trial_items, columns)


def trial(tx: Tx, project: ProjectId, annotator: AnnotatorId, trial_id: str) -> Trial | None:
    """Return the annotator's try of this id, held until the commit, if there is one."""
    c = q.trials.c
    mine = (c.id == trial_id) & (c.project == project) & (c.annotator == annotator)
    row = tx.first(select(q.trials).where(mine).with_for_update())
    return None if row is None else _trial(row)


def under_way(tx: Tx, project: ProjectId, annotator: AnnotatorId) -> Trial | None:
    """Return the try that the annotator is in the middle of."""
    c = q.trials.c
    row = tx.first(select(q.trials).where(c.project == project, c.annotator == annotator, c.ended_at.is_(None)))
    return None if row is None else _trial(row)


def latest(tx: Tx, project: ProjectId, annotator: AnnotatorId) -> Trial | None:
    """Return the annotator's newest try."""
    c = q.trials.c
    mine = select(q.trials).where(c.project == project, c.annotator == annotator)
    row = tx.first(mine.order_by(c.at.desc(), c.id.desc()).limit(1))
    return None if row is None else _trial(row)


def asked(tx: Tx, trial_id: str) -> tuple[Asked, ...]:
    """Return the questions of a try, in order, with what was answered."""
    i, a = q.trial_items.c, q.trial_answers.c
    rows = tx.run(
        select(i.number, i.position, i.label, i.why, a.answer, a.label.label("said"))
        .select_from(q.trial_items.outerjoin(q.trial_answers, (a.trial == i.trial) & (a.number == i.number)))
        .where(i.trial == trial_id)
        .order_by(i.number)
    )
    return tuple(Asked(r.number, r.position, r.label, r.why, r.answer, r.said) for r in rows)


def ever_asked(tx: Tx, project: ProjectId, annotator: AnnotatorId) -> Positions:
    """Return where the questions stand that the annotator was asked in any try."""
    c, i = q.trials.c, q.trial_items.c
    query = select(i.position).join(q.trials, c.id == i.trial).where(c.project == project, c.annotator == annotator)
    (positions,) = arrays(tx, query, np.int64)
    return positions


def was_begun(tx: Tx, project: ProjectId, trial_id: str, digest: str) -> bool:
    """Return whether this very try was begun before; raises `Conflict` if its id was used for something else."""
    if tx.first(select(q.trials.c.id).where(q.trials.c.id == trial_id)) is None:
        return False
    check_same(tx, q.trials, trial_id, project, digest)
    return True


def answer(
    tx: Tx,
    project: ProjectId,
    trial_id: str,
    answer_id: str,
    number: int,
    answer_text: str,
    label: int | None,
    seconds: float,
    digest: str,
    now: datetime,
) -> None:
    """Keep the answer to one question of a try."""
    values = {
        "id": answer_id,
        "project": project,
        "trial": trial_id,
        "number": number,
        "answer": answer_text,
        "label": label,
        "seconds": seconds,
        "hash": digest,
        "at": micros(now),
    }
    tx.run(insert(q.trial_answers).values(**values))


def end(tx: Tx, trial_id: str, n_right: int, event: StepEvent, salt: str, now: datetime) -> None:
    """Keep how a try ended; `salt` belongs to the commitment to its answers."""
    tx.run(
        update(q.trials)
        .where(q.trials.c.id == trial_id, q.trials.c.ended_at.is_(None))
        .values(ended_at=micros(now), n_right=n_right, event=event.value, salt=salt)
    )


def _trial(row: Row[Any]) -> Trial:
    return Trial(
        id=row.id,
        annotator=AnnotatorId(row.annotator),
        step=row.step,
        use=Use(row.use),
        n=row.n,
        at=moment(row.at),
        ended_at=maybe_moment(row.ended_at),
        n_right=row.n_right,
        event=None if row.event is None else StepEvent(row.event),
    )
