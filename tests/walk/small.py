"""Small projects on disk, driven from Python: where the tests of the runner and of whole rounds begin.

In: a folder, plain settings. Out: an open `Project`; people who answer. Never: a mock; this is the real store.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np

from goldseam.edge.home import Home
from goldseam.edge.project import Project, open_project
from goldseam.edge.runner.annotate import Offer, Outcome, Submission
from goldseam.flow.plan import Verb
from goldseam.testing.clock import FakeClock
from goldseam.vocab.annotations import AnnotationId
from goldseam.vocab.answers import Abstain, Answer, Choice, LabelName
from goldseam.vocab.people import AnnotatorId, Role
from tests.walk import story

LABELS = ("neg", "pos")
GOOD = ("great fun", "a lovely film", "wonderful story", "I loved it")
BAD = ("a dull mess", "awful film", "boring story", "I hated it")


class Ticking(FakeClock):
    """A clock that goes on a thousandth of a second at every look, so that no two moments are the same."""

    def now(self):
        return self.advance(timedelta(milliseconds=1))


def text_of(n: int) -> str:
    """Return the n-th text; the odd ones are good."""
    return f"{(GOOD if n % 2 else BAD)[n // 2 % 4]}, number {n}"


def truth_of(text: str) -> str:
    """Return the label that a text made by `text_of` deserves."""
    return LABELS[int(text.rsplit(" ", 1)[1]) % 2]


def write_rows(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]], mode: str = "w") -> None:
    """Write rows as CSV; with mode `a`, add them at the end of the file."""
    with path.open(mode, newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if mode == "w":
            writer.writerow(header)
        writer.writerows(rows)


def write_project(folder: Path, n_items: int = 12, **policies: object) -> dict[str, object]:
    """Write items and a project file (JSON is YAML) and return its plain settings."""
    folder.mkdir(parents=True, exist_ok=True)
    write_rows(folder / "items.csv", ["key", "text"], [[f"k{n}", text_of(n)] for n in range(n_items)])
    plain: dict[str, object] = {
        "name": "moods",
        "schema": {"questions": [{"name": "mood", "labels": list(LABELS)}]},
        "sources": [{"path": "items.csv"}],
        "source": {"text": "text", "key": "key"},
        "sample": {"strategy": "random", "batch": 6},
        "route": {"redundancy": 1},
        "annotate": {"gold_rate": 0.0},
        "prelabel": {"min_labels": 4},
        "audit": {"draws": 20},
    }
    plain |= policies
    write_settings(folder, plain)
    return plain


def write_settings(folder: Path, plain: Mapping[str, object]) -> None:
    """Write the project file anew."""
    Home(folder).project_file.write_text(json.dumps(plain, indent=1), encoding="utf-8")


def opened(folder: Path, clock: FakeClock | None = None) -> Project:
    """Open the project of a folder, on a clock that ticks."""
    return open_project(folder, clock or Ticking())


def member(project: Project, name: str, role: Role = Role.ANNOTATOR) -> AnnotatorId:
    """Add a person without an account: hashing a password takes a tenth of a second."""
    return story.member_of(project.world, name, project.facts.id, role)


def submission(project: Project, offer: Offer, answer: Answer) -> Submission:
    """Return an answer to the project's first question as a face would send it."""
    facts = project.facts
    return Submission(
        id=AnnotationId(project.new_id()),
        assignment=offer.id,
        token=offer.token,
        answers={facts.schema.main.name: answer},
        seconds=1.0,
        schema_version=facts.schema_version,
        guideline_version=facts.guideline_version,
    )


def answer_all(
    project: Project,
    people: Sequence[AnnotatorId | None],
    *,
    accuracy: float = 1.0,
    abstains: float = 0.0,
    seed: int = 0,
) -> list[Outcome]:
    """Let everybody answer what the queue gives them, until it gives nothing."""
    rng = np.random.default_rng(seed)
    outcomes: list[Outcome] = []
    for person in people:
        while offers := project.lease(20, person).offers:
            sent = []
            for offer in offers:
                right = truth_of(offer.item.content)
                said = right if rng.random() < accuracy else LABELS[1 - LABELS.index(right)]
                answer: Answer = Abstain("unclear") if rng.random() < abstains else Choice(LabelName(said))
                sent.append(submission(project, offer, answer))
            outcomes += project.submit(sent, person)
    return outcomes


def run(project: Project, limit: int = 100) -> list[Verb]:
    """Run until a person is needed, and return what was done; more steps than the limit are a loop that never ends."""
    done: list[Verb] = []
    for each in project.run():
        done.append(each.step.verb)
        assert len(done) <= limit, f"it goes on for ever: {done[-12:]}"
    return done


def waits_for(project: Project) -> Verb | None:
    """Return what the project waits for a person to do; None when it is finished."""
    step = project.plan().next
    return None if step is None else step.verb


def round_trip(project: Project, people: Sequence[AnnotatorId | None] = (None,)) -> None:
    """Run a project whose people are always right to its end."""
    for _ in range(50):
        run(project)
        match waits_for(project):
            case None:
                return
            case Verb.COLLECT:
                answer_all(project, people)
            case other:
                raise AssertionError(f"it waits for {other}")
    raise AssertionError("it never ends")
