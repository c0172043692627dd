"""The README is short, and what it shows runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.words import repository

README = repository.ROOT / "README.md"


def test_the_readme_has_fewer_than_120_lines() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) < 120


def test_the_python_of_the_readme_runs(tmp_path: Path) -> None:
    blocks = repository.fences(README.read_text(encoding="utf-8"), "python")
    assert blocks
    for block in blocks:
        ran = subprocess.run(
            [sys.executable, "-c", block],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(repository.ROOT / "src")},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        shown = [
            line.split("# ", 1)[1] for line in block.splitlines() if line.lstrip().startswith("print(") and "# " in line
        ]
        for value in shown:
            assert value in ran.stdout, f"the README shows {value!r}; it printed\n{ran.stdout}"


def test_the_python_of_the_readme_is_about_twelve_lines() -> None:
    first = repository.fences(README.read_text(encoding="utf-8"), "python")[0]
    assert len(first.splitlines()) <= 14
