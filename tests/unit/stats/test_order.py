"""Order from rankings: every method finds it, who can be believed, and what happens where little can be known."""

from __future__ import annotations

import doctest
import itertools

import numpy as np
import pytest

from goldseam.stats import distance
from goldseam.stats.truth import _curvature as curvature
from goldseam.stats.truth import _kemeny as kemeny
from goldseam.stats.truth import _plackett_luce as plackett_luce
from goldseam.stats.truth import _ranking as rankings
from goldseam.stats.truth import numeric
from goldseam.stats.truth import order as orders
from goldseam.stats.truth._orders import sheets
from goldseam.stats.truth.order import Orders, ranking
from goldseam.stats.votes import BadVotes


def rankings_drawn(
    seed: int, n: int = 15, n_rankings: int = 150, length: int | None = None, sharp: np.ndarray | None = None
):
    rng = np.random.default_rng(seed)
    strength = rng.normal(0, 1, n)
    strength -= strength.mean()
    found = []
    for which in range(n_rankings):
        seen = rng.permutation(n)[: length or n]
        value = strength[seen] * (1 if sharp is None else sharp[which % len(sharp)]) + rng.gumbel(size=len(seen))
        found.append(seen[np.argsort(-value)].tolist())
    return found, strength


@pytest.mark.parametrize("method", ["plackett_luce", "kemeny", "borda"])
def test_every_method_finds_a_clear_order(method: str) -> None:
    said, strength = rankings_drawn(1, n=8, n_rankings=200)
    found = ranking(said, method=method)  # type: ignore[arg-type]  # plain values do where the hint is narrower
    assert np.corrcoef(found.position, np.argsort(np.argsort(-strength)))[0, 1] > 0.9
    assert sorted(found.order.tolist()) == list(range(8))
    assert found.position[found.order].tolist() == list(range(1, 9))
    assert found.method == method
    assert found.disagreement is not None
    assert 0 < found.disagreement < 0.5


def test_plackett_luce_intervals_hold_also_for_short_rankings() -> None:
    inside = []
    for seed in range(6):
        said, strength = rankings_drawn(seed, n=20, n_rankings=120, length=5)
        found = ranking(said)
        assert found.low is not None
        assert found.high is not None
        inside.append(((found.low <= strength) & (strength <= found.high)).mean())
    assert 0.88 < np.mean(inside) <= 1


def test_annotators_who_rank_at_random_or_upside_down_are_found() -> None:
    sharp = np.array([1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 0.0, -1.5])
    said, strength = rankings_drawn(2, n=12, n_rankings=160, sharp=sharp)
    who = [f"annotator {which % 8}" for which in range(160)]
    plain, weighed = ranking(said), ranking(said, who)
    assert weighed.sharpness is not None
    assert weighed.sharpness[:6].min() > 0.7
    assert abs(weighed.sharpness[6]) < 0.3
    assert weighed.sharpness[7] < -0.7
    assert weighed.reliability is not None
    assert weighed.reliability[7] < 0.35 < 0.65 < weighed.reliability[:6].min()
    assert np.corrcoef(weighed.strength, strength)[0, 1] > np.corrcoef(plain.strength, strength)[0, 1]
    assert plain.sharpness is None
    assert len(plain.annotators) == 160


def test_kemeny_is_the_best_of_all_orders_and_counts_the_best() -> None:
    rng = np.random.default_rng(3)
    for _ in range(12):
        n = int(rng.integers(2, 7))
        said = [rng.permutation(n)[: rng.integers(2, n + 1)].tolist() for _ in range(rng.integers(1, 8))]
        found = ranking(said, method="kemeny")
        names = found.items.tolist()
        before = dict.fromkeys(itertools.permutations(names, 2), 0)
        for order in said:
            for pair in itertools.combinations(order, 2):
                before[pair] += 1
        turned = [
            sum(before[later, sooner] for sooner, later in itertools.combinations(order, 2))
            for order in itertools.permutations(names)
        ]
        assert found.exact
        assert found.disagreement == pytest.approx(min(turned) / sum(before.values()))
        assert found.n_best == turned.count(min(turned))


def test_kemeny_of_many_circling_items_is_no_worse_than_borda_and_makes_no_claim() -> None:
    rng = np.random.default_rng(4)
    said = [rng.permutation(30).tolist() for _ in range(7)]
    found, start = ranking(said, method="kemeny"), ranking(said, method="borda")
    assert found.exact is False
    assert found.n_best is None
    assert any("maybe not the best" in warning for warning in found.warnings)
    assert found.disagreement < start.disagreement
    assert found.low is None
    assert "no strengths" in found.reason


def test_local_search_finds_what_the_full_search_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    said, _ = rankings_drawn(5, n=10, n_rankings=9)
    best = ranking(said, method="kemeny")
    monkeypatch.setattr(kemeny, "EXACT", 1)
    near = ranking(said, method="kemeny")
    assert near.disagreement == pytest.approx(best.disagreement, rel=0.03)


def test_leaving_an_item_out_says_nothing_unless_it_is_last() -> None:
    said = [["a", "b"], ["a", "b"], ["a", "c"], ["c", "a"]]
    unknown, last = ranking(said), ranking(said, unlisted="last")
    assert unknown.names()[-1] == "b"
    assert last.n_votes.tolist() == [4, 4, 4]
    assert last.strength[0] > unknown.strength[0]
    assert last.names()[0] == "a"


def test_ties_inside_rankings_are_sets_or_equal_positions() -> None:
    listed = ranking([["a", {"b", "c"}], [["a", "b"], "c"]], method="borda")
    placed = Orders.from_positions([0, 0, 0, 1, 1, 1], list("abcabc"), [1, 2, 2, 1, 1, 2])
    assert ranking(placed, method="borda").strength == pytest.approx(listed.strength)
    assert listed.strength.tolist() == [0.875, 0.5, 0.125]


def test_tables_are_read_like_lists() -> None:
    lists = ranking([[2, 0, 1], [0, 1]])
    whole = ranking(np.array([[2, 0, 1], [0, 1, -1]]))
    spaced = ranking(np.array([[2, 0, 1], [0, np.nan, 1]]))
    named = ranking(np.array([["c", "a", "b"], ["a", "b", None]], dtype=object))
    for other in (whole, spaced, named):
        assert other.strength == pytest.approx(lists.strength)
    assert spaced.items.tolist() == [0, 1, 2]


def test_a_word_is_a_ranking_of_its_letters() -> None:
    assert ranking(["abc", "abc", "acb"], method="borda").names() == ["a", "b", "c"]


def test_equal_rankings_agree_fully_and_opposite_ones_do_not() -> None:
    same, opposite = ranking(["abcd"] * 3), ranking(["abcd", "dcba"])
    assert same.w.value == pytest.approx(1)
    assert same.tau.value == pytest.approx(1)
    assert opposite.w.value == pytest.approx(0)
    assert opposite.tau.value == pytest.approx(-1)
    assert same.reliability is not None
    assert same.reliability.tolist() == [1, 1, 1]


def test_rankings_of_different_items_have_a_tau_but_no_w() -> None:
    found = ranking(["abc", "abd", "bc"])
    assert found.w.value is None
    assert "covers all items" in found.w.reason
    assert found.tau.value == pytest.approx(1)


def test_one_ranking_is_its_own_consensus_and_agreement_is_undefined() -> None:
    found = ranking(["cab"])
    assert found.names() == ["c", "a", "b"]
    assert found.tau.value is None
    assert found.w.value is None
    assert found.tau.reason
    assert np.isfinite(found.strength).all()


@pytest.mark.parametrize("rankings", [[], [["a"]], [[]], np.empty((0, 3), dtype=int)])
def test_nothing_ranked_gives_a_reason(rankings: object) -> None:
    found = ranking(rankings)  # type: ignore[arg-type]  # plain values do where the hint is narrower
    assert found.low is None
    assert found.reason
    assert found.disagreement is None
    assert not np.isnan(found.strength).any()


def test_rankings_of_one_item_and_parts_are_warned_of() -> None:
    found = ranking(["ab", "ba", "xy", "c"])
    assert any("1 rankings hold fewer" in warning for warning in found.warnings)
    assert any("1 of 5 items" in warning for warning in found.warnings)
    assert any("2 parts" in warning for warning in found.warnings)
    assert found.part[0] == found.part[1]


def test_a_ranking_where_all_are_tied_says_nothing() -> None:
    found = ranking([[{"a", "b", "c"}], [{"a", "b", "c"}]])
    assert found.strength == pytest.approx(np.zeros(3), abs=1e-9)
    assert found.w.value is None
    assert found.tau.value is None
    assert found.disagreement is None


def test_maximum_likelihood_refuses_an_item_always_first() -> None:
    with pytest.raises(BadVotes, match="infinitely"):
        ranking(["abc", "acb"], spread=None)
    assert np.isfinite(ranking(["abc", "acb"]).strength).all()


def test_the_slope_and_curvature_of_plackett_luce_are_right_with_ties() -> None:
    said, _ = rankings_drawn(6, n=9, n_rankings=20)
    tied = [[{*order[:2]}, order[2], [*order[3:6]], *order[6:]] for order in said]
    listed = Orders.from_lists(tied + [order[:4] for order in said])
    data = plackett_luce._Data(tuple(sheets(listed)), None, 0, 9, np.zeros(9, dtype=np.int32))
    at = plackett_luce._Point(np.random.default_rng(0).normal(size=9), None, 0.5)

    def height(strength: np.ndarray) -> float:
        return plackett_luce._value(data, plackett_luce._Point(strength, None, 0.5))

    bent = plackett_luce._bends(data, at)
    assert bent.dense is not None
    matrix = bent.dense()
    step, e = np.random.default_rng(1).normal(size=9), 1e-4
    second = (height(at.strength + e * step) - 2 * height(at.strength) + height(at.strength - e * step)) / e**2
    assert step @ matrix @ step == pytest.approx(-second, rel=1e-4)
    stages = [(sheet, plackett_luce._stages(data, sheet, at)) for sheet in data.sheets]
    assert plackett_luce._times(stages, step, 0.5, bent.diagonal) == pytest.approx(matrix @ step)


def test_many_items_are_ranked_as_few_are(monkeypatch: pytest.MonkeyPatch) -> None:
    said, _ = rankings_drawn(7, n=60, n_rankings=300, length=6)
    exact = ranking(said, spread=1.0)
    monkeypatch.setattr(curvature, "DENSE", 5)
    near = ranking(said, spread=1.0)
    assert near.strength == pytest.approx(exact.strength, abs=1e-5)
    assert near.low is not None
    assert exact.low is not None
    assert near.strength - near.low == pytest.approx(exact.strength - exact.low, rel=0.1)


@pytest.mark.parametrize(
    ("arguments", "options", "sentence"),
    [
        ([["aa"]], {}, "'a' twice"),
        ([["ab"]], {"method": "copeland"}, "plackett_luce"),
        ([["ab"]], {"unlisted": "first"}, "'unknown' or 'last'"),
        ([["ab"], ["x", "y"]], {}, "1 rankings, but 2 annotators"),
        ([["ab"]], {"spread": 0}, "above 0"),
    ],
)
def test_wrong_rankings_are_refused(arguments: list[object], options: dict[str, object], sentence: str) -> None:
    with pytest.raises(BadVotes, match=sentence):
        ranking(*arguments, **options)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize(("which", "place"), [([0, 0], [1, np.nan]), ([0, -1], [1, 2]), ([0], [1, 2])])
def test_wrong_positions_are_refused(which: list[int], place: list[float]) -> None:
    with pytest.raises(BadVotes, match=r"[Pp]osition"):
        Orders.from_positions(which, ["a", "b"], place)


def test_kemeny_of_thousands_of_items_is_refused_and_others_count_no_pairs() -> None:
    table = np.arange(3002).reshape(-1, 2)
    with pytest.raises(BadVotes, match="at most"):
        ranking(table, method="kemeny")
    found = ranking(table, method="borda")
    assert found.disagreement is None
    assert found.tau.value is None
    assert "too many" in found.tau.reason


@pytest.mark.parametrize("module", [distance, numeric, orders, rankings])
def test_the_examples_of_the_documentation_run(module: object) -> None:
    found = doctest.testmod(module)  # type: ignore[arg-type]  # plain values do where the hint is narrower
    assert found.attempted > 0
    assert found.failed == 0
