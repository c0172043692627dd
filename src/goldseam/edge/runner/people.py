"""People: sign in, tokens, roles, and the question that every call asks: may this person do this here.

In: logins, secrets, an act. Out: `Principal`, `Session`, `Permit`. Never: a secret that is stored, or an answer that tells
an unknown login from a wrong password.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from goldseam.edge import keys
from goldseam.edge.runner import limits
from goldseam.edge.runner.granting import end_tokens, give_role
from goldseam.edge.runner.log import STORE_LOG, record
from goldseam.edge.runner.projects import ProjectFacts, facts
from goldseam.edge.runner.world import World
from goldseam.edge.store import people as people_rows
from goldseam.edge.store import projects as project_rows
from goldseam.edge.store.people import Account
from goldseam.edge.store.tx import Tx, new_id
from goldseam.ledger.entries import EntryKind
from goldseam.vocab.errors import BadValue, NotAllowed, NotFound, NotSignedIn, nearest
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import ALLOWED, Act, Annotator, AnnotatorId, AnnotatorKind, Role, may

SESSION = timedelta(days=14)
CODE = timedelta(minutes=30)
REPLAY = timedelta(days=1)
WRONG = "The login or the password is not right."


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls. `acts` and `project` are the limits of an API token, None is no limit; `until` is when either ends."""

    annotator: AnnotatorId
    name: str
    login: str = ""
    acts: frozenset[Act] | None = None
    project: ProjectId | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in: the secret that the cookie carries, until when, and whose it is."""

    secret: str
    expires_at: datetime
    principal: Principal


@dataclass(frozen=True, slots=True)
class Permit:
    """An act that was allowed: by whom, in which project, in which role."""

    project: ProjectFacts
    role: Role
    principal: Principal

    @property
    def annotator(self) -> AnnotatorId:
        """Whoever acts."""
        return self.principal.annotator


@dataclass(frozen=True, slots=True)
class Membership:
    """One project as its list shows it."""

    id: ProjectId
    name: str
    modality: str
    role: Role
    round: int
    n_items: int


def sign_in(world: World, login: str, password: str, address: str = "") -> Session:
    """Return a session for this login and password, tried from this address.

    Raises
    ------
    NotSignedIn
        With the same words, after the same work, for an unknown login and a wrong password.
    TooManyTries
        After many failed tries: the wait grows with each, see `limits`.
    """
    attempt = limits.begin(world, login, address)
    account = world.store.read(lambda tx: people_rows.account(tx, login))
    if not _matches(account, password):
        raise NotSignedIn(WRONG)
    assert account is not None  # noqa: S101 - no account matches no password
    limits.went_well(world, attempt)
    return new_session(world, account.annotator, account.login)


def _matches(account: Account | None, password: str) -> bool:
    with limits.hashing():
        if account is None or account.disabled:
            return keys.refuse_password(password)
        return keys.password_matches(account.password_hash, password)


def sign_in_by_code(world: World, code: str, address: str = "") -> Session:
    """Return a session for a one-time code that the terminal printed.

    Raises
    ------
    NotSignedIn
        If the code is unknown, used, or too old.
    TooManyTries
        After many wrong ones from this address.
    """
    attempt = limits.begin(world, "", address)
    now = world.clock.now()
    found = world.store.write(lambda tx: people_rows.use_sign_in_code(tx, keys.token_hash(code), now))
    if found is None:
        raise NotSignedIn("This sign-in link was used or is too old; ask the terminal for a new one.")
    limits.went_well(world, attempt)
    account = world.store.read(lambda tx: people_rows.account_of(tx, found.id))
    return new_session(world, found, account.login if account else "")


def new_session(world: World, annotator: Annotator, login: str, mark: str = "") -> Session:
    """Return a new session of somebody who has proved who they are; its secret begins with the mark."""
    now = world.clock.now()
    secret = mark + keys.new_token()
    expires_at = now + SESSION
    world.store.write(lambda tx: people_rows.add_session(tx, keys.token_hash(secret), annotator.id, now, expires_at))
    return Session(secret, expires_at, Principal(annotator.id, annotator.name, login))


def make_code(world: World, annotator: AnnotatorId) -> str:
    """Return a code that signs this person in once, within half an hour."""
    code = keys.new_token()
    expires_at = world.clock.now() + CODE
    world.store.write(lambda tx: people_rows.add_sign_in_code(tx, keys.token_hash(code), annotator, expires_at))
    return code


def sign_out(world: World, secret: str) -> None:
    """End a session; one that is not there is no error."""
    world.store.write(lambda tx: people_rows.end_session(tx, keys.token_hash(secret)))


def by_session(world: World, secret: str) -> Principal:
    """Return whose session this is.

    Raises
    ------
    NotSignedIn
        If it is unknown or has ended.
    """
    now = world.clock.now()

    def load(tx: Tx) -> Principal | None:
        found = people_rows.session(tx, keys.token_hash(secret), now)
        if found is None:
            return None
        annotator, until = found
        account = people_rows.account_of(tx, annotator.id)
        return Principal(annotator.id, annotator.name, account.login if account else "", until=until)

    principal = world.store.read(load)
    if principal is None:
        raise NotSignedIn("The session has ended; sign in again.")
    return principal


def by_token(world: World, token: str) -> Principal:
    """Return whose API token this is, with its limits.

    Raises
    ------
    NotSignedIn
        If it is unknown, revoked, or has expired.
    """
    now = world.clock.now()
    found = world.store.read(lambda tx: people_rows.token(tx, keys.token_hash(token), now))
    if found is None:
        raise NotSignedIn("The token is unknown, was revoked, or has expired.")
    return Principal(
        found.annotator.id, found.annotator.name, acts=found.acts, project=found.project, until=found.expires_at
    )


def permit(world: World, principal: Principal, project: str, act: Act) -> Permit:
    """Return the permit for an act in a project.

    Raises
    ------
    NotFound
        If there is no such project or the person has no role in it: the same answer for both.
    NotAllowed
        If the role, or the token, does not include the act.
    """
    wanted = ProjectId(project)

    def load(tx: Tx) -> tuple[Role | None, ProjectFacts | None]:
        role = people_rows.role(tx, wanted, principal.annotator)
        outside = principal.project is not None and principal.project != wanted
        return (None, None) if role is None or outside else (role, facts(tx, wanted))

    role, found = world.store.read(load)
    if role is None or found is None:
        raise NotFound("There is no such project, or you have no role in it.", project=project)
    check_act(role, principal, act)
    return Permit(found, role, principal)


def check_act(role: Role, principal: Principal, act: Act) -> None:
    """Refuse, with `NotAllowed`, an act that the role, or the token, does not include."""
    if not may(role, act) or (principal.acts is not None and act not in principal.acts):
        raise NotAllowed(f"The role {role.value!r} does not include {act.value!r} in this project.", act=act.value)


def memberships(world: World, principal: Principal) -> tuple[Membership, ...]:
    """Return the projects in which the person has a role; nothing of them is counted, so that no list waits for a big one."""

    def load(tx: Tx) -> tuple[Membership, ...]:
        return tuple(
            Membership(p.id, p.name, p.modality.value, role, p.round, p.n_items)
            for p, role in project_rows.of_annotator(tx, principal.annotator)
            if principal.project in {None, p.id}
        )

    return world.store.read(load)


def add_person(
    world: World, project: ProjectId, actor: str, login: str, role: Role, *, name: str = "", password: str | None = None
) -> tuple[Annotator, str | None]:
    """Add a person to a project, with an account if the login has none yet.

    This and `grant` ask for no role: whoever can open the project's folder holds its database and its key, and so governs it.
    The ledger names the account they work under as the actor. Calls over HTTP go by `roles`, which asks.

    Returns
    -------
    The annotator, and the password that was made up; None when the account was there or the password was given.
    """
    login = checked_login(login)
    made = None if password is not None else keys.new_password()
    digest = keys.hash_password(password if password is not None else str(made))
    now = world.clock.now()

    def save(tx: Tx) -> tuple[Annotator, bool]:
        account = people_rows.account(tx, login)
        if account is None:
            annotator = people_rows.add_annotator(tx, name or login, AnnotatorKind.PERSON, now)
            people_rows.add_account(tx, annotator.id, login, digest)
            record(tx, STORE_LOG, EntryKind.ACCOUNT_MADE, now, actor=actor, about=annotator.id)
        else:
            annotator = account.annotator
        give_role(tx, project, annotator.id, role, now)
        record(tx, project, EntryKind.ROLE_GRANTED, now, actor=actor, about=annotator.id, body={"role": role.value})
        return annotator, account is None

    annotator, is_new = world.store.write(save)
    return annotator, made if is_new else None


def checked_login(login: str) -> str:
    """Return a login as it is kept; raises `BadValue`."""
    login = login.strip().lower()
    if not 1 <= len(login) <= 100 or any(c.isspace() or not c.isprintable() for c in login):
        raise BadValue(f"A login has 1 to 100 characters without spaces; got {login!r}.", login=login)
    return login


def grant(world: World, project: ProjectId, actor: str, login: str, role: Role | None) -> None:
    """Give a person another role in the project, or none; then their tokens for it end too.

    Raises
    ------
    NotFound
        If nobody has this login.
    Conflict
        If the project would be left without an owner.
    """
    now = world.clock.now()

    def save(tx: Tx) -> None:
        account = people_rows.account(tx, login.strip().lower())
        if account is None:
            raise NotFound(f"Nobody has the login {login!r}; add them with: goldseam people add {login}", login=login)
        give_role(tx, project, account.annotator.id, role, now)
        body = {"role": role.value if role else "none"}
        record(tx, project, EntryKind.ROLE_GRANTED, now, actor=actor, about=account.annotator.id, body=body)
        if role is None:
            end_tokens(tx, project, account.annotator.id, actor, now)

    world.store.write(save)


def member(world: World, project: ProjectId, name: str) -> Annotator:
    """Return the member of a project by login or name.

    Raises
    ------
    NotFound
        If there is none; the message names the nearest.
    """

    def load(tx: Tx) -> Annotator:
        account = people_rows.account(tx, name.strip().lower())
        found = [annotator for annotator, _ in people_rows.members(tx, project)]
        for annotator in found:
            if annotator.name == name or (account is not None and account.annotator.id == annotator.id):
                return annotator
        hint = nearest(name, [annotator.name for annotator in found])
        raise NotFound(f"Nobody in this project is called {name!r}.{hint}", name=name)

    return world.store.read(load)


def members(world: World, project: ProjectId) -> tuple[tuple[Annotator, Role], ...]:
    """Return everybody in the project, with their roles."""
    return world.store.read(lambda tx: people_rows.members(tx, project))


def make_token(
    world: World, project: ProjectId, annotator: AnnotatorId, name: str, acts: frozenset[Act] | None, days: int | None
) -> str:
    """Return a new API token of this annotator, limited to the project and to acts its role includes."""
    token = keys.new_token()
    now = world.clock.now()
    expires_at = None if days is None else now + timedelta(days=days)

    def save(tx: Tx) -> None:
        role = people_rows.role(tx, project, annotator)
        if role is None:
            raise NotFound("Who has no role in the project gets no token for it.", annotator=annotator)
        granted = ALLOWED[role] if acts is None else acts & ALLOWED[role]
        token_id = people_rows.add_token(tx, keys.token_hash(token), annotator, name, project, granted, now, expires_at)
        body = {"token": token_id, "acts": sorted(act.value for act in granted)}
        record(tx, project, EntryKind.TOKEN_MADE, now, actor=annotator, about=annotator, body=body)

    world.store.write(save)
    return token


def add_local(world: World, login: str) -> AnnotatorId:
    """Return the annotator who works from the terminal, with an account whose password nobody knows yet."""
    now = world.clock.now()
    digest = keys.hash_password(keys.new_token())

    def save(tx: Tx) -> AnnotatorId:
        found = people_rows.account(tx, checked_login(login))
        if found is not None:
            return found.annotator.id
        made = people_rows.add_annotator(tx, login, AnnotatorKind.PERSON, now)
        people_rows.add_account(tx, made.id, checked_login(login), digest)
        record(tx, STORE_LOG, EntryKind.ACCOUNT_MADE, now, actor=made.id, about=made.id)
        return made.id

    return world.store.write(save)


def fresh_id(world: World) -> str:
    """Return a fresh UUIDv7."""
    return new_id(world.clock.now())


def add_recorded(
    world: World, project: ProjectId, actor: str, names: Sequence[str], acts: frozenset[Act]
) -> dict[str, str]:
    """Add annotators whose votes were recorded elsewhere, as services of a project, and return a token for each."""
    now = world.clock.now()
    tokens = {name: keys.new_token() for name in names}

    def save(tx: Tx) -> None:
        ids = [AnnotatorId(new_id(now)) for _ in names]
        people_rows.add_annotators(tx, ids, list(names), AnnotatorKind.PERSON, now)
        people_rows.set_roles(tx, project, ids, Role.SERVICE, now)
        for made, name in zip(ids, names, strict=True):
            digest = keys.token_hash(tokens[name])
            people_rows.add_token(tx, digest, made, "replay", project, acts & ALLOWED[Role.SERVICE], now, now + REPLAY)
            record(tx, project, EntryKind.ROLE_GRANTED, now, actor=actor, about=made, body={"role": "service"})

    world.store.write(save)
    return tokens


def new_password(world: World, project: ProjectId, login: str) -> str:
    """Give a member of the project a new password, end their sessions, and return it."""
    made = keys.new_password()
    digest = keys.hash_password(made)
    found = member(world, project, login)
    world.store.write(lambda tx: people_rows.set_password(tx, found.id, digest))
    return made
