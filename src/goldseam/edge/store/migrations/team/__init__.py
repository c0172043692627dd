"""The tables of revision 0003, one module an area: what a team needs besides the queue.

In: nothing. Out: `AREAS`, functions that make an area's tables inside a migration. Never: a change to any of them after the
release that carries them.
"""

from __future__ import annotations

from collections.abc import Callable

from goldseam.edge.store.migrations.team import (
    access,
    answers,
    calibration,
    captures,
    certificates,
    competence,
    escalations,
    findings,
    functions,
    guard,
    jobs,
    lanes,
    maps,
    model_answers,
    oidc,
    pay,
    qualification,
    returns,
    search,
    sheets,
    stopping,
    suggested,
    talk,
    webhooks,
)

AREAS: tuple[Callable[[], None], ...] = (
    talk.make,
    access.make,
    qualification.make,
    calibration.make,
    pay.make,
    lanes.make,
    oidc.make,
    escalations.make,
    webhooks.make,
    jobs.make,
    competence.make,
    search.make,
    suggested.make,
    sheets.make,
    answers.make,
    certificates.make,
    captures.make,
    functions.make,
    guard.make,
    model_answers.make,
    findings.make,
    maps.make,
    stopping.make,
    returns.make,
)
"""In the order in which they are made."""
