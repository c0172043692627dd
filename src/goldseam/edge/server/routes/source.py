"""Source: items that were taken in, their media, and the rows that were refused.

In: a position, an item's id. Out: pages of items, bytes of media. Never: media that a browser would run.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from goldseam.edge.runner import source
from goldseam.edge.server.security import MEDIA, MayManage, MayMeasure, MayView, TheWorld, media_headers
from goldseam.edge.server.wire import Plain
from goldseam.vocab.items import ItemId

router = APIRouter(tags=["source"])

After = Annotated[int, Query(ge=-1, le=2**53)]
Limit = Annotated[int, Query(ge=1, le=500)]


@router.get("/api/projects/{project}/items")
def items(world: TheWorld, permit: MayMeasure, after: After = -1, limit: Limit = 50) -> list[Plain]:
    """List items by position, those after the one given."""
    return source.items_page(world, permit, after, limit)


@router.get("/api/projects/{project}/items/{item}/media", response_class=Response, responses=MEDIA)
def media(world: TheWorld, permit: MayView, item: Annotated[str, Path(pattern="^[0-9a-f]{32}$")]) -> Response:
    """Send the bytes of an item: shown if they are a picture of a known kind, else only to be saved."""
    data, media_type = source.media(world, permit, ItemId(item))
    return Response(data, headers=media_headers(media_type, item))


@router.get("/api/projects/{project}/quarantine")
def quarantine(world: TheWorld, permit: MayManage, after: After = -1, limit: Limit = 50) -> list[Plain]:
    """List the rows that were refused, each with its line and the reason."""
    return source.quarantine_page(world, permit, after, limit)
