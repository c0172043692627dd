"""Certificates: draws an audit of the pool, proves what may be accepted unseen, and accepts it.

In: a project with a champion. Out: audits, certificates and their entries. Never: the automatic tier opened without a certificate
where the project file asks for one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldseam.adjudicate.settle import How
from goldseam.edge.runner import adjudicate, certified, functions_set, prelabel, route
from goldseam.edge.runner.certified import Look
from goldseam.edge.runner.digests import digest, digest_of_numbers
from goldseam.edge.runner.log import record
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import World
from goldseam.edge.store import certificates as rows
from goldseam.edge.store import draws, metadata, queue
from goldseam.edge.store.certificates import Audited, AuditRow, CertificateRow
from goldseam.edge.store.tx import Tx, new_id
from goldseam.ledger.canonical import canonical
from goldseam.ledger.entries import EntryKind
from goldseam.release.manifest import digest as digest_of_bytes
from goldseam.route.certified import USUAL, Fixed, Guide, Planned, Point, beside, curve, kept, plan, prove, reach
from goldseam.route.segments import named, which
from goldseam.route.tiers import Routes, Tier
from goldseam.stats.certify import Certificate
from goldseam.vocab.annotations import Purpose
from goldseam.vocab.people import AnnotatorId

NO_ZONE = (
    "No zone has a chance to pass: the suggestions are not right often enough where they are sure, or too few are left."
)


# ---- the audit -----------------------------------------------------------------------------------------------------
def renew(world: World, project: ProjectFacts, actor: AnnotatorId) -> int:
    """Accept what certificates in force accept of the pool, and draw this round's audit of the rest; return its items.

    Once a round: a second call does nothing.
    """
    policy = project.settings.route
    if policy.error is None or project.model is None:
        return 0
    if world.store.read(lambda tx: rows.audit_of_round(tx, project.id, project.round)) is not None:
        return 0
    accept_pool(world, project, actor)
    seen = world.store.read(lambda tx: certified.look(tx, project, draws.pool(tx, project.id)))
    seed, now = world.clock.seed(), world.clock.now()
    free = np.flatnonzero(seen.free)
    n = min(policy.audit, _affordable(world, project))
    planned = plan(seen.group[free], seen.confidence[free], _guide(world, project), policy, n)
    if not planned:
        return 0  # nothing is left in the pool that may take any tier
    rng = world.clock.rng(seed)
    drawn = [(one, *one.draw(rng)) for one in planned]
    place = free[np.concatenate([at for _, at, _ in drawn])]
    names = np.array([seen.names[one.group] for one, at, _ in drawn for _ in range(len(at))], dtype=object)
    ranks = np.concatenate([rank for *_, rank in drawn])
    chance = np.array([one.chance for one, at, _ in drawn for _ in range(len(at))])
    found = Audited(seen.position[place], names, ranks, seen.confidence[place], seen.label[place])
    body = canonical(_written(project, seen, planned)).decode()
    audit = AuditRow(new_id(now), project.round, str(project.model), seed, body, now)

    def save(tx: Tx) -> None:
        rows.add_audit(tx, project.id, audit, found)
        told = {"audit": audit.id, "audit_sha256": digest_of_bytes(body.encode())}
        if len(place):
            _draw(tx, project, actor, "audit", seed, seen, place, chance, now, told)
            wanted = np.full(len(place), policy.audit_answers, np.int32)
            tier = np.full(len(place), Tier.CONSENSUS, np.int8)
            routes = Routes(found.position, tier, wanted, np.zeros(len(place), np.bool_))
            route.put(tx, project, routes, seen.segment[place], found.confidence, Purpose.AUDIT)

    world.store.write(save)
    return len(place)


def _affordable(world: World, project: ProjectFacts) -> int:
    most = project.settings.budget.most_answers
    if most is None:
        return project.settings.route.audit
    asked = world.store.read(lambda tx: queue.summary(tx, project.id)).wanted
    return max(0, most - asked) // project.settings.route.audit_answers


def _guide(world: World, project: ProjectFacts) -> Guide:
    """Return what the champion suggested for its own training items while they were held out."""
    if functions_set.is_champion(world, project):  # it was not trained on labels that people gave
        return Guide(np.empty(0), np.empty(0, np.int64), np.empty(0, np.bool_))
    model = prelabel.load(world, project, str(project.model))
    known = model.guide
    codes = {str(name): code for code, name in enumerate(project.labels)}
    label = np.array([codes.get(model.labels[at], -1) for at in known.label.tolist()], np.int64)
    rules = project.settings.segments
    columns = world.store.read(lambda tx: metadata.columns(tx, project.id, known.row, named(rules)))
    group, _ = certified.groups(project, label, which(rules, columns, len(known.row)))
    return Guide(known.confidence, group, known.right)


def _written(project: ProjectFacts, seen: Look, planned: Sequence[Planned]) -> dict[str, object]:
    """Return what has to be known of an audit when its answers are in: all of it but the items."""
    policy = project.settings.route
    return {
        "split": policy.certify_by,
        "error": policy.error,
        "delta": policy.delta,
        "fixed": policy.auto_at,
        "groups": [
            {
                "name": seen.names[one.group],
                "pool": len(one.place),
                "sizes": one.audit.sizes.tolist(),
                "thresholds": [float(one.audit.confidence[size - 1]) for size in one.audit.sizes.tolist()],
                "n": one.audit.n if one.top else 0,
                "delta": one.audit.delta,
            }
            for one in planned
        ],
    }


def _draw(
    tx: Tx,
    project: ProjectFacts,
    actor: AnnotatorId,
    strategy: str,
    seed: int,
    seen: Look,
    place: NDArray[np.int64],
    chance: NDArray[np.float64],
    now: datetime,
    told: Mapping[str, object],
) -> None:
    """Keep that these items of the pool were drawn, and why."""
    position = seen.position[place]
    rank = np.arange(len(position))
    made = draws.save(
        tx, project.id, project.round, strategy, seed, len(seen.position), project.settings_version, position, chance, rank,
        now,
    )  # fmt: skip
    body = {
        "round": project.round,
        "strategy": strategy,
        "seed": str(seed),
        "n_pool": len(seen.position),
        "batch": len(position),
        "pool_sha256": digest(seen.position),
        "drawn": len(position),
        "drawn_sha256": digest(position),
        "chances_sha256": digest_of_numbers(chance),
        "model": project.model or "",
        "settings_version": project.settings_version,
        **told,
    }
    record(tx, project.id, EntryKind.ITEMS_DRAWN, now, actor=actor, about=made, body=body)


# ---- the certificate -----------------------------------------------------------------------------------------------
def certify(world: World, project: ProjectFacts, actor: AnnotatorId) -> tuple[tuple[CertificateRow, ...], int]:
    """Prove what the audit's answers prove, keep it, and accept what it allows; return certificates and items accepted."""
    audit = world.store.read(lambda tx: rows.unproved(tx, project.id))
    if audit is None:
        return (), 0
    found = world.store.read(lambda tx: rows.audited(tx, audit.id))
    right = _right(world, project, found)
    now = world.clock.now()
    made = tuple(_prove(project, audit, found, right, now))

    seed = world.clock.seed()

    def save(tx: Tx) -> int:
        for one in made:
            rows.add(tx, project.id, one)
            body = {"audit": audit.id, "group": one.group, "body_sha256": digest_of_bytes(one.body.encode())}
            if one.threshold is not None:
                body["threshold"] = repr(one.threshold)
            record(tx, project.id, EntryKind.CERTIFICATE_MADE, now, actor=actor, about=one.id, body=body)
        return _accept(tx, project, actor, seed, world.clock.rng(seed), now)

    return made, world.store.write(save)


def _right(world: World, project: ProjectFacts, found: Audited) -> NDArray[np.bool_]:
    """Return which suggestions people confirm; one about which nobody said anything is not right."""
    settled = adjudicate.basis(world, project).settled
    place = np.searchsorted(settled.position, found.position).clip(max=max(len(settled.position) - 1, 0))
    if not len(settled.position):
        return np.zeros(len(found.position), np.bool_)
    known = (settled.position[place] == found.position) & (
        (settled.n_votes[place] > 0) | (settled.how[place] != How.VOTES)
    )
    return np.asarray(known & (settled.label[place] == found.label))


def _prove(
    project: ProjectFacts, audit: AuditRow, found: Audited, right: NDArray[np.bool_], now: datetime
) -> Sequence[CertificateRow]:
    written: dict[str, Any] = json.loads(audit.body)
    made = []
    for group in written["groups"]:
        mine = found.group == group["name"]
        error, delta = written["error"], group["delta"]
        if group["sizes"]:
            zones = kept(group["pool"], group["sizes"], group["thresholds"], group["n"], error, delta)
            proof = prove(zones, found.rank[mine], right[mine])
        else:
            proof = Certificate(None, 0, 0.0, None, error, delta, (), NO_ZONE)
        plain: dict[str, object] = {**asdict(proof), "n": int(mine.sum()), "wrong": int((~right[mine]).sum())}
        plain["pool"] = group["pool"]
        if written["fixed"] is not None:
            one = beside(written["fixed"], found.confidence[mine], right[mine])
            lowest = min(group["thresholds"], default=1.0)
            plain["fixed"] = {
                "threshold": one.threshold, "n": one.n, "wrong": one.wrong, "low": one.bounds.low, "high": one.bounds.high,
                "whole": one.threshold >= lowest,
            }  # fmt: skip
        body, n = canonical(plain).decode(), int(mine.sum())
        plain |= seen_whole(group, found.rank[mine], found.confidence[mine], right[mine], error, delta)
        made.append(
            CertificateRow(
                id=new_id(now),
                audit=audit.id,
                round=audit.round,
                model=audit.model,
                split=written["split"],
                group=group["name"],
                threshold=proof.threshold,
                n=n,
                error=error,
                delta=delta,
                body=body,
                at=now,
            )
        )
    return made


def seen_whole(
    group: Mapping[str, Any],
    rank: NDArray[np.int64],
    confidence: NDArray[np.float64],
    right: NDArray[np.bool_],
    error: float,
    delta: float,
) -> dict[str, object]:
    """Return what people look at: coverage against error, and what thresholds of habit would have let through."""
    if not group["sizes"]:
        return {"curve": [], "beside": []}
    zones = kept(group["pool"], group["sizes"], group["thresholds"], group["n"], error, delta)
    lowest = min(group["thresholds"])
    points = [(one, one.coverage) for one in curve(zones, rank, right)]
    habits = [(beside(at, confidence, right), reach(zones, at)) for at in USUAL if at >= lowest]
    return {
        "curve": [_point(one, share) for one, share in points],
        "beside": [_point(one, share) for one, share in habits if one.n],
    }


def _point(one: Point | Fixed, share: float) -> dict[str, object]:
    return {
        "threshold": one.threshold,
        "coverage": share,
        "n": one.n,
        "wrong": one.wrong,
        "low": one.bounds.low,
        "high": one.bounds.high,
    }


def accept_pool(world: World, project: ProjectFacts, actor: AnnotatorId) -> int:
    """Accept every item of the pool that a certificate in force accepts, but for spot checks; return how many."""
    seed, now = world.clock.seed(), world.clock.now()
    return world.store.write(lambda tx: _accept(tx, project, actor, seed, world.clock.rng(seed), now))


def _accept(
    tx: Tx, project: ProjectFacts, actor: AnnotatorId, seed: int, rng: np.random.Generator, now: datetime
) -> int:
    opened = certified.in_force(tx, project)
    if not opened:
        return 0
    seen = certified.look(tx, project, draws.pool(tx, project.id))
    names = certified.accepting(seen, opened)
    place = np.flatnonzero(names != "")
    if not len(place):
        return 0
    told = {"certificates": sorted(set(names[place].tolist()))}
    _draw(tx, project, actor, "certified", seed, seen, place, np.ones(len(place)), now, told)
    policy = project.settings.route
    rate = np.array([one.of(policy).spot_check for one in project.settings.segments] + [policy.spot_check])
    checked = rng.random(len(place)) < rate[seen.segment[place]]
    tier = np.full(len(place), Tier.AUTO, np.int8)
    routes = Routes(seen.position[place], tier, checked.astype(np.int32), checked)
    route.put(tx, project, routes, seen.segment[place], seen.confidence[place])
    rows.accept(tx, project.id, routes.position, names[place].tolist())
    return len(place)
