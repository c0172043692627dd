"""Certified: which certificates are in force for a project, and which items they accept.

In: a transaction, a project, items with what the champion suggests. Out: certificates by group, the one of each item.
Never: a certificate of another model, of a looser promise, or one whose bound was seen to be broken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.store import certificates as rows
from goldseam.edge.store import metadata, suggestions
from goldseam.edge.store.certificates import CertificateRow
from goldseam.edge.store.tx import Positions, Tx
from goldseam.route.certified import accepts
from goldseam.route.segments import NONE, named, which

TINY = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """Items with what the champion suggests for them: `group` indexes `names`, and `free` items may take any tier."""

    position: Positions
    label: NDArray[np.int32]
    confidence: NDArray[np.float64]
    segment: NDArray[np.int16]
    group: NDArray[np.int64]
    names: tuple[str, ...]
    free: NDArray[np.bool_]


def look(tx: Tx, project: ProjectFacts, position: Positions) -> Look:
    """Return what the champion suggests for these items, in the order of their positions, and the group of each."""
    found = suggestions.suggested(tx, project.id, str(project.model), position)
    rules = project.settings.segments
    segment = which(rules, metadata.columns(tx, project.id, found.position, named(rules)), len(found.position))
    forced = np.array([one.tier is not None for one in rules] + [False])
    group, names = groups(project, found.label, segment)
    return Look(found.position, found.label, found.confidence, segment, group, names, ~forced[segment])


def groups(
    project: ProjectFacts, label: NDArray[np.integer], segment: NDArray[np.integer]
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return the group of each suggestion, and the groups' names: one for all, or by suggested label, or by segment."""
    match project.settings.route.certify_by:
        case "all":
            return np.zeros(len(label), np.int64), ("",)
        case "label":
            return np.asarray(label, np.int64), tuple(str(one) for one in project.labels)
        case "segment":
            return np.asarray(segment, np.int64) - NONE, ("", *(one.name for one in project.settings.segments))


def in_force(tx: Tx, project: ProjectFacts) -> Mapping[str, CertificateRow]:
    """Return the certificates by which items may be accepted now, by the name of their group, the newest of each.

    An audit that proves nothing takes nothing back: it looked at what earlier ones had left.
    """
    policy = project.settings.route
    if policy.error is None or project.model is None:
        return {}
    return {
        one.group: one
        for one, seen in rows.listing(tx, project.id)
        if one.model == project.model
        and one.split == policy.certify_by
        and one.threshold is not None
        and not (seen is not None and seen.closed)
        and one.error <= policy.error + TINY
        and one.delta <= policy.delta + TINY
    }


def proved(
    tx: Tx, project: ProjectFacts, position: Positions, confidence: NDArray[np.float64] | None
) -> NDArray[np.object_]:
    """Return the id of the certificate that accepts each of these items, in this order; empty where none does."""
    found = np.full(len(position), "", dtype=object)
    if confidence is None or not len(position) or not (opened := in_force(tx, project)):
        return found
    seen = look(tx, project, position)
    found[np.argsort(position, kind="stable")] = accepting(seen, opened)
    return found


def accepting(seen: Look, opened: Mapping[str, CertificateRow]) -> NDArray[np.object_]:
    """Return the id of the certificate that accepts each item; empty where none does."""
    found = np.full(len(seen.position), "", dtype=object)
    for number, name in enumerate(seen.names):
        one = opened.get(name)
        if one is not None and one.threshold is not None:
            found[accepts(seen.group, seen.confidence, {number: one.threshold}) & seen.free] = one.id
    return found
