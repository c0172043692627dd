"""Check of rows: whether what was taken in, drawn, settled, ruled and measured still says what its log entries say.

In: a transaction, a project, its log entries by kind. Out: findings. Never: a change; a row believed without its entry.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from goldseam.edge.runner import (
    check_answers,
    check_captures,
    check_certificates,
    check_flags,
    check_people,
    check_roles,
    check_stopping,
    check_suggestions,
    check_talk,
)
from goldseam.edge.runner.digests import digest, digest_of_numbers, digest_of_settlements
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.store import draws, gold, items, models, reports, returns, settlements
from goldseam.edge.store import projects as project_rows
from goldseam.edge.store.projects import Versioned
from goldseam.edge.store.settlements import Settled
from goldseam.edge.store.tx import Tx, micros
from goldseam.ledger.entries import Entry, EntryKind
from goldseam.release.manifest import digest as digest_of_bytes
from goldseam.release.verify import Finding

PAGE = 10_000

Placed = tuple[int, Entry]


@dataclass(frozen=True, slots=True)
class Logged:
    """The sealed entries of a log by kind; `is_whole` when none waits for its place, so that each row must have its own."""

    entries: Mapping[EntryKind, list[Placed]]
    is_whole: bool

    def of(self, kind: EntryKind) -> list[Placed]:
        """Return the entries of a kind with their places, in order."""
        return self.entries.get(kind, [])

    def by_object(self, kind: EntryKind) -> dict[str, Placed]:
        """Return the entries of a kind by what they are about."""
        return {entry.object: (position, entry) for position, entry in self.of(kind)}


def _items(tx: Tx, facts: ProjectFacts, logged: Logged) -> Iterator[Finding]:
    ids = items.all_ids(tx, facts.id)
    after = -1
    while page := items.page(tx, facts.id, after, PAGE):
        found = items.places_of(tx, facts.id, [ids[placed.position] for placed in page])
        for placed in page:
            if placed.item.id != ids[placed.position]:
                yield Finding("items", f"item {ids[placed.position]}", "its content is not the one that its id says")
            elif found.get(placed.item.id) != placed.position:
                yield Finding("items", f"item {placed.item.id}", "is not found by its id where it stands")
        after = page[-1].position
    for position, entry in logged.of(EntryKind.SOURCE_TAKEN_IN):
        known = ids[: int(str(entry.body["n_items"]))]
        if hashlib.sha256("".join(f"{item}\n" for item in known).encode()).hexdigest() != entry.body["items_sha256"]:
            yield Finding("items", f"the first {len(known):,}", f"are not those that entry {position} of the log names")


def _draws(tx: Tx, facts: ProjectFacts, logged: Logged) -> Iterator[Finding]:
    told = set()
    for position, entry in logged.of(EntryKind.ITEMS_DRAWN):
        told.add(entry.object)
        number = int(str(entry.body["round"]))
        drawn = returns.ever_drawn(tx, facts.id, entry.object)
        if digest(drawn.position) != entry.body["drawn_sha256"]:
            yield Finding("draws", f"round {number}", f"the items are not those that entry {position} names")
        elif digest_of_numbers(drawn.chance) != entry.body["chances_sha256"]:
            yield Finding(
                "draws", f"round {number}", f"the inclusion chances are not those that entry {position} names"
            )
    if logged.is_whole:
        for number in sorted({row.round for row in draws.listing(tx, facts.id) if row.id not in told}):
            yield Finding("draws", f"round {number}", "has no entry in the log")


def _gold(tx: Tx, facts: ProjectFacts, logged: Logged) -> Iterator[Finding]:
    place, code, at = gold.ever(tx, facts.id, facts.question)
    told = {micros(entry.at): (position, entry) for position, entry in logged.of(EntryKind.GOLD_SET)}
    others = gold.answer_moments(tx, facts.id)
    for moment in sorted({*at.tolist(), *told, *others}):
        if moment in others:
            yield from check_answers.gold_set(tx, facts, told.get(moment), is_whole=logged.is_whole)
            continue
        here = at == moment
        position, entry = told.get(moment, (None, None))
        if entry is None:
            if logged.is_whole:
                yield Finding("gold", f"{int(here.sum()):,} items", "were set as gold without an entry in the log")
        elif (digest(place[here]), digest(code[here].astype(np.int64))) != (
            entry.body["items_sha256"],
            entry.body["codes_sha256"],
        ):
            yield Finding("gold", f"set {entry.at.isoformat()}", f"is not what entry {position} of the log says")


def _settlements(tx: Tx, facts: ProjectFacts, logged: Logged) -> Iterator[Finding]:
    told: set[datetime] = set()
    for position, entry in logged.of(EntryKind.ITEMS_SETTLED):
        told.add(entry.at)
        if "commitment" in entry.body:
            yield from check_answers.settled(tx, facts, position, entry)
            continue
        found = settlements.written_at(tx, facts.id, str(entry.body["question"]), entry.at)
        if digest(found.position) != entry.body["items_sha256"] or not _same(found, entry):
            where = f"settled {entry.at.isoformat()}"
            yield Finding("settlements", where, f"are not those that entry {position} of the log names")
    if logged.is_whole:
        for at in sorted(settlements.moments(tx, facts.id) - told):
            yield Finding("settlements", f"settled {at.isoformat()}", "have no entry in the log")


def _same(found: Settled, entry: Entry) -> bool:
    n_labels = int(str(entry.body["n_labels"]))
    said = digest_of_settlements(
        found.label,
        found.confidence,
        found.posterior[:, :n_labels],
        found.n_votes,
        found.escalated,
        found.reason,
        found.method,
    )
    return said == entry.body["settlements_sha256"] and bool(np.all(found.round == entry.body["round"]))


def _rulings(tx: Tx, facts: ProjectFacts, logged: Logged) -> Iterator[Finding]:
    told = logged.by_object(EntryKind.LABEL_RULED)
    for ruling_id, ruling in settlements.ruled(tx, facts.id):
        place, entry = told.pop(ruling_id, (None, None))
        where = f"ruling {ruling_id}"
        if entry is None:
            if logged.is_whole:
                yield Finding("settlements", where, "has no entry in the log")
            continue
        label = project_rows.labels(tx, facts.id, ruling.question)[ruling.label]
        said = (items.at(tx, facts.id, ruling.position).id, ruling.question, label, ruling.by)
        if said != (entry.body["item"], entry.body["question"], entry.body["label"], entry.actor):
            yield Finding("settlements", where, f"is not what entry {place} of the log says")
    yield from check_answers.ruled(tx, facts, told, is_whole=logged.is_whole)
    for ruling_id, (position, _) in told.items():
        yield Finding("settlements", f"ruling {ruling_id}", f"is gone; entry {position} of the log has it")


def _reports(tx: Tx, facts: ProjectFacts, logged: Logged) -> Iterator[Finding]:
    kept = {row.at: digest_of_bytes(row.body.encode()) for row in reports.listing(tx, facts.id)}
    for position, entry in logged.of(EntryKind.QUALITY_MEASURED):
        if kept.pop(entry.at, None) != entry.body["report_sha256"]:
            where = f"measured {entry.at.isoformat()}"
            yield Finding("reports", where, f"is not the report that entry {position} of the log names")
    if logged.is_whole:
        for at in sorted(kept):
            yield Finding("reports", f"measured {at.isoformat()}", "has no entry in the log")


def _models(tx: Tx, facts: ProjectFacts, logged: Logged) -> Iterator[Finding]:
    told = logged.by_object(EntryKind.MODEL_TRAINED)
    for row in models.listing(tx, facts.id):
        position, entry = told.pop(row.id, (None, None))
        if entry is None:
            if logged.is_whole:
                yield Finding("models", f"model {row.id}", "has no entry in the log")
        elif entry.body["blob_sha256"] != row.blob:
            yield Finding("models", f"model {row.id}", f"is not the one that entry {position} of the log names")
    for model, (position, _) in told.items():
        yield Finding("models", f"model {model}", f"is gone; entry {position} of the log has it")


def _versions(tx: Tx, facts: ProjectFacts, logged: Logged) -> Iterator[Finding]:
    for position, entry in logged.of(EntryKind.PROJECT_APPLIED):
        numbers = entry.body.get("versions")
        if not isinstance(numbers, Mapping):
            yield Finding("versions", f"entry {position}", "names no versions of the project")
            continue
        for what in Versioned:
            number = numbers.get(what.value)
            made = project_rows.version(tx, facts.id, what, number) if isinstance(number, int) else None
            if made is None or digest_of_bytes(made.body.encode()) != entry.body.get(f"{what.value}_sha256"):
                yield Finding(
                    what.value, f"version {number}", f"is not what entry {position} of the log was applied with"
                )


def _talk(tx: Tx, facts: ProjectFacts, logged: Logged) -> Iterator[Finding]:
    of, whole = logged.by_object, logged.is_whole
    yield from check_talk.comments(tx, facts, of(EntryKind.COMMENT_MADE), is_whole=whole)
    proposed, accepted = of(EntryKind.CHANGE_PROPOSED), of(EntryKind.PROPOSAL_DECIDED)
    yield from check_talk.proposals(tx, facts, proposed, accepted, is_whole=whole)
    disputed, decided = of(EntryKind.LABEL_DISPUTED), of(EntryKind.DISPUTE_DECIDED)
    yield from check_talk.disputes(tx, facts, disputed, decided, is_whole=whole)
    yield from check_talk.escalations(tx, facts, of(EntryKind.ITEM_ESCALATED), is_whole=whole)


def _flags(tx: Tx, facts: ProjectFacts, logged: Logged) -> Iterator[Finding]:
    flagged, decided = logged.by_object(EntryKind.ITEM_FLAGGED), logged.by_object(EntryKind.HOLD_DECIDED)
    yield from check_flags.all_of(tx, facts, flagged, decided, is_whole=logged.is_whole)


def _certificates(tx: Tx, facts: ProjectFacts, logged: Logged) -> Iterator[Finding]:
    of = logged.by_object
    drawn, made, closed = of(EntryKind.ITEMS_DRAWN), of(EntryKind.CERTIFICATE_MADE), of(EntryKind.TIER_CLOSED)
    yield from check_certificates.all_of(tx, facts, drawn, made, closed, is_whole=logged.is_whole)


def _people(tx: Tx, facts: ProjectFacts, logged: Logged) -> Iterator[Finding]:
    yield from check_people.all_of(tx, facts, logged.by_object, is_whole=logged.is_whole)


def _captures(tx: Tx, facts: ProjectFacts, logged: Logged) -> Iterator[Finding]:
    told = logged.of(EntryKind.PRODUCTION_CAPTURED)
    yield from check_captures.all_of(tx, facts, told, is_whole=logged.is_whole)


def _suggestions(tx: Tx, facts: ProjectFacts, logged: Logged) -> Iterator[Finding]:
    told = logged.of(EntryKind.SUGGESTIONS_MADE)
    yield from check_suggestions.all_of(tx, facts, told, is_whole=logged.is_whole)


def _steps(tx: Tx, facts: ProjectFacts, logged: Logged) -> Iterator[Finding]:
    told = logged.by_object(EntryKind.STOP_WEIGHED)
    yield from check_stopping.all_of(tx, facts, told, is_whole=logged.is_whole)


def _roles(tx: Tx, facts: ProjectFacts, logged: Logged) -> Iterator[Finding]:
    applied = [entry for _, entry in logged.of(EntryKind.PROJECT_APPLIED)]
    granted = [entry for _, entry in logged.of(EntryKind.ROLE_GRANTED)]
    yield from check_roles.all_of(tx, facts, applied, granted, is_whole=logged.is_whole)


ALL: tuple[Callable[[Tx, ProjectFacts, Logged], Iterator[Finding]], ...] = (
    _items,
    _versions,
    _gold,
    _draws,
    _settlements,
    _rulings,
    _reports,
    _models,
    _talk,
    _flags,
    _certificates,
    _people,
    _roles,
    _captures,
    _suggestions,
    _steps,
)
"""Every comparison of rows with their entries."""
