"""Check of talk: whether comments, proposals, disputes and escalations still say what the log committed to.

In: a transaction, a project, what its entries say. Out: findings. Never: a change; words believed without their commitment.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.proposals import excerpt
from goldseam.edge.store import answers, items, said, settlements, talk
from goldseam.edge.store import projects as project_rows
from goldseam.edge.store.said import Said
from goldseam.edge.store.tx import Tx, moment
from goldseam.ledger.canonical import canonical
from goldseam.ledger.entries import Entry, commitment
from goldseam.release.verify import Finding
from goldseam.vocab.errors import GoldseamError
from goldseam.vocab.items import ItemId
from goldseam.vocab.talk import About, Say

Told = dict[str, tuple[int, Entry]]
Sent = Mapping[str, object]


class Compared:
    """The entries of one kind, each to be met by the row that it is about."""

    def __init__(self, what: str, told: Told, *, is_whole: bool) -> None:
        self._what, self._told, self._is_whole = what, told, is_whole

    def row(self, row_id: str, salt: str, by: str, at: int, sents: Sequence[Sent], **body: object) -> Iterator[Finding]:
        """Compare a row with its entry; `sents` are what may have been sent, of which one has to fit."""
        place, entry = self._told.pop(row_id, (None, None))
        if entry is None:
            if self._is_whole:
                yield Finding(self._what, row_id, "has no entry in the log")
            return
        fits = (entry.actor, entry.at) == (by, moment(at)) and all(entry.body.get(key) == body[key] for key in body)
        salted = bytes.fromhex(salt)
        if not fits or entry.body.get("commitment") not in {commitment(salted, canonical(dict(one))) for one in sents}:
            yield Finding(self._what, row_id, f"is not what entry {place} of the log committed to")

    def rest(self) -> Iterator[Finding]:
        """Name what the log has and the rows have not."""
        for row_id, (place, _) in self._told.items():
            yield Finding(self._what, row_id, f"is gone; entry {place} of the log has it")


def comments(tx: Tx, facts: ProjectFacts, told: Told, *, is_whole: bool) -> Iterator[Finding]:
    """Compare every comment, and the state of every thread with its comments."""
    compared = Compared("comments", told, is_whole=is_whole)
    for row in said.comments(tx, facts.id):
        where = {"item": row.item} if row.say == Say.COMMENT.value else {"thread": row.thread}
        sent = {"author": row.author, "say": row.say, "text": row.text} | where
        yield from compared.row(row.id, row.salt, row.author, row.at, [sent], thread=row.thread, say=row.say)
    yield from compared.rest()
    for thread in talk.stale_threads(tx, facts.id):
        yield Finding("threads", thread, "stands otherwise than its comments leave it")


def proposals(tx: Tx, facts: ProjectFacts, told: Told, decided: Told, *, is_whole: bool) -> Iterator[Finding]:
    """Compare every proposal, and what became of it."""
    compared = Compared("proposals", told, is_whole=is_whole)
    decisions = Compared("decisions of proposals", decided, is_whole=is_whole)
    for row in said.proposals(tx, facts.id):
        quotes = row.about == About.WORKED_EXAMPLE.value
        sent = {
            "by": row.by, "about": row.about, "text": "" if quotes else row.text, "clause": row.clause, "label": row.label,
            "item": row.item, "why": row.why,
        }  # fmt: skip
        version = {"about": row.about, "guideline_version": row.guideline_version}
        yield from compared.row(row.id, row.salt, row.by, row.at, [sent], **version)
        if quotes and not _is_quoted(tx, facts, row):
            yield Finding("proposals", row.id, "does not quote its item as it is")
        if row.decision is not None:
            sent = {"by": row.decided_by, "proposal": row.id, "state": row.state, "reason": row.reason}
            yield from _decision(decisions, row, [sent])
    yield from compared.rest()
    yield from decisions.rest()


def _is_quoted(tx: Tx, facts: ProjectFacts, row: Said) -> bool:
    try:
        return bool(excerpt(items.find(tx, facts.id, ItemId(row.item)).item) == row.text)
    except GoldseamError:
        return False


def _decision(decisions: Compared, row: Said, sents: Sequence[Sent]) -> Iterator[Finding]:
    said_too = {"state": row.state, "decision": row.decision, "guideline_version": row.decided_version}
    return decisions.row(row.id, row.decision_salt, row.decided_by, row.decided_at, sents, **said_too)


def disputes(tx: Tx, facts: ProjectFacts, told: Told, decided: Told, *, is_whole: bool) -> Iterator[Finding]:
    """Compare every dispute, and what became of it."""
    compared = Compared("disputes", told, is_whole=is_whole)
    decisions = Compared("decisions of disputes", decided, is_whole=is_whole)
    ruled, answered = dict(settlements.ruled(tx, facts.id)), dict(answers.ruled(tx, facts.id))
    wished = said.proposals(tx, facts.id)
    for row in said.disputes(tx, facts.id):
        sent: Sent = {"by": row.by, "item": row.item, "text": row.text} | _wanted(row)
        about = {"question": row.question} if row.question else {}
        yield from compared.row(row.id, row.salt, row.by, row.at, [sent], item=row.item, **about)
        if row.decision is None:
            continue
        ruling, given = ruled.get(row.decision), answered.get(row.decision)
        label = None
        if ruling is not None:
            label = project_rows.labels(tx, facts.id, ruling.question)[ruling.label]
        made = {"by": row.decided_by, "dispute": row.id, "state": row.state, "reason": row.reason, "label": label}
        made |= {} if given is None else {"answer": json.loads(given.answer)}
        # the row does not hold which worked example was made of it: one that the same hand proposed about the item, or none
        examples = [one.id for one in wished if (one.by, one.item) == (row.decided_by, row.item)]
        yield from _decision(decisions, row, [made | {"worked_example": one} for one in (None, *examples)])
    yield from compared.rest()
    yield from decisions.rest()


def _wanted(row: Said) -> dict[str, object]:
    if row.answer is None:
        return {"label": row.label}
    return {"question": row.question, "answer": json.loads(row.answer)}


def escalations(tx: Tx, facts: ProjectFacts, told: Told, *, is_whole: bool) -> Iterator[Finding]:
    """Compare every item that was handed up."""
    compared = Compared("escalations", told, is_whole=is_whole)
    for row in said.escalations(tx, facts.id):
        sent: Sent = {"by": row.by, "item": row.item, "reason": row.reason}
        body = {"item": row.item, "question": row.question, "tier": row.tier}
        sents = [sent, {**sent, "question": row.question}]  # the first question need not be named
        yield from compared.row(row.id, row.salt, row.by, row.at, sents, **body)
    yield from compared.rest()
