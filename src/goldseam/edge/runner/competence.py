"""Competence: learns every annotator's confusion off the request, and decides by it whether an item wants another answer.

In: a project; at each answer, one item's votes. Out: a projection that can be rebuilt; what the item wants now.
Never: a look at the whole project where an answer is taken in.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from goldseam.annotate.adaptive import coin, informed_posterior, informed_posteriors, wants_more, wants_more_each
from goldseam.annotate.policy import Adaptive
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import World
from goldseam.edge.store import annotations as annotation_rows
from goldseam.edge.store import competence as rows
from goldseam.edge.store import gold, projects
from goldseam.edge.store.competence import Crowd, Learned
from goldseam.edge.store.tx import Positions, Tx
from goldseam.route.tiers import Tier
from goldseam.stats import truth
from goldseam.stats.votes import Votes
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import AnnotatorId

MOST_LABELS = 64
"""With more labels than this one accuracy an annotator is kept: a table of confusions would hold mostly zeros."""
Matrix = NDArray[np.float64]


def refresh(world: World, project: ProjectFacts) -> int:
    """Learn everybody's confusion anew, and let items of this round want more or less for it; return how many changed.

    Items that were closed while annotators were unknown are opened again where what is known now leaves too much doubt.
    """
    annotators, learned, crowd = measured(world, project)

    def save(tx: Tx) -> int:
        rows.replace(tx, project.id, project.question, annotators, learned, crowd)
        return _reopened(tx, project, annotators, learned, crowd)

    return world.store.write(save)


def measured(world: World, project: ProjectFacts) -> tuple[tuple[AnnotatorId, ...], tuple[Learned, ...], Crowd]:
    """Return what the votes that stand say of everybody: what `refresh` stores, so that a rebuild equals the stored."""

    def load(tx: Tx) -> tuple[Votes, dict[int, str], datetime | None]:
        votes = annotation_rows.votes(tx, project.id, project.question)
        found = gold.current(tx, project.id, project.question)
        names = dict(zip(found.position.tolist(), (project.labels[code] for code in found.label.tolist()), strict=True))
        return votes, names, annotation_rows.newest_at(tx, project.id)

    votes, known, at = world.store.read(load)
    asked = set(votes.items.tolist())
    found = truth.infer(votes, gold={position: label for position, label in known.items() if position in asked})
    many = np.bincount(votes.annotator, minlength=votes.n_annotators)
    tables = found.confusion if found.confusion is not None and votes.n_labels <= MOST_LABELS else None
    learned = tuple(
        Learned(float(found.reliability[place]), None if tables is None else tables[place], int(many[place]))
        for place in range(votes.n_annotators)
    )
    return (
        tuple(AnnotatorId(name) for name in votes.annotators.tolist()),
        learned,
        _crowd(world, project, found.posterior, found.reliability, tables, many, at),
    )


def _crowd(
    world: World,
    project: ProjectFacts,
    posterior: Matrix,
    reliability: Matrix,
    tables: Matrix | None,
    many: NDArray[np.integer],
    at: datetime | None,
) -> Crowd:
    """Return the mean of all annotators, by how much each said, and the shares of the labels."""
    n_labels, total = len(project.labels), int(many.sum())
    if not total:
        first = Learned(project.settings.annotate.accuracy, None, 0)
        return Crowd(first, np.full(n_labels, 1.0 / n_labels), at or world.clock.now())
    weight = many / total
    together = None if tables is None else np.einsum("a,akl->kl", weight, tables)
    shares = (posterior.sum(axis=0) + 1.0) / (len(posterior) + n_labels)
    return Crowd(Learned(float(weight @ reliability), together, total), shares, at or world.clock.now())


def closed_key(project: ProjectFacts) -> str:
    """Return under which key it is kept that somebody closed the project's present round."""
    return f"round {project.round} of {project.id} closed"


def first_wanted(project: ProjectFacts, tier: NDArray[np.integer], wanted: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return how many answers items are asked for at first: few, where each further one is decided by those before."""
    rule = project.settings.annotate.adaptive
    if rule is None:
        return wanted
    return np.where(tier == Tier.CONSENSUS, np.minimum(rule.min_votes, wanted), wanted).astype(np.int32)


def fresh_places(tx: Tx, project: ProjectFacts, assignments: Sequence[str]) -> int:
    """Return the first of fresh places in the queue's order, one for each of these answers; 0 if none will need one.

    Taken before anything else is locked, since everybody locks the project first.
    """
    if project.settings.annotate.adaptive is None or not rows.n_completed_by(tx, project.id, assignments):
        return 0
    return projects.allocate_ord(tx, project.id, len(assignments))


def after_vote(tx: Tx, project: ProjectFacts, position: int, place: int, *, unsure: bool) -> bool:
    """Let the item want what its votes leave to be wished; return whether `place`, in the queue's order, was used.

    Reads the item's few votes and the few annotators' confusions: no more, however large the project is.
    """
    rule = project.settings.annotate.stops
    if rule is None and not unsure:
        return False
    row = rows.place(tx, project.id, position)
    if row is None:
        return False  # a gold check, or an item that somebody asked for
    if rule is None:
        most = 2 * project.settings.route.redundancy
        wanted = row.wanted + 1 if row.done + row.live >= row.wanted and row.wanted < most else row.wanted
    else:
        wanted = _wanted(tx, project, position, row, rule)
    if wanted == row.wanted:
        return False
    raised = wanted > row.done + row.live
    if raised and not place:
        place = projects.allocate_ord(tx, project.id, 1)
    rows.want(tx, project.id, position, wanted, place, row.cls)
    return raised


def _wanted(tx: Tx, project: ProjectFacts, position: int, row: rows.Place, rule: Adaptive) -> int:
    """Return how many answers an item wants by its votes; what was routed to one person or to experts stays as it is."""
    votes = rows.votes_of(tx, project.id, project.question, position)
    said = [(who, label) for who, label in votes if label is not None]
    crowd = rows.crowd(tx, project.id, project.question)
    known = rows.of(tx, project.id, project.question, [who for who, _ in said])
    most = row.wanted
    asked_for_each = project.settings.annotate.adaptive is not None
    route = rows.route_of(tx, project.id, position) if asked_for_each else None
    if route is not None and route[0] == Tier.CONSENSUS:
        most = max(rule.max_votes or route[1], row.wanted)
    # An abstention takes a place but says nothing of the label: the bound is on answers of either kind.
    room = max(most - (row.done - len(said)), 0)
    if not more(project, said, known, crowd, room, rule):
        return row.done + row.live
    return max(row.done + row.live, row.done + 1) if asked_for_each else row.wanted


def more(
    project: ProjectFacts,
    said: Sequence[tuple[AnnotatorId, int]],
    known: dict[AnnotatorId, Learned],
    crowd: Crowd | None,
    most: int,
    rule: Adaptive,
) -> bool:
    """Return whether one more answer is worth its price, given the votes for labels and what is known of who cast them."""
    n_labels = len(project.labels)
    whole = _confusion(crowd.learned if crowd else None, n_labels, project.settings.annotate.accuracy)
    shares = crowd.shares if crowd is not None and len(crowd.shares) == n_labels else np.full(n_labels, 1.0 / n_labels)
    tables = [whole if who not in known else _confusion(known[who], n_labels, 0.0, whole) for who, _ in said]
    posterior = informed_posterior([label for _, label in said], tables, shares)
    return wants_more(posterior, len(said), most, whole, rule)


def _confusion(one: Learned | None, n_labels: int, accuracy: float, instead: Matrix | None = None) -> Matrix:
    """Return the confusion of somebody; a schema that has gained labels since makes what was learned too small."""
    if one is not None and one.confusion is not None:
        if len(one.confusion) == n_labels:
            return one.confusion
        if instead is not None:
            return instead
    return coin(min(max(one.accuracy if one is not None else accuracy, 0.01), 0.99), n_labels)


def _reopened(
    tx: Tx, project: ProjectFacts, annotators: Sequence[AnnotatorId], learned: Sequence[Learned], crowd: Crowd
) -> int:
    rule = project.settings.annotate.adaptive
    if rule is None or projects.recall(tx, closed_key(project)) is not None:
        return 0
    position, done, most = rows.complete(tx, project.id, project.round, Tier.CONSENSUS)
    opened = _doubtful(tx, project, rule, dict(zip(annotators, learned, strict=True)), crowd, (position, done, most))
    first = projects.allocate_ord(tx, project.id, len(opened)) if opened else 0
    for nth, (where, wanted) in enumerate(opened):
        row = rows.place(tx, project.id, where)
        if row is not None and row.done == wanted - 1 and row.live == 0:
            rows.want(tx, project.id, where, wanted, first + nth, row.cls)
    return len(opened)


def _doubtful(
    tx: Tx,
    project: ProjectFacts,
    rule: Adaptive,
    known: dict[AnnotatorId, Learned],
    crowd: Crowd,
    items: tuple[Positions, NDArray[np.int64], NDArray[np.int64]],
) -> list[tuple[int, int]]:
    """Return those of these items that want one answer more by what is known now, with how many they then want."""
    position, done, routed = items
    n_labels, policy = len(project.labels), project.settings.annotate
    votes = annotation_rows.votes(tx, project.id, project.question, round=project.round)
    names = [AnnotatorId(name) for name in votes.annotators.tolist()]
    whole = _confusion(crowd.learned, n_labels, policy.accuracy)
    tables = np.array([_confusion(known.get(who, crowd.learned), n_labels, policy.accuracy, whole) for who in names])
    posterior = np.tile(crowd.shares, (len(position), 1))
    n_said = np.zeros(len(position), np.int64)
    if votes.n_votes:
        row = np.searchsorted(votes.items, position).clip(max=votes.n_items - 1)
        there = votes.items[row] == position
        found = informed_posteriors(votes.item, votes.annotator, votes.label, tables, crowd.shares, votes.n_items)
        posterior[there] = found[row[there]]
        n_said[there] = votes.votes_per_item()[row[there]]
    room = (routed if rule.max_votes is None else np.full(len(position), rule.max_votes)) - (done - n_said)
    chosen = np.flatnonzero(wants_more_each(posterior, n_said, room, whole, rule))
    return list(zip(position[chosen].tolist(), (done[chosen] + 1).tolist(), strict=True))


def stored(world: World, project: ProjectId, question: str) -> tuple[dict[AnnotatorId, Learned], Crowd | None]:
    """Return what is stored of everybody."""
    return world.store.read(lambda tx: (rows.of(tx, project, question), rows.crowd(tx, project, question)))
