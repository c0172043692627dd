"""Live events over real connections: what changed is heard by everybody who listens, and by nobody who may not."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from goldseam.edge.client import Client, Submission, new_id
from goldseam.edge.runner import glance
from goldseam.edge.runner.glance import Glances
from goldseam.edge.store import people as people_rows
from goldseam.testing.clock import FakeClock
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.people import Role
from tests.walk import story
from tests.walk.story import Story


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[tuple[Story, str]]:
    with story.opened(tmp_path) as world:
        made = story.set_up(world, tmp_path, n_items=6)
        with story.serving(world) as url:
            yield made, url


def listen(url: str, stage: Story, token: str, wanted: int, into: list[dict[str, int]], ready: threading.Event) -> None:
    """Take so many events from the stream, then hang up."""
    headers = {"Authorization": f"Bearer {token}"}
    path = f"{url}/api/projects/{stage.project.id}/events"
    with httpx.stream("GET", path, headers=headers, timeout=60, trust_env=False) as reply:
        assert reply.headers["content-type"].startswith("text/event-stream")
        for line in reply.iter_lines():
            if line.startswith("data: "):
                into.append(json.loads(line[6:]))
                ready.set()
                if len(into) == wanted:
                    return


def answer(url: str, stage: Story) -> None:
    with Client(url, token=stage.token()) as client:
        (offer,) = client.lease(stage.project.id, 1).offers
        sent = Submission(
            new_id(), offer.id, offer.token, {"mood": Choice(LabelName("pos"))}, 1.0,
            stage.project.schema_version, stage.project.guideline_version,
        )  # fmt: skip
        assert client.submit(stage.project.id, [sent])[0].status == "saved"


def test_everybody_who_listens_hears_an_answer_as_a_count(stage: tuple[Story, str]) -> None:
    made, url = stage
    heard: list[list[dict[str, int]]] = [[], [], []]
    threads = []
    for into in heard:
        ready = threading.Event()
        thread = threading.Thread(target=listen, args=(url, made, made.token(), 2, into, ready))
        thread.start()
        threads.append(thread)
        assert ready.wait(60)

    answer(url, made)

    for thread in threads:
        thread.join(60)
    for into in heard:
        assert [event["answered"] for event in into] == [0, 1]
        assert not {"votes", "annotators"} & set(into[-1])


def test_a_stream_ends_with_the_right_to_it(stage: tuple[Story, str]) -> None:
    made, url = stage
    heard: list[dict[str, int]] = []
    ready = threading.Event()
    token = made.annotator("guest")
    thread = threading.Thread(target=listen, args=(url, made, token, 99, heard, ready))
    thread.start()
    assert ready.wait(60)
    guest = next(
        who.id
        for who, _ in made.world.store.read(lambda tx: people_rows.members(tx, made.project.id))
        if who.name == "guest"
    )
    now = made.world.clock.now()
    made.world.store.write(lambda tx: people_rows.set_role(tx, made.project.id, guest, None, now))

    answer(url, made)

    thread.join(60)
    assert not thread.is_alive()
    assert len(heard) == 1


def test_open_streams_do_not_hold_up_the_end_of_the_server(tmp_path: Path) -> None:
    with story.opened(tmp_path) as world:
        made = story.set_up(world, tmp_path, n_items=2)
        heard: list[dict[str, int]] = []
        ready = threading.Event()
        with story.serving(world) as url:
            thread = threading.Thread(target=listen, args=(url, made, made.token(), 99, heard, ready))
            thread.start()
            assert ready.wait(60)
            begin = time.perf_counter()
        assert time.perf_counter() - begin < 8  # it would wait for the stream for ten seconds
        thread.join(10)
        assert not thread.is_alive()


def test_a_count_that_takes_long_is_made_once_and_served_while_it_rests(tmp_path: Path) -> None:
    clock = FakeClock()
    counted: list[int] = []

    def slowly(_world: object, _project: object) -> dict[str, object]:
        counted.append(1)
        until = time.thread_time() + glance.QUICK_SECONDS * 1.2
        while time.thread_time() < until:  # work, not waiting: on SQLite it is the thread's own time that counts
            sum(range(10_000))
        return {"n": len(counted)}

    with story.opened(tmp_path, clock) as world:
        made = story.set_up(world, tmp_path, n_items=2)
        glances = Glances(world, slowly)
        first, at = glances.look(made.project)
        clock.advance(timedelta(minutes=5))
        again, still_at = glances.look(made.project)
        assert (first, at) == (again, still_at)
        assert len(counted) == 1


def test_a_quick_count_is_always_fresh(tmp_path: Path) -> None:
    counted: list[int] = []
    with story.opened(tmp_path) as world:
        made = story.set_up(world, tmp_path, n_items=2)
        glances = Glances(world, lambda *_: {"n": counted.append(1) or len(counted)})
        assert [glances.look(made.project)[0]["n"] for _ in range(3)] == [1, 2, 3]


def test_a_project_in_a_new_round_is_counted_afresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glance, "QUICK_SECONDS", -1.0)
    counted: list[int] = []
    with story.opened(tmp_path) as world:
        made = story.set_up(world, tmp_path, n_items=2)
        glances = Glances(world, lambda _world, project: {"round": project.round, "n": counted.append(1)})
        glances.look(made.project)
        from dataclasses import replace

        assert glances.look(replace(made.project, round=2))[0]["round"] == 2


def test_a_page_can_ask_for_one_event_only(stage: tuple[Story, str]) -> None:
    made, url = stage
    path, token = f"{url}/api/projects/{made.project.id}/events?once=true", made.token(Role.AUDITOR)
    reply = httpx.get(path, headers={"Authorization": f"Bearer {token}"}, timeout=60, trust_env=False)
    assert reply.text.count("event: progress") == 1
