"""A mistyped setting is told, and none that is read or belongs to somebody else is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import goldseam
from goldseam.edge.cli import environment
from tests.unit.edge.cli.call import goldseam as call


def test_a_setting_that_is_nearly_one_is_told_with_the_right_name() -> None:
    (told,) = environment.unread(
        ["GOLDSEAM_DATABASE", "GOLDSEAM_DATA", "GOLDSEAM_KEY_GPT", "GOLDSEAM_REACH", "DATABASE_UR"]
    )
    assert told == "The setting GOLDSEAM_DATABASE is read by nothing. Did you mean 'GOLDSEAM_DATABASE_URL'?"


def test_every_setting_that_the_program_reads_is_known() -> None:
    sources = Path(goldseam.__file__).parent.rglob("*.py")
    named = {name for file in sources for name in re.findall(r'Final = "GOLDSEAM_(\w+)"', file.read_text())}
    assert named == {name for name in environment.READ if not name.startswith("OIDC_")} - {"DATABASE_URL"}
    assert {f"GOLDSEAM_{name}" for name in environment.READ} >= {"GOLDSEAM_DATABASE_URL"}


def test_a_command_warns_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOLDSEAM_OIDC_ISUER", "https://secret.example")
    said = call(tmp_path, "--version")
    assert said.code == 0
    assert "GOLDSEAM_OIDC_ISSUER" in said.err
    assert "secret" not in said.err
