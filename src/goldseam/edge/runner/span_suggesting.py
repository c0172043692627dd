"""Span suggesting: a model that learns from settled spans suggests some for the items that a round has drawn.

In: a project that asks for spans in texts. Out: suggestions with their entries. Never: a suggestion over another source's; gold
learned from; one without any span, which a hasty eye would wave through.
"""

from __future__ import annotations

import numpy as np

from goldseam.edge.runner import suggesting
from goldseam.edge.runner.people import Permit, Principal, fresh_id
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.settling_answers import questions_of, read
from goldseam.edge.runner.suggesting import Proposed
from goldseam.edge.runner.world import Report, World, silent
from goldseam.edge.store import answers, draws, gold, items, suggested
from goldseam.edge.store.tx import Positions, Tx
from goldseam.prelabel import span_model
from goldseam.prelabel.span_model import SpanModel
from goldseam.vocab.errors import AnnotatorError
from goldseam.vocab.items import ItemId, Modality
from goldseam.vocab.marks import Spans
from goldseam.vocab.people import AnnotatorId, Role
from goldseam.vocab.schema import Question, QuestionKind

AT_A_TIME = 200
MOST = 5_000
"""Texts that are learned from: the last that were taken in."""
SEED = 1
"""Folds are made with chance; a round that was killed here and run again suggests the same."""


def suggest(world: World, project: ProjectFacts, actor: str, report: Report = silent) -> int:
    """Suggest spans for this round's items that have no suggestion yet, and return for how many."""
    asked = [one for one in questions_of(project) if one.kind is QuestionKind.SPAN]
    if not asked or project.modality is not Modality.TEXT or project.settings.prelabel.suggester != "linear":
        return 0
    here = np.sort(world.store.read(lambda tx: draws.drawn(tx, project.id, project.round).position))
    return sum(_suggest(world, project, one, here, actor, report) for one in asked)


def _suggest(
    world: World, project: ProjectFacts, question: Question, here: Positions, actor: str, report: Report
) -> int:
    model = _learned(world, project, question, report)
    if model is None:
        return 0
    permit = Permit(project, Role.OWNER, Principal(AnnotatorId(actor), actor))
    source, n = f"spans of round {project.round - 1}", 0
    for start in range(0, len(here), AT_A_TIME):
        given = _proposed(world, project, question, model, here[start : start + AT_A_TIME])
        if given:
            n += _deliver(world, permit, source, given)
    return n


def _learned(world: World, project: ProjectFacts, question: Question, report: Report) -> SpanModel | None:
    """Return a model of what was settled, without gold; None while there is too little to learn from."""

    def load(tx: Tx) -> tuple[list[str], list[Spans]]:
        known = gold.answers(tx, project.id, question.name)
        stands = answers.current(tx, project.id, question.name)
        kept = [one for one in stands.values() if not one.escalated and one.position not in known][-MOST:]
        said = [(one.position, found) for one in kept if isinstance(found := read(one.answer), Spans)]
        texts = items.contents(tx, project.id, np.array([place for place, _ in said], np.int64))
        return list(texts), [found for _, found in said]

    texts, said = world.store.read(load)
    if len(texts) < max(project.settings.prelabel.min_labels, span_model.FOLDS) or not any(one.spans for one in said):
        return None
    report("learning spans", 0, None)
    return span_model.fit(texts, said, question.label_names, world.clock.rng(SEED))


def _proposed(
    world: World, project: ProjectFacts, question: Question, model: SpanModel, some: Positions
) -> list[Proposed]:
    def load(tx: Tx) -> tuple[Positions, list[str], list[str]]:
        shown = suggested.of_items(tx, project.id, some)
        new = np.array([at for at in some.tolist() if question.name not in shown.get(at, {})], np.int64)
        return new, list(items.contents(tx, project.id, new)), [str(one) for one in items.ids_of(tx, project.id, new)]

    _, texts, ids = world.store.read(load)
    return [
        Proposed(ItemId(item), question.name, spans, sure)
        for item, (spans, sure) in zip(ids, model.propose(texts), strict=True)
        if spans.spans
    ]


def _deliver(world: World, permit: Permit, source: str, given: list[Proposed]) -> int:
    """Deliver together; where one does not fit its question, each alone, without that one."""
    try:
        suggesting.deliver(world, permit, fresh_id(world), source, given)
        return len(given)
    except AnnotatorError:
        if len(given) == 1:
            return 0
        return sum(_deliver(world, permit, source, [one]) for one in given)
