"""Webhooks: addresses that hear of a project's events.

In: addresses, names of events. Out: webhooks, deliveries. Never: a request to any of the addresses; the worker makes those.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from goldseam.edge.reach import Reach
from goldseam.edge.runner import webhooks
from goldseam.edge.runner.webhooks import Delivery, DeliveryState, Made, Webhook, WebhookState
from goldseam.edge.server.security import MayManage, TheWorld
from goldseam.edge.server.wire_webhooks import (
    ActSent,
    Before,
    DeliveryShown,
    StateName,
    StateSent,
    WebhookAdded,
    WebhookList,
    WebhookSent,
    WebhookShown,
)

router = APIRouter(tags=["webhooks"])

Named = Annotated[str, Path(max_length=100)]
Number = Annotated[int, Path(ge=1, le=2**62)]


@router.get("/api/projects/{project}/webhooks")
def listing(world: TheWorld, permit: MayManage) -> WebhookList:
    """List the project's webhooks, and which events there are to ask for."""
    return WebhookList(webhooks=[_shown(one) for one in webhooks.listing(world, permit)], events=list(webhooks.EVENTS))


@router.post("/api/projects/{project}/webhooks")
def make(request: Request, world: TheWorld, permit: MayManage, body: WebhookSent) -> WebhookAdded:
    """Make a webhook; the secret that signs what it gets is in this reply and in no other."""
    reach = request.app.state.reach
    assert isinstance(reach, Reach)  # noqa: S101 - set by make_app
    return _added(webhooks.make(world, reach, permit, body.id, body.url, tuple(body.events)))


@router.post("/api/projects/{project}/webhooks/{webhook}/state")
def switch(world: TheWorld, permit: MayManage, webhook: Named, body: StateSent) -> WebhookShown:
    """Switch a webhook on or off, or end it; what happened while it was off is not sent later."""
    return _shown(webhooks.switch(world, permit, body.id, webhook, WebhookState(body.state)))


@router.post("/api/projects/{project}/webhooks/{webhook}/secret")
def renew(world: TheWorld, permit: MayManage, webhook: Named, body: ActSent) -> WebhookAdded:
    """Give a webhook a new secret; the one before it signs as well for 24 hours."""
    return _added(webhooks.renew(world, permit, body.id, webhook))


@router.post("/api/projects/{project}/webhooks/{webhook}/ping")
def ping(world: TheWorld, permit: MayManage, webhook: Named, body: ActSent) -> DeliveryShown:
    """Let the worker send an event that says nothing; the deliveries tell whether it arrived."""
    return _delivery(webhooks.ping(world, permit, body.id, webhook))


@router.get("/api/projects/{project}/webhooks/{webhook}/deliveries")
def deliveries(
    world: TheWorld,
    permit: MayManage,
    webhook: Named,
    state: Annotated[StateName | None, Query()] = None,
    before: Annotated[Before | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[DeliveryShown]:
    """List a webhook's deliveries, newest first; they are kept for 30 days after their end."""
    which = None if state is None else DeliveryState(state)
    return [_delivery(one) for one in webhooks.log_of(world, permit, webhook, which, before, limit)]


@router.post("/api/projects/{project}/webhooks/{webhook}/deliveries/{number}/again")
def again(world: TheWorld, permit: MayManage, webhook: Named, number: Number, body: ActSent) -> DeliveryShown:
    """Send a delivery once more, under the same event id."""
    return _delivery(webhooks.send_again(world, permit, body.id, webhook, number))


def _added(made: Made) -> WebhookAdded:
    return WebhookAdded(webhook=_shown(made.webhook), secret=made.secret)


def _shown(one: Webhook) -> WebhookShown:
    return WebhookShown(
        id=one.id,
        url=one.url,
        events=list(one.events),
        state=one.state.value,
        reason=one.reason,
        n_failed=one.n_failed,
        failing_since=one.failing_since,
        at=one.at,
    )


def _delivery(one: Delivery) -> DeliveryShown:
    return DeliveryShown(
        number=one.seq,
        event=one.event,
        kind=one.kind,
        body=one.body,
        state=one.state.value,
        n_tries=one.n_tries,
        due=one.due,
        status=one.status,
        reason=one.reason,
        at=one.at,
        ended_at=one.ended_at,
    )
