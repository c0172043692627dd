"""Embeddings through the whole loop: words that no label was given for, but that mean the same, are told apart by the model."""

from __future__ import annotations

import shutil
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from goldseam.edge.runner import backup, describing
from goldseam.edge.runner.prelabel import contents_of, load
from goldseam.edge.store import models
from goldseam.flow.plan import Verb
from goldseam.prelabel.features import embed
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.errors import BadPolicy, BadProjectFile, MissingExtra
from tests.walk.small import LABELS, opened, run, submission, waits_for, write_project, write_rows
from tests.walk.static_model import write_static_model

GOOD = [f"good{at}" for at in range(60)]
BAD = [f"bad{at}" for at in range(60)]
EMBEDDED = {"min_labels": 4, "features": ["text", "embeddings"], "embeddings": "models/words"}


def write_world(folder: Path, **policies: object) -> dict[str, object]:
    """Write texts of one word each, none of them twice, and a model that knows which words mean the same."""
    policies = {"prelabel": EMBEDDED, "sample": {"strategy": "random", "batch": 40}, "rounds": 2, **policies}
    plain = write_project(folder, **policies)
    words = [word for pair in zip(BAD, GOOD, strict=True) for word in pair]
    write_rows(folder / "items.csv", ["key", "text"], [[f"k{at}", f"so {word}"] for at, word in enumerate(words)])
    if not (folder / "models").exists():
        write_static_model(folder / "models" / "words", [GOOD, BAD, ["so"]])
    return plain


def answer(project) -> None:
    while offers := project.lease(20).offers:
        said = [LABELS["good" in one.item.content] for one in offers]
        project.submit(
            [submission(project, one, Choice(LabelName(label))) for one, label in zip(offers, said, strict=True)]
        )


def to_the_end(project) -> None:
    while True:
        run(project)
        if waits_for(project) is not Verb.COLLECT:
            return
        answer(project)


@pytest.mark.slow
def test_words_without_a_label_are_told_apart_by_what_they_mean(tmp_path, monkeypatch):
    write_world(tmp_path)
    with opened(tmp_path) as project:
        project.apply()
        to_the_end(project)
        world, facts = project.world, project.facts
        assert facts.model is not None
        position = np.arange(120)
        model = load(world, facts, facts.model)
        assert model.uses == {"embeddings"} and model.n_vectors == 8
        contents = contents_of(world, facts, position, also=model.uses)
        assert (model.propose(contents).argmax(axis=1) == position % 2).all()
        assert model.n_train < 100  # the others were never answered, and no word stands twice
        # Each is made once: with all of them kept, the model is not even asked.
        monkeypatch.setattr("goldseam.edge.suggesters.vectors.Vectors.of", None)
        again = contents_of(world, facts, position)
        assert np.array_equal(again.vectors, contents.vectors)
        near = embed(contents, np.random.default_rng(0))
        assert near[0] @ near[2] > 0.9 > near[0] @ near[1]
        assert list(world.home.vectors.iterdir())
        backup.back_up(world, tmp_path / "whole.zip")
        with zipfile.ZipFile(tmp_path / "whole.zip") as archive:
            assert not [name for name in archive.namelist() if "vectors" in name]


@pytest.mark.slow
def test_a_model_whose_embeddings_are_gone_knows_nothing_and_the_next_one_takes_over(tmp_path):
    write_world(tmp_path, rounds=1)
    with opened(tmp_path) as project:
        project.apply()
        to_the_end(project)
        first = project.facts.model
    write_world(tmp_path, rounds=2, gold=["gold.csv"], prelabel={"min_labels": 4})
    write_rows(tmp_path / "gold.csv", ["key", "label"], [[f"k{at}", LABELS[at % 2]] for at in range(100, 120)])
    shutil.rmtree(tmp_path / "models")
    with opened(tmp_path) as project:
        project.apply()
        world, facts = project.world, project.facts
        model = load(world, facts, first)
        proba = model.propose(contents_of(world, facts, np.arange(5), also=model.uses))
        assert np.array_equal(proba, np.full((5, 2), 0.5, np.float32))
        to_the_end(project)
        kept = world.store.read(lambda tx: models.listing(tx, facts.id))
        assert len(kept) == 2  # no step stops at the old model


def test_what_is_wrong_with_the_setting_is_said_where_it_stands(tmp_path, monkeypatch):
    write_world(tmp_path)
    with opened(tmp_path) as project:
        project.apply()
        run(project)
        shutil.move(tmp_path / "models" / "words", tmp_path / "elsewhere")
        with pytest.raises(BadPolicy, match="'words', which is not there"):
            describing.described(project.world, project.facts, np.arange(2))
        shutil.move(tmp_path / "elsewhere", tmp_path / "models" / "words")
        monkeypatch.setitem(sys.modules, "model2vec", None)
        (tmp_path / "models" / "words" / "config.json").write_text("{}", encoding="utf-8")
        with pytest.raises(MissingExtra, match="goldseam"):
            describing.described(project.world, project.facts, np.arange(2))
    for wrong, said in {
        "/etc": "within that of the project",
        "models/../../etc": "within that of the project",
        "": "both, or neither",
    }.items():
        write_world(tmp_path, prelabel=EMBEDDED | {"embeddings": wrong})
        with pytest.raises(BadProjectFile, match=said), opened(tmp_path):
            pass
