"""A small project to check a store with: people, items, and answers given the way the runner gives them.

In: a URL. Out: `World`. Never: chance or the machine's time.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from goldseam.edge.store import Store, Tx, adding, annotations, log, open_store, people, projects, queue
from goldseam.testing.clock import FakeClock
from goldseam.vocab.annotations import Annotation, AnnotationId, Reaction
from goldseam.vocab.answers import Abstain, Answer, Choice, LabelName
from goldseam.vocab.items import Item, ItemId, Modality, Origin
from goldseam.vocab.people import AnnotatorId, AnnotatorKind
from goldseam.vocab.schema import GuidelineVersion, QuestionName, SchemaVersion

T = TypeVar("T")
QUESTION = QuestionName("kind")
LABELS = (LabelName("no"), LabelName("yes"), LabelName("both"))
LEASE = timedelta(minutes=10)
ANN, BOB, CAT, DAN = (AnnotatorId(name) for name in ("ann", "bob", "cat", "dan"))
SALT = "00" * 16


class World:
    """One store with one project of `n_items` texts, each wanting `wanted` answers, and the annotators."""

    def __init__(self, store: Store, n_items: int, wanted: int, who: Sequence[AnnotatorId]) -> None:
        self.store = store
        self.clock = FakeClock()
        now = self.clock.now()
        self.project = store.write(lambda tx: projects.create(tx, "world", Modality.TEXT, now)).id
        store.write(lambda tx: projects.add_labels(tx, self.project, QUESTION, LABELS))
        # Not in the order of their ids, so that numbers and ids cannot pass for each other.
        turned = [*who[1:], *who[:1]]
        store.write(lambda tx: people.add_annotators(tx, turned, turned, AnnotatorKind.PERSON, now))
        self.items = texts(n_items)
        store.write(lambda tx: adding.add(tx, self.project, self.items))
        if wanted:
            self.enqueue(range(n_items), wanted)

    def read(self, fn: Callable[[Tx], T]) -> T:
        """Read from the store."""
        return self.store.read(fn)

    def write(self, fn: Callable[[Tx], T]) -> T:
        """Write to the store."""
        return self.store.write(fn)

    def enqueue(self, positions: Sequence[int] | range, wanted: int, cls: int = 0) -> None:
        """Put items into the queue."""
        self.write(lambda tx: queue.enqueue(tx, self.project, at(*positions), wanted, cls))

    def lease(self, who: AnnotatorId, count: int = 1, classes: Sequence[int] = (0,)) -> tuple[queue.Leased, ...]:
        """Lease for the lease time, now."""
        now = self.clock.now()
        return self.write(lambda tx: queue.lease(tx, self.project, who, classes, count, now, LEASE))

    def leased_positions(self, who: AnnotatorId, count: int = 1, classes: Sequence[int] = (0,)) -> list[int]:
        """Lease, and return positions only."""
        return [leased.position for leased in self.lease(who, count, classes)]

    def answer(self, who: AnnotatorId, leased: queue.Leased, label: int | None = 0, name: str = "") -> queue.Finish:
        """Answer by a label's code (None abstains), in one transaction with its entry."""
        return self.write(lambda tx: self.answer_in(tx, who, leased, label, name))

    def answer_in(
        self, tx: Tx, who: AnnotatorId, leased: queue.Leased, label: int | None = 0, name: str = ""
    ) -> queue.Finish:
        """Answer inside a transaction that is open already."""
        now = self.clock.now()
        finish = queue.finish(tx, self.project, who, leased.id, leased.token, now)
        entry = json.dumps({"of": leased.token}).encode()
        seq = log.append(tx, self.project, "annotation.given", entry, hashlib.sha256(entry).digest())
        answer: Answer = Abstain() if label is None else Choice(LABELS[label])
        annotation = Annotation(
            id=AnnotationId(name or leased.token),
            assignment=leased.id,
            item=ItemId(self.items[leased.position].id),
            annotator=who,
            question=QUESTION,
            answer=answer,
            purpose=leased.purpose,
            schema_version=SchemaVersion(1),
            guideline_version=GuidelineVersion(1),
            reaction=Reaction.NONE,
            seconds=1.5,
            surplus=finish is queue.Finish.SURPLUS,
            at=now,
        )
        text = json.dumps(plain(answer), sort_keys=True, separators=(",", ":"))
        body_hash = hashlib.sha256(text.encode()).hexdigest()
        annotations.add(tx, self.project, leased.position, annotation, label, text, SALT, body_hash, seq)
        return finish

    def skip(self, who: AnnotatorId, leased: queue.Leased, reason: str = "") -> None:
        """Skip what was leased."""
        now = self.clock.now()
        self.write(lambda tx: queue.skip(tx, self.project, who, leased.id, leased.token, reason, now))

    def summary(self) -> queue.Summary:
        """Return the queue in numbers, after checking that stored counts equal a fresh count."""
        stale = self.read(lambda tx: queue.recounted(tx, self.project))
        assert stale.tolist() == [], f"stored counts differ from a fresh count at {stale.tolist()}"
        return self.read(lambda tx: queue.summary(tx, self.project))

    def expire(self, by: timedelta = LEASE) -> int:
        """Let time pass and end the leases that are over."""
        now = self.clock.advance(by)
        return self.write(lambda tx: queue.expire(tx, now))


def plain(answer: Answer) -> dict[str, str]:
    """Return the plain form of the two kinds of answer that are given here."""
    if isinstance(answer, Choice):
        return {"kind": "choice", "label": answer.label}
    return {"kind": "abstain", "reason": ""}


def texts(n: int, what: str = "text") -> list[Item]:
    """Return `n` different items."""
    return [Item(Modality.TEXT, f"{what} {nth}", Origin("texts.csv", nth + 2, f"key-{nth}")) for nth in range(n)]


def at(*positions: int) -> NDArray[np.int64]:
    """Return positions as an array."""
    return np.array(positions, np.int64)


@contextmanager
def world(
    url: str, n_items: int = 5, wanted: int = 2, who: Sequence[AnnotatorId] = (ANN, BOB, CAT, DAN)
) -> Iterator[World]:
    """Open the store at `url` with a small project in it, and close it at the end."""
    with open_store(url) as store:
        yield World(store, n_items, wanted, who)
