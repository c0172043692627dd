"""Deliveries: what the log says is sent to the webhooks that asked for it, signed, again until it arrives or a day is over.

In: a world, a reach. Out: requests made, rows that say how each went. Never: an event lost, a request inside a transaction, or
more of an entry than ids and counts.

At least once: who is killed between the request and its row leaves a delivery that is sent again, with the same event id.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from goldseam.edge.reach import Reach
from goldseam.edge.runner.webhooks import body_of, secrets_of, turn
from goldseam.edge.runner.world import World
from goldseam.edge.store import webhooks as rows
from goldseam.edge.store.tx import Tx
from goldseam.edge.store.webhooks import Delivery, DeliveryState, Sealed, Webhook, WebhookState
from goldseam.vocab.errors import AddressRefused, Unreachable
from goldseam.vocab.items import ProjectId
from goldseam.vocab.version import VERSION

LOG = logging.getLogger("goldseam.webhooks")

SIGNATURE: Final = "Goldseam-Signature"
EVENT: Final = "Goldseam-Event"
SECONDS: Final = 10.0
"""How long a receiver may take to answer."""
MAX_REPLY: Final = 64 * 1024
HELD: Final = timedelta(minutes=2)
"""When another worker takes a delivery up whose worker was killed: longer than a handful of requests may take."""
GIVE_UP: Final = timedelta(days=1)
FIRST_WAIT: Final = timedelta(seconds=5)
LONGEST_WAIT: Final = timedelta(hours=2)
LONGEST_REST: Final = timedelta(minutes=10)
"""How long a receiver that fails is left in peace at most, whatever waits for it."""
FAILURES: Final = 20
"""So many failures in a row, over a day, switch a webhook off."""
AT_ONCE: Final = 8
ENTRIES: Final = 2_000
TOLD: Final = frozenset(
    {"item", "round", "number", "passes", "state", "tier", "n", "n_escalated", "accepted", "duplicate", "refused"}
)
"""What is taken from an entry's body: ids and counts. An entry names whoever acted; what is sent does not."""
CHANCE_BITS: Final = 32


@dataclass(frozen=True, slots=True)
class Try:
    """What came of one request; `gone` is the receiver's wish to hear no more."""

    status: int | None
    reason: str

    @property
    def arrived(self) -> bool:
        """Whether the receiver has it."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """Whether the receiver wants no more: 410."""
        return self.status == 410


# --- what is decided ---


def wait_after(n_tries: int, chance: float, longest: timedelta = LONGEST_WAIT) -> timedelta:
    """Return how long to wait after the n-th try: twice as long each time, half of it by chance, `chance` from 0 to 1."""
    whole = min(FIRST_WAIT * (1 << min(n_tries - 1, 20)), longest)
    return whole * (0.5 + 0.5 * chance)


def next_try(one: Delivery, now: datetime, chance: float) -> datetime | None:
    """Return when a delivery that failed is tried next; None if its day is over."""
    at = now + wait_after(one.n_tries, chance)
    return at if at <= (one.began or now) + GIVE_UP else None


def has_failed_enough(n_failed: int, since: datetime, now: datetime) -> bool:
    """Return whether a webhook that failed so often in a row, since then, is to be switched off."""
    return n_failed >= FAILURES and now - since >= GIVE_UP


def signature(secrets: Sequence[str], at: datetime, body: bytes) -> str:
    """Return the header that proves time and body: one signature for each secret that is good."""
    seconds = int(at.timestamp())
    signed = f"{seconds}.".encode() + body
    made = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={seconds}", *(f"v1={one}" for one in made)])


def event_of(project: ProjectId, entry: Sealed) -> tuple[str, str, str]:
    """Return the id, kind and body of the event that an entry of a project's log is."""
    said = json.loads(entry.body)
    event = f"{project}/{entry.position}"
    data = {name: value for name, value in said["body"].items() if name in TOLD and not isinstance(value, list | dict)}
    return event, entry.kind, body_of(event, entry.kind, project, said["object"], said["at"], data)


# --- what is done ---


def gather(world: World) -> int:
    """Make deliveries of what came into the logs since the last time; return how many."""
    behind = world.store.read(rows.behind)
    return sum(world.store.write(partial(_gather, world=world, project=project)) for project in behind)


def _gather(tx: Tx, world: World, project: ProjectId) -> int:
    hooks = rows.served(tx, project)
    if not hooks:
        return 0
    first = min(hook.position for hook in hooks)
    end = min(rows.size(tx, project), first + ENTRIES)
    found = rows.entries(tx, project, first, end, {event for hook in hooks for event in hook.events})
    made, now = 0, world.clock.now()
    for hook in hooks:
        if hook.position >= end:
            continue
        mine = [event_of(project, one) for one in found if one.position >= hook.position and one.kind in hook.events]
        if mine:
            rows.add_deliveries(tx, hook, mine, now)
        rows.set_position(tx, hook.id, end)
        made += len(mine)
    return made


def due(world: World) -> tuple[Webhook, ...]:
    """Return the webhooks that have something to be sent now."""
    return world.store.read(lambda tx: rows.due(tx, world.clock.now()))


def deliver(world: World, reach: Reach, webhook: str, goes_on: Callable[[], bool] = lambda: True) -> int:
    """Send what is due for one webhook, until nothing is or a try fails; return how many arrived."""
    arrived = 0
    while goes_on():
        hook, taken = world.store.write(lambda tx: _take(tx, world, webhook))
        if hook is None or not taken:
            return arrived
        for nth, one in enumerate(taken):
            if not goes_on():
                _give_back(world, taken[nth:])
                return arrived
            came = send(world, reach, hook, one)
            _keep(world, hook, one, came)
            if not came.arrived:
                _give_back(world, taken[nth + 1 :])
                return arrived
            arrived += 1
    return arrived


def _take(tx: Tx, world: World, webhook: str) -> tuple[Webhook | None, tuple[Delivery, ...]]:
    now = world.clock.now()
    hook = rows.get(tx, webhook)
    if hook is None or hook.state is not WebhookState.ON or (hook.rests_until is not None and hook.rests_until > now):
        return None, ()
    return hook, rows.take(tx, webhook, 1 if hook.n_failed else AT_ONCE, now, now + HELD)


def _give_back(world: World, unsent: Sequence[Delivery]) -> None:
    """Let deliveries that were taken and not sent be due again at once."""
    now = world.clock.now()
    for one in unsent:
        world.store.write(partial(rows.give_back, one=one, due_at=now))


def send(world: World, reach: Reach, hook: Webhook, one: Delivery) -> Try:
    """Make one request; redirects are not followed, since the signature is for one receiver."""
    body, now = one.body.encode("utf-8"), world.clock.now()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"goldseam/{VERSION}",
        EVENT: one.event,
        SIGNATURE: signature(secrets_of(world, hook, now), now, body),
    }
    try:
        reply = reach.request(
            "POST", hook.url, content=body, headers=headers, max_bytes=MAX_REPLY, timeout=SECONDS, redirects=0
        )
    except (AddressRefused, Unreachable) as error:
        return Try(None, error.message)
    return Try(reply.status, "" if 200 <= reply.status < 300 else f"It answered with status {reply.status}.")


def _keep(world: World, hook: Webhook, one: Delivery, came: Try) -> None:
    chance = world.clock.seed() % (1 << CHANCE_BITS) / (1 << CHANCE_BITS)
    now = world.clock.now()

    def save(tx: Tx) -> str:
        if came.arrived:
            rows.end(tx, one, DeliveryState.DELIVERED, came.status, "", now)
            if hook.n_failed:
                rows.set_well(tx, hook.id)
            return ""
        return _keep_failure(tx, hook, one, came, now, chance)

    if switched_off := world.store.write(save):
        LOG.warning("webhook %s is switched off: %s", hook.id, switched_off)


def _keep_failure(tx: Tx, hook: Webhook, one: Delivery, came: Try, now: datetime, chance: float) -> str:
    """Note a try that failed; return why the webhook was switched off, if it was."""
    at = next_try(one, now, chance)
    if at is None:
        rows.end(tx, one, DeliveryState.DEAD, came.status, f"Given up after a day. {came.reason}", now)
    else:
        rows.try_again(tx, one, came.status, came.reason, at)
    known = rows.find(tx, hook.project, hook.id)
    if known is None or known.state is not WebhookState.ON:
        return ""
    n_failed, since = known.n_failed + 1, known.failing_since or now
    rows.set_failing(tx, hook.id, n_failed, since, now + wait_after(n_failed, chance, LONGEST_REST))
    if came.gone:
        reason = "The receiver said that it is gone (410)."
    elif has_failed_enough(n_failed, since, now):
        reason = f"{n_failed} tries in a row failed for a day. {came.reason}"
    else:
        return ""
    turn(tx, known, WebhookState.OFF, reason, "worker", now)
    return reason
