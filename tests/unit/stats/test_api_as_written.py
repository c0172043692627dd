"""The public API of the statistics, called exactly as it is promised, from `import goldseam as gs`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import goldseam as gs
from goldseam.stats.agreement import Agreement, Interval

ITEM = ["i1", "i1", "i1", "i2", "i2", "i2", "i3", "i3", "i3", "i4", "i4", "i4", "i5", "i5", "i5", "i6", "i6", "i6"]
ANNOTATOR = ["ann", "bob", "eve"] * 6
LABEL = ["1", "1", "2", "2", "2", "2", "1", "1", "1", "3", "3", "2", "3", "3", "3", "2", None, "1"]
MATRIX = np.array([[0, 0, 1], [1, 1, 1], [0, 0, 0], [2, 2, 1], [2, 2, 2], [1, -1, 0]])
GOLD = {"i1": "1", "i4": "3"}
COLUMNS = {"task": ITEM, "worker": ANNOTATOR, "label": LABEL}


def pandas() -> Any:
    return pytest.importorskip("pandas").DataFrame(COLUMNS)


def pandas_of_categories() -> Any:
    return pandas().astype("category")


def pandas_of_arrow() -> Any:
    pytest.importorskip("pyarrow")
    return pandas().convert_dtypes(dtype_backend="pyarrow")


def polars() -> Any:
    return pytest.importorskip("polars").DataFrame(COLUMNS)


def polars_of_categories() -> Any:
    pl = pytest.importorskip("polars")
    return polars().with_columns(pl.all().cast(pl.Categorical))


def arrow() -> Any:
    return pytest.importorskip("pyarrow").table(COLUMNS)


def arrow_in_chunks() -> Any:
    return pytest.importorskip("pyarrow").concat_tables([arrow().slice(0, 7), arrow().slice(7)])


def arrow_of_dictionaries() -> Any:
    pa = pytest.importorskip("pyarrow")
    return pa.table({name: pa.array(column).dictionary_encode() for name, column in COLUMNS.items()})


def arrow_batch() -> Any:
    return pytest.importorskip("pyarrow").record_batch(COLUMNS)


def mapping() -> Any:
    return COLUMNS


FRAMES: list[Callable[[], Any]] = [
    pandas, pandas_of_categories, pandas_of_arrow, polars, polars_of_categories, arrow, arrow_in_chunks, arrow_of_dictionaries, arrow_batch,
    mapping,
]  # fmt: skip


@pytest.fixture
def votes() -> gs.Votes:
    return gs.Votes.from_arrays(ITEM, ANNOTATOR, LABEL)


# --- votes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("frame", FRAMES)
def test_votes_come_from_every_library_of_frames(frame: Callable[[], Any], votes: gs.Votes) -> None:
    found = gs.Votes.from_frame(frame(), item="task", annotator="worker", label="label")
    assert found == votes
    assert found.n_votes == 17
    assert found.labels == ("1", "2", "3")


@pytest.mark.parametrize("frame", FRAMES)
def test_a_column_that_is_not_there_is_named_by_every_library(frame: Callable[[], Any]) -> None:
    with pytest.raises(ValueError, match="no column 'item'"):
        gs.Votes.from_frame(frame())


@pytest.mark.parametrize("frame", FRAMES)
def test_columns_of_every_library_are_arrays_of_votes(frame: Callable[[], Any], votes: gs.Votes) -> None:
    columns = frame()
    assert gs.Votes.from_arrays(columns["task"], columns["worker"], columns["label"]) == votes


def test_votes_come_from_arrays_of_any_hashables_or_ints() -> None:
    rng = np.random.default_rng(0)
    item, annotator, label = np.arange(40) // 2, np.arange(40) % 2, rng.integers(3, size=40)
    plain = gs.Votes.from_arrays(item, annotator, label)
    tuples = gs.Votes.from_arrays(
        [(i, "x") for i in item], [frozenset([a]) for a in annotator.tolist()], label.tolist()
    )
    assert np.array_equal(plain.label, tuples.label)
    assert gs.agreement.alpha(plain) == gs.agreement.alpha(tuples)


def test_votes_come_from_a_matrix_of_items_by_annotators() -> None:
    votes = gs.Votes.from_matrix(MATRIX, abstain=-1)
    assert (votes.n_items, votes.n_annotators, votes.n_labels, votes.n_votes) == (6, 3, 3, 17)


# --- agreement --------------------------------------------------------------------------------------------------------

DISTANCES = np.array([[0.0, 1.0, 4.0], [1.0, 0.0, 1.0], [4.0, 1.0, 0.0]])
STATISTICS: dict[str, Callable[[gs.Votes], Agreement]] = {
    'alpha(votes, level="nominal")': lambda votes: gs.agreement.alpha(votes, level="nominal"),
    'alpha(votes, level="ordinal")': lambda votes: gs.agreement.alpha(votes, level="ordinal"),
    'alpha(votes, level="interval")': lambda votes: gs.agreement.alpha(votes, level="interval"),
    'alpha(votes, level="ratio")': lambda votes: gs.agreement.alpha(votes, level="ratio"),
    "alpha(votes, level=distance_matrix)": lambda votes: gs.agreement.alpha(votes, level=DISTANCES),
    "fleiss_kappa(votes)": gs.agreement.fleiss_kappa,
    "gwet_ac1(votes)": gs.agreement.gwet_ac1,
    'gwet_ac2(votes, weights="linear")': lambda votes: gs.agreement.gwet_ac2(votes, weights="linear"),
    'gwet_ac2(votes, weights="quadratic")': lambda votes: gs.agreement.gwet_ac2(votes, weights="quadratic"),
    "gwet_ac2(votes, weights=matrix)": lambda votes: gs.agreement.gwet_ac2(votes, weights=1 - DISTANCES / 4),
    "percent(votes)": gs.agreement.percent,
}


@pytest.mark.parametrize("call", STATISTICS)
def test_a_statistic_answers_with_a_value_its_parts_and_how_much_it_compared(call: str, votes: gs.Votes) -> None:
    found = STATISTICS[call](votes)
    assert isinstance(found, Agreement)
    assert found.value is not None
    assert found.reason == ""
    assert (found.n_items, found.n_votes) == (6, 17)
    assert found.observed is not None
    assert (found.expected is None) == (call == "percent(votes)")


def test_an_agreement_is_born_from_what_the_issue_names_in_its_order() -> None:
    found = Agreement(None, "There are no votes.", 0, 0, None, None)
    assert (found.value, found.reason, found.n_items, found.n_votes, found.observed, found.expected) == (
        None, "There are no votes.", 0, 0, None, None,
    )  # fmt: skip
    assert gs.agreement.alpha(gs.Votes.from_arrays([], [], [])) == found


def test_scott_pi_takes_the_votes_of_two(votes: gs.Votes) -> None:
    two = votes.where(votes.annotator < 2)
    assert gs.agreement.scott_pi(two).value is not None
    assert gs.agreement.scott_pi(votes).value is None


@pytest.mark.parametrize("weights", [None, "linear", "quadratic", 1 - DISTANCES / 4])
@pytest.mark.parametrize("frame", [pandas, polars, arrow, mapping])
def test_cohen_kappa_takes_columns_of_every_library(frame: Callable[[], Any], weights: Any) -> None:
    wide = {"a": ["x", "y", None, "z", "y", "x", "z"], "b": ["x", "y", "y", "y", None, "x", "z"]}
    made = {
        "pandas": lambda: pytest.importorskip("pandas").DataFrame(wide),
        "polars": lambda: pytest.importorskip("polars").DataFrame(wide),
        "arrow": lambda: pytest.importorskip("pyarrow").table(wide),
    }.get(frame.__name__, lambda: wide)()
    wanted = gs.agreement.cohen_kappa(wide["a"], wide["b"], weights=weights)
    found = gs.agreement.cohen_kappa(made["a"], made["b"], weights=weights)
    assert found == wanted
    assert found.n_items == 5


def test_by_label_and_pairwise(votes: gs.Votes) -> None:
    assert list(gs.agreement.by_label(votes)) == ["1", "2", "3"]
    pairs = gs.agreement.pairwise(votes)
    assert pairs.kappa.shape == (3,)


@pytest.mark.parametrize("call", STATISTICS)
def test_every_statistic_has_an_interval(call: str, votes: gs.Votes) -> None:
    found = gs.agreement.interval(votes, STATISTICS[call], level=0.95, rng=np.random.default_rng(0), draws=40)
    assert isinstance(found, Interval)
    assert found.level == 0.95
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.high


def test_an_interval_takes_the_statistic_itself(votes: gs.Votes) -> None:
    for statistic in (gs.agreement.alpha, gs.agreement.gwet_ac1, "fleiss_kappa"):
        assert gs.agreement.interval(votes, statistic, rng=np.random.default_rng(0)).n_draws > 900


# --- truth ------------------------------------------------------------------------------------------------------------

METHODS = ["infer", "majority", "weighted", "dawid_skene", "one_coin", "glad", "mace"]
WITH_PRIOR = ["infer", "dawid_skene", "one_coin"]
MODEL = np.full((6, 3), 1 / 3)
FIELDS = [
    "items",
    "labels",
    "posterior",
    "label",
    "confidence",
    "annotators",
    "reliability",
    "confusion",
    "iterations",
    "log_likelihood",
]


@pytest.mark.parametrize("name", METHODS)
def test_truth_is_inferred_by_every_method_and_has_every_field(name: str, votes: gs.Votes) -> None:
    found = getattr(gs.truth, name)(votes)
    for field in FIELDS:
        assert hasattr(found, field), field
    assert found.posterior.shape == (6, 3)
    assert found.posterior.sum(axis=1) == pytest.approx(np.ones(6))
    assert found.label.shape == found.confidence.shape == (6,)
    assert found.reliability.shape == (3,)
    assert found.labels == ("1", "2", "3")


@pytest.mark.parametrize("name", METHODS)
def test_every_method_takes_gold(name: str, votes: gs.Votes) -> None:
    found = getattr(gs.truth, name)(votes, gold=GOLD)
    by_item = dict(zip(found.items.tolist(), found.names(), strict=True))
    assert {item: by_item[item] for item in GOLD} == GOLD


@pytest.mark.parametrize("name", WITH_PRIOR)
def test_a_prior_and_a_model_are_options_where_they_apply(name: str, votes: gs.Votes) -> None:
    method = getattr(gs.truth, name)
    assert method(votes, prior=[0.2, 0.5, 0.3]).posterior.shape == (6, 3)
    assert method(votes, model=MODEL).posterior.shape == (6, 3)


@pytest.mark.parametrize("name", ["boxes", "spans", "masks", "numbers", "ranking", "preferences", "texts"])
def test_truth_of_other_kinds_of_answers_has_its_name(name: str) -> None:
    assert callable(getattr(gs.truth, name))


# --- weak supervision, label errors, overlap --------------------------------------------------------------------------


@pytest.mark.parametrize("correlations", ["learn", None])
def test_a_label_model_takes_votes_or_a_matrix_and_predicts(correlations: str | None) -> None:
    rng = np.random.default_rng(1)
    truth = rng.integers(2, size=(300, 1))
    matrix = np.where(rng.random((300, 5)) < 0.8, truth, 1 - truth)
    matrix[rng.random(matrix.shape) < 0.4] = -1
    votes = gs.Votes.from_matrix(matrix, abstain=-1)
    for given in (matrix, votes):
        model = gs.weak.label_model(given, prior=None, correlations=correlations)
        assert model.posterior.shape == (300, 2)
        assert (model.label == truth[:, 0]).mean() > 0.8
        assert np.shape(model.predict(given)) == (300, 2) or hasattr(model.predict(given), "posterior")


def test_an_analysis_of_functions_takes_gold() -> None:
    votes = gs.Votes.from_matrix(MATRIX)
    assert gs.weak.analysis(votes) is not None
    assert gs.weak.analysis(votes, gold=None) is not None
    assert gs.weak.analysis(votes, gold={0: 0, 1: 1}) is not None


def test_label_issues_are_ranked_with_scores() -> None:
    rng = np.random.default_rng(2)
    true = rng.integers(3, size=120)
    labels = true.copy()
    labels[:10] = (labels[:10] + 1) % 3
    proba = np.full((120, 3), 0.1)
    proba[np.arange(120), true] = 0.8
    issues = gs.noise.label_issues(labels, proba, groups=None)
    rows = issues.rows()
    assert {row["index"] for row in rows} >= set(range(10))
    assert [row["score"] for row in rows] == sorted((row["score"] for row in rows), reverse=True)
    assert gs.noise.joint(labels, proba).calibrated.sum() == pytest.approx(1.0)
    assert gs.noise.label_issues(labels, proba, groups=np.arange(120) // 2).groups is not None


@pytest.mark.parametrize("name", ["span_issues", "box_issues", "multilabel_issues"])
def test_issues_of_other_kinds_of_answers_have_their_name(name: str) -> None:
    assert callable(getattr(gs.noise, name))


def test_overlap_of_boxes_and_spans() -> None:
    assert gs.overlap.iou([[0, 0, 2, 2]], [[1, 0, 2, 2]]) == pytest.approx(np.array([[1 / 3]]))
    assert gs.overlap.span_f1([(0, 4, "PER")], [(0, 4, "PER"), (5, 6, "LOC")]).value == pytest.approx(2 / 3)
    assert callable(gs.overlap.match)


@pytest.mark.slow
def test_the_package_alone_brings_neither_scipy_nor_any_library_of_frames() -> None:
    code = "import sys, goldseam; print([name for name in ('scipy', 'pandas', 'polars', 'pyarrow', 'sklearn', 'numpy') if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
