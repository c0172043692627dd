"""The calls of webhooks; and for the other side, how a receiver tells a true delivery from a forged one.

In: addresses, events; a delivery as it arrived. Out: replies as plain values; the event. Never: an event whose signature was not
compared, in constant time, with one made here.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from goldseam.edge.client.connection import Connection, at, new_id, part
from goldseam.vocab.errors import Tampered

SIGNATURE_HEADER: Final = "Goldseam-Signature"
TOLERANCE: Final = timedelta(minutes=5)


class Hearing(Connection):
    """Letting other programs hear of a project's events; the role must include the act 'manage'."""

    def webhooks(self, project: str) -> dict[str, Any]:
        """Return the project's webhooks, and the events that there are."""
        found: dict[str, Any] = self.call("GET", at(project, "/webhooks"))
        return found

    def add_webhook(self, project: str, url: str, events: Iterable[str]) -> dict[str, Any]:
        """Make a webhook; the reply holds its secret, which is shown this once."""
        body = {"id": new_id(), "url": url, "events": list(events)}
        found: dict[str, Any] = self.call("POST", at(project, "/webhooks"), body)
        return found

    def switch_webhook(self, project: str, webhook: str, state: str) -> dict[str, Any]:
        """Switch a webhook `on` or `off`, or end it (`ended`) for ever."""
        return self._of_webhook(project, webhook, "/state", {"state": state})

    def renew_webhook(self, project: str, webhook: str) -> dict[str, Any]:
        """Give a webhook a new secret, in the reply; the one before it is good for another day."""
        return self._of_webhook(project, webhook, "/secret", {})

    def ping_webhook(self, project: str, webhook: str) -> dict[str, Any]:
        """Let the worker send an event that says nothing."""
        return self._of_webhook(project, webhook, "/ping", {})

    def deliveries(
        self, project: str, webhook: str, *, state: str | None = None, before: int | None = None, limit: int = 50
    ) -> list[dict[str, Any]]:
        """Return a webhook's deliveries, newest first."""
        asked = {"state": state, "before": before, "limit": limit}
        query = urlencode({name: value for name, value in asked.items() if value is not None})
        found: list[dict[str, Any]] = self.call("GET", at(project, f"/webhooks/{part(webhook)}/deliveries?{query}"))
        return found

    def deliver_again(self, project: str, webhook: str, number: int) -> dict[str, Any]:
        """Send a delivery once more, under the same event id."""
        return self._of_webhook(project, webhook, f"/deliveries/{number}/again", {})

    def _of_webhook(self, project: str, webhook: str, rest: str, body: dict[str, object]) -> dict[str, Any]:
        path = at(project, f"/webhooks/{part(webhook)}{rest}")
        found: dict[str, Any] = self.call("POST", path, {"id": new_id(), **body})
        return found


def verify_webhook(
    secret: str | Iterable[str], header: str, body: bytes, *, tolerance: timedelta = TOLERANCE, now: float | None = None
) -> dict[str, Any]:
    """Return the event of a delivery, once its signature and its time are right.

    Parameters
    ----------
    secret
        The webhook's secret; while you change it, the old and the new one.
    header
        What came as `Goldseam-Signature`.
    body
        The bytes that came, before anybody parsed them.
    tolerance
        How old or early a delivery may be: an older one may be a replay.
    now
        Seconds since 1970; the machine's clock by default.

    Raises
    ------
    Tampered
        If the signature is of another secret, another body or another time, or the delivery is too old.

    Examples
    --------
    >>> verify_webhook("gsw_x", "t=0,v1=00", b"{}", now=0)
    Traceback (most recent call last):
    goldseam.vocab.errors.Tampered: The delivery is not signed with this secret.
    """
    seconds, given = _parts(header)
    signed = f"{seconds}.".encode() + body
    secrets = (secret,) if isinstance(secret, str) else tuple(secret)
    made = [hmac.new(one.encode(), signed, hashlib.sha256).hexdigest() for one in secrets]
    if not any(
        hmac.compare_digest(ours.encode(), theirs.encode("utf-8", "replace")) for ours in made for theirs in given
    ):
        raise Tampered("The delivery is not signed with this secret.")
    if abs((time.time() if now is None else now) - seconds) > tolerance.total_seconds():
        raise Tampered("The delivery was signed too long ago, or by a clock that is wrong; it may be a replay.")
    event: dict[str, Any] = json.loads(body)
    return event


def _parts(header: str) -> tuple[int, list[str]]:
    pairs = [one.strip().partition("=") for one in header.split(",")[:16]]
    times = [
        value for name, _, value in pairs if name == "t" and value.isascii() and value.isdigit() and len(value) < 16
    ]
    if len(times) != 1:
        raise Tampered("The signature of the delivery has no time.")
    return int(times[0]), [value for name, _, value in pairs if name == "v1"]
