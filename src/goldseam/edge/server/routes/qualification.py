"""Qualification: the way of an annotator to real work, promotions, and one's own figures.

In: what the caller read, answers to questions. Out: steps, tries, figures. Never: somebody else's tries or figures, but to
those who manage; how one question of a test was answered.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from goldseam.annotate.qualify import Standing, StepEvent
from goldseam.edge.runner import onboarding, promotion, qualification
from goldseam.edge.runner.promotion import PromotionSeen
from goldseam.edge.runner.qualification import TrialSeen
from goldseam.edge.server.items import item_shown
from goldseam.edge.server.security import MayAnnotate, MayManage, TheWorld
from goldseam.edge.server.wire import Done
from goldseam.edge.server.wire_qualification import (
    GuidelineRead,
    InterventionSent,
    MemberOnboarding,
    OnboardingShown,
    OwnFigures,
    OwnFiguresShown,
    PromotionDecided,
    PromotionFigures,
    PromotionShown,
    QuestionShown,
    StepShown,
    ToldShown,
    TrialAnswerSent,
    TrialEnded,
    TrialSent,
    TrialShown,
)
from goldseam.edge.server.wire_talk import Before, DecisionShown
from goldseam.formats.plain import answer_from_plain
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import AnnotatorId
from goldseam.vocab.talk import ProposalState

router = APIRouter(tags=["qualification"])

Named = Annotated[str, Path(max_length=100)]
After = Annotated[str, Query(max_length=100)]
Many = Annotated[int, Query(ge=1, le=100)]


@router.get("/api/projects/{project}/onboarding")
def look(world: TheWorld, permit: MayAnnotate) -> OnboardingShown:
    """Show where the caller stands on the way to real work."""
    found = qualification.look(world, permit)
    trial = None if found.trial is None else _trial(permit.project.id, found.trial)
    return OnboardingShown(through=found.through, steps=[_step(one) for one in found.steps], trial=trial)


@router.post("/api/projects/{project}/onboarding/guideline")
def read_guideline(world: TheWorld, permit: MayAnnotate, body: GuidelineRead) -> Done:
    """Say that one read the guideline, in this version."""
    onboarding.read_guideline(world, permit, body.id, body.guideline_version)
    return Done()


@router.post("/api/projects/{project}/trials")
def begin(world: TheWorld, permit: MayAnnotate, body: TrialSent) -> TrialShown:
    """Begin the practice or the test that comes next."""
    return _trial(permit.project.id, qualification.begin(world, permit, body.id))


@router.post("/api/projects/{project}/trials/{trial}/answers")
def answer(world: TheWorld, permit: MayAnnotate, trial: Named, body: TrialAnswerSent) -> TrialShown:
    """Answer one question; with the last one the try ends."""
    given = answer_from_plain(body.answer)
    found = qualification.answer(world, permit, trial, body.id, body.number, given, body.seconds)
    return _trial(permit.project.id, found)


@router.get("/api/projects/{project}/onboarding/team")
def team(world: TheWorld, permit: MayManage, after: After = "", limit: Many = 50) -> list[MemberOnboarding]:
    """List the annotators and where each stands, by id."""
    return [
        MemberOnboarding(
            annotator=one.annotator, name=one.name, through=one.through, steps=[_step(step) for step in one.steps]
        )
        for one in onboarding.team(world, permit, after, limit)
    ]


@router.post("/api/projects/{project}/onboarding/team/{annotator}")
def intervene(world: TheWorld, permit: MayManage, annotator: Named, body: InterventionSent) -> Done:
    """Allow an annotator one more try, or waive the step they are at."""
    onboarding.intervene(world, permit, body.id, AnnotatorId(annotator), StepEvent(body.event))
    return Done()


@router.get("/api/projects/{project}/promotions")
def promotions(
    world: TheWorld,
    permit: MayManage,
    state: Annotated[ProposalState | None, Query()] = None,
    before: Annotated[Before | None, Query()] = None,
    limit: Many = 50,
) -> list[PromotionShown]:
    """List promotions that figures spoke for, newest first."""
    return [_promotion(one) for one in promotion.listing(world, permit, state=state, before=before, limit=limit)]


@router.post("/api/projects/{project}/promotions/{promotion_id}/decision")
def decide(world: TheWorld, permit: MayManage, promotion_id: Named, body: PromotionDecided) -> Done:
    """Accept a promotion, or decline it."""
    promotion.decide(world, permit, promotion_id, body.id, ProposalState(body.state), body.reason)
    return Done()


@router.get("/api/projects/{project}/own-figures")
def own_figures(world: TheWorld, permit: MayAnnotate) -> OwnFiguresShown:
    """Show the caller's own accuracy on gold, agreement and speed, as they were last measured."""
    found = promotion.own_figures(world, permit)
    if found is None:
        return OwnFiguresShown(figures=None)
    own, at = found
    figures = OwnFigures(
        at=at,
        n_answers=own.n_answers,
        n_gold=own.n_gold,
        gold=own.gold,
        gold_low=own.gold_low,
        gold_high=own.gold_high,
        n_compared=own.n_compared,
        agreement=own.agreement,
        seconds=own.seconds,
        seconds_all=own.seconds_all,
    )
    return OwnFiguresShown(figures=figures)


def _step(one: Standing) -> StepShown:
    qualify = one.step.qualify
    return StepShown(
        key=one.key,
        kind=one.step.kind,
        state=one.state.value,
        since=one.since,
        n_questions=one.step.n_questions,
        pass_mark=None if qualify is None else qualify.pass_mark,
        tries_left=one.tries_left,
        opens_at=one.opens_at,
    )


def _trial(project: ProjectId, one: TrialSeen) -> TrialShown:
    ended = None
    if one.ended is not None:
        told = [
            ToldShown(number=each.number, right=each.right, said=each.said, why=each.why) for each in one.ended.told
        ]
        ended = TrialEnded(n_right=one.ended.n_right, passed=one.ended.passed, told=told)
    questions = [
        QuestionShown(number=each.number, item=item_shown(project, each.item), answered=each.answered)
        for each in one.questions
    ]
    return TrialShown(id=one.id, step=one.step, use=one.use.value, questions=questions, ended=ended)


def _promotion(one: PromotionSeen) -> PromotionShown:
    made = one.promotion
    decision = made.decision
    return PromotionShown(
        id=made.id,
        number=made.number,
        annotator=made.annotator,
        name=one.name,
        figures=PromotionFigures(**made.figures),
        at=made.at,
        state=made.state.value,
        decision=None
        if decision is None
        else DecisionShown(reason=decision.reason, at=decision.at, guideline_version=decision.guideline_version),
    )
