"""`goldseam agreement`: how much annotators agree beyond chance, of a file of votes, without a project.

In: a CSV, TSV, JSON Lines or Parquet file of votes. Out: statistics with their intervals, by label, by pair. Never: a
number where a statistic is undefined; its reason instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import typer
from rich.markup import escape

from goldseam.edge.cli.show import AsJson, emit, line, progress, table
from goldseam.edge.cli.votefile import (
    Absent,
    AnnotatorColumn,
    Asked,
    Delimiter,
    ItemColumn,
    LabelColumn,
    LabelOrder,
    VoteFile,
    Wide,
    draw_read,
    read_votes,
    said_plainly,
)
from goldseam.edge.runner.world import Report
from goldseam.stats import agreement as stats
from goldseam.stats.agreement import Agreement, Interval, Statistic
from goldseam.stats.votes import Votes
from goldseam.vocab.errors import BadValue, nearest

app = typer.Typer(add_completion=False)

USUAL = ("alpha", "gwet_ac1", "fleiss_kappa", "percent")
SHOWN_PAIRS = 20

Level = Literal["nominal", "ordinal", "interval", "ratio"]
Weights = Literal["", "linear", "quadratic"]


@dataclass(frozen=True, slots=True)
class Row:
    """One statistic as it is shown."""

    name: str
    found: Agreement
    bounds: Interval | None

    def plain(self) -> dict[str, object]:
        """Return what `--json` shows of it."""
        found, bounds = self.found, self.bounds
        plain: dict[str, object] = {"name": self.name, "value": found.value, "reason": found.reason}
        if bounds is not None:
            plain |= {"low": bounds.low, "high": bounds.high, "level": bounds.level, "n_draws": bounds.n_draws}
        parts = {"observed": found.observed, "expected": found.expected}
        return plain | parts | {"n_items": found.n_items, "n_votes": found.n_votes}


@app.command(epilog="Example: goldseam agreement votes.csv --level ordinal --by-label --pairwise")
def agreement(
    votes: Annotated[Path, typer.Argument(help="Votes, one a row: .csv, .tsv, .jsonl or .parquet, also .gz.")],
    item: ItemColumn = "",
    annotator: AnnotatorColumn = "",
    label: LabelColumn = "",
    wide: Wide = False,
    statistic: Annotated[
        str, typer.Option(help=f"Which statistics, by commas: {', '.join(stats.METHODS)}, cohen_kappa; or all.")
    ] = ",".join(USUAL),
    level: Annotated[Level, typer.Option(help="What alpha takes the labels for.")] = "nominal",
    weights: Annotated[
        Weights, typer.Option(help="Credit for near agreement in gwet_ac2 (default: quadratic) and cohen_kappa.")
    ] = "",
    labels: LabelOrder = "",
    by_label: Annotated[bool, typer.Option("--by-label", help="Alpha of each label against all others.")] = False,
    pairwise: Annotated[bool, typer.Option("--pairwise", help="Cohen's kappa of each pair of annotators.")] = False,
    top: Annotated[int, typer.Option(help="How many pairs to show, least agreement first.", min=1)] = SHOWN_PAIRS,
    draws: Annotated[int, typer.Option(help="Bootstrap draws of each interval; 0: no intervals.", min=0)] = 1000,
    confidence: Annotated[float, typer.Option(help="How often an interval should cover the true value.")] = 0.95,
    seed: Annotated[int, typer.Option(help="The seed of the draws: the same gives the same intervals.", min=0)] = 0,
    absent: Absent = "",
    delimiter: Delimiter = "",
    as_json: AsJson = False,
) -> None:
    """Say how much annotators agree beyond chance, and how sure that is; on any file of votes, without a project."""
    asked = Asked(item, annotator, label, delimiter, absent, labels, wide)
    functions = _functions(statistic, level, weights)
    with progress(quiet=as_json) as report, said_plainly():
        report("reading", 0, None)
        read = read_votes(votes, asked)
        rng = np.random.default_rng(seed)
        rows = _rows(read.votes, functions, partial(_bounds, draws=draws, level=confidence, rng=rng), report)
        parts = stats.by_label(read.votes) if by_label else None
        pairs = stats.pairwise(read.votes) if pairwise else None
    plain = {"file": str(votes), **read.plain(), "statistics": [row.plain() for row in rows]}
    if parts is not None:
        plain["by_label"] = [{"label": name, **Row("", found, None).plain()} for name, found in parts.items()]
    if pairs is not None:
        plain["pairwise"] = _plain_pairs(read.votes, pairs)

    def draw() -> None:
        draw_read(votes, read)
        _draw(rows, confidence)
        if parts is not None:
            _draw_labels(read, parts)
        if pairs is not None:
            _draw_pairs(read.votes, pairs, top)

    emit(plain, draw, as_json=as_json)
