"""Wire types of people: members, tokens, invitations, passwords.

In: JSON. Out: records whose lengths are bounded; a key that is not known is refused. Never: a hash; a secret but in the one reply
that makes it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from goldseam.edge.server.wire import Opaque, Sent, Shown, Uuid7
from goldseam.vocab.people import Act, Role

RoleName = Literal["owner", "manager", "reviewer", "annotator", "auditor", "service"]
ActName = Literal["view", "annotate", "claim", "capture", "adjudicate", "measure", "manage", "govern"]
Login = Annotated[str, StringConstraints(min_length=1, max_length=100)]
PersonName = Annotated[str, StringConstraints(max_length=200)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=200)]
ROLES: dict[str, Role] = {role.value: role for role in Role}
ACTS: dict[str, Act] = {act.value: act for act in Act}


class PersonSent(Sent):
    """Somebody to be added; without an account under this login, one is made."""

    id: Uuid7
    login: Login
    role: RoleName
    name: PersonName = ""


class RoleSent(Sent):
    """Another role, or `none`."""

    id: Uuid7
    role: RoleName | Literal["none"]


class PersonShown(Shown):
    """A member of the project."""

    id: str
    name: str
    kind: str
    login: str | None
    role: str
    disabled: bool
    since: datetime


class PersonAdded(Shown):
    """A member, and the first password if an account was made; it is shown this once."""

    person: PersonShown
    password: str | None


class PeoplePage(Shown):
    """Members in the order of their ids; `after` asks for the next page, None was the last."""

    people: list[PersonShown]
    after: str | None


class TokenSent(Sent):
    """A token for the caller's own programs; without `acts`, for all that their role includes."""

    id: Uuid7
    project: Opaque
    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    acts: Annotated[list[ActName], Field(min_length=1, max_length=len(Act))] | None = None
    days: Annotated[int, Field(ge=1, le=366)] = 90


class TokenShown(Shown):
    """A token, without its secret."""

    id: str
    annotator: str
    name: str
    project: str | None
    acts: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class TokenAdded(Shown):
    """A new token; its secret is shown this once, or None when it is too late to show another."""

    token: TokenShown
    secret: str | None


class TokenPage(Shown):
    """Tokens in the order in which they were made; `after` asks for the next page."""

    tokens: list[TokenShown]
    after: str | None


class InvitationSent(Sent):
    """A link to be made."""

    id: Uuid7
    role: RoleName
    days: Annotated[int, Field(ge=1, le=30)] = 7


class InvitationShown(Shown):
    """An invitation, without its secret."""

    id: str
    role: str
    made_by: str
    at: datetime
    expires_at: datetime
    used_by: str | None
    used_at: datetime | None
    revoked_at: datetime | None


class InvitationAdded(Shown):
    """A new invitation; its secret is shown this once, or None when it is too late to show another."""

    invitation: InvitationShown
    secret: str | None


class InvitationPage(Shown):
    """Invitations in the order of their ids; `after` asks for the next page."""

    invitations: list[InvitationShown]
    after: str | None


class SecretSent(Sent):
    """The secret of an invitation, as the link holds it."""

    secret: Secret


class PromiseShown(Shown):
    """What an invitation gives to whoever takes it up."""

    project: str
    name: str
    role: str
    expires_at: datetime


class NewcomerSent(Sent):
    """A newcomer's choice of login and password, under the secret of an invitation."""

    secret: Secret
    login: Login
    password: Password
    name: PersonName = ""


class Joined(Shown):
    """The project that an invitation opened."""

    project: str


class PasswordSent(Sent):
    """The caller's old and new password."""

    old: Password
    new: Password
