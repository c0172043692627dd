"""`goldseam adjudicate`: rule on escalated items in the terminal.

In: single keys. Out: rulings. Never: the names of those who voted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
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
    line(f"{n_rulings:,} rulings saved.")


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
    for found in project.disagreements(1000, question.name):
        item: dict[str, Any] = dict(found["item"])  # type: ignore[call-overload]
        answers = _answers(found) if not by_label else {}
        _show(project, found, item, labels, answers)
        key = keyboard.press()
        if key == QUIT:
            return n_rulings, True
        if key in labels or key in answers:
            decided = labels.get(key) or answer_from_plain(answers[key])
            project.rule(item["id"], decided, question=question.name)
            n_rulings += 1
    return n_rulings, False


def _answers(found: dict[str, Any]) -> dict[str, Any]:
    """Return the answers that a key may let stand: 0 what the votes come to, 1 to 9 what each of the first people said."""
    said = [vote["answer"] for vote in found["votes"]]
    listed = {"0": found["answer"], **{str(nth): answer for nth, answer in enumerate(said[:9], 1)}}
    return {key: answer for key, answer in listed.items() if answer["kind"] != "abstain"}


def _show(
    project: Project, found: dict[str, Any], item: dict[str, Any], keys: Mapping[str, str], answers: dict[str, Any]
) -> None:
    title = f"{found['question']}: {found['confidence']:.0%} sure: {found['reason']}"
    console.print()
    console.print(panel(project, Modality(item["modality"]), str(item["content"]), title))
    rows = [[vote["annotator"], _said(vote["answer"]), f"{vote['seconds']:.1f} s"] for vote in found["votes"]]
    table("", ["who", "said", "in"], rows)
    for key, label in keys.items():
        share = found["posterior"].get(label, 0.0)
        console.print(f"  [cyan]{escape(key)}[/cyan] {escape(label)}  [dim]{'█' * round(share * 20)} {share:.0%}[/dim]")
    for key, answer in answers.items():
        console.print(f"  [cyan]{key}[/cyan] {escape(_said(answer))}", soft_wrap=True)
    console.print("  [dim]any other key: leave it for later   q stop[/dim]")


def _said(answer: dict[str, Any]) -> str:
    """Return an answer in a line: a label, or the JSON of what was given."""
    if "label" in answer:
        return str(answer["label"])
    rest = {key: value for key, value in answer.items() if key != "kind"}
    text = json.dumps(rest, ensure_ascii=False) if rest else str(answer["kind"])
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
