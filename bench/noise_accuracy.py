"""How well label errors are found, beside cleanlab: `python -m bench.noise_accuracy [NAME ...]`.

In: the folder of real data (GOLDSEAM_DATA, or where the tests look for it). Out: tables on the terminal.
Never: a set that was left out after its figures were seen.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench import noise_parts
from bench.noise_sets import Labeled, crowd, imdb, planted, sets
from goldseam.stats import noise, truth

SCORES = ("self_confidence", "normalized_margin", "confidence_weighted_entropy")


def main() -> int:
    """Print the tables asked for, by default all."""
    named = os.environ.get("GOLDSEAM_DATA")
    data = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not (data / "label_errors").is_dir():
        print(f"real data is not here: {data} has no folder 'label_errors'", file=sys.stderr)
        return 2
    warnings.filterwarnings("ignore")
    wanted = sys.argv[1:] or list(TABLES)
    unknown = [name for name in wanted if name not in TABLES]
    if unknown:
        print(f"There is no table {unknown[0]!r}; there are: {', '.join(TABLES)}.", file=sys.stderr)
        return 2
    for name in wanted:
        print(f"\n## {name}: {(TABLES[name].__doc__ or '').splitlines()[0]}", flush=True)
        TABLES[name](data)
    return 0


def lists(data: Path) -> None:
    """Average precision of all items in order, and precision of lists, against every score and list of cleanlab."""
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    head = (
        "set",
        "wrong",
        "ours",
        *(f"{s[:6]}" for s in SCORES),
        "self adj",
        "norm adj",
        "n",
        "ours@n",
        "cleanlab@n",
        "likely",
        "its n",
    )
    print(" | ".join(head))
    for one in sets(data):
        proba = one.proba / one.proba.sum(axis=1, keepdims=True)
        peers = [get_label_quality_scores(one.label, proba, method=score) for score in SCORES]
        peers += [
            get_label_quality_scores(one.label, proba, method=score, adjust_pred_probs=True) for score in SCORES[:2]
        ]
        order = noise.label_issues(one.label, proba, choose="all").index
        mask = find_label_issues(one.label, proba, n_jobs=1)
        likely = noise.label_issues(one.label, proba).index
        found = [
            average_precision(one.wrong, rank_of(order, len(proba))[one.checked]),
            *(average_precision(one.wrong, -peer[one.checked]) for peer in peers),
        ]
        n = int(mask.sum())
        print(" | ".join([
            one.name, f"{one.wrong.mean():.3f}", *(f"{value:.3f}" for value in found), str(n),
            f"{precision(one, order[:n]):.3f}", f"{precision(one, np.flatnonzero(mask)):.3f}",
            f"{precision(one, likely):.3f}", str(len(likely)),
        ]), flush=True)  # fmt: skip
    _imdb(data)


def _imdb(data: Path) -> None:
    """Print what is known of IMDB: which rows were reviewed is not, so the lists are compared by length."""
    from cleanlab.filter import find_label_issues

    label, proba, reviews = imdb(data)
    refused = ""
    try:
        find_label_issues(label, proba, n_jobs=1)
    except ValueError as error:
        refused = f"cleanlab refuses the probabilities as they are: {error}"
    mask = find_label_issues(label, proba / proba.sum(axis=1, keepdims=True), n_jobs=1)
    ours = noise.label_issues(label, proba, choose="expected")
    shared = len(np.intersect1d(ours.index, np.flatnonzero(mask)))
    upheld = sum(review["mturk"]["given"] >= 3 for review in reviews)
    print(
        f"imdb_test: cleanlab lists {int(mask.sum())}, ours (expected) {ours.n_issues}, of which {shared} are the same; "
        f"people reviewed {len(reviews)} such items and kept the label given of {upheld}: "
        f"precision {1 - upheld / len(reviews):.3f}. {refused}"
    )


def both(data: Path) -> None:
    """Average precision and precision of a model alone, the crowd's posterior alone, and both."""
    print(
        "set | wrong | model, cleanlab | model, ours | crowd alone | both, by truth | both, by votes | likely | its n"
    )
    from cleanlab.rank import get_label_quality_scores

    for name in ("labelme", "sentiment_polarity"):
        for single in (False, True):
            one = crowd(data, name, single=single)
            assert one.votes is not None
            n, every = len(one.label), np.arange(len(one.label))
            inferred = truth.infer(one.votes)
            peer = get_label_quality_scores(one.label, one.proba, method="normalized_margin")
            orders = [
                noise.label_issues(one.label, one.proba, crowd=source, choose="all").index
                for source in (None, inferred, one.votes)
            ]
            likely = noise.label_issues(one.label, one.proba, crowd=one.votes).index
            model, by_truth, by_votes = (average_precision(one.wrong, rank_of(order, n)) for order in orders)
            figures = (
                one.wrong.mean(),
                average_precision(one.wrong, -peer),
                model,
                average_precision(one.wrong, -inferred.posterior[every, one.label]),
                by_truth,
                by_votes,
                precision(one, likely),
            )
            print(" | ".join([one.name, *(f"{value:.3f}" for value in figures), str(len(likely))]), flush=True)


def neighbors(data: Path) -> None:
    """Average precision from neighbors alone, by how many are asked, beside a linear model on the same features."""
    print("set | k=10 | k=50 | k=100 | linear model | likely (k=50) | its n")
    chosen = [crowd(data, "labelme"), crowd(data, "labelme", single=True)]
    chosen += [planted(data, name, share) for name in ("trec6", "agnews7k", "sst2") for share in (0.05, 0.15)]
    for one in chosen:
        assert one.features is not None
        n = len(one.label)
        found = []
        for k in (10, 50, 100):
            order = noise.neighbor_issues(one.label, one.features, k, choose="all").index
            found.append(average_precision(one.wrong, rank_of(order, n)))
        found.append(
            average_precision(one.wrong, rank_of(noise.label_issues(one.label, one.proba, choose="all").index, n))
        )
        likely = noise.neighbor_issues(one.label, one.features).index
        print(
            " | ".join([one.name, *(f"{value:.3f}" for value in [*found, precision(one, likely)]), str(len(likely))]),
            flush=True,
        )


def rank_of(order: NDArray[np.int64], n: int) -> NDArray[np.float64]:
    """Return for every item how high it stands in an order of all of them."""
    rank = np.empty(n)
    rank[order] = np.arange(n)[::-1]
    return rank


def precision(one: Labeled, listed: NDArray[np.int64]) -> float:
    """Return the share of wrong labels among those listed that were checked."""
    wrong = dict(zip(one.checked.tolist(), one.wrong.tolist(), strict=True))
    known = [wrong[item] for item in listed.tolist() if item in wrong]
    return float(np.mean(known)) if known else 0.0


def average_precision(wrong: NDArray[np.bool_], score: Any) -> float:  # noqa: ANN401 - any array
    """Return the area under precision over recall; equal scores count together."""
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(wrong, score))


TABLES: dict[str, Callable[[Path], None]] = {
    "lists": lists,
    "crowd": both,
    "neighbors": neighbors,
    "spans": noise_parts.spans,
    "boxes": noise_parts.boxes,
    "several": noise_parts.several,
}
"""The tables by name."""

if __name__ == "__main__":
    sys.exit(main())
