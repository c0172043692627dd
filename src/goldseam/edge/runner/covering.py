"""Covering: what the draws cover of all items, what they say of the whole, and whether more labels are worth asking for.

In: a project. Out: plain values. Never: a change; it reads the whole project, so no request calls it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from goldseam.edge.runner import stopping
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.prelabel import contents_of
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.route import segments_of
from goldseam.edge.runner.world import Report, World, silent
from goldseam.edge.store import draws as rows
from goldseam.edge.store import items, model_steps, models, settlements, suggestions
from goldseam.edge.store.settlements import Settled
from goldseam.edge.store.tx import Positions, Tx
from goldseam.prelabel.features import embed
from goldseam.sample.coverage import Coverage, coverage
from goldseam.stats import designs, query
from goldseam.vocab.errors import NotReady

SEED = 1
"""Clusters are made with chance; a report should not move by looking twice."""

EXCERPT = 48
EXCERPT_OF_ID = 12
MOST_LOOKED_AT = 50_000
"""Clusters are made of all items drawn and of so many others at most, drawn at random."""


@dataclass(frozen=True, slots=True, eq=False)
class _Universe:
    """Everything that was ever in the pool: by position, whether it was drawn and with which chance."""

    position: Positions
    drawn: NDArray[np.bool_]
    chance: NDArray[np.float64]


def covered(world: World, permit: Permit, n_clusters: int = 12, report: Report = silent) -> dict[str, object]:
    """Return what the draws cover by segment and cluster, estimates for all items, and whether to stop.

    Raises
    ------
    NotReady
        If nothing was drawn yet.
    """
    project = permit.project
    whole = world.store.read(lambda tx: _universe(tx, project))
    if not whole.drawn.any():
        raise NotReady("Nothing was drawn yet: `goldseam run` draws the first items.")
    found = [*_by_rule(world, project, whole)]
    if n_clusters:
        found.append(_by_cluster(world, project, whole, n_clusters, report))
    labels, suggested = world.store.read(lambda tx: _estimates(tx, project))
    steps = world.store.read(lambda tx: model_steps.listing(tx, project.id))
    return {
        "n_items": len(whole.position),
        "n_drawn": int(whole.drawn.sum()),
        "coverage": [_plain(one) for one in found],
        "labels": labels,
        "suggestions": suggested,
        "stop": asdict(stopping.advice(project, steps)),
    }


def _universe(tx: Tx, project: ProjectFacts) -> _Universe:
    drawn = rows.drawn(tx, project.id)
    pool = rows.pool(tx, project.id)
    position = np.concatenate([drawn.position, pool])
    order = np.argsort(position, kind="stable")
    is_drawn = np.arange(len(position)) < len(drawn.position)
    chance = np.concatenate([drawn.chance, np.ones(len(pool))])
    return _Universe(position[order], is_drawn[order], chance[order])


def _by_rule(world: World, project: ProjectFacts, whole: _Universe) -> list[Coverage]:
    found = []
    rules = project.settings.segments
    if rules:
        segment = world.store.read(lambda tx: segments_of(tx, project, whole.position)).astype(np.int64)
        names = [*(one.name for one in rules), "(no segment)"]
        found.append(coverage("segment", segment % len(names), names, whole.drawn, whole.chance))
    field = project.settings.sample.stratify_by
    if field:
        column = world.store.read(lambda tx: items.metadata_column(tx, project.id, whole.position, field))
        values, group = np.unique(np.array(column, dtype=str), return_inverse=True)
        found.append(coverage(field, group, [str(one) or "(empty)" for one in values], whole.drawn, whole.chance))
    return found


def _by_cluster(world: World, project: ProjectFacts, whole: _Universe, n: int, report: Report) -> Coverage:
    rng = world.clock.rng(SEED)
    rest = np.flatnonzero(~whole.drawn)
    if len(rest) > MOST_LOOKED_AT:
        rest = rng.choice(rest, size=MOST_LOOKED_AT, replace=False)
    seen = np.sort(np.concatenate([np.flatnonzero(whole.drawn), rest]))
    features = embed(contents_of(world, project, whole.position[seen], report), rng)
    found = query.clustered(features, n, rng)
    central = whole.position[seen[found.center]]

    def name(tx: Tx) -> list[str]:
        if project.modality.is_media:
            return [str(one)[:EXCERPT_OF_ID] for one in items.ids_of(tx, project.id, central)]
        return [_excerpt(one) for one in items.contents(tx, project.id, central)]

    names = [f"{number}: {text}" for number, text in enumerate(world.store.read(name), 1)]
    return coverage("cluster", found.member, names, whole.drawn[seen], whole.chance[seen])


def _excerpt(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= EXCERPT else flat[: EXCERPT - 1] + "…"


def _estimates(tx: Tx, project: ProjectFacts) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    known = _known(tx, project)
    return _label_shares(project, known), _suggestions(tx, project, known)


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """The draws, what their items were settled to, and the models that were promoted, oldest first."""

    settled: Settled
    listed: tuple[rows.DrawRow, ...]
    each: tuple[rows.Drawn, ...]
    promoted: tuple[models.ModelRow, ...]


def _known(tx: Tx, project: ProjectFacts) -> _Known:
    listed = rows.listing(tx, project.id)
    return _Known(
        settlements.current(tx, project.id, project.question),
        listed,
        tuple(rows.drawn(tx, project.id, draw=one.id) for one in listed),
        tuple(one for one in models.listing(tx, project.id) if one.outcome is models.Outcome.PROMOTED),
    )


def _label_shares(project: ProjectFacts, known: _Known) -> list[dict[str, object]]:
    """Return the share of each label among all items, estimated from the draws, beside its share among those labeled."""
    settled, found = known.settled, []
    for code, name in enumerate(project.labels):
        is_it = (settled.label == code).astype(np.float64)
        each = [
            _drawn(one, row.n_pool, settled.position, is_it) for one, row in zip(known.each, known.listed, strict=True)
        ]
        plain = float(is_it.mean()) if len(is_it) else None
        found.append({"label": str(name), "among_labeled": plain, **asdict(designs.over_draws(each))})
    return found


def _suggestions(tx: Tx, project: ProjectFacts, known: _Known) -> list[dict[str, object]]:
    """Return how often suggestions were right in the pool that each draw was made from, by what the draw showed of it.

    A draw is made after its model's suggestions and before its labels, so that they are as good there as in the pool.
    """
    found: list[dict[str, object]] = []
    for row, drawn in zip(known.listed, known.each, strict=True):
        before = [one.id for one in known.promoted if one.round < row.round]
        position = np.intersect1d(drawn.position, known.settled.position)
        said = suggestions.suggested(tx, project.id, before[-1], position) if before else None
        if said is None or not len(said.position):
            continue
        label = known.settled.label[np.searchsorted(known.settled.position, said.position)]
        right = (said.label == label).astype(np.float64)
        estimate = designs.over_draws([_drawn(drawn, row.n_pool, said.position, right)])
        plain = {"round": row.round, "model": before[-1], "among_drawn": float(right.mean())}
        found.append(plain | asdict(estimate))
    return found


def _drawn(one: rows.Drawn, n_pool: int, position: Positions, value: NDArray[np.float64]) -> designs.Drawn:
    """Return what a draw showed. What has no value yet is taken to be like the rest of the same chance."""
    has = np.isin(one.position, position)
    seen = value[np.searchsorted(position, one.position[has])]
    _, group = np.unique(one.chance, return_inverse=True)
    answered = np.bincount(group[has], minlength=int(group.max(initial=0)) + 1) / np.maximum(np.bincount(group), 1)
    return designs.Drawn(seen, (one.chance * answered[group])[has], n_pool)


def _plain(one: Coverage) -> dict[str, object]:
    groups = [{**asdict(group), "thin": group.thin} for group in one.groups]
    return {**asdict(one), "groups": groups}
