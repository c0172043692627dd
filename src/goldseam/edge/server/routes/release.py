"""Release: what was published, file by file, and what changed between two.

In: numbers, names of files. Out: manifests, bytes, diffs. Never: a path that a client made up.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import StreamingResponse

from goldseam.edge.runner import release
from goldseam.edge.server.security import FILE, MayMeasure, TheWorld, media_headers
from goldseam.edge.server.wire import Plain

router = APIRouter(tags=["release"])

Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
FileName = Annotated[str, Path(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]


@router.get("/api/projects/{project}/releases")
def releases(world: TheWorld, permit: MayMeasure) -> list[Plain]:
    """List the releases."""
    return release.releases(world, permit)


@router.get("/api/projects/{project}/releases/{number}")
def manifest(world: TheWorld, permit: MayMeasure, number: Number) -> Plain:
    """Show what a release holds, by hash."""
    return release.manifest(world, permit, number)


@router.get("/api/projects/{project}/releases/{number}/files/{name}", response_class=Response, responses=FILE)
def file(world: TheWorld, permit: MayMeasure, number: Number, name: FileName) -> Response:
    """Send one file of a release, to be saved."""
    return Response(release.file(world, permit, number, name), headers=media_headers("", name))


@router.get("/api/projects/{project}/releases/{number}/labels", response_class=StreamingResponse, responses=FILE)
def labels(
    world: TheWorld, permit: MayMeasure, number: Number, form: Annotated[Literal["csv", "jsonl"], Query()] = "csv"
) -> StreamingResponse:
    """Send the labels of a release as a table: a stream, to be saved."""
    pieces = release.labels(world, permit, number, form)
    return StreamingResponse(pieces, headers=media_headers("", f"release-{number}.{form}"))


@router.get("/api/projects/{project}/releases/{old}/diff/{new}")
def diff(world: TheWorld, permit: MayMeasure, old: Number, new: Number) -> Plain:
    """Show what changed from one release to another, item by item."""
    return release.diff(world, permit, old, new)
