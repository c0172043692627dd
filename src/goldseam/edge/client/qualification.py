"""The calls of qualification: one's way to real work, promotions, one's own figures.

In: a project's id, answers. Out: the reply as plain values. Never: the store.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from goldseam.edge.client.connection import Connection, at, new_id, part
from goldseam.formats.plain import answer_to_plain
from goldseam.vocab.answers import Answer


class Qualifying(Connection):
    """The way to real work, and how well one does."""

    def onboarding(self, project: str) -> dict[str, Any]:
        """Return where one stands: whether one may work, the steps, and the newest try."""
        found: dict[str, Any] = self.call("GET", at(project, "/onboarding"))
        return found

    def read_guideline(self, project: str, guideline_version: int) -> None:
        """Say that one read the guideline, in this version."""
        body = {"id": new_id(), "guideline_version": guideline_version}
        self.call("POST", at(project, "/onboarding/guideline"), body)

    def begin_trial(self, project: str) -> dict[str, Any]:
        """Begin the practice or the test that comes next, and return its questions."""
        found: dict[str, Any] = self.call("POST", at(project, "/trials"), {"id": new_id()})
        return found

    def answer_trial(
        self, project: str, trial: str, number: int, answer: Answer, seconds: float = 0.0
    ) -> dict[str, Any]:
        """Answer one question of a try; after the last one `ended` says how it went."""
        body = {"id": new_id(), "number": number, "answer": answer_to_plain(answer), "seconds": seconds}
        found: dict[str, Any] = self.call("POST", at(project, f"/trials/{part(trial)}/answers"), body)
        return found

    def onboarding_team(self, project: str, after: str = "", limit: int = 50) -> list[dict[str, Any]]:
        """Return annotators and where each stands, by id; the role must include 'manage'."""
        query = urlencode({"after": after, "limit": limit})
        found: list[dict[str, Any]] = self.call("GET", at(project, f"/onboarding/team?{query}"))
        return found

    def intervene(self, project: str, annotator: str, event: str) -> None:
        """Allow an annotator one more try (`allow`), or waive the step they are at (`waive`)."""
        self.call("POST", at(project, f"/onboarding/team/{part(annotator)}"), {"id": new_id(), "event": event})

    def promotions(self, project: str, *, state: str | None = None, before: int | None = None) -> list[dict[str, Any]]:
        """Return promotions that figures spoke for, newest first."""
        query = urlencode({k: v for k, v in (("state", state), ("before", before)) if v is not None})
        found: list[dict[str, Any]] = self.call("GET", at(project, f"/promotions?{query}" if query else "/promotions"))
        return found

    def decide_promotion(self, project: str, promotion: str, state: str, reason: str) -> None:
        """Accept a promotion, or decline it."""
        body = {"id": new_id(), "state": state, "reason": reason}
        self.call("POST", at(project, f"/promotions/{part(promotion)}/decision"), body)

    def own_figures(self, project: str) -> dict[str, Any] | None:
        """Return one's own accuracy on gold, agreement and speed, as they were last measured."""
        found: dict[str, Any] | None = self.call("GET", at(project, "/own-figures"))["figures"]
        return found
