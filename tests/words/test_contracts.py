"""The import rule is checked by a machine, and the machine sees a violation when there is one."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.words import repository

ARCHITECTURE = repository.ROOT / "docs" / "ARCHITECTURE.md"


def contracts() -> dict[str, dict[str, list[str]]]:
    return {one["id"]: one for one in repository.pyproject()["tool"]["importlinter"]["contracts"]}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package and its contracts, to be spoiled."""
    ignored = shutil.ignore_patterns("__pycache__", "page", "*.sqlite*")
    shutil.copytree(repository.SOURCE, tmp_path / "src" / "goldseam", ignore=ignored)
    shutil.copy(repository.ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    return tmp_path / "src" / "goldseam"


def lint(copy: Path) -> tuple[int, str]:
    """Run import-linter over a copy; its exit status and what it prints."""
    program = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run(
        [program, "--no-cache", "--config", copy.parents[1] / "pyproject.toml"],
        cwd=copy.parent,
        env={**os.environ, "PYTHONPATH": str(copy.parent), "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return ran.returncode, ran.stdout + ran.stderr


def broken(output: str) -> str:
    """The contracts that a run calls broken."""
    return "\n".join(line for line in output.splitlines() if line.rstrip().endswith("BROKEN"))


def any_module(folder: Path) -> Path:
    """Some module of a folder."""
    return next(path for path in sorted(folder.glob("*.py")) if path.name != "__init__.py")


def spoil(path: Path, line: str) -> None:
    """Add an import to the end of a module."""
    path.write_text(path.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")


@pytest.mark.slow
def test_the_contracts_hold(copy: Path) -> None:
    status, output = lint(copy)
    assert status == 0, output


VIOLATIONS = [
    ("stats", "goldseam.edge", "layers"),
    ("sample", "goldseam.release", "layers"),
    ("vocab", "goldseam.stats.votes", "layers"),
    ("route", "os", "no-world"),
    ("ledger", "sqlalchemy", "no-world"),
    ("stats", "sklearn", "core-is-numpy"),
    ("edge/store", "goldseam.edge.runner", "edge-layers"),
    ("edge/cli", "goldseam.edge.store", "store-is-protected"),
]


def reports(output: str) -> dict[str, str]:
    """What a run says about each contract that it calls broken, by the contract's name."""
    parts = re.split(r"^(.+)\n-+\n", output.split("Broken contracts", 1)[1], flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


@pytest.mark.slow
def test_seeded_violations_are_caught_each_by_its_contract_and_named(copy: Path) -> None:
    """All in one run: reading the imports of the package is what takes the time."""
    importers = [any_module(copy / folder) for folder, _, _ in VIOLATIONS]
    for importer, (_, imported, _) in zip(importers, VIOLATIONS, strict=True):
        spoil(importer, f"import {imported}")

    status, output = lint(copy)

    assert status != 0
    found = reports(output)
    for importer, (_, imported, contract) in zip(importers, VIOLATIONS, strict=True):
        name = ".".join(importer.relative_to(copy.parent).with_suffix("").parts)
        assert contracts()[contract]["name"] in broken(output)
        said = found[contracts()[contract]["name"]]
        assert re.search(rf"{re.escape(name)} -> {re.escape(imported)}\b", said), f"{name} imports {imported}:\n{said}"


def test_a_new_folder_without_a_place_in_the_layers_is_caught(copy: Path) -> None:
    (copy / "extras").mkdir()
    (copy / "extras" / "__init__.py").write_text('"""A folder without a place."""\n', encoding="utf-8")
    status, output = lint(copy)
    assert status != 0
    assert "extras" in output


def test_the_architecture_quotes_the_layers_as_the_contract_has_them() -> None:
    quoted = repository.fences(ARCHITECTURE.read_text(encoding="utf-8"), "layers")
    assert [block.split("\n")[:-1] for block in quoted] == [
        contracts()["layers"]["layers"],
        contracts()["edge-layers"]["layers"],
    ]


def test_the_architecture_has_a_paragraph_with_an_invariant_for_every_folder() -> None:
    text = ARCHITECTURE.read_text(encoding="utf-8")
    folders = {
        name.strip()
        for id_ in ("layers", "edge-layers")
        for layer in contracts()[id_]["layers"]
        for name in layer.split("|")
    }
    paragraphs = dict(re.findall(r"^### `([a-z_]+)/?`.*?\n(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL))
    assert not folders - paragraphs.keys()
    silent = [name for name in folders if "Architecture invariant" not in paragraphs[name]]
    assert not silent


def test_the_statistics_need_nothing_but_numpy_and_scipy() -> None:

    found: dict[str, set[str]] = {}
    for path in (repository.SOURCE / "stats").rglob("*.py"):
        for node in ast.walk(repository.tree(path)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            for name in names:
                top = name.split(".")[0]
                if top not in {"numpy", "scipy"} | sys.stdlib_module_names and not name.startswith("goldseam.stats"):
                    found.setdefault(name, set()).add(path.name)
    assert not found
