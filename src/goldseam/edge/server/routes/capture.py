"""Capture: what a model does in production, and what people make of it there.

In: captures and signals. Out: how many are new. Never: an item, a vote, a place in the queue made here; the worker does that.
"""

from __future__ import annotations

from fastapi import APIRouter

from goldseam.edge.runner import production
from goldseam.edge.server.security import MayCapture, TheWorld
from goldseam.edge.server.wire_capture import CaptureSent, CapturesSent, CapturesTaken
from goldseam.source.captured import Capture, Signal, Signaled

router = APIRouter(tags=["production"])


@router.post("/api/projects/{project}/capture")
def capture(world: TheWorld, permit: MayCapture, body: CapturesSent) -> CapturesTaken:
    """Keep outputs of a model in production, and corrections, overrides, escalations, rejections and clicks about them."""
    signals = [Signaled(one.id, one.capture, Signal(one.kind), one.label) for one in body.signals]
    found = production.capture(world, permit, [_capture(one) for one in body.captures], signals)
    return CapturesTaken(captures=found.captures, signals=found.signals, repeated=found.repeated)


def _capture(one: CaptureSent) -> Capture:
    metadata = tuple(sorted(one.metadata.items()))
    return Capture(one.id, one.model, one.label, one.confidence, one.text, one.item, metadata)
