"""Pay: rates, statements of what people earned, their approval and payment, and what a settled label cost.

In: permits, amounts in minor units. Out: statements as the caller may see them. Never: another's earnings to whoever does
not manage; an act of somebody on their own pay; an answer paid twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from goldseam.annotate import pay
from goldseam.annotate.pay import Earned, PayEvent, PayState, Rate
from goldseam.edge.runner.log import record
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.sealing import digest_of, sealed
from goldseam.edge.runner.world import World
from goldseam.edge.store import access, settlements, talk
from goldseam.edge.store import pay as rows
from goldseam.edge.store import pay_tables as tables
from goldseam.edge.store import people as people_rows
from goldseam.edge.store.pay import Event, Statement
from goldseam.edge.store.tx import Tx, new_id
from goldseam.formats.tables import to_csv
from goldseam.ledger.entries import EntryKind, time_text
from goldseam.route.tiers import Tier
from goldseam.vocab.errors import BadValue, NotAllowed, NotFound, NotReady
from goldseam.vocab.people import AnnotatorId
from goldseam.vocab.talk import check_words

MOST_ANSWERS = 20_000
"""Answers of one kind in one statement: a call then costs the same in any project, and what is left stands in the next one."""
EXPORTED = 10_000
NOT_OWN = "Nobody decides about their own pay; ask another manager."


@dataclass(frozen=True, slots=True)
class StatementSeen:
    """A statement with its state and events; `name` only for whoever manages."""

    statement: Statement
    name: str | None
    state: PayState
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Mine:
    """What the caller earned: statements; how many answers no statement has yet, and what they earn.

    `amount` is None where it would tell, answer by answer, which item is gold: gold takes no tier, and may not be paid for.
    """

    statements: tuple[StatementSeen, ...]
    n_open: int
    amount: int | None
    rates: tuple[Rate, ...]


@dataclass(frozen=True, slots=True)
class Cost:
    """What all statements come to in one currency, and for each settled label; both as decimal numbers."""

    currency: str
    amount: str
    n_settled: int
    per_label: str | None


def set_rate(world: World, permit: Permit, rate: Rate) -> None:
    """Set a rate, from its time on; it holds for answers that no statement has yet.

    Raises
    ------
    NotAllowed
        If it is the caller's own.
    NotFound
        If it is somebody's who has no role in the project.
    """
    project, now = permit.project, world.clock.now()
    if rate.annotator == permit.annotator:
        raise NotAllowed(NOT_OWN)
    if rate.tier is not None and rate.tier not in set(Tier):
        raise BadValue(f"A tier is one of {', '.join(str(int(one)) for one in Tier)}; got {rate.tier}.")
    if rate.currency != project.settings.pay.currency:
        raise BadValue(f"The project pays in {project.settings.pay.currency}; got {rate.currency!r}.")
    sent = {**asdict(rate), "since": time_text(rate.since), "by": permit.annotator}

    def save(tx: Tx) -> None:
        kept, commitment = sealed(sent)
        if talk.was_kept(tx, tables.pay_rates, rate.id, project.id, kept.hash):
            return
        if rate.annotator is not None and people_rows.role(tx, project.id, rate.annotator) is None:
            raise NotFound("Nobody of this id has a role in the project.", annotator=rate.annotator)
        rows.add_rate(tx, project.id, rate, permit.annotator, kept, now)
        body: dict[str, object] = {"commitment": commitment, "per": rate.per.value}
        if rate.annotator is None:  # what one person gets is personal; what everybody gets is not
            body |= {
                "amount": rate.amount,
                "currency": rate.currency,
                "tier": rate.tier,
                "since": time_text(rate.since),
            }
        record(tx, project.id, EntryKind.PAY_RATE_SET, now, actor=permit.annotator, about=rate.id, body=body)

    world.store.write(save)


def rates(world: World, permit: Permit) -> tuple[Rate, ...]:
    """Return every rate that was set, oldest first."""
    return world.store.read(lambda tx: rows.rates(tx, permit.project.id))


def state(world: World, permit: Permit, statement_id: str, annotator: AnnotatorId, until: datetime) -> StatementSeen:
    """Make a statement of what somebody earned by their answers before a time, and return it.

    Raises
    ------
    NotAllowed
        If it is the caller's own.
    NotReady
        If there is nothing to pay, or no rate for it.
    BadValue
        If the time is still to come.
    """
    project, now = permit.project, world.clock.now()
    if annotator == permit.annotator:
        raise NotAllowed(NOT_OWN)
    if until > now:
        raise BadValue("A statement ends at a time that has passed.")
    digest = digest_of({"by": permit.annotator, "about": annotator, "until": time_text(until)})

    def save(tx: Tx) -> StatementSeen:
        if not talk.was_kept(tx, tables.pay_statements, statement_id, project.id, digest):
            access.one_at_a_time(tx, f"pay {project.id} {annotator}")
            _state(tx, permit, statement_id, annotator, until, digest, now)
        found = rows.find(tx, project.id, statement_id)
        assert found is not None  # noqa: S101 - kept above, and statements stay
        return _seen(tx, (found,), named=True)[0]

    return world.store.write(save)


def _state(
    tx: Tx, permit: Permit, statement_id: str, annotator: AnnotatorId, until: datetime, digest: str, now: datetime
) -> None:
    project, policy = permit.project, permit.project.settings.pay
    found = _earned(tx, project, annotator, until)
    if not found.paid:
        why = "no rate is set for them" if found.n_without_rate else "there is nothing to pay"
        raise NotReady(
            f"Of this person's answers until then none was paid for a statement: {why}.", annotator=annotator
        )
    made = Statement(
        number=0,
        id=statement_id,
        annotator=annotator,
        currency=policy.currency,
        minor_digits=policy.minor_digits,
        amount=found.amount,
        n_answers=len(found.paid),
        lines=found.lines,
        until=until,
        at=now,
    )
    lines = [asdict(line) for line in made.lines]
    told = {"amount": made.amount, "currency": made.currency, "lines": lines, "answers": sorted(found.paid)}
    kept, commitment = sealed(told)
    rows.state(tx, project.id, made, found.paid, permit.annotator, talk.Sealed(digest, kept.salt))
    body = {"annotator": annotator, "n_answers": made.n_answers, "until": time_text(until), "commitment": commitment}
    record(tx, project.id, EntryKind.PAY_STATED, now, actor=permit.annotator, about=statement_id, body=body)


def _earned(tx: Tx, project: ProjectFacts, annotator: AnnotatorId, until: datetime) -> Earned:
    policy = project.settings.pay
    known = [one for one in rows.rates(tx, project.id) if one.currency == policy.currency]
    return pay.earned(rows.unpaid(tx, project.id, annotator, until, MOST_ANSWERS), known, policy)


def state_all(world: World, permit: Permit, until: datetime) -> tuple[StatementSeen, ...]:
    """Make statements for everybody who earned something until a time, but the caller.

    This looks at all people: it is for the command line, never for a call of the server.
    """
    made = []
    for annotator in world.store.read(lambda tx: rows.earners(tx, permit.project.id)):
        while annotator != permit.annotator and _has_earned(world, permit, annotator, until):
            made.append(state(world, permit, new_id(world.clock.now()), annotator, until))
    return tuple(made)


def _has_earned(world: World, permit: Permit, annotator: AnnotatorId, until: datetime) -> bool:
    return bool(world.store.read(lambda tx: _earned(tx, permit.project, annotator, until)).paid)


def move(world: World, permit: Permit, statement_id: str, event_id: str, event: PayEvent, reason: str) -> None:
    """Approve, hold or pay a statement.

    Raises
    ------
    NotFound
        If there is no such statement.
    NotAllowed
        If it is the caller's own.
    NotReady
        If that cannot happen to it now.
    """
    project, now = permit.project, world.clock.now()
    check_words(reason, "A reason", may_be_empty=event is not PayEvent.HOLD)
    sent = {"by": permit.annotator, "statement": statement_id, "event": event.value, "reason": reason}

    def save(tx: Tx) -> None:
        found = rows.find(tx, project.id, statement_id)
        if found is None:
            raise NotFound("There is no such statement.", statement=statement_id)
        if found.annotator == permit.annotator:
            raise NotAllowed(NOT_OWN)
        kept, commitment = sealed(sent)
        if talk.was_kept(tx, tables.pay_events, event_id, project.id, kept.hash):
            return
        access.one_at_a_time(tx, f"pay {statement_id}")
        pay.after(rows.state_after(rows.events(tx, [statement_id])[statement_id]), event)
        rows.add_event(tx, project.id, event_id, Event(statement_id, event, reason, permit.annotator, now), kept)
        body = {"event": event.value, "statement": statement_id, "commitment": commitment}
        record(tx, project.id, EntryKind.PAY_MOVED, now, actor=permit.annotator, about=event_id, body=body)

    world.store.write(save)


def mine(world: World, permit: Permit, *, before: int | None = None, limit: int = 50) -> Mine:
    """Return what the caller earned: statements, newest first, and what no statement has yet."""
    project, now = permit.project, world.clock.now()

    def load(tx: Tx) -> Mine:
        found = rows.listing(tx, project.id, of=permit.annotator, before=before, limit=limit)
        own = tuple(one for one in rows.rates(tx, project.id) if one.annotator in {None, permit.annotator})
        due = rows.unpaid(tx, project.id, permit.annotator, now, MOST_ANSWERS, newest=MOST_ANSWERS)
        policy = project.settings.pay
        known = [one for one in own if one.currency == policy.currency]
        amount = None if pay.tells_gold(own, policy) else pay.earned(due, known, policy).amount
        return Mine(_seen(tx, found, named=False), len(due), amount, own)

    return world.store.read(load)


def listing(world: World, permit: Permit, *, before: int | None = None, limit: int = 50) -> tuple[StatementSeen, ...]:
    """Return everybody's statements, newest first."""
    return world.store.read(
        lambda tx: _seen(tx, rows.listing(tx, permit.project.id, before=before, limit=limit), named=True)
    )


def _seen(tx: Tx, found: Sequence[Statement], *, named: bool) -> tuple[StatementSeen, ...]:
    happened = rows.events(tx, [one.id for one in found])
    names = {one.annotator: people_rows.annotator(tx, one.annotator).name for one in found} if named else {}
    return tuple(
        StatementSeen(one, names.get(one.annotator), rows.state_after(happened[one.id]), tuple(happened[one.id]))
        for one in found
    )


def csv(world: World, permit: Permit) -> bytes:
    """Return the newest statements as CSV; no cell is one that a spreadsheet would run."""
    found = listing(world, permit, limit=EXPORTED)
    made = [one.statement for one in found]
    return to_csv(
        {
            "statement": [one.id for one in made],
            "annotator": [one.annotator for one in made],
            "name": [one.name or "" for one in found],
            "until": [time_text(one.until) for one in made],
            "n_answers": [one.n_answers for one in made],
            "amount": [pay.shown(one.amount, one.minor_digits) for one in made],
            "currency": [one.currency for one in made],
            "state": [one.state.value for one in found],
        }
    )


def cost(world: World, project: ProjectFacts) -> tuple[Cost, ...]:
    """Return what all statements come to, and for each settled label, by currency."""

    def load(tx: Tx) -> tuple[dict[tuple[str, int], int], int]:
        return rows.totals(tx, project.id), settlements.n_settled(tx, project.id)

    sums, n_settled = world.store.read(load)
    found = []
    for (currency, digits), amount in sorted(sums.items()):
        each = pay.per_label(amount, n_settled)
        # Two decimals more than the currency has: a label often costs less than its smallest coin.
        fine = None if each is None else pay.shown(round(each * 100), digits + 2)
        found.append(Cost(currency, pay.shown(amount, digits), n_settled, fine))
    return tuple(found)
