"""Flow: reads the project's state, and does the next step until a person is needed or the project is finished.

In: a project. Out: the steps that were done, and what comes next. Never: a step that the plan did not name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from goldseam.edge.runner import adjudicate, annotate, audit, prelabel, release, retrain, route, sample, source
from goldseam.edge.runner.log import record
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.projects import ProjectFacts, by_name
from goldseam.edge.runner.world import Report, World, silent
from goldseam.edge.store import counts, models, projects, releases, reports, settlements, suggestions
from goldseam.edge.store.tx import Tx
from goldseam.flow.plan import Plan, Step, Verb, plan
from goldseam.flow.state import State
from goldseam.ledger.entries import EntryKind
from goldseam.route.tiers import Tier
from goldseam.vocab.people import AnnotatorId


@dataclass(frozen=True, slots=True)
class Done:
    """One step that was done, and what came of it in one line."""

    round: int
    step: Step
    outcome: str


def state(world: World, project: ProjectFacts) -> State:
    """Return the facts from which the plan follows, as they are now."""
    n_unread = len(source.unread(world, project))
    measured = audit.newest(world, project)

    def load(tx: Tx) -> State:
        found = counts.counts(tx, project.id, project.round, project.question)
        settled = settlements.current(tx, project.id, project.question)
        newest_report = reports.newest(tx, project.id, project.round)
        newest = releases.newest(tx, project.id)
        trained = models.of_round(tx, project.id, project.round)
        last = int(settled.at.max()) if len(settled.at) else 0
        fresh = newest_report is not None and newest_report.at.timestamp() * 1e6 >= last - 1
        champion = project.model
        usable = settled.label[~settled.escalated]
        return State(
            round=project.round,
            n_unread_sources=n_unread,
            n_items=found.n_items,
            n_pool=found.n_pool,
            n_unscored=0 if champion is None else len(suggestions.unscored(tx, project.id, champion)),
            n_here=found.n_here,
            n_unrouted_here=found.n_unrouted_here,
            n_wanted_here=found.n_wanted_here,
            n_given_here=found.n_given_here,
            n_unsettled_here=found.n_unsettled_here,
            n_settled=found.n_settled,
            n_escalated=found.n_escalated,
            champion=champion,
            measured_here=fresh,
            gate=measured[1] if measured is not None and fresh else None,
            released_here=newest is not None and json.loads(newest.body)["round"] == project.round,
            trained_here=trained is not None,
            can_train=len(usable) >= project.settings.prelabel.min_labels and len(np.unique(usable)) > 1,
        )

    return world.store.read(load)


def plan_of(world: World, project: ProjectFacts) -> Plan:
    """Return the steps of the present round and where each stands."""
    return plan(state(world, project), project.settings)


def run(world: World, name: str, actor: AnnotatorId, report: Report = silent) -> Iterator[Done]:
    """Do step after step, yielding each, until a person is needed or nothing is left."""
    annotate.expire(world)
    while True:
        project = by_name(world, name)
        step = plan_of(world, project).next
        if step is None or step.needs_person:
            return
        yield Done(project.round, step, do(world, project, step.verb, actor, report))


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
    return f"{prelabel.propose(world, project, actor, report):,} suggestions"


def _draw(world: World, project: ProjectFacts, actor: AnnotatorId, report: Report) -> str:
    drawn = sample.draw_round(world, project, actor, report)
    return f"{len(drawn.position):,} of {drawn.n_pool:,} drawn by {drawn.strategy}"


def _assign(world: World, project: ProjectFacts, actor: AnnotatorId, _: Report) -> str:
    routes = route.assign_round(world, project, actor)
    parts = [f"{int((routes.tier == tier).sum()):,} {tier.text}" for tier in Tier if (routes.tier == tier).any()]
    return f"{', '.join(parts)}; {int(routes.wanted.sum()):,} answers wanted"


def _settle(world: World, project: ProjectFacts, actor: AnnotatorId, _: Report) -> str:
    found = adjudicate.settle_round(world, project, actor)
    return f"{len(found.position):,} items by {found.method}, {int(found.escalated.sum()):,} escalated"


def _measure(world: World, project: ProjectFacts, actor: AnnotatorId, _: Report) -> str:
    found, gate = audit.measure_round(world, project, actor)
    alpha = "undefined" if found.agreement.value is None else f"{found.agreement.value:.3f}"
    gold = "no gold" if found.accuracy.value is None else f"accuracy on gold {found.accuracy.value:.3f}"
    return f"alpha {alpha} ({found.band}), {gold}; gate {'open' if gate.passes else 'closed'}"


def _publish(world: World, project: ProjectFacts, actor: AnnotatorId, report: Report) -> str:
    made = release.publish(world, project, actor, report)
    return f"release {made.number} in {world.home.releases / made.folder}"


def _train(world: World, project: ProjectFacts, actor: AnnotatorId, _: Report) -> str:
    promotion = retrain.train(world, project, actor)[1]
    return f"{'promoted' if promotion.promoted else 'kept the old one'}: {promotion.reason}"


def _end_round(world: World, project: ProjectFacts, actor: AnnotatorId, _: Report) -> str:
    now = world.clock.now()

    def save(tx: Tx) -> None:
        projects.set_round(tx, project.id, project.round + 1)
        record(tx, project.id, EntryKind.ROUND_ENDED, now, actor=actor, about=project.id, body={"round": project.round})

    world.store.write(save)
    return f"round {project.round + 1} begins"


_DOERS: dict[Verb, Callable[[World, ProjectFacts, AnnotatorId, Report], str]] = {
    Verb.TAKE_IN: _take_in,
    Verb.PROPOSE: _propose,
    Verb.DRAW: _draw,
    Verb.ASSIGN: _assign,
    Verb.SETTLE: _settle,
    Verb.MEASURE: _measure,
    Verb.PUBLISH: _publish,
    Verb.TRAIN: _train,
    Verb.END_ROUND: _end_round,
}
"""One function for every step that needs no person."""


def round_page(world: World, permit: Permit) -> dict[str, object]:
    """Return the state of the round as the page and `goldseam status` show it."""
    return round_facts(world, permit.project)


def round_facts(world: World, project: ProjectFacts) -> dict[str, object]:
    """Return the state of the round as plain values."""
    made = plan_of(world, project)
    measured = audit.newest(world, project)

    def load(tx: Tx) -> tuple[counts.Counts, tuple[models.ModelRow, ...]]:
        return counts.counts(tx, project.id, project.round, project.question), models.listing(tx, project.id)

    found, trained = world.store.read(load)
    return {
        "round": project.round,
        "finished": made.finished,
        "steps": [
            {
                "stage": s.stage.value,
                "verb": s.verb.value,
                "text": s.text,
                "state": s.state.value,
                "needs_person": s.needs_person,
            }
            for s in made.steps
        ],
        "counts": {
            "items": found.n_items,
            "pool": found.n_pool,
            "drawn": found.n_drawn,
            "open": found.queue.n_open,
            "answered": found.queue.done,
            "wanted": found.queue.wanted,
            "annotations": found.n_annotations,
            "settled": found.n_settled,
            "escalated": found.n_escalated,
            "gold": found.n_gold,
            "auto": found.n_auto,
        },
        "quality": None if measured is None else json.loads(measured[2].body)["report"],
        "gate": None if measured is None else json.loads(measured[2].body)["gate"],
        "model": _champion(project, trained),
        "history": [_model_row(row) for row in trained],
    }


def _champion(project: ProjectFacts, trained: tuple[models.ModelRow, ...]) -> dict[str, object] | None:
    return next((_model_row(row) for row in trained if row.id == project.model), None)


def _model_row(row: models.ModelRow) -> dict[str, object]:
    metrics = json.loads(row.metrics)
    return {
        "id": row.id,
        "round": row.round,
        "labels": metrics["n_train"],
        "accuracy": metrics["challenger_accuracy"],
        "champion_accuracy": metrics["champion_accuracy"],
        "n_gold": metrics["n_gold"],
        "promoted": row.outcome is models.Outcome.PROMOTED,
        "reason": metrics["reason"],
    }
