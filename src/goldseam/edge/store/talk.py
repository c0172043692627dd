"""Talk: threads of comments, one thread an item and annotator.

In: comments with the hash of what was sent. Out: threads with their comments. Never: a comment changed, or one kept twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, and_, func, insert, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from goldseam.edge.store import tables as t
from goldseam.edge.store import talk_tables as k
from goldseam.edge.store.tx import Positions, Tx, micros, moment, within
from goldseam.vocab.errors import Conflict
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import AnnotatorId
from goldseam.vocab.talk import Comment, CommentId, Say, ThreadId, ThreadState, state_after


@dataclass(frozen=True, slots=True)
class Sealed:
    """What only store and ledger know of something said: the hash of what was sent, and the salt of its commitment."""

    hash: str
    salt: str


@dataclass(frozen=True, slots=True)
class Thread:
    """What one annotator and the staff say about one item; `moved` is the number of its last comment."""

    id: ThreadId
    position: int
    annotator: AnnotatorId
    state: ThreadState
    moved: int


def add_once(tx: Tx, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert a row with an `id` that a client made; return false if this very act was kept before.

    Raises
    ------
    Conflict
        If the id was used before for something else.
    """
    make = sqlite.insert if tx.dialect == "sqlite" else postgresql.insert
    # Of two that come at once the second waits here for the first, and then finds its row.
    insertion = make(table).values(**values).on_conflict_do_nothing(index_elements=["id"]).returning(table.c.id)
    if tx.first(insertion) is not None:
        return True
    check_same(tx, table, values["id"], values["project"], values["hash"])
    return False


def was_kept(tx: Tx, table: Table, row_id: str, project: ProjectId, digest: str) -> bool:
    """Return whether this very act was kept before; raises `Conflict` if its id was used for something else."""
    if tx.first(select(table.c.id).where(table.c.id == row_id)) is None:
        return False
    check_same(tx, table, row_id, project, digest)
    return True


def check_same(tx: Tx, table: Table, row_id: str, project: ProjectId, digest: str) -> None:
    """Raise `Conflict` if the row of this id is of another project or of something else that was sent."""
    row = tx.first(select(table.c.project, table.c.hash).where(table.c.id == row_id))
    if row is None or row.project != project or row.hash != digest:
        raise Conflict("This id was used before for something else; make a new one.", id=row_id)


def own_thread(tx: Tx, project: ProjectId, position: int, annotator: AnnotatorId, first: CommentId) -> Thread:
    """Return the annotator's thread about an item, held until the commit; it is begun if there is none."""
    make = sqlite.insert if tx.dialect == "sqlite" else postgresql.insert
    values = {"id": first, "project": project, "position": position, "annotator": annotator, "moved": 0}
    tx.run(
        make(k.threads)
        .values(**values, state=ThreadState.OPEN.value)
        .on_conflict_do_nothing(index_elements=["project", "position", "annotator"])
    )
    c = k.threads.c
    mine = and_(c.project == project, c.position == position, c.annotator == annotator)
    return _thread(tx.run(select(k.threads).where(mine).with_for_update()).one())


def thread(tx: Tx, project: ProjectId, thread_id: ThreadId) -> Thread | None:
    """Return the project's thread of this id, held until the commit, if there is one."""
    c = k.threads.c
    row = tx.first(select(k.threads).where(c.project == project, c.id == thread_id).with_for_update())
    return None if row is None else _thread(row)


def add_comment(tx: Tx, project: ProjectId, comment: Comment, sealed: Sealed, state: ThreadState) -> None:
    """Keep a comment whose id is new, and let its thread stand as it leaves it."""
    values = {
        "id": comment.id,
        "project": project,
        "thread": comment.thread,
        "author": comment.author,
        "say": comment.say.value,
        "text": comment.text,
        "salt": sealed.salt,
        "hash": sealed.hash,
        "at": micros(comment.at),
    }
    number = tx.run(insert(k.comments).values(**values).returning(k.comments.c.seq)).scalar_one()
    tx.run(update(k.threads).where(k.threads.c.id == comment.thread).values(state=state.value, moved=number))


def n_comments(tx: Tx, thread_id: ThreadId) -> int:
    """Return how many comments a thread has; there are never many."""
    return int(tx.run(select(func.count()).where(k.comments.c.thread == thread_id)).scalar_one())


def threads(
    tx: Tx,
    project: ProjectId,
    *,
    of: AnnotatorId | None = None,
    not_about: Sequence[int] = (),
    mine: AnnotatorId | None = None,
    position: int | None = None,
    state: ThreadState | None = None,
    before: int | None = None,
    limit: int = 20,
) -> tuple[Thread, ...]:
    """Return threads, the last that moved first.

    Parameters
    ----------
    of
        Only this annotator's.
    not_about
        None about these items, but for those of `mine`.
    before
        Only those that moved before this number.
    """
    c = k.threads.c
    which: list[ColumnElement[bool]] = [c.project == project]
    if of is not None:
        which.append(c.annotator == of)
    if not_about:
        which.append(or_(c.position.not_in(list(not_about)), c.annotator == mine))
    if position is not None:
        which.append(c.position == position)
    if state is not None:
        which.append(c.state == state.value)
    if before is not None:
        which.append(c.moved < before)
    rows = tx.run(select(k.threads).where(*which).order_by(c.moved.desc()).limit(limit))
    return tuple(_thread(row) for row in rows)


def comments(tx: Tx, threads: Sequence[Thread]) -> dict[ThreadId, tuple[Comment, ...]]:
    """Return the comments of each thread, oldest first."""
    found: dict[ThreadId, list[Comment]] = {one.id: [] for one in threads}
    if not found:
        return {}
    query = select(k.comments).where(within(tx, k.comments.c.thread, list(found))).order_by(k.comments.c.seq)
    for row in tx.run(query):
        found[ThreadId(row.thread)].append(_comment(row))
    return {name: tuple(said) for name, said in found.items()}


def said_about(tx: Tx, project: ProjectId, positions: Positions) -> dict[int, list[Comment]]:
    """Return what annotators said about these items, oldest first, by position."""
    query = (
        select(k.comments, k.threads.c.position)
        .join(k.threads, k.threads.c.id == k.comments.c.thread)
        .where(k.threads.c.project == project, within(tx, k.threads.c.position, positions))
        .where(k.comments.c.say == Say.COMMENT.value)
        .order_by(k.comments.c.seq)
    )
    found: dict[int, list[Comment]] = {}
    for row in tx.run(query):
        found.setdefault(row.position, []).append(_comment(row))
    return found


_TOUCHED = text(
    "SELECT 1 FROM assignments WHERE project = :project AND position = :position AND annotator = :annotator"
)


def was_asked(tx: Tx, project: ProjectId, position: int, annotator: AnnotatorId) -> bool:
    """Return whether the annotator was ever asked about this item."""
    return tx.first(_TOUCHED, {"project": project, "position": position, "annotator": annotator}) is not None


def has_answered(tx: Tx, project: ProjectId, position: int, annotator: AnnotatorId) -> bool:
    """Return whether an answer of the annotator about this item stands."""
    a = t.annotations.c
    taken_back = select(t.withdrawals.c.annotation).where(t.withdrawals.c.annotation == a.id).exists()
    mine = and_(a.project == project, a.position == position, a.annotator == annotator, ~taken_back)
    return tx.first(select(a.id).where(mine).limit(1)) is not None


def stale_threads(tx: Tx, project: ProjectId) -> tuple[ThreadId, ...]:
    """Return the threads whose stored state differs from what their comments say: none, by law."""
    rows = tx.run(select(k.threads).where(k.threads.c.project == project).order_by(k.threads.c.moved)).all()
    known = [_thread(row) for row in rows]
    said = comments(tx, known)
    return tuple(one.id for one in known if state_after(each.say for each in said[one.id]) is not one.state)


def _thread(row: Row[Any]) -> Thread:
    return Thread(ThreadId(row.id), row.position, AnnotatorId(row.annotator), ThreadState(row.state), row.moved)


def _comment(row: Row[Any]) -> Comment:
    return Comment(
        CommentId(row.id), ThreadId(row.thread), AnnotatorId(row.author), Say(row.say), row.text, moment(row.at)
    )
