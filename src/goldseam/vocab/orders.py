"""Answers about an item's candidates: which is preferred, in which order they stand, which is the best.

In: places of candidates in the item, counted from 0. Out: one record per kind of answer. Never: the candidates.
"""

from __future__ import annotations

from dataclasses import dataclass

from goldseam.vocab.errors import BadAnswer

MAX_CANDIDATES = 100


def _check_place(place: int) -> None:
    if not 0 <= place < MAX_CANDIDATES:
        raise BadAnswer(f"A candidate is named by its place, 0 to {MAX_CANDIDATES - 1}; got {place}.")


@dataclass(frozen=True, slots=True)
class Preference:
    """The candidate that is preferred, None for a tie; `strength` says how much, from 1 on, None where it is not asked."""

    chosen: int | None
    strength: int | None = None

    def __post_init__(self) -> None:
        if self.chosen is not None:
            _check_place(self.chosen)
        if self.strength is not None and (self.chosen is None or self.strength < 1):
            raise BadAnswer(f"The strength of a preference is 1 or more, and a tie has none; got {self.strength}.")


@dataclass(frozen=True, slots=True)
class Ranking:
    """All candidates, best first, in groups of those that stand on the same step."""

    order: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        order = tuple(tuple(sorted(group)) for group in self.order)
        named = sorted(place for group in order for place in group)
        if not all(order) or len(named) < 2 or named != list(range(len(named))):
            raise BadAnswer(f"A ranking names each of two or more candidates once, from 0 on; got {named}.")
        _check_place(named[-1])
        object.__setattr__(self, "order", order)


@dataclass(frozen=True, slots=True)
class Best:
    """The best of the candidates."""

    chosen: int

    def __post_init__(self) -> None:
        _check_place(self.chosen)
