"""The calls about flags: reasons, flags, and what becomes of items that left the queue.

In: a project's id, reasons, notes. Out: the reply as plain values. Never: a call that does something twice when it is sent again.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from goldseam.edge.client.connection import Connection, at, new_id, part
from goldseam.edge.client.records import Offer
from goldseam.vocab.items import ItemId


class Flagging(Connection):
    """Saying that an item should go elsewhere, and deciding about it."""

    def reasons(self, project: str) -> list[dict[str, Any]]:
        """Return the reasons that the project has: name and title."""
        found: list[dict[str, Any]] = self.call("GET", at(project, "/reasons"))
        return found

    def flag(self, project: str, offer: Offer, reason: str, note: str = "") -> None:
        """Flag the item of an own assignment; it stays in hand, and can be answered or passed on as well."""
        body = {"id": new_id(), "reason": reason, "note": note}
        self.call("POST", at(project, f"/assignments/{part(offer.id)}/flag"), body)

    def flagged(self, project: str, *, state: str = "open", before: int | None = None) -> list[dict[str, Any]]:
        """Return items that left the queue by flags, newest first; the role must include the act 'manage'."""
        asked = {"state": state} | ({} if before is None else {"before": str(before)})
        found: list[dict[str, Any]] = self.call("GET", at(project, f"/flagged?{urlencode(asked)}"))
        return found

    def decide_flagged(self, project: str, item: ItemId, decision: str, note: str = "") -> None:
        """Decide about an item that left the queue: 'put_back', 'excluded' or 'to_expert'."""
        body = {"id": new_id(), "decision": decision, "note": note}
        self.call("POST", at(project, f"/flagged/{part(item)}/decision"), body)
