"""`goldseam truth`: the label behind the votes of a file, whom to believe, and what is in doubt; without a project.

In: a CSV, TSV, JSON Lines or Parquet file of votes; perhaps gold. Out: labels with probabilities, as a table and as a
file. Never: an accuracy measured on gold that the method was given.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.markup import escape

from goldseam.edge.cli import votefile as files
from goldseam.edge.cli.show import AsJson, emit, line, progress, table
from goldseam.edge.cli.votefile import Asked, VoteFile, read_gold, read_votes, said_plainly
from goldseam.stats import risk
from goldseam.stats import truth as stats
from goldseam.stats.truth import Truth
from goldseam.stats.votes import Votes
from goldseam.vocab.errors import BadValue, nearest

app = typer.Typer(add_completion=False)

LEVEL = 0.95
LISTED = 100
"""How many doubtful items `--json` lists."""

FEW_VOTES = 10
"""Annotators with fewer votes are listed as unreliable only where nobody has as many."""

MethodName = Annotated[
    str, typer.Option("--method", help=f"How: {', '.join(name.replace('_', '-') for name in stats.METHODS)}.")
]
Gold = Annotated[
    Path | None,
    typer.Option("--gold", help="Items whose label is known; they teach the method. Columns: item, gold or label."),
]
ScoreWith = Annotated[
    Path | None,
    typer.Option("--score-with", help="Items whose label is known, to measure accuracy; the method never sees them."),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out", help="Write item, label, confidence and p_LABEL for each label: .csv, .tsv, .jsonl or .parquet."
    ),
]
Top = Annotated[int, typer.Option(help="How many annotators and items to list.", min=0)]


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How many labels are right of those known otherwise, with the interval of that share, and majority's beside it."""

    of: str
    n: int
    value: float
    low: float
    high: float
    majority: float
    calibration_error: float
    not_voted_on: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that is shown: what was read, what came of it, how right it is, and what there is to say about it."""

    path: Path
    read: VoteFile
    found: Truth
    taught: Mapping[str, str]
    accuracy: Accuracy | None
    notes: tuple[str, ...]
    out: Path | None


@app.command(epilog="Example: goldseam truth votes.csv --method dawid-skene --score-with gold.csv --out labels.csv")
def truth(
    votes: files.VotesPath,
    method: MethodName = "infer",
    gold: Gold = None,
    score_with: ScoreWith = None,
    out: Out = None,
    item: files.ItemColumn = "",
    annotator: files.AnnotatorColumn = "",
    label: files.LabelColumn = "",
    wide: files.Wide = False,
    labels: files.LabelOrder = "",
    absent: files.Absent = "",
    delimiter: files.Delimiter = "",
    top: Top = 5,
    as_json: AsJson = False,
) -> None:
    """Infer the label behind the votes of any file, how sure it is, and how reliable each annotator is; no project is needed."""
    function = _method(method)
    asked = Asked(item, annotator, label, delimiter, absent, labels, wide)
    writer = files.writer_of(out) if out is not None else None
    with progress(quiet=as_json) as report, said_plainly():
        report("reading votes", 0, None)
        read = read_votes(votes, asked)
        taught = read_gold(gold, asked) if gold is not None else {}
        known = read_gold(score_with, asked) if score_with is not None else {}
        read, notes = _with_gold_labels(read, taught)
        report("inferring", 0, None)
        present = set(read.votes.items.tolist())
        found = function(read.votes, gold={name: said for name, said in taught.items() if name in present})
        accuracy = _accuracy(read.votes, function, found, taught, known)
    if known and accuracy is None:
        notes.append("Nothing is left to measure accuracy on: --score-with names only gold, or items without votes.")
    if out is not None and writer is not None:
        out.write_bytes(writer(_columns(found)))
    outcome = Outcome(votes, read, found, taught, accuracy, (*notes, *found.warnings), out)
    emit(_plain(outcome), lambda: _draw(outcome, top), as_json=as_json)


def _method(given: str) -> stats.Method:
    name = given.replace("-", "_")
    if name not in stats.METHODS:
        known = [each.replace("_", "-") for each in stats.METHODS]
        raise BadValue(f"There is no method {given!r}; there are {', '.join(known)}.{nearest(given, known)}")
    return stats.METHODS[name]


def _with_gold_labels(read: VoteFile, taught: Mapping[str, str]) -> tuple[VoteFile, list[str]]:
    """Return the votes with the labels that only gold has, and what is to be said about the gold."""
    votes, notes = read.votes, []
    new = sorted(set(taught.values()) - set(votes.labels))
    if new:
        notes.append(f"Gold has labels that nobody chose: {', '.join(map(repr, new))}.")
        wider = Votes(votes.items, votes.annotators, (*votes.labels, *new), votes.item, votes.annotator, votes.label)
        read = replace(read, votes=wider)
    missing = len(set(taught) - set(votes.items.tolist()))
    if missing:
        notes.append(f"{missing:,} of {len(taught):,} gold items are not among the votes.")
    return read, notes


def _accuracy(
    votes: Votes, function: stats.Method, found: Truth, taught: Mapping[str, str], known: Mapping[str, str]
) -> Accuracy | None:
    """Return the accuracy on what the method was not given; of gold alone, by asking again without it."""
    if known:
        rest = {name: said for name, said in known.items() if name not in taught}
        return _measured(votes, found, rest, "items of --score-with" + (" that are not gold" if taught else ""))
    if taught:
        return _measured(votes, function(votes), taught, "gold items, inferred again without gold")
    return None


def _measured(votes: Votes, found: Truth, known: Mapping[str, str], of: str) -> Accuracy | None:
    place = {name: at for at, name in enumerate(found.items.tolist())}
    code = {name: at for at, name in enumerate(found.labels)}
    scored = [(place[name], code.get(said, -1)) for name, said in known.items() if name in place]
    if not scored:
        return None
    at, right = np.array(scored).T
    hits, n = int((found.label[at] == right).sum()), len(right)
    chosen = right >= 0
    low, high = risk.wilson(hits, n, LEVEL)
    return Accuracy(
        of=of,
        n=n,
        value=hits / n,
        low=low,
        high=high,
        majority=float((stats.majority(votes).label[at] == right).mean()),
        calibration_error=risk.expected_calibration_error(found.posterior[at[chosen]], right[chosen]),
        not_voted_on=len(known) - n,
    )


def _columns(found: Truth) -> dict[str, Any]:
    named = {f"p_{label}": found.posterior[:, at] for at, label in enumerate(found.labels)}
    said = np.array(found.labels, dtype=object)[found.label].tolist()
    return {"item": list(map(str, found.items.tolist())), "label": said, "confidence": found.confidence, **named}


def _plain(outcome: Outcome) -> dict[str, object]:
    found, accuracy = outcome.found, outcome.accuracy
    sizes = outcome.read.votes.votes_per_annotator()
    return {
        "file": str(outcome.path),
        **outcome.read.plain(),
        "method": found.method,
        "iterations": found.iterations,
        "log_likelihood": found.log_likelihood,
        "shares": {str(label): share for label, share in _shares(found).items()},
        "accuracy": None if accuracy is None else asdict(accuracy),
        "annotators": [
            {"annotator": name, "n_votes": int(size), "reliability": float(share)}
            for name, size, share in zip(found.annotators.tolist(), sizes, found.reliability, strict=True)
        ],
        "doubtful": _doubtful(outcome, LISTED),
        "notes": list(outcome.notes),
        "out": None if outcome.out is None else str(outcome.out),
    }


def _shares(found: Truth) -> dict[Hashable, float]:
    counts = np.bincount(found.label, minlength=len(found.labels)) / max(len(found.label), 1)
    return dict(zip(found.labels, counts.tolist(), strict=True))


def _doubtful(outcome: Outcome, top: int) -> list[dict[str, Any]]:
    """Return the items with votes and without gold whose label is least sure."""
    found, taught = outcome.found, outcome.taught
    voted = np.flatnonzero(found.n_votes)
    if taught:
        voted = voted[[name not in taught for name in found.items[voted].tolist()]]
    order = np.argsort(found.confidence[voted], kind="stable")[:top]
    return [_doubt(found, int(at)) for at in voted[order]]


def _doubt(found: Truth, at: int) -> dict[str, Any]:
    row = found.posterior[at].copy()
    row[found.label[at]] = -1.0
    second = int(row.argmax()) if len(found.labels) > 1 else None
    return {
        "item": found.items[at],
        "label": found.labels[found.label[at]],
        "confidence": float(found.confidence[at]),
        "or_else": None if second is None else found.labels[second],
        "n_votes": int(found.n_votes[at]),
    }


def _draw(outcome: Outcome, top: int) -> None:
    found = outcome.found
    files.draw_read(outcome.path, outcome.read)
    for text in outcome.notes:
        line(f"[yellow]![/yellow] {escape(text)}")
    line("")
    line(f"[bold]Labels[/bold] [dim]by {found.method.replace('_', '-')}[/dim]")
    _draw_shares(outcome.read.votes, found)
    if outcome.accuracy is not None:
        _draw_accuracy(outcome.accuracy)
    if top:
        _draw_people(outcome.read.votes, found, top)
        _draw_doubtful(_doubtful(outcome, top))
    if outcome.out is not None:
        line(f"\n[green]✓[/green] {len(found.label):,} labels with their probabilities in {escape(str(outcome.out))}")


def _draw_doubtful(doubts: list[dict[str, Any]]) -> None:
    if doubts:
        line("\n[bold]Most doubtful items[/bold]")
        rows = [[each["item"], each["label"], each["confidence"], each["or_else"], each["n_votes"]] for each in doubts]
        table("", ["item", "label", "confidence", "or else", "votes"], rows)


def _draw_shares(votes: Votes, found: Truth) -> None:
    said = np.bincount(votes.label, minlength=len(found.labels)) / votes.n_votes
    mass = found.posterior.mean(axis=0)
    counts = np.bincount(found.label, minlength=len(found.labels))
    order = np.argsort(-counts, kind="stable")[:20]
    rows = [
        [
            found.labels[at],
            int(counts[at]),
            f"{counts[at] / len(found.label):.1%}",
            f"{mass[at]:.1%}",
            f"{said[at]:.1%}",
        ]
        for at in order.tolist()
    ]
    table("", ["label", "items", "share", "expected share", "share of votes"], rows)
    if len(found.labels) > len(rows):
        line(f"[dim]and {len(found.labels) - len(rows):,} labels more[/dim]")


def _draw_accuracy(accuracy: Accuracy) -> None:
    line(
        f"\n[bold]Accuracy {accuracy.value:.3f}[/bold] ({LEVEL:.0%} interval {accuracy.low:.3f} to {accuracy.high:.3f}) "
        f"on {accuracy.n:,} {accuracy.of}"
    )
    line(
        f"  majority has {accuracy.majority:.3f}; confidence and accuracy differ by {accuracy.calibration_error:.3f} on average"
    )
    if accuracy.not_voted_on:
        line(f"  [dim]{accuracy.not_voted_on:,} items with a known label have no votes[/dim]")


def _draw_people(votes: Votes, found: Truth, top: int) -> None:
    sizes = votes.votes_per_annotator()
    least = min(FEW_VOTES, int(sizes.max()))
    many = np.flatnonzero(sizes >= least)
    order = many[np.argsort(found.reliability[many], kind="stable")[:top]]
    line(f"\n[bold]Least reliable annotators[/bold] [dim]of {len(many):,} with {least:,} votes or more[/dim]")
    rows = [[found.annotators[at], int(sizes[at]), float(found.reliability[at])] for at in order.tolist()]
    table("", ["annotator", "votes", "expected accuracy"], rows)
