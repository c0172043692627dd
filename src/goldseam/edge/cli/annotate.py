"""`goldseam annotate`: label in the terminal, one key per label.

In: single keys. Out: answers, each saved before the next item is shown. Never: an answer that waits for a later one.
"""

from __future__ import annotations

import time
from typing import Annotated

import typer
from rich.markup import escape
from rich.panel import Panel

from goldseam.edge.cli.show import HERE, AsJson, Folder, console, emit, line
from goldseam.edge.project import Project, open_project
from goldseam.edge.runner.annotate import Offer
from goldseam.edge.runner.pictures import drawn
from goldseam.vocab.annotations import AnnotationId
from goldseam.vocab.errors import GoldseamError, NotReady
from goldseam.vocab.items import Modality
from goldseam.vocab.schema import Label, Question, QuestionKind

app = typer.Typer(add_completion=False)

DIGITS = "1234567890"
QUIT, SKIP, UNDO, GUIDE = "q", "s", "z", "g"


@app.command(epilog="Example: goldseam annotate --limit 20")
def annotate(
    project: Folder = HERE,
    limit: Annotated[int, typer.Option(help="Stop after this many answers; 0 goes on.", min=0)] = 0,
    as_json: AsJson = False,
) -> None:
    """Label in the terminal, one key per label.

    Digits or hotkeys pick, Enter accepts the suggestion, s skips, z undoes, g shows the guideline, q stops.
    """
    with open_project(project) as opened:
        question = opened.facts.schema.main
        if question.kind is not QuestionKind.CHOICE:
            raise NotReady(
                f"The terminal labels single-choice questions; {question.name!r} is a {question.kind.value}."
            )
        n_answers = _session(opened, question, limit)
        counts = opened.status()["counts"]

    emit(
        {"answers": n_answers, "counts": counts},
        lambda: line(f"{n_answers:,} answers saved. Go on at any time."),
        as_json=as_json,
    )


def _session(project: Project, question: Question, limit: int) -> int:
    keys = keys_of(question)
    given: list[AnnotationId] = []
    offer: Offer | None = None
    while not limit or len(given) < limit:
        if offer is None:
            leased = project.lease(1)
            if not leased.offers:
                line(f"[yellow]●[/yellow] {leased.waiting.text if leased.waiting else 'Nothing is open.'}")
                break
            offer = leased.offers[0]
        _show(project, question, keys, offer, len(given))
        started = time.monotonic()
        key = _key()
        match key:
            case "q" | "\x03" | "\x04" | "":
                break
            case "z":
                offer = project.withdraw(given.pop()) if given else offer
            case "s":
                project.skip(offer, "skipped in the terminal")
                offer = None
            case "g":
                console.print(
                    Panel(escape(project.facts.guideline.text or "No guideline was written yet."), title="Guideline")
                )
            case _:
                label = _picked(key, keys, offer)
                if label is None:
                    line(f"[red]✗[/red] No label has the key {key!r}.")
                else:
                    answered = _answer(project, offer, label, time.monotonic() - started)
                    given += [answered] if answered else []
                    offer = None
    return len(given)


def _answer(project: Project, offer: Offer, label: str, seconds: float) -> AnnotationId | None:
    try:
        return project.answer(offer, label, seconds=min(seconds, 86_399.0)).id
    except GoldseamError as error:
        line(f"[red]✗[/red] {escape(error.message)}")
        return None


def keys_of(question: Question) -> dict[str, Label]:
    """Return the key of every label: its own hotkey, else a digit by place."""
    taken = {label.hotkey for label in question.labels if label.hotkey} | {QUIT, SKIP, UNDO, GUIDE}
    spare = [digit for digit in DIGITS if digit not in taken] + [c for c in "abcdefhijklmnoprtuvwxy" if c not in taken]
    keys: dict[str, Label] = {}
    for label in question.labels:
        key = label.hotkey or (spare.pop(0) if spare else "")
        if key:
            keys[key] = label
    return keys


def _picked(key: str, keys: dict[str, Label], offer: Offer) -> str | None:
    if key in {"\r", "\n"}:
        return offer.suggestion.label if offer.suggestion else None
    return keys[key].name if key in keys else None


def _show(project: Project, question: Question, keys: dict[str, Label], offer: Offer, n_given: int) -> None:
    console.print()
    if offer.item.modality is Modality.TEXT:
        console.print(Panel(escape(offer.item.content), title=f"{n_given + 1}", title_align="left"))
    else:
        console.print(Panel(drawn(project.world, offer.item), title=f"{n_given + 1}", title_align="left", expand=False))
    if question.prompt:
        console.print(f"[bold]{escape(question.prompt)}[/bold]")
    for key, label in keys.items():
        meaning = f"  [dim]{escape(label.definition)}[/dim]" if label.definition else ""
        console.print(f"  [cyan]{escape(key)}[/cyan] {escape(label.title or label.name)}{meaning}")
    if offer.suggestion:
        shown = offer.suggestion
        console.print(f"  [dim]Enter: {escape(shown.label)}? ({shown.confidence:.0%}, {shown.source})[/dim]")
    console.print("  [dim]s skip  z undo  g guideline  q stop[/dim]")


def _key() -> str:
    """Return one key; from a pipe, the first character of each line, so that scripts can label too."""
    try:
        return typer.getchar()
    except (EOFError, KeyboardInterrupt):
        return QUIT
