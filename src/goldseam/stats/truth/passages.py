"""Passages: the spans and texts behind those that several annotators gave.

In: spans or texts in parallel arrays with item and annotator; who looked and marked nothing. Out: `SpanTruth`,
`TextTruth`. Never: a span that nobody marked.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goldseam.stats._names import BadVotes, Names
from goldseam.stats._neighbors import Index, pairs_within
from goldseam.stats.truth import _objects, _texts
from goldseam.stats.truth._clusters import clusters_of
from goldseam.stats.truth._disjoint import best_disjoint
from goldseam.stats.truth._limits import chosen_limits
from goldseam.stats.truth._marks import Looked, chosen, marks_of, rows_of, warnings_of, within_1
from goldseam.stats.truth._merged import merged_texts
from goldseam.stats.truth._texts import Unit, checked_texts
from goldseam.stats.truth.record import Array

How = Literal["choose", "merge"]

_SURE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class SpanTruth:
    """The spans behind the annotators' spans, one row a span, in order of item and start.

    `item` and `label` are indices into `items` and `labels`; `confidence` is the probability that the annotators mean
    something real there, `limits_posterior` that it has these limits, and `label_posterior` (n, n_labels) what it is,
    both given that it is real. `n_votes` of `n_looked` annotators marked it, with these limits or others. `span_of`
    gives the row that each span given went into, -1 for none.

    Of annotators: `recall` is the share of real spans that they mark, `precision` the share of their spans that are
    real, `exactness` how often they mark one with the right limits, `confusion` (annotator, true label, label said) is
    None where labels are too many for one each. `log_likelihood` is None where nobody marked anything. `warnings` are
    sentences for people.
    """

    items: Names
    labels: tuple[Hashable, ...]
    item: Index
    start: Index
    end: Index
    label: Index
    label_posterior: Array
    limits_posterior: Array
    confidence: Array
    n_votes: Index
    n_looked: Index
    span_of: Index
    annotators: Names
    recall: Array
    precision: Array
    exactness: Array
    confusion: Array | None
    iterations: int
    log_likelihood: float | None
    warnings: tuple[str, ...] = ()

    @property
    def n_spans(self) -> int:
        """Number of fused spans."""
        return len(self.item)


def spans(
    item: Iterable[Any],
    annotator: Iterable[Any],
    start: ArrayLike,
    end: ArrayLike,
    label: Iterable[Hashable] | None = None,
    *,
    looked: Looked | None = None,
    nested: bool = False,
    joined_at: float | None = None,
    at_least: float = 0.5,
    max_iterations: int = 200,
    tolerance: float = 1e-4,
) -> SpanTruth:
    """Fuse the spans that several annotators marked in the same texts, and learn how far each can be believed.

    Spans of different annotators that share positions form clusters, by average linkage of their IoU. Which clusters
    are real, and of what label, is inferred together with each annotator's share of spans overlooked, number of spans
    invented and confusion of labels, by EM; spans differ in how easy they are to see. A fused span has the limits that
    are most probable, given how often each annotator marks the right ones.

    Parameters
    ----------
    item, annotator, start, end, label
        One entry per span, end excluded, in characters or tokens.
    looked
        (items, annotators), in pairs: who looked at what. Those who marked a span there need not be named again; name
        those who looked and marked nothing, for that is a vote against what others marked.
    nested
        Whether spans may lie within or across each other. If not, of those that do the most probable set is kept.
    joined_at
        From which mean IoU on spans mean the same. By default it is enough to share a position, or 0.5 if nested.
    at_least
        Only spans that are real with this probability come out; 0 for all.
    tolerance
        Stop when the log likelihood of a span moves by less than this in the mean.

    Raises
    ------
    BadVotes
        The arrays do not fit together, a span ends before it starts, or an option is out of its range.

    Examples
    --------
    >>> found = spans(["t"] * 4, ["ann", "bob", "eve", "eve"], [0, 0, 0, 20], [5, 5, 4, 25], ["PER", "PER", "LOC", "LOC"])
    >>> [(int(s), int(e), found.labels[k]) for s, e, k in zip(found.start, found.end, found.label)]
    [(0, 5, 'PER')]

    References
    ----------
    Dawid and Skene (1979) for the confusions; Rodrigues, Pereira and Ribeiro (2014), Machine Learning 95, for the task
    and the data; Simpson and Gurevych (2019), EMNLP, for annotators who err in sequences.
    """
    share = (0.5 if nested else 0.0) if joined_at is None else joined_at
    limits = _limits(start, end)
    marks = marks_of(item, annotator, label, looked, len(limits))
    limits = limits[marks.order]
    cluster = clusters_of(marks.annotator, _touching(marks.item, limits), within_1(share, "joined_at"))
    found = marks.candidates(cluster)
    fit = _objects.infer(found, marks.looks, max_iterations=max_iterations, tolerance=tolerance)
    best = chosen_limits(limits, cluster, marks.annotator, fit.real, len(marks.annotators))
    kept = chosen(found.item, fit.real, at_least)
    if not nested:
        kept = kept[_apart(found.item[kept], best.start[kept], best.end[kept], fit.real[kept], at_least)]
    kept = kept[np.lexsort((best.end[kept], best.start[kept], found.item[kept]))]
    row_of = rows_of(kept, found.n_candidates)
    lookers = np.bincount(marks.looks.item, minlength=len(marks.items))
    return SpanTruth(
        items=marks.items,
        labels=marks.labels,
        item=found.item[kept],
        start=best.start[kept],
        end=best.end[kept],
        label=fit.by_label[kept].argmax(axis=1),
        label_posterior=fit.by_label[kept],
        limits_posterior=best.posterior[kept],
        confidence=fit.real[kept],
        n_votes=np.bincount(cluster, minlength=found.n_candidates)[kept],
        n_looked=lookers[found.item[kept]],
        span_of=marks.given(row_of[cluster]),
        annotators=marks.annotators,
        recall=fit.recall,
        precision=marks.precision(fit.real[cluster]),
        exactness=best.exactness,
        confusion=fit.confusion,
        iterations=fit.iterations,
        log_likelihood=fit.log_likelihood if marks.n_marks else None,
        warnings=warnings_of(marks, fit),
    )


def _apart(item: Index, start: Index, end: Index, real: Array, at_least: float) -> NDArray[np.bool_]:
    """Return which spans to keep so that none share a position and the set is the most probable one."""
    odds, least = (np.clip(share, _SURE, 1 - _SURE) for share in (real, at_least))
    worth = np.log(odds / (1 - odds)) - np.log(least / (1 - least))
    return best_disjoint(item, start, end, worth + _SURE)


def _limits(start: ArrayLike, end: ArrayLike) -> Index:
    """Return starts and ends (n, 2), checked."""
    parts = [np.asarray(part) for part in (start, end)]
    parts = [part.astype(np.int64) if part.size == 0 else part for part in parts]
    if parts[0].shape != parts[1].shape or parts[0].ndim != 1 or any(part.dtype.kind not in "iu" for part in parts):
        raise BadVotes("Spans need two 1-D arrays of whole numbers of one length, start and end.")
    limits = np.stack(parts, axis=1).astype(np.int64)
    wrong = np.flatnonzero(limits[:, 0] >= limits[:, 1])
    if len(wrong):
        raise BadVotes(
            f"Span {wrong[0]} runs from {limits[wrong[0], 0]} to {limits[wrong[0], 1]}: its end must come later."
        )
    return limits


def _touching(item: Index, limits: Index) -> Iterator[tuple[Index, Index, Array]]:
    for first, second in pairs_within(item, limits[:, 0], limits[:, 1]):
        shared = np.minimum(limits[first, 1], limits[second, 1]) - np.maximum(limits[first, 0], limits[second, 0])
        union = (limits[first, 1] - limits[first, 0]) + (limits[second, 1] - limits[second, 0]) - shared
        yield first, second, shared / union


@dataclass(frozen=True, slots=True, eq=False)
class TextTruth:
    """The text behind the annotators' texts, one an item.

    `text` has the text of each of `items`; `given` the place of a vote with just this text, -1 where the words were
    merged and nobody gave them all. `confidence` is how like the right text it is expected to be, from 0 to 1 (merged:
    the share of its words expected right), `likeness` how like it the texts given are, each by its annotator's weight.
    `reliability` is 1 less the mean distance of an annotator's texts from the right ones. `warnings` are sentences.
    """

    items: Names
    text: tuple[str, ...]
    given: Index
    confidence: Array
    likeness: Array
    n_votes: Index
    annotators: Names
    reliability: Array
    iterations: int
    warnings: tuple[str, ...] = ()


def texts(
    item: Iterable[Any],
    annotator: Iterable[Any],
    text: Iterable[str],
    *,
    how: How = "choose",
    unit: Unit = "characters",
    max_iterations: int = 50,
    tolerance: float = 1e-4,
) -> TextTruth:
    """Choose or merge the texts that several annotators gave for the same items, and learn how far each is reliable.

    The text chosen is the one nearest to the others, where nearness to reliable annotators counts more; how far an
    annotator's texts are from the right ones is learned from all items, by EM, always without their own text.

    Parameters
    ----------
    item, annotator, text
        One entry per text; of several by one annotator for one item the last counts.
    how
        'choose' takes one of the texts given. 'merge' starts from that one and lets all texts vote for each word, as is
        good for transcripts, where each has other mistakes.
    unit
        What distance counts: 'characters' or 'words' that must be changed, put in or left out, as a share of the longer
        text; or 'bags', the words that differ whatever their order. Merging always counts words.

    Raises
    ------
    BadVotes
        The arrays differ in length, a text is none, or an option is none of those named.

    Examples
    --------
    >>> heard = ["the cat sat", "the cat sat", "a cat sad"]
    >>> texts(["i"] * 3, ["ann", "bob", "eve"], heard).text
    ('the cat sat',)
    >>> heard = ["the cat sat on", "the bat sat on it", "a cat sat on it"]
    >>> texts(["i"] * 3, ["ann", "bob", "eve"], heard, how="merge").text
    ('the cat sat on it',)

    References
    ----------
    Braylan and Lease (2020), WWW, for weighing annotators by distances; Fiscus (1997), ASRU, for votes on words (ROVER);
    Levenshtein (1966), Soviet Physics Doklady 10.
    """
    if how not in ("choose", "merge"):
        raise BadVotes(f"how={how!r}: 'choose' or 'merge' would be right.")
    listed = checked_texts(text)
    marks = marks_of(item, annotator, None, None, len(listed))
    wordings, places, distinct = _texts.wordings_of(marks, listed)
    distances = _texts.Distances(distinct, "words" if how == "merge" else unit)
    apart = distances.between(*_texts.pairs_of(wordings))
    fit = _texts.infer(wordings, apart, max_iterations=max_iterations, tolerance=tolerance)
    best = _texts.best_wordings(wordings, fit.posterior, fit.error)
    if how == "choose":
        result, given = tuple(distinct[place] for place in best.tolist()), places[best]
        off = distances.to_wordings(wordings, best)
        confidence = _texts.expected_likeness(wordings, off, fit, best)
        likeness = _texts.likeness(wordings, off, fit.error)
    else:
        merged = merged_texts(distances.sequences, best, wordings, fit.error)
        result, confidence = merged.texts, merged.share
        given_as = zip(wordings.item.tolist(), distinct, strict=True)
        same = dict(zip(given_as, places.tolist(), strict=True))
        given = np.array([same.get((row, words), -1) for row, words in enumerate(result)], dtype=np.int64)
        likeness = _texts.likeness(wordings, distances.to_merged(wordings, merged.words), fit.error)
    return TextTruth(
        items=marks.items,
        text=result,
        given=given,
        confidence=confidence,
        likeness=likeness,
        n_votes=np.bincount(wordings.item[wordings.wording], minlength=len(marks.items)),
        annotators=marks.annotators,
        reliability=1 - fit.error,
        iterations=fit.iterations,
        warnings=warnings_of(marks, fit),
    )
