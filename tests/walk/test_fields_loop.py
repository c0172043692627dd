"""Tables and texts with fields through the whole loop: drawn, answered, released, learned from, promoted, proposed."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer

from goldseam.edge.runner.prelabel import contents_of, load
from goldseam.edge.store import items, models, settlements, suggestions
from goldseam.edge.store.models import Outcome
from goldseam.flow.plan import Verb
from goldseam.prelabel.contents import Described
from goldseam.vocab.answers import Choice, LabelName
from tests.walk.small import opened, run, submission, waits_for, write_settings

NAMES = ("malignant", "benign")


def write_tumors(folder: Path, kind: str, **prelabel: object) -> dict[str, str]:
    """Write rows of measurements, as tables or as texts with fields, and a project file; return each key's label."""
    bunch = load_breast_cancer()
    columns = [str(name) for name in bunch.feature_names]
    labels = {f"t{at}": NAMES[label] for at, label in enumerate(bunch.target.tolist())}
    with (folder / "rows.jsonl").open("w", encoding="utf-8") as file:
        for at, row in enumerate(bunch.data.tolist()):
            table = {"columns": columns, "rows": [row]}
            shown = (
                {"shown": table}
                if kind == "table"
                else {"shown": f"Sample {at}", **dict(zip(columns, row, strict=True))}
            )
            file.write(json.dumps({"key": f"t{at}", **shown}) + "\n")
    with (folder / "gold.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerows([["key", "label"], *(list(labels.items())[:40])])
    plain = {
        "name": "tumors",
        "schema": {"questions": [{"name": "kind", "labels": list(NAMES)}]},
        "sources": [{"path": "rows.jsonl"}],
        "source": {"kind": kind, "text": "shown", "key": "key"},
        "gold": ["gold.csv"],
        "sample": {"batch": 40},
        "route": {"redundancy": 1},
        "annotate": {"gold_rate": 0.0},
        "rounds": 2,
        "audit": {"draws": 20},
        "prelabel": prelabel,
    }
    write_settings(folder, plain)
    return labels


def answer(project, labels: dict[str, str]) -> None:
    while offers := project.lease(20).offers:
        said = [labels[offer.item.origin.key] for offer in offers]
        project.submit(
            [submission(project, one, Choice(LabelName(label))) for one, label in zip(offers, said, strict=True)]
        )


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["table", "text"])
def test_measurements_teach_a_model_that_is_promoted_and_right(tmp_path, kind):
    named = {} if kind == "table" else {"features": ["fields"]}
    labels = write_tumors(tmp_path, kind, **named)
    with opened(tmp_path) as project:
        project.apply()
        while True:
            run(project)
            if waits_for(project) is not Verb.COLLECT:
                break
            answer(project, labels)
        world, facts = project.world, project.facts
        kept = world.store.read(lambda tx: models.listing(tx, facts.id))
        assert [one.kind for one in kept] == ["linear fields"] * 2
        assert kept[0].outcome is Outcome.PROMOTED
        assert json.loads(kept[-1].metrics)["challenger_accuracy"] >= 0.9
        settled = world.store.read(lambda tx: settlements.current(tx, facts.id, facts.question))
        rest = np.setdiff1d(np.arange(len(labels)), settled.position)
        placed = world.store.read(lambda tx: items.some(tx, facts.id, rest))
        model = load(world, facts, facts.model)
        proba = model.propose(contents_of(world, facts, rest, also=model.uses))
        said = [facts.labels[at] for at in proba.argmax(axis=1).tolist()]
        right = np.mean([label == labels[one.origin.key] for label, one in zip(said, placed, strict=True)])
        majority = np.mean([labels[one.origin.key] == "benign" for one in placed])
        assert right > 0.93 > majority + 0.2
        assert not len(world.store.read(lambda tx: suggestions.unscored(tx, facts.id, facts.model)))


def test_a_model_of_fields_still_proposes_when_the_file_names_them_no_more(tmp_path):
    write_tumors(tmp_path, "text", features=["text", "fields"], fields=["mean radius", "worst area"])
    with opened(tmp_path) as project:
        project.apply()
        run(project)
        position = np.arange(3)
        told = contents_of(project.world, project.facts, position)
        assert isinstance(told, Described) and told.reads_text
        assert [set(one) for one in told.fields] == [{"mean radius", "worst area"}] * 3
    write_tumors(tmp_path, "text")
    with opened(tmp_path) as project:
        project.apply()
        assert contents_of(project.world, project.facts, position) == ["Sample 0", "Sample 1", "Sample 2"]
        asked = contents_of(project.world, project.facts, position, also=frozenset({"fields"}))
        assert asked.fields[0]["mean radius"] == "17.99"
