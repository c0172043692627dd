"""`goldseam capture`: take in what a model did in production, from a file.

In: JSON lines. Out: how many were new, and what became of them. Never: the same line twice: run it again at any time.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.markup import escape

from goldseam.edge.cli.show import HERE, AsJson, Folder, emit, line
from goldseam.edge.project import open_project
from goldseam.edge.runner import producing, production
from goldseam.edge.runner.production import Taken
from goldseam.source.captured import MOST_AT_ONCE, Capture, Signal, Signaled
from goldseam.vocab.errors import BadSource, GoldseamError
from goldseam.vocab.people import Act

app = typer.Typer(add_completion=False)

CAPTURE: Final = frozenset({"id", "model", "label", "confidence", "text", "item", "metadata"})
TIMED: Final = 7
SIGNAL: Final = frozenset({"id", "capture", "signal", "label"})


@app.command(epilog="Example: goldseam capture outputs.jsonl")
def capture(
    file: Annotated[
        Path, typer.Argument(help="A file of JSON lines, each an output of the model or a signal about one.")
    ],
    project: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Take in a model's outputs in production, and corrections, overrides, escalations, rejections and clicks about them."""
    total = Taken(0, 0, 0)
    with open_project(project) as opened:
        permit = opened.permit(Act.CAPTURE)
        for captures, signals in _pages(file):
            found = production.capture(opened.world, permit, captures, signals)
            total = Taken(
                total.captures + found.captures, total.signals + found.signals, total.repeated + found.repeated
            )
        with opened.home.alone():
            became = producing.take_up(opened.world, opened.facts, opened.me)
    result = {**asdict(total), **{f"became_{name}": n for name, n in asdict(became).items()}}

    def draw() -> None:
        line(
            f"[green]✓[/green] {total.captures:,} outputs and {total.signals:,} signals are new; "
            f"{total.repeated:,} were known"
        )
        if became.text:
            line(f"  {escape(became.text)}")

    emit(result, draw, as_json=as_json)


def _pages(path: Path) -> Iterator[tuple[list[Capture], list[Signaled]]]:
    captures: list[Capture] = []
    signals: list[Signaled] = []
    for one in _read(path):
        if isinstance(one, Capture):
            captures.append(one)
        else:
            signals.append(one)
        if len(captures) + len(signals) == MOST_AT_ONCE:
            yield captures, signals
            captures, signals = [], []
    if captures or signals:
        yield captures, signals


def _read(path: Path) -> Iterator[Capture | Signaled]:
    """Yield what the lines say.

    Raises
    ------
    BadSource
        With the number of the line that is wrong.
    """
    if not path.is_file():
        raise BadSource(f"There is no file {path}.", source=str(path))
    with path.open(encoding="utf-8", errors="replace") as file:
        for number, text in enumerate(file, start=1):
            if not text.strip():
                continue
            try:
                yield _one(json.loads(text), text)
            except json.JSONDecodeError as error:
                raise BadSource(
                    f"{path}: line {number} is no JSON: {error.msg}.", source=str(path), line=number
                ) from None
            except GoldseamError as error:
                raise BadSource(f"{path}: line {number}: {error.message}", source=str(path), line=number) from None


def _one(said: object, text: str) -> Capture | Signaled:
    if not isinstance(said, Mapping):
        raise BadSource("a line is an object.")
    known = SIGNAL if "signal" in said else CAPTURE
    strange = sorted(set(said) - known)
    if strange:
        raise BadSource(f"{strange[0]!r} is not known here; a line has {', '.join(sorted(known))}.")
    made = _id(str(said.get("id") or text))
    if "signal" in said:
        if said["signal"] not in {one.value for one in Signal}:
            raise BadSource(f"A signal is one of {', '.join(Signal)}; got {said['signal']!r}.")
        about = str(said.get("capture") or "")
        return Signaled(made, _id(about), Signal(said["signal"]), _text(said, "label"))
    metadata = said.get("metadata") or {}
    if not isinstance(metadata, Mapping):
        raise BadSource("metadata is an object.")
    confidence = said.get("confidence")
    if confidence is not None and (isinstance(confidence, bool) or not isinstance(confidence, int | float)):
        raise BadSource("confidence is a number between 0 and 1.")
    return Capture(
        made,
        _text(said, "model") or "",
        _text(said, "label"),
        None if confidence is None else float(confidence),
        _text(said, "text"),
        _text(said, "item"),
        tuple(sorted((str(name), str(value)) for name, value in metadata.items())),
    )


def _text(said: Mapping[str, object], name: str) -> str | None:
    value = said.get(name)
    if value is not None and not isinstance(value, str):
        raise BadSource(f"{name} is a text.")
    return value


def _id(given: str) -> str:
    """Return an id that is a UUIDv7 as it is; any other, or a whole line, always gets the same made of its hash."""
    try:
        if uuid.UUID(given).version == TIMED:
            return given.lower()
    except ValueError:
        pass
    digits = hashlib.sha256(given.encode()).hexdigest()[:32]
    return str(uuid.UUID(f"{digits[:12]}7{digits[13:16]}8{digits[17:32]}"))
