"""Clusters: which marks of different annotators are about the same thing.

In: marks (boxes or spans) with item and annotator, and how much pairs of them share. Out: a cluster for each mark.
Never: two marks of one annotator in one cluster, or marks of two items.

Clusters grow by average linkage: the two with the largest mean share are joined, as long as it reaches a limit; a pair of
marks that do not touch counts as 0. Rather than one pair at a time, all clusters that are each other's nearest are joined
at once: joining two never brings them nearer to a third than the nearer one was, so the order makes no difference.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goldseam.stats._neighbors import Index, summed
from goldseam.stats.truth.record import Array

_NONE = np.int64(-1)


@dataclass(frozen=True, slots=True)
class _Links:
    """Pairs of clusters (first < second), the sum of the shares of their pairs of marks, and whether they may join."""

    first: Index
    second: Index
    total: Array
    barred: NDArray[np.bool_]

    def where(self, kept: NDArray[np.bool_] | Index) -> _Links:
        return _Links(self.first[kept], self.second[kept], self.total[kept], self.barred[kept])


def clusters_of(annotator: Index, pairs: Iterable[tuple[Index, Index, Array]], joined_at: float) -> Index:
    """Return the cluster of each mark, numbered from 0 in order of their first marks.

    `pairs` are (mark, mark, share), each pair of marks of one item that touch once; they join from a mean share of
    `joined_at` on.
    """
    n_marks = len(annotator)
    cluster = np.arange(n_marks)
    parts = [_other_annotators(annotator, *pair) for pair in pairs]
    none = np.empty(0, dtype=np.int64)
    first = np.concatenate([none, *(part[0] for part in parts)])
    second = np.concatenate([none, *(part[1] for part in parts)])
    total = np.concatenate([np.empty(0), *(part[2] for part in parts)])
    size = np.ones(n_marks)
    links = _Links(first, second, total, np.zeros(len(first), dtype=bool))
    while True:
        links = _active(links, size, n_marks, joined_at)
        chosen = _mutual(links, size, n_marks, joined_at)
        if not len(chosen):
            break
        clash = _clashes(links.where(chosen), cluster, annotator)
        barred = links.barred.copy()
        barred[chosen[clash]] = True
        merged = chosen[~clash]
        into = np.arange(n_marks)
        into[links.second[merged]] = links.first[merged]
        size = summed(into, size, n_marks)
        cluster = into[cluster]
        links = _contracted(_Links(links.first, links.second, links.total, barred), into, n_marks)
    return _numbered(cluster)


def _other_annotators(annotator: Index, first: Index, second: Index, share: Array) -> tuple[Index, Index, Array]:
    kept = (annotator[first] != annotator[second]) & (share > 0)
    one, two = first[kept], second[kept]
    return np.minimum(one, two), np.maximum(one, two), share[kept]


def _active(links: _Links, size: Array, n_marks: int, joined_at: float) -> _Links:
    """Drop the pairs with a cluster that can never join another again."""
    able = ~links.barred & (links.total >= joined_at * size[links.first] * size[links.second])
    alive = np.zeros(n_marks, dtype=bool)
    alive[links.first[able]] = True
    alive[links.second[able]] = True
    kept = alive[links.first] & alive[links.second]
    return links if kept.all() else links.where(kept)


def _mutual(links: _Links, size: Array, n_marks: int, joined_at: float) -> Index:
    """Return the places of the pairs whose clusters are nearest to each other; ties go to the earlier clusters."""
    mean = links.total / (size[links.first] * size[links.second])
    able = np.flatnonzero(~links.barred & (mean >= joined_at))
    order = able[np.lexsort((links.second[able], links.first[able], -mean[able]))]
    ends = np.stack([links.first[order], links.second[order]], axis=1)
    best = np.full(n_marks, _NONE)
    best[ends[::-1].ravel()] = np.repeat(order[::-1], 2)  # the last one written is the nearest
    mutual: Index = order[(best[links.first[order]] == order) & (best[links.second[order]] == order)]
    return mutual


def _clashes(chosen: _Links, cluster: Index, annotator: Index) -> NDArray[np.bool_]:
    """Say of each pair of clusters whether some annotator has a mark in both."""
    pair_of = np.full(len(cluster), _NONE)
    pair_of[chosen.first] = np.arange(len(chosen.first))
    pair_of[chosen.second] = np.arange(len(chosen.first))
    pair = pair_of[cluster]
    inside = pair >= 0
    key = np.sort(pair[inside] * (int(annotator.max(initial=0)) + 1) + annotator[inside])
    twice = key[1:][key[1:] == key[:-1]] // (int(annotator.max(initial=0)) + 1)
    clash = np.zeros(len(chosen.first), dtype=bool)
    clash[twice] = True
    return clash


def _contracted(links: _Links, into: Index, n_marks: int) -> _Links:
    """Return the pairs after clusters were joined: sums add up, and what was barred stays so."""
    first, second = into[links.first], into[links.second]
    moved = (first != links.first) | (second != links.second)
    touched = np.zeros(n_marks, dtype=bool)
    touched[first[moved]] = True
    touched[second[moved]] = True
    again = (touched[first] | touched[second]) & (first != second)
    same = ~(touched[first] | touched[second])
    low, high = np.minimum(first[again], second[again]), np.maximum(first[again], second[again])
    key, place = np.unique(low * np.int64(n_marks) + high, return_inverse=True)
    place = place.reshape(-1)
    total = summed(place, links.total[again], len(key))
    barred = summed(place, links.barred[again], len(key)) > 0
    return _Links(
        np.concatenate([links.first[same], key // n_marks]),
        np.concatenate([links.second[same], key % n_marks]),
        np.concatenate([links.total[same], total]),
        np.concatenate([links.barred[same], barred]),
    )


def _numbered(cluster: Index) -> Index:
    """Return clusters numbered 0, 1 ... in order of their first marks."""
    heads, place = np.unique(cluster, return_inverse=True)
    first = np.full(len(heads), len(cluster))
    np.minimum.at(first, place.reshape(-1), np.arange(len(cluster)))
    rank = np.empty(len(heads), dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(heads))
    return rank[place.reshape(-1)]
