"""The work of the queue's case: clients that lease and submit, all at once, on one store.

In: a store. Out: how many pairs each client did, and a check that the counts add up. Never: a pair without its ledger
entry.
"""

from __future__ import annotations

import secrets
import threading
import time
from datetime import UTC, datetime, timedelta

import numpy as np

from goldseam.edge.store import adding, answering, people, projects, queue
from goldseam.edge.store import annotations as kept
from goldseam.edge.store.engine import Store
from goldseam.edge.store.tx import Tx, new_id
from goldseam.ledger.canonical import canonical
from goldseam.ledger.entries import SALT_BYTES, Entry, EntryKind, commitment, leaf, to_plain
from goldseam.vocab.annotations import Annotation, AnnotationId, Purpose, Reaction
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.items import Item, Modality, Origin, ProjectId
from goldseam.vocab.people import AnnotatorId, AnnotatorKind
from goldseam.vocab.schema import GuidelineVersion, QuestionName, SchemaVersion

LEASE = timedelta(minutes=10)
YES = LabelName("yes")


def fill(store: Store, n_items: int, redundancy: int, n_clients: int) -> ProjectId:
    """Make a project with its items in the queue, and its annotators."""
    now = datetime.now(UTC)
    batch = [Item(Modality.TEXT, f"item {i}", Origin("bench", i, str(i))) for i in range(n_items)]

    def filling(tx: Tx) -> ProjectId:
        project = projects.create(tx, "bench", Modality.TEXT, now).id
        projects.add_labels(tx, project, "q", [YES, LabelName("no")])
        names = [f"client-{number}" for number in range(n_clients)]
        people.add_annotators(tx, [AnnotatorId(name) for name in names], names, AnnotatorKind.PERSON, now)
        adding.add(tx, project, batch)
        queue.enqueue(tx, project, np.arange(n_items), redundancy, 0)
        return project

    return store.write(filling)


def run(store: Store, project: ProjectId, n_clients: int, seconds: float) -> tuple[int, float]:
    """Let the clients work for so long; return how many pairs were done, and the seconds it took."""
    pairs = [0] * n_clients
    begin = time.perf_counter()
    clients = [
        threading.Thread(target=_client, args=(store, project, number, begin + seconds, pairs))
        for number in range(n_clients)
    ]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return sum(pairs), time.perf_counter() - begin


def check(store: Store, project: ProjectId, n_pairs: int) -> None:
    """Stop with an error if the queue's counts do not add up to what the clients did."""
    summary = store.read(lambda tx: queue.summary(tx, project))
    wrong = store.read(lambda tx: queue.recounted(tx, project))
    if summary.done != n_pairs or len(wrong):
        raise AssertionError(
            f"{n_pairs} pairs were done, the queue says {summary.done}; {len(wrong)} rows do not add up"
        )


def _client(store: Store, project: ProjectId, number: int, stop: float, pairs: list[int]) -> None:
    annotator = AnnotatorId(f"client-{number}")

    def lease(tx: Tx) -> tuple[queue.Leased, ...]:
        return queue.lease(tx, project, annotator, [0], 1, datetime.now(UTC), LEASE)

    held = store.write(lease)
    while held and time.perf_counter() < stop:
        done = held[0]

        def submit_and_lease(tx: Tx, done: queue.Leased = done) -> tuple[queue.Leased, ...]:
            _submit(tx, project, annotator, done)
            return lease(tx)

        held = store.write(submit_and_lease)
        pairs[number] += 1


def _submit(tx: Tx, project: ProjectId, annotator: AnnotatorId, done: queue.Leased) -> None:
    now = datetime.now(UTC)
    name = AnnotationId(new_id(now))
    held = answering.check(answering.begin(tx, done.id, name), done.id, project, annotator, done.token)
    answer, salt = canonical({"kind": "choice", "label": YES}), secrets.token_bytes(SALT_BYTES)
    annotation = Annotation(
        id=name,
        assignment=done.id,
        item=held.item.id,
        annotator=annotator,
        question=QuestionName("q"),
        answer=Choice(YES),
        purpose=Purpose.LABEL,
        schema_version=SchemaVersion(1),
        guideline_version=GuidelineVersion(1),
        reaction=Reaction.NONE,
        seconds=1.0,
        surplus=False,
        at=now,
    )
    body = {"annotation": name, "commitment": commitment(salt, answer)}
    entry = Entry(EntryKind.ANNOTATION_GIVEN, now, annotator, project, held.item.id, body)
    draft = answering.Draft(project, entry.kind.value, canonical(to_plain(entry)), leaf(entry))
    row = kept.columns_of(project, done.position, annotation, 0, answer.decode(), salt.hex(), name)
    answering.end_by(tx, held, answering.outcome(tx, held), now, draft, row)
