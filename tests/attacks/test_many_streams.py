"""A thousand pages left open: each holds one idle stream, and annotators are answered as if they were not there."""

from __future__ import annotations

import asyncio
import json
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from goldseam.edge.client import Client, Submission, new_id
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.people import Role
from tests.attacks import wire
from tests.walk import program, story
from tests.walk.story import Story

N = 1_000
SERVE = """
import sys
from pathlib import Path
from goldseam.edge.home import Home
from goldseam.edge.runner.world import open_world
from goldseam.edge.server.serving import serve
with open_world(Home(Path(sys.argv[1]))) as world:
    serve(world, port=0, ready=lambda url: print(url, flush=True))
"""


@contextmanager
def room_for_files(wanted: int) -> Iterator[None]:
    """Let this process, and those it starts, open so many files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        pytest.skip(f"this machine lets a process open {hard} files; {wanted} are needed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextmanager
def a_process(folder: Path) -> Iterator[tuple[int, str]]:
    """Serve the folder by a process of its own; gives its id and its address."""
    command = [sys.executable, "-c", SERVE, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=program.ENVIRONMENT) as process:
        try:
            assert process.stdout is not None
            yield process.pid, process.stdout.readline().strip()
        finally:
            process.terminate()
            assert process.wait(30) in {0, -signal.SIGTERM}  # uvicorn ends in good order, then by the signal


def resident(pid: int) -> int:
    """Bytes of memory that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4_096


def n_sockets(pid: int) -> int:
    """How many connections a process has."""
    return sum("socket" in str(one.readlink()) for one in Path(f"/proc/{pid}/fd").iterdir() if one.is_symlink())


def set_up(folder: Path) -> tuple[Story, str, list[str]]:
    """A project, the token of who listens, and those of five annotators."""
    with story.opened(folder) as world:
        made = story.set_up(world, folder, n_items=20)
        return made, made.token(Role.OWNER), [made.annotator(f"guest {number}") for number in range(5)]


def answer(url: str, made: Story, token: str) -> str:
    """Lease an item and answer it; returns what became of the answer."""
    with Client(url, token=token) as client:
        (offer,) = client.lease(made.project.id, 1).offers
        versions = made.project.schema_version, made.project.guideline_version
        answers = {"mood": Choice(LabelName("pos"))}
        sent = Submission(new_id(), offer.id, offer.token, answers, 1.0, *versions)
        return str(client.submit(made.project.id, [sent])[0].status)


async def event(reader: asyncio.StreamReader) -> dict[str, int]:
    """Return the next event of a stream."""
    while not (line := await reader.readline()).startswith(b"data: "):
        assert line, "the stream ended"
    found: dict[str, int] = json.loads(line[6:])
    return found


async def listen(url: str, made: Story, listener: str, annotators: list[str], pid: int) -> None:
    """Open all streams, let the annotators work meanwhile, hear of it on every stream, and hang up."""
    call = wire.head("GET", f"/api/projects/{made.project.id}/events", listener)
    host, _, port = url.removeprefix("http://").partition(":")
    before, sockets = resident(pid), n_sockets(pid)
    lines = []
    for _ in range(N):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(call)
        lines.append((reader, writer))
    async with asyncio.timeout(60):
        first = await asyncio.gather(*(event(reader) for reader, _ in lines))
        assert {one["answered"] for one in first} == {0}
        each = (resident(pid) - before) / N
        print(f"{N} idle streams hold {each / 1024:.1f} KiB each")
        assert each < 100 * 1024
        assert n_sockets(pid) - sockets == N

        fates = await asyncio.gather(*(asyncio.to_thread(answer, url, made, token) for token in annotators))
        assert fates == ["saved"] * len(annotators)

        async def hear(reader: asyncio.StreamReader) -> None:
            while (await event(reader))["annotations"] < len(annotators):
                pass

        await asyncio.gather(*(hear(reader) for reader, _ in lines))
        for _, writer in lines:
            writer.close()
        while n_sockets(pid) > sockets:
            await asyncio.sleep(0.05)


@pytest.mark.slow
def test_a_thousand_idle_streams_keep_nobody_waiting_and_leave_nothing_behind(tmp_path: Path) -> None:
    made, listener, annotators = set_up(tmp_path)
    with room_for_files(N * 2 + 200), a_process(tmp_path) as (pid, url):
        asyncio.run(listen(url, made, listener, annotators, pid))
        assert wire.healthy(url)
