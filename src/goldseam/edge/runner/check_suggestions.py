"""Check of suggestions: whether what models proposed, labels and other answers, is still what the log was told.

In: a transaction, a project, its log entries. Out: findings. Never: a change; a suggestion believed without its entry.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from goldseam.edge.runner.digests import bytes_of_suggestions
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.suggesting import sent_in
from goldseam.edge.store import items, suggested, suggestions
from goldseam.edge.store.suggested import Delivery
from goldseam.edge.store.tx import Tx
from goldseam.ledger.canonical import canonical
from goldseam.ledger.entries import Entry, commitment
from goldseam.release.verify import Finding
from goldseam.vocab.errors import GoldseamError

Placed = tuple[int, Entry]


def all_of(tx: Tx, facts: ProjectFacts, told: Sequence[Placed], *, is_whole: bool) -> Iterator[Finding]:
    """Compare every batch of labels, and every delivery of other answers, with its entry."""
    delivered = {entry.object: (position, entry) for position, entry in told if "commitment" in entry.body}
    batches: dict[tuple[str, int], Placed] = {}
    for position, entry in told:
        if "first" in entry.body:
            # A batch that was begun again after a kill stands there as it was made last.
            batches[entry.object, int(str(entry.body["first"]))] = (position, entry)
    yield from _labels(tx, facts, batches, is_whole=is_whole)
    yield from _answers(tx, facts, delivered, is_whole=is_whole)


def _labels(
    tx: Tx, facts: ProjectFacts, batches: Mapping[tuple[str, int], Placed], *, is_whole: bool
) -> Iterator[Finding]:
    told: Counter[str] = Counter()
    for (model, first), (position, entry) in batches.items():
        last = int(str(entry.body["last"]))
        told[model] += int(str(entry.body["n"]))
        if _digest(tx, facts, model, first, last) != entry.body["sha256"]:
            where = f"model {model}, items {first} to {last}"
            yield Finding("suggestions", where, f"are not those that entry {position} of the log names")
    if is_whole:
        for model, n in sorted(suggestions.numbers(tx, facts.id).items()):
            if n > told[model]:
                yield Finding("suggestions", f"model {model}", f"{n - told[model]:,} have no entry in the log")


def _digest(tx: Tx, facts: ProjectFacts, model: str, first: int, last: int) -> str | None:
    """Return the digest of what stands there; None if it cannot be what any model proposed."""
    found = hashlib.sha256()
    for position, label, confidence, blobs in suggestions.kept(tx, facts.id, model, first, last):
        wide = len(blobs[0])
        if not wide or wide % suggestions.PROBA.itemsize or any(len(one) != wide for one in blobs):
            return None
        proba = np.frombuffer(b"".join(blobs), suggestions.PROBA).reshape(len(blobs), -1)
        if not np.array_equal(proba.max(axis=1).astype(np.float64), confidence):
            return None
        found.update(bytes_of_suggestions(position, label, proba))
    return found.hexdigest()


def _answers(tx: Tx, facts: ProjectFacts, told: dict[str, Placed], *, is_whole: bool) -> Iterator[Finding]:
    n_known = 0
    for made, salt in suggested.deliveries(tx, facts.id):
        where = f"delivery {made.id}"
        if made.id not in told:
            if is_whole:
                yield Finding("suggestions", where, "has no entry in the log")
            continue
        position, entry = told.pop(made.id)
        given = suggested.of_delivery(tx, facts.id, made.id)
        n_known += len(given)
        if not _is_committed_to(tx, facts, made, given, salt, entry):
            yield Finding("suggestions", where, f"is not what entry {position} of the log committed to")
    for name, (position, _) in told.items():
        yield Finding("suggestions", f"delivery {name}", f"is gone; entry {position} of the log has it")
    n = suggested.n_in_all(tx, facts.id)
    if is_whole and n > n_known:
        yield Finding("suggestions", f"{n - n_known:,} answers", "belong to no delivery that the log knows")


def _is_committed_to(
    tx: Tx, facts: ProjectFacts, made: Delivery, given: Sequence[suggested.Suggested], salt: str, entry: Entry
) -> bool:
    places = np.unique(np.array([one.position for one in given], np.int64))
    try:
        ids = dict(zip(places.tolist(), items.ids_of(tx, facts.id, places), strict=True)) if len(places) else {}
        sent = sent_in(entry.actor, made.source, [(ids[one.position], one) for one in given])
    except (GoldseamError, ValueError, KeyError):
        return False  # nobody could have sent this
    sources = {made.source, entry.body["source"], *(one.source for one in given)}
    return (
        len(sources) == 1
        and entry.at == made.at
        and made.n == len(given) == entry.body["n"]
        and entry.body["commitment"] == commitment(bytes.fromhex(salt), canonical(sent))
    )
