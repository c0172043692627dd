"""Operation: is the server alive, is it ready, and what does it count.

In: calls of a balancer, or of Prometheus. Out: a yes or no, figures. Never: anything about a project or a person.
"""

from __future__ import annotations

import hmac
import os
from typing import Final

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

import goldseam
from goldseam.edge.server import metrics
from goldseam.edge.server.metrics import Metrics
from goldseam.edge.server.security import LOOPBACK, TheWorld
from goldseam.vocab.errors import NotAllowed, StoreFailed

router = APIRouter(tags=["operation"])

METRICS_TOKEN: Final = "GOLDSEAM_METRICS_TOKEN"  # noqa: S105 - the name of a setting


@router.get("/healthz")
async def health() -> dict[str, object]:
    """Say that the server runs, and which version it is."""
    return {"ok": True, "version": goldseam.__version__}


@router.get("/readyz")
async def readiness(request: Request, world: TheWorld, response: Response) -> dict[str, object]:
    """Say whether calls can be answered now: the database answers, and the log is being sealed."""
    try:
        await run_in_threadpool(world.store.stamp)
        database = True
    except StoreFailed:
        database = False
    sealer = bool(request.app.state.sealer.is_alive)
    response.status_code = 200 if database and sealer else 503
    return {"ok": database and sealer, "database": database, "sealer": sealer}


@router.get("/metrics", response_class=Response)
async def figures(request: Request) -> Response:
    """Return the figures of this process for Prometheus: to this machine, or to who has the token of GOLDSEAM_METRICS_TOKEN."""
    wanted = os.environ.get(METRICS_TOKEN, "")
    given = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    here = request.client is not None and request.client.host in LOOPBACK and "x-forwarded-for" not in request.headers
    if not (hmac.compare_digest(wanted.encode(), given.encode()) if wanted else here):
        raise NotAllowed(f"Metrics are for this machine, or for who sends the token that {METRICS_TOKEN} names.")
    beside = getattr(request.app.state, "sealer", None)
    text = metrics_of(request).text() + (beside.text() if beside else b"")
    return Response(text, media_type=metrics.CONTENT_TYPE)


def metrics_of(request: Request) -> Metrics:
    """Return the figures that this app keeps."""
    found = request.app.state.metrics
    assert isinstance(found, Metrics)  # noqa: S101 - set by make_app
    return found
