"""Adjudicate: settles votes by computation, hands doubtful items to a person, and keeps the person's ruling.

In: the project's votes, gold and rulings. Out: settlements in the store. Never: a ruling overruled by computation.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from goldseam.adjudicate.settle import (
    ESCALATION_TEXT,
    Escalation,
    How,
    Settlements,
    accept,
    settle,
    together,
    unanswered,
)
from goldseam.adjudicate.tiers import next_level
from goldseam.edge.clock import later
from goldseam.edge.runner import function_votes, ruling_answers, settling, settling_answers
from goldseam.edge.runner.digests import digest, digest_of_settlements
from goldseam.edge.runner.log import record
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.sealing import sealed
from goldseam.edge.runner.world import World
from goldseam.edge.store import annotations as annotation_rows
from goldseam.edge.store import disputes, draws, flags, gold, items, queue, suggestions, talk, talk_tables
from goldseam.edge.store import settlements as rows
from goldseam.edge.store.settlements import Ruling, Settled
from goldseam.edge.store.tx import Tx
from goldseam.ledger.entries import EntryKind
from goldseam.route.tiers import Tier
from goldseam.stats.votes import Votes
from goldseam.vocab.answers import Abstain, Answer, Choice, LabelName
from goldseam.vocab.errors import BadAnswer
from goldseam.vocab.items import ItemId
from goldseam.vocab.schema import QuestionName
from goldseam.vocab.talk import check_words

Loaded = tuple[Votes, dict[int, int], dict[int, int], NDArray[np.int64], NDArray[np.int64], tuple[Votes, str] | None]
MOVED = 0.01
"""A settlement is written anew when its confidence moved by more than this: estimates of other rounds wander a little."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a project's labels are settled from; `functions` is the set of functions that voted too, if one did."""

    votes: Votes
    gold: dict[int, int]
    settled: Settlements
    functions: str = ""


def basis(world: World, project: ProjectFacts) -> Basis:
    """Return the project's votes and gold, and what they settle to now; nothing is written."""

    def load(tx: Tx) -> Loaded:
        votes = annotation_rows.votes(tx, project.id, project.question)
        made = function_votes.counted(tx, project)
        found = gold.current(tx, project.id, project.question)
        ruled = rows.rulings(tx, project.id, project.question)
        routes = draws.routed(tx, project.id)
        return (
            votes,
            dict(zip(found.position.tolist(), found.label.tolist(), strict=True)),
            dict(zip(ruled[0].tolist(), ruled[1].tolist(), strict=True)),
            routes.position[routes.tier == Tier.AUTO],
            queue.complete(tx, project.id),
            None if made is None else (function_votes.with_voter(tx, project, votes, made), made.id),
        )

    votes, known, ruled, auto, complete, machine = world.store.read(load)
    beside, functions = machine or (None, "")
    settled = settle(votes, project.settings.adjudicate, known, ruled, beside)
    auto = np.setdiff1d(auto, settled.position)
    if len(auto) and project.model is not None:
        settled = together(settled, _accepted(world, project, auto))
    silent = np.setdiff1d(complete, settled.position)
    return Basis(votes, known, together(settled, unanswered(silent, project.labels)), functions)


def _accepted(world: World, project: ProjectFacts, position: NDArray[np.int64]) -> Settlements:
    """Settle items of the auto tier by the suggestion they were routed with, kept when first settled."""
    before = world.store.read(lambda tx: rows.current(tx, project.id, project.question, position))
    fresh = np.setdiff1d(position, before.position)
    proba = np.zeros((len(position), len(project.labels)))
    proba[np.searchsorted(position, before.position)] = before.posterior
    if len(fresh):
        model = str(project.model)
        found = world.store.read(lambda tx: suggestions.proba(tx, project.id, model, fresh))
        # The schema may have gained labels since the model proposed: those have no share.
        proba[np.searchsorted(position, fresh), : found.shape[1]] = found
    return accept(position, proba, project.labels)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of settling a round: items settled or escalated by the first question, all escalations, the methods."""

    n: int
    n_escalated: int
    method: str


def settle_round(world: World, project: ProjectFacts, actor: str) -> Outcome:
    """Settle everything that has its answers, every question of it, and write what is new or moved."""
    now = _moment(world, project)
    main = _settle_labels(world, project, actor, now) if settling_answers.by_labels(project) else None
    others = settling_answers.settle(world, project, main, actor, now)
    n_escalated = sum(one.escalated for decided in others.values() for one in decided)
    if main is not None:
        return Outcome(len(main.position), n_escalated + int(main.escalated.sum()), main.method)
    decided = others[project.schema.main.name]
    methods = Counter(one.method for one in decided)
    return Outcome(len(decided), n_escalated, methods.most_common(1)[0][0] if methods else "none")


def _settle_labels(world: World, project: ProjectFacts, actor: str, now: datetime) -> Settlements:
    """Settle the labels of a first question that is a choice."""
    stands = basis(world, project)
    found = stands.settled

    def save(tx: Tx) -> None:
        here = draws.drawn(tx, project.id, project.round).position
        due = _due(found, rows.current(tx, project.id, project.question), here)
        due &= ~np.isin(found.position, flags.out(tx, project.id))  # what was flagged out of the queue has no label
        names = np.array([found.method, rows.RULING, "gold", "auto"], dtype=object)
        method = names[found.how[due]].tolist()
        reason = [ESCALATION_TEXT[Escalation(code)] for code in found.reason[due].tolist()]
        rows.save(
            tx,
            project.id,
            project.question,
            found.position[due],
            found.label[due],
            found.confidence[due],
            found.posterior[due],
            found.n_votes[due],
            found.escalated[due],
            reason,
            method,
            project.round,
            now,
        )
        body = {
            "round": project.round,
            "method": found.method,
            "settings_version": project.settings_version,
            "n": int(due.sum()),
            "n_escalated": int(found.escalated[due].sum()),
            "question": project.question,
            "n_labels": len(found.labels),
            "functions": stands.functions,
            "items_sha256": digest(found.position[due]),
            "settlements_sha256": digest_of_settlements(
                found.label[due],
                found.confidence[due],
                found.posterior[due],
                found.n_votes[due],
                found.escalated[due],
                reason,
                method,
            ),
        }
        record(tx, project.id, EntryKind.ITEMS_SETTLED, now, actor=actor, about=project.id, body=body)

    world.store.write(save)
    return found


def _moment(world: World, project: ProjectFacts) -> datetime:
    """Return the time of a settlement to be made, before its votes are read: one that comes meanwhile is newer than it.

    It is after all that came before, even if the clock was set back: otherwise answers would stay newer than what they
    were settled to, and be settled for ever.
    """
    before = world.store.read(lambda tx: (annotation_rows.newest_at(tx, project.id), rows.newest_at(tx, project.id)))
    return later(world.clock.now(), *before)


def _due(found: Settlements, before: Settled, here: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which settlements to write: of this round's items, and elsewhere what is new or moved."""
    place = np.searchsorted(before.position, found.position).clip(max=max(len(before.position) - 1, 0))
    if len(before.position) == 0:
        return np.asarray(found.how != How.RULING)
    known = before.position[place] == found.position
    same = (
        known
        & (before.label[place] == found.label)
        & (before.escalated[place] == found.escalated)
        & (before.n_votes[place] == found.n_votes)
        & (np.abs(before.confidence[place] - found.confidence) <= MOVED)
    )
    # A ruling stands as it was written; everything else of this round is written anew.
    return np.asarray((~same | np.isin(found.position, here)) & (found.how != How.RULING))


def rule(world: World, permit: Permit, ruling_id: str, item: str, question: str, answer: Answer, reason: str) -> None:
    """Settle an item by a person's decision; it supersedes what was computed.

    Raises
    ------
    BadAnswer
        If the answer does not fit its question or the item, is an abstention, or the question is not asked of the item.
    NotFound
        If the project has no such item.
    NotAllowed
        If the tiers of the project file leave this item, or this label, to a more senior role.
    """
    project = permit.project
    asked = project.schema.question(question)
    asked.check(answer)
    if isinstance(answer, Abstain):
        raise BadAnswer("A ruling is an answer; leave the item to somebody else if there is none.", question=question)
    if question != project.question or not isinstance(answer, Choice):
        ruling_answers.rule(world, permit, ruling_id, ItemId(item), asked, answer, reason)
        return
    label, now = answer.label, world.clock.now()

    def save(tx: Tx) -> None:
        position = items.find(tx, project.id, ItemId(item)).position
        keep_ruling(tx, permit, ruling_id, ItemId(item), position, label, reason, now)

    world.store.write(save)


def keep_ruling(
    tx: Tx,
    permit: Permit,
    ruling_id: str,
    item: ItemId,
    position: int,
    label: LabelName,
    reason: str,
    now: datetime,
) -> None:
    """Keep a ruling, in a transaction that may hold more than it; one that was made before is left as it is.

    Raises
    ------
    NotAllowed
        If the tiers of the project file leave this item, or this label, to a more senior role.
    """
    project = permit.project
    if not disputes.was_ruled(tx, ruling_id):
        settling.check(tx, permit, position, label)
    n_votes = len(annotation_rows.of_item(tx, project.id, position))
    ruling = Ruling(position, project.question, project.labels.index(label), reason, permit.annotator)
    if rows.rule(tx, project.id, ruling_id, ruling, n_votes, project.round, now):
        body = {"item": item, "question": project.question, "label": label}
        record(tx, project.id, EntryKind.LABEL_RULED, now, actor=permit.annotator, about=ruling_id, body=body)


def escalate(
    world: World, permit: Permit, escalation_id: str, item: str, reason: str, question: QuestionName | None = None
) -> int:
    """Hand an item up, since the caller cannot decide it; return the number of the tier that it went to.

    Without a question, it is about the first one.

    Raises
    ------
    NotFound
        If the project has no such item.
    NotAllowed
        If the item is not the caller's to settle anyway.
    NotReady
        If there is no tier above.
    """
    project, now = permit.project, world.clock.now()
    asked = project.schema.main.name if question is None else project.schema.question(question).name
    sent = {"by": permit.annotator, "item": item, "reason": reason} | ({"question": question} if question else {})

    def save(tx: Tx) -> int:
        position = items.find(tx, project.id, ItemId(item)).position
        kept, commitment = sealed(sent)
        if not talk.was_kept(tx, talk_tables.escalations, escalation_id, project.id, kept.hash):
            matter = settling.matter_of(tx, project, position, asked)
            tier = next_level(project.settings.adjudicate.tiers, permit.role, matter)
            check_words(reason, "A reason", may_be_empty=True)
            up = disputes.Escalated(escalation_id, position, asked, tier, permit.annotator, reason, now)
            disputes.escalate(tx, project.id, up, kept)
            body = {"item": item, "question": asked, "tier": tier, "commitment": commitment}
            record(
                tx, project.id, EntryKind.ITEM_ESCALATED, now, actor=permit.annotator, about=escalation_id, body=body
            )
        made = disputes.escalated(tx, project.id, asked, position)
        return next(one.tier for one in made if one.id == escalation_id)

    return world.store.write(save)
