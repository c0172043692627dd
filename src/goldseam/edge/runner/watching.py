"""Watching: spot checks against the promise of each certificate; a tier whose bound they break goes back to people.

In: a project with certificates, answers to spot checks. Out: monitors, entries, items in the queue. Never: a tier left open once
its bound was seen to be broken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from goldseam.edge.clock import later
from goldseam.edge.runner import leading
from goldseam.edge.runner.digests import digest, digest_of_settlements
from goldseam.edge.runner.log import record
from goldseam.edge.runner.people import Permit, Principal
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import World
from goldseam.edge.store import annotations as annotation_rows
from goldseam.edge.store import certificates as rows
from goldseam.edge.store import settlements
from goldseam.edge.store.certificates import CertificateRow, MonitorRow
from goldseam.edge.store.tx import Positions, Tx
from goldseam.ledger.entries import EntryKind
from goldseam.stats import monitor
from goldseam.vocab.annotations import Purpose
from goldseam.vocab.people import AnnotatorId, Role

CLOSED = "spot checks closed the automatic tier"


def watch(world: World, project: ProjectFacts, actor: AnnotatorId) -> int:
    """Let spot checks speak: close the tier of each certificate whose bound they break; return how many items came back."""
    if not project.settings.schema.main.label_names:
        return 0
    now = later(
        world.clock.now(),
        *world.store.read(
            lambda tx: (annotation_rows.newest_at(tx, project.id), settlements.newest_at(tx, project.id))
        ),
    )

    def save(tx: Tx) -> int:
        given = rows.checks(tx, project.id, project.question)
        standing = [
            (one, seen) for one, seen in rows.listing(tx, project.id)
            if one.threshold is not None and not (seen is not None and seen.closed)
        ]  # fmt: skip
        fresh = {one.id: watched(one, given.get(one.id, [])) for one, _ in standing}
        broken = {tier_of(one) for one, _ in standing if fresh[one.id].closed}
        back = 0
        for one, seen in standing:
            now_seen = replace(fresh[one.id], closed=tier_of(one) in broken)
            if now_seen != seen and (now_seen.n or now_seen.closed):
                rows.watch(tx, project.id, now_seen, now)
            if now_seen.closed:
                back += _close(tx, project, one, now_seen, actor, now)
        return back

    return world.store.write(save)


def tier_of(one: CertificateRow) -> tuple[str, str, str]:
    """Return what is closed together: all that was certified of one group by the suggestions of one model."""
    return one.model, one.split, one.group


def watched(one: CertificateRow, answers: Sequence[int]) -> MonitorRow:
    """Return what spot checks, in the order of their answers, say of a certificate's bound."""
    seen = monitor.watch(answers, error=one.error, alpha=one.delta)
    return MonitorRow(one.id, seen.n, seen.wrong, seen.evidence, seen.alarm_at, seen.low, seen.high, seen.broken)


def rebuilt(world: World, project: ProjectFacts) -> dict[str, MonitorRow]:
    """Return what the monitors are by the answers that stand: by law what is stored, up to as many as each has seen."""

    def load(tx: Tx) -> dict[str, MonitorRow]:
        given = rows.checks(tx, project.id, project.question)
        kept = [(one, seen) for one, seen in rows.listing(tx, project.id) if seen is not None]
        found = {one.id: watched(one, given.get(one.id, [])[: seen.n]) for one, seen in kept if seen is not None}
        broken = {tier_of(one) for one, _ in kept if found[one.id].closed}
        return {one.id: replace(found[one.id], closed=tier_of(one) in broken) for one, _ in kept}

    return world.store.read(load)


def _close(
    tx: Tx, project: ProjectFacts, one: CertificateRow, seen: MonitorRow, actor: AnnotatorId, now: datetime
) -> int:
    """Take back what a certificate let through: its labels stand no more, and people are asked in this round."""
    position = rows.let_through(tx, project.id, one.id)
    _unsettle(tx, project, position, actor, now)
    redundancy = project.settings.route.redundancy
    rows.bring_back(tx, project.id, position, project.round, redundancy)
    permit = Permit(project, Role.OWNER, Principal(actor, actor))
    leading.ask_in(tx, permit, position, Purpose.RELABEL, redundancy, now)
    body = {
        "n": seen.n,
        "wrong": seen.wrong,
        "evidence": repr(seen.evidence),
        "n_items": len(position),
        "items_sha256": digest(position),
    }
    record(tx, project.id, EntryKind.TIER_CLOSED, now, actor=actor, about=one.id, body=body)
    return len(position)


def _unsettle(tx: Tx, project: ProjectFacts, position: Positions, actor: AnnotatorId, now: datetime) -> None:
    """Escalate the labels that were accepted: none goes into a release until people have answered or ruled."""
    before = settlements.current(tx, project.id, project.question, position)
    chosen = np.flatnonzero((np.array(before.method, dtype=object) == "auto") & ~before.escalated)
    if not len(chosen):
        return
    some = replace(
        before,
        **{name: getattr(before, name)[chosen] for name in ("position", "label", "confidence", "posterior", "n_votes")},
    )
    escalated = np.ones(len(chosen), np.bool_)
    reason, method = [CLOSED] * len(chosen), ["auto"] * len(chosen)
    said = (some.label, some.confidence, some.posterior, some.n_votes, escalated, reason, method)
    settlements.save(tx, project.id, project.question, some.position, *said, project.round, now)
    body = {
        "round": project.round,
        "method": "auto",
        "settings_version": project.settings_version,
        "n": len(chosen),
        "n_escalated": len(chosen),
        "question": project.question,
        "n_labels": some.posterior.shape[1],
        "items_sha256": digest(some.position),
        "settlements_sha256": digest_of_settlements(*said),
    }
    record(tx, project.id, EntryKind.ITEMS_SETTLED, now, actor=actor, about=project.id, body=body)
