"""Recognize: what the columns of a table that nobody described are for, from its first rows.

In: a header and rows of cells. Out: one `Column` each with the role it most likely has. Never: a decision; a person looks at it
and says otherwise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

MOST_LABELS = 50
"""A column with more different values than this does not hold labels."""
LABEL_LENGTH = 60
KEY_LENGTH = 100
TEXT_NAMES = frozenset(
    {"text", "content", "body", "sentence", "review", "comment", "message", "question", "document", "tweet", "post",
     "utterance", "prompt", "abstract", "description", "title"}
)  # fmt: skip
KEY_NAMES = frozenset({"id", "key", "uid", "uuid", "guid", "index", "row", "number", "ref", "reference"})
LABEL_NAMES = frozenset(
    {"label", "labels", "class", "category", "target", "sentiment", "topic", "intent", "tag", "polarity", "y", "annotation",
     "gold", "truth", "answer", "stars", "rating"}
)  # fmt: skip


class ColumnRole(StrEnum):
    """What a column is for."""

    TEXT = "text"
    KEY = "key"
    LABEL = "label"
    METADATA = "metadata"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its role, how many of the rows looked at fill it, and its values, the most frequent first, if they are few."""

    name: str
    role: ColumnRole
    n_filled: int
    n_distinct: int
    values: tuple[tuple[str, int], ...]

    @property
    def may_hold_labels(self) -> bool:
        """Whether its values are few and short enough to be labels."""
        return bool(self.values)


@dataclass(frozen=True, slots=True)
class _Seen:
    name: str
    n_filled: int
    n_distinct: int
    mean_length: float
    longest: int
    values: tuple[tuple[str, int], ...]

    @property
    def words(self) -> frozenset[str]:
        """The parts of its name: `review_text` is about a review and a text."""
        return frozenset(self.name.lower().replace("-", "_").replace(" ", "_").split("_"))

    @property
    def is_unique(self) -> bool:
        return self.n_filled > 0 and self.n_distinct == self.n_filled

    def as_text(self) -> float:
        """How likely this is what people read: long, and named like it."""
        return self.mean_length * (4.0 if self.words & TEXT_NAMES else 1.0) * (0.2 if self.values else 1.0)

    def is_key(self, n_rows: int) -> bool:
        return (
            bool(self.words & KEY_NAMES)
            and self.is_unique
            and self.n_filled == n_rows
            and self.longest <= KEY_LENGTH
        )  # fmt: skip


def recognize(header: Sequence[str], rows: Sequence[Mapping[str, str]]) -> tuple[Column, ...]:
    """Return the columns with the role that each most likely has: one text, at most one key and one label."""
    seen = [_look(name, [row.get(name, "") for row in rows]) for name in header]
    roles: dict[str, ColumnRole] = {}
    texts = sorted((one for one in seen if one.n_filled), key=_Seen.as_text, reverse=True)
    if texts:
        roles[texts[0].name] = ColumnRole.TEXT
    keys = [one for one in seen if one.name not in roles and one.is_key(len(rows))]
    if keys:
        roles[keys[0].name] = ColumnRole.KEY
    labels = [one for one in seen if one.name not in roles and one.values and one.words & LABEL_NAMES]
    if labels:
        roles[labels[0].name] = ColumnRole.LABEL
    return tuple(
        Column(one.name, roles.get(one.name, ColumnRole.METADATA), one.n_filled, one.n_distinct, one.values)
        for one in seen
    )


def _look(name: str, cells: Sequence[str]) -> _Seen:
    filled = [cell.strip() for cell in cells if cell.strip()]
    counts = Counter(filled)
    longest = max((len(cell) for cell in filled), default=0)
    # Few different values, each met more than once on average, and short: these may be labels.
    few = 2 <= len(counts) <= MOST_LABELS and len(counts) * 2 <= len(filled) and longest <= LABEL_LENGTH
    values = tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))) if few else ()
    mean = sum(map(len, filled)) / len(filled) if filled else 0.0
    return _Seen(name, len(filled), len(counts), mean, longest, values)
