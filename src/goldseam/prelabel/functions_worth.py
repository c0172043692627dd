"""What labeling functions are worth together: their joint suggestions, where each is wrong, and what a change would change.

In: codes of what each said of each item, gold. Out: probabilities, plain tables. Never: gold learned from, as it judges; a
suggestion for an item on which every function abstains.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldseam.prelabel.functions_policy import Policy
from goldseam.stats import risk, weak
from goldseam.stats.weak import Analysis, LabelModel

Codes = NDArray[np.int16]
Rows = NDArray[np.int64]

EXAMPLES = 12
"""Items that are kept to show where a function is wrong."""


@dataclass(frozen=True, slots=True, eq=False)
class Joint:
    """What the label model makes of the functions: `proba` (n_items, n_labels), flat where every one abstains.

    `spoke` are the items of which at least one says something.
    """

    model: LabelModel
    proba: NDArray[np.float32]
    spoke: NDArray[np.bool_]

    @property
    def label(self) -> NDArray[np.int32]:
        """The likeliest label of each item as a code; -1 where every function abstains."""
        return np.where(self.spoke, self.proba.argmax(axis=1), -1).astype(np.int32)


@dataclass(frozen=True, slots=True)
class Change:
    """How many items would be suggested `after` instead of `before`; None is no suggestion. `rows` are some of them."""

    before: int | None
    after: int | None
    n: int
    rows: tuple[int, ...]


def join(codes: Codes, names: Sequence[str], n_labels: int, policy: Policy) -> Joint:
    """Return what the label model makes of these votes."""
    model = weak.label_model(
        codes,
        annotators=list(names),
        labels=range(n_labels),
        prior=policy.balance,
        correlations="learn" if policy.correlations == "learned" else None,
    )
    spoke = np.asarray((codes >= 0).any(axis=1), np.bool_)
    proba = model.posterior.astype(np.float32)
    proba[~spoke] = 1 / n_labels
    return Joint(model, proba, spoke)


def changes(before: NDArray[np.integer], after: NDArray[np.integer]) -> tuple[Change, ...]:
    """Return which items would get another suggestion, the commonest change first; -1 is no suggestion.

    Examples
    --------
    >>> changes(np.array([0, 1, -1, 0]), np.array([0, 0, 1, 0]))[0]
    Change(before=None, after=1, n=1, rows=(2,))
    """
    moved = np.flatnonzero(before != after)
    pairs, place = np.unique(np.column_stack([before[moved], after[moved]]), axis=0, return_inverse=True)
    found = []
    for number, (old, new) in enumerate(pairs.tolist()):
        rows = moved[place.reshape(-1) == number]
        some = tuple(rows[:EXAMPLES].tolist())
        found.append(Change(None if old < 0 else old, None if new < 0 else new, len(rows), some))
    return tuple(sorted(found, key=lambda one: (-one.n, -1 if one.before is None else one.before)))


def table(
    codes: Codes,
    names: Sequence[str],
    joint: Joint,
    gold: Mapping[int, int],
    faults: Sequence[Mapping[str, int]],
    labels: Sequence[str],
) -> dict[str, Any]:
    """Return the analysis as plain values: of each function what it gives, where it is wrong, and how the set does on gold.

    `gold` maps rows to label codes. Examples are rows; the wrong ones on gold come first, then those on which a function says
    otherwise than all together.
    """
    known = np.full(len(codes), -1, np.int64)
    known[list(gold)] = list(gold.values())
    analysis = weak.analysis(codes, gold=known if gold else None, annotators=list(names), labels=range(len(labels)))
    rows = [_row(at, analysis, codes[:, at], joint, known, faults[at], labels) for at in range(len(names))]
    judged = np.flatnonzero((known >= 0) & joint.spoke)
    right = int((joint.label[judged] == known[judged]).sum())
    return {
        "n_items": len(codes),
        "n_covered": int(joint.spoke.sum()),
        "n_gold": len(gold),
        "n_judged": len(judged),
        "accuracy": _share(right, len(judged)),
        "functions": rows,
        "correlated": [
            {"first": str(one.first), "second": str(one.second), "repeats": one.repeats}
            for one in joint.model.correlated
        ],
        "warnings": _warnings(joint, labels, bool(gold)),
    }


def _row(
    at: int,
    analysis: Analysis,
    said: Codes,
    joint: Joint,
    known: Rows,
    faults: Mapping[str, int],
    labels: Sequence[str],
) -> dict[str, Any]:
    row = analysis.rows()[at]
    wrong = np.flatnonzero((said >= 0) & (known >= 0) & (said != known))
    apart = np.flatnonzero((said >= 0) & (known < 0) & (said != joint.label))
    reliability = float(joint.model.reliability[at])
    pairs = Counter(zip(said[wrong].tolist(), known[wrong].tolist(), strict=True))
    accuracy = _share(row["correct"], row["correct"] + row["incorrect"]) if "correct" in row else _share(0, 0)
    return {
        "name": str(row["function"]),
        "labels": [str(labels[code]) for code in row["polarity"]],
        "n_votes": row["n_votes"],
        "coverage": row["coverage"],
        "overlaps": row["overlaps"],
        "conflicts": row["conflicts"],
        "accuracy": accuracy,
        "learned": reliability if row["n_votes"] and np.isfinite(reliability) else None,
        "strength": float(joint.model.strength[at]),
        "faults": dict(faults),
        "wrong": [
            {"said": str(labels[one]), "of": str(labels[other]), "n": n}
            for (one, other), n in pairs.most_common(EXAMPLES)
        ],
        "examples": [
            *(_example(place, said, known, "gold", labels) for place in wrong[:EXAMPLES].tolist()),
            *(_example(place, said, joint.label, "others", labels) for place in _surest(apart, joint)),
        ],
    }


def _surest(rows: Rows, joint: Joint) -> list[int]:
    """Return those of these rows about whose label all functions together are the surest."""
    order = np.argsort(-joint.proba[rows].max(axis=1), kind="stable") if len(rows) else np.empty(0, np.int64)
    found: list[int] = rows[order[:EXAMPLES]].tolist()
    return found


def _example(
    row: int, said: Codes, label: NDArray[np.integer], against: str, labels: Sequence[str]
) -> dict[str, object]:
    return {"row": row, "said": str(labels[said[row]]), "of": str(labels[label[row]]), "by": against}


def _share(right: int, of: int) -> dict[str, object]:
    """Return a share with Wilson's interval, or why there is none."""
    if not of:
        return {"value": None, "low": 0.0, "high": 1.0, "right": 0, "n": 0}
    bounds = risk.wilson(right, of)
    return {"value": right / of, "low": bounds.low, "high": bounds.high, "right": right, "n": of}


def _warnings(joint: Joint, labels: Sequence[str], has_gold: object) -> list[str]:
    """Return what a reader should know, with labels by their names."""
    found = [
        one for one in joint.model.warnings if "carry the prior" not in one and not one.startswith("No function gives")
    ]
    given = {int(code) for code in np.unique(joint.label) if code >= 0}
    idle = [str(name) for code, name in enumerate(labels) if code not in given]
    if idle:
        found.append(f"No item is suggested {', '.join(idle)}.")
    if not has_gold:
        found.append(
            "There is no gold, so nothing shows how right the functions are: set some under 'gold' in the project file."
        )
    return found
