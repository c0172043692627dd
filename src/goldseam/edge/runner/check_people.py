"""Check of people's rows: whether tries, promotions, sessions and pay still say what the log committed to.

In: a transaction, a project, its log entries by kind. Out: findings. Never: a change; an amount believed without its commitment.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from goldseam.edge.runner import calibration_entries
from goldseam.edge.runner.check_talk import Compared, Sent, Told
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.store import every
from goldseam.edge.store.calibration import Agreed, Given
from goldseam.edge.store.tx import Tx, moment
from goldseam.ledger.entries import EntryKind, time_text
from goldseam.release.verify import Finding
from goldseam.vocab.people import AnnotatorId

Find = Callable[[EntryKind], Told]


def all_of(tx: Tx, facts: ProjectFacts, told: Find, *, is_whole: bool) -> Iterator[Finding]:
    """Compare every row of qualification, calibration and pay with its entry, both ways."""
    for compare in (_trials, _promotions, _answers, _said, _agreed, _rates, _statements, _moves):
        yield from compare(tx, facts, told, is_whole=is_whole)


def _trials(tx: Tx, facts: ProjectFacts, told: Find, *, is_whole: bool) -> Iterator[Finding]:
    compared = Compared("tries", told(EntryKind.TRIAL_ENDED), is_whole=is_whole)
    for row in every.rows(tx, facts.id, "trials"):
        if row.ended_at is not None:
            sent: Sent = {"trial": row.id, "answers": every.answers_of(tx, row.id)}
            body = {"n": row.n, "n_right": row.n_right, "event": row.event, "step": row.step}
            yield from compared.row(row.id, row.salt, row.annotator, row.ended_at, [sent], **body)
    yield from compared.rest()


def _promotions(tx: Tx, facts: ProjectFacts, told: Find, *, is_whole: bool) -> Iterator[Finding]:
    compared = Compared("promotions", told(EntryKind.PROMOTION_DECIDED), is_whole=is_whole)
    for row in every.rows(tx, facts.id, "promotions"):
        if row.decision is not None:
            sent: Sent = {"by": row.decided_by, "promotion": row.id, "state": row.state, "reason": row.reason}
            body = {"annotator": row.annotator, "state": row.state, "decision": row.decision}
            yield from compared.row(row.id, row.decision_salt, row.decided_by, row.decided_at, [sent], **body)
    yield from compared.rest()


def _answers(tx: Tx, facts: ProjectFacts, told: Find, *, is_whole: bool) -> Iterator[Finding]:
    compared = Compared("answers of sessions", told(EntryKind.CALIBRATION_ANSWERED), is_whole=is_whole)
    items = every.items_by_number(tx, facts.id)
    for row in every.rows(tx, facts.id, "calibration_answers"):
        item, schema, guideline = items[row.calibration, row.number]
        given = Given(row.number, AnnotatorId(row.annotator), row.answers, row.reason, row.seconds)
        sent = calibration_entries.told_of(row.calibration, row.id, given, (schema, guideline), moment(row.at))
        body = {"item": item, "calibration": row.calibration}
        yield from compared.row(row.id, row.salt, row.annotator, row.at, [sent], **body)
    yield from compared.rest()


def _said(tx: Tx, facts: ProjectFacts, told: Find, *, is_whole: bool) -> Iterator[Finding]:
    compared = Compared("comments of sessions", told(EntryKind.CALIBRATION_SAID), is_whole=is_whole)
    for row in every.rows(tx, facts.id, "calibration_comments"):
        sent: Sent = {"by": row.author, "session": row.calibration, "number": row.number, "text": row.text}
        body = {"calibration": row.calibration, "number": row.number}
        yield from compared.row(row.id, row.salt, row.author, row.at, [sent], **body)
    yield from compared.rest()


def _agreed(tx: Tx, facts: ProjectFacts, told: Find, *, is_whole: bool) -> Iterator[Finding]:
    compared = Compared("what was agreed", told(EntryKind.CALIBRATION_AGREED), is_whole=is_whole)
    for row in every.rows(tx, facts.id, "calibration_agreed"):
        agreed = Agreed(row.number, row.question, row.answer, row.clause, row.reason, moment(row.at))
        sent = calibration_entries.agreed_of(row.calibration, row.by, agreed)
        body = {"calibration": row.calibration, "number": row.number}
        yield from compared.row(row.id, row.salt, row.by, row.at, [sent], **body)
    yield from compared.rest()


def _rates(tx: Tx, facts: ProjectFacts, told: Find, *, is_whole: bool) -> Iterator[Finding]:
    compared = Compared("rates", told(EntryKind.PAY_RATE_SET), is_whole=is_whole)
    for row in every.rows(tx, facts.id, "pay_rates"):
        sent: Sent = {
            "id": row.id, "per": row.per, "amount": row.amount, "currency": row.currency, "tier": row.tier,
            "since": time_text(moment(row.since)), "annotator": row.annotator, "by": row.by,
        }  # fmt: skip
        yield from compared.row(row.id, row.salt, row.by, row.at, [sent], per=row.per)
    yield from compared.rest()


def _statements(tx: Tx, facts: ProjectFacts, told: Find, *, is_whole: bool) -> Iterator[Finding]:
    compared = Compared("statements", told(EntryKind.PAY_STATED), is_whole=is_whole)
    for row in every.rows(tx, facts.id, "pay_statements"):
        answers = every.paid_by(tx, row.id)
        sent: Sent = {
            "amount": row.amount,
            "currency": row.currency,
            "lines": json.loads(row.lines),
            "answers": answers,
        }
        body = {"annotator": row.annotator, "n_answers": len(answers), "until": time_text(moment(row.until))}
        yield from compared.row(row.id, row.salt, row.by, row.at, [sent], **body)
    yield from compared.rest()


def _moves(tx: Tx, facts: ProjectFacts, told: Find, *, is_whole: bool) -> Iterator[Finding]:
    compared = Compared("events of pay", told(EntryKind.PAY_MOVED), is_whole=is_whole)
    for row in every.rows(tx, facts.id, "pay_events"):
        sent: Sent = {"by": row.by, "statement": row.statement, "event": row.event, "reason": row.reason}
        yield from compared.row(row.id, row.salt, row.by, row.at, [sent], event=row.event, statement=row.statement)
    yield from compared.rest()
