"""Findings: the labels looked over by model and gold, kept to be read, and what was sent to be labeled again.

In: a project, who asks. Out: findings as they were computed, with the items' words. Never: anything computed because somebody
reads; a label changed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib import import_module
from typing import Any, Final

import numpy as np

from goldseam.edge.runner import leading
from goldseam.edge.runner.leading import Chosen
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.world import Report, World, silent
from goldseam.edge.store import findings as rows
from goldseam.edge.store import items
from goldseam.edge.store.tx import Tx
from goldseam.ledger.canonical import canonical
from goldseam.vocab.annotations import Purpose
from goldseam.vocab.errors import NotReady
from goldseam.vocab.items import Item, ItemId

SENT: Final = "sent"
TOP: Final = 100
"""Items of least value that are kept."""
MOST_SENT: Final = 200
"""Acts of sending that are looked through for what was sent since."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one kind: `body` as it was computed, or the reason why nothing could be."""

    kind: str
    round: int
    at: datetime
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """The newest finding of each kind, the items that they name, and which of these were sent to be labeled again since."""

    findings: tuple[Finding, ...]
    items: tuple[Item, ...]
    sent: frozenset[str]


def look(world: World, permit: Permit, report: Report = silent) -> Iterator[str]:
    """Look the labels over, one kind after another, keep what is found, and say of each what came out."""
    for kind, find in KINDS.items():
        report(kind, 0, None)
        try:
            body = find(world, permit)
        except NotReady as error:
            body = {"reason": error.message}
        _keep(world, permit, kind, body)
        yield kind


def _keep(world: World, permit: Permit, kind: str, body: Mapping[str, object]) -> None:
    text, project, now = canonical(body).decode(), permit.project, world.clock.now()
    world.store.write(lambda tx: rows.keep(tx, project.id, kind, project.round, text, now))


# These bring scikit-learn, which takes most of a second: only who looks pays it.
def _issues(world: World, permit: Permit) -> dict[str, object]:
    found: dict[str, object] = import_module("goldseam.edge.runner.issues").found(world, permit)
    return found


def _patterns(world: World, permit: Permit) -> dict[str, object]:
    found: dict[str, object] = import_module("goldseam.edge.runner.patterns").found(world, permit)
    return found


def _value(world: World, permit: Permit) -> dict[str, object]:
    valued = asdict(import_module("goldseam.edge.runner.value").value(world, permit, TOP))
    found: dict[str, object] = json.loads(json.dumps(valued))  # lists in the place of tuples
    return found


KINDS: Final[Mapping[str, Callable[[World, Permit], dict[str, object]]]] = {
    "issues": _issues,
    "patterns": _patterns,
    "value": _value,
}


def newest(world: World, permit: Permit) -> Found:
    """Return what was found last."""
    project = permit.project.id

    def load(tx: Tx) -> Found:
        kept = [one for kind in KINDS if (one := rows.newest(tx, project, kind)) is not None]
        findings = tuple(Finding(one.kind, one.round, one.at, json.loads(one.body)) for one in kept)
        named = sorted({str(item) for one in findings for item in _named(one)})
        positions = items.positions_of(tx, project, [ItemId(one) for one in named]) if named else None
        first = min((one.seq for one in kept), default=0)
        sent = {
            str(item)
            for one in rows.since(tx, project, SENT, first, MOST_SENT)
            for item in json.loads(one.body)["items"]
        }
        shown = () if positions is None else items.some(tx, project, np.asarray(positions, np.int64))
        return Found(findings, tuple(shown), frozenset(sent))

    return world.store.read(load)


def _named(one: Finding) -> Iterator[str]:
    for key in ("issues", "items"):
        yield from (row["item"] for row in one.body.get(key, ()))
    for pattern in one.body.get("patterns", ()):
        yield from pattern["items"][:3]


def send(world: World, permit: Permit, act: str, chosen: Sequence[ItemId]) -> int:
    """Send items to be labeled again, by people who never answered them, and return how many; a repeat changes nothing.

    Raises
    ------
    NotFound
        If there is no such item.
    """
    did = leading.ask_again(world, permit, act, Chosen(items=tuple(chosen)), Purpose.RELABEL)
    project, now, text = permit.project, world.clock.now(), canonical({"items": sorted(chosen)}).decode()
    world.store.write(lambda tx: rows.keep(tx, project.id, SENT, project.round, text, now, f"{SENT} {act}"))
    return did.n_items
