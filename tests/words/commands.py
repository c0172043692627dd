"""The command line as data, and the reference page written from it.

In: the Typer application. Out: one `Command` per command; the text of docs/reference/commands.md.
Never: a sentence of its own: help texts live beside the code. `python -m tests.words.commands` writes the page.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.words.repository import ROOT

PAGE = ROOT / "docs" / "reference" / "commands.md"
HEAD = """# Commands

Written from the commands themselves by `make reference`; `tests/words/test_reference.py` fails when it is out of date.
Every command also takes `--help`. Commands that take `--json` print one JSON document for programs.
"""


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its words, its help, its parameters as (how it is written, what it means)."""

    path: str
    help: str
    arguments: tuple[tuple[str, str], ...]
    options: tuple[tuple[str, str], ...]

    @property
    def usage(self) -> str:
        """How it is typed."""
        words = [self.path, *(name for name, _ in self.arguments)]
        return " ".join(words + (["[options]"] if self.options else []))


def application() -> Any:
    """The command line's root: a group in click's sense (Typer carries a click of its own)."""
    from typer.main import get_command

    return get_command(importlib.import_module("goldseam.edge.cli").app)


def commands() -> list[Command]:
    """Every command that is not hidden, in the order of the table of commands."""
    return list(_below(application(), "goldseam"))


def _below(node: Any, path: str) -> Iterator[Command]:
    if not hasattr(node, "list_commands"):
        yield _command(node, path)
        return
    for name in node.list_commands(None):
        child = node.get_command(None, name)
        if child is not None and not child.hidden:
            yield from _below(child, f"{path} {name}")


def _command(node: Any, path: str) -> Command:
    arguments, options = [], []
    for one in node.params:
        if getattr(one, "hidden", False) or one.name == "help":
            continue
        text = " ".join((getattr(one, "help", None) or "").split())
        if one.param_type_name == "argument":
            name = (one.metavar or one.name or "").upper()
            arguments.append((name if one.required else f"[{name}]", text))
        else:
            options.append((", ".join([*one.opts, *one.secondary_opts]), text))
    return Command(path, " ".join((node.help or "").split()), tuple(arguments), tuple(options))


def page(found: list[Command]) -> str:
    """The text of docs/reference/commands.md."""
    parts = [HEAD]
    for one in found:
        parts.append(f"## {one.path}\n\n```\n{one.usage}\n```\n\n{one.help}\n")
        rows = [*one.arguments, *one.options]
        if rows:
            body = "\n".join(f"| `{name}` | {text.replace('|', chr(92) + '|')} |" for name, text in rows)
            parts.append(f"| | |\n|---|---|\n{body}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(commands()), encoding="utf-8")
