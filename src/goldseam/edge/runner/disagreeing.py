"""Disagreeing: items that wait for a ruling, with everything that was said of them, by people, models and functions.

In: a permit. Out: plain values, the least certain item first. Never: a person's name beside a vote; a machine under a cover name.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from goldseam.edge.runner import function_votes, settling, settling_answers, suggesting
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import World
from goldseam.edge.store import annotations as annotation_rows
from goldseam.edge.store import answers, disputes, items, people, suggestions, talk
from goldseam.edge.store import settlements as rows
from goldseam.edge.store.settlements import Settled
from goldseam.edge.store.tx import Tx
from goldseam.formats.plain import answer_to_plain, item_to_plain
from goldseam.vocab.answers import Choice
from goldseam.vocab.people import AnnotatorId, AnnotatorKind
from goldseam.vocab.schema import QuestionName
from goldseam.vocab.talk import Comment


def disagreements(world: World, permit: Permit, limit: int, question: str | None = None) -> list[dict[str, object]]:
    """Return escalated items that the caller may settle, with all their votes, annotators under cover names.

    The least certain come first. Without a question, those of the first.
    """
    project = permit.project
    asked = project.schema.main if question is None else project.schema.question(question)

    def load(tx: Tx) -> list[dict[str, object]]:
        positions = settling.waiting_for(tx, permit, limit, asked.name)
        if asked in settling_answers.questions_of(project):
            stands = answers.current(tx, project.id, asked.name, np.sort(positions))
            said = talk.said_about(tx, project.id, positions)
            return [
                _disputed_answer(tx, project, asked.name, stands[place], said.get(place, []))
                for place in positions.tolist()
            ]
        now = rows.current(tx, project.id, project.question, np.sort(positions))
        said = talk.said_about(tx, project.id, positions)
        return [_disagreement(tx, project, position, now, said.get(position, [])) for position in positions.tolist()]

    return world.store.read(load)


def _disputed_answer(
    tx: Tx, project: ProjectFacts, question: str, stands: answers.Kept, said: Sequence[Comment]
) -> dict[str, object]:
    says = suggesting.view_of(tx, project, stands.position, QuestionName(question))
    return {
        **_said_about(tx, project, question, stands.position, said),
        "confidence": stands.confidence,
        "reason": stands.reason,
        "answer": json.loads(stands.answer),
        "posterior": {},
        "suggestion": None if says is None else _said_by(says),
    }


def _said_by(view: suggesting.View) -> dict[str, object]:
    label = view.answer.label if isinstance(view.answer, Choice) else ""
    answer = answer_to_plain(view.answer)
    return {
        "label": label,
        "confidence": view.confidence,
        "source": view.source,
        "reason": view.reason,
        "answer": answer,
    }


def _disagreement(
    tx: Tx, project: ProjectFacts, position: int, now: Settled, said: Sequence[Comment]
) -> dict[str, object]:
    at = int(np.searchsorted(now.position, position))
    suggested = suggestions.one(tx, project.id, project.model, position) if project.model else None
    return {
        **_said_about(tx, project, project.question, position, said),
        "confidence": float(now.confidence[at]),
        "reason": now.reason[at],
        "answer": answer_to_plain(Choice(project.labels[now.label[at]])),
        "posterior": dict(zip(project.labels, now.posterior[at].tolist(), strict=True)),
        "suggestion": None
        if suggested is None
        else {"label": project.labels[suggested[0]], "confidence": suggested[1]},
    }


def _said_about(
    tx: Tx, project: ProjectFacts, question: str, position: int, said: Sequence[Comment]
) -> dict[str, object]:
    """Return an item with the answers to a question and what was said of it, people under cover names, machines by theirs."""
    kept = [each.annotation for each in annotation_rows.of_item(tx, project.id, position)]
    covers, kinds = _covers(tx, [*(a.annotator for a in kept), *(one.author for one in said)])
    return {
        "item": item_to_plain(items.at(tx, project.id, position)),
        "question": question,
        "votes": [
            {
                "annotator": covers[a.annotator],
                "kind": kinds[a.annotator].value,
                "answer": answer_to_plain(a.answer),
                "seconds": a.seconds,
                "at": a.at.isoformat(),
            }
            for a in kept
            if a.question == question
        ],
        "functions": function_votes.beside(tx, project, question, position),
        "comments": [{"annotator": covers[one.author], "text": one.text} for one in said],
        "escalations": [
            {"tier": one.tier, "reason": one.reason} for one in disputes.escalated(tx, project.id, question, position)
        ],
    }


def _covers(tx: Tx, who: Sequence[AnnotatorId]) -> tuple[dict[AnnotatorId, str], dict[AnnotatorId, AnnotatorKind]]:
    """Return how each of these is called, and what they are: people A1, A2 and so on."""
    known = {one: people.annotator(tx, one) for one in dict.fromkeys(who)}
    persons = [one for one, annotator in known.items() if annotator.kind is AnnotatorKind.PERSON]
    covers = {one: f"A{nth}" for nth, one in enumerate(persons, start=1)}
    names = {one: covers.get(one, annotator.name) for one, annotator in known.items()}
    return names, {one: annotator.kind for one, annotator in known.items()}
