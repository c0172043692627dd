"""Disputes: an annotator contests the label of an item that they answered; somebody who may settle it, and did not, decides.

In: permits, words, a decision. Out: disputes as the caller may see them. Never: a decision by whoever made the contested
ruling; a word to the annotator about how, or whether, the item is settled: that would tell gold from the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from goldseam.adjudicate.tiers import check_may_decide
from goldseam.edge.runner import proposals, settling
from goldseam.edge.runner.adjudicate import keep_ruling
from goldseam.edge.runner.log import record
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.proposals import Wish
from goldseam.edge.runner.sealing import digest_of, sealed
from goldseam.edge.runner.talk import as_offered, includes
from goldseam.edge.runner.world import World
from goldseam.edge.store import disputes as rows
from goldseam.edge.store import items, queue, settlements
from goldseam.edge.store import talk as talk_rows
from goldseam.edge.store import talk_tables as tables
from goldseam.edge.store.disputes import Placed
from goldseam.edge.store.proposals import was_decided
from goldseam.edge.store.settlements import SETTLED, Settlement
from goldseam.edge.store.tx import Tx
from goldseam.ledger.entries import EntryKind
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.errors import BadValue, Conflict, NotFound
from goldseam.vocab.items import Item, ItemId
from goldseam.vocab.people import Act, AnnotatorId
from goldseam.vocab.talk import About, Decision, Dispute, DisputeId, DisputeState, ProposalId


@dataclass(frozen=True, slots=True)
class Sent:
    """A decision as it is sent: `label` for a new ruling, `worked_example` the id of a proposal to make of it."""

    id: str
    state: DisputeState
    reason: str
    label: LabelName | None = None
    worked_example: ProposalId | None = None

    def __post_init__(self) -> None:
        if self.state is DisputeState.OPEN or (self.label is None) == (self.state is DisputeState.OVERRULED):
            raise BadValue("A dispute is upheld, without a label, or overruled, with the label that is right.")


@dataclass(frozen=True, slots=True)
class DisputeSeen:
    """A dispute as the caller may see it; `settled` (label, method, reason) only for whoever may decide it."""

    number: int
    dispute: Dispute
    mine: bool
    item: Item
    settled: tuple[LabelName, str, str] | None


def dispute(world: World, permit: Permit, dispute_id: DisputeId, item: ItemId, label: LabelName, text: str) -> None:
    """Contest the label of an item that the caller answered, whatever it is or will be.

    Raises
    ------
    NotFound
        If there is no such item, or the caller did not answer it.
    BadAnswer
        If the project's first question has no such label.
    Conflict
        If the caller has an open dispute about the item.
    """
    project, now = permit.project, world.clock.now()
    project.schema.main.check(Choice(label))
    sent = {"by": permit.annotator, "item": item, "label": label, "text": text}
    made = Dispute(dispute_id, item, permit.annotator, label, text, now)

    def save(tx: Tx) -> None:
        kept, commitment = sealed(sent)
        if talk_rows.was_kept(tx, tables.disputes, dispute_id, project.id, kept.hash):
            return
        position = _answered(tx, permit, item)
        stands = _standing(tx, project, position)
        if rows.add(tx, project.id, position, made, None if stands is None else stands.by, kept):
            body = {"item": item, "question": project.question, "commitment": commitment}
            record(tx, project.id, EntryKind.LABEL_DISPUTED, now, actor=permit.annotator, about=dispute_id, body=body)

    world.store.write(save)


def _answered(tx: Tx, permit: Permit, item: ItemId) -> int:
    try:
        position = items.find(tx, permit.project.id, item).position
    except NotFound:
        position = -1
    if position < 0 or not talk_rows.has_answered(tx, permit.project.id, position, permit.annotator):
        raise NotFound("You answered no such item.", item=item)
    return position


def _standing(tx: Tx, project: ProjectFacts, position: int) -> Settlement | None:
    """Return the settlement that stands; None if there is none, or the item waits for a ruling."""
    history = settlements.history(tx, project.id, project.question, position)
    return history[-1] if history and history[-1].state == SETTLED else None


def decide(world: World, permit: Permit, dispute_id: DisputeId, sent: Sent) -> None:
    """Decide a dispute: the label stands, or a new ruling takes its place; either may become a worked example.

    Raises
    ------
    NotFound
        If there is no such dispute.
    NotAllowed
        If the caller made the contested ruling, disputes it, or may not settle the item.
    Conflict
        If it was decided already, or there is no label yet that could stand.
    """
    now = world.clock.now()
    body = _plain(permit, dispute_id, sent)

    def save(tx: Tx) -> None:
        placed = rows.find(tx, permit.project.id, dispute_id)
        if placed is None:
            raise NotFound("There is no such dispute.", dispute=dispute_id)
        if was_decided(tx, tables.disputes, permit.project.id, dispute_id, sent.id, digest_of(body)):
            return
        if placed.dispute.state is not DisputeState.OPEN:
            raise Conflict("This was decided already; look at it again.")
        label = _ruled(tx, permit, placed, sent, now)
        if sent.worked_example is not None:
            wish = Wish(
                sent.worked_example, About.WORKED_EXAMPLE, label=label, item=placed.dispute.item, why=sent.reason
            )
            proposals.keep(tx, world, permit, wish)
        _close(tx, permit, placed, sent, body, now)

    world.store.write(save)


def _plain(permit: Permit, dispute_id: DisputeId, sent: Sent) -> dict[str, object]:
    return {
        "by": permit.annotator,
        "dispute": dispute_id,
        "state": sent.state.value,
        "reason": sent.reason,
        "label": sent.label,
        "worked_example": sent.worked_example,
    }


def _ruled(tx: Tx, permit: Permit, placed: Placed, sent: Sent, now: datetime) -> LabelName:
    """Check that the caller may decide, rule if that is the decision, and return the label that stands now."""
    project = permit.project
    stands = _standing(tx, project, placed.position)
    by = {placed.contested_by, None if stands is None else stands.by} - {None}
    check_may_decide(permit.annotator, placed.dispute.by, {AnnotatorId(str(one)) for one in by})
    label = None if stands is None or stands.label is None else project.labels[stands.label]
    if sent.label is None:
        settling.check(tx, permit, placed.position)
        if label is None:
            raise Conflict("This item has no label yet that could stand; wait until it is settled, or rule on it.")
        return label
    project.schema.main.check(Choice(sent.label))
    if sent.label == label:
        raise BadValue(f"The label is {label!r} already; then the dispute is upheld.", label=label)
    keep_ruling(tx, permit, sent.id, placed.dispute.item, placed.position, sent.label, sent.reason, now)
    return sent.label


def _close(tx: Tx, permit: Permit, placed: Placed, sent: Sent, plain: dict[str, object], now: datetime) -> None:
    project = permit.project
    kept, commitment = sealed(plain)
    decision = Decision(permit.annotator, now, sent.reason, project.guideline_version)
    rows.decide(tx, placed.dispute.id, sent.id, sent.state, decision, kept)
    body = {
        "item": placed.dispute.item,
        "question": project.question,
        "state": sent.state.value,
        "decision": sent.id,
        "guideline_version": project.guideline_version,
        "commitment": commitment,
    }
    record(tx, project.id, EntryKind.DISPUTE_DECIDED, now, actor=permit.annotator, about=placed.dispute.id, body=body)


def listing(
    world: World, permit: Permit, *, state: DisputeState | None = None, before: int | None = None, limit: int = 50
) -> tuple[DisputeSeen, ...]:
    """Return disputes, newest first: an annotator's own; to whoever adjudicates, all those that they may settle."""
    project = permit.project

    def load(tx: Tx) -> tuple[DisputeSeen, ...]:
        if not includes(permit, Act.ADJUDICATE):
            own = rows.listing(tx, project.id, by=permit.annotator, state=state, before=before, limit=limit)
            return tuple(_seen(tx, permit, one) for one in own)
        found: list[DisputeSeen] = []
        after = before
        while len(found) < limit:
            some = rows.listing(tx, project.id, state=state, before=after, limit=limit)
            theirs = _theirs(tx, permit, some)
            found += [_seen(tx, permit, one) for one in some if one.position in theirs or _is_mine(permit, one)]
            if len(some) < limit:
                break
            after = some[-1].number
        return tuple(found[:limit])

    return world.store.read(load)


def _theirs(tx: Tx, permit: Permit, some: Sequence[Placed]) -> set[int]:
    """Return the items that the caller may settle, and is not asked about: an answer comes before others' are seen."""
    positions = np.unique(np.array([one.position for one in some], np.int64))
    may_settle = positions[settling.may(tx, permit, positions)].tolist()
    return set(may_settle) - {one.position for one in queue.held(tx, permit.project.id, permit.annotator)}


def _is_mine(permit: Permit, one: Placed) -> bool:
    return one.dispute.by == permit.annotator


def _seen(tx: Tx, permit: Permit, one: Placed) -> DisputeSeen:
    project = permit.project
    may_decide = includes(permit, Act.ADJUDICATE) and not _is_mine(permit, one)
    stands = _standing(tx, project, one.position) if may_decide else None
    label = None if stands is None else stands.label
    settled = None if stands is None or label is None else (project.labels[label], stands.method, stands.reason)
    item = as_offered(permit, items.at(tx, project.id, one.position))
    return DisputeSeen(one.number, one.dispute, _is_mine(permit, one), item, settled)
