"""A small project on disk, with people in every role: where the tests of the server begin.

In: a folder. Out: an open world with one project whose items wait for answers. Never: a mock; this is the real store.
"""

from __future__ import annotations

import csv
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from goldseam.edge.clock import Clock
from goldseam.edge.home import Home
from goldseam.edge.runner import people, projects, route, sample, source
from goldseam.edge.runner.log import record
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import World, open_world
from goldseam.edge.server import app as server
from goldseam.edge.server.serving import limits_of, listen, names_of
from goldseam.edge.store import people as people_rows
from goldseam.edge.store.tx import Tx
from goldseam.flow.settings import settings_from_plain
from goldseam.ledger.entries import EntryKind
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import AnnotatorId, AnnotatorKind, Role

PASSWORD = "correct horse battery"
LABELS = ("neg", "pos")


@dataclass(frozen=True)
class Story:
    """A world, its project, and the members by role."""

    world: World
    project: ProjectFacts
    members: Mapping[Role, AnnotatorId]

    def token(self, role: Role = Role.ANNOTATOR) -> str:
        """Make an API token of the member of this role, without limits but the role's."""
        return people.make_token(self.world, self.project.id, self.members[role], "test", None, None)

    def annotator(self, name: str, role: Role = Role.ANNOTATOR) -> str:
        """Add one more person, without an account, and return a token of theirs."""
        made = member_of(self.world, name, self.project.id, role)
        return people.make_token(self.world, self.project.id, made, "test", None, None)


def write_files(folder: Path, n_items: int, n_gold: int) -> dict[str, object]:
    """Write a source and its gold, and return the plain settings that name them."""
    with (folder / "items.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["key", "text", "shelf"])
        writer.writerows(
            [f"k{n}", f"film number {n} is {'fine' if n % 2 else 'poor'}", f"s{n % 3}"] for n in range(n_items)
        )
    with (folder / "gold.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["key", "label"])
        writer.writerows([f"k{n}", LABELS[n % 2]] for n in range(n_gold))
    return {
        "schema": {"questions": [{"name": "mood", "labels": list(LABELS)}]},
        "guideline": {"text": "Be *fair*. <script>alert(1)</script>"},
        "sources": [{"path": "items.csv"}],
        "gold": ["gold.csv"] if n_gold else [],
        "source": {"text": "text", "key": "key"},
    }


def member_of(world: World, name: str, project: ProjectId | None = None, role: Role = Role.ANNOTATOR) -> AnnotatorId:
    """Make a person, without the work of hashing a password; without a project they are whoever sets up the first one."""
    now = world.clock.now()

    def save(tx: Tx) -> AnnotatorId:
        made = people_rows.add_annotator(tx, name, AnnotatorKind.PERSON, now)
        if project is not None:
            people_rows.set_role(tx, project, made.id, role, now)
            body = {"role": role.value}
            record(tx, project, EntryKind.ROLE_GRANTED, now, actor=made.id, about=made.id, body=body)
        return made.id

    return world.store.write(save)


def set_up(
    world: World,
    folder: Path,
    *,
    name: str = "moods",
    n_items: int = 12,
    n_gold: int = 0,
    policies: Mapping[str, object] | None = None,
    accounts: bool = False,
) -> Story:
    """Apply the project, take its items in, add a member for every role (if asked, with an account), and open the round."""
    plain = write_files(folder, n_items, n_gold) | {"name": name, "sample": {"strategy": "random", "batch": n_items}}
    owner = member_of(world, f"owner of {name}")
    project, _ = projects.apply(world, settings_from_plain(plain | dict(policies or {})), owner)
    members = {Role.OWNER: owner}
    for role in Role:
        if role is not Role.OWNER:
            login = f"{role.value}-{name}"
            if accounts:
                members[role] = people.add_person(world, project.id, owner, login, role, password=PASSWORD)[0].id
            else:
                members[role] = member_of(world, login, project.id, role)
    source.take_in(world, project, owner)
    project = projects.by_name(world, name)
    sample.draw_round(world, project, owner)
    route.assign_round(world, projects.by_name(world, name), owner)
    return Story(world, projects.by_name(world, name), members)


@contextmanager
def opened(folder: Path, clock: Clock | None = None) -> Iterator[World]:
    """Open a world in a folder."""
    (folder / "goldseam.yaml").touch()
    with open_world(Home(folder), clock) as world:
        yield world


@contextmanager
def serving(world: World) -> Iterator[str]:
    """Serve a world on loopback with uvicorn, and yield its address."""
    with listen("127.0.0.1", 0) as listening:
        app = server.make_app(world, names=names_of("127.0.0.1", ()))
        ready = threading.Event()
        running = server.Server(limits_of(app), ready.set, app.state.feed.end)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            assert ready.wait(10), "the server did not start"
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            running.should_exit = True
            thread.join(20)
            assert not thread.is_alive()
