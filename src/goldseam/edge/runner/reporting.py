"""Reporting: what each round cost and brought: labels, answers, money, accuracy, what was accepted unseen, models.

In: a project. Out: one record a round. Never: a figure without its number of items, a change; it reads the whole project.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from goldseam.edge.runner import stopping
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import World
from goldseam.edge.store import model_steps, models, releases, reports, rounds
from goldseam.edge.store.models import ModelRow
from goldseam.edge.store.tx import Tx
from goldseam.formats.chart import Series, lines
from goldseam.stats.query import Stop


@dataclass(frozen=True, slots=True)
class RoundReport:
    """What one round came to.

    `stop` is what the rule of `stop` said of going on, once the round's model had suggested for the pool; None before.
    `cost` is its answers at `budget.price_per_answer`; None where no price is named. `coverage` is the share of the round's items
    whose label was accepted unseen. `accuracy` is that of all settled labels on `n_gold` gold items at the round's end.
    """

    round: int
    begun_at: str
    n_drawn: int
    n_answers: int
    n_annotators: int
    cost: float | None
    n_auto: int
    coverage: float
    n_settled: int
    n_escalated: int
    accuracy: float | None
    n_gold: int
    release: int | None
    model: str | None
    model_outcome: str | None
    model_accuracy: float | None
    model_labels: int | None
    stop: bool | None
    stop_reason: str | None


def listing(world: World, project: ProjectFacts) -> tuple[RoundReport, ...]:
    """Return the report of every round that drew items, oldest first."""

    def load(tx: Tx) -> tuple[Any, ...]:
        return (
            rounds.listing(tx, project.id, project.question),
            {row.round: row for row in models.listing(tx, project.id)},
            {row.round: json.loads(row.body)["report"] for row in reports.listing(tx, project.id)},
            {json.loads(row.body)["round"]: row.number for row in releases.listing(tx, project.id)},
            model_steps.listing(tx, project.id),
        )

    counted, trained, measured, released, steps = world.store.read(load)
    said = {one.round: stopping.advice(project, steps[: n + 1]) for n, one in enumerate(steps)}
    price = project.settings.budget.price_per_answer or None
    return tuple(
        _report(
            one, trained.get(one.round), measured.get(one.round), released.get(one.round), said.get(one.round), price
        )
        for one in counted
    )


def _report(
    one: rounds.RoundCounts,
    model: ModelRow | None,
    measured: dict[str, Any] | None,
    release: int | None,
    stop: Stop | None,
    price: float | None,
) -> RoundReport:
    metrics = {} if model is None else json.loads(model.metrics)
    accuracy = {} if measured is None else measured["accuracy"]
    return RoundReport(
        round=one.round,
        begun_at=one.begun_at.isoformat(),
        n_drawn=one.n_drawn,
        n_answers=one.n_answers,
        n_annotators=one.n_annotators,
        cost=None if price is None else round(one.n_answers * price, 2),
        n_auto=one.n_auto,
        coverage=one.n_auto / one.n_drawn if one.n_drawn else 0.0,
        n_settled=one.n_settled,
        n_escalated=one.n_escalated,
        accuracy=accuracy.get("value"),
        n_gold=accuracy.get("n", 0),
        release=release,
        model=None if model is None else model.id,
        model_outcome=None if model is None else model.outcome.value,
        model_accuracy=metrics.get("challenger_accuracy"),
        model_labels=metrics.get("n_train"),
        stop=None if stop is None else stop.stop,
        stop_reason=None if stop is None else stop.reason,
    )


def figure(title: str, found: tuple[RoundReport, ...]) -> str:
    """Return the rounds as a chart: accuracy and coverage over the answers given so far."""
    answers, total = [], 0
    for one in found:
        total += one.n_answers
        answers.append(float(total))
    return lines(
        title,
        "answers given so far",
        "share",
        [
            Series("labels right on gold", answers, [one.accuracy for one in found]),
            Series("model right on gold", answers, [one.model_accuracy for one in found]),
            Series("accepted unseen", answers, [one.coverage for one in found]),
        ],
    )
