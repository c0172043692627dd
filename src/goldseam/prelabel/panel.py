"""Panel: what several models that were asked say together, with a confidence that gold has calibrated.

In: each model's probabilities by item, gold. Out: a `Panel`. Never: a calibration judged on gold that it was fitted on, or a
suggestion where every model abstained.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from goldseam.prelabel import scaling as scalings
from goldseam.prelabel.guide import Guide
from goldseam.prelabel.model import LinearModel
from goldseam.prelabel.scaling import Scaling
from goldseam.stats.truth import infer
from goldseam.stats.votes import Votes

FOLDS = 5
FEWEST = 5
"""With fewer gold items than this nothing is calibrated: the confidence is the models' own."""
TINY = 1e-6
Proba = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """What the models say together: `proba` (n, labels), uniform where `answered` is false.

    `guide` says how gold was suggested while it was held out from the calibration; its rows are those of `proba`.
    """

    proba: NDArray[np.float32]
    answered: NDArray[np.bool_]
    temperature: float
    scaling: Scaling
    guide: Guide

    @property
    def accuracy(self) -> float | None:
        """The share of gold for which the suggestion is right; None without gold."""
        return float(self.guide.right.mean()) if len(self.guide.right) else None


def combine(
    by_model: Sequence[NDArray[np.floating]], gold: Mapping[int, int], labels: Sequence[str], rng: np.random.Generator
) -> Panel:
    """Return what models say together.

    Each model's array is (n, labels), with rows of 0 where it abstained or was not asked. One model's probabilities are
    calibrated as they are. Of several, each is an annotator with a vote an item, and how far each is believed is learned from
    their votes and from gold; gold items are judged by a fit that did not know their labels.

    Parameters
    ----------
    gold
        Label codes by row.
    """
    said = np.stack([np.asarray(one, np.float64) for one in by_model])
    answered = np.asarray((said.sum(axis=2) > 0).any(axis=0))
    known = np.array(sorted(row for row in gold if answered[row]), np.int64)
    right = np.array([gold[row] for row in known.tolist()], np.int64)
    logits = _logits(said, answered, dict(zip(known.tolist(), right.tolist(), strict=True)), labels, rng)
    temperature, scaling = 1.0, Scaling()
    if len(known) >= FEWEST:
        temperature = scalings.no_surer_than_shown(logits[known], right)
        scaling = scalings.choose(logits[known], right, temperature, rng)
    proba = np.full(logits.shape, 1 / len(labels))
    proba[answered] = scaling(softmax(logits[answered] / temperature, axis=1))
    label = proba[known].argmax(axis=1)
    guide = Guide(known, proba[known].max(axis=1), label.astype(np.int64), label == right)
    return Panel(proba.astype(np.float32), answered, temperature, scaling, guide)


def _logits(
    said: Proba, answered: NDArray[np.bool_], gold: Mapping[int, int], labels: Sequence[str], rng: np.random.Generator
) -> Proba:
    if len(said) == 1:
        return np.asarray(np.log(np.maximum(said[0], TINY)))
    found = np.zeros(said.shape[1:])
    rows = np.flatnonzero(answered)
    known = rng.permutation(np.array(sorted(gold), np.int64))
    folds = np.array_split(known, FOLDS) if len(known) >= FEWEST else [known]
    found[rows] = _believed(said, rows, gold, labels)
    for fold in folds:
        if len(fold):
            rest = {row: code for row, code in gold.items() if row not in set(fold.tolist())}
            found[fold] = _believed(said, rows, rest, labels)[np.searchsorted(rows, fold)]
    return np.asarray(np.log(np.maximum(found, TINY)))


def _believed(said: Proba, rows: NDArray[np.int64], gold: Mapping[int, int], labels: Sequence[str]) -> Proba:
    """Return the posterior of these items, given each model's likeliest label as its vote."""
    annotator, item = np.nonzero(said[:, rows].sum(axis=2) > 0)
    votes = Votes(
        items=rows,
        annotators=np.arange(len(said)),
        labels=tuple(labels),
        item=item.astype(np.int32),
        annotator=annotator.astype(np.int32),
        label=said[:, rows].argmax(axis=2)[annotator, item].astype(np.int32),
    )
    truth = infer(votes, gold={row: labels[code] for row, code in gold.items()})
    return np.asarray(truth.posterior, np.float64)


def stand_in(panel: Panel, labels: tuple[str, ...], kind: str, side: int) -> LinearModel:
    """Return a model that suggests nothing, with the panel's guide: what is kept as the panel's model.

    All labels are equally likely by it, as the models themselves are not here; what they said of each item is kept beside.
    """
    n = len(labels)
    image = kind == "image"
    return LinearModel(
        kind="image" if image else "text",
        labels=labels,
        seen=np.ones(n, np.bool_),
        temperature=1.0,
        coef=np.zeros((n, side * side if image else 0), np.float32),
        intercept=np.zeros(n, np.float32),
        vocabulary=np.zeros(0, "<U1"),
        idf=np.zeros(0, np.float32),
        side=side if image else 0,
        n_train=len(panel.guide.row),
        guide=panel.guide,
        scaling=Scaling(),
    )
