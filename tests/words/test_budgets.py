"""Modules and functions stay small enough to read in one go, and say what they are for."""

from __future__ import annotations

import ast
import re

from tests.words import repository

MODULE_LINES = 400
FUNCTION_LINES = 50


def lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function without its docstring: a formula explained at length is no reason to cut a kernel."""
    first = node.body[0]
    documented = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    spared = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
    return (node.end_lineno or 0) - node.lineno + 1 - spared


def test_no_module_is_longer_than_400_lines() -> None:
    # a migration is history: it is never read to change it, and never changed
    files = [p for p in repository.modules() + repository.page_files() if "migrations" not in p.parts]
    assert files
    long = {
        repository.short(p): n for p in files if (n := len(p.read_text(encoding="utf-8").splitlines())) > MODULE_LINES
    }
    assert not long


def test_no_function_is_longer_than_50_lines() -> None:
    long = {
        f"{repository.short(path)}:{node.lineno} {node.name}": lines_of(node)
        for path in repository.modules()
        if "migrations" not in path.parts
        for node in repository.functions(repository.tree(path))
        if lines_of(node) > FUNCTION_LINES
    }
    assert not long


def test_a_function_of_51_lines_is_seen() -> None:
    text = 'def long():\n    """Say so.\n\n    At length.\n    """\n' + "    x = 1\n" * 50
    (node,) = repository.functions(ast.parse(text))
    assert lines_of(node) == 51


def test_every_module_opens_with_in_out_never() -> None:
    silent = []
    for path in repository.modules():
        text = ast.get_docstring(repository.tree(path)) or ""
        brief = path.name == "__init__.py" or "migrations" in path.parts
        wanted = (r"\S",) if brief else (r"\bIn: ", r"\bOut: ", r"\bNever: ")
        silent += [repository.short(path)] * any(not re.search(mark, " ".join(text.split())) for mark in wanted)
    assert not silent, "a module's docstring says In: what comes in, Out: what goes out, Never: what it never does"


def test_no_class_is_called_a_manager_or_another_empty_word() -> None:
    empty = re.compile(r"(Manager|Handler|Processor|Service|Helper|Util|Utils|Base)$")
    found = [
        f"{repository.short(path)}: {node.name}"
        for path in repository.modules()
        for node in ast.walk(repository.tree(path))
        if isinstance(node, ast.ClassDef) and empty.search(node.name)
    ]
    assert not found


def test_no_folder_is_called_utils() -> None:
    assert not [
        repository.short(p) for p in repository.modules() if {"utils", "util", "helpers", "common"} & {*p.parts, p.stem}
    ]


def test_nothing_outside_the_edge_opens_files_or_asks_for_the_time_or_for_chance() -> None:
    calls = {"open", "now", "utcnow", "today", "default_rng", "input", "print", "uuid4", "uuid1", "urandom"}
    found = []
    for path in repository.modules():
        place = path.relative_to(repository.SOURCE).parts
        if place[0] in {"edge", "testing", "__init__.py"}:
            continue
        for node in ast.walk(repository.tree(path)):
            if isinstance(node, ast.Call):
                called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                owner = ast.unparse(node.func).rsplit(".", 1)[0]
                # `Image.open(BytesIO(...))` reads bytes that were handed in, not a file
                if called in calls and not (called == "open" and owner == "Image"):
                    found.append(f"{repository.short(path)}:{node.lineno} {ast.unparse(node.func)}()")
    assert not found, "time, chance and files are arguments; the edge brings them"
