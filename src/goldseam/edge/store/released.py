"""Released: what a release says of each item, as columns: the labels that stand, the items, the tiers they took.

In: positions. Out: arrays and columns of texts. Never: a record per row, or a table read twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

from goldseam.edge.store import packed, settlements
from goldseam.edge.store.leasing import AMONG_BIGINTS, AMONG_JSON
from goldseam.edge.store.packed import Kind
from goldseam.edge.store.tx import Positions, Tx, pack
from goldseam.formats.texts import Coded, Digits, Texts, coded, same
from goldseam.vocab.errors import NotFound, Tampered
from goldseam.vocab.items import ITEM_ID_DIGITS, ProjectId

# --- labels ---


@dataclass(frozen=True, slots=True)
class Stands:
    """Labels as they stand, by position: what a release says of each."""

    position: Positions
    label: NDArray[np.int32]
    confidence: NDArray[np.float64]
    posterior: NDArray[np.float64]
    escalated: NDArray[np.bool_]
    n_votes: NDArray[np.int32]
    round: NDArray[np.int32]
    method: Coded


_STANDS: Mapping[str, Kind] = {
    "position": Kind.WHOLE,
    "label": Kind.WHOLE,
    "confidence": Kind.SHARE,
    "posterior": Kind.BLOB,
    "is_escalated": Kind.WHOLE,
    "n_votes": Kind.WHOLE,
    "round": Kind.WHOLE,
    "is_other": Kind.ANY,
}
_NEWEST = (
    "SELECT s.position, coalesce(s.label, -1) AS label, s.confidence, s.posterior, s.n_votes, s.round, s.method, "
    f"CASE WHEN s.state = '{settlements.ESCALATED}' THEN 1 ELSE 0 END AS is_escalated, "
    "CASE WHEN s.method <> :method THEN 1 ELSE 0 END AS is_other "
    "FROM (SELECT position, max(seq) AS seq FROM settlements WHERE project = :project AND question = :question "
    "AND position > :after GROUP BY position ORDER BY position LIMIT :limit) n JOIN settlements s ON s.seq = n.seq"
)
"""The newest settlements of so many items, by the index alone until they are known."""
_ANY_METHOD = text("SELECT method FROM settlements WHERE project = :project AND question = :question LIMIT 1")


def stands(tx: Tx, project: ProjectId, question: str) -> Stands:
    """Return of `current` what a release of millions needs, without a record or a text for each row.

    The method is asked for by row only on pages that have several: in most projects one settles nearly everything.
    """
    values: dict[str, object] = {"project": project, "question": question}
    usual = tx.run(_ANY_METHOD, values).scalar() or ""
    values |= {"method": usual, "limit": packed.PAGE}
    n_labels = int(tx.run(_N_LABELS, values).scalar_one())
    codes: dict[str, int] = {usual: 0}
    parts, after, n_rows = [_page_of({}, n_labels, codes, [])], -1, packed.PAGE
    while n_rows == packed.PAGE:
        n_rows, page = packed.columns(tx, _STANDS, _NEWEST, values | {"after": after})
        if n_rows == 0:
            break
        named = page["is_other"]
        if named:
            n_rows, page = packed.columns(tx, {**_STANDS, "method": Kind.TEXT}, _NEWEST, values | {"after": after})
        after = int(page["position"].max())
        parts.append(_page_of(page, n_labels, codes, page["method"] if named else []))
    whole = [np.concatenate(sides) for sides in zip(*parts, strict=True)]
    position, label, confidence, posterior, is_escalated, n_votes, number, method = whole
    return Stands(position, label, confidence, posterior, is_escalated, n_votes, number, Coded(method, tuple(codes)))


_N_LABELS = text("SELECT count(*) FROM labels WHERE project = :project AND question = :question")


def _page_of(
    page: Mapping[str, Any], n_labels: int, codes: dict[str, int], methods: Sequence[str]
) -> tuple[NDArray[Any], ...]:
    """Return a page's columns as `Stands` has them, by position; methods that are new get the next codes."""
    if not page:
        dtypes = (np.int64, np.int32, np.float64, np.float64, np.bool_, np.int32, np.int32, np.int16)
        return tuple(np.empty((0, n_labels) if place == 3 else 0, dtype) for place, dtype in enumerate(dtypes))
    label = page["label"].astype(np.int32)
    sides = (
        page["position"],
        label,
        page["confidence"],
        _rows_of(page["posterior"], label, n_labels),
        page["is_escalated"].astype(np.bool_),
        page["n_votes"].astype(np.int32),
        page["round"].astype(np.int32),
        np.array([codes.setdefault(name, len(codes)) for name in methods] or np.zeros(len(label)), np.int16),
    )
    kept = np.flatnonzero(label >= 0)
    order = packed.in_order(page["position"][kept])
    if order is None and len(kept) == len(label):
        return sides
    chosen = kept if order is None else kept[order]
    return tuple(side[chosen] for side in sides)


def _rows_of(blobs: tuple[bytes, NDArray[np.int64]], label: NDArray[np.int32], n_labels: int) -> NDArray[np.float64]:
    """Return the posteriors of a page as a matrix: narrow ones get no share in later labels, a ruling is certain."""
    flat, widths = np.frombuffer(blobs[0], settlements.POSTERIOR), blobs[1] // settlements.POSTERIOR.itemsize
    if len(widths) and widths.min() == widths.max() == n_labels > 0:
        return flat.reshape(-1, n_labels)
    matrix, starts = np.zeros((len(widths), n_labels), np.float64), np.cumsum(widths) - widths
    for width in np.unique(widths).tolist():
        (rows,) = np.nonzero(widths == width)
        if width:
            matrix[rows, :width] = flat[starts[rows, None] + np.arange(width)]
    certain = np.flatnonzero((widths == 0) & (label >= 0))
    matrix[certain, label[certain]] = 1.0
    return matrix


# --- items ---

USUAL = ("modality", "media_type", "source", "key", "metadata")
"""Columns that in most projects are the same in every row: those are asked for row by row once one differed."""
HASH_DIGITS = 64
WINDOW = 20_000
SCANNED = 4
"""Where at least one item in so many is asked for, all of a window are read, and the others are passed over."""
_SOME = {"sqlite": AMONG_JSON, "postgresql": AMONG_BIGINTS}
_ITEMS: Mapping[str, Kind] = {
    "position": Kind.WHOLE,
    "content_hash": Kind.DIGITS,
    "content": Kind.TEXT,
    "line": Kind.WHOLE,
}
_WINDOW = "FROM items i WHERE i.project = :project AND i.position >= :first AND i.position < :end"
_FIRST = text(f"SELECT {', '.join(USUAL)} FROM items WHERE project = :project ORDER BY position LIMIT 1")


@dataclass(frozen=True, slots=True)
class Items:
    """Items of a release as columns, in the order that was asked for; `metadata` is JSON as it was taken in."""

    hashes: Digits
    modality: Coded
    content: Texts
    media_type: Coded
    source: Coded
    line: NDArray[np.int64]
    key: Coded | Texts
    metadata: Sequence[str]

    @property
    def ids(self) -> Digits:
        """The items' ids: what their content hashes begin with."""
        return self.hashes.beginnings(ITEM_ID_DIGITS)


def items(tx: Tx, project: ProjectId, positions: Positions) -> Items:
    """Return what a release says of these items, given and returned in the order of intake."""
    first = tx.run(_FIRST, {"project": project}).first() if len(positions) else None
    usual: dict[str, str | None] = dict(zip(USUAL, first or [""] * len(USUAL), strict=True))
    parts: dict[str, list[Any]] = {name: [] for name in (*_ITEMS, *USUAL)}
    for page in _pages(tx, project, positions, usual):
        for name, side in page.items():
            parts[name].append(side)
    line = np.concatenate([np.empty(0, np.int64), *parts["line"]])
    if len(line) != len(positions):
        raise NotFound("The project lacks an item that has a label.")
    raw = [np.empty((0, HASH_DIGITS // 2), np.uint8), *(side.raw for side in parts.pop("content_hash"))]
    sides = {name: _as_one(parts.pop(name)) for name in USUAL}
    few = {
        name: side if isinstance(side, Coded) else coded(side.tolist())
        for name, side in sides.items()
        if name not in {"key", "metadata"}
    }
    return Items(
        hashes=Digits(np.concatenate(raw)),
        content=Texts.of_parts(parts.pop("content")),
        line=line,
        key=sides["key"],
        metadata=sides["metadata"],
        **few,
    )


def _pages(tx: Tx, project: ProjectId, positions: Positions, usual: dict[str, str | None]) -> Iterator[dict[str, Any]]:
    """Yield the columns of the items of each window; `usual` gets None for a column that is not the same in all rows."""
    for start in range(0, int(positions[-1]) + 1 if len(positions) else 0, WINDOW):
        low, high = np.searchsorted(positions, (start, start + WINDOW))
        if low == high:
            continue
        wanted = positions[low:high]
        values: dict[str, object] = {"project": project, "first": start, "end": start + WINDOW}
        few = len(wanted) * SCANNED < WINDOW
        if few:
            values["some"] = pack(tx, wanted)
        source = f"{_WINDOW} AND i.position {_SOME[tx.dialect]}" if few else _WINDOW
        n_rows, page = _page(tx, source, values, usual)
        order = packed.in_order(page["position"])
        if order is not None or n_rows != len(wanted):
            order = np.arange(n_rows) if order is None else order
            order = order[np.isin(page["position"][order], wanted)]
            page = {
                name: side[order] if isinstance(side, np.ndarray) else side.taken(order) for name, side in page.items()
            }
        yield page


def _page(tx: Tx, source: str, values: dict[str, object], usual: dict[str, str | None]) -> tuple[int, dict[str, Any]]:
    """Return the columns of a window's items; a usual one in which any differs is asked for row by row from here on."""
    n_rows, page = _asked(tx, source, values, usual)
    if page["is_other"]:
        others = ", ".join(f"max({_other(name)})" for name in usual)
        row = tx.run(text(f"SELECT {others} {source}"), {**values, **_texts(usual)}).one()
        usual.update({name: None for name, differs in zip(usual, row, strict=True) if differs})
        n_rows, page = _asked(tx, source, values, usual)
    hashes = Digits.of_text(page["content_hash"], n_rows, HASH_DIGITS)
    if hashes is None:
        raise Tampered("An item's content hash is none; look closer with: goldseam verify")
    found = {"position": page["position"], "line": page["line"], "content_hash": hashes}
    found["content"] = Texts(page["content"])
    for name, each in usual.items():
        found[name] = Texts(page[name]) if each is None else same(each, n_rows)
    return n_rows, found


def _asked(
    tx: Tx, source: str, values: dict[str, object], usual: Mapping[str, str | None]
) -> tuple[int, dict[str, Any]]:
    asked = [name for name, each in usual.items() if each is None]
    others = " + ".join([_other(name) for name, each in usual.items() if each is not None] or ["0"])
    sides = ", ".join(f"i.{name}" for name in (*_ITEMS, *asked))
    kinds = {**_ITEMS, **dict.fromkeys(asked, Kind.TEXT), "is_other": Kind.ANY}
    return packed.columns(tx, kinds, f"SELECT {sides}, {others} AS is_other {source}", {**values, **_texts(usual)})


def _other(name: str) -> str:
    return f"CASE WHEN i.{name} <> :{name} THEN 1 ELSE 0 END"


def _texts(usual: Mapping[str, str | None]) -> dict[str, str]:
    return {name: each or "" for name, each in usual.items()}


def _as_one(sides: Sequence[Coded | Texts]) -> Coded | Texts:
    if all(isinstance(side, Coded) for side in sides):
        return Coded.of_parts([side for side in sides if isinstance(side, Coded)])
    return Texts.of_parts([side if isinstance(side, Texts) else Texts(side) for side in sides])


# --- tiers ---

_ROUTES = (
    "SELECT r.position, r.tier FROM routes r WHERE r.project = :project AND r.position > :after "
    "ORDER BY r.position LIMIT :limit"
)


def tiers(tx: Tx, project: ProjectId) -> tuple[Positions, NDArray[np.int8]]:
    """Return the items that have a tier, in order, and their tiers."""
    found: list[tuple[Positions, NDArray[np.int8]]] = [(np.empty(0, np.int64), np.empty(0, np.int8))]
    after, n_rows = -1, packed.PAGE
    while n_rows == packed.PAGE:
        values = {"project": project, "after": after, "limit": packed.PAGE}
        n_rows, page = packed.columns(tx, {"position": Kind.WHOLE, "tier": Kind.WHOLE}, _ROUTES, values)
        order = packed.in_order(page["position"])
        chosen = slice(None) if order is None else order
        found.append((page["position"][chosen], page["tier"][chosen].astype(np.int8)))
        after = int(found[-1][0][-1]) if n_rows else after
    position, tier = (np.concatenate(sides) for sides in zip(*found, strict=True))
    return position, tier
