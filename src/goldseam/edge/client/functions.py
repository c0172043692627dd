"""The calls about labeling functions, and about how far suggestions sway people.

In: a project's id, a function's name, a label. Out: plain values as the server sends them. Never: a call that acts twice.
"""

from __future__ import annotations

from typing import Any, Literal

from goldseam.edge.client.connection import Connection, at, new_id, part


class Guarding(Connection):
    """Looking at labeling functions, and at whether suggestions are waved through."""

    def functions(self, project: str) -> dict[str, Any] | None:
        """Return the analysis of the functions that were applied last; None before the first."""
        found: dict[str, Any] | None = self.call("GET", at(project, "/functions"))
        return found

    def function_doubts(self, project: str, name: str) -> list[dict[str, Any]]:
        """Return items on which a function is wrong by gold, or says otherwise than all functions together."""
        found: list[dict[str, Any]] = self.call("GET", at(project, f"/functions/{part(name)}"))
        return found

    def anchoring(self, project: str) -> dict[str, Any] | None:
        """Return how far wrong suggestions pull people, as measured last; None before the first measurement."""
        found: dict[str, Any] | None = self.call("GET", at(project, "/anchoring"))
        return found

    def switch_label(self, project: str, label: str, state: Literal["on", "off"], reason: str) -> None:
        """Let a label be suggested again, or no more."""
        body = {"id": new_id(), "label": label, "state": state, "reason": reason}
        self.call("POST", at(project, "/anchoring/labels"), body)
