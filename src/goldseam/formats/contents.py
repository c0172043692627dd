"""Contents that are more than a text: chats, candidates and tables, as the canonical JSON that items hold.

In: what a source's field holds, a modality. Out: the item's content, and what checks need of one. Never: a role or a cell
that was made up.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from goldseam.formats.fields import Fields, listed, mapping, text_of
from goldseam.ledger.canonical import canonical
from goldseam.vocab.errors import BadValue
from goldseam.vocab.items import Modality
from goldseam.vocab.orders import MAX_CANDIDATES

MAX_TURNS = 1_000
MAX_COLUMNS = 1_000

Plain = dict[str, object]


def content_of(modality: Modality, value: object) -> str:
    """Return the content of an item whose source says this; a text that holds JSON counts as what it holds.

    Raises
    ------
    BadValue
        If it is of another form; the message says what would be right.

    Examples
    --------
    >>> content_of(Modality.CHAT, [{"role": "user", "content": "Hi"}])
    '[{"role":"user","text":"Hi"}]'
    """
    read = READERS.get(modality)
    if read is None:
        return text_of(value, f"The content of {modality.value}")
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise BadValue(f"The content of {modality.value} is JSON; this text is not.") from error
    try:
        return canonical(read(value)).decode()
    except ValueError as error:
        raise BadValue(f"The content of {modality.value} has no canonical form: {error}") from error


def roles_of(modality: Modality, content: str) -> tuple[str, ...]:
    """Return the role of each turn that an item shows; of none, unless it is a chat."""
    if modality is not Modality.CHAT:
        return ()
    return tuple(str(turn["role"]) for turn in json.loads(content))


def n_candidates_of(modality: Modality, content: str) -> int:
    """Return how many candidates an item shows; 0 unless it is made of some."""
    return len(json.loads(content)["candidates"]) if modality is Modality.CANDIDATES else 0


def _chat(value: object) -> list[Plain]:
    turns = [_turn(turn) for turn in listed(value, "A chat")]
    if not 1 <= len(turns) <= MAX_TURNS:
        raise BadValue(f"A chat has 1 to {MAX_TURNS:,} turns; got {len(turns):,}.")
    return turns


def _turn(value: object) -> Plain:
    """Return a turn; what it says may also stand under `content`, as many tools write it."""
    fields = Fields(mapping(value, "A turn"), "a turn")
    role = fields.text("role")
    text = fields.text("content" if "content" in fields.value and "text" not in fields.value else "text")
    fields.end()
    if not role:
        raise BadValue("A turn has a role, such as 'user' or 'assistant'.")
    return {"role": role, "text": text}


def _candidates(value: object) -> Plain:
    fields = Fields(mapping(value, "An item of candidates"), "an item of candidates")
    prompt = fields.take("prompt", "")
    candidates = fields.texts("candidates")
    fields.end()
    if not 2 <= len(candidates) <= MAX_CANDIDATES:
        raise BadValue(f"An item has 2 to {MAX_CANDIDATES} candidates; got {len(candidates)}.")
    return {"prompt": prompt if isinstance(prompt, str) else _chat(prompt), "candidates": list(candidates)}


def _table(value: object) -> Plain:
    fields = Fields(mapping(value, "A table"), "a table")
    columns, rows = fields.texts("columns"), fields.list("rows")
    fields.end()
    if not 1 <= len(columns) <= MAX_COLUMNS:
        raise BadValue(f"A table has 1 to {MAX_COLUMNS:,} columns; got {len(columns):,}.")
    return {"columns": list(columns), "rows": [_row(row, columns) for row in rows]}


def _row(value: object, columns: Sequence[str]) -> list[object]:
    row = listed(value, "A row of a table")
    if len(row) != len(columns):
        raise BadValue(f"A row of this table has {len(columns)} cells; got {len(row)}.")
    if any(cell is not None and not isinstance(cell, str | int | float) for cell in row):
        raise BadValue("A cell of a table is a text, a number, true, false or null.")
    return list(row)


READERS: Mapping[Modality, Callable[[object], object]] = {
    Modality.CHAT: _chat,
    Modality.CANDIDATES: _candidates,
    Modality.TABLE: _table,
}
"""One reader per modality whose content is JSON."""
