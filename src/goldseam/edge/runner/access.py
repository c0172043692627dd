"""Access: permits remembered as long as nobody's rights and no project's rules have changed.

In: a session's or a token's secret, a project, an act. Out: a `Permit`, found once and then known. Never: a permit that
outlives the right: every use asks the store for its access stamp, which any such change moves in the same transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from goldseam.edge import keys
from goldseam.edge.runner import people
from goldseam.edge.runner.people import Permit, Principal
from goldseam.edge.runner.world import World
from goldseam.vocab.errors import NotAllowed
from goldseam.vocab.people import Act

KEPT = 20_000
"""Permits remembered at most; then all are forgotten, as the next call finds each again."""


@dataclass(frozen=True, slots=True)
class Credential:
    """What a call proves itself by: an API token, or the secret of a session."""

    secret: str
    is_token: bool


@dataclass(frozen=True, slots=True)
class _Known:
    stamp: int
    permit: Permit
    until: datetime | None

    def is_fit(self, act: Act, now: datetime) -> bool:
        """Return whether it is not over, and includes the act."""
        try:
            people.check_act(self.permit.role, self.permit.principal, act)
        except NotAllowed:
            return False
        return self.until is None or self.until > now


@dataclass(slots=True)
class Access:
    """The permits of one server process."""

    world: World
    _known: dict[tuple[str, bool, str], _Known] = field(default_factory=dict)

    def believed(self, credential: Credential, project: str, act: Act) -> tuple[Permit, int | None] | None:
        """Return a permit that holds if the access stamp is the one given with it, without asking the store.

        No stamp says that it was asked for just now: where that takes no wait. None says: ask `permit`.
        """
        if self.world.store.stamps_at_once:
            permit = self._recall(credential, project, act)
            return None if permit is None else (permit, None)
        found = self._known.get(_key(credential, project))
        if found is None or not found.is_fit(act, self.world.clock.now()):
            return None
        return found.permit, found.stamp

    def known(self, credential: Credential, project: str, act: Act) -> Permit | None:
        """Return the permit if it is known without waiting; None says: ask `permit`, which may wait."""
        return self._recall(credential, project, act) if self.world.store.stamps_at_once else None

    def permit(self, credential: Credential, project: str, act: Act) -> Permit:
        """Return the permit for an act in a project.

        Raises
        ------
        NotSignedIn
            If the credential is unknown or has ended.
        NotFound
            If there is no such project or the person has no role in it: the same answer for both.
        NotAllowed
            If the role, or the token, does not include the act.
        """
        remembered = self._recall(credential, project, act)
        if remembered is not None:
            return remembered
        stamp = self.world.store.stamp()  # before the rights are read: a change in between makes this one stale at once
        principal = self.principal(credential)
        permit = people.permit(self.world, principal, project, act)
        if len(self._known) >= KEPT:
            self._known.clear()
        self._known[_key(credential, project)] = _Known(stamp, permit, principal.until)
        return permit

    def principal(self, credential: Credential) -> Principal:
        """Return who calls; raises `NotSignedIn`."""
        found = people.by_token if credential.is_token else people.by_session
        return found(self.world, credential.secret)

    def _recall(self, credential: Credential, project: str, act: Act) -> Permit | None:
        found = self._known.get(_key(credential, project))
        if found is None or found.stamp != self.world.store.stamp():
            return None
        if found.until is not None and found.until <= self.world.clock.now():
            return None
        people.check_act(found.permit.role, found.permit.principal, act)
        return found.permit


def _key(credential: Credential, project: str) -> tuple[str, bool, str]:
    return keys.token_hash(credential.secret), credential.is_token, project
