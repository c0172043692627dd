"""The provider: its addresses and keys as it publishes them, and the exchange of a code for an id token.

In: settings, a reach, the time. Out: addresses to send a browser to; claims whose signature was checked. Never: a document of
another issuer, a key asked for again and again because somebody sends made-up tokens, or a secret in a log.
"""

from __future__ import annotations

import json
import threading
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from types import ModuleType
from typing import Final, Generic, TypeVar
from urllib.parse import quote_plus, urlencode, urlsplit

from goldseam.edge.reach import Reach
from goldseam.edge.runner.oidc_claims import Trouble, trouble
from goldseam.edge.runner.oidc_settings import SignOnSettings
from goldseam.vocab.errors import AddressRefused, MissingExtra, Unreachable

T = TypeVar("T")
WELL_KNOWN: Final = "/.well-known/openid-configuration"
DOCUMENT_KEPT: Final = timedelta(hours=1)
KEYS_KEPT: Final = timedelta(minutes=10)
KEYS_AGAIN: Final = timedelta(seconds=20)
"""A key that is not known is looked for anew, but not more often than this."""
SECONDS: Final = 6.0
AT_ONCE: Final = 8
"""Threads that may wait for the provider: a slow one never takes all that this server has."""


@dataclass(frozen=True, slots=True)
class Published:
    """What the provider says about itself (OpenID Connect Discovery 1.0)."""

    authorization: str
    token: str
    keys: str
    end: str | None
    names_itself: bool
    by_post: bool


@dataclass(frozen=True, slots=True)
class _Kept(Generic[T]):
    value: T
    at: datetime


class Provider:
    """One provider, as one server process knows it."""

    def __init__(self, settings: SignOnSettings, reach: Reach) -> None:
        self.settings = settings
        self._reach = reach
        self._lock = threading.Lock()
        self._waiting = threading.BoundedSemaphore(AT_ONCE)
        self._published: _Kept[Published] | None = None
        self._keys: _Kept[Sequence[object]] | None = None
        self._asked_again: datetime | None = None
        self._tokens = _tokens()

    def published(self, now: datetime) -> Published:
        """Return what the provider says about itself, at most an hour old; raises `NotSignedIn`."""
        kept = self._published
        if kept is None or not timedelta(0) <= now - kept.at < DOCUMENT_KEPT:
            found = self._ask("GET", self.settings.issuer.rstrip("/") + WELL_KNOWN)
            kept = self._published = _Kept(_published(found, self.settings.issuer), now)
        return kept.value

    def begin(self, now: datetime, *, state: str, nonce: str, challenge: str, back: str) -> str:
        """Return the address at which somebody signs in; raises `NotSignedIn`."""
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": back,
            "scope": self.settings.scopes,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return _with_query(self.published(now).authorization, asked)

    def end(self, now: datetime, back: str) -> str | None:
        """Return the address at which somebody signs out of the provider too, if it has one."""
        address = self.published(now).end
        asked = {"client_id": self.settings.client_id, "post_logout_redirect_uri": back}
        return None if address is None else _with_query(address, asked)

    def exchange(self, now: datetime, *, code: str, verifier: str, back: str) -> str:
        """Return the id token that the provider gives for a code, once; raises `NotSignedIn`."""
        published = self.published(now)
        sent = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        client, secret = self.settings.client_id, self.settings.secret
        if secret and not published.by_post:
            pair = f"{quote_plus(client)}:{quote_plus(secret)}"
            headers["authorization"] = "Basic " + b64encode(pair.encode()).decode()
        else:
            sent |= {"client_id": client} | ({"client_secret": secret} if secret else {})
        found = self._ask("POST", published.token, urlencode(sent).encode(), headers)
        token = found.get("id_token")
        if not isinstance(token, str):
            raise trouble(Trouble.PROVIDER, "The provider gave no id token for the code.")
        return token

    def claims(self, token: str, now: datetime) -> Mapping[str, object]:
        """Return what an id token says, if one of the provider's keys signed it; raises `NotSignedIn`."""
        algorithm, kid = self._tokens.header(token)
        key = self._tokens.fitting(self._key_set(now), algorithm, kid)
        if key is None:
            key = self._tokens.fitting(self._newer_key_set(now), algorithm, kid)
        if key is None:
            raise trouble(Trouble.PROVIDER, "The provider's id token names a key that the provider does not have.")
        found: Mapping[str, object] = self._tokens.claims(token, key, algorithm)
        return found

    def _key_set(self, now: datetime) -> Sequence[object]:
        with self._lock:
            kept = self._keys
            if kept is None or not timedelta(0) <= now - kept.at < KEYS_KEPT:
                kept = self._keys = self._fetched_keys(now)
            return kept.value

    def _newer_key_set(self, now: datetime) -> Sequence[object]:
        """Return the keys as they are this moment, for a key that is not known: the provider may have changed them."""
        with self._lock:
            kept = self._keys
            if kept is None or self._asked_again is None or not timedelta(0) <= now - self._asked_again < KEYS_AGAIN:
                self._asked_again = now
                kept = self._keys = self._fetched_keys(now)
            return kept.value

    def _fetched_keys(self, now: datetime) -> _Kept[Sequence[object]]:
        found = self._ask("GET", self.published(now).keys).get("keys")
        if not isinstance(found, list):
            raise trouble(Trouble.PROVIDER, "The provider publishes no keys.")
        return _Kept(found, now)

    def _ask(
        self, method: str, url: str, content: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Mapping[str, object]:
        if not self._waiting.acquire(timeout=SECONDS):
            raise trouble(Trouble.PROVIDER, "The provider is slow, and too many sign-ons wait for it.")
        try:
            reply = self._reach.request(
                method, url, content=content, headers=headers or {}, timeout=SECONDS, redirects=0
            )
        except (AddressRefused, Unreachable) as error:
            raise trouble(Trouble.PROVIDER, f"The provider cannot be asked: {error.message}") from error
        finally:
            self._waiting.release()
        try:
            found = json.loads(reply.content)
        except (ValueError, RecursionError):
            found = None
        if reply.status != 200 or not isinstance(found, dict):
            raise trouble(Trouble.PROVIDER, f"The provider answered {method} {urlsplit(url).path} with {reply.status}.")
        return found


def _tokens() -> ModuleType:
    try:
        return import_module("goldseam.edge.runner.oidc_tokens")
    except ImportError:
        raise MissingExtra("Single sign-on needs one more package: pip install 'goldseam[oidc]'.") from None


def _published(found: Mapping[str, object], issuer: str) -> Published:
    if found.get("issuer") != issuer:
        raise trouble(Trouble.PROVIDER, "The provider's document is that of another issuer than the settings name.")
    methods = found.get("token_endpoint_auth_methods_supported")
    end = found.get("end_session_endpoint")
    return Published(
        authorization=_endpoint(found, "authorization_endpoint", issuer),
        token=_endpoint(found, "token_endpoint", issuer),
        keys=_endpoint(found, "jwks_uri", issuer),
        end=None if end is None else _endpoint(found, "end_session_endpoint", issuer),
        names_itself=found.get("authorization_response_iss_parameter_supported") is True,
        by_post=isinstance(methods, list) and "client_secret_basic" not in methods and "client_secret_post" in methods,
    )


def _endpoint(found: Mapping[str, object], name: str, issuer: str) -> str:
    """Return an address of the provider's document: over https, unless its issuer is not."""
    address = found.get(name)
    parts = urlsplit(address) if isinstance(address, str) else None
    if parts is None or not parts.hostname or parts.scheme not in {"https", urlsplit(issuer).scheme} or parts.fragment:
        raise trouble(Trouble.PROVIDER, f"The provider's document has no good {name!r}.")
    return str(address)


def _with_query(address: str, asked: Mapping[str, str]) -> str:
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(asked)}"
