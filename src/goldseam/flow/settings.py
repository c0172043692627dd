"""Settings: the project file as one record.

In: plain values (what YAML or JSON gives). Out: `Settings`, and the plain values again. Never: a file, or a key that is
not known; an unknown one is an error that names its path and the nearest known key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from goldseam.adjudicate.policy import Policy as AdjudicatePolicy
from goldseam.annotate.guard import Policy as GuardPolicy
from goldseam.annotate.pay import Policy as PayPolicy
from goldseam.annotate.policy import Policy as AnnotatePolicy
from goldseam.annotate.qualify import Policy as QualificationPolicy
from goldseam.annotate.qualify import Step
from goldseam.audit.policy import Policy as AuditPolicy
from goldseam.flow import plain as plain_values
from goldseam.flow.schedule import Schedule
from goldseam.flow.stopping import Policy as StopPolicy
from goldseam.prelabel.functions_policy import Policy as FunctionsPolicy
from goldseam.prelabel.policy import Policy as PrelabelPolicy
from goldseam.release.policy import Policy as ReleasePolicy
from goldseam.retrain.policy import Policy as RetrainPolicy
from goldseam.route.policy import Policy as RoutePolicy
from goldseam.route.segments import Segment
from goldseam.sample.policy import Policy as SamplePolicy
from goldseam.source.captured import Policy as ProductionPolicy
from goldseam.source.policy import Policy as SourcePolicy
from goldseam.vocab.errors import BadPolicy, BadProjectFile, BadSchema, nearest
from goldseam.vocab.items import Modality
from goldseam.vocab.schema import Guideline, Schema

MAX_NAME = 100


class SourceFormat(StrEnum):
    """How a source is read; `auto` goes by the ending of its path."""

    AUTO = "auto"
    CSV = "csv"
    JSONL = "jsonl"
    IMAGES = "images"


ENDINGS: Mapping[str, SourceFormat] = {
    ".csv": SourceFormat.CSV,
    ".tsv": SourceFormat.CSV,
    ".jsonl": SourceFormat.JSONL,
    ".ndjson": SourceFormat.JSONL,
}


@dataclass(frozen=True, slots=True)
class SourceSetting:
    """One source: a file of rows or a folder of images; `delimiter` is for CSV, empty for a comma (a tab in a .tsv)."""

    path: str
    format: SourceFormat = SourceFormat.AUTO
    delimiter: str = ""

    def __post_init__(self) -> None:
        if not self.path:
            raise BadPolicy("A source needs the path of a file or folder.")
        if len(self.delimiter) > 1:
            raise BadPolicy(f"A delimiter is one character; got {self.delimiter!r}.")

    @property
    def read_as(self) -> SourceFormat:
        """The format this source is read as, never `auto`."""
        if self.format is not SourceFormat.AUTO:
            return self.format
        ending = "." + self.path.rsplit(".", 1)[-1].lower() if "." in self.path else ""
        return ENDINGS.get(ending, SourceFormat.IMAGES)

    @property
    def separator(self) -> str:
        """The character between the cells of a CSV."""
        return self.delimiter or ("\t" if self.path.lower().endswith(".tsv") else ",")


@dataclass(frozen=True, slots=True)
class Budget:
    """How many answers may be asked for in all, or how much money at a price per answer; `None` sets no bound."""

    answers: int | None = None
    money: float | None = None
    price_per_answer: float = 0.0

    def __post_init__(self) -> None:
        if self.answers is not None and self.answers < 1:
            raise BadPolicy(f"budget.answers is at least 1, or left out; got {self.answers}.")
        if self.money is not None and not (self.money > 0 and self.price_per_answer > 0):
            raise BadPolicy("budget.money needs to be above 0, and budget.price_per_answer too.")

    @property
    def most_answers(self) -> int | None:
        """How many answers the budget pays for; `None` for any number."""
        bounds = [] if self.answers is None else [self.answers]
        if self.money is not None:
            bounds.append(int(self.money / self.price_per_answer + 1e-9))
        return min(bounds) if bounds else None


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a project file says: schema, guideline, sources, gold, and one policy per stage.

    `gold` names CSV files with a column for the item (`id`, `key` or `text`) and one for its label (`label`). `rounds`
    is the number of rounds to run; `None` goes on until the pool is empty, the budget is spent, or `stop` ends it.
    `segments` are rules on metadata with workflows of their own; the first that matches an item is its segment.
    """

    name: str
    schema: Schema
    guideline: Guideline = field(default_factory=Guideline)
    sources: tuple[SourceSetting, ...] = ()
    gold: tuple[str, ...] = ()
    rounds: int | None = None
    budget: Budget = field(default_factory=Budget)
    schedule: Schedule = field(default_factory=Schedule)
    stop: StopPolicy = field(default_factory=StopPolicy)
    source: SourcePolicy = field(default_factory=SourcePolicy)
    production: ProductionPolicy = field(default_factory=ProductionPolicy)
    sample: SamplePolicy = field(default_factory=SamplePolicy)
    prelabel: PrelabelPolicy = field(default_factory=PrelabelPolicy)
    functions: FunctionsPolicy = field(default_factory=FunctionsPolicy)
    route: RoutePolicy = field(default_factory=RoutePolicy)
    segments: tuple[Segment, ...] = ()
    annotate: AnnotatePolicy = field(default_factory=AnnotatePolicy)
    guard: GuardPolicy = field(default_factory=GuardPolicy)
    onboarding: tuple[Step, ...] = ()
    qualification: QualificationPolicy = field(default_factory=QualificationPolicy)
    pay: PayPolicy = field(default_factory=PayPolicy)
    adjudicate: AdjudicatePolicy = field(default_factory=AdjudicatePolicy)
    audit: AuditPolicy = field(default_factory=AuditPolicy)
    release: ReleasePolicy = field(default_factory=ReleasePolicy)
    retrain: RetrainPolicy = field(default_factory=RetrainPolicy)

    def __post_init__(self) -> None:
        if not self.name or len(self.name) > MAX_NAME or self.name != self.name.strip():
            raise BadPolicy(
                f"name is a text of 1 to {MAX_NAME} characters without spaces around it; got {self.name!r}."
            )
        if self.rounds is not None and self.rounds < 1:
            raise BadPolicy(f"rounds is at least 1, or left out to go on until the pool is empty; got {self.rounds}.")
        self._check_sources()
        self._check_guideline()
        self._check_tiers()
        self._check_functions()
        self._check_features()
        self._check_segments()
        self._check_qualification()

    def _check_qualification(self) -> None:
        if self.qualification.gold and self.annotate.gold_rate > 0:
            raise BadPolicy(
                "qualification.gold lets people learn from their results which items are gold: set annotate.gold_rate to 0, or "
                "name files of questions of their own under qualification.files.",
                path=("qualification", "gold"),
            )

    @property
    def most_redundancy(self) -> int:
        """The most answers that an item of any segment is to get."""
        return max(self.route.redundancy, *(one.redundancy or 1 for one in self.segments), 1)

    def _check_sources(self) -> None:
        shows_images = self.source.kind is Modality.IMAGE
        for index, source in enumerate(self.sources):
            if (source.read_as is SourceFormat.IMAGES) == shows_images:
                continue
            right = "images" if shows_images else "csv or jsonl"
            raise BadPolicy(
                f"Source {source.path!r} would be read as {source.read_as.value}, but source.kind is "
                f"{self.source.kind.value!r}: set the source's format to {right}, or change source.kind.",
                path=("sources", index),
            )

    def _check_guideline(self) -> None:
        known = self.schema.main.label_names
        for index, example in enumerate(self.guideline.worked_examples):
            if known and example.label not in known:
                raise BadSchema(
                    f"A worked example has the label {example.label!r}, "
                    f"which question {self.schema.main.name!r} has not."
                    f"{nearest(example.label, known)}",
                    path=("guideline", "worked_examples", index, "label"),
                )

    def _check_tiers(self) -> None:
        known = self.schema.main.label_names
        for index, tier in enumerate(self.adjudicate.tiers):
            for label in tier.labels:
                if label not in known:
                    raise BadPolicy(
                        f"A tier names the label {label!r}, which question {self.schema.main.name!r} has not."
                        f"{nearest(label, known)}",
                        path=("adjudicate", "tiers", index, "labels"),
                    )

    def _check_functions(self) -> None:
        known = self.schema.main.label_names
        for label in self.functions.labels:
            if label not in known:
                raise BadPolicy(
                    f"A labeling function gives the label {label!r}, which question {self.schema.main.name!r} has not."
                    f"{nearest(label, known)}",
                    path=("functions",),
                )

    def _check_features(self) -> None:
        if self.source.kind.is_media and (self.prelabel.features or self.prelabel.fields):
            raise BadPolicy(
                "Of images the project's own model looks at their pixels: leave prelabel.features and prelabel.fields out.",
                path=("prelabel", "features" if self.prelabel.features else "fields"),
            )
        if self.source.kind is Modality.TABLE and self.prelabel.embeddings:
            raise BadPolicy("Embeddings are made of texts, and the items are tables.", path=("prelabel", "embeddings"))
        if self.source.kind is not Modality.TABLE and self.prelabel.fields and not self.prelabel.features:
            raise BadPolicy(
                "prelabel.fields names fields that count, and they do not yet: set prelabel.features to [text, fields].",
                path=("prelabel", "fields"),
            )

    def _check_segments(self) -> None:
        names = [segment.name for segment in self.segments]
        for index, segment in enumerate(self.segments):
            if names.index(segment.name) != index:
                raise BadPolicy(f"Two segments are named {segment.name!r}.", path=("segments", index, "name"))
            try:
                segment.of(self.route)
            except BadPolicy as error:
                said = error.message.replace("route.", "")
                message = f"Segment {segment.name!r}, with what it takes over from route: {said}"
                raise BadPolicy(message, path=("segments", index)) from None


def settings_from_plain(plain: object) -> Settings:
    """Return the settings that plain values (a parsed YAML or JSON file) say.

    Raises
    ------
    BadProjectFile
        For an unknown key (with the nearest known one), a missing one, or a wrong type (with the right one).
    BadPolicy, BadSchema
        For a value that a policy, the schema or the guideline refuses.

    All have `fields["path"]`: the tuple of keys and list positions that leads to the place.
    """
    return plain_values.build(Settings, plain, error=BadProjectFile)


def settings_to_plain(settings: Settings, defaults: plain_values.Defaults = "written") -> dict[str, object]:
    """Return the settings as plain values that `settings_from_plain` reads back to an equal record.

    Defaults are written out, so that what is recorded with a decision does not change its meaning when a default does;
    `"left_out"` gives the short form for people.
    """
    return plain_values.flatten(settings, defaults)


def json_schema() -> dict[str, object]:
    """Return the JSON Schema (draft 2020-12) of the project file, for editors."""
    return plain_values.json_schema(Settings)
