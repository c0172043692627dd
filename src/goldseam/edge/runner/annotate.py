"""Annotate: takes in answers; each act, its rows and its entry are one transaction.

In: permits, submissions. Out: `Outcome`. Never: an answer counted twice, or a good answer lost to a bad one beside it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from goldseam.annotate.collect import Held, Submission, collect
from goldseam.annotate.fits import extent_of
from goldseam.annotate.reasons import GoesTo
from goldseam.edge import keys
from goldseam.edge.runner import competence, flags, guarding, resting
from goldseam.edge.runner.digests import digest
from goldseam.edge.runner.flags import Raised
from goldseam.edge.runner.log import draft, record
from goldseam.edge.runner.offers import Leased, Offer, Shown, Waiting, claim, lease, leasing, offers_of
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import World
from goldseam.edge.store import annotations as rows
from goldseam.edge.store import answering, answers, draws, projects, queue, returns
from goldseam.edge.store.annotations import Kept
from goldseam.edge.store.answering import Answered, Draft
from goldseam.edge.store.queue import Assignment, Finish
from goldseam.edge.store.tx import Tx
from goldseam.formats.plain import annotation_commitment, annotation_to_plain, answer_from_plain, answer_to_plain
from goldseam.ledger.canonical import canonical
from goldseam.ledger.entries import EntryKind
from goldseam.vocab.annotations import Annotation, AnnotationId, AssignmentId
from goldseam.vocab.answers import Choice
from goldseam.vocab.errors import Conflict, GoldseamError, LeaseLost, NotFound
from goldseam.vocab.items import Item
from goldseam.vocab.people import AnnotatorId
from goldseam.vocab.schema import QuestionName

__all__ = [
    "Leased",
    "Offer",
    "Outcome",
    "Shown",
    "Submission",
    "Waiting",
    "claim",
    "close_round",
    "expire",
    "give_back",
    "history",
    "lease",
    "leasing",
    "look_again",
    "skip",
    "submit",
    "submitting",
    "withdraw",
]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one submission: saved, repeated (sent before), surplus (no longer wanted), or refused."""

    id: AnnotationId
    status: str
    error: GoldseamError | None = None


def submit(world: World, permit: Permit, submissions: Sequence[Submission]) -> tuple[Outcome, ...]:
    """Take in answers; one that is refused says why and hurts none of the others."""
    outcomes = world.store.write(submitting(world, permit, submissions))
    return tuple(look_again(world, permit, sent, outcome) for sent, outcome in zip(submissions, outcomes, strict=True))


def submitting(world: World, permit: Permit, submissions: Sequence[Submission]) -> Callable[[Tx], tuple[Outcome, ...]]:
    """Return the act of `submit`, for a caller that does not wait while the store works; `look_again` is to follow."""
    now = world.clock.now()

    def save(tx: Tx) -> tuple[Outcome, ...]:
        outcomes = []
        place = competence.fresh_places(tx, permit.project, [submission.assignment for submission in submissions])
        for nth, submission in enumerate(submissions):
            try:
                outcomes.append(_submit_one(tx, permit, submission, now, place + nth if place else 0))
            except GoldseamError as error:
                outcomes.append(Outcome(submission.id, "refused", error))
        return tuple(outcomes)

    return save


def look_again(world: World, permit: Permit, sent: Submission, outcome: Outcome) -> Outcome:
    """Look again at a lost lease: its answer may have come in by another connection at the very same moment."""
    if not isinstance(outcome.error, LeaseLost):
        return outcome
    kept = world.store.read(lambda tx: rows.find(tx, sent.id))
    same = kept is not None and kept.body_hash == _body_hash(sent) and kept.annotation.annotator == permit.annotator
    return Outcome(sent.id, "repeated") if same else outcome


def _submit_one(tx: Tx, permit: Permit, submission: Submission, now: datetime, place: int) -> Outcome:
    project = permit.project
    body_hash = _body_hash(submission)
    found = answering.begin(tx, submission.assignment, submission.id)
    if found is None or found.is_known:
        before = rows.repeated(tx, submission.id, body_hash)
        if before is not None:
            if before.annotation.annotator != permit.annotator or before.project != project.id:
                raise Conflict("This annotation's id was used before; make a new id.", id=submission.id)
            return Outcome(submission.id, "repeated")
    held = answering.check(found, submission.assignment, project.id, permit.annotator, submission.token)
    if held.is_sure and not is_followed(project, submission):
        # Whatever can refuse it comes before the first write: there is nothing to undo.
        return Outcome(submission.id, _take_in(tx, permit, submission, held, now).value)
    with tx.attempt():
        finish = _take_in(tx, permit, submission, held, now)
        _follow(tx, permit, submission, held.assignment.position, now, place)
        return Outcome(submission.id, finish.value)


def is_followed(project: ProjectFacts, submission: Submission) -> bool:
    """Return whether the project wants anything to be done after this answer."""
    policy = project.settings.annotate
    if policy.stops is not None or policy.per_day is not None or policy.rest is not None:
        return True
    return flags.of_answer(project, submission.answers) is not None


def _take_in(tx: Tx, permit: Permit, submission: Submission, held: Answered, now: datetime) -> Finish:
    """Check an answer, then keep it with its entry and close its assignment."""
    finish = answering.outcome(tx, held)
    first, *others = drafts(permit.project, submission, held, now, still_wanted=finish is Finish.SAVED)
    answering.end_by(tx, held, finish, now, *first)
    for entry, row in others:
        answering.keep(tx, entry, row)
    return finish


def drafts(
    project: ProjectFacts, submission: Submission, held: Answered, now: datetime, *, still_wanted: bool
) -> list[tuple[Draft, dict[str, object]]]:
    """Check an answer and return the entry and the row of each question, to be written.

    Raises
    ------
    BadValue
        If it is not what the schema asks for.
    """
    given = collect(
        submission,
        _held(project, held.assignment, held.item, submission.token),
        project.schema,
        project.schema_version,
        still_wanted=still_wanted,
        now=now,
    )
    body_hash = _body_hash(submission)
    return [_drafted(project, held.assignment.position, annotation, body_hash) for annotation in given]


def _follow(tx: Tx, permit: Permit, submission: Submission, position: int, now: datetime, place: int) -> None:
    """Do what the project's policies want after an answer: another answer wanted, a flag, the day's work counted."""
    project = permit.project
    reason = flags.of_answer(project, submission.answers)
    unsure = reason is not None and reason.goes_to is GoesTo.OTHERS
    competence.after_vote(tx, project, position, place, unsure=unsure)
    if reason is not None:
        flags.flagged(tx, permit, position, Raised(submission.id, "unsure", reason), now)
    resting.worked(tx, permit, now, submission.seconds)


def _own(tx: Tx, permit: Permit, assignment: AssignmentId) -> Assignment:
    found = queue.assignment(tx, assignment)
    if found is None or found.annotator != permit.annotator or found.project != permit.project.id:
        raise LeaseLost("This assignment is not yours.", assignment=assignment)
    return found


def _held(project: ProjectFacts, assignment: Assignment, item: Item, token: str) -> Held:
    code = assignment.suggestion_label
    shown: dict[str, object] = {} if assignment.suggested is None else json.loads(assignment.suggested)
    return Held(
        assignment=assignment.id,
        item=item.id,
        annotator=assignment.annotator,
        token=token,  # the queue compared it with its hash, in this transaction
        state=assignment.state,
        purpose=assignment.purpose,
        suggestion=None if code is None else project.labels[code],
        suggested={QuestionName(name): answer_from_plain(answer) for name, answer in shown.items()},
        extent=extent_of(item),
    )


def _drafted(
    project: ProjectFacts, position: int, annotation: Annotation, body_hash: str
) -> tuple[Draft, dict[str, object]]:
    """Return an annotation's entry and its row, both to be written."""
    salt = keys.new_salt()
    body = {
        "commitment": annotation_commitment(annotation, salt),
        "item": annotation.item,
        "assignment": annotation.assignment,
        "schema_version": annotation.schema_version,
        "guideline_version": annotation.guideline_version,
    }
    entry = draft(
        project.id,
        EntryKind.ANNOTATION_GIVEN,
        annotation.at,
        actor=annotation.annotator,
        about=annotation.id,
        body=body,
    )
    answer = annotation.answer
    is_main = annotation.question == project.question
    label = project.labels.index(answer.label) if is_main and isinstance(answer, Choice) else None
    answer_text = canonical(answer_to_plain(answer)).decode()
    return entry, rows.columns_of(project.id, position, annotation, label, answer_text, salt.hex(), body_hash)


def _body_hash(submission: Submission) -> str:
    body = {
        "assignment": submission.assignment,
        "answers": {name: answer_to_plain(answer) for name, answer in submission.answers.items()},
        "seconds": float(submission.seconds),
        "schema_version": submission.schema_version,
        "guideline_version": submission.guideline_version,
    }
    return hashlib.sha256(canonical(body)).hexdigest()


def skip(world: World, permit: Permit, assignment: AssignmentId, token: str, reason: str, request: str = "") -> None:
    """Pass on an assignment: the item goes to others, or where the reason leads if the project file names it.

    `request` is the id that the client made for this; without one, the assignment is enough.

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
            why = permit.project.settings.annotate.reason(reason)
            if why is not None:
                flags.flagged(tx, permit, before.position, Raised(request or assignment, "skip", why), now)

    world.store.write(save)


def withdraw(world: World, permit: Permit, annotation: AnnotationId, withdrawal: str) -> Offer:
    """Undo an answer: it stays in the log, is a vote no more, and its item is leased to the same person again.

    Raises
    ------
    NotFound
        If the caller gave no such answer.
    Conflict
        If a person has ruled on the item since: whoever may have seen the ruling is no vote on the item any more.
    """
    now = world.clock.now()
    project = permit.project
    questions = [question.name for question in project.schema.questions]

    def save(tx: Tx) -> Offer:
        kept = rows.find(tx, annotation)
        if kept is None or kept.annotation.annotator != permit.annotator or kept.project != project.id:
            raise NotFound("You gave no such answer.", annotation=annotation)
        if not kept.withdrawn and answers.is_ruled(tx, project.id, questions, kept.position):
            raise Conflict("A person has ruled on this item since; contest the ruling if you see it otherwise.")
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
        return offers_of(tx, project, permit.annotator, [leased], now, seed=guarding.seed_of(world, project))[0]

    return world.store.write(save)


def _given_together(tx: Tx, kept: Kept) -> tuple[AnnotationId, ...]:
    """Return the ids of all answers of one submission: one per question."""
    return tuple(
        other.annotation.id
        for other in rows.of_assignment(tx, kept.annotation.assignment)
        if other.body_hash == kept.body_hash and other.annotation.at == kept.annotation.at
    )


def close_round(world: World, project: ProjectFacts, actor: AnnotatorId) -> int:
    """Want no more answers in this round than are given; return how many were still wanted.

    Leases end at once; an answer that is under way is kept all the same, as surplus. Items that nobody has looked at go back
    to the pool: a later round may draw them again.
    """
    now = world.clock.now()

    def save(tx: Tx) -> int:
        before = queue.summary(tx, project.id)
        queue.release_all(tx, project.id, now)
        queue.close(tx, project.id, draws.drawn(tx, project.id, project.round).position)
        projects.remember(tx, competence.closed_key(project), now.isoformat())
        n_closed = before.wanted - queue.summary(tx, project.id).wanted
        unseen = returns.untouched(tx, project.id, project.round)
        returns.give_back(tx, project.id, unseen, now)
        body = {
            "round": project.round,
            "no_longer_wanted": n_closed,
            "n_returned": len(unseen),
            "returned_sha256": digest(unseen),
        }
        record(tx, project.id, EntryKind.ITEMS_ROUTED, now, actor=actor, about=project.id, body=body)
        return n_closed

    return world.store.write(save)


def give_back(world: World, permit: Permit) -> int:
    """End what the caller holds, and return how many leases that were: their items are open to others at once."""
    now = world.clock.now()
    return world.store.write(lambda tx: queue.release_held(tx, permit.project.id, permit.annotator, now))


def expire(world: World) -> int:
    """End the leases whose time is over, and return how many; their items are open again."""
    return world.store.write(lambda tx: queue.expire(tx, world.clock.now()))


def history(world: World, permit: Permit, limit: int, before: AnnotationId | None = None) -> list[dict[str, object]]:
    """Return the caller's own answers, newest first, those taken back marked; gold checks are not told apart.

    `before` is the last answer of the page before: the list goes on after it.

    Raises
    ------
    NotFound
        If the caller gave no such answer.
    """
    project, mine = permit.project.id, permit.annotator

    def load(tx: Tx) -> tuple[Kept, ...]:
        if before is None:
            return rows.history(tx, project, mine, limit)
        last = rows.find(tx, before)
        if last is None or last.annotation.annotator != mine or last.project != project:
            raise NotFound("You gave no such answer.", annotation=before)
        return rows.history(tx, project, mine, limit, last.entry_seq)

    hidden = {"purpose"}
    return [
        {key: value for key, value in annotation_to_plain(each.annotation).items() if key not in hidden}
        | {"withdrawn": each.withdrawn}
        for each in world.store.read(load)
    ]
