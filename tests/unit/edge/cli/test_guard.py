"""`goldseam guard`: how far people follow suggestions is shown, and a label is switched off and on with a reason."""

from __future__ import annotations

from pathlib import Path

from tests.unit.edge.cli.call import goldseam
from tests.walk import small
from tests.walk.test_guard import answer, made


def test_the_pull_is_shown_and_a_label_is_switched_with_a_reason(tmp_path: Path) -> None:
    with made(tmp_path, 40) as project:
        answer(project, small.member(project, "ben"), follows=True)
    found = goldseam(tmp_path, "guard", "show", "--json").json
    assert found["overall"]["value"] == 1.0
    assert [one["name"] for one in found["annotators"]] == ["ben"]
    off = goldseam(tmp_path, "guard", "off", "pos", "--reason", "It is waved through.")
    assert "suggested no more" in off.out
    drawn = goldseam(tmp_path, "guard", "show").out
    assert "ben" in drawn
    assert "pos is off: It is waved through." in drawn
    assert goldseam(tmp_path, "guard", "off", "pos", "--reason", "Again.").code != 0
    assert goldseam(tmp_path, "guard", "on", "pos", "--reason", "They were told.").code == 0
    assert goldseam(tmp_path, "guard", "on", "poz", "--reason", "They were told.").code != 0
