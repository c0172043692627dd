"""Talk: comments on items, in threads between one annotator and those who adjudicate.

In: permits, words. Out: threads as the caller may see them. Never: a thread of another annotator to whoever does not
adjudicate, or is still asked about its item; a name to whoever does not manage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from goldseam.edge.runner.log import record
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.sealing import sealed
from goldseam.edge.runner.world import World
from goldseam.edge.store import items, queue
from goldseam.edge.store import people as people_rows
from goldseam.edge.store import talk as rows
from goldseam.edge.store import talk_tables as tables
from goldseam.edge.store.talk import Thread
from goldseam.edge.store.tx import Tx
from goldseam.ledger.entries import EntryKind
from goldseam.vocab.errors import BadValue, Conflict, NotFound
from goldseam.vocab.items import Item, ItemId
from goldseam.vocab.people import Act, AnnotatorId, may
from goldseam.vocab.talk import MAX_COMMENTS, MOVES, Comment, CommentId, Say, ThreadId, ThreadState


@dataclass(frozen=True, slots=True)
class Said:
    """A comment as the caller may see it; `name` only for whoever manages."""

    id: CommentId
    say: Say
    mine: bool
    name: str | None
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ThreadSeen:
    """A thread as the caller may see it; `number` is where the next page begins."""

    id: ThreadId
    number: int
    item: Item
    state: ThreadState
    mine: bool
    comments: tuple[Said, ...]


def includes(permit: Permit, act: Act) -> bool:
    """Return whether the caller may do this too: by the role, and by the token that the call came with."""
    acts = permit.principal.acts
    return may(permit.role, act) and (acts is None or act in acts)


def say(world: World, permit: Permit, comment_id: CommentId, item: ItemId, text: str) -> ThreadId:
    """Comment on an item, in the caller's own thread about it, and return the thread.

    Raises
    ------
    NotFound
        If the project has no such item, or the caller was never asked about it and does not adjudicate.
    """
    project, now = permit.project, world.clock.now()
    sent = {"author": permit.annotator, "item": item, "say": Say.COMMENT.value, "text": text}

    def save(tx: Tx) -> ThreadId:
        position = position_seen(tx, permit, item)
        thread = rows.own_thread(tx, project.id, position, permit.annotator, comment_id)
        _add(tx, permit, Comment(comment_id, thread.id, permit.annotator, Say.COMMENT, text, now), thread, sent)
        return thread.id

    return world.store.write(save)


def reply(world: World, permit: Permit, comment_id: CommentId, thread_id: ThreadId, text: str) -> None:
    """Reply in a thread.

    Raises
    ------
    NotFound
        If there is no such thread, or the caller is still asked about its item.
    """
    _as_staff(world, permit, comment_id, thread_id, Say.REPLY, text)


def close(world: World, permit: Permit, comment_id: CommentId, thread_id: ThreadId, text: str) -> None:
    """Close a thread, with a last word or without.

    Raises
    ------
    NotFound
        If there is no such thread, or the caller is still asked about its item.
    Conflict
        If it is closed already.
    """
    _as_staff(world, permit, comment_id, thread_id, Say.CLOSE, text)


def _as_staff(world: World, permit: Permit, comment_id: CommentId, thread_id: ThreadId, doing: Say, text: str) -> None:
    now = world.clock.now()
    sent = {"author": permit.annotator, "thread": thread_id, "say": doing.value, "text": text}

    def save(tx: Tx) -> None:
        thread = rows.thread(tx, permit.project.id, thread_id)
        if thread is None or (thread.position in _held(tx, permit) and thread.annotator != permit.annotator):
            raise NotFound("There is no such thread.", thread=thread_id)
        _add(tx, permit, Comment(comment_id, thread.id, permit.annotator, doing, text, now), thread, sent)

    world.store.write(save)


def _add(tx: Tx, permit: Permit, comment: Comment, thread: Thread, sent: dict[str, str]) -> None:
    project = permit.project.id
    kept, commitment = sealed(sent)
    if rows.was_kept(tx, tables.comments, comment.id, project, kept.hash):
        return
    state = MOVES[thread.state].get(comment.say)
    if state is None:
        raise Conflict("This thread is closed already.", thread=thread.id)
    if rows.n_comments(tx, thread.id) >= MAX_COMMENTS:
        raise BadValue(f"A thread has at most {MAX_COMMENTS} comments; talk about it in person.", thread=thread.id)
    rows.add_comment(tx, project, comment, kept, state)
    body = {"commitment": commitment, "thread": thread.id, "say": comment.say.value}
    record(tx, project, EntryKind.COMMENT_MADE, comment.at, actor=permit.annotator, about=comment.id, body=body)


def position_seen(tx: Tx, permit: Permit, item: ItemId) -> int:
    """Return where an item stands that the caller may talk about: whoever does not adjudicate was asked about it.

    Raises
    ------
    NotFound
        With the same words for an item that is not there and one that the caller never saw.
    """
    try:
        position = items.find(tx, permit.project.id, item).position
    except NotFound:
        position = -1
    seen = position >= 0 and (
        includes(permit, Act.ADJUDICATE) or rows.was_asked(tx, permit.project.id, position, permit.annotator)
    )
    if not seen:
        raise NotFound("There is no such item.", item=item)
    return position


def threads(
    world: World,
    permit: Permit,
    *,
    item: ItemId | None = None,
    state: ThreadState | None = None,
    before: int | None = None,
    limit: int = 20,
) -> tuple[ThreadSeen, ...]:
    """Return the threads that the caller may see, the last that moved first: an annotator's own, or everybody's.

    Whoever adjudicates and is asked about an item at this moment sees no other's words about it before they answered.
    """
    project = permit.project

    def load(tx: Tx) -> tuple[ThreadSeen, ...]:
        sees_all = includes(permit, Act.ADJUDICATE)
        position = None if item is None else position_seen(tx, permit, item)
        found = rows.threads(
            tx,
            project.id,
            of=None if sees_all else permit.annotator,
            not_about=_held(tx, permit) if sees_all else (),
            mine=permit.annotator,
            position=position,
            state=state,
            before=before,
            limit=limit,
        )
        said = rows.comments(tx, found)
        names = _names(tx, permit, [one.author for each in said.values() for one in each])
        return tuple(_seen(tx, permit, one, said[one.id], names) for one in found)

    return world.store.read(load)


def as_offered(permit: Permit, item: Item) -> Item:
    """Return the item with the metadata that annotators are shown beside it, and no other: a column may tell the label."""
    named = permit.project.settings.annotate.show
    return replace(item, metadata=MappingProxyType({key: item.metadata[key] for key in named if key in item.metadata}))


def _held(tx: Tx, permit: Permit) -> list[int]:
    return [one.position for one in queue.held(tx, permit.project.id, permit.annotator)]


def _names(tx: Tx, permit: Permit, authors: Sequence[AnnotatorId]) -> dict[AnnotatorId, str]:
    if not includes(permit, Act.MANAGE):
        return {}
    return {one: people_rows.annotator(tx, one).name for one in set(authors)}


def _seen(tx: Tx, permit: Permit, thread: Thread, said: Sequence[Comment], names: dict[AnnotatorId, str]) -> ThreadSeen:
    return ThreadSeen(
        id=thread.id,
        number=thread.moved,
        item=as_offered(permit, items.at(tx, permit.project.id, thread.position)),
        state=thread.state,
        mine=thread.annotator == permit.annotator,
        comments=tuple(
            Said(one.id, one.say, one.author == permit.annotator, names.get(one.author), one.text, one.at)
            for one in said
        ),
    )
