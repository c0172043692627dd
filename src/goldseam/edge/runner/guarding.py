"""Guarding: chance decides who sees a suggestion, what came of it is measured, and labels that hurt are suggested no more.

In: leases, a project, decisions about labels. Out: what to show, figures, switches with their entries. Never: anything that
tells a wrong suggestion from another; a label switched on again by itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from goldseam.annotate.guard import Answered, Pull, Showing, hurting, plants, pull, showing
from goldseam.edge.runner.log import record
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.settling_answers import by_labels
from goldseam.edge.runner.world import World
from goldseam.edge.store import guards as rows
from goldseam.edge.store import people as people_rows
from goldseam.edge.store.guards import Shown, Switch
from goldseam.edge.store.queue import Leased
from goldseam.edge.store.tx import Tx, new_id
from goldseam.ledger.canonical import canonical
from goldseam.ledger.entries import EntryKind
from goldseam.vocab.errors import BadValue, Conflict, nearest
from goldseam.vocab.people import AnnotatorId
from goldseam.vocab.talk import check_words

State = Literal["on", "off"]
MOST_REASON = 2_000


@dataclass(frozen=True, slots=True)
class Lessee:
    """Who leases, and the project's secret seed by which chance decides what they see."""

    annotator: AnnotatorId
    seed: bytes


def seed_of(world: World, project: ProjectFacts) -> bytes:
    """Return the secret by which chance decides what is shown in a project."""
    return world.key.derived(f"guard {project.id}")


# ---- what is shown ----------------------------------------------------------------------------------------------------------
def to_show(
    tx: Tx,
    project: ProjectFacts,
    lessee: Lessee,
    leased: Sequence[Leased],
    suggested: Mapping[int, int],
    now: datetime,
) -> dict[int, int | None]:
    """Return the label that is shown as suggested at each position (None: hidden by chance), and keep what was decided.

    `suggested` are the codes that the model suggests, by position; a label that is switched off is left out.
    """
    if not suggested or project.model is None:
        return {}
    off = {code for code, one in rows.switches(tx, project.id).items() if one.state == "off"}
    on = [code for code in range(len(project.labels)) if code not in off]
    planted = project.settings.guard.planted_share if _plants(project) else 0.0
    blind = project.settings.prelabel.blind_share
    labels: dict[int, int | None] = {}
    kept = []
    for row in leased:
        code = suggested.get(row.position)
        if code is None or code in off:
            continue
        found: Showing = showing(lessee.annotator, row.position, code, on, blind, planted, lessee.seed)
        kept.append(Shown(row.id, row.position, found.way, code, found.wrong))
        labels[row.position] = found.label(code)
    rows.note(tx, project.id, lessee.annotator, project.model, kept, now)
    return labels


def _plants(project: ProjectFacts) -> bool:
    settings = project.settings
    redundancies = [settings.route.redundancy, *(one.redundancy for one in settings.segments if one.redundancy)]
    takes_one = settings.route.single_at is not None or settings.annotate.stops is not None
    return plants(redundancies, takes_one=takes_one)


# ---- what came of it ----------------------------------------------------------------------------------------------------------
def figures(world: World, project: ProjectFacts) -> dict[str, Any]:
    """Return how far wrong suggestions pull people, as plain values: over all, by annotator, by label; nothing is changed."""

    def load(tx: Tx) -> dict[str, Any]:
        return _plain(tx, project, _pull(tx, project), rows.switches(tx, project.id))

    return world.store.read(load)


def measure(world: World, project: ProjectFacts, actor: str) -> list[str]:
    """Keep the figures as they are now, switch off the suggestions of labels that hurt, and return their names.

    A label that a person switched on again is judged by what was shown since then.
    """
    if not by_labels(project):
        return []
    now = world.clock.now()

    def save(tx: Tx) -> list[str]:
        before = rows.switches(tx, project.id)
        found = _pull(tx, project)
        judged = _pull(tx, project, since={code: one.at for code, one in before.items() if one.state == "on"})
        off = []
        for code, reason in hurting(judged, project.settings.guard).items():
            if code < len(project.labels) and (code not in before or before[code].state == "on"):
                _switch(tx, project, Switch(new_id(now), code, "off", reason, actor, now))
                off.append(str(project.labels[code]))
        if found.annotators:
            body = canonical(_plain(tx, project, found, rows.switches(tx, project.id)))
            rows.save_pull(tx, project.id, body.decode(), now)
        return off

    return world.store.write(save)


def _pull(tx: Tx, project: ProjectFacts, since: Mapping[int, datetime] | None = None) -> Pull:
    told = rows.answered(tx, project.id, project.question)
    fresh = since or {}
    answers: list[Answered] = [
        one for at, one in told if one.wrong is None or one.wrong not in fresh or at > fresh[one.wrong]
    ]
    return pull(answers, len(project.labels))


def _plain(tx: Tx, project: ProjectFacts, found: Pull, switched: Mapping[int, Switch]) -> dict[str, Any]:
    names = {one.id: one.name for one, _ in people_rows.members(tx, project.id)}
    guard = project.settings.guard
    return {
        "planted_share": guard.planted_share if _plants(project) else 0.0,
        "blind_share": project.settings.prelabel.blind_share,
        "off_above": guard.off_above,
        "overall": asdict(found.overall),
        "annotators": [
            {"annotator": who, "name": names.get(who, who), "effect": asdict(one)}
            for who, one in found.annotators.items()
        ],
        "labels": [
            {
                "label": str(name),
                "effect": asdict(found.labels[code]) if code in found.labels else None,
                "state": switched[code].state if code in switched else "on",
                "reason": switched[code].reason if code in switched else "",
            }
            for code, name in enumerate(project.labels)
        ],
    }


def newest(world: World, permit: Permit) -> dict[str, Any] | None:
    """Return the figures as they were measured last, with which labels are off now; None before the first."""

    def load(tx: Tx) -> dict[str, Any] | None:
        found = rows.newest_pull(tx, permit.project.id)
        if found is None:
            return None
        body: dict[str, Any] = json.loads(found[0])
        now = rows.switches(tx, permit.project.id)
        by_name = {
            str(permit.project.labels[code]): one for code, one in now.items() if code < len(permit.project.labels)
        }
        for one in body["labels"]:
            switched = by_name.get(one["label"])
            one["state"], one["reason"] = (switched.state, switched.reason) if switched else ("on", "")
        return {**body, "at": found[1].isoformat()}

    return world.store.read(load)


# ---- switching --------------------------------------------------------------------------------------------------------------
def switch(world: World, permit: Permit, act: str, label: str, state: State, reason: str) -> None:
    """Let a label be suggested again, or no more, by a person's decision; a repeat changes nothing.

    Raises
    ------
    BadValue
        If the project has no such label.
    Conflict
        If the id was used before for something else, or the label's suggestions are in that state already.
    """
    project, now = permit.project, world.clock.now()
    check_words(reason, "A reason", MOST_REASON)
    if label not in project.labels:
        known = [str(one) for one in project.labels]
        raise BadValue(f"The first question has no label {label!r}.{nearest(label, known)}", label=label)
    code = [str(one) for one in project.labels].index(label)

    def save(tx: Tx) -> None:
        kept = rows.find_switch(tx, project.id, act)
        if kept is not None:
            if (kept.label, kept.state, kept.reason, kept.by) != (code, state, reason, permit.annotator):
                raise Conflict("This id was used for another decision.", id=act)
            return
        before = rows.switches(tx, project.id).get(code)
        if (before.state if before else "on") == state:
            raise Conflict(f"Suggestions of {label!r} are {state} already.", label=label)
        _switch(tx, project, Switch(act, code, state, reason, permit.annotator, now))

    world.store.write(save)


def _switch(tx: Tx, project: ProjectFacts, made: Switch) -> None:
    rows.switch(tx, project.id, made)
    body = {"label": str(project.labels[made.label]), "state": made.state, "settings_version": project.settings_version}
    record(tx, project.id, EntryKind.SUGGESTIONS_SWITCHED, made.at, actor=made.by, about=made.id, body=body)
