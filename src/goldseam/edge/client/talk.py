"""The calls of talk: comments, proposals, disputes, and items handed up.

In: a project's id, words. Out: the reply as plain values. Never: a call that does something twice when it is sent again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from goldseam.edge.client.connection import Connection, at, new_id, part
from goldseam.formats.plain import answer_to_plain
from goldseam.vocab.answers import Answer
from goldseam.vocab.items import ItemId


class Talking(Connection):
    """Saying something about items and rules."""

    def comment(self, project: str, item: ItemId, text: str) -> str:
        """Comment on an item, or ask about it; return the thread's id."""
        reply = self.call("POST", at(project, "/comments"), {"id": new_id(), "item": item, "text": text})
        return str(reply["thread"])

    def threads(
        self, project: str, *, item: ItemId | None = None, state: str | None = None, before: int | None = None
    ) -> list[dict[str, Any]]:
        """Return threads with their comments, the last that moved first."""
        return self._listed(project, "/threads", item=item, state=state, before=before)

    def reply(self, project: str, thread: str, text: str) -> None:
        """Reply in a thread; the role must include the act 'adjudicate'."""
        self.call("POST", at(project, f"/threads/{part(thread)}/replies"), {"id": new_id(), "text": text})

    def close_thread(self, project: str, thread: str, text: str = "") -> None:
        """Close a thread; the role must include the act 'adjudicate'."""
        self.call("POST", at(project, f"/threads/{part(thread)}/close"), {"id": new_id(), "text": text})

    def propose_clause(self, project: str, text: str, *, clause: str = "", why: str = "") -> None:
        """Propose what a clause of the guideline should say; without `clause`, a new one."""
        self._propose(project, {"id": new_id(), "about": "clause", "text": text, "clause": clause, "why": why})

    def propose_definition(self, project: str, label: str, text: str, *, why: str = "") -> None:
        """Propose how a label should be defined."""
        self._propose(project, {"id": new_id(), "about": "label", "text": text, "label": label, "why": why})

    def propose_worked_example(self, project: str, item: ItemId, label: str, *, why: str = "") -> None:
        """Propose an item as a worked example of a label."""
        body = {"id": new_id(), "about": "worked_example", "item": item, "label": label, "why": why}
        self._propose(project, body)

    def proposals(self, project: str, *, state: str | None = None, before: int | None = None) -> list[dict[str, Any]]:
        """Return proposals, newest first: one's own, or everybody's if the role includes 'manage'."""
        return self._listed(project, "/proposals", state=state, before=before)

    def decide_proposal(self, project: str, proposal: str, state: str, reason: str) -> dict[str, Any]:
        """Accept or decline a proposal; the reply says which edit of the project file it asks for."""
        body = {"id": new_id(), "state": state, "reason": reason}
        found: dict[str, Any] = self.call("POST", at(project, f"/proposals/{part(proposal)}/decision"), body)
        return found

    def dispute(
        self, project: str, item: ItemId, wanted: str | Answer, text: str, *, question: str | None = None
    ) -> str:
        """Contest an item that one answered, and say what is right: a label, or the answer to a question; return the id."""
        made = new_id()
        said = (
            {"label": wanted} if isinstance(wanted, str) else {"answer": answer_to_plain(wanted), "question": question}
        )
        self.call("POST", at(project, "/disputes"), {"id": made, "item": item, "text": text, **said})
        return made

    def disputes(self, project: str, *, state: str | None = None, before: int | None = None) -> list[dict[str, Any]]:
        """Return disputes, newest first: one's own, or all that the role may settle."""
        return self._listed(project, "/disputes", state=state, before=before)

    def uphold(self, project: str, dispute: str, reason: str, *, worked_example: str | None = None) -> None:
        """Let the disputed label stand; `worked_example` is the id (`new_id`) of a proposal to make of it."""
        body: dict[str, object] = {
            "id": new_id(),
            "state": "upheld",
            "reason": reason,
            "worked_example": worked_example,
        }
        self.call("POST", at(project, f"/disputes/{part(dispute)}/decision"), body)

    def overrule(
        self,
        project: str,
        dispute: str,
        right: str | Answer,
        reason: str,
        *,
        worked_example: str | None = None,
    ) -> None:
        """Put another label or answer in the place of a disputed one; `worked_example` is as for `uphold`."""
        said = {"label": right} if isinstance(right, str) else {"answer": answer_to_plain(right)}
        body: dict[str, object] = {"id": new_id(), "state": "overruled", "reason": reason, **said}
        body |= {"worked_example": worked_example} if worked_example else {}
        self.call("POST", at(project, f"/disputes/{part(dispute)}/decision"), body)

    def escalate(self, project: str, item: ItemId, reason: str = "", *, question: str | None = None) -> int:
        """Hand an item that one cannot decide to the next tier, and return that tier's number."""
        body = {"id": new_id(), "item": item, "reason": reason} | ({"question": question} if question else {})
        reply = self.call("POST", at(project, "/escalations"), body)
        return int(reply["tier"])

    def _propose(self, project: str, body: Mapping[str, object]) -> None:
        self.call("POST", at(project, "/proposals"), body)

    def _listed(self, project: str, path: str, **asked: object) -> list[dict[str, Any]]:
        query = urlencode({name: value for name, value in asked.items() if value is not None})
        found: list[dict[str, Any]] = self.call("GET", at(project, f"{path}?{query}" if query else path))
        return found
