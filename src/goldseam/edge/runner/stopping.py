"""Stopping: whether more labels are worth asking for, by what those of each round changed in what models say.

In: the steps from model to model (`weighing` makes them). Out: the rule's answer. Never: a round cut short; only whether the next
one begins depends on it.
"""

from __future__ import annotations

from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.store import model_steps
from goldseam.edge.store.model_steps import StepRow
from goldseam.edge.store.tx import Tx
from goldseam.stats import query

ENDS = "end"


def facts_of(made: StepRow) -> dict[str, object]:
    """Return what the log keeps of a step."""
    return {
        "round": made.round,
        "before": made.before,
        "n_labels": made.n_labels,
        "kappa": made.kappa,
        "changed": made.changed,
        "n_pool": made.n_pool,
    }


def advice(project: ProjectFacts, steps: tuple[StepRow, ...]) -> query.Stop:
    """Return what the rule says after these steps, oldest first."""
    policy = project.settings.stop
    return query.decide(
        tuple(query.Step(one.n_labels, one.kappa, one.changed) for one in steps),
        steps[-1].n_pool if steps else 0,
        stable=policy.stable,
        rounds=policy.rounds,
        least_gain=policy.least_gain,
    )


def ended(tx: Tx, project: ProjectFacts) -> str:
    """Return why labeling has ended; empty where it goes on, or the project file asks for advice alone."""
    if project.settings.stop.rule != ENDS:
        return ""
    found = advice(project, model_steps.listing(tx, project.id))
    return found.reason if found.stop else ""
