"""Suggesting: answers that machines propose to questions of any kind are kept, and shown to whoever is asked.

In: a permit, a delivery of answers; items that were leased. Out: suggestions in the store, what an offer shows. Never: an answer
that its item cannot have, or a gold check that could be told by whether it carries a suggestion.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from goldseam.annotate.fits import check, extent_of
from goldseam.edge.runner.log import record
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.sealing import sealed
from goldseam.edge.runner.settling_answers import questions_of, read, text_of
from goldseam.edge.runner.world import World
from goldseam.edge.store import items
from goldseam.edge.store import suggested as rows
from goldseam.edge.store.suggested import Delivery, Suggested
from goldseam.edge.store.tx import Positions, Tx
from goldseam.formats.plain import answer_to_plain
from goldseam.ledger.entries import EntryKind
from goldseam.vocab.answers import Abstain, Answer
from goldseam.vocab.errors import BadAnswer, BadValue, NotFound
from goldseam.vocab.items import ItemId
from goldseam.vocab.schema import QuestionName
from goldseam.vocab.talk import check_words

MOST_SOURCE, MOST_REASON = 200, 2_000


@dataclass(frozen=True, slots=True)
class Proposed:
    """One answer that a machine proposes, how sure it is by its own account, and why."""

    item: ItemId
    question: QuestionName
    answer: Answer
    confidence: float
    reason: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.confidence <= 1:
            raise BadValue(f"A confidence lies between 0 and 1; got {self.confidence}.", item=self.item)
        if isinstance(self.answer, Abstain):
            raise BadAnswer("A machine that cannot decide suggests nothing.", item=self.item)
        check_words(self.reason, "A reason", MOST_REASON, may_be_empty=True)


@dataclass(frozen=True, slots=True)
class View:
    """A suggestion as it is shown: the answer to a question, how sure its source is, and why."""

    question: QuestionName
    answer: Answer
    confidence: float
    source: str
    reason: str


def deliver(world: World, permit: Permit, delivery: str, source: str, given: Sequence[Proposed]) -> None:
    """Keep answers that a machine proposes; for an item and question the newest is the one that is shown.

    Labels of a first question that is a choice come from the project's own model, and are not taken here.

    Raises
    ------
    NotFound
        If one of the items is not there.
    BadAnswer
        If an answer does not fit its question or its item, or the question is the one that the model answers.
    Conflict
        If the id was used before for something else.
    """
    project, now = permit.project, world.clock.now()
    check_words(source, "The name of a source", MOST_SOURCE)
    asked = {one.name: one for one in questions_of(project)}
    sent = _sent(permit.annotator, source, [_plain(one) for one in given])

    def save(tx: Tx) -> None:
        kept, commitment = sealed(sent)
        found = items.known(tx, project.id, [one.item for one in given])
        missing = next((one.item for one in given if one.item not in found), None)
        if missing is not None:
            raise NotFound("The project has no such item.", item=missing)
        positions = items.positions_of(tx, project.id, [one.item for one in given])
        whole = dict(zip(positions.tolist(), items.some(tx, project.id, positions), strict=True))
        for one, position in zip(given, positions.tolist(), strict=True):
            question = project.schema.question(one.question)
            if one.question not in asked:
                raise BadAnswer(f"The project's own model suggests labels for {one.question!r}.", question=one.question)
            question.check(one.answer)
            check(question, one.answer, extent_of(whole[position]))
        made = [
            Suggested(position, one.question, source, text_of(one.answer), one.confidence, one.reason)
            for one, position in zip(given, positions.tolist(), strict=True)
        ]
        if rows.deliver(tx, project.id, Delivery(delivery, source, len(made), now), made, kept):
            body = {"n": len(made), "source": source, "commitment": commitment}
            record(tx, project.id, EntryKind.SUGGESTIONS_MADE, now, actor=permit.annotator, about=delivery, body=body)

    world.store.write(save)


def sent_in(by: str, source: str, kept: Sequence[tuple[ItemId, Suggested]]) -> dict[str, object]:
    """Return what was sent in a delivery, by the rows that were made of it: the log holds a commitment to that."""
    return _sent(
        by,
        source,
        [_plain(Proposed(item, one.question, read(one.answer), one.confidence, one.reason)) for item, one in kept],
    )


def _sent(by: str, source: str, given: list[dict[str, object]]) -> dict[str, object]:
    return {"by": by, "source": source, "given": given}


def _plain(one: Proposed) -> dict[str, object]:
    return {
        "item": one.item,
        "question": one.question,
        "answer": answer_to_plain(one.answer),
        "confidence": one.confidence,
        "reason": one.reason,
    }


def views(tx: Tx, project: ProjectFacts, positions: Positions) -> Mapping[int, Sequence[View]]:
    """Return what is suggested for these items, in the schema's order; a project that asks for labels alone has none here."""
    asked = questions_of(project)
    if not asked:
        return {}
    found = rows.of_items(tx, project.id, positions)
    return {position: [_view(by[one.name]) for one in asked if one.name in by] for position, by in found.items()}


def _view(one: Suggested) -> View:
    return View(one.question, read(one.answer), one.confidence, one.source, one.reason)


def view_of(tx: Tx, project: ProjectFacts, position: int, question: QuestionName) -> View | None:
    """Return what is suggested for one question of one item."""
    found = views(tx, project, np.array([position], np.int64)).get(position, ())
    return next((one for one in found if one.question == question), None)


def alike(tx: Tx, project: ProjectFacts, gold: Positions, beside: int | None) -> Positions:
    """Return the gold items that carry a suggestion exactly if the item beside them does.

    So a gold check has a suggestion at the rate at which other items have one, whichever items their source looked at.
    """
    if beside is None or not len(gold) or not questions_of(project) or not rows.are_there(tx, project.id):
        return gold
    found = rows.of_items(tx, project.id, np.append(gold, beside))
    wanted = found.get(beside, {}).keys()
    return np.array([place for place in gold.tolist() if found.get(place, {}).keys() == wanted], np.int64)
