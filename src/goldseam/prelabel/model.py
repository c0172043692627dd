"""Model: a linear suggester for texts and small images, kept as plain arrays.

In: contents, soft labels, weights, `rng`. Out: a `LinearModel` and its calibrated probabilities. Never: a pickle, or a
temperature fitted on what the model was trained on.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it brings no types

from goldseam.prelabel import guide as guides
from goldseam.prelabel import scaling as scalings
from goldseam.prelabel import words
from goldseam.prelabel.contents import Contents, Kind
from goldseam.prelabel.guide import Guide
from goldseam.prelabel.scaling import Scaling
from goldseam.vocab.errors import BadValue, NotReady

STRENGTH = {"text": 30.0, "image": 3.0}
"""Inverse regularization (scikit-learn's C) per kind; rows of text have length 1 and want less of it."""

FOLDS = 5
FEW = 1_000
"""With fewer items than this each is held out once, in folds: a single share would be too small to calibrate on."""

AT_ONCE = 20_000
"""Items whose rows are made at a time, which bounds memory."""

Table = Any
"""Rows of features: a sparse array for texts, a dense one for images; typed by neither library."""


@dataclass(frozen=True, slots=True, eq=False)
class LinearModel:
    """A multinomial logistic regression over TF-IDF of words and pairs of words, or over pixels.

    `labels` are all that the question had; those never seen in training (`seen` false) are never proposed.
    `coef` (n_seen, n_features) and `intercept` (n_seen,) give logits that are divided by `temperature`. `vocabulary`
    and `idf` are empty for images, `side` is 0 for texts. `guide` is what was suggested for training items while they were
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

    def __post_init__(self) -> None:
        n_features = len(self.vocabulary) if self.kind == "text" else self.side * self.side
        n_seen = int(np.count_nonzero(self.seen))
        right = {"seen": (len(self.labels),), "coef": (n_seen, n_features), "intercept": (n_seen,)}
        right["idf"] = (len(self.vocabulary),)
        for name, shape in right.items():
            if getattr(self, name).shape != shape:
                raise BadValue(f"A model's {name} has the shape {shape}; got {getattr(self, name).shape}.")
        if not (math.isfinite(self.temperature) and self.temperature > 0):
            raise BadValue(f"A model's temperature is above 0; got {self.temperature}.")

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
            "sizes": np.asarray([self.side, self.n_train], dtype=np.int64),
            **self.guide.to_arrays(),
            **self.scaling.to_arrays(),
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
        if kind not in STRENGTH:
            raise BadValue(f"A model is of kind text or image; got {kind!r}.")
        side, n_train = (int(size) for size in np.asarray(arrays["sizes"], dtype=np.int64)[:2])
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


def fit(
    contents: Contents,
    soft_labels: NDArray[np.floating],
    weights: NDArray[np.floating],
    labels: tuple[str, ...],
    rng: np.random.Generator,
    *,
    calibration_share: float = 0.2,
) -> LinearModel:
    """Train on soft labels, and calibrate on labels held out at random.

    An item with probabilities p over the labels and weight w counts as one copy per label, of weight w * p. Of up to
    1,000 items each is held out once, in five folds; above that one share of `calibration_share` is.

    Raises
    ------
    NotReady
        If fewer than two labels occur; one needs more settled labels first.
    """
    soft = _checked(contents, soft_labels, weights, labels)
    used = np.flatnonzero(np.asarray(weights) > 0)
    mass = soft[used] * np.asarray(weights, dtype=np.float64)[used, None]
    seen = np.bincount(soft[used].argmax(axis=1), minlength=len(labels)) > 0
    if np.count_nonzero(seen) < 2:
        names = [name for name, one in zip(labels, seen, strict=True) if one]
        so_far = f"only {names[0]!r}" if names else "no label"
        raise NotReady(
            f"A model learns to tell labels apart, and so far {so_far} is settled: "
            "settle items of at least two labels first."
        )
    mass = mass[:, seen]
    mass[mass < 1e-3 * mass.sum(axis=1, keepdims=True)] = 0
    shown = _taken(contents, used)
    held = _held_out_logits(shown, mass, rng, calibration_share)
    temperature = 1.0 if held is None else scalings.no_surer_than_shown(held.logits, held.right)
    model = _trained(shown, mass, labels, seen, temperature)
    if held is None:
        return model
    scaling = scalings.choose(held.logits, held.right, temperature, rng)
    proba = scaling(softmax(held.logits / temperature, axis=1))
    return replace(model, guide=_guide(held, proba, used, np.flatnonzero(seen)), scaling=scaling)


def propose(model: LinearModel, contents: Contents) -> NDArray[np.float32]:
    """Return calibrated probabilities (n_items, n_labels); each row sums to 1."""
    proba = np.zeros((len(contents), len(model.labels)), dtype=np.float32)
    seen = np.flatnonzero(model.seen)
    for start in range(0, len(contents), AT_ONCE):
        stop = min(start + AT_ONCE, len(contents))
        proba[start:stop, seen] = model.scaling(
            softmax(_logits(model, contents, start, stop) / model.temperature, axis=1)
        )
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


# ---- training ------------------------------------------------------------------------------------------------------
def _checked(
    contents: Contents, soft_labels: NDArray[np.floating], weights: NDArray[np.floating], labels: tuple[str, ...]
) -> NDArray[np.float64]:
    soft = np.asarray(soft_labels, dtype=np.float64)
    if soft.shape != (len(contents), len(labels)) or len(weights) != len(contents):
        raise BadValue(
            f"Training takes soft labels of the shape ({len(contents)}, {len(labels)}) and as many weights as items; "
            f"got {soft.shape} and {len(weights)}."
        )
    return soft


def _taken(contents: Contents, index: NDArray[np.intp]) -> Contents:
    return contents[index] if isinstance(contents, np.ndarray) else [contents[at] for at in index]


def _trained(
    contents: Contents,
    mass: NDArray[np.float64],
    labels: tuple[str, ...],
    seen: NDArray[np.bool_],
    temperature: float,
) -> LinearModel:
    """Return the model of these contents; the columns of `mass` (n, n_seen) are weight times probability."""
    kind: Kind = "text"
    vocabulary, idf = np.zeros(0, dtype="<U1"), np.zeros(0, dtype=np.float32)
    side = 0
    if isinstance(contents, np.ndarray):
        kind, side = "image", math.isqrt(contents.shape[1])
        if side < 1 or side * side != contents.shape[1]:
            raise BadValue(f"Images come as rows of side x side pixels; got {contents.shape[1]} pixels.")
        table: Table = contents
    else:
        vocabulary, idf = words.learn(contents)
        table = words.rows(contents, vocabulary, idf)
    coef, intercept = _regress(table, mass, STRENGTH[kind])
    return LinearModel(kind, labels, seen, temperature, coef, intercept, vocabulary, idf, side, len(contents))


def _rows(model: LinearModel, contents: Contents, start: int, stop: int) -> Table:
    if isinstance(contents, np.ndarray) != (model.kind == "image"):
        raise BadValue(f"This model proposes labels for items of kind {model.kind}.")
    if isinstance(contents, np.ndarray):
        if contents.shape[1] != model.side * model.side:
            raise BadValue(f"This model looks at {model.side} x {model.side} pixels; got {contents.shape[1]} in all.")
        return contents[start:stop]
    return words.rows(contents[start:stop], model.vocabulary, model.idf)


def _logits(model: LinearModel, contents: Contents, start: int, stop: int) -> NDArray[np.float64]:
    return np.asarray(_rows(model, contents, start, stop) @ model.coef.T + model.intercept, dtype=np.float64)


def _regress(
    table: Table, mass: NDArray[np.float64], strength: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Fit by rows repeated per label; `mass` (n, k) is weight times probability. Two labels give two rows as well."""
    row, label = np.nonzero(mass)
    regression = LogisticRegression(C=strength, max_iter=1000)
    # The matrices are small: threads that wait for each other took ten times the processor time on a busy machine.
    with threadpool_limits(limits=1, user_api="blas"):
        regression.fit(table[row], label, sample_weight=mass[row, label])
    coef, intercept = regression.coef_, regression.intercept_
    if len(coef) == 1:  # two labels: scikit-learn keeps only the logit of the second
        coef, intercept = np.vstack([np.zeros_like(coef), coef]), np.concatenate([[0.0], intercept])
    return coef.astype(np.float32), intercept.astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    """Held-out rows of the contents, the logits of a model that did not see them, and the label that each has."""

    row: NDArray[np.intp]
    logits: NDArray[np.float64]
    right: NDArray[np.intp]


def _held_out_logits(
    contents: Contents, mass: NDArray[np.float64], rng: np.random.Generator, share: float
) -> _Held | None:
    """Return what models say of labels that they have not seen; None where nothing could be held out.

    The vocabulary too is learned without them: new texts have unknown words, and rows scaled to length 1 then lean more
    on the known ones.
    """
    label = mass.argmax(axis=1)
    rows: list[NDArray[np.intp]] = []
    logits: list[NDArray[np.float64]] = []
    for held_out in _held_out(len(label), share, rng):
        training = np.setdiff1d(np.arange(len(label)), held_out)
        seen = mass[training].sum(axis=0) > 0
        tested = held_out[seen[label[held_out]]]
        if np.count_nonzero(seen) < 2 or not len(tested):
            continue
        names = tuple(str(column) for column in range(mass.shape[1]))
        model = _trained(_taken(contents, training), mass[training][:, seen], names, seen, 1.0)
        found = np.full((len(tested), mass.shape[1]), -np.inf)
        found[:, seen] = _logits(model, _taken(contents, tested), 0, len(tested))
        logits.append(np.maximum(found, found.max(axis=1, keepdims=True) - 50))
        rows.append(tested)
    if not rows:
        return None
    row = np.concatenate(rows)
    return _Held(row, np.concatenate(logits), label[row])


def _guide(held: _Held, proba: NDArray[np.float64], used: NDArray[np.intp], seen: NDArray[np.intp]) -> Guide:
    said = proba.argmax(axis=1)
    return Guide(used[held.row].astype(np.int64), proba.max(axis=1), seen[said].astype(np.int64), said == held.right)


def _held_out(n: int, share: float, rng: np.random.Generator) -> Iterator[NDArray[np.intp]]:
    order = rng.permutation(n)
    if n >= FEW:
        yield order[: max(1, round(n * share))]
    else:
        yield from (fold for fold in np.array_split(order, FOLDS) if len(fold))
