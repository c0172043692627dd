"""Labeling functions: what each says of every item, what they are worth together, and what they would change.

In: a project with functions. Out: what each says, what they are worth, what applying them would change. Never: a suggestion made
(`functions_set` does); code that is run in a call of the server.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldseam.edge.home import Home
from goldseam.edge.runner import functions_file, functions_workers
from goldseam.edge.runner.functions_workers import Setup, Stretch
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.settling_answers import by_labels
from goldseam.edge.runner.world import Report, World, silent
from goldseam.edge.store import functions as rows
from goldseam.edge.store import gold as gold_rows
from goldseam.edge.store import items, models, suggestions
from goldseam.edge.store.functions import Said, SetRow
from goldseam.edge.store.tx import Tx
from goldseam.flow import plain
from goldseam.formats import batches
from goldseam.ledger.canonical import canonical
from goldseam.prelabel.functions_apply import Function
from goldseam.prelabel.functions_policy import Keywords, Lookup, Pattern, Policy
from goldseam.prelabel.functions_worth import Joint, changes, join, table
from goldseam.vocab.errors import BadSetting, NotReady

STRETCH = rows.STRETCH
"""Items that are looked at in one go; what was said of a stretch is kept when it is done."""
FEW = 2
"""Stretches that one process does by itself: starting more takes longer."""
KIND = "functions"
"""What a row of models calls a set of labeling functions."""
MEANING = "1"
"""Goes up when the same function would be applied in another way."""
CODE = "python"


@dataclass(frozen=True, slots=True)
class Named:
    """A labeling function with what tells one version of it from another."""

    name: str
    kind: str
    version: str
    function: Function


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """What the functions as they are now say of every item, and what they are worth."""

    functions: tuple[Named, ...]
    said: Said
    joint: Joint
    gold: Mapping[int, int]

    @property
    def names(self) -> list[str]:
        """The names of the functions, in the order of the columns."""
        return [one.name for one in self.functions]


# ---- which functions there are --------------------------------------------------------------------------------------------
def named(home: Home, policy: Policy) -> tuple[Named, ...]:
    """Return the project's labeling functions: those without code, then those of its Python file, which is run for that.

    Raises
    ------
    BadSetting
        If the file cannot be run, or names a function that the project file names too.
    """
    found = [Named(one.name, _kind(one), _version(one), one) for one in policy.without_code]
    if policy.file:
        loaded = functions_file.load(home, policy.file)
        known = {one.name for one in found}
        for one in loaded.functions:
            if one.name in known:
                raise BadSetting(
                    f"{policy.file} and the project file both name a labeling function {one.name!r}; rename one of them."
                )
            version = hashlib.sha256(f"{MEANING}\n{loaded.versions[one.name]}".encode()).hexdigest()
            found.append(Named(one.name, CODE, version, one))
    return tuple(found)


def _kind(one: Keywords | Pattern | Lookup) -> str:
    match one:
        case Keywords():
            return "keywords"
        case Pattern():
            return "pattern"
        case Lookup():
            return "lookup"


def _version(one: Keywords | Pattern | Lookup) -> str:
    body = canonical({"kind": _kind(one), "meaning": MEANING, **plain.flatten(one)})
    return hashlib.sha256(body).hexdigest()


def checked(project: ProjectFacts) -> Policy:
    """Return the policy, if the project can have labeling functions."""
    policy = project.settings.functions
    if policy.is_empty:
        raise NotReady(
            "There are no labeling functions: name some under 'functions' in the project file, then run goldseam apply."
        )
    if not by_labels(project) or project.modality.is_media:
        raise NotReady("Labeling functions give labels of a choice to texts; this project asks something else first.")
    return policy


# ---- what they say --------------------------------------------------------------------------------------------------------
def look(world: World, project: ProjectFacts, report: Report = silent, processes: int | None = None) -> Looked:
    """Apply every function that has not spoken of every item, on all cores, and return what they say together.

    What was said of a stretch is kept when it is done, so that a run that was stopped goes on; nothing counts by that.

    Raises
    ------
    NotReady
        If there are no functions, or no items.
    """
    policy = checked(project)
    if not project.n_items:
        raise NotReady("There are no items yet: take in the sources with goldseam run.")
    found = named(world.home, policy)
    _speak(world, project, found, report, processes)
    versions = [one.version for one in found]

    def load(tx: Tx) -> tuple[Said, dict[int, int]]:
        known = gold_rows.current(tx, project.id, project.question)
        gold = dict(zip(known.position.tolist(), known.label.tolist(), strict=True))
        return rows.said(tx, project.id, versions, project.n_items), gold

    said, gold = world.store.read(load)
    report("joining what the functions say", 0, None)
    return Looked(found, said, join(said.codes, [one.name for one in found], len(project.labels), policy), gold)


def _speak(world: World, project: ProjectFacts, found: Sequence[Named], report: Report, processes: int | None) -> None:
    """Let each version of a function look at each stretch that it has not seen whole."""
    version = {one.name: one.version for one in found}
    have = world.store.read(lambda tx: rows.done(tx, project.id, list(version.values())))
    todo: list[tuple[int, int, tuple[str, ...]]] = []
    for start in range(0, project.n_items, STRETCH):
        n = min(STRETCH, project.n_items - start)
        lacking = tuple(name for name, one in version.items() if have.get((one, start), 0) < n)
        if lacking:
            todo.append((start, n, lacking))
    if not todo:
        return
    wanted = functions_workers.cores() if processes is None else processes
    policy = plain.flatten(project.settings.functions)
    setup = Setup(str(world.home.root), policy, tuple(str(name) for name in project.labels))
    processes = 1 if len(todo) < FEW else min(wanted, len(todo))
    spoken = functions_workers.run(_stretches(world, project, todo), setup, processes)
    for n_done, result in enumerate(spoken, start=1):
        part, applied = result.part, result.applied
        versions = [version[name] for name in part.names]
        save = partial(rows.save_votes, project=project.id, start=part.start, versions=versions)
        world.store.write(partial(save, codes=applied.codes, faults=applied.faults))
        report("applying labeling functions", n_done, len(todo))


def _stretches(
    world: World, project: ProjectFacts, todo: Sequence[tuple[int, int, tuple[str, ...]]]
) -> Iterator[Stretch]:
    for start, n, names in todo:
        text, metadata = world.store.read(partial(rows.stretch, project=project.id, start=start, stop=start + n))
        yield Stretch(start, n, names, batches.pack({"text": text, "metadata": metadata}))


# ---- what they are worth, and what they would change -------------------------------------------------------------------------
def analyze(
    world: World, project: ProjectFacts, report: Report = silent, processes: int | None = None
) -> dict[str, Any]:
    """Return the analysis of the functions as they are now, as plain values; nothing counts by that."""
    return analysis(world, project, look(world, project, report, processes))


def analysis(world: World, project: ProjectFacts, seen: Looked) -> dict[str, Any]:
    """Return the analysis of what was looked at, with ids in its examples."""
    found = table(seen.said.codes, seen.names, seen.joint, seen.gold, seen.said.faults, project.labels)
    for one, row in zip(seen.functions, found["functions"], strict=True):
        row["kind"], row["version"] = one.kind, one.version
    places = [example["row"] for row in found["functions"] for example in row["examples"]]
    ids = _ids(world, project, places)
    for row in found["functions"]:
        for example in row["examples"]:
            example["item"] = ids[example.pop("row")]
    return found


def _ids(world: World, project: ProjectFacts, places: Sequence[int]) -> dict[int, str]:
    position = np.unique(np.array(places, np.int64))
    ids = world.store.read(lambda tx: items.ids_of(tx, project.id, position)) if len(position) else []
    return dict(zip(position.tolist(), ids, strict=True))


def plan(world: World, project: ProjectFacts, report: Report = silent, processes: int | None = None) -> dict[str, Any]:
    """Return what applying the functions as they are now would change, as plain values: functions, and items' suggestions."""
    return planned(world, project, look(world, project, report, processes))


def planned(world: World, project: ProjectFacts, seen: Looked) -> dict[str, Any]:
    """Return what applying the functions that were looked at would change."""
    before = _suggested(world, project)
    applied = world.store.read(lambda tx: rows.newest_set(tx, project.id))
    old = {} if applied is None else versions_of(applied)
    new = {one.name: one.version for one in seen.functions}
    found = changes(before, seen.joint.label)
    ids = _ids(world, project, [row for one in found for row in one.rows])
    return {
        "suggested_by": "" if project.model is None else kind_of(world, project, project.model),
        "added": [name for name in new if name not in old],
        "removed": [name for name in old if name not in new],
        "changed": [name for name in new if name in old and old[name] != new[name]],
        "n_items": project.n_items,
        "n_moved": sum(one.n for one in found),
        "moves": [
            {
                "before": None if one.before is None else project.labels[one.before],
                "after": None if one.after is None else project.labels[one.after],
                "n": one.n,
                "items": [ids[row] for row in one.rows],
            }
            for one in found
        ],
    }


def _suggested(world: World, project: ProjectFacts) -> NDArray[np.int32]:
    """Return what is suggested for each item now; -1 where nothing is."""
    found = np.full(project.n_items, -1, np.int32)
    model = project.model
    if model is not None:
        there = world.store.read(lambda tx: suggestions.suggested(tx, project.id, model))
        told = (there.confidence * len(project.labels) > 1 + 1e-6) & (there.position < project.n_items)
        found[there.position[told]] = there.label[told]
    return found


def versions_of(made: SetRow) -> dict[str, str]:
    """Return the functions of a set with their versions."""
    return {one["name"]: one["version"] for one in json.loads(made.body)["functions"]}


def kind_of(world: World, project: ProjectFacts, model: str) -> str:
    """Return of which kind a model is."""
    return world.store.read(lambda tx: models.get(tx, project.id, model)).kind
