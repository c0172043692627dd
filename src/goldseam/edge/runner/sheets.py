"""Sheets: items that the model calls the same are leased together, confirmed together, and taken back together.

In: permits, a label. Out: offers as from any lease, a receipt for what was confirmed. Never: a planted item that could be told,
an answer but by `annotate.submit`, or a search that goes on for ever: it looks at a bounded part, and says where to go on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from goldseam.annotate import sheet as plan
from goldseam.edge.runner import leading, resting
from goldseam.edge.runner.log import record
from goldseam.edge.runner.offers import Offer, Waiting, in_blind_share, label_offers
from goldseam.edge.runner.onboarding import first_to_do
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.serving import serve
from goldseam.edge.runner.settling_answers import by_labels
from goldseam.edge.runner.talk import includes
from goldseam.edge.runner.world import World
from goldseam.edge.store import annotations as annotation_rows
from goldseam.edge.store import answers, gold, guards, queue
from goldseam.edge.store import sheets as rows
from goldseam.edge.store.queue import Leased
from goldseam.edge.store.sheets import CLOSED, OPEN, Doubt, Sheet, SheetItem
from goldseam.edge.store.tx import Tx
from goldseam.ledger.entries import EntryKind
from goldseam.vocab.annotations import AnnotationId, AssignmentId, Purpose
from goldseam.vocab.errors import BadValue, Conflict, NotFound, NotReady, nearest
from goldseam.vocab.people import Act

WINDOW, WINDOWS = 250, 4
"""Suggestions looked at together, and how often one call looks."""
CURSOR = re.compile(r"([01](?:\.\d{1,20})?(?:e-\d{1,3})?):(\d{1,15})")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A sheet as it is asked for: of which label (None: any), of how many items, from where on, and what the page holds."""

    id: str
    label: str | None = None
    count: int = plan.MOST
    after: str | None = None
    holding: Sequence[AssignmentId] | None = None


@dataclass(frozen=True, slots=True)
class Laid:
    """A sheet that was laid; `after` is where to go on for this label, None at its end. Without items, why there are none."""

    label: str
    offers: tuple[Offer, ...]
    after: str | None
    waiting: Waiting | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came of a sheet; of the sample that others are asked about: how many agree, how many do not, how many wait."""

    id: str
    label: str
    at: datetime
    state: str
    n_shown: int
    n_confirmed: int
    same: int
    other: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What sheets show of a label: the model's precision, and how many of the planted items were caught."""

    label: str
    precision: plan.Precision
    n_planted: int
    n_caught: int


def lay(world: World, permit: Permit, wanted: Wanted) -> Laid:
    """Lease items that the model calls the same, the most doubtful first; a repeat leases the same ones again.

    Raises
    ------
    NotReady
        If the project has no model that suggests labels, or its policy hides what it suggests.
    BadValue
        If there is no such label, or the place to go on is none of this list's.
    """
    project, now, seed = permit.project, world.clock.now(), world.clock.seed()
    if not by_labels(project) or project.model is None or project.settings.prelabel.show == "hidden":
        raise NotReady("A sheet shows what a model calls the same: this project has no label suggestions to show.")
    codes = _codes(project, wanted.label, seed)
    after = _mark(wanted.after)

    def save(tx: Tx) -> Laid:
        before = rows.find(tx, wanted.id)
        if before is not None:
            return _again(tx, permit, before, now)
        to_do = first_to_do(tx, permit)
        if to_do is not None:
            return Laid("", (), None, Waiting("onboarding", to_do))
        quota = resting.quota(tx, permit, now, wanted.count, wanted.holding)
        if not quota.left:
            return Laid("", (), None, Waiting("quota", quota.text, quota.opens_at))
        if wanted.holding is not None:
            queue.release_held(tx, project.id, permit.annotator, now, keep=wanted.holding)
        classes = serve(tx, permit, now).numbers
        off = {code for code, one in guards.switches(tx, project.id).items() if one.state == "off"}
        mark = after
        for code in [one for one in codes if one not in off]:
            found, mark = _find(tx, permit, code, after, quota.left, classes)
            if found:
                return _laid(tx, world, permit, wanted.id, code, found, mark, now, seed)
        text = "Nothing here that the model calls so is open to you: look further on, or take another label."
        return Laid(project.labels[codes[0]], (), _cursor(mark), Waiting("nothing_open", text))

    return world.store.write(save)


def _codes(project: ProjectFacts, label: str | None, seed: int) -> list[int]:
    """Return the labels to try, as codes: the one that was named, or all, beginning somewhere."""
    names = [str(one) for one in project.labels]
    if label is None:
        first = seed % len(names)
        return [(first + nth) % len(names) for nth in range(min(len(names), 20))]
    if label not in names:
        raise BadValue(f"The schema has no label {label!r}.{nearest(label, names)}", label=label)
    return [names.index(label)]


def _find(
    tx: Tx, permit: Permit, code: int, after: Doubt | None, count: int, classes: Sequence[int]
) -> tuple[list[Doubt], Doubt | None]:
    """Return items that are open to the caller, and where to go on; None at the end of the list."""
    project, found, mark = permit.project, list[Doubt](), after
    for _ in range(WINDOWS):
        window = rows.doubtful(tx, project.id, str(project.model), code, mark, WINDOW)
        places = [place for _, place in window if not in_blind_share(project, permit.annotator, place)]
        is_open = rows.open_among(tx, project.id, permit.annotator, places, classes)
        for one in window:
            mark = one
            if one[1] in is_open:
                found.append(one)
            if len(found) == count:
                return found, mark
        if len(window) < WINDOW:
            return found, None
    return found, mark


def _laid(
    tx: Tx,
    world: World,
    permit: Permit,
    sheet_id: str,
    code: int,
    found: list[Doubt],
    mark: Doubt | None,
    now: datetime,
    seed: int,
) -> Laid:
    project, rng, lease = permit.project, np.random.default_rng(seed), permit.project.settings.annotate.lease
    planted = _plant(tx, permit, code, len(found), rng, now)
    kept = found[: len(found) - len(planted)] or found[:1]
    positions = np.array([place for _, place in kept], np.int64)
    leased, _ = queue.claim(tx, project.id, permit.annotator, positions, now, lease, [Purpose.LABEL] * len(positions))
    sure = {place: confidence for confidence, place in kept}
    shown = [(one, sure[one.position]) for one in leased]
    beyond = found[len(kept)][0] if len(kept) < len(found) else None
    for place in plan.planted_at(len(shown) + len(planted), len(planted), rng):
        shown.insert(place, (planted.pop(), plan.between([each for _, each in shown], place, beyond)))
    gold_places = {one.position for one, _ in shown if one.purpose is Purpose.GOLD}
    made = Sheet(
        sheet_id, project.id, permit.annotator, project.question, code, str(project.model), now, OPEN, len(shown)
    )
    rows.lay(tx, made, [SheetItem(one.position, one.id, one.position in gold_places) for one, _ in shown])
    offers = label_offers(tx, project, [one for one, _ in shown], code, [each for _, each in shown], now)
    return Laid(project.labels[code], offers, _cursor(mark))


def _plant(tx: Tx, permit: Permit, code: int, count: int, rng: np.random.Generator, now: datetime) -> list[Leased]:
    """Lease gold items of other labels, which the caller never saw, to lie among the items of a sheet."""
    project = permit.project
    n = plan.n_planted(count, project.settings.annotate.gold_rate, rng)
    if not n:
        return []
    known = gold.current(tx, project.id, project.question)
    unseen = queue.unseen_gold(tx, project.id, permit.annotator)
    others = np.intersect1d(known.position[known.label != code], unseen)
    chosen = rng.choice(others, min(n, len(others)), replace=False)
    lease = project.settings.annotate.lease
    return list(queue.lease_gold(tx, project.id, permit.annotator, chosen.astype(np.int64), now, lease))


def _again(tx: Tx, permit: Permit, made: Sheet, now: datetime) -> Laid:
    """Lease what is left of a sheet that was laid before: its reply was lost."""
    project = permit.project
    if made.project != project.id or made.annotator != permit.annotator:
        raise Conflict("This id was used before for something else; make a new one.", id=made.id)
    held = {one.id for one in queue.held(tx, project.id, permit.annotator)}
    lease = project.settings.annotate.lease
    mine = [one for one in rows.items_of(tx, made.id) if one.assignment in held]
    leased = [queue.reissue(tx, project.id, permit.annotator, one.assignment, now, lease) for one in mine]
    offers = label_offers(tx, project, leased, made.label, [0.5] * len(leased), now)
    return Laid(project.labels[made.label], offers, None)


def close(world: World, permit: Permit, sheet_id: str, act: str) -> Receipt:
    """Note what was confirmed of a sheet, ask somebody else about a part of it, and return the receipt.

    Raises
    ------
    NotFound
        If the caller has no such sheet.
    Conflict
        If it was closed before under another id.
    """
    now, seed = world.clock.now(), world.clock.seed()

    def save(tx: Tx) -> Receipt:
        made = _own(tx, permit, sheet_id)
        if made.state == OPEN:
            made = _close(tx, permit, made, act, now, seed)
        elif made.closed != act:
            raise Conflict("This sheet was closed already.", sheet=sheet_id)
        return _receipt(tx, permit.project, made)

    return world.store.write(save)


def _close(tx: Tx, permit: Permit, made: Sheet, act: str, now: datetime, seed: int) -> Sheet:
    project, shown = permit.project, rows.items_of(tx, made.id)
    confirmed = _confirmed(tx, permit, made, shown)
    real = np.array([one.position for one in shown if one.position in confirmed and not one.planted], np.int64)
    sampled = np.sort(np.random.default_rng(seed).choice(real, plan.n_again(len(real)), replace=False)).astype(np.int64)
    caught = sum(one.planted and one.position not in confirmed for one in shown)
    rows.close(tx, made.id, act, len(confirmed), caught, sampled)
    leading.ask_in(tx, permit, sampled, Purpose.AUDIT, 1, now)
    body = {
        "label": project.labels[made.label],
        "question": made.question,
        "n_shown": made.n_shown,
        "n_confirmed": len(confirmed),
        "n_asked_again": len(sampled),
        "seed": str(seed),
    }
    record(tx, project.id, EntryKind.SHEET_CLOSED, now, actor=permit.annotator, about=made.id, body=body)
    return _own(tx, permit, made.id)


def _confirmed(
    tx: Tx, permit: Permit, made: Sheet, shown: Sequence[SheetItem]
) -> dict[int, tuple[AssignmentId, AnnotationId]]:
    """Return what the caller said is as the model says, by position: the assignment and the answer that stands."""
    name = permit.project.labels[made.label]
    found = {}
    for one in shown:
        for kept in annotation_rows.of_assignment(tx, one.assignment):
            said = kept.annotation
            if not kept.withdrawn and said.question == made.question and getattr(said.answer, "label", None) == name:
                found[one.position] = (one.assignment, said.id)
    return found


def undo(world: World, permit: Permit, sheet_id: str, act: str) -> Receipt:
    """Take back all that was confirmed of a sheet: its items are open again, to the caller too. What was ruled stays.

    Raises
    ------
    NotFound
        If the caller has no such sheet.
    Conflict
        If it is not closed, or was taken back before under another id.
    """
    now = world.clock.now()
    project = permit.project

    def save(tx: Tx) -> Receipt:
        made = _own(tx, permit, sheet_id)
        if made.undone == act:
            return _receipt(tx, project, made)
        if made.state != CLOSED:
            raise Conflict("Only a sheet that is closed is taken back, and only once.", sheet=sheet_id)
        names = [question.name for question in project.schema.questions]
        confirmed = {
            place: pair
            for place, pair in _confirmed(tx, permit, made, rows.items_of(tx, made.id)).items()
            if not answers.is_ruled(tx, project.id, names, place)
        }
        _take_back(tx, permit, [*confirmed.values()], act, now)
        rows.undo(tx, made.id, act)
        body = {"n": len(confirmed), "label": project.labels[made.label], "question": made.question}
        record(tx, project.id, EntryKind.SHEET_UNDONE, now, actor=permit.annotator, about=made.id, body=body)
        return _receipt(tx, project, _own(tx, permit, made.id))

    return world.store.write(save)


def _take_back(
    tx: Tx, permit: Permit, pairs: Sequence[tuple[AssignmentId, AnnotationId]], act: str, now: datetime
) -> None:
    if not pairs:
        return
    project = permit.project
    together = [answer for _, answer in pairs]
    annotation_rows.withdraw(tx, project.id, together, act, now)
    body = {"annotations": together}
    record(tx, project.id, EntryKind.ANNOTATION_WITHDRAWN, now, actor=permit.annotator, about=together[0], body=body)
    held = [one.id for one in queue.held(tx, project.id, permit.annotator)]
    for assignment, _ in sorted(pairs):
        queue.reopen(tx, project.id, permit.annotator, assignment, now, project.settings.annotate.lease)
    queue.release_held(tx, project.id, permit.annotator, now, keep=held)


def receipts(world: World, permit: Permit, limit: int = 20) -> tuple[tuple[Receipt, ...], tuple[Figures, ...]]:
    """Return the caller's own receipts, newest first; to whoever may measure, what sheets show of each label."""
    project = permit.project

    def load(tx: Tx) -> tuple[tuple[Receipt, ...], tuple[Figures, ...]]:
        own = tuple(_receipt(tx, project, one) for one in rows.own(tx, project.id, permit.annotator, limit))
        if not includes(permit, Act.MEASURE) or project.model is None or not by_labels(project):
            return own, ()
        found = []
        for code, label in enumerate(project.labels[:200]):
            shown, confirmed, planted, caught = rows.sums(tx, project.id, project.model, code)
            if shown:
                measured = plan.precision(shown, confirmed, planted, caught)
                found.append(Figures(label, measured, planted, caught))
        return own, tuple(found)

    return world.store.read(load)


def _own(tx: Tx, permit: Permit, sheet_id: str) -> Sheet:
    made = rows.find(tx, sheet_id)
    if made is None or made.project != permit.project.id or made.annotator != permit.annotator:
        raise NotFound("You have no such sheet.", sheet=sheet_id)
    return made


def _receipt(tx: Tx, project: ProjectFacts, made: Sheet) -> Receipt:
    same, other, waiting = rows.sampled_answers(tx, made)
    label = project.labels[made.label]
    return Receipt(made.id, label, made.at, made.state, made.n_shown, made.n_confirmed, same, other, waiting)


def _cursor(mark: Doubt | None) -> str | None:
    return None if mark is None else f"{mark[0]!r}:{mark[1]}"


def _mark(cursor: str | None) -> Doubt | None:
    if cursor is None:
        return None
    found = CURSOR.fullmatch(cursor)
    if found is None:
        raise BadValue("This is no place in this list; send the one that came with the sheet before.")
    return float(found[1]), int(found[2])
