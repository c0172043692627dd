"""Comparisons, rankings, numbers and structured answers, against the libraries that people use for them.

In: answers drawn from stated seeds. Out: seconds of processor time, from raw columns to result on both sides.
Never: a peer that is asked for less than it offers: where it stops too early by itself, it is told to go on.
"""

from __future__ import annotations

import time
import warnings
from importlib import import_module
from itertools import combinations
from typing import TYPE_CHECKING, Any

from bench.case import Case

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SEED = 20261126


def comparisons(n_items: int, n: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return n comparisons (left, right, winner) of items whose strengths spread by 1.5."""
    import numpy as np

    rng = np.random.default_rng(SEED)
    strength = rng.normal(0, 1.5, n_items)
    left = rng.integers(0, n_items, n)
    right = (left + rng.integers(1, n_items, n)) % n_items
    won = rng.random(n) < 1 / (1 + np.exp(strength[right] - strength[left]))
    return left, right, np.where(won, left, right)


def sparse_million() -> float:
    """Ours: a million comparisons of 100,000 items, with errors, a learned spread and triads."""
    from goldseam.stats.truth.order import preferences

    data = comparisons(100_000, 1_000_000)
    begin = time.process_time()
    preferences(*data)
    return time.process_time() - begin


def sparse_million_peer() -> float:
    """scikit-learn: logistic regression on a sparse design, strengths only, with the prior's spread given."""
    import numpy as np
    from scipy.sparse import csr_array
    from sklearn.linear_model import LogisticRegression

    left, right, winner = comparisons(100_000, 1_000_000)
    begin = time.process_time()
    sign, column = np.tile([1.0, -1.0], len(left)), np.stack([left, right], axis=1).ravel()
    design = csr_array((sign, column, np.arange(0, 2 * len(left) + 1, 2)), shape=(len(left), 100_000))
    LogisticRegression(C=1.5**2, fit_intercept=False, max_iter=500, tol=1e-6).fit(design, winner == left)
    return time.process_time() - begin


def annotators() -> tuple[Any, ...]:
    """Return 20,000 comparisons of 200 items by 50 annotators, ten of whom guess."""
    import numpy as np

    left, right, winner = comparisons(200, 20_000)
    rng = np.random.default_rng(SEED)
    who = rng.integers(0, 50, len(left))
    guess = (who < 10) & (rng.random(len(left)) < 0.5)
    return left, right, np.where(guess, left + right - winner, winner), who


def reliable() -> float:
    """Ours: comparisons by annotators of unknown reliability, with a side."""
    from goldseam.stats.truth.order import preferences

    data = annotators()
    begin = time.process_time()
    preferences(*data, side="learned")
    return time.process_time() - begin


def reliable_peer() -> float:
    """crowd-kit: the noisy Bradley-Terry model."""
    import pandas as pd
    from crowdkit.aggregation import NoisyBradleyTerry

    left, right, winner, who = annotators()
    begin = time.process_time()
    frame = pd.DataFrame({"worker": who, "left": left, "right": right, "label": winner})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        NoisyBradleyTerry().fit_predict(frame)
    return time.process_time() - begin


def rankings(n_items: int, n: int, length: int) -> NDArray[np.int64]:
    """Return n rankings of `length` items each, drawn from Plackett and Luce."""
    import numpy as np

    rng = np.random.default_rng(SEED)
    strength = rng.normal(0, 1, n_items)
    seen = np.argpartition(rng.random((n, n_items)), length, axis=1)[:, :length]
    order = np.argsort(-(strength[seen] + rng.gumbel(size=seen.shape)), axis=1)
    return np.take_along_axis(seen, order, axis=1)


def plackett_luce() -> float:
    """Ours: 2,000 rankings of eight of 30 items."""
    from goldseam.stats.truth.order import ranking

    data = rankings(30, 2_000, 8)
    begin = time.process_time()
    ranking(data, spread=None)
    return time.process_time() - begin


def plackett_luce_peer() -> float:
    """statsmodels: the same as a conditional logit of every choice among those not yet placed."""
    import numpy as np
    from statsmodels.discrete.conditional_models import ConditionalLogit

    data = rankings(30, 2_000, 8)
    begin = time.process_time()
    places = [(order[place:], place) for order in data for place in range(len(order) - 1)]
    chosen = np.concatenate([np.eye(1, len(left))[0] for left, _ in places])
    group = np.repeat(np.arange(len(places)), [len(left) for left, _ in places])
    design = np.eye(30)[np.concatenate([left for left, _ in places])][:, 1:]
    ConditionalLogit(chosen, design, groups=group).fit(disp=0)
    return time.process_time() - begin


def told(n_items: int, n_annotators: int, redundancy: int) -> tuple[Any, Any, Any]:
    """Return numbers by annotators with bias and noise of their own."""
    import numpy as np

    rng = np.random.default_rng(SEED)
    item = np.repeat(np.arange(n_items), redundancy)
    first, step = rng.integers(0, n_annotators, n_items), rng.integers(1, n_annotators // redundancy, n_items)
    annotator = ((first[:, None] + step[:, None] * np.arange(redundancy)) % n_annotators).ravel()
    truth, bias, noise = rng.normal(50, 10, n_items), rng.normal(0, 5, n_annotators), rng.uniform(1, 8, n_annotators)
    return item, annotator, truth[item] + bias[annotator] + rng.normal(size=len(item)) * noise[annotator]


def numbers_small() -> float:
    """Ours: 2,000 numbers, with bias, scale and noise of each annotator and gross errors."""
    from goldseam.stats.truth.numeric import numbers

    data = told(400, 40, 5)
    begin = time.process_time()
    numbers(*data)
    return time.process_time() - begin


def numbers_small_peer() -> float:
    """statsmodels: crossed random effects of items and annotators, all equally noisy."""
    import pandas as pd
    import statsmodels.api as sm

    item, annotator, value = told(400, 40, 5)
    begin = time.process_time()
    frame = pd.DataFrame({"item": item, "annotator": annotator, "value": value, "all": 1})
    spreads = {"item": "0 + C(item)", "annotator": "0 + C(annotator)"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sm.MixedLM.from_formula("value ~ 1", groups="all", vc_formula=spreads, data=frame).fit()
    return time.process_time() - begin


def numbers_million() -> float:
    """Ours: a million numbers."""
    from goldseam.stats.truth.numeric import numbers

    data = told(200_000, 1_000, 5)
    begin = time.process_time()
    numbers(*data)
    return time.process_time() - begin


def sets() -> tuple[list[int], list[int], list[frozenset[str]]]:
    """Return sets of labels for 500 items by three annotators each."""
    import numpy as np

    rng = np.random.default_rng(SEED)
    item, annotator = np.repeat(np.arange(500), 3), np.tile(np.arange(3), 500)
    truth = rng.random((500, 8)) < 0.3
    said = truth[item] ^ (rng.random((1500, 8)) < 0.08)
    said[~said.any(axis=1), 0] = True  # the peer divides by 0 where two sets are empty
    return item.tolist(), annotator.tolist(), [frozenset(np.array(list("abcdefgh"))[row].tolist()) for row in said]


def set_agreement() -> float:
    """Ours: alpha of sets by Jaccard's distance."""
    from goldseam.stats.distance import by_distance

    data = sets()
    begin = time.process_time()
    by_distance(*data, "jaccard")
    return time.process_time() - begin


def set_agreement_peer() -> float:
    """nltk: the same."""
    measures, distances = import_module("nltk.metrics.agreement"), import_module("nltk.metrics.distance")
    item, annotator, answers = sets()
    begin = time.process_time()
    triples = list(zip(annotator, item, answers, strict=True))
    measures.AnnotationTask(triples, distance=distances.jaccard_distance).alpha()
    return time.process_time() - begin


def texts() -> list[str]:
    """Return 150 different texts of about 60 characters."""
    import numpy as np

    rng = np.random.default_rng(SEED)
    return ["".join(rng.choice(list("abcdefghij "), rng.integers(40, 80)).tolist()) for _ in range(150)]


def edits() -> float:
    """Ours: edit distances of all 11,175 pairs."""
    from goldseam.stats.distance import table

    data = texts()
    begin = time.process_time()
    table(data, "text")
    return time.process_time() - begin


def edits_peer() -> float:
    """nltk: the same, of every tenth pair, times ten."""
    edit_distance = import_module("nltk.metrics.distance").edit_distance
    pairs = list(combinations(texts(), 2))[::10]
    begin = time.process_time()
    for a, b in pairs:
        edit_distance(a, b)
    return 10 * (time.process_time() - begin)


CASES = (
    Case(
        "preferences_1m", "Bradley-Terry with errors, 1 M comparisons of 100,000 items", "s",
        sparse_million, sparse_million_peer, "scikit-learn (strengths only)", limit=15,
    ),
    Case(
        "preferences_noisy", "Bradley-Terry with annotators' reliability, 20,000 comparisons", "s",
        reliable, reliable_peer, "crowd-kit", least_ratio=2,
    ),
    Case(
        "plackett_luce", "Plackett-Luce, 2,000 rankings of 8 of 30 items", "s",
        plackett_luce, plackett_luce_peer, "statsmodels", least_ratio=20,
    ),
    Case(
        "numbers", "numbers, 2,000 votes by 40 annotators", "s",
        numbers_small, numbers_small_peer, "statsmodels", least_ratio=5,
    ),
    Case("numbers_1m", "numbers, 1 M votes by 1,000 annotators", "s", numbers_million, limit=15),
    Case(
        "alpha_sets", "alpha of 1,500 sets by Jaccard's distance", "s",
        set_agreement, set_agreement_peer, "nltk", least_ratio=5,
    ),
    Case("edit_distance", "edit distances of 11,175 pairs of texts", "s", edits, edits_peer, "nltk", least_ratio=100),
)  # fmt: skip
