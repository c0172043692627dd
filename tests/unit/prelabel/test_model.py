"""The prelabel stage: a linear model that learns from soft labels, is calibrated, and is kept as plain arrays."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from sklearn.datasets import load_digits

from goldseam.prelabel.embedded import Embedded
from goldseam.prelabel.learning import fit
from goldseam.prelabel.model import LinearModel, aligned, propose
from goldseam.prelabel.policy import Policy
from goldseam.prelabel.suggester import Suggester, Usage
from goldseam.stats import risk
from goldseam.vocab.errors import BadPolicy, BadValue, NotReady

GOOD = ["a fine film", "fine acting, really", "what a fine story", "a really fine cast"] * 6
BAD = ["a dull film", "dull acting, sadly", "what a dull story", "a sadly dull cast"] * 6


def trained(rng_seed: int = 0, labels: tuple[str, ...] = ("good", "bad", "mixed")) -> LinearModel:
    soft = np.zeros((48, len(labels)))
    soft[:24, 0], soft[24:, 1] = 1, 1
    return fit(GOOD + BAD, soft, np.ones(48), labels, np.random.default_rng(rng_seed))


def digits() -> tuple[np.ndarray, np.ndarray]:
    bunch = load_digits()
    return (bunch.data / 16).astype(np.float32), bunch.target


def test_it_proposes_what_it_learned_with_probabilities_that_sum_to_1():
    model = trained()
    proba = model.propose(["fine", "dull", "fine story", "dull cast"])
    assert proba.argmax(axis=1).tolist() == [0, 1, 0, 1]
    assert proba.dtype == np.float32
    assert proba.sum(axis=1) == pytest.approx(np.ones(4), abs=1e-6)
    assert isinstance(model.n_train, int)
    kept: Suggester = Embedded("m-1", model)
    assert kept.labels == ("good", "bad", "mixed")
    assert kept.propose(["a fine film"]).proba.tolist() == model.propose(["a fine film"]).tolist()
    assert kept.most(["a fine film"]) == Usage()


def test_a_label_never_seen_is_never_proposed():
    assert trained().propose(["fine dull", "mixed"])[:, 2].tolist() == [0.0, 0.0]


def test_a_text_without_a_known_word_is_not_sure_of_anything():
    assert trained().propose(["", "zzz"]).max() < 0.7
    assert trained().propose([]).shape == (0, 3)


@pytest.mark.parametrize("kind", ["text", "image"])
def test_arrays_bring_back_a_model_that_proposes_exactly_the_same(kind):
    if kind == "text":
        model, shown = trained(), ["a fine dull film", "story", "really?"]
    else:
        x, y = digits()
        model = fit(x[:80], np.eye(10)[y[:80]], np.ones(80), tuple("0123456789"), np.random.default_rng(0))
        shown = x[80:120]
    arrays = model.to_arrays()
    assert all(array.dtype.kind in "Ufib" for array in arrays.values())
    again = LinearModel.from_arrays(arrays)
    assert propose(again, shown).tobytes() == propose(model, shown).tobytes()
    assert (again.labels, again.temperature, again.n_train) == (model.labels, model.temperature, model.n_train)


@pytest.mark.parametrize(
    "name", ["kind", "labels", "seen", "temperature", "coef", "intercept", "vocabulary", "idf", "sizes"]
)
def test_an_array_that_is_missing_or_of_another_shape_is_refused(name):
    arrays = trained().to_arrays()
    with pytest.raises(BadValue):
        LinearModel.from_arrays({key: array for key, array in arrays.items() if key != name})
    with pytest.raises(BadValue):
        LinearModel.from_arrays({**arrays, name: np.asarray([[["x"]]], dtype=object)})
    if name not in {"kind", "labels", "temperature", "sizes"}:
        with pytest.raises(BadValue):
            LinearModel.from_arrays({**arrays, name: arrays[name][:-1]})


def test_one_label_alone_teaches_nothing_and_says_what_comes_first():
    with pytest.raises(NotReady, match=r"only 'good'.*at least two labels"):
        fit(GOOD, np.repeat([[1.0, 0.0]], 24, axis=0), np.ones(24), ("good", "bad"), np.random.default_rng(0))
    with pytest.raises(NotReady, match="no label"):
        fit([], np.zeros((0, 2)), np.zeros(0), ("good", "bad"), np.random.default_rng(0))


def test_items_of_weight_0_teach_nothing():
    soft = np.repeat([[1.0, 0.0], [0.0, 1.0]], 24, axis=0)
    weights = np.r_[np.ones(24), np.zeros(24)]
    with pytest.raises(NotReady):
        fit(GOOD + BAD, soft, weights, ("good", "bad"), np.random.default_rng(0))


def test_soft_labels_keep_doubt():
    texts = ["fine"] * 40 + ["dull"] * 40
    soft = np.repeat([[0.7, 0.3], [0.1, 0.9]], 40, axis=0)
    learned = fit(texts, soft, np.ones(80), ("good", "bad"), np.random.default_rng(0))
    hard = fit(texts, soft.round(), np.ones(80), ("good", "bad"), np.random.default_rng(0))
    gap = {name: np.ptp(model.coef[1] @ np.eye(2)) for name, model in (("soft", learned), ("hard", hard))}
    assert gap["soft"] < gap["hard"]


def test_what_weighs_more_wins():
    soft = np.repeat([[1.0, 0.0], [0.0, 1.0]], 40, axis=0)
    for weights, winner in ((np.r_[np.full(40, 9.0), np.ones(40)], 0), (np.r_[np.ones(40), np.full(40, 9.0)], 1)):
        model = fit(["fine"] * 80, soft, weights, ("good", "bad"), np.random.default_rng(0))
        assert model.propose(["fine"])[0].argmax() == winner


def test_the_same_seed_trains_the_same_model():
    assert trained(3).temperature == trained(3).temperature
    assert trained(3).coef.tobytes() == trained(3).coef.tobytes()


def test_a_few_hits_do_not_make_a_model_boundlessly_sure():
    # 48 of 48 held out are right: the rule of succession allows a mean confidence of 49/50.
    confidence = trained().propose(GOOD + BAD).max(axis=1)
    assert confidence.mean() < 0.99


def test_contents_of_the_other_kind_or_size_are_refused():
    x, y = digits()
    model = fit(x[:60], np.eye(10)[y[:60]], np.ones(60), tuple("0123456789"), np.random.default_rng(0))
    with pytest.raises(BadValue, match="kind image"):
        model.propose(["a text"])
    with pytest.raises(BadValue, match="8 x 8"):
        model.propose(np.zeros((1, 49), dtype=np.float32))
    with pytest.raises(BadValue, match="kind text"):
        trained().propose(x[:1])
    with pytest.raises(BadValue, match="side x side"):
        fit(x[:60, :60], np.eye(10)[y[:60]], np.ones(60), tuple("0123456789"), np.random.default_rng(0))
    with pytest.raises(BadValue, match="soft labels"):
        fit(GOOD, np.ones((3, 2)), np.ones(3), ("good", "bad"), np.random.default_rng(0))


def test_columns_follow_the_labels_wanted():
    proba = np.array([[0.5, 0.3, 0.2], [1.0, 0.0, 0.0]], dtype=np.float32)
    more = aligned(proba, ("a", "b", "c"), ("c", "b", "a", "d"))
    assert more == pytest.approx(np.array([[0.2, 0.3, 0.5, 0], [0, 0, 1, 0]]))
    fewer = aligned(proba, ("a", "b", "c"), ("b", "c"))
    assert fewer[0].tolist() == pytest.approx([0.6, 0.4])
    assert fewer[1].tolist() == [0.5, 0.5]


@pytest.mark.slow
def test_500_labels_of_handwritten_digits_give_over_93_percent_and_honest_confidence():
    x, y = digits()
    order = np.random.default_rng(1).permutation(len(y))
    known, rest = order[:500], order[500:]
    model = fit(x[known], np.eye(10)[y[known]], np.ones(500), tuple("0123456789"), np.random.default_rng(0))
    proba = model.propose(x[rest])
    assert (proba.argmax(axis=1) == y[rest]).mean() > 0.93
    assert risk.expected_calibration_error(proba, y[rest]) < 0.05


@pytest.mark.slow
def test_500_labels_of_film_reviews_give_over_60_percent_and_honest_confidence(data_dir):
    folder = data_dir / "crowd" / "sentiment_polarity"
    with (folder / "items.csv").open(encoding="utf-8") as items, (folder / "gold.csv").open() as gold:
        text = {row["task"]: row["text"] for row in csv.DictReader(items)}
        right = {row["task"]: int(row["gold"]) for row in csv.DictReader(gold)}
    names = sorted(right)
    y = np.array([right[name] for name in names])
    order = np.random.default_rng(1).permutation(len(names))
    known, rest = order[:500], order[500:]
    model = fit(
        [text[names[i]] for i in known], np.eye(2)[y[known]], np.ones(500), ("0", "1"), np.random.default_rng(0)
    )
    proba = model.propose([text[names[i]] for i in rest])
    assert (proba.argmax(axis=1) == y[rest]).mean() > 0.6
    assert risk.expected_calibration_error(proba, y[rest]) < 0.06


@pytest.mark.parametrize(
    "wrong",
    [
        {"min_labels": 1},
        {"calibration_share": 0.0},
        {"blind_share": 1.5},
        {"features": ("text", "text")},
        {"features": ("text",), "fields": ("price",)},
        {"features": ("embeddings",)},
        {"embeddings": "models"},
        {"features": ("embeddings",), "embeddings": "../models"},
    ],
)
def test_a_policy_out_of_range_is_refused(wrong):
    with pytest.raises(BadPolicy, match=r"prelabel\."):
        Policy(**wrong)
