"""Single sign-on: a person proves who they are to a provider that the operator trusts, and comes back with a session.

In: what a browser and the provider bring. Out: an address to go to; a session. Never: an account that an address alone leads into
(unless the settings say so), a sign-on finished in another browser than the one that began it, or twice.

The browser keeps one secret in a cookie for the way there and back. Nonce and code verifier are made of it and of `state`, so
that the database, which has hashes of both, holds nothing that would finish a sign-on.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from goldseam.edge import keys, reach
from goldseam.edge.runner import limits, oidc_settings, people
from goldseam.edge.runner.oidc_claims import Asked, Identity, Trouble, identity, local_path, trouble
from goldseam.edge.runner.oidc_entry import enter, forget
from goldseam.edge.runner.oidc_provider import Provider
from goldseam.edge.runner.oidc_settings import SignOnSettings
from goldseam.edge.runner.passwords import check_session
from goldseam.edge.runner.people import Principal, Session
from goldseam.edge.runner.world import World
from goldseam.edge.store import oidc as rows
from goldseam.edge.store import people as people_rows
from goldseam.edge.store.oidc import SignOn
from goldseam.edge.store.tx import Tx
from goldseam.vocab.errors import NotAllowed, NotFound, NotSignedIn
from goldseam.vocab.people import AnnotatorId

BACK: Final = timedelta(minutes=10)
"""How long somebody may take at the provider."""
FRESH: Final = timedelta(minutes=15)
"""How old a session may be that links its account to an identity."""
MARK: Final = "sso."
"""What the secret of such a session begins with, so that signing out offers to sign out of the provider too."""
PER_SECOND: Final = 2.0
AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Begun:
    """Where to send the browser, and the secret that it keeps until it comes back."""

    address: str
    secret: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Came:
    """What a browser brings back from the provider."""

    secret: str
    state: str
    code: str = ""
    issuer: str | None = None
    error: str = ""


@dataclass(slots=True)
class Gate:
    """The way in through the provider, as one server process knows it."""

    world: World
    settings: SignOnSettings | None
    begins: limits.Calls = field(default_factory=lambda: limits.Calls(PER_SECOND, AT_ONCE))
    _provider: Provider | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def provider(self) -> Provider:
        """Return the provider; raises `NotFound` where there is none, `MissingExtra` without its package."""
        if self.settings is None:
            raise NotFound("This server has no single sign-on.")
        with self._lock:
            if self._provider is None:
                self._provider = Provider(self.settings, reach.from_setting())
            return self._provider


def open_gate(world: World) -> Gate:
    """Return the way in that this home's settings open; raises `BadSetting`."""
    return Gate(world, oidc_settings.read(world.home))


def begin(
    gate: Gate,
    back: str,
    path: str | None,
    *,
    invitation: str | None = None,
    session: str | None = None,
    link: AnnotatorId | None = None,
) -> Begun:
    """Begin a sign-on.

    Parameters
    ----------
    back
        The address of this server's own route to which the provider sends the browser back.
    path
        Where to go on to afterwards, if it is a path of this server.
    invitation
        The secret of a link that the newcomer holds.
    session
        The secret of the session that the browser has; it ends when the sign-on is done.
    link
        Whose account is to be linked.

    Raises
    ------
    NotFound
        If no provider is set.
    NotSignedIn
        If the provider cannot be asked.
    """
    provider, now = gate.provider(), gate.world.clock.now()
    state, secret = keys.new_token(), keys.new_token()
    challenge = hashlib.sha256(_made_of("verifier", secret, state).encode()).digest()
    address = provider.begin(
        now, state=state, nonce=_made_of("nonce", secret, state), challenge=_text(challenge), back=back
    )
    made = SignOn(
        state=keys.token_hash(state),
        browser=keys.token_hash(secret),
        path=local_path(path),
        invitation=None if invitation is None else keys.token_hash(invitation),
        annotator=link,
        session=None if session is None else keys.token_hash(session),
        at=now,
        expires_at=now + BACK,
    )
    gate.world.store.write(lambda tx: rows.begin(tx, made))
    return Begun(address, secret, made.expires_at)


def begin_link(gate: Gate, principal: Principal, back: str, path: str | None, session: str) -> Begun:
    """Begin to link the caller's own account to an identity of theirs.

    Raises
    ------
    NotAllowed
        For an API token, or a session that is older than a quarter of an hour: what was left open is no proof of who is there.
    """
    check_session(principal)
    since = gate.world.store.read(lambda tx: rows.began(tx, keys.token_hash(session)))
    if since is None or since < gate.world.clock.now() - FRESH:
        raise NotAllowed("Sign out, sign in again, and link the account then: your session is older than 15 minutes.")
    return begin(gate, back, path, session=session, link=principal.annotator)


def finish(gate: Gate, came: Came, back: str) -> tuple[Session, str]:
    """Return a new session, and the path to go on to.

    Raises
    ------
    NotSignedIn
        If anything does not fit; `fields["trouble"]` says which of a few kinds. Such a try is not counted: nobody guesses 256
        bits, and a page elsewhere could send a browser here often enough to lock its whole house out.
    """
    provider, world = gate.provider(), gate.world
    now = world.clock.now()
    state, browser = keys.token_hash(came.state), keys.token_hash(came.secret)
    begun = world.store.write(lambda tx: rows.take(tx, state, browser, now))
    if begun is None:
        raise trouble(Trouble.EXPIRED, "The sign-on was not begun in this browser, took too long, or was finished.")
    who = _identity(provider, came, back, now)
    fresh = keys.hash_password(keys.new_token()) if _is_new(world, who) else ""
    entered = world.store.write(lambda tx: enter(tx, provider.settings, begun, who, fresh, now))
    account = world.store.read(lambda tx: people_rows.account_of(tx, entered.id))
    session = people.new_session(world, entered, account.login if account else "", MARK)
    if begun.session is not None:
        ended = begun.session
        world.store.write(lambda tx: people_rows.end_session(tx, ended))
    return session, begun.path


def _identity(provider: Provider, came: Came, back: str, now: datetime) -> Identity:
    settings = provider.settings
    if came.issuer != settings.issuer and (came.issuer is not None or provider.published(now).names_itself):
        raise trouble(Trouble.PROVIDER, "The browser came back from another issuer than it was sent to.")
    if came.error or not came.code:
        raise trouble(Trouble.DECLINED, "The provider sent the browser back without a code.")
    token = provider.exchange(now, code=came.code, verifier=_made_of("verifier", came.secret, came.state), back=back)
    asked = Asked(settings.issuer, settings.client_id, _made_of("nonce", came.secret, came.state))
    return identity(provider.claims(token, now), asked, settings.groups_claim, now)


def _is_new(world: World, who: Identity) -> bool:
    return world.store.read(lambda tx: rows.whose(tx, who.hash)) is None


def is_ours(secret: str) -> bool:
    """Return whether a session came about by single sign-on."""
    return secret.startswith(MARK)


def end(gate: Gate, back: str) -> str | None:
    """Return the address at which somebody signs out of the provider too; None if it has none, or cannot be asked."""
    try:
        return gate.provider().end(gate.world.clock.now(), back)
    except NotSignedIn:
        return None


def unlink(world: World, actor: str, login: str) -> int:
    """Forget every identity of an account, and return how many there were; raises `NotFound` for an unknown login."""
    now = world.clock.now()

    def save(tx: Tx) -> int:
        account = people_rows.account(tx, login.strip().lower())
        if account is None:
            raise NotFound(f"Nobody has the login {login!r}.", login=login)
        return forget(tx, actor, account.annotator.id, now)

    return world.store.write(save)


def _made_of(what: str, secret: str, state: str) -> str:
    """Return a value that only who has the browser's secret can make, as 43 letters that fit a URL."""
    return _text(hmac.digest(secret.encode(), f"goldseam.{what}.v1\n{state}".encode(), "sha256"))


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
