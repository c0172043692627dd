"""Calibration: a manager has annotators answer the same items blindly; then all talk about those that they disagree on.

In: permits, answers, words. Out: sessions as the caller may see them. Never: an answer of somebody else while the session
is blind; gold among its items; an answer of a session counted as a vote.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

import numpy as np

from goldseam.annotate import calibrate
from goldseam.annotate.calibrate import Choosing, SessionEvent, SessionState
from goldseam.edge import keys
from goldseam.edge.runner import repeats
from goldseam.edge.runner.log import record
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.sealing import digest_of, sealed
from goldseam.edge.runner.talk import includes
from goldseam.edge.runner.world import World
from goldseam.edge.store import annotations as annotation_rows
from goldseam.edge.store import calibration as rows
from goldseam.edge.store import calibration_tables as tables
from goldseam.edge.store import items, talk
from goldseam.edge.store import people as people_rows
from goldseam.edge.store import projects as project_rows
from goldseam.edge.store.calibration import Agreed, Comment, Given, Person, Session
from goldseam.edge.store.tx import Positions, Tx
from goldseam.formats.plain import annotation_commitment, answer_to_plain
from goldseam.ledger.canonical import canonical
from goldseam.ledger.entries import EntryKind
from goldseam.stats.votes import Votes
from goldseam.vocab.annotations import Annotation, AnnotationId, AssignmentId, Purpose, Reaction
from goldseam.vocab.answers import Answer, Choice, LabelName
from goldseam.vocab.errors import BadValue, Conflict, NotFound, NotReady
from goldseam.vocab.items import ItemId
from goldseam.vocab.people import Act, AnnotatorId, may
from goldseam.vocab.schema import GuidelineVersion, QuestionName, SchemaVersion
from goldseam.vocab.talk import MAX_CLAUSE, check_words

MOST_COMPARED = 2_000
"""Votes of one annotator that are compared after a session: the newest, so that measuring costs the same in any project."""
SPARE = 5
"""So many times more items are looked at than are wanted, since gold among them is passed over."""


@dataclass(frozen=True, slots=True)
class Start:
    """A session as it is asked for: `items` where they are given, else how many of which kind."""

    id: str
    title: str
    choosing: Choosing
    n_items: int
    people: tuple[AnnotatorId, ...]
    items: tuple[ItemId, ...] = ()

    def __post_init__(self) -> None:
        if (self.choosing is Choosing.GIVEN) != bool(self.items):
            raise BadValue("Name items with choosing 'given', and with nothing else.")
        if len(set(self.people)) != len(self.people) or len(set(self.items)) != len(self.items):
            raise BadValue("Name every annotator and every item once.")
        calibrate.check_size(len(self.items) or self.n_items, len(self.people))
        check_words(self.title, "A session's title", 200)


def start(world: World, permit: Permit, asked: Start) -> None:
    """Start a session.

    Raises
    ------
    NotFound
        If an item, or an annotator who may answer, is not there.
    NotReady
        If there are too few items of that kind.
    """
    project, now = permit.project, world.clock.now()
    digest = digest_of({**asdict(asked), "by": permit.annotator})
    seed = world.clock.seed()

    def save(tx: Tx) -> None:
        if talk.was_kept(tx, tables.calibrations, asked.id, project.id, digest):
            return
        for who in asked.people:
            if not may(people_rows.role(tx, project.id, who), Act.ANNOTATE):
                raise NotFound("The project has no such annotator.", annotator=who)
        rng = world.clock.rng(seed)
        positions = _choose(tx, project, asked, rng)
        covers = rng.permutation(len(asked.people)) + 1
        people = [Person(who, f"A{cover:02d}", 0) for who, cover in zip(asked.people, covers.tolist(), strict=True)]
        made = Session(
            id=asked.id,
            title=asked.title,
            choosing=asked.choosing,
            seed=seed,
            state=SessionState.BLIND,
            n_items=len(positions),
            n_people=len(people),
            schema_version=project.schema_version,
            guideline_version=project.guideline_version,
            by=permit.annotator,
            at=now,
        )
        rows.add(tx, project.id, made, positions.tolist(), people, digest)
        body = {"choosing": asked.choosing.value, "n_items": len(positions), "n_people": len(people), "seed": str(seed)}
        record(tx, project.id, EntryKind.CALIBRATION_STARTED, now, actor=permit.annotator, about=asked.id, body=body)

    world.store.write(save)


def _choose(tx: Tx, project: ProjectFacts, asked: Start, rng: np.random.Generator) -> Positions:
    match asked.choosing:
        case Choosing.GIVEN:
            found = items.positions_of(tx, project.id, asked.items)
            if len(rows.are_gold(tx, project.id, found)):
                raise BadValue("A session shows what everybody answered, so gold is none of its items: leave it out.")
            return found
        case Choosing.RANDOM:
            n_items = project_rows.get(tx, project.id).n_items
            n = min(n_items, asked.n_items * SPARE)
            found = rng.choice(n_items, n, replace=False, shuffle=True).astype(np.int64)
        case Choosing.DISAGREEMENT:
            near = rows.least_sure(tx, project.id, project.question, asked.n_items * SPARE)
            counts = annotation_rows.counts(tx, project.id, project.question, near, len(project.labels))
            apart = calibrate.disagreement(counts)
            found = near[np.argsort(-apart, kind="stable")][: int(np.count_nonzero(apart))]
    found = found[~np.isin(found, rows.are_gold(tx, project.id, found))]
    if len(found) < asked.n_items:
        kind = "items that annotators disagree on" if asked.choosing is Choosing.DISAGREEMENT else "items"
        raise NotReady(f"The project has {len(found)} {kind} for a session; {asked.n_items} were asked for.")
    return found[: asked.n_items]


def answer(
    world: World,
    permit: Permit,
    session_id: str,
    answer_id: str,
    number: int,
    given: Answer,
    reason: str,
    seconds: float,
) -> None:
    """Answer one item of a session; with everybody's last answer the session is discussed.

    Raises
    ------
    NotFound
        If there is no such session, or the caller takes no part in it.
    NotReady
        If the session is blind no more.
    Conflict
        If the caller answered this item before.
    """
    project, now = permit.project, world.clock.now()
    project.schema.main.check(given)
    check_words(reason, "A reason", may_be_empty=True)
    plain = answer_to_plain(given)
    sent = {"by": permit.annotator, "session": session_id, "number": number, "answer": plain, "reason": reason}
    digest = digest_of({**sent, "seconds": float(seconds)})

    def save(tx: Tx) -> None:
        session = _taking_part(tx, permit, session_id)
        if talk.was_kept(tx, tables.calibration_answers, answer_id, project.id, digest):
            return
        _check_state(session, SessionState.BLIND)
        position = _position(tx, session, number)
        if any(one.number == number for one in rows.answers_of(tx, session_id, permit.annotator)):
            raise Conflict("You answered this item already.", number=number)
        label = project.labels.index(given.label) if isinstance(given, Choice) else None
        salt = keys.new_salt()
        made = Annotation(
            id=AnnotationId(answer_id),
            assignment=AssignmentId(f"{session_id}.{number}"),
            item=items.ids_of(tx, project.id, np.array([position], np.int64))[0],
            annotator=permit.annotator,
            question=QuestionName(project.question),
            answer=given,
            purpose=Purpose.CALIBRATION,
            schema_version=SchemaVersion(session.schema_version),
            guideline_version=GuidelineVersion(session.guideline_version),
            reaction=Reaction.NONE,
            seconds=seconds,
            surplus=False,
            at=now,
        )
        row = Given(number, permit.annotator, canonical(plain).decode(), label, reason, seconds)
        rows.answer(tx, project.id, session_id, answer_id, row, salt.hex(), digest, now)
        body = {"commitment": annotation_commitment(made, salt), "item": made.item, "calibration": session_id}
        record(tx, project.id, EntryKind.CALIBRATION_ANSWERED, now, actor=permit.annotator, about=answer_id, body=body)
        if all(one.n_answers == session.n_items for one in rows.people_of(tx, session_id)):
            _move(world, tx, permit, session, SessionEvent.COMPLETE, now)

    world.store.write(save)


def _taking_part(tx: Tx, permit: Permit, session_id: str) -> Session:
    """Return a session that the caller takes part in; with the same words for one that is not there."""
    session = rows.hold(tx, permit.project.id, session_id)
    if session is None or all(one.annotator != permit.annotator for one in rows.people_of(tx, session_id)):
        raise NotFound("There is no such session, or you take no part in it.", calibration=session_id)
    return session


def _managed(tx: Tx, permit: Permit, session_id: str) -> Session:
    session = rows.hold(tx, permit.project.id, session_id)
    if session is None:
        raise NotFound("There is no such session, or you take no part in it.", calibration=session_id)
    return session


def _check_state(session: Session, wanted: SessionState) -> None:
    if session.state is not wanted:
        raise NotReady(f"This session is {session.state.value} now; that goes only while it is {wanted.value}.")


def _position(tx: Tx, session: Session, number: int) -> int:
    if not 1 <= number <= session.n_items:
        raise BadValue(f"This session has the items 1 to {session.n_items}; got {number}.")
    return int(rows.items_of(tx, session.id)[number - 1])


def _move(world: World, tx: Tx, permit: Permit, session: Session, event: SessionEvent, now: datetime) -> None:
    """Let a session go on, measuring its own agreement when it ends to be blind."""
    state = calibrate.after(session.state, event)
    before = None
    if state is SessionState.DISCUSSED:
        votes = session_votes(tx, permit.project, session.id)
        before = asdict(calibrate.measure(votes, world.clock.rng(session.seed)))
    rows.move(tx, session.id, state, now, before)
    body: dict[str, object] = {"event": event.value} | ({} if before is None else {"before": _in_text(before)})
    record(tx, permit.project.id, EntryKind.CALIBRATION_MOVED, now, actor=permit.annotator, about=session.id, body=body)


def _in_text(measured: dict[str, object]) -> dict[str, str]:
    return {name: "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
            for name, value in measured.items()}  # fmt: skip


def session_votes(tx: Tx, project: ProjectFacts, session_id: str) -> Votes:
    """Return the choices of a session as votes; abstentions are none."""
    positions = rows.items_of(tx, session_id)
    people = [one.annotator for one in rows.people_of(tx, session_id)]
    place = {who: index for index, who in enumerate(people)}
    given = [one for one in rows.answers_of(tx, session_id) if one.label is not None]
    return rows.votes_of(
        np.array([positions[one.number - 1] for one in given], np.int64),
        np.array([place[one.annotator] for one in given], np.int32),
        np.array([one.label for one in given], np.int32),
        people,
        project.labels,
        np.empty(0, np.int64),
    )


def move(world: World, permit: Permit, session_id: str, act_id: str, event: SessionEvent) -> None:
    """Close the blind part of a session, or end the session.

    Raises
    ------
    NotFound
        If there is no such session.
    NotReady
        If that cannot happen now.
    """
    if event is SessionEvent.COMPLETE:
        raise BadValue("A session is complete by its last answer; a manager closes it.")
    now = world.clock.now()
    ask = repeats.asked(act_id, permit.project.id, permit.annotator, "calibration", session_id, event.value)

    def save(tx: Tx) -> None:
        session = _managed(tx, permit, session_id)
        if repeats.before(tx, ask) is None:
            _move(world, tx, permit, session, event, now)
            repeats.note(tx, ask, session_id, now)

    world.store.write(save)


def measure_after(world: World, permit: Permit, session_id: str, act_id: str) -> None:
    """Measure the agreement of the session's people on ordinary items since it ended, and keep it with the session.

    Raises
    ------
    NotReady
        If the session is not finished.
    """
    project, now = permit.project, world.clock.now()
    ask = repeats.asked(act_id, project.id, permit.annotator, "calibration after", session_id)

    def save(tx: Tx) -> None:
        session = _managed(tx, permit, session_id)
        if repeats.before(tx, ask) is not None:
            return
        _check_state(session, SessionState.FINISHED)
        assert session.finished_at is not None  # noqa: S101 - finished, one line above
        people = [one.annotator for one in rows.people_of(tx, session_id)]
        votes = rows.ordinary_votes(
            tx, project.id, project.question, people, session.finished_at, rows.items_of(tx, session_id),
            project.labels, MOST_COMPARED,
        )  # fmt: skip
        measured = asdict(calibrate.measure(votes, world.clock.rng(session.seed)))
        rows.set_after(tx, session_id, measured)
        body = {"after": _in_text(measured)}
        record(tx, project.id, EntryKind.CALIBRATION_MEASURED, now, actor=permit.annotator, about=session_id, body=body)
        repeats.note(tx, ask, session_id, now)

    world.store.write(save)


def say(world: World, permit: Permit, session_id: str, comment_id: str, number: int, text: str) -> None:
    """Say something about an item of a session that is discussed.

    Raises
    ------
    NotFound
        If there is no such session, or the caller neither takes part in it nor manages.
    NotReady
        If it is blind still, or over.
    """
    project, now = permit.project, world.clock.now()
    check_words(text, "A comment")
    sent = {"by": permit.annotator, "session": session_id, "number": number, "text": text}

    def save(tx: Tx) -> None:
        manages = includes(permit, Act.MANAGE)
        session = _managed(tx, permit, session_id) if manages else _taking_part(tx, permit, session_id)
        kept, commitment = sealed(sent)
        if talk.was_kept(tx, tables.calibration_comments, comment_id, project.id, kept.hash):
            return
        _check_state(session, SessionState.DISCUSSED)
        _position(tx, session, number)
        made = Comment(comment_id, number, permit.annotator, text, now)
        rows.comment(tx, project.id, session_id, made, kept.salt, kept.hash)
        body = {"commitment": commitment, "calibration": session_id, "number": number}
        record(tx, project.id, EntryKind.CALIBRATION_SAID, now, actor=permit.annotator, about=comment_id, body=body)

    world.store.write(save)


def agree(
    world: World,
    permit: Permit,
    session_id: str,
    agreed_id: str,
    number: int,
    label: LabelName,
    clause: str,
    reason: str,
) -> None:
    """Keep the answer that was agreed about an item, and the clause of the guideline that it follows from.

    Raises
    ------
    BadAnswer
        If the project's first question has no such label.
    NotReady
        If the session is not discussed now.
    """
    project, now = permit.project, world.clock.now()
    project.schema.main.check(Choice(label))
    check_words(clause, "A clause", MAX_CLAUSE, may_be_empty=True)
    check_words(reason, "A reason", may_be_empty=True)
    sent = {
        "by": permit.annotator,
        "session": session_id,
        "number": number,
        "label": label,
        "clause": clause,
        "why": reason,
    }

    def save(tx: Tx) -> None:
        session = _managed(tx, permit, session_id)
        kept, commitment = sealed(sent)
        if talk.was_kept(tx, tables.calibration_agreed, agreed_id, project.id, kept.hash):
            return
        _check_state(session, SessionState.DISCUSSED)
        _position(tx, session, number)
        made = Agreed(number, label, clause, reason, now)
        rows.agree(tx, project.id, session_id, agreed_id, made, permit.annotator, kept.salt, kept.hash)
        body = {"commitment": commitment, "calibration": session_id, "number": number}
        record(tx, project.id, EntryKind.CALIBRATION_AGREED, now, actor=permit.annotator, about=agreed_id, body=body)

    world.store.write(save)
