"""Marks in a text: spans, and relations between them.

In: offsets in Unicode code points, labels. Out: `Spans` with their relations. Never: the text itself.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from goldseam.vocab.errors import BadAnswer
from goldseam.vocab.names import LabelName

MAX_MARKS = 20_000
"""An answer holds at most so many spans, relations or shapes."""
MAX_ID = 40


@dataclass(frozen=True, slots=True)
class Span:
    """Code points `start` (included) to `end` (excluded) of the item's text carry a label.

    `id` is a name that relations use; it means nothing outside its answer, and may be empty.
    """

    start: int
    end: int
    label: LabelName
    id: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise BadAnswer(f"A span runs from a start of at least 0 to a larger end; got {self.start}..{self.end}.")
        if len(self.id) > MAX_ID:
            raise BadAnswer(f"A span's id has at most {MAX_ID} characters; got {len(self.id)}.")


@dataclass(frozen=True, slots=True)
class Relation:
    """Two spans of one answer, by their ids, stand in a relation of this label; undirected ones name them in any order."""

    head: str
    tail: str
    label: LabelName

    def __post_init__(self) -> None:
        if not self.head or not self.tail or self.head == self.tail:
            raise BadAnswer(f"A relation joins two spans by their ids; got {self.head!r} and {self.tail!r}.")


@dataclass(frozen=True, slots=True)
class Spans:
    """The spans of a text, in order, and the relations between them; none is a legal answer."""

    spans: tuple[Span, ...]
    relations: tuple[Relation, ...] = ()

    def __post_init__(self) -> None:
        spans = tuple(sorted(self.spans, key=lambda s: (s.start, s.end, s.label, s.id)))
        relations = tuple(sorted(self.relations, key=lambda r: (r.head, r.tail, r.label)))
        check_many(spans, "spans")
        check_many(relations, "relations")
        for one, other in pairwise(spans):
            if (one.start, one.end, one.label) == (other.start, other.end, other.label):
                raise BadAnswer(f"The span {one.start}..{one.end} carries the label {one.label!r} twice.")
        ids = Counter(span.id for span in spans if span.id)
        twice = [name for name, count in ids.items() if count > 1]
        if twice:
            raise BadAnswer(f"Two spans have the id {twice[0]!r}; ids differ within an answer.")
        for relation in relations:
            for name in (relation.head, relation.tail):
                if name not in ids:
                    raise BadAnswer(f"A relation names the span {name!r}, which the answer does not have.")
        if len(set(relations)) != len(relations):
            raise BadAnswer("The answer has the same relation twice.")
        object.__setattr__(self, "spans", spans)
        object.__setattr__(self, "relations", relations)


def check_many(marks: tuple[object, ...], what: str) -> None:
    """Refuse an answer of more marks than anybody draws."""
    if len(marks) > MAX_MARKS:
        raise BadAnswer(f"An answer has at most {MAX_MARKS:,} {what}; got {len(marks):,}.")
