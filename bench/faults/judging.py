"""Judging: what people were told is compared with what the store, the log and the receiver hold.

In: a scene after its faults, journals. Out: sentences, one for each promise that broke. Never: a figure believed that can be
counted afresh.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from bench.faults.people import Journal
from bench.faults.scene import REDUNDANCY, Heard, Scene
from goldseam.edge.clock import SystemClock
from goldseam.edge.project import Project, open_project
from goldseam.edge.reach import Reach
from goldseam.edge.runner import webhooks
from goldseam.edge.runner.webhooks import DeliveryState
from goldseam.edge.store import annotations as rows
from goldseam.edge.store import log as log_rows
from goldseam.edge.store import queue
from goldseam.edge.worker.worker import Worker
from goldseam.ledger import merkle
from goldseam.vocab.people import Act

PATIENCE = 60.0
LEAST_A_KILL = 10
"""So many acknowledged answers there are for each kill, or the load would be too small to mean anything."""


class Later(SystemClock):
    """The machine's clock, an hour ahead: every lease and every delivery that a dead process held has run out."""

    def now(self) -> datetime:
        """Return the time in an hour."""
        return super().now() + timedelta(hours=1)


def judge(
    scene: Scene, journals: Sequence[Journal], seen: Sequence[tuple[int, str]], heard: Heard, n_kills: int
) -> list[str]:
    """Return what broke."""
    with open_project(scene.folder, Later()) as project:
        broke = list(_answers(project, journals, n_kills))
        broke += _work_left(project, scene)
        broke += _queue(project)
        broke += _webhooks(project, heard)
        broke += _log(project, seen)
    return broke


def _answers(project: Project, journals: Sequence[Journal], n_kills: int) -> Iterator[str]:
    """No acknowledged answer is lost, none is doubled, none appears that nobody sent; what was taken back stays so."""
    name = project.facts.id
    ever = project.world.store.read(lambda tx: list(rows.ever(tx, name)))
    ids = [str(one.annotation.id) for one in ever]
    told = {name for one in journals for name in one.acknowledged}
    sent = {name for one in journals for name in one.sent}
    undoing, undone = ({name for one in journals for name in getattr(one, what)} for what in ("undoing", "undone"))
    standing = [one.annotation for one in ever if not one.withdrawn]
    gone = {str(one.annotation.id) for one in ever if one.withdrawn}
    pairs = Counter((one.annotator, one.item) for one in standing)
    counted = Counter(one.item for one in standing if not one.surplus)
    for wrong, text in (
        (len(told) < LEAST_A_KILL * n_kills, f"the load was too small: {len(told)} answers acknowledged"),
        (len(ids) != len(set(ids)), "an annotation is there twice"),
        (told - set(ids), f"acknowledged, and lost: {sorted(told - set(ids))[:3]}"),
        (set(ids) - sent, f"nobody sent these: {sorted(set(ids) - sent)[:3]}"),
        (undone - gone, f"acknowledged as taken back, and there: {sorted(undone - gone)[:3]}"),
        (gone - undoing, f"taken back by nobody: {sorted(gone - undoing)[:3]}"),
        (max(pairs.values(), default=0) > 1, "an item was answered twice by one annotator"),
        (max(counted.values(), default=0) > REDUNDANCY, "an item has more answers than wanted"),
    ):
        if wrong:
            yield text
    yield from (line for one in journals for line in one.surprises)


def _work_left(project: Project, scene: Scene) -> Iterator[str]:
    """Let a worker do what those that were killed had in hand, and see that it gets to the end."""
    worker = Worker(project, reach=Reach(["127.0.0.1"]))
    permit = project.permit(Act.MANAGE)
    for _ in range(20):
        worker.once()
        if not webhooks.log_of(project.world, permit, scene.webhook, DeliveryState.WAITING, None, 1):
            break
    else:
        yield "deliveries wait for ever"
    worker.stop()


def _queue(project: Project) -> Iterator[str]:
    """Every lease has healed, and the rows are what a fresh count gives."""
    store, name = project.world.store, project.facts.id
    store.write(lambda tx: queue.expire(tx, project.world.clock.now(), limit=100_000))
    summary = store.read(lambda tx: queue.summary(tx, name))
    standing = store.read(lambda tx: rows.annotations(tx, name))
    n_counted = sum(not one.annotation.surplus for one in standing)
    wrong = store.read(lambda tx: queue.recounted(tx, name)).tolist()
    if summary.live:
        yield f"{summary.live} leases did not heal"
    if summary.done != n_counted:
        yield f"the queue counts {summary.done} answers; there are {n_counted}"
    if wrong:
        yield f"rows differ from a fresh count at {wrong[:5]}"


def _webhooks(project: Project, heard: Heard) -> Iterator[str]:
    """Of every answer the receiver heard at least once, and of nothing else."""
    name = project.facts.id
    ever = project.world.store.read(lambda tx: {str(one.annotation.id) for one in rows.ever(tx, name)})
    if missed := ever - set(heard.about):
        yield f"the webhook never told of {len(missed)} answers"
    if invented := set(heard.about) - ever:
        yield f"the webhook told of {len(invented)} answers that are not there"


def _log(project: Project, seen: Sequence[tuple[int, str]]) -> Iterator[str]:
    """The log verifies, has no gap, and holds every root that anybody was shown."""
    yield from (f"verify: {one.file} {one.where} {one.what}" for one in project.verify())
    name = project.facts.id
    entries = project.world.store.read(lambda tx: log_rows.entries(tx, name, -1, 10_000_000))
    if [one.position for one in entries] != list(range(len(entries))):
        yield "the log has a gap"
    leaves = [one.leaf for one in entries]
    if any(after[0] < before[0] for before, after in pairwise(seen)):
        yield "a log that people saw became shorter"
    frontier, at = merkle.Frontier(), 0
    for size, root in seen:
        frontier, _ = frontier.extend(leaves[at:size])
        at = size
        if size and frontier.root.hex() != root:
            yield f"the root of {size} entries that people saw is not in the log"
