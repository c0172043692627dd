"""People: whoever answers, and what each may do in a project.

In: plain values. Out: `Annotator`, `Role`, `Act` and the one table that says which role may do what.
Never: a password, a session, a decision about one particular call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import NewType

from goldseam.vocab.errors import BadValue, nearest

AnnotatorId = NewType("AnnotatorId", str)


class AnnotatorKind(StrEnum):
    """Whoever answers is one of these; their votes are the same thing."""

    PERSON = "person"
    MODEL = "model"
    FUNCTION = "function"


@dataclass(frozen=True, slots=True)
class Annotator:
    """Whoever answers: a person, a model or a labeling function."""

    id: AnnotatorId
    name: str
    kind: AnnotatorKind = AnnotatorKind.PERSON


class Role(StrEnum):
    """What a person is in a project."""

    OWNER = "owner"
    MANAGER = "manager"
    REVIEWER = "reviewer"
    ANNOTATOR = "annotator"
    AUDITOR = "auditor"
    SERVICE = "service"


class Act(StrEnum):
    """What a call does; every route names one."""

    VIEW = "view"
    ANNOTATE = "annotate"
    CLAIM = "claim"
    CAPTURE = "capture"
    ADJUDICATE = "adjudicate"
    MEASURE = "measure"
    MANAGE = "manage"
    GOVERN = "govern"


ALLOWED: Mapping[Role, frozenset[Act]] = MappingProxyType(
    {
        Role.OWNER: frozenset(Act),
        Role.MANAGER: frozenset(Act) - {Act.GOVERN, Act.CLAIM},
        Role.REVIEWER: frozenset({Act.VIEW, Act.ANNOTATE, Act.ADJUDICATE}),
        Role.ANNOTATOR: frozenset({Act.VIEW, Act.ANNOTATE}),
        Role.AUDITOR: frozenset({Act.VIEW, Act.MEASURE}),
        Role.SERVICE: frozenset({Act.VIEW, Act.ANNOTATE, Act.CLAIM, Act.CAPTURE}),
    }
)
"""Which role may do what. `view`: the project's name, schema and guideline. `annotate`: lease, answer, undo, own history.
`claim`: lease an item by its id (replays and services). `capture`: tell what a model
does in production. `adjudicate`: see all votes of an escalated item and rule.
`measure`: agreement, gold accuracy, releases, the ledger. `manage`: people, sources, gold, rounds. `govern`: schema, roles of
managers, release keys."""


def may(role: Role | None, act: Act) -> bool:
    """Return whether a person of this role may do this; no role may do nothing."""
    return role is not None and act in ALLOWED[role]


def role_named(text: str) -> Role | None:
    """Return the role of this name; None for `none`.

    Raises
    ------
    BadValue
        If there is no such role; the message names the nearest.
    """
    if text == "none":
        return None
    names = [role.value for role in Role]
    if text not in names:
        raise BadValue(f"There is no role {text!r}.{nearest(text, [*names, 'none'])}", role=text)
    return Role(text)
