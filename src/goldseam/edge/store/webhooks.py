"""Webhooks: who wants to hear of a project's events, and the deliveries that are waiting, done or dead.

In: webhooks, entries of the log, what became of a try. Out: records. Never: a secret, or a delivery given to two workers at once.

The log is the outbox: every act has its entry there in its own transaction, and sealed entries stand in an order without gaps. So
a webhook needs no more than how far it has come, and an act pays nothing for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, exists, insert, select, text, update

from goldseam.edge.store import tables as t
from goldseam.edge.store.tx import Tx, insert_columns, maybe_moment, micros, moment, within
from goldseam.edge.store.webhook_tables import deliveries, webhooks
from goldseam.vocab.items import ProjectId


class WebhookState(StrEnum):
    """Whether deliveries go out: `ended` is for ever."""

    ON = "on"
    OFF = "off"
    ENDED = "ended"


class DeliveryState(StrEnum):
    """How far a delivery is."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a project's events go, which of them, and how that went lately; `reason` is why it is off."""

    id: str
    project: ProjectId
    url: str
    events: tuple[str, ...]
    state: WebhookState
    reason: str
    secret_number: int
    old_until: datetime | None
    position: int
    n_failed: int
    failing_since: datetime | None
    rests_until: datetime | None
    made_by: str
    salt: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one webhook; `event` is its id wherever it is sent."""

    seq: int
    webhook: str
    event: str
    kind: str
    body: str
    state: DeliveryState
    n_tries: int
    due: datetime
    began: datetime | None
    status: int | None
    reason: str
    at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sealed:
    """An entry at its place in the log."""

    position: int
    kind: str
    body: str


# --- webhooks ---


def add(tx: Tx, made: Webhook) -> None:
    """Keep a new webhook."""
    values = {
        "id": made.id,
        "project": made.project,
        "url": made.url,
        "events": json.dumps(list(made.events)),
        "state": made.state.value,
        "secret_number": made.secret_number,
        "position": made.position,
        "made_by": made.made_by,
        "salt": made.salt,
        "at": micros(made.at),
    }
    tx.run(insert(webhooks).values(**values))


def find(tx: Tx, project: ProjectId, webhook: str) -> Webhook | None:
    """Return a project's webhook, held until the transaction ends."""
    c = webhooks.c
    row = tx.first(select(webhooks).where(c.id == webhook, c.project == project).with_for_update())
    return None if row is None else _webhook(row)


def get(tx: Tx, webhook: str) -> Webhook | None:
    """Return the webhook of this id."""
    row = tx.first(select(webhooks).where(webhooks.c.id == webhook))
    return None if row is None else _webhook(row)


def listing(tx: Tx, project: ProjectId) -> tuple[Webhook, ...]:
    """Return a project's webhooks but those that ended."""
    c = webhooks.c
    query = select(webhooks).where(c.project == project, c.state != WebhookState.ENDED.value).order_by(c.id)
    return tuple(_webhook(row) for row in tx.run(query))


def set_state(tx: Tx, webhook: str, state: WebhookState, reason: str, position: int | None = None) -> None:
    """Switch a webhook; from a position on, and with a clean record, if one is given."""
    values: dict[str, object] = {"state": state.value, "reason": reason}
    if position is not None:
        values |= {"position": position, "n_failed": 0, "failing_since": None, "rests_until": None}
    tx.run(update(webhooks).where(webhooks.c.id == webhook).values(**values))


def set_secret(tx: Tx, webhook: str, number: int, old_until: datetime) -> None:
    """Let the next secret be the newest; the one before it is good for a while."""
    tx.run(update(webhooks).where(webhooks.c.id == webhook).values(secret_number=number, old_until=micros(old_until)))


def set_well(tx: Tx, webhook: str) -> None:
    """Note that a delivery arrived after some had failed."""
    values = {"n_failed": 0, "failing_since": None, "rests_until": None}
    tx.run(update(webhooks).where(webhooks.c.id == webhook).values(**values))


def set_failing(tx: Tx, webhook: str, n_failed: int, since: datetime, rests_until: datetime) -> None:
    """Note that a try failed."""
    values = {"n_failed": n_failed, "failing_since": micros(since), "rests_until": micros(rests_until)}
    tx.run(update(webhooks).where(webhooks.c.id == webhook).values(**values))


# --- from the log to deliveries ---


def size(tx: Tx, project: ProjectId) -> int:
    """Return how many of a project's entries have their place."""
    query = select(t.checkpoints.c.size).where(t.checkpoints.c.log == project)
    return int(tx.run(query.order_by(t.checkpoints.c.size.desc()).limit(1)).scalar() or 0)


def behind(tx: Tx) -> tuple[ProjectId, ...]:
    """Return the projects whose log has grown since a webhook of theirs was served."""
    c = webhooks.c
    on = tx.run(select(c.project, c.position).where(c.state == WebhookState.ON.value)).all()
    least: dict[str, int] = {}
    for row in on:
        least[row.project] = min(row.position, least.get(row.project, row.position))
    return tuple(ProjectId(name) for name, position in least.items() if position < size(tx, ProjectId(name)))


def served(tx: Tx, project: ProjectId) -> tuple[Webhook, ...]:
    """Return a project's webhooks that are on, held until the transaction ends."""
    c = webhooks.c
    query = select(webhooks).where(c.project == project, c.state == WebhookState.ON.value).order_by(c.id)
    return tuple(_webhook(row) for row in tx.run(query.with_for_update()))


def entries(tx: Tx, project: ProjectId, first: int, end: int, kinds: Iterable[str]) -> tuple[Sealed, ...]:
    """Return the entries of these kinds at these places."""
    e = t.entries.c
    query = select(e.position, e.kind, e.body).where(
        e.log == project, e.position >= first, e.position < end, within(tx, e.kind, sorted(kinds))
    )
    return tuple(Sealed(row.position, row.kind, row.body) for row in tx.run(query.order_by(e.position)))


def set_position(tx: Tx, webhook: str, position: int) -> None:
    """Note how far a webhook was served."""
    tx.run(update(webhooks).where(webhooks.c.id == webhook).values(position=position))


def add_deliveries(tx: Tx, hook: Webhook, events: Sequence[tuple[str, str, str]], now: datetime) -> None:
    """Keep events (id, kind, body) to be delivered; one that is there stays as it is."""
    columns = {
        "webhook": hook.id,
        "project": hook.project,
        "event": [event for event, _, _ in events],
        "kind": [kind for _, kind, _ in events],
        "body": [body for _, _, body in events],
        "state": DeliveryState.WAITING.value,
        "due": micros(now),
        "at": micros(now),
    }
    insert_columns(tx, deliveries, columns, then="ON CONFLICT (webhook, event) DO NOTHING")


# --- deliveries ---


def due(tx: Tx, now: datetime) -> tuple[Webhook, ...]:
    """Return the webhooks that have something to be sent now."""
    c, d = webhooks.c, deliveries.c
    waits = exists().where(d.webhook == c.id, d.state == "waiting", d.due <= micros(now))
    query = select(webhooks).where(c.state == WebhookState.ON.value, waits)
    found = (_webhook(row) for row in tx.run(query.order_by(c.id)))
    return tuple(one for one in found if one.rests_until is None or one.rests_until <= now)


_PICKED = "SELECT seq FROM deliveries WHERE webhook = :webhook AND state = 'waiting' AND due <= :now ORDER BY due, seq LIMIT :n"
_TAKE = {
    dialect: text(
        f"WITH picked AS MATERIALIZED ({_PICKED}{lock}) UPDATE deliveries SET due = :until, n_tries = n_tries + 1, "
        "began = coalesce(began, :now) WHERE seq IN (SELECT seq FROM picked) RETURNING *"
    )
    for dialect, lock in (("sqlite", ""), ("postgresql", " FOR UPDATE SKIP LOCKED"))
}


def take(tx: Tx, webhook: str, n: int, now: datetime, until: datetime) -> tuple[Delivery, ...]:
    """Take deliveries that are due; they come up again at `until` unless it was said before then what became of them."""
    values = {"webhook": webhook, "n": n, "now": micros(now), "until": micros(until)}
    found = (_delivery(row) for row in tx.run(_TAKE[tx.dialect], values))
    return tuple(sorted(found, key=lambda one: one.seq))


def end(tx: Tx, one: Delivery, state: DeliveryState, status: int | None, reason: str, now: datetime) -> bool:
    """Note how a delivery ended; false if it was taken up by somebody else since."""
    return _note(tx, one, {"state": state.value, "status": status, "reason": reason, "ended_at": micros(now)})


def give_back(tx: Tx, one: Delivery, due_at: datetime) -> bool:
    """Let a delivery that was taken and not sent be due again, as if it had not been taken."""
    return _note(tx, one, {"due": micros(due_at), "n_tries": one.n_tries - 1})


def end_all(tx: Tx, webhook: str, reason: str, now: datetime) -> None:
    """End all that waits for a webhook."""
    c = deliveries.c
    mine = (c.webhook == webhook) & (c.state == DeliveryState.WAITING.value)
    ended = {"state": DeliveryState.DEAD.value, "reason": reason, "ended_at": micros(now)}
    tx.run(update(deliveries).where(mine).values(**ended))


def try_again(tx: Tx, one: Delivery, status: int | None, reason: str, due_at: datetime) -> bool:
    """Note why a try failed and when the next is; false if it was taken up by somebody else since."""
    return _note(tx, one, {"status": status, "reason": reason, "due": micros(due_at)})


def _note(tx: Tx, one: Delivery, values: Mapping[str, object]) -> bool:
    c = deliveries.c
    mine = (c.seq == one.seq) & (c.state == DeliveryState.WAITING.value) & (c.n_tries == one.n_tries)
    return tx.run(update(deliveries).where(mine).values(**values)).rowcount == 1


def delivery(tx: Tx, webhook: str, seq: int) -> Delivery | None:
    """Return one delivery of a webhook."""
    row = tx.first(select(deliveries).where(deliveries.c.seq == seq, deliveries.c.webhook == webhook))
    return None if row is None else _delivery(row)


def deliveries_of(
    tx: Tx, webhook: str, state: DeliveryState | None, before: int | None, limit: int
) -> tuple[Delivery, ...]:
    """Return a webhook's deliveries, newest first, from before a number on."""
    c = deliveries.c
    query = select(deliveries).where(c.webhook == webhook)
    if state is not None:
        query = query.where(c.state == state.value)
    if before is not None:
        query = query.where(c.seq < before)
    return tuple(_delivery(row) for row in tx.run(query.order_by(c.seq.desc()).limit(limit)))


def send_again(tx: Tx, seq: int, now: datetime) -> None:
    """Let a delivery begin anew, under the same event id."""
    fresh = {"state": DeliveryState.WAITING.value, "n_tries": 0, "due": micros(now), "began": None, "ended_at": None}
    tx.run(update(deliveries).where(deliveries.c.seq == seq).values(**fresh))


def n_waiting(tx: Tx) -> int:
    """Return how many deliveries wait, over all webhooks that are on; a thousand stand for more."""
    c, d = webhooks.c, deliveries.c
    on = select(c.id).where(c.state == WebhookState.ON.value)
    many = select(d.seq).where(d.state == "waiting", d.webhook.in_(on)).limit(1000)
    return len(tx.run(many).all())


def _webhook(row: Row[Any]) -> Webhook:
    return Webhook(
        id=row.id,
        project=ProjectId(row.project),
        url=row.url,
        events=tuple(json.loads(row.events)),
        state=WebhookState(row.state),
        reason=row.reason,
        secret_number=row.secret_number,
        old_until=maybe_moment(row.old_until),
        position=row.position,
        n_failed=row.n_failed,
        failing_since=maybe_moment(row.failing_since),
        rests_until=maybe_moment(row.rests_until),
        made_by=row.made_by,
        salt=row.salt,
        at=moment(row.at),
    )


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        seq=row.seq,
        webhook=row.webhook,
        event=row.event,
        kind=row.kind,
        body=row.body,
        state=DeliveryState(row.state),
        n_tries=row.n_tries,
        due=moment(row.due),
        began=maybe_moment(row.began),
        status=row.status,
        reason=row.reason,
        at=moment(row.at),
        ended_at=maybe_moment(row.ended_at),
    )
