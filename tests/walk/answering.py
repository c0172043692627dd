"""Projects whose first question is no choice, and people who answer what they are told to: where tests of answers begin.

In: questions, items, and what each person says of each item. Out: an open `Project`; the answers that it released.
Never: a mock; this is the real store.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from goldseam.edge.project import Project
from goldseam.edge.runner import offers
from goldseam.edge.runner.annotate import Submission
from goldseam.flow.plan import Verb
from goldseam.formats.parquet import read_table
from goldseam.formats.plain import answer_from_plain
from goldseam.vocab.annotations import AnnotationId
from goldseam.vocab.answers import (
    Answer,
)
from goldseam.vocab.people import Act
from goldseam.vocab.schema import QuestionKind, QuestionName
from tests.walk import small

Said = Mapping[str, Mapping[str, Mapping[str, Answer]]]
"""What people said: by person, by key of the item, by question."""

OPEN = {"draws": 20, "alpha_stop": -1, "alpha_warn": -1, "gold_accuracy": 0.0}


def project_of(
    folder: Path, questions: Sequence[Mapping[str, Any]], rows: Iterable[Mapping[str, Any]], **more: Any
) -> Project:
    """Write items and project file, and open the project."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{json.dumps(row)}\n" for row in rows]
    (folder / "items.jsonl").write_text("".join(lines), encoding="utf-8")
    plain = {
        "name": "answers",
        "schema": {"questions": list(questions)},
        "sources": [{"path": "items.jsonl"}],
        "source": {"kind": "text", "text": "text", "key": "key"},
        "sample": {"strategy": "random", "batch": 1000},
        "route": {"redundancy": 10},
        "annotate": {"gold_rate": 0.0},
        "adjudicate": {"escalate_below": 0.0},
        "audit": OPEN,
    } | more
    small.write_settings(folder, plain)
    return small.opened(folder)


def replay(project: Project, said: Said) -> None:
    """Let people answer the very items that they answered in life."""
    id_of = dict(zip(project.keys().values(), project.item_ids(list(project.keys())), strict=True))
    key_of = {item: key for key, item in id_of.items()}
    for name, answers in said.items():
        member = small.member(project, name)
        permit = project._permit_of(member, Act.ANNOTATE)
        leased = offers.claim(project.world, permit, [id_of[key] for key in answers])
        sent = [submission(project, offer, answers[key_of[offer.item.id]]) for offer in leased.offers]
        outcomes = project.submit(sent, member)
        assert {one.status for one in outcomes} <= {"saved"}, [one.error for one in outcomes if one.error]
    project.close_round()


def submission(project: Project, offer: Any, answers: Mapping[str, Answer]) -> Submission:
    facts = project.facts
    return Submission(
        id=AnnotationId(project.new_id()),
        assignment=offer.id,
        token=offer.token,
        answers={QuestionName(name): answer for name, answer in answers.items()},
        seconds=1.0,
        schema_version=facts.schema_version,
        guideline_version=facts.guideline_version,
    )


def loop(project: Project, said: Said) -> dict[str, Answer]:
    """Go through a round, and return the released answers to the first question by key."""
    small.run(project)
    assert small.waits_for(project) is Verb.COLLECT
    replay(project, said)
    done = list(project.run())
    told = any("no model was trained" in one.outcome for one in done)
    assert told != (project.facts.schema.main.kind is QuestionKind.SPAN), [one.outcome for one in done]
    assert project.verify() == ()
    return released(project)


def released(project: Project, number: int = 1) -> dict[str, Answer]:
    table = read_table((project.release_folder(number) / "labels.parquet").read_bytes())
    rows = zip(table["question"], table["key"], table["label"], strict=True)
    main = project.facts.question
    return {str(key): answer_from_plain(json.loads(str(text))) for name, key, text in rows if name == main}
