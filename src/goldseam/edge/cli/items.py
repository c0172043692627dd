"""`goldseam items`: look through a project's items.

In: conditions, words. Out: a table, or JSON Lines. Never: a change.
"""

from __future__ import annotations

import json
import sys
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from goldseam.edge.cli.show import HERE, AsJson, Folder, line, progress, table
from goldseam.edge.project import open_project
from goldseam.edge.runner import browse
from goldseam.source.find import Order, wanted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldseam.edge.project import Project
    from goldseam.edge.runner.browse import Line
    from goldseam.source.find import Wanted

app = typer.Typer(add_completion=False)

SHOWN = 60
AT_ONCE = 500


@app.command(epilog="Example: goldseam items --where label=pos --where confidence=..0.7 --order confidence")
def items(
    where: Annotated[
        list[str] | None,
        typer.Option(
            help="What has to hold: state=, label=, annotator=, confidence=0.2..0.6, meta.NAME=. May be repeated."
        ),
    ] = None,
    search: Annotated[str, typer.Option(help='Words of the text: all of them; "in quotes" a phrase, begun*.')] = "",
    order: Annotated[
        Literal["position", "confidence", "-confidence"], typer.Option(help="In which order.")
    ] = "position",
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 20,
    project: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """List items by what they are labeled as, where they stand, and what they say."""
    asked = wanted(where or [], search)
    with open_project(project) as opened:
        if asked.phrases:
            with progress(quiet=as_json) as report:
                browse.index(opened.world, opened.facts, report)
        found = list(islice(_lines(opened, asked, Order(order), limit), limit))
        n, exact = browse.count(opened.world, opened.facts, asked)
    if as_json:
        sys.stdout.writelines(json.dumps(browse.plain(one), ensure_ascii=False) + "\n" for one in found)
        return
    rows = [
        [
            one.item.id[:12], one.state.value + (" !" if one.is_flagged else ""), one.label or "",
            "" if one.confidence is None else one.confidence, f"{one.n_given}/{one.n_wanted}",
            (one.item.origin.key if one.item.modality.is_media else " ".join(one.item.content.split()))[:SHOWN],
        ]
        for one in found
    ]  # fmt: skip
    table("", ["item", "state", "label", "confidence", "answers", "text"], rows, "No such item.")
    line(f"{len(found):,} of {n:,}{'' if exact else ' or more'}")


def _lines(opened: Project, asked: Wanted, order: Order, limit: int) -> Iterator[Line]:
    after: str | None = None
    while True:
        page = browse.page(opened.world, opened.facts, asked, order, after, min(limit, AT_ONCE))
        yield from page.lines
        after = page.more
        if after is None:
            return
