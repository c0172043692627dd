"""Votes for comparing statistics of agreement with other implementations: drawn from seeds, and of real crowds.

In: a seed, a set's name. Out: a matrix of items by annotators (-1: no vote), and `Votes`. Never: votes that one side sees and the other does not.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from goldseam.stats.votes import Votes

SHAPES = {
    "two annotators": (40, 2, 3, 0.0),
    "a few missing": (60, 5, 4, 0.2),
    "mostly missing": (80, 9, 3, 0.7),
    "two labels": (50, 4, 2, 0.1),
    "many labels": (70, 4, 9, 0.3),
}
"""Items, annotators, labels, share of votes missing."""


@cache
def drawn(name: str) -> np.ndarray:
    """Return a matrix of votes that agree more than by chance; every label is used, and every item has a vote."""
    n_items, n_annotators, n_labels, missing = SHAPES[name]
    rng = np.random.default_rng(sum(map(ord, name)))
    truth = rng.integers(n_labels, size=(n_items, 1))
    near = np.clip(truth + rng.integers(-1, 2, size=(n_items, n_annotators)), 0, n_labels - 1)
    said = np.where(rng.random((n_items, n_annotators)) < 0.5, truth, near)
    said[rng.random(said.shape) < missing] = -1
    empty = (said < 0).all(axis=1)
    said[empty, 0] = truth[empty, 0]
    said[:n_labels, 0] = np.arange(n_labels)
    return said


def votes_of(matrix: np.ndarray, labels: list[int] | None = None) -> Votes:
    """Return the votes of a matrix."""
    return Votes.from_matrix(matrix, labels=labels)


def matrix_of(votes: Votes) -> np.ndarray:
    """Return the label indices as a matrix of items by annotators, -1 where there is no vote."""
    table = np.full((votes.n_items, votes.n_annotators), -1)
    table[votes.item, votes.annotator] = votes.label
    return table


@cache
def real(folder: Path) -> Votes:
    """Return the votes of a real crowd, or skip the test where it is not here."""
    path = folder / "annotations.csv"
    if not path.exists():
        pytest.skip(f"real data is not here: {path.name} of {folder.name}")
    with path.open(newline="") as file:
        rows = list(csv.reader(file))[1:]
    return Votes.from_arrays(*zip(*rows, strict=True))
