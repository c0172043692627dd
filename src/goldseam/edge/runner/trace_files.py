"""Trace in files: what a release's own files say of one item, for somebody who was given the release and nothing else.

In: a release's folder, an item's id, its first digits or its row's own key. Out: plain values, shaped as those of `trace`.
Never: the project or its database; a file that was not compared with the manifest: whoever calls verifies the folder first.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from goldseam.formats.parquet import read_table
from goldseam.release import manifest as manifests
from goldseam.vocab.errors import BadValue, NotFound

SHORTEST = 6
SPLIT = "split"


def of_folder(folder: Path, word: str) -> dict[str, Any]:
    """Return an item's label in a release with everything the release tells of it.

    Raises
    ------
    BadValue
        If the word fits several items, or a table cannot be read.
    NotFound
        If it fits none.
    """
    labels = read_table((folder / manifests.LABELS).read_bytes())
    item = _meant(labels, word)
    rows = [at for at, one in enumerate(labels["item"]) if one == item]
    given = read_table((folder / manifests.ANNOTATIONS).read_bytes())
    made = manifests.from_bytes((folder / manifests.MANIFEST).read_bytes())
    first = _row(labels, rows[0])
    origin = {name: first[name] for name in ("source", "line", "key")}
    return {
        "item": {
            "id": item,
            "content": first["content"],
            "metadata": json.loads(first["metadata"] or "{}"),
            "origin": origin,
        },
        "draw": None,
        "annotations": [_annotation(_row(given, at)) for at, one in enumerate(given["item"]) if one == item],
        "settlements": [_settled(_row(labels, at), made.at.isoformat()) for at in rows],
        "releases": [
            {"number": made.number, "question": one["question"], "label": one["label"], "split": one[SPLIT]}
            for one in (_row(labels, at) for at in rows)
        ],
        "models": [],
    }


def _meant(labels: Mapping[str, Any], word: str) -> str:
    ids = [str(one) for one in labels["item"]]
    found = {one for one, key in zip(ids, labels["key"], strict=True) if word and key == word}
    if not found and len(word) >= SHORTEST:
        found = {one for one in ids if one.startswith(word.lower())}
    if len(found) > 1:
        raise BadValue(f"Several items are meant by {word!r}: give the whole id.")
    if not found:
        raise NotFound(
            f"The release has no item {word!r}; one is named by its id, its first digits, or its row's own key."
        )
    return found.pop()


def _row(table: Mapping[str, Any], at: int) -> dict[str, Any]:
    return {name: one.item() if isinstance(one := column[at], np.generic) else one for name, column in table.items()}


def _annotation(row: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("annotator", "question", "purpose", "reaction", "seconds", "schema_version", "guideline_version", "at")
    return {
        "id": row["annotation"],
        "name": row["annotator"],
        **{name: row[name] for name in kept},
        "answer": json.loads(row["answer"]),
        "withdrawn": False,
        "surplus": bool(row["surplus"]),
        "entry": row["entry"],
    }


def _settled(row: Mapping[str, Any], at: str) -> dict[str, Any]:
    kept = (
        "question",
        "label",
        "confidence",
        "method",
        "n_votes",
        "round",
        "tier",
        "schema_version",
        "guideline_version",
    )
    return {
        **{name: row[name] for name in kept},
        "state": "released",
        "reason": "",
        "by": None,
        "at": at,
        "model": row["model"],
    }
