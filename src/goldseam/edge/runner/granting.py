"""Granting: the one place where a role is given or taken, whoever decided it, from wherever they call.

In: a transaction, who, which role. Out: the role, kept. Never: a project left without an owner, on any path.
"""

from __future__ import annotations

from datetime import datetime

from goldseam.edge.runner.log import record
from goldseam.edge.store import access as rows
from goldseam.edge.store import people as people_rows
from goldseam.edge.store.tx import Tx
from goldseam.ledger.entries import EntryKind
from goldseam.vocab.errors import Conflict
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import AnnotatorId, Role


def give_role(tx: Tx, project: ProjectId, who: AnnotatorId, role: Role | None, now: datetime) -> None:
    """Give somebody this role instead of any other, or none.

    Raises
    ------
    Conflict
        If the project would be left without an owner.
    """
    if is_last_owner(tx, project, who) and role is not Role.OWNER:
        raise Conflict("A project has at least one owner; make somebody else owner first.")
    people_rows.set_role(tx, project, who, role, now)


def is_last_owner(tx: Tx, project: ProjectId, who: AnnotatorId) -> bool:
    """Return whether somebody is a project's one owner; nobody else changes that before the transaction ends."""
    return rows.owners(tx, project) == (who,)


def end_tokens(tx: Tx, project: ProjectId, who: AnnotatorId, actor: str, now: datetime) -> None:
    """End every token of a person for a project."""
    for token in people_rows.tokens(tx, who):
        if token.project == project and token.revoked_at is None:
            people_rows.revoke_token(tx, token.id, now)
            record(tx, project, EntryKind.TOKEN_REVOKED, now, actor=actor, about=token.id)
