"""How few votes would do if every annotator were known: `python -m bench.adaptive_bound [SET ...] [--cost COST ...] [--write]`.

In: the crowds of `bench.adaptive`. Out: a table of votes and accuracy, kept in docs/reference/adaptive-bound.md with --write.
Never: an annotator judged by an item that is then judged by that annotator.

Here the rule has nothing to learn: it knows each annotator from all votes, and all gold, on the other half of the items. What
it still needs is what stopping costs at best; what `bench.adaptive` needs beyond it is the price of learning on the way.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.accuracy import load
from bench.adaptive import FIXED, SEEDS, SETS, Crowd, Learned, crowd_of, fixed
from goldseam.annotate.adaptive import informed_posteriors, wants_more_each
from goldseam.annotate.policy import Adaptive
from goldseam.stats import truth

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "adaptive-bound.md"
COSTS = (15.0, 25.0, 40.0, 60.0)
FIRST = (2, 1)
"""Votes that an item begins with; 2 is the setting's default."""
HALVES, MOST = 2, 8
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Figures:
    """Votes as a share of five, and how many labels are right: by who is known, and by the default method alone."""

    votes: float
    known: float
    inferred: float


def known_of(crowd: Crowd, half: Ints) -> list[Learned]:
    """Return, for each half of the items, what votes and gold on the other half say of everybody."""
    found = []
    gold = {int(item): int(label) for item, label in zip(crowd.known, crowd.gold, strict=True) if label >= 0}
    for mine in range(HALVES):
        other = np.flatnonzero(half[crowd.item] != mine)
        there = {item: label for item, label in gold.items() if half[item] != mine}
        told = truth.infer(crowd.votes(other), gold=there)
        assert told.confusion is not None
        many = np.bincount(crowd.annotator[other], minlength=crowd.n_annotators)
        together = np.einsum("a,akl->kl", many / many.sum(), told.confusion)
        confusion = np.where((many > 0)[:, None, None], told.confusion, together)
        seen = told.posterior[np.unique(crowd.item[other])]
        found.append(Learned(confusion, together, (seen.sum(axis=0) + 1.0) / (len(seen) + crowd.n_labels)))
    return found


def posterior(crowd: Crowd, chosen: Ints, known: Sequence[Learned], half: Ints) -> Floats:
    """Return the posterior of every item, by what is known of who voted."""
    found = np.zeros((crowd.n_items, crowd.n_labels))
    for mine, each in enumerate(known):
        votes = chosen[half[crowd.item[chosen]] == mine]
        of_all = informed_posteriors(
            crowd.item[votes], crowd.annotator[votes], crowd.label[votes], each.confusion, each.shares, crowd.n_items
        )
        found[half == mine] = of_all[half == mine]
    return found


def taken(crowd: Crowd, seed: int, known: Sequence[Learned], half: Ints, rule: Adaptive) -> Ints:
    """Return the votes that the rule asks for: of each item as many of its first ones, in an order drawn with this seed."""
    most = rule.max_votes or FIXED
    have = np.minimum(np.bincount(crowd.item, minlength=crowd.n_items), most)
    pool = fixed(crowd, seed, most)
    nth = np.arange(len(pool)) - np.searchsorted(crowd.item[pool], crowd.item[pool])
    asked = np.zeros(crowd.n_items, np.int64)
    while True:
        votes = pool[nth < asked[crowd.item[pool]]]
        now = posterior(crowd, votes, known, half)
        more = np.zeros(crowd.n_items, np.bool_)
        for mine, each in enumerate(known):
            rows = np.flatnonzero((half == mine) & (asked < have))
            more[rows] = wants_more_each(now[rows], asked[rows], np.full(len(rows), most), each.crowd, rule)
        if not more.any():
            return votes
        asked += more


def measured(crowd: Crowd, costs: Sequence[float], seeds: int) -> list[Figures]:
    """Return the figures of five votes, then of each cost, begun with each of `FIRST`."""
    half = np.random.default_rng(0).permutation(crowd.n_items) % HALVES
    known = known_of(crowd, half)
    rules = [Adaptive(error_cost=cost, max_votes=MOST, min_votes=first) for first in FIRST for cost in costs]
    found: list[list[tuple[float, float, float]]] = [[] for _ in range(len(rules) + 1)]
    for seed in range(seeds):
        chosen = [fixed(crowd, seed), *(taken(crowd, seed, known, half, rule) for rule in rules)]
        for row, votes in zip(found, chosen, strict=True):
            right = crowd.accuracy(posterior(crowd, votes, known, half))
            inferred = crowd.accuracy(truth.infer(crowd.votes(votes)).posterior)
            row.append((len(votes) / crowd.n_items / FIXED, right, inferred))
    return [Figures(*np.mean(row, axis=0).tolist()) for row in found]


def page(table: dict[str, list[Figures]], costs: Sequence[float], seeds: int) -> str:
    """Return the page: crowds at each cost, then the means, also of items that may end after one vote."""
    heads = "".join(f" | cost {cost:g}: votes | known | infer" for cost in costs)
    lines = [
        "# Adaptive redundancy if every annotator were known",
        "",
        f"`python -m bench.adaptive_bound --write`: means over {seeds} random orders of votes; from 2 to {MOST} votes an item.",
        "The rule knows each annotator from all votes and all gold on the other half of the items. *known*: labels by the same",
        "knowledge; *infer*: by the default method, which sees only the votes that were taken.",
        "",
        f"| crowd | five votes: known | infer{heads} |",
        "| --- | ---: | ---: |" + " ---: | ---: | ---: |" * len(costs),
    ]
    for name, found in table.items():
        lines.append(_line(name, found[0], found[1 : 1 + len(costs)]))
    mean = [
        Figures(*np.mean([(f[k].votes, f[k].known, f[k].inferred) for f in table.values()], axis=0).tolist())
        for k in range(1 + len(FIRST) * len(costs))
    ]
    lines.append(_line("**mean**", mean[0], mean[1 : 1 + len(costs)]))
    lines.append(_line("mean, 1 vote at least", mean[0], mean[1 + len(costs) :]))
    return "\n".join(lines) + "\n"


def _line(name: str, five: Figures, found: Sequence[Figures]) -> str:
    cells = "".join(f" | {one.votes:.0%} | {one.known:.3f} | {one.inferred:.3f}" for one in found)
    return f"| {name} | {five.known:.3f} | {five.inferred:.3f}{cells} |"


def main() -> int:
    """Measure, print, and keep if asked to; 2 where the data is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", choices=[*SETS, []], metavar="SET")
    parser.add_argument("--cost", type=float, nargs="+", default=list(COSTS))
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    named = os.environ.get("GOLDSEAM_DATA")
    data = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not (data / "crowd").is_dir():
        print(f"real data is not here: {data} has no folder 'crowd'; set GOLDSEAM_DATA.", file=sys.stderr)
        return 2
    table = {}
    for name in given.sets or SETS:
        table[name] = measured(crowd_of(load(data / "crowd" / name)), given.cost, given.seeds)
        print(name, table[name], file=sys.stderr, flush=True)
    text = page(table, given.cost, given.seeds)
    print(text)
    if given.write:
        PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
