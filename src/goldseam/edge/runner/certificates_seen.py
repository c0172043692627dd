"""Certificates as people see them: what each promises, what it rests on, and whether it stands.

In: a project. Out: plain values. Never: a change.
"""

from __future__ import annotations

import json
from typing import Any

from goldseam.edge.runner import certified
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import World
from goldseam.edge.store import certificates as rows
from goldseam.edge.store.certificates import CertificateRow, MonitorRow
from goldseam.edge.store.tx import Tx


def shown(tx: Tx, project: ProjectFacts) -> list[dict[str, object]]:
    """Return the certificates that matter as plain values: the newest of each group, and those that hold items.

    What each promises, what it rests on, and whether spot checks let it stand.
    """
    open_ids = {one.id for one in certified.in_force(tx, project).values()}
    accepted = rows.n_accepted(tx, project.id)
    found = rows.listing(tx, project.id)
    newest = {(one.split, one.group): one.id for one, _ in found}
    wanted = {*newest.values(), *open_ids, *accepted}
    return [
        _plain(one, seen, accepted.get(one.id, 0), is_open=one.id in open_ids)
        for one, seen in found
        if one.id in wanted
    ]


def _plain(one: CertificateRow, seen: MonitorRow | None, n_accepted: int, *, is_open: bool) -> dict[str, object]:
    body: dict[str, Any] = json.loads(one.body)
    state = "open" if is_open else "closed" if seen is not None and seen.closed else "not opened"
    if state == "not opened" and one.threshold is not None:
        state = "replaced"
    return {
        "id": one.id,
        "round": one.round,
        "model": one.model,
        "split": one.split,
        "group": one.group,
        "state": state,
        "threshold": one.threshold,
        "error": one.error,
        "delta": one.delta,
        "n": body["n"],
        "wrong": body["wrong"],
        "pool": body["pool"],
        "size": body["size"],
        "upper": body["upper"],
        "reason": body["reason"],
        "accepted": n_accepted,
        "fixed": body.get("fixed"),
        "curve": body.get("curve", []),
        "beside": body.get("beside", []),
        "checks": None if seen is None else {
            "n": seen.n, "wrong": seen.wrong, "low": seen.low, "high": seen.high, "evidence": seen.evidence,
        },
        "at": one.at.isoformat(),
    }  # fmt: skip


def listing(world: World, project: ProjectFacts) -> list[dict[str, object]]:
    """Return the certificates that matter as plain values."""
    return world.store.read(lambda tx: shown(tx, project))
