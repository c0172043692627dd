"""Calls the command line as its console script does, in this process: words in; exit code, output and refusals out.

In: a folder to stand in, words, keys. Out: `Said`. Never: a part of the command line replaced.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from goldseam.edge.cli import main


@dataclass(frozen=True)
class Said:
    """What came of a call."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on standard output."""
        return json.loads(self.out)

    @property
    def refusal(self) -> dict[str, Any]:
        """The error as `--json` gives it, on standard error."""
        found: dict[str, Any] = json.loads(self.err)["error"]
        return found


class Reader(io.StringIO):
    """A person at the keyboard who reads the screen before each key."""

    def __init__(self, screen: io.StringIO, press: Callable[[str], str]) -> None:
        super().__init__()
        self.screen = screen
        self.press = press

    def readline(self, _size: int | None = -1) -> str:  # type: ignore[override]  # as the terminal has it
        return self.press(self.screen.getvalue()) + "\n"


Keys = str | Callable[[str], str]


@contextlib.contextmanager
def _standing(folder: Path, argv: list[str], keys: Keys) -> Iterator[tuple[io.StringIO, io.StringIO]]:
    before = (sys.argv, sys.stdin, Path.cwd())
    out, err = io.StringIO(), io.StringIO()
    sys.argv, sys.stdin = ["goldseam", *argv], io.StringIO(keys) if isinstance(keys, str) else Reader(out, keys)
    os.chdir(folder)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            yield out, err
    finally:
        sys.argv, sys.stdin = before[:2]
        os.chdir(before[2])


def goldseam(folder: Path, *words: str, keys: Keys = "") -> Said:
    """Call a command standing in a folder, with these keys on standard input, one a line, or pressed by who reads."""
    code = 0
    with _standing(folder, list(words), keys) as (out, err):
        try:
            main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    return Said(code, out.getvalue(), err.getvalue())


def in_one_sentence(said: Said, code: int) -> str:
    """Check that a refusal is short, without a stack trace, and has its exit code; return its text."""
    assert said.code == code, said
    assert "Traceback" not in said.err
    assert said.err.startswith("✗ ")
    return said.err
