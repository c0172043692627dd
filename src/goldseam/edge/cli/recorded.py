"""Recorded votes: read from CSV files, and laid out as a project to replay them in.

In: CSV files of votes, items and gold. Out: a `Recording`; a project folder. Never: a vote that is dropped without being
counted.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from goldseam.edge.home import Home
from goldseam.formats.tables import to_csv
from goldseam.formats.text import Raw, csv_records
from goldseam.vocab.errors import BadSource

TASK = ("task", "item", "id", "question")
WORKER = ("worker", "annotator", "worker_id")
LABEL = ("label", "answer", "response")
GOLD = ("gold", "label", "truth")
TEXT = ("text", "sentence", "content")
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Recording:
    """Votes as they were recorded: by annotator, the (item key, label) pairs in their order; and the items' texts."""

    name: str
    by_annotator: dict[str, list[tuple[str, str]]]
    labels: tuple[str, ...]
    texts: dict[str, str]
    votes_per_item: Counter[str]
    unreadable: int

    @property
    def annotators(self) -> tuple[str, ...]:
        """Everybody who voted."""
        return tuple(self.by_annotator)

    @property
    def n_votes(self) -> int:
        """How many votes were recorded."""
        return sum(self.votes_per_item.values())


def read_votes(path: Path, items: Path | None) -> Recording:
    """Read votes, and the items they are about.

    Raises
    ------
    BadSource
        If a file is missing or lacks a column; the message says which and what is there.
    """
    by_annotator: dict[str, list[tuple[str, str]]] = {}
    labels: dict[str, None] = {}
    per_item: Counter[str] = Counter()
    unreadable = 0
    seen: set[tuple[str, str]] = set()
    for row in _rows(path, (TASK, WORKER, LABEL)):
        if row is None or not all(row) or (row[0], row[1]) in seen:
            unreadable += 1
            continue
        task, worker, label = row
        seen.add((task, worker))
        by_annotator.setdefault(worker, []).append((task, label))
        labels[label] = None
        per_item[task] += 1
    if not per_item:
        raise BadSource(f"{path} holds no votes.")
    texts = {row[0]: row[1] for row in _rows(items, (TASK, TEXT)) if row} if items else {}
    texts = {task: texts.get(task, f"item {task}") for task in per_item}
    return Recording(path.resolve().parent.name, by_annotator, tuple(sorted(labels)), texts, per_item, unreadable)


def gold_of(path: Path, recording: Recording) -> dict[str, str]:
    """Return the gold label of every recorded item that has one."""
    found = {row[0]: row[1] for row in _rows(path, (TASK, GOLD)) if row}
    return {task: label for task, label in found.items() if task in recording.texts}


def _rows(path: Path, columns: Sequence[Sequence[str]]) -> Iterator[tuple[str, ...] | None]:
    """Yield the wanted cells of each row; None for a row that cannot be read."""
    if not path.is_file():
        raise BadSource(f"There is no file {path}.", source=str(path))
    records = csv_records(_chunks(path))
    chosen = []
    for names in columns:
        there = next((name for name in names if name in records.header), None)
        if there is None:
            wanted = " or ".join(repr(name) for name in names[:2])
            raise BadSource(f"{path.name} needs a column {wanted}; it has {list(records.header)}.{records.hint()}")
        chosen.append(there)
    for row in records:
        yield tuple(str(row.fields[name]).strip() for name in chosen) if isinstance(row, Raw) else None


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def write_project(home: Home, recording: Recording, *, redundancy: int, stop_at: float, method: str) -> None:
    """Lay out the project: items with equal texts are one item, so keys of repeated ones are kept in `metadata`."""
    home.root.mkdir(parents=True, exist_ok=True)
    keys = list(recording.texts)
    table = {"task": keys, "text": [recording.texts[key] for key in keys]}
    (home.root / "items.csv").write_bytes(to_csv(table))
    annotate: dict[str, object] = {"gold_rate": 0.0, "prefetch": 100}
    if stop_at:
        annotate["stop_at"] = stop_at
    settings = {
        "name": f"replay of {recording.name}",
        "schema": {"questions": [{"name": "label", "labels": list(recording.labels)}]},
        "sources": [{"path": "items.csv"}],
        "source": {"text": "text", "key": "task"},
        "rounds": 1,
        "sample": {"strategy": "random", "batch": len(keys)},
        "route": {"redundancy": redundancy or max(recording.votes_per_item.values())},
        "annotate": annotate,
        "adjudicate": {"method": method, "escalate_below": 0.0},
        "audit": {"escalated": "leave_out"},
    }
    # JSON is YAML: the file can be edited and applied like any other project's.
    home.project_file.write_text(json.dumps(settings, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
