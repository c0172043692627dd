"""Guidelines: the versions of a project's written rules, and a new one by whoever manages the project.

In: permits, a version's number, rules as they were written. Out: versions as people read them. Never: a version changed, or one
made on top of rules that its author had not seen.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime

from goldseam.edge.runner import own_file, projects, repeats
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.world import World
from goldseam.edge.store import projects as rows
from goldseam.edge.store import versions
from goldseam.edge.store.projects import Versioned
from goldseam.edge.store.tx import Tx
from goldseam.edge.store.versions import VersionLine
from goldseam.flow.settings import settings_to_plain
from goldseam.formats import yaml_edit
from goldseam.formats.plain import guideline_from_plain, guideline_to_plain
from goldseam.vocab.errors import BadValue, Conflict, NotFound
from goldseam.vocab.schema import Guideline


@dataclass(frozen=True, slots=True)
class VersionSeen:
    """One version of the guideline, whole."""

    number: int
    at: datetime
    guideline: Guideline


def listing(world: World, permit: Permit, *, before: int | None, limit: int) -> tuple[VersionLine, ...]:
    """Return the versions of the guideline, newest first."""
    return world.store.read(lambda tx: versions.listing(tx, permit.project.id, Versioned.GUIDELINE, before, limit))


def version(world: World, permit: Permit, number: int) -> VersionSeen:
    """Return one version of the guideline.

    Raises
    ------
    NotFound
        If there is none of this number.
    """
    found = world.store.read(lambda tx: rows.version(tx, permit.project.id, Versioned.GUIDELINE, number))
    if found is None:
        raise NotFound(f"The guideline has no version {number}.", number=number)
    return VersionSeen(found.number, found.at, guideline_from_plain(json.loads(found.body)))


def publish(world: World, permit: Permit, act: str, based_on: int, guideline: Guideline) -> int:
    """Make these rules the guideline's next version, in the project's file too if the home has it; return its number.

    A repeat of an act, and rules that stand already, make no other version.

    Raises
    ------
    Conflict
        If another version than `based_on` stands by now, or the project file holds rules that were not applied yet.
    BadSchema
        If a worked example has a label that the first question has not.
    StoreFailed
        If the version was made, and the project file could not be written.
    """
    plain, now = guideline_to_plain(guideline), world.clock.now()
    ask = repeats.asked(act, permit.project.id, permit.annotator, "guideline", based_on, plain)
    text = _in_file(world, permit, guideline)

    def save(tx: Tx) -> int:
        done = repeats.before(tx, ask)
        if done is not None:
            return int(done.about)
        rows.locked(tx, permit.project.id)
        current = projects.facts(tx, permit.project.id)
        if current.guideline_version != based_on:
            raise Conflict(
                f"Version {current.guideline_version} of the guideline was made meanwhile, and this one was written on top of "
                f"version {based_on}: look at what changed, and publish again.",
                version=current.guideline_version,
            )
        if current.guideline == guideline:
            raise BadValue("The guideline says exactly this already.")
        settings = replace(current.settings, guideline=guideline)
        made = projects.make_so(tx, settings, projects.changes_in(tx, settings), permit.annotator, now)
        repeats.note(tx, ask, str(made.guideline_version), now)
        return made.guideline_version

    number = world.store.write(save)
    if text is not None and own_file.text_of(world, permit.project) != text:
        own_file.keep(world, text)
    return number


def _in_file(world: World, permit: Permit, guideline: Guideline) -> str | None:
    """Return the project file with these rules in it; None where the home has no file of this project."""
    text = own_file.text_of(world, permit.project)
    if text is None:
        return None
    if own_file.parsed(text).guideline not in {guideline, permit.project.guideline}:
        raise Conflict(
            "The project file holds a guideline that was not applied yet; apply it first, or take it back: goldseam plan"
        )
    short = settings_to_plain(replace(permit.project.settings, guideline=guideline), "left_out")
    return yaml_edit.with_key(text, "guideline", short.get("guideline", {}))
