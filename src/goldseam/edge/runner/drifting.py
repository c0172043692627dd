"""Drifting: whether what production sees and says is still of the kind it was, and which of it is new.

In: a project with captures. Out: tests of inputs and labels, groups of new items, an entry; the groups handed to the sample.
Never: more inputs looked at than a window and what it is compared with, an alarm more often than was allowed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from goldseam.edge.runner import producing
from goldseam.edge.runner.digests import digest
from goldseam.edge.runner.log import record
from goldseam.edge.runner.prelabel import contents_of
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import World
from goldseam.edge.store import captures, items, suggestions
from goldseam.edge.store.captures import Outputs
from goldseam.edge.store.tx import Positions, Tx
from goldseam.formats.chart import Series, lines
from goldseam.ledger.entries import EntryKind
from goldseam.prelabel.features import embed
from goldseam.stats import drift
from goldseam.stats.drift import Shift
from goldseam.vocab.errors import NotReady
from goldseam.vocab.items import ItemId
from goldseam.vocab.people import AnnotatorId

WINDOWS: Final = 8
"""Windows that a figure shows."""
BEFORE: Final = 4
"""Windows' worth of inputs that a window is compared with."""


@dataclass(frozen=True, slots=True)
class Window:
    """One window of outputs: how many outputs came until its end, and how far its inputs are from those before."""

    until: int
    n: int
    statistic: float | None
    usual: float | None


@dataclass(frozen=True, slots=True)
class NewGroup:
    """Items of production that are unlike any before and like each other; the most typical first."""

    items: tuple[ItemId, ...]
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drift:
    """What was found: both tests at half of `alpha` each, so that together they err no more often than that."""

    alpha: float
    model: str
    since: str
    until: str
    inputs: Shift
    labels: Shift
    compared_with: str
    before: dict[str, int]
    now: dict[str, int]
    groups: tuple[NewGroup, ...] = ()
    n_handed: int = 0
    windows: tuple[Window, ...] = field(default=())

    @property
    def inputs_moved(self) -> bool:
        """Whether inputs are of another kind."""
        return self.inputs.p is not None and self.inputs.p <= self.alpha / 2

    @property
    def labels_moved(self) -> bool:
        """Whether labels have other shares."""
        return self.labels.p is not None and self.labels.p <= self.alpha / 2

    @property
    def plain(self) -> dict[str, object]:
        """The same as plain values."""
        return {**asdict(self), "inputs_moved": self.inputs_moved, "labels_moved": self.labels_moved}


def measure(world: World, project: ProjectFacts, actor: AnnotatorId, *, hand_over: int = 0, windows: int = 0) -> Drift:
    """Compare the newest outputs with what was before, and hand up to so many new items to the sample.

    Raises
    ------
    NotReady
        If too little was captured.
    """
    policy = project.settings.production
    seen = world.store.read(lambda tx: captures.outputs(tx, project.id, policy.window * max(BEFORE + 1, windows)))
    n = min(policy.window, len(seen.seq) // 2 if _all_captured(world, project) else len(seen.seq))
    if n < drift.LEAST or seen.at is None:
        raise NotReady(f"Drift needs at least {drift.LEAST} outputs that were captured and taken in; there are {n}.")
    seed = world.clock.seed()
    rng = world.clock.rng(seed)
    now, older = _split(seen, n)
    reference, said = _reference(world, project, older, n, rng)
    features = embed(contents_of(world, project, np.concatenate([reference, now.position])), rng)
    x, y = features[: len(reference)], features[len(reference) :]
    alpha = policy.drift or 0.01
    inputs = drift.inputs(x, y, rng=rng, level=alpha / 2)
    before, counted, labels = _labels(world, project, now, older, rng, alpha)
    moved = inputs.p is not None and inputs.p <= alpha / 2
    groups = drift.groups(y, np.flatnonzero(drift.novel(x, y))) if moved else ()
    places = [now.position[one.place] for one in groups]
    handed = np.array(list(dict.fromkeys(_turns(places).tolist()))[:hand_over], np.int64)
    producing.hand_over(world, project, handed)
    found = Drift(
        alpha=alpha,
        model=str(now.model[-1]),
        since=seen.at[0].isoformat(),
        until=seen.at[1].isoformat(),
        inputs=inputs,
        labels=labels,
        compared_with=said,
        before=before,
        now=counted,
        groups=tuple(_group(world, project, one) for one in places),
        n_handed=len(handed),
        windows=_windows(world, project, seen, reference, windows, rng, alpha),
    )
    _record(world, project, found, handed, seed, actor)
    return found


def _all_captured(world: World, project: ProjectFacts) -> bool:
    """Return whether the project has no items but those from production."""
    first = world.store.read(lambda tx: items.at(tx, project.id, 0))
    return first.origin.source == producing.SOURCE


def _split(seen: Outputs, n: int) -> tuple[Outputs, Outputs]:
    def part(rows: slice) -> Outputs:
        return Outputs(seen.seq[rows], seen.position[rows], seen.label[rows], seen.model[rows], seen.at)

    return part(slice(len(seen.seq) - n, None)), part(slice(0, len(seen.seq) - n))


def _reference(
    world: World, project: ProjectFacts, older: Outputs, n: int, rng: np.random.Generator
) -> tuple[Positions, str]:
    """Return what inputs are compared with: what the project's own sources brought, or what came before from production."""
    most = BEFORE * n

    def load(tx: Tx) -> Positions:
        return captures.own_items(tx, project.id, producing.SOURCE)

    own = world.store.read(load)
    if len(own) >= drift.LEAST:
        return np.sort(rng.choice(own, min(most, len(own)), replace=False)), "the items of the project's sources"
    return older.position[-most:], "what production saw before"


def _labels(
    world: World, project: ProjectFacts, now: Outputs, older: Outputs, rng: np.random.Generator, alpha: float
) -> tuple[dict[str, int], dict[str, int], Shift]:
    """Compare what the newest model says now with what it said before; or with what the project's model says of its items."""
    model = str(now.model[-1])
    mine = now.label[now.model == model]
    before = older.label[older.model == model]
    if len(before) < len(mine) and project.model is not None:
        champion = project.model
        found = world.store.read(lambda tx: suggestions.suggested(tx, project.id, champion))
        before = np.array([project.labels[code] for code in found.label.tolist()], dtype=object)
    names = sorted({*map(str, before), *map(str, mine)} - {""})
    a = [int((before == name).sum()) for name in names]
    b = [int((mine == name).sum()) for name in names]
    tested = drift.labels(a, b, rng=rng, level=alpha / 2)
    return dict(zip(names, a, strict=True)), dict(zip(names, b, strict=True)), tested


def _turns(places: Sequence[Positions]) -> NDArray[np.int64]:
    """Return items of all groups, one of each in turn."""
    longest = max((len(one) for one in places), default=0)
    taken = [one[at] for at in range(longest) for one in places if at < len(one)]
    return np.array(taken, np.int64)


def _group(world: World, project: ProjectFacts, positions: Positions) -> NewGroup:
    shown = world.store.read(lambda tx: [items.at(tx, project.id, at) for at in positions[:3].tolist()])
    ids = world.store.read(lambda tx: items.ids_of(tx, project.id, positions))
    examples = () if project.modality.is_media else tuple(one.content[:200] for one in shown)
    return NewGroup(tuple(ids), examples)


def _windows(
    world: World,
    project: ProjectFacts,
    seen: Outputs,
    reference: Positions,
    n_windows: int,
    rng: np.random.Generator,
    alpha: float,
) -> tuple[Window, ...]:
    """Return the newest windows one by one, each against the same reference."""
    size = project.settings.production.window
    ends = range(len(seen.seq), 0, -size)[:n_windows] if n_windows else ()
    made = []
    for end in reversed(ends):
        part = seen.position[max(0, end - size) : end]
        features = embed(contents_of(world, project, np.concatenate([reference, part])), rng)
        found = drift.inputs(
            features[: len(reference)], features[len(reference) :], rng=rng, permutations=199, level=alpha / 2
        )
        made.append(Window(end, len(part), found.statistic, found.usual))
    return tuple(made)


def _record(
    world: World, project: ProjectFacts, found: Drift, handed: Positions, seed: int, actor: AnnotatorId
) -> None:
    now = world.clock.now()
    body = {
        "seed": str(seed),
        "alpha": repr(found.alpha),
        "inputs": "" if found.inputs.p is None else repr(found.inputs.p),
        "labels": "" if found.labels.p is None else repr(found.labels.p),
        "n_before": found.inputs.n_before,
        "n_now": found.inputs.n_now,
        "handed": len(handed),
        "handed_sha256": digest(handed),
    }

    def save(tx: Tx) -> None:
        record(tx, project.id, EntryKind.DRIFT_MEASURED, now, actor=actor, about=project.id, body=body)

    world.store.write(save)


def figure(title: str, found: Drift) -> str:
    """Return the windows as a chart: how far inputs are from those before, and how far chance alone takes them."""
    at = [float(one.until) for one in found.windows]
    return lines(
        f"{title}: inputs against {found.compared_with}",
        "outputs captured",
        "distance",
        [
            Series("distance", at, [one.statistic for one in found.windows]),
            Series("by chance", at, [one.usual for one in found.windows], steady=True),
        ],
    )
