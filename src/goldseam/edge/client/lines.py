"""The calls about the queue's lines: skills, batches given by hand, priorities, items asked about again, longer leases.

In: a project's id, people, items or conditions on metadata. Out: the reply as plain values. Never: a call that does something
twice when it is sent again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from goldseam.edge.client.connection import Connection, at, new_id, part
from goldseam.edge.client.records import Offer
from goldseam.vocab.items import ItemId

Where = Mapping[str, Mapping[str, object]]
"""Conditions by field of the metadata: `{"values": [...]}`, or `{"min": 3, "max": 5}`."""


class Leading(Connection):
    """Who is asked about what, and what comes first."""

    def skills(self, project: str, after: str = "", limit: int = 100) -> dict[str, Any]:
        """Return a page of who holds which skill, and `after` for the next."""
        found: dict[str, Any] = self.call("GET", at(project, f"/skills?after={part(after)}&limit={limit}"))
        return found

    def own_skills(self, project: str) -> dict[str, int]:
        """Return one's own skills, with the level of each."""
        return dict(self.call("GET", at(project, "/skills/own"))["skills"])

    def grant_skill(self, project: str, annotator: str, skill: str, level: int = 1) -> None:
        """Grant somebody a skill."""
        body = {"id": new_id(), "annotator": annotator, "skill": skill, "level": level}
        self.call("POST", at(project, "/skills"), body)

    def revoke_skill(self, project: str, annotator: str, skill: str) -> None:
        """Take a skill away."""
        body = {"id": new_id(), "annotator": annotator, "skill": skill}
        self.call("POST", at(project, "/skills/revoke"), body)

    def batches(self, project: str, before: str | None = None, limit: int = 50) -> list[dict[str, Any]]:
        """Return batches, newest first: all if the role includes 'manage', else one's own."""
        query = f"?limit={limit}" + (f"&before={part(before)}" if before else "")
        found: list[dict[str, Any]] = self.call("GET", at(project, f"/batches{query}"))
        return found

    def assign_batch(
        self,
        project: str,
        annotators: Sequence[str],
        *,
        items: Sequence[ItemId] | None = None,
        following: int | None = None,
        where: Where | None = None,
        purpose: str = "label",
        due: datetime | None = None,
        name: str = "",
        priority: int | None = None,
    ) -> dict[str, Any]:
        """Give items, so many that follow, or those that fit, to people by hand; return the batch with how many it has."""
        body = {"annotators": list(annotators), "purpose": purpose, "name": name, "priority": priority}
        body["due"] = None if due is None else due.isoformat()
        return self._all(project, "/batches", _chosen(items, following, where), body)

    def release_batch(self, project: str, batch: str) -> None:
        """End a batch: what is left of it is everybody's."""
        self.call("POST", at(project, f"/batches/{part(batch)}/release"), {"id": new_id()})

    def put_ahead(
        self, project: str, priority: int, *, items: Sequence[ItemId] | None = None, where: Where | None = None
    ) -> int:
        """Give items a priority, and return how many moved."""
        did = self._all(project, "/priorities", _chosen(items, None, where), {"priority": priority})
        return int(did["n_items"])

    def ask_again(
        self,
        project: str,
        purpose: str,
        *,
        items: Sequence[ItemId] | None = None,
        where: Where | None = None,
        answers: int = 1,
        priority: int | None = None,
    ) -> int:
        """Ask about items once more, of people who never answered them, and return how many items those are."""
        body = {"purpose": purpose, "answers": answers, "priority": priority}
        return int(self._all(project, "/again", _chosen(items, None, where), body)["n_items"])

    def extend(self, project: str, offers: Sequence[Offer]) -> list[dict[str, Any]]:
        """Hold assignments for another lease, and return for each its end and how often that may be asked again."""
        held = [{"assignment": one.id, "token": one.token} for one in offers]
        found: list[dict[str, Any]] = self.call("POST", at(project, "/leases/extend"), {"id": new_id(), "held": held})[
            "results"
        ]
        return found

    def _all(self, project: str, path: str, chosen: Mapping[str, object], body: Mapping[str, object]) -> dict[str, Any]:
        """Call until the whole choice is done: a call looks at a bounded part of the project."""
        whole: dict[str, Any] = {"n_items": 0, "refused": {}, "batch": None}
        sent = dict(body)
        after: int | None = -1
        while after is not None:
            did = self.call("POST", at(project, path), {"id": new_id(), "chosen": {**chosen, "after": after}, **sent})
            whole["n_items"] += did["n_items"]
            for why, n_items in did["refused"].items():
                whole["refused"][why] = whole["refused"].get(why, 0) + n_items
            whole["batch"] = did["batch"] or whole["batch"]
            after = did["after"]
            if path == "/batches" and whole["batch"]:
                sent["into"] = whole["batch"]
        return whole


def _chosen(items: Sequence[ItemId] | None, following: int | None, where: Where | None) -> dict[str, object]:
    meant = {"items": None if items is None else list(items), "next": following, "where": where}
    return {name: value for name, value in meant.items() if value is not None}
