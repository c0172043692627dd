"""Annotations: kept for ever, withdrawn but never changed; and votes, straight from SQL.

In: annotations that were checked. Out: records for people, `Votes` for kernels. Never: a change to an annotation.

One law ties the two ways out together: `votes(q)` equals `encode.votes(annotations(q))`.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Row, and_, bindparam, exists, func, insert, select
from sqlalchemy.sql.selectable import Select

from goldseam.edge.store import projects
from goldseam.edge.store import tables as t
from goldseam.edge.store.tx import FETCH, Positions, Tx, arrays, micros, moment, within
from goldseam.formats.plain import answer_from_plain
from goldseam.stats.votes import Votes
from goldseam.vocab.annotations import Annotation, AnnotationId, AssignmentId, Purpose, Reaction
from goldseam.vocab.errors import Conflict
from goldseam.vocab.items import ItemId, ProjectId
from goldseam.vocab.people import AnnotatorId
from goldseam.vocab.schema import GuidelineVersion, QuestionName, SchemaVersion


@dataclass(frozen=True, slots=True)
class Kept:
    """An annotation with what only the store and the ledger know of it.

    `answer_text` is the canonical JSON that the entry's commitment covers, with `salt` (hexadecimal);
    `entry_position` is absent until the log is sealed.
    """

    annotation: Annotation
    project: ProjectId
    position: int
    answer_text: str
    salt: str
    body_hash: str
    entry_seq: int
    entry_position: int | None
    withdrawn: bool


def repeated(tx: Tx, annotation_id: AnnotationId, body_hash: str) -> Kept | None:
    """Return the annotation if exactly this was sent before; None if the id is new.

    Raises
    ------
    Conflict
        If the id was used before for something else.
    """
    kept = find(tx, annotation_id)
    if kept is not None and kept.body_hash != body_hash:
        raise Conflict("This annotation's id was used before for another answer; make a new id.", id=annotation_id)
    return kept


def add(
    tx: Tx,
    project: ProjectId,
    position: int,
    annotation: Annotation,
    label: int | None,
    answer_text: str,
    salt: str,
    body_hash: str,
    entry_seq: int,
) -> None:
    """Keep an annotation; `label` is the code of a choice, else None; `answer_text` the answer as canonical JSON."""
    row = columns_of(project, position, annotation, label, answer_text, salt, body_hash)
    tx.run(_ADD, {**row, "entry_seq": entry_seq})


_ADD = insert(t.annotations)


def columns_of(
    project: ProjectId,
    position: int,
    annotation: Annotation,
    label: int | None,
    answer_text: str,
    salt: str,
    body_hash: str,
) -> dict[str, object]:
    """Return an annotation's row but for the number of its entry in the ledger."""
    return {
        "id": annotation.id,
        "project": project,
        "position": position,
        "annotator": annotation.annotator,
        "assignment": annotation.assignment,
        "question": annotation.question,
        "label": label,
        "answer": answer_text,
        "salt": salt,
        "body_hash": body_hash,
        "purpose": annotation.purpose.value,
        "schema_version": annotation.schema_version,
        "guideline_version": annotation.guideline_version,
        "reaction": annotation.reaction.value,
        "seconds": annotation.seconds,
        "surplus": int(annotation.surplus),
        "at": micros(annotation.at),
    }


def find(tx: Tx, annotation_id: AnnotationId) -> Kept | None:
    """Return the annotation of this id, if there is one."""
    row = tx.first(_FIND, {"annotation_id": annotation_id})
    return None if row is None else _kept(row)


def of_assignment(tx: Tx, assignment: AssignmentId) -> tuple[Kept, ...]:
    """Return what was answered under an assignment, withdrawn answers too, oldest first."""
    rows = tx.run(_KEPT.where(t.annotations.c.assignment == assignment).order_by(t.annotations.c.entry_seq))
    return tuple(_kept(row) for row in rows)


def withdraw(
    tx: Tx, project: ProjectId, annotations: Sequence[AnnotationId], withdrawal_id: str, now: datetime
) -> bool:
    """Withdraw annotations; they stay, and are no votes any more. Return false if this very withdrawal was made before.

    Raises
    ------
    Conflict
        If one of them was withdrawn before, or the id was used for others.
    """
    w = t.withdrawals
    before = set(tx.run(select(w.c.annotation).where(w.c.id == withdrawal_id)).scalars())
    if before:
        if before != set(annotations):
            raise Conflict("This withdrawal's id was used before for another annotation.", id=withdrawal_id)
        return False
    if tx.first(select(w.c.annotation).where(within(tx, w.c.annotation, list(annotations)))):
        raise Conflict("This annotation was withdrawn already.")
    rows = [{"annotation": each, "id": withdrawal_id, "project": project, "at": micros(now)} for each in annotations]
    tx.connection.execute(insert(w), rows)
    return True


def votes(tx: Tx, project: ProjectId, question: str, round: int | None = None) -> Votes:
    """Return the choices given to a question as votes, without a record per vote.

    Items are positions and hold only those with a vote, in order, and so do the annotators; labels are all names ever
    used for the question, in code order. Surplus answers and answers to gold checks are votes; withdrawn ones are none.

    Parameters
    ----------
    round
        Only items drawn in this round.
    """
    a, who = t.annotations.c, t.annotators.c
    query = (
        select(a.position, who.number, a.label)
        .join(t.annotators, who.id == a.annotator)
        .where(a.project == project, a.question == question, a.label.is_not(None), _standing())
    )
    if round is not None:
        query = query.where(_drawn_in(project, round))
    position, number, label = arrays(tx, query, np.int64, np.int64, np.int32)
    items, item = np.unique(position, return_inverse=True)
    numbers, annotator = np.unique(number, return_inverse=True)
    annotators, annotator = _by_id(tx, numbers, annotator)
    return Votes(
        items=items,
        annotators=annotators,
        labels=projects.labels(tx, project, question),
        item=item.astype(np.int32),
        annotator=annotator.astype(np.int32),
        label=label,
    )


def _by_id(tx: Tx, numbers: NDArray[np.int64], annotator: NDArray[np.intp]) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Return annotators' ids in order instead of their numbers, and the votes' indices into them."""
    who = t.annotators.c
    ids, found = arrays(
        tx, select(who.id, who.number).where(within(tx, who.number, numbers)).order_by(who.number), object, np.int64
    )
    order = np.array(sorted(range(len(ids)), key=ids.__getitem__), np.intp)
    rank = np.empty(len(order), np.intp)
    rank[order] = np.arange(len(order))
    assert np.array_equal(found, numbers)  # noqa: S101 - each annotation's annotator exists: the join found it
    return ids[order], rank[annotator] if len(annotator) else annotator


def annotations(
    tx: Tx,
    project: ProjectId,
    question: str | None = None,
    round: int | None = None,
    after: int = 0,
    limit: int | None = None,
) -> tuple[Kept, ...]:
    """Return annotations that stand, in the order they were given, from after an entry's sequence number on."""
    a = t.annotations.c
    query = _KEPT.where(a.project == project, a.entry_seq > after, t.withdrawals.c.id.is_(None))
    if question is not None:
        query = query.where(a.question == question)
    if round is not None:
        query = query.where(_drawn_in(project, round))
    return tuple(_kept(row) for row in tx.run(query.order_by(a.entry_seq, a.id).limit(limit)))


def ever(tx: Tx, project: ProjectId) -> Iterator[Kept]:
    """Yield every annotation ever given, withdrawn ones too, in the order they were given."""
    query = _KEPT.where(t.annotations.c.project == project).order_by(t.annotations.c.entry_seq, t.annotations.c.id)
    for row in tx.connection.execute(query, execution_options={"yield_per": FETCH}):
        yield _kept(row)


def of_item(tx: Tx, project: ProjectId, position: int) -> tuple[Kept, ...]:
    """Return the annotations of an item that stand, in the order they were given."""
    a = t.annotations.c
    standing = _KEPT.where(a.project == project, a.position == position, t.withdrawals.c.id.is_(None))
    query = standing.order_by(a.entry_seq, a.id)
    return tuple(_kept(row) for row in tx.run(query))


def of_item_ever(tx: Tx, project: ProjectId, position: int) -> tuple[Kept, ...]:
    """Return every annotation of an item, withdrawn ones too, in the order they were given."""
    a = t.annotations.c
    query = _KEPT.where(a.project == project, a.position == position).order_by(a.entry_seq, a.id)
    return tuple(_kept(row) for row in tx.run(query))


def history(
    tx: Tx, project: ProjectId, annotator: AnnotatorId, limit: int = 50, before: int | None = None
) -> tuple[Kept, ...]:
    """Return what the annotator answered last, newest first, withdrawn answers marked; only from before an entry."""
    a = t.annotations.c
    query = _KEPT.where(a.project == project, a.annotator == annotator)
    if before is not None:
        query = query.where(a.entry_seq < before)
    return tuple(_kept(row) for row in tx.run(query.order_by(a.entry_seq.desc(), a.id).limit(limit)))


def newest_at(tx: Tx, project: ProjectId) -> datetime | None:
    """Return when the project's last answer was given or taken back."""
    given = select(func.max(t.annotations.c.at)).where(t.annotations.c.project == project)
    withdrawn = select(func.max(t.withdrawals.c.at)).where(t.withdrawals.c.project == project)
    found = [at for at in (tx.run(query).scalar_one() for query in (given, withdrawn)) if at is not None]
    return moment(max(found)) if found else None


def n_of(tx: Tx, project: ProjectId, annotator: AnnotatorId) -> int:
    """Return how many answers the annotator gave in the project, withdrawn ones too."""
    a = t.annotations.c
    return int(tx.run(select(func.count()).where(a.project == project, a.annotator == annotator)).scalar_one())


def counts(tx: Tx, project: ProjectId, question: str, positions: Positions, n_labels: int) -> NDArray[np.int64]:
    """Return the votes of each of these items by label, as an array (n, n_labels)."""
    a = t.annotations.c
    query = (
        select(a.position, a.label, func.count())
        .where(a.project == project, within(tx, a.position, positions), a.question == question)
        .where(a.label.is_not(None), _standing())
        .group_by(a.position, a.label)
    )
    position, label, n_votes = arrays(tx, query, np.int64, np.int32, np.int64)
    table = np.zeros((len(positions), n_labels), np.int64)
    order = np.argsort(positions, kind="stable")
    table[order[np.searchsorted(positions, position, sorter=order)], label] = n_votes
    return table


def n_answers(tx: Tx, project: ProjectId, question: str, label: str | None = None) -> int:
    """Return how many answers to the question stand, or how many of those name this label, of whatever kind."""
    a = t.annotations.c
    query = select(func.count()).where(a.project == project, a.question == question, _standing())
    if label is not None:
        query = query.where(a.answer.contains(json.dumps(label, ensure_ascii=False), autoescape=True))
    return int(tx.run(query).scalar_one())


def _standing() -> ColumnElement[bool]:
    return ~exists().where(t.withdrawals.c.annotation == t.annotations.c.id)


def _drawn_in(project: ProjectId, number: int) -> ColumnElement[bool]:
    d = t.draw_items.c
    return exists().where(d.project == project, d.position == t.annotations.c.position, d.round == number)


def _select_kept() -> Select[Any]:
    a = t.annotations.c
    return (
        select(
            t.annotations,
            t.items.c.id.label("item"),
            t.entries.c.position.label("entry_position"),
            t.withdrawals.c.id.label("withdrawal"),
        )
        .join(t.items, and_(t.items.c.project == a.project, t.items.c.position == a.position))
        .outerjoin(t.entries, t.entries.c.seq == t.annotations.c.entry_seq)
        .outerjoin(t.withdrawals, t.withdrawals.c.annotation == t.annotations.c.id)
    )


_KEPT = _select_kept()
_FIND = _KEPT.where(t.annotations.c.id == bindparam("annotation_id"))


def _kept(row: Row[Any]) -> Kept:
    annotation = Annotation(
        id=AnnotationId(row.id),
        assignment=AssignmentId(row.assignment),
        item=ItemId(row.item),
        annotator=AnnotatorId(row.annotator),
        question=QuestionName(row.question),
        answer=answer_from_plain(json.loads(row.answer)),
        purpose=Purpose(row.purpose),
        schema_version=SchemaVersion(row.schema_version),
        guideline_version=GuidelineVersion(row.guideline_version),
        reaction=Reaction(row.reaction),
        seconds=row.seconds,
        surplus=bool(row.surplus),
        at=moment(row.at),
    )
    return Kept(
        annotation=annotation,
        project=ProjectId(row.project),
        position=row.position,
        answer_text=row.answer,
        salt=row.salt,
        body_hash=row.body_hash,
        entry_seq=row.entry_seq,
        entry_position=row.entry_position,
        withdrawn=row.withdrawal is not None,
    )
