"""Wire types of webhooks and deliveries.

In: JSON. Out: records whose lengths are bounded; a key that is not known is refused. Never: a secret but in the one reply that
makes it, or what a receiver answered.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from goldseam.edge.server.wire import Sent, Shown, Uuid7

Url = Annotated[str, StringConstraints(min_length=1, max_length=2_048)]
EventName = Annotated[str, StringConstraints(min_length=1, max_length=50)]
Before = Annotated[int, Field(ge=1, le=2**62)]
StateName = Literal["waiting", "delivered", "dead"]


class WebhookSent(Sent):
    """An address that wants to hear of these events."""

    id: Uuid7
    url: Url
    events: Annotated[list[EventName], Field(min_length=1, max_length=50)]


class ActSent(Sent):
    """An act that needs nothing but its id."""

    id: Uuid7


class StateSent(Sent):
    """On, off, or ended for ever."""

    id: Uuid7
    state: Literal["on", "off", "ended"]


class WebhookShown(Shown):
    """A webhook, without its secret; `reason` says why the worker switched it off."""

    id: str
    url: str
    events: list[str]
    state: str
    reason: str
    n_failed: int
    failing_since: datetime | None
    at: datetime


class WebhookAdded(Shown):
    """A webhook with its newest secret, which is shown this once; None when it is too late to show it again."""

    webhook: WebhookShown
    secret: str | None


class WebhookList(Shown):
    """A project's webhooks, and the events that there are."""

    webhooks: list[WebhookShown]
    events: list[str]


class DeliveryShown(Shown):
    """One event for one webhook: what is sent, and how it went."""

    number: int
    event: str
    kind: str
    body: str
    state: str
    n_tries: int
    due: datetime
    status: int | None
    reason: str
    at: datetime
    ended_at: datetime | None
