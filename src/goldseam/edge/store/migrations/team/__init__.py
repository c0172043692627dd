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
    certificates,
    competence,
    escalations,
    jobs,
    lanes,
    oidc,
    pay,
    qualification,
    search,
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
    answers.make,
    certificates.make,
)
"""In the order in which they are made."""
