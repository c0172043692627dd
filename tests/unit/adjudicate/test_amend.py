"""A proposal says which edit of the project file it asks for, and whether that was made."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from goldseam.adjudicate.amend import amendment
from goldseam.vocab.errors import BadValue
from goldseam.vocab.schema import Guideline, Label, Question, Schema, WorkedExample
from goldseam.vocab.talk import About, Proposal

AT = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
SCHEMA = Schema((Question("mood", labels=(Label("neg"), Label("pos", definition="Praise."))),))  # type: ignore[arg-type]  # plain values do where the hint is narrower
GUIDELINE = Guideline("Be fair.\nIrony is neg.", (WorkedExample("A gem.", "pos"),))  # type: ignore[arg-type]  # plain values do where the hint is narrower


def asked(about: About, text: str, **more: Any) -> Proposal:
    return Proposal(**{"id": "p", "by": "ann", "about": about, "text": text, "guideline_version": 1, "at": AT} | more)


def test_a_clause_is_replaced_where_it_stands() -> None:
    edit = amendment(asked(About.CLAUSE, "Irony is pos.", clause="Irony is neg."), SCHEMA, GUIDELINE)
    assert (edit.path, edit.old, edit.new, edit.made) == (
        ("guideline", "text"), "Irony is neg.", "Irony is pos.", False,
    )  # fmt: skip


def test_a_clause_that_is_not_there_is_answered_by_the_nearest() -> None:
    with pytest.raises(BadValue, match=r"Did you mean 'Irony is neg\.'"):
        amendment(asked(About.CLAUSE, "Irony is pos.", clause="Ironie is neg."), SCHEMA, GUIDELINE)


def test_a_clause_that_says_it_already_is_made_whatever_it_replaced() -> None:
    assert amendment(asked(About.CLAUSE, "Be fair.", clause="Be unfair."), SCHEMA, GUIDELINE).made


def test_a_label_gets_another_definition() -> None:
    edit = amendment(asked(About.LABEL, "Any praise.", label="pos"), SCHEMA, GUIDELINE)
    assert (edit.path, edit.old) == (("schema", "questions", 0, "labels", 1, "definition"), "Praise.")
    assert amendment(asked(About.LABEL, "Praise.", label="pos"), SCHEMA, GUIDELINE).made


def test_a_worked_example_is_added_once() -> None:
    edit = amendment(asked(About.WORKED_EXAMPLE, "Dull.", label="neg", item="i"), SCHEMA, GUIDELINE)
    assert (edit.path, edit.old, edit.made) == (("guideline", "worked_examples", 1), "", False)
    assert amendment(asked(About.WORKED_EXAMPLE, "A gem.", label="pos", item="i"), SCHEMA, GUIDELINE).made


@pytest.mark.parametrize("about", [About.LABEL, About.WORKED_EXAMPLE])
def test_a_label_that_is_not_there_is_answered_by_the_nearest(about: About) -> None:
    item = "i" if about is About.WORKED_EXAMPLE else None
    with pytest.raises(BadValue, match="Did you mean 'pos'"):
        amendment(asked(about, "Dull.", label="poss", item=item), SCHEMA, GUIDELINE)
