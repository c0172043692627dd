"""Span tables: spans of many items as parallel arrays, from lists or from the tags of tokens.

In: for each item its spans, or for each token the probabilities of its tags. Out: `SpanTable`, `Tokens`.
Never: a loop over tokens.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from goldseam.stats._names import indexed, plain
from goldseam.stats._neighbors import ragged
from goldseam.stats.noise._given import OFF, Array, table_of
from goldseam.stats.noise._partners import Places
from goldseam.stats.votes import BadVotes

OUTSIDE = "O"
"""The tag of a token that belongs to no span."""
_TINY = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class SpanTable:
    """Spans as parallel arrays: the item, where each starts and ends (end excluded), label by name's index, confidence."""

    item: Places
    start: Places
    end: Places
    label: Places
    confidence: Array


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """What a model says of each token: the probability of each label (tokens, labels), all items in a row.

    `begin` (items + 1) is where each item's tokens begin; label 0 is 'O'.
    """

    proba: Array
    begin: Places


def surprise(tokens: Tokens, spans: SpanTable) -> Array:
    """Return for each token how surprised the model is by the spans given: minus the log of its probability of the label.

    A label that the model does not know surprises utterly.
    """
    past = np.flatnonzero(spans.end > np.diff(tokens.begin)[spans.item])
    if len(past):
        item, end = spans.item[past[0]], spans.end[past[0]]
        raise BadVotes(f"Item {item} has a span up to {end}, but {np.diff(tokens.begin)[item]} tokens.")
    row, place = ragged(spans.end - spans.start)
    at, label = (tokens.begin[spans.item] + spans.start)[row] + place, spans.label[row]
    known = label < tokens.proba.shape[1]
    held = tokens.proba[:, 0].copy()
    held[at] = np.where(known, tokens.proba[at, np.where(known, label, 0)], 0.0)
    return np.asarray(-np.log(np.clip(held, _TINY, 1.0)))


def listed(spans: Sequence[Iterable[Sequence[Any]]], what: str) -> tuple[SpanTable, list[Hashable]]:
    """Return spans (start, end, label) or (start, end, label, confidence), a list for each item, and their labels.

    The labels of the table are places in the list returned.
    """
    lists = [list(one) for one in spans]
    item = np.repeat(np.arange(len(lists)), [len(one) for one in lists])
    every = [span for one in lists for span in one]
    wrong = next((place for place, span in enumerate(every) if len(span) not in (3, 4)), None)
    if wrong is not None:
        raise BadVotes(
            f"Item {item[wrong]} of the spans {what} has {every[wrong]!r}; (start, end, label) would be right."
        )
    start, end = (np.array([span[side] for span in every], dtype=np.int64) for side in (0, 1))
    bad = np.flatnonzero((start < 0) | (end <= start))
    if len(bad):
        raise BadVotes(
            f"Item {item[bad[0]]} of the spans {what} has a span from {start[bad[0]]} to {end[bad[0]]}; its end is excluded "
            "and comes after its start, which is 0 or more."
        )
    confidence = np.array([span[3] if len(span) == 4 else 1.0 for span in every], dtype=np.float64)
    if not ((confidence >= 0) & (confidence <= 1)).all():
        place = int(np.flatnonzero(~((confidence >= 0) & (confidence <= 1)))[0])
        raise BadVotes(
            f"Item {item[place]} of the spans {what} has a confidence of {confidence[place]}; 0 to 1 is right."
        )
    labels = [span[2] for span in every]
    return SpanTable(item, start, end, np.arange(len(every)), confidence), labels


def tagged(token_proba: Sequence[ArrayLike], tags: Sequence[str]) -> tuple[SpanTable, list[Hashable], Tokens]:
    """Return the spans that a model's tags make, the labels, and what it says of each token.

    Tags are 'O', and labels with or without 'B-' (begins) and 'I-' (goes on). The probability of a label at a token is
    that of both; a span is a run of tokens whose most probable label is the same, cut where 'B-' is the more probable.
    """
    tables = [table_of(one) for one in token_proba]
    many = np.array([len(one) for one in tables], dtype=np.int64)
    begin = np.concatenate([[0], np.cumsum(many)])
    labels, of, begins = _labels_of(tags)
    tokens = np.concatenate([np.empty((0, len(tags))), *tables]) if tables else np.empty((0, len(tags)))
    _check_tokens(tokens, begin)
    proba = np.zeros((len(tokens), len(labels)))
    starts = np.zeros((len(tokens), len(labels)))
    for column, (label, opens) in enumerate(zip(of, begins, strict=True)):
        proba[:, label] += tokens[:, column]
        if opens:
            starts[:, label] += tokens[:, column]
    best = proba.argmax(axis=1)
    inside = best != 0
    every = np.arange(len(tokens))
    cut = starts[every, best] > 0.5 * proba[every, best]
    new = np.ones(len(tokens), dtype=np.bool_)
    new[1:] = (best[1:] != best[:-1]) | cut[1:]
    new[begin[:-1][many > 0]] = True
    opens_at = np.flatnonzero(new)
    closes_at = np.append(opens_at[1:], len(tokens))
    kept = inside[opens_at]
    first, last = opens_at[kept], closes_at[kept]
    item = np.searchsorted(begin, first, side="right") - 1
    sums = np.concatenate([[0.0], np.cumsum(proba[every, best])])
    confidence = np.clip((sums[last] - sums[first]) / np.maximum(last - first, 1), 0.0, 1.0)
    table = SpanTable(item, first - begin[item], last - begin[item], best[first], confidence)
    return table, labels, Tokens(proba, begin)


def same_labels(
    one: tuple[SpanTable, list[Hashable]], two: tuple[SpanTable, list[Hashable]], before: list[Hashable]
) -> tuple[SpanTable, SpanTable, tuple[Hashable, ...]]:
    """Return both tables with labels as indices of the same names: those of `before` first, others sorted."""
    names, code = indexed([*one[1], *two[1]], None, "label")
    found = plain(names.tolist())
    if len(code) and code.min() < 0:
        raise BadVotes("A span has no label: None or NaN is not a name.")
    order = {name: place for place, name in enumerate([*before, *(name for name in found if name not in set(before))])}
    moved = np.array([order[name] for name in found], dtype=np.int64)
    codes = moved[code] if len(code) else np.empty(0, dtype=np.int64)
    first, second = codes[: len(one[1])], codes[len(one[1]) :]
    return _relabeled(one[0], first), _relabeled(two[0], second), tuple(order)


def _relabeled(table: SpanTable, code: Places) -> SpanTable:
    return SpanTable(table.item, table.start, table.end, code[table.label], table.confidence)


def _labels_of(tags: Sequence[str]) -> tuple[list[Hashable], list[int], list[bool]]:
    """Return the labels behind tags ('O' first), the label of each tag, and whether it begins a span."""
    labels: list[Hashable] = [OUTSIDE]
    of, begins = [], []
    for tag in tags:
        prefixed = isinstance(tag, str) and tag[:2] in ("B-", "I-")
        label = tag[2:] if prefixed else tag
        if label not in labels:
            labels.append(label)
        of.append(labels.index(label))
        begins.append(prefixed and tag[0] == "B")
    if OUTSIDE not in tags:
        raise BadVotes(f"tags= needs {OUTSIDE!r}, the tag of tokens outside of spans; it has {list(tags)!r}.")
    return labels, of, begins


def _check_tokens(tokens: Array, begin: Places) -> None:
    total = tokens.sum(axis=1)
    bad = np.flatnonzero(~((np.abs(total - 1) <= OFF) & (tokens >= -1e-6).all(axis=1)))
    if len(bad):
        item = int(np.searchsorted(begin, bad[0], side="right") - 1)
        raise BadVotes(
            f"Token {bad[0] - begin[item]} of item {item} has the probabilities {tokens[bad[0]].round(4).tolist()}: "
            "numbers that are not negative, 1 in sum, would be right."
        )
