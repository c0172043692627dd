"""Embedded: a model that was trained here, behind the protocol that every suggester meets.

In: a `LinearModel`. Out: `Proposals`. Never: a network, or a cost.
"""

from __future__ import annotations

from dataclasses import dataclass

from goldseam.prelabel.contents import Contents
from goldseam.prelabel.model import LinearModel
from goldseam.prelabel.suggester import Proposals, Usage


@dataclass(frozen=True, slots=True, eq=False)
class Embedded:
    """A model trained here, as a suggester: free, in this process, thousands at a time."""

    version: str
    model: LinearModel
    name: str = "embedded"
    batch: int = 20_000
    at_once: int = 1

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that the model was trained for."""
        return self.model.labels

    def most(self, contents: Contents) -> Usage:
        """Return nothing: it costs neither tokens nor money."""
        del contents
        return Usage()

    def propose(self, contents: Contents) -> Proposals:
        """Return the model's calibrated probabilities."""
        return Proposals(self.model.propose(contents))
