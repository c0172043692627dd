"""Certificates: what may be accepted unseen, by what proof, and whether it stands.

In: who calls. Out: certificates. Never: an audit drawn or a test made during a call.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from goldseam.edge.runner.glance import Glances
from goldseam.edge.server import wire_certificates as wire
from goldseam.edge.server.security import MayMeasure

router = APIRouter(tags=["route"])


@router.get("/api/projects/{project}/certificates")
def certificates(request: Request, permit: MayMeasure) -> list[wire.CertificateShown]:
    """List the certificates that matter: the newest of each group, and those by which items are accepted.

    How many items each holds is counted with the figures of the round.
    """
    glances: Glances = request.app.state.glances
    found: Any = glances.look(permit.project)[0]["certificates"]
    return [wire.CertificateShown.model_validate(one) for one in found]
