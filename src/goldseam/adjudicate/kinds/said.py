"""What annotators said, and what it is settled to.

In: answers by item and annotator. Out: `Said`, `SettledAnswer`. Never: an abstention; whoever abstained said nothing.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from goldseam.stats import truth
from goldseam.stats.votes import Votes
from goldseam.vocab.answers import Answer

HALF = 0.5
Decided = tuple[str, float]
"""A label, and the probability that it is right."""


@dataclass(frozen=True, slots=True)
class Said:
    """One annotator's answer about one item; an item is known by whatever names it."""

    item: str
    annotator: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class SettledAnswer:
    """What the answers about one item are settled to.

    `confidence` is the chance that the answer is right in its least certain part, None where `reason` says why there is none;
    `parts` has it for each label, span, shape, grade or value of the answer, in the answer's order. `low` to `high` is
    the interval of a number.
    """

    item: str
    answer: Answer
    confidence: float | None
    n_votes: int
    parts: tuple[float, ...] = ()
    reason: str = ""
    low: float | None = None
    high: float | None = None


def by_item(said: Sequence[Said]) -> dict[str, list[Said]]:
    """Return what was said of each item, items in the order of their first answer."""
    found: dict[str, list[Said]] = {}
    for one in said:
        found.setdefault(one.item, []).append(one)
    return found


def inferred(
    unit: Sequence[Hashable], annotator: Sequence[str], label: Sequence[str], labels: Sequence[str]
) -> dict[Hashable, Decided]:
    """Return the label behind the votes on each unit, of labels that mean the same everywhere."""
    names = list(dict.fromkeys(unit))
    place = {name: index for index, name in enumerate(names)}
    votes = Votes.from_arrays([place[name] for name in unit], annotator, label, labels=list(labels))
    found = truth.infer(votes)
    return {name: (labels[int(found.label[at])], float(found.confidence[at])) for at, name in enumerate(names)}


def inferred_open(unit: Sequence[Hashable], annotator: Sequence[str], value: Sequence[str]) -> dict[Hashable, Decided]:
    """Return the value behind those given for each unit, where values are as many as units: dates, names, amounts.

    A value means nothing beyond its unit, so each annotator has one number: how often they are right.
    """
    known: dict[Hashable, set[str]] = {}
    for name, one in zip(unit, value, strict=True):
        known.setdefault(name, set()).add(one)
    listed = {name: sorted(values) for name, values in known.items()}
    code_of = {name: {one: code for code, one in enumerate(values)} for name, values in listed.items()}
    names = list(listed)
    place = {name: index for index, name in enumerate(names)}
    most = max(2, *(len(values) for values in listed.values())) if listed else 2
    votes = Votes.from_arrays(
        [place[name] for name in unit],
        annotator,
        [code_of[name][one] for name, one in zip(unit, value, strict=True)],
        labels=list(range(most)),
    )
    posterior = truth.one_coin(votes).posterior
    found: dict[Hashable, Decided] = {}
    for at, name in enumerate(names):
        # Codes that no value of this unit has are nobody's.
        mine = posterior[at, : len(listed[name])]
        best = int(np.argmax(mine))
        found[name] = (listed[name][best], float(mine[best]))
    return found


def chosen_of(
    unit: Sequence[str], annotator: Sequence[str], chosen: Sequence[frozenset[str]], every: frozenset[str] | None
) -> dict[str, Mapping[str, float]]:
    """Return, for each unit, the chance of each element that somebody chose to belong to the set behind the sets given.

    Elements that nobody chose of a unit are asked about, too, where `every` names them all.
    """
    asked: dict[str, set[str]] = {}
    for name, elements in zip(unit, chosen, strict=True):
        asked.setdefault(name, set(every or ())).update(elements)
    rows = [
        ((name, element), who, "yes" if element in elements else "no")
        for name, who, elements in zip(unit, annotator, chosen, strict=True)
        for element in sorted(asked[name])
    ]
    if not rows:
        return {name: {} for name in asked}
    decided = inferred([row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows], ("no", "yes"))
    found: dict[str, Mapping[str, float]] = {}
    for name, named in asked.items():
        sure = {element: decided[name, element] for element in sorted(named)}
        found[name] = {element: chance if label == "yes" else 1 - chance for element, (label, chance) in sure.items()}
    return found


def smoothed(n_for: float, n: float) -> float:
    """Return a share of votes, drawn toward one half by one vote: a single vote is no certainty."""
    return (n_for + HALF) / (n + 1)
