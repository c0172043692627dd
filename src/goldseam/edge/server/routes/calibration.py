"""Calibration: sessions in which annotators answer the same items blindly, and then talk about them.

In: answers, words, what was agreed. Out: sessions as the caller may see them. Never: an answer of somebody else while a
session is blind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from goldseam.annotate.calibrate import Choosing, SessionEvent
from goldseam.edge.runner import calibration, calibration_seen
from goldseam.edge.runner.calibration_seen import ItemSeen, Session
from goldseam.edge.server.items import item_shown
from goldseam.edge.server.security import MayAnnotate, MayManage, TheWorld
from goldseam.edge.server.wire import Done
from goldseam.edge.server.wire_calibration import (
    AgreedSent,
    AgreedShown,
    MeasuredShown,
    SessionAnswerSent,
    SessionComment,
    SessionCommentSent,
    SessionItem,
    SessionLine,
    SessionMoveSent,
    SessionPerson,
    SessionSent,
    SessionShown,
    SessionVote,
)
from goldseam.formats.plain import answer_from_plain
from goldseam.vocab.items import ItemId, ProjectId
from goldseam.vocab.people import AnnotatorId
from goldseam.vocab.schema import QuestionName

router = APIRouter(tags=["calibration"])

Named = Annotated[str, Path(max_length=100)]


@router.post("/api/projects/{project}/calibrations")
def start(world: TheWorld, permit: MayManage, body: SessionSent) -> Done:
    """Start a session."""
    choosing = Choosing(body.choosing)
    asked = calibration.Start(
        id=body.id,
        title=body.title,
        choosing=choosing,
        n_items=body.n_items,
        people=tuple(AnnotatorId(who) for who in body.people),
        items=tuple(ItemId(item) for item in body.items),
    )
    calibration.start(world, permit, asked)
    return Done()


@router.get("/api/projects/{project}/calibrations")
def sessions(
    world: TheWorld,
    permit: MayAnnotate,
    before_id: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> list[SessionLine]:
    """List sessions, newest first: those one takes part in; all for those who manage."""
    return [_line(one, one.n_answers) for one in calibration_seen.listing(world, permit, before=before_id, limit=limit)]


@router.get("/api/projects/{project}/calibrations/{calibration_id}")
def look(world: TheWorld, permit: MayAnnotate, calibration_id: Named) -> SessionShown:
    """Show a session: while it is blind, its items and one's own answers; then everybody's, the most disputed first."""
    found = calibration_seen.look(world, permit, calibration_id)
    people = [
        SessionPerson(cover=one.cover, mine=one.mine, name=one.name, n_answers=one.n_answers) for one in found.people
    ]
    items = [_item(permit.project.id, one) for one in found.items]
    line = _line(found.session, sum(one.n_answers for one in found.people))
    return SessionShown(session=line, takes_part=found.takes_part, people=people, items=items)


@router.post("/api/projects/{project}/calibrations/{calibration_id}/answers")
def answer(world: TheWorld, permit: MayAnnotate, calibration_id: Named, body: SessionAnswerSent) -> Done:
    """Answer one item of a session, every question asked; with everybody's last answer the blind part is over."""
    given = {QuestionName(name): answer_from_plain(plain) for name, plain in body.answers.items()}
    calibration.answer(world, permit, calibration_id, body.id, body.number, given, body.reason, body.seconds)
    return Done()


@router.post("/api/projects/{project}/calibrations/{calibration_id}/close")
def close(world: TheWorld, permit: MayManage, calibration_id: Named, body: SessionMoveSent) -> Done:
    """Close the blind part before everybody has answered everything."""
    calibration.move(world, permit, calibration_id, body.id, SessionEvent.CLOSE)
    return Done()


@router.post("/api/projects/{project}/calibrations/{calibration_id}/comments")
def comment(world: TheWorld, permit: MayAnnotate, calibration_id: Named, body: SessionCommentSent) -> Done:
    """Say something about an item; everybody who takes part reads it."""
    calibration.say(world, permit, calibration_id, body.id, body.number, body.text)
    return Done()


@router.post("/api/projects/{project}/calibrations/{calibration_id}/agreed")
def agree(world: TheWorld, permit: MayManage, calibration_id: Named, body: AgreedSent) -> Done:
    """Keep the answer to a question that was agreed about an item, and the clause of the guideline."""
    said = answer_from_plain(body.answer)
    calibration.agree(
        world, permit, calibration_id, body.id, body.number, body.question, said, body.clause, body.reason
    )
    return Done()


@router.post("/api/projects/{project}/calibrations/{calibration_id}/finish")
def finish(world: TheWorld, permit: MayManage, calibration_id: Named, body: SessionMoveSent) -> Done:
    """End a session; what was said and agreed stays to be read."""
    calibration.move(world, permit, calibration_id, body.id, SessionEvent.FINISH)
    return Done()


@router.post("/api/projects/{project}/calibrations/{calibration_id}/measure")
def measure(world: TheWorld, permit: MayManage, calibration_id: Named, body: SessionMoveSent) -> Done:
    """Measure how much the same people agree on ordinary items since the session ended."""
    calibration.measure_after(world, permit, calibration_id, body.id)
    return Done()


def _line(one: Session, n_answers: int) -> SessionLine:
    return SessionLine(
        id=one.id,
        title=one.title,
        choosing=one.choosing.value,
        state=one.state.value,
        n_items=one.n_items,
        n_people=one.n_people,
        n_answers=n_answers,
        guideline_version=one.guideline_version,
        at=one.at,
        discussed_at=one.discussed_at,
        finished_at=one.finished_at,
        before=_measured(one.before),
        after=_measured(one.after),
    )


def _measured(plain: Sequence[Mapping[str, Any]] | None) -> list[MeasuredShown] | None:
    return None if plain is None else [MeasuredShown(**one) for one in plain]


def _item(project: ProjectId, one: ItemSeen) -> SessionItem:
    return SessionItem(
        number=one.number,
        item=item_shown(project, one.item),
        disagreement=one.disagreement,
        apart=dict(one.apart),
        votes=[
            SessionVote(
                cover=each.cover, mine=each.mine, answers=each.answers, reason=each.reason, seconds=each.seconds
            )
            for each in one.votes
        ],
        comments=[SessionComment(cover=each.cover, mine=each.mine, text=each.text, at=each.at) for each in one.said],
        agreed=[
            AgreedShown(
                question=each.question,
                answer=each.answer,
                clause=each.clause,
                in_guideline=each.stands,
                reason=each.reason,
                at=each.at,
            )
            for each in one.agreed
        ],
    )
