"""Contents: all that a release is made of, as its other modules read it.

In: what the runner loaded. Out: `LabelRow`, `Logged`, `Contents`. Never: bytes, or a salt that was made here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from goldseam.audit.quality import QualityReport
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
    release; `n_left_out` counts items that were drawn and are not in it, since they wait for a ruling.
    """

    project: str
    number: int
    at: datetime
    round: int
    schema: Schema
    schema_version: SchemaVersion
    guideline: Guideline
    guideline_version: GuidelineVersion
    rows: Sequence[LabelRow]
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
