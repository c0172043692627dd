"""Span model: which words of a text carry which label, learned from spans that people settled on.

In: texts with their spans. Out: a `SpanModel`; spans for other texts, with the chance that all of them are right. Never: spans
that overlap, or a confidence judged on a text that the model had learned from.

Each word is told apart by itself and its neighbors (a logistic regression over what it looks like); of all ways to read a text,
the likeliest is taken in which no span begins in its middle.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction import FeatureHasher
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it brings no types

from goldseam.stats.calibrate import Curve, isotonic
from goldseam.vocab.errors import NotReady
from goldseam.vocab.marks import Span, Spans
from goldseam.vocab.names import LabelName

WORD: Final = re.compile(r"\w{1,60}|[^\w\s]")
N_FEATURES: Final = 1 << 16
STRENGTH: Final = 10.0
FOLDS: Final = 5
ENOUGH: Final = 50
"""With fewer texts than this the confidence is the same for all: the share that was right while held out."""
NEVER: Final = -1e9
OUTSIDE: Final = 0
Floats = NDArray[np.float64]
Place = tuple[int, int]
Table = Any
"""Rows of features, a sparse matrix that scikit-learn does not type."""


@dataclass(frozen=True, slots=True, eq=False)
class SpanModel:
    """What was learned: `tags` are 2 * label + 1 where a span begins, + 2 where it goes on, 0 outside.

    `curve` makes the chance that a text's spans are all right out of the product of its words' chances; without one that is
    `share` for every text.
    """

    labels: tuple[LabelName, ...]
    tags: NDArray[np.int64]
    weights: Any
    share: float
    curve: Curve | None
    n_train: int

    def propose(self, texts: Sequence[str]) -> tuple[tuple[Spans, float], ...]:
        """Return the likeliest spans of each text, and the chance that they are all right."""
        found = []
        for spans, sure in _read(self, texts):
            chance = self.share if self.curve is None else float(self.curve([sure])[0])
            found.append((spans, min(max(chance, 0.0), (self.n_train + 1) / (self.n_train + 2))))
        return tuple(found)


def fit(
    texts: Sequence[str], said: Sequence[Spans], labels: Sequence[LabelName], rng: np.random.Generator
) -> SpanModel:
    """Learn from texts and their spans; the confidence is that of models which had not learned from the text.

    Where spans overlap the longer one counts.

    Raises
    ------
    NotReady
        If no text has a span, or there are fewer texts than folds.
    """
    if len(texts) < FOLDS or not any(one.spans for one in said):
        raise NotReady("A model learns spans from texts that have some: settle a few more items first.")
    names = tuple(labels)
    whole = _trained(texts, said, names)
    sure, hits = np.zeros(len(texts)), np.zeros(len(texts))
    for fold in np.array_split(rng.permutation(len(texts)), FOLDS):
        rest = np.setdiff1d(np.arange(len(texts)), fold)
        if not any(said[at].spans for at in rest):
            continue
        model = _trained([texts[at] for at in rest], [said[at] for at in rest], names)
        for at, (spans, chance) in zip(fold.tolist(), _read(model, [texts[at] for at in fold]), strict=True):
            sure[at], hits[at] = chance, _places(spans) == _places(said[at])
    share = (float(hits.sum()) + 1) / (len(texts) + 2)
    curve = isotonic(sure, hits) if len(texts) >= ENOUGH else None
    return SpanModel(names, whole.tags, whole.weights, share, curve, len(texts))


def _trained(texts: Sequence[str], said: Sequence[Spans], labels: tuple[LabelName, ...]) -> SpanModel:
    tag = np.concatenate([_tags(text, one, labels) for text, one in zip(texts, said, strict=True)])
    regression = LogisticRegression(C=STRENGTH, max_iter=200)
    with threadpool_limits(limits=1, user_api="blas"):
        regression.fit(_rows(texts), tag)
    return SpanModel(labels, np.asarray(regression.classes_, np.int64), regression, 0.0, None, len(texts))


def _tags(text: str, said: Spans, labels: tuple[LabelName, ...]) -> NDArray[np.int64]:
    places = _words(text)
    tag = np.full(len(places), OUTSIDE, np.int64)
    for span in sorted(said.spans, key=lambda one: (one.start - one.end, one.start)):
        inside = [at for at, (start, end) in enumerate(places) if start < span.end and end > span.start]
        if span.label in labels and inside and not tag[inside].any():
            tag[inside] = 2 * labels.index(span.label) + 2
            tag[inside[0]] -= 1
    return tag


def _words(text: str) -> list[Place]:
    return [one.span() for one in WORD.finditer(text)]


def _rows(texts: Sequence[str]) -> Table:
    """Return one row a word: itself, its shape, its beginning and end, and its neighbors."""
    hasher = FeatureHasher(N_FEATURES, input_type="string", alternate_sign=False)
    return hasher.transform(looks for text in texts for looks in _looks(text))


def _looks(text: str) -> Iterator[list[str]]:
    words = [text[start:end] for start, end in _words(text)]
    around = ["<<", "<", *words, ">", ">>"]
    for at, word in enumerate(words, start=2):
        small, shape = word.casefold(), _shape(word)
        near = [f"{step}={around[at + step].casefold()}" for step in (-2, -1, 1, 2)]
        shapes = [f"{step}:{_shape(around[at + step])}" for step in (-1, 1)]
        yield [
            "any", f"w={small}", f"s={shape}", f"b={small[:3]}", f"e={small[-3:]}", f"e2={small[-2:]}", *near, *shapes,
            f"p={around[at - 1].casefold()} {small}", f"n={small} {around[at + 1].casefold()}",
        ]  # fmt: skip


def _shape(word: str) -> str:
    kinds = ["X" if one.isupper() else "x" if one.isalpha() else "9" if one.isdigit() else one for one in word[:20]]
    return re.sub(r"(.)\1{2,}", r"\1\1+", "".join(kinds))


def _read(model: SpanModel, texts: Sequence[str]) -> Iterator[tuple[Spans, float]]:
    """Yield of each text the likeliest spans, and the product of the chances of its words."""
    places = [_words(text) for text in texts]
    n = sum(map(len, places))
    chances = model.weights.predict_log_proba(_rows(texts)) if n else np.zeros((0, len(model.tags)))
    may = _may_follow(model.tags)
    start = 0
    for here in places:
        log = np.asarray(chances[start : start + len(here)], np.float64)
        start += len(here)
        path = _likeliest(log, may, model.tags)
        yield _spans(here, model.tags[path], model.labels), float(np.exp(log[np.arange(len(here)), path].sum()))


def _may_follow(tags: NDArray[np.int64]) -> Floats:
    """Return 0 where the tag of the column may follow that of the row: a span goes on only where one of its label is."""
    goes_on = (tags > 0) & (tags % 2 == 0)
    label = (tags - 1) // 2
    fits = ~goes_on[None, :] | ((tags[:, None] > 0) & (label[:, None] == label[None, :]))
    return np.where(fits, 0.0, NEVER)


def _likeliest(log: Floats, may: Floats, tags: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the best sequence of tags (Viterbi)."""
    n = len(log)
    if not n:
        return np.zeros(0, np.intp)
    best = log[0] + np.where((tags > 0) & (tags % 2 == 0), NEVER, 0.0)
    came = np.zeros((n, len(tags)), np.intp)
    for at in range(1, n):
        ways = best[:, None] + may
        came[at] = ways.argmax(axis=0)
        best = ways.max(axis=0) + log[at]
    path = np.zeros(n, np.intp)
    path[-1] = best.argmax()
    for at in range(n - 1, 0, -1):
        path[at - 1] = came[at, path[at]]
    return path


def _spans(places: Sequence[Place], tags: NDArray[np.int64], labels: tuple[LabelName, ...]) -> Spans:
    found: list[Span] = []
    for (start, end), tag in zip(places, tags.tolist(), strict=True):
        if tag == OUTSIDE:
            continue
        label = labels[(tag - 1) // 2]
        if tag % 2:
            found.append(Span(start, end, label))
        else:
            found[-1] = Span(found[-1].start, end, label)
    return Spans(tuple(found))


def _places(said: Spans) -> frozenset[tuple[int, int, LabelName]]:
    return frozenset((one.start, one.end, one.label) for one in said.spans)
