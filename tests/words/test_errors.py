"""Every error raised on purpose has a family, a sentence, an HTTP status and an exit code."""

from __future__ import annotations

import ast

import pytest

from goldseam.vocab.errors import GoldseamError
from tests.words import errors, repository


@pytest.mark.parametrize("kind", errors.leaves(), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("face", ["status", "exit code"])
def test_every_error_is_in_the_table_of_both_faces(kind: type[GoldseamError], face: str) -> None:
    number = errors.resolve(errors.tables()[face], kind)
    assert number is not None, f"{kind.__name__} has no {face}"
    assert 400 <= number <= 599 if face == "status" else 1 <= number <= 125


@pytest.mark.parametrize("kind", errors.leaves(), ids=lambda kind: kind.__name__)
def test_every_error_belongs_to_one_family_and_says_what_it_means(kind: type[GoldseamError]) -> None:
    assert sum(issubclass(kind, family) for family in errors.families()) == 1
    assert kind.__doc__ is not None
    assert kind.__doc__.strip().endswith(".")


def test_errors_are_defined_in_one_place() -> None:
    elsewhere = [
        f"{repository.short(path)}: {node.name}"
        for path in repository.modules()
        if path.name != "errors.py" and path.relative_to(repository.SOURCE).parts[0] not in {"stats", "ledger"}
        for node in ast.walk(repository.tree(path))
        if isinstance(node, ast.ClassDef)
        and not node.name.startswith("_")
        # a BaseException is a signal within a process, which nobody is told
        and any(isinstance(base, ast.Name) and base.id.endswith(("Error", "Exception")) for base in node.bases)
        and not any(isinstance(base, ast.Name) and base.id == "BaseException" for base in node.bases)
    ]
    # numbers and proofs stand on legs of their own and import no words: theirs are ValueErrors
    assert not elsewhere, "errors raised on purpose stand in vocab/errors.py"
