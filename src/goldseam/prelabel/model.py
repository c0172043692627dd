"""Model: a linear suggester for texts, fields and small images, kept as plain arrays.

In: contents. Out: a `LinearModel` and its calibrated probabilities. Never: a pickle.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import softmax

from goldseam.prelabel import columns as learned_columns
from goldseam.prelabel import guide as guides
from goldseam.prelabel import scaling as scalings
from goldseam.prelabel import words
from goldseam.prelabel.columns import Columns
from goldseam.prelabel.contents import Contents, Described, Kind, taken
from goldseam.prelabel.guide import Guide
from goldseam.prelabel.policy import Feature
from goldseam.prelabel.scaling import Scaling
from goldseam.vocab.errors import BadValue

KINDS = frozenset({"text", "fields", "image"})

AT_ONCE = 20_000
"""Items whose rows are made at a time, which bounds memory."""

Table = Any
"""Rows of features: a sparse array where there are words, else a dense one; typed by neither library."""


@dataclass(frozen=True, slots=True, eq=False)
class LinearModel:
    """A multinomial logistic regression over TF-IDF of words and pairs of words with an item's fields, or over pixels.

    `labels` are all that the question had; those never seen in training (`seen` false) are never proposed.
    `coef` (n_seen, n_features) and `intercept` (n_seen,) give logits that are divided by `temperature`. `vocabulary`
    and `idf` are empty for images, `side` is 0 for texts, `columns` are those of the fields.
    `guide` is what was suggested for training items while they were
    held out; its rows are those of the contents that `fit` was given. `scaling` is the calibration that lost least there.
    """

    kind: Kind
    labels: tuple[str, ...]
    seen: NDArray[np.bool_]
    temperature: float
    coef: NDArray[np.float32]
    intercept: NDArray[np.float32]
    vocabulary: NDArray[np.str_]
    idf: NDArray[np.float32]
    side: int
    n_train: int
    guide: Guide = field(default_factory=guides.none)
    scaling: Scaling = field(default_factory=Scaling)
    columns: Columns = field(default_factory=learned_columns.none)
    reads_text: bool = True
    n_vectors: int = 0
    vectors_of: str = ""

    def __post_init__(self) -> None:
        n_features = len(self.vocabulary) + self.columns.width + self.n_vectors + self.side * self.side
        n_seen = int(np.count_nonzero(self.seen))
        right = {"seen": (len(self.labels),), "coef": (n_seen, n_features), "intercept": (n_seen,)}
        right["idf"] = (len(self.vocabulary),)
        for name, shape in right.items():
            if getattr(self, name).shape != shape:
                raise BadValue(f"A model's {name} has the shape {shape}; got {getattr(self, name).shape}.")
        if not (math.isfinite(self.temperature) and self.temperature > 0):
            raise BadValue(f"A model's temperature is above 0; got {self.temperature}.")

    @property
    def uses(self) -> frozenset[Feature]:
        """What it looks at besides the text."""
        looks: dict[Feature, bool] = {"fields": self.kind == "fields", "embeddings": self.n_vectors > 0}
        return frozenset(one for one, does in looks.items() if does)

    def propose(self, contents: Contents) -> NDArray[np.float32]:
        """Return calibrated probabilities; see the function of the same name."""
        return propose(self, contents)

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the model as named arrays, none of them of objects."""
        return {
            "kind": np.asarray([self.kind]),
            "labels": np.asarray(self.labels, dtype=np.str_),
            "seen": self.seen,
            "temperature": np.asarray([self.temperature], dtype=np.float64),
            "coef": self.coef,
            "intercept": self.intercept,
            "vocabulary": self.vocabulary,
            "idf": self.idf,
            "sizes": np.asarray([self.side, self.n_train, self.reads_text, self.n_vectors], dtype=np.int64),
            "vectors_of": np.asarray([self.vectors_of], dtype=np.str_),
            **self.guide.to_arrays(),
            **self.scaling.to_arrays(),
            **self.columns.to_arrays(),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> LinearModel:
        """Return the model that `to_arrays` wrote.

        Raises
        ------
        BadValue
            If an array is missing or of the wrong shape or type.
        """
        for name, (kinds, n_axes) in ARRAYS.items():
            array = arrays.get(name)
            if (
                array is None
                or array.dtype.kind not in kinds
                or array.ndim != n_axes
                or not (array.size or name in MAY_BE_EMPTY)
            ):
                raise BadValue(f"A model has an array {name!r} with {n_axes} dimensions of type {kinds}.")
        kind = str(arrays["kind"][0])
        if kind not in KINDS:
            raise BadValue(f"A model is of kind text, fields or image; got {kind!r}.")
        side, n_train, *more = np.asarray(arrays["sizes"], dtype=np.int64).tolist()
        return cls(
            kind=cast("Kind", kind),
            labels=tuple(str(label) for label in arrays["labels"]),
            seen=np.asarray(arrays["seen"], dtype=np.bool_),
            temperature=float(np.asarray(arrays["temperature"], dtype=np.float64)[0]),
            coef=np.asarray(arrays["coef"], dtype=np.float32),
            intercept=np.asarray(arrays["intercept"], dtype=np.float32),
            vocabulary=np.asarray(arrays["vocabulary"], dtype=np.str_),
            idf=np.asarray(arrays["idf"], dtype=np.float32),
            side=side,
            n_train=n_train,
            guide=guides.from_arrays(arrays),
            scaling=scalings.from_arrays(arrays),
            columns=learned_columns.from_arrays(arrays),
            reads_text=bool(more[0]) if more else True,
            n_vectors=more[1] if len(more) > 1 else 0,
            vectors_of=str(arrays["vectors_of"].ravel()[0]) if "vectors_of" in arrays else "",
        )


ARRAYS: Mapping[str, tuple[str, int]] = {
    "kind": ("U", 1),
    "labels": ("U", 1),
    "seen": ("b", 1),
    "temperature": ("f", 1),
    "coef": ("f", 2),
    "intercept": ("f", 1),
    "vocabulary": ("U", 1),
    "idf": ("f", 1),
    "sizes": ("i", 1),
}
MAY_BE_EMPTY = frozenset({"vocabulary", "idf", "coef"})


def propose(model: LinearModel, contents: Contents) -> NDArray[np.float32]:
    """Return calibrated probabilities (n_items, n_labels); each row sums to 1.

    Without the vectors that it was trained on a model knows nothing, and all labels that it saw are as likely.
    """
    proba = np.zeros((len(contents), len(model.labels)), dtype=np.float32)
    seen = np.flatnonzero(model.seen)
    if model.n_vectors and not (isinstance(contents, Described) and contents.vectors_of == model.vectors_of):
        proba[:, seen] = 1 / len(seen)
        return proba
    for start in range(0, len(contents), AT_ONCE):
        some = np.arange(start, min(start + AT_ONCE, len(contents)))
        found = logits_of(model, taken(contents, some))
        proba[start : start + len(some), seen] = model.scaling(softmax(found / model.temperature, axis=1))
    return proba


def aligned(proba: NDArray[np.floating], have: tuple[str, ...], want: tuple[str, ...]) -> NDArray[np.float32]:
    """Return the columns of `proba` (labels `have`) in the order of `want`; a label that is not in `have` gets 0.

    Rows are scaled to sum to 1 again where labels fell away; a row that kept nothing becomes uniform.
    """
    place = {label: index for index, label in enumerate(have)}
    found = np.zeros((len(proba), len(want)), dtype=np.float32)
    for column, label in enumerate(want):
        if label in place:
            found[:, column] = proba[:, place[label]]
    if all(label in set(want) for label in have):
        return found
    total = found.sum(axis=1, keepdims=True)
    uniform = np.full_like(found, 1 / max(len(want), 1))
    return np.asarray(np.divide(found, total, out=uniform, where=total > 0))


def texts_of(contents: Sequence[str], columns: Columns, *, reads_text: bool) -> Sequence[str]:
    """Return what is read word by word: texts, and fields that are read as text."""
    if not isinstance(contents, Described):
        return contents
    texts = contents.texts if reads_text else ("",) * len(contents)
    if contents.fields is None or not columns.reads_words:
        return texts
    return [f"{text} {more}" for text, more in zip(texts, columns.prose(contents.fields), strict=True)]


def rows(model: LinearModel, contents: Contents) -> Table:
    """Return the numbers (n_items, n_features) that the model sees of each item."""
    if isinstance(contents, np.ndarray) != (model.kind == "image"):
        raise BadValue(f"This model proposes labels for items of kind {model.kind}.")
    if isinstance(contents, np.ndarray):
        if contents.shape[1] != model.side * model.side:
            raise BadValue(f"This model looks at {model.side} x {model.side} pixels; got {contents.shape[1]} in all.")
        return contents
    parts: list[Table] = []
    if len(model.vocabulary):
        texts = texts_of(contents, model.columns, reads_text=model.reads_text)
        parts.append(words.rows(texts, model.vocabulary, model.idf))
    parts.extend(_beside(model, contents))
    if not parts:
        return np.zeros((len(contents), 0), np.float32)
    if len(parts) == 1:
        return parts[0]
    return sparse.hstack(parts, "csr") if len(model.vocabulary) else np.hstack([_dense(one) for one in parts])


def _beside(model: LinearModel, contents: Sequence[str]) -> Iterator[Table]:
    """Yield what the model sees of items besides words."""
    fields = contents.fields if isinstance(contents, Described) else None
    vectors = contents.vectors if isinstance(contents, Described) else None
    if model.kind == "fields":
        if fields is None:
            raise BadValue("This model looks at the fields of items, and these come without.")
        yield model.columns.rows(fields)
    if model.n_vectors:
        if vectors is None or vectors.shape[1] != model.n_vectors:
            raise BadValue(f"This model looks at vectors of {model.n_vectors} numbers, and these items come without.")
        yield vectors


def _dense(table: Table) -> Table:
    return table.toarray() if sparse.issparse(table) else table


def logits_of(model: LinearModel, contents: Contents) -> NDArray[np.float64]:
    """Return the logits (n_items, n_seen) of the labels that were seen, before any calibration."""
    return np.asarray(rows(model, contents) @ model.coef.T + model.intercept, dtype=np.float64)
