"""Learning: a linear model from soft labels, calibrated on labels that it had not seen.

In: contents, soft labels, weights, `rng`. Out: a `LinearModel`. Never: a temperature fitted on what the model was trained on.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax, softmax
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it brings no types

from goldseam.prelabel import columns as learned_columns
from goldseam.prelabel import scaling as scalings
from goldseam.prelabel import words
from goldseam.prelabel.contents import Contents, Described, Kind, taken
from goldseam.prelabel.guide import Guide
from goldseam.prelabel.model import LinearModel, Table, logits_of, rows, texts_of
from goldseam.vocab.errors import BadValue, NotReady

STRENGTH = {"text": 30.0, "fields": 30.0, "image": 3.0}
"""Inverse regularization (scikit-learn's C) per kind; rows of text have length 1 and want less of it."""

WEIGHTS = ((0.05, False), (0.2, False), (0.2, True), (0.6, True))
"""How much fields count, and whether a number's effect may bend: of these, what loses least on labels held out is taken."""

FOLDS = 5
FEW = 1_000
"""With fewer items than this each is held out once, in folds: a single share would be too small to calibrate on."""

Weight = tuple[float, bool]


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
    shown = taken(contents, used)
    held, weight = _held_out_logits(shown, mass, rng, calibration_share)
    temperature = 1.0 if held is None else scalings.no_surer_than_shown(held.logits, held.right)
    model = _trained(shown, mass, labels, seen, temperature, weight)
    if held is None:
        return model
    scaling = scalings.choose(held.logits, held.right, temperature, rng)
    proba = scaling(softmax(held.logits / temperature, axis=1))
    return replace(model, guide=_guide(held, proba, used, np.flatnonzero(seen)), scaling=scaling)


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


def _trained(
    contents: Contents,
    mass: NDArray[np.float64],
    labels: tuple[str, ...],
    seen: NDArray[np.bool_],
    temperature: float,
    weight: Weight,
) -> LinearModel:
    """Return the model of these contents; the columns of `mass` (n, n_seen) are weight times probability."""
    blank = _blank(contents, labels, seen, temperature, weight)
    coef, intercept = _regress(rows(blank, contents), mass, STRENGTH[blank.kind])
    return replace(blank, coef=coef, intercept=intercept)


def _blank(
    contents: Contents, labels: tuple[str, ...], seen: NDArray[np.bool_], temperature: float, weight: Weight
) -> LinearModel:
    """Return a model that knows what to look at, by these contents, and nothing of labels yet."""
    vocabulary, idf = np.zeros(0, dtype="<U1"), np.zeros(0, dtype=np.float32)
    columns, side, n_vectors, vectors_of = learned_columns.none(), 0, 0, ""
    kind: Kind = "text"
    reads_text = True
    if isinstance(contents, np.ndarray):
        kind, side = "image", math.isqrt(contents.shape[1])
        if side < 1 or side * side != contents.shape[1]:
            raise BadValue(f"Images come as rows of side x side pixels; got {contents.shape[1]} pixels.")
    elif isinstance(contents, Described):
        reads_text = contents.reads_text
        if contents.fields is not None:
            kind, columns = "fields", learned_columns.learn(contents.fields).weighed(weight[0], bent=weight[1])
        if contents.vectors is not None:
            n_vectors, vectors_of = contents.vectors.shape[1], contents.vectors_of
    if not isinstance(contents, np.ndarray) and (reads_text or columns.reads_words):
        vocabulary, idf = words.learn(texts_of(contents, columns, reads_text=reads_text))
    n_seen = int(np.count_nonzero(seen))
    n_features = len(vocabulary) + columns.width + n_vectors + side * side
    return LinearModel(
        kind,
        labels,
        seen,
        temperature,
        np.zeros((n_seen, n_features), np.float32),
        np.zeros(n_seen, np.float32),
        vocabulary,
        idf,
        side,
        len(contents),
        columns=columns,
        reads_text=reads_text,
        n_vectors=n_vectors,
        vectors_of=vectors_of,
    )


def _regress(
    table: Table, mass: NDArray[np.float64], strength: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Fit by rows repeated per label; `mass` (n, k) is weight times probability. Two labels give two rows as well."""
    if not table.shape[1]:  # nothing tells items apart: how frequent each label is, is all there is to know
        frequent = np.log(mass.sum(axis=0) / mass.sum())
        return np.zeros((mass.shape[1], 0), np.float32), frequent.astype(np.float32)
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

    @property
    def loss(self) -> float:
        """The mean log loss, before any calibration."""
        return float(-log_softmax(self.logits, axis=1)[np.arange(len(self.right)), self.right].mean())


def _held_out_logits(
    contents: Contents, mass: NDArray[np.float64], rng: np.random.Generator, share: float
) -> tuple[_Held | None, Weight]:
    """Return what models say of labels that they have not seen, None where nothing could be held out; and how fields count.

    The same labels are held out for each way in which fields may count; the one that loses least is taken.
    """
    folds = tuple(_held_out(len(mass), share, rng))
    if not (isinstance(contents, Described) and contents.fields is not None):
        return _held_with(contents, mass, folds, WEIGHTS[0]), WEIGHTS[0]
    tried = [(_held_with(contents, mass, folds, weight), weight) for weight in WEIGHTS]
    return min(tried, key=lambda one: math.inf if one[0] is None else one[0].loss)


def _held_with(
    contents: Contents, mass: NDArray[np.float64], folds: Sequence[NDArray[np.intp]], weight: Weight
) -> _Held | None:
    """Return what models say that did not see these folds.

    The vocabulary too is learned without them: new texts have unknown words, and rows scaled to length 1 then lean more
    on the known ones.
    """
    label = mass.argmax(axis=1)
    rows: list[NDArray[np.intp]] = []
    logits: list[NDArray[np.float64]] = []
    for held_out in folds:
        training = np.setdiff1d(np.arange(len(label)), held_out)
        seen = mass[training].sum(axis=0) > 0
        tested = held_out[seen[label[held_out]]]
        if np.count_nonzero(seen) < 2 or not len(tested):
            continue
        names = tuple(str(column) for column in range(mass.shape[1]))
        model = _trained(taken(contents, training), mass[training][:, seen], names, seen, 1.0, weight)
        found = np.full((len(tested), mass.shape[1]), -np.inf)
        found[:, seen] = logits_of(model, taken(contents, tested))
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
