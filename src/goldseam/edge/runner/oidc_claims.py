"""Claims: what a provider says about somebody, believed only where every part of it fits what was asked.

In: claims whose signature was checked, what was asked, the time. Out: an `Identity`, or the refusal. Never: an address that the
provider did not verify, or a role that a person gave, changed by a group.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from goldseam.vocab.errors import NotSignedIn
from goldseam.vocab.people import Role

LEEWAY: Final = timedelta(seconds=60)
OLDEST: Final = timedelta(minutes=15)
"""A token made longer ago was not made for this sign-on."""
MAX_SUBJECT: Final = 255
MAX_GROUPS: Final = 1_000


class Trouble(StrEnum):
    """Why a sign-on came to nothing, as the page is told; a closed set, so that no foreign words ever stand there."""

    EXPIRED = "expired"
    DECLINED = "declined"
    PROVIDER = "provider"
    UNKNOWN = "unknown"
    ADDRESS = "address"
    LINKED = "linked"
    CLOSED = "closed"
    INVITATION = "invitation"


def trouble(kind: Trouble, why: str) -> NotSignedIn:
    """Return the refusal; `why` is for the log and names nobody."""
    return NotSignedIn(why, trouble=kind.value)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a sign-on asked for."""

    issuer: str
    client_id: str
    nonce: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is at a provider. `email` is there only if the provider verified it."""

    issuer: str
    subject: str
    name: str
    email: str | None
    groups: frozenset[str]

    @property
    def hash(self) -> str:
        """What the store keeps of it."""
        told = f"goldseam.identity.v1\n{len(self.issuer)}\n{self.issuer}\n{self.subject}"
        return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def identity(claims: Mapping[str, object], asked: Asked, groups_claim: str, now: datetime) -> Identity:
    """Return who the claims are about (OpenID Connect Core 1.0, section 3.1.3.7).

    Raises
    ------
    NotSignedIn
        If they are from somebody else, for somebody else, from another time, or about nobody.
    """
    if claims.get("iss") != asked.issuer:
        raise _wrong("is from another issuer")
    _check_audience(claims, asked.client_id)
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), asked.nonce.encode()):
        raise _wrong("has another nonce than the one that was sent")
    _check_times(claims, now)
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 1 <= len(subject) <= MAX_SUBJECT:
        raise _wrong("names nobody")
    email, name = claims.get("email"), claims.get("name")
    verified = claims.get("email_verified") is True and isinstance(email, str) and "@" in email
    return Identity(
        issuer=asked.issuer,
        subject=subject,
        name=_printable(name) if isinstance(name, str) else "",
        email=str(email).strip().lower() if verified else None,
        groups=_groups(claims.get(groups_claim)),
    )


def _check_audience(claims: Mapping[str, object], client_id: str) -> None:
    audience = claims.get("aud")
    several = audience if isinstance(audience, list) else [audience]
    if client_id not in several:
        raise _wrong("is for another client")
    party = claims.get("azp")
    if (len(several) > 1 or party is not None) and party != client_id:
        raise _wrong("was given to another client")


def _check_times(claims: Mapping[str, object], now: datetime) -> None:
    if _time(claims, "exp") <= now - LEEWAY:
        raise _wrong("has expired")
    made = _time(claims, "iat")
    if made > now + LEEWAY or made < now - OLDEST:
        raise _wrong("was not made for this sign-on")
    if "nbf" in claims and _time(claims, "nbf") > now + LEEWAY:
        raise _wrong("is not valid yet")


def _time(claims: Mapping[str, object], name: str) -> datetime:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e11:
        raise _wrong(f"has no time under {name!r}")
    return datetime.fromtimestamp(value, UTC)


def _groups(value: object) -> frozenset[str]:
    several = [value] if isinstance(value, str) else value
    if not isinstance(several, list):
        return frozenset()
    return frozenset(one for one in several[:MAX_GROUPS] if isinstance(one, str))


def _printable(text: str) -> str:
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())[:200]


def _wrong(what: str) -> NotSignedIn:
    return trouble(Trouble.PROVIDER, f"The provider's id token {what}.")


def role_of_groups(groups: Iterable[str], roles: Mapping[str, Role]) -> Role | None:
    """Return the highest role that any of these groups gives."""
    given = {roles[name] for name in groups if name in roles}
    return next((role for role in Role if role in given), None)


def role_after(held: Role | None, from_groups: Role | None, wanted: Role | None) -> Role | None:
    """Return the role to hold after a sign-on: groups change what groups gave, and never what a person gave.

    Parameters
    ----------
    held
        The role now.
    from_groups
        The role that groups gave before.
    wanted
        The role that they give now.
    """
    if held is None or held is from_groups:
        return wanted
    return held


def local_path(text: str | None) -> str:
    """Return a path on this server to go on to; anything else leads to the first page."""
    if not text or not text.startswith("/") or text.startswith(("//", "/api/")) or len(text) > 500:
        return "/"
    if "\\" in text or "//" in text or any(not "!" <= one <= "~" for one in text):
        return "/"
    return text
