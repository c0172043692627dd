"""Steps: does the next step of the plan, one after another, until a person is needed or the project is finished.

In: a project. Out: the steps that were done, and what came of each. Never: a step that the plan did not name.

This file brings scikit-learn with it; who only looks at the state imports `flow`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from goldseam.edge.runner import (
    adjudicate,
    annotate,
    audit,
    certificates,
    closing,
    competence,
    guarding,
    panels,
    prelabel,
    producing,
    release,
    retrain,
    route,
    sample,
    source,
    span_suggesting,
    voting,
    watching,
    weighing,
)
from goldseam.edge.runner.flow import plan_of, state
from goldseam.edge.runner.log import record
from goldseam.edge.runner.projects import ProjectFacts, by_name
from goldseam.edge.runner.settling_answers import by_labels
from goldseam.edge.runner.world import Report, World, silent
from goldseam.edge.store import projects
from goldseam.edge.store.tx import Tx
from goldseam.flow.plan import Step, Verb, affordable
from goldseam.ledger.entries import EntryKind
from goldseam.route.tiers import Tier
from goldseam.vocab.people import AnnotatorId
from goldseam.vocab.schema import QuestionKind


@dataclass(frozen=True, slots=True)
class Done:
    """One step that was done, and what came of it in one line."""

    round: int
    step: Step
    outcome: str


def run(world: World, name: str, actor: AnnotatorId, report: Report = silent) -> Iterator[Done]:
    """Do step after step, yielding each, until a person is needed or nothing is left."""
    annotate.expire(world)
    learned = by_name(world, name)
    if learned.settings.annotate.stops is not None:
        competence.refresh(world, learned)  # what is known of annotators decides how many answers are wanted
    while True:
        with world.home.alone():  # two runs at the same time take turns: each step is planned from what is there then
            project = by_name(world, name)
            if project.settings.route.error is not None:
                watching.watch(world, project, actor)
            took = producing.take_up(world, project, actor)
            if took.text:
                report(took.text, 1, 1)
            weighing.weigh(world, project, actor)
            step = plan_of(world, project).next
            if step is None:
                return
            if step.needs_person:
                outcome = closing.close_overdue(world, project, step, actor)
                if outcome is None:
                    return
            else:
                outcome = do(world, project, step.verb, actor, report)
            done = Done(project.round, step, outcome)
        yield done


def do(world: World, project: ProjectFacts, verb: Verb, actor: AnnotatorId, report: Report = silent) -> str:
    """Do one step and say in a line what came of it."""
    return _DOERS[verb](world, project, actor, report)


def _take_in(world: World, project: ProjectFacts, actor: AnnotatorId, report: Report) -> str:
    done = source.take_in(world, project, actor, report)
    return "; ".join(
        f"{each.source}: {each.intake.accepted:,} accepted, {each.intake.duplicate:,} duplicate, "
        f"{each.intake.refused:,} refused"
        for each in done
    )


def _propose(world: World, project: ProjectFacts, actor: AnnotatorId, report: Report) -> str:
    if project.settings.prelabel.suggester == "models":
        return panels.propose(world, project, actor, report).text
    return f"{prelabel.propose(world, project, actor, report):,} suggestions"


def _draw(world: World, project: ProjectFacts, actor: AnnotatorId, report: Report) -> str:
    n_items = affordable(state(world, project), project.settings)
    drawn = sample.draw_round(world, project, actor, report, at_most=n_items)
    return f"{len(drawn.position):,} of {drawn.n_pool:,} drawn by {drawn.strategy}"


def _assign(world: World, project: ProjectFacts, actor: AnnotatorId, report: Report) -> str:
    n_spans = span_suggesting.suggest(world, project, actor, report)  # first: in the queue an item may be shown at once
    n_audited = certificates.renew(world, project, actor)
    routes = route.assign_round(world, project, actor)
    parts = [f"{int((routes.tier == tier).sum()):,} {tier.text}" for tier in Tier if (routes.tier == tier).any()]
    audited = f"; {n_audited:,} items of the pool drawn for an audit of the suggestions" if n_audited else ""
    spans = f"; spans suggested for {n_spans:,}" if n_spans else ""
    return f"{', '.join(parts)}; {int(routes.wanted.sum()):,} answers wanted{audited}{spans}"


def _vote(world: World, project: ProjectFacts, actor: AnnotatorId, report: Report) -> str:
    return voting.vote(world, project, actor, report).text


def _certify(world: World, project: ProjectFacts, actor: AnnotatorId, _: Report) -> str:
    made, n_accepted = certificates.certify(world, project, actor)
    opened = [one for one in made if one.threshold is not None]
    if len(made) == 1 and not opened:
        return f"the automatic tier is not opened: {json.loads(made[0].body)['reason']}"
    return f"{len(opened):,} of {len(made):,} certified; {n_accepted:,} suggestions accepted unseen"


def _settle(world: World, project: ProjectFacts, actor: AnnotatorId, _: Report) -> str:
    found = adjudicate.settle_round(world, project, actor)
    return f"{found.n:,} items by {found.method}, {found.n_escalated:,} escalated"


def _measure(world: World, project: ProjectFacts, actor: AnnotatorId, _: Report) -> str:
    found, gate = audit.measure_round(world, project, actor)
    alpha = "undefined" if found.agreement.value is None else f"{found.agreement.value:.3f}"
    gold = "no gold" if found.accuracy.value is None else f"accuracy on gold {found.accuracy.value:.3f}"
    off = guarding.measure(world, project, actor)
    hurts = f"; suggested no more, as people follow it where it is wrong: {', '.join(off)}" if off else ""
    return f"alpha {alpha} ({found.band}), {gold}; gate {'open' if gate.passes else 'closed'}{hurts}"


def _publish(world: World, project: ProjectFacts, actor: AnnotatorId, report: Report) -> str:
    made = release.publish(world, project, actor, report)
    return f"release {made.number} in {world.home.releases.name}/{made.folder}"


def _train(world: World, project: ProjectFacts, actor: AnnotatorId, _: Report) -> str:
    promotion = retrain.train(world, project, actor)[1]
    what = "promoted" if promotion.promoted else "a person is asked" if promotion.asks else "kept the old one"
    return f"{what}: {promotion.reason}"


def _end_round(world: World, project: ProjectFacts, actor: AnnotatorId, _: Report) -> str:
    now = world.clock.now()

    def save(tx: Tx) -> None:
        projects.set_round(tx, project.id, project.round + 1)
        record(tx, project.id, EntryKind.ROUND_ENDED, now, actor=actor, about=project.id, body={"round": project.round})

    world.store.write(save)
    return f"round {project.round + 1} begins{_why_no_model(project)}"


def _why_no_model(project: ProjectFacts) -> str:
    kind = project.schema.main.kind
    if by_labels(project) or kind is QuestionKind.SPAN or project.settings.prelabel.suggester != "linear":
        return ""
    return f"; no model was trained: the built-in ones suggest labels of a choice, not a {kind.value}"


_DOERS: dict[Verb, Callable[[World, ProjectFacts, AnnotatorId, Report], str]] = {
    Verb.TAKE_IN: _take_in,
    Verb.PROPOSE: _propose,
    Verb.DRAW: _draw,
    Verb.ASSIGN: _assign,
    Verb.VOTE: _vote,
    Verb.CERTIFY: _certify,
    Verb.SETTLE: _settle,
    Verb.MEASURE: _measure,
    Verb.PUBLISH: _publish,
    Verb.TRAIN: _train,
    Verb.END_ROUND: _end_round,
}
"""One function for every step that needs no person."""
