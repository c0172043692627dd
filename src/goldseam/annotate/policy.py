"""Policy of the annotate stage.

In: the project file's `annotate`. Out: `Policy`. Never: an annotator's name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta, tzinfo

from goldseam.annotate.reasons import USUAL, Reason, check_list
from goldseam.annotate.rest import PerDay, Rest, zone
from goldseam.vocab.errors import BadPolicy


@dataclass(frozen=True, slots=True)
class Adaptive:
    """When an item has answers enough: by how sure its posterior is, or by what a wrong label costs.

    `stop_at` is the posterior at which it wants no more. `error_cost` says how many answers a wrong label costs as much as:
    then another one is asked for only while it is expected to save more than its price. It starts with `min_votes` answers;
    `max_votes` bounds them, else `route.redundancy` does.
    """

    stop_at: float | None = None
    error_cost: float | None = None
    min_votes: int = 2
    max_votes: int | None = None

    def __post_init__(self) -> None:
        if (self.stop_at is None) == (self.error_cost is None):
            raise BadPolicy("annotate.adaptive has either stop_at or error_cost.")
        if self.stop_at is not None and not 0.5 < self.stop_at <= 1:
            raise BadPolicy(f"annotate.adaptive.stop_at is a posterior above 0.5 and up to 1; got {self.stop_at}.")
        if self.error_cost is not None and not 1 < self.error_cost <= 1_000_000:
            raise BadPolicy(
                "annotate.adaptive.error_cost is how many answers a wrong label costs, above 1 and up to 1,000,000; "
                f"got {self.error_cost}."
            )
        if self.min_votes < 1:
            raise BadPolicy(f"annotate.adaptive.min_votes is at least 1; got {self.min_votes}.")
        if self.max_votes is not None and not self.min_votes <= self.max_votes <= 100:
            raise BadPolicy(
                f"annotate.adaptive.max_votes lies between min_votes, {self.min_votes}, and 100; got {self.max_votes}."
            )


@dataclass(frozen=True, slots=True)
class Policy:
    """How long an assignment is held, how many are handed out ahead, how much hidden gold, and when answers suffice.

    `stop_at` is the posterior at which an item wants no further answer, once it has `min_votes`; `None` asks for the
    full redundancy; `adaptive` asks for answers one by one instead. `accuracy` is what an annotator is credited with before
    anything is known about them. `show` names the metadata fields that stand beside an item: none unless named, since a
    column may give the label away. `reasons` are what people choose from when they pass on an item, flag it, or are unsure.
    `per_day` and `rest` are bounded in the days of `time_zone`. `extensions` is how often somebody at work may ask to hold an
    assignment for another lease.
    """

    lease_minutes: float = 10.0
    prefetch: int = 5
    gold_rate: float = 0.05
    stop_at: float | None = None
    min_votes: int = 2
    accuracy: float = 0.8
    show: tuple[str, ...] = ()
    adaptive: Adaptive | None = None
    reasons: tuple[Reason, ...] = USUAL
    per_day: PerDay | None = None
    rest: Rest | None = None
    time_zone: str = "UTC"
    extensions: int = 6

    def __post_init__(self) -> None:
        if not 0 < self.lease_minutes <= 10_080:
            raise BadPolicy(f"annotate.lease_minutes lies above 0 and up to 10,080 (a week); got {self.lease_minutes}.")
        if not 0 <= self.extensions <= 1_000:
            raise BadPolicy(f"annotate.extensions lies between 0 and 1,000; got {self.extensions}.")
        if not 1 <= self.prefetch <= 100:
            raise BadPolicy(f"annotate.prefetch lies between 1 and 100; got {self.prefetch}.")
        if not 0 <= self.gold_rate <= 1:
            raise BadPolicy(f"annotate.gold_rate lies between 0 and 1; got {self.gold_rate}.")
        if self.stop_at is not None and not 0.5 < self.stop_at <= 1:
            raise BadPolicy(f"annotate.stop_at is a posterior above 0.5 and up to 1; got {self.stop_at}.")
        if self.stop_at is not None and self.adaptive is not None:
            raise BadPolicy("annotate.stop_at and annotate.adaptive are two ways to say the same: leave stop_at out.")
        if self.min_votes < 1:
            raise BadPolicy(f"annotate.min_votes is at least 1; got {self.min_votes}.")
        if not 0 < self.accuracy < 1:
            raise BadPolicy(f"annotate.accuracy lies between 0 and 1, both excluded; got {self.accuracy}.")
        check_list(self.reasons)
        zone(self.time_zone)

    @property
    def lease(self) -> timedelta:
        """How long an assignment is held."""
        return timedelta(minutes=self.lease_minutes)

    @property
    def zone(self) -> tzinfo:
        """The time zone in which a day begins."""
        return zone(self.time_zone)

    @property
    def stops(self) -> Adaptive | None:
        """When answers suffice, however it was written; `None` for the full redundancy."""
        if self.adaptive is None and self.stop_at is not None:
            return Adaptive(stop_at=self.stop_at, min_votes=self.min_votes)
        return self.adaptive

    def reason(self, name: str) -> Reason | None:
        """Return the reason of this name, if the list has it."""
        return next((one for one in self.reasons if one.name == name), None)
