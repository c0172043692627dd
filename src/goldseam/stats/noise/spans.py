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

from goldseam.stats.noise._given import Array
from goldseam.stats.noise._partners import Places, first_of, touching
from goldseam.stats.noise._spans import SpanTable, Tokens, listed, same_labels, surprise, tagged
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
    `score` is 0 to 1, high where the span is likely wrong, and `by_item` (n_items,) the same for each item as a whole; with
    tokens it also tells apart items without an issue.
    """

    names: tuple[Hashable, ...]
    item: Places
    kind: NDArray[np.int8]
    given: Places
    suggested: Places
    score: Array
    by_item: Array
    n_given: int

    @property
    def n_issues(self) -> int:
        """Number of issues listed."""
        return len(self.item)

    @property
    def n_items(self) -> int:
        """Number of items looked at."""
        return len(self.by_item)

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

    def _span(self, row: Places) -> tuple[int, int, Hashable]:
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
    tokens: Tokens | None = None
    before: list[Hashable] = []
    if (proposed is None) == (token_proba is None):
        raise BadVotes("Give either proposed= spans or token_proba= with tags=.")
    if proposed is not None:
        held, n_proposed = listed(proposed, "proposed"), len(proposed)
    elif tags is None:
        raise BadVotes("token_proba= needs tags=, the tags in the order of its columns.")
    else:
        table, before, tokens = tagged(token_proba or [], tags)
        held, n_proposed = (table, before), len(token_proba or [])
    if len(given) != n_proposed:
        raise BadVotes(f"There are {len(given)} items with spans given and {n_proposed} with spans proposed.")
    one, two, names = same_labels(listed(given, "given"), held, before)
    kind, first, second, score = _found(one, two, least)
    item = np.concatenate([two.item[second[kind == _MISSING]], one.item[first[kind != _MISSING]]])  # missing come first
    rows = _rows(one, first), _rows(two, second)
    by_item = np.zeros(len(given))
    np.maximum.at(by_item, item, score)
    if tokens is not None:
        score, by_item = _by_tokens(tokens, one, item, kind, rows)
    order = np.lexsort((second, first, item, -score))[:limit]
    return SpanIssues(
        names=names,
        item=item[order],
        kind=kind[order],
        given=rows[0][order],
        suggested=rows[1][order],
        score=score[order],
        by_item=by_item,
        n_given=len(one.item),
    )


def _found(one: SpanTable, two: SpanTable, least: float) -> tuple[NDArray[np.int8], Places, Places, Array]:
    """Return the issues: kind, place of the given span, place of the proposed one, score; what is not there is 0."""
    a, b = touching((one.item, one.start, one.end), (two.item, two.start, two.end))
    shared = _iou(one, two, a, b)
    alike = one.label[a] == two.label[b]
    fine_one, fine_two = np.zeros(len(one.item), dtype=np.bool_), np.zeros(len(two.item), dtype=np.bool_)
    same = alike & (shared == 1.0)
    fine_one[a[same]] = fine_two[b[same]] = True
    speaks = two.confidence >= least
    # the partner of a given span that is not confirmed: the proposed one that shares most with it
    open_pairs = np.flatnonzero(~fine_one[a] & speaks[b] & ~fine_two[b])
    best = open_pairs[first_of(a[open_pairs], shared[open_pairs], two.confidence[b[open_pairs]])]
    paired, taken = np.zeros(len(one.item), dtype=np.bool_), fine_two.copy()
    paired[a[best]] = True
    taken[b[best]] = True
    taken[b[shared >= 0.5]] = True
    missing = np.flatnonzero(speaks & ~taken)
    lonely = np.flatnonzero(~fine_one & ~paired)
    kinds = [
        np.full(len(missing), _MISSING),
        np.where(alike[best], _BOUNDARY, _LABEL),
        np.full(len(lonely), _SUPERFLUOUS),
    ]
    partial = np.zeros(len(one.item))
    np.maximum.at(partial, a[alike], (shared * two.confidence[b])[alike])
    return (
        np.concatenate(kinds).astype(np.int8),
        np.concatenate([np.zeros_like(missing), a[best], lonely]),
        np.concatenate([missing, b[best], np.zeros_like(lonely)]),
        np.concatenate([two.confidence[missing], two.confidence[b[best]], 1.0 - partial[lonely]]),
    )


def _by_tokens(
    tokens: Tokens, one: SpanTable, item: Places, kind: NDArray[np.int8], rows: tuple[Places, Places]
) -> tuple[Array, Array]:
    """Return scores of issues and of items: the model's probability that tags are not all as given.

    Of an issue it is that of its most doubtful tag, of all tokens of both spans and between them. An item's is a soft
    maximum over its tags, the 4-norm of minus the log of their probabilities: many a little doubtful do not add up.
    """
    given, suggested = rows
    low = np.where(kind == _MISSING, suggested[:, 0], given[:, 0])
    high = np.where(kind == _MISSING, suggested[:, 1], given[:, 1])
    both = (kind == _LABEL) | (kind == _BOUNDARY)
    low = np.where(both, np.minimum(low, suggested[:, 0]), low)
    high = np.where(both, np.maximum(high, suggested[:, 1]), high)
    doubt, begin = np.append(surprise(tokens, one), 0.0), tokens.begin
    limits = np.stack([begin[item] + low, begin[item] + high], axis=1).reshape(-1)
    of_issue = np.maximum.reduceat(doubt, limits)[::2] if len(limits) else np.empty(0)
    item_limits = np.stack([begin[:-1], begin[1:]], axis=1).reshape(-1)
    sums = np.add.reduceat(doubt**4, item_limits)[::2] if len(item_limits) else np.empty(0)
    of_item = np.where(begin[1:] > begin[:-1], sums, 0.0) ** 0.25  # an item without tokens has nothing to doubt
    return np.asarray(-np.expm1(-of_issue)), np.asarray(-np.expm1(-of_item))


def _iou(one: SpanTable, two: SpanTable, a: Places, b: Places) -> Array:
    shared = np.minimum(one.end[a], two.end[b]) - np.maximum(one.start[a], two.start[b])
    union = (one.end[a] - one.start[a]) + (two.end[b] - two.start[b]) - shared
    return np.asarray(shared / union)


def _rows(table: SpanTable, places: Places) -> Places:
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
