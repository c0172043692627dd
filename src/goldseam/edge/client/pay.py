"""The calls of pay: rates, statements, what became of them, cost.

In: a project's id, amounts in minor units. Out: the reply as plain values. Never: a float of money.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from goldseam.edge.client.connection import Connection, at, new_id, part


class Paying(Connection):
    """What people earn."""

    def my_pay(self, project: str, *, before: int | None = None, limit: int = 50) -> dict[str, Any]:
        """Return what one earned: statements, newest first, and how many answers no statement has yet."""
        found: dict[str, Any] = self.call("GET", at(project, f"/pay/mine{_query(before=before, limit=limit)}"))
        return found

    def pay_rates(self, project: str) -> list[dict[str, Any]]:
        """Return every rate that was set, oldest first; the role must include 'manage'."""
        found: list[dict[str, Any]] = self.call("GET", at(project, "/pay/rates"))
        return found

    def set_pay_rate(
        self,
        project: str,
        per: str,
        amount: int,
        currency: str,
        since: datetime,
        *,
        tier: int | None = None,
        person: str | None = None,
    ) -> str:
        """Set a rate in minor units for each answer or hour, from a time on, and return its id."""
        made = new_id()
        body: dict[str, object] = {"id": made, "per": per, "amount": amount, "currency": currency}
        body |= {"since": since.isoformat(), "tier": tier, "person": person}
        self.call("POST", at(project, "/pay/rates"), body)
        return made

    def pay_statements(self, project: str, *, before: int | None = None, limit: int = 50) -> list[dict[str, Any]]:
        """Return everybody's statements, newest first."""
        path = at(project, f"/pay/statements{_query(before=before, limit=limit)}")
        found: list[dict[str, Any]] = self.call("GET", path)
        return found

    def state_pay(self, project: str, person: str, until: datetime) -> dict[str, Any]:
        """Make a statement of what somebody earned by answers before a time that no statement has yet."""
        body = {"id": new_id(), "person": person, "until": until.isoformat()}
        found: dict[str, Any] = self.call("POST", at(project, "/pay/statements"), body)
        return found

    def move_pay(self, project: str, statement: str, event: str, reason: str = "") -> None:
        """Let a statement be approved (`approve`), held (`hold`, with a reason) or paid (`pay`)."""
        body = {"id": new_id(), "event": event, "reason": reason}
        self.call("POST", at(project, f"/pay/statements/{part(statement)}/events"), body)

    def pay_cost(self, project: str) -> list[dict[str, Any]]:
        """Return what all statements come to, and for each settled label, by currency."""
        found: list[dict[str, Any]] = self.call("GET", at(project, "/pay/cost"))
        return found


def _query(**asked: object) -> str:
    return "?" + urlencode({name: value for name, value in asked.items() if value is not None})
