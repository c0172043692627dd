"""The scene: a project whose items wait for answers, people with tokens, and a receiver that hears of every answer.

In: a folder, a database's address. Out: a `Scene`; a receiver on loopback. Never: a person without a right of their own.
"""

from __future__ import annotations

import csv
import json
import os
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from bench.faults.people import LABELS, QUESTION
from bench.faults.processes import ROOT
from goldseam.edge.client import new_id
from goldseam.edge.home import DATABASE_SETTING, Home
from goldseam.edge.project import open_project
from goldseam.edge.reach import Reach
from goldseam.edge.runner import webhooks
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import Act, Role

REDUNDANCY = 3
LEASE_MINUTES = 0.1


@dataclass(frozen=True, slots=True)
class Scene:
    """A project that waits for answers: who may answer, who may look, who is told."""

    folder: Path
    database: str
    project: ProjectId
    tokens: tuple[str, ...]
    auditor: str
    webhook: str

    @property
    def environment(self) -> dict[str, str]:
        """What the processes are to find in their surroundings."""
        return os.environ | {
            DATABASE_SETTING: self.database,
            "GOLDSEAM_REACH": "127.0.0.1",
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        }


@dataclass
class Heard:
    """What the receiver was told: how often it heard of each annotation."""

    port: int
    about: Counter[str] = field(default_factory=Counter)


def set_up(folder: Path, database: str, receiver: Heard, *, n_items: int, n_people: int) -> Scene:
    """Make the project in this folder and bring it to where people are needed."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "items.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["key", "text"])
        writer.writerows([f"k{n}", f"film number {n}"] for n in range(n_items))
    settings = {
        "name": "moods",
        "schema": {"questions": [{"name": QUESTION, "labels": list(LABELS)}]},
        "sources": [{"path": "items.csv"}],
        "source": {"text": "text", "key": "key"},
        "sample": {"strategy": "random", "batch": n_items},
        "route": {"redundancy": REDUNDANCY},
        "annotate": {"gold_rate": 0.0, "lease_minutes": LEASE_MINUTES},
    }
    Home(folder).project_file.write_text(json.dumps(settings), encoding="utf-8")
    os.environ[DATABASE_SETTING] = database
    with open_project(folder) as project:
        for _ in project.run():
            pass
        tokens = project.add_recorded([f"person {n}" for n in range(n_people)], frozenset({Act.VIEW, Act.ANNOTATE}))
        project.add_person("auditor", Role.AUDITOR)
        auditor = project.make_token("auditor", "looks on")
        url, events = f"http://127.0.0.1:{receiver.port}/", ("annotation.given",)
        permit = project.permit(Act.MANAGE)
        made = webhooks.make(project.world, Reach(["127.0.0.1"]), permit, new_id(), url, events)
        return Scene(folder, database, project.facts.id, tuple(tokens.values()), auditor, made.webhook.id)


@contextmanager
def listening() -> Iterator[Heard]:
    """Take what webhooks send."""
    heard = Heard(0)
    lock = threading.Lock()

    class Asked(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            """Note what the event is about, and thank for it."""
            said = json.loads(self.rfile.read(int(self.headers["content-length"])))
            with lock:
                heard.about[said["about"]] += 1
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Keep quiet."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_what: object) -> None:
            """Say nothing of senders that were killed in the middle."""

    server = Quiet(("127.0.0.1", 0), Asked)
    heard.port = int(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield heard
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
