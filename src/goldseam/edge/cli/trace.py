"""`goldseam trace`: what a label rests on, from the raw line to the models that learned from it.

In: an item's id or key; perhaps a release's folder. Out: one screen. Never: a link of the chain that the log does not hold.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from goldseam.edge.cli.show import HERE, AsJson, Folder, emit, line, table
from goldseam.edge.project import open_project
from goldseam.edge.runner.release import verify_folder
from goldseam.edge.runner.trace_files import of_folder
from goldseam.vocab.errors import Tampered

app = typer.Typer(add_completion=False)

SHOWN = 300


@app.command(epilog="Example: goldseam trace 002a1253e0c1; or: goldseam trace r17 --release mood-0001")
def trace(
    item: Annotated[str, typer.Argument(help="The item's id, its first digits, or its row's own key.")],
    project: Folder = HERE,
    release: Annotated[
        Path | None, typer.Option(help="A release's folder: by its files alone, without a project.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what an item's label rests on: raw line, draw, people, rules, settlements; and what rests on it."""
    if release is not None:
        if wrong := verify_folder(release, None):
            raise Tampered(
                f"{release} is not what was signed: see goldseam verify {release}.", findings=[str(wrong[0].file)]
            )
        told = of_folder(release, item)
        emit(told, lambda: _draw(told), as_json=as_json)
        return
    with open_project(project) as opened:
        found: dict[str, Any] = opened.trace(item)
    emit(found, lambda: _draw(found), as_json=as_json)


def _draw(found: dict[str, Any]) -> None:
    item, origin = found["item"], found["item"]["origin"]
    line(f"[bold]{item['id']}[/bold]  {escape(item['content'][:SHOWN])}")
    key = f", key {escape(origin['key'])}" if origin["key"] else ""
    line(f"  from {escape(origin['source'])}, line {origin['line']}{key}")
    if found["draw"]:
        draw = found["draw"]
        line(f"  drawn in round {draw['round']} with chance {draw['chance']:.3g}, tier {draw['tier']}")
    line("")
    rows = [
        [
            a["name"],
            a["answer"].get("label", a["answer"]["kind"]),
            _remarks(a),
            f"{a['schema_version']}/{a['guideline_version']}",
            a["at"][:16],
            "–" if a["entry"] is None else a["entry"],
        ]
        for a in found["annotations"]
    ]
    table("Answers", ["who", "said", "", "schema/guideline", "at", "entry"], rows)
    line("")
    rows = [
        [
            s["question"],
            s["label"][:SHOWN],
            s["confidence"],
            s["by"] or s["method"],
            s["reason"] or s["state"],
            s["round"],
            s["at"][:16],
        ]
        for s in found["settlements"]
    ]
    table("Settled", ["question", "label", "confidence", "by", "", "round", "at"], rows)
    line("")
    for release in found["releases"]:
        line(f"  release {release['number']} says {escape(release['label'][:SHOWN])}")
    if found.get("is_gold"):
        line("  it is gold: models are judged by it and do not learn from it")
    for model in found["models"]:
        line(f"  model of round {model['round']} learned from release {model['release']} ({model['outcome']})")


def _remarks(annotation: dict[str, Any]) -> str:
    said = [annotation["reaction"]] if annotation["reaction"] != "none" else []
    said += [word for word in ("withdrawn", "surplus") if annotation[word]]
    return ", ".join([*said, *([annotation["purpose"]] if annotation["purpose"] != "label" else [])])
