"""Annotate: hands out assignments, and takes in answers; each act, its rows and its entry are one transaction.

In: permits, submissions. Out: `Offer`, `Outcome`. Never: an answer counted twice, a good answer lost to a bad one beside it,
or anything that tells a gold check from the rest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from goldseam.annotate.adaptive import enough, posterior
from goldseam.annotate.collect import Held, Submission, collect
from goldseam.annotate.gold import wants_gold, which_gold
from goldseam.edge import keys
from goldseam.edge.runner.log import record
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import World
from goldseam.edge.store import annotations as rows
from goldseam.edge.store import draws, items, queue, suggestions
from goldseam.edge.store.annotations import Kept
from goldseam.edge.store.queue import Assignment, Finish, Refusal, WaitingReason
from goldseam.edge.store.queue import Leased as LeasedRow
from goldseam.edge.store.tx import Tx
from goldseam.formats.plain import annotation_commitment, annotation_to_plain, answer_to_plain
from goldseam.ledger.canonical import canonical
from goldseam.ledger.entries import EntryKind
from goldseam.route.tiers import Tier
from goldseam.vocab.annotations import Annotation, AnnotationId, AssignmentId
from goldseam.vocab.answers import Choice
from goldseam.vocab.errors import Conflict, GoldseamError, LeaseLost, NotFound
from goldseam.vocab.items import Item, ItemId, Modality
from goldseam.vocab.people import Act, AnnotatorId, may

__all__ = [
    "Leased",
    "Offer",
    "Outcome",
    "Shown",
    "Submission",
    "Waiting",
    "claim",
    "history",
    "lease",
    "skip",
    "submit",
    "withdraw",
]

FOR_ALL = (Tier.CONSENSUS, Tier.SINGLE, Tier.AUTO)
FOR_EXPERTS = (Tier.EXPERT, *FOR_ALL)
"""The classes of the queue that a person is asked from, in this order; expert items go to who may adjudicate."""

REFUSED = {
    Refusal.NOT_QUEUED: "it is not in the queue",
    Refusal.ALREADY_HELD: "you hold it already",
    Refusal.ALREADY_ANSWERED: "you answered or skipped it already",
    Refusal.NOT_WANTED: "it wants no further answer",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A suggestion as the annotator sees it."""

    label: str
    confidence: float
    source: str


@dataclass(frozen=True, slots=True)
class Offer:
    """An assignment as its annotator gets it; a gold check looks exactly like any other."""

    id: AssignmentId
    token: str
    item: Item
    position: int
    expires_at: datetime
    seconds: float
    suggestion: Shown | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why there is nothing to do now, and what to do about it."""

    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Leased:
    """What came of asking for work."""

    offers: tuple[Offer, ...] = ()
    waiting: Waiting | None = None
    refused: tuple[tuple[ItemId, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one submission: saved, repeated (sent before), surplus (no longer wanted), or refused."""

    id: AnnotationId
    status: str
    error: GoldseamError | None = None


def lease(world: World, permit: Permit, count: int, holding: Sequence[AssignmentId] | None = None) -> Leased:
    """Lease up to `count` items to the caller.

    `holding` names what the caller's page still has in hand: other leases of theirs (of a page that was closed) end, so
    that a reload gets its items back.
    """
    now = world.clock.now()
    project = permit.project
    policy = project.settings.annotate
    classes = FOR_EXPERTS if may(permit.role, Act.ADJUDICATE) else FOR_ALL
    draw = world.clock.seed()

    def save(tx: Tx) -> tuple[tuple[Offer, ...], Waiting | None]:
        queue.expire(tx, now)
        if holding is not None:
            queue.release_held(tx, project.id, permit.annotator, now, keep=holding)
        due = _gold_due(world, permit, count, draw)
        if due == count and not _has_work(tx, permit, classes, now):
            due = 0  # gold hides among items: where there are none, it would stand out
        leased = list(queue.lease(tx, project.id, permit.annotator, classes, count - due, now, policy.lease))
        if leased or due == count:
            leased += _gold(world, tx, permit, due, draw, now)
            leased.sort(key=lambda row: hashlib.sha256(f"{draw}.{row.position}".encode()).digest())
        offers = _offers(tx, project, permit.annotator, leased, now)
        return offers, None if offers else _waiting(tx, permit)

    offers, waiting = world.store.write(save)
    return Leased(offers, waiting)


def _gold_due(world: World, permit: Permit, count: int, draw: int) -> int:
    """Return how many of the next `count` assignments are to be gold checks, at the policy's rate."""
    rate = permit.project.settings.annotate.gold_rate
    seed = world.key.secret
    return sum(wants_gold(permit.annotator, draw + nth, rate, seed) for nth in range(count)) if rate else 0


def _has_work(tx: Tx, permit: Permit, classes: Sequence[Tier], now: datetime) -> bool:
    """Return whether the queue has an item for the caller, by leasing one and taking it back."""
    with tx.connection.begin_nested() as savepoint:
        found = queue.lease(
            tx, permit.project.id, permit.annotator, classes, 1, now, permit.project.settings.annotate.lease
        )
        savepoint.rollback()
    return bool(found)


def _gold(world: World, tx: Tx, permit: Permit, due: int, draw: int, now: datetime) -> tuple[LeasedRow, ...]:
    """Lease gold checks that the annotator never saw, as far as there are any."""
    unseen = queue.unseen_gold(tx, permit.project.id, permit.annotator) if due else np.empty(0, np.int64)
    chosen: list[int] = []
    for nth in range(min(due, len(unseen))):
        left = np.setdiff1d(unseen, chosen)
        chosen.append(int(left[which_gold(permit.annotator, draw + nth, len(left), world.key.secret)]))
    if not chosen:
        return ()
    lease_time = permit.project.settings.annotate.lease
    return queue.lease_gold(tx, permit.project.id, permit.annotator, np.array(chosen, np.int64), now, lease_time)


def claim(world: World, permit: Permit, wanted: Sequence[ItemId]) -> Leased:
    """Lease these very items, as far as they are wanted; for services and replays."""
    now = world.clock.now()
    project = permit.project

    def save(tx: Tx) -> Leased:
        known = items.known(tx, project.id, wanted)
        missing = tuple((item, "the project has no such item") for item in wanted if item not in known)
        there = [item for item in dict.fromkeys(wanted) if item in known]
        positions = items.positions_of(tx, project.id, there)
        leased, refused = queue.claim(tx, project.id, permit.annotator, positions, now, project.settings.annotate.lease)
        ids = dict(zip(positions.tolist(), there, strict=True))
        said = tuple((ids[position], REFUSED[why]) for position, why in refused)
        return Leased(_offers(tx, project, permit.annotator, leased, now), None, missing + said)

    return world.store.write(save)


def _offers(
    tx: Tx, project: ProjectFacts, annotator: AnnotatorId, leased: Sequence[LeasedRow], now: datetime
) -> tuple[Offer, ...]:
    if not leased:
        return ()
    found = items.some(tx, project.id, np.array([row.position for row in leased], np.int64))
    offers = []
    for row, item in zip(leased, found, strict=True):
        shown = _shown(tx, project, annotator, row)
        seconds = (row.expires_at - now).total_seconds()
        offers.append(Offer(row.id, row.token, item, row.position, row.expires_at, seconds, shown))
    return tuple(offers)


def _shown(tx: Tx, project: ProjectFacts, annotator: AnnotatorId, row: LeasedRow) -> Shown | None:
    """Return the suggestion to show, and note that it was shown; a share of items is shown blind."""
    policy = project.settings.prelabel
    if project.model is None or policy.show == "hidden":
        return None
    place = hashlib.sha256(f"goldseam.blind.v1\n{annotator}\n{row.position}".encode()).digest()
    if int.from_bytes(place[:8], "big") / 2**64 < policy.blind_share:
        return None
    found = suggestions.one(tx, project.id, project.model, row.position)
    if found is None:
        return None
    queue.show(tx, [row.id], project.model, [found[0]])
    return Shown(project.labels[found[0]], found[1], f"model of round {project.round - 1}")


def _waiting(tx: Tx, permit: Permit) -> Waiting:
    found = queue.waiting(tx, permit.project.id, permit.annotator)
    match found.reason:
        case WaitingReason.ALL_HELD:
            back = f"; back at {found.until:%H:%M} UTC" if found.until else ""
            text = f"{_items(found.n_items)} held by others{back}."
        case WaitingReason.NOTHING_OPEN:
            text = (
                f"You have answered all that was open to you; {_items(found.n_items)} still waiting for other people."
                if found.n_items
                else "Nothing is open: the project's manager starts the next round with goldseam run."
            )
        case WaitingReason.DONE:
            text = "Every item of this round has its answers. The manager settles it with goldseam run."
    return Waiting(found.reason.value, text)


def _items(n: int) -> str:
    return "1 item is" if n == 1 else f"{n:,} items are"


def submit(world: World, permit: Permit, submissions: Sequence[Submission]) -> tuple[Outcome, ...]:
    """Take in answers; one that is refused says why and hurts none of the others."""
    now = world.clock.now()

    def save(tx: Tx) -> tuple[Outcome, ...]:
        outcomes = []
        for submission in submissions:
            try:
                with tx.connection.begin_nested():
                    outcomes.append(_submit_one(tx, permit, submission, now))
            except GoldseamError as error:
                outcomes.append(Outcome(submission.id, "refused", error))
        return tuple(outcomes)

    return world.store.write(save)


def _submit_one(tx: Tx, permit: Permit, submission: Submission, now: datetime) -> Outcome:
    project = permit.project
    body_hash = _body_hash(submission)
    before = rows.repeated(tx, submission.id, body_hash)
    if before is not None:
        if before.annotation.annotator != permit.annotator or before.project != project.id:
            raise Conflict("This annotation's id was used before; make a new id.", id=submission.id)
        return Outcome(submission.id, "repeated")
    assignment = _own(tx, permit, submission.assignment)
    item = items.at(tx, project.id, assignment.position)
    finish = queue.finish(tx, project.id, permit.annotator, submission.assignment, submission.token, now)
    given = collect(
        submission,
        _held(project, assignment, item, submission.token),
        project.schema,
        project.schema_version,
        still_wanted=finish is Finish.SAVED,
        now=now,
    )
    for annotation in given:
        _keep(tx, project, assignment.position, annotation, body_hash)
    _stop_early(tx, project, assignment.position)
    return Outcome(submission.id, finish.value)


def _own(tx: Tx, permit: Permit, assignment: AssignmentId) -> Assignment:
    found = queue.assignment(tx, assignment)
    if found is None or found.annotator != permit.annotator or found.project != permit.project.id:
        raise LeaseLost("This assignment is not yours.", assignment=assignment)
    return found


def _held(project: ProjectFacts, assignment: Assignment, item: Item, token: str) -> Held:
    code = assignment.suggestion_label
    return Held(
        assignment=assignment.id,
        item=item.id,
        annotator=assignment.annotator,
        token=token,  # the queue compared it with its hash, in this transaction
        state=assignment.state,
        purpose=assignment.purpose,
        suggestion=None if code is None else project.labels[code],
        n_chars=len(item.content) if item.modality is Modality.TEXT else 0,
    )


def _keep(tx: Tx, project: ProjectFacts, position: int, annotation: Annotation, body_hash: str) -> None:
    salt = keys.new_salt()
    body = {
        "commitment": annotation_commitment(annotation, salt),
        "item": annotation.item,
        "assignment": annotation.assignment,
        "schema_version": annotation.schema_version,
        "guideline_version": annotation.guideline_version,
    }
    seq = record(
        tx,
        project.id,
        EntryKind.ANNOTATION_GIVEN,
        annotation.at,
        actor=annotation.annotator,
        about=annotation.id,
        body=body,
    )
    is_main_choice = annotation.question == project.question and isinstance(annotation.answer, Choice)
    label = project.labels.index(annotation.answer.label) if is_main_choice else None  # type: ignore[union-attr]
    answer_text = canonical(answer_to_plain(annotation.answer)).decode()
    rows.add(tx, project.id, position, annotation, label, answer_text, salt.hex(), body_hash, seq)


def _stop_early(tx: Tx, project: ProjectFacts, position: int) -> None:
    """Want no further answer about an item whose posterior is sure enough."""
    policy = project.settings.annotate
    if policy.stop_at is None:
        return
    counts = rows.counts(tx, project.id, project.question, np.array([position]), len(project.labels))[0]
    if bool(enough(posterior(counts, policy.accuracy), int(counts.sum()), policy)):
        queue.close(tx, project.id, np.array([position]))


def _body_hash(submission: Submission) -> str:
    body = {
        "assignment": submission.assignment,
        "answers": {name: answer_to_plain(answer) for name, answer in submission.answers.items()},
        "seconds": float(submission.seconds),
        "schema_version": submission.schema_version,
        "guideline_version": submission.guideline_version,
    }
    return hashlib.sha256(canonical(body)).hexdigest()


def skip(world: World, permit: Permit, assignment: AssignmentId, token: str, reason: str) -> None:
    """Pass on an assignment: the item goes to others.

    Raises
    ------
    LeaseLost
        If the caller does not hold it.
    """
    now = world.clock.now()

    def save(tx: Tx) -> None:
        before = _own(tx, permit, assignment)
        queue.skip(tx, permit.project.id, permit.annotator, assignment, token, reason, now)
        if before.state.value != "skipped":
            record(tx, permit.project.id, EntryKind.ASSIGNMENT_SKIPPED, now, actor=permit.annotator, about=assignment)

    world.store.write(save)


def withdraw(world: World, permit: Permit, annotation: AnnotationId, withdrawal: str) -> Offer:
    """Undo an answer: it stays in the log, is a vote no more, and its item is leased to the same person again.

    Raises
    ------
    NotFound
        If the caller gave no such answer.
    """
    now = world.clock.now()
    project = permit.project

    def save(tx: Tx) -> Offer:
        kept = rows.find(tx, annotation)
        if kept is None or kept.annotation.annotator != permit.annotator or kept.project != project.id:
            raise NotFound("You gave no such answer.", annotation=annotation)
        together = _given_together(tx, kept)
        assignment = kept.annotation.assignment
        lease_time = project.settings.annotate.lease
        if rows.withdraw(tx, project.id, together, withdrawal, now):
            body = {"annotations": list(together)}
            record(
                tx,
                project.id,
                EntryKind.ANNOTATION_WITHDRAWN,
                now,
                actor=permit.annotator,
                about=annotation,
                body=body,
            )
            leased = queue.reopen(tx, project.id, permit.annotator, assignment, now, lease_time)
        else:
            leased = queue.reissue(tx, project.id, permit.annotator, assignment, now, lease_time)
        return _offers(tx, project, permit.annotator, [leased], now)[0]

    return world.store.write(save)


def _given_together(tx: Tx, kept: Kept) -> tuple[AnnotationId, ...]:
    """Return the ids of all answers of one submission: one per question."""
    return tuple(
        other.annotation.id
        for other in rows.of_assignment(tx, kept.annotation.assignment)
        if other.body_hash == kept.body_hash and other.annotation.at == kept.annotation.at
    )


def close_round(world: World, project: ProjectFacts, actor: AnnotatorId) -> int:
    """Want no more answers in this round than are given or under way; return how many were still wanted."""
    now = world.clock.now()

    def save(tx: Tx) -> int:
        before = queue.summary(tx, project.id)
        queue.close(tx, project.id, draws.drawn(tx, project.id, project.round).position)
        n_closed = before.wanted - queue.summary(tx, project.id).wanted
        body = {"round": project.round, "no_longer_wanted": n_closed}
        record(tx, project.id, EntryKind.ITEMS_ROUTED, now, actor=actor, about=project.id, body=body)
        return n_closed

    return world.store.write(save)


def history(world: World, permit: Permit, limit: int) -> list[dict[str, object]]:
    """Return the caller's own answers, newest first, those taken back marked; gold checks are not told apart."""
    kept = world.store.read(lambda tx: rows.history(tx, permit.project.id, permit.annotator, limit))
    hidden = {"purpose"}
    return [
        {key: value for key, value in annotation_to_plain(each.annotation).items() if key not in hidden}
        | {"withdrawn": each.withdrawn}
        for each in kept
    ]
