"""Comparisons, rankings, numbers and distances against other implementations, and where these are wrong."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pytest

from goldseam.stats import distance
from goldseam.stats.truth.numeric import numbers
from goldseam.stats.truth.order import preferences, ranking


def bouts(seed: int, n: int = 8, many: int = 400) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    strength = rng.normal(size=n)
    left = rng.integers(0, n, many)
    right = (left + rng.integers(1, n, many)) % n
    first = rng.random(many) < 1 / (1 + np.exp(strength[right] - strength[left] - 0.4))
    return left, right, np.where(first, left, right), strength


def design(left: np.ndarray, right: np.ndarray, n: int) -> np.ndarray:
    table = np.zeros((len(left), n))
    table[np.arange(len(left)), left] += 1
    table[np.arange(len(left)), right] -= 1
    return table


def test_bradley_terry_is_logistic_regression_of_statsmodels() -> None:
    api = pytest.importorskip("statsmodels.api")
    left, right, winner, _ = bouts(0)
    for side in ("none", "learned"):
        found = preferences(left, right, winner, side=side, spread=None, tolerance=1e-12)  # type: ignore[arg-type]  # plain values do where the hint is narrower
        table = design(left, right, 8)[:, 1:]
        table = table if side == "none" else np.c_[table, np.ones(len(left))]
        peer = api.Logit((winner == left).astype(float), table).fit(disp=0, tol=1e-14, method="newton")
        assert found.strength[1:] - found.strength[0] == pytest.approx(peer.params[:7], abs=1e-8)
        covariance = found.covariance
        assert covariance is not None
        error = np.sqrt(np.diag(covariance) + covariance[0, 0] - 2 * covariance[0])[1:]
        assert error == pytest.approx(peer.bse[:7], abs=1e-8)
        assert found.log_likelihood == pytest.approx(peer.llf, abs=1e-8)
        if side == "learned":
            assert found.side == pytest.approx(peer.params[7], abs=1e-8)
            assert found.side_error == pytest.approx(peer.bse[7], abs=1e-8)


def test_bradley_terry_is_logistic_regression_of_scikit_learn() -> None:
    linear_model = pytest.importorskip("sklearn.linear_model")
    left, right, winner, _ = bouts(1)
    peer = linear_model.LogisticRegression(C=np.inf, fit_intercept=False, solver="newton-cg", tol=1e-12, max_iter=500)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer.fit(design(left, right, 8), winner == left)
    found = preferences(left, right, winner, spread=None, tolerance=1e-12)
    assert found.strength == pytest.approx(peer.coef_[0] - peer.coef_[0].mean(), abs=1e-6)


def test_bradley_terry_is_crowd_kits_once_that_has_settled() -> None:
    aggregation = pytest.importorskip("crowdkit.aggregation")
    pandas = pytest.importorskip("pandas")
    left, right, winner, _ = bouts(2)
    frame = pandas.DataFrame({"left": left, "right": right, "label": winner})
    peer = aggregation.BradleyTerry(n_iter=5000, tol=0.0).fit_predict(frame)
    found = preferences(left, right, winner, spread=None, tolerance=1e-12)
    worth = np.exp(found.strength) / np.exp(found.strength).sum()
    assert worth == pytest.approx(peer.to_numpy(), abs=1e-8)


def test_crowd_kit_stops_after_two_steps_whatever_it_is_told_unless_the_tolerance_is_0() -> None:
    """Its old strengths are the same array as the new ones, so that nothing ever seems to move."""
    aggregation = pytest.importorskip("crowdkit.aggregation")
    pandas = pytest.importorskip("pandas")
    left, right, winner, _ = bouts(2)
    frame = pandas.DataFrame({"left": left, "right": right, "label": winner})
    two = aggregation.BradleyTerry(n_iter=2, tol=0.0).fit_predict(frame)
    many = aggregation.BradleyTerry(n_iter=1000).fit_predict(frame)
    assert many.to_numpy() == pytest.approx(two.to_numpy(), abs=1e-12)
    found = preferences(left, right, winner, spread=None)
    worth = np.exp(found.strength) / np.exp(found.strength).sum()
    assert np.abs(worth - many.to_numpy()).max() > 0.05


def test_crowd_kit_puts_an_undefeated_item_infinitely_far_ahead_and_says_nothing() -> None:
    """The ratio of strengths grows with every iteration: it says how long the fit ran."""
    aggregation = pytest.importorskip("crowdkit.aggregation")
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"left": list("aab"), "right": list("bcc"), "label": list("aab")})
    ratios = []
    for iterations in (10, 100):
        with np.errstate(all="ignore"):
            worth = aggregation.BradleyTerry(n_iter=iterations, tol=0.0).fit_predict(frame)
        ratios.append(worth["a"] / max(worth["b"], 1e-300))
    assert ratios[1] > 5 * ratios[0]
    found = preferences("aab", "bcc", "aab")
    assert found.names() == ["a", "b", "c"]
    assert np.abs(found.strength).max() < 3


def test_annotators_reliability_orders_items_at_least_as_well_as_crowd_kits_noisy_model() -> None:
    aggregation = pytest.importorskip("crowdkit.aggregation")
    pandas = pytest.importorskip("pandas")
    rng = np.random.default_rng(3)
    left, right, winner, strength = bouts(3, n=20, many=1500)
    who = rng.integers(0, 15, 1500)
    guess = who < 5
    winner[guess] = np.where(rng.random(guess.sum()) < 0.5, left[guess], right[guess])
    frame = pandas.DataFrame({"worker": who, "left": left, "right": right, "label": winner})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = aggregation.NoisyBradleyTerry(n_iter=50).fit_predict(frame).sort_index().to_numpy()
    found = preferences(left, right, winner, who, side="learned")

    def in_order(value: np.ndarray) -> float:
        return float(np.mean([np.sign(value[a] - value[b]) == np.sign(strength[a] - strength[b]) for a, b in PAIRS]))

    assert in_order(found.strength) >= in_order(peer)


PAIRS = list(itertools.combinations(range(20), 2))


def test_plackett_luce_is_the_conditional_logit_of_statsmodels() -> None:
    models = pytest.importorskip("statsmodels.discrete.conditional_models")
    rng = np.random.default_rng(4)
    n = 6
    strength = rng.normal(size=n)
    said = [np.argsort(-(strength + rng.gumbel(size=n)))[: rng.integers(2, n + 1)] for _ in range(40)]
    chosen, table, group = [], [], []
    for order in said:
        for place in range(len(order) - 1):
            left = order[place:]
            chosen += [1.0] + [0.0] * (len(left) - 1)
            table.append(np.eye(n)[left])
            group += [len(table)] * len(left)
    peer = models.ConditionalLogit(np.array(chosen), np.concatenate(table)[:, 1:], groups=np.array(group)).fit(disp=0)
    found = ranking([order.tolist() for order in said], spread=None, tolerance=1e-12)
    assert found.strength[1:] - found.strength[0] == pytest.approx(peer.params, abs=1e-4)
    assert found.log_likelihood == pytest.approx(peer.llf, abs=1e-6)


def test_tau_is_the_mean_of_scipys_over_pairs_of_rankings() -> None:
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(5)
    places = np.array([rng.permutation(7) for _ in range(6)])
    found = ranking([np.argsort(row).tolist() for row in places])
    taus = [stats.kendalltau(a, b).statistic for a, b in itertools.combinations(places, 2)]
    assert found.tau.value == pytest.approx(np.mean(taus), abs=1e-12)
    friedman = stats.friedmanchisquare(*places.T).statistic
    assert found.w.value == pytest.approx(friedman / (6 * (7 - 1)), abs=1e-12)


def test_numbers_are_close_to_the_crossed_random_effects_of_statsmodels_where_these_are_true() -> None:
    """statsmodels takes all annotators for equally noisy and of the same scale; ours learns that they are."""
    api = pytest.importorskip("statsmodels.api")
    pandas = pytest.importorskip("pandas")
    rng = np.random.default_rng(6)
    item = np.repeat(np.arange(40), 5)
    annotator = np.concatenate([rng.permutation(10)[:5] for _ in range(40)])
    truth, bias = rng.normal(0, 3, 40), rng.normal(0, 2, 10)
    value = truth[item] + bias[annotator] + rng.normal(size=200)
    frame = pandas.DataFrame({"value": value, "item": item, "annotator": annotator, "all": 1})
    spreads = {"item": "0 + C(item)", "annotator": "0 + C(annotator)"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = api.MixedLM.from_formula("value ~ 1", groups="all", vc_formula=spreads, data=frame).fit()
    effects = peer.random_effects[1]
    items = np.array([effects[f"item[C(item)[{one}]]"] for one in range(40)])
    found = numbers(item, annotator, value, robust=False)
    assert np.corrcoef(found.value, items)[0, 1] > 0.995
    annotators = np.array([effects[f"annotator[C(annotator)[{one}]]"] for one in range(10)])
    assert found.bias - found.bias.mean() == pytest.approx(annotators - annotators.mean(), abs=0.15)


@pytest.mark.parametrize("by", ["jaccard", "masi"])
def test_alpha_of_sets_is_nltks(by: str) -> None:
    agreement = pytest.importorskip("nltk.metrics.agreement")
    distances = pytest.importorskip("nltk.metrics.distance")
    rng = np.random.default_rng(7)
    entries = [
        (a, i, frozenset(rng.choice(list("abcd"), rng.integers(1, 4)).tolist())) for i in range(30) for a in range(3)
    ]
    annotator, item, answers = zip(*entries, strict=True)
    triples = [(f"c{a}", f"i{i}", said) for a, i, said in entries]
    if by == "masi" and distances.masi_distance({1, 2}, {1, 2, 3, 4}) == pytest.approx(1 - 0.5 * 0.67):
        pytest.skip("this version of nltk takes 0.67 and 0.33 for Passonneau's 2/3 and 1/3")
    peer = agreement.AnnotationTask(triples, distance=getattr(distances, f"{by}_distance")).alpha()
    assert distance.by_distance(item, annotator, answers, by).value == pytest.approx(peer, abs=1e-8)


def test_nltk_divides_by_0_where_two_annotators_agree_that_nothing_applies() -> None:
    distances = pytest.importorskip("nltk.metrics.distance")
    with pytest.raises(ZeroDivisionError):
        distances.jaccard_distance(set(), set())
    assert distance.table([set(), {"a"}], "jaccard").distances[0, 1] == 1.0
    assert distance.by_distance([1, 1, 2, 2], "xyxy", [set(), set(), {"a"}, {"a"}], "jaccard").value == 1.0


def test_edit_distance_is_nltks() -> None:
    distances = pytest.importorskip("nltk.metrics.distance")
    texts = [
        "the cat sat",
        "a cat sat down",
        "dogs",
        "the cat sat on the mat and then it slept for the whole of a long day",
    ]
    found = distance.table(texts, "text")
    for a, b in itertools.combinations(range(4), 2):
        wanted = distances.edit_distance(texts[a], texts[b]) / max(len(texts[a]), len(texts[b]))
        assert found.distances[a, b] == pytest.approx(wanted, abs=1e-12)
