"""Which columns of a file hold what is labeled, as `goldseam init` guesses it from the first rows.

In: a CSV or JSONL file, what the items are. Out: the lines of `source` in the project file. Never: a row refused here; that the
intake does, with its reason. A file of which no row could be read is refused before a project is made of it.
"""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from goldseam.edge.runner.creating import delimiter_of
from goldseam.flow.settings import ENDINGS, SourceFormat
from goldseam.source.recognize import ColumnRole, recognize
from goldseam.vocab.errors import BadValue, nearest

LOOKED_AT = 1 << 20
"""Characters of a file that are looked at."""
ROWS = 50
"""Rows of a file that are looked at."""
KEYS = 100_000
"""Rows that are looked at for a column that tells them apart, as far as `LOOKED_AT` goes."""

USUAL = ("text", "sentence", "content", "review", "comment", "body")
"""Usual names of the column that holds the text."""
PROMPTS = ("prompt", "question", "instruction", "query", "input", "context", "messages", "text")
"""Usual names of the column that holds what candidates answer to."""
LISTS = ("candidates", "responses", "answers", "completions", "outputs", "replies", "options")
"""Usual names of the field that holds a list of candidates."""
OPPOSITES = (("chosen", "rejected"), ("left", "right"), ("better", "worse"), ("first", "second"))
"""Usual names of two columns of candidates; others end in a letter or a digit: `answer_a`, `answer_b`."""
NUMBERED = re.compile(r"(.*?)[ _-]?([a-d]|\d)", re.IGNORECASE)

Row = Mapping[str, object]
UNREADABLE = "\ufffd"
"""What stands for a byte that is not UTF-8."""


def check_table(path: Path, column: str = "") -> None:
    """Refuse a file of which nothing could be taken in, or that lacks the column that was named; say what would be right.

    Raises
    ------
    BadValue
        If it is a folder, of another form, empty, not text in UTF-8, or has no such column.
    """
    if path.is_dir():
        raise BadValue(f"{path} is a folder: --text names one file, and --images a folder of images.")
    if not path.is_file():
        raise BadValue(f"There is no file {path}; --text names a CSV or JSONL file.")
    if path.suffix.lower() not in ENDINGS:
        forms = ", ".join(ENDINGS)
        raise BadValue(
            f"{path} is no table that can be read here ({forms}): save it as CSV in UTF-8, and name that file."
        )
    header, _ = _head(path)
    is_lines = ENDINGS[path.suffix.lower()] is SourceFormat.JSONL
    if not header:
        needs = "a line that is a JSON object" if is_lines else "a first line with the names of its columns"
        raise BadValue(f"{path} lacks {needs}.", file=str(path))
    if any(UNREADABLE in name or not name.isprintable() for name in header):
        raise BadValue(
            f"{path} is not text in UTF-8: its first line cannot be read. Save it as CSV in UTF-8.", file=str(path)
        )
    if column and column not in header:
        shown = ", ".join(map(repr, header[:20]))
        raise BadValue(f"{path} has no column {column!r}; it has {shown}.{nearest(column, header)}", file=str(path))


def separator(path: Path) -> str:
    """Return what parts the columns of a CSV file, if that is no comma; else nothing."""
    if ENDINGS.get(path.suffix.lower()) is not SourceFormat.CSV or path.suffix.lower() == ".tsv":
        return ""
    mark = delimiter_of(path)
    return "" if mark == "," else mark


def key_column(path: Path, text: str) -> str:
    """Return the column that tells the rows apart: one named like an id and different in each row looked at; else nothing."""
    header, rows = _head(path, most=KEYS)
    cells = [{name: str(row.get(name, "")) for name in header} for row in rows]
    found = recognize(header, cells) if rows else ()
    return next((one.name for one in found if one.role is ColumnRole.KEY and one.name != text), "")


def has_unreadable(path: Path) -> bool:
    """Return whether the beginning of a file holds bytes that are not UTF-8: those rows will be refused."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        return UNREADABLE in file.read(LOOKED_AT)


def text_column(path: Path | None) -> str:
    """Return the column that most likely holds the text: one of a usual name, else the one with the longest cells."""
    header, rows = _head(path)
    inner = [name for name in header if any(isinstance(row.get(name), dict | list) for row in rows)]
    usual = [name for name in USUAL if name in header]
    if inner or usual:
        return (inner or usual)[0]
    if not header:
        return "text"
    lengths = [sum(len(str(row.get(name, ""))) for row in rows) for name in header]
    return header[lengths.index(max(lengths))] if any(lengths) else header[0]


def candidate_columns(path: Path, prompt: str, named: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Return the column of the prompt (empty for none) and those of the candidates; what was named is taken at its word.

    Without columns of candidates, the first name is that of the field that holds prompt and candidates as one object.

    Raises
    ------
    BadValue
        If no column looks like one of candidates.
    """
    header, rows = _head(path)
    found = tuple(named) or _candidates(header, rows)
    if not found:
        whole = [name for name in header if rows and all(_is_whole(row.get(name)) for row in rows)]
        if whole:
            return prompt or whole[0], ()
        shown = ", ".join(repr(name) for name in header[:20]) or "nothing that can be read"
        raise BadValue(
            f"No column of {path} looks like candidates; it has {shown}. Say which they are: "
            "--candidates answer_a,answer_b, or the one that holds a list.",
            file=str(path),
        )
    missing = [name for name in (*found, *([prompt] if prompt else [])) if header and name not in header]
    if missing:
        raise BadValue(
            f"{path} has no column {missing[0]!r}; it has {', '.join(map(repr, header[:20]))}.", file=str(path)
        )
    usual = [name for name in PROMPTS if name in header and name not in found]
    return prompt or next(iter(usual), ""), found


def _candidates(header: Sequence[str], rows: Sequence[Row]) -> tuple[str, ...]:
    lists = [name for name in header if rows and all(_is_list(row.get(name)) for row in rows)]
    if lists:
        return (next((name for name in LISTS if name in lists), lists[0]),)
    lower = {name.lower(): name for name in header}
    for pair in OPPOSITES:
        if all(name in lower for name in pair):
            return tuple(lower[name] for name in pair)
    stems = defaultdict(list)
    for name in header:
        if numbered := NUMBERED.fullmatch(name):
            stems[numbered[1].lower()].append(name)
    return next((tuple(names) for names in stems.values() if len(names) > 1), ())


def _is_list(value: object) -> bool:
    return isinstance(value, list) and len(value) > 1 and all(isinstance(one, str) for one in value)


def _is_whole(value: object) -> bool:
    return isinstance(value, dict) and _is_list(value.get("candidates"))


def _head(path: Path | None, most: int = ROWS) -> tuple[list[str], list[Row]]:
    """Return the columns of a file and its first rows; none where it cannot be read as a table."""
    suffix = path.suffix.lower() if path is not None else ""
    if path is None or suffix not in {".csv", ".tsv", ".jsonl", ".ndjson"}:
        return [], []
    # Only the beginning is looked at, and no cell is too long for it: what is wrong with a row, the intake says.
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        lines = file.read(LOOKED_AT).replace("\0", "").splitlines()
    if suffix in {".jsonl", ".ndjson"}:
        records = [record for record in map(_record, lines[:most]) if record is not None]
        return list(dict.fromkeys(name for record in records for name in record)), records
    rows = csv.reader(lines, delimiter=delimiter_of(path))
    csv.field_size_limit(LOOKED_AT)
    header = next(rows, [])
    sample = [row for row, _ in zip(rows, range(most), strict=False) if len(row) == len(header)]
    return header, [dict(zip(header, row, strict=True)) for row in sample]


def _record(line: str) -> Row | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None
