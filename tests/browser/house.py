"""The house that the page is shown in: one folder with real digits after a round, and texts, both friendly and hostile.

In: an empty folder. Out: a project folder that `goldseam serve` can open, and hands to add people and to let the loop go on.
Never: a row written past the runner.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from goldseam.edge.cli.demo import _rounds
from goldseam.edge.cli.digits import lay_out
from goldseam.edge.clock import SeededClock
from goldseam.edge.home import Home
from goldseam.edge.project import Project, open_project
from goldseam.edge.runner import annotate, flow, people, projects, steps
from goldseam.edge.runner.annotate import Submission
from goldseam.edge.runner.people import Principal
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import silent
from goldseam.flow.settings import settings_from_plain
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.people import Act, AnnotatorId, Role

SEED = 7
BATCH = 60
PASSWORD = "correct horse battery"

FILMS = tuple(
    f"{name} is {verdict}."
    for name, verdict in [
        ("The harbor", "a quiet wonder"),
        ("Nine clocks", "two hours that feel like nine"),
        ("A field of salt", "worth the walk home in the rain"),
        ("Late ferry", "as long as its title says"),
        ("The glass bell", "a bell that never rings"),
        ("Small weather", "small, and exactly right"),
        ("Paper lanterns", "bright, loud and empty"),
        ("The ninth stair", "hard to forget"),
    ]
)
SMALL = (("films", FILMS, 2), ("tied for good", FILMS, 2), ("shared queue", FILMS, 1), ("last item", FILMS[:1], 1))
"""Text projects by name, items and redundancy; the tests settle the ties of the first and leave the second's."""

SCRIPT = "<script>window.hit=1;alert(1)</script>"
PICTURE = '<img src=x onerror="window.hit=2;alert(2)">'
DRAWING = '<svg onload="window.hit=3"><animate onbegin="alert(3)" attributeName=x></svg>'
LINK = "[press me](javascript:window.hit=4)"
FRAME = '<iframe srcdoc="<script>parent.hit=5</script>"></iframe>'
STYLE = '"><style>*{display:none}</style><base href="http://elsewhere.invalid/">'
HOSTILE = (SCRIPT, PICTURE, DRAWING, LINK, FRAME, STYLE)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in."""

    id: AnnotatorId
    login: str


class House:
    """A folder with projects in it, opened beside the server that serves it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.digits: Project = open_project(folder)
        self.world = self.digits.world

    def close(self) -> None:
        self.digits.close()

    def facts(self, name: str = "digits") -> ProjectFacts:
        return projects.by_name(self.world, name)

    def person(self, login: str, *names: str, role: Role = Role.ANNOTATOR) -> Person:
        """Add somebody to these projects; the first one if none is named."""
        for name in names or ("digits",):
            made, _ = people.add_person(self.world, self.facts(name).id, self.digits.me, login, role, password=PASSWORD)
        return Person(made.id, login)

    def code(self, person: Person | None = None) -> str:
        """Return a code that signs somebody in once; the owner, if nobody is named."""
        return people.make_code(self.world, person.id if person else self.digits.me)

    def run(self, name: str) -> list[str]:
        """Do the steps of this project until a person is needed."""
        return [done.outcome for done in steps.run(self.world, name, self.digits.me)]

    def counts(self, name: str = "digits") -> Mapping[str, Any]:
        found: Any = flow.round_facts(self.world, self.facts(name))["counts"]
        return found

    def answer(self, name: str, person: Person, label_of: Callable[[str], str], count: int = 50) -> int:
        """Let a person answer, by the item's text, whatever the queue gives them, without the page."""
        project = self.facts(name)
        permit = people.permit(self.world, Principal(person.id, person.login), project.id, Act.ANNOTATE)
        offers = annotate.lease(self.world, permit, count).offers
        sent = [
            Submission(
                id=people.fresh_id(self.world),  # type: ignore[arg-type]  # plain values do where the hint is narrower
                assignment=offer.id,
                token=offer.token,
                answers={project.schema.main.name: Choice(LabelName(label_of(offer.item.content)))},
                seconds=1.5,
                schema_version=project.schema_version,
                guideline_version=project.guideline_version,
            )
            for offer in offers
        ]
        return sum(one.status == "saved" for one in annotate.submit(self.world, permit, sent))


def build(folder: Path) -> None:
    """Make the house: digits in round 2 with suggestions, films with a tie, a small queue, and hostile texts."""
    truth = lay_out(Home(folder), "auto", BATCH, SEED)
    with open_project(folder, SeededClock(SEED)) as project:
        _rounds(project, "margin", truth, 1, SEED, silent)
        for _ in project.run():  # the next round's items are drawn, and the model has proposed
            pass
        project.seal()
    made = House(folder)
    try:
        for name, texts, redundancy in SMALL:
            add_films(made, name, texts, redundancy)
        for name in (HOSTILE_OPEN, HOSTILE_TIED):
            add_hostile(made, name)
        for name in ("films", "tied for good"):
            tie(made, name, FILMS[:3])
        tie(made, HOSTILE_TIED, HOSTILE[:3])
    finally:
        made.close()


def add_films(house: House, name: str, texts: Sequence[str], redundancy: int) -> None:
    """Add a small text project that asks one plain question."""
    plain = {
        "schema": {
            "questions": [{"name": "mood", "prompt": "Does the writer like it?", "labels": ["likes it", "does not"]}]
        },
        "guideline": {"text": "Judge the *writer*, not the film.\n\n- Irony counts as what it means."},
        "source": {"text": "text"},
    }
    if name == "shared queue":
        plain["annotate"] = {"prefetch": 2}  # so that the first page to open leaves something for the second
    _add(house, name, plain, [{"text": text} for text in texts], redundancy)


HOSTILE_OPEN = f"open {SCRIPT}"
HOSTILE_TIED = f"tied {PICTURE}"


def add_hostile(house: House, name: str) -> None:
    """Add a project in which every text that a person can write is an attempt at the page."""
    labels = [
        {
            "name": f"{number} {attempt}",
            "title": attempt,
            "definition": f"{PICTURE} {attempt}",
            "examples": [attempt],
            "counter_examples": [DRAWING],
            "edge_cases": [LINK],
            "disallowed": SCRIPT,
        }
        for number, attempt in enumerate(HOSTILE[:4])
    ]
    plain = {
        "schema": {"questions": [{"name": f"q{PICTURE}", "prompt": f"{SCRIPT}{PICTURE}", "labels": labels}]},
        "guideline": {
            "text": "\n\n".join([f"# {SCRIPT}", *HOSTILE, "![x](javascript:alert(1))", "<javascript:alert(6)>"]),
            "worked_examples": [{"text": SCRIPT, "label": labels[0]["name"], "why": PICTURE}],
        },
        "source": {"text": "text"},
        "annotate": {"show": ["note"]},
    }
    rows = [{"text": f"{attempt} number {n}", "note": attempt} for n, attempt in enumerate(HOSTILE)]
    _add(house, name, plain, rows, 2, bad=f"{PICTURE},{SCRIPT},one field too many")


def _add(
    house: House,
    name: str,
    plain: Mapping[str, object],
    rows: Sequence[Mapping[str, str]],
    redundancy: int,
    bad: str = "",
) -> None:
    path = house.folder / f"source-{len(list(house.folder.glob('source-*')))}.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        if bad:
            file.write(f"{bad}\n")
    policies = {
        "sources": [{"path": path.name}],
        "sample": {"strategy": "random", "batch": len(rows)},
        "route": {"redundancy": redundancy},
        "adjudicate": {"method": "majority"},
        "prelabel": {"suggester": "none"},
    }
    # What the caller says stands: the policies here are for what it leaves out.
    projects.apply(house.world, settings_from_plain({"name": name} | policies | dict(plain)), house.digits.me)
    house.run(name)


def tie(house: House, name: str, doubtful: Sequence[str]) -> None:
    """Let two people disagree on the items that begin so and agree on the others, so that the round waits for rulings."""
    first, second = (str(label) for label in house.facts(name).labels[:2])
    house.answer(name, house.person("ines", name), lambda _: first)
    house.answer(name, house.person("jo", name), lambda text: second if text.startswith(tuple(doubtful)) else first)
    house.run(name)
    assert house.counts(name)["escalated"] == len(doubtful), "the votes made no tie"
