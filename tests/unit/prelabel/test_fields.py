"""A model of fields: numbers, dates, values and gaps of an item become columns, learned as safely kept arrays."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer, load_wine

from goldseam.formats.arrays import from_bytes, to_bytes
from goldseam.prelabel import cells, columns
from goldseam.prelabel.contents import Described
from goldseam.prelabel.features import embed
from goldseam.prelabel.learning import fit
from goldseam.prelabel.model import LinearModel
from goldseam.vocab.errors import BadValue

CELL = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(["red", "blue", "?", "", "2024-02-30", "2024-02-28", "0001-01-01T00:00", "1e999", "12", "\0"]),
)
FIELDS = st.lists(st.dictionaries(st.sampled_from(["a", "b", "c\0"]), CELL), max_size=30)


def shown(bunch, every=1):
    names = [str(name) for name in bunch.feature_names]
    fields = tuple(dict(zip(names, map(str, row), strict=True)) for row in bunch.data[::every].tolist())
    return Described(("",) * len(fields), reads_text=False, fields=fields), bunch.target[::every]


def learned(contents, target, seed=0, n_labels=None):
    labels = tuple(f"l{at}" for at in range(n_labels or target.max() + 1))
    return fit(contents, np.eye(len(labels))[target], np.ones(len(target)), labels, np.random.default_rng(seed))


@pytest.mark.parametrize(("bunch", "least"), [(load_breast_cancer, 0.96), (load_wine, 0.95)])
def test_rows_of_fields_teach_a_model_that_knows_what_its_confidence_is_worth(bunch, least):
    contents, target = shown(bunch())
    order = np.random.default_rng(1).permutation(len(target))
    first, rest = order[: len(order) // 2], order[len(order) // 2 :]
    model = learned(contents.take(first), target[first])
    assert model.kind == "fields" and not len(model.vocabulary)
    proba = model.propose(contents.take(rest))
    assert (proba.argmax(axis=1) == target[rest]).mean() >= least
    assert abs(proba.max(axis=1).mean() - (proba.argmax(axis=1) == target[rest]).mean()) < 0.04
    kept = LinearModel.from_arrays(from_bytes(to_bytes(model.to_arrays())))
    assert np.array_equal(kept.propose(contents.take(rest)), proba)


def test_a_gap_a_rare_value_and_a_date_tell_what_they_tell():
    rng = np.random.default_rng(0)
    label = rng.integers(2, size=200)
    # Whether the price is missing decides half of the items; the day decides the others.
    kind = rng.integers(2, size=200)
    fields = tuple(
        {
            "price": ("" if one else "12.5") if by else "3",
            "sold": "" if by else f"20{'10' if one else '20'}-0{rng.integers(1, 9)}-03",
            "shop": f"shop {at}",
            "same": "EUR",
        }
        for at, (one, by) in enumerate(zip(label.tolist(), kind.tolist(), strict=True))
    )
    contents = Described(("",) * 200, reads_text=False, fields=fields)
    model = learned(contents.take(np.arange(150)), label[:150])
    assert dict(zip(model.columns.names, model.columns.kinds, strict=True)) == {
        "price": "number", "sold": "date", "shop": "value",
    }  # fmt: skip
    assert model.columns.values == ()  # every shop is rare
    assert (model.propose(contents.take(np.arange(150, 200))).argmax(axis=1) == label[150:]).mean() > 0.95
    new = Described(("",), reads_text=False, fields=({"price": "n/a", "shop": "never seen"},))
    assert model.propose(new).sum() == pytest.approx(1, abs=1e-5)


def test_the_effect_of_a_number_bends_where_labels_held_out_say_so():
    x = np.random.default_rng(0).uniform(-1, 1, 400)
    target = (np.abs(x) < 0.5).astype(
        int
    )  # the middle is another label than both ends: no straight line tells them apart
    contents = Described(("",) * 400, reads_text=False, fields=tuple({"x": value} for value in x.tolist()))
    model = learned(contents.take(np.arange(300)), target[:300])
    assert model.columns.bent
    assert (model.propose(contents.take(np.arange(300, 400))).argmax(axis=1) == target[300:]).mean() > 0.9


def test_text_and_fields_together_tell_more_than_either():
    rng = np.random.default_rng(2)
    word, number = rng.integers(2, size=300), rng.integers(2, size=300)
    target = word + 2 * number
    texts = tuple(f"{'fine' if one else 'dull'} film {rng.integers(99)}" for one in word.tolist())
    fields = tuple({"stars": str(one * 3 + rng.random())} for one in number.tolist())
    told = {}
    for name, contents in (
        ("text", list(texts)),
        ("fields", Described(texts, reads_text=False, fields=fields)),
        ("both", Described(texts, fields=fields)),
    ):
        some = contents.take if isinstance(contents, Described) else lambda at, c=contents: [c[one] for one in at]
        model = learned(some(np.arange(200)), target[:200])
        told[name] = (model.propose(some(np.arange(200, 300))).argmax(axis=1) == target[200:]).mean()
    assert told["both"] > 0.95 and max(told["text"], told["fields"]) < 0.7


def test_a_field_of_sentences_is_read_word_by_word():
    fields = tuple({"note": f"the {'kind' if at % 2 else 'rude'} waiter number {at}"} for at in range(60))
    contents = Described(("",) * 60, reads_text=False, fields=fields)
    model = learned(contents, np.arange(60) % 2)
    assert model.columns.kinds == ("words",) and len(model.vocabulary)
    new = Described(("",) * 2, reads_text=False, fields=({"note": "a rude one"}, {"note": "a kind one"}))
    assert model.propose(new).argmax(axis=1).tolist() == [0, 1]
    kept = LinearModel.from_arrays(from_bytes(to_bytes(model.to_arrays())))
    assert np.array_equal(kept.propose(new), model.propose(new))


@given(FIELDS, FIELDS)
def test_whatever_stands_in_fields_becomes_finite_numbers_and_comes_back_from_arrays(some, others):
    found = columns.learn(some).weighed(0.5, bent=True)
    table = found.rows(others)
    assert table.shape == (len(others), found.width)
    assert np.isfinite(np.asarray(table)).all()
    again = columns.from_arrays(from_bytes(to_bytes(found.to_arrays())))
    assert np.array_equal(np.asarray(again.rows(some)).shape, np.asarray(found.rows(some)).shape)
    assert embed(Described(("",) * len(some), reads_text=False, fields=tuple(some)), np.random.default_rng(0)).shape[
        0
    ] == len(some)


def test_many_values_give_a_sparse_table():
    wide = tuple({f"f{at}": f"v{n % 5}" for at in range(100)} for n in range(20))
    found = columns.learn(wide)
    assert found.width > 500
    assert found.rows(wide).sum() == 20 * 100


def embedded(n, of="v1"):
    vectors = np.eye(4, dtype=np.float32)[np.arange(n) % 4]
    return Described(tuple(f"word{at}" for at in range(n)), vectors=vectors, vectors_of=of)


@pytest.mark.parametrize(("reads_text", "fields"), [(True, False), (False, False), (True, True), (False, True)])
def test_embeddings_tell_new_words_apart_alone_or_with_text_and_fields(reads_text, fields):
    shown = embedded(80)
    beside = tuple({"n": at} for at in range(80)) if fields else None
    shown = Described(shown.texts, reads_text, beside, shown.vectors, shown.vectors_of)
    model = learned(shown.take(np.arange(40)), np.arange(40) % 2)
    assert model.uses == ({"fields", "embeddings"} if fields else {"embeddings"})
    kept = LinearModel.from_arrays(from_bytes(to_bytes(model.to_arrays())))
    proba = kept.propose(shown.take(np.arange(40, 80)))
    assert (proba.argmax(axis=1) == np.arange(40) % 2).all()
    assert np.array_equal(proba, model.propose(shown.take(np.arange(40, 80))))


def test_embeddings_of_another_model_or_none_tell_nothing_and_those_of_another_size_are_refused():
    model = learned(embedded(40), np.arange(40) % 2, n_labels=3)
    for contents in (embedded(5, "v2"), ["word1"] * 5, Described(("word1",) * 5)):
        assert model.propose(contents) == pytest.approx(np.tile([0.5, 0.5, 0.0], (5, 1)))
    with pytest.raises(BadValue, match="vectors of 4 numbers"):
        model.propose(Described(("a",), vectors=np.ones((1, 5), np.float32), vectors_of="v1"))
    with pytest.raises(BadValue, match="a vector of each item"):
        Described(("a", "b"), vectors=np.ones((1, 5), np.float32))
    with pytest.raises(BadValue, match="fields of each item"):
        Described(("a", "b"), fields=({},))


def test_items_that_nothing_tells_apart_get_each_label_as_often_as_it_is():
    contents = Described(("",) * 40, reads_text=False, fields=({"same": "x"},) * 40)
    model = learned(contents, (np.arange(40) < 10).astype(int))
    assert model.propose(contents.take(np.arange(1)))[0, 0] == pytest.approx(0.75, abs=0.08)


def test_damaged_columns_are_refused():
    contents, target = shown(load_wine(), every=4)
    arrays = learned(contents, target).to_arrays()
    for name, array in {
        "fields_kind": np.asarray(["pickle"] * len(arrays["fields"])),
        "fields_center": arrays["fields_center"][1:],
        "fields_spread": 0 * arrays["fields_spread"],
        "fields_value_of": np.asarray([7000]),
        "fields_weight": np.asarray([np.nan, 1.0]),
    }.items():
        with pytest.raises(BadValue):
            LinearModel.from_arrays(arrays | {name: array})
    with pytest.raises(BadValue, match="fields_knots"):
        LinearModel.from_arrays({name: array for name, array in arrays.items() if name != "fields_knots"})
    with pytest.raises(BadValue, match="come without"):
        LinearModel.from_arrays(arrays).propose(["a text"])


def test_a_table_has_the_fields_that_one_sees_in_it():
    def fields(names, rows):
        return cells.of_table(json.dumps({"columns": names, "rows": rows}))

    assert fields(["a", "b"], [[1, "x"]]) == {"a": 1, "b": "x"}
    assert fields(["key", "value"], [["a", 1], ["b", None]]) == {"a": 1, "b": None}
    assert fields(["a", "b"], [["x", 1], ["x", "3"]]) == {"a": "x", "b": 2.0, "rows": 2}
    assert fields(["a", "b", "c"], [["x", None, 1], ["y", "", "z"]]) == {"a": None, "b": None, "c": None, "rows": 2}
    assert fields(["a"], []) == {"a": None, "rows": 0}
