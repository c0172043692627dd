"""The calls about people: members and their roles, tokens, invitations, one's own password.

In: a project's id, logins, roles. Out: the reply as plain values. Never: a secret that is kept here.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from goldseam.edge.client.connection import Connection, at, new_id, part
from goldseam.vocab.people import Act, Role


class Governing(Connection):
    """Who may do what."""

    def people(self, project: str, after: str = "", limit: int = 100) -> dict[str, Any]:
        """Return a page of members, and `after` for the next."""
        found: dict[str, Any] = self.call("GET", at(project, f"/people?after={part(after)}&limit={limit}"))
        return found

    def add_person(self, project: str, login: str, role: Role, name: str = "") -> dict[str, Any]:
        """Add a person, and return them with the password of a new account."""
        body = {"id": new_id(), "login": login, "role": role.value, "name": name}
        found: dict[str, Any] = self.call("POST", at(project, "/people"), body)
        return found

    def change_role(self, project: str, annotator: str, role: Role | None) -> None:
        """Give a member another role, or none."""
        body = {"id": new_id(), "role": role.value if role else "none"}
        self.call("POST", at(project, f"/people/{part(annotator)}/role"), body)

    def tokens(self) -> list[dict[str, Any]]:
        """Return one's own tokens, without their secrets."""
        found: list[dict[str, Any]] = self.call("GET", "/api/me/tokens")
        return found

    def make_token(
        self, project: str, name: str, acts: Collection[Act] | None = None, days: int = 90
    ) -> dict[str, Any]:
        """Make a token for a project, and return it with its secret."""
        wanted = None if acts is None else sorted(act.value for act in acts)
        body = {"id": new_id(), "project": project, "name": name, "acts": wanted, "days": days}
        found: dict[str, Any] = self.call("POST", "/api/me/tokens", body)
        return found

    def revoke_token(self, token: str) -> None:
        """End one of one's own tokens."""
        self.call("POST", f"/api/me/tokens/{part(token)}/revoke")

    def project_tokens(self, project: str, after: str = "", limit: int = 100) -> dict[str, Any]:
        """Return a page of everybody's tokens for a project."""
        found: dict[str, Any] = self.call("GET", at(project, f"/tokens?after={part(after)}&limit={limit}"))
        return found

    def revoke_project_token(self, project: str, token: str) -> None:
        """End anybody's token for a project."""
        self.call("POST", at(project, f"/tokens/{part(token)}/revoke"))

    def invitations(self, project: str, after: str = "", limit: int = 100) -> dict[str, Any]:
        """Return a page of invitations."""
        found: dict[str, Any] = self.call("GET", at(project, f"/invitations?after={part(after)}&limit={limit}"))
        return found

    def invite(self, project: str, role: Role, days: int = 7) -> dict[str, Any]:
        """Make a link that gives this role once, and return it with its secret."""
        body = {"id": new_id(), "role": role.value, "days": days}
        found: dict[str, Any] = self.call("POST", at(project, "/invitations"), body)
        return found

    def revoke_invitation(self, project: str, invitation: str) -> None:
        """End an invitation that nobody took up."""
        self.call("POST", at(project, f"/invitations/{part(invitation)}/revoke"))

    def look_at_invitation(self, secret: str) -> dict[str, Any]:
        """Return what an invitation gives: project, name, role, until when."""
        found: dict[str, Any] = self.call("POST", "/api/invitations/look", {"secret": secret})
        return found

    def accept_invitation(self, secret: str, login: str, password: str, name: str = "") -> str:
        """Take an invitation up with a new account, keep the session, and return the person's id."""
        body = {"secret": secret, "login": login, "password": password, "name": name}
        reply = self.call("POST", "/api/invitations/accept", body)
        return str(reply["me"]["id"])

    def join(self, secret: str) -> str:
        """Take an invitation up with the account one has, and return the project's id."""
        return str(self.call("POST", "/api/me/invitations", {"secret": secret})["project"])

    def change_password(self, old: str, new: str) -> None:
        """Change one's own password; other sessions end."""
        self.call("POST", "/api/me/password", {"old": old, "new": new}, once=True)
