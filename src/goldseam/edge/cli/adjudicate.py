"""`goldseam adjudicate`: rule on escalated items in the terminal.

In: single keys. Out: rulings. Never: the names of those who voted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import typer
from rich.markup import escape

from goldseam.edge.cli.annotate import keys_of, panel
from goldseam.edge.cli.keyboard import QUIT, Keyboard
from goldseam.edge.cli.show import HERE, AsJson, Folder, console, emit, line, table
from goldseam.edge.project import Project, open_project
from goldseam.formats.plain import answer_from_plain
from goldseam.vocab.items import Modality
from goldseam.vocab.schema import Question, QuestionKind

app = typer.Typer(add_completion=False)

SHOWN = 300
"""Characters of an answer that are shown."""

PlainAnswer = dict[str, object]
"""An answer as JSON has it: its `kind`, and what belongs to it."""


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said of an item, under a cover name."""

    who: str
    answer: PlainAnswer
    seconds: float


@dataclass(frozen=True, slots=True)
class Waiting:
    """An item that waits for a ruling on a question, with what the votes come to."""

    item: str
    modality: Modality
    content: str
    question: str
    reason: str
    confidence: float
    answer: PlainAnswer
    posterior: Mapping[str, float]
    votes: tuple[Said, ...]

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> Waiting:
        """Return what the project tells of a disagreement."""
        item = found["item"]
        return cls(
            item["id"], Modality(item["modality"]), str(item["content"]), found["question"], found["reason"],
            found["confidence"], found["answer"], found["posterior"],
            tuple(Said(one["annotator"], one["answer"], one["seconds"]) for one in found["votes"]),
        )  # fmt: skip


@app.command(epilog="Example: goldseam adjudicate; or for scripts: goldseam adjudicate --json")
def adjudicate(project: Folder = HERE, as_json: AsJson = False) -> None:
    """Rule on escalated items of every question, the least certain first; with --json, list them instead."""
    with open_project(project) as opened:
        questions = opened.facts.schema.questions
        if as_json:
            waiting = [found for one in questions for found in opened.disagreements(1000, one.name)]
            emit(waiting, lambda: None, as_json=True)
            return
        n_rulings = _session(opened)
    line("1 ruling saved." if n_rulings == 1 else f"{n_rulings:,} rulings saved.")


def _session(project: Project) -> int:
    n_rulings = 0
    questions = project.facts.schema.questions
    with Keyboard() as keyboard, suppress(KeyboardInterrupt):
        for question in questions:
            done, stops = _rule_on(project, question, keyboard)
            n_rulings += done
            if stops:
                break
    n_left = sum(len(project.disagreements(1000, one.name)) for one in questions)
    waits = "1 item waits" if n_left == 1 else f"{n_left:,} items wait" if n_left else "No item waits"
    line(f"{'[yellow]●[/yellow]' if n_left else '[green]✓[/green]'} {waits} for a ruling.")
    return n_rulings


def _rule_on(project: Project, question: Question, keyboard: Keyboard) -> tuple[int, bool]:
    """Go through what waits for a ruling on a question; return how many were made, and whether to stop."""
    by_label = question.kind is QuestionKind.CHOICE
    labels = {key: label.name for key, label in keys_of(question, console).items()} if by_label else {}
    n_rulings = 0
    for waiting in map(Waiting.read, project.disagreements(1000, question.name)):
        answers = _answers(waiting) if not by_label else {}
        _show(project, waiting, labels, answers)
        key = keyboard.press()
        if key == QUIT:
            return n_rulings, True
        if key in labels or key in answers:
            decided = labels.get(key) or answer_from_plain(answers[key])
            project.rule(waiting.item, decided, question=question.name)
            n_rulings += 1
    return n_rulings, False


def _answers(waiting: Waiting) -> dict[str, PlainAnswer]:
    """Return the answers that a key may let stand: 0 what the votes come to, 1 to 9 what each of the first people said."""
    listed = {"0": waiting.answer, **{str(nth): vote.answer for nth, vote in enumerate(waiting.votes[:9], 1)}}
    return {key: answer for key, answer in listed.items() if answer["kind"] != "abstain"}


def _show(project: Project, waiting: Waiting, keys: Mapping[str, str], answers: Mapping[str, PlainAnswer]) -> None:
    title = f"{waiting.question}: {waiting.confidence:.0%} sure: {waiting.reason}"
    console.print()
    console.print(panel(project, waiting.modality, waiting.content, title))
    rows = [[vote.who, _said(vote.answer), f"{vote.seconds:.1f} s"] for vote in waiting.votes]
    table("", ["who", "said", "in"], rows)
    for key, label in keys.items():
        share = waiting.posterior.get(label, 0.0)
        console.print(f"  [cyan]{escape(key)}[/cyan] {escape(label)}  [dim]{'█' * round(share * 20)} {share:.0%}[/dim]")
    for key, answer in answers.items():
        console.print(f"  [cyan]{key}[/cyan] {escape(_said(answer))}", soft_wrap=True)
    console.print("  [dim]any other key: leave it for later   q stop[/dim]")


def _said(answer: PlainAnswer) -> str:
    """Return an answer in a line: a label, or the JSON of what was given."""
    if "label" in answer:
        return str(answer["label"])
    rest = {key: value for key, value in answer.items() if key != "kind"}
    text = json.dumps(rest, ensure_ascii=False) if rest else str(answer["kind"])
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
