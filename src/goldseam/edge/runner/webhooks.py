"""Webhooks: addresses that hear of a project's events; made, switched, given new secrets, and asked how it went.

In: permits, addresses, names of events. Out: webhooks, deliveries, a secret in the one reply that makes it. Never: anything sent
from here (the worker sends), or a secret in the database: it follows from the home's key.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from goldseam.edge import keys
from goldseam.edge.reach import Reach
from goldseam.edge.runner import repeats
from goldseam.edge.runner.log import record
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.world import World
from goldseam.edge.store import webhooks as rows
from goldseam.edge.store.tx import Tx
from goldseam.edge.store.webhooks import Delivery, DeliveryState, Webhook, WebhookState
from goldseam.ledger.canonical import canonical
from goldseam.ledger.entries import EntryKind, commitment, time_text
from goldseam.vocab.errors import BadValue, NotFound, NotReady, nearest
from goldseam.vocab.items import ProjectId

__all__ = ["Delivery", "DeliveryState", "Made", "Webhook", "WebhookState"]

PING: Final = "ping"
EVENTS: Final = tuple(
    kind.value
    for kind in (
        EntryKind.PROJECT_APPLIED,
        EntryKind.SOURCE_TAKEN_IN,
        EntryKind.ITEMS_DRAWN,
        EntryKind.ITEMS_ROUTED,
        EntryKind.ANNOTATION_GIVEN,
        EntryKind.ANNOTATION_WITHDRAWN,
        EntryKind.ITEMS_SETTLED,
        EntryKind.LABEL_RULED,
        EntryKind.ITEM_ESCALATED,
        EntryKind.QUALITY_MEASURED,
        EntryKind.RELEASE_PUBLISHED,
        EntryKind.MODEL_PROMOTED,
        EntryKind.ROUND_ENDED,
        EntryKind.COMMENT_MADE,
        EntryKind.CHANGE_PROPOSED,
        EntryKind.PROPOSAL_DECIDED,
        EntryKind.LABEL_DISPUTED,
        EntryKind.DISPUTE_DECIDED,
    )
)
"""What a webhook may ask for: kinds of entries of the project's log."""
MOST_WEBHOOKS: Final = 20
OLD_SECRET: Final = timedelta(hours=24)
"""How long the secret before the newest stays good, so that a receiver can change over at its leisure."""
NO_WEBHOOK: Final = "There is no such webhook."


@dataclass(frozen=True, slots=True)
class Made:
    """A webhook, and its newest secret; None if it is too late to show it once more."""

    webhook: Webhook
    secret: str | None


def secrets_of(world: World, hook: Webhook, now: datetime) -> tuple[str, ...]:
    """Return the secrets that are good now, the newest first."""
    numbers = [hook.secret_number]
    if hook.old_until is not None and now < hook.old_until:
        numbers.append(hook.secret_number - 1)
    return tuple(_secret(world, hook.id, number) for number in numbers)


def _secret(world: World, hook: str, number: int) -> str:
    """Return one of a webhook's secrets: 256 bits that only who has the home's key can compute."""
    made = world.key.derived(f"webhook\n{hook}\n{number}")
    return "gsw_" + base64.urlsafe_b64encode(made).decode("ascii").rstrip("=")


def make(world: World, reach: Reach, permit: Permit, webhook: str, url: str, events: tuple[str, ...]) -> Made:
    """Make a webhook; `webhook` is the id that the client made. It hears of what happens from now on.

    Raises
    ------
    AddressRefused
        If the address is of a form that is never asked; what its name means is seen when something is sent.
    BadValue
        If an event has another name than those of `EVENTS`.
    NotReady
        If the project has as many webhooks as it may.
    """
    reach.check(url)
    for event in events:
        if event not in EVENTS:
            raise BadValue(f"There is no event {event!r}.{nearest(event, EVENTS)}", event=event)
    project, now = permit.project.id, world.clock.now()
    ask = repeats.asked(webhook, project, permit.annotator, "webhook", url, sorted(set(events)))
    salt = keys.new_salt()

    def save(tx: Tx) -> Made:
        done = repeats.before(tx, ask)
        if done is not None:
            found = _find(tx, project, webhook)
            fresh = now < done.at + repeats.AGAIN and found.secret_number == 1
            return Made(found, _secret(world, webhook, 1) if fresh else None)
        if len(rows.listing(tx, project)) >= MOST_WEBHOOKS:
            raise NotReady(f"A project has at most {MOST_WEBHOOKS} webhooks; end one that is not needed.")
        made = Webhook(
            id=webhook,
            project=project,
            url=url,
            events=tuple(sorted(set(events))),
            state=WebhookState.ON,
            reason="",
            secret_number=1,
            old_until=None,
            position=rows.size(tx, project),
            n_failed=0,
            failing_since=None,
            rests_until=None,
            made_by=permit.annotator,
            salt=salt.hex(),
            at=now,
        )
        rows.add(tx, made)
        body = {"events": list(made.events), "commitment": commitment(salt, canonical({"url": url}))}
        record(tx, project, EntryKind.WEBHOOK_MADE, now, actor=permit.annotator, about=webhook, body=body)
        repeats.note(tx, ask, webhook, now)
        return Made(made, _secret(world, webhook, 1))

    return world.store.write(save)


def listing(world: World, permit: Permit) -> tuple[Webhook, ...]:
    """Return the project's webhooks."""
    return world.store.read(lambda tx: rows.listing(tx, permit.project.id))


def switch(world: World, permit: Permit, act: str, webhook: str, state: WebhookState) -> Webhook:
    """Switch a webhook on (it hears of what happens from now on), off, or end it for ever.

    Raises
    ------
    NotFound
        If there is none of this id, or it has ended.
    """
    project, now = permit.project.id, world.clock.now()
    ask = repeats.asked(act, project, permit.annotator, "webhook state", webhook, state.value)

    def save(tx: Tx) -> Webhook:
        if repeats.before(tx, ask) is None:
            hook = _find(tx, project, webhook)
            if hook.state is not state:
                turn(tx, hook, state, "", permit.annotator, now)
            repeats.note(tx, ask, webhook, now)
        found = rows.find(tx, project, webhook)
        assert found is not None  # noqa: S101 - rows of webhooks stay
        return found

    return world.store.write(save)


def turn(tx: Tx, hook: Webhook, state: WebhookState, reason: str, actor: str, now: datetime) -> None:
    """Change a webhook's state, with its entry; what still waits for one that is off is dead."""
    position = rows.size(tx, hook.project) if state is WebhookState.ON else None
    rows.set_state(tx, hook.id, state, reason, position)
    if state is not WebhookState.ON:
        rows.end_all(tx, hook.id, f"The webhook was switched off. {reason}".strip(), now)
    body = {"state": state.value}
    record(tx, hook.project, EntryKind.WEBHOOK_CHANGED, now, actor=actor, about=hook.id, body=body)


def renew(world: World, permit: Permit, act: str, webhook: str) -> Made:
    """Give a webhook its next secret; every delivery is signed with the one before as well, for a day.

    Raises
    ------
    NotFound
        If there is none of this id, or it has ended.
    """
    project, now = permit.project.id, world.clock.now()
    ask = repeats.asked(act, project, permit.annotator, "webhook secret", webhook)

    def save(tx: Tx) -> Made:
        done = repeats.before(tx, ask)
        hook = _find(tx, project, webhook)
        if done is not None:
            number = int(done.about)
            fresh = now < done.at + repeats.AGAIN and hook.secret_number == number
            return Made(hook, _secret(world, webhook, number) if fresh else None)
        number = hook.secret_number + 1
        rows.set_secret(tx, webhook, number, now + OLD_SECRET)
        body = {"secret": number}
        record(tx, project, EntryKind.WEBHOOK_CHANGED, now, actor=permit.annotator, about=webhook, body=body)
        repeats.note(tx, ask, str(number), now)
        return Made(_find(tx, project, webhook), _secret(world, webhook, number))

    return world.store.write(save)


def ping(world: World, permit: Permit, act: str, webhook: str) -> Delivery:
    """Send an event of the kind `ping` that says nothing, so that somebody sees whether it arrives.

    Raises
    ------
    NotFound
        If there is none of this id, or it has ended.
    NotReady
        If it is off.
    """
    project, now = permit.project.id, world.clock.now()
    ask = repeats.asked(act, project, permit.annotator, "webhook ping", webhook)
    event = f"{PING}/{act}"

    def save(tx: Tx) -> Delivery:
        hook = _find(tx, project, webhook)
        if repeats.before(tx, ask) is None:
            if hook.state is not WebhookState.ON:
                raise NotReady("The webhook is off; switch it on first.")
            rows.add_deliveries(tx, hook, [(event, PING, body_of(event, PING, project, webhook, now, {}))], now)
            repeats.note(tx, ask, webhook, now)
        return next(one for one in rows.deliveries_of(tx, webhook, None, None, 200) if one.event == event)

    return world.store.write(save)


def body_of(event: str, kind: str, project: ProjectId, about: str, at: datetime | str, data: dict[str, object]) -> str:
    """Return what is sent: ids and counts, as canonical JSON, so that every try sends the same bytes."""
    when = at if isinstance(at, str) else time_text(at)
    said = {"id": event, "kind": kind, "project": project, "about": about, "at": when, "data": data}
    return canonical(said).decode("utf-8")


def log_of(
    world: World, permit: Permit, webhook: str, state: DeliveryState | None, before: int | None, limit: int
) -> tuple[Delivery, ...]:
    """Return a webhook's deliveries, newest first.

    Raises
    ------
    NotFound
        If there is none of this id, or it has ended.
    """

    def load(tx: Tx) -> tuple[Delivery, ...]:
        hook = rows.get(tx, webhook)
        if hook is None or hook.project != permit.project.id or hook.state is WebhookState.ENDED:
            raise NotFound(NO_WEBHOOK, webhook=webhook)
        return rows.deliveries_of(tx, webhook, state, before, limit)

    return world.store.read(load)


def send_again(world: World, permit: Permit, act: str, webhook: str, number: int) -> Delivery:
    """Send a delivery once more, under the same event id.

    Raises
    ------
    NotFound
        If the webhook has no such delivery.
    """
    project, now = permit.project.id, world.clock.now()
    ask = repeats.asked(act, project, permit.annotator, "webhook again", webhook, number)

    def save(tx: Tx) -> Delivery:
        _find(tx, project, webhook)
        found = rows.delivery(tx, webhook, number)
        if found is None:
            raise NotFound("The webhook has no such delivery.", delivery=number)
        if repeats.before(tx, ask) is None:
            if found.state is not DeliveryState.WAITING:
                rows.send_again(tx, number, now)
            repeats.note(tx, ask, webhook, now)
        again = rows.delivery(tx, webhook, number)
        assert again is not None  # noqa: S101 - it was there a moment ago
        return again

    return world.store.write(save)


def _find(tx: Tx, project: ProjectId, webhook: str) -> Webhook:
    found = rows.find(tx, project, webhook)
    if found is None or found.state is WebhookState.ENDED:
        raise NotFound(NO_WEBHOOK, webhook=webhook)
    return found
