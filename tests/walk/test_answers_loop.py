"""Projects whose first question is no choice, on answers of real people: import, run, answers, settle, release, verify, export."""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from goldseam.edge.project import Project
from goldseam.edge.runner.annotate import Submission
from goldseam.flow.plan import Verb
from goldseam.formats.parquet import read_table
from goldseam.formats.plain import answer_from_plain, answer_to_plain
from goldseam.ledger.canonical import canonical
from goldseam.stats import overlap
from goldseam.vocab.annotations import AnnotationId
from goldseam.vocab.answers import Answer, Box, Boxes, Choice, LabelName, Number, Preference, Rating, Span, Spans
from goldseam.vocab.schema import QuestionName
from tests.walk import small

Given = Mapping[str, Mapping[str, Mapping[str, Answer]]]
"""What people said: by key of the item, by person, by question."""


def project_of(folder: Path, questions: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]], **more: Any) -> Project:
    """Write items, gold and project file, and open the project."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "items.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    plain = {
        "name": "answers",
        "schema": {"questions": list(questions)},
        "sources": [{"path": "items.jsonl"}],
        "source": {"kind": "text", "text": "text", "key": "key"},
        "sample": {"strategy": "random", "batch": len(rows)},
        "route": {"redundancy": 1},
        "annotate": {"gold_rate": 0.0},
        "adjudicate": {"escalate_below": 0.0},
        "audit": {"draws": 20, "alpha_stop": -1, "alpha_warn": -1, "gold_accuracy": 0.0},
    } | more
    small.write_settings(folder, plain)
    return small.opened(folder)


def gold_file(folder: Path, gold: Mapping[str, Answer]) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    rows = [[key, canonical(answer_to_plain(answer)).decode()] for key, answer in gold.items()]
    small.write_rows(folder / "gold.csv", ["key", "answer"], rows)
    return ["gold.csv"]


def replay(project: Project, given: Given) -> None:
    """Let real people say again what they said; who has nothing to say of an item leaves it to the others."""
    people = sorted({who for said in given.values() for who in said})
    for person in people:
        member = small.member(project, person)
        while offers := project.lease(20, member).offers:
            for offer in offers:
                answers = given.get(offer.item.origin.key, {}).get(person)
                if answers is None:
                    project.skip(offer.id, "other", member) if hasattr(project, "skip") else None
                    continue
                project.submit([submission(project, offer, answers)], member)


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


def test_stars_and_reasons_go_through_the_loop_and_every_question_is_settled_where_it_is_asked(tmp_path: Path) -> None:
    questions = [
        {"name": "stars", "kind": "rating"},
        {"name": "why", "kind": "choices", "labels": ["slow", "dear"], "ask_if": {"question": "stars", "at_most": 2}},
        {"name": "mood", "kind": "choice", "labels": ["calm", "cross"]},
    ]
    rows = [{"key": f"k{n}", "text": f"review {n}"} for n in range(6)]
    project = project_of(tmp_path, questions, rows, route={"redundancy": 3}, adjudicate={"escalate_below": 0.6})
    from goldseam.vocab.answers import Choices

    def said(n: int, person: int) -> dict[str, Answer]:
        low = n < 3
        star = Rating((1 if low else 5) if person or n != 5 else 2)
        why = {"why": Choices((LabelName("slow"),))} if star.value <= 2 else {}
        return {"stars": star, "mood": Choice(LabelName("cross" if low else "calm")), **why}

    with project:
        assert small.run(project)[:1] == [Verb.TAKE_IN] and small.waits_for(project) is Verb.COLLECT
        for person in range(3):
            member = small.member(project, f"p{person}")
            while offers := project.lease(20, member).offers:
                sent = [
                    submission(project, offer, said(int(offer.item.origin.key[1:]), person)) for offer in offers
                ]
                assert all(one.status == "saved" for one in project.submit(sent, member)), [one for one in project.submit(sent, member)]
        small.run(project)
        folder = project.release_folder(1)
        table = read_table((folder / "labels.parquet").read_bytes())
        found = dict(zip(zip(table["question"], table["key"], strict=True), table["label"], strict=True))
        assert json.loads(found["stars", "k0"]) == {"kind": "rating", "value": 1}
        assert found["mood", "k0"] == "cross" and found["mood", "k5"] == "calm"
        assert {key for question, key in found if question == "why"} == {"k0", "k1", "k2"}
        assert project.verify() == ()
        assert "No model is trained" in [s.text for s in project.plan().steps if s.verb is Verb.TRAIN][0] or project.plan().finished
