"""Serving: which lines of the queue serve somebody now, in which order: by role, skills, priority and batches.

In: a permit, the time. Out: `Served`. Never: an item.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from goldseam.edge.runner.people import Permit
from goldseam.edge.store import batches, lines, queue, skills
from goldseam.edge.store import people as people_rows
from goldseam.edge.store.tx import Tx
from goldseam.route.lines import Line, serving
from goldseam.route.tiers import Tier
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import Act, AnnotatorId, Role, may

FOR_ALL = (Tier.CONSENSUS, Tier.SINGLE, Tier.AUTO)
FOR_EXPERTS = (Tier.EXPERT, *FOR_ALL)
"""The tiers that a person is asked from, in this order; expert items go to who may adjudicate."""


@dataclass(frozen=True, slots=True)
class Served:
    """The lines that serve somebody: their numbers in order, and what each stands for."""

    numbers: tuple[int, ...]
    lines: Mapping[int, Line]

    @property
    def in_batch(self) -> bool:
        """Whether a batch was given to them by hand."""
        return any(line.batch for line in self.lines.values())


def serve(tx: Tx, permit: Permit, now: datetime) -> Served:
    """End what is overdue, and return the lines that serve the caller."""
    found = lines.look(tx, permit.project.id, permit.annotator, now)
    if found is None:
        queue.expire(tx, now)
        batches.sweep(tx, now)
        found = lines.served(tx, permit.project.id, permit.annotator, now)
    return _served(tx, permit.project.id, permit.annotator, permit.role, found)


def serve_briefly(tx: Tx, permit: Permit, now: datetime, *, may_hide_gold: bool) -> Served | None:
    """Return the same; None if something is overdue, or if the project has gold and may hide it."""
    found = lines.look(tx, permit.project.id, permit.annotator, now, or_gold=may_hide_gold)
    return None if found is None else _served(tx, permit.project.id, permit.annotator, permit.role, found)


def serve_member(tx: Tx, project: ProjectId, annotator: AnnotatorId, now: datetime) -> Served:
    """Return the lines that serve a member of the project."""
    found = lines.served(tx, project, annotator, now)
    return _served(tx, project, annotator, people_rows.role(tx, project, annotator), found)


def _served(tx: Tx, project: ProjectId, annotator: AnnotatorId, role: Role | None, found: Mapping[int, Line]) -> Served:
    tiers = FOR_EXPERTS if may(role, Act.ADJUDICATE) else FOR_ALL
    held = skills.levels(tx, project, annotator) if any(line.skills for line in found.values()) else {}
    mine = [line.batch for line in found.values() if line.batch]
    return Served(tuple(serving(found, tiers, held, mine)), found)
