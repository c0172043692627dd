"""Wire types of single sign-on: whether there is a provider, and where a browser is to go.

In: JSON. Out: a provider's name, an address. Never: a client's secret, a state or a nonce beside the address that carries it.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from goldseam.edge.server.wire import Sent, Shown
from goldseam.edge.server.wire_people import Secret

PagePath = Annotated[str, StringConstraints(max_length=500)]


class SignOnSent(Sent):
    """Where to go on to afterwards, and the invitation that a newcomer holds."""

    path: PagePath = "/"
    invitation: Secret | None = None


class LinkSent(Sent):
    """Where to go on to afterwards."""

    path: PagePath = "/"


class SignOnShown(Shown):
    """The provider's name, None without one; `left`: a session by single sign-on has just ended in this browser."""

    name: str | None
    left: bool


class GoTo(Shown):
    """The address that the browser is to open."""

    address: str


class GoToMaybe(Shown):
    """The address that the browser may open, if there is one."""

    address: str | None
