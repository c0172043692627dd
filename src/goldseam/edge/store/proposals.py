"""Proposals: changes of the guideline that people ask for, and what became of each.

In: proposals with the hash of what was sent. Out: records. Never: a decision made twice.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Row, Table, select, update

from goldseam.edge.store import talk_tables as k
from goldseam.edge.store.talk import Sealed, add_once
from goldseam.edge.store.tx import Tx, micros, moment
from goldseam.vocab.answers import LabelName
from goldseam.vocab.errors import Conflict
from goldseam.vocab.items import ItemId, ProjectId
from goldseam.vocab.people import AnnotatorId
from goldseam.vocab.schema import GuidelineVersion
from goldseam.vocab.talk import About, Decision, Proposal, ProposalId, ProposalState


def add(tx: Tx, project: ProjectId, proposal: Proposal, sealed: Sealed) -> bool:
    """Keep a proposal; return false if this very one was kept before, raise `Conflict` if its id was used."""
    values = {
        "id": proposal.id,
        "project": project,
        "by": proposal.by,
        "about": proposal.about.value,
        "clause": proposal.clause,
        "label": proposal.label,
        "item": proposal.item,
        "text": proposal.text,
        "why": proposal.why,
        "guideline_version": proposal.guideline_version,
        "salt": sealed.salt,
        "hash": sealed.hash,
        "at": micros(proposal.at),
        "state": proposal.state.value,
    }
    return add_once(tx, k.proposals, values)


def find(tx: Tx, project: ProjectId, proposal_id: ProposalId) -> Proposal | None:
    """Return the project's proposal of this id, if there is one."""
    c = k.proposals.c
    row = tx.first(select(k.proposals).where(c.project == project, c.id == proposal_id))
    return None if row is None else _proposal(row)


def listing(
    tx: Tx,
    project: ProjectId,
    *,
    by: AnnotatorId | None = None,
    state: ProposalState | None = None,
    before: int | None = None,
    limit: int = 50,
) -> tuple[tuple[int, Proposal], ...]:
    """Return proposals with their numbers, newest first: of everybody or of one person, from before a number on."""
    c = k.proposals.c
    which: list[ColumnElement[bool]] = [c.project == project]
    if by is not None:
        which.append(c.by == by)
    if state is not None:
        which.append(c.state == state.value)
    if before is not None:
        which.append(c.seq < before)
    rows = tx.run(select(k.proposals).where(*which).order_by(c.seq.desc()).limit(limit))
    return tuple((row.seq, _proposal(row)) for row in rows)


def decide(
    tx: Tx, proposal_id: ProposalId, decision_id: str, state: ProposalState, decision: Decision, sealed: Sealed
) -> None:
    """Keep what became of an open proposal; raises `Conflict` if it is not open any more."""
    keep_decision(tx, k.proposals, proposal_id, decision_id, state.value, decision, sealed)


def was_decided(tx: Tx, table: Table, project: ProjectId, row_id: str, decision_id: str, digest: str) -> bool:
    """Return whether this very decision was made before.

    Raises
    ------
    Conflict
        If its id was used before for something else.
    """
    row = tx.first(select(table.c.id, table.c.project, table.c.decision_hash).where(table.c.decision == decision_id))
    if row is None:
        return False
    if (row.id, row.project, row.decision_hash) != (row_id, project, digest):
        raise Conflict("This id was used before for something else; make a new one.", id=decision_id)
    return True


def keep_decision(
    tx: Tx, table: Table, row_id: str, decision_id: str, state: str, decision: Decision, sealed: Sealed
) -> None:
    """Keep how an open row ended.

    Raises
    ------
    Conflict
        If it is not open any more.
    """
    values = {
        "state": state,
        "decision": decision_id,
        "decision_hash": sealed.hash,
        "decision_salt": sealed.salt,
        "decided_by": decision.by,
        "decided_at": micros(decision.at),
        "decided_version": decision.guideline_version,
        "reason": decision.reason,
    }
    done = tx.run(update(table).where(table.c.id == row_id, table.c.state == "open").values(**values))
    if done.rowcount != 1:
        raise Conflict("This was decided already; look at it again.")


def decision_of(row: Row[Any]) -> Decision | None:
    """Return how a row ended, if it did."""
    if row.decision is None:
        return None
    return Decision(
        AnnotatorId(row.decided_by), moment(row.decided_at), row.reason, GuidelineVersion(row.decided_version)
    )


def _proposal(row: Row[Any]) -> Proposal:
    return Proposal(
        id=ProposalId(row.id),
        by=AnnotatorId(row.by),
        about=About(row.about),
        text=row.text,
        guideline_version=GuidelineVersion(row.guideline_version),
        at=moment(row.at),
        clause=row.clause,
        label=None if row.label is None else LabelName(row.label),
        item=None if row.item is None else ItemId(row.item),
        why=row.why,
        state=ProposalState(row.state),
        decision=decision_of(row),
    )
