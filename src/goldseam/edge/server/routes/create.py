"""Create: files uploaded in pieces, a look at their first rows, a project made of them, and its round let go on.

In: pieces, choices. Out: what is recognized, what would be refused, a project. Never: a path on the server, or a step done
while a call waits.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request

from goldseam.edge.runner import creating
from goldseam.edge.runner import incoming as runner
from goldseam.edge.runner.creating import Chosen, Looked
from goldseam.edge.runner.going import Going, HowFar
from goldseam.edge.runner.incoming import FilePiece
from goldseam.edge.runner.people import permit as permit_of
from goldseam.edge.server import guideline
from goldseam.edge.server.security import Caller, MayManage, TheWorld
from goldseam.edge.server.wire import UUID7
from goldseam.edge.server.wire_create import (
    ColumnShown,
    FarShown,
    GuidelineSent,
    GuidelineShown,
    IncomingShown,
    LookSent,
    LookShown,
    MayCreate,
    PiecesSent,
    ProjectMade,
    ProjectSent,
    ReasonCount,
    RefusedShown,
    ValueShown,
)
from goldseam.vocab.people import Act
from goldseam.vocab.schema import Guideline

router = APIRouter(tags=["create"])

IncomingId = Annotated[str, Path(pattern=UUID7)]


@router.get("/api/incoming")
def may_create(world: TheWorld, caller: Caller) -> MayCreate:
    """Say whether the caller may make projects here: who owns one may."""
    return MayCreate(may=runner.may_create(world, caller))


@router.post("/api/incoming/{incoming}/pieces")
def take_pieces(world: TheWorld, caller: Caller, incoming: IncomingId, body: PiecesSent) -> IncomingShown:
    """Take pieces of files in; the same piece twice changes nothing."""
    pieces = [FilePiece(one.name, one.at, one.bytes) for one in body.pieces]
    kept = runner.take(world, caller, incoming, pieces)
    return IncomingShown(id=kept.id, n_files=kept.n_files, n_bytes=kept.n_bytes)


@router.post("/api/incoming/{incoming}/look")
def look(world: TheWorld, caller: Caller, incoming: IncomingId, body: LookSent) -> LookShown:
    """Show the first rows, what their columns are likely for, and which would be refused."""
    return _looked(creating.look(world, caller, incoming, Chosen(body.text, body.key, body.label)))


@router.post("/api/projects")
def create(request: Request, world: TheWorld, caller: Caller, body: ProjectSent) -> ProjectMade:
    """Make a project of an upload, and begin to take it in; a repeat answers with the project that was made."""
    named = {"text": body.text, "key": body.key, "label": body.label}
    plain: dict[str, object] = {
        "name": body.name,
        "schema": {"questions": body.questions},
        "guideline": {"text": body.guideline},
        "source": {name: column for name, column in named.items() if column},
        "route": {"redundancy": body.redundancy},
        "sample": {"batch": body.batch},
        "annotate": {"gold_rate": body.gold_rate},
    }
    facts = creating.create(world, caller, body.incoming, plain)
    _going(request).start(permit_of(world, caller, facts.id, Act.MANAGE))
    return ProjectMade(project=facts.id, name=facts.name)


@router.post("/api/guideline")
def preview(caller: Caller, body: GuidelineSent) -> GuidelineShown:
    """Show how a guideline will look; nothing is kept."""
    return GuidelineShown(html=guideline.render(Guideline(text=body.text)))


@router.post("/api/projects/{project}/go-on")
def go_on(request: Request, permit: MayManage) -> FarShown:
    """Do the steps of the round that need no person, in the background; if they are under way this changes nothing."""
    return _far(_going(request).start(permit))


@router.get("/api/projects/{project}/go-on")
async def how_far(request: Request, permit: MayManage) -> FarShown:
    """Show how far that is."""
    return _far(_going(request).how_far(permit.project.id) or HowFar(goes_on=False))


def _going(request: Request) -> Going:
    going: Going = request.app.state.going
    return going


def _far(far: HowFar) -> FarShown:
    return FarShown(
        goes_on=far.goes_on, doing=far.doing, n_done=far.n_done, outcomes=list(far.outcomes)[-20:], error=far.error
    )


def _looked(found: Looked) -> LookShown:
    return LookShown(
        form=found.form,
        n_files=found.n_files,
        n_bytes=found.n_bytes,
        columns=[
            ColumnShown(
                name=one.name,
                role=one.role.value,
                n_filled=one.n_filled,
                n_distinct=one.n_distinct,
                values=[ValueShown(value=value, n=n) for value, n in one.values],
            )
            for one in found.columns
        ],
        rows=[list(row) for row in found.rows],
        n_read=found.n_read,
        n_refused=found.n_refused,
        reasons=[ReasonCount(reason=reason, n=n) for reason, n in found.reasons.items()],
        refused=[RefusedShown(line=one.line, reason=one.reason, text=one.text) for one in found.refused],
        whole=found.is_whole,
    )
