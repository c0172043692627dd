"""Changing: a project's settings as the text of its file, what another text would change, and making it so.

In: permits, texts. Out: texts, changes, what they come to. Never: a change that reaches a file, a program or an address of the
machine: those stand in the project file, and whoever has the machine applies them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from goldseam.edge.runner import own_file, projects, repeats
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.projects import Changes, ProjectFacts
from goldseam.edge.runner.world import World
from goldseam.edge.store import projects as rows
from goldseam.edge.store.tx import Tx
from goldseam.flow.settings import Settings, settings_to_plain
from goldseam.formats import yaml_edit
from goldseam.vocab.errors import BadPolicy, Conflict

OUTSIDE: Final = (
    ("name",),
    ("sources",),
    ("gold",),
    ("functions",),
    ("prelabel", "models"),
    ("qualification", "files"),
)
"""What names files, programs or addresses; on the page it stays as it is."""


@dataclass(frozen=True, slots=True)
class SettingSeen:
    """One setting: its value and its default, as JSON."""

    key: str
    value: str
    default: str


@dataclass(frozen=True, slots=True)
class SettingsSeen:
    """The settings as a text; `read` names this text, so that one that changed meanwhile is not written over."""

    version: int
    text: str
    read: str
    in_file: bool
    settings: tuple[SettingSeen, ...]


@dataclass(frozen=True, slots=True)
class Load:
    """What a round asks for: answers, and what they cost where a price of an answer is set."""

    answers: int
    money: float | None


@dataclass(frozen=True, slots=True)
class Planned:
    """What a text would change; what a round asks for now and then; items that are in the queue keep what they were sent with."""

    changes: Changes
    before: Load
    after: Load


def seen(world: World, permit: Permit) -> SettingsSeen:
    """Return the settings as they stand: the text of the project's file, or one written from the store."""
    project = permit.project
    text = own_file.text_of(world, project)
    shown = _written(project) if text is None else text
    return SettingsSeen(
        version=project.settings_version,
        text=shown,
        read=_digest(shown),
        in_file=text is not None,
        settings=_flat(project.settings),
    )


def plan(world: World, permit: Permit, text: str) -> Planned:
    """Return what a text would change; nothing is changed.

    Raises
    ------
    BadProjectFile, BadPolicy, BadSchema
        If it is wrong; the message names the line.
    """
    wanted = _checked(permit.project, text)
    changes = projects.plan(world, wanted)
    return Planned(changes, _load(permit.project.settings), _load(wanted))


def apply(world: World, permit: Permit, act: str, read: str, text: str) -> ProjectFacts:
    """Make the project what a text says, in its file too if the home has it; a repeat changes nothing.

    Raises
    ------
    Conflict
        If the settings or the file changed since they were read.
    Breaking
        If the text would orphan answers.
    StoreFailed
        If the project was changed, and its file could not be written.
    """
    project, now = permit.project, world.clock.now()
    wanted = _checked(project, text)
    ask = repeats.asked(act, project.id, permit.annotator, "settings", read, text)
    before = own_file.text_of(world, project)

    def save(tx: Tx) -> ProjectFacts:
        rows.locked(tx, project.id)
        current = projects.facts(tx, project.id)
        if repeats.before(tx, ask) is not None:
            return current
        if _digest(_written(current) if before is None else before) != read:
            raise Conflict("The settings were changed meanwhile: look at them again, and make your change there.")
        made = projects.make_so(tx, wanted, projects.changes_in(tx, wanted), permit.annotator, now)
        repeats.note(tx, ask, str(made.settings_version), now)
        return made

    made = world.store.write(save)
    if before is not None and before != text:
        own_file.keep(world, text)
    return made


def _checked(project: ProjectFacts, text: str) -> Settings:
    wanted = own_file.parsed(text)
    now, then = settings_to_plain(project.settings), settings_to_plain(wanted)
    for path in OUTSIDE:
        if _at(now, path) != _at(then, path):
            raise BadPolicy(
                f"{'.'.join(path)} names what lies on the server, and is changed there alone: edit the project file, then "
                "run: goldseam apply",
                path=path,
            )
    return wanted


def _at(plain: object, path: tuple[str, ...]) -> object:
    for key in path:
        plain = plain.get(key) if isinstance(plain, Mapping) else None
    return plain


def _load(settings: Settings) -> Load:
    answers = settings.sample.batch * settings.most_redundancy
    price = settings.budget.price_per_answer
    return Load(answers, answers * price if price else None)


def _written(project: ProjectFacts) -> str:
    return yaml_edit.written(settings_to_plain(project.settings, "left_out"))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _flat(settings: Settings) -> tuple[SettingSeen, ...]:
    default = settings_to_plain(Settings(name=settings.name, schema=settings.schema))
    found = []
    for section, value in settings_to_plain(settings).items():
        if section in {"name", "schema", "guideline"}:
            continue
        parts = value if isinstance(value, dict) else {"": value}
        usual = default[section]
        for key, one in parts.items():
            was = usual.get(key) if isinstance(usual, dict) else usual
            name = f"{section}.{key}" if key else section
            found.append(SettingSeen(name, json.dumps(one, ensure_ascii=False), json.dumps(was, ensure_ascii=False)))
    return tuple(found)
