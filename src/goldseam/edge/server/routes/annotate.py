"""Annotate: lease, claim, submit, skip, undo, own history.

In: ids, tokens and answers as plain values. Out: assignments, and what became of each annotation.
Never: others' answers, or a field by which a gold check can be told from any other assignment.
"""

from __future__ import annotations

from concurrent.futures import Future
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.concurrency import run_in_threadpool

from goldseam.annotate.rest import Advice
from goldseam.edge.runner import annotate, briefly, people, resting
from goldseam.edge.runner.annotate import Leased, Offer, Outcome, Submission
from goldseam.edge.runner.people import Permit
from goldseam.edge.server import errors, wire
from goldseam.edge.server.items import item_shown
from goldseam.edge.server.routes.operation import metrics_of
from goldseam.edge.server.security import MayAnnotate, MayAnnotateSoon, TheWorld
from goldseam.edge.server.wire import AnnotationSent, Fate, FateName, Plain, Unreadable
from goldseam.formats.plain import answer_from_plain, answer_to_plain
from goldseam.vocab.annotations import AnnotationId, AssignmentId
from goldseam.vocab.errors import GoldseamError
from goldseam.vocab.items import ItemId, ProjectId
from goldseam.vocab.people import Act
from goldseam.vocab.schema import GuidelineVersion, QuestionName, SchemaVersion

router = APIRouter(tags=["annotate"])

Id = Annotated[str, Path(max_length=100)]


@router.post("/api/projects/{project}/assignments")
async def lease(
    request: Request, world: TheWorld, may: MayAnnotateSoon, body: wire.AssignmentsWanted
) -> wire.AssignmentsLeased:
    """Lease the next items; or, with the act 'claim', items named by their ids."""
    count = body.count or 1
    holding = None if body.holding is None else [AssignmentId(held) for held in body.holding]

    def begin(permit: Permit, stamp: int | None) -> Future[Leased]:
        act = annotate.leasing(world, permit, count, holding)
        return world.store.write_soon(act, briefly.leasing(world, permit, count, holding, stamp), stamp)

    if body.items is None:
        found = await may.act(begin)
    else:
        permit = await may.sure()
        people.check_act(permit.role, permit.principal, Act.CLAIM)
        found = await run_in_threadpool(annotate.claim, world, permit, [ItemId(item) for item in body.items])
    metrics_of(request).leased(len(found.offers))
    rest = None
    if may.permit.project.settings.annotate.rest is not None:
        rest = await run_in_threadpool(resting.advice, world, may.permit)
    return leased(may.permit.project.id, found, rest)


@router.post("/api/projects/{project}/annotations")
async def submit(request: Request, world: TheWorld, may: MayAnnotateSoon, body: wire.AnnotationsSent) -> wire.Fates:
    """Take in annotations; each is saved, known already, surplus, or refused by itself."""
    fates: dict[int, Fate] = {}
    readable: list[tuple[int, Submission]] = []
    for place, one in enumerate(body.annotations):
        try:
            readable.append((place, _submission(one)))
        except GoldseamError as error:
            fates[place] = _fate(one.id, wire.FateName.REFUSED, error)
    sent = [submission for _, submission in readable]

    def begin(permit: Permit, stamp: int | None) -> Future[tuple[Outcome, ...]]:
        act = annotate.submitting(world, permit, sent)
        return world.store.write_soon(act, briefly.submitting(world, permit, sent, stamp), stamp)

    if readable:
        outcomes = await may.act(begin)
        for (place, given), outcome in zip(readable, outcomes, strict=True):
            if outcome.error is not None:
                outcome = await run_in_threadpool(annotate.look_again, world, may.permit, given, outcome)  # noqa: PLW2901 - the same outcome, looked at again
            fates[place] = _fate(outcome.id, outcome.status, outcome.error)
    else:
        await may.sure()
    for fate in fates.values():
        metrics_of(request).taken_in(fate.status.value)
    return wire.Fates(results=[fates[place] for place in sorted(fates)])


@router.post("/api/projects/{project}/assignments/{assignment}/skip")
def skip(world: TheWorld, permit: MayAnnotate, assignment: Id, body: wire.SkipSent) -> wire.Done:
    """Pass on an assignment."""
    annotate.skip(world, permit, AssignmentId(assignment), body.token, body.reason, body.id)
    return wire.Done()


@router.post("/api/projects/{project}/annotations/{annotation}/withdraw")
def withdraw(world: TheWorld, permit: MayAnnotate, annotation: Id, body: wire.WithdrawalSent) -> wire.AssignmentAgain:
    """Take an own annotation back; its item is leased to the same person again."""
    offer = annotate.withdraw(world, permit, AnnotationId(annotation), body.id)
    return wire.AssignmentAgain(assignment=assignment_shown(permit.project.id, offer))


@router.get("/api/projects/{project}/history")
def own_annotations(
    world: TheWorld,
    permit: MayAnnotate,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    before: Annotated[str | None, Query(max_length=100)] = None,
) -> list[Plain]:
    """List the caller's own annotations, the newest first; `before` is the id of the last one of the page before."""
    return annotate.history(world, permit, limit, None if before is None else AnnotationId(before))


def _submission(sent: AnnotationSent | Unreadable) -> Submission:
    if isinstance(sent, Unreadable):
        raise errors.bad_value(sent.problems)
    return Submission(
        id=AnnotationId(sent.id),
        assignment=AssignmentId(sent.assignment),
        token=sent.token,
        answers={QuestionName(name): answer_from_plain(answer) for name, answer in sent.answers.items()},
        seconds=sent.seconds,
        schema_version=SchemaVersion(sent.schema_version),
        guideline_version=GuidelineVersion(sent.guideline_version),
    )


def _fate(annotation: str, status: str, error: GoldseamError | None) -> Fate:
    return Fate(id=annotation, status=FateName(status), error=errors.said(error) if error else None)


def leased(project: ProjectId, found: Leased, rest: Advice | None) -> wire.AssignmentsLeased:
    """Return what was leased as it is sent."""
    waiting = found.waiting
    return wire.AssignmentsLeased(
        assignments=[assignment_shown(project, offer) for offer in found.offers],
        waiting=wire.WaitingShown(reason=waiting.reason, text=waiting.text, opens_at=waiting.opens_at)
        if waiting
        else None,
        refused=[wire.ClaimRefused(item=item, reason=reason) for item, reason in found.refused],
        rest=wire.RestShown(text=rest.text, for_minutes=rest.for_minutes) if rest else None,
    )


def assignment_shown(project: ProjectId, offer: Offer) -> wire.AssignmentShown:
    """Return an offer as it is sent."""
    return wire.AssignmentShown(
        id=offer.id,
        token=offer.token,
        item=item_shown(project, offer.item),
        expires_at=offer.expires_at,
        seconds=offer.seconds,
        suggestion=None if offer.suggestion is None else _suggestion(offer.suggestion),
        further=[_suggestion(one) for one in offer.further],
    )


def _suggestion(shown: annotate.Shown) -> wire.SuggestionShown:
    return wire.SuggestionShown(
        label=shown.label,
        confidence=shown.confidence,
        source=shown.source,
        question=shown.question,
        answer=answer_to_plain(shown.answer),
        reason=shown.reason,
    )
