"""Votes, gold and probabilities in a file of anybody's making: which column is what, and what could not be read.

In: a path, columns as named or as they are usually called. Out: `VoteFile`, gold, a table. Never: a project; a row dropped
without being counted; a column assumed without being said.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import compress
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.markup import escape

from goldseam.edge.cli.show import line
from goldseam.formats.columns import (
    KEPT_UNREADABLE,
    Cells,
    TextTable,
    csv_table,
    jsonl_table,
    parquet_table,
    to_csv_quickly,
)
from goldseam.formats.parquet import write_table as write_parquet
from goldseam.formats.tables import to_jsonl
from goldseam.formats.text import Unreadable
from goldseam.stats.votes import BadVotes, Votes
from goldseam.vocab.errors import BadSource, BadValue, nearest

ITEM = (
    *("item", "item_id", "task", "task_id", "question", "question_id", "example", "example_id", "unit", "unit_id"),
    *(
        "document",
        "document_id",
        "doc",
        "doc_id",
        "text_id",
        "image",
        "image_id",
        "object",
        "sample",
        "subject",
        "id",
        "key",
    ),
)
ANNOTATOR = (
    *("annotator", "annotator_id", "worker", "worker_id", "user", "user_id", "rater", "rater_id", "coder", "coder_id"),
    *("labeler", "labeler_id", "judge", "judge_id", "performer", "performer_id", "observer", "turker"),
)
LABEL = (
    "label",
    "answer",
    "response",
    "rating",
    "vote",
    "choice",
    "category",
    "class",
    "annotation",
    "value",
    "judgment",
)
GOLD = ("gold", "gold_label", "truth", "true_label", "expected", "correct", *LABEL)
"""What columns are usually called, in the order of preference; case, spaces and dashes do not matter."""

SHOWN_UNREADABLE = 3

VotesPath = Annotated[Path, typer.Argument(help="Votes, one a row: .csv, .tsv, .jsonl or .parquet, also .gz.")]
ItemColumn = Annotated[str, typer.Option("--item", help="The column of items; default: by its usual names.")]
AnnotatorColumn = Annotated[
    str,
    typer.Option(
        "--annotator",
        help="The column of annotators; default: by its usual names. With --wide: the annotators' columns, by commas.",
    ),
]
LabelColumn = Annotated[str, typer.Option("--label", help="The column of labels; default: by its usual names.")]
Wide = Annotated[bool, typer.Option("--wide", help="The table has a row per item and a column per annotator.")]
Delimiter = Annotated[str, typer.Option(help="What separates the cells of a CSV; default: a comma, in a .tsv a tab.")]
Absent = Annotated[
    str, typer.Option("--absent", help="A cell that means no vote, such as NA; an empty one always does.")
]
LabelOrder = Annotated[str, typer.Option("--labels", help="The labels in their order, by commas; default: sorted.")]


@dataclass(frozen=True, slots=True)
class Asked:
    """How a table is to be read: columns by name ('' for their usual names), its delimiter, and its form."""

    item: str = ""
    annotator: str = ""
    label: str = ""
    delimiter: str = ""
    absent: str = ""
    labels: str = ""
    wide: bool = False


@dataclass(frozen=True, slots=True)
class VoteFile:
    """Votes as a file held them, and what did not become a vote.

    `columns` says which column was read as what; `n_absent` counts cells without a label, `n_repeated` answers that a
    later one by the same annotator about the same item replaced.
    """

    votes: Votes
    columns: dict[str, str]
    n_absent: int
    n_repeated: int
    n_unreadable: int
    unreadable: tuple[Unreadable, ...]

    def plain(self) -> dict[str, object]:
        """Return what `--json` shows of it."""
        return {
            "columns": self.columns,
            "n_items": self.votes.n_items,
            "n_annotators": self.votes.n_annotators,
            "n_votes": self.votes.n_votes,
            "labels": list(self.votes.labels),
            "n_absent": self.n_absent,
            "n_repeated": self.n_repeated,
            "n_unreadable": self.n_unreadable,
            "unreadable": [{"line": row.line, "reason": row.reason} for row in self.unreadable],
        }


@contextmanager
def said_plainly() -> Iterator[None]:
    """Turn what the statistics refuse into a refusal of the command."""
    try:
        yield
    except BadVotes as error:
        raise BadValue(str(error)) from error


def read_table(path: Path, delimiter: str = "", is_text: Callable[[str], bool] | None = None) -> TextTable:
    """Read a file as columns: .csv, .tsv, .jsonl or .parquet, also with .gz behind.

    In a large CSV, columns that `is_text` is false of are read as numbers at once, which is quicker.

    Raises
    ------
    BadSource
        If there is no such file, its ending says nothing, or it cannot be read at all.
    """
    if not path.is_file():
        raise BadSource(f"There is no file {path}.", source=str(path))
    data = path.read_bytes()
    name = path.name.lower()
    try:
        if name.endswith(".gz"):
            name, data = name.removesuffix(".gz"), gzip.decompress(data)
        match name.rpartition(".")[2]:
            case "csv" | "txt":
                return csv_table(data, delimiter=delimiter or ",", is_text=is_text)
            case "tsv" | "tab":
                return csv_table(data, delimiter=delimiter or "\t", is_text=is_text)
            case "jsonl" | "ndjson":
                return jsonl_table(data)
            case "parquet":
                return parquet_table(data)
    except (BadSource, BadValue) as error:
        raise BadSource(f"{path.name}: {error.message}", source=str(path)) from error
    except (OSError, EOFError, zlib.error) as error:
        raise BadSource(f"{path.name} cannot be unpacked: {error}.", source=str(path)) from error
    raise BadSource(f"{path.name}: the ending should be .csv, .tsv, .jsonl or .parquet (also with .gz behind).")


def column(table: TextTable, given: str, usual: Sequence[str], what: str, path: Path) -> str:
    """Return the column to read: the one given, else the first of the usual names that is there.

    Raises
    ------
    BadSource
        If it is not there; the message says what is, and which option names it.
    """
    found = known_column(table, given, usual)
    if found:
        return found
    there = ", ".join(repr(name) for name in table.names[:12]) + (", ..." if len(table.names) > 12 else "")
    if given:
        raise BadSource(f"{path.name} has no column {given!r}; it has {there}.{nearest(given, table.names)}")
    way = f"Name it with --{what}."
    if table.hint:
        way = table.hint.replace("set delimiter to", "add --delimiter")
    elif what == "annotator":
        way += " If every annotator has a column, add --wide."
    raise BadSource(f"{path.name} has no column that is known to hold the {what}; it has {there}. {way}")


def known_column(table: TextTable, given: str, usual: Sequence[str]) -> str:
    """Return the column given if it is there, else the first of the usual names; '' if there is none."""
    if given:
        return given if given in table.names else ""
    by_spelling = {spelled(name): name for name in reversed(table.names)}
    return next((by_spelling[spelled(name)] for name in usual if spelled(name) in by_spelling), "")


def spelled(name: str) -> str:
    """Return a column's name without what does not matter: case, spaces and dashes."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


def read_votes(path: Path, asked: Asked) -> VoteFile:
    """Read votes, one a row, or with `asked.wide` one a cell.

    Raises
    ------
    BadSource
        If the file cannot be read, lacks a column, or holds no vote.
    BadValue
        If a label is not among those named.
    """
    table = read_table(path, asked.delimiter)
    parts = _wide(table, asked, path) if asked.wide else _long(table, asked, path)
    item, annotator, label, columns, lost = parts
    n_absent = sum(said is None for said in label)
    labels = [text.strip() for text in asked.labels.split(",")] if asked.labels else None
    with said_plainly():
        votes = Votes.from_arrays(item, annotator, label, labels=labels)
    if votes.n_votes == 0:
        why = f" {table.n_unreadable:,} rows cannot be read: {table.unreadable[0].reason}." if table.unreadable else ""
        raise BadSource(f"{path.name} holds no votes.{why}", source=str(path))
    bad = (*table.unreadable, *lost)
    return VoteFile(
        votes=votes,
        columns=columns,
        n_absent=n_absent,
        n_repeated=len(label) - n_absent - votes.n_votes,
        n_unreadable=table.n_unreadable + len(lost),
        unreadable=tuple(sorted(bad, key=lambda row: row.line))[:KEPT_UNREADABLE],
    )


def read_gold(path: Path, asked: Asked) -> dict[str, str]:
    """Read gold: the label of each item; rows without one are left out.

    Raises
    ------
    BadSource
        If the file cannot be read, lacks a column, or names two labels for one item.
    """
    table = read_table(path, asked.delimiter)
    item_name = known_column(table, asked.item, ITEM) or column(table, "", ITEM, "item", path)
    gold_name = column(table, "", GOLD, "label", path)
    found: dict[str, str] = {}
    for item, label, at in zip(table.cells(item_name), table.cells(gold_name), table.lines, strict=True):
        if item is None or label is None or label == asked.absent:
            continue
        if found.setdefault(item, label) != label:
            raise BadSource(f"{path.name}, line {at}: gold for {item!r} is {label!r}, and was {found[item]!r} before.")
    if not found:
        raise BadSource(f"{path.name} holds no gold in its columns {item_name!r} and {gold_name!r}.")
    return found


def writer_of(path: Path) -> Callable[[Mapping[str, Any]], bytes]:
    """Return what turns columns into the file that the ending asks for: .csv, .tsv, .jsonl or .parquet.

    Raises
    ------
    BadValue
        If the ending says nothing, or there is no such folder.
    """
    if not path.parent.is_dir():
        raise BadValue(f"There is no folder {path.parent} to write {path.name} into.")
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise BadValue(f"{path.name}: the ending should be {', '.join(WRITERS)}.")
    return writer


WRITERS: dict[str, Callable[[Mapping[str, Any]], bytes]] = {
    ".csv": to_csv_quickly,
    ".tsv": partial(to_csv_quickly, delimiter="\t"),
    ".jsonl": to_jsonl,
    ".parquet": write_parquet,
}


def draw_read(path: Path, read: VoteFile) -> None:
    """Print what was read, which columns were taken for what, and what could not be read."""
    votes = read.votes
    line(
        f"[bold]{escape(path.name)}[/bold]  {_many(votes.n_votes, 'vote')} by {_many(votes.n_annotators, 'annotator')} "
        f"on {_many(votes.n_items, 'item')}, {_many(votes.n_labels, 'label')}"
    )
    named = ", ".join(f"{what} from {escape(repr(name))}" for what, name in read.columns.items())
    line(f"[dim]read: {named}[/dim]")
    if read.n_absent:
        line(f"[dim]{_many(read.n_absent, 'cell')} without a label: no votes[/dim]")
    if read.n_repeated:
        line(
            f"[yellow]![/yellow] {_many(read.n_repeated, 'repeated answer')}: an annotator's last about an item counts"
        )
    draw_unreadable(read.unreadable, read.n_unreadable)


def draw_unreadable(rows: Sequence[Unreadable], n_unreadable: int) -> None:
    """Print the first rows that could not be read, and how many there are."""
    for row in rows[:SHOWN_UNREADABLE]:
        line(f"[yellow]![/yellow] line {row.line:,} was left out: {escape(row.reason)}")
    if n_unreadable > SHOWN_UNREADABLE:
        line(
            f"[yellow]![/yellow] {n_unreadable:,} lines were left out in all; --json lists the first {KEPT_UNREADABLE}"
        )


Parts = tuple[Sequence[object], Sequence[object], Cells, dict[str, str], list[Unreadable]]


def _long(table: TextTable, asked: Asked, path: Path) -> Parts:
    names = {
        "item": column(table, asked.item, ITEM, "item", path),
        "annotator": column(table, asked.annotator, ANNOTATOR, "annotator", path),
        "label": column(table, asked.label, LABEL, "label", path),
    }
    item, annotator, label = (table.cells(name) for name in names.values())
    label = _without(label, asked.absent)
    lost = []
    if None in set(item) or None in set(annotator):
        kept = [a is not None and b is not None for a, b in zip(item, annotator, strict=True)]
        for at, keep in enumerate(kept):
            if not keep:
                what = "item" if item[at] is None else "annotator"
                lost.append(Unreadable(table.lines[at], f"it has no {what} in the column {names[what]!r}", ""))
        item, annotator, label = (list(compress(cells, kept)) for cells in (item, annotator, label))
    return item, annotator, label, names, lost


def _wide(table: TextTable, asked: Asked, path: Path) -> Parts:
    item_name = column(table, asked.item, ITEM, "item", path) if asked.item else known_column(table, "", ITEM)
    given = [name.strip() for name in asked.annotator.split(",")] if asked.annotator else []
    for name in given:
        column(table, name, (), "annotator", path)
    annotators = given or [name for name in table.names if name != item_name]
    if len(annotators) < 2:
        raise BadSource(f"{path.name}: a wide table has a column per annotator; this has {list(table.names)}.")
    items: Sequence[object] = (
        table.cells(item_name) if item_name else [f"row {at}" for at in range(1, table.n_rows + 1)]
    )
    lost = [
        Unreadable(table.lines[at], f"it has no item in the column {item_name!r}", "")
        for at, name in enumerate(items)
        if name is None
    ]
    kept = [name is not None for name in items]
    cells = [_without(table.cells(name), asked.absent) for name in annotators]
    label = [said for column_cells in cells for said in compress(column_cells, kept)]
    items = list(compress(items, kept))
    said_by = np.repeat(np.array(annotators, dtype=object), len(items)).tolist()
    columns = {"item": item_name or "(the row)", "annotators": ", ".join(annotators[:8])}
    if len(annotators) > 8:
        columns["annotators"] += f" and {len(annotators) - 8} more"
    return items * len(annotators), said_by, label, columns, lost


def _many(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def _without(cells: Cells, absent: str) -> Cells:
    return [None if cell == absent else cell for cell in cells] if absent else cells
