"""The clients of the server's case, in a process of their own: `python -m bench.cases.server_clients URL SECONDS`.

In: tokens as a JSON list on standard input, one client each. Out: one line of JSON: pairs, rate, percentiles in milliseconds.
Never: a thought between two calls; no annotator is as quick.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import uuid
from typing import Any
from urllib.parse import urlsplit

import numpy as np


class Line:
    """One kept connection that speaks just enough HTTP to load a server without being the bottleneck itself."""

    def __init__(self, host: str, port: int, token: str) -> None:
        self._where = (host, port)
        self._head = f"Host: {host}:{port}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def call(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Send one call and return the status and the reply."""
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(*self._where)
        data = b"" if body is None else json.dumps(body).encode()
        self._writer.write(
            f"{method} {path} HTTP/1.1\r\n{self._head}Content-Length: {len(data)}\r\n\r\n".encode() + data
        )
        head = await self._reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        return status, json.loads(await self._reader.readexactly(length))

    def close(self) -> None:
        """Hang up."""
        if self._writer is not None:
            self._writer.close()


async def client(line: Line, path: str, until: float, took: list[float]) -> int:
    """Lease one, answer it, until the time is over; return the pairs done."""
    done = 0
    while time.perf_counter() < until:
        begin = time.perf_counter()
        _, leased = await line.call("POST", f"{path}/assignments", {"count": 1})
        middle = time.perf_counter()
        (offer,) = leased["assignments"]
        sent = {
            "id": _uuid7(),
            "assignment": offer["id"],
            "token": offer["token"],
            "answers": {"mood": {"kind": "choice", "label": "pos"}},
            "seconds": 1.0,
            "schema_version": 1,
            "guideline_version": 1,
        }
        _, fates = await line.call("POST", f"{path}/annotations", {"annotations": [sent]})
        if fates["results"][0]["status"] != "saved":
            raise RuntimeError(f"An answer was not saved: {fates}")
        took += [middle - begin, time.perf_counter() - middle]
        done += 1
    line.close()
    return done


def _uuid7() -> str:
    value = (time.time_ns() // 1_000_000) << 80 | 7 << 76 | uuid.uuid4().int & ((1 << 76) - 1)
    return str(uuid.UUID(int=value & ~(0xC000 << 48) | 0x8000 << 48))


async def crowd(url: str, tokens: list[str], seconds: float) -> dict[str, float]:
    """Let all clients work at once."""
    where = urlsplit(url)
    lines = [Line(where.hostname or "", where.port or 80, token) for token in tokens]
    status, projects = await lines[0].call("GET", "/api/projects")
    if status != 200:
        raise RuntimeError(f"The server answered {status}.")
    path = f"/api/projects/{projects[0]['id']}"
    took: list[float] = []
    begin = time.perf_counter()
    done = await asyncio.gather(*(client(line, path, begin + seconds, took) for line in lines))
    spent = time.perf_counter() - begin
    low, high = np.percentile(np.array(took) * 1000, [50, 95])
    return {"pairs": float(sum(done)), "rate": sum(done) / spent, "p50_ms": float(low), "p95_ms": float(high)}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(crowd(sys.argv[1], json.load(sys.stdin), float(sys.argv[2])))))
