"""Producing: makes items of what was captured in production, asks people about what is doubtful, and lets signals vote.

In: a project with captures. Out: items, places in the queue, votes. Never: the same capture or signal twice; the round's own draw
taken away; a label that rests on a signal alone where nobody was asked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import numpy as np

from goldseam.edge import keys
from goldseam.edge.runner import annotate, intake, production, route
from goldseam.edge.runner.digests import digest, digest_of_numbers
from goldseam.edge.runner.flow import plan_of
from goldseam.edge.runner.granting import give_role
from goldseam.edge.runner.log import record
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import World
from goldseam.edge.store import annotations as annotation_rows
from goldseam.edge.store import answering, draws, items, people, projects, queue
from goldseam.edge.store import captures as rows
from goldseam.edge.store.adding import adding
from goldseam.edge.store.assignments import Finish
from goldseam.edge.store.captures import Captured, Speaking
from goldseam.edge.store.items import Quarantined
from goldseam.edge.store.tx import Positions, Tx, new_id
from goldseam.flow.plan import Verb
from goldseam.formats.text import Raw
from goldseam.ledger.entries import EntryKind
from goldseam.route.tiers import Routes, Tier
from goldseam.source.batch import from_raw
from goldseam.source.captured import Signal, speaks_for
from goldseam.vocab.annotations import AnnotationId, AssignmentId
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.items import ItemId
from goldseam.vocab.people import AnnotatorId, AnnotatorKind, Role

SOURCE: Final = "production"
TEXT, KEY = "text", "id"
PAGE: Final = 500
OPEN: Final = frozenset({Verb.ASSIGN, Verb.COLLECT, Verb.CERTIFY, Verb.SETTLE})
"""While one of these comes next, more may be asked in the round."""


@dataclass(frozen=True, slots=True)
class TakenUp:
    """What became of what was captured."""

    n_items: int = 0
    n_asked: int = 0
    n_votes: int = 0

    @property
    def text(self) -> str:
        """The same in words; empty if nothing did."""
        if not (self.n_items or self.n_asked or self.n_votes):
            return ""
        return f"from production: {self.n_items:,} items, {self.n_asked:,} of them asked about, {self.n_votes:,} signals voted"


def take_up(world: World, project: ProjectFacts, actor: AnnotatorId) -> TakenUp:
    """Do what the captures since the last time want; nothing if there were none."""
    if not production.was_captured(world, project):
        return TakenUp()
    n_items = _take_in(world, project, actor)
    n_asked = _ask(world, project, actor)
    n_votes = _vote(world, project) if project.settings.production.votes and project.labels else 0
    return TakenUp(n_items, n_asked, n_votes)


# --- items ----------------------------------------------------------------------------------------------------------
def _take_in(world: World, project: ProjectFacts, actor: AnnotatorId) -> int:
    """Make items of captured texts, as those of a source of their own, from where the last call stopped."""
    n_new = 0
    while True:
        looked, made = _take_page(world, project, f"captures of {project.id} taken in")
        n_new += made
        if not looked:
            break
    _finish(world, project, actor)
    return n_new


def _take_page(world: World, project: ProjectFacts, key: str) -> tuple[int, int]:
    """Take in the next captures; return how many were looked at, and how many items are new."""

    def load(tx: Tx) -> tuple[Captured, ...]:
        return rows.after(tx, project.id, int(projects.recall(tx, key) or 0), PAGE)

    page = world.store.read(load)
    if not page:
        return 0, 0
    number, _ = intake.begin(world, project, SOURCE)
    return len(page), world.store.write(lambda tx: _save(tx, project, number, page, key))


def _save(tx: Tx, project: ProjectFacts, number: str, page: Sequence[Captured], key: str) -> int:
    policy = replace(project.settings.source, text=TEXT, key=KEY, label="", candidates=(), metadata=None)
    texts = [one for one in page if one.capture.text is not None]
    raw = [
        Raw(one.seq, {**dict(one.capture.metadata), TEXT: one.capture.text, KEY: one.capture.id}, str(one.capture.text))
        for one in texts
    ]
    batch = from_raw(raw, policy, SOURCE)
    places: dict[int, int] = {}
    n_new = 0
    if batch.n_accepted:
        columns = {
            "modality": batch.modality.value, "content": batch.contents, "media_type": batch.media_types,
            "metadata": batch.metadata, "source": SOURCE, "line": list(batch.lines), "key": batch.keys,
        }  # fmt: skip
        with adding(tx, project.id) as under_way:
            added = under_way.add(batch.hashes, columns)
        places = dict(zip(batch.lines, added.position.tolist(), strict=True))
        n_new = int(added.new.sum())
    named = {one.seq: ItemId(one.capture.item) for one in page if one.capture.item is not None}
    there = items.known(tx, project.id, list(named.values())) if named else frozenset()
    found = {seq: item for seq, item in named.items() if item in there}
    places |= dict(zip(found, items.positions_of(tx, project.id, list(found.values())).tolist(), strict=True))
    refused = [Quarantined(SOURCE, bad.line, bad.reason, bad.text) for bad in batch.refused]
    if refused:
        items.quarantine(tx, project.id, number, refused)
    rows.place(tx, places)
    items.count_intake(tx, number, n_new, batch.n_accepted - n_new, len(refused), finished=False)
    projects.remember(tx, key, str(page[-1].seq))
    return n_new


def _finish(world: World, project: ProjectFacts, actor: AnnotatorId) -> None:
    """Close the intake that is open, if there is one, with its entry."""
    if all(row.finished for row in world.store.read(lambda tx: items.intakes(tx, project.id)) if row.source == SOURCE):
        return
    now = world.clock.now()

    def save(tx: Tx) -> None:
        for row in items.intakes(tx, project.id):
            if row.source == SOURCE and not row.finished:
                items.count_intake(tx, row.id, 0, 0, 0, finished=True)
                n_items, sha256 = items.all_ids_digest(tx, project.id)
                body = {
                    "source_sha256": hashlib.sha256(SOURCE.encode()).hexdigest(),
                    "accepted": row.accepted, "duplicate": row.duplicate, "refused": row.refused,
                    "n_items": n_items, "items_sha256": sha256,
                }  # fmt: skip
                record(tx, project.id, EntryKind.SOURCE_TAKEN_IN, now, actor=actor, about=row.id, body=body)

    world.store.write(save)


# --- the queue ------------------------------------------------------------------------------------------------------
def hand_over(world: World, project: ProjectFacts, position: Positions) -> None:
    """Let the present round, or the next one, ask about these items first among those from production."""
    if len(position):
        said = json.dumps(position.tolist())
        world.store.write(lambda tx: projects.remember(tx, _handed(project), said))


def _handed(project: ProjectFacts) -> str:
    return f"items of {project.id} handed to the sample"


def _ask(world: World, project: ProjectFacts, actor: AnnotatorId) -> int:
    """Put doubtful items into the queue of the present round, once its own draw is there; return how many."""
    policy = project.settings.production
    here = [one for one in world.store.read(lambda tx: draws.listing(tx, project.id)) if one.round == project.round]
    step = plan_of(world, project).next if here else None
    if step is None or step.verb not in OPEN:
        return 0
    left = min(policy.most - sum(one.size for one in here if one.strategy == SOURCE), _affordable(world, project))
    if left <= 0:
        return 0
    seed, now = world.clock.seed(), world.clock.now()
    return world.store.write(lambda tx: _draw(tx, project, actor, left, seed, now))


def _wanted(tx: Tx, project: ProjectFacts, pool: Positions, left: int) -> Positions:
    """Return the items to ask about: those that were handed over, then the doubtful ones."""
    handed = np.array(json.loads(projects.recall(tx, _handed(project)) or "[]"), np.int64)
    if len(handed):
        projects.remember(tx, _handed(project), "[]")
    doubtful = rows.to_ask(tx, project.id, project.settings.production.ask_below, left)
    first = handed[np.isin(handed, pool)]
    return np.concatenate([first, doubtful[~np.isin(doubtful, first)]])[:left]


def _affordable(world: World, project: ProjectFacts) -> int:
    most = project.settings.budget.most_answers
    if most is None:
        return project.settings.production.most
    asked = world.store.read(lambda tx: queue.summary(tx, project.id)).wanted
    return max(0, most - asked) // project.settings.most_redundancy


def _draw(tx: Tx, project: ProjectFacts, actor: AnnotatorId, left: int, seed: int, now: datetime) -> int:
    pool = draws.pool(tx, project.id)
    position = _wanted(tx, project, pool, left)
    n = len(position)
    if not n:
        return 0
    chance, rank = np.ones(n), np.arange(n)
    made = draws.save(
        tx, project.id, project.round, SOURCE, seed, len(pool), project.settings_version, position, chance, rank, now
    )
    body = {
        "round": project.round, "strategy": SOURCE, "seed": str(seed), "n_pool": len(pool), "batch": n,
        "pool_sha256": digest(pool), "drawn": n, "drawn_sha256": digest(position),
        "chances_sha256": digest_of_numbers(chance), "model": project.model or "",
        "settings_version": project.settings_version,
    }  # fmt: skip
    record(tx, project.id, EntryKind.ITEMS_DRAWN, now, actor=actor, about=made, body=body)
    tier = np.where(rows.escalated(tx, project.id, position), Tier.EXPERT, Tier.CONSENSUS).astype(np.int8)
    wanted = np.full(n, project.settings.route.redundancy, np.int32)
    routes = Routes(position, tier, wanted, np.zeros(n, np.bool_))
    route.put(tx, project, routes, route.segments_of(tx, project, position), None)
    return n


# --- votes ----------------------------------------------------------------------------------------------------------
def _vote(world: World, project: ProjectFacts) -> int:
    """Let signals about items that people are asked about vote; an item has one vote of each kind of signal."""
    total = 0
    while True:
        looked, given = _vote_page(world, project)
        total += given
        if looked < PAGE:
            return total


def _vote_page(world: World, project: ProjectFacts) -> tuple[int, int]:
    now = world.clock.now()
    return world.store.write(lambda tx: _vote_some(tx, project, now))


def _vote_some(tx: Tx, project: ProjectFacts, now: datetime) -> tuple[int, int]:
    found = rows.speaking(tx, project.id, PAGE)
    votes: dict[int, str] = {}
    n = 0
    for one in found:
        said = speaks_for(one.kind, one.label, one.output, project.labels)
        if said is None:
            votes[one.seq] = ""
            continue
        who = _annotator(tx, project, one.kind, now)
        before = annotation_rows.of_item(tx, project.id, one.position)
        mine = next((kept.annotation.id for kept in before if kept.annotation.annotator == who), None)
        votes[one.seq] = _give(tx, project, one, who, LabelName(said), now) if mine is None else mine
        n += mine is None
    rows.voted(tx, votes)
    return len(found), n


def _give(
    tx: Tx, project: ProjectFacts, one: Speaking, who: AnnotatorId, said: LabelName, now: datetime
) -> AnnotationId:
    """Keep a vote that nobody had asked for: as surplus, so that it takes no place from anybody."""
    token = keys.new_token()
    assignment = AssignmentId(new_id(now))
    rows.hand(tx, project.id, who, one.position, assignment, token, now)
    sent = annotate.Submission(
        id=AnnotationId(new_id(now)), assignment=assignment, token=token,
        answers={project.schema.main.name: Choice(said)}, seconds=0.0,
        schema_version=project.schema_version, guideline_version=project.guideline_version,
    )  # fmt: skip
    held = answering.check(answering.begin(tx, assignment, sent.id), assignment, project.id, who, token)
    (entry, row), *_ = annotate.drafts(project, sent, held, now, still_wanted=False)
    answering.end(tx, held, Finish.SURPLUS, now)
    answering.keep(tx, entry, row)
    return sent.id


def _annotator(tx: Tx, project: ProjectFacts, kind: Signal, now: datetime) -> AnnotatorId:
    """Return the annotator that stands for a kind of signal; it is made at the first one."""
    key = f"annotator of {SOURCE} {kind.value} in {project.id}"
    known = projects.recall(tx, key)
    if known is not None:
        return AnnotatorId(known)
    made = AnnotatorId(new_id(now))
    people.add_annotators(tx, [made], [f"{SOURCE} {kind.value}"], AnnotatorKind.FUNCTION, now)
    give_role(tx, project.id, made, Role.SERVICE, now)
    record(tx, project.id, EntryKind.ROLE_GRANTED, now, actor=made, about=made, body={"role": Role.SERVICE.value})
    projects.remember(tx, key, made)
    return made
