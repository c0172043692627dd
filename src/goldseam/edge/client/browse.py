"""The calls that look through a project's items: lists, counts, facets, and the stream of all answers.

In: conditions as people write them. Out: replies as plain values, page after page as they are asked for. Never: a project held in
memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from goldseam.edge.client.connection import Connection, at, refusal


class Browsing(Connection):
    """Lists of items, for those who may measure."""

    def items(
        self, project: str, where: Sequence[str] = (), *, search: str = "", order: str = "position", limit: int = 100
    ) -> Iterator[dict[str, Any]]:
        """Yield the items of which all conditions hold, such as `label=pos`, `state=open`, `confidence=..0.6`, `meta.site=web`.

        `order` is `position`, `confidence` or `-confidence`; `limit` is how many travel at a time.
        """
        after: str | None = None
        while True:
            page = self.item_page(project, where, search=search, order=order, after=after, limit=limit)
            yield from page["items"]
            after = page["next"]
            if after is None:
                return

    def item_page(
        self, project: str, where: Sequence[str] = (), *, search: str = "", order: str = "position",
        after: str | None = None, limit: int = 50,
    ) -> dict[str, Any]:  # fmt: skip
        """Return one page: `items`, and `next`, after which the next one begins; a page may come short."""
        asked = {"where": list(where), "search": search, "order": order, "limit": limit}
        query = urlencode(asked | ({} if after is None else {"after": after}), doseq=True)
        found: dict[str, Any] = self.call("GET", at(project, f"/items/list?{query}"))
        return found

    def count_items(self, project: str, where: Sequence[str] = (), *, search: str = "") -> tuple[int, bool]:
        """Return how many items these are, and whether that is exact or only how far counting went."""
        query = urlencode({"where": list(where), "search": search}, doseq=True)
        found = self.call("GET", at(project, f"/items/count?{query}"))
        return int(found["n"]), bool(found["exact"])

    def facets(self, project: str) -> dict[str, Any]:
        """Return how many items stand where, and when that was counted."""
        found: dict[str, Any] = self.call("GET", at(project, "/items/facets"))
        return found

    def item_map(self, project: str) -> dict[str, Any]:
        """Return the newest map: `points` as columns, and `at`; that is None, and `how` says what to do, if none was made."""
        found: dict[str, Any] = self.call("GET", at(project, "/map"))
        return found

    def annotations(self, project: str) -> Iterator[dict[str, Any]]:
        """Yield every answer that stands, item by item, as the server sends them."""
        return self._rows(at(project, "/annotations?form=jsonl"))

    def release_labels(self, project: str, number: int) -> Iterator[dict[str, Any]]:
        """Yield the rows of a release's labels, as the server sends them."""
        return self._rows(at(project, f"/releases/{number}/labels?form=jsonl"))

    def _rows(self, address: str) -> Iterator[dict[str, Any]]:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        with self._http.stream("GET", address, headers=headers) as reply:
            if reply.status_code >= 400:
                reply.read()
                raise refusal(reply.json().get("error"), reply.status_code)
            for line in reply.iter_lines():
                yield json.loads(line)
