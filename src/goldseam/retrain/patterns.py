"""Patterns: where a model errs, by pair of labels, segment, annotator and clause of the guideline, and what may help.

In: suggestions for items that the model had not learned from, with the labels these turned out to have. Out: `Patterns`.
Never: a pattern of fewer errors than could be chance; a change made: each is a proposal to people.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrc

from goldseam.stats.risk import Bounds, wilson

CLEAR = 0.01
"""An error rate stands out if so many errors among so few would be rarer than this at the rate of the rest."""
LEAST = 3
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Pattern:
    """Errors of one kind: `wrong` of `n` suggestions; `p` is how likely so many are at the rate of all.

    `kind` says what `name` is: a pair of labels, a segment, an annotator or a clause. `rows` are some of the errors, those the
    model was surest of first. `advice` is what may help; empty where nothing is advised.
    """

    kind: str
    name: str
    n: int
    wrong: int
    p: float
    rate: Bounds
    rows: tuple[int, ...]
    advice: str


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """Suggestions for items that the model had not learned from: what was said, what is so, how sure; labels as indices."""

    said: NDArray[np.int64]
    label: NDArray[np.int64]
    confidence: NDArray[np.float64]

    @property
    def wrong(self) -> NDArray[np.bool_]:
        """Which suggestions are not what the item turned out to be."""
        return np.asarray(self.said != self.label)


def patterns(
    held: Held, labels: Sequence[str], guideline: str, groups: Mapping[tuple[str, str], NDArray[np.bool_]]
) -> tuple[Pattern, ...]:
    """Return the patterns that stand out, the clearest first.

    `groups` are masks over the suggestions by ("segment" or "annotator", name). A pair of labels is what is taken for what;
    a clause is a line of the guideline, and stands for the items of the labels that it names.
    """
    clauses = _clauses(guideline, labels)
    found = [*_pairs(held, labels, clauses)]
    for (kind, name), mask in groups.items():
        advice = (
            f"Send labels of {name} to relabel, or calibrate with the others: models err where they labeled."
            if kind == "annotator"
            else f"Draw more items of {name}, or give it a workflow of its own."
        )
        found.append(_one(held, kind, name, mask, advice))
    for line, named in clauses.items():
        mask = np.isin(held.label, [*named])
        found.append(_one(held, "clause", line, mask, "Make this clause clearer, with a worked example."))
    clear = [one for one in found if one.wrong >= LEAST and one.p <= CLEAR]
    return tuple(sorted(clear, key=lambda one: (one.p, -one.wrong, one.name)))


def _pairs(held: Held, labels: Sequence[str], clauses: Mapping[str, frozenset[int]]) -> list[Pattern]:
    """Return what is taken for what; an even spread of all errors over the other labels is what is expected."""
    made = []
    k = max(len(labels) - 1, 1)
    expected = float(held.wrong.mean()) / k if len(held.said) else 0.0
    for truth, said in sorted(set(zip(held.label[held.wrong].tolist(), held.said[held.wrong].tolist(), strict=True))):
        of, pair = held.label == truth, (held.label == truth) & (held.said == said)
        both = [line for line, named in clauses.items() if {truth, said} <= named]
        names = f"{labels[truth]} taken for {labels[said]}"
        advice = (
            f"Make the clause clearer that tells them apart: {both[0]!r}."
            if both
            else f"Add a clause or a worked example that tells {labels[truth]} from {labels[said]}: none names both."
        )
        n, wrong = int(of.sum()), int(pair.sum())
        made.append(
            Pattern(
                "label", names, n, wrong, float(bdtrc(wrong - 1, n, expected)) if wrong else 1.0, wilson(wrong, n),
                _surest(held, pair), advice,
            )
        )  # fmt: skip
    return made


def _one(held: Held, kind: str, name: str, mask: NDArray[np.bool_], advice: str) -> Pattern:
    """Return a group's errors, against the rate outside it."""
    n, wrong = int(mask.sum()), int((mask & held.wrong).sum())
    rest = int((~mask).sum())
    outside = (int((~mask & held.wrong).sum()) + 1) / (rest + 2)
    p = float(bdtrc(wrong - 1, n, outside)) if wrong and rest else 1.0
    return Pattern(kind, name, n, wrong, p, wilson(wrong, n), _surest(held, mask & held.wrong), advice)


def _surest(held: Held, mask: NDArray[np.bool_]) -> tuple[int, ...]:
    rows = np.flatnonzero(mask)
    return tuple(rows[np.argsort(-held.confidence[rows], kind="stable")][:SHOWN].tolist())


def _clauses(guideline: str, labels: Sequence[str]) -> dict[str, frozenset[int]]:
    """Return the lines of the guideline that name labels, as whole words, with the labels that each names."""
    found = {}
    for line in guideline.splitlines():
        text = line.strip()
        named = {
            at for at, name in enumerate(labels) if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE)
        }
        if named:
            found[text] = frozenset(named)
    return found
