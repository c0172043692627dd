"""Policy of the annotate stage.

In: the project file's `annotate`. Out: `Policy`. Never: an annotator's name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from goldseam.vocab.errors import BadPolicy


@dataclass(frozen=True, slots=True)
class Policy:
    """How long an assignment is held, how many are handed out ahead, how much hidden gold, and when answers suffice.

    `stop_at` is the posterior at which an item wants no further answer, once it has `min_votes`; `None` asks for the
    full redundancy. `accuracy` is what an annotator is credited with before anything is known about them. `show` names
    the metadata fields that stand beside an item: none unless named, since a column may give the label away.
    """

    lease_minutes: float = 10.0
    prefetch: int = 5
    gold_rate: float = 0.05
    stop_at: float | None = None
    min_votes: int = 2
    accuracy: float = 0.8
    show: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 < self.lease_minutes <= 10_080:
            raise BadPolicy(f"annotate.lease_minutes lies above 0 and up to 10,080 (a week); got {self.lease_minutes}.")
        if not 1 <= self.prefetch <= 100:
            raise BadPolicy(f"annotate.prefetch lies between 1 and 100; got {self.prefetch}.")
        if not 0 <= self.gold_rate <= 1:
            raise BadPolicy(f"annotate.gold_rate lies between 0 and 1; got {self.gold_rate}.")
        if self.stop_at is not None and not 0.5 < self.stop_at <= 1:
            raise BadPolicy(f"annotate.stop_at is a posterior above 0.5 and up to 1; got {self.stop_at}.")
        if self.min_votes < 1:
            raise BadPolicy(f"annotate.min_votes is at least 1; got {self.min_votes}.")
        if not 0 < self.accuracy < 1:
            raise BadPolicy(f"annotate.accuracy lies between 0 and 1, both excluded; got {self.accuracy}.")

    @property
    def lease(self) -> timedelta:
        """How long an assignment is held."""
        return timedelta(minutes=self.lease_minutes)
