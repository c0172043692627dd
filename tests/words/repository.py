"""What the tests of this folder read: the repository's files, tables and names.

In: the working tree. Out: paths, Markdown tables, public names. Never: a change to a file.
"""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "goldseam"
WEB = ROOT / "web" / "src"


def modules() -> list[Path]:
    """Every Python module of the package."""
    return sorted(path for path in SOURCE.rglob("*.py") if "__pycache__" not in path.parts)


def page_files() -> list[Path]:
    """Every source file of the page that people write."""
    kinds = {".ts", ".js", ".svelte", ".css", ".html"}
    return sorted(p for p in WEB.rglob("*") if p.suffix in kinds and "generated" not in p.name) if WEB.is_dir() else []


def tracked_files() -> list[Path]:
    """Every file that is, or would be, committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        names = [name for name in listed.stdout.decode().split("\0") if name]
        return sorted(ROOT / name for name in names if (ROOT / name).is_file())
    folders = [ROOT / name for name in ("src", "web/src", "tests", "docs", "bench")]
    return sorted(p for folder in folders for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts)


def short(path: Path) -> str:
    """A path as it reads in a message."""
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a module: read once for all tests of a file, whose folder forgets it afterwards."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def pyproject() -> dict[str, Any]:
    """The project's settings."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def section(text: str, title: str) -> str:
    """The part of a Markdown text under a heading, up to the next heading of any level."""
    found = re.search(rf"^#+ {re.escape(title)}\s*$(.*?)(?=^#+ |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"no heading {title!r}"
    return found.group(1)


def table(text: str) -> list[list[str]]:
    """The cells of the first table in a Markdown text, without its heading rows."""
    rows = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def fences(text: str, language: str) -> list[str]:
    """The code blocks of one language in a Markdown text."""
    return re.findall(rf"^```{re.escape(language)}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def functions(module: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a module, nested ones and methods too."""
    return (node for node in ast.walk(module) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
