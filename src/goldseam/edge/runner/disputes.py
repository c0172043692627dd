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
from goldseam.annotate.fits import check, extent_of
from goldseam.edge.runner import proposals, ruling_answers, settling
from goldseam.edge.runner.adjudicate import keep_ruling
from goldseam.edge.runner.log import record
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.proposals import Wish
from goldseam.edge.runner.sealing import digest_of, sealed
from goldseam.edge.runner.settling_answers import by_labels, read
from goldseam.edge.runner.talk import as_offered, includes
from goldseam.edge.runner.world import World
from goldseam.edge.store import answers, items, queue, settlements
from goldseam.edge.store import disputes as rows
from goldseam.edge.store import talk as talk_rows
from goldseam.edge.store import talk_tables as tables
from goldseam.edge.store.disputes import Placed
from goldseam.edge.store.proposals import was_decided
from goldseam.edge.store.settlements import SETTLED
from goldseam.edge.store.tx import Tx
from goldseam.formats.plain import answer_to_plain
from goldseam.ledger.entries import EntryKind
from goldseam.vocab.answers import Answer, Choice, LabelName
from goldseam.vocab.errors import BadAnswer, BadValue, Conflict, NotFound
from goldseam.vocab.items import Item, ItemId
from goldseam.vocab.people import Act, AnnotatorId
from goldseam.vocab.schema import QuestionName
from goldseam.vocab.talk import About, Decision, Dispute, DisputeId, DisputeState, ProposalId


@dataclass(frozen=True, slots=True)
class Sent:
    """A decision as it is sent: `label` or `answer` for a new ruling, `worked_example` the id of a proposal to make of it."""

    id: str
    state: DisputeState
    reason: str
    label: LabelName | None = None
    worked_example: ProposalId | None = None
    answer: Answer | None = None

    def __post_init__(self) -> None:
        n_right = (self.label is not None) + (self.answer is not None)
        if self.state is DisputeState.OPEN or n_right != (self.state is DisputeState.OVERRULED):
            raise BadValue("A dispute is upheld, without an answer, or overruled, with the one that is right.")


@dataclass(frozen=True, slots=True)
class Stands:
    """What an item is settled to, how, why, and by whom if a person ruled."""

    answer: Answer
    method: str
    reason: str
    by: AnnotatorId | None


@dataclass(frozen=True, slots=True)
class DisputeSeen:
    """A dispute as the caller may see it; `settled` only for whoever may decide it."""

    number: int
    dispute: Dispute
    mine: bool
    item: Item
    question: QuestionName
    settled: Stands | None


def dispute(
    world: World,
    permit: Permit,
    dispute_id: DisputeId,
    item: ItemId,
    wanted: LabelName | Answer,
    text: str,
    question: QuestionName | None = None,
) -> None:
    """Contest what an item that the caller answered is settled to, whatever that is or will be.

    `wanted` is what it should be: a label of the first question, or the answer to `question`.

    Raises
    ------
    NotFound
        If there is no such item, or the caller did not answer it.
    BadAnswer
        If the question takes no such answer.
    Conflict
        If the caller has an open dispute about the same question of the item.
    """
    project, now = permit.project, world.clock.now()
    made = _made(project, dispute_id, item, permit.annotator, wanted, text, question, now)
    asked = project.schema.question(_question(project, made))
    asked.check(made.wanted)
    about = {} if made.answer is None else {"question": asked.name}
    said = {"label": made.label} if made.answer is None else {**about, "answer": answer_to_plain(made.answer)}
    sent = {"by": permit.annotator, "item": item, "text": text} | said

    def save(tx: Tx) -> None:
        kept, commitment = sealed(sent)
        if talk_rows.was_kept(tx, tables.disputes, dispute_id, project.id, kept.hash):
            return
        position = _answered(tx, permit, item)
        check(asked, made.wanted, extent_of(items.at(tx, project.id, position)))
        stands = _standing(tx, project, position, asked.name)
        if rows.add(tx, project.id, position, made, None if stands is None else stands.by, kept):
            body = {"item": item, "question": asked.name, "commitment": commitment}
            record(tx, project.id, EntryKind.LABEL_DISPUTED, now, actor=permit.annotator, about=dispute_id, body=body)

    world.store.write(save)


def _made(
    project: ProjectFacts,
    dispute_id: DisputeId,
    item: ItemId,
    by: AnnotatorId,
    wanted: LabelName | Answer,
    text: str,
    question: QuestionName | None,
    now: datetime,
) -> Dispute:
    """Return the dispute; one of a label of the first question is kept as that, however it was sent."""
    name = question or project.schema.main.name
    if name == project.schema.main.name and by_labels(project):
        if isinstance(wanted, Choice):
            wanted = wanted.label
        if not isinstance(wanted, str):
            raise BadAnswer(f"Question {name!r} takes a label.", question=name)
        return Dispute(dispute_id, item, by, LabelName(wanted), text, now)
    if isinstance(wanted, str):
        raise BadAnswer(f"Question {name!r} takes more than a label: send 'answer'.", question=name)
    return Dispute(dispute_id, item, by, None, text, now, question=name, answer=wanted)


def _question(project: ProjectFacts, made: Dispute) -> QuestionName:
    return made.question or project.schema.main.name


def _answered(tx: Tx, permit: Permit, item: ItemId) -> int:
    try:
        position = items.find(tx, permit.project.id, item).position
    except NotFound:
        position = -1
    if position < 0 or not talk_rows.has_answered(tx, permit.project.id, position, permit.annotator):
        raise NotFound("You answered no such item.", item=item)
    return position


def _standing(tx: Tx, project: ProjectFacts, position: int, question: QuestionName) -> Stands | None:
    """Return what stands; None if there is nothing, or the item waits for a ruling."""
    if by_labels(project) and question == project.schema.main.name:
        history = settlements.history(tx, project.id, question, position)
        last = history[-1] if history and history[-1].state == SETTLED else None
        if last is None or last.label is None:
            return None
        return Stands(Choice(project.labels[last.label]), last.method, last.reason, _person(last.by))
    kept = answers.current(tx, project.id, question, np.array([position], np.int64)).get(position)
    if kept is None or kept.escalated:
        return None
    return Stands(read(kept.answer), kept.method, kept.reason, kept.by)


def _person(by: str | None) -> AnnotatorId | None:
    return None if by is None else AnnotatorId(str(by))


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
        stands = _ruled(tx, permit, placed, sent, now)
        if sent.worked_example is not None:
            if not isinstance(stands, Choice) or placed.dispute.answer is not None:
                raise BadValue("Only an item with a label of the first question becomes a worked example.")
            label = stands.label
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
    } | ({} if sent.answer is None else {"answer": answer_to_plain(sent.answer)})


def _ruled(tx: Tx, permit: Permit, placed: Placed, sent: Sent, now: datetime) -> Answer:
    """Check that the caller may decide, rule if that is the decision, and return what stands now."""
    project, question = permit.project, _question(permit.project, placed.dispute)
    asked = project.schema.question(question)
    stands = _standing(tx, project, placed.position, question)
    by = {placed.contested_by, None if stands is None else stands.by} - {None}
    check_may_decide(permit.annotator, placed.dispute.by, {AnnotatorId(str(one)) for one in by})
    ruled = sent.answer if sent.label is None else Choice(sent.label)
    if ruled is None:
        settling.check_may(tx, permit, placed.position, question)
        if stands is None:
            raise Conflict("This item has no label yet that could stand; wait until it is settled, or rule on it.")
        return stands.answer
    asked.check(ruled)
    if stands is not None and ruled == stands.answer:
        raise BadValue("The item is settled to this already; then the dispute is upheld.", question=question)
    ruling = ruling_answers.Sent(sent.id, placed.dispute.item, question, sent.reason)
    if placed.dispute.answer is not None:
        ruling_answers.keep(tx, permit, ruling, ruled, now)
    elif isinstance(ruled, Choice):
        keep_ruling(tx, permit, sent.id, placed.dispute.item, placed.position, ruled.label, sent.reason, now)
    return ruled


def _close(tx: Tx, permit: Permit, placed: Placed, sent: Sent, plain: dict[str, object], now: datetime) -> None:
    project = permit.project
    kept, commitment = sealed(plain)
    decision = Decision(permit.annotator, now, sent.reason, project.guideline_version)
    rows.decide(tx, placed.dispute.id, sent.id, sent.state, decision, kept)
    body = {
        "item": placed.dispute.item,
        "question": _question(project, placed.dispute),
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
            found += [_seen(tx, permit, one) for one in some if one.number in theirs or _is_mine(permit, one)]
            if len(some) < limit:
                break
            after = some[-1].number
        return tuple(found[:limit])

    return world.store.read(load)


def _theirs(tx: Tx, permit: Permit, some: Sequence[Placed]) -> set[int]:
    """Return the disputes that the caller may settle, by number: of no item that they are asked about themselves.

    An answer comes before others' are seen.
    """
    project = permit.project
    held = {one.position for one in queue.held(tx, project.id, permit.annotator)}
    found: set[int] = set()
    for question in {_question(project, one.dispute) for one in some if _is_known(project, one)}:
        here = [one for one in some if _is_known(project, one) and _question(project, one.dispute) == question]
        positions = np.unique(np.array([one.position for one in here], np.int64))
        theirs = set(positions[settling.may(tx, permit, positions, question)].tolist()) - held
        found |= {one.number for one in here if one.position in theirs}
    return found


def _is_known(project: ProjectFacts, one: Placed) -> bool:
    """Return whether the schema still asks the question."""
    return one.dispute.question is None or one.dispute.question in {each.name for each in project.schema.questions}


def _is_mine(permit: Permit, one: Placed) -> bool:
    return one.dispute.by == permit.annotator


def _seen(tx: Tx, permit: Permit, one: Placed) -> DisputeSeen:
    project = permit.project
    may_decide = includes(permit, Act.ADJUDICATE) and not _is_mine(permit, one)
    question = _question(project, one.dispute)
    settled = _standing(tx, project, one.position, question) if may_decide and _is_known(project, one) else None
    item = as_offered(permit, items.at(tx, project.id, one.position))
    return DisputeSeen(one.number, one.dispute, _is_mine(permit, one), item, question, settled)
