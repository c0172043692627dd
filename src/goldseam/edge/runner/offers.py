"""Offers: hands out assignments: from the queue, by id, and again after an undo; gold checks hide among them.

In: permits, how many, or which. Out: `Leased` with its offers. Never: anything that tells a gold check from the rest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from goldseam.annotate.gold import wants_gold, which_gold
from goldseam.edge.runner import resting
from goldseam.edge.runner.onboarding import first_to_do
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.serving import Served, serve
from goldseam.edge.runner.world import World
from goldseam.edge.store import batches, items, queue, suggestions
from goldseam.edge.store.queue import Leased as LeasedRow
from goldseam.edge.store.queue import Refusal, WaitingReason
from goldseam.edge.store.tx import Tx
from goldseam.vocab.annotations import AssignmentId, Purpose
from goldseam.vocab.items import Item, ItemId
from goldseam.vocab.people import AnnotatorId

REFUSED = {
    Refusal.NOT_QUEUED: "it is not in the queue",
    Refusal.ALREADY_HELD: "you hold it already",
    Refusal.ALREADY_ANSWERED: "you answered or skipped it already",
    Refusal.NOT_WANTED: "it wants no further answer",
    Refusal.OTHERS_BATCH: "it was given to somebody by hand",
    Refusal.LACKS_SKILL: "it wants a skill that is lacking",
}

UNSWAYED = (Purpose.AUDIT, Purpose.SPOT_CHECK)
"""Asked to see whether a suggestion is right: whoever answers does not see it."""


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
    """Why there is nothing to do now, what to do about it, and when to ask again if that is known."""

    reason: str
    text: str
    opens_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Leased:
    """What came of asking for work."""

    offers: tuple[Offer, ...] = ()
    waiting: Waiting | None = None
    refused: tuple[tuple[ItemId, str], ...] = ()


def lease(world: World, permit: Permit, count: int, holding: Sequence[AssignmentId] | None = None) -> Leased:
    """Lease up to `count` items to the caller.

    `holding` names what the caller's page still has in hand: other leases of theirs (of a page that was closed) end, so
    that a reload gets its items back.
    """
    return world.store.write(leasing(world, permit, count, holding))


def leasing(
    world: World, permit: Permit, count: int, holding: Sequence[AssignmentId] | None = None
) -> Callable[[Tx], Leased]:
    """Return the act of `lease`, for a caller that does not wait while the store works."""
    now = world.clock.now()
    project = permit.project
    policy = project.settings.annotate
    draw = world.clock.seed()

    def save(tx: Tx) -> Leased:
        to_do = first_to_do(tx, permit)
        if to_do is not None:
            return Leased(waiting=Waiting("onboarding", to_do))
        quota = resting.quota(tx, permit, now, count, holding)
        if not quota.left:
            return Leased(waiting=Waiting("quota", quota.text, quota.opens_at))
        served = serve(tx, permit, now)
        again = () if holding is None else _again(tx, permit, holding, quota.left, now)
        wanted = quota.left - len(again)
        classes = served.numbers
        due = _gold_due(world, tx, permit, wanted, draw, _gold_rate(tx, permit, served))
        if due == wanted and not _has_work(tx, permit, classes, now):
            due = 0  # gold hides among items: where there are none, it would stand out
        leased = list(queue.lease(tx, project.id, permit.annotator, classes, wanted - due, now, policy.lease))
        if leased or due == wanted:
            leased += _gold(world, tx, permit, due, draw, now)
        if served.in_batch and len(leased) < wanted:
            batches.finish(tx, project.id, permit.annotator, now)
        leased += again
        leased.sort(key=lambda row: hashlib.sha256(f"{draw}.{row.position}".encode()).digest())
        offers = offers_of(tx, project, permit.annotator, leased, now)
        return Leased(offers, None if offers else _waiting(tx, permit))

    return save


def _again(tx: Tx, permit: Permit, holding: Sequence[AssignmentId], count: int, now: datetime) -> tuple[LeasedRow, ...]:
    """End the caller's leases that no page has in hand, and lease the same items again, gold among them.

    Given back, they would go to the end of the queue: then a reload would be a way to choose items, and to find gold.
    """
    project, annotator = permit.project, permit.annotator
    lost = [one for one in queue.held(tx, project.id, annotator) if one.id not in holding and one.expires_at > now]
    queue.release_held(tx, project.id, annotator, now, keep=holding)
    gold = np.array([one.position for one in lost[:count] if one.purpose is Purpose.GOLD], np.int64)
    others = [one for one in lost[:count] if one.purpose is not Purpose.GOLD]
    positions, purposes = np.array([one.position for one in others], np.int64), [one.purpose for one in others]
    leased, _ = queue.claim(tx, project.id, annotator, positions, now, project.settings.annotate.lease, purposes)
    return leased + queue.lease_gold(tx, project.id, annotator, gold, now, project.settings.annotate.lease)


def _gold_rate(tx: Tx, permit: Permit, served: Served) -> float:
    """Return the rate of hidden gold: that of the segment whose items come next, if it has one of its own."""
    settings = permit.project.settings
    rates = {one.name: one.gold_rate for one in settings.segments if one.gold_rate is not None}
    if not rates:
        return settings.annotate.gold_rate
    ahead = queue.with_work(tx, permit.project.id, permit.annotator, served.numbers)
    segment = served.lines[ahead[0]].segment if ahead else ""
    return rates.get(segment, settings.annotate.gold_rate)


def _gold_due(world: World, tx: Tx, permit: Permit, count: int, draw: int, rate: float) -> int:
    """Return how many of the next `count` assignments are to be gold checks, at this rate and as far as there are."""
    seed = world.key.secret
    due = sum(wants_gold(permit.annotator, draw + nth, rate, seed) for nth in range(count)) if rate else 0
    return min(due, len(queue.unseen_gold(tx, permit.project.id, permit.annotator))) if due else 0


def _has_work(tx: Tx, permit: Permit, classes: Sequence[int], now: datetime) -> bool:
    """Return whether the queue has an item for the caller, by leasing one and taking it back."""
    with tx.connection.begin_nested() as savepoint:
        found = queue.lease(
            tx, permit.project.id, permit.annotator, classes, 1, now, permit.project.settings.annotate.lease
        )
        savepoint.rollback()
    return bool(found)


def _gold(world: World, tx: Tx, permit: Permit, due: int, draw: int, now: datetime) -> tuple[LeasedRow, ...]:
    """Lease gold checks that the annotator never saw, as far as there are any.

    Gold that was begun comes first, until as many people answered it as answer any item: what the votes settle it to then
    measures settled labels fairly, and nobody can tell gold by how many were asked.
    """
    unseen = queue.unseen_gold(tx, permit.project.id, permit.annotator) if due else np.empty(0, np.int64)
    begun = queue.begun_gold(tx, permit.project.id, permit.project.settings.route.redundancy) if due else unseen
    chosen: list[int] = []
    for nth in range(min(due, len(unseen))):
        left = np.setdiff1d(np.intersect1d(unseen, begun), chosen)
        left = left if len(left) else np.setdiff1d(unseen, chosen)
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
        return Leased(offers_of(tx, project, permit.annotator, leased, now), None, missing + said)

    return world.store.write(save)


def offers_of(
    tx: Tx, project: ProjectFacts, annotator: AnnotatorId, leased: Sequence[LeasedRow], now: datetime
) -> tuple[Offer, ...]:
    """Return fresh leases as offers, with their items and the suggestions that are shown."""
    if not leased:
        return ()
    found = items.some(tx, project.id, np.array([row.position for row in leased], np.int64))
    offers = []
    for row, whole in zip(leased, found, strict=True):
        shown = _shown(tx, project, annotator, row)
        item = _with_shown_metadata(whole, project.settings.annotate.show)
        seconds = (row.expires_at - now).total_seconds()
        offers.append(Offer(row.id, row.token, item, row.position, row.expires_at, seconds, shown))
    return tuple(offers)


def _with_shown_metadata(item: Item, names: Sequence[str]) -> Item:
    """Return the item with the metadata that annotators may see: another column may give the label away."""
    return replace(item, metadata={name: item.metadata[name] for name in names if name in item.metadata})


def _shown(tx: Tx, project: ProjectFacts, annotator: AnnotatorId, row: LeasedRow) -> Shown | None:
    """Return the suggestion to show, and note that it was shown; a share of items is shown blind."""
    policy = project.settings.prelabel
    if project.model is None or policy.show == "hidden" or row.purpose in UNSWAYED:
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
