"""What tests of talk share: a project that four annotators answered, settled once and served on each database, with a client for everybody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from goldseam.edge.client import Client, Submission, new_id
from goldseam.edge.home import DATABASE_SETTING
from goldseam.edge.runner import adjudicate, projects, source
from goldseam.flow.settings import settings_from_plain, settings_to_plain
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.items import ItemId
from goldseam.vocab.people import Role
from tests.walk import story
from tests.walk.story import Story

SPLITS = {0: 0, 1: 0, 2: 1, 3: 1, 4: 1, 5: 2, 6: 2, 7: 1}
"""By the number in an item's text: how many of the four annotators say the opposite."""
POLICIES = {
    "guideline": {"text": "Be fair.\nIrony is neg."},
    "route": {"redundancy": 4},
    "annotate": {"gold_rate": 0.0},
    "adjudicate": {
        "method": "majority",
        "escalate_below": 0.9,
        "tiers": [{"role": "reviewer", "up_to": 1}, {"role": "manager"}],
    },
}


@dataclass(frozen=True)
class Team:
    """A served project whose items four annotators answered, settled once; clients by name."""

    story: Story
    id: str
    url: str
    clients: dict[str, Client]
    items: dict[int, ItemId]

    def __getitem__(self, name: str) -> Client:
        return self.clients[name]

    def post(self, who: str, path: str, body: dict[str, Any]) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.clients[who]._token}"}
        return httpx.post(f"{self.url}/api/projects/{self.id}{path}", json=body, headers=headers)

    def label(self, number: int) -> str:
        """The label that stands."""
        found = adjudicate.basis(self.story.world, projects.by_name(self.story.world, "moods")).settled
        return found.labels[found.label[int(found.position.tolist().index(number))]]


def vote(client: Client, project: str, nth: int, *, leave: int = 0) -> dict[int, ItemId]:
    """Answer everything: annotator `nth` is one of those who say the opposite where there are more than `nth` of them."""
    seen: dict[int, ItemId] = {}
    for one in client.lease(project, 50).offers[leave:]:
        assert one.text is not None
        number = int(one.text.split()[2])
        seen[number] = one.item
        good = one.text.endswith("fine") != (nth < SPLITS[number])
        answers = {"mood": Choice(LabelName("pos" if good else "neg"))}
        (outcome,) = client.submit(project, [Submission(new_id(), one.id, one.token, answers, 2.0, 1, 1)])  # type: ignore[arg-type]  # ids and versions as plain values
        assert outcome.status == "saved", outcome
    return seen


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def team(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    folder = tmp_path_factory.mktemp("talk")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(DATABASE_SETTING, raising=False)
        if request.param == "postgresql":
            patch.setenv(DATABASE_SETTING, request.getfixturevalue("postgres").fresh())
        with story.opened(folder) as world:
            made = story.set_up(world, folder, n_items=8, policies=POLICIES)
            write_file(folder, made)
            with story.serving(world) as url:
                tokens = {name: made.annotator(name) for name in ("ann", "ben", "cleo", "dan", "eve")}
                tokens |= {"rita": made.annotator("rita", Role.REVIEWER), "rob": made.annotator("rob", Role.REVIEWER)}
                tokens |= {"mia": made.token(Role.MANAGER), "own": made.token(Role.OWNER)}
                clients = {name: Client(url, token=token, tries=1) for name, token in tokens.items()}
                items: dict[int, ItemId] = {}
                for nth, name in enumerate(("ann", "ben", "cleo", "dan")):
                    items |= vote(clients[name], made.project.id, nth)
                set_gold(folder, made)
                adjudicate.settle_round(world, projects.by_name(world, "moods"), made.members[Role.OWNER])
                yield Team(made, made.project.id, url, clients, items)


def write_file(folder: Path, made: Story) -> None:
    """Write the project file that the project was made from: in JSON, which is YAML, one value a line."""
    plain = settings_to_plain(made.project.settings, "left_out")
    (folder / "goldseam.yaml").write_text(json.dumps(plain, indent=1))


def set_gold(folder: Path, made: Story) -> None:
    """Make item 0 gold."""
    (folder / "gold.csv").write_text("key,label\nk0,neg\n")
    plain = settings_to_plain(made.project.settings) | {"gold": ["gold.csv"]}
    project, _ = projects.apply(made.world, settings_from_plain(plain), made.members[Role.OWNER])
    source.take_in(made.world, project, made.members[Role.OWNER])


def numbers(found: list[dict[str, Any]]) -> set[int]:
    return {int(one["item"]["text"].split()[2]) for one in found}


def words(threads: list[dict[str, Any]]) -> list[list[str]]:
    return [[one["text"] for one in each["comments"]] for each in threads]
