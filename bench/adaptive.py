"""How many votes adaptive redundancy saves, on real crowds: `python -m bench.adaptive [SET ...] [--cost COST ...] [--write]`.

In: the folder of real data (named by GOLDSEAM_DATA, or beside the repository). Out: a table of votes and accuracy beside five
fixed votes, kept in docs/reference/adaptive.md with --write. Never: a vote that was not cast, or a confusion learned from
votes that had not come yet.

Votes come in random order. One is taken where its item wants it, is turned away elsewhere and offered again at the end. What is
known of annotators is learned anew each tenth part of the way, as the worker does it; before the first time it is nothing.
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

from bench.accuracy import Set, load
from goldseam.annotate.adaptive import coin, informed_posterior, informed_posteriors, wants_more, wants_more_each
from goldseam.annotate.policy import Adaptive
from goldseam.stats import truth
from goldseam.stats.votes import Votes

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "adaptive.md"
SETS = (
    "sentiment_polarity", "rte", "snow_temp", "dog", "bluebirds", "adult2", "fej2013", "zencrowd_us", "weather_cf",
    "relevance4",
)  # fmt: skip
"""Crowds with five votes or more on enough items that have gold."""
FIXED, MOST_ITEMS, PARTS, PASSES, SEEDS, TIE = 5, 1_000, 10, 2, 5, 1e-9
COSTS = (25.0, 40.0, 60.0)
UNKNOWN = 0.8
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Crowd:
    """Votes as three arrays, on items that have at least five of them; which items have gold, and which label."""

    name: str
    item: Ints
    annotator: Ints
    label: Ints
    n_items: int
    n_annotators: int
    n_labels: int
    known: Ints
    gold: Ints

    def votes(self, chosen: Ints) -> Votes:
        """Return these votes."""
        return Votes(
            np.arange(self.n_items),
            np.arange(self.n_annotators),
            tuple(range(self.n_labels)),
            self.item[chosen].astype(np.int32),
            self.annotator[chosen].astype(np.int32),
            self.label[chosen].astype(np.int32),
        )

    def accuracy(self, posterior: Floats) -> float:
        """Return the share of gold items that are right; a tie counts by its share."""
        at = posterior[self.known]
        tied = at >= at.max(axis=1, keepdims=True) - TIE
        place = np.arange(len(at))
        return float(np.where(self.gold >= 0, tied[place, self.gold] / tied.sum(axis=1), 0.0).mean())


@dataclass(frozen=True, slots=True)
class Learned:
    """What is known at a moment: everybody's confusion, that of whoever comes next, how likely each label is."""

    confusion: Floats
    crowd: Floats
    shares: Floats


def crowd_of(one: Set) -> Crowd:
    """Return the crowd on items with five votes or more; at most 1,000 items, those with gold first."""
    votes = one.votes
    enough = np.flatnonzero(votes.votes_per_item() >= FIXED)
    golden = np.isin(enough, one.item)
    first = np.random.default_rng(1).permutation(enough[golden])
    others = np.random.default_rng(2).permutation(enough[~golden])
    chosen = np.sort(np.concatenate([first, others])[:MOST_ITEMS])
    place = np.full(votes.n_items, -1)
    place[chosen] = np.arange(len(chosen))
    mine = place[votes.item] >= 0
    known = place[one.item] >= 0
    return Crowd(
        one.name,
        place[votes.item[mine]],
        votes.annotator[mine].astype(np.int64),
        votes.label[mine].astype(np.int64),
        len(chosen),
        votes.n_annotators,
        votes.n_labels,
        place[one.item[known]],
        one.gold[known],
    )


def fixed(crowd: Crowd, seed: int, n: int = FIXED) -> Ints:
    """Return the first n votes of every item, in an order drawn with this seed."""
    order = np.random.default_rng(seed).permutation(len(crowd.item))
    by_item = order[np.argsort(crowd.item[order], kind="stable")]
    starts = np.searchsorted(crowd.item[by_item], np.arange(crowd.n_items))
    return by_item[np.arange(len(by_item)) - starts[crowd.item[by_item]] < n]


def adaptive(crowd: Crowd, seed: int, rule: Adaptive) -> Ints:
    """Return the votes that the rule asks for, of those that come in the same order."""
    order = np.random.default_rng(seed).permutation(len(crowd.item))
    said: list[list[int]] = [[] for _ in range(crowd.n_items)]
    open_ = np.ones(crowd.n_items, np.bool_)
    known = _nothing_known(crowd)
    left = order
    for _ in range(PASSES):
        turned_away = []
        for part in np.array_split(left, PARTS):
            for vote in part.tolist():
                item = int(crowd.item[vote])
                if not open_[item]:
                    turned_away.append(vote)
                    continue
                said[item].append(vote)
                open_[item] = _more(crowd, known, said[item], rule)
            known = learned(crowd, np.array([vote for each in said for vote in each], np.int64))
            open_ = _more_each(crowd, known, said, rule)
        left = np.array(turned_away, np.int64)
    return np.array([vote for each in said for vote in each], np.int64)


def learned(crowd: Crowd, chosen: Ints) -> Learned:
    """Return what these votes say of everybody, as `edge.runner.competence` stores it."""
    found = truth.infer(crowd.votes(chosen))
    assert found.confusion is not None
    many = np.bincount(crowd.annotator[chosen], minlength=crowd.n_annotators)
    together = np.einsum("a,akl->kl", many / many.sum(), found.confusion)
    confusion = np.where((many > 0)[:, None, None], found.confusion, together)
    seen = found.posterior[np.unique(crowd.item[chosen])]
    shares = (seen.sum(axis=0) + 1.0) / (len(seen) + crowd.n_labels)
    return Learned(confusion, together, shares)


def _nothing_known(crowd: Crowd) -> Learned:
    one = coin(UNKNOWN, crowd.n_labels)
    many = np.broadcast_to(one, (crowd.n_annotators, *one.shape))
    return Learned(many, one, np.full(crowd.n_labels, 1.0 / crowd.n_labels))


def _more(crowd: Crowd, known: Learned, said: Sequence[int], rule: Adaptive) -> bool:
    most = rule.max_votes or FIXED
    if not rule.min_votes <= len(said) < most:
        return len(said) < most
    tables = [known.confusion[crowd.annotator[vote]] for vote in said]
    posterior = informed_posterior([int(crowd.label[vote]) for vote in said], tables, known.shares)
    return wants_more(posterior, len(said), most, known.crowd, rule)


def _more_each(crowd: Crowd, known: Learned, said: Sequence[Sequence[int]], rule: Adaptive) -> NDArray[np.bool_]:
    votes = np.array([vote for each in said for vote in each], np.int64)
    posterior = informed_posteriors(
        crowd.item[votes], crowd.annotator[votes], crowd.label[votes], known.confusion, known.shares, crowd.n_items
    )
    n_votes = np.array([len(each) for each in said])
    return wants_more_each(posterior, n_votes, np.full(crowd.n_items, rule.max_votes or FIXED), known.crowd, rule)


@dataclass(frozen=True, slots=True)
class Row:
    """One crowd under one rule: votes per item, accuracy by the default method, and by majority for the fixed five."""

    votes: float
    accuracy: float


def row(crowd: Crowd, chosen: Sequence[Ints]) -> Row:
    """Return the means over seeds."""
    right = [crowd.accuracy(truth.infer(crowd.votes(one)).posterior) for one in chosen]
    return Row(float(np.mean([len(one) for one in chosen])) / crowd.n_items, float(np.mean(right)))


def by_majority(crowd: Crowd, chosen: Sequence[Ints]) -> float:
    """Return the accuracy of the plain count, over seeds."""
    return float(np.mean([crowd.accuracy(truth.majority(crowd.votes(one)).posterior) for one in chosen]))


def main() -> int:
    """Measure, print, and keep if asked to; 2 where the data is missing."""
    arguments = _arguments()
    named = os.environ.get("GOLDSEAM_DATA")
    data = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not (data / "crowd").is_dir():
        print(f"real data is not here: {data} has no folder 'crowd'; set GOLDSEAM_DATA.", file=sys.stderr)
        return 2
    rules = [Adaptive(error_cost=cost, max_votes=arguments.most) for cost in arguments.cost]
    table: dict[str, tuple[float, list[Row]]] = {}
    for name in arguments.sets or SETS:
        crowd = crowd_of(load(data / "crowd" / name))
        seeds = range(arguments.seeds)
        five = [fixed(crowd, seed) for seed in seeds]
        found = [row(crowd, five)]
        found += [row(crowd, [adaptive(crowd, seed, rule) for seed in seeds]) for rule in rules]
        table[name] = by_majority(crowd, five), found
        print(name, table[name], file=sys.stderr, flush=True)
    text = page(table, arguments.cost, arguments.most, arguments.seeds)
    print(text)
    if arguments.write:
        PAGE.write_text(text, encoding="utf-8")
    return 0


def page(table: dict[str, tuple[float, list[Row]]], costs: Sequence[float], most: int, seeds: int) -> str:
    """Return the page with the table."""
    heads = "".join(f" | cost {cost:g}: votes | accuracy" for cost in costs)
    lines = [
        "# Adaptive redundancy, measured",
        "",
        f"`python -m bench.adaptive --write`: means over {seeds} random orders of the votes; at most {most} votes an item.",
        "",
        f"| crowd | five votes: majority | infer{heads} |",
        "| --- | ---: | ---: |" + " ---: | ---: |" * len(costs),
    ]
    for name, (counted, found) in table.items():
        lines.append(_line(name, counted, found))
    means = [
        Row(*np.mean([(f[k].votes, f[k].accuracy) for _, f in table.values()], axis=0)) for k in range(len(costs) + 1)
    ]
    lines.append(_line("**mean**", float(np.mean([counted for counted, _ in table.values()])), means))
    return "\n".join(lines) + "\n"


def _line(name: str, counted: float, found: Sequence[Row]) -> str:
    cells = "".join(f" | {one.votes / FIXED:.0%} | {one.accuracy:.3f}" for one in found[1:])
    return f"| {name} | {counted:.3f} | {found[0].accuracy:.3f}{cells} |"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", choices=[*SETS, []], metavar="SET")
    parser.add_argument("--cost", type=float, nargs="+", default=list(COSTS))
    parser.add_argument("--most", type=int, default=8)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--write", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
