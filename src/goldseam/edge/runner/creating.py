"""Creating: a look at what was uploaded, and a project made of it.

In: an upload, which column is what, the settings that a person chose. Out: the first rows and what would be refused; a project
whose owner is who made it. Never: a path, or a setting that reaches outside of the upload, from a client; a project of somebody
else's changed because it has the name.
"""

from __future__ import annotations

import fcntl
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from goldseam.edge.runner import incoming, projects
from goldseam.edge.runner.incoming import Incoming, check_may_create, folder_of, opened
from goldseam.edge.runner.intake import chunks_of, images_in
from goldseam.edge.runner.people import Principal
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import World
from goldseam.edge.store import projects as rows
from goldseam.edge.store.tx import Tx
from goldseam.flow.settings import ENDINGS, Settings, SourceFormat, settings_from_plain
from goldseam.formats.text import DELIMITERS, Raw, Unreadable, csv_records, is_unclosed, jsonl_records
from goldseam.source.intake import Accepted, Refused, read, read_image
from goldseam.source.policy import Policy
from goldseam.source.recognize import Column, ColumnRole, recognize
from goldseam.vocab.errors import BadSource, Conflict, NotFound
from goldseam.vocab.items import Modality, ProjectId
from goldseam.vocab.schema import QuestionKind

LOOKED_AT = 2_000
"""Rows that a look reads: enough to tell what the columns are, quick whatever the file's size."""
LOOKED_BYTES = 4 << 20
IMAGES_LOOKED_AT = 50
SHOWN_ROWS = 10
SHOWN_REFUSED = 10
CELL = 300
LOCK = "creating.lock"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which column is what; None lets it be recognized, empty is none."""

    text: str | None = None
    key: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """What the first rows say: columns, ten rows, and which rows would be refused."""

    form: str
    n_files: int
    n_bytes: int
    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    n_read: int = 0
    n_refused: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    refused: tuple[Refused, ...] = ()
    is_whole: bool = True


def look(world: World, caller: Principal, upload: str, chosen: Chosen) -> Looked:
    """Return what the first rows of an upload are, as far as it has come.

    Raises
    ------
    BadSource
        If nothing can be made of it; the message says why.
    """
    check_may_create(world, caller)
    with opened(world, caller, upload) as kept:
        if not kept.n_files:
            raise BadSource("Nothing was uploaded yet.")
        return _look_at_table(world, kept, chosen) if kept.table else _look_at_images(world, kept)


def _look_at_table(world: World, upload: Incoming, chosen: Chosen) -> Looked:
    path = folder_of(world, upload.id) / upload.table
    is_whole = path.stat().st_size <= LOOKED_BYTES
    records = list(islice(_records(path, is_whole=is_whole), LOOKED_AT + 1))
    if not is_whole and records and isinstance(records[-1], Unreadable) and is_unclosed(records[-1]):
        records.pop()
    is_whole, records = is_whole and len(records) <= LOOKED_AT, records[:LOOKED_AT]
    read_rows = [one for one in records if isinstance(one, Raw)]
    header = list(dict.fromkeys(name for one in read_rows for name in one.fields))
    cells = [{name: _cell(value) for name, value in one.fields.items()} for one in read_rows]
    columns = _as_chosen(recognize(header, cells), chosen)
    refused = _refused(records, columns)
    reasons = Counter(_kind_of(one.reason) for one in refused)
    return Looked(
        form=upload.table.rsplit(".", 1)[-1].lower(),
        n_files=1,
        n_bytes=upload.n_bytes,
        columns=columns,
        rows=tuple(tuple(row.get(name, "")[:CELL] for name in header) for row in cells[:SHOWN_ROWS]),
        n_read=len(records),
        n_refused=len(refused),
        reasons=dict(reasons.most_common(SHOWN_REFUSED)),
        refused=tuple(replace(one, text=one.text[:CELL]) for one in refused[:SHOWN_REFUSED]),
        is_whole=is_whole,
    )


def _records(path: Path, *, is_whole: bool) -> Iterator[Raw | Unreadable]:
    chunks = _first_bytes(path, is_whole=is_whole)
    if ENDINGS[path.suffix.lower()] is SourceFormat.JSONL:
        return jsonl_records(chunks)
    return csv_records(chunks, delimiter=delimiter_of(path))


def _first_bytes(path: Path, *, is_whole: bool) -> Iterator[bytes]:
    """Yield the beginning of a file up to the end of a line, so that no row is cut in two."""
    if is_whole:
        return chunks_of(path)
    with path.open("rb") as file:
        data = file.read(LOOKED_BYTES)
    return iter([data[: data.rfind(b"\n") + 1] or data])


def delimiter_of(path: Path) -> str:
    """Return the character that parts the header of a table into the most columns; a comma where none does."""
    if path.suffix.lower() == ".tsv":
        return "\t"
    with path.open("rb") as file:
        first = file.readline(1 << 20).decode("utf-8", "replace")
    counts = {mark: first.count(mark) for mark in DELIMITERS}
    best = max(counts, key=lambda mark: counts[mark])
    return best if counts[best] > counts[","] else ","


def _as_chosen(columns: tuple[Column, ...], chosen: Chosen) -> tuple[Column, ...]:
    """Return the columns with the roles that a person gave them."""
    roles = {one.name: one.role for one in columns}
    for role in (ColumnRole.TEXT, ColumnRole.KEY, ColumnRole.LABEL):
        name = getattr(chosen, role.value)
        if name is None:
            continue
        if name and name not in roles:
            raise BadSource(f"There is no column {name!r}.", known=list(roles))
        roles = {other: ColumnRole.METADATA if held is role else held for other, held in roles.items()}
        if name:
            roles[name] = role
    return tuple(replace(one, role=roles[one.name]) for one in columns)


def _refused(records: Sequence[Raw | Unreadable], columns: Sequence[Column]) -> list[Refused]:
    """Return the rows that intake would refuse, by the rule that intake goes by."""
    by_role = {one.role: one.name for one in columns if one.role is not ColumnRole.METADATA}
    text = by_role.get(ColumnRole.TEXT)
    if text is None:
        return [Refused(one.line, one.reason, one.text) for one in records if isinstance(one, Unreadable)]
    policy = Policy(text=text, key=by_role.get(ColumnRole.KEY, ""))
    return [one for one in read(records, policy, "") if isinstance(one, Refused)]


def _kind_of(reason: str) -> str:
    """Return a reason without its figures, so that rows refused alike are counted together."""
    return "".join("#" if sign.isdigit() else sign for sign in reason).replace("##", "#")[:CELL]


def _cell(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _look_at_images(world: World, upload: Incoming) -> Looked:
    folder = folder_of(world, upload.id)
    files = sorted(images_in(folder))
    policy = Policy(kind=Modality.IMAGE)
    looked = files[:IMAGES_LOOKED_AT]
    results = [
        read_image(file.relative_to(folder).as_posix(), file.read_bytes(), "", policy, line)
        for line, file in enumerate(looked, start=1)
    ]
    refused = [one for one in results if isinstance(one, Refused)]
    shown = [
        (one.item.origin.key, f"{one.item.metadata['width']} x {one.item.metadata['height']}")
        for one in results
        if isinstance(one, Accepted)
    ]
    return Looked(
        form="images",
        n_files=upload.n_files,
        n_bytes=upload.n_bytes,
        rows=tuple(shown[:SHOWN_ROWS]),
        n_read=len(looked),
        n_refused=len(refused),
        reasons=dict(Counter(_kind_of(one.reason) for one in refused)),
        refused=tuple(refused[:SHOWN_REFUSED]),
        is_whole=len(looked) == len(files),
    )


def create(world: World, caller: Principal, upload: str, plain: Mapping[str, object]) -> ProjectFacts:
    """Make a project of an upload; a repeat answers with the project that was made.

    `plain` is a project file without sources, which are the upload.

    Raises
    ------
    BadPolicy, BadSchema, BadProjectFile
        If the settings are wrong; `fields["path"]` leads to the place.
    Conflict
        If a project of this name is there.
    """
    check_may_create(world, caller)
    with opened(world, caller, upload) as kept:
        if kept.project:
            return world.store.read(lambda tx: projects.facts(tx, ProjectId(kept.project)))
        settings = checked(_with_source(world, kept, plain))
        with _one_at_a_time(world):
            _check_new(world, settings.name)
            facts, _ = projects.apply(world, settings, caller.annotator)
        kept.project = facts.id
    return facts


def checked(plain: Mapping[str, object]) -> Settings:
    """Return the settings, with those that do not go together left at what does."""
    settings = settings_from_plain(dict(plain))
    if settings.schema.main.kind is QuestionKind.CHOICE:
        return settings
    # Drawing by doubt and proposing need a model of labels, which the first question then does not give.
    return replace(
        settings,
        sample=replace(settings.sample, strategy="random"),
        prelabel=replace(settings.prelabel, suggester="none"),
    )


def _with_source(world: World, upload: Incoming, plain: Mapping[str, object]) -> dict[str, object]:
    given = plain.get("source")
    source = dict(given) if isinstance(given, Mapping) else {}
    if not upload.n_files:
        raise BadSource("Nothing was uploaded yet.")
    if not upload.table:
        return {**plain, "source": {"kind": "image"}, "sources": [{"path": f"{incoming.FOLDER}/{upload.id}"}]}
    path = folder_of(world, upload.id) / upload.table
    setting: dict[str, object] = {"path": f"{incoming.FOLDER}/{upload.id}/{upload.table}"}
    if path.suffix.lower() == ".csv":
        setting["delimiter"] = delimiter_of(path)
    return {**plain, "source": {**source, "kind": "text"}, "sources": [setting]}


def _check_new(world: World, name: str) -> None:
    def load(tx: Tx) -> str:
        try:
            return rows.by_name(tx, name).id
        except NotFound:
            return ""

    if world.store.read(load):
        raise Conflict(f"A project named {name!r} exists already; choose another name.", path=("name",))


@contextmanager
def _one_at_a_time(world: World) -> Iterator[None]:
    """Hold others off who make a project at the same time: of two with one name the second is told so."""
    with (world.home.hidden / LOCK).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
