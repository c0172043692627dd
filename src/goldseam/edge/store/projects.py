"""Projects: their versions of schema, guideline and settings, and the codes of their labels.

In: plain text bodies with their hash. Out: `Project`, `Version`, label names in code order.
Never: the meaning of a body (the runner reads it with `formats`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, Table, bindparam, func, insert, select, update

from goldseam.edge.store import tables as t
from goldseam.edge.store.tx import Tx, insert_columns, micros, moment, new_id
from goldseam.vocab.answers import LabelName
from goldseam.vocab.errors import Conflict, NotFound, nearest
from goldseam.vocab.items import Modality, ProjectId
from goldseam.vocab.people import AnnotatorId, Role


@dataclass(frozen=True, slots=True)
class Project:
    """One labeling effort as it stands now; version 0 means that none was applied yet."""

    id: ProjectId
    name: str
    modality: Modality
    created_at: datetime
    schema_version: int
    guideline_version: int
    settings_version: int
    round: int
    n_items: int
    model: str | None


class Versioned(StrEnum):
    """What a project keeps every version of."""

    SCHEMA = "schema"
    GUIDELINE = "guideline"
    SETTINGS = "settings"


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a schema, guideline or settings; never changed."""

    number: int
    body: str
    hash: str
    at: datetime


_TABLES: dict[Versioned, Table] = {
    Versioned.SCHEMA: t.schemas,
    Versioned.GUIDELINE: t.guidelines,
    Versioned.SETTINGS: t.settings,
}


def table_of(what: Versioned) -> Table:
    """Return the table that keeps the versions of one of these."""
    return _TABLES[what]


def create(tx: Tx, name: str, modality: Modality, now: datetime) -> Project:
    """Create a project.

    Raises
    ------
    Conflict
        If one of this name exists.
    """
    if tx.first(select(t.projects.c.id).where(t.projects.c.name == name)):
        raise Conflict(f"A project named {name!r} exists already; choose another name.", name=name)
    project = ProjectId(new_id(now))
    tx.run(insert(t.projects).values(id=project, name=name, modality=modality.value, created_at=micros(now)))
    return get(tx, project)


_GET = select(t.projects).where(t.projects.c.id == bindparam("project"))


def get(tx: Tx, project: ProjectId) -> Project:
    """Return the project.

    Raises
    ------
    NotFound
        If there is none of this id.
    """
    row = tx.first(_GET, {"project": project})
    if row is None:
        raise NotFound("There is no such project.", project=project)
    return _project(row)


def locked(tx: Tx, project: ProjectId) -> Project:
    """Return the project; until the commit nobody else changes it, adds items to it, or gets a number from it.

    Raises
    ------
    NotFound
        If there is none of this id.
    """
    tx.run(_LOCK, {"project": project})
    return get(tx, project)


_LOCK = select(t.projects.c.id).where(t.projects.c.id == bindparam("project")).with_for_update()


def by_name(tx: Tx, name: str) -> Project:
    """Return the project of this name.

    Raises
    ------
    NotFound
        If there is none; the message names the nearest.
    """
    row = tx.first(select(t.projects).where(t.projects.c.name == name))
    if row is None:
        names = list(tx.run(select(t.projects.c.name)).scalars())
        raise NotFound(f"There is no project named {name!r}.{nearest(name, names)}", name=name)
    return _project(row)


def listing(tx: Tx) -> tuple[Project, ...]:
    """Return all projects, oldest first."""
    return tuple(_project(row) for row in tx.run(select(t.projects).order_by(t.projects.c.id)))


def of_annotator(tx: Tx, annotator: AnnotatorId) -> tuple[tuple[Project, Role], ...]:
    """Return the projects in which the annotator has a role, with that role."""
    rows = tx.run(
        select(t.projects, t.roles.c.role)
        .join(t.roles, t.roles.c.project == t.projects.c.id)
        .where(t.roles.c.annotator == annotator)
        .order_by(t.projects.c.id)
    )
    return tuple((_project(row), Role(row.role)) for row in rows)


def add_version(tx: Tx, project: ProjectId, what: Versioned, body: str, digest: str, now: datetime) -> int:
    """Make `body` the current version and return its number; the same hash as the current one adds nothing."""
    locked(tx, project)
    current = version(tx, project, what)
    if current is not None and current.hash == digest:
        return current.number
    number = 1 if current is None else current.number + 1
    tx.run(insert(_TABLES[what]).values(project=project, version=number, body=body, hash=digest, at=micros(now)))
    tx.run(update(t.projects).where(t.projects.c.id == project).values({f"{what.value}_version": number}))
    return number


def version(tx: Tx, project: ProjectId, what: Versioned, number: int | None = None) -> Version | None:
    """Return a version, or the newest if no number is given; None if there is none."""
    table = _TABLES[what]
    query = select(table).where(table.c.project == project).order_by(table.c.version.desc()).limit(1)
    row = tx.first(query if number is None else query.where(table.c.version == number))
    return None if row is None else Version(row.version, row.body, row.hash, moment(row.at))


def add_labels(tx: Tx, project: ProjectId, question: str, names: Sequence[LabelName]) -> tuple[LabelName, ...]:
    """Give every new name the next code and return all names ever used for the question, in code order."""
    locked(tx, project)
    known = labels(tx, project, question)
    new = [name for name in dict.fromkeys(names) if name not in set(known)]
    if new:
        codes = list(range(len(known), len(known) + len(new)))
        insert_columns(tx, t.labels, {"project": project, "question": question, "code": codes, "name": new})
    return known + tuple(new)


_LABELS = (
    select(t.labels.c.name)
    .where(t.labels.c.project == bindparam("project"), t.labels.c.question == bindparam("question"))
    .order_by(t.labels.c.code)
)


def labels(tx: Tx, project: ProjectId, question: str) -> tuple[LabelName, ...]:
    """Return all label names ever used for the question; a label's code is its place."""
    return tuple(LabelName(name) for name in tx.run(_LABELS, {"project": project, "question": question}).scalars())


def set_round(tx: Tx, project: ProjectId, number: int) -> None:
    """Say which round the project is in."""
    tx.run(update(t.projects).where(t.projects.c.id == project).values(round=number))


def set_model(tx: Tx, project: ProjectId, model: str | None) -> None:
    """Say which model makes the suggestions."""
    tx.run(update(t.projects).where(t.projects.c.id == project).values(model=model))


def remember(tx: Tx, key: str, value: str) -> None:
    """Keep one fact about the whole store under `key`."""
    if recall(tx, key) is None:
        tx.run(insert(t.meta).values(key=key, value=value))
    else:
        tx.run(update(t.meta).where(t.meta.c.key == key).values(value=value))


def recall(tx: Tx, key: str) -> str | None:
    """Return the fact kept under `key`."""
    row = tx.first(select(t.meta.c.value).where(t.meta.c.key == key))
    return None if row is None else str(row.value)


def allocate_ord(tx: Tx, project: ProjectId, n: int) -> int:
    """Return the first of `n` fresh, larger places in the queue's order.

    The project's row stays locked until the commit, so a smaller place never becomes visible after a larger one: a
    cursor that passed the larger would lose it for ever.
    """
    row = tx.first(_ALLOCATE, {"project_id": project, "n": n})
    if row is None:
        raise NotFound("There is no such project.", project=project)
    return int(row[0]) - n


_ALLOCATE = (
    update(t.projects)
    .where(t.projects.c.id == bindparam("project_id"))
    .values(next_ord=t.projects.c.next_ord + bindparam("n"))
    .returning(t.projects.c.next_ord)
)


def count(tx: Tx) -> int:
    """Return how many projects there are."""
    return int(tx.run(select(func.count()).select_from(t.projects)).scalar_one())


def _project(row: Row[Any]) -> Project:
    return Project(
        id=ProjectId(row.id),
        name=row.name,
        modality=Modality(row.modality),
        created_at=moment(row.created_at),
        schema_version=row.schema_version,
        guideline_version=row.guideline_version,
        settings_version=row.settings_version,
        round=row.round,
        n_items=row.n_items,
        model=row.model,
    )
