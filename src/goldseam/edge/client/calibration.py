"""The calls of calibration: sessions in which annotators answer the same items, and then talk about them.

In: a project's id, answers, words. Out: the reply as plain values. Never: the store.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from goldseam.edge.client.connection import Connection, at, new_id, part
from goldseam.formats.plain import answer_to_plain
from goldseam.vocab.answers import Answer
from goldseam.vocab.items import ItemId


class Calibrating(Connection):
    """Answering the same items, and agreeing on them."""

    def start_calibration(
        self,
        project: str,
        title: str,
        people: Sequence[str],
        *,
        choosing: str = "disagreement",
        n_items: int = 10,
        items: Sequence[ItemId] = (),
    ) -> str:
        """Start a session and return its id; `items` name them, else `n_items` are chosen ('disagreement' or 'random')."""
        made = new_id()
        body: dict[str, object] = {"id": made, "title": title, "people": list(people), "n_items": n_items}
        body |= {"choosing": "given", "items": list(items)} if items else {"choosing": choosing}
        self.call("POST", at(project, "/calibrations"), body)
        return made

    def calibrations(self, project: str, *, before_id: str | None = None, limit: int = 20) -> list[dict[str, Any]]:
        """Return sessions, newest first: those one takes part in; all if the role includes 'manage'."""
        query = urlencode({"limit": limit} | ({} if before_id is None else {"before_id": before_id}))
        found: list[dict[str, Any]] = self.call("GET", at(project, f"/calibrations?{query}"))
        return found

    def calibration(self, project: str, calibration: str) -> dict[str, Any]:
        """Return a session with its items: while it is blind, with one's own answers only."""
        found: dict[str, Any] = self.call("GET", at(project, f"/calibrations/{part(calibration)}"))
        return found

    def answer_calibration(
        self,
        project: str,
        calibration: str,
        number: int,
        answers: Mapping[str, Answer],
        reason: str = "",
        seconds: float = 0.0,
    ) -> None:
        """Answer one item of a session, by question as in a submission, and say why."""
        plain = {name: answer_to_plain(one) for name, one in answers.items()}
        body = {"number": number, "answers": plain, "reason": reason, "seconds": seconds}
        self._post(project, calibration, "answers", body)

    def close_calibration(self, project: str, calibration: str) -> None:
        """Close the blind part before everybody has answered everything."""
        self._post(project, calibration, "close", {})

    def comment_calibration(self, project: str, calibration: str, number: int, text: str) -> None:
        """Say something about an item of a session that is discussed."""
        self._post(project, calibration, "comments", {"number": number, "text": text})

    def agree_calibration(
        self,
        project: str,
        calibration: str,
        number: int,
        question: str,
        answer: Answer,
        *,
        clause: str = "",
        reason: str = "",
    ) -> None:
        """Keep the answer to a question that was agreed about an item, and the clause of the guideline."""
        said = {"question": question, "answer": answer_to_plain(answer), "clause": clause, "reason": reason}
        self._post(project, calibration, "agreed", {"number": number, **said})

    def finish_calibration(self, project: str, calibration: str) -> None:
        """End a session."""
        self._post(project, calibration, "finish", {})

    def measure_calibration(self, project: str, calibration: str) -> None:
        """Measure how much the same people agree on ordinary items since the session ended."""
        self._post(project, calibration, "measure", {})

    def _post(self, project: str, calibration: str, what: str, body: dict[str, object]) -> None:
        self.call("POST", at(project, f"/calibrations/{part(calibration)}/{what}"), {"id": new_id(), **body})
