"""`goldseam annotate`: label in the terminal, one key per label.

In: single keys. Out: answers, each saved before the next item is shown. Never: an answer that waits for a later one.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel

from goldseam.edge.cli.keyboard import ENTER, QUIT, Keyboard
from goldseam.edge.cli.show import HERE, AsJson, Folder, aside, console, emit, line
from goldseam.edge.project import Project, open_project
from goldseam.edge.runner.annotate import Offer
from goldseam.edge.runner.pictures import drawn
from goldseam.vocab.annotations import AnnotationId
from goldseam.vocab.errors import AnnotatorError, NotReady
from goldseam.vocab.items import Modality
from goldseam.vocab.schema import Label, Question, QuestionKind

app = typer.Typer(add_completion=False)

SPARE = "1234567890abcdefhijklmnoprtuvwxy"
MAX_SECONDS = 86_399.0
SKIP, UNDO, GUIDE = "s", "z", "g"


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
        n_answers = _session(opened, question, limit, aside if as_json else console)
        counts = opened.status()["counts"]

    emit(
        {"answers": n_answers, "counts": counts},
        lambda: line(f"{'1 answer' if n_answers == 1 else f'{n_answers:,} answers'} saved. Go on at any time."),
        as_json=as_json,
    )


def _session(project: Project, question: Question, limit: int, screen: Console) -> int:
    keys = keys_of(question, screen)
    given: list[AnnotationId] = []
    with Keyboard() as keyboard, suppress(KeyboardInterrupt):
        _label(project, question, keys, given, limit, keyboard, screen)
    project.give_back()
    return len(given)


def _label(
    project: Project,
    question: Question,
    keys: dict[str, Label],
    given: list[AnnotationId],
    limit: int,
    keyboard: Keyboard,
    screen: Console,
) -> None:
    """Show item after item and do what the keys say, until there is none, or enough were answered, or the key that quits."""
    offer: Offer | None = None
    while not limit or len(given) < limit:
        if offer is None:
            leased = project.lease(1)
            if not leased.offers:
                said = leased.waiting.text if leased.waiting else "Nothing is open."
                screen.print(f"[yellow]●[/yellow] {said}", soft_wrap=True)
                break
            offer = leased.offers[0]
        _show(project, question, keys, offer, len(given), screen)
        started = time.monotonic()
        key = keyboard.press()
        if key == QUIT:
            break
        try:
            offer = _act(project, key, keys, offer, given, time.monotonic() - started, screen)
        except (
            AnnotatorError
        ) as error:  # the lease ran out meanwhile, or was lost: say so, and go on with the next item
            screen.print(f"[red]✗[/red] {escape(error.message)}", soft_wrap=True)
            offer = None


def _act(
    project: Project,
    key: str,
    keys: dict[str, Label],
    offer: Offer,
    given: list[AnnotationId],
    seconds: float,
    screen: Console,
) -> Offer | None:
    """Do what a key says and return the offer to show next; None asks for a new one."""
    match key:
        case "z" if given:
            return project.withdraw(given.pop())
        case "z":
            screen.print("[yellow]![/yellow] Nothing was answered here that could be undone.")
        case "s":
            project.skip(offer, "skipped in the terminal")
            return None
        case "g":
            text = project.facts.guideline.text or "No guideline was written yet."
            screen.print(Panel(escape(text), title="Guideline"))
        case _:
            label = _picked(key, keys, offer, screen)
            if label is not None:
                given.append(project.answer(offer, label, seconds=min(seconds, MAX_SECONDS)).id)
                return None
    return offer


def keys_of(question: Question, screen: Console) -> dict[str, Label]:
    """Return the key of every label: its own hotkey, unless the terminal needs it for itself, else a digit or letter."""
    own = {QUIT, SKIP, UNDO, GUIDE}
    taken = {label.hotkey for label in question.labels if label.hotkey} | own
    spare = [key for key in SPARE if key not in taken]
    keys: dict[str, Label] = {}
    for label in question.labels:
        key = label.hotkey if label.hotkey and label.hotkey not in own else (spare.pop(0) if spare else "")
        if key:
            keys[key] = label
    n_left = len(question.labels) - len(keys)
    if n_left:
        screen.print(
            f"[yellow]![/yellow] {n_left:,} labels have no key here; give them hotkeys, or use goldseam serve."
        )
    return keys


def _picked(key: str, keys: dict[str, Label], offer: Offer, screen: Console) -> str | None:
    if key == ENTER and offer.suggestion and offer.suggestion.label:
        return offer.suggestion.label
    if key in keys:
        return keys[key].name
    said = "There is no suggestion to accept." if key == ENTER else f"No label has the key {key!r}."
    screen.print(f"[red]✗[/red] {escape(said)}")
    return None


def _show(
    project: Project, question: Question, keys: dict[str, Label], offer: Offer, n_given: int, screen: Console
) -> None:
    screen.print()
    screen.print(panel(project, offer.item.modality, offer.item.content, f"{n_given + 1}"))
    if question.prompt:
        screen.print(f"[bold]{escape(question.prompt)}[/bold]")
    for key, label in keys.items():
        meaning = f"  [dim]{escape(label.definition)}[/dim]" if label.definition else ""
        screen.print(f"  [cyan]{escape(key)}[/cyan] {escape(label.title or label.name)}{meaning}")
    if offer.suggestion and offer.suggestion.label:
        shown = offer.suggestion
        screen.print(f"  [dim]Enter: {escape(shown.label)}? ({shown.confidence:.0%}, {shown.source})[/dim]")
    screen.print("  [dim]s skip  z undo  g guideline  q stop[/dim]")


def panel(project: Project, modality: Modality, content: str, title: str) -> Panel:
    """Return an item in a frame: its text, or its image drawn with characters."""
    if not modality.is_media:
        return Panel(escape(content), title=escape(title), title_align="left")
    return Panel(escape(drawn(project.world, content)), title=escape(title), title_align="left", expand=False)
