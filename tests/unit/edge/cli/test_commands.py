"""Commands: each has help with an example, answers as JSON, and says in one sentence why it refuses."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from goldseam.edge.cli.errors import EXIT_CODE, exit_code
from goldseam.edge.cli.table import COMMANDS, GROUPS
from goldseam.vocab import errors
from tests.conftest import ROOT
from tests.unit.edge.cli.call import goldseam, in_one_sentence

NAMES = [command.name for command in COMMANDS]
WITH_COMMANDS = {"people", "db", "model", "skills", "queue", "qualify", "calibrate", "pay", "webhook", "lf", "guard"}
"""These have commands of their own, whose help shows examples."""


# --- help ------------------------------------------------------------------------------------------------------------


def test_help_lists_every_command_by_group(tmp_path: Path) -> None:
    said = goldseam(tmp_path, "--help")

    assert said.code == 0
    for group in GROUPS:
        assert f"\n{group}\n" in said.out
    for name in NAMES:
        assert re.search(rf"^ +{name} ", said.out, re.MULTILINE), name


@pytest.mark.parametrize("name", [name for name in NAMES if name not in WITH_COMMANDS])
def test_help_on_a_command_shows_an_example_that_calls_it(tmp_path: Path, name: str) -> None:
    said = goldseam(tmp_path, name, "--help")

    assert said.code == 0
    assert re.search(rf"Example:\s+goldseam\s+{name}", said.out), said.out


@pytest.mark.parametrize(
    "name",
    [
        "model list",
        "model promote",
        "model keep",
        "lf try",
        "lf analyze",
        "lf plan",
        "lf apply",
        "guard show",
        "guard off",
        "guard on",
        "skills grant",
        "skills revoke",
        "skills list",
        "queue assign",
        "queue list",
        "queue release",
        "queue ahead",
        "queue again",
        "people add",
        "people grant",
        "people list",
        "people token",
        "people password",
        "db upgrade",
        "db backup",
        "db restore",
    ],
)
def test_help_on_a_command_of_commands_shows_an_example_of_each(tmp_path: Path, name: str) -> None:
    said = goldseam(tmp_path, *name.split(), "--help")

    assert said.code == 0
    assert f"goldseam {name}" in said.out


@pytest.mark.parametrize("name", NAMES)
def test_the_table_of_commands_and_their_files_agree(name: str) -> None:
    module = import_module(f"goldseam.edge.cli.{name}")

    assert module.app is not None
    assert module.__doc__.startswith(f"`goldseam {name}`")


def test_the_version_is_told(tmp_path: Path) -> None:
    assert re.fullmatch(r"goldseam \d+\.\d+\.\d+\n", goldseam(tmp_path, "--version").out)


def test_an_unknown_command_names_the_nearest(tmp_path: Path) -> None:
    said = goldseam(tmp_path, "stauts")

    assert said.code == 2
    assert "Did you mean 'status'?" in said.err


# --- exit codes ------------------------------------------------------------------------------------------------------


def leaves(kind: type) -> list[type]:
    """Return the types that have no subtypes."""
    below = [leaf for child in kind.__subclasses__() for leaf in leaves(child)]
    return below or [kind]


@pytest.mark.parametrize("kind", leaves(errors.GoldseamError))
def test_every_error_has_an_exit_code_of_its_own_family(kind: type[errors.GoldseamError]) -> None:
    family = next(
        f
        for f in (errors.TamperError, errors.OperatorError, errors.OwnerError, errors.AnnotatorError)
        if issubclass(kind, f)
    )
    code = exit_code(kind)

    assert code not in {0, 1}
    assert code == EXIT_CODE[family] or kind in {errors.GateClosed, errors.NotReady}


def test_codes_tell_the_families_apart(home: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("nothing")
    in_one_sentence(goldseam(home, "diff", "1", "2"), 2)  # a value of the call
    in_one_sentence(goldseam(elsewhere, "status"), 4)  # the machine: no project here
    in_one_sentence(goldseam(home, "release"), 7)  # a step that comes first
    (home / "goldseam.yaml").write_text("name: x\nschma: {}\n")
    assert "schema" in in_one_sentence(goldseam(home, "plan"), 3)  # the project file


def test_a_refusal_as_json_is_json_too(tmp_path: Path) -> None:
    said = goldseam(tmp_path, "status", "--json")

    assert (said.code, said.out) == (4, "")
    assert said.refusal["type"] == "BadSetting"
    assert "goldseam init" in said.refusal["message"]


@pytest.mark.slow
def test_the_real_program_gives_the_same_code_and_no_stack_trace(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from goldseam.edge.cli import main; main()", "status"],
        cwd=tmp_path, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip

    assert done.returncode == 4
    assert done.stderr.startswith("✗ There is no goldseam.yaml")


def test_a_long_refusal_is_one_line_that_can_be_searched(tmp_path: Path) -> None:
    assert goldseam(tmp_path, "status").err.count("\n") == 1


def test_a_home_that_may_not_be_written_is_one_sentence(home: Path) -> None:
    (home / ".goldseam").write_text("in the way")

    in_one_sentence(goldseam(home, "status"), 4)


def test_a_file_that_is_no_database_is_one_sentence(home: Path) -> None:
    (home / ".goldseam").mkdir()
    (home / ".goldseam" / "goldseam.db").write_bytes(b"not a database at all" * 100)

    said: Any = in_one_sentence(goldseam(home, "status"), 4)
    assert "cannot be opened" in said
