"""Browse: lists, counts and facets of a project's items, for those who may measure.

In: conditions, a cursor. Out: pages of items with where each stands; counts that say whether they are whole. Never: a call that
looks at more than a bounded number of rows, a condition on a secret, or an index of words made while somebody waits.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import Report, World, silent
from goldseam.edge.store import browse as rows
from goldseam.edge.store import items, projects, search
from goldseam.edge.store.browse import Ask, Mark, Standing
from goldseam.edge.store.items import Placed
from goldseam.edge.store.tx import Tx
from goldseam.source.find import ItemState, Order, Wanted, words_of
from goldseam.vocab.errors import BadValue, nearest
from goldseam.vocab.items import Item, ProjectId

AT_ONCE = 2_000
"""Items indexed in one transaction: few enough that nobody who labels has to wait."""
CURSOR = re.compile(r"(-?\d+)|([01](?:\.\d{1,20})?(?:e-\d{1,3})?):(\d+)")


@dataclass(frozen=True, slots=True)
class Stands:
    """Where one item stands; `label` and `confidence` are those of its newest settlement."""

    state: ItemState
    is_flagged: bool
    label: str | None
    confidence: float | None
    method: str | None
    n_wanted: int
    n_given: int


@dataclass(frozen=True, slots=True)
class Line:
    """One item of a list, and where it stands; `label` and `confidence` are those of its newest settlement."""

    position: int
    item: Item
    state: ItemState
    is_flagged: bool
    label: str | None
    confidence: float | None
    method: str | None
    n_wanted: int
    n_given: int


@dataclass(frozen=True, slots=True)
class Page:
    """Some items; `more` is the cursor of the next page. `indexed` says how many items a search can find so far."""

    lines: tuple[Line, ...]
    more: str | None
    indexed: int | None


@dataclass(slots=True)
class Indexing:
    """Brings the index of words up to date in a thread, one a project, when somebody searches."""

    world: World
    _going: set[ProjectId] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, project: ProjectFacts) -> None:
        """Begin, unless it is under way."""
        with self._lock:
            if project.id in self._going:
                return
            self._going.add(project.id)
        threading.Thread(target=self._work, args=(project,), name="goldseam-index", daemon=True).start()

    def _work(self, project: ProjectFacts) -> None:
        try:
            index(self.world, project)
        finally:
            with self._lock:
                self._going.discard(project.id)


def page(world: World, project: ProjectFacts, wanted: Wanted, order: Order, after: str | None, limit: int) -> Page:
    """Return a page of the items asked for.

    Raises
    ------
    BadValue
        If the schema has no such label, or the cursor is not one of this list's.
    """
    if wanted.phrases and order is not Order.POSITION:
        raise BadValue("What is searched for by words is listed by position; leave the order out.")
    ask = _ask(project, wanted, order)
    mark = None if after is None else _mark(after, order)

    def load(tx: Tx) -> Page:
        found = rows.find(tx, ask, mark, limit)
        shown = items.some(tx, project.id, found.positions) if len(found.positions) else ()
        standing = rows.standing(tx, project.id, project.question, found.positions)
        placed = [Placed(at, item) for at, item in zip(found.positions.tolist(), shown, strict=True)]
        indexed = search.reach(tx, project.id)[1] if wanted.phrases else None
        return Page(
            tuple(_lines(project, placed, standing)),
            None if found.more is None else _cursor(found.more, order),
            indexed,
        )

    return world.store.read(load)


def pages(world: World, permit: Permit, wanted: Wanted, order: Order, after: str | None, limit: int) -> Page:
    """Return a page of the caller's project."""
    return page(world, permit.project, wanted, order, after, limit)


def count(world: World, project: ProjectFacts, wanted: Wanted) -> tuple[int, bool]:
    """Return how many items are asked for, and whether that is all of them: beyond a bound they are not counted on."""
    if wanted.is_everything:
        return world.store.read(lambda tx: projects.get(tx, project.id).n_items), True
    by_confidence = (wanted.least is not None or wanted.most is not None) and not wanted.phrases
    by = Order.LEAST if by_confidence else Order.POSITION
    ask = _ask(project, wanted, by)
    return world.store.read(lambda tx: rows.count(tx, ask))


def facets(world: World, project: ProjectFacts) -> dict[str, object]:
    """Return how many items stand where, over the whole project: a count to be looked at, not waited for."""

    def load(tx: Tx) -> dict[str, object]:
        state, label, n = rows.facets(tx, project.id, project.question)
        n_wanting, n_given = rows.n_open(tx, project.id)
        by_label = dict.fromkeys(project.labels, 0)
        by_state = {"settled": 0, "escalated": 0}
        for one, code, found in zip(state.tolist(), label.tolist(), n.tolist(), strict=True):
            by_state[one] += found
            by_label[project.labels[code]] += found if one == "settled" else 0
        return {
            "items": projects.get(tx, project.id).n_items,
            "states": {**by_state, "wanting": n_wanting, "given": n_given},
            "labels": by_label,
        }

    return world.store.read(load)


def index(world: World, project: ProjectFacts, report: Report = silent) -> int:
    """Index the words of all items that are not indexed yet, a few at a time, and return how many are."""
    n_items = world.store.read(lambda tx: projects.get(tx, project.id).n_items)
    done = world.store.read(lambda tx: search.reach(tx, project.id)[1])
    while done < n_items:
        done = world.store.write(lambda tx: search.go_on(tx, project.id, AT_ONCE, words_of))
        report("indexing words", done, n_items)
    return done


def _ask(project: ProjectFacts, wanted: Wanted, order: Order) -> Ask:
    code = None
    if wanted.label:
        if wanted.label not in project.labels:
            raise BadValue(f"The schema has no label {wanted.label!r}.{nearest(wanted.label, project.labels)}")
        code = [str(label) for label in project.labels].index(wanted.label)
    return Ask(project.id, project.question, wanted, order, code)


def stands(project: ProjectFacts, positions: Sequence[int], standing: Standing) -> list[Stands]:
    """Return for each of these positions where its item stands."""
    at = {position: row for row, position in enumerate(standing.settled.position.tolist())}
    return [_stands(project, position, standing, at.get(position)) for position in positions]


def _stands(project: ProjectFacts, position: int, standing: Standing, row: int | None) -> Stands:
    settled = standing.settled
    n_wanted, n_given = standing.queued.get(position, (0, 0))
    if row is not None and settled.escalated[row]:
        state = ItemState.ESCALATED
    elif n_wanted > n_given:
        state = ItemState.OPEN
    elif row is not None:
        state = ItemState.SETTLED
    else:
        state = ItemState.DONE if position in standing.queued else ItemState.POOL
    return Stands(
        state=state,
        is_flagged=position in standing.flagged,
        label=None if row is None else str(project.labels[settled.label[row]]),
        confidence=None if row is None else float(settled.confidence[row]),
        method=None if row is None else settled.method[row],
        n_wanted=n_wanted,
        n_given=n_given,
    )


def _lines(project: ProjectFacts, placed: list[Placed], standing: Standing) -> list[Line]:
    found = stands(project, [one.position for one in placed], standing)
    return [
        Line(
            one.position,
            one.item,
            here.state,
            here.is_flagged,
            here.label,
            here.confidence,
            here.method,
            here.n_wanted,
            here.n_given,
        )
        for one, here in zip(placed, found, strict=True)
    ]


def _cursor(mark: Mark, order: Order) -> str:
    return str(mark[1]) if order is Order.POSITION else f"{mark[0]!r}:{mark[1]}"


def _mark(cursor: str, order: Order) -> Mark:
    found = CURSOR.fullmatch(cursor)
    if found is None or (found[1] is None) == (order is Order.POSITION):
        raise BadValue("This is no cursor of this list; send the one that came with the page before.")
    mark = (0.0, int(found[1])) if found[1] is not None else (float(found[2]), int(found[3]))
    if not -1 <= mark[1] < 2**53:
        raise BadValue("This is no cursor of this list; send the one that came with the page before.")
    return mark


def plain(line: Line) -> Mapping[str, object]:
    """Return a line as plain values, as the command line shows it."""
    return {
        "position": line.position,
        "id": line.item.id,
        "text": line.item.content,
        "key": line.item.origin.key,
        "source": line.item.origin.source,
        "line": line.item.origin.line,
        "metadata": dict(line.item.metadata),
        "state": line.state.value,
        "flagged": line.is_flagged,
        "label": line.label,
        "confidence": line.confidence,
        "method": line.method,
        "wanted": line.n_wanted,
        "given": line.n_given,
    }
