"""Diff: what changed between two releases, item by item, and why.

In: the label columns of both, as `formats.parquet.read_table` gives them. Out: `Diff`.
Never: a row matched by its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from goldseam.formats.parquet import Table
from goldseam.vocab.answers import LabelName
from goldseam.vocab.items import ItemId
from goldseam.vocab.schema import QuestionName

DECIDED = {"ruling": "a person ruled", "gold": "it became gold", "auto": "it was accepted automatically"}
VERSIONS = (("schema_version", "schema"), ("guideline_version", "guideline"))
REASONED = (
    "item",
    "question",
    "label",
    "method",
    "n_votes",
    "annotators",
    "schema_version",
    "guideline_version",
    "model",
)


@dataclass(frozen=True, slots=True)
class Relabeled:
    """One item whose settled label changed, and what else changed with it."""

    item: ItemId
    question: QuestionName
    old: LabelName
    new: LabelName
    why: str


@dataclass(frozen=True, slots=True)
class Diff:
    """What changed: `added` and `removed` are (item, question) pairs; `unchanged` counts equal labels."""

    added: tuple[tuple[ItemId, QuestionName], ...]
    removed: tuple[tuple[ItemId, QuestionName], ...]
    relabeled: tuple[Relabeled, ...]
    unchanged: int


def diff(old: Table, new: Table) -> Diff:
    """Return what changed from one release's labels to the next's, sorted by question and item."""
    before, after = _places(old), _places(new)
    old_columns, new_columns = ({name: table[name] for name in REASONED} for table in (old, new))
    old_label, new_label = old["label"], new["label"]
    both = before.keys() & after.keys()
    changed = sorted(pair for pair in both if old_label[before[pair]] != new_label[after[pair]])
    return Diff(
        added=_pairs(after.keys() - before.keys()),
        removed=_pairs(before.keys() - after.keys()),
        relabeled=tuple(
            _relabeled(_row(old_columns, before[pair]), _row(new_columns, after[pair])) for pair in changed
        ),
        unchanged=len(both) - len(changed),
    )


def _places(table: Table) -> dict[tuple[str, str], int]:
    return {pair: place for place, pair in enumerate(zip(table["question"], table["item"], strict=True))}


def _pairs(found: Sequence[tuple[str, str]] | set[tuple[str, str]]) -> tuple[tuple[ItemId, QuestionName], ...]:
    return tuple((ItemId(item), QuestionName(question)) for question, item in sorted(found))


def _row(columns: Table, place: int) -> dict[str, str | int]:
    return {name: column[place] for name, column in columns.items()}


def _relabeled(old: Mapping[str, str | int], new: Mapping[str, str | int]) -> Relabeled:
    return Relabeled(
        item=ItemId(str(new["item"])),
        question=QuestionName(str(new["question"])),
        old=LabelName(str(old["label"])),
        new=LabelName(str(new["label"])),
        why=_why(old, new),
    )


def _why(old: Mapping[str, str | int], new: Mapping[str, str | int]) -> str:
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
