"""Volume: what a project of a million items costs: taking it in, listing, filtering, counting, exporting, releasing.

In: made-up texts in a folder of its own; `GOLDSEAM_BENCH_ITEMS` says how many, `GOLDSEAM_DATABASE_URL` which database. Out: items
a second, milliseconds, seconds. Never: a figure over fewer items that is given for a million.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import httpx

from bench.case import Case
from bench.cases.server import postgresql, served

if TYPE_CHECKING:
    from goldseam.edge.project import Project

N_ITEMS = int(os.environ.get("GOLDSEAM_BENCH_ITEMS", "1000000"))
N_ANSWERS = 50_000
LOOKS = 15
"""How often each page is asked for; the slowest kind of page counts."""

PAGES = (
    "/items/list", "/items/list?after=900000", "/items/list?where=label=pos", "/items/list?where=label=pos&after=900000",
    "/items/list?where=state=settled", "/items/list?where=state=escalated", "/items/list?where=state=open",
    "/items/list?where=state=pool", "/items/list?where=confidence=..0.55&order=confidence",
    "/items/list?where=label=neg&order=-confidence", "/items/list?where=meta.site=s7",
    "/items/list?search=number+item+12345", "/items/list?search=text&where=label=pos", "/items/count",
    "/items/count?where=label=pos", "/items/count?where=state=escalated", "/items/count?search=number",
    "/items/count?where=meta.site=s7", "/items/facets",
)  # fmt: skip


@contextmanager
def opened(n_items: int) -> Iterator[Project]:
    """Lay out a project whose source was not taken in yet."""
    from goldseam.edge.project import open_project

    folder = Path(tempfile.mkdtemp(prefix="goldseam-volume-"))
    try:
        with (folder / "items.csv").open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow(["key", "text"])
            rows.writerows((f"k{n}", f"This is the text of item number {n}.") for n in range(n_items))
        settings = {
            "name": "volume",
            "schema": {"questions": [{"name": "mood", "labels": ["neg", "pos"]}]},
            "sources": [{"path": "items.csv"}],
            "source": {"text": "text", "key": "key"},
            "sample": {"strategy": "random", "batch": N_ANSWERS},
            "route": {"redundancy": 1},
            "annotate": {"gold_rate": 0.0},
        }
        (folder / "goldseam.yaml").write_text(json.dumps(settings), encoding="utf-8")
        with open_project(folder) as project:
            yield project
    finally:
        shutil.rmtree(folder)


def answer(project: Project) -> None:
    """Give every item an answer, as rows in the store: a service said so under an assignment of its own."""
    import numpy as np

    from goldseam.edge.store import tables as t
    from goldseam.edge.store.tx import Tx, insert_columns, micros
    from goldseam.ledger import merkle

    facts, at = project.facts, micros(project.world.clock.now())
    position, n = np.arange(N_ANSWERS), N_ANSWERS
    leased = {"project": facts.id, "position": position, "annotator": project.me, "purpose": "label"}
    ids = [f"{one:032x}" for one in range(n)]

    def save(tx: Tx) -> None:
        rows = {"id": ids, **leased, "state": "done", "counted": 1, "token_hash": "", "leased_at": at, "expires_at": at}
        insert_columns(tx, t.assignments, rows)
        entries = {"log": facts.id, "kind": "annotation.given", "body": ["{}"] * n, "leaf": merkle.leaf_hash(b"{}")}
        insert_columns(tx, t.entries, entries)
        given = {
            "id": ids, **leased, "assignment": ids, "question": facts.question, "label": 1,
            "answer": '{"kind":"choice","label":"pos"}', "salt": "00", "body_hash": "", "schema_version": 1,
            "guideline_version": 1, "reaction": "none", "seconds": 1.5, "surplus": 0,
            "entry_seq": np.arange(1, n + 1), "at": at,
        }  # fmt: skip
        insert_columns(tx, t.annotations, given)

    project.world.store.write(save)


def settle(project: Project) -> None:
    """Give every item a settlement, as if it had been routed automatically; one in a thousand waits for a ruling."""
    import numpy as np

    from goldseam.edge.store import projects, settlements

    facts, rng = project.facts, np.random.default_rng(0)
    n_items = project.world.store.read(lambda tx: projects.get(tx, facts.id).n_items)
    now = project.world.clock.now()
    for start in range(0, n_items, 50_000):
        position = np.arange(start, min(start + 50_000, n_items))
        pos = rng.random(len(position))
        proba = np.column_stack((1 - pos, pos))
        label, confidence = proba.argmax(axis=1), proba.max(axis=1)
        votes, none = np.zeros(len(position), np.int32), [""] * len(position)
        asked = position % 1000 == 7
        settled = partial(
            settlements.save, project=facts.id, question=facts.question, position=position, label=label,
            confidence=confidence, posterior=proba, n_votes=votes, escalated=asked, reason=none, method="auto",
            round=1, now=now,
        )  # fmt: skip
        project.world.store.write(settled)


def intake() -> float:
    """Items a second from a CSV on the disk to durable rows."""
    with opened(N_ITEMS) as project:
        begin = time.perf_counter()
        project.take_in()
        return N_ITEMS / (time.perf_counter() - begin)


def intake_pg() -> float:
    """Items a second into a PostgreSQL of its own, whose disk keeps what it says it kept."""
    with postgresql() as database, patch.dict(os.environ, {"GOLDSEAM_DATABASE_URL": database}):
        return intake()


def intake_cpu() -> float:
    """Items per second of processor time of this process: what a machine that does nothing else would give on SQLite."""
    with opened(N_ITEMS) as project:
        begin = time.process_time()
        project.take_in()
        return N_ITEMS / (time.process_time() - begin)


def pages() -> float:
    """Milliseconds of the slowest kind of page over HTTP: the median of its looks."""
    from goldseam.edge.runner import browse, people

    with opened(N_ITEMS) as project:
        project.take_in()
        settle(project)
        browse.index(project.world, project.facts)
        name = project.facts.id
        token = people.make_token(project.world, name, project.me, "looks", None, 1)
        project.close()
        with served(project.home.root) as (url, _), httpx.Client(headers={"Authorization": f"Bearer {token}"}) as http:
            took = {page: _look(partial(http.get, f"{url}/api/projects/{name}{page}")) for page in PAGES}
        if os.environ.get("GOLDSEAM_BENCH_SHOW"):
            print("\n".join(f"{ms:8.1f} ms  {page}" for page, ms in took.items()))
        return max(took.values())


def _look(get: Callable[[], httpx.Response]) -> float:
    took = []
    for _ in range(LOOKS):
        begin = time.perf_counter()
        get().raise_for_status()
        took.append((time.perf_counter() - begin) * 1000)
    return statistics.median(took)


def export() -> float:
    """Seconds to export 50,000 answers as JSON."""
    from goldseam.edge.runner import answers

    with opened(N_ANSWERS) as project:
        project.take_in()
        answer(project)
        target = project.home.root / "answers.json"
        begin = time.perf_counter()
        n = answers.write(project.world, project.facts, target, "json")
        took = time.perf_counter() - begin
        if n != N_ANSWERS or len(json.loads(target.read_bytes())) != N_ANSWERS:
            raise AssertionError(f"{n} answers were written")
        return took


def publish() -> float:
    """Seconds to make the files of a release with a row for each item."""
    from goldseam.edge.runner import release
    from goldseam.release.build import build

    with opened(N_ITEMS) as project:
        project.take_in()
        settle(project)
        begin = time.perf_counter()
        with (project.home.root / "labels.parquet").open("wb") as file:
            built = build(release.contents_of(project.world, project.facts, 1), file)
        took = time.perf_counter() - begin
        if built.manifest.n_items < N_ITEMS * 0.99:
            raise AssertionError(f"the release has {built.manifest.n_items} items")
        return took


CASES = (
    Case(
        "volume_intake", "CSV on disk to durable items, 1 M", "items/s",
        intake, limit=104_000, more_is_better=True, usual=False, runs=1,
    ),
    Case(
        "volume_intake_cpu", "the same, per second of processor time", "items/s",
        intake_cpu, limit=104_000, more_is_better=True, usual=False, runs=1,
    ),
    Case(
        "volume_intake_pg", "CSV on disk to durable items, 1 M, PostgreSQL", "items/s",
        intake_pg, limit=104_000, more_is_better=True, usual=False, runs=1,
    ),
    Case("volume_pages", "slowest list, filter or count page of 1 M items, HTTP", "ms", pages, limit=50, usual=False, runs=1),
    Case("volume_export", "export 50,000 answers as JSON", "s", export, limit=2, usual=False, runs=1),
    Case("volume_release", "files of a release of 1 M rows", "s", publish, limit=5, usual=False, runs=1),
)  # fmt: skip
