"""Contents: all that a release is made of, as its other modules read it.

In: what the runner loaded. Out: `LabelRow`, `Logged`, `Contents`. Never: bytes, or a salt that was made here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldseam.audit.quality import QualityReport
from goldseam.formats.parquet import Column
from goldseam.formats.texts import Coded, Digits, Texts
from goldseam.release.policy import Policy
from goldseam.vocab.annotations import Annotation
from goldseam.vocab.answers import LabelName
from goldseam.vocab.errors import BadValue
from goldseam.vocab.items import Item
from goldseam.vocab.people import AnnotatorId
from goldseam.vocab.schema import Guideline, GuidelineVersion, QuestionName, Schema, SchemaVersion


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One settled label: what it is, how sure, and how it came about.

    `method` is the name of the aggregation, or `ruling`, `gold` or `auto`; `model` is the suggester that
    routed the item. For a question without labels, `label` is the canonical JSON of the answer and `soft` is empty.
    """

    item: Item
    question: QuestionName
    label: LabelName
    soft: Mapping[LabelName, float]
    confidence: float
    n_votes: int
    annotators: Sequence[AnnotatorId]
    method: str
    round: int
    tier: str
    schema_version: SchemaVersion
    guideline_version: GuidelineVersion
    model: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.confidence <= 1:
            raise BadValue(f"A confidence lies between 0 and 1; got {self.confidence}.")


@dataclass(frozen=True, slots=True)
class LabelTable:
    """Settled labels as columns, for releases of millions: each column has what `LabelRow` says of it, one value a row.

    `metadata` and `annotators` are canonical JSON; `soft` has a column for each label, in the order of labels.parquet.
    """

    items: Sequence[str]
    hashes: Sequence[str]
    modalities: Sequence[str]
    contents: Sequence[str]
    media_types: Sequence[str]
    sources: Sequence[str]
    lines: NDArray[np.int64]
    keys: Sequence[str]
    metadata: Sequence[str]
    questions: Sequence[str]
    labels: Sequence[str]
    soft: Mapping[str, Column]
    confidence: NDArray[np.float64]
    n_votes: NDArray[np.int64]
    annotators: Sequence[str]
    methods: Sequence[str]
    rounds: NDArray[np.int64]
    tiers: Sequence[str]
    schema_versions: NDArray[np.int64]
    guideline_versions: NDArray[np.int64]
    models: Sequence[str]

    def __post_init__(self) -> None:
        if len(self.confidence) and not (self.confidence.min() >= 0 and self.confidence.max() <= 1):
            raise BadValue("A confidence lies between 0 and 1.")

    def __len__(self) -> int:
        return len(self.items)


def joined(tables: Sequence[LabelTable]) -> LabelTable:
    """Return the rows of several tables as one; they have the same columns, but for labels that only some carry."""
    if len(tables) == 1:
        return tables[0]
    names = list(dict.fromkeys(name for table in tables for name in table.soft))
    made: dict[str, Any] = {}
    for each in fields(LabelTable):
        if each.name == "soft":
            soft = [[table.soft.get(name, [None] * len(table)) for table in tables] for name in names]
            cells = ([cell for column in some for cell in _cells(column)] for some in soft)
            made["soft"] = dict(zip(names, cells, strict=True))
            continue
        made[each.name] = _joined([getattr(table, each.name) for table in tables])
    return LabelTable(**made)


def _joined(columns: Sequence[Any]) -> Column:
    """Return columns of one kind as one: as they are kept, or else cell by cell."""
    match columns[0]:
        case np.ndarray():
            return np.concatenate(columns)
        case Digits() if all(isinstance(column, Digits) and len(column) for column in columns):
            return Digits(np.concatenate([column.raw for column in columns]))
        case Coded() if all(isinstance(column, Coded) for column in columns):
            return Coded.of_parts(columns)
        case Texts() if all(isinstance(column, Texts) for column in columns):
            return Texts.of_parts(columns)
        case _:
            return [cell for column in columns for cell in column]


def _cells(column: Column) -> Sequence[Any]:
    return column.tolist() if isinstance(column, np.ndarray) else column


@dataclass(frozen=True, slots=True)
class Logged:
    """An annotation with what its ledger entry needs to be checked: the salt, and the entry's position in the log."""

    annotation: Annotation
    salt: bytes
    entry: int


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything that goes into one release.

    `annotations` are all that were given and not withdrawn when the log held `log_size` entries. `policies` are the
    frozen settings by stage, as plain values. `previous` is the hash of the manifest before, empty for the first
    release; `n_left_out` counts items that were drawn and are not in it, since they wait for a ruling, `n_flagged` those that
    people flagged out of the queue.
    """

    project: str
    number: int
    at: datetime
    round: int
    schema: Schema
    schema_version: SchemaVersion
    guideline: Guideline
    guideline_version: GuidelineVersion
    rows: Sequence[LabelRow] | LabelTable
    annotations: Sequence[Logged]
    origin: str
    key_line: str
    log_size: int
    code_version: str
    policy: Policy = field(default_factory=Policy)
    policies: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    quality: QualityReport | None = None
    previous: str = ""
    model: str = ""
    n_left_out: int = 0
    n_flagged: int = 0
