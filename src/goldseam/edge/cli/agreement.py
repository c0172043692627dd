"""`goldseam agreement`: how much annotators agree beyond chance, of a file of votes, without a project.

In: a CSV, TSV, JSON Lines or Parquet file of votes. Out: statistics with their intervals, by label, by pair. Never: a
number where a statistic is undefined; its reason instead.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import typer
from rich.markup import escape

from goldseam.edge.cli import votefile as files
from goldseam.edge.cli.show import AsJson, emit, line, progress, table
from goldseam.edge.cli.votefile import Asked, VoteFile, read_votes, said_plainly
from goldseam.stats import agreement as stats
from goldseam.stats.agreement import Agreement, Interval, Pairs, Statistic
from goldseam.stats.votes import Votes
from goldseam.vocab.errors import BadValue, nearest

app = typer.Typer(add_completion=False)

USUAL = "alpha,gwet_ac1,fleiss_kappa,percent"
COHEN = "cohen_kappa"
TENTATIVE, RELIABLE = 0.667, 0.8
MANY_SHARED = 10
"""Pairs that share fewer items are shown only where none share as many: their kappa is mostly chance."""

NAMES = (*stats.METHODS, COHEN)

Level = Literal["nominal", "ordinal", "interval", "ratio"]
Weights = Literal["", "linear", "quadratic"]

Which = Annotated[str, typer.Option(help=f"Which statistics, by commas: {', '.join(NAMES)}; or all.")]
LevelOf = Annotated[Level, typer.Option(help="What alpha takes the labels for.")]
Credit = Annotated[
    Weights,
    typer.Option(help=f"Credit for near agreement in gwet_ac2 (default: quadratic) and {COHEN} (default: none)."),
]
ByLabel = Annotated[bool, typer.Option("--by-label", help="Also alpha of each label against all others.")]
Pairwise = Annotated[bool, typer.Option("--pairwise", help="Also Cohen's kappa of each pair of annotators.")]
Top = Annotated[int, typer.Option(help="How many pairs to show, those that agree least first.", min=1)]
Draws = Annotated[int, typer.Option(help="Bootstrap draws of each interval; 0: no intervals.", min=0)]
Confidence = Annotated[float, typer.Option(help="How often an interval should cover the true value.")]
Seed = Annotated[int, typer.Option(help="The seed of the draws: the same gives the same intervals.", min=0)]


@dataclass(frozen=True, slots=True)
class Row:
    """One statistic as it is shown; `asked` draws were made for its interval."""

    name: str
    found: Agreement
    bounds: Interval | None = None
    asked: int = 0

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
    votes: files.VotesPath,
    item: files.ItemColumn = "",
    annotator: files.AnnotatorColumn = "",
    label: files.LabelColumn = "",
    wide: files.Wide = False,
    statistic: Which = USUAL,
    level: LevelOf = "nominal",
    weights: Credit = "",
    labels: files.LabelOrder = "",
    by_label: ByLabel = False,
    pairwise: Pairwise = False,
    top: Top = 20,
    draws: Draws = 1000,
    confidence: Confidence = 0.95,
    seed: Seed = 0,
    absent: files.Absent = "",
    delimiter: files.Delimiter = "",
    as_json: AsJson = False,
) -> None:
    """Say how much annotators agree beyond chance, and how sure that is, on any file of votes; no project is needed."""
    functions = _functions(statistic, level, weights)
    rng = np.random.default_rng(seed)
    rows = []
    with progress(quiet=as_json) as report, said_plainly():
        report("reading votes", 0, None)
        read = read_votes(votes, Asked(item, annotator, label, delimiter, absent, labels, wide))
        notes = _check_numbers(read.votes, level)
        for at, (name, function) in enumerate(functions.items()):
            report("statistics and intervals", at, len(functions))
            rows.append(_row(read.votes, name, function, draws, confidence, rng))
        parts = stats.by_label(read.votes) if by_label else {}
        pairs = stats.pairwise(read.votes) if pairwise else None
    plain: dict[str, object] = {"file": str(votes), **read.plain(), "notes": notes}
    plain["statistics"] = [row.plain() for row in rows]
    if by_label:
        plain["by_label"] = [{"label": name, **_of_label(found)} for name, found in parts.items()]
    if pairs is not None:
        plain["pairwise"] = [_plain_pair(read.votes, pairs, at) for at in range(len(pairs.first))]
    emit(plain, lambda: _draw(votes, read, notes, rows, parts, pairs, top), as_json=as_json)


def _functions(statistic: str, level: Level, weights: Weights) -> dict[str, Statistic]:
    """Return the statistics asked for by the name that is shown."""
    wanted = list(NAMES) if statistic.strip() == "all" else [name.strip() for name in statistic.split(",")]
    found: dict[str, Statistic] = {}
    for given in wanted:
        name = given.replace("-", "_")
        if name not in NAMES:
            raise BadValue(f"There is no statistic {given!r}; there are {', '.join(NAMES)}.{nearest(name, NAMES)}")
        if name == "alpha":
            found[name if level == "nominal" else f"alpha {level}"] = partial(stats.alpha, level=level)
        elif name == "gwet_ac2":
            found[f"gwet_ac2 {weights or 'quadratic'}"] = partial(stats.gwet_ac2, weights=weights or "quadratic")
        elif name == COHEN:
            found[f"{COHEN} {weights}".strip()] = partial(_cohen_kappa, weights=weights or None)
        else:
            found[name] = stats.METHODS[name]
    return found


def _check_numbers(votes: Votes, level: Level) -> list[str]:
    """Refuse labels that are no numbers where numbers are needed; return what else is to be said of them."""
    if level in {"nominal", "ordinal"}:
        return []
    for label in votes.labels:
        try:
            float(str(label))
        except ValueError:
            raise BadValue(f"--level {level} needs labels that are numbers; {label!r} is none.") from None
    if level == "ratio" and min(float(str(label)) for label in votes.labels) < 0:
        return ["--level ratio means something only for numbers of 0 or more, and some are below."]
    return []


def _row(votes: Votes, name: str, function: Statistic, draws: int, level: float, rng: np.random.Generator) -> Row:
    found = function(votes)
    if not draws or found.value is None:
        return Row(name, found)
    return Row(name, found, stats.interval(votes, function, rng=rng, level=level, draws=draws), draws)


def _cohen_kappa(votes: Votes, weights: Literal["linear", "quadratic"] | None) -> Agreement:
    """Cohen's kappa of the two annotators of a file, over the items that both answered."""
    voting = np.flatnonzero(votes.votes_per_annotator())
    if len(voting) != 2:
        reason = f"Cohen's kappa compares two annotators and {len(voting)} voted: see --pairwise, or fleiss_kappa."
        return Agreement(None, reason, 0, 0, None, None)
    said = np.full((2, votes.n_items), -1)
    said[np.searchsorted(voting, votes.annotator), votes.item] = votes.label
    both = (said >= 0).all(axis=0)
    first, second = said[:, both]
    return stats.cohen_kappa(first, second, weights, labels=range(votes.n_labels))


def _draw(
    path: Path,
    read: VoteFile,
    notes: Sequence[str],
    rows: Sequence[Row],
    parts: Mapping[Hashable, Agreement],
    pairs: Pairs | None,
    top: int,
) -> None:
    files.draw_read(path, read)
    for text in notes:
        line(f"[yellow]![/yellow] {escape(text)}")
    line("")
    confidence = next((row.bounds.level for row in rows if row.bounds is not None), 0.0)
    bounds = [f"{confidence:.0%} interval"] if confidence else []
    shown = [
        [row.name, _number(row.found.value), *([_interval(row.bounds)] if bounds else []),
         _number(row.found.observed), _number(row.found.expected), row.found.n_items]
        for row in rows
    ]  # fmt: skip
    table("", ["statistic", "value", *bounds, "observed", "by chance", "items compared"], shown)
    for row in rows:
        if row.found.value is None:
            line(f"  [yellow]![/yellow] {row.name}: {escape(row.found.reason)}")
        elif row.bounds is not None and row.bounds.n_draws < row.asked:
            undefined = row.asked - row.bounds.n_draws
            line(
                f"  [yellow]![/yellow] {row.name}: undefined in {undefined:,} of {row.asked:,} draws, which do not count"
            )
    alpha = next((row.found.value for row in rows if row.name.startswith("alpha")), None)
    if alpha is not None:
        line(f"[dim]By convention alpha {_convention(alpha)}[/dim]")
    if parts:
        _draw_labels(read.votes, parts)
    if pairs is not None:
        _draw_pairs(read.votes, pairs, top)


def _convention(alpha: float) -> str:
    """Return what Krippendorff's bounds say of a value."""
    if alpha >= RELIABLE:
        return f"of {RELIABLE} or more can be relied on."
    if alpha >= TENTATIVE:
        return f"from {TENTATIVE} to {RELIABLE} allows tentative conclusions only."
    return (
        f"below {TENTATIVE} allows no conclusion from single votes; --by-label and --pairwise show where they differ."
    )


def _draw_labels(votes: Votes, parts: Mapping[Hashable, Agreement]) -> None:
    counts = np.bincount(votes.label, minlength=votes.n_labels)
    shown = [
        [name, _number(found.value), int(count), f"{count / votes.n_votes:.1%}", found.reason]
        for (name, found), count in zip(parts.items(), counts.tolist(), strict=True)
    ]
    line("")
    line("[bold]Alpha of each label against all others[/bold]")
    table("", ["label", "alpha", "votes", "share", ""], shown)


def _draw_pairs(votes: Votes, pairs: Pairs, top: int) -> None:
    line("")
    if not len(pairs.first):
        line("No two annotators share an item.")
        return
    enough = pairs.n_items >= min(MANY_SHARED, int(pairs.n_items.max()))
    order = np.lexsort((-pairs.n_items, pairs.kappa, ~pairs.defined, ~enough))[: min(top, int(enough.sum()))]
    shown = [
        [pair["first"], pair["second"], _number(pair["kappa"]), pair["observed"], pair["n_items"]]
        for pair in (_plain_pair(votes, pairs, at) for at in order.tolist())
    ]
    line(
        f"[bold]Pairs that agree least[/bold] [dim]{len(shown):,} of {int(enough.sum()):,} that share "
        f"{int(pairs.n_items[enough].min()):,} items or more; {len(pairs.first):,} share any[/dim]"
    )
    table("", ["annotator", "and", "kappa", "observed", "items"], shown)


def _plain_pair(votes: Votes, pairs: Pairs, at: int) -> dict[str, Any]:
    return {
        "first": votes.annotators[pairs.first[at]],
        "second": votes.annotators[pairs.second[at]],
        "kappa": float(pairs.kappa[at]) if pairs.defined[at] else None,
        "observed": float(pairs.observed[at]),
        "expected": float(pairs.expected[at]),
        "n_items": int(pairs.n_items[at]),
    }


def _of_label(found: Agreement) -> dict[str, object]:
    plain = Row("alpha", found).plain()
    del plain["name"]
    return plain


def _number(value: Any) -> float | str:
    return "–" if value is None else value


def _interval(bounds: Interval | None) -> str:
    return "–" if bounds is None or bounds.low is None else f"{bounds.low:.3f} to {bounds.high:.3f}"
