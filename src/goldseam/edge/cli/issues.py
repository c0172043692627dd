"""`goldseam issues`: labels of a file that are likely wrong, by a model's probabilities; without a project.

In: a file of labels and a file of probabilities. Out: issues, the most likely first; how many labels are expected to be
wrong. Never: a label changed; an issue is a reason to look.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.markup import escape

from goldseam.edge.cli import votefile as files
from goldseam.edge.cli.labelfile import Labeled, Wanted, read_labeled
from goldseam.edge.cli.show import AsJson, emit, line, progress, table
from goldseam.edge.cli.votefile import said_plainly
from goldseam.stats import noise
from goldseam.stats.noise import Groups, Issues

app = typer.Typer(add_completion=False)

LISTED = 1000
"""How many issues `--json` lists unless `--top` says more."""

LabelsPath = Annotated[Path, typer.Argument(help="A label for each item: .csv, .tsv, .jsonl or .parquet, also .gz.")]
ProbaPath = Annotated[
    Path,
    typer.Argument(help="A model's probabilities, a column for each label (named LABEL or p_LABEL), out of fold: from a "
                   "model that was not fitted to these items. Matched by item, or by row where there is no such column."),
]  # fmt: skip
GroupsColumn = Annotated[
    str, typer.Option("--groups", help="A column of the labels' file (annotator, source ...): who or what stands out?")
]
Probabilities = Annotated[
    str, typer.Option("--probabilities", help="The columns of probabilities, by commas; default: by the labels' names.")
]
Crowd = Annotated[
    bool,
    typer.Option("--crowd", help="Let the p_LABEL columns of the labels' file count too: what votes say, as written by "
                 "goldseam truth --out."),
]  # fmt: skip
Top = Annotated[int, typer.Option(help="How many issues to show.", min=1)]
Out = Annotated[Path | None, typer.Option("--out", help="Write all issues: .csv, .tsv, .jsonl or .parquet.")]


@app.command(epilog="Example: goldseam issues labels.csv proba.csv --groups annotator --out issues.csv")
def issues(
    labels: LabelsPath,
    proba: ProbaPath,
    groups: GroupsColumn = "",
    top: Top = 20,
    out: Out = None,
    item: files.ItemColumn = "",
    label: files.LabelColumn = "",
    probabilities: Probabilities = "",
    crowd: Crowd = False,
    delimiter: files.Delimiter = "",
    as_json: AsJson = False,
) -> None:
    """List labels of a file that are likely wrong, by a model's probabilities, the most likely first; no project is needed."""
    writer = files.writer_of(out) if out is not None else None
    with progress(quiet=as_json) as report, said_plainly():
        report("reading labels and probabilities", 0, None)
        read = read_labeled(labels, proba, Wanted(item, label, groups, probabilities, delimiter, crowd))
        report("looking for issues", 0, None)
        found = noise.label_issues(read.label, read.proba, names=read.names, groups=read.groups, crowd=read.crowd)
    if out is not None and writer is not None:
        out.write_bytes(writer(_columns(read, found)))
    emit(
        _plain(labels, read, found, max(top, LISTED), out),
        lambda: _draw(labels, read, found, top, out),
        as_json=as_json,
    )


def _columns(read: Labeled, found: Issues) -> dict[str, Any]:
    names = np.array([str(name) for name in found.names], dtype=object)
    item = np.array(read.item, dtype=object)[found.index]
    columns = {
        "item": item.tolist(),
        "given": names[found.given].tolist(),
        "suggested": names[found.suggested].tolist(),
        "score": found.score,
        "p_given": found.model[:, 0],
        "p_suggested": found.model[:, 1],
    }
    if found.votes is not None:
        columns |= {"votes_given": found.votes[:, 0], "votes_suggested": found.votes[:, 1]}
    if read.groups is not None:
        columns[read.columns["groups"]] = np.array(read.groups, dtype=object)[found.index].tolist()
    return columns


def _plain(path: Path, read: Labeled, found: Issues, top: int, out: Path | None) -> dict[str, object]:
    return {
        "file": str(path),
        **read.plain(),
        "n_items": found.n_items,
        "n_issues": found.n_issues,
        "n_expected": found.n_expected,
        "reason": found.reason,
        "issues": [{"item": read.item[found.index[at]], **row} for at, row in enumerate(found.rows(top))],
        "groups": None if found.groups is None else found.groups.rows(),
        "notes": [*read.notes, *found.warnings],
        "out": None if out is None else str(out),
    }


def _draw(path: Path, read: Labeled, found: Issues, top: int, out: Path | None) -> None:
    line(f"[bold]{escape(path.name)}[/bold]  {found.n_items:,} labels of {len(found.names):,} kinds")
    line(f"[dim]read: {escape(read.said())}[/dim]")
    files.draw_unreadable(read.unreadable, read.n_unreadable)
    for text in (*read.notes, *found.warnings):
        line(f"[yellow]![/yellow] {escape(text)}")
    line("")
    if found.n_expected is None:
        line(f"How many labels are wrong is unknown: {escape(found.reason)}")
    else:
        line(
            f"[bold]About {found.n_expected:,.0f} labels ({found.n_expected / max(found.n_items, 1):.1%}) are expected to be "
            f"wrong[/bold]; {found.n_issues:,} are more likely wrong than right"
        )
    if found.n_issues:
        rows = [
            [read.item[found.index[at]], row["given"], row["suggested"], row["score"], *_evidence(found, at)]
            for at, row in enumerate(found.rows(top))
        ]
        beside = [] if found.votes is None else ["votes: given, suggested"]
        line("")
        table("", ["item", "given", "suggested", "score", "model: given, suggested", *beside], rows)
    if found.groups is not None:
        _draw_groups(found.groups, read.columns["groups"], top)
    if out is not None:
        line(f"\n[green]✓[/green] {found.n_issues:,} issues in {escape(str(out))}")


def _evidence(found: Issues, at: int) -> list[str]:
    both = [found.model[at]] if found.votes is None else [found.model[at], found.votes[at]]
    return [f"{given:.2f}, {suggested:.2f}" for given, suggested in both]


def _draw_groups(groups: Groups, name: str, top: int) -> None:
    line(f"\n[bold]By {escape(name)}[/bold] [dim]the share of issues beside what its labels let expect[/dim]")
    rows = [
        [
            row["group"], row["n_items"], row["n_issues"], f"{row['share']:.1%}", f"{row['low']:.1%} to {row['high']:.1%}",
            f"{row['expected']:.1f}", "stands out" if row["stands_out"] else "",
            f"{row['suggested']} called {row['given']}: {row['n_mistakes']}" if row["n_mistakes"] else "",
        ]
        for row in groups.rows()[:top]
    ]  # fmt: skip
    table("", [name, "items", "issues", "share", "95% interval", "expected", "", "most often"], rows)
