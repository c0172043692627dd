"""`goldseam init`: make a project folder.

In: a name, labels, perhaps a file of items. Out: a folder with a commented goldseam.yaml, applied. Never: an existing file
overwritten.
"""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from goldseam.edge.cli.asked import PROMPTS, Asked, asked
from goldseam.edge.cli.columns import candidate_columns, check_table, has_unreadable, key_column, separator, text_column
from goldseam.edge.cli.show import AsJson, emit, line
from goldseam.edge.home import PROJECT_FILE, Home
from goldseam.edge.project import open_project
from goldseam.edge.runner import project_file
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.vocab.errors import BadSetting, BadValue

app = typer.Typer(add_completion=False)

TEMPLATE = """\
# yaml-language-server: $schema=.goldseam/goldseam.schema.json
# A project as one file: change it, look with 'goldseam plan', make it so with 'goldseam apply'.
name: {name}

schema:
  questions:
    - name: {question}
      kind: {asked}
      prompt: {prompt}
{options}
guideline:
  text: |
    # How to label

    Write here what each label means, with borderline cases. It is shown beside every item.
  worked_examples: []

# What to label: CSV or JSONL files (one row an item), or a folder of images.
sources:
{sources}
# Items whose label is known: CSV files with 'label' and one of 'id', 'key' or 'text'. They measure annotators and models.
gold: []

source: {{kind: {kind}{text}}}
sample: {{strategy: auto, batch: 100}}
# One answer an item suits a single annotator; a team takes 3 and learns how far it agrees.
route: {{redundancy: {redundancy}}}
annotate: {{gold_rate: 0.05, prefetch: 5}}
adjudicate: {{method: dawid_skene, escalate_below: 0.6}}
"""

Texts = Annotated[Path | None, typer.Option(help="A CSV or JSONL file of texts to label, or of candidates.")]
Candidates = Annotated[
    str, typer.Option(help="The columns of candidates, or the one with a list of them; default: the likeliest.")
]


@app.command(
    epilog="Example: goldseam init mood --text reviews.csv --labels positive,negative; "
    "goldseam init names --text news.csv --spans PER,LOC; goldseam init cars --images photos --boxes car,person; "
    "goldseam init stars --text reviews.csv --rating 1..5; goldseam init replies --text replies.jsonl --pairs",
)
def init(
    name: Annotated[str, typer.Argument(help="The project's name; a folder of this name is made.")],
    labels: Annotated[str, typer.Option(help="A choice between these labels, with commas between them.")] = "yes,no",
    several: Annotated[str, typer.Option(help="Instead: any number of these labels.")] = "",
    spans: Annotated[str, typer.Option(help="Instead: spans of a text, each with one of these labels.")] = "",
    boxes: Annotated[str, typer.Option(help="Instead: boxes on an image, each with one of these labels.")] = "",
    polygons: Annotated[str, typer.Option(help="Instead: outlines on an image.")] = "",
    masks: Annotated[str, typer.Option(help="Instead: painted masks on an image.")] = "",
    rating: Annotated[str, typer.Option(help="Instead: points on a scale, like 1..5.")] = "",
    number: Annotated[bool, typer.Option("--number", help="Instead: a number.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Instead: a text of one's own.")] = False,
    pairs: Annotated[bool, typer.Option("--pairs", help="Instead: which of two candidates is better.")] = False,
    ranking: Annotated[bool, typer.Option("--ranking", help="Instead: the candidates in order.")] = False,
    text: Texts = None,
    column: Annotated[str, typer.Option(help="The column of the text, or of the prompt; default: the likeliest.")] = "",
    candidates: Candidates = "",
    images: Annotated[Path | None, typer.Option(help="A folder of images to label.")] = None,
    question: Annotated[str, typer.Option(help="The question's name.")] = "label",
    prompt: Annotated[str, typer.Option(help="What annotators are asked; default: by the kind of question.")] = "",
    redundancy: Annotated[int, typer.Option(help="How many people answer each item.", min=1, max=100)] = 1,
    folder: Annotated[Path | None, typer.Option(help="Where to make it; default: ./NAME")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a project: a folder with a goldseam.yaml, its database and its key."""
    _check_sources(text, images, column)
    home = _new_home(folder or Path(name))
    given = {"several": several, "spans": spans, "boxes": boxes, "polygons": polygons, "masks": masks, "rating": rating}
    first = asked(labels, given, number=number, write=write, pairs=pairs, ranking=ranking)
    source = text or images
    kind = _kind_of_items(first, text, images)
    content = TEMPLATE.format(
        name=json.dumps(name),
        question=json.dumps(question),
        asked=first.kind,
        prompt=json.dumps(prompt or PROMPTS[first.kind]),
        options=first.lines,
        sources=_sources(source),
        kind=kind,
        text=_fields(text, kind, column, [name.strip() for name in candidates.split(",") if name.strip()]),
        redundancy=redundancy,
    )
    facts = _make(home, content)
    policy = facts.settings.source
    read = {"text": policy.text, "key": policy.key, "delimiter": separator(text)} if text else None
    result = {"project": facts.id, "name": facts.name, "folder": str(home.root), "file": PROJECT_FILE, "read": read}
    emit(result, lambda: _draw(facts, home, text), as_json=as_json)


def _draw(facts: ProjectFacts, home: Home, text: Path | None) -> None:
    """Say what was made, what the file was read as, and what comes next."""
    line(f"[green]✓[/green] Project [bold]{escape(facts.name)}[/bold] in {escape(str(home.root))}")
    if text is not None:
        line(f"  {escape(_read(text, facts.settings.source.text, facts.settings.source.key))}")
        if has_unreadable(text):
            line("[yellow]![/yellow] Some rows are not text in UTF-8 and will be refused: save the file as UTF-8.")
    where = escape(shlex.quote(os.path.relpath(home.root)))
    line(f"  Look at {PROJECT_FILE}, then: cd {where} && goldseam run && goldseam serve")


def _sources(source: Path | None) -> str:
    """Return the lines of `sources`."""
    if source is None:
        return "  []\n"
    mark = separator(source) if source.is_file() else ""
    return f"  - path: {json.dumps(str(source.resolve()))}\n" + (f"    delimiter: {json.dumps(mark)}\n" if mark else "")


def _read(path: Path, text: str, key: str) -> str:
    """Say which columns are taken for what, so that a wrong guess is seen at once."""
    mark = separator(path)
    parts = [f"columns parted by {mark!r}"] if mark else []
    parts += [f"read from the column {text!r}"] if text else []
    parts += [f"rows told apart by {key!r}"] if key else []
    return f"{path.name}: " + (", ".join(parts) or "read as its fields say") + "."


def _fields(path: Path | None, kind: str, column: str, candidates: list[str]) -> str:
    """Return the part of `source` that says which fields hold what is labeled."""
    if candidates and kind != "candidates":
        raise BadValue("--candidates is for --pairs and --ranking.")
    if path is None:
        return ""
    if kind != "candidates":
        shown = column or text_column(path)
        key = key_column(path, shown)
        return f", text: {json.dumps(shown)}" + (f", key: {json.dumps(key)}" if key else "")
    prompt, held = candidate_columns(path, column, candidates)
    return f", text: {json.dumps(prompt)}" + (f", candidates: {json.dumps(held)}" if held else "")


def _make(home: Home, content: str) -> ProjectFacts:
    """Write the project file into its folder and apply it; a mistake is told before anything is made."""
    project_file.parse(content.encode(), home.project_file)
    try:
        home.root.mkdir(parents=True, exist_ok=True)
        home.project_file.write_text(content, encoding="utf-8")
    except OSError as error:
        raise BadSetting(f"Cannot make the folder {home.root}: {error.strerror}.", folder=str(home.root)) from error
    try:
        with open_project(home.root) as project:
            return project.facts
    except BaseException:
        home.project_file.unlink()
        raise


def _new_home(folder: Path) -> Home:
    home = Home(folder.resolve())
    if home.project_file.exists():
        raise BadValue(f"There is a project in {home.root} already; choose another name or --folder.")
    return home


def _check_sources(text: Path | None, images: Path | None, column: str) -> None:
    if text is not None and images is not None:
        raise BadValue("A project has texts or images: give one of --text and --images.")
    if text is not None:
        check_table(text, column)
    if images is not None and not images.is_dir():
        raise BadValue(f"There is no folder {images}; --images names a folder of images.")


def _kind_of_items(first: Asked, text: Path | None, images: Path | None) -> str:
    """Return what the items are; a question that is only asked of other ones is refused."""
    if first.items == "image" and text is not None:
        raise BadValue(f"A {first.kind} is drawn on an image: give --images instead of --text.")
    if first.items in {"text", "candidates"} and images is not None:
        raise BadValue(f"A {first.kind} is asked of {'texts' if first.items == 'text' else 'candidates'}: give --text.")
    return first.items or ("image" if images is not None else "text")
