"""Every kind of question as a project's first: answered, released, and exported in every form that has words for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from goldseam.audit.answers import likeness
from goldseam.formats.parquet import read_table
from goldseam.formats.plain import answer_from_plain
from goldseam.release.exchange import FORMS
from goldseam.vocab.errors import BadValue
from tests.walk import small
from tests.walk.answering import OPEN, submission
from tests.walk.test_every_kind import WORLDS, project_file

KINDS = [
    (modality, kind) for modality, (kinds, _) in WORLDS.items() for kind in kinds if modality not in {"html", "table"}
]

WORDLESS = {("span", "conll"), ("box", "voc"), ("polygon", "yolo"), ("polygon", "label_studio")}
"""Answers of these worlds that a form of their kind has no words for: they nest, are turned, or have holes."""


@pytest.mark.parametrize(("modality", "kind"), KINDS)
def test_every_kind_may_come_first_and_goes_out_in_every_form_that_has_words_for_it(
    tmp_path: Path, modality: str, kind: str
) -> None:
    options, given = WORLDS[modality][0][kind]
    plain = project_file(tmp_path, modality)
    question = {"name": "main", "kind": kind, **options}
    policies = {"adjudicate": {"escalate_below": 0.0}, "audit": OPEN, "annotate": {"gold_rate": 0.0}}
    small.write_settings(tmp_path, plain | {"schema": {"questions": [question]}, "route": {"redundancy": 2}} | policies)
    answer = answer_from_plain({"kind": kind, **given})
    with small.opened(tmp_path) as project:
        small.run(project)
        for name in ("ann", "bob"):
            member = small.member(project, name)
            (offer,) = project.lease(1, member).offers
            (outcome,) = project.submit([submission(project, offer, {"main": answer})], member)
            assert outcome.status == "saved", outcome.error
        small.run(project)
        assert project.verify() == ()
        table = read_table((project.release_folder(1) / "labels.parquet").read_bytes())
        settled = answer_from_plain(json.loads(str(table["label"][0])))
        assert type(settled) is type(answer)
        assert likeness(project.facts.schema.main, [(settled, answer)]) == [pytest.approx(1.0, abs=0.02)]
        main = project.facts.schema.main
        for form, chosen in FORMS.items():
            target = tmp_path / f"out-{form}"
            if main.kind in chosen.kinds and (kind, form) not in WORDLESS:
                assert project.export(target, form=form)[1] == 1
                continue
            with pytest.raises(BadValue, match=r"holds answers of the kinds|overlap|turned|holes"):
                project.export(target, form=form)
            assert not target.exists()
        project.export(tmp_path / "out.csv")
