"""Outline: the mask of what a box on an image holds.

In: an item, a box. Out: a mask to look at. Never: an answer that is kept.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field

from goldseam.edge.runner import outlining
from goldseam.edge.server import wire
from goldseam.edge.server.security import MayAnnotate, TheWorld

router = APIRouter(tags=["annotate"])

Place = Annotated[int, Field(ge=0, le=50_000_000)]


class BoxDrawn(wire.Sent):
    """A box in pixels of the image as stored; the last two are beyond it."""

    left: Place
    top: Place
    right: Place
    bottom: Place


class MaskFound(wire.Shown):
    """A mask as COCO writes it: size of the image, compressed run lengths."""

    width: int
    height: int
    counts: str


@router.post("/api/projects/{project}/items/{item}/outline")
def outline(
    world: TheWorld, permit: MayAnnotate, item: Annotated[str, Path(pattern="^[0-9a-f]{32}$")], body: BoxDrawn
) -> MaskFound:
    """Find the object within a box, to be looked at and changed before it is an answer."""
    width, height, counts = outlining.outline(world, permit, item, (body.left, body.top, body.right, body.bottom))
    return MaskFound(width=width, height=height, counts=counts)
