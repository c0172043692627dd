"""Naming: the item that a person means by a word: its id, the beginning of it as lists show it, or its row's own key.

In: a project, a word. Out: the id. Never: one of several that the word fits; a call inside a request, since keys are scanned.
"""

from __future__ import annotations

from sqlalchemy import select

from goldseam.edge.store import tables as t
from goldseam.edge.store.tx import Tx
from goldseam.vocab.errors import BadValue, NotFound
from goldseam.vocab.items import ITEM_ID_DIGITS, ItemId, ProjectId

SHORTEST = 6
"""Digits of an id that a beginning needs at least."""


def item_named(tx: Tx, project: ProjectId, word: str) -> ItemId:
    """Return the id of the one item that is meant.

    Raises
    ------
    BadValue
        If the word fits several items.
    NotFound
        If it fits none.
    """
    found = _by_key(tx, project, word) if word else []
    if not found:
        found = _by_beginning(tx, project, word.lower())
    if len(found) > 1:
        raise BadValue(f"Several items are meant by {word!r}, {found[0]} and {found[1]} among them: give the whole id.")
    if not found:
        raise NotFound(
            f"There is no item {word!r}. An item is named by its id, by the first digits of it as 'goldseam items' shows "
            "them, or by its row's own key.",
            item=word,
        )
    return found[0]


def _by_key(tx: Tx, project: ProjectId, word: str) -> list[ItemId]:
    i, d = t.items.c, t.item_ids.c
    query = select(d.id).join(t.items, (i.project == d.project) & (i.position == d.position))
    return [ItemId(row.id) for row in tx.run(query.where(d.project == project, i.key == word).limit(2))]


def _by_beginning(tx: Tx, project: ProjectId, word: str) -> list[ItemId]:
    if not SHORTEST <= len(word) <= ITEM_ID_DIGITS or set(word) - set("0123456789abcdef"):
        return []
    d = t.item_ids.c
    # 'g' is the first character after all digits of an id.
    query = select(d.id).where(d.project == project, d.id >= word, d.id < f"{word}g").order_by(d.id).limit(2)
    return [ItemId(row.id) for row in tx.run(query)]
