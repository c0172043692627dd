"""Calibration: a manager has annotators answer the same items blindly; then all talk about those that they disagree on.

In: permits, answers, words. Out: sessions as the caller may see them. Never: an answer of somebody else while the session
is blind; gold among its items; an answer of a session counted as a vote.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

import numpy as np

from goldseam.annotate import calibrate, fits
from goldseam.annotate.calibrate import Choosing, SessionEvent, SessionState
from goldseam.edge import keys
from goldseam.edge.runner import calibration_figures, repeats
from goldseam.edge.runner.calibration_entries import agreed_of, in_text, told_of
from goldseam.edge.runner.calibration_figures import Figures
from goldseam.edge.runner.log import record
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.sealing import digest_of, sealed
from goldseam.edge.runner.talk import includes
from goldseam.edge.runner.world import World
from goldseam.edge.store import calibration as rows
from goldseam.edge.store import calibration_tables as tables
from goldseam.edge.store import items, talk
from goldseam.edge.store import people as people_rows
from goldseam.edge.store import projects as project_rows
from goldseam.edge.store.calibration import Agreed, Comment, Given, Person, Session
from goldseam.edge.store.tx import Positions, Tx
from goldseam.formats.plain import answer_to_plain
from goldseam.ledger.canonical import canonical
from goldseam.ledger.entries import EntryKind, commitment
from goldseam.vocab.answers import Abstain, Answer
from goldseam.vocab.errors import BadAnswer, BadValue, Conflict, NotFound, NotReady
from goldseam.vocab.items import Item, ItemId
from goldseam.vocab.people import Act, AnnotatorId, may
from goldseam.vocab.schema import QuestionName
from goldseam.vocab.talk import MAX_CLAUSE, check_words

Plain = dict[str, object]
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
    if world.store.read(lambda tx: talk.was_kept(tx, tables.calibrations, asked.id, project.id, digest)):
        return
    seed = world.clock.seed()
    rng = world.clock.rng(seed)
    positions = _choose(world, project, asked, rng)
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

    def save(tx: Tx) -> None:
        if talk.was_kept(tx, tables.calibrations, asked.id, project.id, digest):
            return
        for who in asked.people:
            if not may(people_rows.role(tx, project.id, who), Act.ANNOTATE):
                raise NotFound("The project has no such annotator.", annotator=who)
        if len(rows.are_gold(tx, project.id, positions)):
            raise BadValue("A session shows what everybody answered, so gold is none of its items: leave it out.")
        rows.add(tx, project.id, made, positions.tolist(), people, digest)
        body = {"choosing": asked.choosing.value, "n_items": len(positions), "n_people": len(people), "seed": str(seed)}
        record(tx, project.id, EntryKind.CALIBRATION_STARTED, now, actor=permit.annotator, about=asked.id, body=body)

    world.store.write(save)


def _choose(world: World, project: ProjectFacts, asked: Start, rng: np.random.Generator) -> Positions:
    read = world.store.read
    match asked.choosing:
        case Choosing.GIVEN:
            return read(lambda tx: items.positions_of(tx, project.id, asked.items))
        case Choosing.RANDOM:
            n_items = read(lambda tx: project_rows.get(tx, project.id)).n_items
            n = min(n_items, asked.n_items * SPARE)
            found = rng.choice(n_items, n, replace=False, shuffle=True).astype(np.int64)
        case Choosing.DISAGREEMENT:
            near, far = calibration_figures.disputed(world, project, asked.n_items * SPARE, rng)
            found = near[np.argsort(-far, kind="stable")][: int(np.count_nonzero(far))]
    found = found[~np.isin(found, read(lambda tx: rows.are_gold(tx, project.id, found)))]
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
    answers: Mapping[QuestionName, Answer],
    reason: str,
    seconds: float,
) -> None:
    """Answer one item of a session, every question that is asked; with everybody's last answer the session is discussed.

    Raises
    ------
    NotFound
        If there is no such session, or the caller takes no part in it.
    NotReady
        If the session is blind no more.
    BadAnswer
        If a question that is asked has no answer, or an answer fits its question or item not.
    Conflict
        If the caller answered this item before.
    """
    project, now = permit.project, world.clock.now()
    check_words(reason, "A reason", may_be_empty=True)
    plain = {name: answer_to_plain(one) for name, one in answers.items()}
    sent = {"by": permit.annotator, "session": session_id, "number": number, "answers": plain, "reason": reason}
    digest = digest_of({**sent, "seconds": float(seconds)})

    def save(tx: Tx) -> bool:
        session = _taking_part(tx, permit, session_id)
        if not talk.was_kept(tx, tables.calibration_answers, answer_id, project.id, digest):
            _check_state(session, SessionState.BLIND)
            if session.schema_version != project.schema_version:
                raise NotReady("The questions changed since this session began; close it, and start another.")
            item = _item(tx, project, session, number)
            fits.answered(project.schema, answers, fits.extent_of(item))
            if any(one.number == number for one in rows.answers_of(tx, session_id, permit.annotator)):
                raise Conflict("You answered this item already.", number=number)
            salt = keys.new_salt()
            row = Given(number, permit.annotator, canonical(plain).decode(), reason, seconds)
            rows.answer(tx, project.id, session_id, answer_id, row, salt.hex(), digest, now)
            told = told_of(session_id, answer_id, row, (session.schema_version, session.guideline_version), now)
            body = {"commitment": commitment(salt, canonical(told)), "item": item.id, "calibration": session_id}
            kind = EntryKind.CALIBRATION_ANSWERED
            record(tx, project.id, kind, now, actor=permit.annotator, about=answer_id, body=body)
        is_blind = session.state is SessionState.BLIND
        return is_blind and all(one.n_answers == session.n_items for one in rows.people_of(tx, session_id))

    if world.store.write(save):
        _discuss(world, permit, session_id, SessionEvent.COMPLETE)


def _taking_part(tx: Tx, permit: Permit, session_id: str) -> Session:
    """Return a session that the caller takes part in; with the same words for one that is not there."""
    session = rows.hold(tx, permit.project.id, session_id)
    if session is None or all(one.annotator != permit.annotator for one in rows.people_of(tx, session_id)):
        raise NotFound("There is no such session, or you take no part in it.", calibration=session_id)
    return session


def _managed(tx: Tx, permit: Permit, session_id: str) -> Session:
    return _found(rows.hold(tx, permit.project.id, session_id), session_id)


def _found(session: Session | None, session_id: str) -> Session:
    if session is None:
        raise NotFound("There is no such session, or you take no part in it.", calibration=session_id)
    return session


def _check_state(session: Session, wanted: SessionState) -> None:
    if session.state is not wanted:
        raise _untimely(session, wanted)


def _untimely(session: Session, wanted: SessionState) -> NotReady:
    return NotReady(f"This session is {session.state.value} now; that goes only while it is {wanted.value}.")


def _item(tx: Tx, project: ProjectFacts, session: Session, number: int) -> Item:
    if not 1 <= number <= session.n_items:
        raise BadValue(f"This session has the items 1 to {session.n_items}; got {number}.")
    return items.at(tx, project.id, int(rows.items_of(tx, session.id)[number - 1]))


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
    ask = repeats.asked(act_id, permit.project.id, permit.annotator, "calibration", session_id, event.value)
    if event is SessionEvent.CLOSE:
        return _discuss(world, permit, session_id, event, ask)
    now = world.clock.now()

    def save(tx: Tx) -> None:
        session = _managed(tx, permit, session_id)
        if repeats.before(tx, ask) is None:
            rows.move(tx, session.id, calibrate.after(session.state, event), now)
            _record_move(tx, permit, session, now, {"event": event.value})
            repeats.note(tx, ask, session_id, now)

    world.store.write(save)
    return None


def _record_move(tx: Tx, permit: Permit, session: Session, now: datetime, body: Plain) -> None:
    record(tx, permit.project.id, EntryKind.CALIBRATION_MOVED, now, actor=permit.annotator, about=session.id, body=body)


def _discuss(
    world: World, permit: Permit, session_id: str, event: SessionEvent, ask: repeats.Asked | None = None
) -> None:
    """Let a session be discussed, with its own agreement.

    Shapes take a while to compare, so that happens before the act; where another answer came meanwhile, once more.
    """
    project, now = permit.project, world.clock.now()
    is_done = False
    while not is_done:
        session = world.store.read(lambda tx: _found(rows.find(tx, project.id, session_id), session_id))
        is_blind = session.state is SessionState.BLIND
        figures = calibration_figures.of_session(world, project, session) if is_blind else Figures([], {}, 0)

        def save(tx: Tx, figures: Figures = figures) -> bool:
            held = _managed(tx, permit, session_id)
            over = held.state is not SessionState.BLIND
            if (ask is not None and repeats.before(tx, ask) is not None) or (over and ask is None):
                return True
            state = calibrate.after(held.state, event)
            if len(rows.answers_of(tx, session_id)) != figures.n_given:
                return False
            rows.move(tx, session_id, state, now, figures.before, figures.apart)
            _record_move(tx, permit, held, now, {"event": event.value, "before": in_text(figures.before)})
            if ask is not None:
                repeats.note(tx, ask, session_id, now)
            return True

        is_done = world.store.write(save)


def measure_after(world: World, permit: Permit, session_id: str, act_id: str) -> None:
    """Measure the agreement of the session's people on ordinary items since it ended, and keep it with the session.

    Raises
    ------
    NotReady
        If the session is not finished.
    """
    project, now = permit.project, world.clock.now()
    ask = repeats.asked(act_id, project.id, permit.annotator, "calibration after", session_id)
    session = world.store.read(lambda tx: _found(rows.find(tx, project.id, session_id), session_id))
    if session.finished_at is None:
        raise _untimely(session, SessionState.FINISHED)
    measured = calibration_figures.since(world, project, session, session.finished_at)

    def save(tx: Tx) -> None:
        if repeats.before(tx, ask) is not None:
            return
        rows.set_after(tx, session_id, measured)
        body = {"after": in_text(measured)}
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
        _item(tx, project, session, number)
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
    question: str,
    answer: Answer,
    clause: str,
    reason: str,
) -> None:
    """Keep the answer that was agreed about an item, and the clause of the guideline that it follows from.

    Raises
    ------
    BadAnswer
        If the answer does not fit the question or the item.
    NotReady
        If the session is not discussed now.
    """
    project, now = permit.project, world.clock.now()
    asked = project.schema.question(question)
    asked.check(answer)
    if isinstance(answer, Abstain):
        raise BadAnswer("What was agreed is an answer; where there is none, leave the item open.", question=question)
    check_words(clause, "A clause", MAX_CLAUSE, may_be_empty=True)
    check_words(reason, "A reason", may_be_empty=True)
    row = Agreed(number, question, canonical(answer_to_plain(answer)).decode(), clause, reason, now)
    sent = agreed_of(session_id, permit.annotator, row)

    def save(tx: Tx) -> None:
        session = _managed(tx, permit, session_id)
        kept, committed = sealed(sent)
        if talk.was_kept(tx, tables.calibration_agreed, agreed_id, project.id, kept.hash):
            return
        _check_state(session, SessionState.DISCUSSED)
        fits.check(asked, answer, fits.extent_of(_item(tx, project, session, number)))
        rows.agree(tx, project.id, session_id, agreed_id, row, permit.annotator, kept.salt, kept.hash)
        body = {"commitment": committed, "calibration": session_id, "number": number}
        record(tx, project.id, EntryKind.CALIBRATION_AGREED, now, actor=permit.annotator, about=agreed_id, body=body)

    world.store.write(save)
