"""Sample: draws a round's items from the pool, and keeps the seed with which anyone can draw them again.

In: a project. Out: a `Draw` in the store and in the ledger. Never: chance that is not in the ledger.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from goldseam.edge.runner.digests import digest, digest_of_numbers
from goldseam.edge.runner.log import record
from goldseam.edge.runner.prelabel import contents_of
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import Report, World, silent
from goldseam.edge.store import draws as rows
from goldseam.edge.store import items, models, settlements, suggestions
from goldseam.edge.store.tx import Positions, Tx
from goldseam.ledger.entries import EntryKind
from goldseam.prelabel.features import embed
from goldseam.sample.choosing import Pool, needs, shortlist
from goldseam.sample.drawing import Draw, draw
from goldseam.vocab.errors import BadPolicy, NotFound, NotReady

MOST_LABELED = 5_000
COMMITTEE = 5


@dataclass(frozen=True, slots=True)
class Saw:
    """What a draw went by besides the pool and its suggestions; the ledger keeps it, so that the draw can be made again.

    `labeled` are positions drawn before, `noise` is the share of settled labels that are reckoned wrong, `counts` says how
    often each label was settled, `models` are those that formed a committee.
    """

    labeled: tuple[int, ...] = ()
    noise: float = 0.0
    counts: tuple[int, ...] = ()
    models: tuple[str, ...] = ()

    @property
    def plain(self) -> dict[str, object]:
        """What the ledger keeps of it; the labeled items themselves stand in earlier draws."""
        return {
            "n_labeled": len(self.labeled),
            "labeled_sha256": digest(np.array(self.labeled, np.int64)),
            "noise": f"{self.noise:.6f}",
            "counts": list(self.counts),
            "models": list(self.models),
        }


def draw_round(
    world: World, project: ProjectFacts, actor: str, report: Report = silent, *, at_most: int | None = None
) -> Draw:
    """Draw the items of the present round: a batch, or fewer if the budget pays for fewer.

    Raises
    ------
    NotReady
        If the pool is empty.
    """
    pool = world.store.read(lambda tx: rows.pool(tx, project.id))
    if len(pool) == 0:
        raise NotReady("The pool is empty: every item was drawn, or is gold.")
    seed = world.clock.seed()
    batch = min(project.settings.sample.batch, len(pool) if at_most is None else at_most)
    saw = look(world, project)
    chosen = redraw(world, project, pool, seed, report, batch=batch, saw=saw)
    now = world.clock.now()
    body = _body(project, chosen, pool, seed) | {"batch": batch, "saw": saw.plain}

    def save(tx: Tx) -> None:
        made = rows.save(
            tx,
            project.id,
            project.round,
            chosen.strategy,
            seed,
            len(pool),
            project.settings_version,
            chosen.position,
            chosen.chance,
            chosen.rank,
            now,
        )
        record(tx, project.id, EntryKind.ITEMS_DRAWN, now, actor=actor, about=made, body=body)

    world.store.write(save)
    return chosen


def _body(project: ProjectFacts, chosen: Draw, pool: Positions, seed: int) -> dict[str, object]:
    return {
        "round": project.round,
        "strategy": chosen.strategy,
        "seed": str(seed),
        "n_pool": len(pool),
        "pool_sha256": digest(pool),
        "drawn": len(chosen.position),
        "drawn_sha256": digest(chosen.position),
        "chances_sha256": digest_of_numbers(chosen.chance),
        "model": project.model or "",
        "settings_version": project.settings_version,
    }


def redraw(
    world: World,
    project: ProjectFacts,
    pool: Positions,
    seed: int,
    report: Report = silent,
    *,
    batch: int,
    saw: Saw | None = None,
) -> Draw:
    """Draw from this pool with this seed: the same again for the same model, policy, batch, and what was seen besides."""
    rng = world.clock.rng(seed)
    saw = Saw() if saw is None else saw
    settings = project.settings.sample
    policy = replace(settings, batch=batch, noise=settings.noise if settings.noise is not None else saw.noise)
    proba = _proba(world, project, pool)
    looks_at = needs(policy, has_model=proba is not None, n_models=len(saw.models))
    known = Pool(pool, proba, strata=_strata(world, project, pool), cost=_cost(world, project, pool))
    if "committee" in looks_at:
        known = replace(known, committee=_committee(world, project, saw.models, pool))
    if "counts" in looks_at:
        known = replace(known, counts=np.array(saw.counts, np.int64))
    if "features" in looks_at:
        labeled = np.array(saw.labeled if "labeled" in looks_at else (), np.int64)
        known = _described(world, project, known, shortlist(known, policy, rng), labeled, rng, report)
    return draw(known, policy, rng)


def look(world: World, project: ProjectFacts) -> Saw:
    """Return what is known now, besides the pool, that a draw may go by."""
    policy = project.settings.sample
    has_model = project.model is not None
    looks_at = needs(policy, has_model=has_model)

    def load(tx: Tx) -> Saw:
        before = rows.drawn(tx, project.id).position if "labeled" in looks_at else np.empty(0, np.int64)
        counts: tuple[int, ...] = ()
        noise = 0.0
        if "counts" in looks_at or (has_model and "labeled" in looks_at and policy.noise is None):
            settled = settlements.current(tx, project.id, project.question)
            given = settled.label[settled.label >= 0]
            counts = tuple(np.bincount(given, minlength=len(project.labels)).tolist())
            noise = _noise(settled.confidence)
        models = _scored_by(tx, project) if "committee" in looks_at else ()
        return Saw(tuple(np.sort(before)[-MOST_LABELED:].tolist()), noise, counts, models)

    return world.store.read(load)


def _noise(confidence: NDArray[np.floating]) -> float:
    """Return how unsure the settled labels are: the mean of what their confidence leaves to other labels."""
    doubt = 1.0 - np.clip(confidence[np.isfinite(confidence)], 0.0, 1.0)
    return round(float(doubt.mean()), 6) if len(doubt) else 0.0


def _scored_by(tx: Tx, project: ProjectFacts) -> tuple[str, ...]:
    """Return the newest models that were once the champion, and so scored the pool; the champion last."""
    promoted = [one.id for one in models.listing(tx, project.id) if one.outcome is models.Outcome.PROMOTED]
    return tuple(promoted[-COMMITTEE:])


def _committee(
    world: World, project: ProjectFacts, members: tuple[str, ...], pool: Positions
) -> NDArray[np.float32] | None:
    def load(tx: Tx) -> list[NDArray[np.float32]]:
        found = []
        for one in members:
            with suppress(NotFound):  # a source that came later was never shown to an older model
                found.append(suggestions.proba(tx, project.id, one, pool))
        return found

    tables = world.store.read(load)
    width = max((table.shape[1] for table in tables), default=0)
    wide = [np.pad(table, ((0, 0), (0, width - table.shape[1]))) for table in tables]
    return np.stack(wide) if wide else None


def _described(
    world: World,
    project: ProjectFacts,
    pool: Pool,
    chosen: NDArray[np.int64],
    labeled: Positions,
    rng: np.random.Generator,
    report: Report,
) -> Pool:
    """Return the pool with features of these rows and of the labeled items, made together so that they compare."""
    features = embed(contents_of(world, project, np.concatenate([pool.position[chosen], labeled]), report), rng)
    known = features[len(chosen) :] if len(labeled) else None
    return replace(pool, features=features[: len(chosen)], described=chosen, labeled=known)


def _strata(world: World, project: ProjectFacts, pool: Positions) -> NDArray[np.int32] | None:
    field = project.settings.sample.stratify_by
    if not field:
        return None
    names = world.store.read(lambda tx: items.metadata_column(tx, project.id, pool, field))
    return np.unique(np.array(names, dtype=str), return_inverse=True)[1].astype(np.int32)


def _cost(world: World, project: ProjectFacts, pool: Positions) -> NDArray[np.float64] | None:
    field = project.settings.sample.cost_by
    if not field:
        return None
    column = world.store.read(lambda tx: items.metadata_column(tx, project.id, pool, field))
    try:
        found = np.array([float(one) for one in column], np.float64)
    except (TypeError, ValueError):
        found = np.zeros(0)
    if len(found) != len(pool) or not (np.isfinite(found) & (found > 0)).all():
        wrong = next(one for one in column if not _is_cost(one))
        raise BadPolicy(
            f"sample.cost_by: {field!r} has to be a number above 0 for every item, and one has {str(wrong)!r}: "
            "put the source right, or leave cost_by out.",
            path=("sample", "cost_by"),
        )
    return found


def _is_cost(value: object) -> bool:
    try:
        return 0 < float(str(value)) < np.inf
    except ValueError:
        return False


def _proba(world: World, project: ProjectFacts, pool: Positions) -> NDArray[np.float32] | None:
    if project.model is None:
        return None
    model = project.model
    return world.store.read(lambda tx: suggestions.proba(tx, project.id, model, pool))
