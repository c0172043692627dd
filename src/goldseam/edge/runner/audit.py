"""Audit: measures agreement and accuracy, apart, and asks the gate.

In: a project with settlements. Out: a quality report and the gate's answer, kept with the round. Never: a figure that was not
measured from the votes as they are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import numpy as np

from goldseam.audit.answers import measure_question, report_of
from goldseam.audit.gate import Gate, Reason, judge
from goldseam.audit.policy import Policy
from goldseam.audit.quality import QualityReport, from_plain, measure, to_plain
from goldseam.edge.clock import later
from goldseam.edge.runner import settling_answers
from goldseam.edge.runner.adjudicate import basis
from goldseam.edge.runner.digests import digest as digest_of
from goldseam.edge.runner.log import record
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import World
from goldseam.edge.store import gold, people, reports, settlements
from goldseam.edge.store.reports import ReportRow
from goldseam.edge.store.tx import Tx
from goldseam.ledger.canonical import canonical
from goldseam.ledger.entries import EntryKind
from goldseam.release.manifest import digest
from goldseam.vocab.people import AnnotatorId


def measure_round(world: World, project: ProjectFacts, actor: str) -> tuple[QualityReport, Gate]:
    """Measure quality as it stands, and keep the report with the seed of its intervals."""
    seed = world.clock.seed()
    report = _measured(world, project, world.clock.rng(seed))
    n_open, told = world.store.read(
        lambda tx: (
            sum(settlements.n_escalated(tx, project.id, one.name) for one in project.schema.questions),
            {"policy": _policy_to_plain(project.settings.audit), "gold_sha256": _gold_digest(tx, project)},
        )
    )
    gate = judge(report, project.settings.audit, n_open)
    plain = {"report": to_plain(report), "gate": _gate_to_plain(gate), "seed": str(seed)}
    body = canonical({**plain, **told})
    now = later(
        world.clock.now(),
        *world.store.read(
            lambda tx: (settlements.newest_at(tx, project.id), _measured_at(reports.newest(tx, project.id)))
        ),
    )
    entry = {
        "round": project.round,
        "seed": str(seed),
        "report_sha256": digest(body),
        "passes": gate.passes,
        "settings_version": project.settings_version,
    }

    def save(tx: Tx) -> None:
        reports.save(tx, project.id, project.round, body.decode(), now)
        record(tx, project.id, EntryKind.QUALITY_MEASURED, now, actor=actor, about=project.id, body=entry)

    world.store.write(save)
    return report, gate


def _measured(world: World, project: ProjectFacts, rng: np.random.Generator) -> QualityReport:
    """Return the report on every question, each by its own measure."""
    policy = project.settings.audit
    main = basis(world, project) if settling_answers.by_labels(project) else None
    report = None if main is None else measure(main.votes, main.settled, main.gold, policy, rng)
    found = settling_answers.basis(world, project, None if main is None else main.settled)
    measured = [
        measure_question(
            one, found.known[one.name].said, found.decided[one.name], found.known[one.name].gold, policy, rng
        )
        for one in settling_answers.questions_of(project)
    ]
    if report is None:
        return report_of(measured[0], measured[1:], policy)
    return replace(report, questions=tuple(measured))


def _measured_at(row: ReportRow | None) -> datetime | None:
    return None if row is None else row.at


def covers(tx: Tx, project: ProjectFacts, row: ReportRow) -> bool:
    """Return whether a kept report is of this round, and of settlements, gold and policy as they are now."""
    last = settlements.newest_at(tx, project.id)
    body = json.loads(row.body)
    return (
        row.round == project.round
        and (last is None or row.at >= last)
        and body["policy"] == _policy_to_plain(project.settings.audit)
        and body["gold_sha256"] == _gold_digest(tx, project)
    )


def _policy_to_plain(policy: Policy) -> dict[str, object]:
    plain: dict[str, object] = json.loads(canonical(asdict(policy)))
    return plain


def _gold_digest(tx: Tx, project: ProjectFacts) -> str:
    known = gold.current(tx, project.id, project.question)
    labels = digest_of(np.stack([known.position, known.label]).astype(np.int64))
    others = {
        one.name: sorted(gold.answers(tx, project.id, one.name).items())
        for one in settling_answers.questions_of(project)
    }
    return digest(canonical([labels, others])) if any(others.values()) else labels


def newest(world: World, project: ProjectFacts) -> tuple[QualityReport, Gate, ReportRow] | None:
    """Return the newest report with the gate's answer."""
    row = world.store.read(lambda tx: reports.newest(tx, project.id))
    if row is None:
        return None
    body = json.loads(row.body)
    gate = Gate(tuple(Reason(**reason) for reason in body["gate"]["reasons"]))
    return from_plain(body["report"]), gate, row


def quality(world: World, permit: Permit) -> dict[str, object] | None:
    """Return the newest report as plain values, with the annotators' names for those who may see them."""
    row = world.store.read(lambda tx: reports.newest(tx, permit.project.id))
    if row is None:
        return None
    shown = named(world, permit.project, row)
    return {**shown["report"], "round": row.round, "at": row.at.isoformat(), "gate": shown["gate"]}


def named(world: World, project: ProjectFacts, row: ReportRow) -> dict[str, Any]:
    """Return a kept report and the gate's answer as plain values, with annotators' names where only ids were kept."""
    names = {a.id: a.name for a, _ in world.store.read(lambda tx: people.members(tx, project.id))}
    body: dict[str, Any] = json.loads(row.body)
    others = [line for one in body["report"].get("questions", ()) for line in one["annotators"]]
    for line in [*body["report"]["annotators"], *others]:
        line["name"] = names.get(line["annotator"], line["annotator"])
    body["report"]["warnings"] = [_with_names(text, names) for text in body["report"]["warnings"]]
    return body


def _with_names(text: str, names: Mapping[AnnotatorId, str]) -> str:
    for annotator, name in names.items():
        text = text.replace(annotator, name)
    return text


def _gate_to_plain(gate: Gate) -> dict[str, object]:
    reasons = [{"code": r.code, "text": r.text, "blocks": r.blocks} for r in gate.reasons]
    return {"passes": gate.passes, "reasons": reasons}
