"""Source: items that were taken in, their media, and the rows that were refused.

In: a position, an item's id, conditions. Out: pages of items, bytes of media, answers as a stream. Never: media that a browser
would run, or a list whose price grows with the project.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from goldseam.edge.runner import answers, browse, source
from goldseam.edge.runner.browse import Line
from goldseam.edge.runner.people import Permit
from goldseam.edge.server.items import item_shown
from goldseam.edge.server.security import FILE, MEDIA, MayManage, MayMeasure, MayView, TheWorld, media_headers
from goldseam.edge.server.wire import Plain
from goldseam.edge.server.wire_items import ItemCount, ItemFacets, ItemLine, ItemPage
from goldseam.source.find import Order, wanted
from goldseam.vocab.items import ItemId

router = APIRouter(tags=["source"])

After = Annotated[int, Query(ge=-1, le=2**53)]
Limit = Annotated[int, Query(ge=1, le=500)]
Where = Annotated[list[Annotated[str, Query(max_length=300)]], Query(max_length=20)]
Search = Annotated[str, Query(max_length=300)]
Cursor = Annotated[str | None, Query(max_length=60)]


@router.get("/api/projects/{project}/items")
def items(world: TheWorld, permit: MayMeasure, after: After = -1, limit: Limit = 50) -> list[Plain]:
    """List items by position, those after the one given."""
    return source.items_page(world, permit, after, limit)


@router.get("/api/projects/{project}/items/list")
def item_list(
    request: Request,
    world: TheWorld,
    permit: MayMeasure,
    where: Where = [],  # noqa: B006 - never changed: FastAPI reads it as the default
    search: Search = "",
    order: Order = Order.POSITION,
    after: Cursor = None,
    limit: Limit = 50,
) -> ItemPage:
    """List the items of which all conditions hold, such as `label=pos`, `state=open` or `meta.site=web`."""
    asked = wanted(where, search)
    if asked.phrases:
        request.app.state.indexing.start(permit.project)
    page = browse.pages(world, permit, asked, order, after, limit)
    return ItemPage(items=[_shown(permit, line) for line in page.lines], next=page.more, indexed=page.indexed)


@router.get("/api/projects/{project}/items/count")
def item_count(
    request: Request,
    world: TheWorld,
    permit: MayMeasure,
    where: Where = [],  # noqa: B006 - never changed: FastAPI reads it as the default
    search: Search = "",
) -> ItemCount:
    """Count the items of which all conditions hold; it stops at a bound, and says so."""
    asked = wanted(where, search)
    if asked.phrases:
        request.app.state.indexing.start(permit.project)
    n, exact = browse.count(world, permit.project, asked)
    return ItemCount(n=n, exact=exact)


@router.get("/api/projects/{project}/items/facets")
def item_facets(request: Request, permit: MayMeasure) -> ItemFacets:
    """Show how many items stand where, as counted last."""
    found = request.app.state.facets.look(permit.project)
    if found is None:
        return ItemFacets(at=None, items=None, states={}, labels={})
    figures, at = found
    return ItemFacets(at=at, **figures)


@router.get("/api/projects/{project}/items/{item}/media", response_class=Response, responses=MEDIA)
def media(world: TheWorld, permit: MayView, item: Annotated[str, Path(pattern="^[0-9a-f]{32}$")]) -> Response:
    """Send the bytes of an item: shown if they are a picture of a known kind, else only to be saved."""
    data, media_type = source.media(world, permit, ItemId(item))
    return Response(data, headers=media_headers(media_type, item))


@router.get("/api/projects/{project}/annotations", response_class=StreamingResponse, responses=FILE)
def annotation_list(
    world: TheWorld, permit: MayMeasure, form: Annotated[Literal["json", "jsonl", "csv"], Query()] = "jsonl"
) -> StreamingResponse:
    """Send every answer that stands, item by item, with where it came from: a stream, to be saved."""
    pieces = answers.pieces(world, permit.project, form)
    return StreamingResponse(pieces, headers=media_headers("", f"annotations.{form}"))


@router.get("/api/projects/{project}/quarantine")
def quarantine(world: TheWorld, permit: MayManage, after: After = -1, limit: Limit = 50) -> list[Plain]:
    """List the rows that were refused, each with its line and the reason."""
    return source.quarantine_page(world, permit, after, limit)


def _shown(permit: Permit, line: Line) -> ItemLine:
    origin = line.item.origin
    return ItemLine(
        position=line.position,
        item=item_shown(permit.project.id, line.item),
        key=origin.key,
        source=origin.source,
        line=origin.line,
        state=line.state.value,
        flagged=line.is_flagged,
        label=line.label,
        confidence=line.confidence,
        method=line.method,
        wanted=line.n_wanted,
        given=line.n_given,
    )
