"""Projects: what the project file would change, and making the project so.

In: settings as the file says them. Out: `ProjectFacts`, `Changes`. Never: a change that would orphan answers without
saying so.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from goldseam.edge.runner.log import record
from goldseam.edge.runner.world import World
from goldseam.edge.store import annotations as annotation_rows
from goldseam.edge.store import answers, gold, settlements
from goldseam.edge.store import people as people_rows
from goldseam.edge.store import projects as rows
from goldseam.edge.store.projects import Versioned
from goldseam.edge.store.tx import Tx
from goldseam.flow.settings import Settings, settings_from_plain, settings_to_plain
from goldseam.formats.plain import guideline_from_plain, guideline_to_plain, schema_from_plain, schema_to_plain
from goldseam.ledger.canonical import canonical
from goldseam.ledger.entries import EntryKind
from goldseam.vocab.answers import LabelName
from goldseam.vocab.errors import Breaking, NotFound, NotReady
from goldseam.vocab.items import Modality, ProjectId
from goldseam.vocab.people import AnnotatorId, Role
from goldseam.vocab.schema import Change, ChangeKind, Guideline, GuidelineVersion, Schema, SchemaVersion, changes


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """A project as it stands: what every use case needs to know of it."""

    id: ProjectId
    name: str
    modality: Modality
    round: int
    n_items: int
    schema: Schema
    schema_version: SchemaVersion
    guideline: Guideline
    guideline_version: GuidelineVersion
    settings: Settings
    settings_version: int
    model: str | None
    labels: tuple[LabelName, ...]

    @property
    def question(self) -> str:
        """The name of the first question: the one that the loop follows."""
        return self.schema.main.name


@dataclass(frozen=True, slots=True)
class Changes:
    """What applying the project file would do."""

    is_new: bool
    schema: tuple[Change, ...]
    guideline: tuple[str, ...]
    settings: tuple[str, ...]
    advice: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether the project is what its file says already."""
        return not (self.is_new or self.schema or self.guideline or self.settings)


@dataclass(frozen=True, slots=True)
class _Bodies:
    schema: Schema
    guideline: Guideline
    settings: Settings
    labels: tuple[LabelName, ...]


_KNOWN: dict[tuple[str, int, int, int], _Bodies] = {}
_KEPT = 256
"""Versions never change, so each is read once: every call of the server asks for its project's facts."""


def facts(tx: Tx, project: ProjectId) -> ProjectFacts:
    """Return a project as it stands.

    Raises
    ------
    NotReady
        If no project file was applied yet.
    """
    row = rows.get(tx, project)
    key = (row.id, row.schema_version, row.guideline_version, row.settings_version)
    if 0 in key:
        raise NotReady(f"Project {row.name!r} has no schema yet; make it so with: goldseam apply")
    bodies = _KNOWN.get(key)
    if bodies is None:
        if len(_KNOWN) >= _KEPT:
            _KNOWN.clear()
        bodies = _KNOWN[key] = _read_bodies(tx, project)
    return ProjectFacts(
        id=row.id,
        name=row.name,
        modality=row.modality,
        round=row.round,
        n_items=row.n_items,
        schema=bodies.schema,
        schema_version=SchemaVersion(row.schema_version),
        guideline=bodies.guideline,
        guideline_version=GuidelineVersion(row.guideline_version),
        settings=bodies.settings,
        settings_version=row.settings_version,
        model=row.model,
        labels=bodies.labels,
    )


def _read_bodies(tx: Tx, project: ProjectId) -> _Bodies:
    found = {what: rows.version(tx, project, what) for what in Versioned}
    plain = {what: json.loads(made.body) for what, made in found.items() if made is not None}
    schema = schema_from_plain(plain[Versioned.SCHEMA])
    return _Bodies(
        schema,
        guideline_from_plain(plain[Versioned.GUIDELINE]),
        settings_from_plain(plain[Versioned.SETTINGS]),
        rows.labels(tx, project, schema.main.name),
    )


def by_name(world: World, name: str) -> ProjectFacts:
    """Return the project of this name.

    Raises
    ------
    NotReady
        If the project file was never applied.
    """

    def load(tx: Tx) -> ProjectFacts:
        try:
            return facts(tx, rows.by_name(tx, name).id)
        except NotFound as error:
            raise NotReady(f"Project {name!r} is not in the database yet; put it there with: goldseam apply") from error

    return world.store.read(load)


def plan(world: World, settings: Settings) -> Changes:
    """Return what applying these settings would change; nothing is changed."""
    advice = settings.guideline.advice(world.clock.now().date())
    return world.store.read(lambda tx: changes_in(tx, settings, advice))


def changes_in(tx: Tx, settings: Settings, advice: tuple[str, ...] = ()) -> Changes:
    """Return what applying these settings would change, seen in a transaction."""
    try:
        current = facts(tx, rows.by_name(tx, settings.name).id)
    except NotFound:
        return Changes(is_new=True, schema=(), guideline=(), settings=(), advice=advice)
    return Changes(
        is_new=False,
        schema=changes(current.schema, settings.schema),
        guideline=_guideline_diff(current.guideline, settings.guideline),
        settings=_differences(settings_to_plain(current.settings), settings_to_plain(settings)),
        advice=advice,
    )


def _guideline_diff(old: Guideline, new: Guideline) -> tuple[str, ...]:
    """Return the changed lines of the guideline's text and examples, each with + or - in front."""
    before, after = ([*made.text.splitlines(), *(repr(e) for e in made.worked_examples)] for made in (old, new))
    lines = tuple(line for line in difflib.ndiff(before, after) if line[:2] in {"+ ", "- "})
    return lines or (() if old == new else (f"~ to be reviewed by {new.review_by}",))


def _differences(old: dict[str, object], new: dict[str, object]) -> tuple[str, ...]:
    """Return the changed keys outside schema and guideline, as `sample.batch: 100 -> 50`."""
    flat_old, flat_new = _flat(old), _flat(new)
    keys = sorted(flat_old.keys() | flat_new.keys())
    return tuple(
        f"{key}: {json.dumps(flat_old[key]) if key in flat_old else 'default'} -> "
        f"{json.dumps(flat_new[key]) if key in flat_new else 'default'}"
        for key in keys
        if flat_old.get(key) != flat_new.get(key)
    )


def _flat(plain: dict[str, object]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in plain.items():
        if key in {"schema", "guideline"}:
            continue
        if isinstance(value, dict):
            found.update({f"{key}.{inner}": part for inner, part in value.items()})
        else:
            found[key] = value
    return found


def apply(world: World, settings: Settings, actor: AnnotatorId) -> tuple[ProjectFacts, Changes]:
    """Make the project what the settings say; whoever makes a new one is its owner.

    Raises
    ------
    Breaking
        If a removed label or question has answers: they would be orphaned.
    """
    change = plan(world, settings)
    if change.nothing:
        return by_name(world, settings.name), change
    now = world.clock.now()
    return world.store.write(lambda tx: make_so(tx, settings, change, actor, now)), change


def make_so(tx: Tx, settings: Settings, change: Changes, actor: AnnotatorId, now: datetime) -> ProjectFacts:
    """Make the project what the settings say, in a transaction that may hold more than that.

    Raises
    ------
    Breaking
        If a removed label or question has answers, or the kind of items is another.
    """
    bodies = {
        Versioned.SCHEMA: canonical(schema_to_plain(settings.schema)),
        Versioned.GUIDELINE: canonical(guideline_to_plain(settings.guideline)),
        Versioned.SETTINGS: canonical(settings_to_plain(settings)),
    }
    if change.is_new:
        project = rows.create(tx, settings.name, settings.source.kind, now).id
        rows.set_round(tx, project, 1)
        people_rows.set_role(tx, project, actor, Role.OWNER, now)
    else:
        kept = rows.by_name(tx, settings.name)
        project = kept.id
        _refuse_another_kind(kept.modality, settings.source.kind)
        _refuse_orphans(tx, project, change.schema)
    versions = {
        what.value: rows.add_version(tx, project, what, body.decode(), hashlib.sha256(body).hexdigest(), now)
        for what, body in bodies.items()
    }
    for question in settings.schema.questions:
        rows.add_labels(tx, project, question.name, question.label_names)
    hashes = {f"{what.value}_sha256": hashlib.sha256(body).hexdigest() for what, body in bodies.items()}
    body = {"name": settings.name, "versions": versions, **hashes}
    record(tx, project, EntryKind.PROJECT_APPLIED, now, actor=actor, about=project, body=body)
    return facts(tx, project)


def _refuse_another_kind(now: Modality, wanted: Modality) -> None:
    if now is not wanted:
        raise Breaking(
            f"This is a project of kind {now.value!r} and stays one (source.kind); "
            f"start a project of another name for {wanted.value!r}."
        )


def _refuse_orphans(tx: Tx, project: ProjectId, found: tuple[Change, ...]) -> None:
    removed = [change for change in found if change.kind is ChangeKind.REMOVE]
    reasons = []
    for change in removed:
        n = annotation_rows.n_answers(tx, project, change.question, change.label)
        if n:
            reasons.append(f"{change.text}, but {n:,} answers name it")
        n = _n_known(tx, project, change.question, change.label)
        if n:
            reasons.append(f"{change.text}, but it is the label of {n:,} items by gold or ruling")
    if reasons:
        raise Breaking(
            "The new schema would orphan labels that exist. Keep the label, or start a project of another name.",
            reasons=reasons,
        )


def _n_known(tx: Tx, project: ProjectId, question: str, label: str | None) -> int:
    """Return how many items have this label (or any) by gold or by a ruling."""
    names = rows.labels(tx, project, question)
    codes = np.arange(len(names)) if label is None else [code for code, name in enumerate(names) if name == label]
    known = gold.current(tx, project, question)
    position, ruled = settlements.rulings(tx, project, question)
    said = [*gold.answers(tx, project, question).items(), *answers.rulings(tx, project, question).items()]
    named = [place for place, text in said if label is None or json.dumps(label, ensure_ascii=False) in text]
    labeled = [*known.position[np.isin(known.label, codes)].tolist(), *position[np.isin(ruled, codes)].tolist()]
    return len({*labeled, *named})
