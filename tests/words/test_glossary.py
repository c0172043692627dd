"""The names that people meet are the words of docs/GLOSSARY.md."""

from __future__ import annotations

import ast
import fnmatch
import importlib
import re
from functools import cache

import pytest

from tests.words import repository
from tests.words.commands import commands

GLOSSARY = repository.ROOT / "docs" / "GLOSSARY.md"
VERBS = {"get", "post", "put", "patch", "delete"}


def words(name: str) -> tuple[str, ...]:
    """The words of a CamelCase, snake_case or dashed name, in lower case and the singular."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    return tuple(singular(part.lower()) for part in parts)


def singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


@cache
def unwanted() -> dict[tuple[str, ...], str]:
    """Each noun of the last column, as words, with the term that stands for it."""
    rows = repository.table(repository.section(GLOSSARY.read_text(encoding="utf-8"), "Terms"))
    return {words(noun): term.replace("*", "") for term, _, nouns in rows for noun in nouns.split(",") if words(noun)}


@cache
def exceptions() -> dict[str, str]:
    rows = repository.table(repository.section(GLOSSARY.read_text(encoding="utf-8"), "Exceptions"))
    return {name.strip("`"): why for name, why in rows}


def excepted(printed: str) -> list[str]:
    """The exceptions that cover a name."""
    return [pattern for pattern in exceptions() if fnmatch.fnmatchcase(printed, pattern)]


def found_in(name: str) -> str | None:
    """The unwanted noun in a name, with what to say instead, or None."""
    have = words(name)
    for noun, term in unwanted().items():
        if any(have[i : i + len(noun)] == noun for i in range(len(have))):
            return f"{' '.join(noun)!r}: we say {term}"
    return None


def exported() -> list[tuple[str, str]]:
    """Public records and functions: as printed, and the name itself."""
    names = []
    for path in repository.modules():
        # a migration is history; the functions of the store's suite are tests, and a test's name is a sentence
        if {"migrations", "store_suite"} & set(path.parts):
            continue
        module = ".".join(path.relative_to(repository.SOURCE).with_suffix("").parts).removesuffix(".__init__")
        names += [
            (f"{module}.{node.name}", node.name)
            for node in repository.tree(path).body
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_")
        ]
    return names


def tables() -> list[tuple[str, str]]:
    from sqlalchemy import MetaData

    module = importlib.import_module("goldseam.edge.store.tables")
    found = next(value for value in vars(module).values() if isinstance(value, MetaData))
    return [(f"table {name}", name) for name in sorted(found.tables)]


def paths() -> list[tuple[str, str]]:
    """HTTP paths as the server's routes name them."""
    names = []
    for path in sorted((repository.SOURCE / "edge" / "server").rglob("*.py")):
        for node in ast.walk(repository.tree(path)):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in VERBS):
                continue
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value.startswith("/"):
                names.append((f"path {first.value}", re.sub(r"\{[^}]*\}", "", first.value)))
    return sorted(set(names))


def typed() -> list[tuple[str, str]]:
    return [(f"command {one.path}", one.path) for one in commands()]


SOURCES = {"records and functions": exported, "tables": tables, "paths": paths, "commands": typed}


@pytest.mark.parametrize("source", SOURCES)
def test_public_names_use_the_words_of_the_glossary(source: str) -> None:
    names = SOURCES[source]()
    assert names, f"no {source} found: this test has lost what it reads"
    wrong = {printed: why for printed, name in names if (why := found_in(name)) and not excepted(printed)}
    assert not wrong, "rename, or give a reason under 'Exceptions' in docs/GLOSSARY.md:\n" + "\n".join(
        f"  {printed}  ({why})" for printed, why in sorted(wrong.items())
    )


def test_every_exception_is_still_used_and_has_a_reason() -> None:
    used = {one for source in SOURCES.values() for name, bare in source() if found_in(bare) for one in excepted(name)}
    assert not sorted(exceptions().keys() - used), "strike these out of docs/GLOSSARY.md"
    assert all(len(why) > 10 for why in exceptions().values())


@pytest.mark.parametrize(
    "name", ["TaskQueue", "user_accounts", "/api/projects/annotations/jobs", "list categories", "GroundTruth"]
)
def test_a_word_of_the_last_column_is_found(name: str) -> None:
    assert found_in(name) is not None


@pytest.mark.parametrize(
    "name", ["ItemQueue", "annotators", "/api/projects/{project}/assignments", "people add", "Settlements"]
)
def test_a_word_of_the_first_column_passes(name: str) -> None:
    assert found_in(name) is None


def test_each_term_stands_once() -> None:
    rows = repository.table(repository.section(GLOSSARY.read_text(encoding="utf-8"), "Terms"))
    terms = [row[0] for row in rows]
    assert len(terms) == len(set(terms))
    assert all(len(row) == 3 and row[1] for row in rows)
