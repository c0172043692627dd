"""Certificates: audits and what they proved, the items accepted by them, and what spot checks said since.

In: a transaction, plain facts, arrays. Out: the same. Never: a test of anything; `stats` does that and the runner asks it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, bindparam, exists, insert, select, text, update

from goldseam.edge.store import tables as t
from goldseam.edge.store.certificate_tables import audit_items, audits, certificates, monitors
from goldseam.edge.store.tx import Positions, Tx, arrays, insert_columns, micros, moment, within
from goldseam.vocab.items import ProjectId

CONSENSUS = 2
"""How the tier `route.Tier.CONSENSUS` is stored."""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One audit of a round's pool; `body` is canonical JSON."""

    id: str
    round: int
    model: str
    seed: int
    body: str
    at: datetime


@dataclass(frozen=True, slots=True, eq=False)
class Audited:
    """The items that an audit drew, by group and rank; `label` is what was suggested."""

    position: Positions
    group: NDArray[np.object_]
    rank: NDArray[np.int64]
    confidence: NDArray[np.float64]
    label: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """What an audit proved of one group; `split` is what groups were made by, `n` how many items were looked at."""

    id: str
    audit: str
    round: int
    model: str
    split: str
    group: str
    threshold: float | None
    n: int
    error: float
    delta: float
    body: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MonitorRow:
    """What spot checks say of a certificate's bound; `closed` once it was taken to be broken."""

    certificate: str
    n: int
    wrong: int
    evidence: float
    alarm_at: int | None
    low: float
    high: float
    closed: bool


def add_audit(tx: Tx, project: ProjectId, audit: AuditRow, items: Audited) -> None:
    """Keep an audit and the items it drew."""
    values = {"id": audit.id, "round": audit.round, "model": audit.model, "seed": str(audit.seed), "body": audit.body}
    tx.run(insert(audits).values(project=project, at=micros(audit.at), **values))
    columns = {
        "audit": audit.id,
        "position": items.position,
        "project": project,
        "grp": items.group.tolist(),
        "rank": items.rank,
        "confidence": items.confidence,
        "label": items.label,
    }
    insert_columns(tx, audit_items, columns)


def audit_of_round(tx: Tx, project: ProjectId, round: int) -> AuditRow | None:
    """Return the newest audit of a round, if there was one."""
    c = audits.c
    query = select(audits).where(c.project == project, c.round == round).order_by(c.seq.desc()).limit(1)
    row = tx.first(query)
    return None if row is None else _audit(row)


def listing_of_audits(tx: Tx, project: ProjectId) -> tuple[AuditRow, ...]:
    """Return every audit, oldest first."""
    rows = tx.run(select(audits).where(audits.c.project == project).order_by(audits.c.seq))
    return tuple(_audit(row) for row in rows)


def unproved(tx: Tx, project: ProjectId) -> AuditRow | None:
    """Return the oldest audit that has drawn items and no certificate yet."""
    a = audits.c
    proved = exists().where(certificates.c.audit == a.id)
    row = tx.first(select(audits).where(a.project == project, ~proved).order_by(a.seq).limit(1))
    return None if row is None else _audit(row)


def audited(tx: Tx, audit: str) -> Audited:
    """Return the items that an audit drew, by group and rank."""
    c = audit_items.c
    query = select(c.position, c.grp, c.rank, c.confidence, c.label).where(c.audit == audit).order_by(c.grp, c.rank)
    return Audited(*arrays(tx, query, np.int64, object, np.int64, np.float64, np.int32))


def add(tx: Tx, project: ProjectId, made: CertificateRow) -> None:
    """Keep a certificate."""
    tx.run(
        insert(certificates).values(
            id=made.id,
            project=project,
            audit=made.audit,
            round=made.round,
            model=made.model,
            split=made.split,
            grp=made.group,
            threshold=made.threshold,
            n=made.n,
            error=made.error,
            delta=made.delta,
            body=made.body,
            at=micros(made.at),
        )
    )


def listing(tx: Tx, project: ProjectId) -> tuple[tuple[CertificateRow, MonitorRow | None], ...]:
    """Return every certificate with what spot checks said since, oldest first."""
    c, m = certificates.c, monitors.c
    watched = {row.certificate: _monitor(row) for row in tx.run(select(monitors).where(m.project == project))}
    rows = tx.run(select(certificates).where(c.project == project).order_by(c.seq))
    return tuple((one := _certificate(row), watched.get(one.id)) for row in rows)


def n_accepted(tx: Tx, project: ProjectId) -> dict[str, int]:
    """Return how many items each certificate's tier holds now."""
    r = t.routes.c
    query = select(r.certificate).where(r.project == project, r.certificate.is_not(None), r.tier != CONSENSUS)
    (found,) = arrays(tx, query, object)
    names, counts = np.unique(found.astype(str), return_counts=True)
    return dict(zip(names.tolist(), counts.tolist(), strict=True))


def accept(tx: Tx, project: ProjectId, positions: Positions, names: list[str]) -> None:
    """Note by which certificate each of these items was accepted; they have their tier."""
    r = t.routes
    rows = [{"p": at, "c": name} for at, name in zip(positions.tolist(), names, strict=True)]
    if rows:
        one = update(r).where(r.c.project == project, r.c.position == bindparam("p")).values(certificate=bindparam("c"))
        tx.connection.execute(one, rows)


_CHECKS = text(
    "SELECT r.certificate AS certificate, a.position AS position, "
    "CASE WHEN a.label IS NOT NULL AND a.label = s.label THEN 0 ELSE 1 END AS wrong "
    "FROM annotations a JOIN routes r ON r.project = a.project AND r.position = a.position AND r.spot_check = 1 "
    "JOIN suggestions s ON s.project = r.project AND s.model = r.model AND s.position = r.position "
    "WHERE a.project = :project AND a.question = :question AND a.purpose = 'spot_check' AND a.surplus = 0 "
    "AND r.certificate IS NOT NULL "
    "AND NOT EXISTS (SELECT 1 FROM withdrawals w WHERE w.annotation = a.id) ORDER BY a.entry_seq"
)


def checks(tx: Tx, project: ProjectId, question: str) -> dict[str, list[int]]:
    """Return the spot checks of each certificate in the order they were answered: 1 where the answer is not what was accepted.

    The first answer about an item counts, and one that says nothing counts as wrong.
    """
    found: dict[str, list[int]] = {}
    seen: set[int] = set()
    for row in tx.run(_CHECKS, {"project": project, "question": question}):
        if row.position not in seen:
            seen.add(row.position)
            found.setdefault(row.certificate, []).append(int(row.wrong))
    return found


def watch(tx: Tx, project: ProjectId, seen: MonitorRow, now: datetime) -> None:
    """Keep what spot checks say of a certificate; it replaces what was kept."""
    columns = {
        "certificate": [seen.certificate],
        "project": project,
        "n": seen.n,
        "wrong": seen.wrong,
        "evidence": seen.evidence,
        "alarm_at": [seen.alarm_at],
        "low": seen.low,
        "high": seen.high,
        "closed": int(seen.closed),
        "at": micros(now),
    }
    replaced = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in {"certificate", "project"})
    insert_columns(tx, monitors, columns, then=f"ON CONFLICT (certificate) DO UPDATE SET {replaced}")


def let_through(tx: Tx, project: ProjectId, certificate: str) -> Positions:
    """Return the items accepted by a certificate that nobody has answered, in order."""
    r, a, w = t.routes.c, t.annotations.c, t.withdrawals.c
    said = exists().where(a.project == r.project, a.position == r.position, ~exists().where(w.annotation == a.id))
    query = select(r.position).where(r.project == project, r.certificate == certificate, r.tier != CONSENSUS, ~said)
    (found,) = arrays(tx, query.order_by(r.position), np.int64)
    return found


def bring_back(tx: Tx, project: ProjectId, positions: Positions, round: int, wanted: int) -> None:
    """Let these items be part of a round again, in the tier where people decide; by which draw they came stays as it is."""
    d, r = t.draw_items, t.routes
    tx.run(update(d).where(d.c.project == project, within(tx, d.c.position, positions)).values(round=round))
    again = {"round": round, "tier": CONSENSUS, "wanted": wanted}
    tx.run(update(r).where(r.c.project == project, within(tx, r.c.position, positions)).values(**again))


def _audit(row: Row[Any]) -> AuditRow:
    return AuditRow(row.id, row.round, row.model, int(row.seed), row.body, moment(row.at))


def _certificate(row: Row[Any]) -> CertificateRow:
    return CertificateRow(
        row.id, row.audit, row.round, row.model, row.split, row.grp, row.threshold, row.n, row.error, row.delta, row.body,
        moment(row.at),
    )  # fmt: skip


def _monitor(row: Row[Any]) -> MonitorRow:
    return MonitorRow(
        row.certificate, row.n, row.wrong, row.evidence, row.alarm_at, row.low, row.high, bool(row.closed)
    )
