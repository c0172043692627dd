"""State: the facts about a project from which the next steps follow.

In: counts and versions, as the store has them. Out: `State`. Never: a step; a fact that only one step needs and nobody
sees.
"""

from __future__ import annotations

from dataclasses import dataclass

from goldseam.audit.gate import Gate
from goldseam.vocab.errors import BadValue


@dataclass(frozen=True, slots=True)
class State:
    """Where a project stands in its present round.

    Counts ending in `_here` are of items drawn in this round; the others are of the whole project.

    Attributes
    ----------
    round
        The present round, from 1 on.
    n_unread_sources
        Sources (gold files included) that the project names and that were not yet taken in as they are now.
    n_items
        Items taken in.
    n_pool
        Items that may still be drawn: never drawn, and not gold.
    n_unscored
        Pool items for which the champion has not yet proposed anything; 0 without a champion.
    n_here
        Items drawn in this round.
    n_unrouted_here
        Items drawn in this round that have no tier yet.
    n_wanted_here
        Answers still wanted for this round's items (candidates not yet complete).
    n_given_here
        Answers given to this round's items.
    n_asked
        Answers asked for so far in the whole project, given or still wanted: what the budget pays for.
    n_unsettled_here
        Items of this round that are complete and not settled from the votes as they are now.
    n_settled
        Items with a settled label.
    n_escalated
        Items escalated to a person that lack a ruling.
    n_audits_open
        Audits of suggestions that drew items and have no certificates yet.
    n_to_vote
        Models that vote as annotators and were not yet asked about this round's items.
    champion
        The model that proposes; `None` before the first.
    measured_here
        Whether the quality report covers the settlements as they are now.
    gate
        What the gate said of that report; `None` when not measured.
    released_here
        Whether this round has its release.
    trained_here
        Whether this round has trained and compared its model (or found that it cannot).
    can_train
        Whether a model could be trained: enough settled labels, at least two of them different.
    stopped
        Why no further round is to begin, by the rule of `stop`; empty where it says to go on, or only advises.
    """

    round: int = 1
    n_unread_sources: int = 0
    n_items: int = 0
    n_pool: int = 0
    n_unscored: int = 0
    n_here: int = 0
    n_unrouted_here: int = 0
    n_wanted_here: int = 0
    n_given_here: int = 0
    n_asked: int = 0
    n_unsettled_here: int = 0
    n_settled: int = 0
    n_escalated: int = 0
    n_audits_open: int = 0
    n_to_vote: int = 0
    champion: str | None = None
    measured_here: bool = False
    gate: Gate | None = None
    released_here: bool = False
    trained_here: bool = False
    can_train: bool = False
    stopped: str = ""

    def __post_init__(self) -> None:
        if self.round < 1:
            raise BadValue(f"Rounds count from 1; got {self.round}.")
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if name.startswith("n_") and value < 0:
                raise BadValue(f"{name} is a count of at least 0; got {value}.")
        if self.n_pool > self.n_items:
            raise BadValue(f"The pool is part of the items; got {self.n_pool} of {self.n_items}.")
