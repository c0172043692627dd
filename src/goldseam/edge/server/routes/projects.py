"""Projects: the list, and one project as an annotator needs it.

In: who calls. Out: schema, guideline as safe HTML, versions, and the acts that the page may offer. Never: other people.
"""

from __future__ import annotations

from fastapi import APIRouter

from goldseam.edge.runner import people
from goldseam.edge.runner.people import Permit
from goldseam.edge.server import guideline
from goldseam.edge.server.security import Caller, MayView, TheWorld
from goldseam.edge.server.wire import PagePolicy, ProjectLine, ProjectPage
from goldseam.formats.plain import schema_to_plain
from goldseam.vocab.people import Act, may

router = APIRouter(tags=["projects"])


@router.get("/api/projects")
def project_list(world: TheWorld, caller: Caller) -> list[ProjectLine]:
    """List the projects in which the caller has a role."""
    return [
        ProjectLine(
            id=m.id,
            name=m.name,
            modality=str(m.modality),
            role=m.role.value,
            round=m.round,
            n_items=m.n_items,
        )
        for m in people.memberships(world, caller)
    ]


@router.get("/api/projects/{project}")
def project_page(permit: MayView) -> ProjectPage:
    """Show a project: its questions, its guideline, and what the caller may do."""
    facts = permit.project
    policy = facts.settings.annotate
    return ProjectPage(
        id=facts.id,
        name=facts.name,
        modality=facts.modality.value,
        role=permit.role.value,
        acts=acts_of(permit),
        round=facts.round,
        schema_version=facts.schema_version,
        guideline_version=facts.guideline_version,
        questions=schema_to_plain(facts.schema),
        guideline_html=guideline.render(facts.guideline),
        policy=PagePolicy(prefetch=policy.prefetch, lease_seconds=policy.lease.total_seconds()),
    )


def acts_of(permit: Permit) -> list[str]:
    """Return what the caller may do: what the role allows, and the token does not withhold."""
    limit = permit.principal.acts
    return [act.value for act in Act if may(permit.role, act) and (limit is None or act in limit)]
