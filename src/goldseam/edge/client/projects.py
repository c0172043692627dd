"""The calls about oneself and about projects: sign in, list, look.

In: a login, a project's id. Out: records, or the reply as plain values. Never: an answer given.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from goldseam.edge.client.connection import Connection, at, new_id
from goldseam.edge.client.records import Project, ProjectLine
from goldseam.formats.plain import answer_to_plain, schema_from_plain
from goldseam.vocab.answers import Answer
from goldseam.vocab.items import ItemId, Modality, ProjectId
from goldseam.vocab.people import Act, Role
from goldseam.vocab.schema import GuidelineVersion, SchemaVersion


class Looking(Connection):
    """Signing in, and everything that is read."""

    def sign_in(self, login: str, password: str) -> str:
        """Sign in, keep the session, and return the person's id.

        Raises
        ------
        NotSignedIn
            If the login or the password is not right.
        """
        reply = self.call("POST", "/api/session", {"login": login, "password": password}, once=True)
        return str(reply["me"]["id"])

    def sign_out(self) -> None:
        """End the session."""
        self.call("DELETE", "/api/session")

    def me(self) -> Mapping[str, Any]:
        """Return who is signed in: id, name, login, projects."""
        found: Mapping[str, Any] = self.call("GET", "/api/me")
        return found

    def projects(self) -> tuple[ProjectLine, ...]:
        """Return the projects in which the caller has a role."""
        return tuple(
            ProjectLine(
                id=ProjectId(line["id"]),
                name=line["name"],
                modality=Modality(line["modality"]),
                role=Role(line["role"]),
                round=line["round"],
                n_items=line["n_items"],
            )
            for line in self.call("GET", "/api/projects")
        )

    def project(self, project: str) -> Project:
        """Return one project, with its schema."""
        page = self.call("GET", at(project))
        return Project(
            id=ProjectId(page["id"]),
            name=page["name"],
            modality=Modality(page["modality"]),
            role=Role(page["role"]),
            acts=frozenset(Act(act) for act in page["acts"]),
            round=page["round"],
            schema=schema_from_plain(page["schema"]),
            schema_version=SchemaVersion(page["schema_version"]),
            guideline_version=GuidelineVersion(page["guideline_version"]),
            guideline_html=page["guideline_html"],
            prefetch=page["policy"]["prefetch"],
            lease_seconds=page["policy"]["lease_seconds"],
        )

    def round(self, project: str) -> dict[str, Any]:
        """Return where the round stands, and the next steps."""
        found: dict[str, Any] = self.call("GET", at(project, "/round"))
        return found

    def disagreements(self, project: str, limit: int = 20, question: str | None = None) -> list[dict[str, Any]]:
        """Return escalated items with their votes on a question (the first, if none is named)."""
        asked = "" if question is None else f"&question={quote(question, safe='')}"
        found: list[dict[str, Any]] = self.call("GET", at(project, f"/disagreements?limit={limit}{asked}"))
        return found

    def rule(self, project: str, item: ItemId, question: str, answer: Answer, reason: str = "") -> None:
        """Settle an item by a person's decision."""
        body = {"id": new_id(), "item": item, "question": question, "answer": answer_to_plain(answer), "reason": reason}
        self.call("POST", at(project, "/rulings"), body)

    def quality(self, project: str) -> dict[str, Any] | None:
        """Return the newest quality report, or None before the first."""
        found: dict[str, Any] | None = self.call("GET", at(project, "/quality"))
        return found

    def releases(self, project: str) -> list[dict[str, Any]]:
        """Return the releases."""
        found: list[dict[str, Any]] = self.call("GET", at(project, "/releases"))
        return found
