"""Rulings of answers: a person's decision on a question of any kind, checked like an annotator's answer.

In: a permit, an answer. Out: a ruling in the store, its commitment in the log. Never: an answer that its item cannot have.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from goldseam.adjudicate.answers import is_asked
from goldseam.annotate.fits import check, extent_of
from goldseam.edge import keys
from goldseam.edge.runner import settling
from goldseam.edge.runner.log import record
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.settling_answers import by_labels, read, text_of
from goldseam.edge.runner.world import World
from goldseam.edge.store import annotations as annotation_rows
from goldseam.edge.store import answers as rows
from goldseam.edge.store import disputes, items, settlements
from goldseam.edge.store.answers import Ruling
from goldseam.edge.store.tx import Tx
from goldseam.ledger.entries import EntryKind, commitment
from goldseam.vocab.answers import Answer, Choice
from goldseam.vocab.errors import BadAnswer
from goldseam.vocab.items import ItemId
from goldseam.vocab.schema import Question, QuestionName


@dataclass(frozen=True, slots=True)
class Sent:
    """A ruling as it is sent, but for its answer."""

    id: str
    item: ItemId
    question: QuestionName
    reason: str


def rule(
    world: World, permit: Permit, ruling_id: str, item: ItemId, question: Question, answer: Answer, reason: str
) -> None:
    """Settle a question of an item by a person's decision; it supersedes what was computed.

    Raises
    ------
    BadAnswer
        If the answer does not fit the item, or the question is not asked of it.
    NotFound
        If the project has no such item.
    NotAllowed
        If the tiers of the project file leave this item to a more senior role.
    """
    now, sent = world.clock.now(), Sent(ruling_id, item, question.name, reason)
    world.store.write(lambda tx: keep(tx, permit, sent, answer, now))


def keep(tx: Tx, permit: Permit, sent: Sent, answer: Answer, now: datetime) -> None:
    """Keep a ruling, in a transaction that may hold more than it; one that was made before is left as it is.

    Raises
    ------
    BadAnswer
        If the answer does not fit the item, or the question is not asked of it.
    NotAllowed
        If the tiers of the project file leave this item to a more senior role.
    """
    project, question = permit.project, permit.project.schema.question(sent.question)
    placed = items.find(tx, project.id, sent.item)
    if not disputes.was_ruled(tx, sent.id):
        check(question, answer, extent_of(placed.item))
        if not is_asked(project.schema, question, settled_of(tx, project, placed.position)):
            text = f"Question {question.name!r} is not asked of this item after its settled answers."
            raise BadAnswer(text, question=question.name)
        settling.check_answer(tx, permit, placed.position, question.name, answer)
    kept = annotation_rows.of_item(tx, project.id, placed.position)
    n_votes = sum(one.annotation.question == question.name for one in kept)
    text, salt = text_of(answer), keys.new_salt()
    ruling = Ruling(placed.position, question.name, text, sent.reason, permit.annotator, salt.hex())
    if rows.rule(tx, project.id, sent.id, ruling, n_votes, project.round, now):
        body = {
            "item": sent.item,
            "question": question.name,
            "kind": question.kind.value,
            "commitment": commitment(salt, text.encode()),
        }
        record(tx, project.id, EntryKind.LABEL_RULED, now, actor=permit.annotator, about=sent.id, body=body)


def settled_of(tx: Tx, project: ProjectFacts, position: int) -> dict[QuestionName, Answer]:
    """Return the settled answers of an item, by question; those that wait for a ruling are not there."""
    said = rows.settled_of_item(tx, project.id, position)
    found = {QuestionName(name): read(text) for name, text in said.items()}
    if by_labels(project):
        history = settlements.history(tx, project.id, project.question, position)
        last = history[-1] if history else None
        if last is not None and last.state == settlements.SETTLED and last.label is not None:
            found[project.schema.main.name] = Choice(project.labels[last.label])
    return found
