"""Check of answers: whether settled, ruled and gold answers of any kind are still those that the log committed to.

In: a transaction, a project, entries. Out: findings. Never: a row believed because the database has it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from goldseam.edge.runner.digests import digest
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.settling_answers import commitment_to
from goldseam.edge.store import answers, gold, items
from goldseam.edge.store.tx import Tx
from goldseam.ledger.canonical import canonical
from goldseam.ledger.entries import Entry, commitment
from goldseam.release.verify import Finding

Placed = tuple[int, Entry]


def settled(tx: Tx, facts: ProjectFacts, position: int, entry: Entry) -> Iterator[Finding]:
    """Compare the answers settled at an entry's time with what it committed to."""
    salt, rows, rounds = answers.written_at(tx, facts.id, str(entry.body["question"]), entry.at)
    places = np.array([one.position for one in rows], np.int64)
    same = (
        bool(salt)
        and digest(places) == entry.body["items_sha256"]
        and commitment_to(rows, bytes.fromhex(salt)) == entry.body["commitment"]
        and rounds == {entry.body["round"]}
    )
    if not same:
        where = f"settled {entry.at.isoformat()}"
        yield Finding("settlements", where, f"are not those that entry {position} of the log names")


def ruled(tx: Tx, facts: ProjectFacts, told: dict[str, Placed], *, is_whole: bool) -> Iterator[Finding]:
    """Compare every ruling of an answer with its entry, which is then taken out of `told`."""
    for ruling_id, ruling in answers.ruled(tx, facts.id):
        place, entry = told.pop(ruling_id, (None, None))
        where = f"ruling {ruling_id}"
        if entry is None:
            if is_whole:
                yield Finding("settlements", where, "has no entry in the log")
            continue
        made = commitment(bytes.fromhex(ruling.salt), ruling.answer.encode())
        said = (items.at(tx, facts.id, ruling.position).id, ruling.question, made, ruling.by)
        if said != (entry.body["item"], entry.body["question"], entry.body.get("commitment"), entry.actor):
            yield Finding("settlements", where, f"is not what entry {place} of the log says")


def gold_set(tx: Tx, facts: ProjectFacts, told: Placed | None, *, is_whole: bool) -> Iterator[Finding]:
    """Compare the answers set as gold at an entry's time with what it committed to."""
    if told is None:
        if is_whole:
            yield Finding("gold", "answers", "were set as gold without an entry in the log")
        return
    position, entry = told
    salt, rows = gold.answers_set_at(tx, facts.id, str(entry.body.get("question", "")), entry.at)
    places = np.array([place for place, _ in rows], np.int64)
    same = (
        bool(salt)
        and digest(places) == entry.body["items_sha256"]
        and commitment_to_gold(rows, bytes.fromhex(salt)) == entry.body.get("commitment")
    )
    if not same:
        yield Finding("gold", f"set {entry.at.isoformat()}", f"is not what entry {position} of the log says")


def commitment_to_gold(rows: list[tuple[int, str]], salt: bytes) -> str:
    """Return the commitment to gold answers, in their order."""
    return commitment(salt, canonical([[place, text] for place, text in rows]))
