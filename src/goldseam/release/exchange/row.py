"""Rows of a release, as writers of other tools' forms take them.

In: the columns of labels.parquet, the schema. Out: `Row` records. Never: an answer read otherwise than the release says it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from goldseam.formats.parquet import Column
from goldseam.formats.plain import answer_from_plain
from goldseam.vocab.answers import Answer, Choice, LabelName
from goldseam.vocab.schema import Question, QuestionKind, Schema


@dataclass(frozen=True, slots=True)
class Source:
    """Which release the rows are from."""

    project: str
    number: int
    manifest: str
    at: str

    def to_plain(self) -> dict[str, object]:
        """Return it as plain values."""
        return {"project": self.project, "release": self.number, "manifest": self.manifest, "at": self.at}


@dataclass(frozen=True, slots=True)
class Row:
    """One settled answer with its item; `width` and `height` are 0 for all but images."""

    item: str
    key: str
    source: str
    line: int
    content: str
    modality: str
    width: int
    height: int
    question: str
    answer: Answer
    confidence: float
    method: str
    n_votes: int
    annotators: tuple[str, ...]
    split: str

    @property
    def file_name(self) -> str:
        """The name of the item's file: its source's key, or its id."""
        return self.key or self.item

    @property
    def stem(self) -> str:
        """A name for a file about the item: never a way out of its folder, and no two items the same."""
        name = self.file_name.replace("\\", "/").rsplit("/", 1)[-1]
        stem = name.rsplit(".", 1)[0] if "." in name.lstrip(".") else name
        return "".join(sign if sign.isalnum() or sign in "-_." else "_" for sign in stem).strip(".") or self.item

    def provenance(self) -> dict[str, object]:
        """Return where the answer came from, as plain values."""
        return {
            "item": self.item,
            "key": self.key,
            "source": self.source,
            "line": self.line,
            "confidence": self.confidence,
            "method": self.method,
            "n_votes": self.n_votes,
            "annotators": list(self.annotators),
            "split": self.split,
        }


def rows_of(table: Mapping[str, Column], schema: Schema, names: Sequence[str]) -> list[Row]:
    """Return the rows of these questions, in the table's order."""
    kinds = {question.name: question.kind for question in schema.questions}
    found = []
    for place, name in enumerate(table["question"]):
        question = str(name)
        if question not in names:
            continue
        label, metadata = str(table["label"][place]), json.loads(str(table["metadata"][place]))
        kind = next((kind for known, kind in kinds.items() if known == question), QuestionKind.CHOICE)
        found.append(
            Row(
                item=str(table["item"][place]),
                key=str(table["key"][place]),
                source=str(table["source"][place]),
                line=int(str(table["line"][place])),
                content=str(table["content"][place] or table["media"][place]),
                modality=str(table["modality"][place]),
                width=_size(metadata, "width"),
                height=_size(metadata, "height"),
                question=question,
                answer=Choice(LabelName(label))
                if kind is QuestionKind.CHOICE
                else answer_from_plain(json.loads(label)),
                confidence=float(str(table["confidence"][place])),
                method=str(table["method"][place]),
                n_votes=int(str(table["n_votes"][place])),
                annotators=tuple(json.loads(str(table["annotators"][place]))),
                split=str(table["split"][place]),
            )
        )
    return found


def _size(metadata: Mapping[str, str], name: str) -> int:
    text = str(metadata.get(name, ""))
    return int(text) if text.isascii() and text.isdigit() else 0


def labels_in(question: Question) -> list[str]:
    """Return the labels of a question in the schema's order: what classes are numbered by."""
    return [str(name) for name in question.label_names]
