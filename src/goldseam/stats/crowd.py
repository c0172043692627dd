"""A synthetic crowd that knows the truth.

In: annotators with stated confusion matrices, true labels, `rng`. Out: answers drawn from the matrices. Never: a real
person's answer; whoever shows figures from here says that they are synthetic.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goldseam.stats.votes import BadVotes, Votes


@dataclass(frozen=True, slots=True, eq=False)
class Crowd:
    """Annotators by name, each with a confusion matrix: row = true label, column = label said, rows sum to 1."""

    labels: tuple[str, ...]
    confusion: Mapping[str, NDArray[np.float64]]

    def __post_init__(self) -> None:
        k = len(self.labels)
        for name, matrix in self.confusion.items():
            if matrix.shape != (k, k) or (matrix < 0).any() or not np.allclose(matrix.sum(axis=1), 1):
                raise BadVotes(f"The confusion of {name!r} is {k} x {k}, with rows of probabilities that sum to 1.")

    @property
    def names(self) -> tuple[str, ...]:
        """The annotators' names, in the order in which they were given."""
        return tuple(self.confusion)

    def answer(self, annotator: str, truth: str, rng: np.random.Generator) -> str:
        """Return the label that this annotator says of an item whose true label is `truth`."""
        chances = self.confusion[annotator][self.labels.index(truth)]
        return self.labels[int(rng.choice(len(self.labels), p=chances))]

    def votes(self, truth: NDArray[np.integer], redundancy: int, rng: np.random.Generator) -> Votes:
        """Return `redundancy` votes an item, by different annotators drawn at random; items are positions.

        `truth` holds indices of `labels`.
        """
        n, names = len(truth), self.names
        if not 0 <= redundancy <= len(names):
            raise BadVotes(f"{len(names)} annotators give at most as many votes an item; {redundancy} were asked for.")
        annotator = rng.random((n, len(names))).argsort(axis=1)[:, :redundancy].reshape(-1)
        item = np.repeat(np.arange(n), redundancy)
        matrices = np.stack([self.confusion[name] for name in names])
        upto = matrices[annotator, np.asarray(truth)[item]].cumsum(axis=1)
        said = (rng.random(len(item))[:, None] > upto).sum(axis=1)
        return Votes(
            items=np.arange(n),
            annotators=np.array(names, dtype=object),
            labels=self.labels,
            item=item.astype(np.int32),
            annotator=annotator.astype(np.int32),
            label=np.minimum(said, len(self.labels) - 1).astype(np.int32),
        )


def one_coin(labels: Sequence[str], accuracy: Mapping[str, float]) -> Crowd:
    """Return a crowd whose annotators say the true label with the accuracy stated, and else any other alike."""
    k = len(labels)
    if k < 2:
        raise BadVotes("A crowd needs at least two labels to be wrong about.")
    matrices = {
        name: np.where(np.eye(k, dtype=np.bool_), right, (1 - right) / (k - 1)) for name, right in accuracy.items()
    }
    return Crowd(tuple(labels), matrices)


def confused(
    labels: Sequence[str], accuracy: Mapping[str, float], pairs: Mapping[str, str], share: float = 0.5
) -> Crowd:
    """Return a crowd whose errors fall, at `share`, on the label that each label is confused with in `pairs`."""
    plain = one_coin(labels, accuracy)
    place = {label: index for index, label in enumerate(labels)}
    matrices = {}
    for name, matrix in plain.confusion.items():
        bent = matrix.copy()
        for label, other in pairs.items():
            row, column = place[label], place[other]
            wrong = 1 - bent[row, row]
            bent[row] = np.where(np.arange(len(labels)) == row, bent[row, row], bent[row] * (1 - share))
            bent[row, column] += wrong * share
        matrices[name] = bent
    return Crowd(tuple(labels), matrices)
