"""Passwords: which are good enough, and how a person changes their own.

In: passwords as somebody types them. Out: hashes, or a refusal. Never: a password of somebody else's account changed here: an
account belongs to a person, not to the project whose manager added them.
"""

from __future__ import annotations

from goldseam.edge import keys
from goldseam.edge.runner import limits
from goldseam.edge.runner.log import STORE_LOG, record
from goldseam.edge.runner.people import WRONG, Principal
from goldseam.edge.runner.world import World
from goldseam.edge.store import people as people_rows
from goldseam.edge.store.tx import Tx
from goldseam.ledger.entries import EntryKind
from goldseam.vocab.errors import BadValue, NotAllowed, NotSignedIn

SHORTEST = 10
FEWEST = 5
"""Characters that differ."""


def checked(password: str, login: str) -> str:
    """Return a password that may be chosen for this login.

    Raises
    ------
    BadValue
        If it is too short, too plain, or is the login. The message never repeats it.
    """
    if len(password) < SHORTEST:
        raise BadValue(f"A password has at least {SHORTEST} characters.", path="password")
    if len(set(password)) < FEWEST or (login and login in password.lower() and len(password) < len(login) + SHORTEST):
        raise BadValue("This password is easy to guess: it repeats few characters, or the login.", path="password")
    return password


def hashed(password: str, login: str) -> str:
    """Return the hash of a password that may be chosen; raises `BadValue`."""
    chosen = checked(password, login)
    with limits.hashing():
        return keys.hash_password(chosen)


def change_own(world: World, principal: Principal, old: str, new: str, address: str = "") -> None:
    """Change the caller's password; every session of theirs ends.

    Raises
    ------
    NotAllowed
        For an API token: only who signed in changes a password.
    NotSignedIn
        If the old password is not right.
    """
    check_session(principal)
    digest = hashed(new, principal.login)
    attempt = limits.begin(world, principal.login, address)
    account = world.store.read(lambda tx: people_rows.account_of(tx, principal.annotator))
    with limits.hashing():
        right = account is not None and keys.password_matches(account.password_hash, old)
    if not right:
        raise NotSignedIn(WRONG)
    limits.went_well(world, attempt)
    now = world.clock.now()

    def save(tx: Tx) -> None:
        people_rows.set_password(tx, principal.annotator, digest)
        who = principal.annotator
        record(tx, STORE_LOG, EntryKind.PASSWORD_CHANGED, now, actor=who, about=who)

    world.store.write(save)


def check_session(principal: Principal) -> None:
    """Refuse, with `NotAllowed`, what only a person who signed in may do: a stolen token must not outlive its end."""
    if principal.acts is not None:
        raise NotAllowed("An API token cannot do this; sign in with a login and a password.")
