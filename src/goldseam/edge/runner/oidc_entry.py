"""Entry: whose account an identity leads into, and which roles its groups give there.

In: a transaction, an identity that was proved, what the sign-on was begun for. Out: the annotator. Never: an account found by an
address alone (unless the settings say so), or a role given without an entry in the log.
"""

from __future__ import annotations

from datetime import datetime

from goldseam.edge.runner import invitations
from goldseam.edge.runner.granting import end_tokens, give_role, is_last_owner
from goldseam.edge.runner.log import STORE_LOG, record
from goldseam.edge.runner.oidc_claims import Identity, Trouble, role_after, role_of_groups, trouble
from goldseam.edge.runner.oidc_settings import SignOnSettings
from goldseam.edge.runner.people import Principal, checked_login
from goldseam.edge.runner.roles import acts_now, givable
from goldseam.edge.store import invitations as invitation_rows
from goldseam.edge.store import oidc as rows
from goldseam.edge.store import people as people_rows
from goldseam.edge.store import projects as project_rows
from goldseam.edge.store.invitations import Invitation
from goldseam.edge.store.oidc import SignOn
from goldseam.edge.store.tx import Tx
from goldseam.ledger.entries import EntryKind
from goldseam.vocab.errors import BadValue, NotFound
from goldseam.vocab.people import Annotator, AnnotatorId, AnnotatorKind

GROUPS = "groups"
"""The actor of what the provider's groups changed: the settings gave it, no person did."""


def enter(
    tx: Tx, settings: SignOnSettings, begun: SignOn, who: Identity, password_hash: str, now: datetime
) -> Annotator:
    """Return whose account the identity leads into, linked or made if the sign-on was begun for that.

    Raises
    ------
    NotSignedIn
        If it leads into none, or into one that is closed; `fields["trouble"]` says which.
    """
    known = rows.whose(tx, who.hash)
    if begun.annotator is not None:
        entered = _linked(tx, begun, who, known, now)
    elif known is not None:
        entered = known
        _take_up(tx, begun, known, now)
    else:
        entered = _found_or_made(tx, settings, begun, who, password_hash, now)
    account = people_rows.account_of(tx, entered)
    if account is None or account.disabled:
        raise trouble(Trouble.CLOSED, "The account of this identity is closed.")
    _follow_groups(tx, settings, who, entered, now)
    return account.annotator


def _linked(tx: Tx, begun: SignOn, who: Identity, known: AnnotatorId | None, now: datetime) -> AnnotatorId:
    """Link the account of whoever was signed in when they began, and still is."""
    still = people_rows.session(tx, begun.session or "", now)
    if still is None or still[0].id != begun.annotator:
        raise trouble(Trouble.EXPIRED, "The session that began to link its account has ended.")
    mine = still[0].id
    if known is None:
        if rows.has_identity(tx, mine, who.issuer):
            raise trouble(Trouble.LINKED, "The account is linked to another identity of this issuer.")
        _link(tx, who, mine, now, "session")
    elif known != mine:
        raise trouble(Trouble.LINKED, "The identity is linked to another account.")
    return mine


def _found_or_made(
    tx: Tx, settings: SignOnSettings, begun: SignOn, who: Identity, password_hash: str, now: datetime
) -> AnnotatorId:
    taken = None if who.email is None else people_rows.account(tx, who.email)
    if taken is not None and settings.link_by_email and not rows.has_identity(tx, taken.annotator.id, who.issuer):
        _link(tx, who, taken.annotator.id, now, "address")
        _take_up(tx, begun, taken.annotator.id, now)
        return taken.annotator.id
    how = _admitted(tx, settings, begun, who, now)
    if taken is not None:
        raise trouble(Trouble.ADDRESS, "Another account has this address as its login; its person may link it.")
    login = _login(who)
    made = people_rows.add_annotator(tx, who.name or login, AnnotatorKind.PERSON, now)
    people_rows.add_account(tx, made.id, login, password_hash)
    record(tx, STORE_LOG, EntryKind.ACCOUNT_MADE, now, actor=made.id, about=made.id)
    _link(tx, who, made.id, now, how)
    _take_up(tx, begun, made.id, now)
    return made.id


def _admitted(tx: Tx, settings: SignOnSettings, begun: SignOn, who: Identity, now: datetime) -> str:
    """Return what lets somebody in who has no account: an open invitation, or a group that has a role."""
    if begun.invitation is not None:
        _open(tx, begun.invitation, now)
        return "invitation"
    if any(role_of_groups(who.groups, roles) for roles in settings.roles.values()):
        return GROUPS
    raise trouble(Trouble.UNKNOWN, "The identity has no account here, no invitation, and no group with a role.")


def _login(who: Identity) -> str:
    """Return the login of a new account: an address that the provider verified, or one that is nobody's name."""
    try:
        return checked_login(who.email) if who.email is not None else f"sso-{who.hash[:16]}"
    except BadValue:
        return f"sso-{who.hash[:16]}"


def _open(tx: Tx, digest: str, now: datetime) -> Invitation:
    found = invitation_rows.of_secret(tx, digest)
    if found is not None and found.open_at(now):
        maker = Principal(found.made_by, "")
        if givable(acts_now(tx, found.project, maker), found.role):
            return found
    raise trouble(Trouble.INVITATION, "The invitation was used, was revoked, or is too old.")


def _take_up(tx: Tx, begun: SignOn, who: AnnotatorId, now: datetime) -> None:
    """Take up the invitation that the sign-on was begun with, unless its person is in the project already."""
    if begun.invitation is None:
        return
    used = invitation_rows.of_secret(tx, begun.invitation)
    if used is not None and used.used_by == who:
        return
    found = _open(tx, begun.invitation, now)
    if people_rows.role(tx, found.project, who) is None:
        invitations.give(tx, found, who, now)


def _link(tx: Tx, who: Identity, annotator: AnnotatorId, now: datetime, how: str) -> None:
    rows.link(tx, who.hash, who.issuer, annotator, now)
    body = {"issuer": who.issuer, "by": how}
    record(tx, STORE_LOG, EntryKind.IDENTITY_LINKED, now, actor=annotator, about=annotator, body=body)


def _follow_groups(tx: Tx, settings: SignOnSettings, who: Identity, entered: AnnotatorId, now: datetime) -> None:
    for name, roles in sorted(settings.roles.items()):
        try:
            project = project_rows.by_name(tx, name).id
        except NotFound:
            continue  # the settings may name a project before it is there
        wanted = role_of_groups(who.groups, roles)
        held, before = people_rows.role(tx, project, entered), rows.group_role(tx, project, entered)
        role = role_after(held, before, wanted)
        if role is not held and is_last_owner(tx, project, entered):
            continue
        if role is not held:
            give_role(tx, project, entered, role, now)
            body = {"role": role.value if role else "none"}
            record(tx, project, EntryKind.ROLE_GRANTED, now, actor=GROUPS, about=entered, body=body)
            if role is None:
                end_tokens(tx, project, entered, GROUPS, now)
        given = wanted if held in {None, before} else None  # what a person gave since is theirs
        if given is not before:
            rows.set_group_role(tx, project, entered, given, now)


def forget(tx: Tx, actor: str, annotator: AnnotatorId, now: datetime) -> int:
    """Forget every identity of an account, and return how many there were."""
    n_forgotten = rows.unlink(tx, annotator)
    if n_forgotten:
        record(tx, STORE_LOG, EntryKind.IDENTITY_UNLINKED, now, actor=actor, about=annotator)
    return n_forgotten
