"""Labels and a model's probabilities in two files of anybody's making, matched to each other.

In: two paths, columns as named or as they are usually called. Out: `Labeled`. Never: an item matched by its place where it
has a name; an item left out without being counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from goldseam.edge.cli.votefile import ANNOTATOR, ITEM, LABEL, column, known_column, read_table, spelled
from goldseam.formats.columns import Cells, TextTable
from goldseam.formats.text import Unreadable
from goldseam.vocab.errors import BadSource

GIVEN = ("given", "given_label", *LABEL)
PREFIXES = ("p_", "proba_", "prob_", "")
"""What stands before a label in the name of its column; `goldseam truth --out` writes p_LABEL."""
BESIDE = (*ITEM, *ANNOTATOR, *GIVEN, "confidence", "text", "sentence", "gold", "truth", "split")
"""Columns that are no probabilities, where these are not marked by a prefix."""

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Wanted:
    """How the files are to be read: columns by name ('' for their usual names), and whether votes in them count."""

    item: str = ""
    label: str = ""
    groups: str = ""
    probabilities: str = ""
    delimiter: str = ""
    crowd: bool = False


@dataclass(frozen=True, slots=True)
class Labeled:
    """Labels and probabilities of the same items, in the order of the labels' file.

    `item` has names, or rows where there are none; `proba` and `crowd` (the posterior of votes, if the labels' file has
    one) have a column for each of `names`.
    """

    item: list[str]
    label: list[str]
    groups: list[str] | None
    names: tuple[str, ...]
    proba: Array
    crowd: Array | None
    columns: dict[str, str]
    notes: tuple[str, ...]
    n_unreadable: int
    unreadable: tuple[Unreadable, ...]

    def said(self) -> str:
        """Return which column was taken for what."""
        return ", ".join(f"{what} from {name!r}" for what, name in self.columns.items())

    def plain(self) -> dict[str, object]:
        """Return what `--json` shows of it."""
        return {
            "columns": self.columns,
            "labels": list(self.names),
            "n_unreadable": self.n_unreadable,
            "unreadable": [{"line": row.line, "reason": row.reason} for row in self.unreadable],
        }


def read_labeled(labels: Path, proba: Path, wanted: Wanted) -> Labeled:
    """Read both files and match them, by item where both name items, else by row.

    Raises
    ------
    BadSource
        If a file cannot be read, a column is missing, a label has no probabilities, or rows cannot be matched.
    """
    given, model = read_table(labels, wanted.delimiter), _read_model(proba, wanted.delimiter)
    columns = {"label": column(given, wanted.label, GIVEN, "label", labels)}
    said = given.cells(columns["label"])
    names, places = _label_columns(model, proba, wanted.probabilities, {each for each in said if each is not None})
    by = known_column(given, wanted.item, ITEM), known_column(model, wanted.item, ITEM)
    item: Cells = given.cells(by[0]) if by[0] else [f"row {at}" for at in range(1, given.n_rows + 1)]
    notes = [f"{proba.name}: {model.n_unreadable:,} rows cannot be read."] if model.n_unreadable else []
    if all(by):
        columns = {"item": by[0], **columns}
        rows = _rows_by_item(model, by[1], item, proba)
    else:
        rows = _rows_by_place(given, model, labels, proba)
        notes.append("The files are matched row by row, as not both name items.")
    kept = np.array([at is not None and each is not None for at, each in zip(rows, said, strict=True)], dtype=bool)
    if not kept.any():
        raise BadSource(f"No item of {labels.name} has both a label and probabilities in {proba.name}.")
    if not kept.all():
        notes.append(
            f"{int((~kept).sum()):,} of {len(kept):,} items have no label or no probabilities, and are left out."
        )
    order = np.array([at for at, keep in zip(rows, kept, strict=True) if keep], dtype=np.intp)
    if wanted.groups:
        columns["groups"] = column(given, wanted.groups, (), "groups", labels)
    return Labeled(
        item=_kept(item, kept),
        label=_kept(said, kept),
        groups=_kept(given.cells(columns["groups"]), kept) if wanted.groups else None,
        names=names,
        proba=_stacked(model, places, order),
        crowd=_stacked(given, _crowd_columns(given, names, labels), kept) if wanted.crowd else None,
        columns=columns,
        notes=tuple(notes),
        n_unreadable=given.n_unreadable,
        unreadable=given.unreadable,
    )


def _read_model(path: Path, delimiter: str) -> TextTable:
    beside = {spelled(name) for name in BESIDE}
    return read_table(path, delimiter, lambda name: spelled(name) in beside)


def _label_columns(model: TextTable, path: Path, given: str, said: set[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the labels, and the column of each: by a prefix that fits all labels said, else every column not known."""
    if given:
        places = tuple(column(model, name.strip(), (), "probabilities", path) for name in given.split(","))
        prefix = next((each for each in PREFIXES if all(place.startswith(each) for place in places)), "")
        names = tuple(place.removeprefix(prefix) for place in places)
    else:
        names, places = _by_prefix(model, said)
    missing = sorted(said - set(names))
    if missing:
        there = ", ".join(map(repr, places[:12])) + (", ..." if len(places) > 12 else "")
        raise BadSource(
            f"{path.name} has no column for the label {missing[0]!r}; it has {there or 'no probabilities'}."
        )
    return names, places


def _by_prefix(model: TextTable, said: set[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    beside = {spelled(name) for name in BESIDE}
    for prefix in PREFIXES:
        places = tuple(
            name
            for name in model.names
            if name.startswith(prefix) and (prefix or spelled(name) not in beside or name in said)
        )
        names = tuple(place.removeprefix(prefix) for place in places)
        if said <= set(names):
            break
    return names, places


def _rows_by_item(model: TextTable, name: str, item: Cells, path: Path) -> list[int | None]:
    """Return the row of each item in the model's file."""
    place: dict[str, int] = {}
    for at, each in enumerate(model.cells(name)):
        if each is None:
            continue
        if place.setdefault(each, at) != at:
            raise BadSource(
                f"{path.name}, line {model.lines[at]}: {each!r} has probabilities on line {model.lines[place[each]]} already."
            )
    return [None if each is None else place.get(each) for each in item]


def _rows_by_place(given: TextTable, model: TextTable, labels: Path, proba: Path) -> list[int | None]:
    if given.n_rows != model.n_rows or given.n_unreadable or model.n_unreadable:
        raise BadSource(
            f"{labels.name} has {given.n_rows:,} rows that can be read and {proba.name} {model.n_rows:,}: without a column of "
            "items in both they must be whole and equally many."
        )
    return list(range(given.n_rows))


def _crowd_columns(given: TextTable, names: Sequence[str], labels: Path) -> list[str]:
    places = [f"p_{name}" for name in names]
    for place in places:
        if place not in given.names:
            raise BadSource(
                f"--crowd: {labels.name} has no column {place!r}; goldseam truth --out writes one for each label."
            )
    return places


def _stacked(table: TextTable, places: Sequence[str], rows: NDArray[np.intp] | NDArray[np.bool_]) -> Array:
    return np.stack([table.numbers(place)[rows] for place in places], axis=1)


def _kept(cells: Cells, kept: NDArray[np.bool_]) -> list[str]:
    chosen = compress(cells, kept.tolist())
    return ["(none)" if cell is None else cell for cell in chosen]
