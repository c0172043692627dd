"""The bare app: two FastAPI routes that do the same two transactions as ours and nothing else.

In: a database's URL, how many items: `python -m bench.cases.bare_app URL N`. Out: an address as one line of JSON; calls answered.
Never: a permit, a check of an answer, a hash of an entry, a skill, a policy: what those cost is what the cases compare.

Like ours it waits for the disk at every commit, gives no item twice to one annotator, and never asks for more than it wants.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
import threading
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import uvicorn
from fastapi import FastAPI, Request

from bench.cases.server import REDUNDANCY
from goldseam.edge.server.serving import listen

TABLES = (
    "CREATE TABLE items (position BIGINT PRIMARY KEY, content TEXT)",
    "CREATE TABLE queue (position BIGINT PRIMARY KEY, wanted INT, live INT, done INT)",
    "CREATE INDEX open_rows ON queue (position) WHERE wanted > done + live",
    "CREATE TABLE assignments (id TEXT PRIMARY KEY, position BIGINT, who TEXT, state TEXT, UNIQUE (position, who))",
    "CREATE TABLE annotations (id TEXT PRIMARY KEY, assignment TEXT, who TEXT, answer TEXT, entry BIGINT)",
)
NEXT = (
    "SELECT q.position FROM queue q WHERE q.wanted > q.done + q.live AND q.position > ? AND NOT EXISTS (SELECT 1 "
    "FROM assignments a WHERE a.position = q.position AND a.who = ?) ORDER BY q.position LIMIT 1"
)
Say = Callable[..., Any]


def lease(say: Say, following: str, who: str, last: int) -> tuple[str, int, str]:
    """Take the next item for somebody, within one transaction."""
    ((position,),) = say(following, (last, who)).fetchall()
    made = uuid.uuid4().hex
    say("UPDATE queue SET live = live + 1 WHERE position = ?", (position,))
    say("INSERT INTO assignments VALUES (?, ?, ?, 'leased')", (made, position, who))
    ((content,),) = say("SELECT content FROM items WHERE position = ?", (position,)).fetchall()
    return made, position, content


def submit(say: Say, *, who: str, sent: dict[str, Any]) -> str:
    """Keep an answer with its entry, within one transaction."""
    closing = (
        "UPDATE assignments SET state = 'submitted' WHERE id = ? AND who = ? AND state = 'leased' RETURNING position"
    )
    ended = say(closing, (sent["assignment"], who)).fetchall()
    if not ended:
        return "refused"
    say("UPDATE queue SET live = live - 1, done = done + 1 WHERE position = ?", ended[0])
    answer = json.dumps(sent["answers"])
    ((seq,),) = say("INSERT INTO entries (body) VALUES (?) RETURNING seq", (answer,)).fetchall()
    say("INSERT INTO annotations VALUES (?, ?, ?, ?, ?)", (sent["id"], sent["assignment"], who, answer, seq))
    return "saved"


class Sqlite:
    """One connection, one transaction at a time."""

    following, serial = NEXT, "INTEGER PRIMARY KEY"

    def __init__(self, url: str) -> None:
        self._connection = sqlite3.connect(url, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._turn = threading.Lock()

    def act(self, fn: Callable[[Say], Any]) -> Any:  # noqa: ANN401 - whatever the function returns
        """Run it in a transaction."""
        with self._turn:
            self._connection.execute("BEGIN IMMEDIATE")
            found = fn(self._connection.execute)
            self._connection.execute("COMMIT")
            return found


class Postgresql:
    """A connection for each thread."""

    following, serial = f"{NEXT} FOR UPDATE SKIP LOCKED", "BIGSERIAL PRIMARY KEY"

    def __init__(self, url: str) -> None:
        self._url, self._mine = url, threading.local()

    def act(self, fn: Callable[[Say], Any]) -> Any:  # noqa: ANN401 - whatever the function returns
        """Run it in a transaction."""
        import psycopg

        if not hasattr(self._mine, "connection"):
            self._mine.connection = psycopg.connect(self._url)
        run = self._mine.connection.execute
        with self._mine.connection.transaction():
            return fn(lambda statement, values=(): run(statement.replace("?", "%s"), values))


def app(url: str, n_items: int) -> Any:  # noqa: ANN401 - a FastAPI app
    """Return the app, with its tables made."""
    base = Postgresql(url) if url.startswith("postgres") else Sqlite(url)
    last: dict[str, int] = {}

    def make(say: Say) -> None:
        for table in (*TABLES, f"CREATE TABLE entries (seq {base.serial}, body TEXT)"):
            say(table)
        for n in range(n_items):
            say("INSERT INTO items VALUES (?, ?)", (n, f"This is the text of item number {n}."))
            say("INSERT INTO queue VALUES (?, ?, 0, 0)", (n, REDUNDANCY))

    base.act(make)
    made = FastAPI()

    @made.get("/api/projects")
    def projects() -> list[dict[str, str]]:
        return [{"id": "bare"}]

    @made.post("/api/projects/bare/assignments")
    def leasing(request: Request) -> dict[str, Any]:
        who = request.headers["authorization"]
        found, position, content = base.act(lambda say: lease(say, base.following, who, last.get(who, -1)))
        last[who] = position
        return {"assignments": [{"id": found, "token": found, "item": {"text": content}}]}

    @made.post("/api/projects/bare/annotations")
    def submitting(request: Request, body: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
        who = request.headers["authorization"]
        return {"results": [{"status": base.act(partial(submit, who=who, sent=one))} for one in body["annotations"]]}

    return made


def main() -> None:
    """Serve on a free port."""
    with listen("127.0.0.1", 0) as listening:
        listening.listen(128)  # so that nobody calls too early
        config = uvicorn.Config(app(sys.argv[1], int(sys.argv[2])), http="h11", log_config=None, access_log=False)
        sys.stdout.write(json.dumps({"url": f"http://127.0.0.1:{listening.getsockname()[1]}"}) + "\n")
        sys.stdout.flush()
        asyncio.run(uvicorn.Server(config).serve(sockets=[listening]))


if __name__ == "__main__":
    main()
