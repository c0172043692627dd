"""Policy of the route stage.

In: the project file's `route`. Out: `Policy`. Never: a threshold that contradicts another.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from goldseam.route.lines import check_priority, wanted_skill
from goldseam.vocab.errors import BadPolicy, BadValue

MOST_AUDITED = 100_000


@dataclass(frozen=True, slots=True)
class Policy:
    """Thresholds of confidence per tier, and the redundancy of the tiers that want several answers.

    A threshold of `None` switches its tier off. `spot_check` of the automatically accepted items go to a person all the
    same. `skills` are wanted of whoever answers, `expert_skills` also of whoever answers items of the expert tier.
    `priority` (-9 to 9) is how far ahead of others the project's items of the coming rounds are.

    With `error` the automatic tier opens only by a certificate: at most that share of what is accepted is wrong, with chance
    1 - `delta`, shown by up to `audit` items of the pool that people answer, `audit_answers` people each. `certify_by` asks
    for a certificate of each label or segment on its own; all of them hold together.
    """

    auto_at: float | None = None
    single_at: float | None = None
    expert_below: float | None = None
    redundancy: int = 3
    spot_check: float = 0.05
    skills: tuple[str, ...] = ()
    expert_skills: tuple[str, ...] = ()
    priority: int = 0
    error: float | None = None
    delta: float = 0.05
    audit: int = 500
    audit_answers: int = 1
    certify_by: Literal["all", "label", "segment"] = "all"

    def __post_init__(self) -> None:
        self._check_certified()
        named = [("expert_below", self.expert_below), ("single_at", self.single_at), ("auto_at", self.auto_at)]
        given = [(name, value) for name, value in named if value is not None]
        for name, value in given:
            if not 0 <= value <= 1:
                raise BadPolicy(f"route.{name} is a confidence between 0 and 1; got {value}.")
        for (low, below), (high, above) in pairwise(given):
            if below > above:
                raise BadPolicy(f"route.{low} may not lie above route.{high}; got {below} and {above}.")
        if not 1 <= self.redundancy <= 100:
            raise BadPolicy(f"route.redundancy lies between 1 and 100; got {self.redundancy}.")
        if not 0 <= self.spot_check <= 1:
            raise BadPolicy(f"route.spot_check lies between 0 and 1; got {self.spot_check}.")
        for one in (*self.skills, *self.expert_skills):
            wanted_skill(one)
        try:
            check_priority(self.priority)
        except BadValue as error:
            raise BadPolicy(f"route.priority: {error.message}") from None

    def _check_certified(self) -> None:
        for name, value in (("error", self.error), ("delta", self.delta)):
            if value is not None and not 0 < value < 1:
                raise BadPolicy(f"route.{name} is a share between 0 and 1, such as 0.05; got {value}.")
        if not 1 <= self.audit <= MOST_AUDITED:
            raise BadPolicy(f"route.audit is a number of items from 1 to {MOST_AUDITED:,}; got {self.audit}.")
        if not 1 <= self.audit_answers <= 100:
            raise BadPolicy(f"route.audit_answers lies between 1 and 100; got {self.audit_answers}.")
