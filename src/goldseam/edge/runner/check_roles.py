"""Check of roles: whether everybody is in the project what the log says they were made.

In: a transaction, a project, its log entries. Out: findings. Never: a change; a role believed without its entry.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.store import people
from goldseam.edge.store.tx import Tx
from goldseam.ledger.entries import Entry
from goldseam.release.verify import Finding
from goldseam.vocab.people import Role

NO_ROLE = "none"


def all_of(
    tx: Tx, facts: ProjectFacts, applied: Sequence[Entry], granted: Sequence[Entry], *, is_whole: bool
) -> Iterator[Finding]:
    """Compare the roles that people have with the newest that the log gave them; who made the project owns it.

    `granted` stands in the order of the log. Before the log is whole, a role may be newer than its entry.
    """
    said: dict[str, str] = {entry.actor: Role.OWNER.value for entry in applied[:1]}
    for entry in granted:
        said[entry.object] = str(entry.body["role"])
    held: dict[str, str] = {member.id: role.value for member, role in people.members(tx, facts.id)}
    if not is_whole:
        return
    for who in sorted({*said, *held}):
        log, row = said.get(who, NO_ROLE), held.get(who, NO_ROLE)
        if log != row:
            yield Finding("roles", f"annotator {who}", f"has the role {row!r}; the log says {log!r}")
