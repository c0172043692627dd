"""Streams: thousands of pages left open, each with one idle stream of events, while annotators work.

In: how many. Out: what each holds in memory, and that annotators were answered and every page heard of it. Never: a stream kept
by a client that reads ahead for it.
"""

from __future__ import annotations

import asyncio
import json
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.faults.people import LABELS, QUESTION
from bench.faults.scene import Heard, Scene, set_up
from goldseam.edge.client import Client, Submission, new_id
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.schema import GuidelineVersion, SchemaVersion

PAGES_EACH = 500
"""So many pages one listener has open: a caller may make only so many calls at once."""
N_ANSWERING = 5
AT_ONCE = 200
SERVE = """
import sys
from pathlib import Path
from goldseam.edge.home import Home
from goldseam.edge.runner.world import open_world
from goldseam.edge.server.serving import serve
with open_world(Home(Path(sys.argv[1]))) as world:
    serve(world, port=0, ready=lambda url: print(url, flush=True))
"""
Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Held:
    """What open streams cost, and how long annotators waited beside them."""

    n: int
    kib_each: float
    open_seconds: float
    answer_seconds: float
    hear_seconds: float


class TooFewFiles(Exception):
    """The machine lets a process open fewer files than there are to be streams."""


def run(folder: Path, n: int) -> Held:
    """Open so many streams on a server process of its own, work beside them, and hang up."""
    n_people = -(-n // PAGES_EACH) + N_ANSWERING
    with room_for_files(n + 500):
        scene = set_up(folder, "", Heard(9), n_items=20, n_people=n_people)
        with a_process(folder, scene.environment) as (pid, url):
            held = asyncio.run(_listen(url, scene, n, pid))
            with Client(url) as client:
                assert client.call("GET", "/healthz")["ok"]
    return held


@contextmanager
def room_for_files(wanted: int) -> Iterator[None]:
    """Let this process, and those it starts, open so many files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise TooFewFiles(f"this machine lets a process open {hard} files; {wanted} are needed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextmanager
def a_process(folder: Path, environment: dict[str, str]) -> Iterator[tuple[int, str]]:
    """Serve the folder by a process of its own; gives its id and its address."""
    command = [sys.executable, "-c", SERVE, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:  # noqa: S603 - our own program
        try:
            assert process.stdout is not None
            yield process.pid, process.stdout.readline().strip()
        finally:
            process.terminate()
            assert process.wait(60) in {0, -signal.SIGTERM}  # uvicorn ends in good order, then by the signal


async def _listen(url: str, scene: Scene, n: int, pid: int) -> Held:
    """Open all streams, let annotators work meanwhile, hear of it on every stream, and hang up."""
    annotators, listeners = scene.tokens[:N_ANSWERING], scene.tokens[N_ANSWERING:]
    before, sockets = _resident(pid), _n_sockets(pid)
    began = time.monotonic()
    async with asyncio.timeout(120 + n / 20):
        lines: list[Line] = []
        for first in range(0, n, AT_ONCE):
            who = [listeners[nth // PAGES_EACH] for nth in range(first, min(first + AT_ONCE, n))]
            lines += await asyncio.gather(*(_opened(url, scene, token) for token in who))
        opened = time.monotonic()
        each = (_resident(pid) - before) / n
        assert _n_sockets(pid) - sockets == n, "a stream was not kept"
        fates = await asyncio.gather(*(asyncio.to_thread(_answer, url, scene, token) for token in annotators))
        answered = time.monotonic()
        assert fates == ["saved"] * len(annotators), fates
        await asyncio.gather(*(_hear(reader, len(annotators)) for reader, _ in lines))
        heard = time.monotonic()
        await _hang_up(lines, pid, sockets)
    return Held(n, each / 1024, opened - began, answered - opened, heard - answered)


async def _opened(url: str, scene: Scene, token: str) -> Line:
    """Open one stream and hear its first event."""
    host, _, port = url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = (
        f"GET /api/projects/{scene.project}/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n"
    )
    writer.write(head.encode())
    assert (await _event(reader))["answered"] == 0
    return reader, writer


async def _hear(reader: asyncio.StreamReader, n: int) -> None:
    """Wait until a stream has told of so many annotations."""
    while (await _event(reader))["annotations"] < n:
        pass


async def _event(reader: asyncio.StreamReader) -> dict[str, int]:
    """Return the next event of a stream."""
    while not (line := await reader.readline()).startswith(b"data: "):
        assert line, "the stream ended"
    found: dict[str, int] = json.loads(line[6:])
    return found


async def _hang_up(lines: Sequence[Line], pid: int, sockets: int) -> None:
    """Close every stream, and wait until the server has let go of all of them."""
    for _, writer in lines:
        writer.close()
    while _n_sockets(pid) > sockets:
        await asyncio.sleep(0.05)


def _answer(url: str, scene: Scene, token: str) -> str:
    """Lease an item and answer it; returns what became of the answer."""
    with Client(url, token=token) as client:
        (offer,) = client.lease(scene.project, 1).offers
        answers = {QUESTION: Choice(LabelName(LABELS[0]))}
        sent = Submission(new_id(), offer.id, offer.token, answers, 1.0, SchemaVersion(1), GuidelineVersion(1))
        return str(client.submit(scene.project, [sent])[0].status)


def _resident(pid: int) -> int:
    """Bytes of memory that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()


def _n_sockets(pid: int) -> int:
    """How many connections a process has."""
    return sum(_is_socket(one) for one in Path(f"/proc/{pid}/fd").iterdir())


def _is_socket(entry: Path) -> bool:
    try:
        return "socket" in str(entry.readlink())
    except FileNotFoundError:  # closed since it was listed
        return False
