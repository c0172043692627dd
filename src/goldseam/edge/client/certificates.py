"""The calls about models: what may be accepted of theirs unseen, by what proof; and which of them makes the suggestions.

In: a project's id, decisions. Out: the reply as records or plain values. Never: a call that does something twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from goldseam.edge.client.connection import Connection, at, new_id, part


@dataclass(frozen=True, slots=True)
class Certified:
    """What was proved of one group of suggestions: with chance 1 - `delta`, at most `error` of what `threshold` accepts is wrong.

    `state` is open, closed (spot checks broke the promise), replaced, or not opened; `reason` says what it rests on. Of `n` items
    looked at, `wrong` were; `accepted` is how many items it holds now. `fixed` and `checks` are as the server sent them.
    """

    group: str
    state: str
    threshold: float | None
    error: float
    delta: float
    n: int
    wrong: int
    accepted: int
    reason: str
    round: int
    fixed: dict[str, Any] | None
    checks: dict[str, Any] | None


class Certifying(Connection):
    """Looking at models and at what is accepted unseen, and deciding about a model."""

    def certificates(self, project: str) -> list[Certified]:
        """Return the certificates that matter; the role must include the act 'measure'."""
        found: list[dict[str, Any]] = self.call("GET", at(project, "/certificates"))
        return [Certified(**{name: one[name] for name in Certified.__slots__}) for one in found]

    def models(self, project: str) -> list[dict[str, Any]]:
        """Return the project's models, newest first."""
        found: list[dict[str, Any]] = self.call("GET", at(project, "/models"))
        return found

    def decide_model(self, project: str, model: str, decision: str) -> None:
        """Decide about a model of which a person is asked: 'promote' or 'keep'."""
        self.call("POST", at(project, f"/models/{part(model)}/decision"), {"id": new_id(), "decision": decision})
