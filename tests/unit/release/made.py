"""A small project's log and release, made whole: what the tests of this folder take apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from goldseam.audit.quality import AgreementRow, QualityReport, Share
from goldseam.edge import keys
from goldseam.formats import plain
from goldseam.ledger import checkpoint, entries, merkle
from goldseam.ledger.entries import Entry, EntryKind
from goldseam.release.build import Built, build, evidence
from goldseam.release.contents import Contents, LabelRow, Logged
from goldseam.vocab.annotations import Annotation, AnnotationId, AssignmentId, Purpose, Reaction
from goldseam.vocab.answers import Abstain, Choice, LabelName
from goldseam.vocab.items import Item, Modality, Origin
from goldseam.vocab.people import AnnotatorId
from goldseam.vocab.schema import (
    Guideline,
    GuidelineVersion,
    Label,
    Question,
    QuestionKind,
    QuestionName,
    Schema,
    SchemaVersion,
    WorkedExample,
)

KEY = keys.SigningKey("goldseam.local/p1", bytes(range(32)))
AT = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
GOOD, BAD = LabelName("good"), LabelName("bad")
MOOD, NOTE = QuestionName("mood"), QuestionName("note")
SCHEMA = Schema((Question(MOOD, labels=(Label(GOOD), Label(BAD))), Question(NOTE, QuestionKind.TEXT)))
ITEMS = [
    Item(Modality.TEXT, "what a film", Origin("films.csv", 2, "7"), metadata={"lang": "en"}),
    Item(Modality.TEXT, "naïve | <b>bold</b>", Origin("films.csv", 3, "8")),
    Item(Modality.IMAGE, "ab" * 32, Origin("posters", 1, "a.png"), media_type="image/png"),
]


def annotation(number: int, item: Item, annotator: str, answer: Choice | Abstain) -> Annotation:
    return Annotation(
        id=AnnotationId(f"n{number}"),
        assignment=AssignmentId(f"s{number}"),
        item=item.id,
        annotator=AnnotatorId(annotator),
        question=MOOD,
        answer=answer,
        purpose=Purpose.LABEL,
        schema_version=SchemaVersion(1),
        guideline_version=GuidelineVersion(2),
        reaction=Reaction.NONE,
        seconds=1.5 + number,
        surplus=False,
        at=AT + timedelta(seconds=number),
    )


GIVEN = [
    annotation(1, ITEMS[0], "p1", Choice(GOOD)),
    annotation(2, ITEMS[0], "p2", Choice(GOOD)),
    annotation(3, ITEMS[1], "p1", Choice(BAD)),
    annotation(4, ITEMS[1], "p2", Abstain("unclear")),
    annotation(5, ITEMS[2], "p2", Choice(GOOD)),
]


def row(item: Item, label: LabelName, confidence: float, **changes: object) -> LabelRow:
    made = LabelRow(
        item=item,
        question=MOOD,
        label=label,
        soft={label: confidence},
        confidence=confidence,
        n_votes=2,
        annotators=(AnnotatorId("p2"), AnnotatorId("p1")),
        method="dawid_skene",
        round=1,
        tier="consensus",
        schema_version=SchemaVersion(1),
        guideline_version=GuidelineVersion(2),
    )
    return replace(made, **changes)


ROWS = [
    row(ITEMS[0], GOOD, 0.97),
    row(ITEMS[1], BAD, 1.0, method="ruling", n_votes=1),
    row(ITEMS[2], GOOD, 0.8, n_votes=1),
]

HALF = Share(3, 4, 0.75, 0.3, 0.95)
QUALITY = QualityReport(
    n_items=3,
    n_votes=4,
    n_annotators=2,
    n_settled=3,
    n_escalated=0,
    votes_per_item=1.33,
    agreement=AgreementRow(0.61, 0.4, 0.8, "", 0.2, 0.5, 3, 4),
    band="workable",
    accuracy=HALF,
    vote_accuracy=Share(0, 0, None, 0.0, 1.0, "no gold was voted on"),
    annotators=(),
    labels=(),
    pairs=(),
    warnings=("few gold items",),
)


@dataclass(frozen=True)
class Published:
    """A release with its evidence, and the log under it."""

    files: dict[str, bytes]
    log: list[Entry]
    built: Built


def opening_log() -> tuple[list[Entry], list[Logged]]:
    """A log of a project's first acts, among them one annotation that was withdrawn."""
    log = [Entry(EntryKind.PROJECT_APPLIED, AT, "p0", "j1", "j1", {"schema_version": 1})]
    logged = []
    lost = annotation(9, ITEMS[2], "p1", Choice(BAD))
    for number, given in enumerate([*GIVEN, lost]):
        salt = bytes([number + 1]) * 16
        body = {"commitment": plain.annotation_commitment(given, salt)}
        logged.append(Logged(given, salt, len(log)))
        log.append(Entry(EntryKind.ANNOTATION_GIVEN, given.at, given.annotator, "j1", given.id, body))
    log.append(Entry(EntryKind.ANNOTATION_WITHDRAWN, AT, "p1", "j1", lost.id))
    return log, logged[:-1]


def contents(log_size: int, logged: Sequence[Logged], **changes: object) -> Contents:
    made = Contents(
        project="Film moods",
        number=1,
        at=AT,
        round=1,
        schema=SCHEMA,
        schema_version=SchemaVersion(1),
        guideline=Guideline("# Rules\n\nListen first.", (WorkedExample("yay", GOOD, "glad"),)),
        guideline_version=GuidelineVersion(2),
        rows=ROWS,
        annotations=logged,
        origin="goldseam.local/p1/j1",
        key_line=KEY.line,
        log_size=log_size,
        code_version="0.1.0",
        policies={"release": {"train": 0.8}},
        quality=QUALITY,
    )
    return replace(made, **changes)


def publish(built: Built, log: list[Entry], n_later: int = 2) -> Published:
    """Log the release, a few later entries, sign a checkpoint over all, and add the evidence."""
    position = len(log)
    log = [
        *log,
        Entry(EntryKind.RELEASE_PUBLISHED, AT, "p0", "j1", "r1", {"manifest": built.sha256, "number": 1}),
        *(Entry(EntryKind.ROUND_ENDED, AT, "p0", "j1", f"e{n}") for n in range(n_later)),
    ]
    frontier, nodes = merkle.Frontier().extend(merkle.leaf_hash(entries.leaf(entry)) for entry in log)
    stored = {(node.level, node.position): node.hash for node in nodes}
    hashes = merkle.inclusion_proof(position, len(log), lambda places: [stored[place] for place in places])
    note = KEY.sign_checkpoint(checkpoint.Checkpoint("goldseam.local/p1/j1", len(log), frontier.root))
    shown = evidence(log, note=note, position=position, size=len(log), hashes=hashes, key_line=KEY.line)
    return Published({**built.files, **shown}, log, built)


def release() -> Published:
    """The whole release of this folder's tests."""
    log, logged = opening_log()
    return publish(build(contents(len(log), logged)), log)
