"""The calls of sheets: items that the model calls the same, confirmed together.

In: a project's id, a label. Out: offers, receipts as plain values. Never: a call that does something twice when it is sent again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from goldseam.edge.client.annotate import offer_of
from goldseam.edge.client.connection import Connection, at, new_id, part
from goldseam.edge.client.records import Offer


@dataclass(frozen=True, slots=True)
class Sheet:
    """Items that the model calls the same; `after` is where to go on, None at the end. Without offers, `waiting` says why."""

    id: str
    label: str
    offers: tuple[Offer, ...]
    after: str | None
    waiting: str | None


class Confirming(Connection):
    """Confirming together what the model calls the same."""

    def lay_sheet(
        self,
        project: str,
        label: str | None = None,
        *,
        count: int = 24,
        after: str | None = None,
        holding: Sequence[str] | None = None,
    ) -> Sheet:
        """Lease up to 24 items of one label, the most doubtful first; answer them with `submit`, then close the sheet."""
        made = new_id()
        body: dict[str, object] = {"id": made, "label": label, "count": count, "after": after}
        body |= {} if holding is None else {"holding": list(holding)}
        reply = self.call("POST", at(project, "/sheets"), body)
        waiting = (reply["waiting"] or {}).get("text")
        return Sheet(
            made, reply["label"], tuple(offer_of(one) for one in reply["assignments"]), reply["after"], waiting
        )

    def close_sheet(self, project: str, sheet: str) -> dict[str, Any]:
        """End a sheet, and return its receipt."""
        found: dict[str, Any] = self.call("POST", at(project, f"/sheets/{part(sheet)}/close"), {"id": new_id()})
        return found

    def undo_sheet(self, project: str, sheet: str) -> dict[str, Any]:
        """Take back all that was confirmed of a sheet, and return its receipt."""
        found: dict[str, Any] = self.call("POST", at(project, f"/sheets/{part(sheet)}/undo"), {"id": new_id()})
        return found

    def sheets(self, project: str, limit: int = 20) -> dict[str, Any]:
        """Return one's own receipts, and for whoever may measure the precision of each label."""
        found: dict[str, Any] = self.call("GET", at(project, f"/sheets?limit={limit}"))
        return found
