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
from goldseam.edge.runner import asked, guarding, resting, suggesting
from goldseam.edge.runner.guarding import Lessee
from goldseam.edge.runner.onboarding import first_to_do
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.serving import Served, serve
from goldseam.edge.runner.suggesting import View
from goldseam.edge.runner.world import World
from goldseam.edge.store import batches, items, queue, suggested, suggestions
from goldseam.edge.store.queue import Leased as LeasedRow
from goldseam.edge.store.queue import Refusal, WaitingReason
from goldseam.edge.store.tx import Tx
from goldseam.formats.plain import answer_to_plain
from goldseam.vocab.annotations import AssignmentId, Purpose
from goldseam.vocab.answers import Answer, Choice, LabelName
from goldseam.vocab.items import Item, ItemId
from goldseam.vocab.people import AnnotatorId
from goldseam.vocab.schema import QuestionName

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
NOTHING_SAID = 1e-6
"""Where all labels are equally likely, by this, nothing is suggested: no labeling function had anything to say."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A suggestion as the annotator sees it; `label` is empty where the answer is none."""

    label: str
    confidence: float
    source: str
    question: QuestionName
    answer: Answer
    reason: str = ""


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
    further: tuple[Shown, ...] = ()
    """Suggestions for other questions than the first that has one."""


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
        beside = _next(tx, permit, classes, now) if due == wanted else None
        if due == wanted and beside is None:
            due = 0  # gold hides among items: where there are none, it would stand out
        leased = list(queue.lease(tx, project.id, permit.annotator, classes, wanted - due, now, policy.lease))
        if leased or due == wanted:
            beside = leased[draw % len(leased)].position if leased else beside
            leased += _gold(world, tx, permit, due, draw, now, beside)
        if served.in_batch and len(leased) < wanted:
            batches.finish(tx, project.id, permit.annotator, now)
        leased += again
        leased.sort(key=lambda row: hashlib.sha256(f"{draw}.{row.position}".encode()).digest())
        offers = offers_of(tx, project, permit.annotator, leased, now, seed=guarding.seed_of(world, project))
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


def _next(tx: Tx, permit: Permit, classes: Sequence[int], now: datetime) -> int | None:
    """Return the item that the queue has next for the caller, by leasing it and taking it back; None if there is none."""
    with tx.connection.begin_nested() as savepoint:
        found = queue.lease(
            tx, permit.project.id, permit.annotator, classes, 1, now, permit.project.settings.annotate.lease
        )
        savepoint.rollback()
    return found[0].position if found else None


def _gold(
    world: World, tx: Tx, permit: Permit, due: int, draw: int, now: datetime, beside: int | None
) -> tuple[LeasedRow, ...]:
    """Lease gold checks that the annotator never saw, as far as there are any like the item `beside` them.

    Gold that was begun comes first, until as many people answered it as answer any item: what the votes settle it to then
    measures settled labels fairly, and nobody can tell gold by how many were asked.
    """
    unseen = queue.unseen_gold(tx, permit.project.id, permit.annotator) if due else np.empty(0, np.int64)
    unseen = suggesting.alike(tx, permit.project, unseen, beside)
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
        offers = offers_of(tx, project, permit.annotator, leased, now, seed=guarding.seed_of(world, project))
        return Leased(offers, None, missing + said)

    return world.store.write(save)


def offers_of(
    tx: Tx,
    project: ProjectFacts,
    annotator: AnnotatorId,
    leased: Sequence[LeasedRow],
    now: datetime,
    known: Sequence[Item] = (),
    seed: bytes = b"",
) -> tuple[Offer, ...]:
    """Return fresh leases as offers, with their items (which may be known) and the suggestions that are shown.

    By the secret `seed` chance leaves a share of the suggestions out, and puts a wrong label in the place of others.
    """
    if not leased:
        return ()
    positions = np.array([row.position for row in leased], np.int64)
    found, views = known or items.some(tx, project.id, positions), suggesting.views(tx, project, positions)
    offers, noted = [], {}
    said = {row.position: one for row in leased if (one := _suggested(tx, project, row)) is not None}
    codes = {position: code for position, (code, _) in said.items()}
    shown = guarding.to_show(tx, project, Lessee(annotator, seed), leased, codes, now)
    for row, whole in zip(leased, found, strict=True):
        drawn = shown.get(row.position)
        blind = drawn is None if row.position in shown else _is_blind(project, annotator, row)
        label = None if drawn is None else _label(tx, project, row, drawn, said[row.position][1])
        views_here = () if blind else views.get(row.position, ())
        if views_here:
            noted[row.id] = {one.question: answer_to_plain(one.answer) for one in views_here}
        answers = [_answer(one) for one in views_here]
        shown_here: list[Shown | None] = [*([label] if label else []), *answers] or [None]
        first, *further = shown_here
        item = _with_shown_metadata(whole, project.settings.annotate.show)
        seconds = (row.expires_at - now).total_seconds()
        offers.append(
            Offer(row.id, row.token, item, row.position, row.expires_at, seconds, first, tuple(filter(None, further)))
        )
    suggested.show(tx, noted)
    return tuple(offers)


def _with_shown_metadata(item: Item, names: Sequence[str]) -> Item:
    """Return the item with the metadata that annotators may see: another column may give the label away."""
    return replace(item, metadata={name: item.metadata[name] for name in names if name in item.metadata})


def _is_blind(project: ProjectFacts, annotator: AnnotatorId, row: LeasedRow) -> bool:
    """Return whether the item is shown without any suggestion; by the policy, a share of items is."""
    if project.settings.prelabel.show == "hidden" or row.purpose in UNSWAYED:
        return True
    return in_blind_share(project, annotator, row.position)


def in_blind_share(project: ProjectFacts, annotator: AnnotatorId, position: int) -> bool:
    """Return whether this is one of the items that the annotator is shown without a suggestion, whatever it is asked for."""
    place = hashlib.sha256(f"goldseam.blind.v1\n{annotator}\n{position}".encode()).digest()
    return int.from_bytes(place[:8], "big") / 2**64 < project.settings.prelabel.blind_share


def label_offers(
    tx: Tx,
    project: ProjectFacts,
    leased: Sequence[LeasedRow],
    code: int,
    confidences: Sequence[float],
    now: datetime,
) -> tuple[Offer, ...]:
    """Return fresh leases as offers that all suggest the same label, and note that it is shown."""
    if not leased or project.model is None:
        return ()
    queue.show(tx, [row.id for row in leased], project.model, [code] * len(leased))
    label, name = project.labels[code], project.schema.main.name
    source = asked.source_of(project)
    found = items.some(tx, project.id, np.array([row.position for row in leased], np.int64))
    return tuple(
        Offer(
            row.id,
            row.token,
            _with_shown_metadata(whole, project.settings.annotate.show),
            row.position,
            row.expires_at,
            (row.expires_at - now).total_seconds(),
            Shown(label, confidence, source, name, Choice(LabelName(label))),
        )
        for row, whole, confidence in zip(leased, found, confidences, strict=True)
    )


def _suggested(tx: Tx, project: ProjectFacts, row: LeasedRow) -> tuple[int, float] | None:
    """Return the code of the label that the model suggests, and how sure it is; None where nothing may be shown."""
    if project.model is None or project.settings.prelabel.show == "hidden" or row.purpose in UNSWAYED:
        return None
    found = suggestions.one(tx, project.id, project.model, row.position)
    return None if found is None or found[1] * len(project.labels) <= 1 + NOTHING_SAID else found


def _label(tx: Tx, project: ProjectFacts, row: LeasedRow, code: int, confidence: float) -> Shown:
    """Return a suggested label as it is shown, and note that it is; a wrong one looks like any other."""
    queue.show(tx, [row.id], str(project.model), [code])
    label = project.labels[code]
    source = asked.source_of(project)
    return Shown(label, confidence, source, project.schema.main.name, Choice(LabelName(label)))


def _answer(one: View) -> Shown:
    label = one.answer.label if isinstance(one.answer, Choice) else ""
    return Shown(label, one.confidence, one.source, one.question, one.answer, one.reason)


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
