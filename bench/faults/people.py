"""People who answer while everything around them dies, and who keep a journal of what they were told.

In: addresses, a token. Out: a journal: what was sent, what was acknowledged, what came as a surprise. Never: an answer made up
anew because no reply came; it is sent again as it is, until there is one.
"""

from __future__ import annotations

import contextlib
import json
import random
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import TypeVar
from urllib.parse import urlsplit

from goldseam.edge.client import Client, Submission, new_id
from goldseam.formats.plain import answer_to_plain
from goldseam.vocab.annotations import AnnotationId
from goldseam.vocab.answers import Answer, Choice, LabelName
from goldseam.vocab.errors import GoldseamError, OperatorError
from goldseam.vocab.schema import GuidelineVersion, SchemaVersion

T = TypeVar("T")

HELD = 4
QUESTION = "mood"
LABELS = ("neg", "pos")
TIMEOUT_SECONDS = 5.0
SHARE_CUT, SHARE_UNDONE = 0.04, 0.03
"""The shares of calls whose connection is cut before the reply, and of acknowledged answers that are taken back."""


@dataclass
class Journal:
    """What one person sent and was told."""

    sent: set[str] = field(default_factory=set)
    acknowledged: dict[str, str] = field(default_factory=dict)
    undoing: set[str] = field(default_factory=set)
    undone: set[str] = field(default_factory=set)
    surprises: list[str] = field(default_factory=list)
    n_cut: int = 0
    n_unanswered: int = 0


class Person(threading.Thread):
    """Answers as a careful page would: what was not acknowledged is sent again, under the id that it had."""

    def __init__(
        self, urls: list[str], project: str, token: str, ended: threading.Event, *, seed: int, pause: float
    ) -> None:
        super().__init__(daemon=True)
        self.journal = Journal()
        self._clients = [Client(url, token=token, tries=1, timeout_seconds=TIMEOUT_SECONDS) for url in urls]
        self._turn = count(seed)
        self._project, self._token, self._ended = project, token, ended
        self._chance = random.Random(seed)
        self._pause = pause

    @property
    def client(self) -> Client:
        """The connection to the next server, as a balancer before them would choose."""
        return self._clients[next(self._turn) % len(self._clients)]

    def run(self) -> None:
        """Work until told to end and nothing waits for an acknowledgement."""
        try:
            while not self._ended.is_set():
                self._settle(self._answers())
                time.sleep(self._pause * self._chance.uniform(0.5, 1.5))
        except Exception as error:  # whatever it is, it is told at the end: a thread that dies says nothing
            self.journal.surprises.append(f"{type(error).__name__}: {error}")
        finally:
            for client in self._clients:
                client.close()

    def _answers(self) -> list[Submission]:
        """Lease items and answer them; nothing if no server is there, or none has work."""
        try:
            offers = self.client.lease(self._project, HELD, holding=[]).offers
        except OperatorError:
            self.journal.n_unanswered += 1
            return []
        answers: dict[str, Answer] = {QUESTION: Choice(LabelName(self._chance.choice(LABELS)))}
        made = [
            Submission(AnnotationId(new_id()), one.id, one.token, answers, 0.5, SchemaVersion(1), GuidelineVersion(1))
            for one in offers
        ]
        self.journal.sent |= {one.id for one in made}
        return made

    def _settle(self, waiting: list[Submission]) -> None:
        """Send answers until they are acknowledged, then take some back, until that is acknowledged too."""
        if waiting and self._chance.random() < SHARE_CUT:
            self._cut(waiting)
        outcomes = self._until_answered(lambda: self.client.submit(self._project, waiting)) if waiting else ()
        for one in outcomes:
            self._hear(one.id, one.status, one.error)
            if one.status == "saved" and self._chance.random() < SHARE_UNDONE:
                self._undo(one.id)

    def _undo(self, annotation: str) -> None:
        self.journal.undoing.add(annotation)
        path, body = f"/api/projects/{self._project}/annotations/{annotation}/withdraw", {"id": new_id()}
        self._until_answered(lambda: self.client.call("POST", path, body, once=True))
        self.journal.undone.add(annotation)

    def _until_answered(self, call: Callable[[], T]) -> T:
        while True:
            try:
                return call()
            except OperatorError:  # no server right now, or no database: as the page does, keep it and send it again
                self.journal.n_unanswered += 1
                time.sleep(0.02)

    def _hear(self, annotation: str, status: str, error: GoldseamError | None) -> None:
        if status == "refused":
            self.journal.surprises.append(f"{type(error).__name__}: {error}")
        else:
            self.journal.acknowledged[annotation] = status

    def _cut(self, waiting: list[Submission]) -> None:
        """Send the answers, whole or in part, and reset the connection before the reply comes."""
        plain = [
            {
                "id": one.id, "assignment": one.assignment, "token": one.token, "seconds": one.seconds,
                "answers": {name: answer_to_plain(answer) for name, answer in one.answers.items()},
                "schema_version": one.schema_version, "guideline_version": one.guideline_version,
            }
            for one in waiting
        ]  # fmt: skip
        body = json.dumps({"annotations": plain}).encode()
        head = (
            f"POST /api/projects/{self._project}/annotations HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {self._token}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        whole = head.encode() + body
        end = len(whole) if self._chance.random() < 0.7 else self._chance.randrange(len(whole))
        parts = urlsplit(self.client.url)
        with (
            contextlib.suppress(OSError),
            socket.create_connection((str(parts.hostname), int(parts.port or 0)), 5) as line,
        ):
            line.sendall(whole[:end])
            time.sleep(self._chance.uniform(0, 0.02))
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset, not an end
            self.journal.n_cut += 1
