"""Live: what a page hears without asking: a stream of events for each project, as the standard for server-sent events has it.

In: a connection that stays open. Out: `progress` events with the round's counts, when something changed, at most one a second.
Never: a vote, a name, or an event to somebody whose right has gone.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.server.feed import Feed
from goldseam.edge.server.security import MayView, access_of, credential_of
from goldseam.vocab.errors import GoldseamError
from goldseam.vocab.people import Act

router = APIRouter(tags=["live"])

STREAM: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"text/event-stream": {}}}}
"""What the OpenAPI document says of the reply."""
QUIET_SECONDS: Final = 20.0
"""After so long without news a comment is sent, so that no proxy takes the line for dead."""


@router.get("/api/projects/{project}/events", response_class=StreamingResponse, responses=STREAM)
async def events(
    request: Request,
    permit: MayView,
    *,
    once: Annotated[bool, Query(description="End after the first event.")] = False,
) -> StreamingResponse:
    """Stream the project's progress; the first event is how things stand now."""
    return StreamingResponse(
        _stream(request, permit.project, once=once),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _stream(request: Request, project: ProjectFacts, *, once: bool) -> AsyncIterator[bytes]:
    feed: Feed = request.app.state.feed
    access, credential = access_of(request), credential_of(request)
    seen = -1
    yield b"retry: 3000\n\n"
    with feed.listening(project) as news:
        while not feed.ended:
            if await news.after(seen, QUIET_SECONDS):
                try:
                    await run_in_threadpool(access.permit, credential, project.id, Act.VIEW)
                except GoldseamError:
                    return
                seen = news.number
                yield f"id: {seen}\nevent: progress\ndata: {json.dumps(news.counts)}\n\n".encode()
                if once:
                    return
            else:
                yield b": still here\n\n"
