"""Pay: rates, statements of what people earned, their approval and payment, what a settled label cost.

In: amounts in minor units, times. Out: one's own earnings; everybody's to those who manage. Never: another's earnings to an
annotator.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from goldseam.annotate.pay import PayEvent, Per, Rate
from goldseam.edge.runner import pay
from goldseam.edge.runner.pay import StatementSeen
from goldseam.edge.server.security import FILE, MayAnnotate, MayManage, TheWorld, media_headers
from goldseam.edge.server.wire import Done
from goldseam.edge.server.wire_pay import (
    CostShown,
    MyPay,
    PayEventSent,
    PayEventShown,
    PayLineShown,
    RateSent,
    RateShown,
    StatementSent,
    StatementShown,
)
from goldseam.edge.server.wire_talk import Before
from goldseam.vocab.people import AnnotatorId

router = APIRouter(tags=["pay"])

Named = Annotated[str, Path(max_length=100)]
Many = Annotated[int, Query(ge=1, le=100)]


@router.get("/api/projects/{project}/pay/mine")
def mine(
    world: TheWorld, permit: MayAnnotate, before: Annotated[Before | None, Query()] = None, limit: Many = 50
) -> MyPay:
    """Show what the caller earned."""
    found = pay.mine(world, permit, before=before, limit=limit)
    policy = permit.project.settings.pay
    return MyPay(
        statements=[_statement(one) for one in found.statements],
        n_open=found.n_open,
        open_amount=found.amount,
        currency=policy.currency,
        minor_digits=policy.minor_digits,
        rates=[_rate(one) for one in found.rates],
    )


@router.get("/api/projects/{project}/pay/rates")
def rates(world: TheWorld, permit: MayManage) -> list[RateShown]:
    """List every rate that was set, oldest first."""
    return [_rate(one) for one in pay.rates(world, permit)]


@router.post("/api/projects/{project}/pay/rates")
def set_rate(world: TheWorld, permit: MayManage, body: RateSent) -> Done:
    """Set a rate, from its time on."""
    person = None if body.person is None else AnnotatorId(body.person)
    rate = Rate(body.id, Per(body.per), body.amount, body.currency, body.since, body.tier, person)
    pay.set_rate(world, permit, rate)
    return Done()


@router.get("/api/projects/{project}/pay/statements")
def statements(
    world: TheWorld, permit: MayManage, before: Annotated[Before | None, Query()] = None, limit: Many = 50
) -> list[StatementShown]:
    """List everybody's statements, newest first."""
    return [_statement(one) for one in pay.listing(world, permit, before=before, limit=limit)]


@router.post("/api/projects/{project}/pay/statements")
def state(world: TheWorld, permit: MayManage, body: StatementSent) -> StatementShown:
    """Make a statement of what somebody earned by answers that no statement has yet."""
    return _statement(pay.state(world, permit, body.id, AnnotatorId(body.person), body.until))


@router.post("/api/projects/{project}/pay/statements/{statement}/events")
def move(world: TheWorld, permit: MayManage, statement: Named, body: PayEventSent) -> Done:
    """Approve, hold or pay a statement."""
    pay.move(world, permit, statement, body.id, PayEvent(body.event), body.reason)
    return Done()


@router.get("/api/projects/{project}/pay/export", response_class=Response, responses=FILE)
def export(world: TheWorld, permit: MayManage) -> Response:
    """Send the statements as CSV, to be saved."""
    return Response(pay.csv(world, permit), headers=media_headers("", "pay.csv"))


@router.get("/api/projects/{project}/pay/cost")
def cost(world: TheWorld, permit: MayManage) -> list[CostShown]:
    """Show what all statements come to, and for each settled label."""
    return [
        CostShown(currency=one.currency, amount=one.amount, n_settled=one.n_settled, per_label=one.per_label)
        for one in pay.cost(world, permit.project)
    ]


def _rate(one: Rate) -> RateShown:
    return RateShown(
        id=one.id,
        per=one.per.value,
        amount=one.amount,
        currency=one.currency,
        since=one.since,
        tier=one.tier,
        person=one.annotator,
    )


def _statement(one: StatementSeen) -> StatementShown:
    made = one.statement
    return StatementShown(
        id=made.id,
        number=made.number,
        person=made.annotator,
        name=one.name,
        amount=made.amount,
        currency=made.currency,
        minor_digits=made.minor_digits,
        n_answers=made.n_answers,
        lines=[
            PayLineShown(
                rate=line.rate,
                per=line.per.value,
                rate_amount=line.rate_amount,
                n_answers=line.n_answers,
                seconds=line.seconds,
                amount=line.amount,
            )
            for line in made.lines
        ],
        until=made.until,
        at=made.at,
        state=one.state.value,
        events=[PayEventShown(event=each.event.value, reason=each.reason, at=each.at) for each in one.events],
    )
