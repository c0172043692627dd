"""Flow: reads the project's state, and says what comes next.

In: a project. Out: the state, the plan, and the round as the page shows it. Never: a change.
"""

from __future__ import annotations

import json

import numpy as np

from goldseam.edge.runner import asked, audit, certificates_seen, release, settling_answers, source, stopping
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.training import enough, learnable
from goldseam.edge.runner.world import World
from goldseam.edge.store import certificates, counts, gold, models, releases, settlements
from goldseam.edge.store.gold import Gold
from goldseam.edge.store.settlements import Settled
from goldseam.edge.store.tx import Tx
from goldseam.flow.plan import Plan, plan
from goldseam.flow.state import State


def state(world: World, project: ProjectFacts) -> State:
    """Return the facts from which the plan follows, as they are now."""
    n_unread = len(source.unread(world, project))
    measured = audit.newest(world, project)
    begun = release.unfinished(world, project)

    def load(tx: Tx) -> State:
        found = counts.counts(tx, project.id, project.round, project.question)
        newest = releases.newest(tx, project.id)
        trained = models.of_round(tx, project.id, project.round)
        settled = settlements.current(tx, project.id, project.question)
        known = gold.current(tx, project.id, project.question)
        fresh = measured is not None and audit.covers(tx, project, measured[2])
        champion = project.model
        return State(
            round=project.round,
            n_unread_sources=n_unread,
            n_items=found.n_items,
            n_pool=found.n_pool,
            n_unscored=asked.n_unscored(tx, project),
            n_here=found.n_here,
            n_unrouted_here=found.n_unrouted_here,
            n_wanted_here=found.n_wanted_here,
            n_given_here=found.n_given_here,
            n_asked=found.queue.wanted,
            n_unsettled_here=found.n_unsettled_here
            + _n_unheeded(settled, known)
            + settling_answers.n_stale(tx, project, settled),
            n_settled=found.n_settled,
            n_escalated=sum(settlements.n_escalated(tx, project.id, one.name) for one in project.schema.questions),
            n_to_vote=0 if asked.have_voted(tx, project) else len(project.settings.prelabel.voting),
            n_audits_open=int(certificates.unproved(tx, project.id) is not None),
            champion=champion,
            measured_here=fresh,
            gate=measured[1] if measured is not None and fresh else None,
            released_here=begun is None and newest is not None and json.loads(newest.body)["round"] == project.round,
            trained_here=trained is not None,
            stopped=stopping.ended(tx, project),
            can_train=settling_answers.by_labels(project) and enough(project, learnable(project, settled, known)[1]),
        )

    return world.store.read(load)


def _n_unheeded(settled: Settled, known: Gold) -> int:
    """Return how many items have gold, set or corrected lately, that their settlement does not say; rulings stand."""
    ruled = np.array(settled.method, dtype=object) == settlements.RULING
    chosen = np.flatnonzero(~ruled & np.isin(settled.position, known.position))
    told = known.label[np.searchsorted(known.position, settled.position[chosen])]
    return int((settled.escalated[chosen] | (settled.label[chosen] != told)).sum())


def plan_of(world: World, project: ProjectFacts) -> Plan:
    """Return the steps of the present round and where each stands."""
    return plan(state(world, project), project.settings)


def round_facts(world: World, project: ProjectFacts) -> dict[str, object]:
    """Return the state of the round as plain values."""
    made = plan_of(world, project)
    measured = audit.newest(world, project)

    def load(tx: Tx) -> tuple[counts.Counts, tuple[models.ModelRow, ...]]:
        return counts.counts(tx, project.id, project.round, project.question), models.listing(tx, project.id)

    found, trained = world.store.read(load)
    proved = certificates_seen.listing(world, project)
    shown = None if measured is None else audit.named(world, project, measured[2])
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
        "quality": None if shown is None else shown["report"],
        "gate": None if shown is None else shown["gate"],
        "certificates": proved,
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
        "outcome": row.outcome.value,
        "reason": metrics["reason"],
    }
