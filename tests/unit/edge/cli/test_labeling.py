"""Labeling in the terminal: real keys in a pseudo-terminal, and the same from a pipe."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from goldseam.edge.project import Project
from goldseam.flow.plan import Verb
from goldseam.formats.images import png
from goldseam.vocab.answers import Choice
from goldseam.vocab.schema import Label, Question, QuestionKind, QuestionName
from tests.conftest import ROOT
from tests.unit.edge.cli.call import goldseam
from tests.walk import small

CONTROLS = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


class Terminal:
    """A command in a terminal of its own: keys in, screen out."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.screen, inside = pty.openpty()
        # Ctrl+C reaches whoever holds the terminal, so the child takes it.
        program = (
            "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); from goldseam.edge.cli import main; main()"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", program, *words], cwd=folder, stdin=inside, stdout=inside, stderr=inside,
            start_new_session=True,
            env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "TERM": "xterm", "COLUMNS": "100"},
        )  # fmt: skip
        os.close(inside)
        self.shown = ""

    def until(self, text: str, seconds: float = 20) -> str:
        """Wait until this is shown, and return what was shown since the last time."""
        ends = time.monotonic() + seconds
        while text not in self.shown:
            ready, _, _ = select.select([self.screen], [], [], max(0.0, ends - time.monotonic()))
            assert ready, f"{text!r} was not shown; the screen has: {self.shown[-2000:]}"
            try:
                self.shown += CONTROLS.sub("", os.read(self.screen, 65536).decode("utf-8", "replace"))
            except OSError:  # the command ended
                assert text in self.shown, f"{text!r} was not shown; the screen has: {self.shown[-2000:]}"
        before, _, self.shown = self.shown.partition(text)
        return before

    def press(self, key: str) -> None:
        """Press a key."""
        os.write(self.screen, key.encode())

    def ends(self) -> int:
        """Wait for the end and return the exit code."""
        code = self.process.wait(20)
        os.close(self.screen)
        return code


MENU = "s skip  z undo  g guideline  q stop"


def said_of(project: Project) -> list[str]:
    """Return the labels given so far, in order, those taken back in brackets."""
    from goldseam.edge.store import annotations

    name = project.facts.id
    kept = project.world.store.read(lambda tx: list(annotations.ever(tx, name)))
    labels = [(one.annotation.answer, one.withdrawn) for one in kept]
    return [f"({a.label})" if taken_back else str(a.label) for a, taken_back in labels if isinstance(a, Choice)]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    small.write_project(
        tmp_path, n_items=8, sample={"strategy": "random", "batch": 8}, guideline={"text": "Be [fair]."}
    )
    with small.opened(tmp_path) as project:
        small.run(project)
    return tmp_path


@pytest.mark.slow
def test_labeling_with_real_keys(home: Path) -> None:
    terminal = Terminal(home, "annotate")
    terminal.until(MENU)
    terminal.press("2")
    terminal.until(MENU)
    terminal.press("\r")
    terminal.until("There is no suggestion to accept.")
    terminal.until(MENU)
    terminal.press("g")
    terminal.until("Be [fair].")
    terminal.until(MENU)
    terminal.press("1")
    terminal.until(MENU)
    terminal.press("z")
    terminal.until(MENU)
    terminal.press("2")
    terminal.until(MENU)
    terminal.press("s")
    terminal.until(MENU)
    terminal.press("\x1b[A")  # an arrow
    terminal.until("No label has the key")
    terminal.until(MENU)
    terminal.press("q")
    terminal.until("2 answers saved.")

    assert terminal.ends() == 0
    with small.opened(home) as project:
        assert said_of(project) == ["pos", "(neg)", "pos"]


@pytest.mark.slow
def test_keys_that_come_faster_than_answers_are_saved_are_not_lost(home: Path) -> None:
    terminal = Terminal(home, "annotate")
    terminal.until(MENU)
    terminal.press("21é12\x1b[A1q")
    terminal.until("5 answers saved.")

    assert terminal.ends() == 0
    with small.opened(home) as project:
        assert said_of(project) == ["pos", "neg", "neg", "pos", "neg"]


@pytest.mark.slow
@pytest.mark.parametrize("key", ["\x03", "\x04"])
def test_the_keys_that_end_everything_end_labeling_without_a_stack_trace(home: Path, key: str) -> None:
    terminal = Terminal(home, "annotate")
    terminal.until(MENU)
    terminal.press("1")
    terminal.until(MENU)
    terminal.press(key)
    shown = terminal.until("1 answer saved.")

    assert "Traceback" not in shown
    assert terminal.ends() == 0


@pytest.mark.slow
def test_enter_accepts_the_suggestion_that_is_shown(tmp_path: Path) -> None:
    small.write_project(
        tmp_path, n_items=24, sample={"strategy": "random", "batch": 12}, prelabel={"min_labels": 6, "blind_share": 0.0}
    )
    with small.opened(tmp_path) as project:
        small.run(project)
        small.answer_all(project, [None])
        small.run(project)
        assert project.facts.model is not None
    with small.opened(tmp_path) as project:
        before = said_of(project)
    terminal = Terminal(tmp_path, "annotate", "--limit", "1")
    terminal.until("Enter: ")
    label = terminal.until("?").strip()
    terminal.until(MENU)
    terminal.press("\r")
    terminal.until("1 answer saved.")

    assert terminal.ends() == 0
    with small.opened(tmp_path) as project:
        assert said_of(project)[len(before) :] == [label]


@pytest.mark.slow
def test_ruling_with_real_keys(tmp_path: Path) -> None:
    small.write_project(tmp_path, n_items=4, route={"redundancy": 2}, audit={"draws": 20, "alpha_stop": -1.0})
    with small.opened(tmp_path) as project:
        small.run(project)
        small.answer_all(project, [None])
        small.answer_all(project, [small.member(project, "contrary")], accuracy=0.0)
        small.run(project)
        assert small.waits_for(project) is Verb.RULE
    terminal = Terminal(tmp_path, "adjudicate")
    menu = "any other key: leave it for later   q stop"
    terminal.until("A1")
    terminal.until(menu)
    terminal.press("1")
    terminal.until(menu)
    terminal.press(" ")
    terminal.until(menu)
    terminal.press("2")
    terminal.until(menu)
    terminal.press("q")
    terminal.until("2 rulings saved.")

    assert terminal.ends() == 0
    assert len(goldseam(tmp_path, "adjudicate", "--json").json) == 2


def test_a_pipe_labels_too_and_its_end_is_the_end(home: Path) -> None:
    said = goldseam(home, "annotate", keys="1\n2\nz\nx\n1\n")

    assert said.code == 0
    assert "No label has the key 'x'" in said.out
    assert said.out.endswith("2 answers saved. Go on at any time.\n")


def test_json_of_a_session_is_one_document_and_the_screen_goes_elsewhere(home: Path) -> None:
    said = goldseam(home, "annotate", "--json", keys="1\n1\nq\n")

    assert said.json["answers"] == 2
    assert said.json["counts"]["answered"] == 2
    assert MENU in said.err


def test_labeling_stops_at_the_limit_and_when_nothing_is_open(home: Path) -> None:
    assert "3 answers saved." in goldseam(home, "annotate", "--limit", "3", keys="1\n" * 9).out
    rest = goldseam(home, "annotate", keys="1\n" * 9).out

    assert "5 answers saved." in rest
    assert "Every item of this round has its answers" in rest


def test_nothing_to_undo_is_said(home: Path) -> None:
    assert "Nothing was answered here" in goldseam(home, "annotate", keys="z\nq\n").out


def test_a_round_that_was_closed_meanwhile_ends_no_session(home: Path) -> None:
    with small.opened(home) as project:
        offer = project.lease(1).offers[0]
        project.close_round()
        with pytest.raises(Exception, match=r".") as lost:
            project.skip(offer, "late")
    said = goldseam(home, "annotate", keys="1\n")

    assert lost.value is not None
    assert said.code == 0


def test_labels_with_markup_in_their_names_are_shown_as_they_are(tmp_path: Path) -> None:
    schema = {"questions": [{"name": "q", "prompt": "[red]Which?[/]", "labels": ["[/bold]", "b[c]"]}]}
    small.write_project(tmp_path, n_items=2, schema=schema)
    small.write_rows(tmp_path / "items.csv", ["key", "text"], [["a", "[/]"], ["b", "[link=x]y"]])
    goldseam(tmp_path, "run")

    said = goldseam(tmp_path, "annotate", keys="1\n2\n")

    assert said.code == 0, said.err
    for text in ("[/]", "[link=x]y", "[/bold]", "b[c]", "[red]Which?[/]"):
        assert text in said.out


def test_a_project_of_images_is_labeled_by_pictures(tmp_path: Path) -> None:
    import numpy as np

    small.write_project(tmp_path, sources=[{"path": "images"}], source={"kind": "image"})
    (tmp_path / "images").mkdir()
    for n in range(2):
        shade = np.full((8, 8), 255 * n, np.uint8)
        shade[2:6, 2:6] = 128
        (tmp_path / "images" / f"{n}.png").write_bytes(png(shade))
    goldseam(tmp_path, "run")

    said = goldseam(tmp_path, "annotate", keys="1\n2\n")

    assert "2 answers saved." in said.out
    assert "@@@@" in said.out


def test_hotkeys_that_the_terminal_needs_itself_are_replaced() -> None:
    from rich.console import Console

    from goldseam.edge.cli.annotate import keys_of

    labels = tuple(Label(name, hotkey=key) for name, key in (("quit", "q"), ("one", "1"), ("skip", "s"), ("up", "S")))
    question = Question(QuestionName("x"), QuestionKind.CHOICE, labels=labels)

    keys = keys_of(question, Console(quiet=True))

    assert {label.name: key for key, label in keys.items()} == {"quit": "2", "one": "1", "skip": "3", "up": "S"}


def test_every_label_has_a_key_as_long_as_there_are_keys() -> None:
    import io

    from rich.console import Console

    from goldseam.edge.cli.annotate import keys_of

    out = io.StringIO()
    labels = tuple(Label(f"label {n}") for n in range(40))
    keys = keys_of(Question(QuestionName("x"), labels=labels), Console(file=out, width=200))

    assert len(keys) == 32
    assert "8 labels have no key here" in out.getvalue()


def test_ruling_from_a_pipe_says_what_is_left(tmp_path: Path) -> None:
    small.write_project(tmp_path, n_items=3, route={"redundancy": 2}, audit={"draws": 20, "alpha_stop": -1.0})
    with small.opened(tmp_path) as project:
        small.run(project)
        small.answer_all(project, [None])
        small.answer_all(project, [small.member(project, "contrary")], accuracy=0.0)
        small.run(project)

    assert "1 item waits for a ruling." in goldseam(tmp_path, "adjudicate", keys="1\nx\n2\n").out
    said = goldseam(tmp_path, "adjudicate", keys="1\n")
    assert "No item waits for a ruling." in said.out
    assert "1 ruling saved." in said.out
