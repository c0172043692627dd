"""Statistics on one and on ten million votes, against the libraries that people use for them.

In: votes drawn from a stated seed. Out: seconds of processor time, from raw columns to result on both sides.
Never: preparation that one side gets for free: both start from integer columns.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from bench.case import Case

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

N_ITEMS, REDUNDANCY, N_ANNOTATORS, N_LABELS = 200_000, 5, 1_000, 10
ITERATIONS = 10
DRAWS = 1_000


def columns(n_items: int = N_ITEMS) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return five votes an item (item, annotator, label) by annotators of 40 to 95 % accuracy; no one twice on an item.

    They are made in parts, so that making them takes little memory beside them.
    """
    import numpy as np

    rng = np.random.default_rng(20261121)
    skill = rng.uniform(0.4, 0.95, N_ANNOTATORS)
    item = np.repeat(np.arange(n_items), REDUNDANCY)
    annotator, label = np.empty_like(item), np.empty_like(item)
    part = 20_000
    for start in range(0, n_items, part):
        some = min(part, n_items - start)
        votes = slice(start * REDUNDANCY, (start + some) * REDUNDANCY)
        first = rng.integers(0, N_ANNOTATORS, (some, 1))
        step = rng.integers(1, N_ANNOTATORS // REDUNDANCY, (some, 1))
        who = ((first + step * np.arange(REDUNDANCY)) % N_ANNOTATORS).ravel()
        truth = np.repeat(rng.integers(0, N_LABELS, some), REDUNDANCY)
        right = rng.random(len(who)) < skill[who]
        annotator[votes] = who
        label[votes] = np.where(right, truth, rng.integers(0, N_LABELS, len(who)))
    return item, annotator, label


def frame(n_items: int = N_ITEMS) -> Any:  # noqa: ANN401 - a pandas frame
    """Return the same votes as crowd-kit wants them."""
    import pandas as pd

    item, annotator, label = columns(n_items)
    return pd.DataFrame({"task": item, "worker": annotator, "label": label})


def seconds(work: Callable[[], object]) -> float:
    """Return the processor time that the work takes; other programs on the machine do not count."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def majority(n_items: int = N_ITEMS) -> float:
    """Ours: majority."""
    from goldseam.stats import truth
    from goldseam.stats.votes import Votes

    data = columns(n_items)
    return seconds(lambda: truth.majority(Votes.from_arrays(*data)))


def majority_peer(n_items: int = N_ITEMS) -> float:
    """crowd-kit: majority."""
    from crowdkit.aggregation import MajorityVote

    data = frame(n_items)
    return seconds(lambda: MajorityVote().fit_predict(data))


def weighted(n_items: int = N_ITEMS) -> float:
    """Ours: votes weighed by agreement with the majority."""
    from goldseam.stats import truth
    from goldseam.stats.votes import Votes

    data = columns(n_items)
    return seconds(lambda: truth.weighted(Votes.from_arrays(*data)))


def weighted_peer(n_items: int = N_ITEMS) -> float:
    """crowd-kit: Wawa in its two steps, as its own way through both fails beside scikit-learn 1.6 and later."""
    from crowdkit.aggregation import MajorityVote, Wawa

    data = frame(n_items)
    return seconds(lambda: MajorityVote().fit_predict(data, Wawa().fit(data).skills_))


def dawid_skene(n_items: int = N_ITEMS) -> float:
    """Ours: Dawid-Skene, ten iterations."""
    from goldseam.stats import truth
    from goldseam.stats.votes import Votes

    data = columns(n_items)
    return seconds(lambda: truth.dawid_skene(Votes.from_arrays(*data), max_iterations=ITERATIONS, tolerance=0.0))


def dawid_skene_peer(n_items: int = N_ITEMS) -> float:
    """crowd-kit: Dawid-Skene, ten iterations; a tolerance below 0, so that it runs them all."""
    from crowdkit.aggregation import DawidSkene

    data = frame(n_items)
    return seconds(lambda: DawidSkene(n_iter=ITERATIONS, tol=-1.0).fit_predict(data))


def one_coin(n_items: int = N_ITEMS) -> float:
    """Ours: one-coin, ten iterations."""
    from goldseam.stats import truth
    from goldseam.stats.votes import Votes

    data = columns(n_items)
    return seconds(lambda: truth.one_coin(Votes.from_arrays(*data), max_iterations=ITERATIONS, tolerance=0.0))


def one_coin_peer(n_items: int = N_ITEMS) -> float:
    """crowd-kit: one-coin, ten iterations; a tolerance below 0, so that it runs them all."""
    from crowdkit.aggregation import OneCoinDawidSkene

    data = frame(n_items)
    return seconds(lambda: OneCoinDawidSkene(n_iter=ITERATIONS, tol=-1.0).fit_predict(data))


def alpha(n_items: int = N_ITEMS) -> float:
    """Ours: Krippendorff's alpha."""
    from goldseam.stats import agreement
    from goldseam.stats.votes import Votes

    data = columns(n_items)
    return seconds(lambda: agreement.alpha(Votes.from_arrays(*data)))


def alpha_peer(n_items: int = N_ITEMS) -> float:
    """krippendorff: alpha from the table of value counts, its quickest input; the table is made within the time."""
    import krippendorff
    import numpy as np

    item, _, label = columns(n_items)

    def work() -> None:
        counts = np.zeros((n_items, N_LABELS), dtype=np.int64)
        np.add.at(counts, (item, label), 1)
        krippendorff.alpha(value_counts=counts, level_of_measurement="nominal")

    return seconds(work)


def bootstrap(n_items: int = N_ITEMS) -> float:
    """Ours: an interval for alpha from 1,000 draws of items."""
    import numpy as np

    from goldseam.stats import agreement
    from goldseam.stats.votes import Votes

    data = columns(n_items)
    rng = np.random.default_rng(1)
    return seconds(lambda: agreement.interval(Votes.from_arrays(*data), "alpha", rng=rng, draws=DRAWS))


def bootstrap_peer(n_items: int = N_ITEMS) -> float:
    """krippendorff: five single runs of alpha; it has no bootstrap."""
    return sum(alpha_peer(n_items) for _ in range(5))


def fleiss(n_items: int = N_ITEMS) -> float:
    """Ours: Fleiss' kappa."""
    from goldseam.stats import agreement
    from goldseam.stats.votes import Votes

    data = columns(n_items)
    return seconds(lambda: agreement.fleiss_kappa(Votes.from_arrays(*data)))


def fleiss_peer(n_items: int = N_ITEMS) -> float:
    """statsmodels: Fleiss' kappa; votes come item by item and five an item, so that its table is a reshape away."""
    from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa

    _, _, label = columns(n_items)
    return seconds(lambda: fleiss_kappa(aggregate_raters(label.reshape(n_items, REDUNDANCY))[0]))


def _cases(size: str, n_items: int, **options: Any) -> tuple[Case, ...]:  # noqa: ANN401 - any field of a case
    """Return every work on so many items; ten million votes take crowd-kit's one-coin too long to wait for."""
    votes = f"{n_items * REDUNDANCY // 1_000_000} M votes"
    made = []
    for name, work, ours, peer, peer_name, limit, ratio in WORKS:
        waits = n_items == N_ITEMS or name != "one_coin"
        made.append(
            Case(
                f"{name}_{size}",
                work.format(votes=votes),
                "s",
                partial(ours, n_items),
                partial(peer, n_items) if waits else None,
                peer_name,
                limit=limit and limit * n_items / N_ITEMS,
                least_ratio=ratio if waits else None,
                **options,
            )
        )
    return tuple(made)


WORKS = (
    ("majority", "majority, {votes}, 10 labels", majority, majority_peer, "crowd-kit", None, 100),
    ("weighted", "votes weighed by annotator (Wawa), {votes}", weighted, weighted_peer, "crowd-kit", None, 50),
    (
        "dawid_skene", "Dawid-Skene, {votes}, 10 labels, 10 iterations",
        dawid_skene, dawid_skene_peer, "crowd-kit", 0.25, 50,
    ),
    ("one_coin", "one-coin, {votes}, 10 labels, 10 iterations", one_coin, one_coin_peer, "crowd-kit", None, 50),
    ("alpha", "Krippendorff's alpha, {votes}", alpha, alpha_peer, "krippendorff", None, 20),
    (
        "alpha_bootstrap", "alpha with 1,000 bootstrap draws, {votes}; krippendorff: 5 runs without",
        bootstrap, bootstrap_peer, "krippendorff", None, 1,
    ),
    ("fleiss", "Fleiss' kappa, {votes}", fleiss, fleiss_peer, "statsmodels", None, 10),
)  # fmt: skip
"""Name, work, our side, the peer's, its name, the most seconds for a million votes, the least ratio."""

CASES = (*_cases("1m", N_ITEMS), *_cases("10m", 10 * N_ITEMS, usual=False, runs=1))
