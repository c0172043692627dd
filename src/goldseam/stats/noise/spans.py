"""Spans likely missing, superfluous, wrongly labeled or wrongly bounded.

In: spans given; spans proposed, or a model's probabilities of tags for each token. Out: `SpanIssues`.
Never: two issues of one given span.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goldseam.stats._neighbors import pairs_between
from goldseam.stats.noise._given import Array
from goldseam.stats.noise._spans import SpanTable, Support, listed, same_labels, tagged
from goldseam.stats.votes import BadVotes

KINDS = ("missing", "label", "boundary", "superfluous")
"""What can be wrong, in the order of `SpanIssues.kind`."""
_MISSING, _LABEL, _BOUNDARY, _SUPERFLUOUS = range(4)
Spans = Sequence[Iterable[Sequence[Any]]]
"""For each item its spans: (start, end, label), end excluded, or with a confidence as the fourth."""


@dataclass(frozen=True, slots=True, eq=False)
class SpanIssues:
    """Spans that are likely wrong, the most likely first; parallel arrays (m,).

    `kind` is an index of `KINDS`: a proposed span is missing, a given one has the wrong label, the wrong boundary (and
    perhaps the wrong label too, if that is less sure), or should not be there. `given` and `suggested` (m, 3) hold start,
    end and label (an index of `names`); of a missing span `given` means nothing, of a superfluous one `suggested`.
    `score` is 0 to 1, high where the span is likely wrong.
    """

    names: tuple[Hashable, ...]
    item: NDArray[np.int64]
    kind: NDArray[np.int8]
    given: NDArray[np.int64]
    suggested: NDArray[np.int64]
    score: Array
    n_items: int
    n_given: int

    @property
    def n_issues(self) -> int:
        """Number of issues listed."""
        return len(self.item)

    def by_item(self) -> Array:
        """Return for every item the score of its worst span, 0 where none is listed."""
        worst = np.zeros(self.n_items)
        np.maximum.at(worst, self.item, self.score)
        return worst

    def rows(self, limit: int | None = None) -> list[dict[str, object]]:
        """Return plain rows of the first issues: item, kind, given, suggested, score, and the reason as a sentence."""
        found = []
        for place in range(len(self.item[slice(limit)])):
            kind = KINDS[self.kind[place]]
            given = None if kind == "missing" else self._span(self.given[place])
            suggested = None if kind == "superfluous" else self._span(self.suggested[place])
            found.append(
                {
                    "item": int(self.item[place]),
                    "kind": kind,
                    "given": given,
                    "suggested": suggested,
                    "score": float(self.score[place]),
                    "reason": _because(kind, given, suggested),
                }
            )
        return found

    def _span(self, row: NDArray[np.int64]) -> tuple[int, int, Hashable]:
        start, end, label = row.tolist()
        return start, end, self.names[label]


def span_issues(
    given: Spans,
    proposed: Spans | None = None,
    *,
    token_proba: Sequence[ArrayLike] | None = None,
    tags: Sequence[str] | None = None,
    least: float = 0.5,
    limit: int | None = None,
) -> SpanIssues:
    """List the spans that are likely wrong, the most likely first.

    Parameters
    ----------
    given
        For each item its spans (start, end, label), end excluded.
    proposed
        For each item the spans that a model, or other annotators, would have: (start, end, label) or, with a confidence
        between 0 and 1, (start, end, label, confidence).
    token_proba
        Instead of `proposed`: for each item a model's probabilities of each tag for each token (tokens, tags). Spans are
        then counted in tokens, and each issue is scored by the tokens that it is about.
    tags
        The tags in the order of the columns of `token_proba`: 'O', and labels as 'B-PER' and 'I-PER' or just 'PER'.
    least
        The confidence from which a proposed span may be missing, or say that a given one has the wrong label or boundary.
    limit
        The most issues to list.

    Raises
    ------
    BadVotes
        A span ends before it starts, items differ in number, or the probabilities of a token do not sum to 1.

    References
    ----------
    Wang and Mueller (2022), Detecting label errors in token classification data, whose tokens are here put together.

    Examples
    --------
    >>> given = [[(0, 2, "PER"), (5, 6, "LOC")], []]
    >>> proposed = [[(0, 3, "PER", 0.9), (5, 6, "ORG", 0.8)], [(1, 2, "LOC", 0.95)]]
    >>> [(row["item"], row["kind"], row["suggested"]) for row in span_issues(given, proposed).rows()]
    [(1, 'missing', (1, 2, 'LOC')), (0, 'boundary', (0, 3, 'PER')), (0, 'label', (5, 6, 'ORG'))]
    """
    if not 0 <= least <= 1:
        raise BadVotes(f"least={least}: a confidence between 0 and 1 would be right.")
    support: Support | None = None
    if (proposed is None) == (token_proba is None):
        raise BadVotes("Give either proposed= spans or token_proba= with tags=.")
    if proposed is not None:
        held, n_proposed = listed(proposed, "proposed"), len(proposed)
        before: list[Hashable] = []
    elif tags is None:
        raise BadVotes("token_proba= needs tags=, the tags in the order of its columns.")
    else:
        *held, support = tagged(token_proba or [], tags)
        before, n_proposed = held[1], len(token_proba or [])
    if len(given) != n_proposed:
        raise BadVotes(f"There are {len(given)} items with spans given and {n_proposed} with spans proposed.")
    one, two, names = same_labels(listed(given, "given"), (held[0], held[1]), before)
    kind, first, second, score = _found(one, two, support, least)
    item = np.where(kind == _MISSING, two.item[second], one.item[first]) if len(kind) else np.empty(0, dtype=np.int64)
    order = np.lexsort((second, first, item, -score))[:limit]
    return SpanIssues(
        names=names,
        item=item[order],
        kind=kind[order],
        given=_rows(one, first[order]),
        suggested=_rows(two, second[order]),
        score=score[order],
        n_items=len(given),
        n_given=len(one.item),
    )


def _found(
    one: SpanTable, two: SpanTable, support: Support | None, least: float
) -> tuple[NDArray[np.int8], NDArray[np.int64], NDArray[np.int64], Array]:
    """Return the issues: kind, place of the given span, place of the proposed one, score; what is not there is 0."""
    a, b = _touching(one, two)
    shared = _iou(one, two, a, b)
    alike = one.label[a] == two.label[b]
    fine_one, fine_two = np.zeros(len(one.item), dtype=np.bool_), np.zeros(len(two.item), dtype=np.bool_)
    same = alike & (shared == 1.0)
    fine_one[a[same]] = fine_two[b[same]] = True
    speaks = two.confidence >= least
    # the partner of a given span that is not confirmed: the proposed one that shares most with it
    open_pairs = np.flatnonzero(~fine_one[a] & speaks[b] & ~fine_two[b])
    best = open_pairs[first_of(a[open_pairs], shared[open_pairs], two.confidence[b[open_pairs]])]
    paired = np.zeros(len(one.item), dtype=np.bool_)
    paired[a[best]] = True
    taken = fine_two.copy()
    taken[b[best]] = True
    taken[b[shared >= 0.5]] = True
    missing = np.flatnonzero(speaks & ~taken)
    lonely = np.flatnonzero(~fine_one & ~paired)
    kind = np.concatenate([
        np.full(len(missing), _MISSING), np.where(alike[best], _BOUNDARY, _LABEL), np.full(len(lonely), _SUPERFLUOUS)
    ]).astype(np.int8)  # fmt: skip
    first = np.concatenate([np.zeros(len(missing), dtype=np.int64), a[best], lonely])
    second = np.concatenate([missing, b[best], np.zeros(len(lonely), dtype=np.int64)])
    partial = np.zeros(len(one.item))
    np.maximum.at(partial, a[alike], (shared * two.confidence[b])[alike])
    score = np.concatenate([two.confidence[missing], two.confidence[b[best]], 1.0 - partial[lonely]])
    if support is not None:
        score = _supported(one, two, support, kind, first, second, score)
    return kind, first, second, np.clip(score, 0.0, 1.0)


def _supported(
    one: SpanTable, two: SpanTable, support: Support, kind: NDArray[np.int8], first: NDArray[np.int64],
    second: NDArray[np.int64], score: Array,
) -> Array:  # fmt: skip
    """Return scores by the tokens that each issue is about."""
    score = score.copy()
    g, p = first[kind == _LABEL], second[kind == _LABEL]
    for_given = support.mean(two.item[p], two.start[p], two.end[p], one.label[g])
    score[kind == _LABEL] = two.confidence[p] / np.maximum(two.confidence[p] + for_given, 1e-12)
    g, p = first[kind == _BOUNDARY], second[kind == _BOUNDARY]
    item, low, high = one.item[g], np.maximum(one.start[g], two.start[p]), np.minimum(one.end[g], two.end[p])
    of_given, of_both = (
        support.total(item, one.start[g], one.end[g], one.label[g]),
        support.total(item, low, high, one.label[g]),
    )
    of_proposed = support.total(item, two.start[p], two.end[p], one.label[g])
    length = high - low
    only_given = (one.end[g] - one.start[g]) - length
    only_proposed = (two.end[p] - two.start[p]) - length
    moved = (only_given - (of_given - of_both)) + (of_proposed - of_both)
    score[kind == _BOUNDARY] = moved / np.maximum(only_given + only_proposed, 1)
    g = first[kind == _SUPERFLUOUS]
    score[kind == _SUPERFLUOUS] = 1.0 - support.mean(one.item[g], one.start[g], one.end[g], one.label[g])
    return score


def first_of(owner: NDArray[np.int64], *keys: Array) -> NDArray[np.int64]:
    """Return for each owner the place of its best entry: the largest first key, of equal ones the largest second ..."""
    order = np.lexsort((*(-key for key in reversed(keys)), owner))
    held = owner[order]
    opens = np.ones(len(held), dtype=np.bool_)
    opens[1:] = held[1:] != held[:-1]
    return order[opens]


def _touching(one: SpanTable, two: SpanTable) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    pairs = list(pairs_between(one.item, one.start, one.end, two.item, two.start, two.end))
    none = np.empty(0, dtype=np.int64)
    return np.concatenate([none, *(pair[0] for pair in pairs)]), np.concatenate([none, *(pair[1] for pair in pairs)])


def _iou(one: SpanTable, two: SpanTable, a: NDArray[np.int64], b: NDArray[np.int64]) -> Array:
    shared = np.minimum(one.end[a], two.end[b]) - np.maximum(one.start[a], two.start[b])
    union = (one.end[a] - one.start[a]) + (two.end[b] - two.start[b]) - shared
    return np.asarray(shared / union)


def _rows(table: SpanTable, places: NDArray[np.int64]) -> NDArray[np.int64]:
    if not len(table.item):
        return np.zeros((len(places), 3), dtype=np.int64)
    return np.stack([table.start[places], table.end[places], table.label[places]], axis=1)


def _because(kind: str, given: tuple[int, int, Hashable] | None, suggested: tuple[int, int, Hashable] | None) -> str:
    match kind:
        case "missing":
            return f"{_shown(suggested)} is proposed, and nothing was given there."
        case "superfluous":
            return f"{_shown(given)} was given, and nothing like it is proposed."
        case "label":
            return f"{_shown(given)} was given, and {_shown(suggested)} is proposed: another label."
        case _:
            return f"{_shown(given)} was given, and {_shown(suggested)} is proposed: other boundaries."


def _shown(span: tuple[int, int, Hashable] | None) -> str:
    return "nothing" if span is None else f"{span[2]!r} from {span[0]} to {span[1]}"
