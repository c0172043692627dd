"""Repeats: an act on people, tokens or invitations is done once under the id that the client made for it.

In: an id, who asks, what is asked. Out: nothing if it is new, or the act as it was done. Never: the same id for something else.

A secret is shown once and only its hash is kept, so a repeat cannot show it again. Whoever repeats did not see it: within a
quarter of an hour a repeat makes another secret, and the first one opens nothing from then on.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from goldseam.edge.store import access as rows
from goldseam.edge.store.access import Done
from goldseam.edge.store.tx import Tx
from goldseam.vocab.errors import Conflict
from goldseam.vocab.items import ProjectId

AGAIN = timedelta(minutes=15)
"""How long a repeat is taken for one of a reply that was lost."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked under an id: by whom, in which project."""

    id: str
    project: ProjectId
    actor: str
    request: str


def asked(act: str, project: ProjectId, actor: str, *what: object) -> Asked:
    """Return what is asked; `what` are the plain values of the request."""
    request = hashlib.sha256(json.dumps(what, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()
    return Asked(act, project, actor, request)


def before(tx: Tx, ask: Asked) -> Done | None:
    """Return the act if it was done before; calls under one id wait for each other from here on.

    Raises
    ------
    Conflict
        If the id was used for something else.
    """
    rows.one_at_a_time(tx, ask.id)
    found = rows.done(tx, ask.id)
    if found is not None and (found.project, found.actor, found.request) != (ask.project, ask.actor, ask.request):
        raise Conflict("This id was used before for something else; make a fresh one.", id=ask.id)
    return found


def note(tx: Tx, ask: Asked, about: str, now: datetime, made: str | None = None) -> None:
    """Note an act as done; `made` is the hash of the secret that is shown for it."""
    rows.note(tx, ask.id, Done(ask.project, ask.actor, ask.request, about, made, now))


def fresh(done: Done, now: datetime) -> bool:
    """Return whether a repeat may make another secret."""
    return done.made is not None and now < done.at + AGAIN
