"""`goldseam model try` and `spent`: one item put to one model, and what all models took so far.

In: a project, an item, a model's name. Out: the prompt, the answer, tokens and money. Never: a key.
"""

from __future__ import annotations

import json
from importlib import import_module
from typing import Annotated, Any

import typer
from rich.markup import escape

from goldseam.edge.cli.show import HERE, AsJson, Folder, emit, line, table
from goldseam.edge.project import open_project
from goldseam.vocab.people import Act

Item = Annotated[str, typer.Argument(help="The item's id, or its key in the source.")]
Name = Annotated[
    str | None, typer.Option("--model", help="The model's name in the project file; the first if left out.")
]
Prompt = Annotated[bool, typer.Option("--prompt", help="Show what would be sent, and send nothing.")]


def attempt(
    item: Item, model: Name = None, prompt: Prompt = False, project: Folder = HERE, as_json: AsJson = False
) -> None:
    """Put one item to a model of the project file: show the prompt, the answer, and what it cost. Nothing is suggested."""
    with open_project(project) as opened:
        # what proposes brings scikit-learn, which takes most of a second: only these commands pay it
        trying = import_module("goldseam.edge.runner.trying")
        doing = "show" if prompt else "ask"
        tried = trying.attempt(opened.world, opened.permit(Act.MANAGE), item, model, doing)
    found: dict[str, Any] = tried.plain

    def draw() -> None:
        line(escape(_shown(found["sent"])))
        if tried.said is None:
            return
        line("")
        if found["abstained"]:
            line(f"[yellow]abstained[/yellow] {escape(found['abstained'])}")
        for question, answer in found["answers"].items():
            line(f"[bold]{escape(question)}[/bold] {escape(json.dumps(answer, ensure_ascii=False))}")
        for label, chance in sorted(found["chances"].items(), key=lambda one: -one[1])[:5]:
            line(f"  {chance:.3f} {escape(label)}")
        if found["reasoning"]:
            line(f"why: {escape(found['reasoning'])}")
        tokens = f"{found['tokens_in']:,} tokens read, {found['tokens_out']:,} written"
        line(f"{tokens}, {found['money']:.6f} in money")

    emit(found, draw, as_json=as_json)


def _shown(sent: object) -> str:
    """Return what is sent as people read it: messages one after another, or JSON."""
    if not isinstance(sent, list):
        return json.dumps(sent, ensure_ascii=False, indent=1)
    return "\n\n".join(f"--- {one['role']}\n{_text(one['content'])}" for one in sent)


def _text(content: object) -> str:
    return content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)[:2_000]


def spent(project: Folder = HERE, as_json: AsJson = False) -> None:
    """Show how many items each model of the project file was asked about, and what that took."""
    with open_project(project) as opened:
        trying = import_module("goldseam.edge.runner.trying")
        found: list[dict[str, Any]] = trying.spending(opened.world, opened.permit(Act.MEASURE))
        limit = opened.facts.settings.prelabel.limit
    rows = [
        [one["name"], one["gives"] or "no longer named", one["asked"], one["abstained"], one["tokens_in"], one["tokens_out"],
         f"{one['money']:.4f}"]
        for one in found
    ]  # fmt: skip

    def draw() -> None:
        table("", ["model", "gives", "asked", "abstained", "tokens read", "written", "money"], rows)
        bounds = [
            f"{value:,} {what}"
            for value, what in ((limit.tokens, "tokens"), (limit.money, "in money"), (limit.items, "items a round"))
            if value is not None
        ]
        line(f"limits: {', '.join(bounds) or 'none'}")

    emit(found, draw, as_json=as_json)
