"""Reference pages say what the code says."""

from __future__ import annotations

import re

from tests.words import commands, errors, repository


def test_every_command_stands_in_the_reference_as_it_is() -> None:
    assert commands.PAGE.read_text(encoding="utf-8") == commands.page(commands.commands()), "run `make reference`"


def test_every_error_stands_in_the_reference_as_it_is() -> None:
    assert errors.PAGE.read_text(encoding="utf-8") == errors.page(), "run `make reference`"


def test_every_command_has_a_sentence_that_says_what_it_does() -> None:
    silent = [one.path for one in commands.commands() if len(one.help) < 10]
    assert not silent


def test_commands_named_in_the_docs_exist() -> None:
    known = {one.path for one in commands.commands()}
    groups = {path.rsplit(" ", 1)[0] for path in known}
    wrong = []
    for path in [repository.ROOT / "README.md", *sorted((repository.ROOT / "docs").rglob("*.md"))]:
        if "reference" in path.parts or "adr" in path.parts:
            continue
        for block in repository.fences(path.read_text(encoding="utf-8"), "sh"):
            for line in re.findall(r"^(?:\$ )?(goldseam [a-z][a-z -]*)", block, re.MULTILINE):
                words = line.split()
                if not any(" ".join(words[:n]) in known for n in (2, 3)) and " ".join(words) not in groups:
                    wrong.append(f"{repository.short(path)}: {line}")
    assert not wrong
