"""Diff: what changed between two releases, item by item, and why.

In: the label columns of both, as `formats.parquet.read_table` gives them. Out: `Diff`.
Never: a row matched by its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from goldseam.formats.parquet import Table
from goldseam.vocab.answers import LabelName
from goldseam.vocab.items import ItemId
from goldseam.vocab.schema import QuestionName

DECIDED = {"ruling": "a person ruled", "gold": "it became gold", "auto": "it was accepted automatically"}
VERSIONS = (("schema_version", "schema"), ("guideline_version", "guideline"))
SHIFT = 0.1
"""Confidence that moved by less is no news."""
Row = Mapping[str, str | int | float]
"""A row of labels.parquet: the columns that a reason rests on."""
BEGINNING = 90
"""Characters of an item's text that stand beside a change."""
REASONED = (
    "item",
    "key",
    "content",
    "question",
    "label",
    "confidence",
    "method",
    "n_votes",
    "annotators",
    "schema_version",
    "guideline_version",
    "model",
)


@dataclass(frozen=True, slots=True)
class Placed:
    """One label that only one of the two releases has: `why` is how it was settled; `words` is what the item begins with."""

    item: ItemId
    question: QuestionName
    label: LabelName
    confidence: float
    why: str
    words: str


@dataclass(frozen=True, slots=True)
class Relabeled:
    """One item whose settled label changed, and what else changed with it."""

    item: ItemId
    question: QuestionName
    old: LabelName
    new: LabelName
    why: str
    old_confidence: float
    new_confidence: float
    words: str


@dataclass(frozen=True, slots=True)
class Moved:
    """One item whose label stayed while its confidence moved, by 0.1 or more."""

    item: ItemId
    question: QuestionName
    label: LabelName
    why: str
    old_confidence: float
    new_confidence: float
    words: str


@dataclass(frozen=True, slots=True)
class Diff:
    """What changed from release to release; `unchanged` counts equal labels, those of `moved` among them."""

    added: tuple[Placed, ...]
    removed: tuple[Placed, ...]
    relabeled: tuple[Relabeled, ...]
    moved: tuple[Moved, ...]
    unchanged: int


def diff(old: Table, new: Table) -> Diff:
    """Return what changed from one release's labels to the next's, sorted by question and item."""
    before, after = _places(old), _places(new)
    old_columns, new_columns = ({name: table[name] for name in REASONED} for table in (old, new))
    old_label, new_label = old["label"], new["label"]
    old_sure, new_sure = old["confidence"], new["confidence"]
    both = before.keys() & after.keys()
    changed = sorted(pair for pair in both if old_label[before[pair]] != new_label[after[pair]])
    moved = sorted(
        pair
        for pair in both.difference(changed)
        if round(abs(new_sure[after[pair]] - old_sure[before[pair]]), 9) >= SHIFT
    )

    def rows(pair: tuple[str, str]) -> tuple[Row, Row]:
        return _row(old_columns, before[pair]), _row(new_columns, after[pair])

    return Diff(
        added=tuple(_placed(_row(new_columns, after[pair])) for pair in sorted(after.keys() - before.keys())),
        removed=tuple(_placed(_row(old_columns, before[pair])) for pair in sorted(before.keys() - after.keys())),
        relabeled=tuple(_relabeled(*rows(pair)) for pair in changed),
        moved=tuple(_moved(*rows(pair)) for pair in moved),
        unchanged=len(both) - len(changed),
    )


def _places(table: Table) -> dict[tuple[str, str], int]:
    return {pair: place for place, pair in enumerate(zip(table["question"], table["item"], strict=True))}


def _row(columns: Table, place: int) -> Row:
    return {name: column[place] for name, column in columns.items()}


def _placed(row: Row) -> Placed:
    return Placed(
        item=ItemId(str(row["item"])),
        question=QuestionName(str(row["question"])),
        label=LabelName(str(row["label"])),
        confidence=_sure(row),
        why=DECIDED.get(str(row["method"]), f"settled by {row['method']}"),
        words=_words(row),
    )


def _relabeled(old: Row, new: Row) -> Relabeled:
    return Relabeled(
        item=ItemId(str(new["item"])),
        question=QuestionName(str(new["question"])),
        old=LabelName(str(old["label"])),
        new=LabelName(str(new["label"])),
        why=_why(old, new),
        old_confidence=_sure(old),
        new_confidence=_sure(new),
        words=_words(new),
    )


def _moved(old: Row, new: Row) -> Moved:
    return Moved(
        item=ItemId(str(new["item"])),
        question=QuestionName(str(new["question"])),
        label=LabelName(str(new["label"])),
        why=_why(old, new),
        old_confidence=_sure(old),
        new_confidence=_sure(new),
        words=_words(new),
    )


def _sure(row: Row) -> float:
    return round(float(row["confidence"]), 4)


def _words(row: Row) -> str:
    """Return what a text begins with; of media, the key it came under."""
    flat = " ".join(str(row["content"])[: 4 * BEGINNING].split()) or str(row["key"])
    return flat if len(flat) <= BEGINNING else flat[: BEGINNING - 1] + "…"


def _why(old: Row, new: Row) -> str:
    """Return what else changed, the strongest cause first; people's decisions leave the votes aside."""
    method = str(new["method"])
    if method in DECIDED:
        return DECIDED[method] if old["method"] != method else f"{DECIDED[method]}, again"
    causes = []
    if old["method"] != method:
        causes.append(f"settled by {method}, before by {old['method']}")
    n_more = int(new["n_votes"]) - int(old["n_votes"])
    if n_more:
        causes.append(f"{abs(n_more)} {'more' if n_more > 0 else 'fewer'} vote{'s' if abs(n_more) > 1 else ''}")
    elif old["annotators"] != new["annotators"]:
        causes.append("other annotators")
    causes += [f"{word} {old[name]} became {new[name]}" for name, word in VERSIONS if old[name] != new[name]]
    return "; ".join(causes) or "the same votes weigh differently now that more is known about the annotators"
