"""Client: the server's HTTP contract for Python, typed, over connections that are kept.

In: an address, and a token or a login. Out: records of `vocab`, or the same errors that the server raised.
Never: the store, a call sent twice that may not be, a token in a message.

Every write carries an id made here (UUID version 7), so a call whose reply was lost is simply sent again.
"""

from __future__ import annotations

import copy
import random
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType, TracebackType
from typing import Any, Final, Self
from urllib.parse import quote

import httpx

from goldseam.formats.plain import answer_to_plain, schema_from_plain
from goldseam.vocab import errors
from goldseam.vocab.answers import Answer
from goldseam.vocab.errors import BadValue, GoldseamError, OperatorError
from goldseam.vocab.items import ItemId, Modality, ProjectId
from goldseam.vocab.people import Act, Role
from goldseam.vocab.schema import GuidelineVersion, Schema, SchemaVersion

MAX_BATCH: Final = 100
"""Annotations that one call carries."""
PASSING: Final = frozenset({429, 502, 503, 504})
"""Statuses under which the same call may succeed a little later."""
FIRST_WAIT: Final = 0.1
LONGEST_WAIT: Final = 5.0
GOLDSEAM_ERRORS: Final[Mapping[str, type[GoldseamError]]] = MappingProxyType(
    {name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, GoldseamError)}
)


@dataclass(frozen=True, slots=True)
class ProjectLine:
    """One project of the list."""

    id: ProjectId
    name: str
    modality: Modality
    role: Role
    round: int
    n_items: int
    n_settled: int


@dataclass(frozen=True, slots=True)
class Project:
    """A project as whoever answers needs it."""

    id: ProjectId
    name: str
    modality: Modality
    role: Role
    acts: frozenset[Act]
    round: int
    schema: Schema
    schema_version: SchemaVersion
    guideline_version: GuidelineVersion
    guideline_html: str
    prefetch: int
    lease_seconds: float


@dataclass(frozen=True, slots=True)
class Suggested:
    """An answer that a machine proposed and that the policy shows."""

    label: str
    confidence: float
    source: str


@dataclass(frozen=True, slots=True)
class Offer:
    """An item that is held for the caller until `expires_at`."""

    id: str
    token: str = field(repr=False)
    item: ItemId
    modality: Modality
    text: str | None
    media_url: str | None
    metadata: Mapping[str, str]
    expires_at: datetime
    seconds: float
    suggestion: Suggested | None


@dataclass(frozen=True, slots=True)
class Leased:
    """What a lease or a claim gave; `waiting` says why it gave nothing, `refused` which items were not to be had."""

    offers: tuple[Offer, ...]
    waiting: str | None
    waiting_reason: str | None
    refused: Mapping[ItemId, str]


@dataclass(frozen=True, slots=True)
class Submission:
    """The answers to one offer, under an id that makes sending it again safe."""

    id: str
    assignment: str
    token: str = field(repr=False)
    answers: Mapping[str, Answer]
    seconds: float
    schema_version: SchemaVersion
    guideline_version: GuidelineVersion


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a submission: saved, repeated, surplus or refused; if refused, why."""

    id: str
    status: str
    error: GoldseamError | None


def new_id() -> str:
    """Return a UUID version 7: the time in milliseconds, then chance."""
    milliseconds = time.time_ns() // 1_000_000
    number = (milliseconds & (2**48 - 1)) << 80 | 0x7 << 76 | secrets.randbits(12) << 64
    number |= 0b10 << 62 | secrets.randbits(62)
    digits = f"{number:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


class Client:
    """A connection to one server, as one person or token; threads may share it."""

    def __init__(self, url: str, *, token: str = "", tries: int = 6, timeout_seconds: float = 30.0) -> None:
        headers = {"X-Goldseam": "1", "Accept": "application/json"}
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=64, keepalive_expiry=30)
        self._http = httpx.Client(
            base_url=url.rstrip("/"), headers=headers, timeout=timeout_seconds, limits=limits, trust_env=False
        )
        self._token = token
        self._tries = max(1, tries)
        self.url = url.rstrip("/")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def with_token(self, token: str) -> Client:
        """Return a client for another token that shares this one's connections; only the first is to be closed."""
        other = copy.copy(self)
        other._token = token  # noqa: SLF001 - a copy of this very class
        return other

    def close(self) -> None:
        """Let the connections go."""
        self._http.close()

    # ---- session ------------------------------------------------------------------------------------------------
    def sign_in(self, login: str, password: str) -> str:
        """Sign in, keep the session, and return the person's id.

        Raises
        ------
        NotSignedIn
            If the login or the password is not right.
        """
        reply = self._call("POST", "/api/session", {"login": login, "password": password}, once=True)
        return str(reply["me"]["id"])

    def sign_out(self) -> None:
        """End the session."""
        self._call("DELETE", "/api/session")

    def me(self) -> Mapping[str, Any]:
        """Return who is signed in: id, name, login, projects."""
        found: Mapping[str, Any] = self._call("GET", "/api/me")
        return found

    # ---- projects -----------------------------------------------------------------------------------------------
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
                n_settled=line["n_settled"],
            )
            for line in self._call("GET", "/api/projects")
        )

    def project(self, project: str) -> Project:
        """Return one project, with its schema."""
        page = self._call("GET", _at(project))
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

    # ---- annotate -----------------------------------------------------------------------------------------------
    def lease(self, project: str, count: int, holding: Sequence[str] | None = None) -> Leased:
        """Lease the next items; sent again if no reply came, since what a lost reply held comes back by itself.

        `holding` names the assignments that the caller still has in hand; other leases of theirs end at once.
        """
        body: dict[str, object] = {"count": count}
        if holding is not None:
            body["holding"] = list(holding)
        return _leased(self._call("POST", _at(project, "/assignments"), body))

    def claim(self, project: str, items: Sequence[ItemId]) -> Leased:
        """Lease items by their ids; the role must include the act 'claim'."""
        return _leased(self._call("POST", _at(project, "/assignments"), {"items": list(items)}))

    def submit(self, project: str, submissions: Sequence[Submission]) -> tuple[Outcome, ...]:
        """Send answers, a hundred to a call, and return what became of each, in order."""
        found: list[Outcome] = []
        for first in range(0, len(submissions), MAX_BATCH):
            sent = [_submission(one) for one in submissions[first : first + MAX_BATCH]]
            reply = self._call("POST", _at(project, "/annotations"), {"annotations": sent})
            found.extend(_outcome(one) for one in reply["results"])
        return tuple(found)

    def skip(self, project: str, offer: Offer, reason: str = "") -> None:
        """Pass on an item."""
        body = {"id": new_id(), "token": offer.token, "reason": reason}
        self._call("POST", _at(project, f"/assignments/{_part(offer.id)}/skip"), body)

    def withdraw(self, project: str, annotation: str) -> Offer:
        """Take an own annotation back, and return its item, held again."""
        reply = self._call("POST", _at(project, f"/annotations/{_part(annotation)}/withdraw"), {"id": new_id()})
        return _offer(reply["assignment"])

    def history(self, project: str, limit: int = 50) -> list[dict[str, Any]]:
        """Return own annotations, the newest first."""
        found: list[dict[str, Any]] = self._call("GET", _at(project, f"/history?limit={limit}"))
        return found

    # ---- the rest, as plain values ------------------------------------------------------------------------------
    def round(self, project: str) -> dict[str, Any]:
        """Return where the round stands, and the next steps."""
        found: dict[str, Any] = self._call("GET", _at(project, "/round"))
        return found

    def disagreements(self, project: str, limit: int = 20) -> list[dict[str, Any]]:
        """Return escalated items with their votes."""
        found: list[dict[str, Any]] = self._call("GET", _at(project, f"/disagreements?limit={limit}"))
        return found

    def rule(self, project: str, item: ItemId, question: str, answer: Answer, reason: str = "") -> None:
        """Settle an item by a person's decision."""
        body = {"id": new_id(), "item": item, "question": question, "answer": answer_to_plain(answer), "reason": reason}
        self._call("POST", _at(project, "/rulings"), body)

    def quality(self, project: str) -> dict[str, Any] | None:
        """Return the newest quality report, or None before the first."""
        found: dict[str, Any] | None = self._call("GET", _at(project, "/quality"))
        return found

    def releases(self, project: str) -> list[dict[str, Any]]:
        """Return the releases."""
        found: list[dict[str, Any]] = self._call("GET", _at(project, "/releases"))
        return found

    # ---- one call -----------------------------------------------------------------------------------------------
    def _call(self, method: str, path: str, body: object = None, *, once: bool = False) -> Any:  # noqa: ANN401 - JSON
        reply = self._send(method, path, body, 1 if once else self._tries)
        try:
            found = reply.json()
        except ValueError as error:
            raise OperatorError(f"{self.url} answered with something that is not JSON; is it Goldseam?") from error
        if reply.status_code >= 400:
            raise _error(found.get("error") if isinstance(found, dict) else None, reply.status_code)
        return found

    def _send(self, method: str, path: str, body: object, tries: int) -> httpx.Response:
        waits = _waits()
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        for left in range(tries - 1, -1, -1):
            try:
                reply = self._http.request(method, path, headers=headers, json=body)
            except httpx.TransportError as error:
                if left == 0:
                    raise OperatorError(f"{self.url} cannot be reached: {error or type(error).__name__}.") from error
                time.sleep(next(waits))
                continue
            if left == 0 or reply.status_code not in PASSING:
                return reply
            time.sleep(next(waits))
        raise AssertionError("unreachable: the last try returns or raises")


def _waits() -> Iterator[float]:
    """Yield growing waits with some chance in them, so that many clients do not come back at once."""
    wait = FIRST_WAIT
    while True:
        yield wait * random.uniform(0.5, 1.0)
        wait = min(wait * 2, LONGEST_WAIT)


def _at(project: str, rest: str = "") -> str:
    return f"/api/projects/{_part(project)}{rest}"


def _part(text: str) -> str:
    return quote(text, safe="")


def _error(said: object, status: int) -> GoldseamError:
    if not isinstance(said, dict):
        return OperatorError(f"The server refused the call with status {status}.")
    kind = GOLDSEAM_ERRORS.get(str(said.get("type")), OperatorError if status >= 500 else BadValue)
    given = said.get("fields")
    fields = {name: value for name, value in given.items() if name != "message"} if isinstance(given, dict) else {}
    return kind(str(said.get("message")), **fields)


def _leased(reply: Mapping[str, Any]) -> Leased:
    waiting = reply["waiting"] or {}
    return Leased(
        offers=tuple(_offer(one) for one in reply["assignments"]),
        waiting=waiting.get("text"),
        waiting_reason=waiting.get("reason"),
        refused=MappingProxyType({ItemId(one["item"]): str(one["reason"]) for one in reply["refused"]}),
    )


def _offer(one: Mapping[str, Any]) -> Offer:
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
        suggestion=Suggested(**suggestion) if suggestion else None,
    )


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
    return Outcome(one["id"], one["status"], _error(said, 422) if said else None)
