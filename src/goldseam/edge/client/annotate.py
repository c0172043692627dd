"""The calls of whoever answers: lease, claim, submit, skip, undo, own history.

In: a project's id, records. Out: offers, and what became of each submission. Never: others' answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from goldseam.edge.client.connection import Connection, at, new_id, part, refusal
from goldseam.edge.client.records import Leased, Offer, Outcome, Submission, Suggested
from goldseam.formats.plain import answer_from_plain, answer_to_plain
from goldseam.vocab.items import ItemId, Modality

MAX_BATCH: Final = 100
"""Annotations that one call carries."""


class Annotating(Connection):
    """Answering."""

    def lease(self, project: str, count: int, holding: Sequence[str] | None = None) -> Leased:
        """Lease the next items; sent again if no reply came, since what a lost reply held comes back by itself.

        `holding` names the assignments that the caller still has in hand; other leases of theirs end at once.
        """
        body: dict[str, object] = {"count": count}
        if holding is not None:
            body["holding"] = list(holding)
        return _leased(self.call("POST", at(project, "/assignments"), body))

    def claim(self, project: str, items: Sequence[ItemId]) -> Leased:
        """Lease items by their ids; the role must include the act 'claim'."""
        return _leased(self.call("POST", at(project, "/assignments"), {"items": list(items)}))

    def submit(self, project: str, submissions: Sequence[Submission]) -> tuple[Outcome, ...]:
        """Send answers, a hundred to a call, and return what became of each, in order."""
        found: list[Outcome] = []
        for first in range(0, len(submissions), MAX_BATCH):
            sent = [_submission(one) for one in submissions[first : first + MAX_BATCH]]
            reply = self.call("POST", at(project, "/annotations"), {"annotations": sent})
            found.extend(_outcome(one) for one in reply["results"])
        return tuple(found)

    def skip(self, project: str, offer: Offer, reason: str = "") -> None:
        """Pass on an item."""
        body = {"id": new_id(), "token": offer.token, "reason": reason}
        self.call("POST", at(project, f"/assignments/{part(offer.id)}/skip"), body)

    def withdraw(self, project: str, annotation: str) -> Offer:
        """Take an own annotation back, and return its item, held again."""
        reply = self.call("POST", at(project, f"/annotations/{part(annotation)}/withdraw"), {"id": new_id()})
        return offer_of(reply["assignment"])

    def outline(self, project: str, item: ItemId, box: tuple[int, int, int, int]) -> dict[str, Any]:
        """Return what a box (left, top, right, bottom) on the image holds: width, height and counts of a mask."""
        names = ("left", "top", "right", "bottom")
        body = dict(zip(names, box, strict=True))
        found: dict[str, Any] = self.call("POST", at(project, f"/items/{part(item)}/outline"), body)
        return found

    def history(self, project: str, limit: int = 50, before: str | None = None) -> list[dict[str, Any]]:
        """Return own annotations, the newest first; `before` is the id of the last one of the page before."""
        page = "" if before is None else f"&before={part(before)}"
        found: list[dict[str, Any]] = self.call("GET", at(project, f"/history?limit={limit}{page}"))
        return found


def _leased(reply: Mapping[str, Any]) -> Leased:
    waiting = reply["waiting"] or {}
    return Leased(
        offers=tuple(offer_of(one) for one in reply["assignments"]),
        waiting=waiting.get("text"),
        waiting_reason=waiting.get("reason"),
        opens_at=datetime.fromisoformat(waiting["opens_at"]) if waiting.get("opens_at") else None,
        rest=(reply.get("rest") or {}).get("text"),
        refused=MappingProxyType({ItemId(one["item"]): str(one["reason"]) for one in reply["refused"]}),
    )


def offer_of(one: Mapping[str, Any]) -> Offer:
    """Return an offer as it was sent."""
    item, suggestion = one["item"], one["suggestion"]
    return Offer(
        id=one["id"],
        token=one["token"],
        item=ItemId(item["id"]),
        modality=Modality(item["modality"]),
        text=item["text"],
        media_url=item["media_url"],
        metadata=MappingProxyType(dict(item["metadata"])),
        expires_at=datetime.fromisoformat(one["expires_at"]),
        seconds=one["seconds"],
        suggestion=_suggested(suggestion) if suggestion else None,
        further=tuple(_suggested(other) for other in one.get("further", ())),
    )


def _suggested(one: Mapping[str, Any]) -> Suggested:
    return Suggested(**{**one, "answer": answer_from_plain(one["answer"])})


def _submission(one: Submission) -> dict[str, object]:
    return {
        "id": one.id,
        "assignment": one.assignment,
        "token": one.token,
        "answers": {name: answer_to_plain(answer) for name, answer in one.answers.items()},
        "seconds": one.seconds,
        "schema_version": one.schema_version,
        "guideline_version": one.guideline_version,
    }


def _outcome(one: Mapping[str, Any]) -> Outcome:
    said = one["error"]
    return Outcome(one["id"], one["status"], refusal(said, 422) if said else None)
